"""Handing over while others work: one wins, the other is told, nothing is left without an owner."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from cases.actions import handling, handover
from cases.actions.promises import check_promises, kept_spans, told_spans
from cases.choices import Step
from cases.models import Case, Handover
from cases.workflow import StepNotAllowed
from stations.models import Staff
from tests.cases.test_races import at_once, refusals
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case

AT = MONDAY + timedelta(hours=3)


def move(giver, to, by):
    return handover.hand_over_all(giver, to, by=by, at=AT, reason="调离")


def person(name):
    return Staff.objects.select_related("organisation__region").get(username=name)


def test_of_two_who_hand_over_the_same_work_one_is_told(live_cast):
    cases = [make_case(live_cast, "HANDLING") for _ in range(4)]

    results = at_once(
        lambda: move(person("clerk"), person("clerk2"), person("head")),
        lambda: move(person("clerk"), person("head"), person("officer")),
    )

    refused = refusals(results)
    assert [type(error) for error in refused] == [StepNotAllowed]
    assert len({Case.objects.get(pk=case.pk).owner_id for case in cases}) == 1
    assert Handover.objects.get().counts["owned"] == 4
    assert check_promises(AT + MINUTE).found == {}


def test_a_case_that_was_given_away_in_between_stays_where_it_went(live_cast):
    """The head names another owner; the handing over waits for her and finds the case no longer in its giver's hands."""
    case = make_case(live_cast, "HANDLING")
    make_case(live_cast, "HANDLING")
    waiting, result = threading.Event(), []

    def hand_over():
        waiting.set()
        result.append(move(person("clerk"), person("clerk2"), person("officer")))
        connection.close()

    with transaction.atomic():
        handling.assign_owner(case, owner=live_cast.head, by=live_cast.head, at=AT)
        other = threading.Thread(target=hand_over)
        other.start()
        waiting.wait(timeout=20)
        _until_somebody_waits()
    other.join(timeout=30)

    assert Case.objects.get(pk=case.pk).owner == live_cast.head
    assert result[0].counts["owned"] == 1
    assert not case.events.filter(step=Step.HAND_OVER).exists()
    assert kept_spans(case.pk) == told_spans(case.pk)


def _until_somebody_waits():
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.05)
    pytest.fail("nobody waits")


def test_two_who_hand_over_to_each_other_do_not_wait_for_ever(live_cast):
    for number in range(6):
        case = make_case(live_cast, "HANDLING")
        owner, helper = (
            (live_cast.clerk, live_cast.clerk2) if number % 2 else (live_cast.clerk2, live_cast.clerk)
        )
        if owner.pk != live_cast.clerk.pk:
            handling.assign_owner(case, owner=owner, by=live_cast.head, at=MONDAY + 9 * MINUTE)
        handling.add_assistant(case, assistant=helper, note="", by=live_cast.head, at=MONDAY + 10 * MINUTE)

    results = at_once(
        lambda: move(person("clerk"), person("head"), person("head")),
        lambda: move(person("clerk2"), person("head"), person("officer")),
    )

    assert refusals(results) == []
    assert set(Case.objects.values_list("owner__username", flat=True)) == {"head"}
    assert check_promises(AT + MINUTE).found == {}
