"""Up from the village to the county and down again: 小事不出村、大事不出乡、难事不出县."""

import pytest

from tests.cast import Cast
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

NAME = "祝冬雪"
FACTS = "嫁出去后村里收回了承包地，新家那边也没有分给我，两头都说不归他们管。"
DEMAND = "想要回自己的那份地。"
TRIED_BY_VILLAGE = "村两委开过两次会，村民代表不同意。"
TRIED_BY_STATION = "镇里和两个村都谈过，镇农经站说要按县里的口径办。"
GUIDANCE = "先查二轮承包台账，再按农村集体经济组织法第八条请镇政府责令改正。"


def test_up_and_down(house: Cast, visit: Visit, clock: Clock):
    number = register_in_the_village(visit("village_liaison", phone=True))
    clock.moves(hours=2)
    send_up(visit("village_liaison"), number, "下汤镇妇女儿童维权站", TRIED_BY_VILLAGE, beyond="超出权限")
    clock.moves(hours=1)
    take_over_in_the_township(visit("head"), number)
    clock.moves(days=1)
    send_up(visit("clerk"), number, "鲁山县妇女联合会", TRIED_BY_STATION, beyond="涉及多部门")
    clock.moves(hours=1)
    guide(visit("officer"), number)
    clock.moves(days=2)
    read_guidance_and_send_up_again(visit("clerk"), number)
    clock.moves(hours=1)
    take_over_in_the_county(visit("leader"), number)
    clock.moves(days=1)
    handle_and_send_down(visit("officer"), number)
    clock.moves(days=1)
    propose_closing(visit("clerk"), number)
    clock.moves(hours=1)
    close(visit("head"), number)


def register_in_the_village(liaison: Desk) -> str:
    liaison.follow("新登记")
    liaison.tick("现在有没有人身危险", "蓝")
    liaison.fill("反映的事情", FACTS)
    liaison.fill("她希望怎么解决", DEMAND)
    liaison.choose("主要类别", "出嫁女")
    liaison.fill("姓名", NAME)
    liaison.tick("个人信息告知", "已口头告知")
    liaison.tick("凭什么登记她的信息", "本人同意，口头")
    liaison.press("登记")
    liaison.reads("已登记", "仇站长")  # a village point has no head: the township's decides
    return liaison.fact("案号")


def send_up(desk: Desk, number: str, to_unit: str, tried: str, *, beyond: str) -> None:
    desk.open(f"/cases/{number}/")
    desk.follow("上报上级")
    desk.choose("上报到", to_unit)
    desk.choose("为什么上报", beyond)
    desk.fill("已经做过什么", tried)
    desk.press("上报")
    desk.reads("已记入案件", "待上级审核")
    desk.follow("案头")
    desk.follow("我发出的")
    desk.reads("已上报、等上级审核", number)


def take_over_in_the_township(head: Desk, number: str) -> None:
    head.reads("下级上报，待审核")
    head.photo("21-village-came-up")
    head.follow_within("下级上报，待审核", number)
    head.reads(TRIED_BY_VILLAGE, "乱石盘村维权工作点", FACTS)
    head.follow("提级办理")
    head.choose("承办人", "单秀英")
    head.fill("意见", "由镇里办，村里协助核实土地台账。")
    head.press("提级办理")
    head.reads("已记入案件", "下汤镇妇女儿童维权站，单秀英")
    head.follow("受理")
    head.choose("承办人", "单秀英")
    head.choose("大小难", "大事")
    head.choose("怎样告知信访人", "电话告知")
    head.press("受理")
    head.reads("承办人开始办理")


def guide(officer: Desk, number: str) -> None:
    officer.reads("下级上报，待审核")
    officer.photo("22-county-queue")
    officer.follow_within("下级上报，待审核", number)
    officer.reads(TRIED_BY_STATION, FACTS)  # it came up, so the county reads it
    officer.follow("退回指导")
    officer.fill("指导意见", GUIDANCE)
    officer.fill("办理期限", "2026-11-17")
    officer.press("退回并指导", status=422)
    officer.reads("期限应在今天以后")
    assert officer.typed("指导意见") == GUIDANCE
    officer.fill("办理期限", "2026-11-30")
    officer.press("退回并指导")
    officer.reads("上级指导、退回办理", "2026年11月30日")
    officer.photo("23-county-guided")
    officer.follow("案头")
    officer.finds_nowhere(number)


def read_guidance_and_send_up_again(clerk: Desk, number: str) -> None:
    clerk.follow_within("我承办的", number)
    clerk.reads(GUIDANCE, "2026年11月30日")
    clerk.follow("记录办理情况")
    clerk.choose("办理方式", "调查核实")
    clerk.fill("做了什么", "查了台账，地在二轮承包时登记在她名下。")
    clerk.press("保存办理记录")
    clerk.reads("查了台账")
    send_up(clerk, number, "鲁山县妇女联合会", "按县里意见查了台账，村里仍不同意。", beyond="多次未化解")


def take_over_in_the_county(leader: Desk, number: str) -> None:
    leader.follow_within("下级上报，待审核", number)
    leader.follow("提级办理")
    leader.choose("承办人", "曾权益")
    leader.fill("意见", "县里牵头，请农业农村局一起约谈村委。")
    leader.press("提级办理")
    leader.reads("鲁山县妇女联合会，曾权益")


def handle_and_send_down(officer: Desk, number: str) -> None:
    officer.follow_within("我承办的", number)
    officer.follow("记录办理情况")
    officer.choose("办理方式", "调解")
    officer.fill("做了什么", "约谈村委，村委同意从机动地里补给她一亩二分。")
    officer.press("保存办理记录")
    officer.reads("一亩二分")
    officer.follow("下交办理")
    officer.choose("承办人", "单秀英")  # back to the unit it was taken over from
    officer.fill("已做什么、还要做什么", "县里已谈妥，请督促村里在两周内签合同、丈量到户。")
    officer.press("下交办理")
    officer.reads("下汤镇妇女儿童维权站，单秀英")
    officer.photo("24-sent-down", whole=True)


def propose_closing(clerk: Desk, number: str) -> None:
    clerk.follow_within("我承办的", number)
    clerk.reads("请督促村里在两周内签合同")
    clerk.follow("提请结案")
    clerk.choose("结果", "问题解决")
    clerk.fill("怎样解决的", "已签承包合同并丈量到户。")
    clerk.choose("在哪一级化解", "县")
    clerk.fill("哪天答复的信访人", "2026-11-21")
    clerk.press("提请结案")
    clerk.reads("审核结案")


def close(head: Desk, number: str) -> None:
    head.follow_within("提请结案，待审核", number)
    head.follow("批准结案")
    head.fill("审核意见", "合同已签，同意结案。")
    head.press("批准结案")
    head.reads("已结案", "问题解决", "县/市/区")
