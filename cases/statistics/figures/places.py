"""The places a report can be told for: those that the reader's organisation covers, and what each is made of."""

from collections.abc import Sequence
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


@dataclass(frozen=True)
class Area:
    """Everything an organisation covers: its own area first; `parts` says what each place is made of."""

    places: list[Place]
    parts: dict[str, list[Place]]


def area_of(org: Organisation | None) -> Area:
    """Empty for a village, for a province and for nobody's organisation."""
    digits = COVERS.get(org.level) if org else None
    if org is None or digits is None:
        return Area([], {})
    whole = Place(org.region_id[:digits], org.region.name)
    area = Area([], {})
    _add(area, whole, _below(whole))
    return area


def _add(area: Area, place: Place, below: Sequence[tuple[str, str]]) -> None:
    area.places.append(place)
    area.parts[place.code] = []
    digits = place.parts_digits
    if not digits or place.is_own_desk:
        return
    desk = Place(f"{place.code:0<{digits}}", DESK[digits])
    here = [(code, name) for code, name in below if len(code) == digits and code.startswith(place.code)]
    area.parts[place.code] = [desk, *(Place(code, name) for code, name in here)]
    for part in area.parts[place.code]:
        _add(area, part, below)


def _below(place: Place) -> list[tuple[str, str]]:
    """The counties and townships inside, those no longer in force only where something was counted for them."""
    digits = {AdminLevel.COUNTY: COUNTY, AdminLevel.TOWNSHIP: TOWNSHIP}
    rows = (
        Region.objects.under(place.code)
        .filter(level__in=digits)
        .order_by("pk")
        .values_list("pk", "name", "level", "valid_to")
    )
    told = [(code[: digits[AdminLevel(level)]], name, over) for code, name, level, over in rows]
    former = [code for code, _, over in told if over]
    counted = (
        set(Figure.objects.filter(place__in=former).values_list("place", flat=True)) if former else set()
    )
    return [(code, name) for code, name, over in told if not over or code in counted]
