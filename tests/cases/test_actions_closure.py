"""Closing, visiting afterwards, taking up again."""

from datetime import timedelta

import pytest

from cases.actions import closure, escalation, handling
from cases.actions.ownership import CannotOwn
from cases.choices import (
    ClockStatus,
    EscalationReason,
    EscalationStatus,
    NoticeKind,
    Outcome,
    ReopenGround,
    Risk,
    Satisfaction,
    Status,
    Step,
    VisitResult,
)
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + 30 * MINUTE
DAY = timedelta(days=1)


def live(case):
    return set(case.clocks.live().values_list("code", flat=True))


def told(case, kind):
    return [notice.recipient for notice in case.notices.filter(kind=kind).order_by("id")]


def propose(case, by, **changes):
    arguments = {
        "outcome": Outcome.SOLVED,
        "solution": "丈夫写了保证书",
        "settled_level": AdminLevel.VILLAGE,
        "petitioner_told_on": LATER.date(),
        "petitioner_view": "满意",
        "satisfaction": Satisfaction.SATISFIED,
        "by": by,
        "at": LATER,
    }
    return closure.propose_close(case, **(arguments | changes))


def test_proposing_to_close_waits_for_the_head(cast):
    case = make_case(cast, "HANDLING")

    proposal = propose(case, cast.clerk)

    assert case.status == Status.PENDING_CLOSE
    assert (proposal.approved, proposal.solution, proposal.round_no) == (None, "丈夫写了保证书", 1)
    assert case.events.latest("seq").facts == {"outcome": "SOLVED", "level": "VILLAGE"}
    assert told(case, NoticeKind.TO_APPROVE) == [cast.head]
    assert "IN-TOTAL" in live(case)  # the case keeps its date while it waits


@pytest.mark.parametrize(
    ("unit", "fields", "by", "approvers"),
    [
        pytest.param("station", {}, "clerk", ["head"], id="blue: the head"),
        pytest.param("station", {}, "head", [], id="blue, proposed by the head: nobody else to tell"),
        pytest.param(
            "station", {"risk": Risk.ORANGE}, "clerk", ["officer", "leader"], id="orange: the county"
        ),
        pytest.param("station", {"risk": Risk.RED}, "clerk", ["leader"], id="red: the county's leader"),
        pytest.param("station", {"involves_minor": True}, "clerk", ["leader"], id="a minor: the same"),
        pytest.param("village", {}, "village_liaison", ["head"], id="the village's: the township's head"),
        pytest.param("county", {"risk": Risk.RED}, "officer", ["leader"], id="held by the county"),
        pytest.param("city", {"risk": Risk.RED}, "city_officer", ["city_leader"], id="held by the city"),
    ],
)
def test_whoever_may_approve_is_told(cast, unit, fields, by, approvers):
    case = make_case(cast, "HANDLING", unit=getattr(cast, unit), **fields)

    propose(case, getattr(cast, by))

    assert told(case, NoticeKind.TO_APPROVE) == [getattr(cast, part) for part in approvers]


def test_a_dangerous_case_without_a_county_federation_goes_to_the_holder(cast):
    case = make_case(cast, "HANDLING", risk=Risk.RED)
    cast.county.active = False
    cast.county.save()

    propose(case, cast.clerk)

    assert told(case, NoticeKind.TO_APPROVE) == []


def test_a_case_with_an_open_referral_waits_for_the_written_answer(cast):
    case = make_referral(cast, "RESULT").case

    with pytest.raises(StepNotAllowed, match="还有未销号的转交"):
        propose(case, cast.clerk)

    assert case.status == Status.HANDLING


def test_closing_meets_our_clocks_and_begins_the_visits(cast):
    case = make_case(cast, "HANDLING", own_power=True)
    propose(case, cast.clerk)

    closure.close_case(case, opinion="同意", by=cast.head, at=LATER + MINUTE)

    case.refresh_from_db()
    assert (case.status, case.outcome, case.settled_level) == (Status.CLOSED, "SOLVED", "VILLAGE")
    assert (case.ended_at, case.ended_by) == (LATER + MINUTE, cast.head)
    assert live(case) == {"IN-VISIT"}
    assert case.due_at == case.clocks.get(code="IN-VISIT").effective_due
    for code in ("XF-DECIDE", "IN-TOTAL"):
        assert case.clocks.get(code=code).status == ClockStatus.MET
    assert not case.holdings.filter(until_at=None).exists()
    assert (case.closures.get().approved, case.closures.get().opinion) == (True, "同意")
    assert told(case, NoticeKind.DECIDED) == [cast.clerk]
    assert case.events.latest("seq").facts == {"outcome": "SOLVED", "level": "VILLAGE", "round": 1}


@pytest.mark.parametrize("fields", [{"involves_dv": True}, {"involves_minor": True}], ids=str)
def test_violence_is_visited_three_times(cast, fields):
    case = make_case(cast, "CLOSED", **fields)

    assert live(case) == {"IN-VISIT-1", "IN-VISIT-2", "IN-VISIT-3"}


def test_closing_needs_a_proposal(cast):
    case = make_case(cast, "PENDING_CLOSE")
    case.closures.update(approved=False, decided_by=cast.head, decided_at=LATER)

    with pytest.raises(StepNotAllowed, match="没有待审核的结案申请"):
        closure.close_case(case, opinion="", by=cast.head, at=LATER)
    with pytest.raises(StepNotAllowed, match="没有待审核的结案申请"):
        closure.send_back(case, reason="", by=cast.head, at=LATER)


def test_sent_back_goes_on_with_the_reasons_and_may_be_proposed_again(cast):
    case = make_case(cast, "PENDING_CLOSE")

    closure.send_back(case, reason="未见回访记录", by=cast.head, at=LATER)

    assert case.status == Status.HANDLING
    refused = case.closures.get()
    assert (refused.approved, refused.opinion) == (False, "未见回访记录")
    assert told(case, NoticeKind.SENT_BACK) == [cast.clerk]
    propose(case, cast.clerk)
    closure.close_case(case, opinion="", by=cast.head, at=LATER)
    assert sorted(case.closures.values_list("approved", flat=True)) == [False, True]


# Visits.


def visit(case, by, **changes):
    arguments = {
        "happened_at": LATER,
        "way": "MEET",
        "spoke_safely": True,
        "result": VisitResult.SAFE,
        "content": "平稳",
        "by": by,
        "at": LATER,
    }
    return closure.record_follow_up(case, **(arguments | changes))


def test_each_visit_meets_the_nearest_one_owed(cast):
    case = make_case(cast, "CLOSED", involves_dv=True)

    for left in ({"IN-VISIT-2", "IN-VISIT-3"}, {"IN-VISIT-3"}, set(), set()):
        visit(case, cast.clerk)
        assert live(case) == left
    case.refresh_from_db()
    assert case.due_at is None
    assert case.follow_ups.count() == 4


@pytest.mark.parametrize(
    "changes", [{"spoke_safely": False, "content": ""}, {"result": VisitResult.UNREACHABLE}], ids=str
)
def test_a_visit_in_which_she_could_not_speak_meets_nothing(cast, changes):
    case = make_case(cast, "CLOSED")

    visit(case, cast.clerk, **changes)

    assert live(case) == {"IN-VISIT", "IN-REVISIT"}


def test_a_relapse_is_told_to_the_head(cast):
    case = make_case(cast, "CLOSED")

    visit(case, cast.clerk, result=VisitResult.RELAPSE)

    assert told(case, NoticeKind.RELAPSED) == [cast.head]
    assert live(case) == set()


def test_no_visit_before_closing(cast):
    with pytest.raises(StepNotAllowed, match="不能“记录回访”"):
        visit(make_case(cast, "HANDLING"), cast.clerk)


# Again.


def reopen(case, by, owner, at=LATER):
    closure.reopen_case(case, ground=ReopenGround.RELAPSE, reason="又动手", owner=owner, by=by, at=at)


@pytest.mark.parametrize("status", ["CLOSED", "NOT_ACCEPTED", "REDIRECTED"])
def test_reopened_is_the_same_case_in_a_new_round(cast, status):
    case = make_case(cast, status, involves_dv=True)
    number = case.number

    reopen(case, cast.head, cast.clerk2)

    case.refresh_from_db()
    assert (case.status, case.round_no, case.owner, case.number) == (Status.HANDLING, 2, cast.clerk2, number)
    assert (case.outcome, case.settled_level, case.ended_at, case.ended_by) == ("", "", None, None)
    assert live(case) == {"IN-TOTAL"}
    assert case.clocks.get(code="IN-TOTAL", status=ClockStatus.RUNNING).started_at == LATER
    assert case.due_at == case.clocks.get(code="IN-TOTAL", status=ClockStatus.RUNNING).effective_due
    assert case.holdings.get(until_at=None).staff == cast.clerk2
    assert told(case, NoticeKind.ASSIGNED)[-1] == cast.clerk2
    facts = case.events.latest("seq").facts
    assert (facts["ended_as"], facts["round"], facts["ground"]) == (status, 2, "RELAPSE")


def test_a_reopened_case_keeps_its_former_closing_and_can_be_closed_again(cast):
    case = make_case(cast, "CLOSED")
    reopen(case, cast.head, cast.clerk)
    extension = handling.ask_extension(case, days=10, reason="新一轮", by=cast.clerk, at=LATER)

    propose(case, cast.clerk, outcome=Outcome.RELIEVED)
    closure.close_case(case, opinion="", by=cast.head, at=LATER)

    assert extension.round_no == 2
    assert list(case.closures.order_by("round_no").values_list("round_no", "outcome")) == [
        (1, "MEDIATED"),
        (2, "RELIEVED"),
    ]
    assert case.outcome == "RELIEVED"


def test_a_reopened_case_has_an_owner_of_the_holding_unit(cast):
    case = make_case(cast, "CLOSED")

    with pytest.raises(CannotOwn):
        reopen(case, cast.head, cast.other_clerk)
    assert case.events.latest("seq").step == Step.CLOSE


@pytest.mark.parametrize("status", ["MERGED", "VOID"])
def test_merged_and_void_stay_so(cast, status):
    with pytest.raises(StepNotAllowed):
        reopen(make_case(cast, status), cast.head, cast.clerk)


def test_closing_ends_the_wait_for_the_upper_level(cast):
    case = make_case(cast, "HANDLING")
    sent = escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.HIGH_RISK, tried="试过", by=cast.head, at=LATER
    )
    propose(case, cast.clerk)

    closure.close_case(case, opinion="同意", by=cast.head, at=LATER + DAY)

    sent.refresh_from_db()
    assert (sent.status, sent.decided_by) == (EscalationStatus.LAPSED, cast.head)
