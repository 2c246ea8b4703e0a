"""What a scoring of danger does to a case: level, risk, emergency, what is refused, and who may say that it has passed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cases.actions import intake
from cases.actions.reminders import remind
from cases.actions.safety import emergency
from cases.actions.safety.danger import DangerEntry, assess
from cases.actions.safety.emergency import PoliceEntry, duties_of
from cases.choices import (
    ClockStatus,
    DangerLevel,
    DisclosureKind,
    LegalBasis,
    MonitorKind,
    MonitorStep,
    NoticeKind,
    PersonRole,
    Risk,
    Step,
)
from cases.models import DangerAssessment, Emergency, Event, Monitor, MonitorEntry, Notice
from cases.models.case import MovedOn
from cases.notifications import answerable
from cases.workflow import StepNotAllowed
from cases.workflow.danger import ITEMS
from tests.cast import MONDAY
from tests.factories import entry, make_case, petitioner

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def said(*yes, unknown=(), **more):
    answers = dict.fromkeys(ITEMS, "NO") | dict.fromkeys(yes, "YES") | dict.fromkeys(unknown, "UNKNOWN")
    return DangerEntry(answers=answers, **more)


CALM = said("D1")
TENSE = said("D1", "D2", "D3", "D4")
DEADLY = said("S1")


def high(cast, **fields):
    case = make_case(cast, "HANDLING", **fields)
    assess(case, DEADLY, by=cast.clerk, at=MONDAY)
    return case


def told(case, kind):
    return set(Notice.objects.filter(case=case, kind=kind).values_list("recipient__username", flat=True))


def clocks(case, status=ClockStatus.RUNNING):
    return set(case.clocks.filter(status=status).values_list("code", flat=True))


def facts_of(case, step):
    return Event.objects.filter(case=case, step=step).latest("seq").facts


# Scoring


@pytest.mark.parametrize(
    ("scoring", "level", "risk", "opened"),
    [
        (CALM, DangerLevel.LOW, Risk.YELLOW, 0),
        (TENSE, DangerLevel.MEDIUM, Risk.ORANGE, 0),
        (DEADLY, DangerLevel.HIGH, Risk.RED, 1),
    ],
    ids=["low", "medium", "high"],
)
def test_scoring_sets_danger_raises_the_risk_and_opens_what_is_due(cast, scoring, level, risk, opened):
    case = make_case(cast, "HANDLING")

    assessment = assess(case, replace(scoring, violence=("PHYSICAL",)), by=cast.clerk, at=MONDAY)

    case.refresh_from_db()
    assert (case.danger, case.risk, case.involves_dv) == (level, risk, True)
    assert (assessment.level, assessment.violence, assessment.round_no) == (level, ["PHYSICAL"], 1)
    assert Monitor.objects.filter(case=case, kind=MonitorKind.EMERGENCY).count() == opened
    assert told(case, NoticeKind.RISK_RAISED) == (set() if opened else {"head"})


def test_history_holds_the_level_and_never_the_answers(cast):
    case = make_case(cast, "HANDLING")

    assess(case, TENSE, by=cast.clerk, at=MONDAY)

    assert facts_of(case, Step.ASSESS) == {
        "level": "MEDIUM",
        "score": 4,
        "special": False,
        "danger": "MEDIUM",
    }


def test_scoring_never_lowers_the_risk(cast):
    case = make_case(cast, "HANDLING", risk=Risk.RED)

    assess(case, CALM, by=cast.clerk, at=MONDAY)

    case.refresh_from_db()
    assert (case.danger, case.risk) == (DangerLevel.LOW, Risk.RED)
    assert told(case, NoticeKind.RISK_RAISED) == set()


def test_nothing_asked_is_no_scoring(cast):
    case = make_case(cast, "HANDLING")

    for nothing in (DangerEntry(), said(unknown=ITEMS), DangerEntry(answers={"X9": "YES"})):
        with pytest.raises(StepNotAllowed, match="没能评估的原因"):
            assess(case, nothing, by=cast.clerk, at=MONDAY)

    assert not DangerAssessment.objects.exists()


@pytest.mark.parametrize(
    ("people", "ticked", "level", "protected"),
    [
        ([petitioner()], (), DangerLevel.LOW, []),
        ([petitioner(characteristics=("DISABLED",))], (), DangerLevel.MEDIUM, ["DISABLED"]),
        ([petitioner(id_number="", birth_date=date(2012, 5, 1))], (), DangerLevel.MEDIUM, ["MINOR"]),
        ([petitioner()], ("PREGNANT_NURSING",), DangerLevel.MEDIUM, ["PREGNANT_NURSING"]),
        (
            [
                petitioner(),
                petitioner(role=PersonRole.VICTIM, id_number="", birth_date=date(1950, 5, 1), phones=()),
            ],
            (),
            DangerLevel.MEDIUM,
            ["ELDERLY"],
        ),
        (
            [petitioner(characteristics=("DISABLED",)), petitioner(role=PersonRole.VICTIM, phones=())],
            (),
            DangerLevel.LOW,
            [],
        ),
        ([petitioner(name="", id_number="", birth_date=None, phones=())], (), DangerLevel.LOW, []),
    ],
    ids=["nobody", "disabled", "minor", "ticked", "elderly-victim", "who-complains-for-her", "nameless"],
)
def test_special_protection_of_the_victim_raises_the_level(cast, people, ticked, level, protected):
    case = intake.register_case(
        entry(cast, parties=tuple(people)), unit=cast.station, by=cast.clerk, at=MONDAY
    )

    assessment = assess(case, replace(CALM, protected=ticked), by=cast.clerk, at=MONDAY)

    assert (assessment.level, assessment.protected) == (level, protected)


def test_registering_with_answers_scores_at_once(cast):
    case = intake.register_case(
        entry(cast, involves_dv=True, danger=DEADLY), unit=cast.station, by=cast.clerk, at=MONDAY
    )

    case.refresh_from_db()
    assert (case.danger, case.risk) == (DangerLevel.HIGH, Risk.RED)
    assert list(Event.objects.filter(case=case).order_by("seq").values_list("step", flat=True)) == [
        Step.REGISTER,
        Step.ASSESS,
        MonitorStep.OPEN,
    ]


# What could not be asked


def test_reason_instead_of_answers_is_made_up_for_within_a_day(cast):
    case = make_case(cast, "HANDLING", involves_dv=True)
    why = DangerEntry(not_asked="UNSAFE", words="丈夫在门外等")

    assess(case, why, by=cast.clerk, at=MONDAY)
    assess(case, why, by=cast.clerk, at=MONDAY + HOUR)

    asked = case.clocks.get(code="IN-DANGER")
    assert (asked.effective_due, case.danger) == (MONDAY + DAY, "")
    assert facts_of(case, Step.ASSESS) == {"not_asked": "UNSAFE"}
    assert {row.words for row in case.assessments.all()} == {"丈夫在门外等"}
    assess(case, CALM, by=cast.clerk, at=MONDAY + 2 * HOUR)
    assert case.clocks.get(code="IN-DANGER").status == ClockStatus.MET


# The emergency


def test_high_danger_opens_the_emergency_and_tells_everybody_who_must_act(cast):
    case = high(cast)

    monitor = Monitor.objects.get(case=case)
    assert (monitor.keeper, monitor.unit, monitor.started_at) == (cast.clerk, cast.station, MONDAY)
    assert (monitor.emergency.upper, monitor.emergency.upper_told_at) == (cast.county, MONDAY)
    assert told(case, NoticeKind.EMERGENCY) == {"clerk", "head", "officer", "leader"}
    due = dict(monitor.clocks.values_list("code", "effective_due"))
    assert due == {"IN-EM-POLICE": MONDAY + HOUR, "IN-EM-PLAN": MONDAY + DAY}
    assert monitor.due_at == MONDAY + HOUR
    assert [(duty.code, duty.done) for duty in duties_of(monitor)] == [
        ("police", False),
        ("upper", True),
        ("keeper", True),
        ("plan", False),
        ("safety", False),
    ]


def test_second_high_scoring_opens_no_second_emergency_and_tells_nobody_again(cast):
    case = high(cast)
    before = Notice.objects.count()

    assess(case, DEADLY, by=cast.head, at=MONDAY + HOUR)

    assert Monitor.objects.filter(case=case).count() == 1
    assert Notice.objects.count() == before


def test_emergency_reminds_every_hour_through_the_night(cast):
    case = make_case(cast, "HANDLING")
    evening = MONDAY.replace(hour=21)
    assess(case, DEADLY, by=cast.clerk, at=evening)
    for hour in range(1, 6):
        remind(evening + hour * HOUR)

    night = Notice.objects.filter(case=case, clock__code="IN-EM-POLICE", recipient=cast.clerk)
    assert night.count() == 5


def test_emergency_is_kept_by_whoever_found_the_danger_where_the_owner_cannot(cast):
    case = make_case(cast, "HANDLING")
    cast.clerk.is_active = False
    cast.clerk.save()
    case.refresh_from_db()

    assess(case, DEADLY, by=cast.head, at=MONDAY)

    assert Monitor.objects.get(case=case).keeper == cast.head


def test_emergency_of_a_closed_case_is_kept_by_whoever_found_it(cast):
    case = make_case(cast, "CLOSED", involves_dv=True)
    type(case).objects.filter(pk=case.pk).update(owner=None)
    case.refresh_from_db()

    assess(case, DEADLY, by=cast.clerk2, at=MONDAY)

    assert Monitor.objects.get(case=case).keeper == cast.clerk2
    assert "clerk" not in told(case, NoticeKind.EMERGENCY)


def test_county_tells_the_city_by_telephone_because_it_cannot_open_the_case(cast):
    case = make_case(cast, "HANDLING", unit=cast.county)

    assess(case, DEADLY, by=cast.officer, at=MONDAY)

    monitor = Monitor.objects.get(case=case)
    assert (monitor.emergency.upper, monitor.emergency.upper_told_at) == (cast.city, None)
    assert "city_officer" not in told(case, NoticeKind.EMERGENCY)
    emergency.tell_upper(monitor, told_at=MONDAY, who="市妇联值班员", by=cast.officer, at=MONDAY + HOUR)
    assert Emergency.objects.get().upper_told_at == MONDAY
    assert MonitorEntry.objects.get(step=MonitorStep.UPPER).persons == "市妇联值班员"


POLICE = PoliceEntry(
    reported_at=MONDAY + HOUR / 2, unit="下汤派出所", officer="周民警", receipt_number="20261116-7"
)


def test_police_report_ends_the_hour(cast):
    case = high(cast)
    monitor = Monitor.objects.get(case=case)

    emergency.record_police(monitor, POLICE, by=cast.clerk, at=MONDAY + HOUR)

    row = Emergency.objects.get()
    assert (row.police_at, row.police_unit, row.police_officer) == (
        POLICE.reported_at,
        "下汤派出所",
        "周民警",
    )
    assert row.receipt_number == "20261116-7"
    assert clocks(case, ClockStatus.MET) >= {"IN-EM-POLICE"}
    assert Monitor.objects.get().due_at == MONDAY + DAY
    written = MonitorEntry.objects.get(step=MonitorStep.POLICE)
    assert (written.persons, written.content) == ("周民警", "下汤派出所，20261116-7")


def test_what_the_police_are_told_is_in_the_log(cast):
    case = high(cast)
    monitor = Monitor.objects.get(case=case)
    emergency.record_police(monitor, PoliceEntry(because="等她决定"), by=cast.clerk, at=MONDAY + HOUR)
    assert not case.disclosures.exists()

    emergency.record_police(monitor, POLICE, by=cast.clerk, at=MONDAY + HOUR)

    row = case.disclosures.get()
    assert (row.kind, row.basis, row.by, row.at) == (
        DisclosureKind.POLICE,
        LegalBasis.EMERGENCY,
        cast.clerk,
        MONDAY + HOUR,
    )
    assert row.recipient == "下汤派出所，周民警"


def test_no_police_report_has_a_reason_and_a_leader_is_told(cast):
    case = high(cast)
    monitor = Monitor.objects.get(case=case)
    assert answerable(case, besides=cast.clerk) == [cast.head, cast.officer, cast.leader]
    assert answerable(case, besides=cast.head) == [cast.officer, cast.leader]
    Notice.objects.all().delete()

    emergency.record_police(
        monitor, PoliceEntry(because="她坚决不同意", leader=cast.leader), by=cast.clerk, at=MONDAY + HOUR
    )

    assert Emergency.objects.get().no_police_because == "她坚决不同意"
    assert told(case, NoticeKind.EMERGENCY) == {"leader"}
    assert facts_of(case, MonitorStep.POLICE) == {
        "kind": "EMERGENCY",
        "reported": False,
        "leader": cast.leader.pk,
    }


def test_a_report_once_made_is_not_taken_back(cast):
    monitor = Monitor.objects.get(case=high(cast))
    emergency.record_police(monitor, PoliceEntry(because="等她决定"), by=cast.clerk, at=MONDAY + HOUR)
    emergency.record_police(monitor, POLICE, by=cast.clerk, at=MONDAY + HOUR)
    assert Emergency.objects.get().no_police_because == ""

    with pytest.raises(StepNotAllowed, match="已经登记过报警"):
        emergency.record_police(monitor, PoliceEntry(because="没有"), by=cast.clerk, at=MONDAY + 2 * HOUR)


def test_of_two_who_record_the_police_at_once_one_is_told(cast):
    case = high(cast)
    first, second = Monitor.objects.get(case=case), Monitor.objects.get(case=case)
    emergency.record_police(first, POLICE, by=cast.clerk, at=MONDAY + HOUR)

    with pytest.raises(MovedOn, match="您填写的内容还在"):
        emergency.record_police(second, POLICE, by=cast.head, at=MONDAY + HOUR)
