"""Consent carries what is passed on; taken back, it carries nothing more. Every door out leaves a line in the log."""

import pytest
from django.urls import reverse

from cases.actions import referral as verbs
from cases.actions.guarding.consent import give_consent, record_disclosure, withdraw_consent
from cases.choices import (
    ConsentBy,
    ConsentScope,
    ConsentWay,
    DisclosureKind,
    ExtractField,
    LegalBasis,
    NoticeKind,
    Step,
)
from cases.models import Disclosure, Notice, Referral
from cases.permissions import NOT_ASKED, steps_open_to
from cases.workflow import StepNotAllowed
from tests.cases.pages import LATER, as_, words
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

NAME, FACTS = ExtractField.NAME, ExtractField.FACTS
GONE = "11月16日已撤回同意"


def agreed(case, cast, *, organisation=None, fields=(NAME, FACTS), at=MONDAY + MINUTE, **told):
    words = {"scope": ConsentScope.DISCLOSE, "given_by": ConsentBy.SELF, "way": ConsentWay.ORAL} | told
    return give_consent(
        case, organisation=organisation, fields=fields, purpose="请派出所核实", by=cast.clerk, at=at, **words
    )


def refer(cast, case, **told):
    return make_referral(
        cast, case=case, at=MONDAY + 5 * MINUTE, **({"consented": "", "ticked": (NAME, FACTS)} | told)
    )


def take_back(case, *consents, at=MONDAY + 10 * MINUTE):
    return withdraw_consent(
        case, consents=[row.pk for row in consents], words="不想让他们知道了", by=case.owner, at=at
    )


# Who agreed to what ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "basis", "consented", "carried"),
    [
        pytest.param({}, LegalBasis.CONSENT, "", True, id="agreed to any unit"),
        pytest.param({"organisation": "police"}, LegalBasis.CONSENT, "", True, id="agreed to this unit"),
        pytest.param({"organisation": "court"}, LegalBasis.CONSENT, "", False, id="agreed to another"),
        pytest.param({"fields": (NAME,)}, LegalBasis.CONSENT, "", False, id="agreed to less"),
        pytest.param(
            {"given_by": ConsentBy.GUARDIAN}, LegalBasis.CONSENT, "", False, id="the guardian's is not hers"
        ),
        pytest.param(
            {"given_by": ConsentBy.GUARDIAN}, LegalBasis.GUARDIAN_CONSENT, "", True, id="the guardian's own"
        ),
        pytest.param(
            {"scope": ConsentScope.KEEP}, LegalBasis.CONSENT, "", False, id="keeping is not passing on"
        ),
        pytest.param(None, LegalBasis.CONSENT, "", False, id="never asked (PIPL 23)"),
        pytest.param(None, LegalBasis.CONSENT, "WRITTEN", True, id="asked just now"),
        pytest.param(None, LegalBasis.GUARDIAN_CONSENT, "ORAL", True, id="the guardian just now"),
        pytest.param(None, LegalBasis.STATUTORY_DUTY, "", True, id="a duty needs none (PIPL 13)"),
        pytest.param(None, LegalBasis.EMERGENCY, "", True, id="nor does danger"),
    ],
)
def test_what_carries_a_referral(cast, told, basis, consented, carried):
    case = make_case(cast, "ACCEPTED")
    if told is not None:
        unit = told.pop("organisation", None)
        agreed(case, cast, organisation=getattr(cast, unit) if unit else None, **told)

    if not carried:
        with pytest.raises(StepNotAllowed) as refusal:
            refer(cast, case, legal_basis=basis, consented=consented)
        assert (str(refusal.value), Referral.objects.count()) == (NOT_ASKED, 0)
        return
    sent = refer(cast, case, legal_basis=basis, consented=consented)

    row = Disclosure.objects.get()
    assert (row.kind, row.organisation, row.fields, row.basis) == (
        DisclosureKind.REFERRAL,
        cast.police,
        ["FACTS", "NAME"],
        basis,
    )
    assert (row.purpose, row.referral, row.by, row.at) == (sent.request, sent, case.owner, sent.sent_at)
    assert (row.consent is not None) is (basis in (LegalBasis.CONSENT, LegalBasis.GUARDIAN_CONSENT))


def test_nothing_ticked_asks_no_consent(cast):
    refer(cast, make_case(cast, "ACCEPTED"), ticked=())

    assert (Disclosure.objects.get().fields, Disclosure.objects.get().consent) == ([], None)


def test_consent_stands_in_the_history(cast):
    case = make_case(cast, "ACCEPTED")

    agreed(case, cast, organisation=cast.police)

    event = case.events.latest("seq")
    assert (event.step, event.facts["organisation"], event.facts["fields"]) == (
        Step.CONSENT,
        cast.police.pk,
        ["FACTS", "NAME"],
    )
    assert event.note.text == "请派出所核实"


# Taken back -----------------------------------------------------------------------------------------------------


def test_withdrawn_consent_closes_the_extract_and_the_links_and_tells_both_sides(cast):
    case = make_case(cast, "ACCEPTED")
    consent = agreed(case, cast)
    resting = refer(cast, case)
    by_duty = refer(cast, case, legal_basis=LegalBasis.STATUTORY_DUTY, department=cast.court)
    verbs.make_link(resting, by=case.owner, at=MONDAY + 6 * MINUTE)

    assert take_back(case, consent) == 1

    resting.refresh_from_db()
    by_duty.refresh_from_db()
    assert (resting.withheld_at, by_duty.withheld_at) == (MONDAY + 10 * MINUTE, None)
    assert not resting.links.get().is_usable(MONDAY + 11 * MINUTE)
    told = Notice.objects.filter(kind=NoticeKind.CONSENT_GONE).order_by("pk")
    assert [(row.recipient, row.referral) for row in told] == [(cast.liaison, resting), (case.owner, None)]
    consent.refresh_from_db()
    assert (consent.withdrawn_by, consent.withdrawn_words) == (case.owner, "不想让他们知道了")


def test_the_department_keeps_the_request_and_loses_the_extract(cast, clock):
    case = make_case(cast, "ACCEPTED")
    consent = agreed(case, cast)
    sent = refer(cast, case)
    address = reverse("referral", args=[sent.pk])
    before = words(as_(cast.liaison).get(address))

    take_back(case, consent)

    after, slip = (
        words(as_(cast.liaison).get(url)) for url in (address, reverse("referral_slip", args=[sent.pk]))
    )
    assert "祝冬雪" in before
    for page in (after, slip):
        assert sent.number in page
        assert sent.request in page
        assert "信访人已撤回同意，不再提供个人信息" in page
        assert "祝冬雪" not in page
    assert "祝冬雪" not in words(as_(cast.liaison).get(reverse("referrals")))


@pytest.mark.parametrize(
    ("basis", "goes"),
    [
        (LegalBasis.CONSENT, False),
        (LegalBasis.GUARDIAN_CONSENT, False),
        (LegalBasis.STATUTORY_DUTY, True),
        (LegalBasis.EMERGENCY, True),
    ],
)
def test_after_a_withdrawal_only_law_and_danger_carry(cast, basis, goes):
    case = make_case(cast, "ACCEPTED")
    take_back(case, agreed(case, cast))

    if goes:
        assert refer(cast, case, legal_basis=basis).withheld_at is None
        return
    with pytest.raises(StepNotAllowed, match=GONE):
        refer(cast, case, legal_basis=basis, consented="ORAL")


def test_consent_given_anew_carries_again(cast):
    case = make_case(cast, "ACCEPTED")
    take_back(case, agreed(case, cast), at=MONDAY + 3 * MINUTE)
    agreed(case, cast, organisation=cast.police, fields=(NAME,), at=MONDAY + 4 * MINUTE)

    assert refer(cast, case, ticked=(NAME,)).extract == {"NAME": "祝冬雪"}


def test_what_one_unit_lost_another_may_still_get(cast):
    case = make_case(cast, "ACCEPTED")
    take_back(case, agreed(case, cast, organisation=cast.court))

    assert refer(cast, case, consented="ORAL").department == cast.police


def test_the_form_says_so_at_the_field(cast, clock):
    case = make_case(cast, "ACCEPTED")
    take_back(case, agreed(case, cast))
    asked = {
        "department": cast.police.pk,
        "kind": "ASSIGN",
        "urgency": "MILD",
        "request": "请核实。",
        "ticked": ["NAME"],
        "legal_basis": "CONSENT",
        "consented": "ORAL",
        "go": "send",
        "earlier": 0,
    }

    page = as_(cast.clerk).post(reverse("refer", args=[case.number]), asked)

    assert page.status_code == 422
    assert page.context["form"].errors["legal_basis"][0].startswith(GONE)


def test_taking_back_twice_is_told(cast):
    case = make_case(cast, "ACCEPTED")
    consent = agreed(case, cast)
    take_back(case, consent)

    with pytest.raises(StepNotAllowed, match="没有可以撤回的同意"):
        take_back(case, consent, at=MONDAY + 20 * MINUTE)


def test_the_button_is_there_while_something_can_be_taken_back(cast):
    case = make_case(cast, "ACCEPTED")
    assert Step.WITHDRAW_CONSENT not in steps_open_to(cast.clerk, case)

    consent = agreed(case, cast)
    assert Step.WITHDRAW_CONSENT in steps_open_to(cast.clerk, case)

    take_back(case, consent)
    assert Step.WITHDRAW_CONSENT not in steps_open_to(cast.clerk, case)


# The steps on screen --------------------------------------------------------------------------------------------


def step_page(cast, case, step, **typed):
    return as_(cast.clerk).post(reverse("case_step", args=[case.number, step]), {"seen": case.seq, **typed})


def test_consent_is_recorded_and_withdrawn_on_screen(cast, clock):
    case = make_case(cast, "ACCEPTED")
    given = {"given_by": "SELF", "way": "WRITTEN", "scope": "DISCLOSE", "purpose": "请法院立案"}

    missing = step_page(cast, case, "consent", **given)
    done = step_page(cast, case, "consent", **given, fields_told=["NAME"], organisation=cast.court.pk)

    assert (missing.status_code, done.status_code) == (422, 302)
    consent = case.consents.get()
    assert (consent.organisation, consent.fields, consent.way) == (cast.court, ["NAME"], ConsentWay.WRITTEN)
    case.refresh_from_db()
    gone = step_page(cast, case, "withdraw-consent", consents=[str(consent.pk)], words="算了")
    assert gone.status_code == 302
    consent.refresh_from_db()
    assert consent.withdrawn_at == LATER


def test_keeping_needs_no_unit(cast, clock):
    case = make_case(cast, "ACCEPTED")

    step_page(cast, case, "consent", given_by="GUARDIAN", way="ORAL", scope="KEEP", purpose="办理本案")

    consent = case.consents.get()
    assert (consent.scope, consent.basis, consent.organisation, consent.fields) == (
        ConsentScope.KEEP,
        LegalBasis.GUARDIAN_CONSENT,
        None,
        [],
    )


def test_what_was_told_by_word_of_mouth_is_written_down(cast, clock):
    case = make_case(cast, "ACCEPTED")
    told = {"kind": "ORAL", "basis": "CONSENT", "purpose": "帮忙看护"}

    nobody = step_page(cast, case, "disclose", **told, what="孩子在哪上学")
    nothing = step_page(cast, case, "disclose", **told, recipient="村支书")
    done = step_page(cast, case, "disclose", **told, recipient="村支书", what="孩子在哪上学")

    assert (nobody.status_code, nothing.status_code, done.status_code) == (422, 422, 302)
    row = case.disclosures.get()
    assert (row.recipient, row.what, row.consent) == ("村支书", "孩子在哪上学", None)
    page = words(as_(cast.clerk).get(reverse("disclosures", args=[case.number])))
    assert "没有登记过同意" in page


def test_a_disclosure_by_hand_finds_its_consent(cast):
    case = make_case(cast, "ACCEPTED")
    consent = agreed(case, cast)

    row = record_disclosure(
        case,
        kind=DisclosureKind.ORAL,
        organisation=cast.civil,
        recipient="",
        what="",
        fields=[NAME],
        basis=LegalBasis.CONSENT,
        purpose="申请救助",
        by=cast.clerk,
        at=LATER,
    )

    assert row.consent == consent


# The log --------------------------------------------------------------------------------------------------------


def test_links_and_prints_leave_their_lines(cast, clock, client):
    case = make_case(cast, "ACCEPTED")
    sent = refer(cast, case, consented="ORAL", department=cast.court)
    token = verbs.make_link(sent, by=case.owner, at=MONDAY + 6 * MINUTE)

    client.get(reverse("link_answer", args=[token]))
    client.get(reverse("link_answer", args=[token]))
    as_(cast.clerk).get(reverse("referral_slip", args=[sent.pk]))
    as_(cast.clerk).get(reverse("notice_print", args=[case.number, case.petitioner_notices.get().pk]))

    rows = [(row.kind, row.organisation, row.by) for row in case.disclosures.order_by("at", "pk")]
    assert rows == [
        ("REFERRAL", cast.court, case.owner),
        ("LINK", cast.court, None),
        ("LINK", cast.court, None),
        ("PRINT", cast.court, cast.clerk),
        ("PRINT", None, cast.clerk),
    ]


def test_the_log_is_for_the_line_and_her_paper_names_no_colleague(cast, clock):
    case = make_case(cast, "ACCEPTED")
    agreed(case, cast)
    refer(cast, case)
    pages = {
        part: words(as_(getattr(cast, part)).get(reverse("disclosures", args=[case.number])))
        for part in ("clerk", "officer")
    }
    paper = words(as_(cast.clerk).get(reverse("disclosures_print", args=[case.number])))

    assert "鲁山县公安局" in pages["clerk"]
    assert "鲁山县公安局" not in pages["officer"]
    assert "鲁山县公安局" in paper
    assert cast.clerk.name not in paper
    assert cast.station.name in paper
    assert as_(cast.officer).get(reverse("disclosures_print", args=[case.number])).status_code == 403
