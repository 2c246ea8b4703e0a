"""The places a report can be told for: those that the reader's organisation covers, and what each is made of."""

from dataclasses import dataclass

from cases.models import Figure
from stations.choices import AdminLevel
from stations.models import Organisation, Region

TOWNSHIP, COUNTY, CITY = 9, 6, 4
COVERS = {AdminLevel.TOWNSHIP: TOWNSHIP, AdminLevel.COUNTY: COUNTY, AdminLevel.CITY: CITY}
DESK = {TOWNSHIP: "妇联本级", COUNTY: "市妇联本级"}


@dataclass(frozen=True)
class Place:
    """A township, a county or a city by the digits its figures carry; or the own desk of the two latter."""

    code: str
    name: str

    @property
    def is_below_county(self) -> bool:
        return len(self.code) == TOWNSHIP

    @property
    def parts_digits(self) -> int:
        return {CITY: COUNTY, COUNTY: TOWNSHIP}.get(len(self.code), 0)

    @property
    def is_own_desk(self) -> bool:
        return len(self.code) > CITY and set(self.code[CITY if self.code[4:6] == "00" else COUNTY :]) == {"0"}


def places_of(org: Organisation | None) -> list[Place]:
    """The organisation's own area first, then what it is made of, then what those are made of; none for a village."""
    digits = COVERS.get(org.level) if org else None
    if org is None or digits is None:
        return []
    whole = Place(org.region_id[:digits], org.region.name)
    found = [whole]
    for place in parts_of(whole):
        found += [place, *parts_of(place)]
    return found


def parts_of(place: Place) -> list[Place]:
    """The desks and areas a place is made of, so that their figures add up to its own: none for a township."""
    digits = place.parts_digits
    if not digits or place.is_own_desk:
        return []
    level = AdminLevel.TOWNSHIP if digits == TOWNSHIP else AdminLevel.COUNTY
    regions = (
        Region.objects.under(place.code)
        .filter(level=level)
        .order_by("pk")
        .values_list("pk", "name", "valid_to")
    )
    counted = set(
        Figure.objects.filter(place__in=[code[:digits] for code, _, over in regions if over]).values_list(
            "place", flat=True
        )
    )
    desk = Place(f"{place.code:0<{digits}}", DESK[digits])
    return [
        desk,
        *(Place(code[:digits], name) for code, name, over in regions if not over or code[:digits] in counted),
    ]
