"""Where a department is silent: remind it by hand, count how often it was reminded, and propose to supervise.

The system only proposes; whether anybody is supervised, a person decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from cases.actions.clocks import REVIEW_CLOCKS, codes_of_rights
from cases.choices import (
    ClockStatus,
    FeedbackKind,
    NoticeKind,
    ReferralKind,
    ReferralStatus,
    ReferralStep,
    Status,
    SupervisionTrigger,
)
from cases.deadlines import china_date, end_of_day, last_day
from cases.documents import chinese_date
from cases.models import Case, Clock, Event, Feedback, Notice, Referral, Supervision
from cases.models.referral import ReferralQuerySet
from cases.notifications import announce, county_federation, people
from cases.workflow import StepNotAllowed, next_referral_status
from stations.models import Staff
from stations.roles import Role
from stations.workdays import load_calendar

# Working days after a department's period has ended before supervising it is proposed: by then it was reminded on
# the day and twice after it, and the second reminder has reached the county.
PROPOSE_AFTER = 4
TWICE = 2
# A result that says the department did nothing.
NO_RESULT = ("NOT_OURS",)
BATCH = 200

DEMANDS: dict[str, str] = {
    SupervisionTrigger.OVERDUE: "请立即办理，并在回复期限内书面反馈办理结果；确实不能办结的，说明理由和计划办结日期。",
    SupervisionTrigger.NO_FEEDBACK: "请在回复期限内书面反馈明确的办理结果，并附相关文书。",
    SupervisionTrigger.WRONG_PROCEDURE: "请按规定程序重新办理，并在回复期限内书面反馈。",
    SupervisionTrigger.SHIRK: "请明确承办人依法办理，并在回复期限内书面反馈办理情况。",
    SupervisionTrigger.NOT_EXECUTED: "请落实原处理意见，并在回复期限内书面反馈落实情况。",
    SupervisionTrigger.FALSE: "请查明实情、予以纠正，并在回复期限内书面反馈。",
    SupervisionTrigger.OTHER: "请在回复期限内书面反馈办理情况。",
}


@dataclass(frozen=True)
class Urges:
    """How often a department was reminded of one referral: by the system once it was late, and by hand."""

    automatic: int
    automatic_at: datetime | None
    by_hand: int
    by_hand_at: datetime | None


@dataclass(frozen=True)
class Suggestion:
    """One referral over which supervising is proposed, and why."""

    referral: Referral
    trigger: SupervisionTrigger
    why: str


@transaction.atomic
def urge(referral: Referral, *, by: Staff, at: datetime) -> None:
    """Remind the department by hand, at most once a working day.

    Raises StepNotAllowed.
    """
    next_referral_status(ReferralStep.URGE, ReferralStatus(referral.status))
    referral.case.record(ReferralStep.URGE, by=by, at=at, facts={"referral": referral.number})
    # The case row is held: the event just written is the newest, the one before it is the last time.
    earlier = _urged(referral).order_by("-seq").values_list("at", flat=True)[1:2]
    if earlier and not load_calendar().working_days_between(china_date(earlier[0]), china_date(at)):
        raise StepNotAllowed("上一次催办之后还没有过一个工作日，请明天再催；紧急的请直接打电话。")
    named = [referral.handler, referral.signed_by, referral.liaison]
    theirs = [person for person in named if person and person.organisation_id == referral.department_id]
    to = theirs or people(referral.department, Role.PARTNER_LIAISON)
    announce(NoticeKind.URGED, referral.case, to, at=at, about=referral)


def _urged(referral: Referral) -> QuerySet[Event]:
    urged = Event.objects.filter(case=referral.case, step=ReferralStep.URGE)
    return urged.filter(facts__referral=referral.number)


def urges_of(referral: Referral) -> Urges:
    """Reminders of one moment to several people count once."""
    automatic = (
        Notice.objects.filter(referral=referral, kind=NoticeKind.OVERDUE)
        .filter(recipient__organisation=referral.department_id)
        .aggregate(times=Count("at", distinct=True), latest=Max("at"))
    )
    by_hand = _urged(referral).aggregate(times=Count("pk"), latest=Max("at"))
    return Urges(automatic["times"], automatic["latest"], by_hand["times"], by_hand["latest"])


def suggested(referrals: ReferralQuerySet, at: datetime) -> QuerySet[Referral]:
    """Those of `referrals` over which supervising is proposed, the longest overdue first.

    Whatever was supervised before, a person has looked at: it is not proposed again.
    """
    owed = Clock.objects.filter(referral=OuterRef("pk"), status=ClockStatus.RUNNING).exclude(
        code__in=codes_of_rights()
    )
    answers = Feedback.objects.filter(referral=OuterRef("pk"))
    silent = Q(silent=True)
    only_words = Q(late_due__lte=at) & Exists(answers.filter(kind=FeedbackKind.INTERIM))
    with_them = Q(status__in=ReferralStatus.with_partner) & (silent | only_words)
    refused = Q(status=ReferralStatus.RESULT) & Exists(answers.filter(result__in=NO_RESULT))
    again = Q(status__in=ReferralStatus.open_statuses) & (Q(upheld__gte=TWICE) | Q(reworked__gte=TWICE))
    sent_back = Q(status=ReferralStatus.RETURNED, returned__gte=TWICE, newest=F("pk"))
    return (
        referrals.filter(case__status__in=Status.open_statuses)
        .exclude(Exists(Supervision.objects.filter(referral=OuterRef("pk"))))
        .alias(newest=_of_same_department().order_by("-sent_at", "-pk").values("pk")[:1])
        .annotate(
            late_due=Subquery(owed.order_by("effective_due").values("effective_due")[:1]),
            silent=ExpressionWrapper(Q(late_due__lte=proposal_horizon(at)), BooleanField()),
            upheld=_times(ReferralStep.UPHOLD),
            reworked=_times(ReferralStep.REWORK),
            returned=_count(_of_same_department().filter(status=ReferralStatus.RETURNED)),
        )
        .filter(with_them | refused | again | sent_back)
        .order_by("late_due", "pk")
    )


def proposal_horizon(at: datetime) -> datetime:
    """Periods that ended by this moment are late enough: today is at least the PROPOSE_AFTER-th working day since."""
    calendar = load_calendar()
    day, left = china_date(at), PROPOSE_AFTER
    while left:
        left -= calendar.is_working_day(day)
        day -= timedelta(days=1)
    return end_of_day(day)


def _of_same_department() -> QuerySet[Referral]:
    return Referral.objects.filter(case=OuterRef("case"), department=OuterRef("department"))


def _times(step: ReferralStep) -> Coalesce:
    """How often a step was taken on a referral, from the history of its case."""
    events = Event.objects.annotate(of=KeyTextTransform("referral", "facts"))
    return _count(events.filter(case=OuterRef("case"), step=step, of=OuterRef("number")))


def _count(rows: QuerySet[Event] | QuerySet[Referral]) -> Coalesce:
    counted = rows.order_by().values("case").annotate(times=Count("pk")).values("times")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def why_suggested(referral: Referral, at: datetime) -> Suggestion:
    """Say why this row of `suggested` is proposed, the gravest first."""
    late = getattr(referral, "late_due", None)
    if getattr(referral, "returned", 0) >= TWICE and referral.status == ReferralStatus.RETURNED:
        times = getattr(referral, "returned", 0)
        return Suggestion(referral, SupervisionTrigger.SHIRK, f"同一事项已{times}次退回")
    if getattr(referral, "upheld", 0) >= TWICE:
        return Suggestion(referral, SupervisionTrigger.SHIRK, f"{referral.upheld}次提出异议均未成立")  # type: ignore[attr-defined]
    if getattr(referral, "reworked", 0) >= TWICE:
        return Suggestion(referral, SupervisionTrigger.NOT_EXECUTED, f"结果已{referral.reworked}次退回重办")  # type: ignore[attr-defined]
    if referral.status == ReferralStatus.RESULT:
        return Suggestion(referral, SupervisionTrigger.SHIRK, "答复称不属职责，没有办理结果")
    days = (china_date(at) - last_day(late)).days if late else 0
    if not getattr(referral, "silent", False):
        return Suggestion(referral, SupervisionTrigger.NO_FEEDBACK, f"只有阶段反馈，结果逾期{days}天")
    return Suggestion(referral, SupervisionTrigger.OVERDUE, f"逾期{days}天")


def words_about_referral(referral: Referral, at: datetime) -> str:
    """The problem in numbers and dates, for a draft: nothing of the case itself, and nobody's name."""
    kind = ReferralKind(referral.kind).label.partition("（")[0]
    sent = chinese_date(china_date(referral.sent_at))
    parts = [f"{sent}，{referral.from_org.name}以{referral.number}将一件妇女儿童权益事项{kind}贵单位办理。"]
    if referral.signed_at:
        parts.append(f"贵单位于{chinese_date(china_date(referral.signed_at))}签收。")
    owed = referral.clocks.filter(status=ClockStatus.RUNNING, effective_due__lte=at).exclude(
        code__in=codes_of_rights()
    )
    for clock in owed.select_related("rule").order_by("effective_due", "id"):
        days = (china_date(at) - clock.last_day).days
        today = chinese_date(china_date(at))
        parts.append(f"“{clock.rule.name}”期限为{chinese_date(clock.last_day)}，至{today}已逾期{days}天。")
    times = {
        "提出异议、经审核不成立": ReferralStep.UPHOLD,
        "反馈的结果被退回重办": ReferralStep.REWORK,
    }
    for words, step in times.items():
        count = Event.objects.filter(
            case=referral.case, step=step, facts__referral=referral.number
        ).count()  # fmt: skip
        if count:
            parts.append(f"期间{words}{count}次。")
    urges = urges_of(referral)
    if urges.automatic + urges.by_hand:
        parts.append(f"此前已催办{urges.automatic + urges.by_hand}次。")
    return "".join(parts)


def words_about_unit(case: Case, at: datetime) -> str:
    """The same for a unit of ours that holds a case too long."""
    parts = [f"案件{case.number}由你单位承办。"]
    late = case.clocks.ours().filter(status=ClockStatus.RUNNING, effective_due__lte=at)
    late = late.exclude(code__in=REVIEW_CLOCKS)  # the review of what came up is the upper level's own
    for clock in late.select_related("rule").order_by("effective_due", "id"):
        days = (china_date(at) - clock.last_day).days
        parts.append(f"“{clock.rule.name}”期限为{chinese_date(clock.last_day)}，已逾期{days}天。")
    return "".join(parts)


def propose_supervision(at: datetime) -> int:
    """Tell the officers of the county, once a referral, that supervising is proposed; return how many referrals.

    On working days only. A run killed in the middle leaves whole batches done.
    """
    if not load_calendar().is_working_day(china_date(at)):
        return 0
    proposed, after = 0, None
    while found := _next_untold(after, at):
        proposed += _propose(found, at)
        after = found[-1]
    return proposed


def _untold(referrals: ReferralQuerySet) -> ReferralQuerySet:
    told = Notice.objects.filter(referral=OuterRef("pk"), kind=NoticeKind.SUPERVISE_SOON)
    return referrals.exclude(Exists(told))


def _next_untold(after: UUID | None, at: datetime) -> list[UUID]:
    waiting = _untold(Referral.objects.filter(pk__gt=after) if after else Referral.objects.all())
    return list(suggested(waiting, at).order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _propose(pks: list[UUID], at: datetime) -> int:
    """The rows are held first and asked again then: of two runs at once only one tells."""
    held = Referral.objects.filter(pk__in=pks).order_by("pk").select_for_update(skip_locked=True)
    untold = _untold(Referral.objects.filter(pk__in=[referral.pk for referral in held]))
    told = 0
    for referral in untold.select_related("case").order_by("pk"):
        unit = county_federation(referral.case)
        officers = people(unit, Role.COUNTY_OFFICER) if unit else []
        announce(NoticeKind.SUPERVISE_SOON, referral.case, officers, at=at, about=referral)
        told += bool(officers)
    return told
