"""Referring a case and everything that follows, pressed on the pages by the people of both sides."""

import re
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.choices import (
    AccessKind,
    ConsentWay,
    ExtractField,
    FeedbackKind,
    FeedbackWay,
    FieldGroup,
    LegalBasis,
    ReferralKind,
    ReferralStatus,
    Urgency,
)
from cases.models import Access, AccessReason, Event, Feedback, Referral
from stations.choices import OrgKind
from stations.models import Organisation
from tests.cases.pages import LATER, as_, at_once, press, step_url, steps_on, words
from tests.cast import CHINA, MONDAY
from tests.factories import FACTS, make_case, make_referral


def asked(cast, **changes) -> dict:
    told = {
        "department": cast.police.pk,
        "kind": ReferralKind.ASSIGN,
        "urgency": Urgency.URGENT,
        "request": "请出警核实。",
        "ticked": [ExtractField.NAME, ExtractField.FACTS],
        "legal_basis": LegalBasis.CONSENT,
        "consented": ConsentWay.ORAL,
        "earlier": 0,
        "go": "send",
    }
    return told | changes


def refer_url(case) -> str:
    return reverse("refer", args=[case.number])


# Sending -----------------------------------------------------------------------------------------------------


def test_refer_ticks_nothing_by_itself(cast, clock):
    case = make_case(cast, "ACCEPTED")

    page = as_(cast.clerk).get(refer_url(case))

    assert page.status_code == 200
    assert re.findall(r'<input[^>]*name="ticked"[^>]*checked', page.content.decode()) == []
    assert 'value="ADDRESS_NOW"' not in page.content.decode()


def test_refer_shows_the_department_of_the_choice(cast, clock):
    case = make_case(cast, "ACCEPTED")
    cast.police.duty_contact = cast.handler
    cast.police.save()

    part = as_(cast.clerk).get(
        refer_url(case), {"department": cast.police.pk}, headers={"HX-Request": "true"}
    )

    assert "周民警" in words(part)
    assert "孙联络" in words(part)
    assert "郑民政" not in words(part)
    assert "<html" not in part.content.decode()


def test_refer_warns_of_a_department_without_accounts(cast, clock):
    case = make_case(cast, "ACCEPTED")

    part = as_(cast.clerk).get(refer_url(case), {"department": cast.court.pk}, headers={"HX-Request": "true"})

    assert "还没有系统账号" in words(part)


def test_preview_shows_exactly_what_is_sent_and_sends_nothing(cast, clock):
    case = make_case(cast, "ACCEPTED")

    page = as_(cast.clerk).post(refer_url(case), asked(cast, go="preview"))

    assert page.status_code == 200
    assert "祝冬雪" in words(page)
    assert FACTS in words(page)
    assert "13900000001" not in words(page)
    assert Referral.objects.count() == 0
    opened = Access.objects.filter(staff=cast.clerk, kind=AccessKind.REVEAL).values_list("fields", flat=True)
    assert sorted(opened) == [FieldGroup.IDENTITY, FieldGroup.STORY]


def test_preview_can_be_taken_back_with_everything_typed(cast, clock):
    case = make_case(cast, "ACCEPTED")

    page = as_(cast.clerk).post(refer_url(case), asked(cast, go="edit"))

    assert page.status_code == 200
    assert "请出警核实。" in page.content.decode()
    assert re.search(r'value="NAME"[^>]*checked', page.content.decode())
    assert Referral.objects.count() == 0


def test_preview_warns_when_the_petitioner_wants_to_stay_unknown(cast, clock):
    case = make_case(cast, "ACCEPTED", flags=("SECRET_IDENTITY",))
    clerk = as_(cast.clerk)

    named = clerk.post(refer_url(case), asked(cast, go="preview"))
    unnamed = clerk.post(refer_url(case), asked(cast, go="preview", ticked=[ExtractField.FACTS]))

    assert "要求保密身份" in words(named)
    assert "要求保密身份" not in words(unnamed)


def test_send_passes_on_the_ticked_fields_only(cast, clock):
    case = make_case(cast, "ACCEPTED")

    response = as_(cast.clerk).post(refer_url(case), asked(cast, liaison=cast.liaison.pk))

    sent = Referral.objects.get()
    assert response.url == reverse("referral", args=[sent.pk])
    assert sent.extract == {"NAME": "祝冬雪", "FACTS": FACTS}
    assert (sent.department, sent.liaison, sent.sent_at) == (cast.police, cast.liaison, LATER)


def test_sending_twice_sends_once(cast, clock):
    case = make_case(cast, "HANDLING")
    clerk = as_(cast.clerk)

    first = clerk.post(refer_url(case), asked(cast))
    second = clerk.post(refer_url(case), asked(cast))

    assert (first.status_code, second.status_code) == (302, 409)
    assert "刚刚发出了一次转交" in words(second)
    assert "请出警核实。" in second.content.decode()
    assert 'name="earlier" value="1"' in second.content.decode()
    assert Referral.objects.count() == 1


@pytest.mark.parametrize("earlier", ["", "x", "-1", "９", "999999", "1.5"])
def test_a_mangled_count_asks_to_look_again(cast, clock, earlier):
    case = make_case(cast, "ACCEPTED")

    assert as_(cast.clerk).post(refer_url(case), asked(cast, earlier=earlier)).status_code == 409


def test_a_status_that_allows_no_referral_is_told(cast, clock):
    case = make_case(cast, "SUSPENDED")
    head = as_(cast.head)

    page, pressed = head.get(refer_url(case)), head.post(refer_url(case), asked(cast))

    assert "不能“转交部门”" in words(page)
    assert pressed.status_code == 409
    assert "不能“转交部门”" in words(pressed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"department": ""}, "请选择部门。"),
        ({"department": "999999"}, "这个部门不在可以转交的范围里"),
        ({"department": "公安局"}, "这个部门不在可以转交的范围里"),
        ({"liaison": "CIVIL"}, "这位联络员不在所选部门"),
        ({"kind": ""}, "请选择方式。"),
        ({"kind": "SELL"}, "方式的选项不在清单中"),
        ({"urgency": ""}, "请选择紧急程度。"),
        ({"legal_basis": ""}, "请选择向对方提供个人信息的依据。"),
        ({"request": ""}, "请填写请对方做什么。"),
        ({"request": "\u200b\x07 "}, "请填写请对方做什么。"),
        ({"request": "长" * 2001}, "请对方做什么最多2000字"),
        ({"ticked": ["ADDRESS_NOW"]}, "随函发出的信息的选项不在清单中"),
        ({"ticked": ["RISK"]}, "随函发出的信息的选项不在清单中"),
    ],
)
def test_refer_tells_what_is_wrong_and_keeps_the_rest(cast, clock, typed, sentence):
    case = make_case(cast, "ACCEPTED")
    if typed.get("liaison") == "CIVIL":
        typed = {"liaison": cast.civil_liaison.pk}

    page = as_(cast.clerk).post(refer_url(case), asked(cast, **typed))

    assert page.status_code == 422
    assert sentence in words(page)
    assert Referral.objects.count() == 0
    if "request" not in typed:
        assert "请出警核实。" in page.content.decode()


def test_a_department_of_another_county_is_out_of_reach(cast, clock):
    far = Organisation.objects.create(
        name="宝丰县公安局",
        kind=OrgKind.DEPARTMENT,
        region=cast.other_county.region,
        department_id="POLICE",
    )
    case = make_case(cast, "ACCEPTED")

    page = as_(cast.clerk).post(refer_url(case), asked(cast, department=far.pk))

    assert "这个部门不在可以转交的范围里" in words(page)


def test_text_is_kept_as_text(cast, clock):
    case = make_case(cast, "ACCEPTED")
    client = as_(cast.clerk)

    client.post(refer_url(case), asked(cast, request="=1+1<script>alert(1)</script>\x00\x08"))

    sent = Referral.objects.get()
    assert sent.request == "=1+1<script>alert(1)</script>"
    assert b"<script>alert" not in as_(cast.liaison).get(reverse("referral", args=[sent.pk])).content


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clerk", 200),
        ("head", 200),
        ("officer", 403),  # above, but the station holds it
        ("village_liaison", 404),
        ("other_clerk", 404),
        ("archivist", 403),
        ("stat_officer", 404),
        ("liaison", 404),
        ("sec_admin", 404),
    ],
)
def test_who_may_refer(cast, clock, who, status):
    case = make_case(cast, "ACCEPTED")

    assert as_(getattr(cast, who)).get(refer_url(case)).status_code == status


# The life of a referral ----------------------------------------------------------------------------------------

BOTH = {"object", "start", "interim", "answer"}
NOWHERE = None
# status: what each of these is offered; None where the page does not exist for her.
OFFERED = {
    "SENT": {
        "clerk": {"withdraw", "link", "urge"}, "officer": {"withdraw", "link", "urge"}, "archivist": set(),
        "liaison": {"sign"}, "handler": set(), "partner_leader": {"sign"},
    },
    "SIGNED": {
        "clerk": {"link", "urge"}, "officer": {"link", "urge"}, "archivist": set(),
        "liaison": BOTH, "handler": BOTH - {"object"}, "partner_leader": BOTH,
    },
    "OBJECTED": {
        "clerk": {"return", "uphold"}, "officer": {"return", "uphold"}, "archivist": set(),
        "liaison": set(), "handler": set(), "partner_leader": set(),
    },
    "IN_PROGRESS": {
        "clerk": {"link", "urge"}, "officer": {"link", "urge"}, "archivist": set(),
        "liaison": {"interim", "answer"}, "handler": {"interim", "answer"}, "partner_leader": {"interim", "answer"},
    },
    "ANSWERED": {
        "clerk": {"urge"}, "officer": {"urge"}, "archivist": set(),
        "liaison": set(), "handler": set(), "partner_leader": {"confirm"},
    },
    "RESULT": {
        "clerk": {"rework", "write-off"}, "officer": {"rework", "write-off"}, "archivist": set(),
        "liaison": set(), "handler": set(), "partner_leader": set(),
    },
    "CLOSED": {
        "clerk": set(), "officer": set(), "archivist": set(),
        "liaison": NOWHERE, "handler": NOWHERE, "partner_leader": NOWHERE,
    },
    "RETURNED": {
        "clerk": set(), "officer": set(), "archivist": set(),
        "liaison": NOWHERE, "handler": NOWHERE, "partner_leader": NOWHERE,
    },
    "WITHDRAWN": {
        "clerk": set(), "officer": set(), "archivist": set(),
        "liaison": NOWHERE, "handler": NOWHERE, "partner_leader": NOWHERE,
    },
}  # fmt: skip
NEVER = ("other_clerk", "far_clerk", "civil_liaison", "volunteer", "stat_officer", "sys_admin", "audit_admin")


@pytest.mark.parametrize("status", OFFERED)
def test_who_is_offered_which_step(cast, clock, status):
    referral = make_referral(cast, status)
    url = reverse("referral", args=[referral.pk])

    pages = {who: as_(getattr(cast, who)).get(url) for who in (*OFFERED[status], *NEVER)}

    offered = {who: steps_on(page) if page.status_code == 200 else NOWHERE for who, page in pages.items()}
    assert offered == OFFERED[status] | dict.fromkeys(NEVER, NOWHERE)


def test_the_whole_way_to_the_write_off(cast, clock):
    referral = make_referral(cast)
    liaison, leader, clerk = as_(cast.liaison), as_(cast.partner_leader), as_(cast.clerk)

    assert press(liaison, referral, "sign").status_code == 302
    assert (
        press(liaison, referral, "start", handler=cast.handler.pk, partner_number="鲁公受字8号").status_code
        == 302
    )
    assert press(as_(cast.handler), referral, "interim", text="已出警").status_code == 302
    answered = press(
        liaison,
        referral,
        "answer",
        result="POLICE.WARNING_LETTER",
        text="训诫并出具告诫书",
        doc_number="鲁公告诫〔２０２６〕8号",
        doc_on="２０２６-11-16",
    )
    assert answered.status_code == 302
    assert press(leader, referral, "confirm").status_code == 302
    assert press(clerk, referral, "rework", demand="请补送达回证").status_code == 302
    assert press(liaison, referral, "answer", result="DONE", text="已补送").status_code == 302
    assert press(leader, referral, "confirm").status_code == 302
    assert press(clerk, referral, "write-off", assessment="属实，已告知").status_code == 302

    referral.refresh_from_db()
    assert referral.status == ReferralStatus.CLOSED
    assert referral.handler == cast.handler
    said = [
        (row.kind, row.result, row.doc_on)
        for row in Feedback.objects.filter(referral=referral).order_by("pk")
    ]
    assert said == [
        (FeedbackKind.INTERIM, "", None),
        (FeedbackKind.RESULT, "POLICE.WARNING_LETTER", date(2026, 11, 16)),
        (FeedbackKind.RESULT, "DONE", None),
    ]


def test_objection_returned_or_upheld(cast, clock):
    first, second = make_referral(cast, "SIGNED"), make_referral(cast, "SIGNED")
    liaison, clerk = as_(cast.liaison), as_(cast.clerk)
    for referral in (first, second):
        press(liaison, referral, "object", reason="属法院管辖", proper_body="鲁山县人民法院")

    press(clerk, first, "return", reason="同意")
    press(clerk, second, "uphold", reason="涉嫌违法，应由贵局查处")

    assert Referral.objects.get(pk=first.pk).status == ReferralStatus.RETURNED
    assert Referral.objects.get(pk=second.pk).status == ReferralStatus.SIGNED
    page = liaison.get(reverse("referral", args=[second.pk]))
    assert "涉嫌违法，应由贵局查处" in words(page)
    assert liaison.get(reverse("referral", args=[first.pk])).status_code == 404


def test_objection_ends_with_the_fifth_working_day(cast, clock):
    in_time, late = make_referral(cast, "SIGNED"), make_referral(cast, "SIGNED")
    liaison = as_(cast.liaison)
    told = {"reason": "属法院管辖", "proper_body": "法院"}

    # Signed on Monday the 16th: the fifth working day is Monday the 23rd.
    clock.at = datetime(2026, 11, 23, 23, 59, tzinfo=CHINA)
    allowed = press(as_(cast.liaison), in_time, "object", **told)
    clock.at = datetime(2026, 11, 24, 0, 0, tzinfo=CHINA)
    liaison = as_(cast.liaison)
    refused = press(liaison, late, "object", **told)

    assert (allowed.status_code, refused.status_code) == (302, 409)
    assert "期限（签收后5个工作日）已过" in words(refused)
    assert "属法院管辖" in refused.content.decode()
    assert "object" not in steps_on(liaison.get(reverse("referral", args=[late.pk])))


def test_a_step_on_an_old_page_is_told_and_keeps_the_words(cast, clock):
    referral = make_referral(cast)
    old = referral.version
    press(as_(cast.liaison), referral, "sign")

    page = as_(cast.clerk).post(step_url(referral, "withdraw"), {"version": old, "reason": "填错了部门"})

    assert page.status_code == 409
    assert "刚刚有了变化" in words(page)
    assert "填错了部门" in page.content.decode()
    assert Referral.objects.get(pk=referral.pk).status == ReferralStatus.SIGNED
    assert f'name="version" value="{old + 1}"' in page.content.decode()


def test_a_step_that_the_status_does_not_allow_is_told(cast, clock):
    referral = make_referral(cast, "SIGNED")
    clerk = as_(cast.clerk)

    page, pressed = (
        clerk.get(step_url(referral, "withdraw")),
        press(clerk, referral, "withdraw", reason="晚了"),
    )

    assert "不能“撤回转交”" in words(page)
    assert pressed.status_code == 409
    assert "不能“撤回转交”" in words(pressed)
    assert "晚了" in pressed.content.decode()


@pytest.mark.parametrize(
    ("step", "who", "status"),
    [
        ("sign", "handler", 403),
        ("sign", "clerk", 403),
        ("withdraw", "liaison", 403),
        ("confirm", "liaison", 403),
        ("sign", "civil_liaison", 404),
        ("withdraw", "other_clerk", 404),
        ("send", "clerk", 404),
        ("SIGN", "liaison", 404),
        ("explode", "liaison", 404),
    ],
)
def test_a_step_of_somebody_else_is_refused(cast, clock, step, who, status):
    referral = make_referral(cast)

    assert press(as_(getattr(cast, who)), referral, step).status_code == status
    assert Referral.objects.get(pk=referral.pk).status == ReferralStatus.SENT


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
