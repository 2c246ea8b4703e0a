"""The ledger of supervision on screen, the desks, and what waits for a second signature."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from cases.actions import supervision as verbs
from cases.choices import PaperKind
from cases.models import Case, Supervision
from stations.models import Staff
from stations.roles import Role
from tests.cases.pages import as_, words
from tests.cases.supervising import (
    LATER,
    PROBLEM,
    begin,
    fresh,
    next_paper,
    supervised,
)
from tests.cases.test_supervision_screens import (
    DRAFT,
    _morning_of_the_scene,  # noqa: F401
    press,
    url,
)
from tests.cast import CHINA
from tests.factories import make_referral

# The ledger.

LEDGER = reverse("supervisions")


def test_the_ledger_says_what_is_out_and_what_came_back(cast):
    silent = supervised(cast, "ISSUED", term_on=date(2026, 11, 17))
    Supervision.objects.filter(pk=silent.pk).update(due_at=LATER - timedelta(days=3))
    replied = supervised(cast, "REPLIED", referral=make_referral(cast, "SENT", department=cast.civil))
    listed = supervised(
        cast,
        "ACKNOWLEDGED",
        referral=make_referral(cast, "SIGNED"),
        kind=PaperKind.LISTED,
        skip_reason="急",
    )
    closed = supervised(cast, "CLOSED", referral=make_referral(cast, "SIGNED"))
    officer = as_(cast.officer)

    page = officer.get(LEDGER)

    text = words(page)
    assert "本年已销号1件。" in text
    assert "在办 3 逾期未回复 1 待核查 1 挂牌 1 已结束" in text
    assert "逾期3天" in text
    assert "11月16日回复采纳" in text
    assert "未回复" in text
    assert "发函督办" in text
    shown = {
        show: {
            found.pk
            for found in (silent, replied, listed, closed)
            if url("supervision", found) in officer.get(f"{LEDGER}?show={show}").content.decode()
        }
        for show in ("open", "late", "check", "listed", "ended", "nonsense")
    }
    everything = {silent.pk, replied.pk, listed.pk}
    assert shown == {
        "open": everything,
        "late": {silent.pk},
        "check": {replied.pk},
        "listed": {listed.pk},
        "ended": {closed.pk},
        "nonsense": everything,
    }
    of_civil = officer.get(f"{LEDGER}?target={cast.civil.pk}").content.decode()
    assert url("supervision", replied) in of_civil
    assert url("supervision", silent) not in of_civil


def test_the_ledger_proposes(cast):
    sent = make_referral(cast, "SENT", at=datetime(2026, 11, 2, 9, tzinfo=CHINA))
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"

    page = as_(cast.officer).get(LEDGER)

    assert "建议督办 1件" in words(page)
    assert address in page.content.decode()
    assert address not in as_(cast.officer).get(f"{LEDGER}?show=late").content.decode()
    assert address not in as_(cast.head).get(LEDGER).content.decode()
    assert address not in as_(cast.other_officer).get(LEDGER).content.decode()


def test_the_ledger_goes_page_by_page(cast, monkeypatch):
    monkeypatch.setattr("cases.views.supervision_list.PAGE", 2)
    made = [supervised(cast, "ISSUED", referral=make_referral(cast, "SIGNED")) for _ in range(3)]
    ended = [supervised(cast, "CLOSED", referral=make_referral(cast, "SIGNED")) for _ in range(3)]
    officer = as_(cast.officer)

    for show, rows in (("open", made), ("ended", ended)):
        seen, address = [], f"{LEDGER}?show={show}"
        while address:
            page = officer.get(address)
            text = page.content.decode()
            seen += [found.pk for found in rows if url("supervision", found) in text]
            following = page.context["next_url"]
            address = f"{LEDGER}{following}" if following else ""
        assert sorted(seen) == sorted(found.pk for found in rows), show
        assert page.context["first_url"]


def test_the_ledger_takes_the_same_number_of_queries(cast, django_assert_max_num_queries):
    officer = as_(cast.officer)
    make_referral(cast, "SENT", at=datetime(2026, 11, 2, 9, tzinfo=CHINA))
    supervised(cast, "REPLIED", referral=make_referral(cast, "SIGNED"))
    officer.get(LEDGER)
    with django_assert_max_num_queries(100) as few:
        officer.get(LEDGER)
    for _ in range(3):
        make_referral(cast, "SENT", at=datetime(2026, 11, 2, 9, tzinfo=CHINA))
        supervised(cast, "REPLIED", referral=make_referral(cast, "SIGNED"))
    with django_assert_max_num_queries(100) as many:
        officer.get(LEDGER)

    assert len(many) == len(few)


def test_the_desk_of_a_department_takes_the_same_number_of_queries(cast, django_assert_max_num_queries):
    liaison = as_(cast.liaison)
    supervised(cast, "ISSUED")
    liaison.get(reverse("referrals"))
    with django_assert_max_num_queries(100) as few:
        liaison.get(reverse("referrals"))
    for status in ("REPLIED", "UNSOUND", "ISSUED"):
        supervised(cast, status, referral=make_referral(cast, "SIGNED"))
    with django_assert_max_num_queries(100) as many:
        page = liaison.get(reverse("referrals"))

    assert len(many) == len(few)
    assert "等督办单位核查 督办单位" in words(page)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("officer", 200),
        ("leader", 200),
        ("head", 200),
        ("clerk", 403),
        ("liaison", 302),
        ("stat_officer", 403),
    ],
)
def test_who_opens_the_ledger(cast, person, status):
    assert as_(getattr(cast, person)).get(LEDGER).status_code == status


def test_the_ledger_of_another_county_is_its_own(cast):
    found = supervised(cast, "ISSUED")

    assert url("supervision", found) not in as_(cast.other_officer).get(LEDGER).content.decode()
    assert url("supervision", found) not in as_(cast.city_officer).get(LEDGER).content.decode()
    Case.objects.filter(pk=found.case_id).update(reached="CITY")
    assert url("supervision", found) in as_(cast.city_officer).get(LEDGER).content.decode()


def test_a_second_leader_is_asked_to_sign(cast):
    found = begin(cast, make_referral(cast, "SIGNED"), by=cast.leader)
    Staff.objects.create(
        username="second", name="二主席", organisation=cast.county, roles=[Role.COUNTY_LEADER]
    )

    refused = press(as_(cast.leader), found, "sign-off")

    assert refused.status_code == 403
    assert fresh(found).status == "DRAFTED"


def test_a_draft_that_waits_is_said_wherever_the_target_stands(cast):
    found = supervised(cast, "UNSOUND")
    officer = as_(cast.officer)
    assert "我方决定下一步" in words(officer.get(url("supervision", found)))
    assert "我方决定下一步" in words(officer.get(LEDGER))

    verbs.draft_next(found, next_paper(PaperKind.OPINION), by=cast.officer, at=LATER)

    for page in (officer.get(url("supervision", found)), officer.get(LEDGER)):
        assert "领导签发" in words(page)
        assert "我方决定下一步" not in words(page)
    assert "领导签发" not in words(as_(cast.liaison).get(url("supervision", found)))


def test_two_officers_over_one_referral_the_second_is_told_and_keeps_the_words(cast):
    sent = make_referral(cast, "SENT")
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"
    begin(cast, sent)

    page = as_(cast.officer).post(address, DRAFT)

    assert page.status_code == 409
    assert "已有一项督办在办，请在那项督办里继续。" in words(page)
    assert PROBLEM in page.content.decode()


@pytest.mark.parametrize(
    ("status", "offered_there"), [("SENT", True), ("RETURNED", True), ("WITHDRAWN", False)]
)
def test_the_referral_page_offers_what_can_be_done(cast, status, offered_there):
    sent = make_referral(cast, status)
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"

    page = as_(cast.officer).get(reverse("referral", args=[sent.pk]))

    assert (address in page.content.decode()) is offered_there
    if offered_there:
        found = begin(cast, sent)
        again = as_(cast.officer).get(reverse("referral", args=[sent.pk]))
        assert address not in again.content.decode()
        assert url("supervision", found) in again.content.decode()
