"""Her telephone, where others look too, and the computer that the whole station uses."""

import time
from typing import Any

import pytest
from django.conf import settings as conf
from django.urls import reverse
from playwright.sync_api import expect

from cases.models import Case, Rating
from stations.lock import RENEWED
from stations.models import HeldForm
from stations.sessions import SessionStore
from tests.cast import Cast
from tests.factories import make_case
from tests.journeys.conftest import PASSWORD, Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser
TYPED = "上午去村里见了她，孩子在外婆家。"
LENGTH = "history.length"


@pytest.fixture(autouse=True)
def calendar_of_ours(settings: Any) -> None:
    settings.EXIT_URL = ""  # no journey leaves this machine


def ask(desk: Desk, case: Case, code: str = "") -> None:
    """Fill in the query and press; with scripts the answer comes into the same page."""
    desk.fill("编号", case.number)
    desk.fill("查询码", code or case.query_code)
    desk.button("查询").click()


def test_she_asks_on_her_telephone_and_is_gone(visit: Visit, house: Cast, clock: Clock) -> None:
    case = make_case(house, "HANDLING")
    phone = visit(phone=True)
    phone.open("/login/")
    phone.open("/q/")
    entries = phone.page.evaluate(LENGTH)

    ask(phone, case, "00000000")
    phone.reads("编号和查询码对不上")
    ask(phone, case)
    phone.reads("正在办理")

    phone.photo("100-public-query-phone")
    phone.finds_nowhere("维权", "妇", "家暴", house.station.name, house.station.phone, case.query_code)
    assert phone.page.title() == "便民服务"
    assert phone.page.evaluate(LENGTH) == entries
    phone.page.keyboard.press("Escape")
    assert phone.page.url.endswith("/q/")
    phone.page.keyboard.press("Escape")
    phone.page.wait_for_url("**/k/")
    phone.photo("101-quick-exit-phone")
    assert phone.page.evaluate(LENGTH) == entries
    phone.page.go_back()
    assert phone.page.url.endswith("/login/")
    assert not phone.context.cookies() or {c["name"] for c in phone.context.cookies()} == {"csrftoken"}


def test_two_escapes_far_apart_do_not_leave(visit: Visit, house: Cast) -> None:
    phone = visit(phone=True)
    phone.open("/q/")

    phone.page.keyboard.press("Escape")
    phone.page.wait_for_timeout(1700)
    phone.page.keyboard.press("Escape")
    phone.page.wait_for_timeout(300)

    assert phone.page.url.endswith("/q/")


def test_all_of_it_works_without_scripts(visit: Visit, house: Cast, clock: Clock) -> None:
    case = make_case(house, "CLOSED")
    phone = visit(phone=True, scripts=False)
    phone.open("/q/")
    phone.fill("编号", case.number)
    phone.fill("查询码", case.query_code)
    phone.press("查询")
    phone.reads("已办结")
    phone.tick("对接待您的单位", "满意")
    phone.press("提交评价")
    phone.reads("您的评价已收到")

    phone.follow("快速离开")

    assert phone.page.url.endswith("/k/")
    assert Rating.objects.get().satisfaction == "SATISFIED"


def test_she_says_what_she_thinks_of_it(visit: Visit, house: Cast, clock: Clock) -> None:
    case = make_case(house, "CLOSED")
    phone = visit(phone=True)
    phone.open("/q/")
    ask(phone, case)
    phone.reads("已办结")
    phone.photo("102-rating-phone", whole=True)
    phone.fill("想说的话", "等了很久没有人回电话")
    phone.button("提交评价").click()
    phone.reads("请选一项。")
    assert phone.typed("想说的话") == "等了很久没有人回电话"
    phone.tick("对接待您的单位", "不满意")
    phone.button("提交评价").click()
    phone.reads("您的评价已收到")

    head = visit("head")
    head.open(reverse("case", args=[case.number]))

    head.reads("信访人评价不满意", "等了很久没有人回电话")


def lock_button(desk: Desk) -> None:
    desk.page.locator(".wq-menu summary").click()
    with desk.page.expect_navigation(url="**/lock/"):
        desk.button("锁屏").click()


def test_what_is_typed_outlives_the_lock(visit: Visit, house: Cast, clock: Clock) -> None:
    case = make_case(house, "HANDLING")
    clerk = visit("clerk")
    url = reverse("case_step", args=[case.number, "handle"])
    clerk.open(url)
    clerk.page.locator("textarea").first.fill(TYPED)

    lock_button(clerk)

    clerk.reads("已锁屏", house.clerk.name)
    clerk.finds_nowhere(TYPED, case.number)
    clerk.photo("103-locked")
    clerk.page.go_back()
    clerk.reads("已锁屏")
    clerk.fill("密码", "not hers")
    clerk.press("解锁", status=422)
    clerk.fill("密码", PASSWORD)
    clerk.press("解锁")
    clerk.page.wait_for_url(f"**{url}")
    clerk.reads("锁屏前填的内容已经放回来")
    expect(clerk.page.locator("textarea").first).to_have_value(TYPED)
    clerk.photo("104-unlocked-with-draft")
    assert not HeldForm.objects.exists()


def idle(desk: Desk, seconds: int) -> None:
    """The server last heard of her so long ago."""
    cookies = {cookie["name"]: cookie["value"] for cookie in desk.context.cookies()}
    session = SessionStore(cookies[conf.SESSION_COOKIE_NAME])
    session[RENEWED] = int(time.time()) - seconds
    session.save()


def test_a_screen_that_nobody_minds_warns_and_goes_dark(visit: Visit, house: Cast, clock: Clock) -> None:
    case = make_case(house, "HANDLING")
    clerk = visit("clerk")
    clerk.page.clock.install()
    clerk.open(reverse("case", args=[case.number]))
    idle(clerk, seconds=600)

    clerk.page.clock.fast_forward(9 * 60_000 + 5_000)
    clerk.reads("一分钟后锁屏")
    clerk.page.mouse.move(200, 200)
    expect(clerk.page.locator(".wq-locking")).to_have_count(0)
    idle(clerk, seconds=600)
    clerk.page.clock.fast_forward(9 * 60_000 + 5_000)
    clerk.reads("一分钟后锁屏")
    with clerk.page.expect_navigation(url="**/lock/"):
        clerk.page.clock.fast_forward(60_000)

    clerk.reads("已锁屏")
    clerk.finds_nowhere(case.number)


def test_without_scripts_a_form_sent_into_the_lock_is_sent_again(
    visit: Visit, house: Cast, clock: Clock
) -> None:
    case = make_case(house, "HANDLING")
    clerk = visit("clerk", scripts=False)
    clerk.open(reverse("case_step", args=[case.number, "handle"]))
    clerk.page.locator("textarea").first.fill(TYPED)
    idle(clerk, seconds=3600)

    clerk.page.locator("main form button[type=submit]").first.click()
    clerk.reads("已锁屏")
    clerk.finds_nowhere(TYPED)
    clerk.fill("密码", PASSWORD)
    clerk.press("解锁")
    clerk.reads("已按提交，没有送出")
    clerk.press("继续提交", status=422)

    assert clerk.page.locator("textarea").first.input_value() == TYPED
