"""The main job from the first talk to the visit after closing, through every desk it touches."""

from datetime import timedelta
from typing import Any

import pytest

from cases.actions.escalation import escalate
from cases.choices import EscalationReason, Risk
from cases.models import Case
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral, petitioner
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

NAME, RESPONDENT = "祝冬雪", "秦大勇"
PHONE_NUMBER, OTHER_NUMBER = "13900000001", "13900000002"
ADDRESS = "鲁山县下汤镇假设路七号姐姐家"
FACTS = "丈夫酒后多次动手，昨晚又把我推倒在院里，邻居看见了，孩子吓得直哭。"
DEMAND = "希望有人管一管他，并想咨询离婚的事。"
PLACE = "下汤镇假设路一号院内"
REQUEST = "请出警核实，对被反映人批评教育，视情出具告诫书，并书面反馈。"
LETTER = "鲁公（下）告诫〔2026〕8号"


def yesterdays_work(cast: Cast) -> None:
    """What lies on the desks already, so that they look as on any Monday. All names are invented."""

    def case(days: int, status: str, category: str, name: str, **told: Any) -> Case:
        people = (petitioner(name=name, id_number="", phones=()),)
        at = MONDAY - timedelta(days=days)
        return make_case(cast, status, at=at, category=category, categories=(), parties=people, **told)

    case(3, "HANDLING", "PRO_MARRIED_OUT", "石小菊")
    case(4, "ACCEPTED", "LAB_WAGE", "鲁春桃")
    case(6, "PENDING_CLOSE", "MAR_ELDER", "苗大娘")
    case(9, "PENDING_CLOSE", "PER_STALK", "连秋月", risk=Risk.ORANGE)
    case(70, "HANDLING", "MAR_SUPPORT", "田桂枝", unit=cast.other_station)
    case(8, "CLOSED", "MAR_DIVORCE", "龙水仙", unit=cast.other_station)
    hard = case(5, "HANDLING", "PER_HARASS", "董梅子", unit=cast.other_station, risk=Risk.ORANGE)
    escalate(
        hard,
        to_unit=cast.county,
        reason=EscalationReason.CROSS_DEPT,
        tried="找过厂里两次，厂里说没有证据；公安、人社都要参与。",
        by=cast.other_clerk,
        at=MONDAY - timedelta(minutes=30),
    )
    make_referral(cast, "IN_PROGRESS", at=MONDAY - timedelta(days=5))


def test_main_job(house: Cast, visit: Visit, clock: Clock):
    yesterdays_work(house)

    number = log_a_walk_in(visit("clerk"))
    clock.moves(minutes=40)
    accept_and_refer(visit("head"), number)
    clock.moves(hours=2)
    referral = sign_and_answer(visit("liaison"), clock)
    clock.moves(hours=3)
    confirm(visit("partner_leader", phone=True), referral)
    clock.moves(hours=18)
    write_off(visit("head"), number, referral)
    gone_from_the_partner(visit("liaison"), referral)
    propose_closing(visit("clerk"), number)
    clock.moves(minutes=30)
    close(visit("head"), number)
    read_the_trail(visit("officer"), number)
    clock.moves(days=12)
    follow_up(visit("clerk"), number)


def log_a_walk_in(clerk: Desk) -> str:
    clerk.photo("01-clerk-desk")
    clerk.follow("新登记")
    clerk.photo("02-intake")
    clerk.photo("03-intake-phone", phone=True)
    clerk.tick("现在有没有人身危险", "黄")
    clerk.tick_box("涉家庭暴力")
    clerk.answer_scale("大多由他管着", "翻手机")
    clerk.fill("反映的事情", FACTS)
    clerk.fill("她希望怎么解决", DEMAND)
    clerk.fill("事情发生在哪里", PLACE)
    clerk.choose("主要类别", "家庭暴力")
    clerk.fill("姓名", NAME)
    clerk.fill("电话", PHONE_NUMBER)
    clerk.tick("这个号码能打吗", "可以打")
    clerk.tick_box("不要说明来电单位")
    clerk.fill("方便接听的时间", "工作日上午")
    clerk.unfold("还有别的电话")
    clerk.fill("电话", OTHER_NUMBER, nth=1)
    clerk.tick("这个号码能打吗", "不要打", nth=1)
    clerk.fill("现在住处", ADDRESS)
    clerk.fill("被反映人姓名", RESPONDENT)
    clerk.choose("是信访人的", "配偶")
    clerk.tick("个人信息告知", "已口头告知")
    clerk.tick("凭什么登记她的信息", "本人同意，口头")
    clerk.press("登记")

    clerk.reads("已登记", "告诉信访人", "查询码", "仇站长")
    number, code = clerk.fact("案号"), clerk.fact("查询码")
    clerk.photo("04-registered")
    clerk.follow("打印登记回执")
    clerk.reads(number, code, "0375-0000000")
    clerk.finds_nowhere(NAME, RESPONDENT, PHONE_NUMBER, "家庭暴力", "家暴", FACTS)
    clerk.photo("05-slip")
    return number


def accept_and_refer(head: Desk, number: str) -> None:
    head.photo("06-head-desk")
    head.follow_within("新登记，待审核受理", number)
    head.reads("祝某某", "反映内容", FACTS)
    head.finds_nowhere(NAME, PHONE_NUMBER, ADDRESS)
    head.follow("受理")
    head.choose("承办人", "单秀英")
    head.choose("怎样告知信访人", "当面送达")
    head.photo("07-accept")
    head.press("受理")
    head.reads("已记入案件", "单秀英")

    head.follow("转交部门")
    head.choose("转给哪个部门", "鲁山县公安局")
    head.reads("0375-0000000")
    head.tick("方式", "交办")
    head.tick("紧急程度", "紧急")
    head.fill("请对方做什么", REQUEST)
    head.tick("随函发出的信息", "姓名", "联系电话", "反映的事实")
    head.tick("向对方提供个人信息的依据", "本人单独同意")
    head.tick("她（或监护人）怎样同意", "口头同意")
    head.photo("08-refer", whole=True)
    head.press("看看对方会看到什么")
    head.reads("以下就是鲁山县公安局会看到的全部内容", NAME, PHONE_NUMBER, FACTS, "诉求")
    head.finds_nowhere(OTHER_NUMBER, ADDRESS, DEMAND, PLACE, RESPONDENT)
    head.photo("09-refer-preview")
    head.press("发出")
    head.reads("已发给鲁山县公安局")


def sign_and_answer(liaison: Desk, clock: Clock) -> str:
    liaison.reads("收到的转交", "签收")
    liaison.photo("10-partner-desk")
    liaison.page.get_by_role("row").filter(has_text=REQUEST).get_by_role("link").click()
    liaison.reads(REQUEST, NAME, PHONE_NUMBER, FACTS)
    # Not ticked, or never sent: not on the page in any form.
    liaison.finds_nowhere(OTHER_NUMBER, ADDRESS, DEMAND, PLACE, RESPONDENT, "黄（矛盾明显）", "工作日上午")
    referral = liaison.page.url
    liaison.photo("11-partner-referral")
    liaison.photo("12-partner-phone", phone=True)
    liaison.press("签收")
    liaison.reads("已签收。下一步")
    clock.moves(minutes=20)
    liaison.follow("确定承办人，开始办理")
    liaison.choose("承办人", "周民警")
    liaison.fill("本部门案号或文号", "鲁公受〔2026〕31号")
    liaison.press("确定承办人，开始办理")
    liaison.follow("反馈结果")
    liaison.choose("办理结果", "告诫书")
    liaison.fill("办理情况", "民警当日上门，对秦某批评教育并当面宣读告诫书，嘱咐社区民警每周走访。")
    liaison.press("反馈结果", status=422)
    liaison.reads("这种结果须填写文书号", "这种结果须填写文书日期")
    liaison.fill("文书号", LETTER)
    liaison.fill("文书日期", "2026-11-16")
    liaison.photo("13-partner-answer")
    liaison.press("反馈结果")
    liaison.reads("等本部门领导确认")
    return referral


def confirm(leader: Desk, referral: str) -> None:
    leader.open(referral)
    leader.reads("告诫书", LETTER)
    leader.photo("14-leader-phone", phone=True)
    leader.press("确认结果")
    leader.reads("结果已确认", "吴局长已确认")


def write_off(head: Desk, number: str, referral: str) -> None:
    head.follow_within("部门已答复，待核对", number)
    head.open(referral)
    head.reads("告诫书", LETTER, "吴局长已确认")
    head.photo("15-referral-answered")
    head.follow("销号")
    head.fill("核对意见", "已电话核实，告诫书送达双方。")
    head.press("销号")
    head.reads("已销号", "可以提请结案")


def gone_from_the_partner(liaison: Desk, referral: str) -> None:
    liaison.open(referral, status=404)
    liaison.finds_nowhere(NAME, FACTS)


def propose_closing(clerk: Desk, number: str) -> None:
    clerk.follow_within("我承办的", number)
    clerk.follow("提请结案")
    clerk.choose("结果", "转办并收到书面答复")
    clerk.fill("怎样解决的", "公安出具告诫书，双方在村里签了协议，丈夫答应戒酒。")
    clerk.fill("哪天答复的信访人", "2026-11-17")
    clerk.fill("信访人怎么说", "满意，希望以后还有人来看看。")
    clerk.choose("满意度", "满意")
    clerk.press("提请结案")
    clerk.reads("审核结案")
    assert not clerk.offers("批准结案")


def close(head: Desk, number: str) -> None:
    head.follow_within("提请结案，待审核", number)
    head.follow("批准结案")
    head.fill("审核意见", "情况属实，同意结案。")
    head.press("批准结案")
    head.reads("已结案", "转办并收到书面答复")
    head.photo("16-case-closed", whole=True)


def read_the_trail(officer: Desk, number: str) -> None:
    officer.reads("下级上报，待审核", "提请结案，待审核", "各乡镇、街道本年情况")
    officer.photo("17-county-desk")
    officer.open(f"/cases/{number}/")
    officer.reads(
        "登记",
        "受理",
        "转交部门",
        "签收",
        "开始办理",
        "结果反馈",
        "领导确认结果",
        "销号",
        "提请结案",
        "批准结案",
    )
    officer.reads("单秀英", "仇站长", "孙联络", "吴局长", "鲁山县公安局")
    # The matter never came up to the county: it sees the trail, not the words.
    officer.finds_nowhere(NAME, FACTS, PHONE_NUMBER, ADDRESS)
    officer.photo("18-county-case")


def follow_up(clerk: Desk, number: str) -> None:
    clerk.follow_within("该回访了", number)
    clerk.press("查看电话和联系要求")
    clerk.reads(PHONE_NUMBER, "不要说明来电单位", "工作日上午", "不要打")
    clerk.photo("19-phone-opened")
    clerk.follow("记录回访")
    clerk.tick("对方能安全说话吗", "能")
    clerk.choose("方式", "电话")
    clerk.choose("情况", "安全平稳")
    clerk.fill("说了什么、现状怎样", "丈夫没有再动手，孩子照常上学。")
    clerk.press("保存回访记录")
    clerk.reads("安全平稳", "回访")
    clerk.photo("20-followed-up")
