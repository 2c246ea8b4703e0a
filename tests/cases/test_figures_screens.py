"""The page of reports: what a reader may choose, what stands there, and the cases behind a figure."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from lxml import html
from python_calamine import CalamineWorkbook

from cases.models import Bar, Case
from cases.statistics.figures.reports import REPORTS
from cases.statistics.figures.rollup import refresh
from tests.cases.a_year import AFTER, DAY, fill, void
from tests.cast import login

YEAR = {"span": "year", "year": "2025"}


@pytest.fixture
def year(cast, clock):
    clock.at = AFTER
    told = fill(cast)
    refresh(AFTER)
    return told


def page_of(client, status=200, **asked):
    answer = client.get(reverse("reports"), YEAR | asked)
    assert answer.status_code == status
    return html.fromstring(answer.content)


def row_of(page, name):
    """The words of the first row called so."""
    return [cell.text_content() for cell in page.xpath(f"(//tr[th[.='{name}']])[1]/td")]


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_is_written(client, cast, year, report):
    page = page_of(login(client, cast.officer), report=report)

    assert REPORTS[report].name in page.xpath("//h1")[0].text_content()
    assert "2025年" in page.text_content()
    assert page.xpath("//table")
    for rule in page.xpath("//section[contains(@class, 'wq-report')]"):
        assert "计数规则：" in rule.text_content()


def test_the_county_reads_its_townships_and_their_sum(client, cast, year):
    page = page_of(login(client, cast.officer))

    assert [row_of(page, name)[0] for name in ("妇联本级", "下汤镇", "梁洼镇", "合计")] == [
        "1",
        "7",
        "3",
        "11",
    ]


@pytest.mark.parametrize(
    ("reader", "place", "status"),
    [
        ("head", "410423101", 200),
        ("head", "410423102", 404),
        ("head", "410423", 404),
        ("officer", "410423102", 200),
        ("officer", "410421", 404),
        ("officer", "4104", 404),
        ("officer", "41042310", 404),
        ("city_officer", "410421103", 200),
        ("stat_officer", "410423101", 200),
        ("clerk", "410423101", 403),
        ("liaison", "410423", 403),
    ],
)
def test_a_reader_gets_the_places_her_unit_covers(client, cast, year, reader, place, status):
    login(client, getattr(cast, reader))

    for name in ("reports", "report_print", "report_file"):
        assert client.get(reverse(name), YEAR | {"place": place}).status_code == status


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"span": "span", "first": "2025-03-02", "last": "2025-03-01"}, "结束日期不能早于开始日期"),
        ({"span": "year", "year": "1980"}, "2000"),
        ({"report": "nothing"}, "报表的选项不在清单中"),
    ],
)
def test_what_cannot_be_read_is_told(client, cast, year, asked, words):
    page = page_of(login(client, cast.officer), status=422, **asked)

    assert words in page.text_content()
    assert client.get(reverse("report_file"), YEAR | asked).status_code == 404


def test_behind_a_figure_stand_the_cases_that_make_it(client, cast, year):
    page = page_of(login(client, cast.officer))
    links = page.xpath("//tr[th[.='合计']][1]/td/a/@href")
    assert links
    for link in links[:6]:
        figure = page.xpath(f"//a[@href='{link}']")[0].text_content()

        told = html.fromstring(client.get(link).content)

        rows = told.xpath("//tbody/tr")
        assert sum(int(row.xpath("td")[-1].text_content()) for row in rows) == int(figure)
        assert f"此数为{figure}，其中您能看到的合计{figure}" in told.text_content()


def test_a_case_voided_later_takes_its_own_away_again(client, cast, year, clock):
    void(cast, year["mistake"], AFTER + DAY)
    clock.at = AFTER + 2 * DAY
    refresh(clock.at)
    page = page_of(login(client, cast.officer), span="month", year="2026", month="3")
    (link,) = page.xpath("//tr[th[.='梁洼镇']][1]/td[1]/a")
    assert link.text_content() == "-1"

    told = html.fromstring(client.get(link.get("href")).content)

    assert [row.xpath("td")[-1].text_content() for row in told.xpath("//tbody/tr")] == ["-1"]


def test_who_is_kept_away_sees_the_figure_and_not_the_case(client, cast, year):
    Bar.objects.create(case=year["closed"], staff=cast.officer, kind="RECUSED", by=cast.leader, at=AFTER)
    page = page_of(login(client, cast.officer))
    link = page.xpath("//tr[th[.='下汤镇']][1]/td[1]/a")[0]
    assert link.text_content() == "7"

    told = client.get(link.get("href")).content.decode()

    assert "此数为7，其中您能看到的合计6" in told
    assert year["closed"].number not in told


@pytest.mark.parametrize("reader", ["stat_officer", "conference"])
def test_who_reads_figures_only_gets_no_way_to_a_case(client, cast, year, reader):
    login(client, getattr(cast, reader))
    page = page_of(client)
    behind = {"of": "410423", "measure": "CONTACT"}

    assert not page.xpath("//table//a")
    assert client.get(reverse("report_cases"), YEAR | behind).status_code == 403


@pytest.mark.parametrize(
    "behind", [{"of": "410421", "measure": "CONTACT"}, {"of": "410423", "measure": "x' OR"}, {}]
)
def test_a_figure_that_is_none_is_not_found(client, cast, year, behind):
    login(client, cast.officer)

    assert client.get(reverse("report_cases"), YEAR | behind).status_code == 404


def test_beyond_the_federation_small_figures_are_hidden(client, cast, year):
    inside = page_of(login(client, cast.officer))
    outside = page_of(login(client, cast.officer), outside="on")
    office = page_of(login(client, cast.conference))

    assert row_of(inside, "梁洼镇")[0] == "3"
    for page in (outside, office):
        assert row_of(page, "梁洼镇")[0] == "＜5"
        assert row_of(page, "下汤镇")[0] == "＊"
        assert row_of(page, "合计")[0] == "11"
        assert "小于5的数不列出" in page.text_content()


def test_the_file_says_what_the_page_says(client, cast, year):
    login(client, cast.officer)
    page = page_of(client)

    answer = client.get(reverse("report_file"), YEAR)

    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    rows = book.get_sheet_by_name("各单位来信来访来电").to_python()
    assert rows[0][0] == "妇女信访情况统计表（各单位来信来访来电）"
    assert rows[1][0] == "单位：鲁山县    期间：2025年"
    (total,) = (row for row in rows if row[0] == "合计")
    assert [str(int(cell)) if cell not in ("", "—") else cell for cell in total[1:]] == row_of(page, "合计")
    assert any("计数规则：" in str(row[0]) for row in rows)
    assert any("填报单位" in str(row[0]) for row in rows)
    assert "attachment" in answer["Content-Disposition"]


def test_as_many_queries_for_many_cases_as_for_few(client, cast, year, django_assert_max_num_queries):
    login(client, cast.officer)
    page_of(client)
    with django_assert_max_num_queries(22):
        page_of(client)
    with django_assert_max_num_queries(22):
        page_of(client, span="month", year="2025", month="3")
    with django_assert_max_num_queries(14):
        client.get(reverse("report_cases"), YEAR | {"of": "410423", "measure": "CONTACT"})


def test_nothing_personal_stands_on_a_report(client, cast, year):
    login(client, cast.officer)
    for report in REPORTS:
        told = page_of(client, report=report).text_content()
        assert not [case.number for case in Case.objects.all() if case.number in told]


def test_a_page_says_up_to_when_it_was_counted(client, cast, year, clock):
    clock.at = AFTER + timedelta(hours=3)

    assert "统计截至2026年3月2日 09:00" in page_of(login(client, cast.officer)).text_content()


def test_a_link_names_its_groups(client, cast, year):
    page = page_of(login(client, cast.officer))
    link = page.xpath("//tr[th[.='合计']][1]/td[2]/a/@href")[0]

    asked = parse_qs(urlsplit(link).query)

    assert (asked["of"], asked["measure"], asked["dim"]) == (["410423"], ["CONTACT"], ["LETTER:FIRST"])
