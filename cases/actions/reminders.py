"""The sweep: clocks whose reminder is due are claimed, told and set to their next reminder in one transaction."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from cases.actions.clocks import redate, refresh_due, with_rules
from cases.choices import ClockUnit, NoticeKind, Rung, Step
from cases.deadlines import Stage, rungs_for, stage_after
from cases.models import Case, Clock, Notice
from cases.notifications import announce, notices_for, write_many
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Role
from stations.workdays import Calendar, load_calendar

BATCH = 500
# What a reminder needs to know; the rows themselves are four times as wide.
READ = (
    *("rule", "started_at", "effective_due", "next_notice_at", "next_stage"),
    *("case__owner", "case__holder", "case__county_code", "case__township_code", "case__level"),
    *("referral__signed_by", "referral__handler", "referral__liaison", "referral__department"),
)


def remind(at: datetime) -> int:
    """Send every reminder whose moment has come; return how many clocks were served.

    Batches of one transaction each: a sweep killed in the middle leaves whole batches done and the rest untouched,
    and two sweeps at once skip each other's rows. Each clock is served once a stage.
    """
    served = 0
    calendar = load_calendar()
    while batch := _remind_batch(at, calendar):
        served += batch
    return served


@transaction.atomic
def _remind_batch(at: datetime, calendar: Calendar) -> int:
    clocks = with_rules(
        Clock.objects.to_remind(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("case", "referral")
        .only(*READ)[:BATCH]
    )
    if not clocks:
        return 0
    ladder = Ladder(clocks)
    notices: list[Notice] = []
    for clock in clocks:
        stage = Stage(clock.next_stage, clock.next_notice_at or at)
        notices += notices_for(
            kind_of(stage),
            clock.case,
            ladder.audience(clock, stage),
            at=at,
            about=clock.referral,
            clock=clock,
            stage=stage.name,
        )
        following = stage_after(
            clock.started_at, clock.effective_due, ClockUnit(clock.rule.unit), calendar, at
        )
        clock.next_notice_at, clock.next_stage = following.at, following.name
    _set_next(clocks)
    write_many(notices)
    return len(clocks)


def _set_next(clocks: list[Clock]) -> None:
    """One statement for the batch: bulk_update would write a CASE of a thousand branches."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_clock AS clock SET next_notice_at = following.at, next_stage = following.stage "
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::varchar[]) AS following (id, at, stage) "
            "WHERE clock.id = following.id",
            [
                [clock.pk for clock in clocks],
                [clock.next_notice_at for clock in clocks],
                [clock.next_stage for clock in clocks],
            ],
        )


def kind_of(stage: Stage) -> NoticeKind:
    if stage.overdue_count:
        return NoticeKind.OVERDUE
    return NoticeKind.DUE_TODAY if stage.name == "T0" else NoticeKind.DUE_SOON


class Ladder:
    """Who stands on which rung for a batch of clocks: a handful of queries for the batch, none a clock."""

    def __init__(self, clocks: list[Clock]) -> None:
        cases = [clock.case for clock in clocks if clock.case is not None]
        staff_ids = {case.owner_id for case in cases}
        for clock in clocks:
            if clock.referral:
                staff_ids |= {
                    clock.referral.signed_by_id,
                    clock.referral.handler_id,
                    clock.referral.liaison_id,
                }
        self.staff = {
            person.pk: person
            for person in Staff.objects.filter(pk__in=staff_ids - {None}).select_related("deputy")
        }
        self.federations = self._offices(OrgKind.FEDERATION, {f"{case.county_code:0<12}" for case in cases})
        self.stations = self._offices(
            OrgKind.STATION,
            {f"{case.township_code:0<12}" for case in cases if case.township_code},
        )
        units = {case.holder_id for case in cases}
        units |= {*self.federations.values(), *self.stations.values()}
        units |= {clock.referral.department_id for clock in clocks if clock.referral}
        self.by_unit: dict[int, list[Staff]] = defaultdict(list)
        for person in (
            Staff.objects.working().filter(organisation__in=units).select_related("deputy").order_by("id")
        ):
            self.by_unit[person.organisation_id or 0].append(person)

    @staticmethod
    def _offices(kind: OrgKind, regions: set[str]) -> dict[str, int]:
        rows = Organisation.objects.active().filter(kind=kind, region_id__in=regions)
        return dict(rows.values_list("region_id", "pk"))

    def audience(self, clock: Clock, stage: Stage) -> list[Staff]:
        """Everybody this reminder goes to, each once."""
        reached = rungs_for(stage)
        found: list[Staff] = []
        for rung in reached:
            found += self._rung(clock, rung)
        if clock.referral is not None:
            found = self._partner(clock) + (found if stage.overdue_count or stage.name == "T0" else [])
        return list({person.pk: person for person in found}.values())

    def _partner(self, clock: Clock) -> list[Staff]:
        referral = clock.referral
        assert referral is not None  # noqa: S101 – asked by the caller
        named = [
            self.staff.get(pk)
            for pk in (referral.handler_id, referral.signed_by_id, referral.liaison_id)
            if pk
        ]
        people = [person for person in named if person and person.organisation_id == referral.department_id]
        return people or self._with_role(referral.department_id, Role.PARTNER_LIAISON)

    def _rung(self, clock: Clock, rung: Rung) -> list[Staff]:
        case = clock.case
        if case is None:
            return []
        county = self.federations.get(f"{case.county_code:0<12}")
        match rung:
            case Rung.OWNER:
                owner = self.staff.get(case.owner_id) if case.owner_id else None
                return [owner] if owner else self._heads(case)
            case Rung.HEAD:
                return self._heads(case)
            case Rung.COUNTY_OFFICER:
                return self._with_role(county, Role.COUNTY_OFFICER)
            case _:
                return self._with_role(county, Role.COUNTY_LEADER)

    def _heads(self, case: Case) -> list[Staff]:
        """Who is in charge of the holder: a village point answers to the head of its township's station."""
        if case.level == AdminLevel.VILLAGE:
            return self._with_role(self.stations.get(f"{case.township_code:0<12}"), Role.STATION_HEAD)
        return self._with_role(case.holder_id, Role.STATION_HEAD) or self._with_role(
            case.holder_id, Role.COUNTY_OFFICER
        )

    def _with_role(self, unit: int | None, role: Role) -> list[Staff]:
        return [person for person in self.by_unit.get(unit or 0, []) if person.holds(role)]


def redate_provisional(at: datetime) -> int:
    """Compute anew the live clocks whose end touches a year that had not been announced; tell owners what moved.

    Run after a State Council notice has been entered; a run with nothing to move locks and writes nothing.
    One transaction a case: a run killed in the middle leaves whole cases done.
    """
    calendar = load_calendar()
    waiting = Clock.objects.live().filter(provisional=True).select_related("rule")
    cases = {clock.case_id for clock in waiting.iterator() if clock.case_id and redate(clock, calendar, at)}
    return sum(_redate_case(pk, calendar, at) for pk in cases)


@transaction.atomic
def _redate_case(pk: UUID, calendar: Calendar, at: datetime) -> int:
    """The case row is held first, as every other verb does, so that nobody waits for one another."""
    case = (
        Case.objects.select_for_update(of=("self",), no_key=True).select_related("owner__deputy").get(pk=pk)
    )
    moved = [
        clock
        for clock in case.clocks.live().filter(provisional=True).select_related("rule")
        if redate(clock, calendar, at)
    ]
    if not moved:  # another run was faster
        return 0
    for clock in moved:
        clock.save()
    ends = {clock.code: clock.last_day.isoformat() for clock in moved}
    case.record(Step.REDATE, by=None, at=at, facts={"clocks": ends})
    refresh_due(case)
    announce(NoticeKind.REDATED, case, [case.owner], at=at)
    return len(moved)
