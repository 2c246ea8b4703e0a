"""What a station keeps of itself: facts in versions, volunteers whose checks run out, activities, honours."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stations.actions import standing
from stations.models import Honour, StationFacts, Volunteer
from stations.offence_checks import first_day_of_valid_checks, is_running_out, last_day_of_year_after
from tests.cast import MONDAY, login

TODAY = MONDAY.date()
FACTS = {
    "address": "下汤镇人民路1号",
    "housed_in": "GOVERNANCE",
    "opened_on": date(2012, 3, 8),
    "phone": "0375-5050001",
    "hours": "工作日上午",
    "head": "仇站长",
    "deputies": "",
    "members": "单秀英、郭小满",
    "area": 40,
    "rooms": ["RECEPTION", "MEDIATION"],
    "wall_rules": ["SECRECY"],
    "funds": 20000,
    "has": ["PLACE", "SIGN"],
}


@pytest.fixture(autouse=True)
def standing_still(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY)


def volunteer_of(cast, **told):
    facts = {"name": "冯律师", "phone": "13900000003", "profession": "LAWYER", "joined_on": date(2026, 1, 5)}
    return standing.keep_volunteer(
        None, station=cast.station, shared_with=[], by=cast.clerk, at=MONDAY, **(facts | told)
    )


@pytest.mark.parametrize(
    ("checked", "last"),
    [
        (date(2025, 11, 16), date(2026, 11, 16)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2023, 12, 31), date(2024, 12, 31)),
    ],
)
def test_check_holds_for_a_year(checked, last):
    assert last_day_of_year_after(checked) == last
    assert checked >= first_day_of_valid_checks(last)
    assert checked < first_day_of_valid_checks(last + timedelta(days=1))


@pytest.mark.parametrize(("days_left", "warned"), [(31, False), (30, True), (0, True), (-1, True)])
def test_check_warns_thirty_days_before(days_left, warned):
    checked = date(2025, 11, 16)
    on = date(2026, 11, 16) - timedelta(days=days_left)

    assert is_running_out(checked, on) is warned


@pytest.mark.parametrize(
    ("told", "fit"),
    [
        ({"checked_on": date(2025, 11, 16), "result": "CLEAR"}, True),
        ({"checked_on": date(2025, 11, 15), "result": "CLEAR"}, False),
        ({"checked_on": date(2026, 11, 1), "result": "FOUND"}, False),
        ({"checked_on": date(2026, 11, 1), "result": "CLEAR", "left_on": TODAY}, False),
        ({"checked_on": date(2026, 11, 17), "result": "CLEAR"}, False),
        ({}, False),
    ],
)
def test_volunteer_is_fit_for_minors_only_with_a_clear_check_of_the_year(cast, told, fit):
    one = volunteer_of(cast, **told)

    assert one.is_fit_for_minors(TODAY) is fit
    assert Volunteer.objects.fit_for_minors(TODAY).exists() is fit


def test_facts_are_versions_and_feed_the_slips(cast):
    first = standing.keep_facts(cast.station, last=None, by=cast.clerk, at=MONDAY, **FACTS)
    later = standing.keep_facts(
        cast.station, last=first, by=cast.head, at=MONDAY + timedelta(days=1), **(FACTS | {"area": 60})
    )

    cast.station.refresh_from_db()
    assert list(StationFacts.objects.order_by("at").values_list("area", "current")) == [
        (40, False),
        (60, True),
    ]
    assert (cast.station.address, cast.station.hours) == (FACTS["address"], FACTS["hours"])
    with pytest.raises(standing.MovedOn):
        standing.keep_facts(cast.station, last=first, by=cast.clerk, at=MONDAY, **FACTS)
    assert later.current


def test_facts_page_keeps_what_was_typed_when_a_colleague_was_faster(cast, client):
    login(client, cast.clerk)
    typed = {**FACTS, "last": "", "opened_on": "2012-03-08", "address": "人民路2号"}
    standing.keep_facts(cast.station, last=None, by=cast.clerk2, at=MONDAY, **FACTS)
    address = reverse("station_facts", args=[cast.station.pk])

    refused = client.post(address, typed)
    last = refused.context["form"]["last"].value()
    accepted = client.post(address, typed | {"last": last})

    assert refused.status_code == 409
    assert "人民路2号" in refused.content.decode()
    assert (accepted.status_code, StationFacts.objects.get(current=True).address) == (302, "人民路2号")


def test_card_shows_what_stands_at_the_door(cast, client):
    standing.keep_facts(cast.station, last=None, by=cast.clerk, at=MONDAY, **FACTS)
    volunteer_of(cast)

    page = login(client, cast.clerk).get(reverse("station_card", args=[cast.station.pk])).content.decode()

    assert all(word in page for word in ("下汤镇人民路1号", "0375-5050001", "接待室、调解室", "综治中心"))
    assert page.count("wq-ticks__yes") == 2
    assert "1人的无犯罪记录查询将到期" in page


def test_volunteer_pages_hide_the_phone_and_count_the_service(cast, client):
    one = volunteer_of(cast, checked_on=date(2025, 11, 15), result="CLEAR")
    login(client, cast.clerk)
    served = {"service-on": "2026-11-13", "service-kind": "LEGAL_ADVICE", "service-persons": "3"}

    wrong = client.post(reverse("volunteer_service", args=[cast.station.pk, one.pk]), served)
    right = client.post(
        reverse("volunteer_service", args=[cast.station.pk, one.pk]), served | {"service-hours": "1.5"}
    )
    page = client.get(reverse("station_volunteers", args=[cast.station.pk])).content.decode()

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert one.services.get().hours == Decimal("1.5")
    assert "139****0003" in page
    assert "13900000003" not in page
    assert "2026-11-15已过期，请重新查" in page
    assert "1次" in page


def test_volunteer_form_wants_date_and_result_together(cast, client):
    login(client, cast.clerk)
    typed = {"name": "冯律师", "phone": "13900000003", "profession": "LAWYER", "joined_on": "2026-01-05"}
    address = reverse("volunteer_new", args=[cast.station.pk])

    half = client.post(address, typed | {"checked_on": "2026-11-02"})
    tomorrow = client.post(address, typed | {"checked_on": "2026-11-17", "result": "CLEAR"})
    whole = client.post(address, typed | {"checked_on": "2026-11-02", "result": "CLEAR"})

    assert "要么都填，要么都不填" in half.content.decode()
    assert "不能晚于今天" in tomorrow.content.decode()
    assert whole.status_code == 302
    assert list(Volunteer.objects.get().stations.all()) == [cast.station]


def test_county_lets_a_volunteer_serve_a_second_station(cast, client):
    one = volunteer_of(cast)
    typed = {"name": "冯律师", "phone": "13900000003", "profession": "LAWYER", "joined_on": "2026-01-05"}
    address = reverse("volunteer", args=[cast.station.pk, one.pk])

    login(client, cast.officer).post(address, typed | {"version": 0, "shared_with": [cast.other_station.pk]})
    there = login(client, cast.other_clerk).get(reverse("volunteer", args=[cast.other_station.pk, one.pk]))
    refused = login(client, cast.officer).post(
        address, typed | {"version": 1, "shared_with": [cast.far_station.pk]}
    )

    assert set(one.stations.all()) == {cast.station, cast.other_station}
    assert (there.status_code, refused.status_code) == (200, 422)

    # Her own station's clerk is offered no other, and takes none away; the county's officer does.
    login(client, cast.clerk).post(address, typed | {"version": 1})
    assert set(one.stations.all()) == {cast.station, cast.other_station}
    login(client, cast.officer).post(address, typed | {"version": 2})
    assert set(one.stations.all()) == {cast.station}


def test_of_two_who_change_a_volunteer_at_once_the_second_is_told(cast, client):
    one = volunteer_of(cast)
    typed = {"name": "冯律师", "phone": "13900000003", "profession": "LAWYER", "joined_on": "2026-01-05"}
    address = reverse("volunteer", args=[cast.station.pk, one.pk])
    login(client, cast.clerk)

    first = client.post(address, typed | {"version": 0, "checked_on": "2026-11-02", "result": "CLEAR"})
    second = client.post(address, typed | {"version": 0, "unit": "鲁山县法律援助中心"})
    page = second.content.decode()
    again = client.post(address, typed | {"version": 1, "unit": "鲁山县法律援助中心"})

    assert (first.status_code, second.status_code, again.status_code) == (302, 409, 302)
    assert "同事刚刚改过这里" in page
    assert "鲁山县法律援助中心" in page
    assert 'name="version" value="1"' in page
    one.refresh_from_db()
    assert (one.unit, one.version) == ("鲁山县法律援助中心", 2)


def test_activity_is_written_down_in_one_form(cast, client):
    login(client, cast.clerk)
    typed = {
        "on": "2026-03-08",
        "theme": "MARCH_8",
        "form": "STREET",
        "place": "下汤大集",
        "participants": "120",
        "papers": "300",
    }
    address = reverse("station_activities", args=[cast.station.pk])

    wrong = client.post(address, typed | {"participants": "0"})
    right = client.post(address, typed)

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "下汤大集" in client.get(address).content.decode()


def test_honour_holds_for_its_time_and_can_be_taken_back_once(cast):
    told = {
        "document_number": "平妇〔2026〕12号",
        "valid_from": date(2026, 1, 1),
        "by": cast.leader,
        "at": MONDAY,
    }
    model = standing.name_station(cast.station, kind="MODEL", valid_to=date(2026, 11, 16), **told)
    standing.name_station(cast.station, kind="STANDARD", **told)

    assert Honour.objects.holding(TODAY).count() == 2
    assert Honour.objects.holding(TODAY + timedelta(days=1)).get().kind == "STANDARD"
    standard = Honour.objects.get(kind="STANDARD")
    assert standing.withdraw_honour(standard, on=TODAY, why="复查不合格", by=cast.leader)
    assert not standing.withdraw_honour(standard, on=TODAY, why="复查不合格", by=cast.leader)
    cast.station.refresh_from_db()
    assert cast.station.grade == model.kind
    assert Honour.objects.get(kind="STANDARD").withdrawn_why == "复查不合格"


@pytest.mark.parametrize(
    ("who", "seen"), [("far_clerk", 404), ("other_officer", 404), ("other_head", 404), ("officer", 200)]
)
@pytest.mark.parametrize(
    "page", ["station_card", "station_facts", "station_volunteers", "station_activities"]
)
def test_another_countys_station_is_not_there(cast, client, who, seen, page):
    assert login(client, getattr(cast, who)).get(reverse(page, args=[cast.station.pk])).status_code == seen


def test_list_asks_the_same_number_of_queries_for_one_and_for_many(cast, client):
    login(client, cast.city_officer)
    client.get(reverse("station_list"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("station_list") + "?county=410421")
    for station in (cast.station, cast.other_station, cast.far_station):
        standing.keep_facts(station, last=None, by=cast.clerk, at=MONDAY, **FACTS)
        standing.name_station(
            station, kind="MODEL", document_number="1", valid_from=TODAY, by=cast.city_leader, at=MONDAY
        )
    with CaptureQueriesContext(connection) as many:
        page = client.get(reverse("station_list")).content.decode()

    assert len(many) == len(few)
    assert page.count("示范站") == 3
