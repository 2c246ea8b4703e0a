"""The compulsory report on screen: the whole way from knowing to the answer of the police."""

from datetime import datetime
from typing import Any

from cases.actions.monitors import report as verbs
from cases.actions.monitors.report import ReportEntry, ReportMade
from cases.choices import MandatoryReportSituation, MonitorOutcome, MonitorStage, MonitorStep, ReportTo
from cases.forms.monitors.report import (
    ChaseForm,
    NotOwedForm,
    ReportAnswerForm,
    ReportMadeForm,
    ReportOpenForm,
    TakenUpForm,
)
from cases.models import Case, MandatoryReport, Monitor
from cases.views.monitors.kind import Fact, Kind, Opening, Screen
from stations.models import Staff

ASK_NO_MORE = "不要反复询问孩子，只记已知的最少事实。报告不需要任何人批准，也不用等核实清楚。"


def open_report(case: Case, *, keeper: Staff, by: Staff, at: datetime, **told: Any) -> Monitor:
    return verbs.open_report(case, ReportEntry(**told), keeper=keeper, by=by, at=at)


def report_made(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    # What is typed has no seconds: the minute of knowing is not before the knowing.
    told["reported_at"] = min(max(told["reported_at"], report_of(monitor).known_at), at)
    verbs.report_made(monitor, ReportMade(**told), by=by, at=at)


def taken_up(monitor: Monitor, *, taken_up_at: datetime, by: Staff, at: datetime, content: str) -> None:
    verbs.taken_up(monitor, taken_up_at=_after(monitor, taken_up_at, at), content=content, by=by, at=at)


def answered(
    monitor: Monitor, *, answered_at: datetime, answer: str, final: bool, by: Staff, at: datetime
) -> None:
    moment = _after(monitor, answered_at, at)
    verbs.answered(monitor, answered_at=moment, answer=answer, final=final, by=by, at=at)


def chased(monitor: Monitor, *, happened_at: datetime, content: str, by: Staff, at: datetime) -> None:
    verbs.chased(monitor, happened_at=_after(monitor, happened_at, at), content=content, by=by, at=at)


def _after(monitor: Monitor, moment: datetime, at: datetime) -> datetime:
    return min(max(moment, report_of(monitor).reported_at or moment), at)


def report_of(monitor: Monitor) -> MandatoryReport:
    found: MandatoryReport = monitor.report
    return found


def facts(monitor: Monitor) -> list[Fact]:
    """The least that is known. Who told us is not among it."""
    report = report_of(monitor)
    situations = "；".join(MandatoryReportSituation(code).label for code in report.situations)
    told = [
        Fact("情形", situations, secret=True, wide=True),
        Fact("已知事实", report.facts, secret=True, wide=True),
        Fact("紧急措施", report.measures, secret=True, wide=True),
        Fact(
            "监护人",
            f"有嫌疑，不征求其同意：{report.guardian_because}" if report.guardian_suspected else "",
            secret=True,
            wide=True,
        ),
        Fact("向谁报告", "、".join(ReportTo(code).label for code in report.to)),
        Fact("报告人", report.reported_by.name if report.reported_by else ""),
        Fact("接报单位", report.report_unit, secret=True),
        Fact(
            "接报人", " ".join(part for part in (report.officer, report.officer_phone) if part), secret=True
        ),
        Fact("回执号", report.receipt_number, secret=True),
        Fact("最近的反馈", report.answer, secret=True, wide=True),
    ]
    return [fact for fact in told if fact.value]


def more(monitor: Monitor, at: datetime) -> dict[str, Any]:
    """The way as steps: what was done when, what is next."""
    report = report_of(monitor)
    known = [
        ("知道", report.known_at),
        ("向公安报告", report.reported_at),
        ("报上级备案", report.upper_told_at),
        ("公安受理、立案", report.taken_up_at),
        ("告知处理结果", report.answered_at if not monitor.is_open else None),
    ]
    if report.reported_at and not report.upper_told_at:  # the county reports to the city by its own ways
        known.pop(2)
    dropped = monitor.outcome == MonitorOutcome.NOT_OWED
    way: list[dict[str, Any]] = []
    for label, on in known:
        waits = not any(step["state"] == "now" for step in way) and monitor.is_open
        state = "done" if on else "now" if waits else "skipped" if not monitor.is_open else "next"
        way.append({"label": label, "state": state, "on": on})
    return {
        "way": way,
        "dropped": dropped,
        "to_report": monitor.stage == MonitorStage.TO_REPORT,
        "ask_no_more": monitor.is_open,
        "interim": bool(report.answered_at) and monitor.is_open,
    }


KIND = Kind(
    steps={
        MonitorStep.REPORT: Screen(
            ReportMadeForm,
            report_made,
            "先打110或者派出所电话，打完马上在这里登记。报上级备案由系统同时通知县妇联。",
            "已登记报告。公安受理后登记受理时间，三天内应告知处理情况。",
        ),
        MonitorStep.TAKEN_UP: Screen(
            TakenUpForm,
            taken_up,
            "公安应在受理或者立案后三天内告知我们（高检发〔2020〕9号第10条）。",
            "已登记受理。三天内没有反馈会提醒。",
        ),
        MonitorStep.ANSWER: Screen(
            ReportAnswerForm, answered, "公安或者其他部门告诉了什么，照实记。", "已登记反馈。"
        ),
        MonitorStep.VISIT: Screen(
            ChaseForm, chased, "问接报单位是否受理、办到哪一步。", "已记录，三天后再提醒。", "记录催问"
        ),
        MonitorStep.END: Screen(
            NotOwedForm,
            verbs.not_owed,
            "只用于还没有报告、核实后确实不属于强制报告情形的；拿不准就报告。",
            "已结束，不再提醒。",
            "核实不需要报告",
        ),
    },
    primary=(MonitorStep.TAKEN_UP, MonitorStep.REPORT, MonitorStep.ANSWER),
    opening=Opening(ReportOpenForm, open_report, ASK_NO_MORE),
    facts=facts,
    template="monitors/_report.html",
    more=more,
)
