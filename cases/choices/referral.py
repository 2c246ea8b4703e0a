"""Between us and a department, and up the ladder."""

from enum import nonmember

from django.db.models import TextChoices


class ReferralStatus(TextChoices):
    SENT = "SENT", "待签收"
    SIGNED = "SIGNED", "已签收"
    OBJECTED = "OBJECTED", "有异议"
    IN_PROGRESS = "IN_PROGRESS", "办理中"
    ANSWERED = "ANSWERED", "待领导确认"
    RESULT = "RESULT", "已反馈结果"
    CLOSED = "CLOSED", "已销号"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"

    open_statuses = nonmember(("SENT", "SIGNED", "OBJECTED", "IN_PROGRESS", "ANSWERED", "RESULT"))
    with_partner = nonmember(("SENT", "SIGNED", "IN_PROGRESS", "ANSWERED"))


class ReferralKind(TextChoices):
    """Only ASSIGN sets a term and demands a report. Source: 信访工作条例 (2022) 第22条."""

    ASSIGN = "ASSIGN", "交办（限期并报告结果）"
    TRANSFER = "TRANSFER", "转送（不要求报告期限）"
    HAND_OVER = "HAND_OVER", "移送（属对方管辖）"
    REFER = "REFER", "转介（请提供服务）"


class Urgency(TextChoices):
    VERY_URGENT = "VERY_URGENT", "非常紧急（数小时内）"
    URGENT = "URGENT", "紧急（一日内）"
    MILD = "MILD", "较急（数日内）"
    NOT_URGENT = "NOT_URGENT", "不紧急"


class LegalBasis(TextChoices):
    """On what ground personal data is passed on. Source: 个人信息保护法 第13、23、29条."""

    CONSENT = "CONSENT", "本人单独同意"
    GUARDIAN_CONSENT = "GUARDIAN_CONSENT", "监护人同意"
    STATUTORY_DUTY = "STATUTORY_DUTY", "履行法定职责或义务（如强制报告）"
    EMERGENCY = "EMERGENCY", "紧急情况下保护生命健康和财产安全"


class ExtractField(TextChoices):
    """What may go along with a referral; nothing does unless ticked. Her present address is not on this list."""

    NAME = "NAME", "姓名"
    PHONE = "PHONE", "联系电话（只含可安全联系的号码）"
    ID_NUMBER = "ID_NUMBER", "身份证号"
    AGE_SEX = "AGE_SEX", "性别与年龄段"
    PAPERS_ADDRESS = "PAPERS_ADDRESS", "文书送达地址"
    FACTS = "FACTS", "反映的事实"
    DEMAND = "DEMAND", "诉求"
    PLACE = "PLACE", "发生地点"
    RESPONDENT = "RESPONDENT", "被反映人姓名与关系"
    HANDLED_BEFORE = "HANDLED_BEFORE", "此前处理情况"


class FeedbackKind(TextChoices):
    INTERIM = "INTERIM", "阶段反馈"
    RESULT = "RESULT", "结果反馈"


class FeedbackWay(TextChoices):
    ACCOUNT = "ACCOUNT", "部门账号"
    LINK = "LINK", "一次性链接"
    PAPER = "PAPER", "纸质回复（我方代录）"


class EscalationReason(TextChoices):
    BEYOND_POWER = "BEYOND_POWER", "超出权限"
    CROSS_DEPT = "CROSS_DEPT", "涉及多部门"
    CROSS_REGION = "CROSS_REGION", "跨区域"
    HIGH_RISK = "HIGH_RISK", "高危"
    REPEAT = "REPEAT", "多次未化解"
    GROUP = "GROUP", "集体访"
    MEDIA = "MEDIA", "舆情"
    LEADER = "LEADER", "领导批示"
    OVERDUE = "OVERDUE", "超期"
    PARTNER_REFUSED = "PARTNER_REFUSED", "部门推诿"
    PETITIONER_ASKS = "PETITIONER_ASKS", "信访人要求"


class EscalationStatus(TextChoices):
    SUBMITTED = "SUBMITTED", "待上级审核"
    TAKEN_OVER = "TAKEN_OVER", "上级提级办理"
    GUIDED = "GUIDED", "上级指导、退回办理"
    CO_HANDLED = "CO_HANDLED", "上下联办"
    RETURNED_DOWN = "RETURNED_DOWN", "已下交"
    LAPSED = "LAPSED", "案件已办结，不再审核"
