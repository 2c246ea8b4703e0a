"""The yearly assessment of stations (年度考核)."""

from enum import nonmember

from django.db.models import TextChoices


class IndicatorGroup(TextChoices):
    PLACE = "PLACE", "阵地建设"
    TEAM = "TEAM", "队伍建设"
    LEDGER = "LEDGER", "制度台账"
    QUALITY = "QUALITY", "办理质效"
    SOURCE = "SOURCE", "源头预防"
    PUBLICITY = "PUBLICITY", "宣传志愿"
    VETO = "VETO", "一票否决"


class IndicatorKind(TextChoices):
    """AUTO is counted from ordinary records; EVIDENCE is a score of one's own with words to prove it."""

    AUTO = "AUTO", "系统取数"
    MANUAL = "MANUAL", "评分"
    EVIDENCE = "EVIDENCE", "评分并写明依据"
    VETO = "VETO", "一票否决"

    # What a station and a county give points for, one by one.
    scored = nonmember(("MANUAL", "EVIDENCE"))


class AutoRule(TextChoices):
    """What is counted, and how: the words stand beside the figure."""

    TIMELY_ACCEPT = "TIMELY_ACCEPT", "按期书面告知的件数÷本年到期应告知的件数"
    TIMELY_CLOSE = "TIMELY_CLOSE", "按期办结的件数÷本年到期应办结的件数"
    RETURN_VISITS = "RETURN_VISITS", "按期回访的次数÷本年到期应回访的次数"
    LEDGERS = "LEDGERS", "有办理记录、答复日期和评价的结案件数÷本年结案件数"
    SATISFACTION = "SATISFACTION", "满意和基本满意的评价数÷本年全部评价数"
    CHECKLIST = "CHECKLIST", "六有中已做到的项数÷清单项数"
    VOLUNTEERS = "VOLUNTEERS", "查询有效的在册志愿者人数"
    SERVICES = "SERVICES", "本年志愿服务次数"
    ACTIVITIES = "ACTIVITIES", "本年活动次数"

    # A number to be reached; the others are shares.
    counted = nonmember(("VOLUNTEERS", "SERVICES", "ACTIVITIES"))


class Side(TextChoices):
    """Who gives points: the station itself, the county above it, the city."""

    STATION = "STATION", "自评"
    COUNTY = "COUNTY", "县级评分"
    CITY = "CITY", "市级评分"


class RoundStatus(TextChoices):
    SELF = "SELF", "待自评"
    COUNTY = "COUNTY", "待县级评分"
    CITY = "CITY", "待市级评分"
    PUBLISHED = "PUBLISHED", "已公布"


class RoundStep(TextChoices):
    OPEN = "OPEN", "发起考核"
    SCORE_SELF = "SCORE_SELF", "自评"
    SUBMIT = "SUBMIT", "提交自评"
    SCORE_COUNTY = "SCORE_COUNTY", "县级评分"
    RECOUNT = "RECOUNT", "重新取数"
    RETURN = "RETURN", "退回补充"
    SEND_UP = "SEND_UP", "报市级"
    SCORE_CITY = "SCORE_CITY", "市级评分"
    RETURN_DOWN = "RETURN_DOWN", "退回县级"
    PUBLISH = "PUBLISH", "公布结果"
    CORRECT = "CORRECT", "更正结果"
    SET_TASK = "SET_TASK", "下达整改任务"


class AssessmentResult(TextChoices):
    CANDIDATE = "CANDIDATE", "标准化、示范候选"
    QUALIFIED = "QUALIFIED", "合格"
    RECTIFY = "RECTIFY", "整改"


class CorrectionStatus(TextChoices):
    OPEN = "OPEN", "待整改"
    ANSWERED = "ANSWERED", "已报整改，待验收"
    ACCEPTED = "ACCEPTED", "已验收"

    open_statuses = nonmember(("OPEN", "ANSWERED"))


class CorrectionStep(TextChoices):
    ANSWER = "ANSWER", "报告整改"
    SEND_BACK = "SEND_BACK", "退回再改"
    ACCEPT = "ACCEPT", "验收"
