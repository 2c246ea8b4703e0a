"""Who hears of a reminder: who must act from the start, and the ladder above from the last day on."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from cases.actions.clocks import REVIEW_CLOCKS
from cases.choices import EscalationStatus, Rung
from cases.deadlines import Plan, Stage, rungs_for
from cases.models import Clock, Escalation, Supervision
from cases.models.guarding import NOBODY, Barred, barred_from_each
from cases.permissions import readers_of
from stations.models import Staff
from stations.posts import Posts, places
from stations.roles import Role

# What the head of the holding unit decides.
DECIDED_BY_HEAD = "IN-ACCEPT"
# What is asked of the supervising unit itself, not of the one it supervises.
ASKED_OF_THE_SUPERVISOR = "SV-CHECK"


class Audience:
    """Who stands on which rung for a batch of clocks: seven queries for the batch (four more where
    a case is sealed), none a clock."""

    def __init__(self, clocks: list[Clock], on: date) -> None:
        people: set[int | None] = set()
        units: set[int | None] = set()
        for clock in clocks:
            people |= _people(clock)
            units |= _units(clock)
        gone_up = {clock.case_id for clock in clocks if clock.code in REVIEW_CLOCKS}
        waiting = Escalation.objects.filter(case__in=gone_up, status=EscalationStatus.SUBMITTED)
        self.asked_above: dict[UUID | None, int] = dict(waiting.values_list("case_id", "to_org_id"))
        units |= set(self.asked_above.values())
        self.supervised = set(
            Supervision.objects.open()
            .issued()  # a draft that nobody signs must silence nobody
            .filter(referral__in={clock.referral_id for clock in clocks if clock.referral_id})
            .values_list("referral_id", flat=True)
        )
        self.barred = barred_from_each(clock.case_id for clock in clocks)
        sealed = {clock.case.pk for clock in clocks if clock.case is not None and clock.case.is_sealed}
        self.readers = readers_of(sealed)
        self.posts = Posts(people=people - {None}, units=units - {None}, on=on)  # type: ignore[arg-type]

    def of(self, clock: Clock, stage: Stage, plan: Plan) -> list[Staff]:
        """Everybody this reminder goes to, each once. A unit without an account cannot be told: then we are.

        A right concerns whose right it is. A department that is being supervised over the referral hears the
        referral's own reminders alone: who supervises has the supervision's.
        """
        barred = self.barred_from(clock)
        found = [person for person in self._outside(clock) if person not in barred]
        alone = stage.is_early or plan.lapses or clock.referral_id in self.supervised
        if not (found and alone):
            for rung in rungs_for(stage, plan):
                found = found + self._rung(clock, rung, barred)
        return list({person.pk: person for person in found}.values())

    def barred_from(self, clock: Clock) -> Barred:
        """Who has no part in the case it is about."""
        return self.barred.get(clock.case_id, NOBODY)

    def _outside(self, clock: Clock) -> list[Staff]:
        """Who must act, where that is not whoever handles the case."""
        if clock.referral is not None:
            return self._partner(clock)
        if clock.supervision is not None and clock.code != ASKED_OF_THE_SUPERVISOR:
            return self._unit(clock.supervision.target_id, Role.PARTNER_LIAISON, Role.PARTNER_LEADER)
        if clock.task is not None:
            return self._unit(clock.task.unit_id, Role.PARTNER_LIAISON)
        if clock.code == DECIDED_BY_HEAD:
            return self.posts.heads(_holder(clock))
        if clock.code in REVIEW_CLOCKS:
            return self.posts.heads(self.asked_above.get(clock.case_id))
        return []

    def _partner(self, clock: Clock) -> list[Staff]:
        referral = clock.referral
        assert referral is not None  # noqa: S101 – asked by the caller
        named = [
            self.posts.people.get(pk)
            for pk in (referral.handler_id, referral.signed_by_id, referral.liaison_id)
            if pk
        ]
        people = [person for person in named if person and person.organisation_id == referral.department_id]
        return people or self._unit(referral.department_id, Role.PARTNER_LIAISON)

    def _unit(self, unit: int, *roles: Role) -> list[Staff]:
        """Who speaks for a department, or leads a unit of ours."""
        return self.posts.holding(unit, *roles) or self.posts.heads(unit)

    def _rung(self, clock: Clock, rung: Rung, barred: Barred) -> list[Staff]:
        """Who stands on this rung; where nobody does, or only who must not know, on the next one above."""
        if rung == Rung.OWNER:
            owner = [person for person in self._owner(clock) if person not in barred]
            if owner:
                return owner
        rungs = list(Rung)
        for place, group in enumerate(self._ladder(clock), start=1):
            people = [person for person in self._knowing(clock, group) if person not in barred]
            if people and place >= rungs.index(rung):
                return people
        return []

    def _knowing(self, clock: Clock, people: list[Staff]) -> list[Staff]:
        """Of a sealed case only its readers hear: a rung without one is passed over."""
        readers = self.readers.get(clock.case_id) if clock.case_id else None
        return people if readers is None else [person for person in people if person.pk in readers]

    def _owner(self, clock: Clock) -> list[Staff]:
        """Whose matter it is on our side."""
        if clock.task is not None:
            return self.posts.conference(self._home(clock))
        pk: int | None
        if clock.supervision is not None:
            pk = clock.supervision.opened_by_id
        elif clock.monitor is not None:
            pk = clock.monitor.keeper_id
        else:
            pk = clock.case.owner_id if clock.case else None
        owner = self.posts.people.get(pk or 0)
        return [owner] if owner else []

    def _ladder(self, clock: Clock) -> Iterator[list[Staff]]:
        """Head, officers, leaders, conference office; then the federations above."""
        home = self._home(clock)
        yield self.posts.heads(_holder(clock))
        yield from self.posts.offices_of(home)
        yield self.posts.conference(home)
        for above in places(home)[1:]:
            yield from self.posts.offices_of(above)

    def _home(self, clock: Clock) -> str:
        """The county inside which the reminders climb, or the city that holds the matter itself."""
        holder = self.posts.units[_holder(clock)]
        return f"{holder.county_code or holder.region_id:0<12}"


def _holder(clock: Clock) -> int:
    """The unit of ours that answers for it."""
    if clock.supervision is not None:
        return clock.supervision.from_org_id
    if clock.task is not None:
        return clock.task.resolution.item.host_id
    if clock.monitor is not None:
        return clock.monitor.unit_id
    assert clock.case is not None  # noqa: S101 – held by the constraint clock_of_case_or_task
    return clock.case.holder_id


def _people(clock: Clock) -> set[int | None]:
    named = {clock.case.owner_id} if clock.case is not None else set()
    if clock.referral is not None:
        named |= {clock.referral.signed_by_id, clock.referral.handler_id, clock.referral.liaison_id}
    if clock.supervision is not None:
        named.add(clock.supervision.opened_by_id)
    if clock.monitor is not None:
        named.add(clock.monitor.keeper_id)
    return named


def _units(clock: Clock) -> set[int | None]:
    units: set[int | None] = {_holder(clock)}
    if clock.referral is not None:
        units.add(clock.referral.department_id)
    if clock.supervision is not None:
        units.add(clock.supervision.target_id)
    if clock.task is not None:
        units.add(clock.task.unit_id)
    return units
