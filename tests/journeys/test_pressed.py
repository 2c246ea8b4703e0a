"""A department that lets a matter lie: urged, supervised, told off by opinion, brought before the conference, held to it.

督办通知 → 核查不通过 → 督促处理意见书 (妇女权益保障法 第73条) → 联席会议议定 → 报告 → 销号.
"""

from datetime import date, timedelta

import pytest

from cases.actions.conference import add_member
from cases.actions.reminders import remind
from cases.choices import MemberPart
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

SENT = MONDAY - timedelta(days=60)  # 17 September: a working day, its thirty days over long ago
FACTS = "转交已过办理期限，两次催办没有结果；信访人说没有人找她了解过情况。"
DEMAND = "请在期限内查清事实、依法处理，并书面回复处理结果。"
EMPTY_REPLY = "正在研究，将尽快办理。"
NOT_DONE = "到派出所看了台账，没有出警和询问记录。"
OPINION_FACTS = "督办后回复仅称“正在研究”，经实地核查没有开展任何工作。"
BRIEF = "一起反复发生的家庭暴力，转交公安机关六十多天没有办理，督办和督促处理意见书均未落实。"
ASKS = "请公安机关立即查处并决定是否出具告诫书，民政局提供临时庇护。"
RESOLVED = "由公安机关七日内完成调查并依法处理，民政部门同步提供庇护和救助。"
DONE = "已出警核实并对对方出具告诫书，分别送达双方和村委会，安排民警每周查访。"


def test_a_department_is_held_to_its_duty(house: Cast, visit: Visit, clock: Clock):
    referral = a_matter_left_lying(house)
    number = referral.case.number
    remind(clock.now())

    urge(visit("clerk"), str(referral.pk))
    clock.moves(days=1)
    draft_notice(visit("officer"), number)
    clock.moves(hours=1)
    sign(visit("leader"), "督办通知书", photo="42-supervision-sign")
    clock.moves(days=1)
    acknowledge(visit("liaison"))
    clock.moves(days=6)
    reply(visit("partner_leader"))
    clock.moves(days=1)
    reject_and_draft_opinion(visit("officer"))
    clock.moves(hours=2)
    sign(visit("leader"), "督促处理意见书", photo="45-opinion-signed")
    clock.moves(days=22)  # fifteen working days, and nothing
    remind(clock.now())
    put_on_the_agenda(visit("officer"), number)
    clock.moves(hours=3)
    screen_and_plan(visit("conference"), clock)
    clock.moves(days=3)
    meet_and_resolve(visit("conference"), clock)
    clock.moves(days=4)
    report(visit("partner_leader"))
    clock.moves(days=1)
    write_off(visit("conference"))
    answer_the_opinion(visit("partner_leader"))
    clock.moves(hours=2)
    close_supervision(visit("officer"), number)


def a_matter_left_lying(cast: Cast):
    """The police signed for it two months ago; since then silence."""
    case = make_case(cast, "HANDLING", at=SENT, involves_dv=True, category="MAR_DV")
    for unit in (cast.police, cast.civil, cast.justice, cast.court):
        named = {} if unit == cast.police else {"liaison_name": "夏科长", "liaison_phone": "0375-0000001"}
        add_member(
            cast.county,
            organisation=unit,
            part=MemberPart.MEMBER,
            since_on=date(2026, 1, 5),
            liaison=cast.liaison if unit == cast.police else None,
            **named,
        )
    return make_referral(cast, "IN_PROGRESS", case, at=SENT + timedelta(days=1))


def urge(clerk: Desk, referral: str) -> None:
    clerk.open(f"/referrals/{referral}/")
    clerk.reads("催办和督办", "已自动催办1次")
    clerk.follow("催办")
    clerk.press("催办")
    clerk.reads("已催办", "人工催办1次")
    clerk.photo("40-urged")


def draft_notice(officer: Desk, number: str) -> None:
    officer.follow("督办")
    officer.reads("建议督办", "鲁山县公安局", number)
    officer.photo("41-supervision-ledger-suggested")
    officer.follow("拟督办通知")
    assert officer.typed("存在的问题")  # numbers and dates are there already
    officer.fill("存在的问题", FACTS)
    officer.fill("督办要求", "")
    officer.press("提请签发", status=422)
    assert officer.typed("存在的问题") == FACTS
    officer.fill("督办要求", DEMAND)
    officer.press("提请签发")
    officer.reads("文书已拟好", "领导签发")


def sign(leader: Desk, kind: str, *, photo: str) -> None:
    leader.follow("督办")
    leader.follow("鲁山县公安局")
    leader.reads(kind)
    leader.follow("签发")
    leader.fill("签发意见", "同意。")
    leader.press("签发")
    leader.reads("已签发", "鲁妇访督")
    leader.photo(photo, whole=True)


def acknowledge(liaison: Desk) -> None:
    liaison.reads("督办")
    liaison.photo("43-partner-supervised")
    liaison.follow_within("督办", "督办通知书")
    liaison.reads(FACTS, DEMAND)
    liaison.finds_nowhere("祝冬雪", "秦大勇", "-F-")
    liaison.press("签收")
    liaison.reads("已签收")


def reply(partner: Desk) -> None:
    partner.follow_within("督办", "督办通知书")
    partner.follow("回复")
    partner.tick("是否采纳", "采纳")
    partner.fill("采取的措施和结果", EMPTY_REPLY)
    partner.press("回复")
    partner.reads("回复已提交")


def reject_and_draft_opinion(officer: Desk) -> None:
    officer.follow("督办")
    officer.follow("鲁山县公安局")
    officer.reads(EMPTY_REPLY)
    officer.follow("核查不通过")
    officer.tick("核查方式", "实地核查")
    officer.fill("核查情况", NOT_DONE)
    officer.press("核查不通过")
    officer.reads("已记下核查不通过")
    officer.photo("44-reply-rejected", whole=True)
    officer.follow("拟下一份文书")
    officer.choose("文书", "督促处理意见书")
    officer.fill("存在的问题", OPINION_FACTS)
    officer.press("拟下一份文书")
    officer.reads("文书已拟好")


def put_on_the_agenda(officer: Desk, number: str) -> None:
    officer.open(f"/cases/{number}/")
    officer.follow("提请联席会议")
    officer.fill("议题", "一起家庭暴力案件的跨部门协调")
    officer.fill("情况", f"{BRIEF}信访人祝冬雪。")
    officer.fill("提请会议解决什么", ASKS)
    officer.press("提交议题", status=422)
    officer.reads("姓名")  # what goes to many units names nobody
    officer.fill("情况", BRIEF)
    officer.press("提交议题")
    officer.reads(BRIEF, "待审议题")


def screen_and_plan(office: Desk, clock: Clock) -> None:
    office.open("/conference/")
    office.follow("一起家庭暴力案件的跨部门协调")
    office.follow("通过初审")
    office.fill("意见", "同意，提交个案会商。")
    office.press("通过初审")
    office.follow("联席会议")
    office.follow("安排会议")
    office.choose("会议类型", "个案会商")
    office.fill("会议名称", "重大案件协调会")
    office.fill("时间", f"{clock.at + timedelta(days=2):%Y-%m-%d}T09:00")
    office.fill("地点", "县妇联三楼会议室")
    office.tick("列入的议题", "一起家庭暴力案件的跨部门协调")
    office.photo("46-meeting-planned", whole=True)
    office.press("保存并通知")
    office.reads("重大案件协调会", "一起家庭暴力案件的跨部门协调")
    office.follow("会议材料（一页）")
    office.finds_nowhere("祝冬雪", "秦大勇")
    office.reads("鲁山县公安局")
    office.photo("47-meeting-pack", whole=True)


def meet_and_resolve(office: Desk, clock: Clock) -> None:
    office.open("/conference/")
    office.follow("重大案件协调会")
    office.follow("记录召开和到会")
    office.fill("主持人", "县委常委、政法委书记")
    office.press("保存到会情况")
    office.reads("逐个议题记下议定事项")
    office.follow("1. 一起家庭暴力案件的跨部门协调")
    office.follow("记录议定事项")
    office.fill("议定事项", RESOLVED)
    office.choose("牵头单位", "鲁山县公安局")
    office.tick("配合单位", "鲁山县民政局")
    office.fill("完成期限", f"{clock.at + timedelta(days=14):%Y-%m-%d}")
    office.press("记下议定事项")
    office.reads(RESOLVED, "牵头", "配合")
    office.follow("重大案件协调会")
    office.follow("印发纪要")
    office.press("印发纪要")
    office.reads("纪要已印发", "〔2026〕")
    office.photo("48-meeting-minuted", whole=True)


def report(partner: Desk) -> None:
    partner.follow("联席会议")
    partner.photo("49-partner-tasks")
    partner.follow("一起家庭暴力案件的跨部门协调")
    partner.reads(RESOLVED)
    partner.follow("报告办理情况")
    partner.fill("办理情况", DONE)
    partner.press("提交报告")
    partner.reads(DONE, "待答复")


def write_off(office: Desk) -> None:
    office.open("/conference/")
    office.page.get_by_role("row").filter(has_text="鲁山县公安局").get_by_role("link").first.click()
    office.reads(DONE)
    office.follow("审核销号")
    office.fill("审核意见", "告诫书和查访记录已核对，同意销号。")
    office.press("销号")
    office.reads("已销号")
    office.photo("50-task-written-off", whole=True)


def answer_the_opinion(partner: Desk) -> None:
    partner.follow_within("督办", "督促处理意见书")
    partner.follow("回复")
    partner.tick("是否采纳", "采纳")
    partner.fill("采取的措施和结果", DONE)
    partner.press("回复")
    partner.reads("回复已提交")


def close_supervision(officer: Desk, number: str) -> None:
    officer.follow("督办")
    officer.follow("鲁山县公安局")
    officer.follow("核查通过，销号")
    officer.tick("核查方式", "向信访人核实")
    officer.fill("核查情况", "电话问了信访人，民警上门两次，对方没有再动手。")
    officer.fill("结论", "已依法处理，同意销号。")
    officer.press("核查通过，销号")
    officer.reads(number, "已销号")
    officer.photo("51-case-after-supervision", whole=True)
