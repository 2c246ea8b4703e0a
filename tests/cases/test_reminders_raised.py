"""The sweep where leaders took a case on, where something is supervised or resolved, and over every other kind."""

from datetime import date

import pytest

from cases.actions.clocks import meet_clocks, new_clock, reset_reminders, start_clocks
from cases.actions.escalation import escalate
from cases.actions.reminders import kind_of, remind
from cases.actions.supervision import sign_off
from cases.choices import (
    ClockStatus,
    EscalationReason,
    NoticeKind,
    SupervisionTrigger,
    TaskPart,
)
from cases.deadlines import Stage
from cases.models import (
    AgendaItem,
    Case,
    Clock,
    Notice,
    ReminderPlan,
    Resolution,
    Supervision,
    Task,
)
from tests.cases.supervising import LATER, begin
from tests.cases.test_reminders import DAY, away, morning, only, referral_clock, sent, told
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

# Cases that a leader has taken up.


def lead(case, at=MONDAY):
    Case.objects.filter(pk=case.pk).update(led=True)
    case.refresh_from_db()
    reset_reminders(case, at)


def test_a_led_case_reminds_earlier_oftener_and_higher(cast):
    case = make_case(cast)
    only(case, "XF-NOTICE")
    lead(case)

    for day in range(16, 31):
        remind(morning(11, day))
    for day in range(1, 6):
        remind(morning(12, day))

    stages = list(dict.fromkeys(stage for stage, _ in sent()))
    assert stages == ["T10", "T7", "T5", "T3", "T1", "T0", "O1", "O2", "O3"]
    assert sent("T0") == [("T0", "clerk"), ("T0", "head")]
    assert sent("O1") == [("O1", name) for name in ("clerk", "head", "officer", "leader")]
    assert sent("O3")[-1] == ("O3", "conference")


def test_every_running_clock_of_the_case_is_raised_and_let_go(cast):
    made = make_referral(cast, urgency="VERY_URGENT")
    case = made.case
    before = dict(case.clocks.filter(status="RUNNING").values_list("code", "next_stage"))

    lead(case, morning(11, 17))

    raised = dict(case.clocks.filter(status="RUNNING").values_list("code", "next_stage"))
    assert raised.keys() == before.keys()
    assert raised["IN-TOTAL"] == "T10"
    Case.objects.filter(pk=case.pk).update(led=False)
    case.refresh_from_db()
    reset_reminders(case, MONDAY)
    assert dict(case.clocks.filter(status="RUNNING").values_list("code", "next_stage")) == before


def test_a_new_clock_of_a_led_case_is_raised_from_its_start(cast):
    case = make_case(cast, "ACCEPTED")
    lead(case)

    [clock] = start_clocks(case, "LD-TERM", started_at=MONDAY, at=MONDAY)
    made = make_referral(cast, case=case)

    assert clock.next_stage == "T10"
    assert made.clocks.get(code="IN-SIGN").next_stage == "T1"


def test_a_plan_made_in_this_moment_holds(cast):
    clock = only(make_case(cast), "XF-NOTICE")
    plan = ReminderPlan.objects.create(code="NEW", name="新方案", early_days=[2])
    rule = clock.rule
    rule.pk, rule.version, rule.plan = None, 2, plan
    rule.save()
    Clock.objects.filter(pk=clock.pk).update(rule=rule)
    remind(morning(11, 24))
    clock.refresh_from_db()

    assert (clock.next_stage, clock.next_notice_at) == ("T2", morning(11, 27))


# When nothing may ring.


def test_a_sweep_that_comes_late_waits_for_the_day(cast):
    clock = only(make_case(cast), "XF-NOTICE")

    for at in (
        morning(12, 5, 12),
        morning(12, 6, 23),
        morning(12, 7, 8, 29),
    ):  # the weekend, Monday before hours
        remind(at)
        assert sent() == []
    clock.refresh_from_db()
    # By then the second is due: the latest of them all.
    assert (clock.next_stage, clock.next_notice_at) == ("O2", morning(12, 7))
    remind(morning(12, 7))
    assert sent() == [("O2", "clerk"), ("O2", "head"), ("O2", "officer")]


def test_hours_run_through_the_night_and_the_weekend(cast):
    begun = morning(11, 20, 23, 0)  # a Friday
    referral_clock(make_referral(cast, urgency="VERY_URGENT", at=begun), "IN-SIGN-U")

    remind(begun + 60 * MINUTE)
    remind(begun + 120 * MINUTE)

    assert sent() == [("T1", "liaison"), ("T0", "liaison"), ("T0", "clerk")]


@pytest.mark.parametrize(
    ("name", "day", "kind"),
    [
        ("T3", date(2026, 11, 27), NoticeKind.DUE_SOON),
        ("T0", date(2026, 12, 1), NoticeKind.DUE_TODAY),
        ("O7", date(2026, 12, 21), NoticeKind.OVERDUE),
        # A term that ends on a Sunday is told on Friday; one that began in the night, on the day after.
        ("T0", date(2026, 11, 28), NoticeKind.DUE_SOON),
        ("T0", date(2026, 12, 2), NoticeKind.OVERDUE),
        ("T1", date(2026, 12, 1), NoticeKind.DUE_SOON),
    ],
)
def test_a_reminder_never_says_another_day_than_it_is(name, day, kind):
    assert kind_of(Stage(name, MONDAY), date(2026, 12, 1), day) == kind


# Supervision and the conference.


def supervise(cast, target, **fields):
    case = make_case(cast, "ACCEPTED")
    only(case, "IN-TOTAL")
    meet_clocks(case, "IN-TOTAL", at=MONDAY, by=None)
    return Supervision.objects.create(
        case=case,
        from_org=cast.county,
        target=target,
        trigger=SupervisionTrigger.OVERDUE,
        opened_by=cast.officer,
        opened_at=MONDAY,
        **fields,
    )


# Ten working days from 16 November: last day Monday 30 November.
def sweep_supervision():
    for day in (25, 27, 30):
        remind(morning(11, day))
    for day in (1, 2, 3, 4):
        remind(morning(12, day))


def test_the_supervised_department_hears_first_then_who_supervises(cast):
    made = supervise(cast, cast.police)
    start_clocks(made.case, "SV-REPLY", started_at=MONDAY, at=MONDAY, of=made)

    sweep_supervision()

    assert sent("T5") == [("T5", "liaison"), ("T5", "partner_leader")]
    assert sent("T0") == [("T0", name) for name in ("liaison", "partner_leader", "officer")]
    assert sent("O2") == [("O2", name) for name in ("liaison", "partner_leader", "officer", "leader")]
    assert sent("O4")[-1] == ("O4", "conference")
    assert set(Notice.objects.values_list("supervision", "case")) == {(made.pk, made.case_id)}


def test_a_supervised_unit_of_ours_answers_by_its_head(cast):
    made = supervise(cast, cast.station)
    start_clocks(made.case, "SV-REPLY", started_at=MONDAY, at=MONDAY, of=made)

    sweep_supervision()

    assert sent("T5") == [("T5", "head")]
    assert sent("T0") == [("T0", "head"), ("T0", "officer")]


def test_checking_a_reply_is_ours_alone(cast):
    made = supervise(cast, cast.police)
    [clock] = start_clocks(made.case, "SV-CHECK", started_at=MONDAY, at=MONDAY, of=made)

    remind(clock.next_notice_at)

    assert sent() == [(clock.next_stage, "officer")]


def test_a_department_without_an_account_is_reminded_through_us(cast):
    made = supervise(cast, cast.court)
    start_clocks(made.case, "SV-REPLY", started_at=MONDAY, at=MONDAY, of=made)

    sweep_supervision()

    assert sent("T5") == [("T5", "officer")]


def test_above_a_liaison_who_is_away_stands_her_leader_then_the_county(cast):
    away(cast.liaison)
    referral_clock(make_referral(cast, at=morning(11, 24)), "IN-SIGN")
    remind(morning(11, 25))
    assert told() == [("liaison", None), ("partner_leader", "liaison")]

    away(cast.partner_leader)
    remind(morning(11, 26))
    assert told()[2:] == [("liaison", None), ("officer", "liaison"), ("clerk", None)]


def assign(cast, unit, *, host=None, case=None):
    item = AgendaItem.objects.create(
        host=host or cast.county,
        case=case,
        title="议题",
        brief="情况",
        asks="请会议明确",
        screen_by=date(2026, 11, 23),
        proposed_by=cast.officer,
        proposed_unit=cast.county,
        proposed_at=MONDAY,
    )
    resolution = Resolution.objects.create(
        item=item,
        number=1,
        content="议定",
        term_on=date(2026, 12, 16),
        recorded_by=cast.conference,
        at=MONDAY,
    )
    return Task.objects.create(resolution=resolution, unit=unit, part=TaskPart.LEAD, due_at=MONDAY + 30 * DAY)


def start_task(task, region="410423"):
    clock = new_clock(None, "JC-TASK", started_at=MONDAY, at=MONDAY, of=task, region_code=region)
    clock.save()
    return clock


def test_a_task_reminds_its_unit_then_the_office_of_the_conference(cast):
    task = assign(cast, cast.civil)
    clock = start_task(task)  # thirty days: last day Wednesday 16 December
    assert clock.last_day == date(2026, 12, 16)

    for day in range(1, 23):
        remind(morning(12, day))

    assert sent("T10") == [("T10", "civil_liaison")]
    assert sent("T0") == [("T0", "civil_liaison"), ("T0", "conference")]
    assert sent("O2") == [("O2", "civil_liaison"), ("O2", "conference"), ("O2", "leader")]
    assert set(Notice.objects.values_list("task", "case")) == {(task.pk, None)}


def test_a_task_of_the_city_climbs_in_the_city(cast):
    clock = start_task(assign(cast, cast.county, host=cast.city), "4104")
    clock.next_notice_at, clock.next_stage = morning(12, 22), "O2"
    clock.save()

    remind(morning(12, 22))

    # The city has no office of the conference: its federation's people instead, and nobody of the county's climb.
    assert sent() == [("O2", name) for name in ("officer", "city_officer", "city_leader")]


def test_a_sweep_of_all_kinds_asks_as_much_as_of_one(cast, django_assert_max_num_queries):
    for _ in range(2):
        case = make_case(cast, "ACCEPTED")
        make_referral(cast, case=case)
        for target in (cast.police, cast.station):
            made = supervise(cast, target)
            start_clocks(made.case, "SV-REPLY", started_at=MONDAY, at=MONDAY, of=made)
        start_task(assign(cast, cast.civil))
    Clock.objects.filter(status=ClockStatus.RUNNING).update(next_notice_at=morning(11, 24), next_stage="O9")

    with django_assert_max_num_queries(14):
        assert remind(morning(11, 24)) == 10


# A right, not a duty: five working days from Monday 16 November to object, the last day Monday 23 November.
def test_a_right_not_used_in_time_ends_without_a_word(cast):
    clock = referral_clock(make_referral(cast, "SIGNED"), "XF-OBJECT")

    for at in (morning(11, 20), morning(11, 23), morning(11, 24), morning(11, 26), morning(12, 10)):
        remind(at)

    assert sent() == [("T1", "liaison"), ("T0", "liaison")]  # whose right it is, and nobody else
    clock.refresh_from_db()
    assert (clock.status, clock.ended_at) == (ClockStatus.CANCELLED, clock.effective_due)


def test_a_supervised_department_alone_hears_of_the_referral(cast):
    made = make_referral(cast, "IN_PROGRESS")
    referral_clock(made, "IN-RESULT")
    other = make_referral(cast, "IN_PROGRESS")
    referral_clock(other, "IN-RESULT")
    sign_off(begin(cast, made), by=cast.leader, at=LATER)

    for at in (morning(12, 16), morning(12, 18), morning(12, 22), morning(12, 24)):
        remind(at)

    heard = {(row.referral_id == made.pk, row.recipient.username) for row in Notice.objects.all()}
    assert {who for pressed, who in heard if pressed} == {"handler", "liaison"}
    assert {"clerk", "head", "officer"} <= {who for pressed, who in heard if not pressed}


def test_who_decides_on_acceptance_is_reminded_of_it(cast):
    clock = only(make_case(cast), "IN-ACCEPT")

    remind(clock.next_notice_at)
    remind(morning(clock.last_day.month, clock.last_day.day))

    assert sent("T1") == [("T1", "head")]
    assert sent("T0") == [("T0", "head"), ("T0", "clerk")]


def test_the_level_asked_is_reminded_of_what_came_up(cast):
    case = make_case(cast, "HANDLING")
    escalate(
        case,
        to_unit=cast.county,
        reason=EscalationReason.CROSS_DEPT,
        tried="谈过两次",
        by=cast.clerk,
        at=MONDAY + 10 * MINUTE,
    )
    clock = only(case, "IN-REVIEW")

    remind(clock.next_notice_at)

    assert sent("T1") == [("T1", "officer")]
