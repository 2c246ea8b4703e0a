"""The joint conference: what it has before it, who belongs to it, and every step of one item."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import conference as verbs
from cases.actions import meeting as meeting_verbs
from cases.actions.conference import NamesSomebody
from cases.choices import AccessKind, ConferenceStep, FieldGroup, ItemStatus, MeetingStatus, TaskStatus
from cases.deadlines import end_of_day
from cases.forms.conference import (
    ITEM_FORMS,
    MemberChangeForm,
    MemberForm,
    ProposeForm,
    ResolveForm,
    ThingForm,
)
from cases.models import AgendaItem, Case, Meeting, Member, Task
from cases.models.conference import at_home
from cases.models.guarding import barred_from
from cases.permissions import item_steps_open_to
from cases.views.access import get_case, get_host, get_item, get_member, log_hits, require
from cases.views.conference_words import agenda_brief, agenda_title
from cases.views.paging import read_cursor, url_after, way_back, write_cursor
from cases.views.rows import due_badge, task_due
from cases.workflow import ITEM_TURN, StepNotAllowed, next_item_status
from stations.http import StaffRequest
from stations.models import Organisation, Staff
from stations.roles import Permission

PAGE = 30
SHOWN = 50
STEP_WORDS: dict[ConferenceStep, str] = {
    ConferenceStep.SCREEN: "通过初审",
    ConferenceStep.DECLINE: "不列入",
    ConferenceStep.WITHDRAW: "撤回议题",
    ConferenceStep.RESOLVE: "记录议定事项",
    ConferenceStep.NOTE: "记为已讨论",
    ConferenceStep.TAKE_OFF: "移到下次会议",
}
ITEM_VERBS: dict[ConferenceStep, Callable[..., object]] = {
    ConferenceStep.SCREEN: verbs.screen_item,
    ConferenceStep.DECLINE: verbs.decline_item,
    ConferenceStep.WITHDRAW: verbs.withdraw_item,
    ConferenceStep.RESOLVE: meeting_verbs.resolve_item,
    ConferenceStep.NOTE: meeting_verbs.note_item,
    ConferenceStep.TAKE_OFF: meeting_verbs.postpone_item,
}


def slug(step: str) -> str:
    """JC_TAKE_OFF → take-off"""
    return step.removeprefix("JC_").lower().replace("_", "-")


def refusal_status(request: StaffRequest, refusal: StepNotAllowed) -> int:
    """A text to be put right is 422, a step that is not possible now 409.

    A refusal says that a name was guessed right: for who does not see the case that is a hit of a search, and logged.
    """
    if not isinstance(refusal, NamesSomebody):
        return 409
    if not Case.objects.visible_to(request.user).filter(pk=refusal.case.pk).exists():
        log_hits(
            request.user,
            [refusal.case.pk],
            at=timezone.now(),
            kind=AccessKind.SEARCH,
            fields=FieldGroup.IDENTITY,
            in_line=False,
        )
    return 422


def log_texts(
    request: StaffRequest, items: Iterable[AgendaItem], *, kind: AccessKind = AccessKind.VIEW
) -> None:
    """Write down whose cases the reader has seen in the words of the conference; it was put before her to be read."""
    cases = {item.case_id: None for item in items if item.case_id}
    log_hits(request.user, list(cases), at=timezone.now(), kind=kind, fields=FieldGroup.STORY)


@require_http_methods(["GET", "POST"])
def agenda_propose(request: StaffRequest, number: str) -> HttpResponse:
    """Put a case before the conference, in words that name nobody."""
    case = get_case(request, number)
    if not at_home(request.user) or not request.user.may(Permission.CONFERENCE_PROPOSE):
        raise PermissionDenied("由县级以上妇联权益部提请联席会议。")
    host = get_host(request, Permission.CONFERENCE_PROPOSE)
    if request.method == "GET":
        initial = {"title": agenda_title(case), "brief": agenda_brief(case, timezone.now())}
        return _propose_page(request, ProposeForm(initial=initial), case=case)
    return _propose(request, host, ProposeForm(request.POST), case=case)


@require_http_methods(["GET", "POST"])
def agenda_new(request: StaffRequest) -> HttpResponse:
    """Put something before the conference that is not about one case."""
    host = get_host(request, Permission.CONFERENCE_PROPOSE)
    if request.method == "GET":
        return _propose_page(request, ProposeForm(), case=None)
    return _propose(request, host, ProposeForm(request.POST), case=None)


def _propose(
    request: StaffRequest, host: Organisation, form: ProposeForm, *, case: Case | None
) -> HttpResponse:
    if not form.is_valid():
        return _propose_page(request, form, case=case, status=422)
    try:
        item = verbs.propose_item(host, case=case, **form.cleaned_data, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _propose_page(request, form, case=case, status=refusal_status(request, refusal))
    messages.success(request, f"议题已提交。下一步：联席会议办公室在{item.screen_by:%-m月%-d日}前初审。")
    return redirect(way_back(request, reverse("agenda_item", args=[item.pk])))


def _propose_page(
    request: StaffRequest, form: ProposeForm, *, case: Case | None, status: int = 200
) -> HttpResponse:
    not_now = "" if case is None or case.is_open else "案件已经办结，不能提请联席会议。"
    context = {"form": form, "case": case, "not_now": not_now}
    return render(request, "conference/propose.html", context, status=status)


@require_GET
def conference(request: StaffRequest) -> HttpResponse:
    """What the reader's conference has before it; for a member unit, what it was asked to and has to do."""
    require(request.user, Permission.CONFERENCE_READ)
    show = request.GET.get("show", "")
    lists = {"tasks": _tasks_page, "items": _items_page, "meetings": _meetings_page}
    if show in lists:
        return lists[show](request)
    user, at = request.user, timezone.now()
    tasks = _tasks(user).open().order_by("due_at", "pk")[:SHOWN]
    waiting = _items(user).filter(status__in=(ItemStatus.PROPOSED, ItemStatus.SCREENED))
    planned = Meeting.objects.visible_to(user).filter(status=MeetingStatus.PLANNED)
    context = _frame(request, "") | {
        "meetings": list(planned.select_related("host").order_by("held_at", "pk")[:SHOWN]),
        "items": _item_rows(waiting.order_by("screen_by", "pk")[:SHOWN], at),
        "tasks": _task_rows(tasks, at),
    }
    return render(request, "conference/conference.html", context)


def _frame(request: StaffRequest, show: str) -> dict[str, Any]:
    """Tabs and buttons, the same on every list of the conference."""
    user = request.user
    tabs = (("", "当前"), ("tasks", "议定事项"), ("items", "议题"), ("meetings", "会议"))
    return {
        "show": show,
        "tabs": [
            {"label": label, "url": f"?show={key}" if key else "?", "current": key == show}
            for key, label in tabs
        ],
        "inside": at_home(user),
        "may_manage": user.may(Permission.CONFERENCE_MANAGE),
        "may_propose": user.may(Permission.CONFERENCE_PROPOSE),
    }


def _items(user: Staff) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.visible_to(user).select_related("proposed_unit", "host")


def _tasks(user: Staff) -> Any:
    return (
        Task.objects.visible_to(user)
        .select_related("unit", "resolution__item__host")
        .annotate(carried=Count("carries"))
    )


def _task_rows(tasks: Any, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "task": task,
            "item": task.resolution.item,
            "late": task.status == TaskStatus.ASSIGNED and task.due_at <= at,
            "due": task_due(task, at),
        }
        for task in tasks
    ]


def _item_rows(items: Iterable[AgendaItem], at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "item": item,
            "turn": ITEM_TURN[ItemStatus(item.status)],
            "due": due_badge(end_of_day(item.screen_by), at) if item.status == ItemStatus.PROPOSED else "",
        }
        for item in items
    ]


def _slice(
    request: StaffRequest, rows: Any, moment: str, *, newest: bool
) -> tuple[list[Any], dict[str, str]]:
    """One page of `rows` by `moment`, and the addresses of the first and the next page."""
    after, sign, than = (
        read_cursor(request.GET.get("after", "")),
        "-" if newest else "",
        "lt" if newest else "gt",
    )
    if after is not None and after.moment is not None:
        same = Q(**{moment: after.moment, f"pk__{than}": after.pk})
        rows = rows.filter(Q(**{f"{moment}__{than}": after.moment}) | same)
    page = list(rows.order_by(f"{sign}{moment}", f"{sign}pk")[: PAGE + 1])
    more = write_cursor(getattr(page[PAGE - 1], moment), page[PAGE - 1].pk) if len(page) > PAGE else ""
    return page[:PAGE], {
        "first_url": url_after(request, "") if after else "",
        "next_url": url_after(request, more) if more else "",
    }


def _tasks_page(request: StaffRequest) -> HttpResponse:
    page, urls = _slice(request, _tasks(request.user), "due_at", newest=True)
    context = _frame(request, "tasks") | urls | {"tasks": _task_rows(page, timezone.now())}
    return render(request, "conference/tasks.html", context)


def _items_page(request: StaffRequest) -> HttpResponse:
    page, urls = _slice(request, _items(request.user), "proposed_at", newest=True)
    context = _frame(request, "items") | urls | {"items": _item_rows(page, timezone.now())}
    return render(request, "conference/items.html", context)


def _meetings_page(request: StaffRequest) -> HttpResponse:
    meetings = Meeting.objects.visible_to(request.user).select_related("host")
    page, urls = _slice(request, meetings, "held_at", newest=True)
    return render(
        request, "conference/meetings.html", _frame(request, "meetings") | urls | {"meetings": page}
    )


@require_http_methods(["GET", "POST"])
def conference_members(request: StaffRequest) -> HttpResponse:
    """Who belongs to the conference; the office takes units in."""
    host = get_host(request, Permission.CONFERENCE_READ)
    if not at_home(request.user):
        raise PermissionDenied("成员名单由联席会议办公室保管。")
    if request.method == "GET":
        return _members_page(request, host, MemberForm(initial={"since_on": timezone.localdate()}))
    require(request.user, Permission.CONFERENCE_MANAGE)
    form = MemberForm(request.POST)
    _offer(form, host)
    if not form.is_valid():
        return _members_page(request, host, form, status=422)
    try:
        member = verbs.add_member(host, **form.cleaned_data)
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _members_page(request, host, form, status=409)
    messages.success(request, f"{member.organisation.name}已加入联席会议。")
    return redirect("conference_members")


def _offer(form: MemberForm | MemberChangeForm, host: Organisation) -> None:
    units = [host, *verbs.candidates(host)]
    liaisons = Staff.objects.working().filter(organisation__in=units).holding(*verbs.DESK)
    form.offer(units, liaisons.select_related("organisation").order_by("organisation__name", "name_pinyin"))


def _members_page(
    request: StaffRequest, host: Organisation, form: MemberForm, *, status: int = 200
) -> HttpResponse:
    if not form.is_bound:
        _offer(form, host)
    members = (
        Member.objects.current()
        .filter(host=host)
        .select_related("organisation__department", "liaison")
        .order_by("organisation__department__sort", "organisation__name")
    )
    context = {
        "host": host,
        "members": members,
        "form": form,
        "may_manage": request.user.may(Permission.CONFERENCE_MANAGE),
    }
    return render(request, "conference/members.html", context, status=status)


@require_http_methods(["GET", "POST"])
def conference_member(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Another liaison or part, or the day a unit leaves."""
    member = get_member(request, pk)
    form = MemberChangeForm(request.POST if request.method == "POST" else None, member=member)
    _offer(form, member.host)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        until_on = told.pop("until_on")
        try:
            if until_on:
                verbs.end_member(member, until_on=until_on)
            else:
                verbs.change_member(member, **told)
        except StepNotAllowed as refusal:
            form.add_error(None, str(refusal))
            return render(request, "conference/member.html", {"member": member, "form": form}, status=409)
        messages.success(request, f"{member.organisation.name}的信息已保存。")
        return redirect("conference_members")
    status = 422 if form.is_bound else 200
    return render(request, "conference/member.html", {"member": member, "form": form}, status=status)


@require_GET
def agenda_item(request: StaffRequest, pk: UUID) -> HttpResponse:
    item = get_item(request, pk)
    log_texts(request, [item])
    at = timezone.now()
    tasks = Task.objects.visible_to(request.user).filter(resolution__item=item)
    mine = {task.pk: task for task in tasks}
    steps = item_steps_open_to(request.user, item)
    context = {
        "item": item,
        "turn": ITEM_TURN[ItemStatus(item.status)],
        "due": due_badge(end_of_day(item.screen_by), at) if item.status == ItemStatus.PROPOSED else "",
        "case": _case_of(item, request.user),
        "meeting": _meeting_of(item, request.user),
        "resolutions": [
            {"resolution": resolution, "tasks": [(task, task.pk in mine) for task in resolution.tasks.all()]}
            for resolution in item.resolutions.prefetch_related("tasks__unit").order_by("number")
        ],
        "buttons": [(STEP_WORDS[step], slug(step)) for step in steps],
        "inside": at_home(request.user),
    }
    return render(request, "conference/item.html", context)


def _case_of(item: AgendaItem, user: Staff) -> Case | None:
    """The case, for those who see it anyway."""
    return Case.objects.visible_to(user).filter(pk=item.case_id).first() if item.case_id else None


def _meeting_of(item: AgendaItem, user: Staff) -> Meeting | None:
    return Meeting.objects.visible_to(user).filter(pk=item.meeting_id).first() if item.meeting_id else None


@require_http_methods(["GET", "POST"])
def agenda_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    """Every step of an item that is one form."""
    step = next((step for step in ITEM_FORMS if slug(step) == step_name), None)
    if step is None:
        raise Http404
    item = get_item(request, pk, to=step)
    if request.method == "GET":
        return _step_page(request, item, step, _form(step, item, None))
    form = _form(step, item, request.POST)
    if not form.is_valid():
        return _step_page(request, item, step, form, status=409 if form.is_stale else 422)
    try:
        ITEM_VERBS[step](item, **form.told(), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _step_page(request, get_item(request, pk), step, form, status=refusal_status(request, refusal))
    messages.success(request, f"“{STEP_WORDS[step]}”已记下。下一步：{ITEM_TURN[ItemStatus(item.status)]}。")
    return redirect("agenda_item", item.pk)


def _form(step: ConferenceStep, item: AgendaItem, typed: Any) -> ThingForm:
    form = ITEM_FORMS[step](typed, now=item.version)
    if isinstance(form, ResolveForm):
        form.offer(units_of(item))
    return form


def units_of(item: AgendaItem) -> list[Organisation]:
    """Who may be given a task: the bodies asked to the meeting, the members, and the host itself; none that must not
    know of its case."""
    asked = Organisation.objects.filter(
        Q(pk__in=item.meeting.attendance.values("organisation") if item.meeting else [])
        | Q(pk__in=Member.objects.current().filter(host=item.host).values("organisation"))
        | Q(pk=item.host_id)
    )
    barred = barred_from(item.case_id).units
    return list(asked.exclude(pk__in=barred).order_by("department__sort", "name"))


def _step_page(
    request: StaffRequest, item: AgendaItem, step: ConferenceStep, form: ThingForm, *, status: int = 200
) -> HttpResponse:
    not_now = ""
    try:
        next_item_status(step, ItemStatus(item.status))
    except StepNotAllowed as refusal:
        not_now = str(refusal)
    log_texts(request, [item])
    context = {
        "form": form,
        "title": STEP_WORDS[step],
        "back": reverse("agenda_item", args=[item.pk]),
        "crumb": item.title,
        "version": item.version,
        "not_now": not_now if status == 200 else "",
        "about": item.asks,
    }
    return render(request, "conference/step.html", context, status=status)
