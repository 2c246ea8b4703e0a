"""Meetings of the joint conference: plan them, hold them, print what they need and what came of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import meeting as verbs
from cases.actions.conference import candidates
from cases.actions.guarding.consent import disclose
from cases.actions.meeting import Came, Plan
from cases.choices import (
    AccessKind,
    DisclosureKind,
    DocType,
    ItemStatus,
    MeetingStatus,
    MeetingStep,
    MeetingType,
    Presence,
)
from cases.forms.conference import AttendanceForm, CancelForm, MeetingForm, MinutesForm, ThingForm
from cases.models import AgendaItem, Attendance, Meeting, Member, Task
from cases.models.conference import at_home, seat
from cases.models.guarding import barred_from, barred_from_each, not_barred
from cases.permissions import keeps_conference, meeting_steps_open_to
from cases.statistics import late_departments, meeting_figures, since_last_meeting
from cases.views.access import get_host, get_meeting
from cases.views.conference import log_texts, refusal_status, slug
from cases.views.conference_words import items_of, minutes_draft, who_and_when
from cases.views.papers.doors import kept
from cases.views.rows import task_due
from cases.workflow import StepNotAllowed, next_meeting_status
from stations.http import StaffRequest
from stations.models import Organisation, Staff
from stations.roles import Permission

STEP_WORDS: dict[MeetingStep, str] = {
    MeetingStep.CHANGE: "改动安排",
    MeetingStep.CANCEL: "取消会议",
    MeetingStep.HOLD: "记录召开和到会",
    MeetingStep.ATTEND: "更正到会情况",
    MeetingStep.MINUTE: "印发纪要",
}
# What comes next on a meeting's way is the main button.
FIRST = (MeetingStep.HOLD, MeetingStep.MINUTE)
DONE_WORDS: dict[MeetingStep, str] = {
    MeetingStep.CHANGE: "会议安排已改动，并通知了参会单位。",
    MeetingStep.CANCEL: "会议已取消，并通知了参会单位。",
    MeetingStep.HOLD: "会议已记为召开。下一步：逐个议题记下议定事项。",
    MeetingStep.ATTEND: "到会情况已更正。",
    MeetingStep.MINUTE: "纪要已印发，并通知了参会单位。",
}
PAPERS = ("notice", "agenda", "minutes")


@require_http_methods(["GET", "POST"])
def meeting_new(request: StaffRequest) -> HttpResponse:
    host = get_host(request, Permission.CONFERENCE_MANAGE)
    if request.method == "GET":
        members = Member.objects.current().filter(host=host)
        form = MeetingForm(
            now=0, initial={"invited": [str(pk) for pk in members.values_list("organisation_id", flat=True)]}
        )
        return _meeting_page(request, _offered(form, host, None, to=request.user), None)
    form = _offered(MeetingForm(request.POST, now=0), host, None, to=request.user)
    if not form.is_valid():
        return _meeting_page(request, form, None, status=422)
    try:
        meeting = verbs.plan_meeting(host, _plan(form), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _meeting_page(request, form, None, status=refusal_status(request, refusal))
    messages.success(request, "会议已安排，并通知了参会单位的联络员。没有账号的单位请打印会议通知送达。")
    return redirect("meeting", meeting.pk)


def _plan(form: MeetingForm) -> Plan:
    told = form.told()
    return Plan(**told | {"kind": MeetingType(told["kind"])})


def _offered(form: MeetingForm, host: Organisation, meeting: Meeting | None, *, to: Staff) -> MeetingForm:
    """Units: the members first, then every other department of the place, without those that an item on it is about.
    Items: screened, and those on it; none that the reader is kept away from."""
    members = Organisation.objects.filter(
        memberships__host=host, memberships__until_on=None, kind="DEPARTMENT"
    ).order_by("department__sort", "name")
    units = {unit.pk: unit for unit in [*members, *candidates(host)]}
    free = Q(host=host, status=ItemStatus.SCREENED)
    items = AgendaItem.objects.filter(free | Q(meeting=meeting) if meeting else free).filter(not_barred(to))
    on_it = meeting.items.values_list("case", flat=True) if meeting else ()
    barred = barred_from(*on_it).units
    form.offer(
        [unit for unit in units.values() if unit.pk not in barred],
        list(items.order_by("sort", "proposed_at", "pk")),
    )
    _say_who_must_not_come(form)
    return form


def _say_who_must_not_come(form: MeetingForm) -> None:
    """Beside each item stand the units it is about."""
    barred = barred_from_each(item.case_id for item in form.listed.values() if item.case_id)
    form.name_barred(
        {key: barred[pk].units for key, item in form.listed.items() if (pk := item.case_id) in barred}
    )


def _meeting_page(
    request: StaffRequest, form: MeetingForm, meeting: Meeting | None, *, status: int = 200
) -> HttpResponse:
    if form.is_bound:
        form.offer_no_barred()
    context = {"form": form, "meeting": meeting, "version": meeting.version if meeting else 0}
    return render(request, "conference/meeting_form.html", context, status=status)


@require_GET
def meeting(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The meeting as the reader may know it: a member unit sees the items, the minutes and its own tasks."""
    found = get_meeting(request, pk)
    inside, at = at_home(request.user), timezone.now()
    steps = meeting_steps_open_to(request.user, found)
    first = next((step for step in steps if step in FIRST), None)
    carried = Task.objects.visible_to(request.user).filter(carries__meeting=found)
    items = _items(found)
    log_texts(request, [row["item"] for row in items])
    context = {
        "office": keeps_conference(request.user, found.host),
        "meeting": found,
        "inside": inside,
        "items": items,
        "attendance": _attendance(found),
        "carried": [{"task": task, "due": task_due(task, at)} for task in _with_count(carried)],
        "first": (STEP_WORDS[first], slug(first)) if first else None,
        "buttons": [(STEP_WORDS[step], slug(step)) for step in steps if step is not first],
        "may_pack": _may_pack(request, found),
    }
    return render(request, "conference/meeting.html", context)


def _with_count(tasks: Any) -> Any:
    """Carries counted over all meetings: an outer filter on one meeting would count that one only."""
    keys = list(tasks.values_list("pk", flat=True))
    rows = Task.objects.filter(pk__in=keys).select_related("unit", "resolution__item")
    return rows.annotate(carried=Count("carries")).order_by("due_at", "pk")


def _attendance(meeting: Meeting) -> list[Attendance]:
    rows = meeting.attendance.select_related("organisation")
    return list(rows.order_by("organisation__department__sort", "organisation__name"))


def _items(meeting: Meeting) -> list[dict[str, Any]]:
    return [
        {
            "item": item,
            "resolutions": [(row, who_and_when(row)) for row in item.resolutions.all()],
            "open": item.status == ItemStatus.ON_AGENDA and meeting.status == MeetingStatus.HELD,
        }
        for item in items_of(meeting)
    ]


@require_http_methods(["GET", "POST"])
def meeting_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    """Every step of a meeting that is one form."""
    step = next((step for step in MeetingStep if slug(step) == step_name), None)
    if step is None:
        raise Http404
    found = get_meeting(request, pk, to=step)
    if request.method == "GET":
        return _step_page(request, found, step, _form(step, found, None, to=request.user))
    form = _form(step, found, request.POST, to=request.user)
    if not form.is_valid():
        return _step_page(request, found, step, form, status=409 if form.is_stale else 422)
    try:
        _take(step, found, form, request)
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _step_page(
            request, get_meeting(request, pk), step, form, status=refusal_status(request, refusal)
        )
    messages.success(request, DONE_WORDS[step])
    return redirect("meeting", found.pk)


def _form(step: MeetingStep, meeting: Meeting, typed: Any, *, to: Staff) -> ThingForm:
    match step:
        case MeetingStep.CHANGE:
            shown = {
                "kind": meeting.kind,
                "title": meeting.title,
                "held_at": timezone.localtime(meeting.held_at),
                "place": meeting.place,
                "invited": [str(row.organisation_id) for row in meeting.attendance.all()],
                "items": [str(pk) for pk in meeting.items.values_list("pk", flat=True)],
            }
            form = MeetingForm(typed, now=meeting.version, initial=shown)
            return _offered(form, meeting.host, meeting, to=to)
        case MeetingStep.CANCEL:
            return CancelForm(typed, now=meeting.version)
        case MeetingStep.MINUTE:
            return MinutesForm(typed, now=meeting.version, initial={"minutes": minutes_draft(meeting)})
        case _:
            return AttendanceForm(typed, meeting=meeting, rows=_attendance(meeting))


def _take(step: MeetingStep, meeting: Meeting, form: ThingForm, request: StaffRequest) -> None:
    by, at = request.user, timezone.now()
    if isinstance(form, MeetingForm):
        verbs.change_meeting(meeting, _plan(form), by=by, at=at)
    elif isinstance(form, CancelForm):
        verbs.cancel_meeting(meeting, **form.told(), by=by, at=at)
    elif isinstance(form, MinutesForm):
        verbs.issue_minutes(meeting, **form.told(), by=by, at=at)
    else:
        assert isinstance(form, AttendanceForm)  # noqa: S101 – by _form
        came = {unit: Came(*line) for unit, line in form.came().items()}
        chair = form.cleaned_data["chair"]
        if step is MeetingStep.HOLD:
            verbs.hold_meeting(meeting, chair=chair, came=came, by=by, at=at)
        else:
            verbs.correct_attendance(meeting, chair=chair, came=came)


def _step_page(
    request: StaffRequest, meeting: Meeting, step: MeetingStep, form: ThingForm, *, status: int = 200
) -> HttpResponse:
    not_now = ""
    try:
        next_meeting_status(step, MeetingStatus(meeting.status))
    except StepNotAllowed as refusal:
        not_now = str(refusal)
    if isinstance(form, MeetingForm) and not not_now:
        return _meeting_page(request, form, meeting, status=status)
    context = {
        "form": form,
        "title": STEP_WORDS[step],
        "back": reverse("meeting", args=[meeting.pk]),
        "crumb": meeting.title,
        "version": meeting.version,
        "not_now": not_now if status == 200 else "",
        "lines": form.lines() if isinstance(form, AttendanceForm) else [],
    }
    return render(request, "conference/step.html", context, status=status)


@require_GET
def meeting_print(request: StaffRequest, pk: UUID, paper: str) -> HttpResponse:
    """会议通知、议题单、纪要, as papers."""
    found = get_meeting(request, pk)
    if paper not in PAPERS or (paper == "minutes" and found.status != MeetingStatus.MINUTED):
        raise Http404
    if issued := kept(request, DocType(f"MEETING_{paper.upper()}"), meeting=found):
        return issued
    attendance, items = _attendance(found), _items(found)
    log_texts(request, [row["item"] for row in items], kind=AccessKind.PRINT)
    context = {
        "meeting": found,
        "items": items,
        "attendance": attendance,
        "lines": found.minutes.splitlines(),
        "came": [
            (word, [row for row in attendance if row.presence == presence])
            for word, presence in (("出席", Presence.PRESENT), ("请假", Presence.EXCUSED))
        ],
    }
    return render(request, f"conference/print_{paper}.html", context)


def _may_pack(request: StaffRequest, meeting: Meeting) -> bool:
    """The pack names departments that are late: for the office and the federation that keeps this conference."""
    org = request.user.organisation
    own = org is not None and seat(org) == meeting.host.region_id
    return keeps_conference(request.user, meeting.host) or (own and request.user.may(Permission.CASE_REVIEW))


@require_GET
def meeting_pack(request: StaffRequest, pk: UUID) -> HttpResponse:
    """All that the meeting needs on one printable page: figures, open resolutions, items, late departments."""
    found = get_meeting(request, pk)
    if not _may_pack(request, found):
        raise PermissionDenied("会议材料由联席会议办公室准备。")
    at, items = timezone.now(), _items(found)
    log_texts(request, [row["item"] for row in items], kind=AccessKind.PRINT)
    _log_pack(request, found, items, at)
    context = {
        "meeting": found,
        "at": at,
        "figures": meeting_figures(found.host, since_last_meeting(found), at),
        "tasks": _open_tasks(request.user, found, at),
        "items": items,
        "late": late_departments(found.host, at),
    }
    return render(request, "conference/pack.html", context)


def _log_pack(request: StaffRequest, meeting: Meeting, items: Sequence[dict[str, Any]], at: Any) -> None:
    """What goes to the members on paper, in the log of every case it speaks of."""
    found = [row["item"] for row in items if row["item"].case_id]
    prefetch_related_objects(found, "case")
    for case in {item.case_id: item.case for item in found}.values():
        disclose(
            case,
            DisclosureKind.PRINT,
            by=request.user,
            at=at,
            organisation=meeting.host,
            what="联席会议材料",
        )


def _open_tasks(user: Staff, meeting: Meeting, at: Any) -> Sequence[dict[str, Any]]:
    tasks = (
        Task.objects.visible_to(user)
        .open()
        .filter(resolution__item__host=meeting.host)
        .select_related("unit", "resolution__item")
        .annotate(carried=Count("carries"))
        .order_by("due_at", "pk")
    )
    return [{"task": task, "due": task_due(task, at)} for task in tasks]
