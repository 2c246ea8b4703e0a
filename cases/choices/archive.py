"""The archive: how long a file is kept and why, where it stands, what is done to it."""

from enum import nonmember

from django.db.models import TextChoices


class Retention(TextChoices):
    """How long a file is kept. Source: 国家档案局令第8号 第6条."""

    PERMANENT = "PERMANENT", "永久"
    Y30 = "Y30", "30年"
    Y10 = "Y10", "10年"

    @property
    def years(self) -> int | None:
        return {"Y30": 30, "Y10": 10}.get(self.value)

    @property
    def mark(self) -> str:
        """As it stands in an archive number."""
        return {"PERMANENT": "Y", "Y30": "D30", "Y10": "D10"}[self.value]

    @property
    def rank(self) -> int:
        return {"Y10": 1, "Y30": 2, "PERMANENT": 3}[self.value]


class ClassReason(TextChoices):
    """Why the table of classes proposes what it proposes."""

    DEATH = "DEATH", "涉及非正常死亡、伤残"
    TRAFFICKING = "TRAFFICKING", "涉及拐卖、收买"
    MINOR_SEX = "MINOR_SEX", "涉及性侵害未成年人"
    PROTECTION_ORDER = "PROTECTION_ORDER", "有人身安全保护令或代为申请"
    LEADER = "LEADER", "有领导批示且有办理结果"
    CONFERENCE = "CONFERENCE", "经维权联席会议研究"
    RESULT = "RESULT", "已结案且有办理结果"
    ADVICE = "ADVICE", "咨询答复"
    REDIRECTED = "REDIRECTED", "引导告知，无办理结果"
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"
    NO_RESULT = "NO_RESULT", "撤回或失联，无办理结果"
    DUPLICATE = "DUPLICATE", "重复或已并案"


class ArchiveStage(TextChoices):
    """Where a file stands."""

    MAKING = "MAKING", "正在成卷"
    FILED = "FILED", "已归档"
    REOPENED = "REOPENED", "案件重新办理，待续卷"
    DESTROYED = "DESTROYED", "已销毁，只留登记"


class ArchiveStep(TextChoices):
    """What is done to the file of a case; written into the history of the case, whatever its status."""

    FILE = "AR_FILE", "立卷归档"
    REFILE = "AR_REFILE", "续卷"
    RECLASS = "AR_RECLASS", "调整保管期限"
    HOLD = "AR_HOLD", "暂停销毁"
    RELEASE = "AR_RELEASE", "解除暂停销毁"
    APPRAISE = "AR_APPRAISE", "提出鉴定意见"
    SECOND = "AR_SECOND", "复核鉴定意见"
    DESTROY = "AR_DESTROY", "销毁档案"

    pages = nonmember(("REFILE", "RECLASS", "HOLD", "RELEASE", "APPRAISE", "SECOND", "DESTROY"))


class Proposal(TextChoices):
    """What an appraisal proposes. Source: 档案法 第21条; 档案法实施条例 第24条."""

    EXTEND = "EXTEND", "延长保管"
    DESTROY = "DESTROY", "销毁"
