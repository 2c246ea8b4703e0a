"""Official documents: which there are, what happens to one, how a person took it."""

from enum import nonmember

from django.db.models import TextChoices


class DocType(TextChoices):
    """The documents a station or a federation puts on paper (factsheet §4.3). The archive's own are made elsewhere."""

    ACCEPT_NOTICE = "ACCEPT_NOTICE", "受理告知书"
    REFUSE_NOTICE = "REFUSE_NOTICE", "不予受理告知书"
    REDIRECT_NOTICE = "REDIRECT_NOTICE", "引导告知书"
    TRANSFER_NOTICE = "TRANSFER_NOTICE", "转送（交办）告知书"
    EXTEND_NOTICE = "EXTEND_NOTICE", "延期告知书"
    REFER_LETTER = "REFER_LETTER", "转办（交办）函"
    TRANSFER_CASE_LETTER = "TRANSFER_CASE_LETTER", "移送函"
    REFERRAL_SLIP = "REFERRAL_SLIP", "转介函和接收单"
    OBJECTION_LETTER = "OBJECTION_LETTER", "异议（退回）函"
    SUPERVISE_NOTICE = "SUPERVISE_NOTICE", "督办文书"
    URGE_OPINION = "URGE_OPINION", "督促处理意见书"
    OPINION = "OPINION", "信访事项处理意见书"
    REVIEW_OPINION = "REVIEW_OPINION", "复查意见书"
    RECHECK_OPINION = "RECHECK_OPINION", "复核意见书"
    AGENCY_AUTH = "AGENCY_AUTH", "信访代理委托书"
    INTRO_LETTER = "INTRO_LETTER", "介绍信"
    INTERVIEW_RECORD = "INTERVIEW_RECORD", "接谈笔录"
    SERVICE_PLAN = "SERVICE_PLAN", "个案服务方案"
    MR_LETTER = "MR_LETTER", "强制报告函"
    PO_APPLICATION = "PO_APPLICATION", "人身安全保护令申请书"
    SUPPORT_SUIT = "SUPPORT_SUIT", "支持起诉意见书"
    MEDIATION_AGREEMENT = "MEDIATION_AGREEMENT", "调解协议书"
    INTERVIEW_NOTICE = "INTERVIEW_NOTICE", "约谈通知书"
    MEETING_NOTICE = "MEETING_NOTICE", "联席会议通知"
    MEETING_AGENDA = "MEETING_AGENDA", "联席会议议题单"
    MEETING_MINUTES = "MEETING_MINUTES", "联席会议纪要"
    CLOSE_REPORT = "CLOSE_REPORT", "结案报告"
    VISIT_RECORD = "VISIT_RECORD", "回访记录"
    MONITOR_RECORD = "MONITOR_RECORD", "查访记录（回访单）"
    PI_CONSENT = "PI_CONSENT", "个人信息处理告知同意书"

    notices = nonmember(
        ("ACCEPT_NOTICE", "REFUSE_NOTICE", "REDIRECT_NOTICE", "EXTEND_NOTICE")
    )  # written by a step that owes them: each has a PetitionerNotice


class PaperStep(TextChoices):
    """What is done with one document; written into the history of its case, whatever the status of the case."""

    ISSUE = "DOC_ISSUE", "制发文书"
    DELIVER = "DOC_DELIVER", "登记文书送达"
    VOID = "DOC_VOID", "作废文书"


class Receipt(TextChoices):
    """How an attempt to deliver ended. A refusal, written down, is a delivery; nobody met is none."""

    SIGNED = "SIGNED", "本人签收"
    BY_OTHER = "BY_OTHER", "代收"
    REFUSED = "REFUSED", "拒收（已说明内容）"
    FAILED = "FAILED", "没有送到"

    delivered = nonmember(("SIGNED", "BY_OTHER", "REFUSED"))
