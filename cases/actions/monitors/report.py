"""The compulsory report about a child: owed from the moment of knowing, followed until the police say what came of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.actions.clocks import meet_clocks, start_clocks
from cases.actions.guarding.consent import disclose
from cases.actions.guarding.secrecy import must_be_sealed, seal_case
from cases.actions.handling import change_risk
from cases.actions.monitors.monitor import end_monitor, open_monitor, refresh_monitor, take_step
from cases.choices import (
    DisclosureKind,
    LegalBasis,
    MandatoryReportSituation,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    NoticeKind,
    ReportTo,
    Risk,
)
from cases.models import Case, MandatoryReport, Monitor
from cases.notifications import announce, county_federation, heads
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Staff

# What waits for the police to move: each word of theirs ends it.
WAITING = ("IN-MN-CHASE", "MN-FEEDBACK", "IN-MN-NEXT")
PURPOSE = "履行强制报告义务"
SEXUAL_HARM = "强制报告：涉及性侵害，按红色风险办理。"


@dataclass(frozen=True)
class ReportMade:
    """A report as it was made: to whom, when, by whom, and who took it."""

    to: tuple[ReportTo, ...]
    reported_at: datetime
    reported_by: Staff
    report_unit: str
    officer: str = ""
    officer_phone: str = ""
    receipt_number: str = ""


@dataclass(frozen=True)
class ReportEntry:
    """What is known when the duty begins: the least that is needed, asked of nobody a second time."""

    situations: tuple[MandatoryReportSituation, ...]
    known_at: datetime
    facts: str
    measures: str = ""
    guardian_suspected: bool = False
    guardian_because: str = ""

    @property
    def of_a_child(self) -> bool:
        return any(found != MandatoryReportSituation.DV_NO_CAPACITY for found in self.situations)


@transaction.atomic
def open_report(
    case: Case,
    entry: ReportEntry,
    *,
    by: Staff,
    at: datetime,
    keeper: Staff | None = None,
    made: ReportMade | None = None,
) -> Monitor:
    """Begin to watch over a compulsory report: the law says at once, our red line is an hour after the moment of knowing.

    Sexual harm of a child seals the case and makes its risk red. A report that was made already is told in the same
    breath. On a case that has ended too. Source: 未成年人保护法 (2024) 第11条第2款; 高检发〔2020〕9号 第2、4、6条.
    Raises StepNotAllowed.
    """
    known_at = min(entry.known_at, at)  # a desk's clock may run a little ahead of the server's
    monitor = open_monitor(
        case,
        MonitorKind.REPORT,
        keeper=keeper or by,
        by=by,
        at=at,
        started_at=known_at,
        clocks=("MN-REPORT",),
    )
    # Asked while the case row is held: one report that nobody has made is enough to make.
    if case.monitors.owed().exclude(pk=monitor.pk).exists():
        raise StepNotAllowed("这件案件已经有一项待报告的强制报告，请在那一项里补充和登记。")
    MandatoryReport.objects.create(
        monitor=monitor,
        situations=list(entry.situations),
        known_at=known_at,
        facts=entry.facts,
        measures=entry.measures,
        guardian_suspected=entry.guardian_suspected,
        guardian_because=entry.guardian_because,
    )
    _say_what_the_case_is(case, entry, by=by, at=at)
    if made:
        report_made(monitor, made, by=by, at=at)
    return monitor


def _say_what_the_case_is(case: Case, entry: ReportEntry, *, by: Staff, at: datetime) -> None:
    if entry.of_a_child and not case.involves_minor:
        case.involves_minor = True
        Case.objects.filter(pk=case.pk).update(involves_minor=True)
    if must_be_sealed(situations=entry.situations):
        if not case.is_sealed:
            seal_case(case, by=by, at=at)
        if case.is_open and case.risk != Risk.RED:
            change_risk(case, risk=Risk.RED, reason=SEXUAL_HARM, by=by, at=at)


@transaction.atomic
def report_made(monitor: Monitor, made: ReportMade, *, by: Staff, at: datetime) -> None:
    """Write down that it was reported; to the police first of all. Told again, it went to a further body as well.

    Meets the duty at the moment it was reported, not keyed in; tells the county for the record (第6条).
    Raises StepNotAllowed; MovedOn.
    """
    report: MandatoryReport = monitor.report
    first = monitor.stage == MonitorStage.TO_REPORT
    if first and ReportTo.POLICE not in made.to:
        raise StepNotAllowed("强制报告先向公安机关报案；民政、教育等部门可以同时报告。")
    if not report.known_at <= made.reported_at <= at:
        raise StepNotAllowed("报告时间应在知道的时间之后、现在之前。")
    take_step(
        monitor,
        MonitorStep.REPORT,
        by=by,
        at=at,
        happened_at=made.reported_at,
        entry={"content": _said(made)},
        facts={"to": [str(body) for body in made.to]},
    )
    if first:
        _keep_first(report, made)
        meet_clocks(monitor.case, "MN-REPORT", at=made.reported_at, by=by, of=monitor)
        start_clocks(monitor.case, "IN-MN-CHASE", started_at=made.reported_at, at=at, of=monitor)
        _tell_county(monitor, report, by=by, at=at)
    report.to = sorted({*report.to, *made.to})
    report.save()
    _log(monitor, made, by=by, at=at)
    refresh_monitor(monitor)


def _said(made: ReportMade) -> str:
    parts = (
        "、".join(body.label for body in made.to),
        made.report_unit,
        made.officer,
        made.officer_phone,
        f"回执{made.receipt_number}" if made.receipt_number else "",
    )
    return "，".join(part for part in parts if part)


def _keep_first(report: MandatoryReport, made: ReportMade) -> None:
    for name in ("reported_at", "reported_by", "report_unit", "officer", "officer_phone", "receipt_number"):
        setattr(report, name, getattr(made, name))


def _tell_county(monitor: Monitor, report: MandatoryReport, *, by: Staff, at: datetime) -> None:
    """For the record of the level above. What the county itself reports it tells the city by its own ways."""
    above, unit = county_federation(monitor.case), by.organisation
    if above is None or unit is None or unit.level >= AdminLevel.COUNTY:
        return
    announce(NoticeKind.MONITOR_NEWS, monitor.case, heads(above), at=at, about=monitor)
    report.upper_told_at = at


def _log(monitor: Monitor, made: ReportMade, *, by: Staff, at: datetime) -> None:
    disclose(
        monitor.case,
        DisclosureKind.REPORT,
        by=by,
        at=at,
        recipient="，".join(part for part in (made.report_unit, made.officer) if part),
        what="强制报告：已知的最少事实",
        basis=LegalBasis.STATUTORY_DUTY,
        purpose=PURPOSE,
    )


@transaction.atomic
def taken_up(monitor: Monitor, *, taken_up_at: datetime, content: str, by: Staff, at: datetime) -> None:
    """The police accepted or filed it: from now they owe us an answer in three days. Source: 高检发〔2020〕9号 第10条.

    Raises StepNotAllowed; MovedOn.
    """
    report: MandatoryReport = monitor.report
    _check_after_report(report, taken_up_at)
    _step(monitor, MonitorStep.TAKEN_UP, taken_up_at, content, by=by, at=at)
    report.taken_up_at = taken_up_at
    report.save()
    meet_clocks(monitor.case, "IN-MN-CHASE", "IN-MN-NEXT", at=at, by=by, of=monitor)
    start_clocks(monitor.case, "MN-FEEDBACK", started_at=taken_up_at, at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def answered(
    monitor: Monitor, *, answered_at: datetime, answer: str, final: bool, by: Staff, at: datetime
) -> None:
    """The police, or whoever was told, said what came of it. An interim answer keeps it open: before the case goes to
    the procuratorate they owe another one.

    Raises StepNotAllowed; MovedOn.
    """
    report: MandatoryReport = monitor.report
    _check_after_report(report, answered_at)
    report.answered_at, report.answer = answered_at, answer
    if final:
        end_monitor(
            monitor,
            MonitorOutcome.ANSWERED,
            step=MonitorStep.ANSWER,
            happened_at=answered_at,
            entry={"content": answer},
            by=by,
            at=at,
            met=True,
        )
    else:
        _step(monitor, MonitorStep.ANSWER, answered_at, answer, by=by, at=at)
        meet_clocks(monitor.case, *WAITING, at=at, by=by, of=monitor)
        start_clocks(monitor.case, "IN-MN-NEXT", started_at=answered_at, at=at, of=monitor)
        refresh_monitor(monitor)
    report.save()


@transaction.atomic
def chased(monitor: Monitor, *, happened_at: datetime, content: str, by: Staff, at: datetime) -> None:
    """We asked how it stands. Our own promise to ask begins anew; what the police owe runs on.

    Raises StepNotAllowed; MovedOn.
    """
    _check_after_report(monitor.report, happened_at)
    _step(monitor, MonitorStep.VISIT, happened_at, content, by=by, at=at)
    for code in ("IN-MN-CHASE", "IN-MN-NEXT"):
        if meet_clocks(monitor.case, code, at=at, by=by, of=monitor):
            start_clocks(monitor.case, code, started_at=happened_at, at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def not_owed(monitor: Monitor, *, reason: str, by: Staff, at: datetime) -> None:
    """Found, before it was reported and by somebody else than who opened it, to be none of the situations.

    Raises StepNotAllowed; MovedOn.
    """
    if monitor.stage != MonitorStage.TO_REPORT:
        raise StepNotAllowed("已经向公安报告，不能再改为不需要报告；请登记公安的答复。")
    if monitor.opened_by_id == by.pk:
        raise StepNotAllowed("是否属于强制报告，须由登记人以外的负责人核实。")
    end_monitor(monitor, MonitorOutcome.NOT_OWED, conclusion=reason, by=by, at=at)


def _step(
    monitor: Monitor, step: MonitorStep, happened_at: datetime, content: str, *, by: Staff, at: datetime
) -> None:
    take_step(monitor, step, by=by, at=at, happened_at=happened_at, entry={"content": content})


def _check_after_report(report: MandatoryReport, moment: datetime) -> None:
    if report.reported_at is None:
        raise StepNotAllowed("还没有登记向公安报告，请先登记报告。")
    if moment < report.reported_at:
        raise StepNotAllowed("时间不能早于报告的时间。")
