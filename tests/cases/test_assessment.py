"""The yearly assessment: what is counted, who gives points when, the veto, the thresholds, and what never changes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from cases.actions.assessment import rounds
from cases.actions.assessment.figures import count
from cases.choices import ClockStatus, NoticeKind, Satisfaction, VisitResult, VisitWay
from cases.choices.assessment import (
    AssessmentResult,
    AutoRule,
    RoundStatus,
    RoundStep,
    Side,
)
from cases.models import (
    AssessmentRound,
    AssessmentScheme,
    AutoFigure,
    Clock,
    Closure,
    FollowUp,
    IndicatorScore,
    MovedOn,
    Notice,
    Rating,
)
from cases.models.assessment import ScoreRefused
from cases.permissions.assessment import (
    round_steps_open_to,
    side_of,
    why_not_round,
)
from cases.workflow import StepNotAllowed
from cases.workflow.assessment import (
    Entry,
    Weight,
    next_round_status,
    points_for,
    points_for_count,
    result_of,
)
from stations.actions import standing
from stations.models import StationFacts
from tests.cases.assessing import (
    DUE,
    again,
    at_state,
    full,
    give,
    opened,
    published,
    scheme,
    sent_up,
    submitted,
)
from tests.cast import MONDAY
from tests.factories import make_case

DAY = timedelta(days=1)
LATER = MONDAY + 100 * DAY  # 24 February 2027: everything of the year has fallen due


def weights(**other):
    found = {one.code: Weight(one.weight, one.target) for one in scheme().indicators.all() if not one.is_veto}
    return found | other


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


# -- arithmetic -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "target", "points"),
    [
        (9, 10, 100, "7.2"),
        (19, 20, 95, "8"),
        (18, 20, 95, "7.6"),
        (0, 3, 95, "0.0"),
        (0, 0, 95, "8"),
        (1, 3, 100, "2.7"),
    ],
)
def test_points_of_a_share(numerator, denominator, target, points):
    assert points_for(Decimal(8), numerator, denominator, Decimal(target)) == Decimal(points)


@pytest.mark.parametrize(("number", "points"), [(0, "0"), (1, "1.7"), (3, "5"), (9, "5")])
def test_points_of_a_number(number, points):
    assert points_for_count(Decimal(5), number, Decimal(3)) == Decimal(points)


@pytest.mark.parametrize(
    ("points", "vetoed", "result"),
    [
        ("100", False, AssessmentResult.CANDIDATE),
        ("90.0", False, AssessmentResult.CANDIDATE),
        ("89.9", False, AssessmentResult.QUALIFIED),
        ("75.0", False, AssessmentResult.QUALIFIED),
        ("74.9", False, AssessmentResult.RECTIFY),
        ("100", True, AssessmentResult.RECTIFY),
    ],
)
def test_result_at_the_thresholds(points, vetoed, result):
    assert result_of(Decimal(points), vetoed=vetoed, good_from=Decimal(90), pass_from=Decimal(75)) == result


def test_shipped_scheme_is_the_recommended_one(db):
    groups = {}
    for one in scheme().indicators.order_by("sort"):
        groups[one.get_group_display()] = groups.get(one.get_group_display(), 0) + one.weight

    assert groups == {
        "阵地建设": 20, "队伍建设": 15, "制度台账": 15, "办理质效": 30, "源头预防": 10, "宣传志愿": 10, "一票否决": 0,
    }  # fmt: skip
    assert (scheme().total, scheme().good_from, scheme().pass_from) == (100, 90, 75)
    assert scheme().indicators.filter(kind="VETO").count() == 4


# -- what the system counts, by hand --------------------------------------------------------------


def clock_of(case, code, *, due, status, ended=None):
    """A clock of a code on a case, ended as told; its other fields as another clock of the case has them."""
    first = Clock.objects.filter(case=case).first()
    first.pk, first.code, first.nominal_due, first.effective_due = None, code, due, due
    first.status, first.ended_at = status, ended
    first.paused_at = MONDAY if status == ClockStatus.PAUSED else None
    first.next_notice_at = due if status == ClockStatus.RUNNING else None
    first.monitor = first.referral = first.task = first.supervision = None
    first.save(force_insert=True)


@pytest.fixture
def few(cast):
    """Cases of one station without a clock of their own, and one of another station."""
    cases = [make_case(cast) for _ in range(4)]
    other = make_case(cast, unit=cast.other_station)
    Clock.objects.update(status=ClockStatus.CANCELLED, ended_at=MONDAY, next_notice_at=None)
    return [*cases, other]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (AutoRule.TIMELY_ACCEPT, "XF-NOTICE"),
        (AutoRule.TIMELY_CLOSE, "IN-TOTAL"),
        (AutoRule.RETURN_VISITS, "IN-VISIT-1"),
        (AutoRule.RETURN_VISITS, "IN-REVISIT"),
    ],
)
def test_punctuality_counts_what_fell_due(cast, few, rule, code):
    one, two, three, four, other = few
    due = MONDAY - DAY
    clock_of(one, code, due=due, status=ClockStatus.MET, ended=due)  # to the minute
    clock_of(two, code, due=due, status=ClockStatus.MET, ended=due + timedelta(seconds=1))  # late
    clock_of(three, code, due=due, status=ClockStatus.RUNNING)  # overdue
    clock_of(four, code, due=MONDAY + DAY, status=ClockStatus.MET, ended=MONDAY)  # not due yet
    clock_of(four, code, due=due, status=ClockStatus.CANCELLED, ended=due)
    clock_of(four, code, due=due, status=ClockStatus.PAUSED)
    clock_of(other, code, due=due, status=ClockStatus.MET, ended=due)

    assert count(rule, cast.station, 2026, MONDAY) == (1, 3)
    assert count(rule, cast.station, 2026, MONDAY + 2 * DAY) == (2, 4)
    assert count(rule, cast.station, 2027, MONDAY) == (0, 0)
    assert count(rule, cast.other_station, 2026, MONDAY) == (1, 1)


def test_ledgers_want_work_answer_and_rating(cast):
    cases = [make_case(cast, "CLOSED") for _ in range(4)]
    Closure.objects.filter(case=cases[0]).update(satisfaction=Satisfaction.SATISFIED)
    Rating.objects.create(case=cases[1], satisfaction=Satisfaction.DISSATISFIED, at=MONDAY)
    Closure.objects.filter(case=cases[2]).update(satisfaction=Satisfaction.SATISFIED, petitioner_told_on=None)
    make_case(cast, "PENDING_CLOSE")

    assert count(AutoRule.LEDGERS, cast.station, 2026, MONDAY + DAY) == (2, 4)
    assert count(AutoRule.LEDGERS, cast.station, 2026, MONDAY) == (0, 0)


def test_satisfaction_counts_every_rating(cast):
    cases = [make_case(cast, "CLOSED") for _ in range(3)]
    Closure.objects.filter(case=cases[0]).update(satisfaction=Satisfaction.SATISFIED)
    Rating.objects.create(case=cases[1], satisfaction=Satisfaction.BASICALLY, at=MONDAY)
    visit = {"happened_at": MONDAY, "way": VisitWay.PHONE, "spoke_safely": True, "result": VisitResult.SAFE}
    told = {"content": "好", "by": cast.clerk2, "at": MONDAY}
    FollowUp.objects.create(case=cases[2], satisfaction=Satisfaction.DISSATISFIED, **visit, **told)
    FollowUp.objects.create(case=cases[2], **visit, **told)  # was not asked

    assert count(AutoRule.SATISFACTION, cast.station, 2026, MONDAY + DAY) == (2, 3)


def test_station_figures_count_checked_volunteers_activities_and_the_checklist(cast):
    by = {"by": cast.clerk, "at": MONDAY - DAY}
    known = {"name": "冯律师", "phone": "13900000003", "profession": "LAWYER", "joined_on": date(2026, 1, 5)}
    checked = {"checked_on": date(2026, 3, 2), "result": "CLEAR"}
    one = standing.keep_volunteer(None, station=cast.station, shared_with=[], **known, **checked, **by)
    standing.keep_volunteer(None, station=cast.station, shared_with=[], **known, **by)
    served = {"kind": "LEGAL_ADVICE", "persons": 2, "hours": Decimal(1)}
    standing.record_service(one, station=cast.station, on=date(2026, 3, 8), **served, **by)
    standing.record_service(one, station=cast.station, on=date(2025, 12, 31), **served, **by)
    held = {"theme": "MARCH_8", "form": "STREET", "place": "大集", "participants": 9}
    standing.record_activity(cast.station, on=date(2026, 3, 8), **held, **by)
    standing.record_activity(cast.station, on=date(2025, 3, 8), **held, **by)
    facts = {"address": "1", "housed_in": "OWN", "head": "仇", "phone": "1", "hours": "1"}
    StationFacts.objects.create(station=cast.station, has=["PLACE", "SIGN", "GONE"], **facts, **by)

    asked = (AutoRule.VOLUNTEERS, AutoRule.SERVICES, AutoRule.ACTIVITIES, AutoRule.CHECKLIST)
    assert [count(rule, cast.station, 2026, MONDAY) for rule in asked] == [
        (1, None),
        (1, None),
        (1, None),
        (2, 6),
    ]
    assert count(AutoRule.CHECKLIST, cast.other_station, 2026, MONDAY) == (0, 6)
    assert count(AutoRule.VOLUNTEERS, cast.station, 2026, MONDAY + 365 * DAY) == (1, None)  # as of New Year


# -- a round --------------------------------------------------------------------------------------


def test_opening_tells_the_stations_once_and_counts(cast):
    found = opened(cast)

    assert (found.status, found.due_on) == (RoundStatus.SELF, DUE)
    assert found.figures.count() == 9
    assert told(NoticeKind.ASSESSMENT) == {"head"}
    assert rounds.open_rounds(scheme(), [cast.station], due_on=DUE, by=cast.leader, at=MONDAY) == 0
    assert rounds.stations_without_round(scheme(), "410423") == [cast.other_station]


def test_self_score_can_be_saved_in_parts_and_is_handed_in_whole(cast):
    found = opened(cast)
    rounds.score(found, Side.STATION, {"ROOMS": Entry(Decimal(4))}, by=cast.clerk2, at=MONDAY)

    with pytest.raises(StepNotAllowed, match="还有12项没有评分：挂牌和公示"):
        rounds.submit(found, by=cast.head, at=MONDAY)
    give(found, Side.STATION, cast.head)
    assert rounds.score(found, Side.STATION, full(found), by=cast.head, at=MONDAY) == 0
    rounds.submit(found, by=cast.head, at=MONDAY + DAY)

    assert again(found).status == RoundStatus.COUNTY
    assert set(found.figures.values_list("at", flat=True)) == {MONDAY, MONDAY + DAY}
    assert {"officer", "leader"} <= told(NoticeKind.ASSESSMENT)


@pytest.mark.parametrize(
    ("side", "code", "entry", "words"),
    [
        (Side.STATION, "SIX_HAVES", Entry(Decimal(8)), "由系统取数"),
        (Side.STATION, "SIGN", Entry(Decimal(4)), "请写明依据"),
        (Side.STATION, "ROOMS", Entry(Decimal("4.5")), "0到4"),
        (Side.STATION, "ROOMS", Entry(Decimal(-1)), "0到4"),
        (Side.STATION, "VETO_LEAK", Entry(vetoed=True), "发生了什么"),
        (Side.COUNTY, "SIX_HAVES", Entry(Decimal(8)), "与系统取数的0.0分不同，请写明理由"),
        (Side.COUNTY, "ROOMS", Entry(Decimal(3)), "与下一级的评分不同"),
        (Side.CITY, "ROOMS", Entry(Decimal(3)), "与下一级的评分不同"),
    ],
)
def test_what_cannot_stand_is_refused_by_its_line(cast, side, code, entry, words):
    found = at_state(cast, {Side.STATION: "SELF", Side.COUNTY: "COUNTY", Side.CITY: "CITY"}[side])
    before = IndicatorScore.objects.count()

    with pytest.raises(ScoreRefused, match=words) as refusal:
        rounds.score(found, side, {code: entry}, by=cast.officer, at=MONDAY)

    assert refusal.value.indicator.code == code
    assert IndicatorScore.objects.count() == before


def test_veto_taken_back_by_the_county_needs_words(cast):
    found = submitted(cast, VETO_LEAK=Entry(text="台账被外人翻看", vetoed=True))

    with pytest.raises(ScoreRefused, match="与下一级的评分不同"):
        rounds.score(found, Side.COUNTY, {"VETO_LEAK": Entry()}, by=cast.officer, at=MONDAY)


def test_adjusting_a_counted_figure_shows_both(cast):
    found = submitted(cast)
    line = next(line for line in found.lines if line.indicator.code == "SIX_HAVES")
    assert (line.points, line.adjusted) == (0, False)
    assert rounds.score(found, Side.COUNTY, {"SIX_HAVES": Entry()}, by=cast.officer, at=MONDAY) == 0

    rounds.score(
        found, Side.COUNTY, {"SIX_HAVES": Entry(Decimal(6), "新站情况已实地看过")}, by=cast.officer, at=MONDAY
    )

    line = next(line for line in again(found).lines if line.indicator.code == "SIX_HAVES")
    assert (line.points, line.counted, line.adjusted) == (6, 0, True)
    assert line.county.by == cast.officer


def test_city_decides_over_the_county_and_writes_only_what_it_changes(cast):
    found = sent_up(cast, ROOMS=Entry(Decimal(3), "只有一间"))
    everything = {line.indicator.code: Entry(line.points) for line in found.lines}

    written = rounds.score(
        found,
        Side.CITY,
        everything | {"ROOMS": Entry(Decimal(2), "两人同时接谈")},
        by=cast.city_officer,
        at=MONDAY,
    )

    line = next(line for line in found.lines if line.indicator.code == "ROOMS")
    assert (written, line.points, line.county.points, line.own.points) == (1, 2, 3, 4)


def test_county_sends_back_and_city_sends_down(cast):
    found = submitted(cast)
    rounds.give_back(found, note="请补公示牌的照片说明", by=cast.officer, at=MONDAY)
    rounds.submit(again(found), by=cast.head, at=MONDAY)
    found = again(found)
    with pytest.raises(StepNotAllowed, match="还有13项没有评分"):
        rounds.send_up(found, by=cast.officer, at=MONDAY)
    give(found, Side.COUNTY, cast.officer)
    rounds.send_up(found, by=cast.officer, at=MONDAY)
    rounds.give_down(again(found), note="请重看功能室", by=cast.city_officer, at=MONDAY)

    assert again(found).status == RoundStatus.COUNTY
    assert (
        found.events.order_by("at", "pk").filter(step=RoundStep.RETURN).get().note == "请补公示牌的照片说明"
    )


def test_county_takes_the_figures_anew(cast):
    found = submitted(cast)
    rounds.recount(found, by=cast.officer, at=LATER)

    assert AutoFigure.objects.filter(round=found, at=LATER).count() == 9


def test_the_page_that_is_older_is_told(cast):
    found = submitted(cast)
    old = again(found)
    rounds.give_back(found, note="补充", by=cast.officer, at=MONDAY)

    with pytest.raises(MovedOn):
        rounds.give_back(old, note="补充", by=cast.leader, at=MONDAY)


# -- published ------------------------------------------------------------------------------------


def test_full_marks_but_for_what_was_not_done(cast):
    found = published(cast)
    figures = {line.indicator.code: line.points for line in found.lines if line.indicator.is_auto}

    # Nothing due gives all points; nothing kept of the station, its volunteers and activities gives none.
    assert figures == {
        "SIX_HAVES": 0, "VOLUNTEERS": 0, "LEDGERS": 8, "TIMELY_ACCEPT": 8, "TIMELY_CLOSE": 8, "RETURN_VISITS": 6,
        "SATISFACTION": 8, "ACTIVITIES": 0, "SERVICES": 0,
    }  # fmt: skip
    assert (found.points, found.result) == (77, AssessmentResult.QUALIFIED)
    assert {group.group.label: group.share for group in found.groups()}["阵地建设"] == 60
    assert told(NoticeKind.ASSESSED) == {"head"}


def test_veto_makes_it_rectify_whatever_the_points(cast):
    found = published(cast, VETO_MINOR=Entry(text="应报未报，三月核查发现", vetoed=True))

    assert (found.points, found.result) == (77, AssessmentResult.RECTIFY)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_assessmentround SET points = 99",
        "DELETE FROM cases_assessmentround",
        "UPDATE cases_indicatorscore SET points = 0",
        "DELETE FROM cases_autofigure",
        "UPDATE cases_roundevent SET at = now()",
    ],
)
def test_published_does_not_change(cast, sql):
    published(cast)

    with pytest.raises(DatabaseError, match=r"does not change|append-only"), transaction.atomic():
        connection.cursor().execute(sql)


def test_published_takes_no_further_score(cast):
    found = published(cast)

    with pytest.raises(StepNotAllowed):
        rounds.score(found, Side.CITY, full(found), by=cast.city_officer, at=MONDAY)
    indicator = found.scheme.indicators.first()
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        IndicatorScore.objects.create(
            round=found, indicator=indicator, side=Side.CITY, points=1, by=cast.city_officer, at=MONDAY
        )


def test_correction_of_a_result_is_a_further_round_with_a_reason(cast):
    first = published(cast)
    new = rounds.correct(first, note="统计口径有误", by=cast.city_leader, at=LATER)
    with pytest.raises(StepNotAllowed, match="已经有人在更正"):
        rounds.correct(first, note="再来一次", by=cast.city_leader, at=LATER)

    assert (new.number, new.status, new.why, new.total) == (2, RoundStatus.CITY, "统计口径有误", first.points)
    assert {score.at for score in new.scores.all()} == {MONDAY}
    rounds.score(new, Side.CITY, {"SIX_HAVES": Entry(Decimal(8), "补报核实")}, by=cast.city_officer, at=LATER)
    rounds.publish(new, by=cast.city_leader, at=LATER)
    assert (again(new).points, again(first).points) == (85, 77)
    assert list(AssessmentRound.objects.newest()) == [new]


def test_a_scheme_of_the_county_is_published_by_the_county(cast):
    AssessmentScheme.objects.update(level=Side.COUNTY)
    found = submitted(cast)
    assert found.next_step == "县妇联评分并公布"
    assert RoundStep.SEND_UP not in round_steps_open_to(cast.leader, found)
    with pytest.raises(StepNotAllowed, match="还有13项"):
        rounds.publish(found, by=cast.leader, at=MONDAY)
    give(found, Side.COUNTY, cast.officer)
    rounds.publish(found, by=cast.leader, at=MONDAY)

    assert again(found).result == AssessmentResult.QUALIFIED


# -- who, where, when -----------------------------------------------------------------------------

S, C, T, P = RoundStatus
TABLE = {
    ("head", S): {RoundStep.SCORE_SELF, RoundStep.SUBMIT},
    ("officer", C): {RoundStep.SCORE_COUNTY, RoundStep.RECOUNT, RoundStep.RETURN, RoundStep.SEND_UP},
    ("leader", C): {RoundStep.SCORE_COUNTY, RoundStep.RECOUNT, RoundStep.RETURN, RoundStep.SEND_UP},
    ("city_officer", T): {RoundStep.SCORE_CITY, RoundStep.RETURN_DOWN},
    ("city_leader", T): {RoundStep.SCORE_CITY, RoundStep.RETURN_DOWN, RoundStep.PUBLISH},
    ("officer", P): {RoundStep.SET_TASK},
    ("leader", P): {RoundStep.SET_TASK},
    ("city_officer", P): {RoundStep.SET_TASK},
    ("city_leader", P): {RoundStep.SET_TASK, RoundStep.CORRECT},
}
PEOPLE = (
    "clerk", "head", "other_head", "village_liaison", "officer", "leader", "city_officer", "city_leader", "other_officer",
    "liaison", "volunteer", "archivist", "stat_officer", "sys_admin",
)  # fmt: skip


@pytest.mark.parametrize("status", list(RoundStatus))
def test_who_may_do_what_when(cast, status):
    found = at_state(cast, status)
    got = {person: set(round_steps_open_to(getattr(cast, person), found)) for person in PEOPLE}

    assert got == {person: TABLE.get((person, status), set()) for person in PEOPLE}


@pytest.mark.parametrize("step", [step for step in RoundStep if step is not RoundStep.OPEN])
@pytest.mark.parametrize("status", list(RoundStatus))
def test_every_other_step_is_told_where_it_stands(step, status):
    allowed = any(step in steps for (_, at), steps in TABLE.items() if at == status)
    if allowed:
        next_round_status(step, status, Side.CITY)
        return
    with pytest.raises(StepNotAllowed, match=status.label):
        next_round_status(step, status, Side.CITY)


def test_nobody_judges_a_round_whose_own_part_she_wrote(cast):
    found = opened(cast)
    give(found, Side.STATION, cast.head)
    rounds.submit(found, by=cast.head, at=MONDAY)
    cast.head.organisation, cast.head.roles = cast.county, ["COUNTY_LEADER"]
    cast.head.save()

    for step in (RoundStep.SCORE_COUNTY, RoundStep.SEND_UP):
        assert why_not_round(cast.head, step, found) == "这次自评是您做的，评分请由其他人办理。"
    assert not why_not_round(cast.leader, RoundStep.SCORE_COUNTY, found)
    assert side_of(cast.head, found.station) is Side.COUNTY


def test_a_corrected_result_is_not_corrected_again(cast):
    first = published(cast)
    rounds.correct(first, note="有误", by=cast.city_leader, at=MONDAY)

    assert RoundStep.CORRECT not in round_steps_open_to(cast.city_leader, again(first))


def test_sides(cast):
    assert [side_of(getattr(cast, who), cast.station) for who in ("head", "officer", "city_officer")] == list(
        Side
    )
    assert side_of(cast.other_officer, cast.station) is None
    assert side_of(cast.liaison, cast.station) is None
    cast.head.organisation = None
    assert side_of(cast.head, cast.station) is None
    assert not AssessmentRound.objects.visible_to(cast.head).exists()


def test_sight(cast):
    found = opened(cast)
    seen = {who for who in PEOPLE if found in AssessmentRound.objects.visible_to(getattr(cast, who))}

    assert seen == {"head", "officer", "leader", "city_officer", "city_leader"}
    cast.head.organisation = cast.police
    assert found not in AssessmentRound.objects.visible_to(cast.head)
