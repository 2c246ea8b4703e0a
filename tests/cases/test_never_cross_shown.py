"""Who is complained of in one case and petitions in another: neither case shows the other, by any way in."""

import pytest
from django.urls import reverse

from cases.actions import intake
from cases.actions.intake import PhoneEntry
from cases.models import Party
from cases.search import find_cases
from cases.views.rows import FOUND_AS_RESPONDENT
from tests.cases.pages import as_
from tests.cast import MONDAY
from tests.factories import RESPONDENT_ID_NUMBER, entry, petitioner, respondent

HIS_PHONE = "13911113333"
HIS_HOME = "鲁山县下汤镇假设路九十九号"


@pytest.fixture
def cases(cast):
    """Hers about him, and his about his neighbour, at the same desk."""
    his = petitioner(
        name="秦大勇", id_number=RESPONDENT_ID_NUMBER, phones=(PhoneEntry(HIS_PHONE),), address_now=HIS_HOME
    )
    neighbour = respondent(name="别人家", id_number="410423196501010007")
    told = (
        entry(cast, parties=(petitioner(), respondent(phones=(PhoneEntry(HIS_PHONE),)))),
        entry(cast, parties=(his, neighbour), facts="邻居占了门前的路。"),
    )
    return [intake.register_case(one, unit=cast.station, by=cast.clerk, at=MONDAY) for one in told]


@pytest.mark.parametrize("words", [RESPONDENT_ID_NUMBER, HIS_PHONE])
def test_by_his_numbers_only_his_own_petition_is_found(cast, cases, words):
    found = find_cases(cast.head, words)

    assert list(found.cases) == [cases[1]]
    assert not found.of_respondents


def test_by_his_name_the_part_he_has_in_it_is_said(cast, cases, clock):
    hers, his = cases

    found = find_cases(cast.head, "秦大勇")
    page = as_(cast.head).post(reverse("search"), {"q": "秦大勇"}).content.decode()

    assert set(found.cases) == {hers, his}
    assert found.of_respondents == {hers.pk}
    rows = {case: next(row for row in page.split("</tr>") if case.number in row) for case in cases}
    assert (FOUND_AS_RESPONDENT in rows[hers], FOUND_AS_RESPONDENT in rows[his]) == (True, False)


def test_by_her_name_no_part_is_said(cast, cases):
    assert find_cases(cast.head, "祝冬雪").of_respondents == frozenset()


def test_the_same_name_on_both_sides_is_no_respondents_alone(cast):
    case = intake.register_case(
        entry(cast, parties=(petitioner(name="秦大勇"), respondent())),
        unit=cast.station,
        by=cast.clerk,
        at=MONDAY,
    )

    found = find_cases(cast.head, "秦大勇")
    assert (list(found.cases), found.of_respondents) == ([case], frozenset())


def test_registering_him_shows_his_own_petition_alone(cast, cases, clock):
    hers, his = cases
    typed = {
        "petitioner-id_number": RESPONDENT_ID_NUMBER,
        "petitioner-name": "秦大勇",
        "phone-0-number": HIS_PHONE,
    }

    page = as_(cast.clerk).post(reverse("intake_known"), typed).content.decode()

    assert (his.number in page, hers.number in page) == (True, False)


def test_neither_case_page_nor_what_it_opens_shows_the_other(cast, cases, clock):
    hers, his = cases
    clerk = as_(cast.clerk)
    for case, other, secret in ((hers, his, HIS_HOME), (his, hers, "姐姐家")):
        opened = [
            clerk.post(reverse("reveal", args=[case.number]), {"group": group, "reason": "核对"})
            for group in ("IDENTITY", "CONTACT", "ADDRESS", "STORY", "HANDLING")
        ]
        assert {page.status_code for page in opened} == {200}
        for page in [clerk.get(reverse("case", args=[case.number])), *opened]:
            assert other.number not in page.content.decode()
            assert secret not in page.content.decode()


def test_he_is_two_rows_so_that_no_figure_and_no_page_joins_them(cast, cases):
    parts = Party.objects.filter(person__id_number_index=RESPONDENT_ID_NUMBER)

    assert sorted(parts.values_list("role", flat=True)) == ["PETITIONER", "RESPONDENT"]
    assert len(set(parts.values_list("person", flat=True))) == 2
