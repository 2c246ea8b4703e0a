"""One-time addresses: one answer each, closed with the same words whatever is wrong, counted against guessing."""

import re
import time
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from cases.actions.referral import LINK_OVER, make_link, revoke_links, withdraw
from cases.choices import FeedbackKind, FeedbackWay, ReferralStatus
from cases.models import Access, Feedback, Referral, ReferralLink
from tests.cases.pages import LATER, as_, at_once, press, words
from tests.cast import MONDAY
from tests.factories import make_referral


@pytest.fixture(autouse=True)
def own_cache(settings):
    """Counters of its own: another test process may empty the shared database of the cache at any moment."""
    url = settings.REDIS_URL.partition("?")[0]
    location = f"{url}?db=11" if url.startswith("unix:") else re.sub(r"(?<=[^/])/\d*$", "", url) + "/11"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": location}}


def outside() -> Client:
    """A browser somewhere else: no login, an address of its own, CSRF checked as in life."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=f"test-{uuid4()}", HTTP_ORIGIN="null")


def link_of(cast, status="SENT", **kwargs) -> tuple[Referral, str]:
    referral = make_referral(cast, status, department=kwargs.pop("department", cast.court), **kwargs)
    return referral, reverse(
        "link_answer", args=[make_link(referral, by=cast.clerk, at=MONDAY + timedelta(hours=1))]
    )


def answer(referral, **changes) -> dict:
    told = {
        "version": Referral.objects.values_list("version", flat=True).get(pk=referral.pk),
        "kind": FeedbackKind.RESULT,
        "result": "COURT.PO_ISSUED",
        "text": "已作出人身安全保护令",
        "doc_number": "（2026）豫0423民保令9号",
        "doc_on": "2026-11-16",
        "valid_until": "2027-05-16",
        "name": "李法官 立案庭",
    }
    return told | changes


def test_our_side_gets_the_address_once(cast, clock):
    referral = make_referral(cast)
    clerk = as_(cast.clerk)

    shown = press(clerk, referral, "link")
    address = re.search(r"http://testserver(/r/[\w-]{43}/)", shown.content.decode()).group(1)
    again = clerk.get(reverse("referral", args=[referral.pk]))

    assert shown.status_code == 200
    assert address not in again.content.decode()
    assert outside().get(address).status_code == 200
    assert "第一次打开" in words(clerk.get(reverse("referral", args=[referral.pk])))


def test_the_page_shows_the_extract_to_whoever_holds_the_address(cast, clock):
    referral, url = link_of(cast)

    page = outside().get(url)

    assert page.status_code == 200
    assert referral.request in words(page)
    assert "祝冬雪" in words(page)
    assert referral.case.number not in words(page)
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "no-store"
    assert "<title>便民服务</title>" in page.content.decode()


def test_opening_is_written_down_and_first_opened_kept(cast, clock):
    referral, url = link_of(cast)

    outside().get(url)
    clock.at = LATER + timedelta(hours=3)
    outside().get(url)

    assert ReferralLink.objects.get().opened_at == LATER
    rows = Access.objects.filter(referral=referral, staff=None)
    assert [(row.unit, row.in_line) for row in rows] == [(None, True)] * 2


def test_a_result_signs_answers_and_uses_the_address_up(cast, clock):
    referral, url = link_of(cast)
    client = outside()

    done = client.post(url, answer(referral))

    assert done.status_code == 200
    assert "答复已送达" in words(done)
    referral.refresh_from_db()
    said = Feedback.objects.get()
    assert referral.status == ReferralStatus.RESULT
    assert referral.signed_name == "李法官 立案庭"
    assert (said.way, said.by, said.answered_by_name) == (FeedbackWay.LINK, None, "李法官 立案庭")
    assert said.confirmed_at == LATER
    again = client.post(url, answer(referral))
    assert (again.status_code, LINK_OVER in words(again)) == (410, True)
    assert Feedback.objects.count() == 1


def test_an_interim_answer_uses_it_up_too(cast, clock):
    referral, url = link_of(cast, "SIGNED", department=cast.civil)

    outside().post(url, answer(referral, kind=FeedbackKind.INTERIM, result=""))

    assert Referral.objects.get().status == ReferralStatus.IN_PROGRESS
    assert outside().get(url).status_code == 410


def _used(cast, referral, clock):
    ReferralLink.objects.update(used_at=LATER)


def _revoked(cast, referral, clock):
    revoke_links(referral, by=cast.clerk, at=LATER)


def _replaced(cast, referral, clock):
    make_link(referral, by=cast.clerk, at=LATER)


def _expired(cast, referral, clock):
    clock.at = MONDAY + timedelta(hours=1, days=14)


def _withdrawn(cast, referral, clock):
    withdraw(referral, reason="填错", by=cast.clerk, at=LATER)


@pytest.mark.parametrize("what", [_used, _revoked, _replaced, _expired, _withdrawn])
def test_every_closed_address_says_the_same(cast, clock, what):
    referral, url = link_of(cast)
    what(cast, referral, clock)

    read, sent = outside().get(url), outside().post(url, answer(referral))
    unknown = outside().get(reverse("link_answer", args=["x" * 43]))

    assert (read.status_code, sent.status_code, unknown.status_code) == (410, 410, 410)
    assert read.content == sent.content == unknown.content
    assert LINK_OVER in words(read)
    assert Feedback.objects.count() == 0


def test_it_still_opens_a_second_before_it_expires(cast, clock):
    _, url = link_of(cast)
    clock.at = MONDAY + timedelta(hours=1, days=14, seconds=-1)

    assert outside().get(url).status_code == 200


@pytest.mark.parametrize("status", ["ANSWERED", "OBJECTED", "RESULT"])
def test_it_does_not_open_when_no_answer_is_awaited(cast, clock, status):
    _, url = link_of(cast, "SIGNED", department=cast.police)
    Referral.objects.update(status=status)

    assert outside().get(url).status_code == 410


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "请选择答复类型。"),
        ({"name": ""}, "请填写答复人姓名和职务。"),
        ({"name": "长" * 51}, "答复人姓名和职务最多50字"),
        ({"text": ""}, "请填写办理情况。"),
        ({"result": ""}, "请选择办理结果。"),
        ({"result": "POLICE.PENALTY"}, "办理结果的选项不在清单中"),
        ({"valid_until": ""}, "这种结果须填写有效至。"),
        ({"doc_on": "2026-12-01"}, "文书日期不能晚于今天。"),
    ],
)
def test_what_is_wrong_is_told_and_the_address_stays_open(cast, clock, typed, sentence):
    referral, url = link_of(cast)

    page = outside().post(url, answer(referral, **typed))

    assert page.status_code == 422
    assert sentence in words(page)
    if "text" not in typed:
        assert "已作出人身安全保护令" in page.content.decode()
    assert outside().get(url).status_code == 200
    assert Feedback.objects.count() == 0


def test_a_change_meanwhile_is_told_with_the_words_kept(cast, clock):
    referral, url = link_of(cast, department=cast.police)
    old = answer(referral, result="DONE")
    press(as_(cast.liaison), referral, "sign")

    page = outside().post(url, old)

    assert page.status_code == 409
    assert "已作出人身安全保护令" in page.content.decode()
    assert Feedback.objects.count() == 0


def test_two_answers_at_once_leave_one(live_cast, clock):
    referral, url = link_of(live_cast)
    clients, told = [outside(), outside()], answer(referral)

    answers = at_once(*(lambda client=client: client.post(url, told) for client in clients))

    assert sorted(page.status_code for page in answers) == [200, 410]
    assert Feedback.objects.count() == 1


def test_an_answer_overtaken_by_a_colleague_is_told_and_the_address_stays_open(live_cast, clock):
    """Signed for after the page was checked and before the answer was written."""
    referral, url = link_of(live_cast, department=live_cast.police)
    told, pages = answer(referral, result="DONE"), []
    outsider, liaison = outside(), as_(live_cast.liaison)

    with transaction.atomic():
        ReferralLink.objects.select_for_update().get()
        late = Thread(target=lambda: pages.append(in_thread(lambda: outsider.post(url, told))))
        late.start()
        wait_for_blocked()
        signing = Thread(target=lambda: in_thread(lambda: press(liaison, referral, "sign")))
        signing.start()
        signing.join()
    late.join()

    assert pages[0].status_code == 409
    assert "已作出人身安全保护令" in pages[0].content.decode()
    assert Feedback.objects.count() == 0
    assert outsider.get(url).status_code == 200


def in_thread(call):
    try:
        return call()
    finally:
        connection.close()


def wait_for_blocked() -> None:
    """Until somebody waits for a row that this transaction holds."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    latest = time.monotonic() + 20
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone():
                return
            assert time.monotonic() < latest
            time.sleep(0.02)


def test_guessing_is_stopped_after_ten(cast, clock):
    _, url = link_of(cast)
    guesser, other = outside(), outside()

    codes = [guesser.get(reverse("link_answer", args=[f"guess-{n}"])).status_code for n in range(11)]

    assert codes == [410] * 10 + [429]
    stopped = guesser.get(url)
    assert (stopped.status_code, stopped["Retry-After"]) == (429, "900")
    assert other.get(url).status_code == 200


def test_an_address_opens_twenty_times_an_hour(cast, clock):
    _, url = link_of(cast)

    codes = [outside().get(url).status_code for _ in range(21)]

    assert codes == [200] * 20 + [429]


def test_without_a_cache_it_opens_and_closes_all_the_same(cast, clock, settings):
    nowhere = settings.CACHES["default"] | {"LOCATION": "unix:///nonexistent/valkey.sock"}
    settings.CACHES = {"default": nowhere}
    _, url = link_of(cast)

    assert outside().get(url).status_code == 200
    assert outside().get(reverse("link_answer", args=["guess"])).status_code == 410


def test_the_token_is_not_in_the_database(cast, clock):
    _, url = link_of(cast)
    token = url.split("/")[2]

    kept = ReferralLink.objects.get()

    assert len(token) == 43
    assert token.encode() not in bytes(kept.digest)
    assert len(bytes(kept.digest)) == 32
