"""Who works in the measured city: a station for every township of 平顶山, a federation for every county and the city."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO

from django.core.management import call_command
from django.db.models import QuerySet

from cases.models import Case
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Region, Staff
from stations.roles import Role

CITY = "4104"
STATION_STAFF = (("clerk", Role.STATION_CLERK), ("head", Role.STATION_HEAD))
FEDERATION_STAFF = (("officer", Role.COUNTY_OFFICER), ("leader", Role.COUNTY_LEADER))


@dataclass(frozen=True)
class Desk:
    """One station: who registers there and who decides."""

    unit: Organisation
    clerk: Staff
    head: Staff


def build_city() -> list[Desk]:
    """Regions, organisations, two people each; the desks of the stations in order of their codes."""
    call_command("import_regions", verbosity=0, stdout=StringIO())
    regions = Region.objects.filter(pk__startswith=CITY, valid_to=None).order_by("pk")
    federations = _federations(regions)
    stations = Organisation.objects.bulk_create(
        Organisation(
            name=f"{region.name}妇女儿童维权站",
            short_name=f"{region.name[:2]}妇访",
            kind=OrgKind.STATION,
            region=region,
            parent=federations[region.pk[:6]],
            phone="0375-0000000",
        )
        for region in regions.filter(level=AdminLevel.TOWNSHIP)
    )
    people = Staff.objects.bulk_create(
        [*_people(federations.values(), FEDERATION_STAFF), *_people(stations, STATION_STAFF)]
    )
    by_name = {person.username: person for person in people}
    return [
        Desk(unit, by_name[f"clerk{unit.region_id}"], by_name[f"head{unit.region_id}"]) for unit in stations
    ]


def desks() -> list[Desk]:
    """The desks that have cases, from a city that was built before."""
    people = Staff.objects.select_related("organisation__region").filter(organisation__kind=OrgKind.STATION)
    by_name = {person.username: person for person in people}
    used = Case.objects.values("station").distinct()
    units = Organisation.objects.filter(pk__in=used).select_related("region").order_by("region_id")
    return [Desk(unit, by_name[f"clerk{unit.region_id}"], by_name[f"head{unit.region_id}"]) for unit in units]


def officer_over(desk: Desk) -> Staff:
    return Staff.objects.get(username=f"officer{desk.unit.county_code:0<12}")


def _federations(regions: QuerySet[Region]) -> dict[str, Organisation]:
    rows = regions.filter(level__in=(AdminLevel.CITY, AdminLevel.COUNTY))
    made = Organisation.objects.bulk_create(
        Organisation(name=f"{region.name}妇女联合会", kind=OrgKind.FEDERATION, region=region)
        for region in rows
    )
    return {unit.region_prefix: unit for unit in made}


def _people(units: Iterable[Organisation], roles: tuple[tuple[str, Role], ...]) -> list[Staff]:
    """Accounts without a password: the measurements bring their own sessions."""
    return [
        Staff(
            username=f"{part}{unit.region_id}",
            name=f"测{unit.region_id[-6:]}",
            organisation=unit,
            roles=[role],
            password="!",
        )
        for unit in units
        for part, role in roles
    ]
