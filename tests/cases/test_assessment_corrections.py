"""Correction tasks of an assessment, schemes, and volunteers near children."""

from datetime import date
from decimal import Decimal

import pytest

from cases.actions.assessment import corrections, schemes
from cases.actions.handling import add_assistant
from cases.choices import NoticeKind
from cases.choices.assessment import (
    CorrectionStatus,
    CorrectionStep,
)
from cases.models import (
    AssessmentScheme,
    Correction,
)
from cases.permissions.assessment import (
    correction_steps_open_to,
)
from cases.permissions.volunteer import fit_for_minors
from cases.workflow import StepNotAllowed
from cases.workflow.assessment import (
    Weight,
    next_correction_status,
)
from tests.cases.assessing import (
    DUE,
    again,
    checked,
    opened,
    published,
    scheme,
    submitted,
)
from tests.cases.test_assessment import DAY, PEOPLE, told, weights
from tests.cast import MONDAY
from tests.factories import make_case

# -- correction tasks -----------------------------------------------------------------------------


def set_task(cast, *, due_on=date(2026, 12, 1), at=MONDAY):
    found = published(cast)
    return corrections.set_correction(
        found, what="补挂公示牌", due_on=due_on, indicator=None, by=cast.officer, at=at
    )


def test_correction_is_answered_sent_back_and_accepted(cast):
    task = set_task(cast)
    corrections.answer_correction(task, text="已挂", by=cast.head, at=MONDAY)
    assert (task.status, task.remind_on) == (CorrectionStatus.ANSWERED, None)
    corrections.send_back_correction(task, opinion="电话写错", by=cast.officer, at=MONDAY)
    assert (task.status, task.remind_on) == (CorrectionStatus.OPEN, date(2026, 11, 24))
    corrections.answer_correction(task, text="已改", by=cast.head, at=MONDAY)
    corrections.accept_correction(task, opinion="看过，属实", by=cast.officer, at=MONDAY)

    assert (task.status, task.accepted_at) == (CorrectionStatus.ACCEPTED, MONDAY)
    assert list(task.reports.order_by("pk").values_list("accepted", flat=True)) == [False, True]
    assert told(NoticeKind.CORRECTION) == {"head", "officer", "leader"}
    assert not Correction.objects.open().exists()


def test_nobody_accepts_her_own_report(cast):
    task = set_task(cast)
    corrections.answer_correction(task, text="已挂", by=cast.officer, at=MONDAY)

    with pytest.raises(StepNotAllowed, match="报告人以外"):
        corrections.accept_correction(task, opinion="好", by=cast.officer, at=MONDAY)


@pytest.mark.parametrize("status", list(CorrectionStatus))
def test_who_answers_and_who_accepts(cast, status):
    task = set_task(cast)
    task.status = status
    got = {person: set(correction_steps_open_to(getattr(cast, person), task)) for person in PEOPLE}

    above = (
        {CorrectionStep.SEND_BACK, CorrectionStep.ACCEPT} if status == CorrectionStatus.ANSWERED else set()
    )
    judges = dict.fromkeys(("officer", "leader", "city_officer", "city_leader"), above)
    own = {"head": {CorrectionStep.ANSWER} if status == CorrectionStatus.OPEN else set()}
    assert got == {person: set() for person in PEOPLE} | judges | own
    with pytest.raises(StepNotAllowed, match=status.label):
        next_correction_status(
            CorrectionStep.ANSWER if status != CorrectionStatus.OPEN else CorrectionStep.ACCEPT, status
        )


def test_no_task_before_the_result(cast):
    with pytest.raises(StepNotAllowed):
        corrections.set_correction(
            submitted(cast), what="补", due_on=DUE, indicator=None, by=cast.officer, at=MONDAY
        )


def test_reminders_come_once_each_and_reach_the_county_when_late(cast):
    task = set_task(cast)
    days = []
    for number in range(40):
        at = MONDAY + number * DAY
        if corrections.remind_of_corrections(at):
            days.append((at.date() - task.due_on).days)
            assert corrections.remind_of_corrections(at) == 0
        if at.date() == task.due_on:
            assert told(NoticeKind.CORRECTION_DUE) == {"head"}

    assert days == [-7, -3, -1, 0, 7, 14, 21]
    assert told(NoticeKind.CORRECTION_DUE) == {"head", "officer", "leader"}


def test_without_a_federation_above_nobody_else_is_told(cast):
    task = set_task(cast, due_on=date(2026, 11, 20))
    cast.county.active = False
    cast.county.save()
    corrections.remind_of_corrections(MONDAY + 30 * DAY)

    assert told(NoticeKind.CORRECTION_DUE) == {"head"}
    corrections.answer_correction(task, text="已挂", by=cast.head, at=MONDAY)
    assert not told(NoticeKind.CORRECTION) - {"head"}


# -- schemes --------------------------------------------------------------------------------------


def test_a_changed_scheme_is_a_further_version_and_running_rounds_keep_theirs(cast):
    found = opened(cast)
    told = {"year": 2026, "federation": cast.city, "good_from": Decimal(85), "pass_from": Decimal(70)}
    by = {"reason": "今年不考核走访", "by": cast.city_leader, "at": MONDAY}
    new = schemes.change_scheme(
        scheme(), weights(PREVENTION=Weight(Decimal(0)), ROOMS=Weight(Decimal(6))), **told, **by
    )
    kept = {one.code: Weight(one.weight, one.target) for one in new.indicators.all()}
    newer = schemes.change_scheme(new, kept, **told, **by)

    assert (new.region_prefix, new.version, new.total) == ("4104", 1, 97)
    assert (newer.version, newer.total) == (2, 97)
    assert not new.indicators.filter(code="PREVENTION").exists()
    assert new.indicators.filter(kind="VETO").count() == 4
    assert again(found).scheme.version == 1
    assert AssessmentScheme.for_region(2026, "410423101000") == newer
    assert AssessmentScheme.for_region(2026, "370100000000").region_prefix == ""
    assert AssessmentScheme.for_region(2031, "410423101000") is None


@pytest.mark.parametrize(("good", "enough"), [(101, 75), (70, 75), (90, 0)])
def test_thresholds_must_rise(cast, good, enough):
    with pytest.raises(StepNotAllowed, match="依次升高"):
        schemes.change_scheme(
            scheme(),
            weights(),
            year=2026,
            federation=cast.city,
            good_from=Decimal(good),
            pass_from=Decimal(enough),
            reason="试",
            by=cast.city_leader,
            at=MONDAY,
        )


# -- volunteers and children ----------------------------------------------------------------------


@pytest.mark.parametrize(("days", "asked"), [(None, False), (365, True), (366, False)])
def test_a_volunteer_without_a_check_of_the_year_is_not_asked_into_a_childs_matter(cast, days, asked):
    case, other = make_case(cast, "HANDLING", involves_minor=True), make_case(cast, "HANDLING")
    if days is not None:
        checked(cast.volunteer, cast.station, by=cast.clerk, on=MONDAY.date() - days * DAY)
    everybody = [cast.volunteer, cast.clerk2]

    assert (cast.volunteer in fit_for_minors(case, everybody, MONDAY.date())) is asked
    assert cast.clerk2 in fit_for_minors(case, everybody, MONDAY.date())
    assert fit_for_minors(other, everybody, MONDAY.date()) == everybody
    if not asked:
        with pytest.raises(StepNotAllowed, match="没有一年内的无犯罪记录查询"):
            add_assistant(case, assistant=cast.volunteer, note="", by=cast.head, at=MONDAY + DAY)
    else:
        add_assistant(case, assistant=cast.volunteer, note="", by=cast.head, at=MONDAY)
