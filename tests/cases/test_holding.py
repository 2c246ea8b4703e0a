"""Who held a case: the rows the verbs keep and the history tell the same, whatever way the case went."""

from datetime import timedelta

import pytest

from cases.actions import closure, escalation, handling
from cases.actions.promises import kept_spans, told_spans
from cases.choices import EscalationReason, Outcome, Part, ReopenGround
from cases.models import Case
from stations.choices import AdminLevel
from tests.cast import MONDAY
from tests.factories import make_case

HOUR = timedelta(hours=1)


class Way:
    """A case on its way, an hour a step; after each step the two tellings are compared."""

    def __init__(self, cast, status="ACCEPTED"):
        self.cast, self.at = cast, MONDAY + HOUR
        self.case = make_case(cast, status)
        self.compare()

    def compare(self):
        assert kept_spans(self.case.pk) == told_spans(self.case.pk) != []

    def take(self, verb, **said):
        self.case = Case.objects.select_related("holder__region", "owner", "station").get(pk=self.case.pk)
        self.at += HOUR
        verb(self.case, at=self.at, **said)
        self.compare()

    def go_up(self, to_unit):
        reason = EscalationReason.CROSS_DEPT
        self.take(escalation.escalate, to_unit=to_unit, reason=reason, tried="试过", by=self.cast.head)

    def close(self, by):
        solved = {"outcome": Outcome.SOLVED, "solution": "已解决", "settled_level": AdminLevel.TOWNSHIP}
        self.take(closure.propose_close, by=by, **solved)
        self.take(closure.close_case, opinion="同意", by=by)

    @property
    def spans(self):
        """(person, part, hours) in the order they began."""
        return [
            (row.staff.username, row.part, row.until_at and (row.until_at - row.since_at) // HOUR)
            for row in self.case.holdings.select_related("staff").order_by("since_at", "pk")
        ]


@pytest.fixture
def way(cast):
    return Way(cast)


def test_up_and_down_and_taken_up_again(cast, way):
    way.take(handling.add_assistant, assistant=cast.volunteer, note="", by=cast.head)
    way.go_up(cast.county)
    way.take(escalation.take_over, owner=cast.officer, guidance="县里办", by=cast.leader)
    way.take(escalation.send_down, owner=cast.clerk2, guidance="照此办", by=cast.leader)
    way.close(cast.head)
    assert None not in {until for *_, until in way.spans}

    ground = ReopenGround.RELAPSE
    way.take(closure.reopen_case, ground=ground, reason="又打了", owner=cast.clerk, by=cast.head)

    assert way.spans[-1] == ("clerk", Part.OWNER, None)
    assert [name for name, part, _ in way.spans if part == Part.OWNER] == [
        *("clerk", "officer", "clerk2", "clerk"),
    ]


def test_handled_jointly_twice_by_the_same_person(cast, way):
    for _ in range(2):
        way.go_up(cast.county)
        way.take(escalation.handle_jointly, co_owner=cast.officer, split="县里联系公安", by=cast.leader)

    assert way.spans[1:] == [("officer", Part.CO_OWNER, 2), ("officer", Part.CO_OWNER, None)]


def test_named_again_she_goes_on_holding_it(cast, way):
    way.take(handling.assign_owner, owner=cast.clerk, by=cast.head)
    way.take(handling.assign_owner, owner=cast.clerk2, by=cast.head)

    assert [(name, part) for name, part, _ in way.spans] == [("clerk", Part.OWNER), ("clerk2", Part.OWNER)]


def test_an_assistant_made_owner_and_one_who_helps_again(cast, way):
    way.take(handling.add_assistant, assistant=cast.clerk2, note="", by=cast.head)
    way.take(handling.assign_owner, owner=cast.clerk2, by=cast.head)
    way.take(handling.add_assistant, assistant=cast.clerk, note="", by=cast.head)

    assert [(name, part) for name, part, until in way.spans if until is None] == [
        ("clerk2", Part.OWNER),
        ("clerk", Part.ASSISTANT),
    ]


@pytest.mark.parametrize("status", ["NOT_ACCEPTED", "REDIRECTED", "MERGED", "VOID", "CLOSED"])
def test_whatever_ends_it_ends_the_holding(cast, status):
    assert {until for *_, until in Way(cast, status).spans} == {0}
