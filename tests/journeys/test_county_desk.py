"""The county's morning: a village matter that came up, decided in the queue by keyboard, and down again with guidance."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cases.actions.escalation import escalate, guide
from cases.actions.handling import ask_void
from cases.actions.intake import add_contact
from cases.choices import Channel, EscalationReason, Occurrence, PetitionForm, Risk
from cases.models import Case
from tests.cast import MONDAY, Cast
from tests.factories import entry, make_case, petitioner
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

TRIED_BY_VILLAGE = "村两委开过两次会，村民代表不同意；联络员陪她找过镇农经站。"
TRIED_BY_STATION = (
    "10月12日、11月3日两次约双方到镇里谈，男方承认收走承包地，但说是村里的规矩；"
    "镇农经站答复要按县里统一口径办；村委会拿不出二轮承包的分户台账，也不肯写书面意见。"
    "她现在住娘家，两个孩子上学的钱没有着落。"
)
GUIDANCE = "先调二轮承包台账，再按农村集体经济组织法第八条请镇政府责令改正；两周内把结果报县妇联。"


def mondays_queue(cast: Cast) -> Case:
    """What the officer finds on a Monday, and the village matter among it. All names are invented."""

    def up(days: int, reason: EscalationReason, tried: str, name: str, **told: object) -> Case:
        unit = told.pop("unit", cast.station)
        at = MONDAY - timedelta(days=days)
        people = (petitioner(name=name, id_number="", phones=()),)
        case = make_case(cast, "HANDLING", at=at, unit=unit, categories=(), parties=people, **told)
        by = cast.other_head if unit == cast.other_station else cast.head
        at = MONDAY - timedelta(days=days - 1, hours=1)
        escalate(case, to_unit=cast.county, reason=reason, tried=tried, by=by, at=at)
        return case

    up(
        2,
        EscalationReason.HIGH_RISK,
        "派出所出过警，男方仍在村里放话；她和孩子在姐姐家。",
        "连秋月",
        category="MAR_DV",
        risk=Risk.RED,
        involves_dv=True,
        involves_minor=True,
    )
    group = up(
        6,
        EscalationReason.GROUP,
        "厂里答应过两次，都没有兑现。",
        "董梅子",
        category="LAB_WAGE",
        form=PetitionForm.GROUP,
        persons=11,
        unit=cast.other_station,
        occurrence=Occurrence.REPEAT,
    )
    again = entry(cast, channel=Channel.VISIT, occurrence=Occurrence.REPEAT)
    add_contact(group, again, unit=cast.other_station, by=cast.other_clerk, at=MONDAY - timedelta(hours=20))
    village = make_case(
        cast,
        "HANDLING",
        at=MONDAY - timedelta(days=4),
        unit=cast.village,
        category="PRO_LAND",
        categories=(),
        risk=Risk.YELLOW,
    )
    escalate(
        village,
        to_unit=cast.county,
        reason=EscalationReason.BEYOND_POWER,
        tried=TRIED_BY_VILLAGE + TRIED_BY_STATION,
        by=cast.village_liaison,
        at=MONDAY - timedelta(days=2),
    )
    make_case(cast, "PENDING_CLOSE", at=MONDAY - timedelta(days=9), category="PER_STALK", risk=Risk.ORANGE)
    twice = make_case(cast, at=MONDAY - timedelta(days=1), category="MAR_ELDER")
    ask_void(twice, reason="与前一件重复", by=cast.head, at=MONDAY - timedelta(hours=2))
    make_case(cast, "HANDLING", at=MONDAY - timedelta(days=75), unit=cast.other_station)
    make_case(cast, "CLOSED", at=MONDAY - timedelta(days=40), unit=cast.village)
    make_case(cast, "CLOSED", at=MONDAY - timedelta(days=36))
    make_case(cast, "CLOSED", at=MONDAY - timedelta(days=12))
    return village


def focused(desk: Desk) -> str:
    return desk.page.evaluate("document.activeElement.innerText").strip()


def test_county_decides_from_the_queue_by_keyboard(house: Cast, visit: Visit, clock: Clock):
    village = mondays_queue(house)
    officer = visit("officer")

    officer.follow("逐件审核")
    reads_the_queue(officer)
    opens_and_guides(officer, village.number)
    clock.moves(minutes=10)
    is_told_that_a_colleague_was_faster(officer, house, clock)
    looks_at_the_stations(officer)
    clock.moves(days=1)
    goes_on_below(visit("village_liaison"), village.number)


def reads_the_queue(officer: Desk) -> None:
    shown = officer.page.locator("[data-open]").all_inner_texts()
    assert shown == [
        "家庭暴力",
        "恋爱/离婚后纠缠骚扰",
        "土地承包经营权",
        "拖欠工资",
        "赡养",
    ]
    officer.reads("越级", "重复，来过2次", "集体访", "未成年人", "超出权限")
    officer.photo("61-county-queue")
    officer.photo("62-county-queue-phone", phone=True, whole=True)


def opens_and_guides(officer: Desk, number: str) -> None:
    page = officer.page
    for key in ("j", "ArrowDown", "j", "k", "j"):
        page.keyboard.press(key)
    assert focused(officer) == "土地承包经营权"
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-head]")).to_be_focused()
    officer.reads("怎样处理", "退回指导", "上下联办", "提级办理", "督办", TRIED_BY_STATION)
    officer.photo("63-county-case-opened")
    page.keyboard.press("Escape")
    assert focused(officer) == "土地承包经营权"
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    page.keyboard.type(GUIDANCE)
    officer.fill("办理期限", "2026-11-10")
    officer.button("退回并指导").press("Enter")
    expect(page.locator(".wq-errors")).to_be_focused()
    officer.reads("期限应在今天以后")
    assert officer.typed("指导意见") == GUIDANCE
    officer.photo("64-county-told-at-the-field", whole=True)
    officer.fill("办理期限", "2026-11-30")
    officer.button("退回并指导").press("Enter")
    expect(page.locator("[data-queue-line]")).to_contain_text(f"{number}：“退回指导”已记入案件")
    assert focused(officer) == "拖欠工资"
    expect(page.locator("[data-queue-count]")).to_have_text("4")
    officer.finds_nowhere(TRIED_BY_STATION)
    officer.photo("65-county-on-to-the-next")
    assert officer.complaints == []


def is_told_that_a_colleague_was_faster(officer: Desk, cast: Cast, clock: Clock) -> None:
    page = officer.page
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-head]")).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.type("请人社局先核实欠薪名单。")
    officer.fill("办理期限", "2026-11-30")
    case = Case.objects.get(category="LAB_WAGE")
    guide(
        case,
        guidance="请镇里先垫付路费。",
        term_on=(MONDAY + timedelta(days=9)).date(),
        by=cast.leader,
        at=clock.now(),
    )
    officer.button("退回并指导").press("Enter")
    expect(page.locator(".wq-errors")).to_be_focused()
    officer.reads("翟主席刚刚办理了“退回指导”", "这一步已不能再办")
    assert officer.typed("指导意见") == "请人社局先核实欠薪名单。"
    assert officer.complaints == []


def looks_at_the_stations(officer: Desk) -> None:
    officer.open("/county/?show=places")
    officer.reads("梁洼镇", "在哪一级化解", "不出乡")
    officer.photo("66-county-stations", whole=True)
    officer.photo("67-county-stations-phone", phone=True, whole=True)
    officer.follow("梁洼镇")
    assert officer.field("地方").input_value() == "410423102"


def goes_on_below(liaison: Desk, number: str) -> None:
    liaison.follow_within("我承办的", number)
    liaison.reads(GUIDANCE, "2026年11月30日")


def test_the_queue_without_scripts(house: Cast, visit: Visit):
    village = mondays_queue(house)
    officer = visit("officer", scripts=False)

    officer.open("/county/")
    officer.follow("土地承包经营权")
    officer.unfold("退回指导")
    officer.fill("指导意见", GUIDANCE)
    officer.press("退回并指导", status=422)
    officer.reads("请填写办理期限")
    assert officer.typed("指导意见") == GUIDANCE
    officer.fill("办理期限", "2026-11-30")
    officer.press("退回并指导")

    officer.reads("待审核", f"{village.number}：“退回指导”已记入案件", "共4件")


def test_the_station_is_told_what_should_go_up(house: Cast, visit: Visit):
    case = make_case(house, "HANDLING", category="MAR_DV", risk=Risk.RED, involves_dv=True)
    head = visit("head")

    head.reads("建议上报上级", case.number, "红色风险，有生命危险")
    head.photo("68-station-told-to-send-up")
    head.follow(f"上报 {case.number}")
    assert head.typed("为什么上报") == "HIGH_RISK"
    head.fill("已经做过什么", "已报警，陪她住到姐姐家。")
    head.press("上报")
    head.reads("待上级审核")
    head.follow("案头")
    head.finds_nowhere("建议上报上级")
