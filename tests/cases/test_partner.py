"""The department's side: it sees what was ticked for it while its referral is open, and nothing else, on any page."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.referral import make_link
from cases.choices import CaseFlag, DangerLevel, ExtractField, Risk
from cases.models import Access, Case, Notice
from tests.cases.pages import LATER, as_, press, words
from tests.cast import MONDAY
from tests.factories import (
    ID_NUMBER,
    SAFE_PHONE,
    UNSAFE_PHONE,
    make_case,
    make_referral,
    petitioner,
    respondent,
)

# One string a field, found nowhere else: what is on a page came from that field.
STRINGS = {
    ExtractField.NAME: "凌霄花",
    ExtractField.PHONE: SAFE_PHONE,
    ExtractField.ID_NUMBER: ID_NUMBER,
    ExtractField.PAPERS_ADDRESS: "寄往柳荫街三十一号",
    ExtractField.FACTS: "事实甲乙丙丁",
    ExtractField.DEMAND: "诉求子丑寅卯",
    ExtractField.PLACE: "地点东南西北",
    ExtractField.RESPONDENT: "钱塘江",
    ExtractField.HANDLED_BEFORE: "此前春夏秋冬",
}
NEVER = {
    "present address": "藏身梧桐巷九号",
    "unsafe phone": UNSAFE_PHONE,
    "pass phrase": "问豆腐还有吗",
    "window": "工作日上午",
    "respondent's ID number": "410423198807120003",
    "companions": "祝春雪",
    "our handling": "丈夫写了保证书",
    "risk": Risk.ORANGE.label,
    "category": "家庭纠纷",
    "other department": "鲁山县民政局",
    "its request": "民政请求冰雪",
    "head of our station": "仇站长",
}


@pytest.fixture
def case(cast):
    return make_case(
        cast,
        "HANDLING",
        risk=Risk.ORANGE,
        flags=(CaseFlag.URGENT,),
        facts=STRINGS[ExtractField.FACTS],
        demand=STRINGS[ExtractField.DEMAND],
        place=STRINGS[ExtractField.PLACE],
        handled_before=STRINGS[ExtractField.HANDLED_BEFORE],
        parties=(
            petitioner(
                name=STRINGS[ExtractField.NAME],
                address_now=NEVER["present address"],
                address_papers=STRINGS[ExtractField.PAPERS_ADDRESS],
            ),
            respondent(name=STRINGS[ExtractField.RESPONDENT]),
        ),
    )


def every_page(cast, referral) -> str:
    """All a department can open, in any role, and through a link, as one text."""
    urls = [reverse(name) for name in ("referrals", "desk", "inbox")]
    urls += [reverse(name, args=[referral.pk]) for name in ("referral", "referral_slip")]
    urls += [
        reverse("referral_step", args=[referral.pk, step])
        for step in ("sign", "object", "start", "interim", "answer", "confirm")
    ]
    people = [as_(staff) for staff in (cast.liaison, cast.handler, cast.partner_leader)]
    seen = [client.get(url).content.decode() for client in people for url in urls]
    token = make_link(referral, by=cast.clerk, at=LATER)
    seen.append(as_(cast.liaison).get(reverse("link_answer", args=[token])).content.decode())
    return "\n".join(seen)


@pytest.mark.parametrize("ticked", [(), *[(field,) for field in STRINGS], tuple(ExtractField)], ids=str)
def test_a_department_reads_the_ticked_fields_and_no_other(cast, clock, case, ticked):
    make_referral(cast, case=case, department=cast.civil, request=NEVER["its request"])
    referral = make_referral(cast, "SIGNED", case=case, ticked=ticked)

    seen = every_page(cast, referral)

    assert {field for field, text in STRINGS.items() if text in seen} == set(ticked) & set(STRINGS)
    assert [what for what, text in NEVER.items() if text in seen] == []
    assert case.number not in seen
    assert referral.request in seen


@pytest.mark.parametrize("status", ["CLOSED", "RETURNED", "WITHDRAWN"])
def test_access_ends_with_the_referral(cast, clock, status):
    referral = make_referral(cast, status)
    for staff in (cast.liaison, cast.handler, cast.partner_leader):
        client = as_(staff)
        for name in ("referral", "referral_slip"):
            assert client.get(reverse(name, args=[referral.pk])).status_code == 404
        assert press(client, referral, "answer", result="DONE", text="晚了").status_code == 404
        assert str(referral.pk) not in client.get(reverse("referrals")).content.decode()


def test_another_department_sees_nothing_of_it(cast, clock, case):
    referral = make_referral(cast, case=case)
    client = as_(cast.civil_liaison)

    for name in ("referral", "referral_slip", "referral_paper"):
        assert client.get(reverse(name, args=[referral.pk])).status_code == 404
    assert press(client, referral, "sign").status_code == 404
    assert referral.number not in client.get(reverse("referrals")).content.decode()


def test_a_department_opens_no_page_of_a_case(cast, clock, case):
    make_referral(cast, case=case)
    client = as_(cast.liaison)

    for name in ("case", "refer", "accesses"):
        assert client.get(reverse(name, args=[case.number])).status_code == 404
    assert client.get(reverse("worklist")).status_code == 403


def test_the_desk_puts_the_unsigned_first_then_the_nearest_date(cast, clock):
    result = make_referral(cast, "RESULT")
    later = make_referral(cast, "IN_PROGRESS", at=MONDAY + timedelta(minutes=9))
    sooner = make_referral(cast, "IN_PROGRESS", at=MONDAY - timedelta(days=9))
    unsigned = make_referral(cast)

    page = as_(cast.liaison).get(reverse("referrals")).content.decode()

    order = re.findall(r'href="/referrals/([0-9a-f-]{36})/"', page)
    assert order == [str(row.pk) for row in (unsigned, sooner, later, result)]


@pytest.mark.parametrize(
    ("status", "mine"),
    [
        ("SENT", {"liaison", "partner_leader"}),
        ("SIGNED", {"liaison", "handler", "partner_leader"}),
        ("OBJECTED", set()),
        ("IN_PROGRESS", {"handler"}),  # the handler who took it
        ("ANSWERED", {"partner_leader"}),
        ("RESULT", set()),
    ],
)
def test_the_desk_says_whose_turn_it_is(cast, clock, status, mine):
    make_referral(cast, status)

    told = {
        who
        for who in ("liaison", "handler", "partner_leader")
        if "轮到我" in words(as_(getattr(cast, who)).get(reverse("referrals")))
    }

    assert told == mine


def test_an_overdue_referral_is_marked(cast, clock):
    make_referral(cast, at=MONDAY - timedelta(days=7))

    page = as_(cast.liaison).get(reverse("referrals"))

    assert "wq-table__late" in page.content.decode()
    # Sent on Monday the 9th, two working days: overdue since Wednesday the 11th.
    assert "逾期5天" in words(page)


def test_the_page_explains_its_clocks(cast, clock):
    referral = make_referral(cast, "SIGNED")

    page = words(as_(cast.liaison).get(reverse("referral", args=[referral.pk])))

    assert "首次反馈 还有3天" in page
    assert "信访工作条例（2022）第23条第3款" in page
    assert "异议最晚11月23日提出" in page


def test_an_hourly_clock_tells_the_hour(cast, clock):
    referral = make_referral(cast, urgency="VERY_URGENT", at=MONDAY + timedelta(hours=1))

    page = words(as_(cast.liaison).get(reverse("referral", args=[referral.pk])))
    assert "日 10:00起算" in page
    assert "日 12:00 依据" in page


def test_a_department_is_told_of_danger_and_of_nothing_else_of_it(cast, clock):
    referral = make_referral(cast)
    page, slip = (reverse(name, args=[referral.pk]) for name in ("referral", "referral_slip"))
    word = "有暴力危险，不得组织当面调解。"

    def told():
        link = reverse("link_answer", args=[make_link(referral, by=cast.clerk, at=LATER)])
        answers = (as_(cast.liaison).get(page), as_(cast.clerk).get(slip), Client().get(link))
        return [word in words(answer) for answer in answers]

    assert told() == [False, False, False]
    Case.objects.filter(pk=referral.case_id).update(danger=DangerLevel.HIGH)
    assert told() == [True, True, True]


def test_every_reading_is_written_down(cast, clock):
    referral = make_referral(cast)

    as_(cast.liaison).get(reverse("referral", args=[referral.pk]))

    row = Access.objects.get(staff=cast.liaison)
    assert (row.referral, row.case, row.unit, row.in_line, row.at) == (
        referral, referral.case, cast.police, True, LATER,
    )  # fmt: skip


def test_a_department_does_not_open_masks(cast, clock):
    referral = make_referral(cast)

    assert as_(cast.liaison).post(reverse("referral", args=[referral.pk])).status_code == 405


def test_people_in_a_department_without_a_partner_role_see_nothing(cast, clock):
    referral = make_referral(cast)
    cast.handler.roles = ["CONFERENCE_OFFICE"]
    cast.handler.save()
    client = as_(cast.handler)

    assert client.get(reverse("referrals")).status_code == 403
    assert client.get(reverse("referral", args=[referral.pk])).status_code == 404


def test_the_named_liaison_alone_is_told(cast, clock):
    make_referral(cast, liaison=cast.partner_leader)

    assert set(Notice.objects.filter(kind="REFERRAL_NEW").values_list("recipient", flat=True)) == {
        cast.partner_leader.pk
    }


def test_mail_names_a_matter_by_the_number_its_reader_knows(cast, clock):
    referral = make_referral(cast, "SIGNED")

    about = {notice.recipient: notice.about for notice in Notice.objects.all()}

    assert about[cast.liaison] == referral.number
    assert about[cast.clerk] == referral.case.number
