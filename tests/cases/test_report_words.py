"""情况分析 in sentences: its numbers against a count of our own, what is hidden, what the writer adds and where it goes."""

from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document
from lxml import html
from python_calamine import CalamineWorkbook

from cases.statistics.figures.rollup import refresh
from tests.cases.a_year import AFTER, ask, fill
from tests.cast import login

YEAR = {"report": "analysis", "span": "year", "year": "2025"}
IN_2025 = "BETWEEN '2025-01-01 00:00:00+08' AND '2025-12-31 23:59:59.999999+08'"
OF = "JOIN stations_organisation o ON o.id = c.station_id WHERE o.region_id LIKE '410423%%'"
CONTACTS = f"SELECT count(*) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF} AND k.entered_at {IN_2025}"
OWN = {"causes": "欠薪多在年底。\n工地流动大。", "problems": "{{ 7*7 }} <b>人手</b>不足", "advice": ""}


@pytest.fixture
def year(cast, clock):
    clock.at = AFTER
    told = fill(cast)
    refresh(AFTER)
    return told


def said(client, **asked):
    answer = client.get(reverse("reports"), YEAR | asked)
    assert answer.status_code == 200
    return html.fromstring(answer.content)


def words_of(page):
    return "".join(page.xpath("//*[@class='wq-report__words']")[0].itertext())


def write(client, **told):
    return client.post(f"{reverse('report_words')}?report=analysis&span=year&year=2025", told)


def of(part, whole):
    return f"{100 * part / whole:.1f}%"


def test_the_sentences_say_what_a_person_would_count(client, cast, year):
    whole, first = ask(CONTACTS), ask(f"{CONTACTS} AND k.occurrence = 'FIRST'")
    again, more = (
        ask(f"{CONTACTS} AND k.occurrence = 'REPEAT'"),
        ask(f"{CONTACTS} AND k.occurrence = 'CONTINUED'"),
    )
    letters, calls = (
        ask(f"{CONTACTS} AND k.channel = 'LETTER'"),
        ask(f"{CONTACTS} AND k.channel LIKE 'PHONE%%'"),
    )
    wages = ask(f"{CONTACTS} AND c.category LIKE 'LAB%%'")
    persons = ask(CONTACTS.replace("count(*)", "sum(k.persons)"))
    matters = ask(
        f"SELECT count(*) FROM cases_case c {OF} AND c.registered_at {IN_2025} AND c.status NOT IN ('VOID', 'MERGED')"
    )
    closed = ask(
        f"SELECT count(*) FROM cases_closure k JOIN cases_case c ON c.id = k.case_id {OF} AND k.approved AND k.decided_at {IN_2025}"
    )
    assert min(whole, first, again, more, letters, calls, wages, closed) > 0

    text = words_of(said(login(client, cast.officer)))

    for sentence in (
        f"本期收到来信来访来电等{whole}件次、{persons}人次，环比—，同比—；登记{matters}件，环比—，同比—。",
        f"初次{first}件次，占{of(first, whole)}，重复{again}件次，占{of(again, whole)}，补充材料{more}件次，占{of(more, whole)}。",
        f"来信{letters}件次，占{of(letters, whole)}，环比—，同比—",
        f"来电{calls}件次，占{of(calls, whole)}，环比—，同比—",
        f"{wages}件次，占{of(wages, whole)}，同比—",
        f"办结{closed}件次，环比—，同比—",
        f"重复信访率{of(again, whole)}，环比—，同比—。",
    ):
        assert sentence in text


def test_counts_move_in_per_cent_and_rates_in_hundredths(client, cast, year):
    september = ask(
        f"{CONTACTS.replace(IN_2025, '')} BETWEEN '2025-09-01 00:00+08' AND '2025-09-30 23:59:59+08'"
    )
    august = ask(
        f"{CONTACTS.replace(IN_2025, '')} BETWEEN '2025-08-01 00:00+08' AND '2025-08-31 23:59:59+08'"
    )
    assert (august, september) == (1, 2)

    text = words_of(said(login(client, cast.officer), span="month", month="9"))

    assert "本期收到来信来访来电等2件次、3人次，环比上升100.0%，同比—" in text
    # The one contact of August repeated, none of September did.
    assert "重复信访率0.0%，环比下降100.0个百分点，同比—" in text


def test_a_month_without_any_says_so(client, cast, year):
    text = words_of(said(login(client, cast.officer), span="month", month="11"))

    assert "本期没有新增来信来访来电。" in text
    assert "期末未结" in text
    assert "占" not in text.partition("三、")[0].partition("没有新增")[0]


def test_what_is_hidden_in_the_tables_is_hidden_in_the_sentences(client, cast, year):
    inside = words_of(said(login(client, cast.officer), place="410423102"))
    page = said(login(client, cast.officer), place="410423102", outside="on")
    outside = words_of(page)

    assert "等3件次" in inside
    assert "等＜5件次" in outside
    digits = [figure for figure in outside.replace("＜5", "").replace("5人及以上", "") if figure in "1234"]
    assert not digits, outside
    assert "较多的是" not in outside
    county = words_of(said(login(client, cast.officer), outside="on"))
    assert "梁洼镇" not in county
    assert "梁洼镇" in words_of(said(login(client, cast.officer)))


def test_three_parts_are_left_to_the_writer(client, cast, year):
    page = said(login(client, cast.officer))

    heads = ["一、基本情况", "二、主要特点", "三、原因分析", "四、存在问题", "五、工作建议"]
    assert [head.text for head in page.xpath("//*[@class='wq-report__words']/h2")] == heads[:2]
    assert [label.text_content().strip() for label in page.xpath("//label[@for][following::textarea]")][
        -3:
    ] == heads[2:]
    assert [area.get("name") for area in page.xpath("//textarea")] == ["causes", "problems", "advice"]
    assert "不留在报表里" in page.text_content()
    paper = html.fromstring(client.get(reverse("report_print"), YEAR).content)
    assert len(paper.xpath("//*[@class='wq-report__room']")) == 3
    assert words_of(paper).split() == [*words_of(page).split(), *heads[2:]]


def test_her_words_go_into_the_word_file_as_she_typed_them(client, cast, year):
    login(client, cast.officer)
    page = words_of(said(client))

    answer = write(client, **OWN, **{"as": "docx"})

    assert "attachment" in answer["Content-Disposition"]
    lines = [line.text for line in Document(BytesIO(answer.content)).paragraphs]
    assert "鲁山县情况分析" in lines
    at = lines.index("三、原因分析")
    assert lines[at + 1 : at + 5] == [
        "欠薪多在年底。",
        "工地流动大。",
        "四、存在问题",
        "{{ 7*7 }} <b>人手</b>不足",
    ]
    assert lines[at + 5 : at + 7] == ["五、工作建议", ""]
    figures = [line for line in lines[:at] if "件次" in line]
    assert figures
    assert all(line in page for line in figures)


def test_her_words_go_onto_the_paper_and_nowhere_else(client, cast, year):
    login(client, cast.officer)

    paper = html.fromstring(write(client, **OWN, **{"as": "print"}).content)

    assert "工地流动大。" in words_of(paper)
    assert "<b>人手</b>不足" in words_of(paper)
    assert len(paper.xpath("//*[@class='wq-report__room']")) == 1
    assert "工地流动大" not in client.get(reverse("reports"), YEAR).content.decode()


def test_too_many_words_are_told_and_kept(client, cast, year):
    login(client, cast.officer)

    answer = write(client, causes="长" * 2001, problems="人手不足", **{"as": "docx"})

    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    assert "三、原因分析最多2000字" in page.text_content()
    assert page.xpath("//textarea[@name='problems']")[0].text.strip() == "人手不足"


def test_only_a_report_in_sentences_takes_words(client, cast, year):
    login(client, cast.officer)

    assert client.post(f"{reverse('report_words')}?report=petitions", OWN).status_code == 404
    assert client.post(f"{reverse('report_words')}?report=analysis&place=410421", OWN).status_code == 404
    assert client.get(reverse("report_words"), YEAR).status_code == 405


def test_the_sheet_begins_with_the_sentences(client, cast, year):
    login(client, cast.officer)
    page = words_of(said(client))

    book = CalamineWorkbook.from_filelike(BytesIO(client.get(reverse("report_file"), YEAR).content))

    rows = book.get_sheet_by_name("情况分析").to_python()
    told = [row[1] for row in rows if str(row[0]).startswith("一、")]
    assert told
    assert all(text in page for text in told)
    assert [row[0] for row in rows if str(row[0])[:2] in ("三、", "四、", "五、")] == [
        "三、原因分析",
        "四、存在问题",
        "五、工作建议",
    ]
