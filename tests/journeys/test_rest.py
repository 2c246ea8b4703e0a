"""What happens beside the straight way: a lost session, two people at once, a department outside, a curious reader."""

from datetime import timedelta

import pytest

from cases.actions.referral import LINK_OVER
from cases.models import Case
from stations.roles import Role
from tests.cast import MONDAY, Cast
from tests.factories import DEMAND, FACTS, SAFE_PHONE, make_case, make_referral
from tests.journeys.conftest import PASSWORD, Clock, Visit
from tests.journeys.desk import Desk, press_together

pytestmark = pytest.mark.browser

NAME = "祝冬雪"
AN_HOUR_AGO = MONDAY - timedelta(hours=1)


def tell_the_least(clerk: Desk) -> None:
    """What the intake page cannot do without."""
    clerk.tick("现在有没有人身危险", "蓝")
    clerk.fill("反映的事情", FACTS)
    clerk.choose("主要类别", "离婚问题")
    clerk.fill("姓名", NAME)
    clerk.tick("个人信息告知", "已口头告知")
    clerk.tick("凭什么登记她的信息", "本人同意，口头")


def test_interrupted_intake_goes_on_and_makes_one_case(house: Cast, visit: Visit):
    clerk = visit("clerk")
    clerk.follow("新登记")
    tell_the_least(clerk)
    clerk.reads("草稿已保存")
    clerk.context.clear_cookies(name="sessionid")
    clerk.press("登记")
    clerk.reads("登录")
    clerk.sign_in("clerk", PASSWORD)

    clerk.reads("有一份", "未提交的登记")
    clerk.photo("25-draft-offered")
    clerk.follow("继续填写")
    assert clerk.typed("反映的事情") == FACTS
    assert clerk.typed("姓名") == NAME
    clerk.fill("她希望怎么解决", DEMAND)
    clerk.press_twice("登记")

    number = clerk.fact("案号")
    clerk.follow("案件")
    clerk.reads(number)
    assert [case.number for case in Case.objects.all()] == [number]
    clerk.follow("新登记")
    clerk.finds_nowhere("未提交的登记")


def test_slower_of_two_is_told_who_was_faster(house: Cast, visit: Visit):
    house.clerk2.roles = [Role.STATION_HEAD]
    house.clerk2.save()
    number = make_case(house, at=AN_HOUR_AGO).number
    plans = {"仇站长": "先请村里劝和。", "郭小满": "先带她去派出所。"}
    desks = {"仇站长": visit("head"), "郭小满": visit("clerk2")}
    for name, desk in desks.items():
        desk.open(f"/cases/{number}/do/accept/")
        desk.choose("承办人", "单秀英")
        desk.fill("办理打算", plans[name])

    statuses = dict(zip(desks, press_together(*desks.values(), "受理"), strict=True))

    assert sorted(statuses.values()) == [200, 409]
    faster, slower = sorted(statuses, key=lambda name: statuses[name])
    desks[slower].reads(f"{faster}刚刚办理了“受理”，案件已有变化")
    assert desks[slower].typed("办理打算") == plans[slower]
    desks[slower].photo("26-somebody-was-faster")
    desks[slower].press("受理", status=409)
    desks[slower].reads("案件现在是“已受理”，不能“受理”")
    assert desks[slower].typed("办理打算") == plans[slower]
    desks[faster].reads("已记入案件")


def test_court_without_an_account_answers_once(house: Cast, visit: Visit, clock: Clock):
    sent = make_referral(house, department=house.court, at=AN_HOUR_AGO)
    clerk = visit("clerk")
    clerk.open(f"/referrals/{sent.pk}/")
    clerk.follow("生成一次性链接")
    clerk.press("生成一次性链接")
    clerk.reads("只在这里显示一次")
    link = clerk.page.locator(".wq-secret").inner_text()
    clerk.photo("27-link-made")

    clock.moves(hours=20)
    judge = visit(phone=True)
    judge.open(link)
    judge.reads("鲁山县人民法院", NAME, SAFE_PHONE, FACTS)
    judge.finds_nowhere(DEMAND, "秦大勇", "姐姐家")
    judge.photo("28-link-phone", phone=True)
    judge.tick("答复类型", "结果反馈")
    judge.choose("办理结果", "保护令")
    judge.fill("办理情况", "已裁定禁止骚扰、接触。")
    judge.fill("文书号", "（2026）豫0423民保令9号")
    judge.fill("文书日期", "2026-11-16")
    judge.fill("有效至", "2027-05-16")
    judge.fill("答复人姓名和职务", "李法官 立案庭")
    judge.press("提交答复")
    judge.reads("答复已送达")

    judge.open(link, status=410)
    judge.reads(LINK_OVER)
    judge.finds_nowhere(NAME, FACTS)
    clerk = visit("clerk")
    clerk.open(f"/referrals/{sent.pk}/")
    clerk.reads("豫0423民保令9号", "一次性链接，李法官 立案庭", "已裁定禁止骚扰")


def test_reader_from_above_gives_a_reason_and_the_owner_sees_it(house: Cast, visit: Visit):
    number = make_case(house, "HANDLING", at=AN_HOUR_AGO).number
    officer = visit("officer")
    officer.open(f"/cases/{number}/")
    officer.finds_nowhere(NAME, FACTS)
    officer.press("查看姓名证件")
    officer.reads("您不在本案的承办线上")
    officer.finds_nowhere(NAME)
    officer.press("查看", status=422)
    officer.reads("请写明查看原因")
    officer.photo("29-reason-asked")
    officer.fill("为什么要看", "市里来电询问此人是否登记过")
    officer.press("查看")
    officer.reads(NAME)
    officer.finds_nowhere(SAFE_PHONE, FACTS)  # one group, not the whole file

    clerk = visit("clerk")
    clerk.open(f"/cases/{number}/")
    clerk.follow("谁看过")
    clerk.reads("曾权益，鲁山县妇女联合会", "市里来电询问此人是否登记过")
    clerk.photo("30-who-looked")


def test_everything_is_reached_by_keyboard(house: Cast, visit: Visit):
    number = make_case(house, at=AN_HOUR_AGO).number
    head = visit()
    head.open("/login/")
    keyboard = head.page.keyboard
    keyboard.type("head")
    head.tab_to("password")
    keyboard.type(PASSWORD)
    head.tab_to("登录")
    head.enter()

    head.tab_to("跳到正文")
    head.tab_to("家庭纠纷（婆媳、邻里等）")
    head.enter()
    head.reads(number)
    head.tab_to("受理")
    head.enter()
    head.tab_to("owner")
    keyboard.press("ArrowDown")
    head.tab_to("plan")
    keyboard.type("先稳住，再调解。")
    head.tab_to("受理")
    head.enter()

    head.reads("已记入案件")


def test_intake_and_acceptance_without_scripts(house: Cast, visit: Visit):
    clerk = visit("clerk", scripts=False)
    clerk.follow("新登记")
    tell_the_least(clerk)
    clerk.fill("电话", SAFE_PHONE)
    clerk.press("登记", status=422)
    clerk.reads("请问清这个号码能不能打")
    assert clerk.typed("反映的事情") == FACTS
    clerk.tick("这个号码能打吗", "可以打")
    clerk.press_twice("登记")
    number = clerk.fact("案号")
    assert Case.objects.count() == 1

    head = visit("head", scripts=False)
    head.follow_within("新登记，待审核受理", number)
    head.follow("受理")
    head.choose("承办人", "单秀英")
    head.press("受理")
    head.reads("已记入案件", "单秀英")


DESKS = {
    "clerk": ("/", "/?show=sent", "/cases/", "/cases/new/blank/", "/referrals/", "/rules/", "/inbox/"),
    "officer": ("/", "/?show=overdue", "/cases/", "/referrals/"),
    "city_leader": ("/", "/cases/"),
    "volunteer": ("/", "/cases/"),
    "handler": ("/", "/inbox/"),
    "stat_officer": ("/",),
    "conference": ("/", "/rules/"),
    "sys_admin": ("/", "/rules/"),
    "sec_admin": ("/", "/staff/new/"),
    "audit_admin": ("/",),
}


def test_every_desk_is_in_order(house: Cast, visit: Visit):
    """Looks at each page as `Desk` does everywhere: the console silent, the title neutral, no wider than a phone."""
    make_referral(house, "RESULT", at=AN_HOUR_AGO)
    for username, pages in DESKS.items():
        somebody = visit(username)
        for page in (*pages, "/profile/"):
            somebody.open(page)
