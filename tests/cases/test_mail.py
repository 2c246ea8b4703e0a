"""Mail through a real SMTP server on this machine: once, patient, and without a word about a person."""

from datetime import timedelta

import pytest

from cases.choices import DeliveryStatus, NoticeKind, OutletKind
from cases.dispatch import LEASE, LONGEST_PAUSE, TRIES, send_unsent
from cases.models import Delivery, Notice
from cases.notifications import announce
from tests.cases.endpoints import free_port, smtp_server
from tests.cases.test_races import at_once
from tests.cast import MONDAY
from tests.factories import DEMAND, FACTS, MINUTE, make_case

HOUR = 60 * MINUTE


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def mail(settings, port):
    """Mail is switched on and goes to `port`; nothing listens there yet."""
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.SITE_URL = "https://weiquan.example"


@pytest.fixture
def server(port):
    controller = smtp_server(port)
    yield controller
    if controller.server:
        controller.stop()


@pytest.fixture
def postbox(mail, server):
    server.start()
    return server.handler


def wanting(cast, *parts):
    for part in parts:
        person = getattr(cast, part)
        person.wants_mail = True
        person.save()
    return [getattr(cast, part) for part in parts]


def told(cast, *parts):
    case = make_case(cast)
    announce(NoticeKind.ASSIGNED, case, wanting(cast, *parts), at=MONDAY)
    return case


def mail_to(person):
    return Delivery.objects.get(notice__recipient=person, kind=OutletKind.MAIL)


def test_a_mail_goes_out_once(cast, postbox):
    told(cast, "clerk")

    assert send_unsent(MONDAY) == 1
    assert send_unsent(MONDAY + MINUTE) == 0

    assert [message["To"] for message in postbox.received] == ["clerk@example.org"]
    row = mail_to(cast.clerk)
    assert (row.status, row.sent_at, row.next_at, row.tries) == (DeliveryStatus.SENT, MONDAY, None, 1)


def test_a_mail_names_no_person_and_tells_no_story(cast, postbox):
    case = told(cast, "clerk")
    send_unsent(MONDAY)

    (message,) = postbox.received
    subject, body = message["Subject"].strip(), message.get_content()
    assert subject == f"维权系统提醒：交给您承办（{case.number}）"
    assert case.number in body
    assert "https://weiquan.example/inbox/" in body
    words = [
        "祝",
        "冬雪",
        "秦",
        "大勇",
        "单秀英",
        "139",
        "410423199",
        "假设路",
        "女",
        "丈夫",
        case.query_code,
    ]
    assert not [word for word in [*words, FACTS, DEMAND] if word in subject + body]


def test_only_whoever_wants_mail_and_has_an_address_gets_it(cast, postbox):
    wanting(cast, "clerk2")
    cast.clerk2.email = ""
    cast.clerk2.save()
    announce(NoticeKind.ASSIGNED, make_case(cast), [cast.clerk, cast.clerk2, None], at=MONDAY)

    assert send_unsent(MONDAY) == 0
    assert not Delivery.objects.exists()
    assert Notice.objects.filter(kind=NoticeKind.ASSIGNED).count() == 2


def test_without_mail_configured_notices_stay_in_the_inbox(cast):
    told(cast, "clerk")

    assert Notice.objects.filter(recipient=cast.clerk).exists()
    assert not Delivery.objects.exists()


def test_a_server_that_is_down_is_tried_with_growing_pauses_and_then_given_up(cast, mail):
    told(cast, "clerk")
    at, pauses = MONDAY, []

    for _ in range(TRIES - 1):
        assert send_unsent(at) == 0
        row = mail_to(cast.clerk)
        assert send_unsent(row.next_at - timedelta(seconds=1)) == 0
        pauses.append((row.next_at - at) / MINUTE)
        at = row.next_at
    send_unsent(at)

    row = mail_to(cast.clerk)
    assert pauses == [1, 2, 4, 8, 16, 32, 64] + [LONGEST_PAUSE] * (TRIES - 8)
    assert sum(pauses) * MINUTE > 30 * HOUR
    assert (row.status, row.tries, row.next_at) == (DeliveryStatus.DEAD, TRIES, None)
    assert row.error == "ConnectionRefusedError"


def test_a_server_that_comes_back_gets_the_mail(cast, mail, server):
    told(cast, "clerk")
    send_unsent(MONDAY)
    server.start()

    assert send_unsent(MONDAY + MINUTE) == 1
    assert len(server.handler.received) == 1
    row = mail_to(cast.clerk)
    assert (row.tries, row.error) == (2, "")


def test_one_refused_address_holds_nobody_else_up(cast, postbox):
    postbox.refused.add("clerk@example.org")
    told(cast, "clerk", "clerk2", "head")

    assert send_unsent(MONDAY) == 2

    assert {message["To"] for message in postbox.received} == {"clerk2@example.org", "head@example.org"}
    row = mail_to(cast.clerk)
    assert (row.next_at, row.error) == (MONDAY + MINUTE, "SMTP 451")


def test_the_reason_of_a_failure_is_logged_without_the_address(cast, mail, caplog):
    told(cast, "clerk")

    send_unsent(MONDAY)

    assert caplog.messages == [f"delivery-{mail_to(cast.clerk).pk} failed: ConnectionRefusedError"]


def test_a_sender_that_died_gives_the_mail_back_after_a_while(cast, postbox):
    told(cast, "clerk")
    Delivery.objects.update(next_at=MONDAY + LEASE)

    assert send_unsent(MONDAY + LEASE - MINUTE) == 0
    assert send_unsent(MONDAY + LEASE) == 1


def test_more_than_one_batch_goes_out_in_one_run(cast, postbox, monkeypatch):
    monkeypatch.setattr("cases.dispatch.BATCH", 2)
    told(cast, "clerk", "clerk2", "head", "officer", "leader")

    assert send_unsent(MONDAY) == 5


def test_two_senders_at_once_send_one_mail_each(live_cast, postbox, monkeypatch):
    monkeypatch.setattr("cases.dispatch.BATCH", 3)
    for _ in range(8):
        told(live_cast, "clerk", "head")
    waiting = Delivery.objects.filter(status=DeliveryStatus.WAITING).count()

    results = at_once(*(lambda: send_unsent(MONDAY) for _ in range(3)))

    assert sum(results) == waiting == len(postbox.received)
