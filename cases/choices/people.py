"""Who takes part in a matter, and how they may be reached."""

from datetime import date
from enum import nonmember

from django.db.models import TextChoices


class PersonRole(TextChoices):
    PETITIONER = "PETITIONER", "信访人"
    VICTIM = "VICTIM", "受害人"
    RESPONDENT = "RESPONDENT", "被反映人"
    GUARDIAN = "GUARDIAN", "监护人"
    AGENT = "AGENT", "代理人"
    REPRESENTATIVE = "REPRESENTATIVE", "代表"
    RELATIVE = "RELATIVE", "亲属"
    WITNESS = "WITNESS", "证人"
    REPORTER = "REPORTER", "报告人"
    ACCOMPANY = "ACCOMPANY", "随访人"

    # Who is called when the station wants to reach her.
    her_side = nonmember(("PETITIONER", "VICTIM", "REPRESENTATIVE", "AGENT"))


class Sex(TextChoices):
    """GB/T 2261.1."""

    FEMALE = "2", "女"
    MALE = "1", "男"
    UNKNOWN = "0", "未知"
    UNSPECIFIED = "9", "未说明"


class Capacity(TextChoices):
    FULL = "FULL", "完全民事行为能力"
    LIMITED = "LIMITED", "限制民事行为能力"
    NONE = "NONE", "无民事行为能力"


class AgeBand(TextChoices):
    """Enough for the figures; the date of birth itself is sealed."""

    UNDER_6 = "UNDER_6", "6岁以下"
    UNDER_14 = "UNDER_14", "6—13岁"
    UNDER_18 = "UNDER_18", "14—17岁"
    UNDER_30 = "UNDER_30", "18—29岁"
    UNDER_45 = "UNDER_45", "30—44岁"
    UNDER_60 = "UNDER_60", "45—59岁"
    OVER_60 = "OVER_60", "60岁及以上"
    UNKNOWN = "UNKNOWN", "不详"

    minors = nonmember(("UNDER_6", "UNDER_14", "UNDER_18"))

    @classmethod
    def of(cls, age: int | None) -> "AgeBand":
        """The band of an age in full years."""
        if age is None:
            return cls.UNKNOWN
        for limit, band in (
            (6, cls.UNDER_6),
            (14, cls.UNDER_14),
            (18, cls.UNDER_18),
            (30, cls.UNDER_30),
            (45, cls.UNDER_45),
            (60, cls.UNDER_60),
        ):
            if age < limit:
                return band
        return cls.OVER_60

    @classmethod
    def on(cls, day: date, *, born: date | None) -> "AgeBand":
        """The band somebody born on `born` is in on `day`."""
        if born is None:
            return cls.UNKNOWN
        return cls.of(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


class PhoneSafety(TextChoices):
    SAFE = "SAFE", "可以打"
    ASK_FIRST = "ASK_FIRST", "先发暗语或先问是否方便"
    UNSAFE = "UNSAFE", "不要打"


class Relation(TextChoices):
    """The respondent is the petitioner's …"""

    SPOUSE = "SPOUSE", "配偶"
    EX_SPOUSE = "EX_SPOUSE", "前配偶"
    PARENT = "PARENT", "父母"
    CHILD = "CHILD", "子女"
    PARENT_IN_LAW = "PARENT_IN_LAW", "公婆、岳父母"
    COHABITANT = "COHABITANT", "共同生活的人"
    DATING = "DATING", "恋爱对象"
    EX_DATING = "EX_DATING", "前恋爱对象"
    SIBLING = "SIBLING", "兄弟姐妹"
    GUARDIAN = "GUARDIAN", "监护人"
    TEACHER = "TEACHER", "教师"
    EMPLOYER = "EMPLOYER", "用人单位"
    NEIGHBOR = "NEIGHBOR", "邻居"
    STRANGER = "STRANGER", "陌生人"
    ORG = "ORG", "村组织、单位"
    OTHER = "OTHER", "其他"


class Part(TextChoices):
    """A unit's part in a case while it holds it."""

    OWNER = "OWNER", "承办"
    CO_OWNER = "CO_OWNER", "联办"
    ASSISTANT = "ASSISTANT", "协办"
