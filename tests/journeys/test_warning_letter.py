"""A warning letter (告诫书), from the answer of the police to its third clean visit; and one after which it happens again.

公通字〔2024〕34号 第12条: within seven days, then every three months, three clean ones in a row; violence again → police.
"""

from datetime import timedelta

import pytest

from cases.actions.monitors.warning import open_letter
from cases.actions.reminders import remind
from cases.models import Case, Monitor
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

QUIET = "分别谈过，这段时间没有动手，邻居也说安静。"
AGAIN = "昨晚又喝酒打人，邻居报信。"


def test_watched_to_the_third_clean_visit(house: Cast, visit: Visit, clock: Clock):
    sent = make_referral(house, "RESULT", at=MONDAY - timedelta(hours=2))
    desk = visit("clerk")
    begin(desk, str(sent.pk))

    clock.moves(days=4)
    remind(clock.now())
    look_in(visit("clerk"), clock)
    clock.moves(days=88)
    could_not_speak(visit("clerk"), clock)
    clock.moves(days=1)
    look_in(visit("clerk"), clock, photo="86-letter-visits")
    clock.moves(days=90)
    look_in(visit("clerk", phone=True), clock)
    clock.moves(days=92)
    desk = visit("clerk")
    look_in(desk, clock)
    desk.reads("连续查访无再犯", "3次（满3次结束）")
    desk.photo("87-letter-ended")
    assert not Monitor.objects.open().exists()


def begin(desk: Desk, referral: str) -> None:
    desk.open(f"/referrals/{referral}/")
    desk.reads("公安出具了告诫书")
    desk.follow("建立监测")
    assert desk.typed("告诫书文号")
    desk.fill("送达日期", f"{MONDAY:%Y-%m-%d}")
    desk.fill("出具日期", f"{MONDAY:%Y-%m-%d}")
    desk.photo("85-letter-opening")
    desk.press("建立监测")
    desk.reads("告诫后首次查访", "还有7天")


def to_the_letter(desk: Desk) -> None:
    desk.open("/")
    desk.reads("告诫书查访")
    desk.page.get_by_role("link", name="告诫书查访").first.click()
    desk.page.wait_for_load_state()
    desk.follow("记录查访")


def look_in(desk: Desk, clock: Clock, *, photo: str = "") -> None:
    to_the_letter(desk)
    desk.tick("她能安全说话吗", "能")
    desk.fill("时间", f"{clock.at - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    desk.choose("方式", "入户")
    desk.tick("双方分别见面了吗", "是")
    desk.choose("结果", "没有再发生")
    desk.fill("情况", QUIET)
    desk.press("记录查访")
    desk.reads("查访已记录", QUIET)
    if photo:
        desk.photo(photo)


def could_not_speak(desk: Desk, clock: Clock) -> None:
    """He was at home: nothing is asked, somebody comes again within three working days."""
    to_the_letter(desk)
    desk.tick("她能安全说话吗", "不能")
    desk.fill("时间", f"{clock.at - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    desk.choose("方式", "入户")
    desk.press("记录查访")
    desk.reads("不能安全说话，没有谈案情", "再次回访、查访")


def test_it_happens_again_and_the_case_is_taken_up(house: Cast, visit: Visit, clock: Clock):
    case = make_case(house, "CLOSED", at=MONDAY - timedelta(days=40), involves_dv=True)
    told = {"keeper": house.clerk, "by": house.clerk, "at": clock.now()}
    watched = open_letter(case, delivered_on=(MONDAY - timedelta(days=3)).date(), **told)

    desk = visit("clerk")
    desk.open(f"/monitors/{watched.pk}/")
    desk.follow("登记再次施暴")
    desk.fill("发生时间", f"{MONDAY - timedelta(hours=10):%Y-%m-%dT%H:%M}")
    desk.fill("发生了什么", AGAIN)
    desk.tick("报警了吗", "还没有")
    desk.press("登记再次施暴")
    desk.reads("再次施暴，已转报警处理")

    head = visit("head")
    head.open("/inbox/")
    head.reads("再次施暴或违反禁令，请立即处置")
    head.open(f"/cases/{case.number}/")
    head.reads("建议重新办理", "高危紧急处置")
    head.photo("88-letter-relapse")
    head.follow("重新办理")
    assert head.typed("为什么重新办理") == "RELAPSE"
    head.fill("说明", "告诫后再次施暴")
    head.choose("承办人", "单秀英")
    head.press("重新办理")
    assert Case.objects.get(pk=case.pk).round_no == 2
    head.open("/monitors/?show=all")
    head.reads("高危紧急处置", "立即处置")
    head.photo("89-monitors")
