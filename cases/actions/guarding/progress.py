"""What she may ask and say from outside with her number and her code: where it stands, and what she thinks of our work.

Whoever looks over her shoulder, or finds the slip, learns that something is registered, being worked on or done, and since
which day. Nothing here names a matter, a person or a unit.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import F

from cases.actions.clocks import rule_in_force
from cases.choices import ClockUnit, NewCodeReason, NoticeKind, Satisfaction, Status, Step
from cases.deadlines import china_date, compute_due, last_day
from cases.models import Case, Event, PublicTry, Rating
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from stations.models import Staff
from stations.workdays import load_calendar
from weiquan.sealing import blind_index, ring, uuid7

# Guessing one code of eight digits at this pace takes centuries; a family that asks every day never notices.
TRIES_A_NUMBER, NUMBER_WINDOW = 10, timedelta(hours=1)
# Behind one address of a mobile operator sits half a town.
TRIES_AN_ADDRESS, ADDRESS_WINDOW = 60, timedelta(hours=1)
TICKET_SECONDS = 30 * 60
RATED_ALREADY = "这一次已经评价过了，谢谢。"
TOO_LATE = "评价的期限已过。有话想说，可以直接告诉接待您的人。"

REGISTERED, UNDER_WAY, ANSWERED, DONE, ASK = "已登记", "正在办理", "已答复", "已办结", "请联系接待您的人"
# Merged and void say the same: why is told by a person, not by a page that others may see.
WORDS: dict[Status, str] = {
    Status.REGISTERED: REGISTERED,
    Status.ACCEPTED: UNDER_WAY,
    Status.HANDLING: UNDER_WAY,
    Status.SUSPENDED: UNDER_WAY,
    Status.PENDING_CLOSE: UNDER_WAY,
    Status.CLOSED: DONE,
    Status.NOT_ACCEPTED: ANSWERED,
    Status.REDIRECTED: ANSWERED,
    Status.MERGED: ASK,
    Status.VOID: ASK,
}
RATEABLE = (Status.CLOSED, Status.NOT_ACCEPTED, Status.REDIRECTED)
NUMBER = re.compile(r"(\d{9})(\d{4})([A-Z])(\d{5,})")
NO_CODE = "--------"


class TooManyTries(Exception):
    """This number, or this address, was tried too often. It says nothing of whether there is such a number."""


@dataclass(frozen=True)
class Progress:
    word: str
    changed_on: date
    ticket: str  # lets the same page take her rating without asking for the code again; empty when there is none to give


def spelled(number: str) -> str:
    """A case number as we write it, from one typed without dashes or in small letters; else as it was typed."""
    found = NUMBER.fullmatch(number.upper())
    return "-".join(found.groups()) if found else number


def count_try(number: str, address: str, *, at: datetime) -> None:
    """Count before anything is looked up, right or wrong alike, in the database: no cache, no way around.

    Raises TooManyTries.
    """
    tries = PublicTry.objects
    of_address = tries.one_more(blind_index("public address", address), at=at, within=ADDRESS_WINDOW)
    of_number = tries.one_more(blind_index("public number", number), at=at, within=NUMBER_WINDOW)
    if of_address > TRIES_AN_ADDRESS or of_number > TRIES_A_NUMBER:
        raise TooManyTries


def look_up(number: str, code: str) -> Case | None:
    """The case of this number if the code is its own. Without such a number the same work is done on another seal."""
    found = Case.objects.filter(number=number).values_list("pk", "query_code").first()
    pk, seal = found or _other_seal(ring().current.prefix)
    known: str = Case.open_sealed("query_code", pk, seal)
    right = secrets.compare_digest(known.encode(), code.encode())
    return _case(pk) if found and right else None


@lru_cache(maxsize=1)
def _other_seal(key: bytes) -> tuple[UUID, bytes]:
    """A seal of no case, made once under each key of the ring."""
    pk = uuid7()
    return pk, ring().seal(NO_CODE.encode(), f"{Case._meta.db_table}.query_code.{pk}")


def _case(pk: UUID | str) -> Case:
    return Case.objects.select_related("holder", "owner__deputy").get(pk=pk)


def progress_of(case: Case, *, at: datetime) -> Progress:
    word = WORDS[Status(case.status)]
    return Progress(word, _since(case, word), _ticket(case) if not why_not_rate(case, at=at) else "")


def _since(case: Case, word: str) -> date:
    """Since when she would have read this word: steps that change nothing for her move no date, or he could read in it
    on which days we were busy."""
    moves = Event.objects.filter(case=case).exclude(from_status=F("to_status")).order_by("seq")
    since, said = case.registered_at, ""
    for to_status, moment in moves.values_list("to_status", "at"):
        if WORDS[Status(to_status)] != said:
            since, said = moment, WORDS[Status(to_status)]
    return china_date(since)


def why_not_rate(case: Case, *, at: datetime) -> str:
    """Why she may not rate now, in a sentence; empty when she may. Source: 信访工作条例 (2022) 第21条第2款."""
    if case.status not in RATEABLE or case.ended_at is None:
        return "办理还没有结束，结束后可以评价。"
    if Rating.objects.filter(case=case, round_no=case.round_no).exists():
        return RATED_ALREADY
    return TOO_LATE if china_date(at) > rate_until(case) else ""


def rate_until(case: Case) -> date:
    """The last day on which she may rate the round that has ended."""
    assert case.ended_at is not None  # noqa: S101 – asked before
    rule = rule_in_force("XF-EVAL", case.ended_at, case.place)
    due = compute_due(case.ended_at, rule.amount, ClockUnit(rule.unit), load_calendar())
    return last_day(due.effective)


def _ticket(case: Case) -> str:
    # With the code in it: a code that is replaced takes the tickets along.
    said = {"case": str(case.pk), "code": blind_index("ticket", case.query_code).hex()}
    return signing.dumps(said, salt="progress", compress=True)


def case_of_ticket(ticket: str) -> Case | None:
    """The case whose code was told here a moment ago; None for anything else."""
    try:
        said = signing.loads(ticket, salt="progress", max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    case = _case(said["case"])
    return case if said["code"] == blind_index("ticket", case.query_code).hex() else None


@transaction.atomic
def rate(
    case: Case,
    *,
    satisfaction: Satisfaction,
    at: datetime,
    partner_satisfaction: Satisfaction = Satisfaction.NOT_RATED,
    words: str = "",
) -> Rating:
    """Her own word on the round that ended, once. What staff wrote down of her satisfaction stays as it is.

    Raises StepNotAllowed.
    """
    case.record(Step.RATE, by=None, at=at, facts={"satisfaction": satisfaction, "round": case.round_no})
    if reason := why_not_rate(case, at=at):  # asked while the row is held: pressed twice, it is said once
        raise StepNotAllowed(reason)
    rating = Rating.objects.create(
        case=case,
        round_no=case.round_no,
        satisfaction=satisfaction,
        partner_satisfaction=partner_satisfaction,
        words=words,
        at=at,
    )
    announce(NoticeKind.RATED, case, [case.owner, *heads(case.holder)], at=at)
    return rating


@transaction.atomic
def replace_code(case: Case, *, reason: NewCodeReason, by: Staff, at: datetime) -> None:
    """A new code for her; the old one opens nothing from now on.

    Raises StepNotAllowed.
    """
    case.record(Step.NEW_CODE, by=by, at=at, facts={"reason": reason})
    case.query_code = new_code()
    case.save(update_fields=["query_code"])


def new_code() -> str:
    return f"{secrets.randbelow(10**8):08d}"
