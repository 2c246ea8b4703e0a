"""Who must not know, on what ground anything is told, and what was told to whom."""

from enum import nonmember

from django.db.models import TextChoices


class SecretLevel(TextChoices):
    """How far a case is closed. State secrets do not belong in this system."""

    INTERNAL = "INTERNAL", "内部"
    MINOR_SEALED = "MINOR_SEALED", "未成年人封存"


class BarKind(TextChoices):
    """Why somebody has no part in a case. Source: 信访工作条例 (2022) 第28条第3款, 第30条第3款."""

    RECUSED = "RECUSED", "本人申请回避"
    RELATED = "RELATED", "与当事人有利害关系，责令回避"
    BLOCKED = "BLOCKED", "不宜知情"
    ACCUSED = "ACCUSED", "被反映的单位、被反映人所在单位"


class ConsentScope(TextChoices):
    KEEP = "KEEP", "登记和办理"
    DISCLOSE = "DISCLOSE", "向有关单位提供"


class ConsentBy(TextChoices):
    SELF = "SELF", "本人"
    GUARDIAN = "GUARDIAN", "监护人"
    NOBODY = "NOBODY", "不以同意为依据"


class ConsentWay(TextChoices):
    ORAL = "ORAL", "口头，已记录"
    WRITTEN = "WRITTEN", "书面签字"
    NONE = "NONE", "无"


class DisclosureKind(TextChoices):
    """By which door personal data went out."""

    REFERRAL = "REFERRAL", "转交时提供"
    LINK = "LINK", "一次性链接被打开"
    PRINT = "PRINT", "打印带出"
    REPORT = "REPORT", "强制报告"
    APPLICATION = "APPLICATION", "保护令申请"
    POLICE = "POLICE", "协助报警"
    ORAL = "ORAL", "口头、电话告知"
    PAPER = "PAPER", "书面提供"
    PUBLIC_QUERY = "PUBLIC_QUERY", "凭查询码查询进度"

    by_hand = nonmember(("ORAL", "PAPER", "POLICE"))
