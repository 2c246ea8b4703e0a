"""Calling her: the rules before the number, the number once, the result before the next call."""

import pytest
from django.urls import reverse

from cases.actions import closure
from cases.actions.clocks import cancel_clocks
from cases.actions.safety import call as verbs
from cases.choices import (
    AccessKind,
    CallOutcome,
    FieldGroup,
    PersonRole,
    PhoneSafety,
    Step,
    VisitResult,
)
from cases.models import Access, Call, FollowUp, Party, Phone
from cases.workflow import StepNotAllowed
from tests.cases.pages import as_, at_once, words
from tests.cast import CHINA, MONDAY
from tests.factories import MINUTE, SAFE_PHONE, UNSAFE_PHONE, make_case, petitioner, respondent

PHRASE = "问豆腐还有吗"
LATER = MONDAY + 30 * MINUTE


def card(case):
    return reverse("call", args=[case.number])


def safe_phone(case):
    return Phone.objects.get(person__parties__case=case, safety=PhoneSafety.SAFE)


def unsafe_phone(case):
    return Phone.objects.get(person__parties__case=case, safety=PhoneSafety.UNSAFE)


def dial(client, case, phone=None, **typed):
    return client.post(card(case), {"do": "dial", "phone": (phone or safe_phone(case)).pk, **typed})


def begin(case, by, at=LATER):
    return verbs.begin_call(case, safe_phone(case), by=by, at=at)


def test_the_card_says_how_before_it_says_what(cast):
    case = make_case(cast, "HANDLING")

    page = as_(cast.clerk).get(card(case))

    said = words(page)
    assert page.status_code == 200
    assert "不要说明来电单位" in said
    assert "工作日上午" in said
    assert "打错了" in said
    assert "我看清楚了，准备拨打" in said
    assert SAFE_PHONE not in said
    assert PHRASE not in said
    assert UNSAFE_PHONE not in said
    assert "另有1个号码标为“不要打”" in said
    seen = Access.objects.get(case=case)
    assert (seen.kind, seen.fields) == (AccessKind.REVEAL, FieldGroup.CONTACT)


def test_the_number_and_the_phrase_appear_once(cast):
    case = make_case(cast, "HANDLING")
    client = as_(cast.clerk)

    page = dial(client, case)

    assert page.status_code == 200
    assert SAFE_PHONE in words(page)
    assert PHRASE in words(page)
    assert "no-store" in page["Cache-Control"]
    assert Access.objects.filter(case=case, kind=AccessKind.CALL).count() == 1
    for again in (client.get(card(case)), dial(client, case)):
        assert SAFE_PHONE not in words(again)
        assert PHRASE not in words(again)
        assert "有一次通话没有记录结果" in words(again)
    assert Call.objects.filter(case=case).count() == 1


@pytest.mark.parametrize("role", [PersonRole.RESPONDENT, PersonRole.WITNESS])
def test_numbers_of_others_cannot_be_dialled(cast, role):
    his = respondent(role=role, phones=(petitioner().phones[0],))
    case = make_case(cast, "HANDLING", parties=(petitioner(phones=()), his))
    phone = Phone.objects.get(person__parties__role=role)

    page = dial(as_(cast.clerk), case, phone)

    assert page.status_code == 422
    assert SAFE_PHONE not in words(page)
    assert not Call.objects.exists()


def test_who_is_complained_of_is_not_called_in_another_part_either(cast):
    case = make_case(cast, "HANDLING")
    person = case.parties.get(role=PersonRole.PETITIONER).person
    Party.objects.create(case=case, person=person, role=PersonRole.RESPONDENT, position=9)

    assert verbs.numbers_to_dial(case) == []


def test_an_unsafe_number_is_dialled_by_nobody(cast):
    case = make_case(cast, "HANDLING")

    page = dial(as_(cast.leader), case, unsafe_phone(case), reason="领导要亲自联系")

    assert page.status_code == 422
    assert UNSAFE_PHONE not in words(page)
    with pytest.raises(StepNotAllowed, match="不能拨打"):
        verbs.begin_call(case, unsafe_phone(case), by=cast.clerk, at=LATER)


def test_a_number_that_does_not_exist_is_refused(cast):
    case = make_case(cast, "HANDLING")

    assert dial(as_(cast.clerk), case, Phone()).status_code == 422


def test_marked_unsafe_after_the_card_was_drawn_it_is_not_dialled(cast):
    case = make_case(cast, "HANDLING")
    phone = safe_phone(case)
    Phone.objects.filter(pk=phone.pk).update(safety=PhoneSafety.UNSAFE)

    with pytest.raises(StepNotAllowed, match="不能拨打"):
        verbs.begin_call(case, phone, by=cast.clerk, at=LATER)


def test_from_outside_the_line_a_reason_comes_first(cast):
    case = make_case(cast, "HANDLING")
    client = as_(cast.clerk2)

    asked = client.get(card(case))
    refused = client.post(card(case), {"reason": ""})
    shown = client.post(card(case), {"reason": "承办人请假，代她回电"})
    without = dial(client, case)
    dialled = dial(client, case, reason="承办人请假，代她回电")

    assert "工作日上午" not in words(asked) + words(refused)
    assert (asked.status_code, refused.status_code, shown.status_code) == (200, 422, 200)
    assert "工作日上午" in words(shown)
    assert without.status_code == 422
    assert SAFE_PHONE in words(dialled)
    made = Access.objects.get(case=case, kind=AccessKind.CALL)
    assert (made.reason.text, made.in_line) == ("承办人请假，代她回电", False)


def test_who_reads_masked_does_not_call(cast):
    case = make_case(cast, "HANDLING")

    assert as_(cast.village_liaison).get(card(case)).status_code == 404
    assert as_(cast.archivist).get(card(case)).status_code == 403
    assert as_(cast.other_clerk).get(card(case)).status_code == 404


def test_the_result_goes_into_the_history_without_words(cast):
    case = make_case(cast, "HANDLING")
    client = as_(cast.clerk)
    dial(client, case)

    page = client.post(
        card(case), {"do": "end", "outcome": "SPOKE", "spoke_safely": "yes", "words": "她姐姐在旁边"}
    )

    assert page.status_code == 302
    made = Call.objects.get(case=case)
    assert (made.outcome, made.spoke_safely, made.words) == (CallOutcome.SPOKE, True, "她姐姐在旁边")
    event = case.events.get(step=Step.CALL)
    assert event.facts == {"outcome": "SPOKE", "safe": True}
    assert event.note_mac is None


def test_spoken_means_said_whether_safely(cast):
    case = make_case(cast, "HANDLING")
    client = as_(cast.clerk)
    dial(client, case)

    page = client.post(card(case), {"do": "end", "outcome": "SPOKE"})
    empty = client.post(card(case), {"do": "end"})

    assert (page.status_code, empty.status_code) == (422, 422)
    assert "请回答她能不能安全说话。" in words(page)
    assert Call.objects.get(case=case).outcome == ""
    with pytest.raises(StepNotAllowed, match="能不能安全说话"):
        verbs.end_call(Call.objects.get(), outcome=CallOutcome.SPOKE, by=cast.clerk, at=LATER)


def test_a_result_is_written_once(cast):
    case = make_case(cast, "HANDLING")
    begun = begin(case, cast.clerk)
    verbs.end_call(begun, outcome=CallOutcome.NO_ANSWER, by=cast.clerk, at=LATER)

    with pytest.raises(StepNotAllowed, match="刚刚已经记录"):
        verbs.end_call(begun, outcome=CallOutcome.NO_ANSWER, by=cast.clerk, at=LATER)
    page = as_(cast.clerk).post(card(case), {"do": "end", "outcome": "NO_ANSWER"})

    assert page.status_code == 409
    assert case.events.filter(step=Step.CALL).count() == 1


def test_a_case_that_was_voided_meanwhile_keeps_the_call_open(cast):
    case = make_case(cast, "REGISTERED")
    client = as_(cast.clerk)
    dial(client, case)
    type(case).objects.filter(pk=case.pk).update(status="VOID", ended_at=LATER, ended_by=cast.head)

    page = client.post(card(case), {"do": "end", "outcome": "NO_ANSWER"})

    assert page.status_code == 409
    assert "作废" in words(page)


@pytest.mark.django_db(transaction=True)
def test_two_presses_open_the_number_once(live_cast):
    case = make_case(live_cast, "HANDLING")
    phone = safe_phone(case)

    def press():
        try:
            return verbs.begin_call(case, phone, by=live_cast.clerk, at=LATER)
        except StepNotAllowed as refusal:
            return str(refusal)

    answers = at_once(press, press)

    assert sorted(isinstance(answer, str) for answer in answers) == [False, True]
    assert Call.objects.count() == 1


def follow_up_url(case):
    return reverse("case_step", args=[case.number, "follow-up"])


def test_a_visit_by_telephone_begins_with_the_card(cast):
    case = make_case(cast, "CLOSED")
    client = as_(cast.clerk)
    assert card(case) in client.get(follow_up_url(case)).content.decode()
    dial(client, case)

    done = client.post(card(case), {"do": "end", "outcome": "SPOKE", "spoke_safely": "yes"})
    page = client.get(done["Location"])

    made = Call.objects.get()
    assert done["Location"] == f"{follow_up_url(case)}?call={made.pk}"
    form = page.context["form"]
    assert (form["way"].value(), form["spoke_safely"].value()) == ("PHONE", "yes")
    assert f"{form['happened_at'].value():%H:%M}" == f"{made.at.astimezone(CHINA):%H:%M}"


@pytest.mark.parametrize("call", ["", "no-uuid", "6f2e2ed6-0000-7000-8000-000000000000"])
def test_a_visit_without_a_call_is_filled_in_by_hand(cast, call):
    case = make_case(cast, "CLOSED")

    form = as_(cast.clerk).get(follow_up_url(case), {"call": call}).context["form"]

    assert (form["way"].value(), form["spoke_safely"].value()) == (None, None)


@pytest.mark.parametrize(
    ("typed", "tried"),
    [
        pytest.param({"outcome": "SPOKE", "spoke_safely": "no"}, 1, id="not safe: no content, tried again"),
        pytest.param({"outcome": "OTHERS"}, 1, id="somebody else"),
        pytest.param({"outcome": "NO_ANSWER"}, 1, id="nobody"),
        pytest.param({"outcome": "CUT_OFF"}, 1, id="cut off"),
        pytest.param({"outcome": "NOT_DIALLED"}, 0, id="not dialled"),
        pytest.param({"outcome": "SPOKE", "spoke_safely": "yes"}, 0, id="safe: the form is next"),
    ],
)
def test_a_try_that_failed_leaves_the_visit_owed(cast, typed, tried):
    case = make_case(cast, "CLOSED", involves_dv=True)
    owed = set(case.clocks.live().filter(code__in=closure.VISIT_CLOCKS).values_list("pk", flat=True))
    client = as_(cast.clerk)
    dial(client, case)

    client.post(card(case), {"do": "end", **typed})

    visits = list(FollowUp.objects.filter(case=case))
    assert len(visits) == tried
    for visit in visits:
        assert (visit.spoke_safely, visit.result, visit.content) == (False, VisitResult.UNREACHABLE, "")
    assert set(case.clocks.live().values_list("pk", flat=True)) >= owed
    assert owed


def test_no_visit_owed_none_tried(cast):
    case = make_case(cast, "CLOSED")
    cancel_clocks(case, *closure.VISIT_CLOCKS, at=LATER, by=cast.clerk)
    begun = begin(case, cast.clerk)

    verbs.end_call(begun, outcome=CallOutcome.NO_ANSWER, by=cast.clerk, at=LATER)

    assert not FollowUp.objects.exists()


def test_the_desk_reminds_of_a_call_without_result(cast):
    case = make_case(cast, "HANDLING")
    begin(case, cast.clerk)

    assert "有一次通话没有记录结果" in words(as_(cast.clerk).get(reverse("desk")))
    assert "有一次通话没有记录结果" not in words(as_(cast.head).get(reverse("desk")))


def test_the_phrase_is_on_no_other_page(cast):
    case = make_case(cast, "HANDLING")

    page = as_(cast.clerk).post(reverse("reveal", args=[case.number]), {"group": "CONTACT"})

    assert SAFE_PHONE in words(page)
    assert PHRASE not in page.content.decode()
    assert "有暗语，打电话时才显示" in words(page)


def test_the_phrase_is_not_opened_by_breaking_in(cast):
    case = make_case(cast, "HANDLING")
    reader = as_(cast.other_clerk)
    inside = reverse("break_in", args=[case.number])
    reader.post(inside, {"reason": "她在医院，情况紧急，来不及问", "known": "on"})

    page = reader.post(inside, {"group": "CONTACT"})

    assert SAFE_PHONE in words(page)
    assert PHRASE not in page.content.decode()
    assert "有暗语，请问承办人" in words(page)


def test_nobody_to_call_is_said(cast):
    case = make_case(cast, "HANDLING", parties=(petitioner(phones=()), respondent()))

    assert "没有可以拨打的号码" in words(as_(cast.clerk).get(card(case)))
