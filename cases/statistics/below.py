"""What stands below a federation: open, due, overdue and silent, place by place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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

    `silent_days` is how long ago its latest registration was, for a place with one station; nothing if it never had
    one. `unused` counts the accounts nobody logged in to for 90 days.
    """

    code: str
    name: str
    open: int
    soon: int
    overdue: int
    stations: int
    silent: int
    silent_days: int | None
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
        _place(code, name, figures.get(code), stations.get(code, []), accounts.get(code, (0, 0)))
        for code, name in names.items()
    ]
    return sorted(found, key=_trouble)


def _trouble(place: Place) -> tuple[int, int, int, int, str]:
    """The overdue first, then the silent, then what is due this week."""
    return -place.overdue, -place.silent, -place.soon, -place.open, place.code


def _place(
    code: str, name: str, figures: dict[str, int] | None, days: list[int | None], used: tuple[int, int]
) -> Place:
    told = figures or {}
    return Place(
        code=code,
        name=name,
        open=told.get("open", 0),
        soon=told.get("soon", 0),
        overdue=told.get("overdue", 0),
        stations=len(days),
        silent=sum(day is None or day >= SILENT_DAYS for day in days),
        silent_days=days[0] if len(days) == 1 else None,
        accounts=used[0],
        unused=used[1],
    )


def _figures(org: Organisation, level: AdminLevel, at: datetime) -> dict[str, dict[str, int]]:
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
    return {row["code"]: row for row in rows}


def _stations(org: Organisation, level: AdminLevel, at: datetime) -> dict[str, list[int | None]]:
    """Days since each station last registered anything; one look at the end of an index for each."""
    newest = Case.objects.filter(township_code=OuterRef("township")).order_by("-received_at", "-id")
    stations = (
        Organisation.objects.active()
        .filter(kind=OrgKind.STATION, region_id__startswith=org.region.prefix)
        .annotate(township=Substr("region_id", 1, AdminLevel.TOWNSHIP.digits))
        .annotate(latest=Subquery(newest.values("registered_at")[:1]))
        .order_by("pk")
        .values_list("region_id", "latest", "opened_on")
    )
    found: dict[str, list[int | None]] = {}
    today = china_date(at)
    for region, latest, opened in stations:
        since = china_date(latest) if latest else opened  # a new station is not silent yet
        days = (today - since).days if since else None
        found.setdefault(region[: level.digits], []).append(days)
    return found


def _accounts(org: Organisation, level: AdminLevel, at: datetime) -> dict[str, tuple[int, int]]:
    """Accounts of the stations and points of each place, and those unused for 90 days; a new one has had no time yet."""
    since = at - timedelta(days=UNUSED_DAYS)
    seen = Greatest("date_joined", Coalesce("last_login", "date_joined"))
    rows = (
        Staff.objects.working()
        .filter(
            organisation__region_id__startswith=org.region.prefix,
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
