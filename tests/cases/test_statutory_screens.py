"""Registering the beginning and the end of a period of law on the case page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.choices import ClockStatus, Status
from cases.models import Clock
from tests.cases.pages import LATER
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

DAY = timedelta(days=1)


def url(case, step):
    return reverse("case_step", args=[case.number, step])


@pytest.fixture
def desk(cast, client, clock):
    clock.at = MONDAY + 2 * DAY
    client.force_login(cast.clerk)
    return client


def choices(response, field):
    found = response.context["form"].fields[field].choices
    return {str(key): words for group, rows in found if isinstance(rows, list) for key, words in rows} | {
        str(key): words for key, words in found if isinstance(words, str)
    }


def test_the_form_offers_the_rules_of_the_place_and_the_open_referrals(cast, desk):
    sent = make_referral(cast, "SIGNED")
    make_referral(cast, "CLOSED", case=sent.case)

    page = desk.get(url(sent.case, "start-clock"))

    rules = choices(page, "rule")
    assert "24小时" in rules["DV-WARN"]  # as in Henan, not the national 72
    assert {"DV-PO-DECIDE", "XF-DECIDE-P"} <= set(rules)
    assert not {"XF-NOTICE", "PS-CHECK", "DV-PO-VALID"} & set(rules)
    assert set(choices(page, "referral")) == {"", str(sent.pk)}


def test_a_registered_beginning_shows_on_the_case(cast, desk):
    sent = make_referral(cast, "SIGNED")
    typed = {"rule": "PS-NOFILE", "referral": sent.pk, "started_at": "2026-11-17T10:00", "note": "电话告知"}

    response = desk.post(url(sent.case, "start-clock"), typed)

    assert response.status_code == 302
    clock = Clock.objects.get(code="PS-NOFILE")
    assert (clock.referral_id, clock.last_day.isoformat()) == (sent.pk, "2026-11-20")
    page = desk.get(response.url).content.decode()
    assert "登记法定期限" in page
    assert "不立案通知" in page


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"started_at": "2126-11-16T10:00"}, "started_at", "不能晚于现在"),
        ({"started_at": ""}, "started_at", "请填写"),
        ({"rule": "XF-NOTICE"}, "rule", "不在清单中"),
        ({"referral": "00000000-0000-0000-0000-000000000000"}, "referral", "不在清单中"),
    ],
)
def test_a_wrong_beginning_is_told_at_the_field(cast, desk, typed, field, words):
    case = make_case(cast, "HANDLING")

    response = desk.post(
        url(case, "start-clock"), {"rule": "DV-PO-DECIDE", "started_at": "2026-11-16T10:00"} | typed
    )

    assert response.status_code == 422
    assert words in str(response.context["form"].errors[field])
    assert not case.clocks.filter(code="DV-PO-DECIDE").exists()


def test_a_second_registration_is_told_and_keeps_what_was_typed(cast, desk):
    case = make_case(cast, "HANDLING")
    typed = {"rule": "DV-PO-DECIDE", "started_at": "2026-11-16T10:00", "note": "立案庭告知"}
    desk.post(url(case, "start-clock"), typed)

    response = desk.post(url(case, "start-clock"), typed)

    assert response.status_code == 409
    page = response.content.decode()
    assert "已经在计时" in page
    assert "立案庭告知" in page


def test_the_end_is_offered_only_while_something_runs(cast, desk):
    case = make_case(cast, "HANDLING")
    case_url = reverse("case", args=[case.number])
    assert url(case, "end-clock") not in desk.get(case_url).content.decode()
    desk.post(url(case, "start-clock"), {"rule": "DV-PO-DECIDE", "started_at": "2026-11-16T10:00"})

    assert url(case, "end-clock") in desk.get(case_url).content.decode()
    (key,) = set(choices(desk.get(url(case, "end-clock")), "clock")) - {""}
    response = desk.post(
        url(case, "end-clock"),
        {"clock": key, "how": "MET", "ended_at": "2026-11-17T09:00", "note": "（2026）豫0423民保令1号"},
    )

    assert response.status_code == 302
    assert Clock.objects.get(pk=key).status == ClockStatus.MET
    page = desk.get(case_url).content.decode()
    assert "按期完成" in page
    assert url(case, "end-clock") not in page


def test_what_does_not_apply_is_taken_off(cast, desk):
    sent = make_referral(cast, "SIGNED")
    page = desk.get(url(sent.case, "end-clock"))
    ((key, words),) = ((key, words) for key, words in choices(page, "clock").items() if key)
    assert f"鲁山县公安局 {sent.number}：公安受案审查" in words

    desk.post(
        url(sent.case, "end-clock"),
        {"clock": key, "how": "NOT_APPLICABLE", "ended_at": "2026-11-18T08:00", "note": "只是请其协助"},
    )

    assert Clock.objects.get(pk=key).status == ClockStatus.CANCELLED


def test_an_end_before_the_beginning_is_told(cast, desk):
    sent = make_referral(cast, "SIGNED")
    key = sent.clocks.get(code="PS-CHECK").pk

    response = desk.post(
        url(sent.case, "end-clock"),
        {"clock": key, "how": "MET", "ended_at": "2026-11-15T08:00", "note": "x"},
    )

    assert response.status_code == 422
    assert "不能早于起算时间（2026-11-16 09:01）" in str(response.context["form"].errors["ended_at"])


def test_help_texts_say_what_the_rules_say(cast, client, clock):
    clock.at = LATER
    client.force_login(cast.head)
    case = make_case(cast)

    assert "3个工作日内（红色风险2小时内）" in client.get(url(case, "escalate")).content.decode()
    assert "15日的告知期限" in client.get(url(case, "accept")).content.decode()
    refer = client.get(reverse("refer", args=[case.number])).content.decode()
    assert "一般30日；家暴、未成年人15日" in refer
    assert "{" not in client.get(url(case, "escalate")).context["explain"]
    assert case.status == Status.REGISTERED
