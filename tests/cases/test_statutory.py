"""What the law says, clause by clause, against a case walked through the real verbs. The article stands in the id."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from cases.actions import closure, handling, intake, referral
from cases.choices import (
    Channel,
    ClockFamily,
    ClockStatus,
    DeliveryWay,
    DocType,
    ExtractField,
    LegalBasis,
    PetitionForm,
    Status,
    SuspendGround,
)
from cases.models import ClockRule
from cases.models.contact import MAX_REPRESENTATIVES
from cases.models.handling import MAX_EXTENSION_DAYS
from cases.seeds import read_clock_rules
from cases.workflow import StepNotAllowed
from tests.cast import CHINA, MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + 30 * MINUTE
DAY = timedelta(days=1)


def clock(case, code):
    return case.clocks.get(code=code)


RULES = [
    # code, amount, unit, family, law, article
    ("XF-REG", 0, "WORKING_DAY", "STATUTORY_OWN", "信访工作条例（2022）", "第23条第1款"),
    ("XF-NOTICE", 15, "DAY", "STATUTORY_OWN", "信访工作条例（2022）", "第23条第1、2款"),
    ("XF-NOTICE-T", 15, "DAY", "STATUTORY_OWN", "信访工作条例（2022）", "第23条第3款"),
    ("XF-OBJECT", 5, "WORKING_DAY", "STATUTORY_PARTNER", "信访工作条例（2022）", "第23条第3款"),
    ("XF-DECIDE", 60, "DAY", "STATUTORY_OWN", "信访工作条例（2022）", "第34条"),
    ("XF-EXTEND", 30, "DAY", "STATUTORY_OWN", "信访工作条例（2022）", "第34条"),
]


@pytest.mark.parametrize(
    ("code", "amount", "unit", "family", "law", "article"),
    RULES,
    ids=[f"{rule[0]} {rule[5]}" for rule in RULES],
)
def test_period_of_law(cast, code, amount, unit, family, law, article):
    rule = ClockRule.objects.get(code=code)

    assert (rule.amount, rule.unit, rule.family, rule.law, rule.article) == (
        amount,
        unit,
        family,
        law,
        article,
    )
    assert not rule.pausable


def test_条例23_1_written_notice_within_15_days_of_receipt(cast):
    case = make_case(cast)

    assert (clock(case, "XF-NOTICE").started_at, clock(case, "XF-NOTICE").last_day) == (
        case.received_at,
        date(2026, 12, 1),
    )


def test_条例23_1_the_notice_counts_when_she_has_it(cast):
    case = make_case(cast)
    notice = handling.accept_case(case, owner=cast.clerk, by=cast.head, at=LATER)
    assert clock(case, "XF-NOTICE").is_live

    last_moment = datetime(2026, 12, 1, 23, 59, 59, tzinfo=CHINA)
    handling.record_delivery(
        notice,
        way=DeliveryWay.POST,
        delivered_on=last_moment.date(),
        remark="",
        by=cast.clerk,
        at=last_moment,
    )
    assert clock(case, "XF-NOTICE").status == ClockStatus.MET
    assert not clock(case, "XF-NOTICE").was_late


def test_条例23_1_no_notice_is_owed_where_nobody_can_be_told(cast):
    case = make_case(cast, form=PetitionForm.ANONYMOUS)

    assert not case.clocks.filter(code__startswith="XF-NOTICE").exists()


@pytest.mark.parametrize("channel", [Channel.TRANSFER_UPPER, Channel.TRANSFER_XINFANG])
def test_条例23_3_a_petition_sent_on_has_its_own_15_days(cast, channel):
    case = make_case(cast, channel=channel)

    assert clock(case, "XF-NOTICE-T").last_day == date(2026, 12, 1)
    assert not case.clocks.filter(code="XF-NOTICE").exists()


@pytest.mark.parametrize(
    ("status", "doc_type"),
    [
        ("ACCEPTED", DocType.ACCEPT_NOTICE),
        ("NOT_ACCEPTED", DocType.REFUSE_NOTICE),
        ("REDIRECTED", DocType.REDIRECT_NOTICE),
    ],
)
def test_条例23_1_every_decision_is_told_in_writing(cast, status, doc_type):
    notice = make_case(cast, status).petitioner_notices.get()

    assert notice.doc_type == doc_type
    assert notice.body


def test_条例23_2_refusal_gives_the_reason_and_redirection_the_body(cast):
    refusal = make_case(cast, "NOT_ACCEPTED").petitioner_notices.get().body
    redirection = make_case(cast, "REDIRECTED").petitioner_notices.get().body

    assert "不予受理。理由：涉法涉诉，应由政法机关依法处理。" in refusal
    assert "请向以下单位提出：鲁山县人民法院。" in redirection


def test_条例23_3_objection_within_five_working_days_and_not_later(cast):
    sent = make_referral(cast, "SIGNED")
    assert sent.clocks.get(code="XF-OBJECT").last_day == date(2026, 11, 23)

    with pytest.raises(StepNotAllowed, match="期限（签收后5个工作日）已过"):
        referral.object_to(
            sent, reason="", proper_body="", by=cast.liaison, at=datetime(2026, 11, 24, tzinfo=CHINA)
        )


def test_条例23_3_the_matter_goes_back_only_when_the_sender_agrees(cast):
    sent = make_referral(cast, "OBJECTED")
    assert sent.is_open

    referral.take_back(sent, reason="同意", by=cast.clerk, at=LATER)
    assert not sent.is_open


def test_条例22_only_an_assignment_sets_a_term_for_the_result(cast):
    for kind, has_term in (("ASSIGN", True), ("TRANSFER", False), ("HAND_OVER", False), ("REFER", False)):
        sent = make_referral(cast, "SIGNED", kind=kind)
        assert sent.clocks.filter(code__startswith="IN-RESULT").exists() is has_term


def test_条例28_2_the_60_days_do_not_run_for_a_matter_of_the_courts(cast):
    case = make_case(cast, "ACCEPTED", own_power=True, is_litigation=True)

    assert not case.clocks.filter(code="XF-DECIDE").exists()


def test_条例34_sixty_days_from_acceptance_for_whoever_decides(cast):
    case = make_case(cast, "ACCEPTED", own_power=True)

    assert clock(case, "XF-DECIDE").started_at == MONDAY + MINUTE
    assert clock(case, "XF-DECIDE").last_day == date(2027, 1, 15)


def test_条例34_sixty_days_bind_nobody_who_only_coordinates(cast):
    assert not make_case(cast, "ACCEPTED").clocks.filter(code="XF-DECIDE").exists()


def test_条例34_thirty_days_more_and_not_a_day_longer(cast):
    assert MAX_EXTENSION_DAYS == 30
    case = make_case(cast, "HANDLING", own_power=True)

    for days in (0, 31):
        with pytest.raises(IntegrityError, match="extension_within_law"), transaction.atomic():
            handling.ask_extension(case, days=days, reason="", by=cast.clerk, at=LATER)
    case.refresh_from_db()
    extension = handling.ask_extension(case, days=30, reason="等鉴定", by=cast.clerk, at=LATER)
    handling.decide_extension(extension, granted=True, opinion="", by=cast.head, at=LATER)
    assert clock(case, "XF-DECIDE").nominal_due == datetime(2027, 2, 15, tzinfo=CHINA)


def test_条例34_an_extension_is_told_with_its_reason(cast):
    case = make_case(cast, "HANDLING")
    extension = handling.ask_extension(case, days=15, reason="等待伤情鉴定结论", by=cast.clerk, at=LATER)
    handling.decide_extension(extension, granted=True, opinion="", by=cast.head, at=LATER)

    assert "理由：等待伤情鉴定结论" in case.petitioner_notices.get(doc_type=DocType.EXTEND_NOTICE).body


def test_条例36_2_the_laws_periods_do_not_rest_with_the_case(cast):
    case = make_case(cast, "HANDLING", own_power=True)
    before = clock(case, "XF-DECIDE").effective_due

    handling.suspend_case(case, ground=SuspendGround.JUDGMENT, evidence="", by=cast.head, at=LATER)
    handling.resume_case(case, reason="", by=cast.head, at=LATER + 20 * DAY)

    assert clock(case, "XF-DECIDE").effective_due == before


def test_statutory_periods_cannot_be_made_to_rest(cast):
    with pytest.raises(IntegrityError, match="rule_statutory_never_pauses"), transaction.atomic():
        ClockRule.objects.filter(family=ClockFamily.STATUTORY_OWN).update(pausable=True)


def test_条例20_3_five_representatives_at_most():
    assert MAX_REPRESENTATIVES == 5


def test_民法典201_the_first_day_is_not_counted(cast):
    # One working day from Monday is Tuesday, not Monday.
    assert make_referral(cast).clocks.get(code="IN-SIGN").last_day == date(2026, 11, 18)


def test_民法典203_a_last_day_of_rest_gives_way_to_the_next_working_day(cast):
    case = make_case(cast, received_at=datetime(2026, 11, 13, 9, tzinfo=CHINA))

    running = clock(case, "XF-NOTICE")
    assert running.last_day == date(2026, 11, 30)
    assert running.skipped == ["2026-11-28", "2026-11-29"]


def test_民法典203_the_last_day_lasts_until_midnight(cast):
    assert clock(make_case(cast), "XF-NOTICE").effective_due == datetime(2026, 12, 2, tzinfo=CHINA)


def test_个保法23_nothing_goes_along_that_was_not_ticked_and_on_what_ground_is_kept(cast):
    sent = make_referral(cast, ticked=(ExtractField.FACTS,), legal_basis=LegalBasis.STATUTORY_DUTY)

    assert set(sent.extract) == {"FACTS"}
    event = sent.case.events.latest("seq")
    assert (event.facts["ticked"], event.facts["basis"]) == (["FACTS"], "STATUTORY_DUTY")


def test_个保法_her_present_address_can_never_go_along():
    assert {field.name for field in ExtractField}.isdisjoint({"ADDRESS", "ADDRESS_NOW", "PRESENT_ADDRESS"})


def test_手册_a_referred_case_closes_only_on_the_written_answer(cast):
    case = make_referral(cast, "IN_PROGRESS").case
    ending = {"outcome": "TRANSFERRED_REPLIED", "solution": "", "settled_level": "COUNTY", "by": cast.clerk}

    with pytest.raises(StepNotAllowed):
        closure.propose_close(case, at=LATER, **ending)

    answered = make_referral(cast, "CLOSED").case
    closure.propose_close(answered, at=LATER, **ending)
    assert answered.status == Status.PENDING_CLOSE


def test_规程13_violence_is_visited_after_closing_at_7_30_and_90_days(cast):
    case = make_case(cast, "CLOSED", involves_dv=True)
    closed_on = case.ended_at.astimezone(CHINA).date()

    for code, days in (("IN-VISIT-1", 7), ("IN-VISIT-2", 30), ("IN-VISIT-3", 90)):
        assert (
            clock(case, code).nominal_due
            == datetime(closed_on.year, closed_on.month, closed_on.day, tzinfo=CHINA) + (days + 1) * DAY
        )


def test_反家暴法_violence_never_ends_at_the_first_talk(cast):
    case = make_case(cast, involves_dv=True)

    with pytest.raises(StepNotAllowed, match="涉家暴"):
        intake.advise_and_close(case, reply="劝和", satisfaction="NOT_RATED", by=cast.clerk, at=LATER)


def test_the_three_families_of_periods_are_kept_apart(cast):
    rules = {(rule.code, rule.region_prefix): rule for rule in ClockRule.objects.all()}
    ours = {code for (code, _), rule in rules.items() if rule.family == ClockFamily.STATUTORY_OWN}

    assert ours == {
        *("XF-REG", "XF-NOTICE", "XF-NOTICE-T", "XF-DECIDE", "XF-EXTEND", "XF-REVIEW", "XF-RECHECK"),
        *("DV-VISIT-1", "DV-VISIT-N"),  # in Henan, where the federation visits too
        "MN-REPORT",  # binds every body and its workers: 未成年人保护法第11条
    }
    assert rules["DV-VISIT-1", ""].family == ClockFamily.STATUTORY_PARTNER
    assert rules["DV-VISIT-1", "41"].family == ClockFamily.STATUTORY_OWN
    # What we promise names no law as binding; what binds by law names its article, or is marked as unchecked.
    for rule in rules.values():
        if rule.family == ClockFamily.INTERNAL:
            assert rule.law.startswith(("本市", "参照")), rule
        else:
            assert not rule.pausable, rule
            assert rule.article or not rule.verified or rule.law == "公安部受立案意见（2015）", rule
    # A department is never reminded by our promise's name of what the law asks of it.
    assert {rule.family for rule in rules.values() if rule.starts == "SIGNED"} == {
        ClockFamily.STATUTORY_PARTNER
    }


def test_豫反家暴25_twenty_four_hours_in_henan_instead_of_seventy_two():
    lengths = {
        rule["region_prefix"]: rule["amount"] for rule in read_clock_rules() if rule["code"] == "DV-WARN"
    }

    assert lengths == {"": 72, "41": 24}


@pytest.mark.parametrize(
    ("code", "amount", "unit", "article"),
    [
        ("DV-PO-DECIDE", 72, "HOUR", "反家庭暴力法第28条"),
        ("DV-PO-DECIDE-U", 24, "HOUR", "反家庭暴力法第28条"),
        ("MN-FEEDBACK", 3, "DAY", "高检发〔2020〕9号第10条"),
        ("LA-DECIDE", 7, "DAY", "法律援助法（2021）第43条"),
        ("PS-NOFILE", 3, "DAY", "公安机关办理刑事案件程序规定（2020）第178条"),
        ("PR-RESULT", 3, "MONTH", "人民检察院刑事诉讼规则第163条"),
        ("CT-FILE", 7, "DAY", "民事诉讼法第126条"),
        ("LB-INSPECT", 60, "WORKING_DAY", "劳动保障监察条例第17条"),
        ("LD-ARB-IN", 5, "WORKING_DAY", "农村土地承包经营纠纷调解仲裁法第23条"),
    ],
)
def test_period_that_binds_a_partner(cast, code, amount, unit, article):
    rule = ClockRule.objects.get(code=code, region_prefix="")

    assert (rule.amount, rule.unit, rule.source, rule.family) == (amount, unit, article, "STATUTORY_PARTNER")
