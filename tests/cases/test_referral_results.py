"""Results of a referral, with an account or on paper; our page of it, its letter, and our list."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.choices import (
    AccessKind,
    ExtractField,
    FeedbackKind,
    FeedbackWay,
    FieldGroup,
    ReferralStatus,
)
from cases.models import Access, AccessReason, Event, Feedback, Referral
from tests.cases.pages import LATER, as_, at_once, press, step_url, words
from tests.cases.test_referral_screens import asked, refer_url
from tests.cast import MONDAY
from tests.factories import FACTS, make_case, make_referral

STEPS_AND_MISSING = [
    ("SENT", "clerk", "withdraw", {}, "请填写撤回原因。"),
    ("SIGNED", "liaison", "object", {"proper_body": "法院"}, "请填写为什么不属本部门。"),
    ("SIGNED", "liaison", "object", {"reason": "不归我们"}, "请填写应由哪个单位办理。"),
    ("OBJECTED", "clerk", "return", {}, "请填写同意退回的理由。"),
    ("OBJECTED", "clerk", "uphold", {}, "请填写仍请该部门办理的理由。"),
    ("SIGNED", "liaison", "start", {"handler": "CIVIL"}, "承办人须是本部门有账号的人"),
    ("SIGNED", "liaison", "start", {"partner_number": "长" * 61}, "本部门案号或文号最多60字"),
    ("SIGNED", "liaison", "interim", {}, "请填写进展情况。"),
    ("RESULT", "clerk", "rework", {}, "请填写还缺什么、要补办什么。"),
    ("RESULT", "clerk", "write-off", {}, "请填写核对意见。"),
]


@pytest.mark.parametrize(("status", "who", "step", "typed", "sentence"), STEPS_AND_MISSING)
def test_a_step_tells_what_is_missing(cast, clock, status, who, step, typed, sentence):
    referral = make_referral(cast, status)
    if typed.get("handler") == "CIVIL":
        typed = {"handler": cast.civil_liaison.pk}

    page = press(as_(getattr(cast, who)), referral, step, **typed)

    assert page.status_code == 422
    assert sentence in words(page)
    assert Referral.objects.get(pk=referral.pk).status == status


PAPERS = {"doc_number": "鲁公告诫〔2026〕8号", "doc_on": "2026-11-16"}
ORDER = {"doc_number": "（2026）豫0423民保令9号", "doc_on": "2026-11-16", "valid_until": "2027-05-16"}


@pytest.mark.parametrize(
    ("department", "typed", "sentence"),
    [
        ("police", {"result": ""}, "请选择办理结果。"),
        ("police", {"result": "COURT.PO_ISSUED", **ORDER}, "办理结果的选项不在清单中"),
        ("police", {"result": "POLICE.WARNING_LETTER", **PAPERS, "doc_number": ""}, "这种结果须填写文书号。"),
        ("police", {"result": "POLICE.WARNING_LETTER", **PAPERS, "doc_on": ""}, "这种结果须填写文书日期。"),
        (
            "police",
            {"result": "POLICE.WARNING_LETTER", **PAPERS, "doc_on": "2026-11-17"},
            "文书日期不能晚于今天。",
        ),
        (
            "police",
            {"result": "POLICE.WARNING_LETTER", **PAPERS, "doc_on": "昨天"},
            "文书日期请按 2026-11-21 的样子填写",
        ),
        ("police", {"result": "DONE", "text": ""}, "请填写办理情况。"),
        ("police", {"result": "DONE", "text": "长" * 8001}, "办理情况最多8000字"),
        ("court", {"result": "COURT.PO_ISSUED", **ORDER, "valid_until": ""}, "这种结果须填写有效至。"),
        (
            "court",
            {"result": "COURT.PO_ISSUED", **ORDER, "valid_until": "2026-11-15"},
            "有效至不能早于文书日期。",
        ),
        ("court", {"result": "COURT.PO_ISSUED", **ORDER, "valid_until": "2027-05-17"}, "最晚到2027年5月16日"),
        ("civil", {"result": "CIVIL_AFFAIRS.TEMP_RELIEF"}, "这种结果须填写金额（元）。"),
        ("civil", {"result": "CIVIL_AFFAIRS.TEMP_RELIEF", "amount": "三百"}, "金额（元）请填写数字"),
        ("civil", {"result": "CIVIL_AFFAIRS.TEMP_RELIEF", "amount": "0"}, "金额（元）应大于0。"),
        ("civil", {"result": "CIVIL_AFFAIRS.TEMP_RELIEF", "amount": "1.005"}, "金额（元）最多两位小数。"),
        ("civil", {"result": "CIVIL_AFFAIRS.TEMP_RELIEF", "amount": "99999999999"}, "金额（元）太大"),
        ("justice", {"result": "JUSTICE.AID_GRANTED"}, "这种结果须填写文书日期。"),
    ],
)
def test_each_kind_of_result_asks_for_its_own_fields(cast, clock, department, typed, sentence):
    referral = make_referral(cast, department=getattr(cast, department))
    told = {
        "kind": FeedbackKind.RESULT,
        "name": "李负责",
        "text": "办了",
        "received_on": "2026-11-16",
        **typed,
    }

    page = as_(cast.clerk).post(
        reverse("referral_paper", args=[referral.pk]), told | {"version": referral.version}
    )

    assert page.status_code == 422
    assert sentence in words(page)
    assert Feedback.objects.count() == 0


def test_a_field_of_another_result_is_not_kept(cast, clock):
    referral = make_referral(cast, "SIGNED")

    press(
        as_(cast.liaison),
        referral,
        "answer",
        result="DONE",
        text="办了",
        amount="300",
        valid_until="2027-01-01",
    )

    said = Feedback.objects.get()
    assert (said.result, said.amount, said.valid_until) == ("DONE", None, None)


def test_without_a_leader_account_the_result_stands(cast, clock):
    referral = make_referral(cast, department=cast.civil)
    liaison = as_(cast.civil_liaison)
    press(liaison, referral, "sign")

    press(liaison, referral, "answer", result="CIVIL_AFFAIRS.TEMP_RELIEF", text="已救助", amount="１,200")

    said = Feedback.objects.get()
    assert Referral.objects.get(pk=referral.pk).status == ReferralStatus.RESULT
    assert (said.amount, said.confirmed_at, said.confirmed_by) == (1200, LATER, None)
    confirmed = Event.objects.get(case=referral.case, step="CONFIRM")
    assert confirmed.facts["leader_account"] is False
    assert confirmed.note.text == "部门未设领导账号，结果按已确认计"
    page = as_(cast.clerk).get(reverse("referral", args=[referral.pk]))
    assert "部门未设领导账号，视为已确认" in words(page)


def test_with_a_leader_account_the_result_waits(cast, clock):
    referral = make_referral(cast, "SIGNED")

    press(as_(cast.liaison), referral, "answer", result="DONE", text="办了")

    assert Referral.objects.get(pk=referral.pk).status == ReferralStatus.ANSWERED
    assert Feedback.objects.get().confirmed_at is None
    assert not Event.objects.filter(case=referral.case, step="CONFIRM").exists()


# Paper ----------------------------------------------------------------------------------------------------------


def paper(referral, **changes) -> dict:
    told = {
        "version": Referral.objects.values_list("version", flat=True).get(pk=referral.pk),
        "received_on": "2026-11-16",
        "kind": FeedbackKind.RESULT,
        "result": "POLICE.WARNING_LETTER",
        "text": "已出具告诫书",
        "name": "吴局长",
        **PAPERS,
    }
    return told | changes


@pytest.mark.parametrize("status", ["SENT", "SIGNED", "IN_PROGRESS", "ANSWERED"])
def test_a_paper_result_is_keyed_in_and_marked(cast, clock, status):
    referral = make_referral(cast, status)

    response = as_(cast.clerk).post(reverse("referral_paper", args=[referral.pk]), paper(referral))

    assert response.status_code == 302
    said = Feedback.objects.filter(referral=referral).latest("at")
    assert (said.way, said.answered_by_name, said.by) == (FeedbackWay.PAPER, "吴局长", cast.clerk)
    assert said.confirmed_at == LATER
    assert Referral.objects.get(pk=referral.pk).status == ReferralStatus.RESULT
    assert "纸质回复（我方代录）" in words(as_(cast.clerk).get(reverse("referral", args=[referral.pk])))
    partner = words(as_(cast.liaison).get(reverse("referral", args=[referral.pk])))
    assert "吴局长" in partner


def test_a_paper_interim_needs_words_only(cast, clock):
    referral = make_referral(cast)
    told = paper(referral, kind=FeedbackKind.INTERIM, result="COURT.FILED", doc_on="昨天", amount="x")

    response = as_(cast.clerk).post(reverse("referral_paper", args=[referral.pk]), told)

    assert response.status_code == 302
    said = Feedback.objects.get()
    assert (said.kind, said.result, said.doc_on) == (FeedbackKind.INTERIM, "", None)
    received = "纸质回复收到日期：2026-11-16"
    assert received in words(as_(cast.clerk).get(reverse("referral", args=[referral.pk])))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"received_on": ""}, "请填写收到纸质回复的日期。"),
        ({"received_on": "2026-11-15"}, "收到日期不能早于转交发出的日期。"),
        ({"received_on": "2026-11-17"}, "收到纸质回复的日期不能晚于今天。"),
        ({"name": ""}, "请填写"),
        ({"kind": ""}, "请选择答复类型。"),
        ({"kind": "NO"}, "答复类型的选项不在清单中"),
    ],
)
def test_paper_tells_what_is_wrong(cast, clock, typed, sentence):
    referral = make_referral(cast)

    page = as_(cast.clerk).post(reverse("referral_paper", args=[referral.pk]), paper(referral, **typed))

    assert page.status_code == 422
    assert sentence in words(page)
    assert Feedback.objects.count() == 0


@pytest.mark.parametrize("status", ["OBJECTED", "RESULT", "CLOSED"])
def test_paper_is_refused_when_no_answer_is_awaited(cast, clock, status):
    referral = make_referral(cast, status)
    before = Feedback.objects.count()
    clerk, url = as_(cast.clerk), reverse("referral_paper", args=[referral.pk])

    page, pressed = clerk.get(url), clerk.post(url, paper(referral))

    assert "不能代录" in words(page)
    assert pressed.status_code == 409
    assert Feedback.objects.count() == before


def test_paper_is_not_the_departments_to_key_in(cast, clock):
    referral = make_referral(cast)

    assert as_(cast.liaison).get(reverse("referral_paper", args=[referral.pk])).status_code == 403


# Our page ---------------------------------------------------------------------------------------------------------


def test_our_page_masks_until_asked_and_writes_it_down(cast, clock):
    referral = make_referral(cast)
    clerk, url = as_(cast.clerk), reverse("referral", args=[referral.pk])

    masked = words(clerk.get(url))
    opened = words(clerk.post(url))

    assert "祝某某" in masked
    assert "祝冬雪" not in masked
    assert "13900000001" not in masked
    assert "祝冬雪" in opened
    assert "13900000001" in opened
    rows = Access.objects.filter(staff=cast.clerk, referral=referral, in_line=True)
    assert sorted((row.kind, row.fields) for row in rows) == [
        (AccessKind.REVEAL, FieldGroup.CONTACT),
        (AccessKind.REVEAL, FieldGroup.IDENTITY),
        (AccessKind.REVEAL, FieldGroup.STORY),
        (AccessKind.VIEW, FieldGroup.PAGE),
    ]


def test_out_of_the_line_nothing_is_read_without_a_reason(cast, clock):
    referral = make_referral(cast, "RESULT")
    officer, url = as_(cast.officer), reverse("referral", args=[referral.pk])

    masked, refused = officer.get(url), officer.post(url)
    opened = officer.post(url, {"reason": "核对督办"})

    for page in (masked, refused):
        assert FACTS not in words(page)
        assert "请出警核实" not in words(page)
        assert "出具告诫书" not in words(page)
    assert refused.status_code == 422
    assert "请写明查看原因。" in words(refused)
    assert FACTS in words(opened)
    assert not Access.objects.filter(staff=cast.officer, in_line=True).exists()
    assert {row.text for row in AccessReason.objects.all()} == {"核对督办"}


def test_a_reader_without_the_right_to_reveal_stays_masked(cast, clock):
    referral = make_referral(cast)
    url = reverse("referral", args=[referral.pk])

    assert as_(cast.archivist).get(url).status_code == 200
    assert as_(cast.archivist).post(url, {"reason": "立卷"}).status_code == 403


# Letter -----------------------------------------------------------------------------------------------------------


def test_the_letter_holds_the_extract_and_a_receipt(cast, clock):
    referral = make_referral(cast, ticked=tuple(ExtractField))

    for staff in (cast.clerk, cast.liaison):
        page = words(as_(staff).get(reverse("referral_slip", args=[referral.pk])))
        assert "回执" in page
        assert "祝冬雪" in page
        assert "假设路七号" not in page
        assert referral.case.number not in page
    printed = Access.objects.filter(kind=AccessKind.PRINT).values_list("staff", "in_line")
    assert sorted(printed) == sorted([(cast.clerk.pk, True), (cast.liaison.pk, True)])


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("archivist", 403), ("civil_liaison", 404)])
def test_the_letter_is_for_those_who_work_on_it(cast, clock, who, status):
    referral = make_referral(cast)

    assert as_(getattr(cast, who)).get(reverse("referral_slip", args=[referral.pk])).status_code == status


# Lists ------------------------------------------------------------------------------------------------------------


def test_our_list_is_sorted_by_its_filters(cast, clock):
    sent, objected = make_referral(cast), make_referral(cast, "OBJECTED")
    closed = make_referral(cast, "CLOSED", department=cast.civil)
    county = make_referral(cast, case=make_case(cast, "ACCEPTED", unit=cast.county))
    clerk, officer, url = as_(cast.clerk), as_(cast.officer), reverse("referrals")

    def shown(client, **query) -> set[str]:
        return set(re.findall(r"/referrals/([0-9a-f-]{36})/", client.get(url, query).content.decode()))

    assert shown(clerk) == {str(sent.pk), str(objected.pk)}
    assert shown(clerk, show="ours") == {str(objected.pk)}
    assert shown(clerk, show="ended") == {str(closed.pk)}
    assert shown(clerk, show="ended", kind="POLICE") == set()
    assert shown(clerk, show="nonsense", scope="x", kind="'", after="~~") == {str(sent.pk), str(objected.pk)}
    assert shown(officer) == {str(county.pk)}
    assert shown(officer, scope="sight") == {str(sent.pk), str(objected.pk), str(county.pk)}
    assert shown(clerk, show="overdue") == set()
    clock.at = MONDAY + timedelta(days=3)
    assert shown(as_(cast.clerk), show="overdue") == {str(sent.pk)}


@pytest.mark.parametrize(
    ("who", "status"),
    [("stat_officer", 403), ("conference", 403), ("sec_admin", 403), ("volunteer", 403), ("archivist", 200)],
)
def test_who_may_open_the_list(cast, clock, who, status):
    assert as_(getattr(cast, who)).get(reverse("referrals")).status_code == status


@pytest.mark.parametrize("who", ["clerk", "liaison"])
def test_the_list_costs_the_same_at_one_row_and_three(cast, clock, who):
    make_referral(cast)
    client = as_(getattr(cast, who))
    url = reverse("referrals")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        assert len(re.findall("wq-referral", client.get(url).content.decode())) == 1
    make_referral(cast, "IN_PROGRESS")
    make_referral(cast, "SIGNED")

    with CaptureQueriesContext(connection) as three:
        assert len(re.findall("wq-referral", client.get(url).content.decode())) == 3

    assert len(three) == len(one)


@pytest.mark.parametrize("who", ["clerk", "liaison"])
def test_the_list_is_paged_without_gap_or_double(cast, clock, monkeypatch, who):
    monkeypatch.setattr("cases.views.referral_list.PAGE", 2)
    sent = {
        str(make_referral(cast, status, at=MONDAY + timedelta(minutes=n // 2)).pk)
        for n, status in enumerate(["SENT", "SENT", "SIGNED", "RESULT", "IN_PROGRESS"])
    }
    client, query, seen = as_(getattr(cast, who)), "", []
    for _ in range(3):
        page = client.get(reverse("referrals") + query).content.decode()
        seen += re.findall(r'href="/referrals/([0-9a-f-]{36})/"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        query = following.group(1).replace("&amp;", "&") if following else ""

    assert query == ""
    assert len(seen) == 5
    assert set(seen) == sent


@pytest.mark.parametrize(
    "after", ["", "x", "1~2", f"0~999999999999999999999~{UUID(int=7)}", f"0~\x00~{UUID(int=7)}"]
)
def test_a_mangled_place_in_the_list_is_its_beginning(cast, clock, after):
    make_referral(cast)
    for who in (cast.clerk, cast.liaison):
        page = as_(who).get(reverse("referrals"), {"after": after})
        assert len(re.findall("wq-referral", page.content.decode())) == 1


# Two at once ------------------------------------------------------------------------------------------------------


def test_a_double_press_sends_one_referral(live_cast, clock):
    case = make_case(live_cast, "HANDLING")
    clients = [as_(live_cast.clerk), as_(live_cast.clerk)]

    answers = at_once(
        *(lambda client=client: client.post(refer_url(case), asked(live_cast)) for client in clients)
    )

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert Referral.objects.count() == 1


def test_signing_and_withdrawing_at_once_leaves_one_of_them(live_cast, clock):
    referral = make_referral(live_cast)
    clerk, liaison = as_(live_cast.clerk), as_(live_cast.liaison)

    answers = at_once(
        lambda: clerk.post(step_url(referral, "withdraw"), {"version": 1, "reason": "填错"}),
        lambda: liaison.post(step_url(referral, "sign"), {"version": 1}),
    )

    codes = [answer.status_code for answer in answers]
    status = Referral.objects.get(pk=referral.pk).status
    # Whoever is slower is told; a department that lost it does not see it any more.
    assert (codes, status) in (
        ([302, 409], ReferralStatus.WITHDRAWN),
        ([302, 404], ReferralStatus.WITHDRAWN),
        ([409, 302], ReferralStatus.SIGNED),
    )
    assert Event.objects.filter(case=referral.case, step__in=("WITHDRAW", "SIGN")).count() == 1
