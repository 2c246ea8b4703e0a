"""Up and down the ladder."""

from datetime import date, timedelta

import pytest

from cases.actions import escalation
from cases.actions.ownership import CannotOwn, upper_units
from cases.choices import ClockStatus, EscalationReason, EscalationStatus, NoticeKind, Part, Risk, Step
from cases.workflow import StepNotAllowed
from stations.models import Organisation
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case

LATER = MONDAY + 30 * MINUTE
DAY = timedelta(days=1)


def up(case, to_unit, by, at=LATER):
    return escalation.escalate(
        case, to_unit=to_unit, reason=EscalationReason.CROSS_DEPT, tried="上门三次", by=by, at=at
    )


def live(case):
    return set(case.clocks.live().values_list("code", flat=True))


def told(case, kind):
    return [notice.recipient for notice in case.notices.filter(kind=kind).order_by("id")]


def open_parts(case):
    return {(row.staff, row.part) for row in case.holdings.filter(until_at=None)}


@pytest.mark.parametrize(
    ("unit", "above"),
    [
        ("village", ["station", "county", "city"]),
        ("station", ["county", "city"]),
        ("county", ["city"]),
        ("city", []),
        ("far_station", ["other_county", "city"]),
    ],
)
def test_the_way_up(cast, unit, above):
    found = upper_units(getattr(cast, unit))

    assert found == [getattr(cast, name) for name in above]


def test_departments_and_closed_units_are_no_way_up(cast):
    cast.county.active = False
    cast.county.save()

    assert upper_units(cast.station) == [cast.city]


def test_the_lower_unit_stays_responsible_until_the_upper_decides(cast):
    case = make_case(cast, "HANDLING")

    sent = up(case, cast.county, cast.head)

    case.refresh_from_db()
    assert (case.holder, case.owner, case.reached) == (cast.station, cast.clerk, "COUNTY")
    assert (sent.from_org, sent.tried, sent.skips_level) == (cast.station, "上门三次", False)
    assert "IN-REVIEW" in live(case)
    assert case.due_at == case.clocks.get(code="IN-REVIEW").effective_due
    assert case.clocks.get(code="IN-REVIEW").last_day == date(2026, 11, 19)
    assert told(case, NoticeKind.ESCALATED) == [cast.officer, cast.leader]


def test_red_is_reviewed_within_two_hours(cast):
    case = make_case(cast, "HANDLING", risk=Risk.RED)

    up(case, cast.county, cast.head)

    assert case.clocks.get(code="IN-REVIEW-U").effective_due == LATER + timedelta(hours=2)
    assert "IN-REVIEW" not in live(case)


def test_skipping_a_level_is_marked(cast):
    assert up(make_case(cast, "HANDLING"), cast.city, cast.head).skips_level


def test_what_came_up_once_stays_seen_above(cast):
    case = make_case(cast, "HANDLING")
    up(case, cast.city, cast.head)
    escalation.guide(case, guidance="", term_on=date(2026, 11, 30), by=cast.city_officer, at=LATER)

    up(case, cast.county, cast.head)

    case.refresh_from_db()
    assert case.reached == "CITY"


@pytest.mark.parametrize("unit", ["other_county", "other_station", "police", "station"])
def test_only_up_ones_own_ladder(cast, unit):
    with pytest.raises(StepNotAllowed, match="只能上报到本地的上级"):
        up(make_case(cast, "HANDLING"), getattr(cast, unit), cast.head)


def test_one_question_at_a_time(cast):
    case = make_case(cast, "HANDLING")
    up(case, cast.county, cast.head)

    with pytest.raises(StepNotAllowed, match="正等上级审核"):
        up(case, cast.city, cast.clerk)


def test_take_over_moves_the_case_and_the_former_owner_assists(cast):
    case = make_case(cast, "HANDLING")
    whole = case.clocks.get(code="IN-TOTAL").effective_due
    sent = up(case, cast.county, cast.head)

    escalation.take_over(case, owner=cast.leader, guidance="我来", by=cast.officer, at=LATER + DAY)

    case.refresh_from_db()
    sent.refresh_from_db()
    assert (case.holder, case.owner, case.level, case.reached) == (
        cast.county,
        cast.leader,
        "COUNTY",
        "COUNTY",
    )
    assert (sent.status, sent.decided_by) == (EscalationStatus.TAKEN_OVER, cast.officer)
    assert open_parts(case) == {(cast.leader, Part.OWNER), (cast.clerk, Part.ASSISTANT)}
    assert case.clocks.get(code="IN-REVIEW").status == ClockStatus.MET
    assert case.clocks.get(code="IN-TOTAL").effective_due == whole
    assert told(case, NoticeKind.GUIDED) == [cast.clerk]
    assert cast.leader in told(case, NoticeKind.ASSIGNED)


def test_take_over_unasked(cast):
    case = make_case(cast)

    escalation.take_over(case, owner=cast.city_officer, guidance="", by=cast.city_officer, at=LATER)

    case.refresh_from_db()
    assert (case.holder, case.reached) == (cast.city, "CITY")
    assert not case.escalations.exists()
    assert cast.city_officer not in told(case, NoticeKind.ASSIGNED)


def test_the_owner_of_a_case_taken_over_works_above(cast):
    case = make_case(cast)

    with pytest.raises(CannotOwn):
        escalation.take_over(case, owner=cast.clerk, guidance="", by=cast.officer, at=LATER)


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("take_over", {"owner": "officer", "guidance": ""}),
        ("handle_jointly", {"co_owner": "officer", "split": ""}),
    ],
)
def test_somebody_without_a_unit_takes_nothing_up(cast, verb, arguments):
    case = make_case(cast)
    by = cast.leader
    by.organisation = None
    arguments = {name: getattr(cast, value, value) for name, value in arguments.items()}

    with pytest.raises(StepNotAllowed, match="没有所属单位"):
        getattr(escalation, verb)(case, by=by, at=LATER, **arguments)


def test_guidance_sets_a_term_below(cast):
    case = make_case(cast, "HANDLING")
    sent = up(case, cast.county, cast.head)

    escalation.guide(case, guidance="先联系派出所", term_on=date(2026, 11, 25), by=cast.officer, at=LATER)

    sent.refresh_from_db()
    assert (sent.status, sent.guidance, sent.term_on) == (
        EscalationStatus.GUIDED,
        "先联系派出所",
        date(2026, 11, 25),
    )
    clock = case.clocks.get(code="IN-GUIDED")
    assert (clock.last_day, clock.amount, clock.provisional) == (date(2026, 11, 25), 7, False)
    assert live(case) == {"IN-TOTAL", "IN-GUIDED"}
    case.refresh_from_db()
    assert case.due_at == clock.effective_due
    assert told(case, NoticeKind.GUIDED) == [cast.clerk]


def test_taking_over_ends_the_term_of_an_earlier_guidance(cast):
    case = make_case(cast, "HANDLING")
    up(case, cast.county, cast.head)
    escalation.guide(case, guidance="先联系派出所", term_on=date(2026, 11, 25), by=cast.officer, at=LATER)

    escalation.take_over(case, owner=cast.officer, guidance="由县里办理", by=cast.officer, at=LATER)

    assert case.clocks.get(code="IN-GUIDED").status == ClockStatus.CANCELLED
    assert live(case) == {"IN-TOTAL"}
    case.refresh_from_db()
    assert case.due_at == case.clocks.get(code="IN-TOTAL").effective_due


def test_newer_guidance_takes_the_place_of_the_former_term(cast):
    case = make_case(cast, "HANDLING")
    for day in (25, 27):
        up(case, cast.county, cast.head)
        escalation.guide(case, guidance="", term_on=date(2026, 11, day), by=cast.officer, at=LATER)

    running = case.clocks.get(code="IN-GUIDED", status=ClockStatus.RUNNING)
    assert running.last_day == date(2026, 11, 27)
    # Going up again was what the first guidance waited for.
    assert case.clocks.filter(code="IN-GUIDED", status=ClockStatus.MET).count() == 1


def test_both_levels_handle_jointly(cast):
    case = make_case(cast, "HANDLING")
    up(case, cast.county, cast.head)

    escalation.handle_jointly(case, co_owner=cast.leader, split="县里管公安", by=cast.officer, at=LATER)

    case.refresh_from_db()
    assert (case.holder, case.owner) == (cast.station, cast.clerk)
    assert open_parts(case) == {(cast.clerk, Part.OWNER), (cast.leader, Part.CO_OWNER)}
    assert case.escalations.get().status == EscalationStatus.CO_HANDLED
    assert told(case, NoticeKind.GUIDED) == [cast.clerk]
    assert cast.leader in told(case, NoticeKind.ASSIGNED)


def test_the_same_co_owner_twice_holds_one_part(cast):
    case = make_case(cast, "HANDLING")
    for _ in range(2):
        up(case, cast.county, cast.head)
        escalation.handle_jointly(case, co_owner=cast.officer, split="", by=cast.officer, at=LATER)

    assert open_parts(case) == {(cast.clerk, Part.OWNER), (cast.officer, Part.CO_OWNER)}
    assert cast.officer not in told(case, NoticeKind.ASSIGNED)


@pytest.mark.parametrize("verb", ["guide", "handle_jointly"])
def test_nothing_waits_for_an_answer(cast, verb):
    case = make_case(cast, "HANDLING")
    arguments = (
        {"guidance": "", "term_on": date(2026, 11, 30)}
        if verb == "guide"
        else {"co_owner": cast.officer, "split": ""}
    )

    with pytest.raises(StepNotAllowed, match="已有人处理"):
        getattr(escalation, verb)(case, by=cast.officer, at=LATER, **arguments)
    assert case.events.latest("seq").step == Step.HANDLE


def test_sent_down_again_is_the_stations(cast):
    case = make_case(cast, "HANDLING")
    sent = up(case, cast.county, cast.head)
    escalation.take_over(case, owner=cast.officer, guidance="", by=cast.officer, at=LATER)

    escalation.send_down(case, owner=cast.clerk2, guidance="做好回访", by=cast.officer, at=LATER + DAY)

    case.refresh_from_db()
    sent.refresh_from_db()
    assert (case.holder, case.owner, case.level, case.reached) == (
        cast.station,
        cast.clerk2,
        "TOWNSHIP",
        "COUNTY",
    )
    assert sent.status == EscalationStatus.RETURNED_DOWN
    assert open_parts(case) == {(cast.clerk2, Part.OWNER)}
    assert told(case, NoticeKind.ASSIGNED)[-1] == cast.clerk2


def test_sent_down_to_somebody_of_the_station_only(cast):
    case = make_case(cast, "HANDLING")
    escalation.take_over(case, owner=cast.officer, guidance="", by=cast.officer, at=LATER)

    with pytest.raises(CannotOwn):
        escalation.send_down(case, owner=cast.officer, guidance="", by=cast.officer, at=LATER)


def test_up_from_the_village_to_the_township_and_on(cast):
    case = make_case(cast, unit=cast.village)
    up(case, cast.station, cast.village_liaison)
    escalation.take_over(case, owner=cast.clerk, guidance="", by=cast.head, at=LATER)
    up(case, cast.county, cast.head)
    escalation.take_over(case, owner=cast.officer, guidance="", by=cast.officer, at=LATER)

    case.refresh_from_db()
    assert (case.station, case.holder, case.reached) == (cast.village, cast.county, "COUNTY")
    assert open_parts(case) == {
        (cast.officer, Part.OWNER),
        (cast.clerk, Part.ASSISTANT),
        (cast.village_liaison, Part.ASSISTANT),
    }


def test_a_region_without_offices_has_no_way_up(cast):
    lonely = Organisation(name="省妇联", kind="FEDERATION", region=cast.city.region.parent)

    assert upper_units(lonely) == []


def test_send_down_returns_it_to_the_unit_it_was_taken_from(cast):
    """What a village registered and the township took over goes back to the township, not past it."""
    case = make_case(cast, "HANDLING", unit=cast.village)
    escalation.take_over(case, owner=cast.head, guidance="站里办", by=cast.head, at=LATER)
    escalation.take_over(case, owner=cast.officer, guidance="县里办", by=cast.officer, at=LATER + DAY)

    escalation.send_down(case, owner=cast.clerk, guidance="回访即可", by=cast.officer, at=LATER + 2 * DAY)

    assert (case.holder_id, case.owner_id, case.level) == (cast.station.pk, cast.clerk.pk, "TOWNSHIP")
