"""From a closed case to its volume; a hold; and the end of what two people no longer need."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from cases.actions.archive import filing
from cases.models import ArchiveFile, Case
from tests.cast import MONDAY, Cast
from tests.factories import make_case
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser


def test_the_archive(house: Cast, visit: Visit, clock: Clock):
    number = make_case(house, "CLOSED", at=MONDAY).number
    clock.moves(days=1)
    archivist = visit("archivist")
    files_it(archivist, number, clock)
    held_and_released(archivist)
    clock.moves(hours=1)
    lowered_by_two(archivist, visit("head"), clock)
    clock.moves(hours=1)
    destroyed_by_two(archivist, visit("leader"), number, clock)


def files_it(archivist: Desk, number: str, clock: Clock) -> None:
    archivist.open("/archive/")
    archivist.reads(number, "2027-06-30")
    archivist.photo("124-to-be-filed")
    archivist.photo("124-to-be-filed-phone", phone=True)
    archivist.follow("立卷")
    archivist.reads("先登记本单位（或上级妇联）的全宗号")
    archivist.follow("登记全宗号")
    archivist.fill("全宗号", "0123")
    archivist.press("保存")
    archivist.follow("立卷")
    archivist.reads("系统建议", "30年", "已结案且有办理结果")
    archivist.press("立卷")
    archivist.reads("0123-WS·2026-D30-WQ-0001", "正在成卷")
    filing.make_waiting(clock.now())
    archivist.page.reload()
    archivist.reads("已归档", "来访登记表", "结案审批表", "办理过程登记")
    archivist.fill("用途", "年度案件评查")
    with archivist.page.expect_download() as got:
        archivist.button("取出案卷（PDF）").click()
    pages = PdfReader(BytesIO(got.value.path().read_bytes())).pages
    assert len(pages) == ArchiveFile.objects.get().pages + 3
    archivist.press("核验摘要")
    archivist.reads("核验通过")
    archivist.photo("125-a-filed-volume", whole=True)
    archivist.photo("125-a-filed-volume-phone", phone=True, whole=True)


def held_and_released(archivist: Desk) -> None:
    archivist.follow("暂停销毁")
    archivist.press("暂停销毁", status=422)
    archivist.fill("原因", "法院来函调卷")
    archivist.press("暂停销毁")
    archivist.reads("法院来函调卷", "未解除")
    archivist.follow("解除暂停销毁")
    archivist.fill("为什么解除", "已还卷")
    archivist.press("解除暂停销毁")
    archivist.reads("已解除暂停销毁")


def lowered_by_two(archivist: Desk, head: Desk, clock: Clock) -> None:
    archivist.follow("调整保管期限")
    archivist.choose("新的保管期限", "10年")
    archivist.fill("理由", "情节轻微，无长期保存价值")
    archivist.press("调整保管期限")
    archivist.reads("待另一个人复核")
    file = ArchiveFile.objects.get()
    head.open(f"/archive/files/{file.pk}/do/reclass/")
    head.reads("褚档案申请由30年降为10年")
    head.tick("是否同意降低", "同意")
    head.fill("复核意见", "同意")
    head.press("提交复核")
    filing.make_waiting(clock.now())


def destroyed_by_two(archivist: Desk, leader: Desk, number: str, clock: Clock) -> None:
    # Ten years are long for a journey.
    ArchiveFile.objects.update(keep_until=date(2025, 12, 31))
    file = ArchiveFile.objects.get()
    page = f"/archive/files/{file.pk}/"
    archivist.open("/archive/?list=due")
    archivist.reads(file.number, "已满")
    archivist.open(page)
    archivist.follow("提出鉴定意见")
    archivist.tick("意见", "销毁")
    archivist.fill("理由", "已无利用价值")
    archivist.press("提出意见")
    archivist.open(f"{page}do/second/")
    archivist.tick("是否同意", "同意")
    archivist.fill("复核意见", "同意")
    archivist.press("提交复核意见", status=409)
    archivist.reads("请由另一个人复核")
    clock.moves(hours=1)
    leader.open("/archive/?list=appraisals")
    leader.reads(file.number, "待复核鉴定意见")
    leader.open(f"{page}do/second/")
    leader.reads("褚档案的意见：销毁", "已无利用价值")
    leader.photo("126-the-second-opinion")
    leader.photo("126-the-second-opinion-phone", phone=True)
    leader.tick("是否同意", "同意")
    leader.fill("复核意见", "同意销毁")
    leader.press("提交复核意见")
    leader.follow("销毁档案")
    leader.fill("请照抄档号", "0123")
    leader.press("销毁", status=422)
    leader.fill("请照抄档号", file.number)
    leader.press("销毁")
    leader.reads("已销毁，只留登记")
    leader.open(f"/cases/{number}/")
    leader.reads("只留登记", file.number, "褚档案、翟主席")
    leader.finds_nowhere("祝冬雪", "祝某某")
    leader.photo("127-only-the-register-is-left")
    leader.photo("127-only-the-register-is-left-phone", phone=True)
    assert Case.objects.get().label == ""
