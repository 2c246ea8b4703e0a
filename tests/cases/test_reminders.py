"""The sweep: who hears of which date, once; and what happens when the dates move."""

from datetime import date, datetime, timedelta

import pytest

from cases.actions import handling
from cases.actions.clocks import meet_clocks
from cases.actions.redating import redate_provisional
from cases.actions.reminders import BATCH, remind
from cases.choices import (
    ClockStatus,
    NoticeKind,
    Status,
    Step,
)
from cases.models import (
    Case,
    Clock,
    Notice,
    Redating,
)
from cases.notifications import announce as write_news
from stations.actions.calendar import announce_year
from stations.notices import read_notice
from tests.cast import CHINA, MONDAY
from tests.factories import MINUTE, make_case, make_referral

DAY = timedelta(days=1)


def morning(month, day, hour=8, minute=30, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


def only(case, code):
    """Leave one clock of the case running, so that a sweep speaks of it alone."""
    others = set(case.clocks.live().values_list("code", flat=True)) - {code}
    meet_clocks(case, *others, at=MONDAY, by=None)
    Notice.objects.all().delete()
    return case.clocks.get(code=code)


def sent(stage=None):
    rows = Notice.objects.order_by("id").select_related("recipient")
    return [(row.stage, row.recipient.username) for row in rows if stage in (None, row.stage)]


# XF-NOTICE from Monday 16 November: last day Tuesday 1 December.
SWEEPS = [
    (morning(11, 24), "T7", ["clerk"]),
    (morning(11, 27), "T3", ["clerk"]),
    (morning(11, 30), "T1", ["clerk"]),
    (morning(12, 1), "T0", ["clerk"]),
    (morning(12, 3), "O1", ["clerk", "head"]),
    (morning(12, 7), "O2", ["clerk", "head", "officer"]),
    (morning(12, 9), "O3", ["clerk", "head", "officer"]),
    (morning(12, 11), "O4", ["clerk", "head", "officer", "leader"]),
    (morning(12, 15), "O5", ["clerk", "head", "officer", "leader"]),
]


def test_reminders_climb_from_owner_to_leader(cast):
    only(make_case(cast), "XF-NOTICE")

    for at, stage, people in SWEEPS:
        assert remind(at - timedelta(seconds=1)) == 0
        assert remind(at) == 1
        assert remind(at) == 0
        assert sent(stage) == [(stage, person) for person in people]


def test_reminders_say_what_they_are(cast):
    clock = only(make_case(cast), "XF-NOTICE")
    for at, _, _ in SWEEPS[:5]:
        remind(at)

    kinds = dict(Notice.objects.values_list("stage", "kind"))
    assert kinds == {
        "T7": NoticeKind.DUE_SOON,
        "T3": NoticeKind.DUE_SOON,
        "T1": NoticeKind.DUE_SOON,
        "T0": NoticeKind.DUE_TODAY,
        "O1": NoticeKind.OVERDUE,
    }
    assert set(Notice.objects.values_list("clock", "due_at")) == {(clock.pk, clock.effective_due)}


def test_no_reminder_on_rest_days(cast):
    only(make_case(cast), "XF-NOTICE")
    for at, _, _ in SWEEPS[:5]:
        remind(at)

    for day in (5, 6):  # the weekend after the first overdue reminder
        assert remind(morning(12, day, 20)) == 0


def test_a_sweep_that_comes_late_sends_the_latest_only(cast):
    only(make_case(cast), "XF-NOTICE")
    remind(morning(11, 24))

    assert remind(morning(12, 18, 12)) == 1

    # The one that waited is sent; those that were missed meanwhile are not made up for.
    assert sent() == [("T7", "clerk"), ("T3", "clerk")]
    assert Notice.objects.latest("id").kind == NoticeKind.OVERDUE
    assert remind(morning(12, 21)) == 1
    assert sent("O7") == [("O7", person) for person in ("clerk", "head", "officer", "leader")]


def test_a_case_entered_late_begins_with_its_latest_reminder(cast):
    only(make_case(cast, received_at=MONDAY - 40 * DAY), "XF-NOTICE")

    assert remind(MONDAY) == 1

    # Last day 22 October: seventeen working days ago.
    assert {stage for stage, _ in sent()} == {"O8"}


def test_a_met_clock_reminds_no_more(cast):
    case = make_case(cast)
    only(case, "XF-NOTICE")
    meet_clocks(case, "XF-NOTICE", at=MONDAY, by=cast.clerk)

    assert remind(morning(12, 31)) == 0


def test_a_paused_clock_does_not_remind(cast):
    case = make_case(cast, "SUSPENDED")

    assert case.clocks.get(code="IN-TOTAL").status == ClockStatus.PAUSED
    assert remind(morning(3, 1, year=2027)) == 0


def test_an_extended_period_reminds_anew(cast):
    case = make_case(cast, "HANDLING")
    clock = only(case, "IN-TOTAL")  # last day Friday 15 January 2027
    remind(morning(1, 8, year=2027))
    assert sent() == [("T7", "clerk")]

    extension = handling.ask_extension(
        case, days=30, reason="等", by=cast.clerk, at=morning(1, 11, year=2027)
    )
    handling.decide_extension(extension, granted=True, opinion="", by=cast.head, at=morning(1, 11, year=2027))
    Notice.objects.filter(clock=None).delete()
    clock.refresh_from_db()
    assert (clock.last_day, clock.next_stage) == (date(2027, 2, 15), "T7")
    # Seven days ahead is the Monday off in Spring Festival: the Thursday before it.
    assert clock.next_notice_at == morning(2, 4, year=2027)

    remind(clock.next_notice_at)
    assert sent() == [("T7", "clerk"), ("T7", "clerk")]


def test_a_reminder_goes_to_the_deputy_who_is_told_for_whom(cast):
    cast.clerk.deputy, cast.clerk.absent_from, cast.clerk.absent_until = (
        cast.clerk2,
        date(2026, 11, 24),
        date(2026, 11, 24),
    )
    cast.clerk.save()
    only(make_case(cast), "XF-NOTICE")

    remind(morning(11, 24))
    remind(morning(11, 27))

    assert sent() == [("T7", "clerk2"), ("T3", "clerk")]
    assert Notice.objects.get(stage="T7").instead_of == cast.clerk


def test_a_head_who_is_also_the_owner_hears_once(cast):
    case = make_case(cast)
    handling.assign_owner(case, owner=cast.head, by=cast.head, at=MONDAY)
    only(case, "XF-NOTICE")

    remind(morning(12, 3))
    remind(morning(12, 7))

    assert len(sent()) == len(set(sent()))


def test_without_an_owner_the_head_is_told(cast):
    case = make_case(cast, "CLOSED")
    case.owner = None
    case.save(update_fields=["owner"])
    clock = only(case, "IN-VISIT")

    remind(clock.next_notice_at)

    assert [person for _, person in sent()] == ["head"]


def test_the_villages_dates_climb_to_the_head_of_the_township(cast):
    only(make_case(cast, unit=cast.village), "XF-NOTICE")
    for at, _, _ in SWEEPS[:6]:
        remind(at)

    assert sent("O1") == [("O1", "village_liaison"), ("O1", "head")]
    assert sent("O2") == [("O2", "village_liaison"), ("O2", "head"), ("O2", "officer")]


def test_the_countys_dates_climb_inside_the_county(cast):
    only(make_case(cast, unit=cast.county), "XF-NOTICE")
    for at, _, _ in SWEEPS[:8]:
        remind(at)

    assert sent("O1") == [("O1", "officer")]
    assert sent("O4") == [("O4", "officer"), ("O4", "leader")]


def test_the_citys_dates_stay_with_the_city(cast):
    only(make_case(cast, unit=cast.city), "XF-NOTICE")
    for at, _, _ in SWEEPS[:8]:
        remind(at)

    assert {person for _, person in sent()} == {"city_officer", "city_leader"}
    assert sent("O4") == [("O4", "city_officer"), ("O4", "city_leader")]


# Referrals.


def referral_clock(made, code):
    meet_clocks(made.case, *made.case.clocks.live().values_list("code", flat=True), at=MONDAY, by=None)
    others = set(made.clocks.live().values_list("code", flat=True)) - {code}
    meet_clocks(made.case, *others, at=MONDAY, by=None, of=made)
    Notice.objects.all().delete()
    return made.clocks.get(code=code)


def test_a_department_is_reminded_first_and_we_from_the_last_day_on(cast):
    # Sent on Monday: to be signed for by Wednesday.
    referral_clock(make_referral(cast), "IN-SIGN")

    for at in (morning(11, 17), morning(11, 18), morning(11, 20)):
        assert remind(at) == 1

    assert sent("T1") == [("T1", "liaison")]
    assert sent("T0") == [("T0", "liaison"), ("T0", "clerk")]
    assert sent("O1") == [("O1", "liaison"), ("O1", "clerk"), ("O1", "head")]
    assert Notice.objects.filter(referral=None).count() == 0


def test_two_hours_remind_at_half_time_and_at_the_end(cast):
    referral_clock(make_referral(cast, urgency="VERY_URGENT"), "IN-SIGN-U")

    for minutes, stage in ((60, "T1"), (120, "T0"), (240, "O1")):
        assert remind(MONDAY + (minutes - 1) * MINUTE) == 0
        assert remind(MONDAY + minutes * MINUTE) == 1
        assert sent(stage)


def test_whoever_handles_it_there_is_reminded(cast):
    clock = referral_clock(make_referral(cast, "IN_PROGRESS"), "IN-RESULT")

    remind(clock.next_notice_at)

    assert sent() == [("T7", "handler"), ("T7", "liaison")]


def test_a_paper_signature_of_ours_is_no_partner(cast):
    made = make_referral(cast)
    made.signed_by = cast.clerk
    made.save(update_fields=["signed_by"])
    clock = referral_clock(made, "IN-SIGN")

    remind(clock.next_notice_at)

    assert sent() == [("T1", "liaison")]


# The sweep as a machine.


def test_a_sweep_works_through_batches(cast):
    case = make_case(cast)
    only(case, "XF-NOTICE")
    pattern = Clock.objects.get(code="XF-NOTICE", status=ClockStatus.RUNNING)
    for number in range(BATCH + 5):
        pattern.pk, pattern.code = None, f"T-{number}"
        pattern.save()

    assert remind(morning(11, 24)) == BATCH + 6
    assert Notice.objects.filter(stage="T7").count() == BATCH + 6


def test_a_sweep_asks_as_much_for_many_as_for_one(cast, django_assert_max_num_queries):
    for _ in range(8):
        make_case(cast)
    with django_assert_max_num_queries(14):
        assert remind(morning(11, 24)) >= 8


# Dates of a year without a notice.

NOTICE_2027 = """一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天。1月31日（周日）、2月14日（周日）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）放假1天，不调休。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。"""


@pytest.fixture
def announce(cast):
    def enter():
        announce_year(
            read_notice(NOTICE_2027, 2027),
            notice_no="国办发明电〔2026〕9号",
            announced_on=date(2026, 12, 10),
            by=cast.sys_admin,
            at=morning(12, 10),
        )

    return enter


def test_nothing_moves_before_the_notice(cast):
    make_case(cast)

    assert redate_provisional(MONDAY + DAY) == 0
    assert not Notice.objects.filter(kind=NoticeKind.REDATED).exists()


def test_the_notice_re_dates_and_the_owner_is_told(cast, announce):
    # 90 days after closing on 16 November: Sunday 14 February 2027, by plain weeks Monday 15.
    case = make_case(cast, "CLOSED", involves_dv=True)
    clock = case.clocks.get(code="IN-VISIT-3")
    assert (clock.last_day, clock.provisional) == (date(2027, 2, 15), True)
    announce()

    assert redate_provisional(morning(12, 10, 9)) == 1

    clock.refresh_from_db()
    # The notice makes that Sunday a make-up working day.
    assert (clock.last_day, clock.provisional) == (date(2027, 2, 14), False)
    event = case.events.latest("seq")
    assert (event.step, event.by, event.facts) == (
        Step.REDATE,
        None,
        {"clocks": {"IN-VISIT-3": "2027-02-14"}, "redating": Redating.objects.get().pk},
    )
    assert [notice.recipient for notice in case.notices.filter(kind=NoticeKind.REDATED)] == [cast.clerk]
    assert redate_provisional(morning(12, 10, 10)) == 0
    assert case.notices.filter(kind=NoticeKind.REDATED).count() == 1


def test_the_cases_own_date_loses_its_mark(cast, announce):
    case = make_case(cast, "HANDLING")
    assert case.due_provisional
    before = case.due_at
    announce()

    redate_provisional(morning(12, 10, 9))

    case.refresh_from_db()
    assert (case.due_at, case.due_provisional) == (before, False)


def test_several_clocks_of_one_case_are_one_event(cast, announce):
    case = make_case(cast, "HANDLING", own_power=True)
    announce()

    assert redate_provisional(morning(12, 10, 9)) == 2

    assert set(case.events.get(step=Step.REDATE).facts["clocks"]) == {"IN-TOTAL", "XF-DECIDE"}
    assert case.notices.filter(kind=NoticeKind.REDATED).count() == 1


def test_paused_clocks_are_re_dated_too(cast, announce):
    case = make_case(cast, "SUSPENDED")
    announce()

    assert redate_provisional(morning(12, 10, 9)) == 1

    clock = case.clocks.get(code="IN-TOTAL")
    assert (clock.status, clock.provisional) == (ClockStatus.PAUSED, False)


def test_ended_clocks_stay_as_they_were(cast, announce):
    case = make_case(cast, "CLOSED")
    announce()

    redate_provisional(morning(12, 10, 9))

    assert case.clocks.get(code="IN-TOTAL").provisional


def test_a_case_of_a_merged_status_is_never_touched(cast, announce):
    case = make_case(cast, "MERGED")
    announce()

    redate_provisional(morning(12, 10, 9))

    assert case.status == Status.MERGED
    assert not case.events.filter(step=Step.REDATE).exists()


# Posts left vacant.


def leave(*people):
    """Their accounts are switched off; nobody has come after them."""
    for person in people:
        person.is_active = False
        person.save()


@pytest.mark.parametrize(
    ("gone", "stage", "people"),
    [
        pytest.param(["head"], "O1", ["clerk", "officer"], id="no head: the county's officers"),
        pytest.param(["head", "officer"], "O1", ["clerk", "leader"], id="nor officers: its leaders"),
        pytest.param(["head", "officer", "leader"], "O1", ["clerk", "conference"], id="nor leaders: the office"),
        pytest.param(
            ["head", "officer", "leader", "conference"], "O4", ["clerk", "city_officer"], id="nobody: the city"
        ),
        pytest.param(
            ["head", "officer", "leader", "conference", "city_officer"], "O4", ["clerk", "city_leader"],
            id="nor its officers",
        ),
        pytest.param(["leader"], "O4", ["clerk", "head", "officer", "conference"], id="no leader: the office"),
    ],
)  # fmt: skip
def test_a_vacant_rung_is_heard_on_the_next(cast, gone, stage, people):
    leave(*(getattr(cast, name) for name in gone))
    only(make_case(cast), "XF-NOTICE")
    for at, _, _ in SWEEPS[:8]:
        remind(at)

    assert sent(stage) == [(stage, person) for person in people]


def test_where_nobody_is_left_the_owner_still_hears(cast):
    leave(cast.head, cast.officer, cast.leader, cast.conference, cast.city_officer, cast.city_leader)
    only(make_case(cast), "XF-NOTICE")
    for at, _, _ in SWEEPS[:5]:
        remind(at)

    assert sent("O1") == [("O1", "clerk")]


def test_who_has_left_holds_no_post(cast):
    cast.head.left_on = date(2026, 12, 1)
    cast.head.save()
    only(make_case(cast), "XF-NOTICE")
    for at, _, _ in SWEEPS[:5]:
        remind(at)

    assert sent("O1") == [("O1", "clerk"), ("O1", "officer")]


def test_the_eighth_reminder_reaches_the_office_of_the_conference(cast):
    cast.conference.organisation = cast.justice  # it may sit in a department
    cast.conference.save()
    clock = only(make_case(cast), "XF-NOTICE")
    clock.next_notice_at, clock.next_stage = morning(12, 23), "O8"
    clock.save()

    remind(morning(12, 23))

    assert sent() == [("O8", name) for name in ("clerk", "head", "officer", "leader", "conference")]


# People who are away.


def away(person, deputy=None):
    person.deputy, person.absent_from, person.absent_until = deputy, date(2026, 11, 24), date(2026, 12, 31)
    person.save()


def told():
    rows = Notice.objects.order_by("id").select_related("recipient", "instead_of")
    return [(row.recipient.username, row.instead_of and row.instead_of.username) for row in rows]


def test_without_a_deputy_her_head_is_told_with_her(cast):
    away(cast.clerk)
    only(make_case(cast), "XF-NOTICE")

    remind(morning(11, 24))

    assert told() == [("clerk", None), ("head", "clerk")]


@pytest.mark.parametrize(
    ("absent", "people"),
    [
        pytest.param(["head"], [("officer", "clerk")], id="her head away too: the county"),
        pytest.param(["head", "officer"], [("leader", "clerk")], id="its officers too: its leaders"),
        pytest.param(["head", "officer", "leader"], [("city_officer", "clerk")], id="all of it: the city"),
    ],
)
def test_nothing_goes_only_to_people_who_are_away(cast, absent, people):
    away(cast.clerk)
    for name in absent:
        away(getattr(cast, name))
    only(make_case(cast), "XF-NOTICE")

    remind(morning(11, 24))

    assert told() == [("clerk", None), *people]


def test_the_deputy_of_a_head_who_is_away_is_told(cast):
    away(cast.clerk)
    away(cast.head, deputy=cast.clerk2)
    only(make_case(cast), "XF-NOTICE")

    remind(morning(11, 24))

    assert told() == [("clerk", None), ("clerk2", "clerk")]


def test_a_deputy_who_is_away_stands_in_for_nobody(cast):
    away(cast.clerk2)
    away(cast.clerk, deputy=cast.clerk2)
    only(make_case(cast), "XF-NOTICE")

    remind(morning(11, 24))

    assert told() == [("clerk", None), ("head", "clerk")]


def test_above_a_head_who_owns_the_case_stands_the_county(cast):
    case = make_case(cast)
    handling.assign_owner(case, owner=cast.head, by=cast.head, at=MONDAY)
    away(cast.head, deputy=None)
    only(case, "XF-NOTICE")

    remind(morning(11, 24))

    assert told() == [("head", None), ("officer", "head")]


def test_for_a_village_liaison_the_head_of_the_township_is_told(cast):
    away(cast.village_liaison)
    only(make_case(cast, unit=cast.village), "XF-NOTICE")

    remind(morning(11, 24))

    assert told() == [("village_liaison", None), ("head", "village_liaison")]


def test_somebody_of_no_unit_hears_alone(cast):
    away(cast.clerk)
    cast.clerk.organisation = None
    cast.clerk.save()
    case = make_case(cast, unit=cast.other_station)
    Case.objects.filter(pk=case.pk).update(owner=cast.clerk)
    only(case, "XF-NOTICE")

    remind(morning(11, 24))

    assert told() == [("clerk", None)]


def test_other_news_reach_somebody_present_too(cast):
    away(cast.clerk)
    case = make_case(cast)
    Notice.objects.all().delete()

    write_news(NoticeKind.CASE_NEWS, case, [cast.clerk, None], at=morning(11, 25))

    assert told() == [("clerk", None), ("head", "clerk")]
