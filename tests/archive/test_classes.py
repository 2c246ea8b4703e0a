"""How long a file is kept: the default table by hand, raising and lowering, when it runs out."""

from datetime import date, datetime

import pytest

from cases.actions import closure
from cases.actions.archive import classes, filing, volume
from cases.actions.archive.volume import make_volume
from cases.actions.instruction import end_instruction
from cases.choices import ArchiveStage, ArchiveStep, ClassReason, Outcome, ReopenGround, Retention
from cases.models import ArchiveFile, Case, Instruction, Reclass
from cases.workflow import StepNotAllowed
from cases.workflow.archive import Matter, filing_due, has_run_out, kept_until, propose, why_not_now
from tests.archive.scene import LATER, again, filed, instructed
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

P, Y30, Y10 = Retention.PERMANENT, Retention.Y30, Retention.Y10
CLOSED = {"status": "CLOSED", "outcome": "SOLVED"}
WITHDRAWN = {"status": "CLOSED", "outcome": "WITHDRAWN"}

# Factsheet §1.10, row by row.
TABLE = [
    ({**CLOSED, "categories": ["PER_DEATH"]}, P, ClassReason.DEATH),
    ({**CLOSED, "situations": ["MR5_DEATH_DISABLE"]}, P, ClassReason.DEATH),
    ({**CLOSED, "categories": ["MAR_DV", "PER_TRAFFIC"]}, P, ClassReason.TRAFFICKING),
    ({**CLOSED, "categories": ["CHD_TRAFFIC"]}, P, ClassReason.TRAFFICKING),
    ({**CLOSED, "situations": ["MR7_MISSING"]}, P, ClassReason.TRAFFICKING),
    ({**CLOSED, "categories": ["CHD_SEXUAL"]}, P, ClassReason.MINOR_SEX),
    ({**CLOSED, "categories": ["PER_RAPE"], "involves_minor": True}, P, ClassReason.MINOR_SEX),
    ({**CLOSED, "categories": ["PER_INDECENT"], "involves_minor": True}, P, ClassReason.MINOR_SEX),
    ({**CLOSED, "situations": ["MR2_GIRL_U14"]}, P, ClassReason.MINOR_SEX),
    ({**CLOSED, "categories": ["PER_RAPE"]}, Y30, ClassReason.RESULT),
    ({**WITHDRAWN, "protection_order": True}, P, ClassReason.PROTECTION_ORDER),
    ({**CLOSED, "instructed": True}, P, ClassReason.LEADER),
    ({**WITHDRAWN, "instructed": True}, Y10, ClassReason.NO_RESULT),
    ({**WITHDRAWN, "conference": True}, P, ClassReason.CONFERENCE),
    ({**CLOSED}, Y30, ClassReason.RESULT),
    ({"status": "CLOSED", "outcome": "TRANSFERRED_REPLIED"}, Y30, ClassReason.RESULT),
    ({"status": "CLOSED", "outcome": "NOT_SUPPORTED"}, Y30, ClassReason.RESULT),
    ({"status": "CLOSED", "outcome": "ANSWERED"}, Y10, ClassReason.ADVICE),
    ({"status": "CLOSED", "outcome": "DUPLICATE"}, Y10, ClassReason.DUPLICATE),
    ({**WITHDRAWN}, Y10, ClassReason.NO_RESULT),
    ({"status": "CLOSED", "outcome": "LOST_CONTACT"}, Y10, ClassReason.NO_RESULT),
    ({"status": "REDIRECTED"}, Y10, ClassReason.REDIRECTED),
    ({"status": "NOT_ACCEPTED"}, Y10, ClassReason.NOT_ACCEPTED),
    ({"status": "MERGED"}, Y10, ClassReason.DUPLICATE),
    ({"status": "MERGED", "instructed": True}, Y10, ClassReason.DUPLICATE),
    ({"status": "MERGED", "categories": ["PER_DEATH"]}, P, ClassReason.DEATH),
]


@pytest.mark.parametrize(("told", "retention", "reason"), TABLE)
def test_the_table_of_classes(told, retention, reason):
    assert propose(Matter(**told)) == (retention, reason)


def test_every_outcome_has_a_row():
    for outcome in Outcome:
        assert propose(Matter(status="CLOSED", outcome=outcome))[0] in (Y30, Y10)


@pytest.mark.parametrize(
    ("retention", "until", "mark"),
    [(P, None, "Y"), (Y30, date(2056, 12, 31), "D30"), (Y10, date(2036, 12, 31), "D10")],
)
def test_when_a_class_runs_out(retention, until, mark):
    assert kept_until(2026, retention) == until
    assert retention.mark == mark
    assert not has_run_out(until, date(2036, 12, 31))
    assert has_run_out(until, date(2057, 1, 1)) is (until is not None)


def test_filing_is_due_at_the_end_of_june():
    assert filing_due(2026) == date(2027, 6, 30)


@pytest.mark.parametrize("step", [step for step in ArchiveStep if step is not ArchiveStep.FILE])
@pytest.mark.parametrize("stage", list(ArchiveStage))
def test_what_fits_where_a_file_stands(step, stage):
    fits = {
        "MAKING": {"HOLD", "RELEASE"},
        "FILED": {"RECLASS", "HOLD", "RELEASE", "APPRAISE", "SECOND", "DESTROY"},
        "REOPENED": {"REFILE", "HOLD", "RELEASE"},
        "DESTROYED": set(),
    }
    assert (why_not_now(step, stage) == "") is (step.name in fits[stage.name])


def test_the_table_reads_the_case(cast):
    case = make_case(cast, "CLOSED", category="PER_DEATH")

    assert filing.proposed_class(case) == (P, ClassReason.DEATH)


def test_an_order_the_court_told_of_counts(cast):
    case = make_case(cast, "HANDLING")
    referral = make_referral(cast, "CLOSED", case=case, at=MONDAY + 10 * MINUTE)
    assert filing.proposed_class(case)[1] == ClassReason.RESULT
    referral.feedback.update(result="COURT.PO_ISSUED")

    assert filing.proposed_class(case) == (P, ClassReason.PROTECTION_ORDER)


def test_numbers_have_no_gaps_in_fonds_year_and_class(cast):
    first = filed(cast)
    second = filed(cast)
    raised = filed(cast, retention=P)
    last = filed(cast)

    assert [file.number for file in (first, second, raised, last)] == [
        "0123-WS·2026-D30-WQ-0001",
        "0123-WS·2026-D30-WQ-0002",
        "0123-WS·2026-Y-WQ-0001",
        "0123-WS·2026-D30-WQ-0003",
    ]


def test_a_refused_filing_takes_no_number(cast):
    first = filed(cast)
    for case in (first.case, make_case(cast, "HANDLING")):
        with pytest.raises(StepNotAllowed):
            filing.file_case(case, retention=Y30, by=cast.archivist, at=LATER)
    with pytest.raises(StepNotAllowed, match="不能低于"):
        filing.file_case(make_case(cast, "CLOSED"), retention=Y10, by=cast.archivist, at=LATER)

    assert filed(cast).number.endswith("-0002")


def test_without_a_fonds_nothing_is_filed(cast):
    with pytest.raises(StepNotAllowed, match="全宗号"):
        filing.file_case(make_case(cast, "CLOSED"), retention=Y30, by=cast.archivist, at=LATER)


def test_a_unit_with_its_own_fonds_files_under_it(cast):
    filing.set_fonds(cast.station, number="0456", by=cast.head, at=MONDAY)

    assert filed(cast).fonds == "0456"


def test_the_year_is_that_of_the_end_in_china(cast):
    case = make_case(cast, "CLOSED")
    Case.objects.filter(pk=case.pk).update(ended_at=datetime.fromisoformat("2026-12-31T17:00+00:00"))

    assert filed(cast, case).year == 2027


def test_raising_takes_one_person_and_a_new_number(cast):
    file = filed(cast)
    old = file.number
    classes.change_class(file, retention=P, words="典型案例", by=cast.head, at=LATER)
    filing.make_waiting(LATER)
    file = again(file)

    assert (file.retention, file.keep_until, file.stage) == (P, None, ArchiveStage.FILED)
    assert file.number == "0123-WS·2026-Y-WQ-0001"
    row = Reclass.objects.get()
    assert (row.number_before, row.number_after, row.granted) == (old, file.number, True)
    assert file.case.events.filter(step=ArchiveStep.REFILE).exists()
    assert filed(cast).number.endswith("D30-WQ-0002")


def test_lowering_takes_a_reason_and_a_second_person(cast):
    file = filed(cast)
    told = {"retention": Y10, "by": cast.head, "at": LATER}
    with pytest.raises(StepNotAllowed, match="理由"):
        classes.change_class(file, words="", **told)
    classes.change_class(file, words="无保存价值", **told)
    assert again(file).retention == Y30
    with pytest.raises(StepNotAllowed, match="等待复核"):
        classes.change_class(file, words="再来一次", **told)

    decide = {"granted": True, "opinion": "同意", "at": LATER}
    for person, sentence in ((cast.head, "另一个人"), (cast.clerk, "承办过")):
        with pytest.raises(StepNotAllowed, match=sentence):
            classes.decide_lowering(file, by=person, **decide)
    classes.decide_lowering(file, by=cast.archivist, **decide)
    assert (again(file).retention, again(file).keep_until) == (Y10, date(2036, 12, 31))
    filing.make_waiting(LATER)
    with pytest.raises(StepNotAllowed, match="没有等待复核"):
        classes.decide_lowering(again(file), by=cast.archivist, **decide)


def test_a_refused_lowering_changes_nothing(cast):
    file = filed(cast)
    classes.change_class(file, retention=Y10, words="无保存价值", by=cast.head, at=LATER)
    classes.decide_lowering(file, granted=False, opinion="有价值", by=cast.archivist, at=LATER)

    assert (again(file).number, again(file).stage) == (file.number, ArchiveStage.FILED)
    assert Reclass.objects.get().granted is False


def test_the_same_class_is_no_change(cast):
    file = filed(cast)
    with pytest.raises(StepNotAllowed, match="相同"):
        classes.change_class(file, retention=Y30, words="x", by=cast.head, at=LATER)


@pytest.mark.parametrize(
    ("leader", "number", "reason"),
    [
        (False, "0123-WS·2026-D30-WQ-0001", ClassReason.RESULT),
        (True, "0123-WS·2026-Y-WQ-0001", ClassReason.LEADER),
    ],
)
def test_a_reopened_case_goes_on_in_the_same_file(cast, leader, number, reason):
    file = filed(cast)
    at = LATER + MINUTE
    ground = {"ground": ReopenGround.values[0], "reason": "又打人"}
    closure.reopen_case(Case.objects.get(pk=file.case_id), **ground, owner=cast.clerk, by=cast.head, at=at)
    assert again(file).stage == ArchiveStage.REOPENED
    with pytest.raises(StepNotAllowed, match="办结后"):
        classes.refile(again(file), by=cast.archivist, at=at)
    if leader:
        instructed(Case.objects.get(pk=file.case_id), cast, at)
    close_again(file, cast, at)
    before = file.papers.count()
    classes.refile(again(file), by=cast.archivist, at=at + 3 * MINUTE)
    filing.make_waiting(at + 3 * MINUTE)

    file = again(file)
    assert (file.stage, file.number, file.reason) == (ArchiveStage.FILED, number, reason)
    assert file.papers.count() > before
    assert ArchiveFile.objects.count() == 1
    assert Reclass.objects.filter(by=None, granted=True).exists() is leader


def close_again(file, cast, at):
    case = Case.objects.get(pk=file.case_id)
    told = {"outcome": "SOLVED", "solution": "丈夫认错。", "settled_level": case.level}
    closure.propose_close(case, **told, petitioner_told_on=MONDAY.date(), by=cast.clerk, at=at + MINUTE)
    for row in Instruction.objects.filter(case=case):
        end_instruction(case, instruction=row, result="已落实", by=cast.officer, at=at + MINUTE)
    case = Case.objects.get(pk=case.pk)
    closure.close_case(case, opinion="同意", by=cast.leader if case.led else cast.head, at=at + 2 * MINUTE)


def test_a_volume_in_the_making_is_dropped_when_the_case_is_reopened(cast):
    file = filed(cast)
    filing.try_again(file)
    ArchiveFile.objects.filter(pk=file.pk).update(stage=ArchiveStage.MAKING)
    file = again(file)
    made = make_volume(file, at=LATER)
    classes.reopen_file(file.case)
    filing.store(file, made, at=LATER)

    assert again(file).stage == ArchiveStage.REOPENED


def test_what_cannot_be_made_is_said_and_tried_again(cast, monkeypatch):
    file = filed(cast)
    ArchiveFile.objects.filter(pk=file.pk).update(stage=ArchiveStage.MAKING)
    monkeypatch.setattr(volume, "NOTES", (object(),))
    with pytest.raises(TypeError):
        filing.make_waiting(LATER)
    assert again(file).failed
    monkeypatch.undo()
    assert filing.make_waiting(LATER) == 0
    filing.try_again(again(file))
    assert filing.make_waiting(LATER) == 1
    assert again(file).stage == ArchiveStage.FILED


def test_two_workers_do_not_make_one_volume_twice(cast):
    file = filed(cast)
    ArchiveFile.objects.filter(pk=file.pk).update(
        stage=ArchiveStage.MAKING, leased_until=LATER + filing.LEASE
    )

    assert filing.make_waiting(LATER) == 0
    assert filing.make_waiting(LATER + 2 * filing.LEASE) == 1
