"""Move all open work of one person to another (一次性移交): whoever leaves leaves nothing without an owner."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from cases.actions.absence import asks_for_something, why_away, why_gone
from cases.actions.guarding.secrecy import pass_on
from cases.actions.monitors.monitor import check_keeper
from cases.actions.ownership import CannotOwn, check_can_own, hand_over
from cases.choices import MonitorStep, NoticeKind, Part, Step
from cases.deadlines import china_date
from cases.models import Case, Clock, Handover, Holding, Member, Monitor, MonitorEntry, Referral
from cases.models.guarding import NOBODY, barred_from_each
from cases.notifications import announce
from cases.workflow import ENDED_BY_DECISION, StepNotAllowed
from stations.actions.accounts import change_account
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import ADMIN_ROLES, Permission, Role

OFFICES = (OrgKind.VILLAGE_POINT, OrgKind.STATION, OrgKind.FEDERATION)


def units_in_charge(by: Staff) -> QuerySet[Organisation]:
    """The units whose people's work `by` may hand over: a head's own and the village points below, a federation's
    own and every office below, a department's own. A department that nobody can speak for is the federation's too."""
    org, units = by.organisation, Organisation.objects.all()
    if org is None:
        return units.none()
    if org.kind == OrgKind.DEPARTMENT:
        return units.filter(pk=org.pk) if by.may(Permission.REFERRAL_SIGN) else units.none()
    if not by.may(Permission.CASE_ASSIGN):
        return units.none()
    below = Q()
    if org.kind == OrgKind.FEDERATION:
        below = Q(region__code__startswith=org.region.prefix) & (Q(kind__in=OFFICES) | _speechless())
    elif org.township_code:
        below = Q(kind=OrgKind.VILLAGE_POINT, region__code__startswith=org.township_code)
    return units.filter(Q(pk=org.pk) | below) if below else units.filter(pk=org.pk)


def _speechless() -> Q:
    """Departments without a working liaison or leader."""
    spoken_for = (
        Staff.objects.working()
        .filter(organisation=OuterRef("pk"))
        .holding(Role.PARTNER_LIAISON, Role.PARTNER_LEADER)
    )
    return Q(kind=OrgKind.DEPARTMENT) & ~Q(Exists(spoken_for))


@dataclass(frozen=True)
class Work:
    """What one person has in hand at certain units, as far as whoever moves it sees it.

    Referrals and supervisions she *sent* name her as history only: what comes back goes to the owner of the case.
    """

    owned: QuerySet[Case]
    visits: QuerySet[Case]
    along: QuerySet[Holding]
    referrals: QuerySet[Referral]
    memberships: QuerySet[Member]
    deputies: QuerySet[Staff]
    duties: QuerySet[Organisation]
    monitors: QuerySet[Monitor]

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name).count() for name in WORDS}


# What it is called, and in what it is counted.
WORDS = {
    "owned": ("在办案件", "件"),
    "visits": ("待回访、待送达", "件"),
    "along": ("联办、协办", "件"),
    "monitors": ("监测事项", "项"),
    "referrals": ("收到的转交", "件"),
    "memberships": ("会议联络员", "处"),
    "deputies": ("替人代办", "人"),
    "duties": ("单位值班", "处"),
}
# Counted in a handing over that moved some.
WORDS_AFTERWARDS = WORDS | {"reading": ("封存案件查阅", "件")}


def work_of(person: Staff, *, units: QuerySet[Organisation], by: Staff) -> Work:
    seen = Case.objects.visible_to(by)
    owned = seen.filter(owner=person, holder__in=units)
    owed = Clock.objects.live().of_case_itself().filter(case=OuterRef("pk"))
    along = Holding.objects.filter(staff=person, until_at=None, organisation__in=units, case__in=seen)
    named = Q(liaison=person) | Q(handler=person) | Q(handler=None, signed_by=person)
    referrals = Referral.objects.visible_to(by).open().filter(department__in=units)
    return Work(
        owned=owned.open(),
        visits=owned.filter(Exists(owed), status__in=ENDED_BY_DECISION),
        along=along.exclude(part=Part.OWNER),
        referrals=referrals.filter(named),
        memberships=Member.objects.filter(liaison=person, until_on=None, organisation__in=units),
        deputies=Staff.objects.working().filter(deputy=person, organisation__in=units),
        duties=Organisation.objects.filter(duty_contact=person, pk__in=units),
        monitors=Monitor.objects.open().filter(keeper=person, unit__in=units, case__in=seen),
    )


def receivers(person: Staff, *, by: Staff) -> QuerySet[Staff]:
    """Who may be offered the work of `person`: working colleagues in the units where she has any."""
    units = units_in_charge(by)
    work = work_of(person, units=units, by=by)
    places = (
        Q(pk=person.organisation_id)
        | Q(pk__in=work.owned.values("holder"))
        | Q(pk__in=work.visits.values("holder"))
        | Q(pk__in=work.along.values("organisation"))
        | Q(pk__in=work.referrals.values("department"))
        | Q(pk__in=work.monitors.values("unit"))
    )
    return (
        Staff.objects.working()
        .filter(organisation__in=units.filter(places))
        .exclude(pk=person.pk)
        .exclude(roles__overlap=sorted(ADMIN_ROLES))
        .select_related("organisation")
        .order_by("organisation__name", "name_pinyin", "id")
    )


@dataclass(frozen=True)
class Burden:
    """How much lies with one person, and why she does not look after it, if she does not."""

    staff: Staff
    cases: int
    along: int
    referrals: int
    why: str
    monitors: int = 0


def people_with_work(by: Staff, at: datetime) -> list[Burden]:
    """Everybody whose work `by` may hand over, those who are not there first."""
    units = units_in_charge(by)
    seen = Case.objects.visible_to(by)
    along = Holding.objects.filter(until_at=None, organisation__in=units, case__in=seen).exclude(
        part=Part.OWNER
    )
    places: dict[int, int] = {}  # the last one found, where the work of one person lies at several units
    counts: dict[str, Counter[int]] = {name: Counter() for name in ("monitors", "cases", "along")}
    watched = Monitor.objects.open().filter(unit__in=units, case__in=seen)
    held = seen.filter(asks_for_something(), owner__isnull=False, holder__in=units)
    for name, rows, unit, person in (
        ("monitors", watched, "unit", "keeper"),
        ("along", along, "organisation", "staff"),
        ("cases", held, "holder", "owner"),
    ):
        for pk, place, count in rows.order_by().values_list(person, unit).annotate(count=Count("pk")):
            counts[name][pk] += count
            places[pk] = place
    referrals = _referrals_of_each(by, units)
    people = Staff.objects.select_related("organisation", "deputy").in_bulk(
        {*counts["monitors"], *counts["cases"], *counts["along"], *referrals}
    )
    today = china_date(at)
    burdens = [
        Burden(
            person,
            counts["cases"][pk],
            counts["along"][pk],
            referrals[pk],
            why_gone(person, places.get(pk, person.organisation_id), today) or why_away(person, today),
            counts["monitors"][pk],
        )
        for pk, person in people.items()
    ]
    return sorted(burdens, key=lambda row: (not row.why, row.staff.name_pinyin, row.staff.pk))


def _referrals_of_each(by: Staff, units: QuerySet[Organisation]) -> Counter[int]:
    """How many open referrals name each person of a department."""
    rows = (
        Referral.objects.visible_to(by)
        .open()
        .filter(department__in=units)
        .values_list("liaison", "handler", "signed_by")
    )
    return Counter(
        pk for liaison, handler, signer in rows for pk in {liaison, handler or signer} if pk is not None
    )


@transaction.atomic
def hand_over_all(from_staff: Staff, to: Staff, *, by: Staff, at: datetime, reason: str) -> Handover:
    """Move everything `from_staff` has in hand at the unit of `to`; write one event a case, tell `to` once.

    One transaction: a run that is broken off has moved nothing, and another run begins from the beginning. What lies
    at another unit stays, for a receiver of that unit. The rows are held in one order, referrals before cases as every
    other verb does, so that nobody waits for one another for ever.
    Raises StepNotAllowed.
    """
    unit = to.organisation
    if unit is None or not units_in_charge(by).filter(pk=unit.pk).exists():
        raise StepNotAllowed("只能移交给您所管单位的人。")
    if to.pk == from_staff.pk:
        raise StepNotAllowed("移交人和接收人是同一个人，请另选接收人。")
    handover = Handover(from_staff=from_staff, to_staff=to, by=by, at=at, reason=reason)
    work = work_of(from_staff, units=Organisation.objects.filter(pk=unit.pk), by=by)
    run = Run(handover, unit)
    counts = run.move_cases(work) | run.move_posts(work)
    # What she read by name only, somebody of the same standing reads from now on.
    if reading := pass_on(from_staff, to, Case.objects.visible_to(by), by=by, at=at):
        counts["reading"] = reading
    if not any(counts.values()):
        raise StepNotAllowed(
            f"{from_staff.name}在{unit.name}没有要移交的工作，可能刚刚已由他人移交，或者接收人须回避，请另选接收人。"
        )
    handover.counts = counts
    handover.save(force_insert=True)
    announce(NoticeKind.HANDED_OVER, None, [to], at=at)
    return handover


class Run:
    """One handing over while it goes on."""

    def __init__(self, handover: Handover, unit: Organisation) -> None:
        self.handover, self.unit = handover, unit
        self.giver, self.to, self.at = handover.from_staff, handover.to_staff, handover.at

    def move_cases(self, work: Work) -> dict[str, int]:
        referrals = self._hold_referrals(work)
        ids = {*work.owned.values_list("pk", flat=True), *work.along.values_list("case", flat=True)}
        visits = set(work.visits.values_list("pk", flat=True))
        ids |= set(work.monitors.values_list("case", flat=True))
        cases = (
            Case.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=ids | visits | set(referrals))
            .order_by("pk")
        )
        barred = barred_from_each(ids | visits | set(referrals))
        # What the receiver must not know stays behind, for another receiver.
        held = [case for case in cases if self.to not in barred.get(case.pk, NOBODY)]
        along, watched = self._along(held), self._watched(held)
        counts = dict.fromkeys(("owned", "visits", "along", "referrals", "monitors"), 0)
        for case in held:
            owns = case.owner_id == self.giver.pk and case.holder_id == self.unit.pk
            owns = owns and (case.is_open or case.pk in visits)
            self._check(owns=owns)
            moved = self._move(
                case,
                owns,
                along.get(case.pk, []),
                referrals.get(case.pk, []),
                watched.get(case.pk, []),
            )
            for name, count in moved.items():
                counts[name] += count
        return counts

    def _hold_referrals(self, work: Work) -> dict[UUID, list[Referral]]:
        found: dict[UUID, list[Referral]] = {}
        ids = list(work.referrals.values_list("pk", flat=True))
        rows = Referral.objects.open().filter(pk__in=ids).select_for_update(of=("self",), no_key=True)
        for referral in rows.order_by("pk"):
            found.setdefault(referral.case_id, []).append(referral)
        return found

    def _along(self, cases: list[Case]) -> dict[UUID, list[Holding]]:
        """Read after the cases are held: who works along may have changed while waiting."""
        found: dict[UUID, list[Holding]] = {}
        rows = Holding.objects.filter(
            case__in=cases, staff=self.giver, organisation=self.unit, until_at=None
        ).exclude(part=Part.OWNER)
        for row in rows.order_by("pk"):
            found.setdefault(row.case_id, []).append(row)
        return found

    def _watched(self, cases: list[Case]) -> dict[UUID, list[Monitor]]:
        """Likewise."""
        found: dict[UUID, list[Monitor]] = {}
        rows = Monitor.objects.open().filter(case__in=cases, keeper=self.giver, unit=self.unit)
        for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
            found.setdefault(row.case_id, []).append(row)
        return found

    def _check(self, *, owns: bool) -> None:
        """An owner may handle cases here, who works along may read them, a department's may answer."""
        if self.unit.kind == OrgKind.DEPARTMENT:
            if not self.to.may(Permission.REFERRAL_ANSWER):
                raise CannotOwn(f"{self.to.name}不办理转来的事项，请另选接收人。")
        elif owns or not self.to.is_active:
            check_can_own(self.to, self.unit)
        elif not (self.to.may(Permission.CASE_READ) or self.to.may(Permission.CASE_READ_ASSIGNED)):
            raise CannotOwn(f"{self.to.name}不办理案件，请另选接收人。")

    def _move(
        self,
        case: Case,
        owns: bool,
        along: list[Holding],
        referrals: list[Referral],
        watched: list[Monitor],
    ) -> dict[str, int]:
        """Everything of one case, and the one event about it."""
        if not (owns or along or referrals or watched):  # somebody took it from her while we waited
            return {}
        facts: dict[str, Any] = {
            "from": self.giver.pk,
            "to": self.to.pk,
            "handover": str(self.handover.pk),
            **({"part": Part.OWNER} if owns else {}),
            **({"along": [row.part for row in along]} if along else {}),
            **({"referrals": [referral.number for referral in referrals]} if referrals else {}),
            **({"monitors": [row.kind for row in watched]} if watched else {}),
        }
        was_open = case.is_open
        if owns:
            case.advance(Step.HAND_OVER, by=self.handover.by, at=self.at, facts=facts, owner=self.to)
        else:
            case.record(Step.HAND_OVER, by=self.handover.by, at=self.at, facts=facts)
        if owns and was_open:
            hand_over(case, to_unit=self.unit, to=self.to, at=self.at)
        self._move_along(case, along)
        for referral in referrals:
            self._move_referral(referral)
        for row in watched:
            self._move_monitor(row, case)
        return {
            "owned": int(owns and was_open),
            "visits": int(owns and not was_open),
            "along": int(bool(along)),
            "referrals": len(referrals),
            "monitors": len(watched),
        }

    def _move_along(self, case: Case, rows: list[Holding]) -> None:
        for row in rows:
            Holding.objects.filter(pk=row.pk).update(until_at=self.at)
            if not case.holdings.filter(staff=self.to, until_at=None).exists():
                Holding.objects.create(
                    case=case,
                    organisation=self.unit,
                    staff=self.to,
                    level=row.level,
                    part=row.part,
                    since_at=self.at,
                )

    def _move_monitor(self, row: Monitor, case: Case) -> None:
        """Asked after she owns the case or works along: who keeps a monitor must see it."""
        check_keeper(self.to, case)
        Monitor.objects.filter(pk=row.pk).update(keeper=self.to, version=F("version") + 1)
        MonitorEntry.objects.create(
            monitor=row,
            step=MonitorStep.KEEPER,
            happened_at=self.at,
            by=self.handover.by,
            unit=self.unit,
            at=self.at,
        )

    def _move_referral(self, referral: Referral) -> None:
        """Who signed for it stays history; whom the department names for it is `to` from now on."""
        changes: dict[str, Any] = {"version": F("version") + 1}
        if referral.liaison_id == self.giver.pk:
            changes["liaison"] = self.to
        if self.giver.pk in (referral.handler_id, None if referral.handler_id else referral.signed_by_id):
            changes["handler"] = self.to
        Referral.objects.filter(pk=referral.pk).update(**changes)

    def move_posts(self, work: Work) -> dict[str, int]:
        """What hangs on the person and on no case."""
        deputies = list(work.deputies.select_for_update(of=("self",)).order_by("pk"))
        for principal in deputies:
            stand_in = None if principal.pk == self.to.pk else self.to
            change_account(principal, {"deputy": stand_in}, by=self.handover.by, at=self.at)
        return {
            "memberships": work.memberships.update(liaison=self._liaison()),
            "deputies": len(deputies),
            "duties": work.duties.update(duty_contact=self.to),
        }

    def _liaison(self) -> Staff | None:
        """Without a liaison who reads the conference's pages, everybody who answers for the unit is told."""
        return self.to if self.to.may(Permission.CONFERENCE_READ) else None
