"""Supervision (督办): why, how, and how far it has come."""

from enum import nonmember

from django.db.models import TextChoices


class SupervisionTrigger(TextChoices):
    """What was not done as it should be. Source: the six items of 信访条例 (2005) 第36条, kept in practice."""

    OVERDUE = "OVERDUE", "无正当理由超期"
    NO_FEEDBACK = "NO_FEEDBACK", "未反馈结果"
    WRONG_PROCEDURE = "WRONG_PROCEDURE", "未按程序办理"
    SHIRK = "SHIRK", "推诿、敷衍、拖延"
    NOT_EXECUTED = "NOT_EXECUTED", "不执行处理意见"
    FALSE = "FALSE", "弄虚作假"
    OTHER = "OTHER", "其他"


class SupervisionStatus(TextChoices):
    """Where one supervision stands; its newest paper says how far up the ladder it has climbed."""

    DRAFTED = "DRAFTED", "拟稿，待签发"
    ISSUED = "ISSUED", "已发出，待签收"
    ACKNOWLEDGED = "ACKNOWLEDGED", "已签收，待回复"
    REPLIED = "REPLIED", "已回复，待核查"
    UNSOUND = "UNSOUND", "核查不通过"
    CLOSED = "CLOSED", "已销号"
    WITHDRAWN = "WITHDRAWN", "已撤销"

    open_statuses = nonmember(("DRAFTED", "ISSUED", "ACKNOWLEDGED", "REPLIED", "UNSOUND"))
    with_target = nonmember(("ISSUED", "ACKNOWLEDGED"))


class PaperKind(TextChoices):
    """One rung of supervision, always a numbered paper.

    Source: 信访工作条例 (2022) 第39、40条; 妇女权益保障法 (2022) 第73条第1款 for the opinion and the request.
    """

    NOTICE = "NOTICE", "督办通知书"
    SECOND_NOTICE = "SECOND_NOTICE", "二次督办通知书"
    OPINION = "OPINION", "督促处理意见书"
    REQUEST_GOV = "REQUEST_GOV", "提请政府督查的函"
    JOINT = "JOINT", "联合督办函"
    LISTED = "LISTED", "挂牌督办通知"
    PROCURATE = "PROCURATE", "检察监督线索移送函"
    CIRCULAR = "CIRCULAR", "通报"

    # The target gets these and has to answer; the others go to somebody else about it.
    answered = nonmember(("NOTICE", "SECOND_NOTICE", "OPINION", "JOINT", "LISTED"))
    # An opinion comes first, unless the paper says why not.
    after_opinion = nonmember(("REQUEST_GOV", "JOINT", "LISTED", "PROCURATE", "CIRCULAR"))
    # Between units of the federation there is no letter to the government or to the procuratorate.
    for_departments = nonmember(("OPINION", "REQUEST_GOV", "JOINT", "PROCURATE"))


class SupervisionMode(TextChoices):
    """How it was pressed for."""

    LETTER = "LETTER", "发函督办"
    PHONE = "PHONE", "电话督办"
    ONSITE = "ONSITE", "实地督办"
    INTERVIEW = "INTERVIEW", "约谈"


class CheckWay(TextChoices):
    """How a reply was verified."""

    PHONE = "PHONE", "电话核实"
    ONSITE = "ONSITE", "实地核查"
    PETITIONER = "PETITIONER", "向信访人核实"
    PAPERS = "PAPERS", "核对材料"


class Adoption(TextChoices):
    """Whether the unit follows what was demanded. Source: 信访工作条例 (2022) 第40条第4款 (written, with reasons)."""

    ADOPTED = "ADOPTED", "采纳"
    PARTLY = "PARTLY", "部分采纳"
    NOT_ADOPTED = "NOT_ADOPTED", "不采纳"
