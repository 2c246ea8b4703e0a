"""Stepping back and being kept away: what passes on, to whom, and what is refused."""

from datetime import timedelta

import pytest

from cases.actions import closure, escalation, handling
from cases.actions import referral as referrals
from cases.actions.guarding import bars
from cases.actions.guarding.bars import NobodyLeft, bar_person, bar_unit, lift_bar, recuse, share_bars
from cases.actions.handover import hand_over_all
from cases.actions.monitors.monitor import open_monitor
from cases.actions.ownership import CannotOwn
from cases.actions.promises import retold_otherwise
from cases.choices import (
    BarKind,
    EscalationReason,
    EscalationStatus,
    MonitorKind,
    NoticeKind,
    Part,
    ReferralStatus,
    Risk,
    Status,
    Step,
)
from cases.models import Bar, Case, CaseReader, Event, Monitor
from cases.workflow import StepNotAllowed
from stations.roles import Role
from tests.cases.supervising import supervised
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + timedelta(hours=2)
WHY = "信访人是我表姐"


def seen_by(person, case):
    return Case.objects.visible_to(person).filter(pk=case.pk).exists()


def told(case, kind):
    return [notice.recipient for notice in case.notices.filter(kind=kind).order_by("id")]


def open_parts(case):
    return {(row.staff, row.part) for row in case.holdings.filter(until_at=None)}


def in_step(case):
    """The holdings are what the events tell."""
    assert retold_otherwise(MONDAY - timedelta(days=1)) == []
    return Case.objects.get(pk=case.pk)


def test_an_owner_who_steps_back_leaves_the_case_to_the_head(cast):
    case = make_case(cast, "HANDLING")

    found = recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    case = in_step(case)
    assert (case.owner, case.holder, case.status) == (cast.head, cast.station, Status.HANDLING)
    assert open_parts(case) == {(cast.head, Part.OWNER)}
    assert (found.staff, found.kind, found.reason, found.by) == (cast.clerk, BarKind.RECUSED, WHY, cast.clerk)
    assert told(case, NoticeKind.STEPPED_BACK) == [cast.head]
    assert not seen_by(cast.clerk, case)
    assert seen_by(cast.clerk2, case)


def test_the_reason_stands_in_a_sealed_note_and_nowhere_in_the_facts(cast):
    case = make_case(cast)

    recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    event = Event.objects.get(case=case, step=Step.RECUSE)
    assert event.note.text == WHY
    assert event.facts == {
        "out": [cast.clerk.pk],
        "owner": cast.head.pk,
        "unit": cast.station.pk,
        "from": cast.station.pk,
    }


def test_a_reader_who_steps_back_moves_nothing_but_her_own_sight(cast):
    case = make_case(cast, "HANDLING")

    recuse(case, reason=WHY, by=cast.clerk2, at=LATER)

    case = in_step(case)
    assert case.owner == cast.clerk
    assert not seen_by(cast.clerk2, case)
    assert told(case, NoticeKind.STEPPED_BACK) == []


def test_with_the_head_away_from_it_too_the_next_head_has_it(cast):
    second = cast.clerk2
    second.roles = [Role.STATION_HEAD]
    second.save()
    case = make_case(cast)
    bar_person(case, cast.head, kind=BarKind.RELATED, reason=WHY, by=cast.officer, at=LATER)

    recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    assert in_step(case).owner == second


def test_with_no_head_left_it_goes_up_to_the_county(cast):
    case = make_case(cast)
    bar_person(case, cast.head, kind=BarKind.RELATED, reason=WHY, by=cast.officer, at=LATER)

    recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    case = in_step(case)
    assert (case.owner, case.holder, case.level, case.reached) == (
        cast.officer,
        cast.county,
        "COUNTY",
        "COUNTY",
    )
    assert told(case, NoticeKind.STEPPED_BACK) == [cast.officer]


def test_a_head_who_is_away_is_passed_over_for_one_who_is_there(cast):
    cast.clerk2.roles = [Role.STATION_HEAD]
    cast.clerk2.save()
    cast.head.absent_from = cast.head.absent_until = LATER.date()
    cast.head.save()
    case = make_case(cast)

    recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    assert in_step(case).owner == cast.clerk2


def test_a_head_who_is_away_has_it_rather_than_a_higher_unit(cast):
    cast.head.absent_from = cast.head.absent_until = LATER.date()
    cast.head.save()
    case = make_case(cast)

    recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    assert in_step(case).owner == cast.head


def test_what_a_village_held_goes_to_the_station(cast):
    case = make_case(cast, unit=cast.village)

    recuse(case, reason=WHY, by=cast.village_liaison, at=LATER)

    case = in_step(case)
    assert (case.owner, case.holder, case.level) == (cast.head, cast.station, "TOWNSHIP")


def test_return_visits_of_a_closed_case_pass_on_as_well(cast):
    case = make_case(cast, "CLOSED")

    recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    case = in_step(case)
    assert (case.owner, case.status) == (cast.head, Status.CLOSED)
    assert open_parts(case) == set()


def test_a_part_besides_the_owners_ends(cast):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.clerk2, note="帮忙", by=cast.head, at=LATER)

    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER + MINUTE)

    case = in_step(case)
    assert open_parts(case) == {(cast.clerk, Part.OWNER)}
    assert not seen_by(cast.clerk2, case)


def test_a_named_reader_reads_no_more(cast):
    case = make_case(cast)
    CaseReader.objects.create(case=case, staff=cast.clerk2, by=cast.head, since_at=LATER)

    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER + MINUTE)

    reader = CaseReader.objects.get(case=case)
    assert (reader.until_at, reader.ended_by) == (LATER + MINUTE, cast.head)


def test_what_she_watched_over_passes_to_the_owner(cast):
    case = make_case(cast, "HANDLING")
    open_monitor(case, MonitorKind.AGREEMENT, keeper=cast.clerk2, by=cast.head, at=LATER)

    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER + MINUTE)

    monitor = Monitor.objects.get(case=case)
    assert (monitor.keeper, monitor.unit) == (cast.clerk, cast.station)
    assert cast.clerk in told(case, NoticeKind.MONITOR_NEW)
    assert told(case, NoticeKind.MONITOR_NEWS) == [cast.clerk]


def test_nobody_is_barred_twice(cast):
    case = make_case(cast)
    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER)

    with pytest.raises(StepNotAllowed, match="郭小满已经回避或被屏蔽"):
        bar_person(case, cast.clerk2, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)
    bar_unit(case, cast.police, kind=BarKind.ACCUSED, reason=WHY, by=cast.head, at=LATER)
    with pytest.raises(StepNotAllowed, match="鲁山县公安局已经回避或被屏蔽"):
        bar_unit(case, cast.police, kind=BarKind.ACCUSED, reason=WHY, by=cast.head, at=LATER)


def test_oneself_steps_back_and_is_not_barred(cast):
    with pytest.raises(StepNotAllowed, match="申请回避"):
        bar_person(make_case(cast), cast.head, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER)


def test_the_form_bars_a_person_or_a_unit(cast):
    case = make_case(cast)

    bars.bar(case, who=cast.clerk2, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER)
    bars.bar(case, who=cast.police, kind=BarKind.ACCUSED, reason=WHY, by=cast.head, at=LATER)

    assert [(row.staff, row.organisation) for row in case.bars.order_by("at", "pk")] == [
        (cast.clerk2, None),
        (None, cast.police),
    ]


# -- the last one who may decide ------------------------------------------------------------------


def alone(cast):
    """A county whose one leader alone may close red cases; nobody in the city."""
    for person in (cast.city_officer, cast.city_leader):
        person.is_active = False
        person.save()
    return make_case(cast, unit=cast.county, risk=Risk.RED)


def test_the_last_who_may_decide_is_not_barred(cast):
    case = alone(cast)

    with pytest.raises(NobodyLeft, match="请先报告平顶山市妇女联合会"):
        bar_person(case, cast.leader, kind=BarKind.BLOCKED, reason=WHY, by=cast.officer, at=LATER)

    assert not Bar.objects.exists()
    assert seen_by(cast.leader, case)


def test_the_last_who_may_decide_does_not_step_back_before_another_is_named(cast):
    case = alone(cast)

    with pytest.raises(NobodyLeft, match="由其指定负责人接办"):
        recuse(case, reason=WHY, by=cast.leader, at=LATER)


def test_one_who_could_not_decide_anyway_is_barred_where_nobody_can(cast):
    case = alone(cast)
    cast.leader.is_active = False
    cast.leader.save()

    bar_person(case, cast.archivist, kind=BarKind.BLOCKED, reason=WHY, by=cast.officer, at=LATER)

    assert not seen_by(cast.archivist, case)


def test_without_anybody_to_take_it_over_nobody_leaves_it(cast):
    for person in (cast.head, cast.officer, cast.leader, cast.city_officer, cast.city_leader):
        person.is_active = False
        person.save()
    case = make_case(cast, unit=cast.station)

    with pytest.raises(NobodyLeft):
        recuse(case, reason=WHY, by=cast.clerk, at=LATER)
    assert Case.objects.get(pk=case.pk).owner == cast.clerk


def test_where_no_unit_stands_above_the_sentence_says_so(cast):
    case = make_case(cast, unit=cast.city)
    cast.city_officer.is_active = False
    cast.city_officer.save()

    with pytest.raises(NobodyLeft, match="请先报告上级妇联"):
        bar_unit(case, cast.city, kind=BarKind.ACCUSED, reason=WHY, by=cast.city_leader, at=LATER)


# -- a unit ---------------------------------------------------------------------------------------


def test_a_station_that_is_complained_of_loses_the_case_to_the_county(cast):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.clerk2, note="帮忙", by=cast.head, at=LATER)

    bar_unit(case, cast.station, kind=BarKind.ACCUSED, reason=WHY, by=cast.officer, at=LATER + MINUTE)

    case = in_step(case)
    assert (case.owner, case.holder) == (cast.officer, cast.county)
    assert open_parts(case) == {(cast.officer, Part.OWNER)}
    assert [seen_by(person, case) for person in (cast.clerk, cast.clerk2, cast.head)] == [False] * 3
    # She who barred it and has it now is not told by a notice.
    assert told(case, NoticeKind.STEPPED_BACK) == []


@pytest.mark.parametrize("status", ["SENT", "SIGNED", "OBJECTED", "IN_PROGRESS", "ANSWERED", "RESULT"])
def test_what_a_department_has_already_is_taken_back(cast, status):
    referral = make_referral(cast, status)

    bar_unit(referral.case, cast.police, kind=BarKind.ACCUSED, reason=WHY, by=cast.officer, at=LATER)

    referral.refresh_from_db()
    case = in_step(referral.case)
    assert (referral.status, case.open_referrals) == (ReferralStatus.WITHDRAWN, 0)
    assert not referral.clocks.live().exists()
    assert cast.clerk in told(case, NoticeKind.REFERRAL_NEWS)
    assert type(referral).objects.visible_to(cast.liaison).count() == 0


def test_a_link_of_the_department_opens_nothing_more(cast):
    referral = make_referral(cast)
    token = referrals.make_link(referral, by=cast.clerk, at=LATER)
    bar_unit(referral.case, cast.police, kind=BarKind.ACCUSED, reason=WHY, by=cast.officer, at=LATER)
    # Even if its taking back were undone by hand.
    referral.links.update(revoked_at=None)
    type(referral).objects.update(status=ReferralStatus.SENT, ended_at=None)

    with pytest.raises(referrals.LinkNotUsable, match="已过期"):
        referrals.find_link(token, at=LATER)


def test_a_supervision_of_the_unit_ends(cast):
    referral = make_referral(cast, "SIGNED")
    supervision = supervised(cast, referral=referral)

    bar_unit(referral.case, cast.police, kind=BarKind.ACCUSED, reason=WHY, by=cast.officer, at=LATER)

    supervision.refresh_from_db()
    assert not supervision.is_open
    assert cast.liaison not in [notice.recipient for notice in supervision.notices.filter(at=LATER)]


def test_a_supervision_of_somebody_else_goes_on(cast):
    referral = make_referral(cast, "SIGNED")
    supervision = supervised(cast, referral=referral)

    bar_unit(referral.case, cast.court, kind=BarKind.ACCUSED, reason=WHY, by=cast.officer, at=LATER)

    supervision.refresh_from_db()
    assert supervision.is_open


def test_a_person_of_the_department_is_no_longer_named_on_its_referral(cast):
    referral = make_referral(cast, "IN_PROGRESS", liaison=cast.liaison)

    bar_person(referral.case, cast.liaison, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)
    bar_person(referral.case, cast.civil_liaison, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)

    referral.refresh_from_db()
    assert (referral.liaison, referral.handler) == (None, cast.handler)
    seen = type(referral).objects.visible_to
    assert [seen(person).count() for person in (cast.liaison, cast.handler)] == [0, 1]


def up(case, cast, unit):
    return escalation.escalate(
        case, to_unit=unit, reason=EscalationReason.CROSS_DEPT, tried="谈过三次", by=cast.head, at=LATER
    )


def test_what_waits_for_a_unit_that_is_complained_of_waits_for_the_next(cast):
    case = make_case(cast, "HANDLING")
    first = up(case, cast, cast.county)

    bar_unit(case, cast.county, kind=BarKind.ACCUSED, reason=WHY, by=cast.head, at=LATER + MINUTE)

    first.refresh_from_db()
    waiting = case.escalations.get(status=EscalationStatus.SUBMITTED)
    assert first.status == EscalationStatus.LAPSED
    assert (waiting.to_org, waiting.tried, waiting.from_org) == (cast.city, "谈过三次", cast.station)
    assert Case.objects.get(pk=case.pk).reached == "CITY"
    assert set(told(case, NoticeKind.ESCALATED)) >= {cast.city_officer, cast.city_leader}


def test_where_nobody_stands_above_it_waits_no_more(cast):
    case = make_case(cast, "HANDLING")
    first = up(case, cast, cast.city)

    bar_unit(case, cast.city, kind=BarKind.ACCUSED, reason=WHY, by=cast.head, at=LATER + MINUTE)

    first.refresh_from_db()
    assert first.status == EscalationStatus.LAPSED
    assert not case.escalations.filter(status=EscalationStatus.SUBMITTED).exists()
    assert not case.clocks.live().filter(code__startswith="IN-REVIEW").exists()


@pytest.mark.parametrize(
    ("asked", "status"), [("county", EscalationStatus.TAKEN_OVER), ("city", EscalationStatus.LAPSED)]
)
def test_a_case_that_goes_up_by_itself_has_been_answered(cast, asked, status):
    case = make_case(cast, "HANDLING")
    sent = up(case, cast, getattr(cast, asked))
    bar_person(case, cast.head, kind=BarKind.RELATED, reason=WHY, by=cast.officer, at=LATER)

    recuse(case, reason=WHY, by=cast.clerk, at=LATER)

    sent.refresh_from_db()
    assert (sent.status, Case.objects.get(pk=case.pk).holder) == (status, cast.county)
    assert not case.clocks.live().filter(code__startswith="IN-REVIEW").exists()


# -- getting nothing new --------------------------------------------------------------------------


@pytest.fixture
def barred_case(cast):
    case = make_case(cast, "HANDLING")
    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER)
    return case


def test_she_gets_no_part(cast, barred_case):
    with pytest.raises(CannotOwn, match="郭小满不能参与这件案件"):
        handling.assign_owner(barred_case, owner=cast.clerk2, by=cast.head, at=LATER)
    with pytest.raises(CannotOwn, match="郭小满不能参与这件案件"):
        handling.add_assistant(barred_case, assistant=cast.clerk2, note="", by=cast.head, at=LATER)
    with pytest.raises(StepNotAllowed, match="郭小满不能负责这件案件"):
        open_monitor(barred_case, MonitorKind.AGREEMENT, keeper=cast.clerk2, by=cast.head, at=LATER)


def test_she_gets_it_by_no_handing_over(cast, barred_case):
    other = make_case(cast, "HANDLING")

    done = hand_over_all(cast.clerk, cast.clerk2, by=cast.head, at=LATER, reason="调离")

    assert done.counts["owned"] == 1
    assert Case.objects.get(pk=other.pk).owner == cast.clerk2
    assert Case.objects.get(pk=barred_case.pk).owner == cast.clerk


def test_with_nothing_else_to_hand_over_she_is_no_receiver(cast, barred_case):
    with pytest.raises(StepNotAllowed, match="接收人须回避"):
        hand_over_all(cast.clerk, cast.clerk2, by=cast.head, at=LATER, reason="调离")


def test_a_unit_that_is_complained_of_is_sent_nothing(cast):
    case = make_case(cast, "HANDLING")
    for unit in (cast.police, cast.county):
        bar_unit(case, unit, kind=BarKind.ACCUSED, reason=WHY, by=cast.head, at=LATER)

    with pytest.raises(StepNotAllowed, match="鲁山县公安局须回避这件案件"):
        make_referral(cast, case=case)
    with pytest.raises(StepNotAllowed, match="鲁山县妇女联合会须回避这件案件"):
        up(case, cast, cast.county)
    assert not case.referrals.exists()
    assert up(case, cast, cast.city).skips_level is False


def test_a_liaison_who_may_not_know_is_not_named(cast):
    case = make_case(cast, "HANDLING")
    bar_person(case, cast.liaison, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)

    with pytest.raises(CannotOwn, match="孙联络"):
        make_referral(cast, case=case, liaison=cast.liaison)
    sent = make_referral(cast, "SIGNED", case=case)
    with pytest.raises(CannotOwn, match="孙联络"):
        referrals.start_work(sent, by=cast.handler, handler=cast.liaison, at=LATER)


def test_the_upper_level_takes_over_with_somebody_who_may_know(cast):
    case = make_case(cast, "HANDLING")
    bar_person(case, cast.officer, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)

    with pytest.raises(CannotOwn):
        escalation.take_over(case, owner=cast.officer, guidance="", by=cast.leader, at=LATER)


def test_a_closed_case_is_not_taken_up_by_her(cast):
    case = make_case(cast, "CLOSED")
    bar_person(case, cast.clerk2, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)

    with pytest.raises(CannotOwn):
        closure.reopen_case(
            case, ground="NEW_FACTS", reason="又来", owner=cast.clerk2, by=cast.head, at=LATER
        )


# -- letting back ---------------------------------------------------------------------------------


def test_a_bar_is_lifted_with_a_reason(cast, barred_case):
    found = barred_case.bars.get()

    lift_bar(barred_case, lifted=found, reason="核实后并非亲属", by=cast.head, at=LATER + MINUTE)

    found.refresh_from_db()
    assert (found.lifted_by, found.lifted_at, found.lifted_because) == (
        cast.head,
        LATER + MINUTE,
        "核实后并非亲属",
    )
    assert seen_by(cast.clerk2, barred_case)
    event = Event.objects.get(case=barred_case, step=Step.LIFT_BAR)
    assert (event.facts, event.note.text) == ({"bar": str(found.pk)}, "核实后并非亲属")


def test_a_bar_is_lifted_once(cast, barred_case):
    found = barred_case.bars.get()
    lift_bar(barred_case, lifted=found, reason="核实", by=cast.head, at=LATER)

    with pytest.raises(StepNotAllowed, match="已经解除"):
        lift_bar(barred_case, lifted=found, reason="核实", by=cast.officer, at=LATER)


@pytest.mark.parametrize(
    ("who", "kind", "by", "refused"),
    [
        ("clerk2", BarKind.BLOCKED, "head", ""),
        ("clerk2", BarKind.BLOCKED, "clerk2", "本人"),
        ("police", BarKind.BLOCKED, "head", ""),
        ("police", BarKind.ACCUSED, "head", "县级以上妇联"),
        ("police", BarKind.ACCUSED, "officer", ""),
        ("police", BarKind.ACCUSED, "liaison", "本单位"),
        ("county", BarKind.ACCUSED, "officer", "本单位"),
        ("county", BarKind.ACCUSED, "city_officer", ""),
    ],
)
def test_who_lifts_a_bar(cast, who, kind, by, refused):
    case = make_case(cast)
    person_or_unit = getattr(cast, who)
    found = bars.bar(case, who=person_or_unit, kind=kind, reason=WHY, by=cast.leader, at=LATER)

    if not refused:
        lift_bar(case, lifted=found, reason="核实", by=getattr(cast, by), at=LATER)
        return
    with pytest.raises(StepNotAllowed, match=refused):
        lift_bar(case, lifted=found, reason="核实", by=getattr(cast, by), at=LATER)


# -- folding together -----------------------------------------------------------------------------


def test_whoever_may_not_know_one_of_two_merged_cases_may_not_know_the_other(cast):
    case, into = make_case(cast, "HANDLING"), make_case(cast, "HANDLING")
    bar_person(case, cast.clerk2, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)
    bar_unit(into, cast.police, kind=BarKind.ACCUSED, reason=WHY, by=cast.head, at=LATER)
    for one in (case, into):
        bar_person(one, cast.archivist, kind=BarKind.BLOCKED, reason=WHY, by=cast.head, at=LATER)

    handling.merge_case(case, into=into, reason="同一件", by=cast.head, at=LATER + MINUTE)

    def kept_away(one):
        return {row.staff or row.organisation for row in one.bars.live()}

    assert kept_away(case) == kept_away(into) == {cast.clerk2, cast.police, cast.archivist}


def test_the_owner_of_the_main_case_may_be_the_one_who_must_not_know(cast):
    case, into = make_case(cast, "HANDLING"), make_case(cast, "HANDLING")
    handling.assign_owner(case, owner=cast.clerk2, by=cast.head, at=LATER)
    bar_person(case, cast.clerk, kind=BarKind.RELATED, reason=WHY, by=cast.head, at=LATER)

    share_bars(case, into, by=cast.head, at=LATER + MINUTE)

    assert Case.objects.get(pk=into.pk).owner == cast.head
