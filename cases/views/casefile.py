"""The case page: reads like a file, and is drawn by one function for every view that shows it."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.actions.clocks import rights_of, with_rules
from cases.actions.supervision import SUPERVISABLE
from cases.choices import (
    AccessKind,
    AgeBand,
    ClockFamily,
    ClockStatus,
    FieldGroup,
    PaperStep,
    PersonRole,
    ReferralStep,
    Relation,
    Risk,
    Satisfaction,
    Status,
    Step,
    SupervisionStep,
)
from cases.models import (
    Case,
    Clock,
    CodeSet,
    Escalation,
    EventNote,
    Extension,
    FollowUp,
    Person,
    Phone,
    Rating,
    Referral,
    Supervision,
    code_names,
)
from cases.models.event import STEP_LABELS
from cases.permissions import in_owner_line, may_reveal, primary_step, steps_open_to, why_not_supervise
from cases.statistics import held
from cases.views.access import get_case, log_access
from cases.views.archive.file import register_page
from cases.views.conference_case import conference_of
from cases.views.folder import CLOCKS, CLOSURES, EVENTS, NOTICES, PEOPLE, RECORDS, STATEMENTS
from cases.views.guarding.bars import bars_of
from cases.views.guarding.sealed import sealed_block
from cases.views.marks import further_marks, handled_below_of
from cases.views.monitors.case import monitors_of, reopening_proposed
from cases.views.papers.papers import documents_of, paper_row
from cases.views.proposals import hints_for
from cases.views.rows import by_the_hour, due_badge, due_mark, due_words, marks_of
from cases.views.safety.case import safety_of
from cases.views.steps import step_url
from stations.choices import AdminLevel
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission
from weiquan.masking import mask_id_number, mask_name, mask_phone

# Events that say a table has rows for this case: what never happened is not asked for.
HAS_RECORDS = {Step.HANDLE, Step.ADVISE}
HAS_CLOSURES = {Step.PROPOSE_CLOSE, Step.ADVISE}
HAS_NOTICES = {Step.ACCEPT, Step.REFUSE, Step.REDIRECT, Step.GRANT_EXTENSION}
WAY = (
    (Status.REGISTERED, "登记"),
    (Status.ACCEPTED, "受理"),
    (Status.HANDLING, "办理"),
    (Status.PENDING_CLOSE, "审核结案"),
    (Status.CLOSED, "结案"),
)
REVEAL_GROUPS = (
    (FieldGroup.IDENTITY, "查看姓名证件"),
    (FieldGroup.CONTACT, "查看电话和联系要求"),
    (FieldGroup.ADDRESS, "查看住址"),
)
# After the article of a rule that nobody has checked against the text of the law.
UNVERIFIED = "（待核）"
BELOW_COUNTY = (AdminLevel.VILLAGE, AdminLevel.TOWNSHIP)
STOPPED = {Status.NOT_ACCEPTED, Status.REDIRECTED, Status.MERGED, Status.VOID, Status.SUSPENDED}
# Why somebody has no part in it is for those who decide about it.
KEPT_AWAY = (Step.RECUSE, Step.BAR, Step.LIFT_BAR)
# The buttons beside the main one stand under these headings; what is in none of them is the work itself.
WORK = "办理"
HEADINGS: dict[str, tuple[Step, ...]] = {
    "安全与联系": (Step.ASSESS, Step.RERISK, Step.CALL, Step.REACH, Step.NEW_CODE),
    "保密与回避": (
        Step.SEAL,
        Step.UNSEAL,
        Step.NAME_READER,
        Step.END_READER,
        Step.RECUSE,
        Step.BAR,
        Step.LIFT_BAR,
    ),
    "同意与提供": (Step.CONSENT, Step.WITHDRAW_CONSENT, Step.DISCLOSE),
}
STEP_TONES: dict[str, str] = {
    Step.REOPEN: "warn",
    Step.ESCALATE: "warn",
    Step.CLOSE: "done",
    Step.ADVISE: "done",
    Step.VOID: "stop",
    Step.REFUSE: "stop",
    ReferralStep.OBJECT: "warn",
    ReferralStep.REWORK: "warn",
}


@require_GET
def case_view(request: StaffRequest, number: str) -> HttpResponse:
    case = get_case(request, number)
    return case_page(request, case)


def case_page(
    request: StaffRequest, case: Case, *, revealed: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Draw the file of `case` for the reader and write down that she read it."""
    at = timezone.now()
    in_line = in_owner_line(request.user, case)
    if revealed is None:
        log_access(request.user, case, at=at, kind=AccessKind.VIEW, fields=FieldGroup.PAGE)
    if case.disposed_at is not None:
        return register_page(request, case)
    events = EVENTS(case.pk)
    happened = {event.step for event in events}
    steps = steps_open_to(request.user, case)
    first = primary_step(steps, Risk(case.risk))
    conference = conference_of(case, request.user, at, happened)
    watched = monitors_of(case, request.user, at, happened)
    context = {
        "case": case,
        "in_line": in_line,
        "may_reveal": may_reveal(request.user, case),
        "reveal_groups": REVEAL_GROUPS,
        "revealed": revealed or {},
        "category": code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category),
        "also": [code_names(CodeSet.MATTER_CATEGORY).get(code, code) for code in case.categories],
        "marks": marks_of(case, further_marks([case])),
        "below": handled_below_of(case, request.user),
        "hints": hints_for([case], at, referred=Step.REFER in happened)
        if Step.ESCALATE in steps and case.level in BELOW_COUNTY
        else [],
        "risk": Risk(case.risk),
        "due": due_badge(case.due_at, at, provisional=case.due_provisional) if case.is_open else "",
        "way": _way(case, events),
        "primary": (first, step_url(case, first)) if first else None,
        "doable": _doable(case, request.user, steps, first, conference),
        "people": _people(case),
        "clocks": clock_groups([clock_card(clock, at) for clock in with_rules(CLOCKS(case.pk))]),
        "rights": rights_of(case, at),
        "statements": STATEMENTS(case.pk) if in_line else [],
        **_held(case, at),
        "timeline": _timeline(_told(events, request.user), request.user, in_line=in_line),
        "records": RECORDS(case.pk) if in_line and happened & HAS_RECORDS else [],
        "referrals": _referrals(case, at) if Step.REFER in happened else [],
        **_documents(case, request.user, happened, in_line=in_line),
        "notices": NOTICES(case.pk) if happened & HAS_NOTICES else [],
        "supervisions": _supervisions(case, request.user, at) if SupervisionStep.DRAFT in happened else [],
        "escalations": _escalations(case) if {Step.ESCALATE} & happened else [],
        "extensions": _rows(Extension, case, happened, (Step.ASK_EXTENSION,), "-asked_at") if in_line else [],
        "closures": CLOSURES(case.pk) if in_line and happened & HAS_CLOSURES else [],
        "visits": _rows(FollowUp, case, happened, (Step.FOLLOW_UP,), "-happened_at") if in_line else [],
        **_ratings(case, happened, steps, in_line=in_line),
        **conference,
        **sealed_block(case),
        "bars": bars_of(case, steps),
        **watched,
        **safety_of(case, happened, steps, in_line=in_line, reveals=may_reveal(request.user, case)),
        "order_untold": Step.HANDLE in steps and case.must_hear_of_order(),
        "reopening": reopening_proposed(case, watched["monitors"], events) if Step.REOPEN in steps else {},
    }
    return render(request, "cases/case.html", context, status=status)


def _doable(
    case: Case, user: Staff, steps: tuple[Step, ...], first: Step | None, conference: dict[str, Any]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """What is open beside the main button, under the heading where the reader looks for it."""
    groups: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (WORK, *HEADINGS)}
    headings = {step: heading for heading, its_steps in HEADINGS.items() for step in its_steps}
    for step in steps:
        if step is not first:
            groups[headings.get(step, WORK)].append((step.label, step_url(case, step)))
    if case.status in SUPERVISABLE and not why_not_supervise(user, case):
        groups[WORK].append(("督办", reverse("supervise", args=[case.number])))
    if conference["propose_url"]:
        groups[WORK].append(("提请联席会议", conference["propose_url"]))
    return [(heading, links) for heading, links in groups.items() if links]


def _held(case: Case, at: datetime) -> dict[str, Any]:
    """谁手里多久."""
    rows = held(case, at)
    return {"held": rows, "longest": max([1, *(row.days for row in rows)])}


def _way(case: Case, events: list[Any]) -> list[dict[str, Any]]:
    """The bar: where the case stands on its ordinary way, or the word that ended it early."""
    status = Status(case.status)
    reached: dict[str, datetime] = {}
    for event in reversed(events):
        if event.to_status != event.from_status:
            reached[event.to_status] = event.at
    if status in STOPPED:
        passed = [
            {"label": label, "state": "done", "on": reached[key]} for key, label in WAY if key in reached
        ]
        return [*passed, {"label": status.label, "state": "now", "on": reached.get(status)}]
    order = [key for key, _ in WAY]
    here = order.index(status)
    states = [
        "done" if n < here or status == Status.CLOSED else "now" if n == here else "next"
        for n in range(len(WAY))
    ]
    return [
        {"label": label, "state": state, "on": reached.get(key) if state != "next" else None}
        for (key, label), state in zip(WAY, states, strict=True)
    ]


def _people(case: Case) -> list[dict[str, Any]]:
    """Everybody in the case, masked; phones with what to mind before dialling. A row a phone, one query for all."""
    people: dict[int, dict[str, Any]] = {}
    for row in PEOPLE(case.pk):
        person = people.get(row.pk)
        if person is None:
            person = people[row.pk] = _person(row)
        if row.person__phones__pk:
            person["phones"].append(_phone(row))
    return list(people.values())


def _person(row: Any) -> dict[str, Any]:
    name = Person.open_sealed("name", row.person_id, row.person__name)
    id_number = Person.open_sealed("id_number", row.person_id, row.person__id_number)
    return {
        "role": PersonRole(row.role).label,
        "relation": Relation(row.relation).label if row.relation else "",
        "age": "" if row.age_band == AgeBand.UNKNOWN else AgeBand(row.age_band).label,
        "name": mask_name(name) if name else "未具名",
        "id_number": mask_id_number(id_number) if id_number else "",
        "phones": [],
    }


def _phone(row: Any) -> dict[str, Any]:
    number = Phone.open_sealed("number", row.person__phones__pk, row.person__phones__number)
    return {
        "masked": mask_phone(number),
        "safety": row.person__phones__safety,
        "hide_caller": row.person__phones__hide_caller,
    }


def clock_groups(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What binds us by law, what binds the departments, what we promised: kept apart; what has ended folded below."""
    live = sorted((card for card in cards if card["live"]), key=lambda card: card["order"])
    ended = sorted((card for card in cards if not card["live"]), key=lambda card: card["order"])
    groups = [
        {"title": family.label, "clocks": [card for card in live if card["family"] == family.label]}
        for family in ClockFamily
    ]
    if ended:
        groups.append({"title": "", "clocks": ended})
    return [group for group in groups if group["clocks"]]


def clock_card(clock: Clock, at: datetime) -> dict[str, Any]:
    """Everything _parts/clocks.html says about one period."""
    if clock.status == ClockStatus.RUNNING:
        state, label = due_words(clock.effective_due, at)
    elif clock.status == ClockStatus.PAUSED:
        state, label = "paused", "已中止"
    elif clock.status == ClockStatus.MET:
        state, label = ("overdue", "逾期完成") if clock.was_late else ("done", "按期完成")
    else:
        state, label = "done", "已取消"
    provisional = clock.provisional and clock.is_live
    notes = [
        f"延长{clock.extended_days}日" if clock.extended_days else "",
        f"中止{clock.paused_days}日" if clock.paused_days else "",
    ]
    return {
        "name": clock.rule.name,
        "whose": getattr(clock, "whose", ""),  # asked for where clocks of several units stand together
        "family": ClockFamily(clock.family).label,
        "mark": due_mark(state, label, provisional),
        "started": clock.started_at,
        "period": clock.length,
        "due": clock.last_day,
        "due_hour": clock.effective_due if by_the_hour(clock.effective_due) else None,
        "provisional": provisional,
        "skipped": [f"{day[5:7].lstrip('0')}月{day[8:].lstrip('0')}日" for day in clock.skipped],
        "article": clock.rule.source + ("" if clock.rule.verified else UNVERIFIED),
        "note": "，".join(note for note in notes if note),
        "live": clock.is_live,
        "order": clock.effective_due,
    }


def _told(events: list[Any], user: Staff) -> list[Any]:
    """Of a paper that its leader has not signed only the unit that wrote it knows; if none was, nor of its end."""
    hidden = {SupervisionStep.DRAFT, SupervisionStep.RETURN_DRAFT}
    if not any(event.step == SupervisionStep.SIGN_OFF for event in events):
        hidden.add(SupervisionStep.WITHDRAW)
    return [event for event in events if event.step not in hidden or event.unit_id == user.organisation_id]


def _note(event: Any, user: Staff) -> str:
    """What was said; of a supervision its own page says to each side as much as it may know."""
    if event.step in SupervisionStep.values and event.unit_id != user.organisation_id:
        return ""
    if event.step in KEPT_AWAY and not user.may(Permission.CASE_BAR):
        return ""
    return EventNote.open_sealed("text", event.note__pk, event.note__text) or ""


def _timeline(events: list[Any], user: Staff, *, in_line: bool) -> list[dict[str, Any]]:
    return [
        {
            "at": event.at,
            "what": STEP_LABELS[event.step],
            "who": event.by__name or ("信访人" if event.step == Step.RATE else "系统"),
            "unit": event.unit__name or "",
            "note": _note(event, user) if in_line else "",
            "tone": STEP_TONES.get(event.step, "plain"),
        }
        for event in events
    ]


def _documents(case: Case, user: Staff, happened: set[str], *, in_line: bool) -> dict[str, Any]:
    """What was put on paper, for those who work on it; and the way to make more."""
    mine = in_line and may_reveal(user, case)
    issued = documents_of(case) if mine and PaperStep.ISSUE in happened else []
    return {
        "documents": [paper_row(document) for document in issued],
        "documents_url": reverse("papers", args=[case.number]) if mine else "",
    }


def _referrals(case: Case, at: datetime) -> list[dict[str, Any]]:
    referrals = Referral.objects.filter(case=case).select_related("department").order_by("-sent_at")
    due = dict(
        Clock.objects.filter(case=case, referral__isnull=False, status=ClockStatus.RUNNING)
        .exclude(code="XF-OBJECT")
        .order_by("-effective_due")
        .values_list("referral_id", "effective_due")
    )
    return [
        {"referral": referral, "due": due_badge(due.get(referral.pk), at) if referral.is_open else ""}
        for referral in referrals
    ]


def _supervisions(case: Case, user: Staff, at: datetime) -> list[dict[str, Any]]:
    seen = Supervision.objects.visible_to(user).filter(case=case).select_related("target")
    return [
        {"supervision": found, "due": due_badge(found.due_at, at) if found.due_at else ""}
        for found in seen.order_by("-opened_at")
    ]


def _escalations(case: Case) -> list[Escalation]:
    return list(
        Escalation.objects.filter(case=case)
        .select_related("from_org", "to_org", "submitted_by", "decided_by")
        .order_by("-submitted_at")
    )


def _ratings(case: Case, happened: set[str], steps: tuple[Step, ...], *, in_line: bool) -> dict[str, Any]:
    """Her own word on each round; of a bad one on the round that has just ended, whoever may reopen is reminded."""
    ratings = _rows(Rating, case, happened, (Step.RATE,), "-at") if in_line else []
    latest = ratings[0] if ratings and ratings[0].round_no == case.round_no else None
    return {
        "ratings": ratings,
        "displeased": Step.REOPEN in steps
        and latest is not None
        and Satisfaction.DISSATISFIED in (latest.satisfaction, latest.partner_satisfaction),
    }


def _rows(model: Any, case: Case, happened: set[str], steps: tuple[Step, ...], order: str) -> list[Any]:
    return list(model.objects.filter(case=case).order_by(order)) if happened & set(steps) else []
