"""How a matter is worked on, answered, rested, ended and followed up."""

from django.db.models import TextChoices


class HandlingMethod(TextChoices):
    ANSWER_ON_SPOT = "ANSWER_ON_SPOT", "当场答复"
    EXPLAIN = "EXPLAIN", "解释疏导"
    LEGAL_ADVICE = "LEGAL_ADVICE", "法律咨询"
    COUNSEL = "COUNSEL", "心理疏导"
    MEDIATE = "MEDIATE", "调解"
    FAMILY_GUIDE = "FAMILY_GUIDE", "家庭教育、婚姻家庭辅导"
    INVESTIGATE = "INVESTIGATE", "调查核实"
    ACCOMPANY = "ACCOMPANY", "陪访、陪同"
    POLICE_REPORT = "POLICE_REPORT", "协助报警"
    MANDATORY_REPORT = "MANDATORY_REPORT", "强制报告"
    PROTECTION_ORDER = "PROTECTION_ORDER", "协助申请人身安全保护令"
    SHELTER = "SHELTER", "庇护安置"
    MEDICAL = "MEDICAL", "医疗救治"
    RELIEF = "RELIEF", "救助帮扶"
    LEGAL_AID = "LEGAL_AID", "协助申请法律援助"
    SUPPORT_SUIT = "SUPPORT_SUIT", "支持起诉"
    AGENCY = "AGENCY", "信访代理"
    INTERVIEW_EMPLOYER = "INTERVIEW_EMPLOYER", "联合约谈"
    LETTER_INTRO = "LETTER_INTRO", "开具介绍信"
    FILE_ONLY = "FILE_ONLY", "存查"


class ServiceType(TextChoices):
    CONSULT = "CONSULT", "咨询"
    JUDICIAL = "JUDICIAL", "司法保护"
    LAW_EDU = "LAW_EDU", "普法帮教"
    MEDICAL = "MEDICAL", "医疗救治"
    RELIEF = "RELIEF", "社会救助"
    COUNSEL = "COUNSEL", "心理疏导"
    MEDIATE = "MEDIATE", "调解"
    AGENCY = "AGENCY", "代理"
    ACCOMPANY = "ACCOMPANY", "陪同"
    JOB = "JOB", "就业帮扶"


class Outcome(TextChoices):
    SOLVED = "SOLVED", "问题解决"
    MEDIATED = "MEDIATED", "调解成功"
    ANSWERED = "ANSWERED", "咨询答复"
    SUPPORTED = "SUPPORTED", "支持诉求"
    PARTLY = "PARTLY", "部分支持"
    NOT_SUPPORTED = "NOT_SUPPORTED", "不予支持（已解释）"
    ENTERED_PROCEDURE = "ENTERED_PROCEDURE", "导入法定程序"
    TRANSFERRED_REPLIED = "TRANSFERRED_REPLIED", "转办并收到书面答复"
    RELIEVED = "RELIEVED", "救助到位"
    WITHDRAWN = "WITHDRAWN", "信访人撤回"
    LOST_CONTACT = "LOST_CONTACT", "失联"
    TERMINATED = "TERMINATED", "三级终结"
    DUPLICATE = "DUPLICATE", "重复"


class RefuseReason(TextChoices):
    """Why a matter is not accepted. Source: 信访工作条例 (2022) 第19、23、28、30、36条."""

    OUT_OF_SCOPE = "OUT_OF_SCOPE", "不属于本单位职权范围"
    LITIGATION = "LITIGATION", "涉法涉诉，应由政法机关依法处理"
    IN_PROGRESS = "IN_PROGRESS", "有权机关正在办理"
    TERMINATED = "TERMINATED", "已经复核终结"
    NO_IDENTITY = "NO_IDENTITY", "姓名、地址不清"
    DISCIPLINE = "DISCIPLINE", "属纪检监察机关受理"
    OTHER = "OTHER", "其他"


class DeliveryWay(TextChoices):
    IN_PERSON = "IN_PERSON", "当面送达"
    POST = "POST", "邮寄"
    PHONE = "PHONE", "电话告知并记录"
    OTHER = "OTHER", "其他方式"
    NOT_YET = "NOT_YET", "尚未送达"
    WAIVED = "WAIVED", "姓名或地址不清，无法告知"


class SuspendGround(TextChoices):
    """Legal grounds on which handling may rest."""

    JUDGMENT = "JUDGMENT", "等待判决、裁定"
    APPRAISAL = "APPRAISAL", "等待鉴定结论"
    REVIEW = "REVIEW", "等待复查、复核或听证"
    CONTACT = "CONTACT", "暂时无法联系信访人"


class NewCodeReason(TextChoices):
    LOST = "LOST", "本人忘记或遗失"
    SEEN = "SEEN", "可能被他人看到"
    OTHER = "OTHER", "其他"


class ReopenGround(TextChoices):
    RELAPSE = "RELAPSE", "再次受害或问题复发"
    NEW_FACT = "NEW_FACT", "出现新的事实"
    REVIEW_UPHELD = "REVIEW_UPHELD", "复查复核支持信访人"
    NOT_PERFORMED = "NOT_PERFORMED", "协议未履行"
    WRONG_CLOSURE = "WRONG_CLOSURE", "结案有误"


class VisitResult(TextChoices):
    SAFE = "SAFE", "安全平稳"
    RESOLVED = "RESOLVED", "问题解决"
    RELAPSE = "RELAPSE", "复发、再次受害"
    NEW_DEMAND = "NEW_DEMAND", "提出新诉求"
    UNREACHABLE = "UNREACHABLE", "无法联系"
    REFUSED = "REFUSED", "拒绝回访"


class VisitWay(TextChoices):
    PHONE = "PHONE", "电话"
    MEET = "MEET", "见面"
    HOME = "HOME", "入户"
    OTHER = "OTHER", "其他"


class Satisfaction(TextChoices):
    SATISFIED = "SATISFIED", "满意"
    BASICALLY = "BASICALLY", "基本满意"
    DISSATISFIED = "DISSATISFIED", "不满意"
    NOT_RATED = "NOT_RATED", "未评价"
