"""Who must not know: a clerk whose relative comes to her desk, and an accusation that never reaches the accused."""

import pytest

from tests.cast import Cast
from tests.factories import ID_NUMBER
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

NAME = "祝冬雪"
FACTS = "婆家不让她看孩子，几次上门都被赶出来，想请妇联帮着说和。"
ACCUSATION = "报警三次，派出所都没有立案，也不给受案回执，说是家务事。"
POLICE = "鲁山县公安局"


def test_a_conflicted_clerk(house: Cast, visit: Visit, clock: Clock):
    clerk = visit("clerk")
    declare(clerk, "兄弟姐妹", "祝冬雪", ID_NUMBER)
    declare(visit("clerk2", phone=True), "姻亲", "祝冬雪", "")
    clock.moves(hours=1)
    number = register_her_own_sister(clerk)
    opens_no_more(clerk, number)
    clock.moves(minutes=20)
    the_head_has_it(visit("head"), number)
    clock.moves(hours=1)
    clerk2 = visit("clerk2")
    step_back(clerk2, number)
    opens_no_more(clerk2, number)
    clock.moves(minutes=10)
    the_head_goes_on(visit("head"), number)


def declare(desk: Desk, kind: str, name: str, id_number: str) -> None:
    desk.open("/profile/")
    desk.follow("申报本人和近亲属")
    desk.choose("是我的", kind)
    desk.fill("姓名", name)
    desk.fill("身份证号", "410423199003050007")
    desk.press("申报", status=422)
    desk.reads("身份证号不对，请核对18位号码")
    desk.fill("身份证号", id_number)
    desk.press("申报")
    desk.reads("已申报", name, "只有您自己能看")
    if id_number:
        desk.photo("95-ties-declared")
        desk.photo("95-ties-declared-phone", phone=True)


def write_down(clerk: Desk, *, facts: str, category: str) -> None:
    clerk.open("/cases/new/")
    clerk.tick("现在有没有人身危险", "蓝")
    clerk.fill("反映的事情", facts)
    clerk.choose("主要类别", category)
    clerk.fill("姓名", NAME)
    clerk.tick("个人信息告知", "已口头告知")
    clerk.tick("凭什么登记她的信息", "本人同意，口头")


def register_her_own_sister(clerk: Desk) -> str:
    write_down(clerk, facts=FACTS, category="婚姻")
    clerk.fill("身份证号", ID_NUMBER)
    # htmx, having asked whether she has been here, touches the history as the page leaves: wait for the answer itself.
    with clerk.page.expect_response(lambda answer: answer.url.endswith("/cases/new/")) as answered:
        clerk.button("登记").click()
    assert answered.value.status == 200
    clerk.reads("这件不由您办理，已经交给负责人接办", "告诉信访人", "查询码")
    clerk.finds_nowhere(NAME, ID_NUMBER)
    clerk.photo("96-handed-on-at-once")
    clerk.photo("96-handed-on-at-once-phone", phone=True)
    return clerk.fact("案号")


def opens_no_more(desk: Desk, number: str) -> None:
    for page in ("", "slip/", "accesses/", "registered/", "do/handle/"):
        desk.open(f"/cases/{number}/{page}", status=404)
    for page in ("/", "/cases/", "/inbox/"):
        desk.open(page)
        desk.finds_nowhere(number)


def the_head_has_it(head: Desk, number: str) -> None:
    head.open(f"/cases/{number}/")
    head.reads("下汤镇妇女儿童维权站，仇站长", FACTS)
    head.unfold("回避和屏蔽")
    head.reads("单秀英，下汤镇妇女儿童维权站", "与当事人有利害关系")
    head.photo("97-who-is-kept-away", whole=True)
    head.photo("97-who-is-kept-away-phone", phone=True, whole=True)
    head.follow("受理")
    assert head.page.get_by_text("单秀英").count() == 0
    head.choose("承办人", "郭小满")
    head.choose("怎样告知信访人", "当面送达")
    head.press("受理", status=422)
    head.reads("郭小满与当事人有无利害关系？请核实后选择")
    head.photo("98-asked-of-a-namesake")
    head.photo("98-asked-of-a-namesake-phone", phone=True)
    head.choose("承办人与当事人有无利害关系？", "需要回避")
    head.press("受理", status=422)
    head.reads("郭小满需要回避，请另选他人")
    head.choose("承办人与当事人有无利害关系？", "已核实，无利害关系")
    head.press("受理")
    head.reads("已记入案件", "确认无利害关系", "郭小满")


def step_back(clerk2: Desk, number: str) -> None:
    clerk2.open(f"/cases/{number}/")
    clerk2.follow("申请回避")
    clerk2.fill("为什么回避", "后来才知道信访人是我小姑子的同学。")
    clerk2.press("我要回避")
    clerk2.reads("这件案件已交他人接办，您不再看到")


def the_head_goes_on(head: Desk, number: str) -> None:
    head.open("/inbox/")
    head.reads("承办人回避，请另定承办人")
    head.open(f"/cases/{number}/")
    head.reads("下汤镇妇女儿童维权站，仇站长", "后来才知道信访人是我小姑子的同学。")
    head.follow("记录办理情况")
    head.choose("办理方式", "调解")
    head.fill("做了什么", "上门谈了一次，婆家同意每周接孩子一天。")
    head.press("保存办理记录")
    head.reads("每周接孩子一天")


def test_an_accusation_the_police_never_see(house: Cast, visit: Visit, clock: Clock):
    clerk = visit("clerk")
    number = accuse(clerk)
    clock.moves(hours=1)
    nothing_goes_to_them(visit("head"), number)
    clock.moves(hours=1)
    they_never_learn_of_it(visit("liaison"), number)


def accuse(clerk: Desk) -> str:
    write_down(clerk, facts=ACCUSATION, category="检举干部")
    clerk.choose("来的目的", "检举控告")
    clerk.press("登记", status=422)
    clerk.reads("检举控告须选清楚")
    clerk.tick("反映的是系统内的单位或其工作人员吗", "是，单位在名单里")
    clerk.fill("被反映的单位", "公安")
    clerk.press("登记", status=422)
    clerk.reads("名单里没有这个单位，请从名单里选全称")
    clerk.photo("99-about-one-of-us", whole=True)
    clerk.photo("99-about-one-of-us-phone", phone=True, whole=True)
    clerk.fill("被反映的单位", POLICE)
    clerk.press("登记")
    clerk.reads("已登记", "查询码")
    return clerk.fact("案号")


def nothing_goes_to_them(head: Desk, number: str) -> None:
    head.open(f"/cases/{number}/")
    head.unfold("回避和屏蔽")
    head.reads(POLICE, "被反映的单位")
    head.follow("受理")
    head.choose("承办人", "单秀英")
    head.choose("怎样告知信访人", "当面送达")
    head.press("受理")
    head.follow("转交部门")
    offered = head.field("转给哪个部门").inner_text()
    assert (POLICE in offered, "鲁山县民政局" in offered) == (False, True)


def they_never_learn_of_it(liaison: Desk, number: str) -> None:
    for page in ("/referrals/", "/inbox/"):
        liaison.open(page)
        liaison.finds_nowhere(number, ACCUSATION, NAME)
    liaison.open(f"/cases/{number}/", status=404)
