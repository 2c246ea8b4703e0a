"""A year of two counties in a few cases, made by the real verbs; and what a person with the registers would count."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from cases.actions import handling, intake
from cases.choices import Channel, HandlingMethod, Occurrence, ServiceType
from cases.models import Case, Figure
from tests.cast import CHINA, Cast
from tests.factories import entry, make_case, make_referral, petitioner

DAY = timedelta(days=1)
YEAR = 2025
AFTER = datetime(2026, 3, 2, 9, tzinfo=CHINA)


def on(month: int, day: int, hour: int = 9, year: int = YEAR) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA)


def nameless() -> tuple[Any, ...]:
    return (petitioner(name="", id_number="", phones=()),)


def fill(cast: Cast) -> dict[str, Case]:
    """Every way in, every unit, every way out; the last hours of December among them."""
    told: dict[str, Case] = {}

    def case(key: str, status: str, at: datetime, **others: Any) -> Case:
        told[key] = make_case(cast, status, at=at, parties=nameless(), **others)
        return told[key]

    case("closed", "CLOSED", on(2, 3))
    case("advised", "CLOSED", on(5, 6), channel=Channel.PHONE_12338, category="PRO_LAND", categories=())
    case("violent", "HANDLING", on(3, 4), unit=cast.village, category="MAR_DV", channel=Channel.VISIT)
    case("group", "HANDLING", on(4, 7), unit=cast.other_station, persons=7, category="LAB_WAGE")
    case("letter", "NOT_ACCEPTED", on(6, 9), unit=cast.county, channel=Channel.LETTER)
    case("online", "REDIRECTED", on(6, 10), unit=cast.far_station, channel=Channel.ONLINE)
    case("twin", "REGISTERED", on(7, 8))
    case("waits", "ACCEPTED", on(8, 5), occurrence=Occurrence.REPEAT)
    case("mistake", "REGISTERED", on(9, 1), unit=cast.other_station)
    case("new_year", "REGISTERED", on(12, 31, 23), channel=Channel.PHONE_OTHER)
    case("next_year", "REGISTERED", on(1, 1, 0, 2026), channel=Channel.TRANSFER_DEPT)
    again = entry(cast, channel=Channel.PHONE_OTHER, occurrence=Occurrence.REPEAT, received_at=on(4, 20))
    intake.add_contact(told["group"], again, unit=cast.other_station, by=cast.other_clerk, at=on(4, 21))
    more = entry(
        cast, channel=Channel.VISIT, occurrence=Occurrence.CONTINUED, received_at=on(9, 9), persons=2
    )
    intake.add_contact(told["waits"], more, unit=cast.station, by=cast.clerk, at=on(9, 9))
    handling.record_handling(
        told["group"],
        method=HandlingMethod.LEGAL_ADVICE,
        happened_at=on(4, 8),
        content="讲了劳动合同法。",
        service=ServiceType.CONSULT,
        service_persons=7,
        by=cast.other_clerk,
        at=on(4, 8),
    )
    make_referral(cast, "RESULT", case=told["violent"], at=on(3, 10))
    return told


def void(cast: Cast, case: Case, at: datetime) -> None:
    handling.ask_void(case, reason="登记错误，重复录入", by=cast.other_head, at=at)
    handling.void_case(case, reason="情况属实", by=cast.officer, at=at + timedelta(minutes=1))


def stored(year: int) -> list[tuple[Any, ...]]:
    rows = Figure.objects.filter(start__year=year).values_list(
        "place", "grain", "start", "measure", "dim", "value"
    )
    return sorted(rows)


def ask(sql: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0] or 0)
