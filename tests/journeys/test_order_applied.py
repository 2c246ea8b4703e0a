"""An order applied for on her behalf, from the page of her case to the ruling; then she is called, safely."""

import pytest

from cases.choices import ClockStatus, MonitorKind
from cases.models import Call, Case, Clock, Disclosure, Monitor
from tests.cast import MONDAY, Cast
from tests.factories import SAFE_PHONE, UNSAFE_PHONE, make_case
from tests.journeys.conftest import Clock as Hands
from tests.journeys.conftest import Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

FACTS = "十一月以来三次殴打，最近一次邻居报警，派出所出警制止。"
HOME = "鲁山县下汤镇假设路七号姐姐家"
PAPERS = "鲁山县下汤镇假设路一号"
PHRASE = "问豆腐还有吗"


def test_order_applied(house: Cast, visit: Visit, clock: Hands):
    case = make_case(house, "HANDLING", involves_dv=True, at=MONDAY)
    clock.moves(hours=1)
    prepare(visit("clerk"), case)
    clock.moves(hours=1)
    print_and_file(visit("clerk"))
    clock.moves(hours=3)
    the_court_takes_it_up(visit("clerk"))
    clock.moves(hours=20)
    the_court_rules(visit("clerk", phone=True))
    clock.moves(days=14)
    call_her(visit("clerk"), case)
    her_number_is_not_safe_any_more(visit("clerk", phone=True), case)


def prepare(clerk: Desk, case: Case) -> None:
    clerk.open(f"/cases/{case.number}/")
    clerk.unfold("建立监测")
    clerk.follow("代为申请保护令")
    clerk.choose("为什么由我们代为申请", "受到强制、威吓")
    clerk.fill("她为什么不能自己申请", "被丈夫看管，出不了门。")
    clerk.tick("请求法院采取的措施", "禁止实施家庭暴力", "禁止抢夺、藏匿")
    clerk.fill("事实和理由", f"{FACTS}她现在住{HOME}。")
    clerk.tick_box("情况紧急")
    clerk.press("建立监测", status=422)
    clerk.reads("里面写了她现在的住处或者庇护地点")
    clerk.photo("90-order-application", whole=True)
    clerk.fill("事实和理由", FACTS)
    clerk.press("建立监测")
    clerk.reads("准备材料，递交法院", "还没有证据")
    for kind, said in (("出警记录", "报警回执一份"), ("当事人陈述", "她的陈述")):
        clerk.follow("添加证据")
        clerk.choose("证据种类", kind)
        clerk.fill("内容和证明什么", said)
        clerk.press("添加证据")
    clerk.reads("报警回执一份", "2项")


def print_and_file(clerk: Desk) -> None:
    open_application(clerk)
    clerk.photo("91-application-evidence", whole=True)
    clerk.follow("打印申请书")
    clerk.reads("人身安全保护令申请书", "依法保密，由代为申请单位转达", FACTS, "二十四小时")
    clerk.finds_nowhere(HOME, PAPERS, SAFE_PHONE, UNSAFE_PHONE)
    clerk.photo("92-application-paper", whole=True)
    open_application(clerk)
    clerk.follow("递交申请")
    clerk.choose("递交到哪个法院", "鲁山县人民法院")
    clerk.fill("递交时间", "2026-11-16T10:30")
    clerk.press("递交申请")
    clerk.reads("等法院受理")
    assert Disclosure.objects.get(kind="APPLICATION").organisation.name == "鲁山县人民法院"


def open_application(clerk: Desk) -> None:
    applied = Monitor.objects.get(kind=MonitorKind.ORDER_APPLICATION)
    clerk.open(f"/monitors/{applied.pk}/")


def the_court_takes_it_up(clerk: Desk) -> None:
    open_application(clerk)
    clerk.follow("登记法院受理")
    clerk.fill("法院受理时间", "2026-11-16T14:00")
    clerk.fill("法院案号", "（2026）豫0423民保令9号")
    clerk.press("登记法院受理")
    clerk.reads("等法院裁定", "24小时")
    assert Clock.objects.get(code="DV-PO-DECIDE-U").status == ClockStatus.RUNNING


def the_court_rules(clerk: Desk) -> None:
    open_application(clerk)
    clerk.follow("登记法院裁定")
    clerk.tick("法院怎样裁定", "作出保护令")
    clerk.fill("裁定时间", "2026-11-17T09:00")
    clerk.fill("裁定要点", "准许申请，有效期六个月。")
    clerk.press("登记法院裁定")
    clerk.reads("法院作出保护令")
    assert Clock.objects.get(code="DV-PO-DECIDE-U").status == ClockStatus.MET
    assert (
        Monitor.objects.get(kind=MonitorKind.PROTECTION_ORDER).follows.kind == MonitorKind.ORDER_APPLICATION
    )


def call_her(clerk: Desk, case: Case) -> None:
    order = Monitor.objects.get(kind=MonitorKind.PROTECTION_ORDER)
    clerk.open(f"/monitors/{order.pk}/")
    clerk.follow("记录回访")
    clerk.follow("打电话回访")
    clerk.reads("不要说明来电单位", "工作日上午", "打错了", "另有1个号码标为“不要打”")
    clerk.finds_nowhere(SAFE_PHONE, UNSAFE_PHONE, PHRASE)
    clerk.photo("93-calling-card", whole=True)
    clerk.press("我看清楚了，准备拨打")
    clerk.reads(SAFE_PHONE, PHRASE, "通话结果")
    clerk.finds_nowhere(UNSAFE_PHONE)
    clerk.photo("94-number-once", whole=True)
    clerk.page.emulate_media(media="print")
    assert SAFE_PHONE not in clerk.words()
    clerk.page.emulate_media(media="screen")
    # Called away before she wrote it down: the desk remembers, the number is gone.
    clerk.open("/")
    clerk.follow("有一次通话没有记录结果")
    clerk.finds_nowhere(SAFE_PHONE, PHRASE)
    clerk.choose("通话结果", "与她本人通了话")
    clerk.press("保存通话结果", status=422)
    clerk.reads("请回答她能不能安全说话")
    clerk.tick("她能安全说话吗", "能")
    clerk.press("保存通话结果")
    clerk.reads("通话结果已记录")
    assert Call.objects.get(case=case).spoke_safely


def her_number_is_not_safe_any_more(clerk: Desk, case: Case) -> None:
    clerk.open(f"/cases/{case.number}/reach/")
    clerk.follow("修改")
    clerk.tick("这个号码能打吗", "不要打")
    clerk.press("保存")
    clerk.reads("联系方式已更新")
    clerk.open(f"/cases/{case.number}/call/")
    clerk.reads("没有可以拨打的号码")
