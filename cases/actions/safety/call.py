"""Calling her: how to call comes before the number, and how it went is written down before the next call."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.actions.closure import VISIT_CLOCKS, record_follow_up
from cases.choices import (
    CallOutcome,
    PersonRole,
    PhoneSafety,
    Status,
    Step,
    VisitResult,
    VisitWay,
)
from cases.models import Call, Case, Party, Phone
from cases.workflow import StepNotAllowed
from stations.models import Staff

# What counts as having tried to visit her by telephone; a number that was not dialled does not.
TRIED = (CallOutcome.SPOKE, CallOutcome.OTHERS, CallOutcome.NO_ANSWER, CallOutcome.CUT_OFF)


def parties_to_reach(case: Case) -> list[Party]:
    """Her side of the case; whoever is complained of is never among them, in whatever other part he stands too."""
    parties = case.parties.filter(role__in=PersonRole.her_side, person__isnull=False)
    accused = case.parties.filter(role=PersonRole.RESPONDENT, person__isnull=False)
    return list(
        parties.exclude(person__in=accused.values("person"))
        .select_related("person")
        .prefetch_related("person__phones")
        .order_by("position", "pk")
    )


def numbers_to_dial(case: Case) -> list[Phone]:
    """Every number of hers that may be dialled; one marked 不要打 cannot be called from here by anybody."""
    return [
        phone
        for party in parties_to_reach(case)
        for phone in party.person.phones.all()  # type: ignore[union-attr]
        if phone.safety != PhoneSafety.UNSAFE
    ]


@transaction.atomic
def begin_call(case: Case, phone: Phone, *, by: Staff, at: datetime) -> Call:
    """Open the number of one telephone, once: the next only after this call has its result.

    Raises StepNotAllowed.
    """
    # Held until the end: somebody who marks the number unsafe in this moment is either seen here or comes after.
    now = Phone.objects.select_for_update().filter(pk=phone.pk).first()
    if now is None or now.pk not in {one.pk for one in numbers_to_dial(case)}:
        raise StepNotAllowed("这个号码现在不能拨打，请看最新的联系方式。")
    try:
        with transaction.atomic():
            return Call.objects.create(case=case, phone=now, by=by, at=at)
    except IntegrityError:
        raise StepNotAllowed("上一次通话还没有记录结果，请先记录。") from None


@transaction.atomic
def end_call(
    call: Call,
    *,
    outcome: CallOutcome,
    by: Staff,
    at: datetime,
    spoke_safely: bool | None = None,
    words: str = "",
) -> None:
    """Write down how it went. Where a return visit was owed and she could not be spoken to safely, the try is kept
    beside it and the visit stays owed.

    Raises StepNotAllowed.
    """
    case = call.case
    if outcome is CallOutcome.SPOKE and spoke_safely is None:
        raise StepNotAllowed("与她本人通了话的，请回答她能不能安全说话。")
    safe = spoke_safely if outcome is CallOutcome.SPOKE else None
    case.record(Step.CALL, by=by, at=at, facts={"outcome": outcome, "safe": safe})
    now = Call.objects.select_for_update().get(pk=call.pk)
    if now.outcome:
        raise StepNotAllowed("这次通话的结果刚刚已经记录。")
    now.outcome, now.spoke_safely, now.words, now.ended_at = outcome, safe, words, at
    now.save()
    if outcome in TRIED and not safe and _visit_owed(case):
        record_follow_up(
            case,
            happened_at=now.at,
            way=VisitWay.PHONE,
            spoke_safely=False,
            result=VisitResult.UNREACHABLE,
            content="",
            by=by,
            at=at,
        )


def _visit_owed(case: Case) -> bool:
    return case.status == Status.CLOSED and case.clocks.live().filter(code__in=VISIT_CLOCKS).exists()
