"""Every code that drives logic. Lists that only people read are rows of CodeItem."""

from datetime import date
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


class Step(TextChoices):
    """A step of the procedure. The label is what the button and the history say."""

    REGISTER = "REGISTER", "登记"
    ADVISE = "ADVISE", "当场答复办结"
    CONTACT = "CONTACT", "记录再次来访来电"
    CORRECT = "CORRECT", "更正笔录"
    ACCEPT = "ACCEPT", "受理"
    REFUSE = "REFUSE", "不予受理"
    REDIRECT = "REDIRECT", "引导告知"
    DELIVER = "DELIVER", "补记送达"
    ASSIGN = "ASSIGN", "指定承办人"
    ASSIST = "ASSIST", "请人协办"
    HANDLE = "HANDLE", "记录办理情况"
    RERISK = "RERISK", "调整风险等级"
    REFER = "REFER", "转交部门"
    ESCALATE = "ESCALATE", "上报上级"
    TAKE_OVER = "TAKE_OVER", "提级办理"
    GUIDE = "GUIDE", "退回指导"
    CO_HANDLE = "CO_HANDLE", "上下联办"
    SEND_DOWN = "SEND_DOWN", "下交办理"
    ASK_EXTENSION = "ASK_EXTENSION", "申请延期"
    GRANT_EXTENSION = "GRANT_EXTENSION", "批准延期"
    DECLINE_EXTENSION = "DECLINE_EXTENSION", "不批准延期"
    SUSPEND = "SUSPEND", "中止办理"
    RESUME = "RESUME", "恢复办理"
    PROPOSE_CLOSE = "PROPOSE_CLOSE", "提请结案"
    SEND_BACK = "SEND_BACK", "退回补办"
    CLOSE = "CLOSE", "批准结案"
    FOLLOW_UP = "FOLLOW_UP", "记录回访"
    REOPEN = "REOPEN", "重新办理"
    MERGE = "MERGE", "并入他案"
    ASK_VOID = "ASK_VOID", "申请作废"
    VOID = "VOID", "作废"
    REDATE = "REDATE", "期限重算"


class ReferralStep(TextChoices):
    """A step in the life of one referral; written into the history of its case."""

    SEND = "SEND", "发出转交"
    WITHDRAW = "WITHDRAW", "撤回转交"
    SIGN = "SIGN", "签收"
    OBJECT = "OBJECT", "提出异议"
    RETURN = "RETURN", "同意退回"
    UPHOLD = "UPHOLD", "维持转交"
    START = "START", "开始办理"
    INTERIM = "INTERIM", "阶段反馈"
    ANSWER = "ANSWER", "结果反馈"
    CONFIRM = "CONFIRM", "领导确认结果"
    REWORK = "REWORK", "退回重办"
    WRITE_OFF = "WRITE_OFF", "销号"
    LINK = "LINK", "生成一次性链接"
    REVOKE_LINK = "REVOKE_LINK", "作废一次性链接"


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


class DocType(TextChoices):
    """The written notices a step owes the petitioner. Source: 信访工作条例 (2022) 第23、34条."""

    ACCEPT_NOTICE = "ACCEPT_NOTICE", "受理告知书"
    REFUSE_NOTICE = "REFUSE_NOTICE", "不予受理告知书"
    REDIRECT_NOTICE = "REDIRECT_NOTICE", "引导告知书"
    EXTEND_NOTICE = "EXTEND_NOTICE", "延期告知书"


class DeliveryWay(TextChoices):
    IN_PERSON = "IN_PERSON", "当面送达"
    POST = "POST", "邮寄"
    PHONE = "PHONE", "电话告知并记录"
    OTHER = "OTHER", "其他方式"
    NOT_YET = "NOT_YET", "尚未送达"
    WAIVED = "WAIVED", "姓名或地址不清，无法告知"


class PrivacyNotice(TextChoices):
    """How the person was told what is kept about her and why. Source: 个人信息保护法 第17、18条."""

    ORAL = "ORAL", "已口头告知"
    WRITTEN = "WRITTEN", "已书面告知并签字"
    LATER = "LATER", "情况紧急，事后补告知"
    NOT_POSSIBLE = "NOT_POSSIBLE", "匿名或来信，无法告知"


class CaseFlag(TextChoices):
    URGENT = "URGENT", "重大紧急"
    THREAT = "THREAT", "扬言极端"
    MEDIA = "MEDIA", "舆情"
    BACKLOG = "BACKLOG", "积案"
    CROSS_REGION = "CROSS_REGION", "跨地区"
    FOREIGN = "FOREIGN", "涉外、涉港澳台"
    MILITARY = "MILITARY", "涉军婚"
    SECRET_IDENTITY = "SECRET_IDENTITY", "要求保密身份"


class SuspendGround(TextChoices):
    """Legal grounds on which handling may rest."""

    JUDGMENT = "JUDGMENT", "等待判决、裁定"
    APPRAISAL = "APPRAISAL", "等待鉴定结论"
    REVIEW = "REVIEW", "等待复查、复核或听证"
    CONTACT = "CONTACT", "暂时无法联系信访人"


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


class ClockFamily(TextChoices):
    """The three families are kept apart everywhere: what binds us, what binds the partner, what we promise."""

    STATUTORY_OWN = "STATUTORY_OWN", "法定（本单位）"
    STATUTORY_PARTNER = "STATUTORY_PARTNER", "法定（承办部门）"
    INTERNAL = "INTERNAL", "内部承诺"


class ClockUnit(TextChoices):
    HOUR = "HOUR", "小时"
    DAY = "DAY", "日"
    WORKING_DAY = "WORKING_DAY", "个工作日"
    MONTH = "MONTH", "个月"


class ClockStatus(TextChoices):
    RUNNING = "RUNNING", "进行中"
    PAUSED = "PAUSED", "已中止"
    MET = "MET", "已完成"
    CANCELLED = "CANCELLED", "已取消"

    live = nonmember(("RUNNING", "PAUSED"))


class Rung(TextChoices):
    """Who a reminder climbs to."""

    OWNER = "OWNER", "承办人"
    HEAD = "HEAD", "站长"
    COUNTY_OFFICER = "COUNTY_OFFICER", "县妇联权益部"
    COUNTY_LEADER = "COUNTY_LEADER", "县妇联领导"


class NoticeKind(TextChoices):
    DUE_SOON = "DUE_SOON", "期限将到"
    DUE_TODAY = "DUE_TODAY", "今天到期"
    OVERDUE = "OVERDUE", "已经逾期"
    ASSIGNED = "ASSIGNED", "交给您承办"
    TO_ACCEPT = "TO_ACCEPT", "新登记，待审核受理"
    TO_APPROVE = "TO_APPROVE", "待您审核"
    SENT_BACK = "SENT_BACK", "退回补办"
    REFERRAL_NEW = "REFERRAL_NEW", "新的转交，待签收"
    REFERRAL_NEWS = "REFERRAL_NEWS", "部门有新的答复"
    ESCALATED = "ESCALATED", "下级上报，待审核"
    GUIDED = "GUIDED", "上级已作出处理"
    REDATED = "REDATED", "期限已重算"
    DECIDED = "DECIDED", "审核已有结果"
    CASE_NEWS = "CASE_NEWS", "案件有新的记录"
    RISK_RAISED = "RISK_RAISED", "风险等级已上调"
    RELAPSED = "RELAPSED", "回访发现复发，请决定是否重新办理"


class MailStatus(TextChoices):
    NONE = "NONE", "不发邮件"
    WAITING = "WAITING", "待发送"
    SENT = "SENT", "已发送"
    FAILED = "FAILED", "发送失败"


class AccessKind(TextChoices):
    VIEW = "VIEW", "查看"
    REVEAL = "REVEAL", "展开遮盖内容"
    SEARCH = "SEARCH", "检索命中"
    PRINT = "PRINT", "打印"


class FieldGroup(TextChoices):
    """What one press of 查看 opens."""

    PAGE = "PAGE", "案件页"
    IDENTITY = "IDENTITY", "姓名与证件"
    CONTACT = "CONTACT", "电话与联系要求"
    ADDRESS = "ADDRESS", "住址"
    STORY = "STORY", "反映内容与笔录"
    RESPONDENT = "RESPONDENT", "被反映人"
    QUERY_CODE = "QUERY_CODE", "查询码"
    HANDLING = "HANDLING", "办理记录"
