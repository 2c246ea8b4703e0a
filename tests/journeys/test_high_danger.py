"""She is in mortal danger: from the first question at the desk to the police receipt and the county's plan."""

import pytest

from cases.choices import ClockStatus, NoticeKind
from cases.models import Case, Clock, Notice
from tests.cast import Cast
from tests.journeys.conftest import Clock as Hands
from tests.journeys.conftest import Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

NAME = "祝冬雪"
FACTS = "昨晚他把我按在床上掐脖子，我喘不上气，说再闹就弄死我全家。"
LEAVE = "天黑前从后门走，到村口坐最后一班车。"
CODE_WORD = "问豆腐还有吗"


def test_high_danger(house: Cast, visit: Visit, clock: Hands):
    number = take_her_in(visit("clerk"))
    everybody_was_told(number)
    clock.moves(minutes=20)
    mediation_is_not_offered(visit("clerk"), number)
    clock.moves(minutes=10)
    call_the_police(visit("clerk"), number)
    clock.moves(hours=1)
    plan_in_the_county(visit("officer"), number)
    clock.moves(hours=2)
    plan_for_her_safety(visit("clerk", phone=True), number)
    clock.moves(days=1)
    tick_off_and_end(visit("officer"), number)
    clock.moves(days=2)
    one_alone_does_not_lower_it(visit("clerk"), number)
    clock.moves(hours=1)
    the_leader_confirms(visit("leader"), number)


def take_her_in(clerk: Desk) -> str:
    clerk.follow("新登记")
    clerk.tick("现在有没有人身危险", "红")
    clerk.tick_box("涉家庭暴力")
    clerk.fill("反映的事情", FACTS)
    clerk.choose("主要类别", "家庭暴力")
    clerk.fill("姓名", NAME)
    clerk.tick("个人信息告知", "情况紧急")
    clerk.tick("凭什么登记她的信息", "人正有危险")
    clerk.press("登记", status=422)
    clerk.reads("涉家暴的要先问危险评估")
    clerk.tick("受到哪些暴力", "殴打", "谩骂")
    clerk.answer_scale("弄死她", "真的做得出来", "娘家人", "喘不上气")
    clerk.reads("高危", "先帮她报警")
    clerk.photo("70-scale-at-intake", whole=True)
    clerk.press("登记")
    clerk.reads("高危紧急处置", "必须办的五件事", "下一件", "鲁山县妇女联合会", "不得调解")
    clerk.photo("71-emergency")
    clerk.photo("72-emergency-phone", phone=True)
    clerk.follow("案号和查询码")
    clerk.reads("查询码")
    return clerk.fact("案号")


def everybody_was_told(number: str) -> None:
    told = Notice.objects.filter(case__number=number, kind=NoticeKind.EMERGENCY)

    assert set(told.values_list("recipient__username", flat=True)) == {"clerk", "head", "officer", "leader"}


def mediation_is_not_offered(clerk: Desk, number: str) -> None:
    clerk.open(f"/cases/{number}/")
    clerk.reads("高危紧急处置中", "下一件：报警")
    clerk.photo("73-case-in-danger")
    clerk.follow("记录办理情况")
    clerk.reads("高危案件不得调解")
    assert clerk.page.locator("option[value=MEDIATE]").count() == 0


def call_the_police(clerk: Desk, number: str) -> None:
    clerk.reads("高危紧急处置")
    clerk.open(f"/cases/{number}/emergency/")
    clerk.follow("登记报警")
    clerk.tick("报警了吗", "已经报警")
    clerk.fill("接警、出警单位", "下汤派出所")
    clerk.fill("民警姓名、警号", "周民警 041234")
    clerk.fill("报警回执号、接警编号", "20261116-0007")
    clerk.press("登记报警")
    clerk.reads("已登记报警情况", "下汤派出所，周民警 041234，回执号 20261116-0007")
    waited = Clock.objects.get(case__number=number, code="IN-EM-POLICE")
    assert (waited.status, waited.was_late) == (ClockStatus.MET, False)


def plan_in_the_county(officer: Desk, number: str) -> None:
    officer.reads("高危紧急处置：看看办到哪一步", f"{number}，单秀英负责")
    officer.open(f"/cases/{number}/emergency/")
    officer.follow("写服务方案")
    officer.tick("她需要什么", "庇护安置", "法律援助")
    officer.fill("目标", "今晚住进安全的地方，一周内递交保护令申请。")
    officer.fill("下次检视日期", "2026-11-23")
    officer.fill("做什么", "联系临时住处")
    officer.choose("为哪项需要", "庇护安置")
    officer.choose("责任单位", "鲁山县民政局")
    officer.fill("责任人", "郑民政")
    officer.fill("完成期限", "2026-11-17")
    officer.press("保存方案")
    officer.reads("服务方案已保存", "联系临时住处", "鲁山县民政局")
    officer.photo("74-service-plan", whole=True)


def plan_for_her_safety(clerk: Desk, number: str) -> None:
    clerk.open(f"/cases/{number}/emergency/")
    clerk.follow("写安全计划")
    clerk.fill("怎样离开、从哪里走", LEAVE)
    clerk.fill("和亲友约定的求救暗号", CODE_WORD)
    clerk.press("保存安全计划")
    clerk.reads("安全计划已保存")
    clerk.press("打印", status=422)
    clerk.reads("她没有要求带走的，不打印")
    clerk.tick_box("她自己要带走")
    clerk.press("打印")
    clerk.reads(LEAVE, CODE_WORD)
    assert not [
        word for word in (NAME, "妇联", "维权", number) if word in clerk.page.locator("main").inner_text()
    ]


def tick_off_and_end(officer: Desk, number: str) -> None:
    officer.open(f"/cases/{number}/plan/")
    officer.unfold("登记结果")
    officer.fill("怎样完成的，或者为什么不需要了", "已住进县救助站")
    officer.press("登记结果")
    officer.reads("任务结果已登记", "已住进县救助站")
    officer.open(f"/cases/{number}/emergency/")
    officer.reads("已办5件")
    officer.photo("75-emergency-done")
    officer.follow("结束紧急处置")
    officer.fill("现在怎样了", "她和孩子已住进救助站，公安已立案。")
    officer.press("结束紧急处置")
    officer.reads("处置完成")
    officer.open(f"/cases/{number}/")
    officer.reads("高危案件不得调解")  # the danger itself has not been found lower


def one_alone_does_not_lower_it(clerk: Desk, number: str) -> None:
    clerk.open(f"/cases/{number}/")
    clerk.follow("重新评估")
    clerk.reads("上次：2026年11月16日，高危，3项，有特别情形")
    clerk.answer_scale()
    clerk.press("保存评估")
    clerk.reads("解除高危要两个人先后评估", "仍按高危办", "高危案件不得调解")


def the_leader_confirms(leader: Desk, number: str) -> None:
    leader.open(f"/cases/{number}/")
    leader.follow("重新评估")
    leader.answer_scale("大多由他管着")
    leader.press("保存评估")
    leader.reads("危险评估：低危")
    assert Case.objects.get(number=number).danger == "LOW"
