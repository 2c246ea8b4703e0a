"""What somebody with an account, a link or a copy of the database tries, each named by the attack."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.actions import escalation, handling, intake
from cases.actions.intake import PhoneEntry
from cases.actions.referral import make_link
from cases.choices import (
    AccessKind,
    ConsentWay,
    EscalationReason,
    ExtractField,
    FieldGroup,
    LegalBasis,
    PersonRole,
    PhoneSafety,
    ReferralKind,
    Risk,
    Status,
    Step,
    Urgency,
)
from cases.models import Access, Case, IntakeDraft, Referral, ReferralLink
from stations.models import Organisation, Staff
from stations.roles import Role
from tests.cases.conftest import Clock
from tests.cases.pages import LATER, as_, press, words
from tests.cases.test_intake_page import walk_in
from tests.cast import MONDAY
from tests.factories import (
    FACTS,
    ID_NUMBER,
    MINUTE,
    RESPONDENT_ID_NUMBER,
    SAFE_PHONE,
    UNSAFE_PHONE,
    make_case,
    make_referral,
    petitioner,
    respondent,
)


@pytest.fixture(name="clock")
def the_clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    return clock


REVEALED = ("祝冬雪", ID_NUMBER, SAFE_PHONE, "姐姐家")
HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def do(case: Case, step: Step) -> str:
    return reverse("case_step", args=[case.number, step.lower().replace("_", "-")])


def reveal(client: Client, case: Case, group: FieldGroup, **typed: str):
    return client.post(reverse("reveal", args=[case.number]), {"group": group, **typed})


# Ids of others in forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["other_clerk", "other_officer", "volunteer", "liaison", "sec_admin", "audit_admin"]
)
def test_no_step_of_a_case_outside_sight_answers_to_a_bare_post(cast, client, who):
    case = make_case(cast, "HANDLING")
    before = (case.seq, bytes(case.head))
    client.force_login(getattr(cast, who))

    got = {step: client.post(do(case, step), {"reason": "x"}).status_code for step in Step}

    assert set(got.values()) == {404}
    case.refresh_from_db()
    assert (case.seq, bytes(case.head)) == before


def test_an_owner_of_another_unit_is_not_taken(cast, client):
    case = make_case(cast, "ACCEPTED")
    client.force_login(cast.head)

    for stranger in (cast.other_clerk, cast.officer, cast.liaison, cast.volunteer):
        answer = client.post(do(case, Step.ASSIGN), {"owner": stranger.pk})

        assert answer.status_code == 422
    assert Case.objects.get(pk=case.pk).owner == cast.clerk


def test_a_helper_of_another_unit_is_not_let_in(cast, client):
    case = make_case(cast, "HANDLING")
    client.force_login(cast.head)

    answer = client.post(do(case, Step.ASSIST), {"assistant": cast.other_clerk.pk, "note": "看看"})

    assert answer.status_code == 422
    assert not Case.objects.visible_to(cast.other_clerk).exists()


def test_merging_into_a_case_outside_sight_says_what_a_wrong_number_says(cast, client):
    case, hidden = make_case(cast, "HANDLING"), make_case(cast, "HANDLING", unit=cast.far_station)
    client.force_login(cast.head)

    answers = [
        client.post(do(case, Step.MERGE), {"into": number, "reason": "同一件"})
        for number in (hidden.number, "410421103-2026-F-99999")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    said = [re.sub(r"\d{9}-\d{4}-F-\d{5}", "", words(answer)) for answer in answers]
    assert said[0] == said[1]


def test_a_notice_of_another_case_is_not_delivered_here(cast, client):
    case, other = make_case(cast, "ACCEPTED"), make_case(cast, "ACCEPTED")
    client.force_login(cast.clerk)
    foreign = other.petitioner_notices.get()

    delivered = client.post(
        do(case, Step.DELIVER), {"notice": foreign.pk, "way": "POST", "delivered_on": "2026-11-16"}
    )
    printed = client.get(reverse("notice_print", args=[case.number, foreign.pk]))

    assert (delivered.status_code, printed.status_code) == (422, 404)


def test_a_handler_of_another_department_is_not_named(cast, clock):
    referral = make_referral(cast, "SIGNED")

    answer = press(as_(cast.liaison), referral, "start", handler=cast.civil_liaison.pk)

    assert answer.status_code == 422
    assert Referral.objects.get(pk=referral.pk).handler is None


# People shared between cases ------------------------------------------------------------------------------------


def register_by_page(staff: Staff, **overrides) -> Case:
    client = as_(staff)
    response = client.post(reverse("intake"), walk_in(**overrides))
    assert response.status_code == 302, words(response)
    return Case.objects.get(number=response.url.split("/")[2])


def test_what_is_told_to_the_county_does_not_appear_at_the_township(cast):
    at_township = make_case(cast, parties=(petitioner(),))

    at_county = register_by_page(
        cast.officer, petitioner__id_number=ID_NUMBER, petitioner__address_now="省城庇护所三楼"
    )

    assert not Case.objects.visible_to(cast.clerk).filter(pk=at_county.pk).exists()
    page = reveal(as_(cast.clerk), at_township, FieldGroup.ADDRESS)
    assert page.status_code == 200
    assert "姐姐家" in page.content.decode()
    assert "庇护所" not in page.content.decode()


def test_naming_the_victim_as_respondent_does_not_bring_her_address_into_his_case(cast):
    make_case(cast, parties=(petitioner(), respondent()))

    his = register_by_page(
        cast.clerk2, petitioner__name="秦大勇", respondent__name="祝冬雪", respondent__id_number=ID_NUMBER
    )

    for group in (FieldGroup.ADDRESS, FieldGroup.CONTACT):
        page = reveal(as_(cast.clerk2), his, group).content.decode()
        assert "姐姐家" not in page
        assert "问豆腐还有吗" not in page


def test_his_own_visit_does_not_bring_his_words_into_her_case(cast):
    hers = make_case(cast, parties=(petitioner(), respondent()))

    register_by_page(
        cast.clerk2,
        petitioner__name="秦大勇",
        petitioner__id_number=RESPONDENT_ID_NUMBER,
        petitioner__address_now="下汤镇工棚",
    )

    accused = hers.parties.get(role=PersonRole.RESPONDENT).person
    assert accused.address_now == "鲁山县下汤镇假设路一号"


def test_the_same_person_at_the_same_desk_is_one_person(cast):
    first = make_case(cast, parties=(petitioner(),))

    again = register_by_page(cast.clerk2, petitioner__id_number=ID_NUMBER)

    assert first.parties.get().person == again.parties.get().person


def test_a_slip_of_the_number_overwrites_nobody(cast):
    first = make_case(cast, parties=(petitioner(),))

    other = register_by_page(
        cast.clerk2,
        petitioner__name="甄无关",
        petitioner__id_number=ID_NUMBER,
        petitioner__address_now="别处",
    )

    assert other.parties.get().person != first.parties.get().person
    assert first.parties.get().person.name == "祝冬雪"


def test_the_telephone_he_answers_does_not_tell_him_that_she_came(cast):
    case = make_case(cast)
    client = as_(cast.clerk2)

    his = client.post(reverse("intake_known"), {"phone-0-number": UNSAFE_PHONE}).content.decode()
    hers = client.post(reverse("intake_known"), {"phone-0-number": SAFE_PHONE}).content.decode()

    assert case.number not in his
    assert "来过" not in his
    assert case.number in hers


def test_a_department_is_told_to_ask_first(cast, clock):
    careful = PhoneEntry("13900000003", safety=PhoneSafety.ASK_FIRST, hide_caller=True, pass_phrase="豆腐")
    case = make_case(cast, "ACCEPTED", parties=(petitioner(phones=(careful,)),))

    sent = make_referral(cast, case=case, ticked=(ExtractField.PHONE,))

    assert sent.extract["PHONE"] == "13900000003（先问是否方便再说事，请勿说明来电单位）"


# Looking without leaving a trace --------------------------------------------------------------------------------


def asked_to_refer(cast, **changes) -> dict:
    told = {
        "department": cast.police.pk,
        "kind": ReferralKind.ASSIGN,
        "urgency": Urgency.URGENT,
        "request": "请出警核实。",
        "ticked": [ExtractField.NAME, ExtractField.ID_NUMBER, ExtractField.PHONE, ExtractField.FACTS],
        "legal_basis": LegalBasis.CONSENT,
        "consented": ConsentWay.ORAL,
        "earlier": 0,
        "go": "preview",
    }
    return told | changes


def test_a_preview_opens_nothing_to_a_colleague_outside_the_line(cast):
    case = make_case(cast, "ACCEPTED")

    page = as_(cast.clerk2).post(reverse("refer", args=[case.number]), asked_to_refer(cast))

    assert page.status_code == 200
    for secret in ("祝冬雪", ID_NUMBER, SAFE_PHONE, FACTS[:10]):
        assert secret not in page.content.decode()
    assert not Access.objects.filter(case=case, kind=AccessKind.REVEAL).exists()


def test_a_preview_in_the_line_is_written_down(cast):
    case = make_case(cast, "ACCEPTED")

    page = as_(cast.clerk).post(reverse("refer", args=[case.number]), asked_to_refer(cast))

    assert ID_NUMBER in page.content.decode()
    groups = set(Access.objects.filter(case=case, kind=AccessKind.REVEAL).values_list("fields", flat=True))
    assert groups == {FieldGroup.IDENTITY, FieldGroup.CONTACT, FieldGroup.STORY}


@pytest.mark.parametrize("who", ["volunteer", "archivist"])
def test_a_reader_of_masked_files_prints_no_letter_with_a_name(cast, who):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.volunteer, note="请提供法律意见", by=cast.head, at=LATER)
    escalation.escalate(
        case,
        to_unit=cast.county,
        reason=EscalationReason.CROSS_DEPT,
        tried="调解两次",
        by=cast.head,
        at=LATER,
    )
    client, letter = as_(getattr(cast, who)), case.petitioner_notices.get()
    assert "祝冬雪" in letter.body

    page = client.get(reverse("case", args=[case.number]))
    printed = client.get(reverse("notice_print", args=[case.number, letter.pk]))

    assert page.status_code == 200
    assert str(letter.pk) not in page.content.decode()
    assert printed.status_code == 404


def test_asking_whether_she_is_known_elsewhere_leaves_a_trace_there(cast):
    case = make_case(cast)

    page = as_(cast.other_clerk).post(
        reverse("intake_known"), {"petitioner-id_number": ID_NUMBER, "petitioner-name": ""}
    )

    assert "另有单位接待过此人" in page.content.decode()
    assert case.number not in page.content.decode()
    trace = Access.objects.get(case=case, staff=cast.other_clerk)
    assert (trace.kind, trace.unit, trace.in_line) == (AccessKind.SEARCH, cast.other_station, False)
    assert (
        cast.other_clerk.name in as_(cast.clerk).get(reverse("accesses", args=[case.number])).content.decode()
    )


def test_asking_again_and_again_is_one_trace_in_ten_minutes(cast):
    case, client = make_case(cast), as_(cast.other_clerk)

    for _ in range(3):
        client.post(reverse("intake_known"), {"phone-0-number": SAFE_PHONE})

    assert Access.objects.filter(case=case, staff=cast.other_clerk).count() == 1


def test_opening_a_link_by_post_leaves_the_same_trace(cast, clock):
    referral = make_referral(cast, department=cast.court)
    url = reverse("link_answer", args=[make_link(referral, by=cast.clerk, at=MONDAY + MINUTE)])

    page = Client(REMOTE_ADDR=f"test-{uuid4()}").post(url, {})

    assert page.status_code in (409, 422)
    assert "祝冬雪" in page.content.decode()
    assert Access.objects.filter(referral=referral, staff=None).count() == 1
    assert ReferralLink.objects.get().opened_at is not None


def test_what_an_objection_proposes_is_masked_outside_the_line(cast, clock):
    referral = make_referral(cast, "OBJECTED")
    Referral.objects.get(pk=referral.pk)
    other = Referral.objects.get(pk=referral.pk)
    other.proper_body, other.signed_name = "秦大勇所在单位", "牛队长"
    other.signed_by = None
    other.save()

    page = as_(cast.clerk2).get(reverse("referral", args=[referral.pk])).content.decode()

    assert "秦大勇" not in page
    assert "牛队长" not in page


# Bending the rules from inside ----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [Risk.RED, Risk.ORANGE])
def test_lowering_the_danger_does_not_lower_who_approves(cast, before):
    case = make_case(cast, "HANDLING", risk=before)

    for who in (cast.clerk, cast.head):
        answer = as_(who).post(do(case, Step.RERISK), {"risk": Risk.BLUE, "reason": "好结案"})

        assert answer.status_code == 422
        assert "县妇联" in words(answer)
    assert Case.objects.get(pk=case.pk).risk == before


def test_who_approves_the_closing_may_lower_the_danger(cast):
    orange, red = (make_case(cast, "HANDLING", risk=risk) for risk in (Risk.ORANGE, Risk.RED))
    lowered = {"risk": Risk.YELLOW, "reason": "施暴人已被羁押"}

    assert as_(cast.officer).post(do(red, Step.RERISK), lowered).status_code == 422
    assert as_(cast.officer).post(do(orange, Step.RERISK), lowered).status_code == 302
    assert as_(cast.leader).post(do(red, Step.RERISK), lowered).status_code == 302


def test_anybody_who_handles_may_raise_the_danger(cast):
    case = make_case(cast, "HANDLING", risk=Risk.ORANGE)

    answer = as_(cast.clerk).post(do(case, Step.RERISK), {"risk": Risk.RED, "reason": "扬言杀人"})

    assert answer.status_code == 302


def test_merging_does_not_bury_a_danger(cast):
    red = make_case(cast, "HANDLING", risk=Risk.RED, involves_dv=True, involves_minor=True)
    blue = make_case(cast, "HANDLING", at=MONDAY + timedelta(hours=1))

    handling.merge_case(red, into=blue, reason="同一件", by=cast.head, at=MONDAY + timedelta(hours=2))

    blue.refresh_from_db()
    assert (blue.risk, blue.involves_dv, blue.involves_minor) == (Risk.RED, True, True)


def test_the_page_of_another_case_does_not_close_it_on_the_spot(cast):
    hers = make_case(cast)

    answer = as_(cast.other_clerk).post(
        reverse("intake"), walk_in(submission=str(hers.submission), finish="ADVISE", reply="已答复")
    )

    hers.refresh_from_db()
    assert hers.status == Status.REGISTERED
    assert hers.number not in answer.headers.get("Location", "") + answer.content.decode()


def test_the_draft_of_another_is_neither_shown_nor_overwritten_nor_dropped(cast):
    page = uuid4()
    intake.save_draft(staff=cast.clerk, submission=page, answers={"facts": [FACTS]}, at=timezone.now())
    thief = as_(cast.clerk2)

    shown = thief.get(reverse("intake"), {"draft": str(page)})
    thief.post(reverse("intake_draft"), {"submission": str(page), "facts": "别的"})
    thief.post(reverse("intake_draft"), {"submission": str(page), "discard": "1"})

    assert FACTS not in shown.content.decode()
    assert IntakeDraft.objects.get(staff=cast.clerk).answers == {"facts": [FACTS]}


def test_a_page_left_open_by_another_becomes_nobodys_draft_and_case_unasked(cast):
    """A shared computer: the next to log in must not get the words of the one before, nor register in her name unasked."""
    left = as_(cast.clerk).get(reverse("intake")).content.decode()
    sent = walk_in(desk=re.search(r'name="desk" value="(\d+)"', left).group(1))
    other = as_(cast.clerk2)

    kept = other.post(reverse("intake_draft"), sent)
    asked = other.post(reverse("intake"), sent)
    meant = other.post(
        reverse("intake"),
        sent | {"desk": re.search(r'name="desk" value="(\d+)"', asked.content.decode()).group(1)},
    )

    assert (kept.status_code, asked.status_code, meant.status_code) == (409, 409, 302)
    assert not IntakeDraft.objects.exists()
    assert sent["facts"] in asked.content.decode()
    assert Case.objects.get().owner == cast.clerk2


def test_a_station_entered_at_the_county_sees_what_is_its_own_and_no_more(cast):
    """The system administrator misplaces a unit, by mistake or for a friend."""
    mine, theirs = make_case(cast), make_case(cast, unit=cast.other_station)
    cast.station.region_id = "410423000000"
    cast.station.save()
    cast.clerk.organisation = Organisation.objects.select_related("region").get(pk=cast.station.pk)

    assert list(Case.objects.visible_to(cast.clerk)) == [mine]
    assert theirs not in Case.objects.visible_to(cast.clerk)


def test_a_case_role_in_a_department_opens_nothing(cast):
    make_referral(cast)
    cast.handler.roles = [Role.COUNTY_LEADER]
    cast.handler.save()
    client = as_(cast.handler)

    assert not Case.objects.visible_to(cast.handler).exists()
    assert client.get(reverse("worklist")).status_code in (200, 302, 403)
    assert client.get(reverse("case", args=[Case.objects.get().number])).status_code == 404
    assert client.get(reverse("referral", args=[Referral.objects.get().pk])).status_code == 404
    assert client.post(reverse("search"), {"q": "祝冬雪"}).content.decode().count("祝") <= 1


def test_a_partner_role_in_a_federation_opens_no_referral_by_itself(cast):
    referral = make_referral(cast)
    cast.stat_officer.roles = [Role.PARTNER_LEADER]
    cast.stat_officer.save()

    assert as_(cast.stat_officer).get(reverse("referral", args=[referral.pk])).status_code == 404
