"""Acting for a petitioner (信访代理): asked for, signed or refused, handed in, answered, told, ended, revoked."""

from datetime import date
from decimal import Decimal

import pytest

from cases.actions import closure
from cases.actions.guarding.bars import bar_unit
from cases.actions.monitors import agency
from cases.actions.monitors.monitor import change_keeper, finish
from cases.choices import (
    AgencyMode,
    AgencyRefusal,
    AgencySide,
    BarKind,
    ClockStatus,
    ConsentWay,
    DangerLevel,
    DisclosureKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    NoticeKind,
    Outcome,
    Satisfaction,
    Span,
    Status,
)
from cases.models import Case, Disclosure, Monitor, Notice
from cases.models.case import MovedOn
from cases.permissions import monitor_steps_open_to, why_not_monitor
from cases.statistics.figures.periods import Period
from cases.statistics.figures.reading import read
from cases.statistics.figures.rollup import refresh
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from tests.cases.acting import (
    answered,
    applied,
    at_body,
    decided,
    heard,
    reviewed,
    signed,
)
from tests.cases.watching import DAY, LATER, ended, fresh, on, running
from tests.cast import MONDAY
from tests.factories import make_case

TUESDAY, WEDNESDAY = on(2026, 11, 17), on(2026, 11, 18)


def test_to_be_decided_on_within_three_working_days(cast):
    found = applied(cast)

    assert running(found) == {"IN-AG-REVIEW": date(2026, 11, 19)}
    assert (found.stage, found.keeper, found.number) == (MonitorStage.APPLIED, cast.clerk, "")
    assert found.agency.matter == "请公安说明为什么不立案"
    assert Notice.objects.get(kind=NoticeKind.TO_APPROVE).recipient == cast.head
    assert found.case.events.latest("seq").facts["kind"] == "AGENCY"


def test_the_head_who_takes_it_down_herself_hears_nothing(cast):
    applied(cast, by=cast.head)

    assert not Notice.objects.filter(kind=NoticeKind.TO_APPROVE).exists()


def test_one_at_a_time(cast):
    found = applied(cast)
    with pytest.raises(StepNotAllowed, match="已经建立"):
        applied(cast, found.case)
    told = {"side": AgencySide.PRINCIPAL, "reason": "不想办了", "returned": "无"}
    agency.revoke_agency(found, **told, by=cast.clerk, at=LATER)

    assert applied(cast, found.case).is_open


def test_none_on_a_case_that_is_over_and_none_before_the_law(cast):
    with pytest.raises(StepNotAllowed, match="已经办结"):
        applied(cast, make_case(cast, "CLOSED"))
    with pytest.raises(StepNotAllowed, match="没有施行"):
        applied(cast, applied_on=date(2022, 4, 30))
    for day in (date(2026, 11, 15), date(2026, 11, 17)):
        with pytest.raises(StepNotAllowed, match="收到信访之后"):
            applied(cast, applied_on=day)
    assert not Monitor.objects.exists()


def test_high_danger_forbids_nothing(cast):
    case = make_case(cast, "HANDLING")
    Case.objects.filter(pk=case.pk).update(danger=DangerLevel.HIGH)

    assert applied(cast, Case.objects.get(pk=case.pk)).is_open


def test_signed_it_takes_the_next_number_of_the_unit_and_runs_for_its_term(cast):
    first = signed(cast)
    second = signed(cast)

    assert (first.number, second.number) == ("下妇访代〔2026〕1号", "下妇访代〔2026〕2号")
    assert (first.stage, first.valid_until) == (MonitorStage.SIGNED, date(2027, 1, 31))
    assert running(first) == {"IN-AG-TERM": date(2027, 1, 31)}
    assert first.due_at == first.clocks.get(code="IN-AG-TERM").effective_due
    assert ended(first) == {"IN-AG-REVIEW": ClockStatus.MET}
    assert (first.agency.mode, first.agency.papers) == (AgencyMode.ACCOMPANY, "报警回执复印件一份")
    facts = first.case.events.latest("seq").facts
    assert facts == {
        "kind": "AGENCY",
        "number": first.number,
        "mode": "ACCOMPANY",
        "until": "2027-01-31",
    }


@pytest.mark.parametrize(
    ("signed_on", "term_on", "said"),
    [
        (date(2026, 11, 15), date(2027, 1, 31), "委托日期"),
        (date(2026, 11, 18), date(2027, 1, 31), "委托日期"),
        (date(2026, 11, 17), date(2026, 11, 16), "代理期限"),
    ],
)
def test_the_days_of_an_authority_stand_in_order(cast, signed_on, term_on, said):
    found = applied(cast)
    with pytest.raises(StepNotAllowed, match=said):
        signed(cast, found, signed_on=signed_on, term_on=term_on, at=TUESDAY)

    assert fresh(found).stage == MonitorStage.APPLIED


def test_refused_with_a_reason(cast):
    found = applied(cast)
    agency.refuse_agency(found, reason=AgencyRefusal.TERMINATED, words="已复核终结", by=cast.head, at=TUESDAY)
    found = fresh(found)

    assert (found.stage, found.outcome, found.conclusion) == ("ENDED", "REFUSED", "已复核终结")
    assert (found.agency.refusal, found.agency.ended_on) == ("TERMINATED", date(2026, 11, 17))
    assert ended(found) == {"IN-AG-REVIEW": ClockStatus.MET}


def test_the_head_alone_signs_refuses_and_strikes_out(cast):
    found = applied(cast)

    assert set(monitor_steps_open_to(cast.clerk, found)) == {
        MonitorStep.REVOKE,
        MonitorStep.KEEPER,
        MonitorStep.NOTE,
    }
    for step in (MonitorStep.SIGN, MonitorStep.REFUSE, MonitorStep.END):
        assert "站长" in why_not_monitor(cast.clerk, step, found)
        assert why_not_monitor(cast.head, step, found) == ""
        assert "负责单位" in why_not_monitor(cast.other_head, step, found)
    assert "角色" in why_not_monitor(cast.volunteer, MonitorStep.NOTE, found)


def test_信访23_the_body_has_fifteen_days_to_say_whether_it_takes_it_up(cast):
    found = at_body(cast)

    assert running(found) == {"IN-AG-TERM": date(2027, 1, 31), "XF-NOTICE-P": date(2026, 12, 2)}
    assert (found.stage, found.agency.body_told) == (MonitorStage.SUBMITTED, "鲁山县公安局")
    sent = Disclosure.objects.get(kind=DisclosureKind.PAPER)
    assert (sent.organisation, sent.consent.way) == (cast.police, ConsentWay.WRITTEN)
    assert sorted(sent.fields) == ["DEMAND", "FACTS", "NAME"]
    assert found.entries.get(step=MonitorStep.SUBMIT).content == "提交鲁山县公安局：申请书一份"


def test_a_body_that_is_on_no_list_is_told_by_its_name(cast):
    found = at_body(cast, body=None, body_name="下汤镇人民政府")

    sent = Disclosure.objects.get(kind=DisclosureKind.PAPER)
    assert (sent.organisation, sent.recipient, sent.consent) == (None, "下汤镇人民政府", None)
    assert found.agency.body_told == "下汤镇人民政府"


def test_one_body_is_named_and_none_that_is_kept_away(cast):
    found = signed(cast)
    for told in ({"body": None}, {"body_name": "也是它"}):
        with pytest.raises(StepNotAllowed, match="只填一项"):
            at_body(cast, found, **told)
    bar_unit(
        found.case,
        cast.police,
        kind=BarKind.ACCUSED,
        reason="被反映人在该局工作",
        by=cast.head,
        at=LATER,
    )
    with pytest.raises(StepNotAllowed, match="回避"):
        at_body(cast, found)

    assert fresh(found).stage == MonitorStage.SIGNED
    assert not Disclosure.objects.exists()


def test_nothing_is_handed_in_outside_the_term(cast):
    found = signed(cast, term_on=date(2026, 11, 16))
    with pytest.raises(StepNotAllowed, match="签订委托书之后"):
        at_body(cast, found, submitted_on=date(2026, 11, 15))
    with pytest.raises(StepNotAllowed, match="超过委托书的期限"):
        at_body(cast, found)
    with pytest.raises(StepNotAllowed, match="晚于原来"):
        agency.extend_agency(found, term_on=date(2026, 11, 16), words="她同意", by=cast.clerk, at=TUESDAY)
    agency.extend_agency(found, term_on=date(2026, 12, 31), words="她同意", by=cast.clerk, at=TUESDAY)
    found = fresh(found)

    assert running(found) == {"IN-AG-TERM": date(2026, 12, 31)}
    assert at_body(cast, found).stage == MonitorStage.SUBMITTED


def test_信访34_taken_up_it_has_sixty_days_and_she_is_told_within_three(cast):
    found = answered(cast)

    assert running(found) == {
        "IN-AG-TERM": date(2027, 1, 31),
        "IN-AG-TELL": date(2026, 11, 23),
        "XF-DECIDE-P": date(2027, 1, 18),  # the 17th is a Sunday
    }
    assert ended(found)["XF-NOTICE-P"] == ClockStatus.MET
    assert found.stage == MonitorStage.RECEIVED


def test_what_came_in_time_and_was_entered_late_was_in_time(cast):
    found = answered(cast, at=on(2026, 12, 10))

    clock = found.clocks.get(code="XF-NOTICE-P")
    assert (clock.ended_at, clock.was_late) == (on(2026, 11, 18, 0), False)
    assert found.entries.get(step=MonitorStep.NOTICE).at == on(2026, 12, 10)


def test_not_taken_up_it_owes_no_decision(cast):
    found = answered(cast, taken_up=False)

    assert set(running(found)) == {"IN-AG-TERM", "IN-AG-TELL"}


def test_what_came_did_not_come_before_it_was_asked_for(cast):
    found = at_body(cast)
    for day in (date(2026, 11, 16), date(2026, 11, 19)):
        with pytest.raises(StepNotAllowed, match="收到日期"):
            answered(cast, found, received_on=day)


def test_信访35_a_decision_gives_thirty_days_to_ask_for_review(cast):
    found = decided(cast)

    assert running(found) == {
        "IN-AG-TERM": date(2027, 1, 31),
        "IN-AG-TELL": date(2026, 11, 23),
        "XF-ASK-REVIEW": date(2026, 12, 18),
    }
    assert found.agency.opinion_number == "鲁公信复〔2026〕5号"


def test_a_second_answer_does_not_give_more_time_to_tell_her(cast):
    found = decided(cast, answered(cast), received_on=date(2026, 11, 20), at=on(2026, 11, 20))

    assert running(found)["IN-AG-TELL"] == date(2026, 11, 23)
    assert "XF-DECIDE-P" not in running(found)


def test_told_she_may_go_on_and_the_plan_reminds_ten_days_ahead(cast):
    found = heard(cast)

    assert (found.stage, found.agency.told_on) == (MonitorStage.TOLD, date(2026, 11, 18))
    assert "IN-AG-TELL" not in running(found)
    assert found.entries.get(step=MonitorStep.TELL).content == "她不服"
    right = found.clocks.get(code="XF-ASK-REVIEW")
    assert right.next_notice_at.date() == date(2026, 12, 8)
    assert right.rule.plan.lapses


def test_she_was_not_told_before_it_came(cast):
    found = decided(cast)
    with pytest.raises(StepNotAllowed, match="反馈日期"):
        heard(cast, found, told_on=date(2026, 11, 17))


@pytest.mark.parametrize(("recheck", "code"), [(False, "XF-REVIEW-P"), (True, "XF-RECHECK-P")])
def test_信访35_36_review_is_watched_and_its_opinion_begins_anew(cast, recheck, code):
    found = reviewed(cast, recheck=recheck)

    assert found.stage == MonitorStage.REVIEWING
    assert running(found)[code] == date(2026, 12, 18)
    assert ended(found)["XF-ASK-REVIEW"] == ClockStatus.MET
    again = decided(cast, found)
    assert (again.stage, again.agency.told_on) == (MonitorStage.RECEIVED, None)
    assert code not in running(again)
    assert running(again)["XF-ASK-REVIEW"] == date(2026, 12, 18)


def test_no_review_of_what_was_not_decided_nor_after_the_term(cast):
    with pytest.raises(StepNotAllowed, match="还没有收到处理意见"):
        reviewed(cast, heard(cast, answered(cast)))
    with pytest.raises(StepNotAllowed, match="申请日期"):
        reviewed(cast, asked_on=date(2026, 11, 17))
    short = heard(cast, decided(cast, at_body(cast, signed(cast, term_on=date(2026, 11, 18)))))
    with pytest.raises(StepNotAllowed, match="超过委托书的期限"):
        reviewed(cast, short, asked_on=date(2026, 11, 19), at=WEDNESDAY + DAY)


def test_handed_in_elsewhere_it_begins_anew(cast):
    found = heard(cast, answered(cast, taken_up=False))
    found = at_body(cast, found, body=cast.civil, submitted_on=date(2026, 11, 18), at=WEDNESDAY)

    assert found.agency.body == cast.civil
    assert (found.agency.noticed_on, found.agency.taken_up, found.agency.told_on) == (None, None, None)
    assert running(found)["XF-NOTICE-P"] == date(2026, 12, 3)
    assert [one.step for one in found.entries.order_by("happened_at", "pk")].count("MO_SUBMIT") == 2


def test_ended_with_its_result_and_what_it_cost_the_station(cast):
    found = heard(cast)
    told = {"words": "公安已立案", "satisfaction": Satisfaction.SATISFIED, "by": cast.clerk, "at": WEDNESDAY}
    with pytest.raises(StepNotAllowed, match="结果"):
        agency.finish_agency(found, outcome=MonitorOutcome.DONE, **told)
    agency.finish_agency(found, outcome=MonitorOutcome.SUPPORTED, cost=Decimal("35.50"), **told)
    found = fresh(found)

    assert (found.stage, found.outcome) == (MonitorStage.ENDED, MonitorOutcome.SUPPORTED)
    assert (found.agency.cost, found.agency.satisfaction) == (Decimal("35.50"), "SATISFIED")
    assert running(found) == {}
    assert (ended(found)["IN-AG-TERM"], ended(found)["XF-ASK-REVIEW"]) == ("MET", "CANCELLED")
    assert found.case.events.latest("seq").facts == {"kind": "AGENCY", "outcome": "SUPPORTED"}


@pytest.mark.parametrize("bring", [applied, signed, at_body, answered, heard, reviewed])
def test_either_side_ends_it_from_anywhere(cast, bring):
    found = bring(cast)
    told = {"side": AgencySide.PRINCIPAL, "reason": "自己去办", "returned": "报警回执一份，交还本人"}
    agency.revoke_agency(found, **told, by=cast.clerk, at=WEDNESDAY)
    found = fresh(found)

    assert (found.stage, found.outcome, running(found)) == ("ENDED", "CALLED_OFF", {})
    assert (found.agency.revoked_by, found.agency.returned) == ("PRINCIPAL", told["returned"])


def test_of_two_the_second_is_told(cast):
    found = applied(cast)
    other = fresh(found)
    signed(cast, found)
    with pytest.raises(MovedOn):
        signed(cast, other)

    assert fresh(found).number == "下妇访代〔2026〕1号"


def test_it_outlives_the_closing_of_its_case(cast):
    found = at_body(cast)
    case = found.case
    told = {"outcome": Outcome.SUPPORTED, "settled_level": AdminLevel.TOWNSHIP, "solution": "已立案"}
    closure.propose_close(case, **told, petitioner_told_on=MONDAY.date(), by=cast.clerk, at=WEDNESDAY)
    closure.close_case(case, opinion="同意", by=cast.head, at=WEDNESDAY)
    assert Case.objects.get(pk=case.pk).status == Status.CLOSED

    assert "XF-NOTICE-P" in running(found)
    assert answered(cast, fresh(found)).stage == MonitorStage.RECEIVED


def test_another_agent_and_one_struck_out(cast):
    found = signed(cast)
    change_keeper(found, keeper=cast.clerk2, by=cast.head, at=TUESDAY)
    finish(found, outcome=MonitorOutcome.MISTAKE, conclusion="建错了案", by=cast.head, at=TUESDAY)

    assert (fresh(found).keeper, fresh(found).outcome) == (cast.clerk2, MonitorOutcome.MISTAKE)
    assert signed(cast).number == "下妇访代〔2026〕2号"  # a number is not given out again


def test_figures_count_what_was_signed_and_how_it_ended(cast):
    signed(cast)
    applied(cast)
    for outcome in (MonitorOutcome.SUPPORTED, MonitorOutcome.PARTLY):
        told = {"words": "已答复", "satisfaction": Satisfaction.NOT_RATED, "by": cast.clerk, "at": WEDNESDAY}
        agency.finish_agency(heard(cast), outcome=outcome, **told)
    december = on(2026, 12, 2)
    refresh(december)

    found = read(["410423101"], Period.of(Span.MONTH, 2026, 11), december)["410423101"]

    assert found.sum("STEP", ("MO_SIGN",)) == 3
    assert (found.sum("AGENCY_ENDED"), found.sum("AGENCY_SUPPORTED")) == (2, 1)
    assert found.sum("MONITOR", ("AGENCY",)) == 4
