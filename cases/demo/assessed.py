"""What the demonstration shows of stations: their facts, volunteers and activities, and two years of assessment."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from cases.actions.assessment import corrections, rounds
from cases.actions.assessment.schemes import change_scheme
from cases.choices.assessment import Side
from cases.demo.places import MAIN_COUNTY, MAIN_TOWNSHIP, City
from cases.models import AssessmentRound, AssessmentScheme
from cases.workflow.assessment import Entry, Weight
from stations.actions import standing
from stations.choices import HousedIn, OffenceResult, Room, StationGrade, WallRule
from stations.models import ChecklistItem, Honour, Organisation, Staff, StationFacts
from stations.roles import Role

SURNAMES = "陶温裴柏翁岑滕殷贺喻戚葛"
PROFESSIONS = ("LAWYER", "PSYCHOLOGIST", "SOCIAL_WORKER", "TEACHER")
CAMPAIGNS = (
    (3, 8, "MARCH_8", "STREET", "乡镇大集", 160),
    (5, 29, "CHILD_GUARD", "SCHOOL", "中心小学", 220),
    (9, 15, "FAMILY_EDUCATION", "LECTURE", "文化站", 60),
    (10, 20, "ANTI_DV", "HOUSEHOLD", "各行政村", 90),
)
# The year's assessment begins with some stations of the main county, as a pilot; all of them would take too long.
PILOTS = 8
WORDS = "现场看过，有照片和登记可查。"
SHORT = {
    "ROOMS": (Decimal(3), "只有一间，接待和调解共用。"),
    "TRAINING": (Decimal("2.5"), "全年只参加一次培训。"),
}


def assess(at: datetime) -> None:
    """After everything else has happened, on the eve of the demonstration."""
    city = City.read()
    stations = [city.stations[code] for code in sorted(city.stations)]
    _facts(city, stations, at)
    _honours(city, stations, at)
    _helpers(city, at)
    for year in (at.year - 1, at.year):
        _scheme(city, year, at)
    here = [station for station in stations if station.county_code == MAIN_COUNTY]
    here = sorted(here, key=lambda station: station.township_code != MAIN_TOWNSHIP)[:PILOTS]
    _last_year(city, here, at)
    _this_year(city, here, at)


def _one(city: City, unit: Organisation, role: Role) -> Staff:
    return city.with_role(unit, role)[0]


def _facts(city: City, stations: list[Organisation], at: datetime) -> None:
    """In bulk: nobody wants to wait for 148 forms. A few have not filled theirs in."""
    items = list(ChecklistItem.objects.filter(enabled=True).order_by("sort").values_list("code", flat=True))
    rows = []
    for number, station in enumerate(stations):
        heads = city.with_role(station, Role.STATION_HEAD)
        if number % 25 == 12 or not heads:
            continue
        station.address = city.address(station.township_code, "便民服务中心院内")
        clerks = city.with_role(station, Role.STATION_CLERK)
        rows.append(
            StationFacts(
                station=station,
                address=station.address,
                housed_in=HousedIn.values[number % len(HousedIn.values)],
                opened_on=station.opened_on,
                head=heads[0].name,
                members="、".join(one.name for one in clerks),
                phone=station.phone,
                hours=station.hours,
                area=30 + number % 5 * 10,
                rooms=Room.values[: 2 + number % 3],
                wall_rules=WallRule.values[: 4 + number % 3],
                funds=5000 * (number % 4),
                has=[code for code in items if code != "FUNDS" or number % 4],
                by=heads[0],
                at=at - timedelta(days=200 - number),
            )
        )
    StationFacts.objects.bulk_create(rows)
    Organisation.objects.bulk_update([row.station for row in rows], ["address"])


def _honours(city: City, stations: list[Organisation], at: datetime) -> None:
    leader = _one(city, city.federations["4104"], Role.COUNTY_LEADER)
    since = date(at.year - 1, 12, 30)
    named = [station for station in stations if station.grade == StationGrade.STANDARD]
    Honour.objects.bulk_create(
        Honour(
            station=station,
            kind=StationGrade.STANDARD,
            named_by="CITY",
            document_number=f"平妇〔{since.year}〕21号",
            valid_from=since,
            valid_to=since.replace(year=since.year + 3),
            by=leader,
            at=at,
        )
        for station in named
    )


def _helpers(city: City, at: datetime) -> None:
    """A dozen volunteers of the main county, with checks in every state; campaigns of the year at four stations."""
    codes = [code for code in sorted(city.stations) if code.startswith(MAIN_COUNTY)]
    codes = [MAIN_TOWNSHIP, *(code for code in codes if code != MAIN_TOWNSHIP)][:4]
    today = at.date()
    for number, surname in enumerate(SURNAMES):
        station = city.stations[codes[number % 4]]
        by = _one(city, station, Role.STATION_HEAD)
        accounts = city.with_role(station, Role.VOLUNTEER) if number == 0 else []
        one = standing.keep_volunteer(
            None,
            station=station,
            shared_with=[],
            name=accounts[0].name if accounts else f"{surname}志远",
            phone=f"1390000{number:04d}",
            profession=PROFESSIONS[number % 4],
            certificate_number="",
            unit="",
            joined_on=date(at.year - 2, 6, 1),
            checked_on=today - timedelta(days=(60, 350, 380, 120)[number // 3]),
            result=OffenceResult.CLEAR,
            staff=accounts[0] if accounts else None,
            by=by,
            at=at,
        )
        for days in range(20, 20 + 30 * (number % 4 + 1), 30):
            standing.record_service(
                one,
                station=station,
                on=today - timedelta(days=days),
                kind="LEGAL_ADVICE",
                persons=3,
                hours=Decimal("1.5"),
                by=by,
                at=at,
            )
    for number, code in enumerate(codes):
        station = city.stations[code]
        for month, day, theme, form, place, people in CAMPAIGNS[: 4 - number]:
            on = date(at.year, month, day)
            told = {
                "theme": theme,
                "form": form,
                "place": place,
                "participants": people,
                "papers": people * 2,
            }
            if on <= today:
                by = _one(city, station, Role.STATION_HEAD)
                standing.record_activity(station, on=on, **told, by=by, at=at)


def _scheme(city: City, year: int, at: datetime) -> None:
    """The city's own, made from the newest, for a year that has none."""
    federation = city.federations["4104"]
    if AssessmentScheme.for_region(year, federation.region_id) is not None:
        return
    base = AssessmentScheme.objects.filter(in_force=True).order_by("-year")[0]
    lines = base.indicators.exclude(kind="VETO")
    change_scheme(
        base,
        {one.code: Weight(one.weight, one.target) for one in lines},
        year=year,
        federation=federation,
        good_from=base.good_from,
        pass_from=base.pass_from,
        reason=f"{year}年度沿用推荐方案",
        by=_one(city, federation, Role.COUNTY_LEADER),
        at=at,
    )


def _open(
    city: City, year: int, stations: list[Organisation], due_on: date, at: datetime
) -> list[AssessmentRound]:
    scheme = AssessmentScheme.for_region(year, f"{MAIN_COUNTY:0<12}")
    assert scheme is not None  # noqa: S101 – made above
    leader = _one(city, city.federations[MAIN_COUNTY], Role.COUNTY_LEADER)
    rounds.open_rounds(scheme, stations, due_on=due_on, by=leader, at=at)
    rows = AssessmentRound.objects.filter(scheme=scheme, station__in=stations)
    return list(rows.select_related("scheme", "station__region").order_by("station__region__code"))


def _entries(found: AssessmentRound, shorter: int) -> dict[str, Entry]:
    """Full marks with evidence, but for the first `shorter` things that a station may lack."""
    given = {}
    for line in found.lines:
        one = line.indicator
        if not one.is_auto:
            given[one.code] = Entry(one.weight, "" if one.is_veto else WORDS)
    for code in list(SHORT)[:shorter]:
        given[code] = Entry(*SHORT[code])
    return given


def _self_scored(city: City, found: AssessmentRound, at: datetime) -> None:
    head = _one(city, found.station, Role.STATION_HEAD)
    rounds.score(found, Side.STATION, _entries(found, 0), by=head, at=at)
    rounds.submit(found, by=head, at=at + timedelta(hours=1))


def _judged(city: City, found: AssessmentRound, number: int, at: datetime) -> None:
    officer = _one(city, city.federations[MAIN_COUNTY], Role.COUNTY_OFFICER)
    rounds.score(found, Side.COUNTY, _entries(found, number % 3), by=officer, at=at)
    rounds.send_up(found, by=officer, at=at + timedelta(hours=1))


def _last_year(city: City, stations: list[Organisation], at: datetime) -> None:
    """Published for the whole county; those below the line have something to put right."""
    opened = datetime(at.year - 1, 12, 1, 9, tzinfo=at.tzinfo)
    leader = _one(city, city.federations["4104"], Role.COUNTY_LEADER)
    officer = _one(city, city.federations[MAIN_COUNTY], Role.COUNTY_OFFICER)
    due_on = (at + timedelta(days=5)).date()
    tasks = 0
    for number, found in enumerate(_open(city, at.year - 1, stations, date(at.year - 1, 12, 15), opened)):
        _self_scored(city, found, opened + timedelta(days=10))
        _judged(city, found, number, opened + timedelta(days=15))
        rounds.publish(found, by=leader, at=opened + timedelta(days=25))
        if number % 3 == 2 and tasks < 3:
            task = corrections.set_correction(
                found,
                what="补上心理和法律志愿者各一名，查询记录齐全。",
                due_on=due_on,
                indicator=None,
                by=officer,
                at=at,
            )
            tasks += 1
            if tasks == 2:
                head = _one(city, found.station, Role.STATION_HEAD)
                corrections.answer_correction(task, text="已各登记一名，查询均为无记录。", by=head, at=at)


def _this_year(city: City, stations: list[Organisation], at: datetime) -> None:
    """Under way: some with the city, some with the county, most still with the stations."""
    due_on = (at + timedelta(days=12)).date()
    for number, found in enumerate(_open(city, at.year, stations, due_on, at - timedelta(days=9))):
        if number % 3 == 0 and found.station.township_code != MAIN_TOWNSHIP:
            _self_scored(city, found, at - timedelta(days=5))
            if number % 6 == 0:
                _judged(city, found, number, at - timedelta(days=2))
