"""A mediation agreement on screen."""

from datetime import datetime
from typing import Any

from cases.actions.monitors import agreement as verbs
from cases.actions.monitors.agreement import Promised
from cases.choices import MonitorKind, MonitorOutcome, MonitorStep
from cases.deadlines import end_of_day
from cases.forms.monitors.agreement import (
    AgreementOpeningForm,
    AgreementVisitForm,
    ConfirmedForm,
    ConfirmForm,
    PerformForm,
)
from cases.models import Case, Monitor
from cases.views.monitors.kind import Fact, Kind, Opening, Screen, day, visit_of
from cases.views.rows import due_badge
from cases.workflow.danger import why_not_while
from stations.models import Staff


def _open(case: Case, *, dues: list[tuple[str, Any]], **told: Any) -> Monitor:
    return verbs.open_agreement(case, dues=[Promised(*due) for due in dues], **told)


def _visit(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    verbs.visit_agreement(monitor, visit_of(told), by=by, at=at)


def _facts(monitor: Monitor) -> list[Fact]:
    agreement = monitor.agreement
    confirmed = day(agreement.confirmed_on) and f"{day(agreement.confirmed_on)}确认有效"
    asked = day(agreement.confirm_asked_on) and f"{day(agreement.confirm_asked_on)}申请"
    return [
        Fact("协议生效", day(agreement.made_on)),
        Fact("司法确认", confirmed or asked or "没有申请（生效起三十日内双方可共同申请）"),
        Fact("确认法院", agreement.court.name if agreement.court else ""),
        Fact("调解组织、调解员", agreement.mediator, secret=True),
        Fact("协议内容", agreement.terms, secret=True, wide=True),
    ]


def _more(monitor: Monitor, at: datetime) -> dict[str, Any]:
    dues = monitor.agreement.dues.order_by("due_on", "pk")
    return {
        "dues": [
            {
                "due": due,
                "mark": "" if due.performed is not None else due_badge(end_of_day(due.due_on), at),
            }
            for due in dues
        ]
    }


KIND = Kind(
    opening=Opening(
        AgreementOpeningForm,
        _open,
        "每项约定写明谁在哪一天做什么，到期前提醒核实。生效起三十日内，双方可以共同申请司法确认。",
        lambda case: why_not_while(case.binding_danger, MonitorKind.AGREEMENT),
    ),
    steps={
        MonitorStep.PERFORM: Screen(
            PerformForm,
            verbs.check_due,
            "逐项核实。只是晚了、还会履行的，用“记录回访”记下并再约时间；不会履行的才登记“没有履行”。",
            "履行情况已登记。",
        ),
        MonitorStep.VISIT: Screen(
            AgreementVisitForm, _visit, "先确认她能安全说话，再问履行得怎样。", "回访已记录。", "记录回访"
        ),
        MonitorStep.CONFIRM: Screen(
            ConfirmForm, verbs.ask_confirmation, "由双方共同向法院申请（民事诉讼法第205条）。", "已登记申请。"
        ),
        MonitorStep.DECIDE: Screen(
            ConfirmedForm, verbs.decide_confirmation, "法院裁定后登记；协议约定继续监测。", "已登记法院裁定。"
        ),
    },
    primary=(MonitorStep.PERFORM,),
    ends=(MonitorOutcome.WITHDRAWN, MonitorOutcome.MISTAKE),
    facts=_facts,
    template="monitors/_agreement.html",
    more=_more,
)
