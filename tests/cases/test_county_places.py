"""How the places below a federation stand, and where matters were settled month by month."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import closure, intake
from cases.choices import Outcome, ReopenGround
from cases.models import Case
from cases.statistics import places_below, settled
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from tests.cases.pages import LATER, as_, words
from tests.cases.test_county_desk import send_up
from tests.cast import CHINA, MONDAY, Cast
from tests.factories import make_case


def test_places_below_count_open_due_overdue_and_silent(cast, clock):
    Organisation.objects.filter(pk=cast.other_station.pk).update(opened_on=date(2012, 3, 8))
    make_case(cast, "HANDLING")
    make_case(cast, "HANDLING", at=MONDAY - timedelta(days=56))
    make_case(cast, "HANDLING", at=MONDAY - timedelta(days=70))
    make_case(cast, "CLOSED")
    Staff.objects.update(last_login=MONDAY, date_joined=MONDAY - timedelta(days=300))
    Staff.objects.filter(pk=cast.clerk2.pk).update(last_login=None)
    Staff.objects.filter(pk=cast.clerk.pk).update(last_login=MONDAY - timedelta(days=91))

    other, own = places_below(cast.county, LATER)[1], places_below(cast.county, LATER)[0]

    assert (own.name, own.open, own.soon, own.overdue) == ("下汤镇", 3, 1, 1)
    assert (own.stations, own.silent, own.latest_days) == (1, 0, 0)
    assert (own.accounts, own.unused) == (5, 2)  # with the volunteer, and the village point inside it
    assert (other.name, other.open, other.silent, other.latest_days, other.new) == ("梁洼镇", 0, 1, None, 0)


@pytest.mark.parametrize(
    ("days_ago", "silent", "said"),
    [(59, 0, "59天前"), (60, 1, "60天没有登记"), (0, 0, "今天")],
)
def test_a_station_is_silent_after_sixty_days(cast, clock, days_ago, silent, said):
    make_case(cast, at=MONDAY - timedelta(days=days_ago))

    place = next(row for row in places_below(cast.county, LATER) if row.name == "下汤镇")
    page = words(as_(cast.officer).get(reverse("county") + "?show=places"))

    assert (place.silent, place.latest_days) == (silent, days_ago)
    assert said in page


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        (date(2026, 11, 1), "新设的站，还没有登记"),
        (date(2012, 3, 8), "设站以来没有登记"),
        (None, "设站以来没有登记"),
    ],
)
def test_a_new_station_is_not_called_silent(cast, clock, opened, said):
    Organisation.objects.filter(kind=OrgKind.STATION).update(opened_on=opened)

    page = words(as_(cast.officer).get(reverse("county") + "?show=places"))

    assert said in page


def test_a_new_account_has_had_no_time_to_log_in(cast, clock):
    Staff.objects.update(last_login=None, date_joined=MONDAY - timedelta(days=89))

    assert {row.unused for row in places_below(cast.county, LATER)} == {0}


def test_most_troubled_place_stands_first_and_leads_to_its_cases(cast, clock):
    make_case(cast, "HANDLING", at=MONDAY - timedelta(days=70), unit=cast.other_station)
    make_case(cast, "HANDLING")
    client = as_(cast.officer)

    (first, address), (second, _) = client.get(reverse("county") + "?show=places").context["places"]

    assert (first.name, second.name) == ("梁洼镇", "下汤镇")
    listed = client.get(address).context["rows"]
    assert [Case.objects.get(number=row["number"]).station for row in listed] == [cast.other_station]


def test_the_countys_own_cases_stand_in_a_row_without_a_link(cast, clock):
    make_case(cast, "HANDLING", unit=cast.county)

    places = as_(cast.officer).get(reverse("county") + "?show=places").context["places"]

    assert [(place.open, address) for place, address in places if not place.code] == [(1, "")]


def test_city_sees_the_counties(cast, clock):
    make_case(cast, "HANDLING")
    make_case(cast, "HANDLING", unit=cast.far_station, at=MONDAY - timedelta(days=70))

    response = as_(cast.city_officer).get(reverse("county") + "?show=places")

    rows = [
        (place.name, place.open, place.overdue, place.stations, place.silent)
        for place, _ in response.context["places"]
    ]
    assert rows == [("宝丰县", 1, 1, 1, 1), ("鲁山县", 1, 0, 2, 1)]
    assert "2个站中1个60天没有登记" in words(response)


def test_places_take_a_constant_number_of_queries(cast, clock, django_assert_num_queries):
    make_case(cast, "CLOSED")
    with CaptureQueriesContext(connection) as one:
        places_below(cast.county, LATER)
        settled(cast.county, LATER)
    for unit in (cast.station, cast.other_station, cast.county):
        make_case(cast, "CLOSED", unit=unit)
        make_case(cast, "HANDLING", unit=unit)

    with django_assert_num_queries(len(one)):
        places_below(cast.county, LATER)
        settled(cast.county, LATER)


# Where matters were settled


def close_at(cast: Cast, moment: datetime, unit: Organisation | None = None) -> Case:
    return make_case(cast, "CLOSED", at=moment - timedelta(hours=1), unit=unit)


def test_settled_counts_by_the_month_in_china(cast):
    close_at(cast, datetime(2026, 9, 30, 23, 30, tzinfo=CHINA))
    close_at(cast, datetime(2026, 10, 1, 1, 30, tzinfo=CHINA))
    close_at(cast, datetime(2026, 10, 5, 9, tzinfo=CHINA), cast.village)
    close_at(cast, datetime(2026, 10, 6, 9, tzinfo=CHINA), cast.county)
    close_at(cast, datetime(2025, 11, 30, 9, tzinfo=CHINA))  # a year ago, before the first month shown

    months = {row.month: row.counts for row in settled(cast.county, LATER)}

    assert (min(months), max(months), len(months)) == (date(2025, 12, 1), date(2026, 11, 1), 12)
    assert {month: counts for month, counts in months.items() if any(counts)} == {
        date(2026, 9, 1): (0, 1, 0, 0),
        date(2026, 10, 1): (1, 1, 1, 0),
    }


def test_settled_shares_add_up(cast):
    close_at(cast, datetime(2026, 10, 5, 9, tzinfo=CHINA), cast.village)
    for _ in range(2):
        close_at(cast, datetime(2026, 10, 5, 9, tzinfo=CHINA))
    close_at(cast, datetime(2026, 10, 6, 9, tzinfo=CHINA), cast.county)

    october, november = settled(cast.county, LATER)[-2:]

    assert [
        october.share(level) for level in (AdminLevel.VILLAGE, AdminLevel.TOWNSHIP, AdminLevel.COUNTY)
    ] == [25, 50, 25]
    assert [
        october.within(level) for level in (AdminLevel.VILLAGE, AdminLevel.TOWNSHIP, AdminLevel.COUNTY)
    ] == [25, 75, 100]
    assert (november.share(AdminLevel.CITY), november.within(AdminLevel.CITY)) == (0, None)


def test_what_is_taken_up_again_stays_in_the_month_it_was_closed(cast):
    case = close_at(cast, datetime(2026, 10, 5, 9, tzinfo=CHINA))
    before = settled(cast.county, LATER)

    closure.reopen_case(
        case, ground=ReopenGround.RELAPSE, reason="又动手", owner=cast.clerk, by=cast.head, at=MONDAY
    )
    again = settled(cast.county, LATER)
    closure.propose_close(
        case,
        outcome=Outcome.SOLVED,
        solution="搬出",
        settled_level=AdminLevel.COUNTY,
        by=cast.clerk,
        at=MONDAY,
    )
    closure.close_case(case, opinion="同意", by=cast.head, at=LATER)

    assert again == before
    assert [row.counts for row in settled(cast.county, LATER)[-2:]] == [(0, 1, 0, 0), (0, 0, 1, 0)]


def test_settled_of_each_place(cast):
    close_at(cast, MONDAY)
    close_at(cast, MONDAY, cast.other_station)
    close_at(cast, MONDAY, cast.far_station)

    totals = [
        settled(org, LATER)[-1].total for org in (cast.city, cast.county, cast.other_county, cast.station)
    ]

    assert totals == [3, 2, 1, 1]


def test_advice_on_the_spot_is_settled_too(cast):
    case = make_case(cast)
    intake.advise_and_close(case, reply="已答复", satisfaction="SATISFIED", by=cast.clerk, at=LATER)

    assert settled(cast.county, LATER)[-1].counts == (0, 1, 0, 0)


def test_chart_and_table_say_the_same(cast, clock):
    close_at(cast, datetime(2026, 10, 5, 9, tzinfo=CHINA), cast.village)
    close_at(cast, datetime(2026, 10, 5, 9, tzinfo=CHINA))

    page = as_(cast.officer).get(reverse("county") + "?show=places")

    chart = page.context["settled"]
    assert [(piece.level, piece.width) for piece in chart["bars"][-2].pieces] == [
        ("VILLAGE", 200),
        ("TOWNSHIP", 200),
    ]
    assert (chart["rows"][-2]["township"], chart["rows"][-2]["village"]) == ("100%", "50%")
    assert chart["rows"][-1]["village"] == "—"
    assert "26年10月 2 1 1 0 0 50% 100% 100%" in words(page)


def test_desk_of_the_city_shows_the_levels_and_the_countys_leads_to_the_queue(cast, clock):
    send_up(cast)
    close_at(cast, MONDAY)

    city, county = as_(cast.city_officer).get(reverse("desk")), as_(cast.officer).get(reverse("desk"))

    assert "在哪一级化解" in words(city)
    assert "在哪一级化解" not in words(county)
    assert "逐件审核" in words(county)
    assert "逐件审核" not in words(as_(cast.head).get(reverse("desk")))


def test_no_closings_no_bars(cast, clock):
    assert "近12个月还没有办结的件" in words(as_(cast.officer).get(reverse("county") + "?show=places"))
