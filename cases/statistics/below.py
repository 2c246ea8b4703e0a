"""What stands below a federation: open, due, overdue and silent, place by place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Substr

from cases.deadlines import china_date
from cases.models import Case
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Region, Staff

SOON = timedelta(days=7)
SILENT_DAYS = 60
UNUSED_DAYS = 90


@dataclass(frozen=True)
class Place:
    """A township of a county, or a county of a city. Figures of matters (件); `code` is the prefix that its cases carry.

    `latest_days` is how long ago its latest registration was, for a place with one station; nothing if it never had
    one. A station opened lately is new, not silent. `unused` counts the accounts nobody logged in to for 90 days.
    """

    code: str
    name: str
    open: int
    soon: int
    overdue: int
    stations: int
    silent: int
    new: int
    latest_days: int | None
    accounts: int
    unused: int


def places_below(org: Organisation, at: datetime) -> list[Place]:
    """The townships of a county, or the counties of a city, the most troubled first; four queries."""
    level = AdminLevel.TOWNSHIP if org.level == AdminLevel.COUNTY else AdminLevel.COUNTY
    figures = _figures(org, level, at)
    stations = _stations(org, level, at)
    accounts = _accounts(org, level, at)
    names = _names(org, level, {*figures, *stations, *accounts})
    found = [
        _place(code, name, figures.get(code, NONE), stations.get(code, []), accounts.get(code, (0, 0)))
        for code, name in names.items()
    ]
    return sorted(found, key=_trouble)


def _trouble(place: Place) -> tuple[int, int, int, int, str]:
    """The overdue first, then the silent, then what is due this week."""
    return -place.overdue, -place.silent, -place.soon, -place.open, place.code


@dataclass(frozen=True)
class _Station:
    """Days since it last registered anything, nothing if never; and whether it has only just been opened."""

    days: int | None
    is_young: bool

    @property
    def is_silent(self) -> bool:
        return self.days >= SILENT_DAYS if self.days is not None else not self.is_young


class _Figures(NamedTuple):
    open: int
    soon: int
    overdue: int


NONE = _Figures(0, 0, 0)


def _place(code: str, name: str, figures: _Figures, stations: list[_Station], used: tuple[int, int]) -> Place:
    return Place(
        code=code,
        name=name,
        open=figures.open,
        soon=figures.soon,
        overdue=figures.overdue,
        stations=len(stations),
        silent=sum(station.is_silent for station in stations),
        new=sum(station.is_young and station.days is None for station in stations),
        latest_days=stations[0].days if len(stations) == 1 else None,
        accounts=used[0],
        unused=used[1],
    )


def _figures(org: Organisation, level: AdminLevel, at: datetime) -> dict[str, _Figures]:
    field = "township_code" if level is AdminLevel.TOWNSHIP else "county_code"
    cases = Case.objects.open()
    if level is AdminLevel.TOWNSHIP:
        cases = cases.filter(county_code=org.county_code)
    else:
        cases = cases.filter(county_code__startswith=org.region.prefix)
    rows = cases.values(code=F(field)).annotate(
        open=Count("pk"),
        soon=Count("pk", filter=Q(due_at__gt=at, due_at__lte=at + SOON)),
        overdue=Count("pk", filter=Q(due_at__lte=at)),
    )
    return {row["code"]: _Figures(row["open"], row["soon"], row["overdue"]) for row in rows}


def _stations(org: Organisation, level: AdminLevel, at: datetime) -> dict[str, list[_Station]]:
    """The stations of each place; one look at the end of an index for each."""
    newest = Case.objects.filter(township_code=OuterRef("township")).order_by("-received_at", "-id")
    stations = (
        Organisation.objects.active()
        .filter(kind=OrgKind.STATION, region__code__startswith=org.region.prefix)
        .annotate(township=Substr("region_id", 1, AdminLevel.TOWNSHIP.digits))
        .annotate(latest=Subquery(newest.values("registered_at")[:1]))
        .order_by("pk")
        .values_list("region_id", "latest", "opened_on")
    )
    found: dict[str, list[_Station]] = {}
    today = china_date(at)
    for region, latest, opened in stations:
        days = (today - china_date(latest)).days if latest else None
        young = opened is not None and (today - opened).days < SILENT_DAYS
        found.setdefault(region[: level.digits], []).append(_Station(days, young))
    return found


def _accounts(org: Organisation, level: AdminLevel, at: datetime) -> dict[str, tuple[int, int]]:
    """Accounts of the stations and points of each place, and those unused for 90 days; a new one has had no time yet."""
    since = at - timedelta(days=UNUSED_DAYS)
    seen = Greatest("date_joined", Coalesce("last_login", "date_joined"))
    rows = (
        Staff.objects.working()
        .filter(
            organisation__region__code__startswith=org.region.prefix,
            organisation__kind__in=(OrgKind.STATION, OrgKind.VILLAGE_POINT),
            organisation__active=True,
            left_on=None,
        )
        .annotate(seen=seen, code=Substr("organisation__region_id", 1, level.digits))
        .values("code")
        .annotate(accounts=Count("pk"), unused=Count("pk", filter=Q(seen__lt=since)))
    )
    return {row["code"]: (row["accounts"], row["unused"]) for row in rows}


def _names(org: Organisation, level: AdminLevel, codes: set[str]) -> dict[str, str]:
    """Every place below by its code, also one without a station; a code no longer in force if cases carry it."""
    regions: QuerySet[Region] = Region.objects.under(org.region.prefix).filter(level=level)
    used = [f"{code:0<12}" for code in codes if code]
    rows = regions.filter(Q(valid_to=None) | Q(pk__in=used)).order_by("pk").values_list("pk", "name")
    names = {code[: level.digits]: name for code, name in rows}
    return names | ({"": f"{org.name}（本级）"} if "" in codes else {})
