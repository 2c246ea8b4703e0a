"""Who holds which post in many units at once: four queries for a whole batch of work, however long."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import Role


class Posts:
    """The people of some units and of the offices above them, as they stand on one day.

    `people` and `units` are ids. Whoever has left holds no post, but can still be asked for by her id.
    """

    def __init__(self, *, people: set[int], units: set[int], on: date) -> None:
        named = Staff.objects.filter(pk__in=people).select_related("deputy", "organisation")
        self.people = {person.pk: person for person in named}
        units = units | {person.organisation_id for person in named if person.organisation_id}
        own = Organisation.objects.in_bulk(list(units))
        regions = {code for unit in own.values() for code in places(unit.region_id)}
        above = Organisation.objects.active().filter(
            region__in=regions, kind__in=(OrgKind.STATION, OrgKind.FEDERATION)
        )
        self.units = own | {unit.pk: unit for unit in above}
        self._offices = {(unit.kind, unit.region_id): unit.pk for unit in self.units.values() if unit.active}
        self._by_unit: dict[int, list[Staff]] = defaultdict(list)
        self._conference: dict[str, list[Staff]] = defaultdict(list)
        for person in self._working(regions, on):
            unit = person.organisation
            assert unit is not None  # noqa: S101 – asked for by her unit
            self._by_unit[unit.pk].append(person)
            if person.holds(Role.CONFERENCE_OFFICE):
                self._conference[unit.region_id].append(person)

    def _working(self, regions: set[str], on: date) -> Iterator[Staff]:
        offices = Q(
            roles__contains=[Role.CONFERENCE_OFFICE],
            organisation__region__in=regions,
            organisation__kind__in=(OrgKind.FEDERATION, OrgKind.DEPARTMENT),
            organisation__active=True,
        )
        return (
            Staff.objects.working()
            .filter(Q(organisation__in=list(self.units)) | offices)
            .filter(Q(left_on=None) | Q(left_on__gt=on))
            .select_related("deputy", "organisation")
            .order_by("id")
            .iterator()
        )

    def federation(self, region: str) -> int | None:
        return self._offices.get((OrgKind.FEDERATION, region))

    def holding(self, unit: int | None, *roles: Role) -> list[Staff]:
        return [person for person in self._by_unit.get(unit or 0, []) if person.holds(*roles)]

    def conference(self, region: str) -> list[Staff]:
        """The office of the joint conference of that county or city, in whichever unit it sits."""
        return self._conference.get(region, [])

    def heads(self, unit: int | None) -> list[Staff]:
        """Who is in charge: a village point answers to the head of its township's station."""
        found = self.units.get(unit or 0)
        if found is None:
            return []
        match found.kind:
            case OrgKind.VILLAGE_POINT:
                station = self._offices.get((OrgKind.STATION, f"{found.township_code:0<12}"))
                return self.holding(station, Role.STATION_HEAD)
            case OrgKind.STATION:
                return self.holding(found.pk, Role.STATION_HEAD)
            case OrgKind.DEPARTMENT:
                return self.holding(found.pk, Role.PARTNER_LEADER)
            case _:
                return self.holding(found.pk, Role.COUNTY_OFFICER)

    def over(self, person: Staff) -> Iterator[list[Staff]]:
        """The groups over her, nearest first: her unit's heads and spokesmen, then one federation after another.

        She may be in some of them herself.
        """
        unit = person.organisation
        if unit is None:
            return
        yield self.heads(unit.pk)
        yield self.holding(unit.pk, Role.PARTNER_LIAISON)
        for region in places(unit.region_id):
            yield from self.offices_of(region)

    def offices_of(self, region: str) -> tuple[list[Staff], list[Staff]]:
        """The officers and the leaders of that place's federation."""
        federation = self.federation(region)
        return self.holding(federation, Role.COUNTY_OFFICER), self.holding(federation, Role.COUNTY_LEADER)


def places(region: str) -> list[str]:
    """The township, the county, the city and the province that a place lies in, itself first if it is one of them."""
    return list(dict.fromkeys(f"{region[:digits]:0<12}" for digits in (9, 6, 4, 2)))
