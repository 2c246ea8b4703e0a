"""The ledgers of what is watched: letters and orders, reports of harm, petition agencies, return visits."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from cases.actions.ledgers import people as of
from cases.actions.ledgers.ledger import Entry, Ledger, Scope, day, hidden, joined, moment, yes_no
from cases.choices import (
    MandatoryReportSituation,
    MonitorKind,
    MonitorOutcome,
    MonitorStep,
    ProtectionMeasure,
    Satisfaction,
    VisitResult,
)
from cases.deadlines import china_date, last_day
from cases.models import Case, Clock, FollowUp, Monitor, MonitorEntry
from stations.models import Staff

VISIT_CODES = "IN-VISIT"


def watched(user: Staff, scope: Scope) -> QuerySet[Monitor]:
    kinds = (MonitorKind.WARNING_LETTER, MonitorKind.PROTECTION_ORDER)
    entries = MonitorEntry.objects.order_by("happened_at", "pk")
    return (
        Monitor.objects.visible_to(user)
        .filter(kind__in=kinds, unit__in=scope.units)
        .select_related("case", "warning", "order__court")
        .prefetch_related(Prefetch("entries", entries, to_attr="story"), of.with_people("case__"))
    )


def _is_letter(row: Monitor) -> bool:
    return row.kind == MonitorKind.WARNING_LETTER


def _made_by(row: Any) -> str:
    if _is_letter(row):
        return row.warning.police_unit or ""
    return row.order.court.name if row.order.court else ""


def _made_on(row: Any) -> Any:
    return row.warning.issued_on if _is_letter(row) else china_date(row.order.made_at)


def _served_on(row: Any) -> Any:
    """A letter is watched from its delivery on."""
    if _is_letter(row):
        return china_date(row.started_at)
    return china_date(row.order.served_at) if row.order.served_at else None


def _measures(row: Any) -> str:
    if _is_letter(row):
        return "告诫"
    return joined(ProtectionMeasure(code).label for code in row.order.measures)


def _steps(row: Any, step: MonitorStep) -> list[Any]:
    return [entry for entry in row.story if entry.step == step]


def _visits(row: Any) -> str:
    return "；".join(
        f"{china_date(one.happened_at).isoformat()} {one.get_finding_display()}"
        for one in _steps(row, MonitorStep.VISIT)
    )


def _breaches(row: Any) -> str:
    return joined(china_date(one.happened_at).isoformat() for one in _steps(row, MonitorStep.BREACH))


def _followed(row: Any) -> str:
    """What was done about a breach, and how it ended."""
    found = _steps(row, MonitorStep.BREACH)
    police = ["已报警" for one in found if one.police_at]
    court = ["已告知法院" for one in found if one.court_told_at]
    return joined((*police, *court, row.get_outcome_display() if row.outcome else ""))


def _both(row: Any) -> str:
    return "，".join(name for one in (of.victim, of.respondent) if (name := of.name_of(one(row.case))))


def _both_masked(row: Any) -> str:
    return "，".join(name for one in (of.victim, of.respondent) if (name := of.masked_name(one(row.case))))


MONITOR = Ledger(
    code="MONITOR",
    name="告诫书、保护令监测台账",
    basis="公通字〔2024〕34号第十二条；《反家庭暴力法》第三十二条",
    moment="opened_at",
    rows=watched,
    case_of=lambda row: row.case,
    entries=(
        Entry("文书号", lambda row: row.number, width=26),
        hidden("机关", _made_by, 20),
        day("作出日", _made_on),
        day("送达日", _served_on),
        day("有效至", lambda row: row.valid_until),
        Entry("当事人", _both, masked=_both_masked, width=18),
        Entry("措施", _measures, width=28),
        Entry("查访/回访日期与结果", _visits, width=40),
        Entry("再犯", _breaches, width=14),
        Entry("处置", _followed, width=20),
    ),
)


def reports(user: Staff, scope: Scope) -> QuerySet[Monitor]:
    return (
        Monitor.objects.visible_to(user)
        .filter(kind=MonitorKind.REPORT, unit__in=scope.units)
        .select_related("case", "opened_by", "report")
    )


def _situations(row: Any) -> str:
    return joined(MandatoryReportSituation(code).label for code in row.report.situations)


def _police(row: Any) -> str:
    told = row.report
    return "/".join(word for word in (told.report_unit, told.officer) if word)


def _answer(row: Any) -> str:
    told = row.report
    if told.answered_at is None:
        return ""
    return f"{china_date(told.answered_at).isoformat()} {told.answer or ''}"


def _filed(row: Any) -> str:
    told = row.report.upper_told_at
    return f"{china_date(told).isoformat()}报上级妇联" if told else ""


REPORT = Ledger(
    code="REPORT",
    name="强制报告台账",
    basis="《未成年人保护法》第十一条；高检发〔2020〕9号",
    moment="opened_at",
    rows=reports,
    case_of=lambda row: row.case,
    notes=("未成年人以案号代替姓名。",),
    entries=(
        moment("发现时间", lambda row: row.report.known_at),
        Entry("发现人", lambda row: row.opened_by.name, width=10),
        Entry("情形代码", _situations, width=30),
        Entry("未成年人(代号)", lambda row: row.case.number, width=24),
        moment("报告时间", lambda row: row.report.reported_at),
        hidden("受理机关/民警", _police, 22),
        hidden("回执号", lambda row: row.report.receipt_number, 18),
        hidden("3日反馈", _answer),
        hidden("后续保护", lambda row: row.report.measures),
        Entry("主管部门备案", _filed, width=20),
    ),
)


def agencies(user: Staff, scope: Scope) -> QuerySet[Monitor]:
    return (
        Monitor.objects.visible_to(user)
        .filter(kind=MonitorKind.AGENCY, unit__in=scope.units)
        .select_related("case", "keeper", "agency__body")
        .prefetch_related(of.with_people("case__"))
    )


def _agents(row: Any) -> str:
    return joined((row.keeper.name, row.agency.other_agent))


def _term(row: Any) -> str:
    """From when until when."""
    days = (row.agency.signed_on, row.valid_until)
    return "/".join(day.isoformat() for day in days if day)


def _notice(row: Any) -> str:
    told = row.agency
    said = {None: "", True: "已受理", False: "不予受理"}[told.taken_up]
    return joined((told.noticed_on and told.noticed_on.isoformat(), told.notice_number, said))


def _result(row: Any) -> str:
    return joined((row.get_outcome_display(), row.agency.get_refusal_display()))


def _cost(row: Any) -> str:
    return f"{row.agency.cost}元" if row.outcome in MonitorOutcome.of_agency else ""


def _pleased(row: Any) -> str:
    return row.agency.get_satisfaction_display() if row.outcome in MonitorOutcome.of_agency else ""


AGENCY = Ledger(
    code="AGENCY",
    name="信访代理台账",
    basis="各地信访条例关于代理的规定；不收取任何费用",
    moment="opened_at",
    rows=agencies,
    case_of=lambda row: row.case,
    notes=("费用支出由站里承担，不向委托人收取。",),
    entries=(
        Entry("代理号", lambda row: row.number, width=22),
        Entry(
            "委托人",
            lambda row: of.name_of(of.petitioner(row.case)),
            masked=lambda row: of.masked_name(of.petitioner(row.case)),
            width=10,
        ),
        Entry("代理人", _agents, masked=lambda row: row.keeper.name, width=14),
        hidden("事项", lambda row: row.agency.matter),
        Entry("方式", lambda row: row.agency.get_mode_display(), width=10),
        Entry("委托日期/期限", _term, width=22),
        hidden("责任单位", lambda row: row.agency.body_told, 20),
        day("提交日", lambda row: row.agency.submitted_on),
        Entry("受理告知", _notice, width=24),
        Entry("处理意见书号", lambda row: row.agency.opinion_number, width=20),
        day("反馈日", lambda row: row.agency.told_on),
        Entry("结果", _result, width=16),
        Entry("费用支出(站)", _cost, width=10),
        Entry("满意度", _pleased, width=10),
        day("终结日", lambda row: row.agency.ended_on),
    ),
)


def visits(user: Staff, scope: Scope) -> QuerySet[FollowUp]:
    clocks = Clock.objects.filter(code__startswith=VISIT_CODES).order_by("effective_due", "pk")
    seen = Case.objects.visible_to(user).filter(holder__in=scope.units)
    return (
        FollowUp.objects.filter(case__in=seen)
        .select_related("case", "by")
        .prefetch_related(Prefetch("case__clocks", clocks, to_attr="owed"))
    )


def _owed(row: Any) -> Any:
    """The end of the period that this visit met."""
    return next((last_day(clock.effective_due) for clock in row.case.owed if clock.ended_at == row.at), None)


def _rated(row: Any) -> str:
    pair = (row.satisfaction, row.partner_satisfaction)
    if all(code == Satisfaction.NOT_RATED for code in pair):
        return ""
    return "/".join(Satisfaction(code).label for code in pair)


def _wants(row: Any) -> str:
    return row.content if row.result == VisitResult.NEW_DEMAND else ""


FOLLOW_UP = Ledger(
    code="FOLLOW_UP",
    name="回访台账",
    basis="妇联组织受理家庭暴力投诉工作规程第十三条",
    moment="happened_at",
    rows=visits,
    case_of=lambda row: row.case,
    entries=(
        Entry("案号", lambda row: row.case.number, width=24),
        day("应访日", _owed),
        day("实访日", lambda row: china_date(row.happened_at)),
        Entry("方式", lambda row: row.get_way_display(), width=8),
        Entry("是否安全环境", lambda row: yes_no(row.spoke_safely), width=9),
        Entry("现状", lambda row: row.get_result_display(), width=14),
        hidden("新诉求", _wants),
        Entry("满意度(站/部门)", _rated, width=16),
        Entry("回访人", lambda row: row.by.name, width=10),
    ),
)
