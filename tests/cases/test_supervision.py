"""A supervision from the draft to the end: papers, numbers, clocks, who hears of it, and the rungs of the ladder."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from cases.actions import closure, handling
from cases.actions import supervision as verbs
from cases.choices import (
    Adoption,
    CheckWay,
    ClockStatus,
    DeliveryWay,
    NoticeKind,
    Outcome,
    PaperKind,
    RefuseReason,
    Status,
    SupervisionMode,
    SupervisionStep,
    SupervisionTrigger,
)
from cases.documents import INTERNAL_BASIS
from cases.models import Case, MovedOn, Supervision, SupervisionPaper, SupervisionReply
from cases.workflow import StepNotAllowed
from stations.models import Staff
from stations.roles import Role
from tests.cases.supervising import (
    ANSWERED,
    DEMANDED,
    EVIDENCE,
    LATER,
    PROBLEM,
    answer,
    begin,
    fresh,
    next_paper,
    supervised,
    supervised_station,
    walk,
)
from tests.cast import CHINA, MONDAY
from tests.factories import make_case, make_referral

DAY = timedelta(days=1)


def told(found, kind):
    notices = found.notices.filter(kind=kind).order_by("id").select_related("recipient")
    return [notice.recipient for notice in notices]


def live(found):
    return list(found.clocks.live().values_list("code", flat=True))


def steps(case):
    return [step for step in case.events.order_by("seq").values_list("step", flat=True) if "SV_" in step]


# Drafting.


def test_a_draft_waits_for_the_leader_and_nobody_else_hears_of_it(cast):
    sent = make_referral(cast, "SIGNED")

    found = begin(cast, sent, mode=SupervisionMode.INTERVIEW, term_on=date(2026, 12, 1))

    paper = found.draft()
    assert (found.status, found.target, found.from_org) == ("DRAFTED", cast.police, cast.county)
    assert (found.trigger, found.due_at, found.listed) == (SupervisionTrigger.OVERDUE, None, False)
    assert (paper.facts, paper.demand, paper.mode) == (PROBLEM, DEMANDED, SupervisionMode.INTERVIEW)
    assert (paper.number, paper.signed_at, paper.term_on) == (None, None, date(2026, 12, 1))
    assert "第七十三条第一款" in paper.basis
    assert told(found, NoticeKind.TO_SIGN) == [cast.leader]
    assert not found.clocks.exists()
    event = sent.case.events.latest("seq")
    assert event.step == SupervisionStep.DRAFT
    assert event.facts == {
        "supervision": str(found.pk),
        "kind": "NOTICE",
        "target": cast.police.pk,
        "trigger": "OVERDUE",
    }


def test_a_leader_alone_gets_her_own_draft_to_sign(cast):
    found = begin(cast, make_referral(cast, "SIGNED"), by=cast.leader)

    assert told(found, NoticeKind.TO_SIGN) == [cast.leader]


def test_a_department_is_supervised_over_its_own_referral_only(cast):
    sent = make_referral(cast, "SIGNED")
    other = make_referral(cast, "SENT", department=cast.civil)
    sentence = "督办部门须针对转给它的一件事项。请从那次转交的页面发起。"

    for wrong in (None, other):
        with pytest.raises(StepNotAllowed, match=sentence):
            begin(cast, wrong, target=cast.police, case=sent.case)
    with pytest.raises(StepNotAllowed, match=sentence):
        begin(cast, other, case=sent.case)
    assert not Supervision.objects.exists()


def test_a_unit_of_ours_is_supervised_over_the_case_it_holds(cast):
    case = make_case(cast, "ACCEPTED")
    sentence = "只能督办正在承办这件案件的下级单位。"
    sent = make_referral(cast, "SENT", case=case)

    found = begin(cast, case=case)

    assert (found.target, found.referral) == (cast.station, None)
    assert found.draft().basis == INTERNAL_BASIS
    with pytest.raises(StepNotAllowed, match=sentence):
        begin(cast, case=case, target=cast.other_station)
    with pytest.raises(StepNotAllowed, match=sentence):
        begin(cast, sent, target=cast.station)


def test_nobody_supervises_her_own_unit(cast):
    case = make_case(cast, "ACCEPTED", unit=cast.county)

    with pytest.raises(StepNotAllowed, match="下级单位"):
        begin(cast, case=case, target=cast.county)


def test_for_a_village_the_station_of_its_township_answers(cast):
    case = make_case(cast, unit=cast.village)

    assert verbs.own_targets(case) == [cast.station]
    found = begin(cast, case=case)

    walk(cast, found, "ISSUED")
    assert told(found, NoticeKind.SUPERVISED) == [cast.head]


@pytest.mark.parametrize("status", ["PENDING_CLOSE", "CLOSED", "VOID"])
def test_what_is_about_to_end_is_not_supervised(cast, status):
    case = make_case(cast, status)

    with pytest.raises(StepNotAllowed, match=f"案件现在是“{Status(status).label}”，不再督办"):
        begin(cast, case=case)
    assert not Supervision.objects.exists()


def test_one_supervision_a_referral_and_one_a_unit(cast):
    sent = make_referral(cast, "SIGNED")
    first = begin(cast, sent)

    with pytest.raises(StepNotAllowed, match="已有一项督办在办"):
        begin(cast, sent)
    begin(cast, case=sent.case)
    with pytest.raises(StepNotAllowed, match="已有一项督办在办"):
        begin(cast, case=sent.case)

    verbs.withdraw(first, reason="写错了", by=cast.officer, at=LATER)
    assert begin(cast, sent).pk != first.pk


def test_a_term_lies_ahead(cast):
    with pytest.raises(StepNotAllowed, match="回复期限须在今天之后"):
        begin(cast, make_referral(cast, "SIGNED"), term_on=MONDAY.date())


# Signing.


def test_signing_numbers_the_paper_and_starts_ten_working_days(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))

    paper = verbs.sign_off(found, opinion="同意", by=cast.leader, at=LATER)

    assert paper.number == "鲁妇访督〔2026〕1号"
    assert (paper.signed_by, paper.signed_at, paper.opinion) == (cast.leader, LATER, "同意")
    assert paper.term_on == date(2026, 11, 30)
    found = fresh(found)
    assert (found.status, found.stage) == ("ISSUED", "NOTICE")
    assert live(found) == ["SV-REPLY"]
    assert found.due_at == found.clocks.get().effective_due == datetime(2026, 12, 1, tzinfo=CHINA)
    assert told(found, NoticeKind.SUPERVISED) == [cast.liaison, cast.partner_leader]
    assert told(found, NoticeKind.SUPERVISION_NEWS) == [cast.officer]
    event = found.case.events.latest("seq")
    assert event.facts == {"supervision": str(found.pk), "number": paper.number, "kind": "NOTICE"}
    assert not hasattr(event, "note")


def test_a_term_of_her_own_becomes_the_clock(cast):
    found = begin(cast, make_referral(cast, "SIGNED"), term_on=date(2026, 11, 20))

    verbs.sign_off(found, by=cast.leader, at=LATER)

    clock = fresh(found).clocks.get()
    assert (clock.code, clock.last_day, clock.amount) == ("SV-REPLY", date(2026, 11, 20), 4)


def test_a_term_that_has_passed_while_the_draft_lay_is_set_anew(cast):
    found = begin(cast, make_referral(cast, "SIGNED"), term_on=date(2026, 11, 20))

    with pytest.raises(StepNotAllowed, match="文书上的回复期限已经过了"):
        verbs.sign_off(found, by=cast.leader, at=LATER + 4 * DAY)
    assert fresh(found).status == "DRAFTED"


def test_the_only_leader_who_wrote_it_signs_it_and_that_is_written_down(cast):
    found = begin(cast, make_referral(cast, "SIGNED"), by=cast.leader)

    verbs.sign_off(found, by=cast.leader, at=LATER)

    event = found.case.events.latest("seq")
    assert event.facts["only_leader"] is True
    assert event.note.text == "本单位只有一位分管领导，由其拟稿并签发。"
    assert told(found, NoticeKind.SUPERVISION_NEWS) == []


def test_numbers_of_a_kind_count_by_themselves(cast):
    found = supervised(cast, "UNSOUND")
    second = supervised(cast, "ISSUED", referral=make_referral(cast, "SIGNED"))

    verbs.draft_next(found, next_paper(PaperKind.OPINION), by=cast.officer, at=LATER + DAY)
    opinion = verbs.sign_off(found, by=cast.leader, at=LATER + DAY)

    assert second.latest_demand().number == "鲁妇访督〔2026〕2号"
    assert opinion.number == "鲁妇访督促〔2026〕1号"
    assert fresh(found).latest_demand() == opinion


def test_returning_the_first_draft_leaves_it_to_be_written_anew(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))

    verbs.return_draft(found, reason="写明逾期天数", by=cast.leader, at=LATER)

    assert (fresh(found).status, found.draft()) == ("DRAFTED", None)
    paper = found.papers.get()
    assert (paper.opinion, paper.returned_at, paper.number) == ("写明逾期天数", LATER, None)
    assert told(found, NoticeKind.SENT_BACK) == [cast.officer]
    with pytest.raises(MovedOn, match="草稿刚刚已由他人处理"):
        verbs.sign_off(found, by=cast.leader, at=LATER)
    with pytest.raises(MovedOn, match="草稿刚刚已由他人处理"):
        verbs.return_draft(found, reason="", by=cast.leader, at=LATER)

    verbs.draft_next(found, next_paper(PaperKind.NOTICE), by=cast.officer, at=LATER)
    verbs.sign_off(found, by=cast.leader, at=LATER)
    assert fresh(found).status == "ISSUED"


def test_one_draft_at_a_time(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))

    with pytest.raises(StepNotAllowed, match="已有一份草稿待签发"):
        verbs.draft_next(found, next_paper(PaperKind.NOTICE), by=cast.officer, at=LATER)


# The target.


def test_the_target_signs_for_it_and_answers(cast):
    found = supervised(cast, "ISSUED")

    verbs.acknowledge(found, by=cast.liaison, at=LATER + DAY)

    paper = found.latest_demand()
    assert fresh(found).status == "ACKNOWLEDGED"
    assert (paper.received_by, paper.received_at, paper.received_name) == (cast.liaison, LATER + DAY, "")
    assert live(found) == ["SV-REPLY"]

    reply = answer(found, by=cast.partner_leader, at=LATER + 2 * DAY)

    found = fresh(found)
    assert found.status == "REPLIED"
    assert (reply.paper, reply.measures, reply.adoption) == (paper, ANSWERED, "ADOPTED")
    assert found.latest_demand().received_at == LATER + DAY  # not written over
    assert found.clocks.get(code="SV-REPLY").status == ClockStatus.MET
    assert live(found) == ["SV-CHECK"]
    assert found.due_at == found.clocks.get(code="SV-CHECK").effective_due
    assert found.clocks.get(code="SV-CHECK").last_day == date(2026, 11, 25)
    assert told(found, NoticeKind.SUPERVISION_NEWS)[1:] == [cast.officer, cast.leader] * 2


def test_answering_without_signing_is_receiving(cast):
    found = supervised(cast, "ISSUED")

    answer(found, by=cast.liaison, at=LATER + DAY)

    assert found.latest_demand().received_at == LATER + DAY


@pytest.mark.parametrize("adoption", [Adoption.PARTLY, Adoption.NOT_ADOPTED])
def test_not_adopting_needs_a_reason(cast, adoption):
    found = supervised(cast, "ISSUED")

    with pytest.raises(StepNotAllowed, match="请写明理由"):
        answer(found, by=cast.liaison, at=LATER, adoption=adoption)
    reply = answer(found, by=cast.liaison, at=LATER, adoption=adoption, why_not="不属我局管辖")
    assert reply.why_not == "不属我局管辖"


def test_a_paper_receipt_and_answer_are_keyed_in_as_such(cast):
    found = supervised(cast, "ISSUED")
    keyed = {"name": "办公室盖章", "received_on": date(2026, 11, 17), "by": cast.officer}

    verbs.acknowledge(found, **keyed, at=LATER + DAY)
    receipt = found.case.events.latest("seq")
    reply = answer(found, **keyed, at=LATER + DAY)

    assert receipt.facts["keyed_in"] is True
    assert receipt.facts["received_on"] == "2026-11-17"
    assert found.latest_demand().received_name == "办公室盖章"
    assert (reply.answered_by_name, reply.by) == ("办公室盖章", cast.officer)
    assert found.case.events.latest("seq").facts["keyed_in"] is True


def test_a_draft_does_not_hold_up_the_answer(cast):
    found = supervised(cast, "ISSUED", term_on=date(2026, 11, 18))
    late = LATER + 3 * DAY
    verbs.draft_next(found, next_paper(PaperKind.SECOND_NOTICE), by=cast.officer, at=late)

    answer(found, by=cast.liaison, at=late)

    with pytest.raises(StepNotAllowed, match="已回复，待核查"):
        verbs.sign_off(fresh(found), by=cast.leader, at=late)
    verbs.return_draft(fresh(found), reason="已回复", by=cast.leader, at=late)
    verbs.close(
        fresh(found), way=CheckWay.PHONE, evidence=EVIDENCE, conclusion="属实", by=cast.officer, at=late
    )
    assert fresh(found).status == "CLOSED"


# Checking.


def test_a_sound_check_closes_it(cast):
    found = supervised(cast, "REPLIED")

    verbs.close(
        found, way=CheckWay.ONSITE, evidence=EVIDENCE, conclusion="属实", by=cast.officer, at=LATER + DAY
    )

    found = fresh(found)
    assert (found.status, found.conclusion, found.due_at) == ("CLOSED", "属实", None)
    assert (found.ended_at, found.ended_by) == (LATER + DAY, cast.officer)
    reply = SupervisionReply.objects.get()
    assert (reply.sound, reply.check_way, reply.evidence) == (True, "ONSITE", EVIDENCE)
    assert (reply.checked_by, reply.checked_at) == (cast.officer, LATER + DAY)
    assert found.clocks.get(code="SV-CHECK").status == ClockStatus.MET
    assert live(found) == []
    news = told(found, NoticeKind.SUPERVISION_NEWS)[-3:]
    assert news == [cast.leader, cast.liaison, cast.partner_leader]  # not herself
    assert found.case.events.latest("seq").note.text == "属实"
    assert steps(found.case) == ["SV_DRAFT", "SV_SIGN_OFF", "SV_ACKNOWLEDGE", "SV_REPLY", "SV_CLOSE"]


def test_an_unsound_check_leaves_the_next_step_to_us(cast):
    found = supervised(cast, "REPLIED")

    verbs.reject(found, way=CheckWay.PETITIONER, evidence=EVIDENCE, by=cast.officer, at=LATER + DAY)

    found = fresh(found)
    assert (found.status, found.due_at, live(found)) == ("UNSOUND", None, [])
    assert SupervisionReply.objects.get().sound is False
    assert told(found, NoticeKind.SUPERVISION_NEWS)[-2:] == [cast.liaison, cast.partner_leader]


# The ladder.


def climb(cast, found, kind, *, at, **said):
    verbs.draft_next(found, next_paper(kind, **said), by=cast.officer, at=at)
    paper = verbs.sign_off(found, by=cast.leader, at=at)
    return fresh(found), paper


def test_the_whole_ladder_with_its_terms(cast):
    """Ten, five and fifteen working days; each clock gives way to the next."""
    found = supervised(cast, "ISSUED")  # Monday 16 November
    late = datetime(2026, 12, 1, 9, tzinfo=CHINA)

    found, second = climb(cast, found, PaperKind.SECOND_NOTICE, at=late)
    assert (second.number, second.term_on) == ("鲁妇访督二〔2026〕1号", date(2026, 12, 8))
    assert found.clocks.get(code="SV-REPLY").status == ClockStatus.CANCELLED
    assert live(found) == ["SV-REPLY-2"]

    late = datetime(2026, 12, 9, 9, tzinfo=CHINA)
    found, opinion = climb(cast, found, PaperKind.OPINION, at=late)
    assert (opinion.number, opinion.term_on) == ("鲁妇访督促〔2026〕1号", date(2026, 12, 30))

    late = datetime(2026, 12, 31, 9, tzinfo=CHINA)
    found, request = climb(cast, found, PaperKind.REQUEST_GOV, at=late, addressee="鲁山县人民政府")
    assert (request.number, request.term_on) == ("鲁妇访请督〔2026〕1号", None)
    assert (found.status, found.stage) == ("ISSUED", "REQUEST_GOV")
    assert found.latest_demand() == opinion
    assert live(found) == ["SV-OPINION"]  # the letter to the government moves nothing of the target's
    assert told(found, NoticeKind.SUPERVISED) == [cast.liaison, cast.partner_leader] * 3

    found, joint = climb(cast, found, PaperKind.JOINT, at=late, co_units=(cast.justice, cast.court))
    assert joint.number == "鲁妇访联督〔2026〕1号"
    assert set(joint.co_units.all()) == {cast.justice, cast.court}
    assert live(found) == ["SV-TERM"]

    late = found.due_at
    found, listed = climb(cast, found, PaperKind.LISTED, at=late)
    assert (listed.number, found.listed) == ("鲁妇访挂牌〔2027〕1号", True)
    numbers = ("鲁妇访检线〔2027〕1号", "鲁妇访通报〔2027〕1号")
    for kind, number in zip((PaperKind.PROCURATE, PaperKind.CIRCULAR), numbers, strict=True):
        found, paper = climb(cast, found, kind, at=found.due_at, addressee="鲁山县人民检察院")
        assert paper.number == number
        assert found.listed
    assert steps(found.case).count("SV_SIGN_OTHER") == 3


def test_ten_working_days_over_national_day(cast):
    """Signed on 24 September 2026; 25 to 27 September and 1 to 7 October rest, 10 October is a make-up day (国办发明电〔2025〕7号)."""
    at = datetime(2026, 9, 24, 9, tzinfo=CHINA)
    sent = make_referral(cast, "SIGNED", at=at - 2 * DAY)
    found = begin(cast, sent, at=at)

    paper = verbs.sign_off(found, by=cast.leader, at=at)

    assert paper.term_on == found.clocks.get().last_day == date(2026, 10, 15)


def test_an_opinion_needs_a_notice_in_vain(cast):
    found = supervised(cast, "ISSUED")

    with pytest.raises(
        StepNotAllowed, match="上一份文书还没有到期，或回复还没有核查，不能发“督促处理意见书”"
    ):
        verbs.draft_next(found, next_paper(PaperKind.OPINION), by=cast.officer, at=LATER)
    with pytest.raises(StepNotAllowed, match="请先发督办通知书"):
        begin(cast, make_referral(cast, "SIGNED"), kind=PaperKind.OPINION)

    verbs.draft_next(found, next_paper(PaperKind.OPINION), by=cast.officer, at=found.due_at)
    assert found.draft().kind == PaperKind.OPINION


def test_going_past_the_opinion_needs_a_reason(cast):
    found = supervised(cast, "UNSOUND")

    with pytest.raises(StepNotAllowed, match="确需提前的，请写明理由"):
        verbs.draft_next(found, next_paper(PaperKind.LISTED), by=cast.officer, at=LATER)
    hurried = next_paper(PaperKind.LISTED, skip_reason="受害人仍处在危险中")
    verbs.draft_next(found, hurried, by=cast.officer, at=LATER)

    assert found.draft().skip_reason == "受害人仍处在危险中"


def test_a_letter_to_others_says_to_whom(cast):
    found = supervised(cast, "UNSOUND")

    with pytest.raises(StepNotAllowed, match="请写明主送单位"):
        verbs.draft_next(found, next_paper(PaperKind.CIRCULAR, skip_reason="急"), by=cast.officer, at=LATER)


# Off the list, and off altogether.


def test_taken_off_the_list_it_goes_on(cast):
    found = supervised(cast, "ISSUED", kind=PaperKind.LISTED, skip_reason="急")
    assert found.listed

    verbs.unlist(found, reason="已出警", by=cast.leader, at=LATER)

    assert (fresh(found).status, fresh(found).listed) == ("ISSUED", False)
    assert live(found) == ["SV-TERM"]
    with pytest.raises(StepNotAllowed, match="没有挂牌，或已经摘牌"):
        verbs.unlist(fresh(found), reason="已出警", by=cast.leader, at=LATER)


def test_withdrawn_before_signing_the_target_never_hears_of_it(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))

    verbs.withdraw(found, reason="写错了", by=cast.officer, at=LATER)

    found = fresh(found)
    assert (found.status, found.conclusion, found.draft()) == ("WITHDRAWN", "写错了", None)
    assert found.papers.get().returned_at == LATER
    assert told(found, NoticeKind.SUPERVISION_NEWS) == [cast.leader]


def test_withdrawn_after_signing_the_target_is_told_and_owes_nothing(cast):
    found = supervised(cast, "ACKNOWLEDGED")

    verbs.withdraw(found, reason="已当面答复", by=cast.leader, at=LATER + DAY)

    assert live(found) == []
    assert found.clocks.get().status == ClockStatus.CANCELLED
    news = told(found, NoticeKind.SUPERVISION_NEWS)[-3:]
    assert news == [cast.officer, cast.liaison, cast.partner_leader]


def test_what_has_ended_stays_ended(cast):
    found = supervised(cast, "CLOSED")

    with pytest.raises(StepNotAllowed, match="现在是“已销号”，不能“撤销督办”"):
        verbs.withdraw(found, reason="", by=cast.leader, at=LATER)


# The case.


def test_a_case_under_supervision_is_not_closed(cast):
    found = supervised_station(cast, "ISSUED")
    case = Case.objects.select_related("holder").get(pk=found.case_id)
    closing = {
        "outcome": Outcome.MEDIATED,
        "solution": "和好",
        "settled_level": case.level,
        "by": cast.clerk,
        "at": LATER,
    }

    with pytest.raises(StepNotAllowed, match="还有在办的督办：核查销号或撤销后才能结案"):
        closure.propose_close(case, **closing)

    verbs.withdraw(fresh(found), reason="已办", by=cast.leader, at=LATER)
    case = Case.objects.select_related("holder").get(pk=found.case_id)
    assert case.status == Status.ACCEPTED
    closure.propose_close(case, **closing)
    assert case.status == Status.PENDING_CLOSE


@pytest.mark.parametrize("way", ["merge", "void"])
def test_a_case_that_ends_otherwise_takes_its_supervision_along(cast, way):
    found = supervised_station(cast, "REPLIED" if way == "merge" else "ISSUED")
    case = Case.objects.select_related("holder", "owner").get(pk=found.case_id)
    if way == "merge":
        handling.merge_case(case, into=make_case(cast), reason="同一件事", by=cast.head, at=LATER + DAY)
    else:
        handling.ask_void(case, reason="登记错误", by=cast.head, at=LATER + DAY)
        handling.void_case(case, reason="属实", by=cast.officer, at=LATER + DAY)

    found = fresh(found)
    assert (found.status, live(found)) == ("WITHDRAWN", [])
    assert found.conclusion == "案件已按其他方式结束，督办随之撤销。"
    assert steps(case)[-1] == "SV_WITHDRAW"


def test_refusing_a_case_takes_its_supervision_along(cast):
    case = make_case(cast)
    found = walk(cast, begin(cast, case=case), "ISSUED")

    handling.refuse_case(
        Case.objects.select_related("holder", "station").get(pk=case.pk),
        reason=RefuseReason.LITIGATION,
        explanation="案件正在法院审理，请等待判决。",
        by=cast.head,
        at=LATER + DAY,
        way=DeliveryWay.IN_PERSON,
    )

    assert fresh(found).status == "WITHDRAWN"


# Of a unit of ours.


def test_a_station_is_supervised_and_its_head_answers(cast):
    found = supervised_station(cast, "CLOSED")

    assert told(found, NoticeKind.SUPERVISED) == [cast.head]
    assert found.is_internal
    with pytest.raises(StepNotAllowed, match="只用于有关部门"):
        begin(cast, case=found.case, kind=PaperKind.JOINT, skip_reason="急")


# Whom a stale page meets.


def test_a_stale_page_is_told(cast):
    found = supervised(cast, "ISSUED")
    stale = fresh(found)
    verbs.acknowledge(found, by=cast.liaison, at=LATER)

    with pytest.raises(MovedOn, match="刚刚有了变化"):
        verbs.acknowledge(stale, by=cast.liaison, at=LATER)
    assert SupervisionStep.ACKNOWLEDGE in steps(found.case)
    assert steps(found.case).count(SupervisionStep.ACKNOWLEDGE) == 1


def test_another_leader_signs_if_there_is_one(cast):
    second = Staff.objects.create(
        username="second", name="二主席", organisation=cast.county, roles=[Role.COUNTY_LEADER]
    )

    assert verbs.signers_besides(cast.county, cast.leader) == [second]
    assert verbs.signers_besides(cast.county, cast.officer) == [cast.leader, second]


def test_words_lie_sealed_in_the_database(cast):
    supervised(cast, "CLOSED", skip_reason="绝密理由")

    with connection.cursor() as cursor:
        for model in (SupervisionPaper, SupervisionReply, Supervision):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")
            dump = "".join(row[0] for row in cursor.fetchall())
            for words in (PROBLEM, DEMANDED, ANSWERED, EVIDENCE, "属实", "绝密理由"):
                assert words not in dump
                assert words.encode().hex() not in dump
