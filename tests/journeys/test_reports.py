"""The month is over: the station writes its report, the county its year and looks behind a figure."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cases.actions.handling import record_handling
from cases.choices import Channel, HandlingMethod, ServiceType
from cases.statistics.figures.rollup import refresh
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral, petitioner
from tests.journeys.conftest import Clock, Visit

pytestmark = pytest.mark.browser

WAYS = (Channel.VISIT, Channel.PHONE_12338, Channel.LETTER, Channel.VISIT, Channel.ONLINE)
MATTERS = ("MAR_DISPUTE", "MAR_DV", "PRO_LAND", "LAB_WAGE", "MAR_ELDER", "CHD_LEFT_BEHIND")


def a_year(cast: Cast) -> None:
    """Two townships' work since January. All names are invented."""
    for n in range(18):
        at = MONDAY - timedelta(days=18 * n + 3)
        unit = (cast.station, cast.other_station, cast.station)[n % 3]
        people = (petitioner(name="", id_number="", phones=()),)
        status = "HANDLING" if n < 3 else "CLOSED"
        case = make_case(
            cast,
            status,
            at=at,
            unit=unit,
            parties=people,
            channel=WAYS[n % 5],
            category=MATTERS[n % 6],
            categories=(),
        )
        if status == "HANDLING":
            record_handling(
                case,
                method=HandlingMethod.LEGAL_ADVICE,
                happened_at=at,
                content="讲了有关规定。",
                service=ServiceType.CONSULT,
                service_persons=2,
                by=case.owner,
                at=at + timedelta(hours=1),
            )
            make_referral(cast, "RESULT", case=case, at=at + timedelta(hours=2))
    refresh(MONDAY)


def test_station_writes_its_month_and_county_its_year(house: Cast, visit: Visit, clock: Clock):
    a_year(house)
    clock.moves(minutes=5)

    head = visit("head")
    head.follow("报表")
    head.choose("报表", "维权站工作月报")
    head.fill("年份", "2026")
    head.choose("月份", "11月")
    head.press("查看")
    head.reads("下汤镇维权站工作月报", "2026年11月", "接待件次", "计数规则")
    head.photo("110-station-month", whole=True)
    assert head.offers("下载 Excel")
    head.follow("打印")
    head.reads("填报单位（盖章）", "2026年11月")
    head.photo("111-station-month-printed", whole=True)

    officer = visit("officer")
    officer.follow("报表")
    officer.choose("期间", "全年")
    officer.fill("年份", "2026")
    officer.press("查看")
    officer.reads("鲁山县妇女信访情况统计表", "下汤镇", "梁洼镇", "合计")
    officer.photo("112-county-year", whole=True)
    whole = officer.page.locator(".wq-report__total a").first
    figure = whole.inner_text()
    assert figure == "18"
    with officer.page.expect_navigation():
        whole.click()
    officer.reads(f"此数为{figure}，其中您能看到的合计{figure}")
    assert officer.page.locator("tbody tr").count() == 18
    officer.photo("113-behind-a-figure")

    with officer.page.expect_navigation():
        officer.page.locator(".wq-crumbs a").click()
    officer.choose("报表", "统计图")
    officer.press("查看")
    expect(officer.page.locator("[data-chart] svg").first).to_be_visible()
    assert officer.page.locator("[data-chart] svg").count() == 5
    assert officer.complaints == []
    officer.photo("114-drawn", whole=True)


def test_the_drawings_are_no_more_than_the_tables_beside_them(house: Cast, visit: Visit, clock: Clock):
    a_year(house)

    officer = visit("officer", scripts=False)
    officer.open("/reports/?report=charts&span=year&year=2026")

    assert officer.page.locator("[data-chart] table").count() == 5
    assert officer.page.locator("[data-chart] svg").count() == 0
    officer.reads("各月来信来访来电", "时限失守")
