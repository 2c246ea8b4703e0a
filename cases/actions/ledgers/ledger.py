"""What a ledger is: visible rows, and columns in the order of the offices' own books. Screen and file read the same."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from cases.deadlines import CHINA, china_date, start_of_day
from cases.documents import Column, Kind
from cases.models import Case
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from weiquan.masking import HIDDEN

Read = Callable[[Any], Any]
YES, NO = "是", "否"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scope:
    """Of which unit, with those below it or alone, from which day to which."""

    unit: Organisation
    since: date
    until: date
    below: bool = True

    @cached_property
    def units(self) -> tuple[int, ...]:
        """The ids of the units whose rows are in it; asked once."""
        if not self.below or self.unit.level == AdminLevel.VILLAGE:
            return (self.unit.pk,)
        return tuple(units_under(self.unit).values_list("pk", flat=True))

    @property
    def span(self) -> tuple[datetime, datetime]:
        return start_of_day(self.since), start_of_day(self.until + DAY)

    @property
    def period(self) -> str:
        return f"{self.since.isoformat()} 至 {self.until.isoformat()}"


def units_under(unit: Organisation) -> QuerySet[Organisation]:
    """The unit itself and ours below it; no department."""
    here = Organisation.objects.filter(region__code__startswith=unit.region_prefix)
    same_place = Q(pk=unit.pk) | ~Q(region_id=unit.region_id) | ~Q(kind=unit.kind)
    return here.filter(same_place).exclude(kind=OrgKind.DEPARTMENT)


def units_within_reach(user: Staff) -> QuerySet[Organisation]:
    """The units whose ledgers she may choose: her own and those below it, stations before points of villages."""
    unit = user.organisation
    if unit is None or unit.kind == OrgKind.DEPARTMENT:
        return Organisation.objects.none()
    found = units_under(unit).filter(active=True)
    if unit.level > AdminLevel.TOWNSHIP:
        found = found.filter(Q(pk=unit.pk) | ~Q(kind=OrgKind.VILLAGE_POINT))
    return found.order_by("region_id", "pk")


@dataclass(frozen=True)
class Entry:
    """One column: its title, how its value is read from a row, and what stands there instead where it is personal."""

    title: str
    read: Read
    kind: Kind = Kind.TEXT
    width: float = 12
    masked: Read | None = None
    group: str = ""

    @property
    def is_personal(self) -> bool:
        return self.masked is not None

    @property
    def column(self) -> Column:
        return Column(self.title, self.width, self.kind, self.group)


def hidden(title: str, read: Read, width: float = 30, *, group: str = "") -> Entry:
    """Personal, and nothing of it is shown before it is opened; that there is something is."""
    return Entry(title, read, width=width, masked=lambda row: HIDDEN if read(row) else "", group=group)


def day(title: str, read: Read, *, group: str = "") -> Entry:
    return Entry(title, read, Kind.DATE, 11, group=group)


def moment(title: str, read: Read, *, group: str = "") -> Entry:
    return Entry(title, read, Kind.MOMENT, 16, group=group)


class Dated(Enum):
    """What the period of a ledger is held against: a moment, a day, or nothing."""

    MOMENT = auto()
    DAY = auto()
    NEVER = auto()


@dataclass(frozen=True)
class Ledger:
    """`rows` gives the visible rows of a scope with all that the columns read, so that a page costs the same number
    of queries whatever its length; `moment` is the column the period and the order go by."""

    code: str
    name: str
    basis: str
    moment: str
    rows: Callable[[Staff, Scope], QuerySet[Any]]
    entries: Sequence[Entry]
    case_of: Callable[[Any], Case | None]
    open_to: Callable[[Staff], bool] = lambda user: True
    dated: Dated = Dated.MOMENT
    notes: Sequence[str] = ()

    @property
    def has_personal(self) -> bool:
        return any(entry.is_personal for entry in self.entries)

    @property
    def columns(self) -> list[Column]:
        return [entry.column for entry in self.entries]

    def moment_of(self, row: Any) -> datetime:
        found: Any = row
        for name in self.moment.split("__"):
            found = getattr(found, name)
        return start_of_day(found) if self.dated is Dated.DAY else found

    def ordered(self, user: Staff, scope: Scope, *, newest: bool) -> QuerySet[Any]:
        sign = "-" if newest else ""
        found = self.rows(user, scope).filter(self._within(scope))
        return found.order_by(f"{sign}{self.moment}", f"{sign}pk")

    def _within(self, scope: Scope) -> Q:
        if self.dated is Dated.NEVER:
            return Q()
        if self.dated is Dated.DAY:
            return Q(**{f"{self.moment}__range": (scope.since, scope.until)})
        since, until = scope.span
        return Q(**{f"{self.moment}__gte": since, f"{self.moment}__lt": until})

    def after(self, rows: QuerySet[Any], when: datetime, pk: Any, *, newest: bool) -> QuerySet[Any]:
        """What follows the row of this moment and id, in the order of `ordered`."""
        way = "lt" if newest else "gt"
        place = china_date(when) if self.dated is Dated.DAY else when
        later = Q(**{f"{self.moment}__{way}": place}) | Q(**{self.moment: place, f"pk__{way}": pk})
        return rows.filter(later)

    def cells(self, rows: Iterable[Any], *, opened: bool) -> list[list[Any]]:
        """Text, numbers, days and naive moments of China, a list for each row."""
        readers = [entry.read if opened or entry.masked is None else entry.masked for entry in self.entries]
        return [[_plain(read(row)) for read in readers] for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None, second=0, microsecond=0)
    return value


def yes_no(said: bool | None) -> str:
    return "" if said is None else YES if said else NO


def joined(words: Iterable[Any]) -> str:
    """Each once, in order."""
    return "、".join(dict.fromkeys(str(word) for word in words if word))
