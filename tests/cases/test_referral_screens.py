"""Referring a case and everything that follows, pressed on the pages by the people of both sides."""

import re
from datetime import date, datetime

import pytest
from django.urls import reverse

from cases.choices import (
    AccessKind,
    ConsentWay,
    ExtractField,
    FeedbackKind,
    FieldGroup,
    LegalBasis,
    ReferralKind,
    ReferralStatus,
    Urgency,
)
from cases.models import Access, Feedback, Referral
from stations.choices import OrgKind
from stations.models import Organisation
from tests.cases.pages import LATER, as_, press, step_url, steps_on, words
from tests.cast import CHINA
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
