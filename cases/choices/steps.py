"""Every step of every procedure: the label is what the button and the history say."""

from django.db.models import TextChoices


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
    NEW_CODE = "NEW_CODE", "更换查询码"
    RATE = "RATE", "信访人评价"
    ASSIGN = "ASSIGN", "指定承办人"
    ASSIST = "ASSIST", "请人协办"
    HANDLE = "HANDLE", "记录办理情况"
    CALL = "CALL", "打电话"
    REACH = "REACH", "更新联系方式"
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
    START_CLOCK = "START_CLOCK", "登记法定期限"
    END_CLOCK = "END_CLOCK", "登记期限完成"
    INSTRUCT = "INSTRUCT", "登记领导批示"
    END_INSTRUCTION = "END_INSTRUCTION", "批示办结"
    HAND_OVER = "HAND_OVER", "一次性移交"
    RECUSE = "RECUSE", "申请回避"
    BAR = "BAR", "责令回避、屏蔽"
    LIFT_BAR = "LIFT_BAR", "解除回避、屏蔽"
    NO_CONFLICT = "NO_CONFLICT", "确认无利害关系"
    ASSESS = "ASSESS", "危险评估"
    CONSENT = "CONSENT", "登记同意"
    WITHDRAW_CONSENT = "WITHDRAW_CONSENT", "登记撤回同意"
    DISCLOSE = "DISCLOSE", "登记对外提供"
    BREAK_IN = "BREAK_IN", "破门查看"
    JUDGE_BREAK_IN = "JUDGE_BREAK_IN", "核实破门查看"
    SEAL = "SEAL", "封存案件"
    UNSEAL = "UNSEAL", "解除封存"
    NAME_READER = "NAME_READER", "指定查阅人"
    END_READER = "END_READER", "取消查阅人"


class SafetyStep(TextChoices):
    """What is planned for her safety; written into the history of the case, whatever its status."""

    PLAN = "SF_PLAN", "制定服务方案"
    TASK = "SF_TASK", "登记方案任务结果"
    SAFETY_PLAN = "SF_SAFETY_PLAN", "制定安全计划"


class LedgerStep(TextChoices):
    """How a case came in with an old ledger, and how it went out again; written into its history."""

    IMPORT = "LG_IMPORT", "由旧台账导入"
    UNDO = "LG_UNDO", "撤销导入"


class ReferralStep(TextChoices):
    """A step in the life of one referral; written into the history of its case."""

    SEND = "SEND", "发出转交"
    WITHDRAW = "WITHDRAW", "撤回转交"
    SHUT = "SHUT", "因须回避收回转交"
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
    URGE = "URGE", "催办"


class SupervisionStep(TextChoices):
    """A step of a supervision; written into the history of its case."""

    DRAFT = "SV_DRAFT", "拟督办文书"
    SIGN_OFF = "SV_SIGN_OFF", "签发督办文书"
    SIGN_OTHER = "SV_SIGN_OTHER", "签发致其他单位的督办文书"
    RETURN_DRAFT = "SV_RETURN_DRAFT", "退回修改督办文书"
    ACKNOWLEDGE = "SV_ACKNOWLEDGE", "签收督办"
    REPLY = "SV_REPLY", "回复督办"
    REJECT = "SV_REJECT", "核查不通过"
    CLOSE = "SV_CLOSE", "督办销号"
    WITHDRAW = "SV_WITHDRAW", "撤销督办"
    UNLIST = "SV_UNLIST", "摘牌"


class ConferenceStep(TextChoices):
    """What the joint conference does about a case; written into the history of that case."""

    PROPOSE = "JC_PROPOSE", "提请联席会议"
    SCREEN = "JC_SCREEN", "议题通过初审"
    DECLINE = "JC_DECLINE", "议题不列入"
    WITHDRAW = "JC_WITHDRAW", "撤回议题"
    SCHEDULE = "JC_SCHEDULE", "议题列入议程"
    TAKE_OFF = "JC_TAKE_OFF", "议题移出议程"
    RESOLVE = "JC_RESOLVE", "联席会议议定"
    NOTE = "JC_NOTE", "联席会议已讨论"
    REPORT = "JC_REPORT", "报告议定事项"
    RETURN = "JC_RETURN", "报告退回补办"
    ASK = "JC_ASK", "申请延长议定事项期限"
    EXTEND = "JC_EXTEND", "议定事项延期"
    KEEP_TERM = "JC_KEEP_TERM", "不同意延长议定事项期限"
    WRITE_OFF = "JC_WRITE_OFF", "议定事项销号"
    ESCALATE = "JC_ESCALATE", "提请上级协调"
