"""A declaration made after the registration: by the next morning she is kept away from what it concerns."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.guarding.bars import lift_bar
from cases.actions.guarding.declared import bar_declared
from cases.choices import BarKind, NoticeKind, PersonRole
from cases.models import Bar, Case
from stations.models import Tie
from tests.cases.test_conflicts import declare, register
from tests.cast import MONDAY
from tests.factories import ID_NUMBER, RESPONDENT_ID_NUMBER, SAFE_PHONE, make_case, petitioner

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "told",
    [{"id_number": ID_NUMBER}, {"id_number": RESPONDENT_ID_NUMBER}, {"phone": SAFE_PHONE}],
    ids=["her number", "his number", "her telephone"],
)
def test_a_late_declaration_passes_the_case_on(cast, told):
    case = make_case(cast, "HANDLING")
    assert case.owner == cast.clerk
    declare(cast.clerk, **told)

    assert (bar_declared(MONDAY + DAY), bar_declared(MONDAY + 2 * DAY)) == (1, 0)

    bar = Bar.objects.get()
    assert (bar.case, bar.staff, bar.kind, bar.by, bar.at) == (
        case,
        cast.clerk,
        BarKind.RELATED,
        None,
        MONDAY + DAY,
    )
    assert Case.objects.get().owner == cast.head
    assert not Case.objects.visible_to(cast.clerk).exists()
    assert cast.head in [row.recipient for row in case.notices.filter(kind=NoticeKind.STEPPED_BACK)]


def test_a_name_somebody_elses_number_and_whoever_left_bar_nobody(cast):
    make_case(cast, "HANDLING")
    declare(cast.clerk, name="祝冬雪")
    declare(cast.clerk2, id_number="410423196501010007", phone="13911112222")
    declare(cast.head, id_number=ID_NUMBER)
    cast.head.is_active = False
    cast.head.save()

    assert bar_declared(MONDAY + DAY) == 0
    assert not Bar.objects.exists()


@pytest.mark.parametrize("status", ["CLOSED", "NOT_ACCEPTED", "REDIRECTED", "MERGED", "VOID"])
def test_an_ended_case_is_read_no_more_either(cast, status):
    case = make_case(cast, status)
    assert Case.objects.visible_to(cast.clerk).filter(pk=case.pk).exists()
    declare(cast.clerk, id_number=ID_NUMBER)

    assert bar_declared(MONDAY + DAY) == Case.objects.count()
    assert bar_declared(MONDAY + 2 * DAY) == 0

    assert not Case.objects.visible_to(cast.clerk).exists()
    case.refresh_from_db()
    assert (case.status, case.owner) == (status, cast.head)


def test_one_who_only_reports_is_nobodys_relative_here(cast):
    register(cast, parties=(petitioner(role=PersonRole.REPORTER),))
    declare(cast.clerk2, id_number=ID_NUMBER)

    assert bar_declared(MONDAY + DAY) == 0


def test_who_was_let_back_stays_until_she_declares_anew(cast):
    case = make_case(cast, "HANDLING")
    declare(cast.clerk2, id_number=ID_NUMBER)
    bar_declared(MONDAY + DAY)
    lift_bar(case, lifted=Bar.objects.get(), reason="同号录错", by=cast.leader, at=MONDAY + 2 * DAY)

    assert bar_declared(MONDAY + 3 * DAY) == 0
    Tie.objects.update(at=MONDAY + 3 * DAY)
    assert bar_declared(MONDAY + 4 * DAY) == 1


def test_where_nobody_else_could_decide_the_next_night_asks_again(cast):
    others = [cast.head, cast.officer, cast.leader, cast.city_officer, cast.city_leader]
    make_case(cast, "HANDLING")
    for person in others:
        person.is_active = False
        person.save()
    declare(cast.clerk, id_number=ID_NUMBER)

    assert bar_declared(MONDAY + DAY) == 0
    assert Case.objects.get().owner == cast.clerk
    for person in others:
        person.is_active = True
        person.save()
    assert bar_declared(MONDAY + 2 * DAY) == 1
    assert Case.objects.get().owner == cast.head


def test_one_question_however_much_was_declared(cast):
    make_case(cast, "HANDLING")
    for number in range(30):
        declare(cast.clerk2, name=f"人{number}", phone=f"139111122{number:02}")

    with CaptureQueriesContext(connection) as asked:
        assert bar_declared(MONDAY + DAY) == 0

    assert len(asked) == 1
