"""On what ground a matter is kept: asked on the intake page, stored with the registration."""

from datetime import date

import pytest

from cases.actions.guarding.consent import Ground
from cases.choices import ConsentBy, ConsentScope, ConsentWay, LegalBasis
from cases.forms.guarding.consent import KeepForm
from cases.models import Case
from tests.cases.test_intake_page import walk_in
from tests.cast import MONDAY, login
from tests.factories import entry, make_case

TODAY = MONDAY.date()
CHILD, TEEN, ADULT = date(2016, 5, 1), date(2010, 5, 1), date(1990, 5, 1)


def said(case):
    row = case.consents.get()
    return row.scope, row.basis, row.given_by, row.way, row.guardian_because


@pytest.mark.parametrize(
    ("ground", "basis", "by", "way"),
    [
        ("SELF_ORAL", LegalBasis.CONSENT, ConsentBy.SELF, ConsentWay.ORAL),
        ("SELF_WRITTEN", LegalBasis.CONSENT, ConsentBy.SELF, ConsentWay.WRITTEN),
        ("GUARDIAN_ORAL", LegalBasis.GUARDIAN_CONSENT, ConsentBy.GUARDIAN, ConsentWay.ORAL),
        ("GUARDIAN_WRITTEN", LegalBasis.GUARDIAN_CONSENT, ConsentBy.GUARDIAN, ConsentWay.WRITTEN),
        ("DUTY", LegalBasis.STATUTORY_DUTY, ConsentBy.NOBODY, ConsentWay.NONE),
        ("EMERGENCY", LegalBasis.EMERGENCY, ConsentBy.NOBODY, ConsentWay.NONE),
    ],
)
def test_one_click_says_ground_giver_and_way(client, cast, ground, basis, by, way):
    login(client, cast.clerk).post("/cases/new/", walk_in(keep__ground=ground))

    assert said(Case.objects.get()) == (ConsentScope.KEEP, basis, by, way, "")


def test_without_a_ground_nothing_is_registered(client, cast):
    page = login(client, cast.clerk).post("/cases/new/", walk_in(keep__ground=None))

    assert page.status_code == 422
    assert "请选择凭什么登记她的信息" in page.content.decode()
    assert not Case.objects.exists()


SELF = "不满14周岁，须监护人同意；没有的，选法定职责或来不及征求，并写明原因。"
WHY = "请写明为什么没有监护人同意。"
NEVER = "监护人涉嫌侵害的，不征求其同意。请选“监护人涉嫌侵害孩子”。"


@pytest.mark.parametrize(
    ("ground", "because", "born", "suspected", "error"),
    [
        pytest.param("SELF_ORAL", "", [ADULT], False, "", id="an adult speaks for herself"),
        pytest.param("SELF_ORAL", "", [TEEN], False, "", id="from fourteen on she does too (PIPL 31)"),
        pytest.param("SELF_ORAL", "", [None], False, "", id="an unknown age is no child's"),
        pytest.param("SELF_ORAL", "", [CHILD], False, SELF, id="under fourteen the guardian does"),
        pytest.param("SELF_WRITTEN", "", [ADULT, CHILD], False, SELF, id="also for a child who was harmed"),
        pytest.param("GUARDIAN_ORAL", "", [CHILD], False, "", id="the guardian agreed"),
        pytest.param("DUTY", "", [CHILD], False, WHY, id="without her, why"),
        pytest.param("DUTY", "学校送来", [CHILD], False, "", id="and why is said"),
        pytest.param("EMERGENCY", "", [CHILD], False, WHY, id="no time: why"),
        pytest.param("DUTY", "", [ADULT], False, "", id="an adult's letter needs no reason"),
        pytest.param("GUARDIAN_SUSPECT", "", [CHILD], False, "", id="a suspect is the reason"),
        pytest.param("GUARDIAN_ORAL", "", [CHILD], True, NEVER, id="a suspect is never asked"),
        pytest.param("GUARDIAN_SUSPECT", "", [CHILD], True, "", id="a suspect, and said so"),
    ],
)
def test_a_child_has_a_guardian_or_a_reason(ground, because, born, suspected, error):
    form = KeepForm({"ground": ground, "because": because}, today=TODAY)
    form.is_valid()

    form.check_child(born, guardian_suspected=suspected)

    assert [words for errors in form.errors.values() for words in errors] == [error] * bool(error)


def test_a_suspected_guardian_is_the_reason_itself(cast):
    form = KeepForm({"ground": "GUARDIAN_SUSPECT", "because": ""}, today=TODAY)
    form.is_valid()

    case = make_case(cast, keep=Ground(**form.ground_words))

    assert said(case)[1:] == ("STATUTORY_DUTY", "NOBODY", "NONE", "监护人涉嫌侵害，没有征求其同意。")


def test_an_entry_that_says_no_ground_stores_none(cast):
    assert not make_case(cast).consents.exists()
    assert entry(cast).keep is None
