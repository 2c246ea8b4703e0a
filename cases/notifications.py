"""Notices: written in the transaction of what they tell, with the sendings they ask for; `dispatch` sends these."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.db import connection

from cases.choices import NoticeKind
from cases.deadlines import china_date
from cases.models import (
    AgendaItem,
    AssessmentRound,
    Case,
    Clock,
    Delivery,
    Meeting,
    Monitor,
    Notice,
    Referral,
    Supervision,
    Task,
)
from cases.models.guarding import NOBODY, Barred, barred_from
from cases.outlets import deliveries_for
from cases.permissions import may_be_told, readers_of
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.posts import Posts
from stations.roles import Role
from weiquan.prepared import Prepared

# What a notice may lead to besides a case.
Subject = Referral | Supervision | Task | AgendaItem | Meeting | Monitor | AssessmentRound


def announce(
    kind: NoticeKind,
    case: Case | None,
    to: Iterable[Staff | None],
    *,
    at: datetime,
    about: Subject | None = None,
    clock: Clock | None = None,
    stage: str = "",
    barred: Barred | None = None,
) -> None:
    """Write one notice a person; whoever is absent is passed over for the deputy, who is told for whom.

    Somebody absent without a deputy gets the notice herself, and whoever is over her is told as well. Whoever is
    kept away from the case is not told, nor is a deputy of that kind; with nobody else left, the next above is.
    """
    write_many(notices_for(kind, case, to, at=at, about=about, clock=clock, stage=stage, barred=barred))


def notices_for(
    kind: NoticeKind,
    case: Case | None,
    to: Iterable[Staff | None],
    *,
    at: datetime,
    about: Subject | None = None,
    clock: Clock | None = None,
    stage: str = "",
    posts: Posts | None = None,
    barred: Barred | None = None,
) -> list[Notice]:
    """The rows `announce` writes, not yet written: a sweep gathers many, and knows the posts of all it reminds."""
    reached: dict[int, tuple[Staff, Staff | None]] = {}
    today = china_date(at)
    wanted = [person for person in to if person is not None]
    if barred is None:
        barred = barred_from(*_cases_behind(case, about)) if wanted else NOBODY
    for person in wanted:
        for recipient, instead_of in reached_by(person, today, posts, barred):
            reached.setdefault(recipient.pk, (recipient, instead_of))
    if wanted and not reached:
        reached = {one.pk: (one, None) for one in _next_above(wanted[0], today, posts, barred)}
    if case is not None and case.is_sealed:
        reached = _only_readers(case, reached)
    told = {"case": case, **_about(about), "clock": clock, "due_at": clock.effective_due if clock else None}
    return [
        Notice(recipient=recipient, instead_of=instead_of, kind=kind, stage=stage, at=at, **told)
        for recipient, instead_of in reached.values()
    ]


def _only_readers(
    case: Case, reached: dict[int, tuple[Staff, Staff | None]]
) -> dict[int, tuple[Staff, Staff | None]]:
    """Whoever may not open a sealed case is not told its number; then the absent reader is told herself."""
    readers = readers_of([case.pk])[case.pk]
    told: dict[int, tuple[Staff, Staff | None]] = {}
    for recipient, instead_of in reached.values():
        if may_be_told(recipient, instead_of, readers):
            told[recipient.pk] = (recipient, instead_of)
        elif instead_of is not None and instead_of.pk in readers:
            told.setdefault(instead_of.pk, (instead_of, None))
    return told


def reached_by(
    person: Staff, today: date, posts: Posts | None, barred: Barred = NOBODY
) -> Iterator[tuple[Staff, Staff | None]]:
    """Who learns what is meant for this person, and for whom: herself, her deputy, or whoever is over her too."""
    if person in barred:
        return
    if not person.is_absent(today):
        yield person, None
        return
    stand_in = person.stand_in(today, besides=barred)
    if stand_in:
        yield stand_in, person
        return
    yield person, None
    yield from ((one, person) for one in _next_above(person, today, posts, barred))


def _next_above(person: Staff, today: date, posts: Posts | None, barred: Barred) -> list[Staff]:
    """The nearest group over her in which somebody is there who may be told."""
    posts = posts or Posts(people={person.pk}, units=set(), on=today)
    for group in posts.over(person):
        allowed = [one for one in group if one != person and one not in barred]
        present = [
            one if not one.is_absent(today) else one.stand_in(today, besides=barred) for one in allowed
        ]
        covering = [one for one in present if one is not None and one != person]
        if covering:
            return covering
    return []


def _cases_behind(case: Case | None, subject: Subject | None) -> set[Any]:
    """The ids of the cases that a notice is about, named on it or not."""
    match subject:
        case Referral() | Supervision() | AgendaItem() | Monitor():
            behind = {subject.case_id}
        case Task():
            behind = {subject.resolution.item.case_id}
        case Meeting():
            behind = set(subject.items.values_list("case", flat=True))
        case _:
            behind = set()
    return behind | ({case.pk} if case is not None else set())


def _about(subject: Subject | None) -> dict[str, Subject | None]:
    """The one column of a notice that its subject goes into."""
    columns: dict[type, str] = {
        Referral: "referral",
        Supervision: "supervision",
        Task: "task",
        AgendaItem: "item",
        Meeting: "meeting",
        Monitor: "monitor",
        AssessmentRound: "assessment",
    }
    return {columns[type(subject)]: subject} if subject is not None else {}


def write_many(notices: list[Notice]) -> None:
    """Write the rows of a sweep, leaving out what was told already, and the sendings of those that are new.

    For hundreds of rows the ORM prepares thousands of values one by one; a column at a time takes a third as long.
    """
    if not notices:
        return
    deliveries = deliveries_for(notices)
    if deliveries:
        _number(notices)
    _insert(notices, "")
    if deliveries:
        for delivery in deliveries:
            delivery.notice_id = delivery.notice.pk
        _insert(deliveries, "WHERE EXISTS (SELECT 1 FROM cases_notice AS told WHERE told.id = notice_id)")


def _number(notices: list[Notice]) -> None:
    """Ids ahead of the rows, so that a sending can name its notice whether or not that turns out to be new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Notice._meta.db_table, len(notices)],
        )
        for notice, (pk,) in zip(notices, cursor.fetchall(), strict=True):
            notice.pk = pk


def _insert(rows: list[Notice] | list[Delivery], condition: str) -> None:
    meta, first = rows[0]._meta, rows[0]
    fields = [field for field in meta.concrete_fields if not field.primary_key or first.pk]
    columns = ", ".join(str(field.column) for field in fields)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({columns}) "  # noqa: S608 – our own names
            f"SELECT * FROM unnest({arrays}) AS new ({columns}) {condition} ON CONFLICT DO NOTHING",
            [[_plain(getattr(row, field.attname)) for row in rows] for field in fields],
        )


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def people(organisation: Organisation, *roles: Role) -> list[Staff]:
    """Who holds any of these roles in that unit, with deputies loaded."""
    return list(
        Staff.objects.working().of(organisation).holding(*roles).select_related("deputy").order_by("id")
    )


def heads(organisation: Organisation) -> list[Staff]:
    """Who is in charge of a unit: its head, or its officers and leaders where it is a federation.

    A village point has none of its own: the head of the township's station decides for it.
    """
    if organisation.kind == OrgKind.VILLAGE_POINT:
        stations = Organisation.objects.active().filter(
            kind=OrgKind.STATION, region_id=f"{organisation.township_code:0<12}"
        )
        return [head for station in stations for head in people(station, Role.STATION_HEAD)]
    return _HEADS(organisation.pk)


_HEADS = Prepared(
    lambda unit: (
        Staff.objects.working()
        .filter(organisation=unit)
        .holding(Role.STATION_HEAD, Role.COUNTY_OFFICER, Role.COUNTY_LEADER)
        .select_related("deputy")
        .order_by("id")
    ),
    sample=-1,
)


def county_federation(case: Case) -> Organisation | None:
    """The county federation over the case's place; none where a county has not been set up."""
    return Organisation.objects.federation_of(case.county_code)


def answerable(case: Case, *, besides: Staff) -> list[Staff]:
    """Who answers for a case over whoever works on it: the holder's heads, then the county's."""
    county = county_federation(case)
    found = [*heads(case.holder), *(heads(county) if county is not None else [])]
    return [one for one in {one.pk: one for one in found}.values() if one.pk != besides.pk]
