"""A school reports harm to a child: reported to the police at once, sealed, followed until the police answer."""

import pytest

from tests.cast import Cast
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

FACTS = "学校来人说一名五年级女生可能受到邻居侵害，只记已知情况。"
LEAST = "十一岁女孩，放学后在邻居家受到侵害，现由女老师陪在学校。"
TEACHER = "田老师"


def test_a_school_s_compulsory_report(house: Cast, visit: Visit, clock: Clock):
    number = register(visit("clerk"))
    clock.moves(minutes=15)
    report(visit("clerk"), number)
    the_officer_learns_a_number(visit("officer"), number)
    clock.moves(hours=1)
    the_leader_names_her(visit("leader"), number)
    the_officer_reads_it(visit("officer"), number)
    clock.moves(days=1)
    the_police_took_it(visit("clerk"), number)
    clock.moves(days=2)
    the_police_answer(visit("clerk"), number)


def register(clerk: Desk) -> str:
    clerk.follow("新登记")
    clerk.choose("来源", "强制报告转入")
    clerk.fill("转来单位", "下汤镇中心小学")
    clerk.fill("对方联系人、报告人", TEACHER)
    clerk.tick("现在有没有人身危险", "橙")
    clerk.tick_box("涉未成年人")
    clerk.reads("不要反复询问孩子")
    clerk.fill("反映的事情", FACTS)
    clerk.choose("主要类别", "性侵害")
    clerk.tick_box("匿名")
    clerk.tick("个人信息告知", "情况紧急")
    clerk.tick("凭什么登记她的信息", "来信、转来")
    clerk.press("登记", status=422)
    clerk.reads("有的勾选，没有的勾“都没有”")
    clerk.tick_box("不满14岁的女孩")
    clerk.reads("现在就报警")
    clerk.fill("已知的最少事实", LEAST)
    clerk.photo("80-report-asked", whole=True)
    clerk.press("登记")
    clerk.reads("现在就报：拨 110", "待报告", LEAST)
    clerk.photo("81-report-owed")
    return clerk.page.locator("a.wq-number").first.inner_text()


def to_monitor(desk: Desk, number: str) -> None:
    desk.open(f"/cases/{number}/")
    desk.follow("强制报告")


def report(clerk: Desk, number: str) -> None:
    clerk.open(f"/cases/{number}/do/handle/")
    clerk.reads("不要再问孩子")
    to_monitor(clerk, number)
    clerk.follow("登记强制报告")
    clerk.fill("接报单位", "下汤派出所")
    clerk.fill("报告时间", "2026-11-16T09:10")
    clerk.fill("接报人", "鲁警官")
    clerk.fill("回执号", "接20261116007")
    clerk.press("登记强制报告")
    clerk.reads("已登记报告", "下汤派出所", "接20261116007", "等公安受理")
    clerk.photo("82-report-made")


def the_officer_learns_a_number(officer: Desk, number: str) -> None:
    officer.open("/cases/?show=open")
    officer.reads("另有1件封存案件（仅指定人员可查阅）", number)
    officer.finds_nowhere(FACTS, TEACHER, "性侵害")
    officer.open(f"/cases/{number}/", status=403)
    officer.reads("这件案件已封存", "下汤镇妇女儿童维权站", "办公电话")
    officer.finds_nowhere(FACTS, TEACHER, "性侵害")
    officer.photo("83-sealed-to-the-officer")


def the_leader_names_her(leader: Desk, number: str) -> None:
    leader.open(f"/cases/{number}/do/name-reader/")
    leader.choose("查阅人", "曾权益")
    leader.fill("为什么要让其查阅", "由权益部与公安对接。")
    leader.press("指定查阅人")
    leader.reads("已记入案件")


def the_officer_reads_it(officer: Desk, number: str) -> None:
    officer.open(f"/cases/{number}/")
    officer.reads("已封存，仅指定人员可查阅", FACTS)


def the_police_took_it(clerk: Desk, number: str) -> None:
    to_monitor(clerk, number)
    clerk.follow("登记公安受理")
    clerk.fill("公安受理或者立案时间", "2026-11-17T09:00")
    clerk.fill("受理情况", "已立案，承办民警鲁警官。")
    clerk.press("登记公安受理")
    clerk.reads("等公安反馈", "告知报案单位")


def the_police_answer(clerk: Desk, number: str) -> None:
    to_monitor(clerk, number)
    clerk.follow("登记处理结果反馈")
    clerk.fill("收到反馈的时间", "2026-11-19T09:30")
    clerk.tick("这是最后的处理结果吗", "是")
    clerk.fill("反馈内容", "犯罪嫌疑人已被刑事拘留，案件已移送审查起诉。")
    clerk.press("登记处理结果反馈")
    clerk.reads("已得到处理结果", "已移送审查起诉")
    clerk.photo("84-report-answered")
