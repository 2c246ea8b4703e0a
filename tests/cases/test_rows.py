"""The rows of every list: what comes next, and who has to move."""

import re
from collections.abc import Callable

import pytest
from django.utils.html import strip_tags

from cases.choices import Risk
from cases.models import Case
from cases.views.rows import COLUMNS, case_rows
from stations.models import Staff
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral


def step_and_turn(case: Case, reader: Staff) -> list[str]:
    """The cells 下一步 and 轮到谁 of the case's row."""
    (row,) = case_rows(Case.objects.filter(pk=case.pk).values_list(*COLUMNS), reader, MONDAY)
    cells = re.findall(r'<td data-label="(?:下一步|轮到谁)">(.*?)</td>', str(row["html"]), re.DOTALL)
    return [strip_tags(cell).strip() for cell in cells]


SITUATIONS: dict[str, tuple[Callable[[Cast], Case], list[str]]] = {
    "registered": (lambda cast: make_case(cast), ["审核受理", "{station}负责人"]),
    "registered in a village": (
        lambda cast: make_case(cast, unit=cast.village),
        ["审核受理", "乡镇维权站负责人"],
    ),
    "handling": (lambda cast: make_case(cast, "HANDLING"), ["办理", "{owner}"]),
    "referred": (lambda cast: make_referral(cast).case, ["等待部门反馈", "承办部门"]),
    "referred before acceptance": (
        lambda cast: make_referral(cast, case=make_case(cast)).case,
        ["审核受理", "{station}负责人"],
    ),
    "closing": (lambda cast: make_case(cast, "PENDING_CLOSE"), ["审核结案", "{station}负责人"]),
    "closing an orange case": (
        lambda cast: make_case(cast, "PENDING_CLOSE", risk=Risk.ORANGE),
        ["审核结案", "县妇联负责人"],
    ),
    "closing a child's case": (
        lambda cast: make_case(cast, "PENDING_CLOSE", involves_minor=True),
        ["审核结案", "县妇联负责人"],
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_row_says_the_next_step_and_whose_it_is(cast: Cast, name: str) -> None:
    make, words = SITUATIONS[name]

    case = make(cast)

    said = [word.format(station=cast.station.name, owner=case.owner and case.owner.name) for word in words]
    assert step_and_turn(case, cast.officer) == said


@pytest.mark.parametrize("name", ["referred", "referred before acceptance"])
def test_case_page_and_list_agree_whether_a_department_moves_next(cast: Cast, name: str) -> None:
    make, (step, _) = SITUATIONS[name]

    case = Case.objects.get(pk=make(cast).pk)

    assert (case.next_step == "等待部门反馈") is (step == "等待部门反馈")
