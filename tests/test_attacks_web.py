"""What somebody tries on the web itself: addresses, links, markup, sessions, guesses, what is left behind."""

import re
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from cases.actions import handling
from cases.actions.referral import make_link
from cases.choices import (
    ExtractField,
    FieldGroup,
    Risk,
    Step,
)
from cases.models import Access, Referral
from stations.actions import accounts
from stations.models import StaffEvent
from stations.roles import Role
from tests.cases.pages import LATER, as_, words
from tests.cast import MONDAY
from tests.factories import (
    FACTS,
    ID_NUMBER,
    MINUTE,
    SAFE_PHONE,
    make_case,
    make_referral,
    petitioner,
)
from tests.test_attacks import (
    HTML,
    REVEALED,
    do,
    register_by_page,
    reveal,
    the_clock,  # noqa: F401 – fixtures
)

# One-time links -------------------------------------------------------------------------------------------------


def test_a_made_up_forwarded_address_does_not_reset_the_count(cast, clock):
    address = f"test-{uuid4()}"
    got = [
        Client(REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")
        .get(reverse("link_answer", args=[f"guess-{n}"]))
        .status_code
        for n in range(11)
    ]

    assert got == [410] * 10 + [429]


def test_a_link_acts_for_no_session(cast, clock):
    """The page takes posts without a token of the session, so it must not matter who is logged in."""
    referral = make_referral(cast, department=cast.court)
    url = reverse("link_answer", args=[make_link(referral, by=cast.clerk, at=MONDAY + MINUTE)])
    browser = Client(REMOTE_ADDR=f"test-{uuid4()}")
    browser.force_login(cast.leader)

    browser.post(
        url,
        {
            "version": Referral.objects.get(pk=referral.pk).version,
            "kind": "INTERIM",
            "text": "正在审查",
            "name": "李法官",
        },
    )

    feedback = referral.feedback.get()
    assert feedback.by is None
    assert Access.objects.filter(staff=cast.leader).count() == 0


def test_a_link_shows_nothing_of_the_case_beyond_the_extract(cast, clock):
    case = make_case(cast, "ACCEPTED", risk=Risk.RED, involves_dv=True)
    police = make_referral(cast, "RESULT", case=case)
    referral = make_referral(cast, case=case, department=cast.court, ticked=(ExtractField.DEMAND,))
    url = reverse("link_answer", args=[make_link(referral, by=cast.clerk, at=MONDAY + MINUTE)])

    page = Client(REMOTE_ADDR=f"test-{uuid4()}").get(url).content.decode()

    for hidden in (
        "祝冬雪",
        ID_NUMBER,
        SAFE_PHONE,
        "姐姐家",
        FACTS,
        "红",
        case.number,
        police.number,
        "训诫",
    ):
        assert hidden not in page


# Pages ----------------------------------------------------------------------------------------------------------


def test_markup_in_every_free_text_stays_text(cast, clock):
    case = make_case(
        cast,
        "HANDLING",
        facts=HTML,
        demand=HTML,
        place=HTML,
        handled_before=HTML,
        companions=HTML,
        source_unit=HTML,
        parties=(petitioner(name=HTML[:40], address_now=HTML, work_place=HTML),),
    )
    handling.record_handling(
        case,
        method="MEDIATE",
        happened_at=MONDAY,
        content=HTML,
        persons=HTML,
        result=HTML,
        by=cast.clerk,
        at=LATER,
    )
    case.refresh_from_db()
    referral = make_referral(cast, "OBJECTED", case=case, at=LATER, request=HTML, ticked=tuple(ExtractField))
    owner, partner = as_(cast.clerk), as_(cast.liaison)

    pages = [owner.get(reverse(name, args=[case.number])) for name in ("case", "slip", "registered")]
    pages += [
        reveal(owner, case, group) for group in (FieldGroup.IDENTITY, FieldGroup.CONTACT, FieldGroup.ADDRESS)
    ]
    pages += [client.get(reverse("referral", args=[referral.pk])) for client in (owner, partner)]
    pages += [partner.get(reverse("referral_slip", args=[referral.pk])), partner.get(reverse("referrals"))]
    pages += [owner.post(reverse("search"), {"q": HTML}), owner.get(reverse("worklist"))]

    for page in pages:
        assert page.status_code in (200, 422)
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()


def test_every_page_behind_the_login_stays_out_of_the_browsers_store_and_out_of_frames(cast):
    case = make_case(cast)
    client = as_(cast.clerk)
    addresses = [
        reverse("desk"),
        reverse("case", args=[case.number]),
        "/no/such/page/",
        "/cases/x/",
        "/staff/",
    ]
    addresses += [reverse("slip", args=[case.number]), reverse("search"), reverse("profile"), "/admin/"]

    for address in addresses:
        page = client.get(address)
        assert "no-store" in page["Cache-Control"], address
        assert page["X-Frame-Options"] == "DENY"
        policy = page["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page["Referrer-Policy"] == "same-origin"
        assert page["X-Content-Type-Options"] == "nosniff"


def test_a_null_in_an_address_or_a_box_is_not_an_error_of_ours(cast):
    client = as_(cast.clerk)

    assert client.get("/cases/%00/").status_code == 404
    assert client.post("/search/", {"q": "\x00祝"}).status_code in (200, 422)
    assert client.get("/cases/?show=%00&status=%00&after=%00").status_code == 200
    assert Client().get("/r/%00/").status_code in (410, 429)


def test_logging_in_leads_nowhere_outside(cast):
    cast.clerk.set_password("zhong-wen-2026-mi")
    cast.clerk.save()

    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"):
        page = Client().post(
            reverse("account_login"), {"login": "clerk", "password": "zhong-wen-2026-mi", "next": target}
        )
        assert page.status_code == 302
        assert "evil" not in page["Location"]
        assert "javascript" not in page["Location"]


def test_logging_in_changes_the_session_id(cast):
    cast.clerk.set_password("zhong-wen-2026-mi")
    cast.clerk.save()
    browser = Client()
    browser.session.save()
    session = browser.session
    session["planted"] = "1"
    session.save()
    browser.cookies["sessionid"] = planted = session.session_key

    browser.post(reverse("account_login"), {"login": "clerk", "password": "zhong-wen-2026-mi"})

    assert browser.session.session_key != planted
    assert get_user(type("R", (), {"session": browser.session})()) == cast.clerk


def test_guessing_the_second_factor_is_stopped(cast):
    cast.clerk.set_password("zhong-wen-2026-mi")
    cast.clerk.save()
    TOTP.activate(cast.clerk, "JBSWY3DPEHPK3PXP")
    browser = Client(REMOTE_ADDR="203.0.113.77")
    browser.post(reverse("account_login"), {"login": "clerk", "password": "zhong-wen-2026-mi"})

    said = [words(browser.post(reverse("mfa_authenticate"), {"code": f"{n:06d}"})) for n in range(12)]

    assert "验证码不对" in said[0]
    assert "试错次数太多" in said[-1]
    assert "_auth_user_id" not in browser.session


def test_an_unknown_host_gets_no_page(cast):
    assert Client(HTTP_HOST="evil.example").get(reverse("account_login")).status_code == 400


def test_the_admin_answers_no_question_about_cases(cast):
    make_case(cast, risk=Risk.RED)
    client = as_(cast.sys_admin)
    listing = reverse("admin:stations_organisation_changelist")

    for lookup in ("registered_cases__risk=RED", "staff__password__startswith=p", "duty_contact__phone=1"):
        assert client.get(f"{listing}?{lookup}").status_code == 400, lookup
    for path in (
        "/admin/cases/case/",
        "/admin/stations/staff/",
        "/admin/auth/group/",
        "/admin/axes/accessattempt/",
    ):
        assert client.get(path).status_code == 404, path


def test_the_auditor_reads_numbers_and_no_names(cast):
    case = make_case(cast, "HANDLING")
    reveal(as_(cast.officer), case, FieldGroup.IDENTITY, reason="祝冬雪的亲属来问")
    client = as_(cast.audit_admin)

    for address in (reverse("audit"), reverse("audit") + "?show=events", reverse("staff_events")):
        page = client.get(address).content.decode()
        for secret in ("祝冬雪", "祝某", ID_NUMBER, "姐姐"):
            assert secret not in page
    assert case.number in client.get(reverse("audit")).content.decode()


def test_the_history_of_accounts_cannot_be_rewritten(cast):
    staff, _ = accounts.open_account(
        "puppet",
        name="影子",
        organisation=cast.county,
        roles=[Role.COUNTY_LEADER],
        by=cast.sec_admin,
        at=MONDAY,
    )
    event = StaffEvent.objects.get(staff=staff)

    for attempt in (
        lambda: StaffEvent.objects.filter(pk=event.pk).update(by=cast.clerk),
        lambda: StaffEvent.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert StaffEvent.objects.get(pk=event.pk).by == cast.sec_admin


# Nothing personal in clear --------------------------------------------------------------------------------------


def test_flash_messages_sessions_and_cookies_hold_no_person(cast, clock):
    client = as_(cast.clerk)
    case = register_by_page(cast.clerk, petitioner__id_number=ID_NUMBER, petitioner__address_now="姐姐家")
    reveal(client, case, FieldGroup.IDENTITY)
    client.post(reverse("search"), {"q": "祝冬雪"})
    client.post(reverse("contact", args=[case.number]), {"facts": FACTS})
    client.post(do(case, Step.HANDLE), {"method": "MEDIATE", "content": FACTS})

    kept = " ".join(cookie.value for cookie in client.cookies.values()) + repr(dict(client.session))

    for secret in REVEALED:
        assert secret not in kept
        assert secret.encode("unicode_escape").decode() not in kept


def test_no_address_of_the_whole_way_names_a_person(cast, clock):
    referral = make_referral(cast)
    client = as_(cast.clerk)
    pages = [
        client.get(reverse("case", args=[referral.case.number])),
        client.get(reverse("referrals")),
        client.get(reverse("worklist")),
        client.post(reverse("search"), {"q": "祝冬雪"}),
    ]

    links = " ".join(
        link for page in pages for link in re.findall(r'(?:href|action)="([^"]*)"', page.content.decode())
    )

    for secret in REVEALED:
        assert secret not in links
