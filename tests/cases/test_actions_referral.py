"""A referral from sending to writing off: what goes along, which clocks run, who hears of it."""

from datetime import date, timedelta

import pytest

from cases.actions import intake, referral
from cases.actions.referral import Answer, LinkNotUsable
from cases.choices import (
    ClockStatus,
    ExtractField,
    FeedbackKind,
    FeedbackWay,
    NoticeKind,
    PhoneSafety,
    ReferralKind,
    ReferralStatus,
    ReferralStep,
    Status,
    Step,
    Urgency,
)
from cases.models import MovedOn, Referral, ReferralLink
from cases.workflow import StepNotAllowed
from tests.cast import MONDAY
from tests.factories import (
    ANSWER,
    DEMAND,
    FACTS,
    ID_NUMBER,
    MINUTE,
    SAFE_PHONE,
    PersonEntry,
    PhoneEntry,
    entry,
    make_case,
    make_referral,
    petitioner,
    respondent,
)

LATER = MONDAY + 30 * MINUTE
DAY = timedelta(days=1)
PROGRESS = Answer(text="正在联系当事人")


def live(sent):
    return set(sent.clocks.live().values_list("code", flat=True))


def told(sent, kind):
    return [notice.recipient for notice in sent.notices.filter(kind=kind).order_by("id")]


def steps(sent):
    return list(sent.case.events.order_by("seq").values_list("step", flat=True))


# Sending.


def test_refer_tells_the_liaison_and_starts_the_signing_clock(cast):
    sent = make_referral(cast)

    assert (sent.number, sent.status, sent.from_org) == ("下妇访交〔2026〕1号", "SENT", cast.station)
    assert live(sent) == {"IN-SIGN"}
    assert sent.clocks.get().last_day == date(2026, 11, 18)
    assert told(sent, NoticeKind.REFERRAL_NEW) == [cast.liaison]
    sent.case.refresh_from_db()
    assert (sent.case.status, sent.case.open_referrals) == (Status.HANDLING, 1)
    assert sent.case.events.latest("seq").facts == {
        "referral": sent.number,
        "department": cast.police.pk,
        "ticked": ["FACTS", "NAME", "PHONE"],
        "basis": "CONSENT",
    }


def test_the_departments_clocks_are_not_our_date(cast):
    case = make_case(cast, "HANDLING")
    before = case.due_at

    sent = make_referral(cast, case=case, urgency=Urgency.VERY_URGENT)

    sent.case.refresh_from_db()
    assert sent.clocks.get().effective_due == MONDAY + timedelta(hours=2)
    assert sent.case.due_at == before


def test_help_need_not_wait_for_acceptance(cast):
    sent = make_referral(cast, case=make_case(cast))

    sent.case.refresh_from_db()
    assert (sent.case.status, sent.case.open_referrals) == (Status.REGISTERED, 1)


def test_a_named_contact_is_told_instead_of_all_liaisons(cast):
    sent = make_referral(cast, liaison=cast.handler)

    assert told(sent, NoticeKind.REFERRAL_NEW) == [cast.handler]


def test_the_county_sends_in_its_own_name(cast):
    sent = make_referral(cast, by=cast.officer, kind=ReferralKind.TRANSFER)

    assert (sent.number, sent.from_org) == ("鲁妇访转〔2026〕1号", cast.county)


def test_a_second_press_sends_nothing(cast):
    case = make_case(cast, "HANDLING")
    make_referral(cast, case=case, earlier=0)

    with pytest.raises(StepNotAllowed, match="刚刚发出了一次转交"):
        make_referral(cast, case=case, earlier=0)
    assert case.referrals.count() == 1
    make_referral(cast, case=case, earlier=1)
    case.refresh_from_db()
    assert case.open_referrals == 2


# What goes along.


def test_only_ticked_fields_go_along(cast):
    sent = make_referral(cast, ticked=(ExtractField.FACTS, ExtractField.AGE_SEX))

    assert sent.extract == {"FACTS": FACTS, "AGE_SEX": "女，30—44岁"}


def test_nothing_goes_along_unless_ticked(cast):
    assert make_referral(cast, ticked=()).extract == {}


def test_everything_ticked_is_all_there_is(cast):
    extract = make_referral(cast, ticked=list(ExtractField)).extract

    assert extract == {
        "NAME": "祝冬雪",
        "PHONE": f"{SAFE_PHONE}（请勿说明来电单位）",  # never the one that must not be called
        "ID_NUMBER": ID_NUMBER,
        "AGE_SEX": "女，30—44岁",
        "PAPERS_ADDRESS": "鲁山县下汤镇假设路一号",
        "FACTS": FACTS,
        "DEMAND": DEMAND,
        "PLACE": "下汤镇假设路一号院内",
        "RESPONDENT": "秦大勇（配偶）",
        "HANDLED_BEFORE": "村委会调解过两次",
    }
    assert not any("姐姐家" in text for text in extract.values())


def test_what_is_not_known_is_said_so(cast):
    case = make_case(
        cast, parties=(PersonEntry("PETITIONER"), PersonEntry("RESPONDENT")), demand="", place=""
    )

    extract = make_referral(cast, case=case, ticked=list(ExtractField)).extract

    assert set(extract.values()) == {"（未登记）", "未知，不详", FACTS, "村委会调解过两次"}


def test_a_case_without_a_petitioner_goes_along_too(cast):
    case = make_case(cast, parties=())

    assert make_referral(cast, case=case, ticked=list(ExtractField)).extract["AGE_SEX"] == "未知，不详"


def test_phones_that_may_be_called_go_along(cast):
    phones = (
        PhoneEntry("13900000005"),
        PhoneEntry("13900000006", safety=PhoneSafety.ASK_FIRST),
        PhoneEntry("13900000007", safety=PhoneSafety.UNSAFE),
    )
    case = make_case(cast, parties=(petitioner(phones=phones), respondent(relation="")))

    extract = make_referral(cast, case=case, ticked=(ExtractField.PHONE, ExtractField.RESPONDENT)).extract

    assert extract == {
        "PHONE": "13900000005；13900000006（先问是否方便再说事）",
        "RESPONDENT": "秦大勇（关系不详）",
    }


def test_the_first_contact_in_its_latest_wording_goes_along(cast):
    case = make_case(cast, "HANDLING")
    first = case.statements.get()
    intake.add_contact(
        case, entry(cast, facts="第二次来", received_at=LATER), unit=cast.station, by=cast.clerk, at=LATER
    )
    intake.correct_statement(first, by=cast.clerk, at=LATER + DAY, reason="日期记错", facts="更正后的经过")

    assert make_referral(cast, case=case, ticked=(ExtractField.FACTS,)).extract == {"FACTS": "更正后的经过"}


def test_what_the_department_saw_stays_what_it_saw(cast):
    sent = make_referral(cast)
    person = sent.case.parties.get(role="PETITIONER").person
    person.name = "祝改名"
    person.save()

    sent.refresh_from_db()
    assert sent.extract["NAME"] == "祝冬雪"


# Signing.


@pytest.mark.parametrize(
    ("overrides", "fields", "codes"),
    [
        pytest.param({}, {}, {"XF-OBJECT", "IN-FIRST", "IN-RESULT"}, id="assigned with a term"),
        pytest.param(
            {"kind": "TRANSFER"}, {}, {"XF-OBJECT", "IN-FIRST"}, id="passed on: no term for a result"
        ),
        pytest.param(
            {"urgency": "VERY_URGENT"}, {}, {"XF-OBJECT", "IN-FIRST-U", "IN-RESULT"}, id="very urgent"
        ),
        pytest.param({}, {"involves_dv": True}, {"XF-OBJECT", "IN-FIRST", "IN-RESULT-S"}, id="violence"),
        pytest.param({}, {"involves_minor": True}, {"XF-OBJECT", "IN-FIRST", "IN-RESULT-S"}, id="a minor"),
    ],
)
def test_signing_starts_the_departments_clocks(cast, overrides, fields, codes):
    sent = make_referral(cast, case=make_case(cast, "HANDLING", **fields), **overrides)

    referral.sign_for(sent, by=cast.liaison, at=LATER)

    assert live(sent) == codes | {"PS-CHECK"}  # what the law gives the police besides
    assert (sent.status, sent.signed_by, sent.signed_at) == (ReferralStatus.SIGNED, cast.liaison, LATER)
    assert sent.clocks.get(code__startswith="IN-SIGN").status == ClockStatus.MET
    assert told(sent, NoticeKind.REFERRAL_NEWS) == [cast.clerk]
    assert steps(sent)[-1] == ReferralStep.SIGN


def test_owner_and_sender_both_hear_of_an_answer(cast):
    sent = make_referral(cast, by=cast.officer)

    referral.sign_for(sent, by=cast.liaison, at=LATER)

    assert set(told(sent, NoticeKind.REFERRAL_NEWS)) == {cast.clerk, cast.officer}


def test_taking_back_before_signing(cast):
    sent = make_referral(cast, "WITHDRAWN")

    sent.case.refresh_from_db()
    assert (sent.case.open_referrals, live(sent)) == (0, set())
    assert sent.ended_at is not None
    with pytest.raises(StepNotAllowed, match="现在是“已撤回”"):
        referral.sign_for(sent, by=cast.liaison, at=LATER)


def test_no_taking_back_after_signing(cast):
    with pytest.raises(StepNotAllowed):
        referral.withdraw(make_referral(cast, "SIGNED"), reason="", by=cast.clerk, at=LATER)


# Objecting.


def test_objection_within_five_working_days(cast):
    sent = make_referral(cast, "SIGNED")
    # Signed on Monday 16 November: the fifth working day is Monday 23.
    last_second = MONDAY.replace(day=23, hour=23, minute=59, second=59)

    referral.object_to(sent, reason="不属我局", proper_body="法院", by=cast.liaison, at=last_second)

    sent.refresh_from_db()
    assert (sent.status, sent.objection, sent.proper_body) == (ReferralStatus.OBJECTED, "不属我局", "法院")
    assert sent.clocks.get(code="XF-OBJECT").status == ClockStatus.MET
    assert "IN-FIRST" in live(sent)


def test_later_objection_is_refused_with_the_reason(cast):
    sent = make_referral(cast, "SIGNED")

    with pytest.raises(StepNotAllowed, match="签收后5个工作日"):
        referral.object_to(
            sent, reason="", proper_body="", by=cast.liaison, at=MONDAY.replace(day=24, hour=0, minute=0)
        )


def test_who_began_to_work_objects_no_more(cast):
    sent = make_referral(cast, "IN_PROGRESS")

    with pytest.raises(StepNotAllowed):
        referral.object_to(sent, reason="", proper_body="", by=cast.liaison, at=LATER)


def test_agreed_objection_ends_the_referral(cast):
    sent = make_referral(cast, "OBJECTED")

    referral.take_back(sent, reason="确属法院", by=cast.clerk, at=LATER)

    sent.case.refresh_from_db()
    assert (sent.status, sent.case.open_referrals, live(sent)) == (ReferralStatus.RETURNED, 0, set())
    assert told(sent, NoticeKind.REFERRAL_NEWS)[-1] == cast.liaison


def test_upheld_referral_runs_on_from_the_signing(cast):
    sent = make_referral(cast, "OBJECTED")
    before = sent.clocks.get(code="IN-RESULT").effective_due

    referral.uphold(sent, reason="属治安案件", by=cast.clerk, at=LATER + 3 * DAY)

    sent.refresh_from_db()
    assert (sent.status, sent.upheld_because) == (ReferralStatus.SIGNED, "属治安案件")
    assert sent.clocks.get(code="IN-RESULT").effective_due == before
    with pytest.raises(StepNotAllowed):
        referral.object_to(sent, reason="", proper_body="", by=cast.liaison, at=LATER + 3 * DAY)


# Answers.


def test_interim_answer_meets_the_first_feedback_and_moves_no_date(cast):
    sent = make_referral(cast, "SIGNED")
    before = sent.clocks.get(code="IN-RESULT").effective_due

    feedback = referral.report_progress(sent, answer=PROGRESS, by=cast.handler, at=LATER)

    assert (feedback.kind, feedback.way, feedback.text) == (FeedbackKind.INTERIM, "ACCOUNT", "正在联系当事人")
    assert sent.status == ReferralStatus.IN_PROGRESS
    assert live(sent) == {"IN-RESULT"}
    assert sent.clocks.get(code="IN-RESULT").effective_due == before


def test_start_names_the_handler(cast):
    sent = make_referral(cast, "SIGNED")

    referral.start_work(sent, by=cast.liaison, at=LATER, handler=cast.handler, partner_number="鲁公受12")

    sent.refresh_from_db()
    assert (sent.handler, sent.partner_number) == (cast.handler, "鲁公受12")
    assert "XF-OBJECT" not in live(sent)
    assert make_referral(cast, "IN_PROGRESS").handler == cast.handler  # herself unless another is named


def test_result_waits_for_the_leader(cast):
    sent = make_referral(cast, "IN_PROGRESS")

    feedback = referral.report_result(sent, answer=ANSWER, by=cast.handler, at=LATER)

    assert (sent.status, feedback.confirmed_at) == (ReferralStatus.ANSWERED, None)
    assert live(sent) == {"IN-RESULT"}  # only the confirmation meets them
    assert told(sent, NoticeKind.TO_APPROVE) == [cast.partner_leader]

    referral.confirm_result(sent, by=cast.partner_leader, at=LATER + DAY)
    feedback.refresh_from_db()
    assert (sent.status, feedback.confirmed_by) == (ReferralStatus.RESULT, cast.partner_leader)
    assert live(sent) == set()
    assert sent.clocks.get(code="IN-RESULT").ended_at == LATER + DAY


def test_result_of_a_department_whose_leader_has_no_account_stands(cast):
    sent = make_referral(cast, "IN_PROGRESS", department=cast.civil)

    feedback = referral.report_result(sent, answer=ANSWER, by=cast.civil_liaison, at=LATER)

    feedback.refresh_from_db()
    assert (sent.status, feedback.confirmed_at) == (ReferralStatus.RESULT, LATER)
    assert live(sent) == set()
    assert sent.case.events.get(step=ReferralStep.CONFIRM).facts["leader_account"] is False


def test_confirming_needs_a_result(cast):
    with pytest.raises(StepNotAllowed, match="现在是“办理中”，不能“领导确认结果”"):
        referral.confirm_result(make_referral(cast, "IN_PROGRESS"), by=cast.partner_leader, at=LATER)


def test_confirming_twice_is_told(cast):
    sent = make_referral(cast, "ANSWERED")
    stale = Referral.objects.get(pk=sent.pk)
    referral.confirm_result(sent, by=cast.partner_leader, at=LATER)

    with pytest.raises(MovedOn, match="已由他人确认"):
        referral.confirm_result(stale, by=cast.partner_leader, at=LATER)


def test_rework_runs_half_the_term_and_asks_for_a_new_confirmation(cast):
    sent = make_referral(cast, "RESULT")

    referral.send_for_rework(sent, demand="请附告诫书复印件", by=cast.clerk, at=LATER)

    assert (sent.status, live(sent)) == (ReferralStatus.IN_PROGRESS, {"IN-REWORK"})
    assert sent.rework_demand == "请附告诫书复印件"
    assert sent.clocks.get(code="IN-REWORK").last_day == date(2026, 12, 1)
    assert set(told(sent, NoticeKind.SENT_BACK)) == {cast.handler, cast.liaison}

    referral.report_result(sent, answer=ANSWER, by=cast.handler, at=LATER)
    referral.confirm_result(sent, by=cast.partner_leader, at=LATER)
    assert live(sent) == set()
    assert sent.feedback.filter(confirmed_by=cast.partner_leader).count() == 2


def test_writing_off_ends_it_and_frees_the_case(cast):
    sent = make_referral(cast, "RESULT")

    referral.write_off(sent, assessment="到位", by=cast.clerk, at=LATER)

    sent.case.refresh_from_db()
    sent.refresh_from_db()
    assert (sent.status, sent.ended_at, sent.case.open_referrals) == (ReferralStatus.CLOSED, LATER, 0)
    assert sent.assessment == "到位"


def test_one_of_two_referrals_written_off_leaves_one(cast):
    case = make_case(cast, "HANDLING")
    make_referral(cast, "SENT", case=case, department=cast.civil)
    make_referral(cast, "CLOSED", case=case)

    case.refresh_from_db()
    assert case.open_referrals == 1


def test_two_moves_at_once_are_told_apart(cast):
    sent = make_referral(cast)
    stale = Referral.objects.select_related("case").get(pk=sent.pk)
    referral.sign_for(sent, by=cast.liaison, at=LATER)

    with pytest.raises(MovedOn, match="您填写的内容还在"):
        referral.withdraw(stale, reason="", by=cast.clerk, at=LATER)
    assert steps(sent)[-1] == ReferralStep.SIGN


# Paper.


def paper(sent, cast, **changes):
    arguments = {
        "answer": ANSWER,
        "name": "周民警",
        "received_on": LATER.date(),
        "is_result": True,
        "by": cast.clerk,
        "at": LATER,
    }
    return referral.key_in_paper(sent, **(arguments | changes))


def test_a_paper_result_counts_as_signed_and_confirmed(cast):
    sent = make_referral(cast)

    feedback = paper(sent, cast)

    assert (sent.status, feedback.way, feedback.answered_by_name) == (
        ReferralStatus.RESULT,
        FeedbackWay.PAPER,
        "周民警",
    )
    sent.refresh_from_db()
    assert (sent.signed_name, live(sent)) == ("周民警", set())
    assert steps(sent)[-3:] == [ReferralStep.SIGN, ReferralStep.ANSWER, ReferralStep.CONFIRM]
    assert sent.case.events.get(step=ReferralStep.ANSWER).facts["way"] == "PAPER"


def test_a_paper_with_a_seal_confirms_what_waits_for_the_leader(cast):
    sent = make_referral(cast, "ANSWERED")

    feedback = paper(sent, cast)

    feedback.refresh_from_db()
    assert (sent.status, feedback.way, feedback.confirmed_by) == (ReferralStatus.RESULT, "PAPER", cast.clerk)
    assert live(sent) == set()


def test_a_paper_word_of_progress(cast):
    sent = make_referral(cast, "SIGNED")

    feedback = paper(sent, cast, answer=PROGRESS, is_result=False)

    assert (feedback.kind, feedback.way, sent.status) == ("INTERIM", "PAPER", ReferralStatus.IN_PROGRESS)


# One-time addresses.


def by_link(token, at=LATER, is_result=True):
    link = referral.find_link(token, at=at)
    return referral.answer_by_link(
        link, answer=ANSWER if is_result else PROGRESS, name="王法官", is_result=is_result, at=at
    )


def test_an_answer_through_the_address_uses_it_up(cast):
    sent = make_referral(cast, department=cast.court)
    token = referral.make_link(sent, by=cast.clerk, at=LATER)

    feedback = by_link(token)

    sent = feedback.referral
    assert (sent.status, sent.signed_name, feedback.by, feedback.way) == (
        ReferralStatus.RESULT,
        "王法官",
        None,
        FeedbackWay.LINK,
    )
    with pytest.raises(LinkNotUsable):
        by_link(token)


def test_progress_through_the_address_needs_a_new_one_for_the_result(cast):
    sent = make_referral(cast, department=cast.court)
    by_link(referral.make_link(sent, by=cast.clerk, at=LATER), is_result=False)

    sent = Referral.objects.get(pk=sent.pk)
    by_link(referral.make_link(sent, by=cast.clerk, at=LATER))

    assert sent.feedback.count() == 2


def test_the_token_is_kept_nowhere(cast):
    token = referral.make_link(make_referral(cast), by=cast.clerk, at=LATER)

    assert token.encode() not in bytes(ReferralLink.objects.get().digest)
    assert len(token) >= 43


def test_an_address_lasts_fourteen_days(cast):
    token = referral.make_link(make_referral(cast), by=cast.clerk, at=LATER)

    assert referral.find_link(token, at=LATER + 14 * DAY - timedelta(seconds=1))
    with pytest.raises(LinkNotUsable, match="请向发给您链接的单位重新索取"):
        referral.find_link(token, at=LATER + 14 * DAY)


def test_a_newer_address_stops_the_former(cast):
    sent = make_referral(cast)
    first = referral.make_link(sent, by=cast.clerk, at=LATER)
    second = referral.make_link(sent, by=cast.clerk, at=LATER)

    with pytest.raises(LinkNotUsable):
        referral.find_link(first, at=LATER)
    assert referral.find_link(second, at=LATER)


def test_revoked_and_guessed_addresses_say_the_same(cast):
    sent = make_referral(cast)
    token = referral.make_link(sent, by=cast.clerk, at=LATER)
    link = referral.find_link(token, at=LATER)
    referral.revoke_links(sent, by=cast.clerk, at=LATER)

    said = set()
    for wrong in (token, "guessed", ""):
        with pytest.raises(LinkNotUsable) as refusal:
            referral.find_link(wrong, at=LATER)
        said.add(str(refusal.value))
    assert len(said) == 1
    # A page opened before the revocation and sent after it.
    with pytest.raises(LinkNotUsable):
        referral.answer_by_link(link, answer=ANSWER, name="", is_result=True, at=LATER)
    assert steps(sent)[-1] == ReferralStep.REVOKE_LINK


def test_addresses_end_with_the_referral(cast):
    sent = make_referral(cast)
    token = referral.make_link(sent, by=cast.clerk, at=LATER)

    referral.withdraw(sent, reason="", by=cast.clerk, at=LATER)

    with pytest.raises(LinkNotUsable):
        referral.find_link(token, at=LATER)
    assert sent.links.get().revoked_at == LATER


def test_history_of_a_referral_stands_in_the_history_of_its_case(cast):
    sent = make_referral(cast, "CLOSED")

    assert steps(sent)[-6:] == [
        Step.REFER,
        ReferralStep.SIGN,
        ReferralStep.START,
        ReferralStep.ANSWER,
        ReferralStep.CONFIRM,
        ReferralStep.WRITE_OFF,
    ]
    assert {event.facts["referral"] for event in sent.case.events.filter(step__in=ReferralStep.values)} == {
        sent.number
    }
