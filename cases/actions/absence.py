"""Whose work nobody minds today, which posts stand empty, and who is told of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from cases.choices import NoticeKind, Status
from cases.deadlines import china_date
from cases.models import AbsenceTold, Case, Clock, Monitor, Referral
from cases.notifications import announce, heads
from stations.choices import OrgKind, StaffStep
from stations.models import Organisation, Staff
from stations.roles import Role


@dataclass(frozen=True)
class Unminded:
    """Cases and monitors of one unit whose owner or keeper has left, went to another unit, or is away without a deputy."""

    staff: Staff
    unit: Organisation
    cases: int
    why: str
    gone: bool
    monitors: int = 0


def unminded(cases: QuerySet[Case], at: datetime) -> list[Unminded]:
    """Of these cases, those that ask for something and whose owner does not look after them today; and what is watched
    over of them by nobody."""
    today = china_date(at)
    gone = Q(owner__is_active=False) | Q(owner__left_on__lte=today) | ~Q(owner__organisation=F("holder"))
    away = Q(owner__absent_from__lte=today, owner__absent_until__gte=today)
    owned = (
        cases.filter(asks_for_something(), gone | away)
        .order_by("holder", "owner")
        .values_list("owner", "holder")
        .annotate(count=Count("pk"))
    )
    found: dict[tuple[int, int], dict[str, int]] = {}
    for kind, rows in (("cases", owned), ("monitors", _unwatched(cases, today))):
        for person, unit, count in rows:
            found.setdefault((person, unit), {})[kind] = count
    people = Staff.objects.select_related("deputy").in_bulk({person for person, _ in found})
    units = Organisation.objects.select_related("region").in_bulk({unit for _, unit in found})
    told = [_unminded(people[who], units[unit], counts, today) for (who, unit), counts in found.items()]
    return [row for row in told if row.why]


def _unwatched(cases: QuerySet[Case], today: date) -> QuerySet[Any, Any]:
    gone = Q(keeper__is_active=False) | Q(keeper__left_on__lte=today) | ~Q(keeper__organisation=F("unit"))
    away = Q(keeper__absent_from__lte=today, keeper__absent_until__gte=today)
    return (
        Monitor.objects.open()
        .filter(gone | away, case__in=cases)
        .order_by("unit", "keeper")
        .values_list("keeper", "unit")
        .annotate(count=Count("pk"))
    )


def asks_for_something() -> Q:
    """Open, or closed with return visits still owed."""
    due = Q(code__startswith="IN-VISIT") | Q(code="IN-REVISIT")
    visits = Clock.objects.live().of_case_itself().filter(due, case=OuterRef("pk"))
    return Q(status__in=Status.open_statuses) | Q(Exists(visits), status=Status.CLOSED)


def _unminded(person: Staff, unit: Organisation, counts: dict[str, int], today: date) -> Unminded:
    gone = why_gone(person, unit.pk, today)
    why = gone or why_away(person, today)
    return Unminded(person, unit, counts.get("cases", 0), why, bool(gone), counts.get("monitors", 0))


def why_gone(person: Staff, unit: int | None, today: date) -> str:
    """Why she will not come back to the work she has at this unit, in a word; empty when she is of it."""
    if not person.is_active:
        return "已停用"
    if person.left_on is not None and person.left_on <= today:
        return "已离任"
    return "已调离" if person.organisation_id != unit else ""


def why_away(person: Staff, today: date) -> str:
    """Until when she is away with nobody standing in; empty when somebody is there."""
    if person.absent_until is None or not person.is_absent(today) or person.stand_in(today):
        return ""
    return f"离岗到{person.absent_until.month}月{person.absent_until.day}日，没有代办人"


def tell_of_absences(at: datetime) -> int:
    """Tell the head of every unit, once for each absence or leaving, whose work there nobody minds."""
    by_person: dict[int, list[Unminded]] = {}
    for row in unminded(Case.objects.all(), at):
        by_person.setdefault(row.staff.pk, []).append(row)
    return sum(_tell(rows, at) for rows in by_person.values())


@transaction.atomic
def _tell(rows: list[Unminded], at: datetime) -> bool:
    """One person; her work may lie at several units."""
    since = _since(rows[0])
    _, new = AbsenceTold.objects.get_or_create(staff=rows[0].staff, since=since, defaults={"at": at})
    if new:
        told = [head for row in rows for head in _in_charge(row, china_date(at))]
        announce(NoticeKind.STAND_IN, None, told, at=at)
    return new


def _since(row: Unminded) -> date:
    """Since when she is not there: what tells one absence from the next."""
    person = row.staff
    if not row.gone and person.absent_from is not None:
        return person.absent_from
    if person.left_on is not None:
        return person.left_on
    moved = person.events.filter(step__in=(StaffStep.MOVED, StaffStep.DEACTIVATED)).order_by("at").last()
    return china_date(moved.at if moved else person.date_joined)


def _in_charge(row: Unminded, today: date) -> list[Staff]:
    """The heads of the unit who are there; the county's where the one who is away was the only one."""
    county = Organisation.objects.federation_of(row.unit.county_code)
    for unit in filter(None, (row.unit, county)):
        there = [
            head
            for head in heads(unit)
            if head.pk != row.staff.pk and not (head.is_absent(today) and head.stand_in(today) is None)
        ]
        if there:
            return there
    return []


@dataclass(frozen=True)
class Vacancy:
    """A post that a unit needs and nobody in service holds."""

    unit: Organisation
    post: str


POSTS: dict[str, tuple[Role, ...]] = {
    OrgKind.STATION: (Role.STATION_HEAD, Role.STATION_CLERK),
    OrgKind.FEDERATION: (Role.COUNTY_OFFICER, Role.COUNTY_LEADER),
    OrgKind.DEPARTMENT: (Role.PARTNER_LIAISON,),
}


def vacancies(prefix: str) -> list[Vacancy]:
    """Posts standing empty in the region with this prefix.

    Of a department only when something lies with it, and only if it ever had accounts: one that works on paper and
    by one-time links has no post to fill.
    """
    waited_for = Referral.objects.open().filter(department=OuterRef("pk"))
    had_accounts = Staff.objects.filter(organisation=OuterRef("pk"))
    needed = ~Q(kind=OrgKind.DEPARTMENT) | (Q(Exists(waited_for)) & Q(Exists(had_accounts)))
    units = list(
        Organisation.objects.active()
        .filter(needed, kind__in=POSTS, region__code__startswith=prefix)
        .order_by("region_id", "kind", "name")
    )
    rows = Staff.objects.working().filter(organisation__in=units).values_list("organisation", "roles")
    filled = {(unit, role) for unit, roles in rows for role in roles}
    return [
        Vacancy(unit, role.label)
        for unit in units
        for role in POSTS[unit.kind]
        if (unit.pk, role) not in filled
    ]
