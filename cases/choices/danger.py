"""Danger: how it is scored, what she needs, what must not happen while it is high."""

from django.db.models import TextChoices


class DangerLevel(TextChoices):
    """Source: 家庭暴力危险性预测量表 (nine items, two special ones)."""

    LOW = "LOW", "低危"
    MEDIUM = "MEDIUM", "中危"
    HIGH = "HIGH", "高危"

    @property
    def rank(self) -> int:
        return list(DangerLevel).index(self)


class ScaleAnswer(TextChoices):
    YES = "YES", "有"
    NO = "NO", "没有"
    UNKNOWN = "UNKNOWN", "没问到"


class NoScaleReason(TextChoices):
    """Why the scale could not be asked; it is asked as soon as it can be."""

    ABSENT = "ABSENT", "来信、转来或别人代说，本人不在"
    UNSAFE = "UNSAFE", "现在说话不方便、不安全"
    REFUSED = "REFUSED", "她不愿意回答"
    INCAPABLE = "INCAPABLE", "伤病、醉酒或年幼，不能回答"
    OTHER = "OTHER", "其他"


class ViolenceType(TextChoices):
    """Source: 最高人民法院 法释〔2022〕17号 第3条; 反家庭暴力法 第2条."""

    PHYSICAL = "PHYSICAL", "殴打、捆绑、残害、限制人身自由"
    SEXUAL = "SEXUAL", "性暴力"
    MENTAL = "MENTAL", "谩骂、恐吓等精神暴力"
    ECONOMIC = "ECONOMIC", "经济控制"
    FREEZE_STARVE = "FREEZE_STARVE", "冻饿"
    STALK = "STALK", "跟踪、骚扰"
    INSULT_THREAT = "INSULT_THREAT", "经常性侮辱、诽谤、威胁"


class VictimNeed(TextChoices):
    POLICE = "POLICE", "警察介入"
    MEDICAL = "MEDICAL", "医疗救治"
    FORENSIC = "FORENSIC", "伤情鉴定"
    SHELTER = "SHELTER", "庇护安置"
    LEGAL_AID = "LEGAL_AID", "法律援助"
    LEGAL_HELP = "LEGAL_HELP", "法律帮助（咨询、代书）"
    COUNSEL = "COUNSEL", "心理辅导"
    CARE = "CARE", "老人儿童照顾"
    MONEY = "MONEY", "经济资助"
    OTHER = "OTHER", "其他"


class CallOutcome(TextChoices):
    """How a planned call ended."""

    SPOKE = "SPOKE", "与她本人通了话"
    OTHERS = "OTHERS", "别人接听，没有说明来意"
    NO_ANSWER = "NO_ANSWER", "没有人接"
    CUT_OFF = "CUT_OFF", "中途挂断"
    NOT_DIALLED = "NOT_DIALLED", "没有拨打"
