"""What a matter is: how it came, what it is about, how grave, where it stands."""

from enum import nonmember

from django.db.models import TextChoices


class Channel(TextChoices):
    """How a contact reached us (domain list IntakeChannel)."""

    VISIT = "VISIT", "来访"
    VISIT_LEADER_DAY = "VISIT_LEADER_DAY", "领导接待日来访"
    LETTER = "LETTER", "来信"
    PHONE_12338 = "PHONE_12338", "来电（12338）"
    PHONE_OTHER = "PHONE_OTHER", "来电（其他电话）"
    ONLINE = "ONLINE", "网上信访"
    TRANSFER_UPPER = "TRANSFER_UPPER", "上级妇联交办转办"
    TRANSFER_XINFANG = "TRANSFER_XINFANG", "信访部门转送交办"
    TRANSFER_DEPT = "TRANSFER_DEPT", "部门移送抄告"
    OUTREACH = "OUTREACH", "走访排查发现"
    MEDIA = "MEDIA", "媒体舆情"
    MANDATORY_IN = "MANDATORY_IN", "强制报告转入"

    visits = nonmember(("VISIT", "VISIT_LEADER_DAY"))
    phones = nonmember(("PHONE_12338", "PHONE_OTHER"))
    transfers = nonmember(("TRANSFER_UPPER", "TRANSFER_XINFANG", "TRANSFER_DEPT"))
    transferred_petitions = nonmember(("TRANSFER_UPPER", "TRANSFER_XINFANG"))

    @property
    def letter(self) -> str:
        """The channel's letter in a case number: F visit, X letter, D phone, W online, Z everything that came through others."""
        if self in Channel.visits:
            return "F"
        if self in Channel.phones:
            return "D"
        return {Channel.LETTER: "X", Channel.ONLINE: "W"}.get(self, "Z")


class PetitionForm(TextChoices):
    INDIVIDUAL = "INDIVIDUAL", "个人"
    GROUP = "GROUP", "集体访（5人及以上）"
    JOINT_LETTER = "JOINT_LETTER", "联名信"
    ANONYMOUS = "ANONYMOUS", "匿名"
    PROXY = "PROXY", "代理、代访"
    UNIT = "UNIT", "单位"


class Occurrence(TextChoices):
    FIRST = "FIRST", "初次"
    REPEAT = "REPEAT", "重复"
    CONTINUED = "CONTINUED", "补充材料"


class Nature(TextChoices):
    """What the petitioner wants. Source: 信访工作条例 (2022) 第29–31条 for the three legal classes."""

    APPEAL_SOLVE = "APPEAL_SOLVE", "求决"
    HELP = "HELP", "求助"
    CONSULT = "CONSULT", "咨询"
    COMPLAINT = "COMPLAINT", "投诉"
    APPEAL = "APPEAL", "申诉"
    ACCUSE = "ACCUSE", "检举控告"
    SUGGEST = "SUGGEST", "意见建议"
    THANKS = "THANKS", "感谢"
    OTHER = "OTHER", "其他"


class Risk(TextChoices):
    BLUE = "BLUE", "蓝（一般）"
    YELLOW = "YELLOW", "黄（矛盾明显）"
    ORANGE = "ORANGE", "橙（可能升级、反复受暴）"
    RED = "RED", "红（有生命危险）"

    @property
    def rank(self) -> int:
        return list(Risk).index(self)

    @property
    def mark(self) -> str:
        """The one character shown beside the shape."""
        return self.label[0]


class Grade(TextChoices):
    SMALL = "SMALL", "小事"
    BIG = "BIG", "大事"
    HARD = "HARD", "难事"


class CaseFlag(TextChoices):
    URGENT = "URGENT", "重大紧急"
    THREAT = "THREAT", "扬言极端"
    MEDIA = "MEDIA", "舆情"
    BACKLOG = "BACKLOG", "积案"
    CROSS_REGION = "CROSS_REGION", "跨地区"
    FOREIGN = "FOREIGN", "涉外、涉港澳台"
    MILITARY = "MILITARY", "涉军婚"
    SECRET_IDENTITY = "SECRET_IDENTITY", "要求保密身份"


class Status(TextChoices):
    """Where a case stands. A draft is not a case yet: see IntakeDraft."""

    REGISTERED = "REGISTERED", "已登记"
    ACCEPTED = "ACCEPTED", "已受理"
    HANDLING = "HANDLING", "办理中"
    SUSPENDED = "SUSPENDED", "中止"
    PENDING_CLOSE = "PENDING_CLOSE", "待结案审核"
    CLOSED = "CLOSED", "已结案"
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"
    REDIRECTED = "REDIRECTED", "已引导告知"
    MERGED = "MERGED", "已并案"
    VOID = "VOID", "作废"

    open_statuses = nonmember(("REGISTERED", "ACCEPTED", "HANDLING", "SUSPENDED", "PENDING_CLOSE"))
    ended_statuses = nonmember(("CLOSED", "NOT_ACCEPTED", "REDIRECTED", "MERGED", "VOID"))


class PrivacyNotice(TextChoices):
    """How the person was told what is kept about her and why. Source: 个人信息保护法 第17、18条."""

    ORAL = "ORAL", "已口头告知"
    WRITTEN = "WRITTEN", "已书面告知并签字"
    LATER = "LATER", "情况紧急，事后补告知"
    NOT_POSSIBLE = "NOT_POSSIBLE", "匿名或来信，无法告知"
