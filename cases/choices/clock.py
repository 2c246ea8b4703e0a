"""Periods, and who is told of them."""

from enum import nonmember

from django.db.models import TextChoices


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
    CONFERENCE = "CONFERENCE", "联席会议办公室"


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
    STAND_IN = "STAND_IN", "有人离岗未定代办人，请安排"
    HANDED_OVER = "HANDED_OVER", "工作移交给您"
    URGED = "URGED", "催办"
    SUPERVISE_SOON = "SUPERVISE_SOON", "建议督办，请决定"
    TO_SIGN = "TO_SIGN", "督办文书，待签发"
    SUPERVISED = "SUPERVISED", "督办文书，待签收"
    SUPERVISION_NEWS = "SUPERVISION_NEWS", "督办有新进展"
    ITEM_PROPOSED = "ITEM_PROPOSED", "新的议题，待初审"
    ITEM_NEWS = "ITEM_NEWS", "议题有新进展"
    MEETING = "MEETING", "联席会议通知"
    MEETING_NEWS = "MEETING_NEWS", "会议改期、取消或印发纪要"
    TASK_NEW = "TASK_NEW", "联席会议议定事项，请办理"
    TASK_NEWS = "TASK_NEWS", "议定事项有新进展"
    INSTRUCTED = "INSTRUCTED", "领导作了批示或包案"
    EMERGENCY = "EMERGENCY", "高危案件，请立即处置"
    MONITOR_NEW = "MONITOR_NEW", "监测事项交给您负责"
    MONITOR_NEWS = "MONITOR_NEWS", "监测事项有新进展"
    BREACHED = "BREACHED", "再次施暴或违反禁令，请立即处置"
    STEPPED_BACK = "STEPPED_BACK", "承办人回避，请另定承办人"
    NAMED_READER = "NAMED_READER", "指定您查阅封存案件"
    BROKEN_IN = "BROKEN_IN", "有人破门查看，请核实"
    READS = "READS", "上周承办线以外的查阅，请核对"
    CONSENT_GONE = "CONSENT_GONE", "已撤回同意，停止继续提供"
    RATED = "RATED", "信访人作了评价"
    ASSESSMENT = "ASSESSMENT", "年度考核轮到您办理"
    ASSESSED = "ASSESSED", "年度考核结果已公布"
    CORRECTION = "CORRECTION", "整改任务有新进展"
    CORRECTION_DUE = "CORRECTION_DUE", "整改任务将到期或已逾期"

    # What goes out at once to those who have the rest put together in one mail a day; clocks by the hour as well.
    urgent = nonmember(("RISK_RAISED", "OVERDUE", "EMERGENCY", "BREACHED", "STEPPED_BACK", "BROKEN_IN"))


class ClockTopic(TextChoices):
    """Where a rule stands on the page of rules."""

    PETITION = "PETITION", "信访"
    DV = "DV", "家庭暴力"
    MINOR = "MINOR", "未成年人"
    WOMEN = "WOMEN", "妇女权益"
    LEGAL_AID = "LEGAL_AID", "法律援助"
    POLICE = "POLICE", "公安"
    PROCURATORATE = "PROCURATORATE", "检察"
    COURT = "COURT", "法院"
    LABOUR = "LABOUR", "劳动"
    LAND = "LAND", "土地与集体成员"
    CIVIL = "CIVIL", "民政救助"
    MEDIATION = "MEDIATION", "人民调解"
    SUPERVISION = "SUPERVISION", "督办与联席会议"
    OFFICE = "OFFICE", "日常办理"


class ClockStart(TextChoices):
    """What sets a clock going."""

    SYSTEM = "SYSTEM", "办到这一步时自动开始"
    SIGNED = "SIGNED", "部门签收转交时自动开始"
    PERSON = "PERSON", "知道起算时间后由承办人登记"
    NEVER = "NEVER", "只作参照，不计时"

    # A monitor begins these today. What somebody registered on a case before there were monitors, a person still ends.
    registered_before = nonmember(
        (
            *("DV-VISIT-1", "DV-VISIT-N", "DV-PO-DECIDE", "DV-PO-DECIDE-U", "DV-PO-SERVE"),
            *("IN-PO-FOLLOW", "IN-PO-END", "DV-SHELTER"),
        )
    )


class OutletKind(TextChoices):
    """A way by which a notice leaves the house."""

    MAIL = "MAIL", "电子邮件"
    SMS = "SMS", "短信"
    WECOM = "WECOM", "企业微信群机器人"
    DINGTALK = "DINGTALK", "钉钉群机器人"
    FEISHU = "FEISHU", "飞书群机器人"
    WEBHOOK = "WEBHOOK", "其他系统（Webhook）"


class DeliveryStatus(TextChoices):
    WAITING = "WAITING", "待发送"
    SENT = "SENT", "已发送"
    DEAD = "DEAD", "多次未发出"
    GIVEN_UP = "GIVEN_UP", "已放弃"
