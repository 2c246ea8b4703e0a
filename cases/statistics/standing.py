"""Figures without persons: who may see them may see no case."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from cases.choices import Status
from cases.deadlines import CHINA, china_date
from cases.models import Case
from stations.choices import AdminLevel
from stations.models import Organisation, Region


@dataclass(frozen=True)
class Standing:
    """One row: a county or a township, its matters (件) registered this year, and what is open and overdue now."""

    place: str
    registered: int
    closed: int
    open: int
    overdue: int


def standing(org: Organisation, at: datetime) -> list[Standing]:
    """The rows below `org`: counties for a city or province, townships for a county, itself for a station."""
    year_start = datetime(china_date(at).year, 1, 1, tzinfo=CHINA)
    cases = Case.objects.exclude(status=Status.VOID)
    if org.level in (AdminLevel.CITY, AdminLevel.PROVINCE):
        cases = cases.filter(county_code__startswith=org.region.prefix)
        place = "county_code"
    elif org.level == AdminLevel.COUNTY:
        cases, place = cases.filter(county_code=org.county_code), "township_code"
    else:
        cases, place = cases.filter(township_code=org.township_code), "township_code"
    still_open = Q(status__in=Status.open_statuses)
    rows = (
        cases.values(place=F(place))
        .annotate(
            registered=Count("pk", filter=Q(registered_at__gte=year_start)),
            closed=Count("pk", filter=Q(ended_at__gte=year_start)),
            open_now=Count("pk", filter=still_open),
            overdue=Count("pk", filter=still_open & Q(due_at__lte=at)),
        )
        .order_by("place")
    )
    names = _names([row["place"] for row in rows])
    return [
        Standing(
            names.get(row["place"], org.name),
            row["registered"],
            row["closed"],
            row["open_now"],
            row["overdue"],
        )
        for row in rows
    ]


def _names(prefixes: list[str]) -> dict[str, str]:
    codes = {f"{prefix:0<12}": prefix for prefix in prefixes if prefix}
    return {codes[code]: name for code, name in Region.objects.filter(pk__in=codes).values_list("pk", "name")}
