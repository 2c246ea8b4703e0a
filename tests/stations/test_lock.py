"""The locked screen: when it falls, what passes, what is kept, and what it takes to open it."""

import json
import re
import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stations.actions.locks import (
    default_minutes,
    drop_held_before,
    forget_idle_locks,
    idle_minutes,
    set_idle_minutes,
)
from stations.lock import HELD, LOCKED, LONGEST_TEXT, RENEWED, own_path
from stations.models import HeldForm, IdleLock
from stations.roles import Role
from tests.cases.pages import words
from tests.stations.conftest import AT, PASSWORD

LOCK, UNLOCK = "/lock/", "/lock/open/"
TYPED = "她说昨晚又来敲门"


@pytest.fixture(autouse=True)
def own_minutes():
    forget_idle_locks()
    yield
    forget_idle_locks()


@pytest.fixture
def desk(clerk) -> Client:
    client = Client()
    client.force_login(clerk, backend="stations.backends.StaffBackend")
    assert client.get("/profile/").status_code == 200
    return client


def idle(client: Client, *, minutes: float) -> None:
    """Nobody touched it for so long: the session says so, and no test waits."""
    session = client.session
    session[RENEWED] = int(time.time() - minutes * 60)
    session.save()


def lock(client: Client, **typed) -> None:
    assert client.post(LOCK, typed).url == LOCK


def open_again(client: Client, password: str = PASSWORD, **how):
    return client.post(UNLOCK, {"password": password}, **how)


@pytest.mark.parametrize(("minutes", "locked"), [(10.9, False), (11.1, True)])
def test_ten_idle_minutes_lock_a_clerk(desk, minutes, locked):
    """And the minute that the mark may be old."""
    idle(desk, minutes=minutes)

    page = desk.get("/profile/")

    assert page.status_code == (302 if locked else 200)
    assert (LOCKED in desk.session) is locked


def test_working_puts_it_off(desk):
    idle(desk, minutes=9)
    desk.get("/profile/")

    assert time.time() - desk.session[RENEWED] < 5


def test_a_locked_page_shows_nothing_of_the_desk(desk, clerk):
    lock(desk)

    page = desk.get(LOCK)

    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert clerk.name in words(page)
    assert "我的设置" not in words(page)
    for path in (
        "/",
        "/cases/",
        "/profile/",
        "/staff/",
        "/profile/password/",
        "/admin/",
        "/lock/held/",
        "/nowhere/",
    ):
        assert desk.get(path).url == LOCK, path


def test_what_anybody_may_see_passes(desk):
    lock(desk)

    assert desk.get("/q/").status_code == 200
    assert desk.get("/healthz").status_code in (200, 503)


def test_words_said_to_her_wait_behind_the_lock(desk, clerk):
    desk.post("/profile/", {"phone": "0375-1"})  # leaves a message for the next page
    lock(desk)

    assert "已保存" not in words(desk.get(LOCK))
    assert "已保存" not in words(desk.get("/q/"))
    open_again(desk)
    assert "已保存" in words(desk.get("/profile/"))


def test_her_password_opens_it_where_she_was(desk):
    idle(desk, minutes=60)
    assert desk.get("/inbox/?show=all").url == LOCK
    assert desk.get("/profile/").url == LOCK  # the first page she was sent away from is the one

    back = open_again(desk)

    assert back.url == "/inbox/?show=all"
    assert desk.get("/profile/").status_code == 200


def test_a_wrong_password_opens_nothing_and_counts_as_a_failed_login(desk, clerk):
    lock(desk)

    page = open_again(desk, "wrong")

    assert page.status_code == 422
    assert "密码不对" in words(page)
    assert desk.get("/profile/").url == LOCK
    assert AccessAttempt.objects.get().username == clerk.username
    open_again(desk)
    assert not AccessAttempt.objects.exists()


def test_five_wrong_passwords_lock_her_out_as_at_the_login(desk):
    lock(desk)
    pages = [open_again(desk, "wrong") for _ in range(5)]

    assert pages[-1].status_code == 429
    assert open_again(desk).status_code == 429
    assert desk.get("/profile/").url == LOCK


def test_another_persons_password_opens_nothing(desk, officer):
    officer.set_password("another-password-9")
    officer.save()
    lock(desk)

    assert open_again(desk, "another-password-9").status_code == 422


def test_logging_out_works_over_the_lock(desk):
    lock(desk)

    desk.post("/logout/")

    assert desk.get("/profile/").url.startswith("/login/")


def test_a_script_is_told_by_the_status(desk):
    lock(desk)

    assert desk.get("/profile/", headers={"HX-Request": "true"}).status_code == 423
    assert desk.post("/profile/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 423
    assert desk.get("/lock/left/").status_code == 423
    assert not HeldForm.objects.exists()


def test_asking_how_long_is_not_working(desk):
    idle(desk, minutes=9)

    left = desk.get("/lock/left/").json()["left"]

    assert left == pytest.approx(120, abs=3)
    assert time.time() - desk.session[RENEWED] > 500
    desk.post("/lock/left/")
    assert time.time() - desk.session[RENEWED] < 5


# What was typed


def test_a_form_sent_into_the_lock_is_kept_sealed_and_sent_again(desk, clerk):
    idle(desk, minutes=60)

    assert desk.post("/profile/", {"phone": TYPED}).url == LOCK
    row = HeldForm.objects.get()
    assert (row.staff, row.path, row.posted, row.fields) == (clerk, "/profile/", True, [["phone", TYPED]])
    assert TYPED not in desk.get(LOCK).content.decode()
    assert TYPED not in json.dumps(dict(desk.session))

    page = open_again(desk, follow=True)

    assert TYPED in page.content.decode()
    again = re.search(r'name="held_form" value="([^"]+)"', page.content.decode())[1]
    desk.post("/profile/", {"held_form": again, "phone": "0375-7654321"})
    clerk.refresh_from_db()
    assert clerk.phone == "0375-7654321"
    assert not HeldForm.objects.exists()
    assert HELD not in desk.session


def test_what_was_typed_and_not_sent_comes_back_to_its_page(desk):
    lock(desk, page="/profile/", fields=json.dumps([["phone", TYPED]]))

    assert open_again(desk).url == "/profile/"
    assert 'data-held="/lock/held/"' in desk.get("/profile/").content.decode()
    assert "data-held=" not in desk.get("/inbox/").content.decode()
    assert "锁屏前填的内容还在" in words(desk.get("/inbox/"))
    assert desk.post("/lock/held/", {"page": "/inbox/"}).json() == {"fields": []}
    assert desk.post("/lock/held/", {"page": "/profile/"}).json() == {"fields": [["phone", TYPED]]}
    assert not HeldForm.objects.exists()
    assert "data-held=" not in desk.get("/profile/").content.decode()


def test_each_kept_form_says_which_it_was(desk):
    lock(
        desk,
        page="/cases/410423103-2026-F-00001/do/handle/",
        fields=json.dumps([["way", "A"], ["words", "她" * 99]]),
    )
    open_again(desk)

    page = words(desk.get("/lock/held/"))

    assert "还没有提交 410423103-2026-F-00001" in page
    assert f"“{'她' * 60}”" in page
    assert "锁屏前填的内容还在" not in page


def test_it_can_be_dropped_by_her_alone(desk, officer):
    lock(desk, page="/profile/", fields=json.dumps([["phone", TYPED]]))
    open_again(desk)
    pk = HeldForm.objects.get().pk
    other = Client()
    other.force_login(officer, backend="stations.backends.StaffBackend")

    assert other.post("/lock/held/", {"held_form": pk}).status_code == 404
    assert TYPED not in other.get("/lock/held/").content.decode()
    assert desk.post("/lock/held/", {"held_form": pk}).status_code == 302
    assert not HeldForm.objects.exists()


def test_two_windows_each_keep_theirs(desk):
    lock(desk, page="/profile/", fields=json.dumps([["phone", "一"]]))
    lock(desk, page="/inbox/", fields=json.dumps([["q", "二"]]))

    assert open_again(desk).url == "/profile/"
    assert desk.post("/lock/held/", {"page": "/inbox/"}).json() == {"fields": [["q", "二"]]}


def test_a_session_that_ended_takes_nothing_along(desk, clerk):
    """A colleague needed the computer; at her next login it is all still there."""
    lock(desk, page="/profile/", fields=json.dumps([["phone", TYPED]]))
    desk.post("/logout/")

    later = Client()
    later.force_login(clerk, backend="stations.backends.StaffBackend")

    assert "锁屏前填的内容还在" in words(later.get("/inbox/"))


@pytest.mark.parametrize("path", ["/profile/password/", "/login/again/"])
def test_passwords_are_not_kept(desk, path):
    idle(desk, minutes=60)

    desk.post(path, {"old": "one", "new": "two", "password": "three"})

    assert not HeldForm.objects.exists()


@pytest.mark.parametrize(
    "fields", ["nonsense", "[1]", "7", "[]", json.dumps([["phone", "长" * (LONGEST_TEXT + 1)]])]
)
def test_what_no_page_sends_is_not_kept(desk, fields):
    lock(desk, page="/profile/", fields=fields)

    assert not HeldForm.objects.exists()
    assert LOCKED in desk.session


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/profile/?a=1", "/profile/?a=1"),
        ("https://evil.example/", ""),
        ("//evil.example/", ""),
        ("profile/", ""),
        ("/nowhere/", ""),
        ("/inbox/?" + "x" * 600, ""),
    ],
)
def test_only_pages_of_this_house_are_returned_to(path, kept):
    assert own_path(path) == kept


def test_the_button_works_without_a_script(desk):
    desk.post(LOCK, {}, headers={"Referer": "http://testserver/inbox/?show=all"})

    assert open_again(desk).url == "/inbox/?show=all"


def test_a_referrer_from_elsewhere_leads_to_the_desk(desk):
    desk.post(LOCK, {}, headers={"Referer": "http://elsewhere/inbox/"})

    assert open_again(desk).url == "/"


def test_unlocking_what_is_open_needs_no_password(desk):
    assert desk.get(LOCK).url == "/"
    assert desk.post(UNLOCK).url == "/"


def test_old_forms_are_dropped(desk):
    lock(desk, page="/profile/", fields=json.dumps([["phone", TYPED]]))

    assert drop_held_before(timezone.now() - timedelta(minutes=1)) == 0
    assert drop_held_before(timezone.now() + timedelta(minutes=1)) == 1


def test_a_form_kept_and_dropped_meanwhile_is_not_listed(desk):
    lock(desk, page="/profile/", fields=json.dumps([["phone", TYPED]]))
    open_again(desk)
    HeldForm.objects.all().delete()

    assert HELD in desk.session
    assert "没有锁屏前留下的内容" in words(desk.get("/lock/held/"))
    assert HELD not in desk.session
    assert desk.post("/lock/held/", {"page": "/profile/"}).json() == {"fields": []}


# How many minutes


@pytest.mark.parametrize("role", Role)
def test_stations_lock_sooner_than_offices(role):
    station = role in ("VILLAGE_LIAISON", "STATION_CLERK", "STATION_HEAD", "VOLUNTEER")

    assert default_minutes(role) == (10 if station else 15)


def test_the_shortest_of_her_roles_counts(person, officer):
    both = person("both", Role.COUNTY_OFFICER, Role.STAT_OFFICER)
    set_idle_minutes({Role.STAT_OFFICER: 3}, by=officer, at=AT)

    assert idle_minutes(both) == 3
    assert idle_minutes(person("none")) == 10
    assert idle_minutes(officer) == 15


def test_the_security_administrator_sets_them(client, officer):
    client.force_login(officer, backend="stations.backends.StaffBackend")
    typed = {role.value: default_minutes(role) for role in Role} | {"STATION_CLERK": 5}

    page = client.post(reverse("idle_locks"), typed, follow=True)

    assert "改了1个角色" in words(page)
    assert "由安全员修改" in words(page)
    row = IdleLock.objects.get()
    assert (row.role, row.minutes, row.by) == ("STATION_CLERK", 5, officer)
    assert "没有改动" in words(client.post(reverse("idle_locks"), typed, follow=True))
    assert client.post(reverse("idle_locks"), typed | {"STATION_CLERK": 241}).status_code == 422
    assert client.post(reverse("idle_locks"), typed | {"STATION_CLERK": 0}).status_code == 422


def test_new_minutes_hold_at_once_here(desk, officer):
    set_idle_minutes({Role.STATION_CLERK: 2}, by=officer, at=AT)
    idle(desk, minutes=4)

    assert desk.get("/profile/").url == LOCK
