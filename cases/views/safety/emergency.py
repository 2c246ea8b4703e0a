"""The emergency of a case: the kind of monitor on screen, and the way to it from the case."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from cases.actions import intake
from cases.actions.safety.emergency import (
    PLAN_CLOCK,
    POLICE_CLOCK,
    PoliceEntry,
    duties_of,
    end_emergency,
    record_police,
    tell_upper,
)
from cases.choices import ClockStatus, MonitorKind, MonitorStep
from cases.forms.safety.emergency import EndEmergencyForm, PoliceForm, UpperForm
from cases.models import Case, Monitor, SafetyPlan, ServicePlan
from cases.views.access import get_case
from cases.views.monitors.kind import Kind, Screen
from cases.workflow.danger import NO_MEDIATION
from stations.http import StaffRequest


@require_GET
def emergency(request: StaffRequest, number: str) -> HttpResponse:
    """The newest emergency of the case: where a clerk lands who has just found high danger."""
    case = get_case(request, number)
    found = case.monitors.filter(kind=MonitorKind.EMERGENCY).order_by("-opened_at").first()
    if found is None:
        raise Http404
    # Here, after the page that sent it is gone: an autosave still under way would have brought the draft back.
    intake.drop_drafts(staff=request.user, submissions=[case.submission])
    return redirect("monitor", found.pk)


def _police(monitor: Monitor, **told: Any) -> None:
    by, at = told.pop("by"), told.pop("at")
    record_police(monitor, PoliceEntry(**told), by=by, at=at)


def checklist(monitor: Monitor) -> list[dict[str, Any]]:
    """Each duty with what is known of it and where it is done; the first that is not done is the next."""
    case = monitor.case
    steps = reverse("monitor", args=[monitor.pk]) + "do/"
    plan = ServicePlan.objects.filter(case=case).select_related("by").order_by("-at").first()
    safety = SafetyPlan.objects.filter(case=case).select_related("by").order_by("-at").first()
    told = {
        "police": (_said_of_police(monitor), f"{steps}police/", "登记报警"),
        "upper": (_said_of_upper(monitor), f"{steps}upper/", "登记报告上级"),
        "keeper": (
            {"who": f"{monitor.keeper.name}，{monitor.unit.name}"},
            f"{steps}keeper/",
            "更换负责人",
        ),
        "plan": (_said_of_plan(plan), reverse("service_plan", args=[case.number]), "写服务方案"),
        "safety": (_said_of_plan(safety), reverse("safety_plan", args=[case.number]), "写安全计划"),
    }
    rows: list[dict[str, Any]] = [
        {"duty": duty, "said": told[duty.code][0], "url": told[duty.code][1], "label": told[duty.code][2]}
        for duty in duties_of(monitor)
    ]
    following = next((one for one in rows if not one["duty"].done), None)
    by_clock = dict(monitor.clocks.filter(status=ClockStatus.RUNNING).values_list("code", "effective_due"))
    due = {"police": by_clock.get(POLICE_CLOCK), "plan": by_clock.get(PLAN_CLOCK)}
    due["safety"] = due["plan"]
    for one in rows:
        one["due"] = None if one["duty"].done else due.get(one["duty"].code)
        one["next"] = one is following
    return rows


def _said_of_police(monitor: Monitor) -> dict[str, Any]:
    row = monitor.emergency
    if row.police_at is None:
        return {"words": f"没有报警：{row.no_police_because}"} if row.no_police_because else {}
    parts = (row.police_unit, row.police_officer, row.receipt_number and f"回执号 {row.receipt_number}")
    return {"at": row.police_at, "words": "，".join(filter(None, parts))}


def _said_of_upper(monitor: Monitor) -> dict[str, Any]:
    row = monitor.emergency
    upper = row.upper.name if row.upper is not None else ""
    return {"at": row.upper_told_at, "who": upper} if row.upper_told_at else {"words": f"请电话报告{upper}。"}


def _said_of_plan(plan: ServicePlan | SafetyPlan | None) -> dict[str, Any]:
    return {"at": plan.at, "who": plan.by.name} if plan is not None else {}


def _more(monitor: Monitor, at: datetime) -> dict[str, Any]:
    duties = checklist(monitor)
    following = next((row for row in duties if row["next"]), None)
    return {
        "go": following
        or {"url": reverse("monitor_step", args=[monitor.pk, "end"]), "label": "结束紧急处置"},
        "duties": duties,
        "done": sum(row["duty"].done for row in duties),
        "forbids": NO_MEDIATION,
        "asks_upper": monitor.emergency.upper_told_at is None,
    }


def next_duty(case: Case) -> str:
    """What comes next while the emergency is open; for the case page."""
    monitor = case.monitors.open().filter(kind=MonitorKind.EMERGENCY).select_related("emergency").first()
    if monitor is None:
        return ""
    following = next((duty.label for duty in duties_of(monitor) if not duty.done), "")
    return f"下一件：{following}" if following else "五件都已办，可以结束"


KIND = Kind(
    steps={
        MonitorStep.POLICE: Screen(
            PoliceForm,
            _police,
            "报警的时间、单位、民警、回执号，以后办保护令、告诫书都要用。没有报警的写明原因，并报告负责人。",
            "已登记报警情况。",
        ),
        MonitorStep.UPPER: Screen(
            UpperForm, tell_upper, "系统通知不到的上级，打电话报告后在这里登记。", "已登记。"
        ),
        MonitorStep.END: Screen(
            EndEmergencyForm,
            end_emergency,
            "五件都办完，或者没办的写明原因，才能结束。结束不等于解除高危，仍然不得调解。",
            "高危紧急处置已结束。",
            "结束紧急处置",
        ),
    },
    primary=(MonitorStep.POLICE, MonitorStep.END),
    template="safety/_emergency.html",
    more=_more,
)
