"""Two people at the same moment over one supervision: one wins, the other is told, and there is one history."""

import pytest

from cases.actions import closure, handling, urging
from cases.actions import supervision as verbs
from cases.choices import NoticeKind, Outcome, PaperKind
from cases.models import Case, MovedOn, Notice, Referral, Supervision
from cases.workflow import StepNotAllowed
from tests.cases.supervising import LATER, answer, begin, fresh, next_paper, supervised, walk
from tests.cases.test_races import at_once, refusals
from tests.cases.test_urging import FRIDAY, LATE
from tests.factories import make_case, make_referral


def steps(found):
    return [step for step in found.case.events.values_list("step", flat=True) if step.startswith("SV_")]


def test_one_of_two_leaders_signs(live_cast):
    cast = live_cast
    found = begin(cast, make_referral(cast, "SIGNED"))
    first, second = fresh(found), fresh(found)

    results = at_once(
        lambda: verbs.sign_off(first, by=cast.leader, at=LATER),
        lambda: verbs.sign_off(second, by=cast.officer, at=LATER),
    )

    (refusal,) = refusals(results)
    assert isinstance(refusal, StepNotAllowed)
    assert found.papers.filter(signed_at__isnull=False).count() == 1
    assert steps(found).count("SV_SIGN_OFF") == 1
    assert found.clocks.live().count() == 1
    # The number that was not used is given to the next paper.
    assert begin(cast, make_referral(cast, "SIGNED")).papers.count() == 1
    last = supervised(cast, "ISSUED", referral=make_referral(cast, "SIGNED"))
    assert last.latest_demand().number == "鲁妇访督〔2026〕2号"


def test_signing_and_returning_at_once(live_cast):
    cast = live_cast
    found = begin(cast, make_referral(cast, "SIGNED"))
    first, second = fresh(found), fresh(found)

    results = at_once(
        lambda: verbs.sign_off(first, by=cast.leader, at=LATER),
        lambda: verbs.return_draft(second, reason="改", by=cast.leader, at=LATER),
    )

    assert len(refusals(results)) == 1
    paper = found.papers.get()
    assert (paper.signed_at is None) != (paper.returned_at is None)


def test_a_reply_and_a_withdrawal_at_once(live_cast):
    cast = live_cast
    found = supervised(cast, "ISSUED")
    first, second = fresh(found), fresh(found)

    results = at_once(
        lambda: answer(first, by=cast.liaison, at=LATER),
        lambda: verbs.withdraw(second, reason="", by=cast.leader, at=LATER),
    )

    (refusal,) = refusals(results)
    assert isinstance(refusal, MovedOn)
    status = Supervision.objects.get().status
    assert (status == "REPLIED") == (results[1] is refusal)
    assert len(steps(found)) == 3


def test_one_of_two_drafts_over_one_referral(live_cast):
    cast = live_cast
    sent = make_referral(cast, "SIGNED")
    copies = [Referral.objects.select_related("case__holder", "department").get(pk=sent.pk) for _ in "12"]

    results = at_once(*(lambda copy=copy: begin(cast, copy) for copy in copies))

    (refusal,) = refusals(results)
    assert isinstance(refusal, StepNotAllowed)
    assert "已有一项督办在办" in str(refusal)
    assert Supervision.objects.count() == 1


def test_one_of_two_next_papers(live_cast):
    cast = live_cast
    found = supervised(cast, "UNSOUND")
    copies = [fresh(found), fresh(found)]

    results = at_once(
        *(
            lambda copy=copy: verbs.draft_next(copy, next_paper(PaperKind.OPINION), by=cast.officer, at=LATER)
            for copy in copies
        )
    )

    (refusal,) = refusals(results)
    assert isinstance(refusal, StepNotAllowed)
    assert found.papers.filter(signed_at=None).count() == 1


@pytest.mark.parametrize("times", range(3))
def test_closing_a_case_and_supervising_it_at_once(live_cast, times):
    cast = live_cast
    case = make_case(cast, "HANDLING")
    first, second = (Case.objects.select_related("holder", "owner").get(pk=case.pk) for _ in "12")

    results = at_once(
        lambda: closure.propose_close(
            first,
            outcome=Outcome.MEDIATED,
            solution="和好",
            settled_level=first.level,
            by=cast.clerk,
            at=LATER,
        ),
        lambda: begin(cast, case=second),
    )

    assert len(refusals(results)) == 1
    closing = Case.objects.get(pk=case.pk).status == "PENDING_CLOSE"
    assert closing != Supervision.objects.open().exists()


@pytest.mark.parametrize("times", range(3))
def test_ending_a_case_while_its_unit_answers(live_cast, times):
    """Both hold the case row first, so neither waits for the other in a circle."""
    cast = live_cast
    found = walk(cast, begin(cast), "ISSUED")
    case = Case.objects.select_related("holder", "owner").get(pk=found.case_id)
    into = make_case(cast)

    at_once(
        lambda: handling.merge_case(case, into=into, reason="同一件事", by=cast.head, at=LATER),
        lambda: answer(fresh(found), by=cast.head, at=LATER),
    )

    ended = Supervision.objects.get()
    if Case.objects.get(pk=case.pk).status == "MERGED":
        assert ended.status == "WITHDRAWN"
        assert not ended.clocks.live().exists()
    else:
        assert ended.status == "REPLIED"


def test_two_urges_at_once(live_cast):
    cast = live_cast
    sent = make_referral(cast, "SENT")
    copies = [Referral.objects.select_related("case", "department").get(pk=sent.pk) for _ in "12"]

    results = at_once(*(lambda copy=copy: urging.urge(copy, by=cast.clerk, at=FRIDAY) for copy in copies))

    assert len(refusals(results)) == 1
    assert Notice.objects.filter(kind=NoticeKind.URGED).count() == 1


def test_two_sweeps_at_once_propose_once(live_cast):
    cast = live_cast
    for _ in range(4):
        make_referral(cast, "SENT")

    results = at_once(*(lambda: urging.propose_supervision(LATE) for _ in range(3)))

    assert not refusals(results)
    assert Notice.objects.filter(kind=NoticeKind.SUPERVISE_SOON).count() == 4
