"""In grave violence she is told at once that she may apply for a protection order, and the page asks until she was."""

import pytest
from django.urls import reverse

from cases.choices import Risk, Step
from tests.cases.pages import as_, words
from tests.factories import make_case


def test_she_is_told_once_that_she_may_apply_for_an_order(cast):
    grave = make_case(cast, "HANDLING", involves_dv=True, risk=Risk.ORANGE)
    client = as_(cast.clerk)
    page, form = reverse("case", args=[grave.number]), reverse("case_step", args=[grave.number, "handle"])
    assert "告诉她可以申请人身安全保护令" in words(client.get(page))

    done = {"method": "EXPLAIN", "happened_at": "2026-11-16 10:00", "content": "谈话", "order_told": "on"}
    assert client.post(form, done).status_code == 302

    assert grave.events.filter(step=Step.HANDLE).latest("seq").facts["order_told"] is True
    assert "告诉她可以申请人身安全保护令" not in words(client.get(page))
    assert "order_told" not in client.get(form).content.decode()


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({"involves_dv": True, "risk": Risk.BLUE}, False),
        ({"involves_dv": False, "risk": Risk.ORANGE}, False),
        ({"involves_dv": True, "risk": Risk.RED}, True),
    ],
)
def test_who_must_hear_of_an_order(cast, told, asked):
    assert make_case(cast, "HANDLING", **told).must_hear_of_order() is asked
