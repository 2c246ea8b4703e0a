"""Periods of law that begin with somebody else's act: when a department signs, or when we learn that it has acted."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from cases.actions.clocks import meet_clocks, refresh_due, rules_binding, start_clocks
from cases.choices import ClockStart, ClockStatus, ReferralKind, Step
from cases.models import Case, Clock, ClockRule, Referral
from cases.workflow import StepNotAllowed
from stations.models import Staff

# What a person may say the end of. The rest is met by a step of the procedure itself.
ENDED_BY_PERSON = Q(rule__starts__in=(ClockStart.PERSON, ClockStart.SIGNED)) | Q(
    code__in=ClockStart.registered_before, monitor=None
)


def rules_to_register(case: Case, at: datetime) -> list[ClockRule]:
    """The periods of law whose beginning a handler may register on this case: those that bind its place."""
    rules = rules_binding(at, case.place)
    return [rule for rule in rules if rule.starts == ClockStart.PERSON]


def clocks_to_end(case: Case) -> list[Clock]:
    """The running clocks whose end a handler may register, the next to end first."""
    clocks = case.clocks.live().filter(ENDED_BY_PERSON, supervision=None, task=None, monitor=None)
    return list(clocks.select_related("rule", "referral__department").order_by("effective_due", "id"))


def codes_started_by_signing(referral: Referral, at: datetime) -> list[str]:
    """The periods of law that begin when a department of this kind signs a referral.

    Asking for a service (转介) is no report and no complaint: nothing begins by law. What begins with her own
    application, as legal aid or a suit does, is registered by the handler when it is known.
    """
    if referral.kind == ReferralKind.REFER:
        return []
    case = referral.case
    return [
        rule.code
        for rule in rules_binding(at, case.place)
        if rule.starts == ClockStart.SIGNED and rule.department_kind == referral.department.department_id
    ]


def meet_started_by_signing(referral: Referral, *, by: Staff | None, at: datetime) -> None:
    """A result answers what the department's signature had started."""
    running = referral.clocks.live().filter(rule__starts=ClockStart.SIGNED)
    codes = list(running.values_list("code", flat=True))
    if codes:
        meet_clocks(referral.case, *codes, at=at, by=by, of=referral)


@transaction.atomic
def start_statutory(
    case: Case,
    *,
    code: str,
    started_at: datetime,
    by: Staff,
    at: datetime,
    referral: Referral | None = None,
    note: str = "",
) -> Clock:
    """Register that a period of law began at `started_at`, on the case or on one of its open referrals.

    The version and the region are those in force at that moment, not today's.
    Raises StepNotAllowed.
    """
    started_at = min(started_at, at)  # a desk's clock may run a little ahead of ours
    rule = next((rule for rule in rules_to_register(case, started_at) if rule.code == code), None)
    if rule is None:
        raise StepNotAllowed("这项期限在所填的起算时间还没有施行，请核对时间或者选择别的期限。")
    facts = {"clock": code, "version": rule.version, "started": started_at.isoformat()}
    about = {"referral": referral.number} if referral else {}
    case.record(Step.START_CLOCK, by=by, at=at, note=note, facts=facts | about)
    # The case row is held from here on: of two people who register the same, the second sees the first.
    if referral is not None and not Referral.objects.open().filter(pk=referral.pk).exists():
        raise StepNotAllowed("这次转交已经结束，请登记在案件上。")
    if case.clocks.live().filter(code=code, referral=referral, supervision=None, task=None).exists():
        raise StepNotAllowed(f"“{rule.name}”已经在计时。上一次已办到的，请先登记期限完成。")
    (clock,) = start_clocks(case, code, started_at=started_at, at=at, of=referral)
    return clock


@transaction.atomic
def end_statutory(
    case: Case, *, clock: Clock, met: bool, ended_at: datetime, by: Staff, at: datetime, note: str = ""
) -> None:
    """Register that what a clock waited for happened at `ended_at`, or that the period does not apply here.

    Raises StepNotAllowed.
    """
    ended_at = min(ended_at, at)
    if ended_at < clock.started_at:
        raise StepNotAllowed("完成时间不能早于起算时间。")
    facts = {"clock": clock.code, "met": met, "ended": ended_at.isoformat()}
    about = {"referral": clock.referral.number} if clock.referral else {}
    case.record(Step.END_CLOCK, by=by, at=at, note=note, facts=facts | about)
    ended = (
        case.clocks.live()
        .filter(ENDED_BY_PERSON, pk=clock.pk)
        .update(
            status=ClockStatus.MET if met else ClockStatus.CANCELLED,
            ended_at=ended_at if met else at,
            ended_by=by,
            paused_at=None,
            next_notice_at=None,
            next_stage="",
        )
    )
    if not ended:
        raise StepNotAllowed("这项期限刚刚已经结束，请看最新情况。")
    refresh_due(case)
