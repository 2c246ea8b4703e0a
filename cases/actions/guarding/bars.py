"""Stepping back (回避) and being kept away: what somebody had in hand passes on at once, and nothing new reaches her.

Source: 信访工作条例 (2022) 第28条第3款, 第30条第3款.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from cases.actions.clocks import REVIEW_CLOCKS, cancel_clocks, meet_clocks
from cases.actions.guarding.conflicts import Traces, related_to
from cases.actions.monitors.monitor import change_keeper
from cases.actions.ownership import hand_over, upper_units
from cases.actions.referral import shut_out
from cases.actions.supervision import withdraw_all
from cases.choices import BarKind, EscalationStatus, NoticeKind, Part, Step
from cases.deadlines import china_date
from cases.models import Bar, Case, Escalation, Referral
from cases.models.guarding import Barred, barred_from
from cases.notifications import announce, heads
from cases.permissions import permission_to_close
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Organisation, Staff
from stations.roles import Permission

FOUND = "与本人申报或账号信息比对一致"
TARGET_BARRED = "被督办单位须回避这件案件，督办随之撤销。"
READ_BEFORE = ("seq", "moved_seq", "head", "status", "owner", "holder", "level", "reached", "risk")


class NobodyLeft(StepNotAllowed):
    """Without her nobody could decide the case. The message says who has to see to it first."""


@dataclass(frozen=True)
class Heir:
    """Who has the case from now on, and in which unit."""

    staff: Staff
    unit: Organisation


@transaction.atomic
def recuse(case: Case, *, reason: str, by: Staff, at: datetime) -> Bar:
    """Step back from a case: whatever one had of it passes to others in the same moment.

    Raises StepNotAllowed.
    """
    return _bar(case, Step.RECUSE, by, BarKind.RECUSED, reason, by=by, at=at)


@transaction.atomic
def bar_person(
    case: Case, staff: Staff, *, kind: BarKind, reason: str, by: Staff | None, at: datetime
) -> Bar:
    """Keep one person away from a case. `by` is nobody where the system found out by itself.

    Raises StepNotAllowed.
    """
    if staff == by:
        raise StepNotAllowed("自己不便办理的，请用“申请回避”。")
    return _bar(case, Step.BAR, staff, kind, reason, by=by, at=at)


@transaction.atomic
def bar_unit(
    case: Case, unit: Organisation, *, kind: BarKind, reason: str, by: Staff | None, at: datetime
) -> Bar:
    """Keep a unit, with everybody in it, away from a case: above all the one that is complained of.

    Raises StepNotAllowed.
    """
    return _bar(case, Step.BAR, unit, kind, reason, by=by, at=at)


def bar(case: Case, *, who: Staff | Organisation, kind: BarKind, reason: str, by: Staff, at: datetime) -> Bar:
    """What the form of the step says: a person or a unit.

    Raises StepNotAllowed.
    """
    if isinstance(who, Staff):
        return bar_person(case, who, kind=kind, reason=reason, by=by, at=at)
    return bar_unit(case, who, kind=kind, reason=reason, by=by, at=at)


def bar_related(case: Case, *, at: datetime, traces: Traces | None = None) -> list[Staff]:
    """Keep away everybody who certainly is a party or close to one; returns them. Where nobody else could decide, she
    stays until somebody above has seen to it. Must run inside a transaction."""
    related = related_to(case, traces)
    barred = barred_from(case.pk).people if related else frozenset()
    found = [person for person in related if person.pk not in barred]
    for person in found:
        with suppress(NobodyLeft):
            bar_person(case, person, kind=BarKind.RELATED, reason=FOUND, by=None, at=at)
    return found


@transaction.atomic
def lift_bar(case: Case, *, lifted: Bar, reason: str, by: Staff, at: datetime) -> None:
    """Let somebody back. What she had is not given back to her.

    Raises StepNotAllowed.
    """
    if refusal := why_not_lift(by, lifted):
        raise StepNotAllowed(refusal)
    case.record(Step.LIFT_BAR, by=by, at=at, note=reason, facts={"bar": str(lifted.pk)})
    if not Bar.objects.live().filter(pk=lifted.pk, case=case).update(lifted_at=at, lifted_by=by):
        raise StepNotAllowed("这项回避、屏蔽已经解除。")
    lifted.refresh_from_db()
    lifted.lifted_because = reason
    lifted.save(update_fields=["lifted_because"])


def why_not_lift(user: Staff, found: Bar) -> str:
    """Why `user` may not lift this bar, in a sentence; empty when she may."""
    if user.pk == found.staff_id or user.organisation_id == found.organisation_id:
        return "不能解除对本人、本单位的回避、屏蔽。"
    if found.kind == BarKind.ACCUSED and not user.may(Permission.CASE_REVIEW):
        return "被反映单位的回避，由县级以上妇联解除。"
    return ""


def _bar(
    case: Case,
    step: Step,
    who: Staff | Organisation,
    kind: BarKind,
    reason: str,
    *,
    by: Staff | None,
    at: datetime,
) -> Bar:
    """In this order: hold the case, name the heir, write it down, pass everything on, tell the heir."""
    _hold(case)
    before = barred_from(case.pk)
    if who.pk in (before.people if isinstance(who, Staff) else before.units):
        raise StepNotAllowed(f"{who.name}已经回避或被屏蔽。")
    after = before.besides(who)
    heir = _heir(case, after, at) if _must_pass(case, after) else None
    _check_decider(case, before, after)
    _write(case, step, reason, after, heir, by=by, at=at)
    found = Bar.objects.create(case=case, **_column(who), kind=kind, reason=reason, by=by, at=at)
    _pass_rest_on(case, who, after, by=by or case.owner, at=at)
    if heir is not None and heir.staff != by:
        announce(NoticeKind.STEPPED_BACK, case, [heir.staff], at=at)
    return found


def _column(who: Staff | Organisation) -> dict[str, Any]:
    return {"staff": who} if isinstance(who, Staff) else {"organisation": who}


def _hold(case: Case) -> None:
    """Lock the row and read anew what is decided from it: whoever comes second decides from what the first did."""
    rows = Case.objects.select_for_update(of=("self",), no_key=True)
    now = rows.select_related("owner", "holder__region").get(pk=case.pk)
    for name in READ_BEFORE:
        setattr(case, name, getattr(now, name))


def _must_pass(case: Case, barred: Barred) -> bool:
    """Whether the case is with somebody who may not have it."""
    return case.owner is not None and (case.owner in barred or case.holder_id in barred.units)


def _heir(case: Case, barred: Barred, at: datetime) -> Heir:
    """The head of the holding unit, the next head, or whoever decides in the nearest unit above.

    Raises NobodyLeft.
    """
    found = list(_heads_upwards(case, barred))
    present = [heir for heir in found if not heir.staff.is_absent(china_date(at))]
    if not found:
        raise NobodyLeft(_ask_above(case, barred))
    # Somebody away takes it rather than a unit above her that is there: her deputy minds it meanwhile.
    nearest = [heir for heir in present if heir.unit == found[0].unit]
    return (nearest or found)[0]


def _heads_upwards(case: Case, barred: Barred) -> Iterator[Heir]:
    for unit in (case.holder, *upper_units(case.holder)):
        for person in heads(unit):
            place = person.organisation
            if place is not None and person not in barred and person.may(Permission.CASE_HANDLE):
                yield Heir(person, place)


def _check_decider(case: Case, before: Barred, after: Barred) -> None:
    """Somebody must be left who may approve its end.

    Raises NobodyLeft.
    """
    if not case.is_open:
        return
    units = [case.holder, *upper_units(case.holder)]
    need = permission_to_close(case)
    people = Staff.objects.working().filter(organisation__in=units)
    may = [person for person in people if person.may(need) and person not in before]
    if may and all(person in after for person in may):
        raise NobodyLeft(_ask_above(case, after))


def _ask_above(case: Case, barred: Barred) -> str:
    """Who has to decide instead."""
    above = [unit for unit in upper_units(case.holder) if unit.pk not in barred.units]
    who = above[-1].name if above else "上级妇联"
    return f"这样就没有人能决定这件案件了：请先报告{who}，由其指定负责人接办，再办理回避、屏蔽。"


def _write(
    case: Case,
    step: Step,
    reason: str,
    barred: Barred,
    heir: Heir | None,
    *,
    by: Staff | None,
    at: datetime,
) -> None:
    """The event, and with it the owner and the holder; then the parts that those who go had in it."""
    held = case.holdings.filter(until_at=None).filter(
        Q(staff__in=barred.people) | Q(staff__organisation__in=barred.units)
    )
    facts: dict[str, Any] = {"out": sorted(set(held.values_list("staff", flat=True)))}
    if heir is None:
        case.record(step, by=by, at=at, note=reason, facts=facts)
    else:
        _move_to(case, step, reason, heir, facts, by=by, at=at)
    held.exclude(part=Part.OWNER, staff=case.owner).update(until_at=at)


def _move_to(
    case: Case, step: Step, reason: str, heir: Heir, facts: dict[str, Any], *, by: Staff | None, at: datetime
) -> None:
    was_open, former = case.is_open, case.holder
    place: dict[str, Any] = {}
    if heir.unit != former:
        reached = max(AdminLevel(case.reached), heir.unit.level, key=lambda level: level.rank)
        place = {"holder": heir.unit, "level": heir.unit.level, "reached": reached}
    facts = facts | {"owner": heir.staff.pk, "unit": heir.unit.pk, "from": former.pk}
    case.advance(step, by=by, at=at, note=reason, facts=facts, owner=heir.staff, **place)
    if was_open:
        hand_over(case, to_unit=heir.unit, to=heir.staff, at=at)
    if place:
        _settle_escalation(case, by=by or heir.staff, at=at)


def _settle_escalation(case: Case, *, by: Staff, at: datetime) -> None:
    """What waited for a unit above is answered by the case going up; what waited elsewhere has lapsed."""
    waiting = case.escalations.filter(status=EscalationStatus.SUBMITTED).first()
    if waiting is None:
        return
    came_to_it = waiting.to_org_id == case.holder_id
    waiting.status = EscalationStatus.TAKEN_OVER if came_to_it else EscalationStatus.LAPSED
    waiting.decided_by, waiting.decided_at = by, at
    waiting.save(update_fields=["status", "decided_by", "decided_at"])
    meet_clocks(case, *REVIEW_CLOCKS, at=at, by=by)


def _pass_rest_on(
    case: Case, who: Staff | Organisation, barred: Barred, *, by: Staff | None, at: datetime
) -> None:
    """Readers, what is watched over, what was sent to the unit or waits for it."""
    gone = Q(staff__in=barred.people) | Q(staff__organisation__in=barred.units)
    case.readers.filter(gone, until_at=None).update(until_at=at, ended_by=by)
    keeping = Q(keeper__in=barred.people) | Q(keeper__organisation__in=barred.units)
    for monitor in case.monitors.open().filter(keeping).select_related("keeper", "unit").order_by("pk"):
        monitor.case = case
        heir = Heir(case.owner, case.holder) if case.owner else _heir(case, barred, at)
        change_keeper(monitor, keeper=heir.staff, by=by or heir.staff, at=at)
    if isinstance(who, Staff):
        _forget_in_referrals(case, who)
    else:
        _shut_unit_out(case, who, barred, by=by, at=at)


def _forget_in_referrals(case: Case, person: Staff) -> None:
    """Whoever else speaks for the department is told from now on."""
    for referral in case.referrals.open():
        changes = {
            name: None for name in ("liaison", "handler") if getattr(referral, f"{name}_id") == person.pk
        }
        if changes:
            Referral.objects.filter(pk=referral.pk).update(**changes)


def _shut_unit_out(case: Case, unit: Organisation, barred: Barred, *, by: Staff | None, at: datetime) -> None:
    for referral in case.referrals.open().filter(department=unit).order_by("pk"):
        referral.case = case
        shut_out(referral, by=by, at=at)
    if by is not None:
        withdraw_all(case, reason=TARGET_BARRED, by=by, at=at, target=unit)
        _ask_further_up(case, unit, barred, by=by, at=at)


def _ask_further_up(case: Case, unit: Organisation, barred: Barred, *, by: Staff, at: datetime) -> None:
    """What waits for the answer of a unit that may not know goes to the next above it."""
    waiting = case.escalations.filter(status=EscalationStatus.SUBMITTED, to_org=unit).first()
    if waiting is None:
        return
    waiting.status, waiting.decided_by, waiting.decided_at = EscalationStatus.LAPSED, by, at
    waiting.save(update_fields=["status", "decided_by", "decided_at"])
    above = next((one for one in upper_units(unit) if one.pk not in barred.units), None)
    if above is None:
        cancel_clocks(case, *REVIEW_CLOCKS, at=at, by=by)
        return
    Escalation.objects.create(
        case=case,
        from_org=waiting.from_org,
        to_org=above,
        reason=waiting.reason,
        tried=waiting.tried,
        skips_level=False,
        submitted_by=waiting.submitted_by,
        submitted_at=at,
    )
    reached = max(AdminLevel(case.reached), above.level, key=lambda level: level.rank)
    Case.objects.filter(pk=case.pk).update(reached=reached)
    case.reached = reached
    announce(NoticeKind.ESCALATED, case, heads(above), at=at)


@transaction.atomic
def share_bars(case: Case, into: Case, *, by: Staff, at: datetime) -> None:
    """What is folded together is one matter: who must not know of the one must not know of the other.

    Raises StepNotAllowed.
    """
    for source, target in ((case, into), (into, case)):
        known = barred_from(target.pk)
        for row in source.bars.live().select_related("staff", "organisation").order_by("at", "pk"):
            who = row.staff or row.organisation
            assert who is not None  # noqa: S101 – held by the constraint bar_of_person_or_unit
            if who.pk in (known.people if row.staff_id else known.units):
                continue
            _bar(target, Step.BAR, who, BarKind(row.kind), row.reason, by=by, at=at)
