"""What a federation has to decide: which cases, in which order, and what each row of the queue says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case as Choice
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.safestring import SafeString

from cases.actions.clocks import REVIEW_CLOCKS
from cases.choices import ClockStatus, EscalationStatus, Risk, Status, Step
from cases.deadlines import china_date
from cases.models import Case, Clock, Closure, CodeSet, Escalation, EventNote, Extension, code_names
from cases.permissions import permission_to_close
from cases.views.marks import further_marks
from cases.views.rows import RISK_MARKS, due_badge, marks_of
from cases.workflow import ACCEPTED, WORKABLE
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission

PAGE = 30
# A story longer than this is folded.
SHORT = 70

# Once closing is proposed the upper level has nothing to answer any more.
WAITING_ABOVE = Q(escalations__status=EscalationStatus.SUBMITTED, status__in=WORKABLE)


@dataclass(frozen=True)
class Ask:
    """One thing that is asked of the reader about a case: what, why, by whom and since when."""

    what: str
    why: str
    said_label: str
    said: str | None  # nothing where the reader is not in the line
    by: str
    unit: str
    since: datetime

    @property
    def short(self) -> str:
        """The beginning of a long story; nothing where it is short anyway."""
        return f"{self.said[:SHORT]}…" if self.said and len(self.said) > SHORT else ""


def came_up(user: Staff) -> QuerySet[Case]:
    """Cases that were sent up to the reader's unit and wait for its answer."""
    waiting = WAITING_ABOVE & Q(escalations__to_org=user.organisation)
    return Case.objects.visible_to(user).filter(waiting)


def decided_by(unit: Organisation | None) -> Q:
    """What a unit decides: its own cases, and a station also those of the village points below it."""
    own = Q(holder=unit)
    if unit is not None and unit.kind == OrgKind.STATION:
        return own | Q(level=AdminLevel.VILLAGE)
    return own


def to_extend(user: Staff) -> QuerySet[Case]:
    """Extensions asked of the reader's unit, not by herself."""
    held = Case.objects.visible_to(user).filter(decided_by(user.organisation))
    asked = held.filter(extensions__granted=None, extensions__isnull=False, status__in=ACCEPTED)
    return asked.exclude(extensions__asked_by=user).distinct()


def to_close(user: Staff) -> QuerySet[Case]:
    """Closings this person may approve: her unit's ordinary ones, and the dangerous ones her role reaches."""
    org = user.organisation
    assert org is not None  # noqa: S101 – a person without a unit sees no case
    pending = Case.objects.visible_to(user).filter(status=Status.PENDING_CLOSE)
    ordinary = decided_by(org) & Q(risk__in=(Risk.BLUE, Risk.YELLOW), involves_minor=False)
    reach = Q(pk=None)
    if user.may(Permission.CASE_CLOSE_ORANGE):
        reach |= Q(risk=Risk.ORANGE, involves_minor=False)
    if user.may(Permission.CASE_CLOSE_RED):
        reach |= Q(risk=Risk.RED) | Q(involves_minor=True)
    return pending.filter(ordinary | reach)


def to_void(user: Staff) -> QuerySet[Case]:
    """Cases somebody else asked to void."""
    asked = Case.objects.visible_to(user).exclude(void_asked_at=None)
    return asked.filter(status__in=Status.open_statuses).exclude(void_asked_by=user)


def waiting_for(user: Staff) -> QuerySet[Case]:
    """All of it, a case once, the most dangerous first, then by the end of its review."""
    kinds = (came_up(user), to_extend(user), to_close(user), to_void(user))
    first, *others = (cases.order_by().values("pk") for cases in kinds)
    review = (
        Clock.objects.filter(case=OuterRef("pk"), code__in=REVIEW_CLOCKS, status=ClockStatus.RUNNING)
        .order_by("effective_due")
        .values("effective_due")[:1]
    )
    rank = Choice(*(When(risk=risk, then=Value(risk.rank)) for risk in Risk))
    return (
        Case.objects.visible_to(user)
        .filter(pk__in=first.union(*others))
        .annotate(danger_rank=rank, review_due=Subquery(review))
        .order_by("-danger_rank", Coalesce("review_due", "due_at").asc(nulls_last=True), "pk")
    )


def queue_rows(cases: list[Case], user: Staff, at: datetime) -> list[dict[str, Any]]:
    """The rows for cases of `waiting_for` with owner, holder and station; the same questions for one as for thirty."""
    asks = asks_of(cases, user)
    further = further_marks(cases)
    names = code_names(CodeSet.MATTER_CATEGORY)
    return [
        {
            "case": case,
            "url": reverse("county_case", args=[case.number]),
            "risk": RISK_MARKS[case.risk],
            "title": names.get(case.category, case.category),
            "marks": marks_of(case, further),
            "asks": asks[case.pk],
            "waited": waited(min(ask.since for ask in asks[case.pk]), at),
            "due": review_badge(case, at),
            "is_review": case.review_due is not None,  # type: ignore[attr-defined]
        }
        for case in cases
        if asks[case.pk]  # decided between the two questions
    ]


def asks_of(cases: list[Case], user: Staff) -> dict[UUID, list[Ask]]:
    """What is asked of this reader about each of the cases; her own words to read only where she is in the line."""
    org = user.organisation
    up = Escalation.objects.filter(
        case__in=cases, to_org=org, status=EscalationStatus.SUBMITTED
    ).select_related("submitted_by", "from_org")
    longer = (
        Extension.objects.filter(case__in=cases, granted=None)
        .exclude(asked_by=user)
        .select_related("asked_by")
    )
    closing = Closure.objects.filter(case__in=cases, approved=None).select_related("proposed_by")
    void = [
        case for case in cases if case.void_asked_at and case.void_asked_by_id != user.pk and case.is_open
    ]
    reasons = _why_void(void)
    found: dict[UUID, list[Ask]] = {case.pk: [] for case in cases}
    by_pk = {case.pk: case for case in cases}
    for row in up:
        if by_pk[row.case_id].status in WORKABLE:
            found[row.case_id].append(_came_up(row))
    for asked in longer:
        if by_pk[asked.case_id].holder_id == user.organisation_id:
            found[asked.case_id].append(_longer(asked, by_pk[asked.case_id]))
    for closure in closing:
        if _closes(user, by_pk[closure.case_id]):
            found[closure.case_id].append(_closing(closure, by_pk[closure.case_id], user))
    for case in void:
        found[case.pk].append(_void(case, reasons.get(case.pk, "") if in_line(user, case) else None))
    return found


def _came_up(row: Escalation) -> Ask:
    return Ask(
        what="下级上报",
        why=row.get_reason_display(),
        said_label="做过什么",
        said=row.tried,
        by=row.submitted_by.name,
        unit=row.from_org.name,
        since=row.submitted_at,
    )


def _longer(row: Extension, case: Case) -> Ask:
    return Ask(
        what="申请延期",
        why=f"延长{row.days}日",
        said_label="理由",
        said=row.reason,
        by=row.asked_by.name,
        unit=case.holder.name,
        since=row.asked_at,
    )


def _closing(row: Closure, case: Case, user: Staff) -> Ask:
    return Ask(
        what="提请结案",
        why=f"{row.get_outcome_display()}，在{row.get_settled_level_display()}化解",
        said_label="怎样解决",
        said=row.solution if in_line(user, case) else None,
        by=row.proposed_by.name,
        unit=case.holder.name,
        since=row.proposed_at,
    )


def _why_void(cases: list[Case]) -> dict[UUID, str]:
    """The words with which the voiding was asked for: the note of its event, the latest if it was asked twice."""
    notes = EventNote.objects.filter(event__case__in=cases, event__step=Step.ASK_VOID)
    return {note.event.case_id: note.text for note in notes.select_related("event").order_by("event__seq")}


def _void(case: Case, reason: str | None) -> Ask:
    assert case.void_asked_at is not None  # noqa: S101 – asked by the caller
    return Ask(
        what="申请作废",
        why="误登、测试的登记，作废后案号不再使用",
        said_label="理由",
        said=reason,
        by=case.void_asked_by.name if case.void_asked_by else "",
        unit=case.holder.name,
        since=case.void_asked_at,
    )


def _closes(user: Staff, case: Case) -> bool:
    need = permission_to_close(case)
    own = case.holder_id == user.organisation_id
    return user.may(need) and (own or need != Permission.CASE_CLOSE)


def in_line(user: Staff, case: Case) -> bool:
    """For a federation: whether it holds the case or the case came up to its level. As `in_owner_line`, unasked."""
    org = user.organisation
    return org is not None and (case.holder_id == org.pk or AdminLevel(case.reached) >= org.level)


def waited(since: datetime, at: datetime) -> str:
    days = (china_date(at) - china_date(since)).days
    return f"等了{days}天" if days else "今天送来"


def review_badge(case: Case, at: datetime) -> SafeString:
    """The end of the review; our own date where nothing came up."""
    due: datetime | None = case.review_due  # type: ignore[attr-defined]
    if due is None:
        return due_badge(case.due_at, at, provisional=case.due_provisional)
    return due_badge(due, at)
