"""What is watched over beyond the handling of a case: each a thing of its own, with clocks of its own."""

from enum import nonmember

from django.db.models import TextChoices


class MonitorKind(TextChoices):
    EMERGENCY = "EMERGENCY", "高危紧急处置"
    REPORT = "REPORT", "强制报告"
    ORDER_APPLICATION = "ORDER_APPLICATION", "代为申请保护令"
    PROTECTION_ORDER = "PROTECTION_ORDER", "保护令回访"
    WARNING_LETTER = "WARNING_LETTER", "告诫书查访"
    SHELTER = "SHELTER", "庇护"
    AGREEMENT = "AGREEMENT", "调解协议履行"
    AGENCY = "AGENCY", "信访代理"


class MonitorStage(TextChoices):
    """Where a monitor stands; which stages a kind knows says the table in cases/workflow/monitor.py."""

    ACTING = "ACTING", "处置中"
    TO_REPORT = "TO_REPORT", "待报告"
    REPORTED = "REPORTED", "已报告"
    TAKEN_UP = "TAKEN_UP", "公安已受理"
    PREPARING = "PREPARING", "准备申请材料"
    FILED = "FILED", "已递交法院"
    COURT_ACCEPTED = "COURT_ACCEPTED", "法院已受理"
    WATCHING = "WATCHING", "监测中"
    CONFIRMING = "CONFIRMING", "已申请司法确认"
    INSIDE = "INSIDE", "庇护中"
    APPLIED = "APPLIED", "待审核委托"
    SIGNED = "SIGNED", "已签委托书"
    SUBMITTED = "SUBMITTED", "已提交责任单位"
    RECEIVED = "RECEIVED", "已收到答复，待反馈"
    TOLD = "TOLD", "已反馈委托人"
    REVIEWING = "REVIEWING", "代理复查、复核"
    ENDED = "ENDED", "已结束"

    open_stages = nonmember(
        (
            *("ACTING", "TO_REPORT", "REPORTED", "TAKEN_UP", "PREPARING", "FILED", "COURT_ACCEPTED"),
            *("WATCHING", "CONFIRMING", "INSIDE"),
            *("APPLIED", "SIGNED", "SUBMITTED", "RECEIVED", "TOLD", "REVIEWING"),
        )
    )


class MonitorStep(TextChoices):
    """A step of a monitor; written into the history of its case."""

    OPEN = "MO_OPEN", "建立监测"
    POLICE = "MO_POLICE", "登记报警"
    UPPER = "MO_UPPER", "报告上级妇联"
    REPORT = "MO_REPORT", "登记强制报告"
    TAKEN_UP = "MO_TAKEN_UP", "登记公安受理"
    ANSWER = "MO_ANSWER", "登记处理结果反馈"
    EVIDENCE = "MO_EVIDENCE", "登记证据"
    FILE = "MO_FILE", "递交申请"
    ACCEPT = "MO_ACCEPT", "登记法院受理"
    DECIDE = "MO_DECIDE", "登记法院裁定"
    SERVE = "MO_SERVE", "登记送达"
    EXTEND = "MO_EXTEND", "登记延长"
    VISIT = "MO_VISIT", "记录查访、回访"
    BREACH = "MO_BREACH", "登记再次施暴、违反"
    CONFIRM = "MO_CONFIRM", "申请司法确认"
    PERFORM = "MO_PERFORM", "登记履行"
    SIGN = "MO_SIGN", "签订代理委托书"
    REFUSE = "MO_REFUSE", "不予代理"
    SUBMIT = "MO_SUBMIT", "提交责任单位"
    NOTICE = "MO_NOTICE", "收到受理告知"
    OPINION = "MO_OPINION", "收到处理意见"
    TELL = "MO_TELL", "反馈委托人"
    REVIEW = "MO_REVIEW", "代理复查、复核"
    FINISH = "MO_FINISH", "代理终结"
    REVOKE = "MO_REVOKE", "解除代理"
    KEEPER = "MO_KEEPER", "更换负责人"
    NOTE = "MO_NOTE", "补充情况"
    END = "MO_END", "结束"


class MonitorOutcome(TextChoices):
    DONE = "DONE", "处置完成"
    ANSWERED = "ANSWERED", "已得到处理结果"
    NOT_OWED = "NOT_OWED", "经核实不属于强制报告情形"
    CLEAN = "CLEAN", "连续查访无再犯"
    RELAPSED = "RELAPSED", "再次施暴，已转报警处理"
    ISSUED = "ISSUED", "法院作出保护令"
    DENIED = "DENIED", "法院驳回申请"
    EXPIRED = "EXPIRED", "保护令期满"
    REVOKED = "REVOKED", "已撤销"
    REPLACED = "REPLACED", "由新的保护令接续"
    LEFT = "LEFT", "离开庇护"
    PERFORMED = "PERFORMED", "协议已履行"
    FAILED = "FAILED", "协议未履行"
    SUPPORTED = "SUPPORTED", "诉求得到支持"
    PARTLY = "PARTLY", "诉求得到部分支持"
    UNSUPPORTED = "UNSUPPORTED", "诉求没有得到支持"
    REFUSED = "REFUSED", "不予代理"
    CALLED_OFF = "CALLED_OFF", "解除代理"
    WITHDRAWN = "WITHDRAWN", "不再申请、不再需要"
    MISTAKE = "MISTAKE", "误建"

    of_agency = nonmember(("SUPPORTED", "PARTLY", "UNSUPPORTED"))


class VisitFinding(TextChoices):
    """What a visit found."""

    CLEAN = "CLEAN", "没有再发生"
    BREACH = "BREACH", "再次施暴或违反禁令"
    UNSURE = "UNSURE", "有疑点，要再访"
    UNREACHABLE = "UNREACHABLE", "没有见到、没有联系上"


class MandatoryReportSituation(TextChoices):
    """Source: 关于建立侵害未成年人案件强制报告制度的意见（试行） (高检发〔2020〕9号) 第4条."""

    MR1_GENITAL = "MR1_GENITAL", "生殖器官或隐私部位遭受或疑似遭受非正常损伤"
    MR2_GIRL_U14 = "MR2_GIRL_U14", "不满14周岁女性遭受或疑似遭受性侵害、怀孕、流产"
    MR3_GIRL_14UP = "MR3_GIRL_14UP", "14周岁以上女性疑似遭受性侵害所致怀孕、流产"
    MR4_BODY = "MR4_BODY", "身体多处损伤、严重营养不良、意识不清，疑似受家暴、欺凌、虐待、殴打或被麻醉"
    MR5_DEATH_DISABLE = "MR5_DEATH_DISABLE", "因自杀、自残、工伤、中毒、被人麻醉、殴打等非正常伤残、死亡"
    MR6_ABANDON = "MR6_ABANDON", "被遗弃或长期处于无人照料状态"
    MR7_MISSING = "MR7_MISSING", "来源不明、失踪或者被拐卖、收买"
    MR8_BEGGING = "MR8_BEGGING", "被组织乞讨"
    MR9_OTHER = "MR9_OTHER", "其他严重侵害身心健康或正在面临危险"
    # Not of a child: 反家庭暴力法 (2016) 第14条; 河南省反家庭暴力条例 第22条.
    DV_NO_CAPACITY = "DV_NO_CAPACITY", "无民事行为能力人、限制民事行为能力人遭受或疑似遭受家庭暴力"

    sexual = nonmember(("MR1_GENITAL", "MR2_GIRL_U14", "MR3_GIRL_14UP"))


class ReportTo(TextChoices):
    """Source: 未成年人保护法 (2024) 第11条第2款."""

    POLICE = "POLICE", "公安机关"
    CIVIL_AFFAIRS = "CIVIL_AFFAIRS", "民政部门"
    EDUCATION = "EDUCATION", "教育部门"
    OTHER = "OTHER", "其他有关部门"


class ApplyGround(TextChoices):
    """Why we apply for her. Source: 反家庭暴力法 第23条; 法释〔2022〕17号 第2条."""

    NO_CAPACITY = "NO_CAPACITY", "无民事行为能力、限制民事行为能力"
    COERCED = "COERCED", "受到强制、威吓，本人无法申请"
    AGED = "AGED", "年老，本人同意由我们代为申请"
    DISABLED = "DISABLED", "残疾，本人同意由我们代为申请"
    GRAVELY_ILL = "GRAVELY_ILL", "重病，本人同意由我们代为申请"

    with_her_consent = nonmember(("AGED", "DISABLED", "GRAVELY_ILL"))


class Evidence(TextChoices):
    """Source: 法释〔2022〕17号 第6条."""

    STATEMENT = "STATEMENT", "当事人陈述"
    POLICE_DOC = "POLICE_DOC", "告诫书、行政处罚决定书"
    POLICE_RECORD = "POLICE_RECORD", "出警记录、询问笔录、报警回执"
    PLEDGE = "PLEDGE", "悔过书、保证书"
    AV = "AV", "录音录像等视听资料"
    E_MESSAGE = "E_MESSAGE", "电话录音、短信、即时通信、电子邮件"
    MEDICAL = "MEDICAL", "医疗机构诊疗记录"
    ORG_RECORD = "ORG_RECORD", "单位、村居、妇联等收到投诉求助的记录"
    WITNESS = "WITNESS", "未成年子女、亲友、邻居证言"
    FORENSIC = "FORENSIC", "伤情鉴定意见"
    OTHER = "OTHER", "其他能证明的证据"


class ProtectionMeasure(TextChoices):
    """Source: 反家庭暴力法 第29条; 法释〔2022〕17号 第10条; 河南省反家庭暴力条例 第37条."""

    NO_DV = "NO_DV", "禁止实施家庭暴力"
    NO_CONTACT = "NO_CONTACT", "禁止骚扰、跟踪、接触申请人及相关近亲属"
    MOVE_OUT = "MOVE_OUT", "责令迁出申请人住所"
    NO_MESSAGE = "NO_MESSAGE", "禁止以电话、短信、网络等方式侮辱、威胁"
    KEEP_AWAY = "KEEP_AWAY", "禁止在住所、学校、单位等场所的一定范围内活动"
    NO_LOOKUP = "NO_LOOKUP", "禁止查阅申请人户籍、学籍、住址、收入信息（河南）"
    NO_HIDE_CHILD = "NO_HIDE_CHILD", "禁止抢夺、藏匿未成年子女（河南）"
    OTHER = "OTHER", "其他措施"

    henan_only = nonmember(("NO_LOOKUP", "NO_HIDE_CHILD"))

    @property
    def paper(self) -> str:
        """The words a court is asked in: without the hint which province has it."""
        return self.label.removesuffix("（河南）")

    @classmethod
    def offered_in(cls, region_code: str) -> list["ProtectionMeasure"]:
        """What a court of this place can be asked for: the province's own measures only there."""
        return [one for one in cls if one not in cls.henan_only or region_code.startswith("41")]


class AgencyMode(TextChoices):
    """How the agent acts for her."""

    FULL = "FULL", "全权代办"
    ACCOMPANY = "ACCOMPANY", "陪访"
    SUBMIT = "SUBMIT", "代递代转"
    WRITE = "WRITE", "代书"
    NEGOTIATE = "NEGOTIATE", "代为协商"


class AgencyRefusal(TextChoices):
    """Why the station does not act for her."""

    LITIGATION_ENDED = "LITIGATION_ENDED", "涉法涉诉，已依法终结"
    UNLAWFUL = "UNLAWFUL", "目的或要求不合法"
    CONFLICT = "CONFLICT", "本站与事项有利害关系"
    TERMINATED = "TERMINATED", "信访事项已复核终结"
    OTHER = "OTHER", "其他"


class SubmitWay(TextChoices):
    IN_PERSON = "IN_PERSON", "当面递交"
    TOGETHER = "TOGETHER", "陪同本人递交"
    POST = "POST", "邮寄"
    ONLINE = "ONLINE", "网上提交"
    OTHER = "OTHER", "其他"


class AgencySide(TextChoices):
    """Either side may end an agency at any time."""

    PRINCIPAL = "PRINCIPAL", "委托人"
    AGENT = "AGENT", "代理人、维权站"
