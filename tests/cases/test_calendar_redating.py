"""The working calendar and the periods that run on it: shown first, moved on record when it is confirmed."""

from datetime import date

import pytest
from django.urls import reverse

from cases.choices import Step
from cases.models import Redating
from stations.choices import DayKind
from stations.models import CalendarYear, Holiday
from tests.cases.pages import words
from tests.cast import MONDAY, login
from tests.factories import make_case
from tests.stations.test_workdays import NOTICE_2027


@pytest.fixture
def desk(cast, client, clock):
    clock.at = MONDAY
    return login(client, cast.sys_admin)


def ends(case, code):
    return case.clocks.get(code=code).last_day


def test_a_day_in_an_announced_year_is_shown_before_it_is_changed(cast, desk):
    case = make_case(cast)  # IN-ACCEPT ends on Thursday 19 November
    url = reverse("calendar_day", args=[2026])
    typed = {"day": "2026-11-18", "kind": "REST", "name": "临时放假"}

    shown = desk.post(url, typed)

    assert shown.status_code == 200
    assert "推迟1个，提前0个" in words(shown)
    assert case.number not in shown.content.decode()
    assert not Holiday.objects.filter(date=date(2026, 11, 18)).exists()
    assert ends(case, "IN-ACCEPT") == date(2026, 11, 19)

    response = desk.post(url, typed | {"confirmed": "1"})

    assert response.url == reverse("calendar_year", args=[2026])
    assert ends(case, "IN-ACCEPT") == date(2026, 11, 20)
    act = Redating.objects.get()
    assert (act.by, act.clocks, act.cases, act.first_day) == (cast.sys_admin, 1, 1, date(2026, 11, 18))
    assert case.events.get(step=Step.REDATE).by == cast.sys_admin
    assert "已重算1件案件的1个期限" in words(desk.get(response.url))


def test_what_was_promised_is_not_shortened_unless_ticked(cast, desk):
    Holiday.objects.create(date=date(2026, 11, 18), kind=DayKind.REST, name="x", source="x")
    from stations.actions.calendar import raise_version

    raise_version("x", by=None, at=MONDAY)
    case = make_case(cast)
    assert ends(case, "IN-ACCEPT") == date(2026, 11, 20)
    url = reverse("calendar_day", args=[2026])
    typed = {"day": "2026-11-18", "kind": "PLAIN", "name": ""}
    assert "有期限会提前" in words(desk.post(url, typed))

    desk.post(url, typed | {"confirmed": "1"})
    assert ends(case, "IN-ACCEPT") == date(2026, 11, 20)


def test_a_day_that_moves_nothing_is_changed_at_once(cast, desk):
    make_case(cast)

    response = desk.post(
        reverse("calendar_day", args=[2026]), {"day": "2026-03-04", "kind": "REST", "name": "过去的一天"}
    )

    assert response.status_code == 302
    assert not Redating.objects.exists()


def test_a_notice_shows_the_provisional_periods_it_will_move(cast, desk):
    case = make_case(cast, "CLOSED", involves_dv=True)
    before = ends(case, "IN-VISIT-3")
    assert case.clocks.get(code="IN-VISIT-3").provisional
    url = reverse("calendar_notice", args=[2027])

    shown = desk.post(url, {"text": NOTICE_2027})

    assert shown.status_code == 200
    assert not CalendarYear.objects.filter(year=2027).exists()
    assert f"{before.year}年{before.month}月{before.day}日" in words(shown)

    desk.post(url, {"text": NOTICE_2027, "confirmed": "1", "may_shorten": "1"})

    clock = case.clocks.get(code="IN-VISIT-3")
    assert (clock.last_day, clock.provisional) == (date(2027, 2, 14), False)
    assert CalendarYear.objects.filter(year=2027).exists()
