"""一次性移交: everything a person has in hand goes to another, with one event a case and one notice."""

from datetime import timedelta

import pytest

from cases.actions import closure, escalation, handling, handover
from cases.actions.promises import kept_spans, told_spans
from cases.choices import EscalationReason, NoticeKind, Outcome, Part, Status, Step
from cases.models import Case, Handover, Holding, Member, Notice
from cases.workflow import StepNotAllowed
from stations.models import Staff
from stations.roles import Role
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + timedelta(hours=3)
REASON = "调到县里工作"


def move(cast, giver, to, *, by=None, at=LATER):
    return handover.hand_over_all(giver, to, by=by or cast.head, at=at, reason=REASON)


def units(by):
    return set(handover.units_in_charge(by))


def owners(case):
    """Who holds the case now, in which part."""
    rows = Holding.objects.filter(case=case, until_at=None)
    return {(row.staff.username, row.part) for row in rows.select_related("staff")}


def refer_to_police(cast, status="IN_PROGRESS", **overrides):
    return make_referral(cast, status, **overrides)


# Who may, for whom.


def test_each_answers_for_her_own_and_what_is_below(cast):
    assert units(cast.head) == {cast.station, cast.village}
    assert units(cast.clerk) == set()
    assert units(cast.village_liaison) == set()
    assert units(cast.other_head) == {cast.other_station}
    assert units(cast.sec_admin) == units(cast.sys_admin) == units(cast.stat_officer) == set()
    offices = {cast.county, cast.station, cast.other_station, cast.village}
    # The court and the justice bureau have no accounts at all, so nobody there could speak for them.
    assert units(cast.officer) == units(cast.leader) == offices | {cast.court, cast.justice}
    assert units(cast.city_officer) == offices | {
        *(cast.city, cast.other_county, cast.far_station, cast.court, cast.justice)
    }


def test_a_department_answers_for_itself_while_somebody_speaks_for_it(cast):
    assert units(cast.liaison) == units(cast.partner_leader) == {cast.police}
    assert units(cast.handler) == set()

    Staff.objects.filter(pk__in=[cast.liaison.pk, cast.partner_leader.pk]).update(is_active=False)

    assert cast.police in units(cast.officer)


def test_nobody_without_a_unit_answers_for_anything(cast):
    cast.head.organisation = None
    assert units(cast.head) == set()


def test_a_head_placed_above_the_townships_answers_for_her_unit_only(cast):
    cast.county.kind = "STATION"
    cast.county.save()
    cast.officer.roles = [Role.STATION_HEAD]

    assert units(Staff.objects.get(pk=cast.officer.pk)) == {cast.county}


# What moves.


def test_open_cases_go_over_with_one_event_each_and_one_notice(cast):
    first, second = make_case(cast, "HANDLING"), make_case(cast, "REGISTERED")
    foreign = make_case(cast, "HANDLING", unit=cast.other_station)

    row = move(cast, cast.clerk, cast.clerk2)

    for case in (first, second):
        status = case.status
        case.refresh_from_db()
        assert (case.owner, case.status, case.moved_seq) == (cast.clerk2, status, case.seq)
        assert owners(case) == {("clerk2", Part.OWNER)}
        event = case.events.latest("seq")
        assert (event.step, event.by, event.at) == (Step.HAND_OVER, cast.head, LATER)
        assert event.facts == {
            "from": cast.clerk.pk, "to": cast.clerk2.pk, "handover": str(row.pk), "part": "OWNER",
        }  # fmt: skip
        assert kept_spans(case.pk) == told_spans(case.pk)
    assert Case.objects.get(pk=foreign.pk).owner == cast.other_clerk
    assert row.counts == {
        **dict.fromkeys(("visits", "along", "monitors", "referrals", "memberships", "deputies", "duties"), 0),
        "owned": 2,
    }
    assert (row.reason, row.by, row.to_staff) == (REASON, cast.head, cast.clerk2)
    assert Handover.objects.get() == row
    told = Notice.objects.get(kind=NoticeKind.HANDED_OVER)
    assert (told.recipient, told.case) == (cast.clerk2, None)


def test_closed_cases_with_a_visit_owed_go_over_and_others_stay(cast):
    owed = make_case(cast, "CLOSED")
    done = make_case(cast, "CLOSED")
    done.clocks.live().update(status="CANCELLED", ended_at=LATER, next_notice_at=None)

    row = move(cast, cast.clerk, cast.clerk2)

    assert Case.objects.get(pk=owed.pk).owner == cast.clerk2
    assert Case.objects.get(pk=done.pk).owner == cast.clerk
    assert (row.counts["owned"], row.counts["visits"]) == (0, 1)
    assert owners(owed) == set()
    assert kept_spans(owed.pk) == told_spans(owed.pk)


def test_a_closed_case_handed_over_is_taken_up_again_by_whoever_is_named(cast):
    case = make_case(cast, "CLOSED")
    move(cast, cast.clerk, cast.clerk2)
    case.refresh_from_db()

    closure.reopen_case(
        case, ground="RELAPSE", reason="又打了", owner=cast.clerk, by=cast.head, at=LATER + MINUTE
    )

    assert owners(case) == {("clerk", Part.OWNER)}
    assert kept_spans(case.pk) == told_spans(case.pk)


def test_parts_in_cases_of_others_go_over(cast):
    assisted = make_case(cast, "HANDLING")
    handling.add_assistant(assisted, assistant=cast.clerk2, note="", by=cast.head, at=MONDAY + 9 * MINUTE)

    row = move(cast, cast.clerk2, cast.head)

    assisted.refresh_from_db()
    assert assisted.owner == cast.clerk
    assert owners(assisted) == {("clerk", Part.OWNER), ("head", Part.ASSISTANT)}
    assert assisted.events.latest("seq").facts["along"] == [Part.ASSISTANT]
    assert (row.counts["owned"], row.counts["along"]) == (0, 1)
    assert kept_spans(assisted.pk) == told_spans(assisted.pk)


def test_who_works_on_it_already_gets_no_second_part(cast):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.clerk2, note="", by=cast.head, at=MONDAY + 9 * MINUTE)

    move(cast, cast.clerk2, cast.clerk)

    assert owners(case) == {("clerk", Part.OWNER)}
    assert kept_spans(case.pk) == told_spans(case.pk)


def test_an_assistant_who_becomes_owner_is_no_longer_assistant(cast):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.clerk2, note="", by=cast.head, at=MONDAY + 9 * MINUTE)

    move(cast, cast.clerk, cast.clerk2)

    assert owners(case) == {("clerk2", Part.OWNER)}
    assert kept_spans(case.pk) == told_spans(case.pk)


def test_a_volunteer_hands_on_to_a_volunteer(cast):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.volunteer, note="", by=cast.head, at=MONDAY + 9 * MINUTE)
    another = Staff.objects.create_user(
        "volunteer2", name="沈律师", organisation=cast.station, roles=[Role.VOLUNTEER]
    )

    move(cast, cast.volunteer, another)

    assert owners(case) == {("clerk", Part.OWNER), ("volunteer2", Part.ASSISTANT)}


def test_a_joint_owner_of_the_county_hands_on_in_the_county(cast):
    case = make_case(cast, "HANDLING")
    escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.CROSS_DEPT, tried="试过", by=cast.head, at=LATER
    )
    escalation.handle_jointly(
        case, co_owner=cast.officer, split="县里联系公安", by=cast.leader, at=LATER + MINUTE
    )

    move(cast, cast.officer, cast.leader, by=cast.leader, at=LATER + 2 * MINUTE)

    assert owners(case) == {("clerk", Part.OWNER), ("leader", Part.CO_OWNER)}
    assert kept_spans(case.pk) == told_spans(case.pk)


def test_what_lies_at_another_unit_waits_for_a_receiver_there(cast):
    """She was moved to the county and left her cases behind."""
    case = make_case(cast, "HANDLING")
    own = make_case(cast, "REGISTERED", unit=cast.county)
    Case.objects.filter(pk=own.pk).update(owner=cast.clerk)
    Staff.objects.filter(pk=cast.clerk.pk).update(organisation=cast.county)

    move(cast, cast.clerk, cast.clerk2)

    assert Case.objects.get(pk=case.pk).owner == cast.clerk2
    assert Case.objects.get(pk=own.pk).owner == cast.clerk


def test_posts_that_hang_on_the_person_go_over(cast):
    Member.objects.create(
        host=cast.county, organisation=cast.station, liaison=cast.clerk, since_on=MONDAY.date()
    )
    Staff.objects.filter(pk__in=[cast.head.pk, cast.clerk2.pk]).update(deputy=cast.clerk)
    cast.station.duty_contact = cast.clerk
    cast.station.save()

    row = move(cast, cast.clerk, cast.clerk2)

    assert Member.objects.get().liaison is None  # no page of the conference opens to her
    assert Staff.objects.get(pk=cast.head.pk).deputy == cast.clerk2
    assert Staff.objects.get(pk=cast.clerk2.pk).deputy is None  # nobody stands in for herself
    cast.station.refresh_from_db()
    assert cast.station.duty_contact == cast.clerk2
    assert {name: count for name, count in row.counts.items() if count} == {
        "memberships": 1, "deputies": 2, "duties": 1,
    }  # fmt: skip


# Departments.


def test_a_department_hands_on_what_it_was_sent(cast):
    named = refer_to_police(cast, liaison=cast.handler)  # also its handler
    signed = refer_to_police(cast, "SIGNED")
    another = Staff.objects.create_user(
        "handler2", name="魏民警", organisation=cast.police, roles=[Role.PARTNER_HANDLER]
    )

    row = move(cast, cast.handler, another, by=cast.partner_leader)
    second = move(cast, cast.liaison, another, by=cast.partner_leader)

    named.refresh_from_db()
    signed.refresh_from_db()
    assert (named.liaison, named.handler, named.signed_by) == (another, another, cast.liaison)
    assert (signed.liaison, signed.handler, signed.signed_by) == (None, another, cast.liaison)
    assert (row.counts["referrals"], second.counts["referrals"]) == (1, 1)
    event = named.case.events.latest("seq")
    assert (event.step, event.facts["referrals"]) == (Step.HAND_OVER, [named.number])
    assert Case.objects.get(pk=named.case_id).owner == cast.clerk


def test_whoever_is_only_to_be_told_hands_on_just_that(cast):
    sent = refer_to_police(cast, "SENT", liaison=cast.handler)

    move(cast, cast.handler, cast.liaison, by=cast.liaison)

    sent.refresh_from_db()
    assert (sent.liaison, sent.handler) == (cast.liaison, None)


def test_two_referrals_of_one_case_make_one_event(cast):
    first = refer_to_police(cast)
    second = refer_to_police(cast, case=first.case, at=LATER)

    move(cast, cast.handler, cast.liaison, by=cast.liaison, at=LATER + 9 * MINUTE)

    facts = first.case.events.filter(step=Step.HAND_OVER).get().facts
    assert facts["referrals"] == [first.number, second.number]


def test_the_county_hands_on_for_a_department_without_liaison_and_leader(cast):
    referral = refer_to_police(cast)
    Staff.objects.filter(pk__in=[cast.liaison.pk, cast.partner_leader.pk]).update(is_active=False)
    another = Staff.objects.create_user(
        "handler2", name="魏民警", organisation=cast.police, roles=[Role.PARTNER_HANDLER]
    )

    move(cast, cast.handler, another, by=cast.officer)

    referral.refresh_from_db()
    assert referral.handler == another


def test_a_department_names_somebody_who_answers(cast):
    refer_to_police(cast)
    guest = Staff.objects.create_user(
        "guest", name="华列席", organisation=cast.police, roles=[Role.CONFERENCE_OFFICE]
    )

    with pytest.raises(StepNotAllowed, match="不办理转来的事项"):
        move(cast, cast.handler, guest, by=cast.liaison)


# Refusals: nothing moves at all.


@pytest.mark.parametrize(
    ("to", "by", "words"),
    [
        ("other_clerk", "head", "您所管单位"),
        ("clerk2", "other_head", "您所管单位"),
        ("clerk2", "sec_admin", "您所管单位"),
        ("sys_admin", "head", "您所管单位"),
        ("clerk", "head", "同一个人"),
        ("volunteer", "head", "另选承办人"),
    ],
)
def test_who_may_not_and_to_whom_not(cast, to, by, words):
    case = make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.sys_admin.pk).update(organisation=None)
    cast.sys_admin.refresh_from_db()

    with pytest.raises(StepNotAllowed, match=words):
        move(cast, cast.clerk, getattr(cast, to), by=getattr(cast, by))

    assert Case.objects.get(pk=case.pk).owner == cast.clerk
    assert not Handover.objects.exists()


def test_nobody_who_left_receives_anything(cast):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.volunteer, note="", by=cast.head, at=MONDAY + 9 * MINUTE)
    cast.clerk2.is_active = False

    with pytest.raises(StepNotAllowed):
        move(cast, cast.volunteer, cast.clerk2)


def test_a_second_press_is_told(cast):
    make_case(cast, "HANDLING")
    move(cast, cast.clerk, cast.clerk2)

    with pytest.raises(StepNotAllowed, match="没有要移交的工作"):
        move(cast, cast.clerk, cast.clerk2)

    assert Handover.objects.count() == Notice.objects.filter(kind=NoticeKind.HANDED_OVER).count() == 1


def test_one_case_that_cannot_move_keeps_all_where_they_are(cast):
    """The receiver lost her right in between: the run is broken off, and nothing has moved."""
    assisted = make_case(cast, "HANDLING", unit=cast.station)
    handling.add_assistant(assisted, assistant=cast.clerk2, note="", by=cast.head, at=MONDAY + 9 * MINUTE)
    handling.assign_owner(assisted, owner=cast.head, by=cast.head, at=MONDAY + 10 * MINUTE)
    owned = make_case(cast, "HANDLING")
    handling.assign_owner(owned, owner=cast.clerk2, by=cast.head, at=MONDAY + 10 * MINUTE)
    before = {case.pk: owners(case) for case in (assisted, owned)}

    with pytest.raises(StepNotAllowed):
        move(cast, cast.clerk2, cast.volunteer)

    assert {case.pk: owners(case) for case in (assisted, owned)} == before
    assert not assisted.events.filter(step=Step.HAND_OVER).exists()


# Who is offered.


def test_colleagues_of_the_units_where_she_has_work_are_offered(cast):
    make_case(cast, "HANDLING", unit=cast.village)

    def offered(person, by):
        return {staff.username for staff in handover.receivers(person, by=by)}

    assert offered(cast.clerk, cast.head) == {"clerk2", "head", "volunteer"}
    assert offered(cast.village_liaison, cast.head) == set()
    assert offered(cast.handler, cast.liaison) == {"liaison", "partner_leader"}
    Staff.objects.filter(pk=cast.clerk2.pk).update(organisation=cast.village)
    assert offered(cast.village_liaison, cast.head) == {"clerk2"}


def test_what_she_has_in_hand_is_counted(cast):
    make_case(cast, "HANDLING")
    make_case(cast, "CLOSED")
    work = handover.work_of(cast.clerk, units=handover.units_in_charge(cast.head), by=cast.head)

    counts = work.counts()

    assert (counts["owned"], counts["visits"], sum(counts.values())) == (1, 1, 2)
    assert set(counts) == set(handover.WORDS)
    assert Status.CLOSED in work.visits.values_list("status", flat=True)
    assert Outcome.MEDIATED in work.visits.values_list("outcome", flat=True)
