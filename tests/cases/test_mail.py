"""Mail through a real SMTP server on this machine: once, patient, and without a word about a person."""

import socket
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from cases.choices import MailStatus, NoticeKind
from cases.models import Notice
from cases.notifications import MAIL_LEASE, MAIL_TRIES, announce, send_unsent
from tests.cases.test_races import at_once
from tests.cast import MONDAY
from tests.factories import DEMAND, FACTS, MINUTE, make_case


class Postbox:
    """Keeps what arrives; says no to whom it was told to refuse."""

    def __init__(self):
        self.received, self.refused = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.received.append(message_from_bytes(envelope.content, policy=default))
        return "250 kept"


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def mail(settings, port):
    """Mail is switched on and goes to `port`; nothing listens there yet."""
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.SITE_URL = "https://weiquan.example"


@pytest.fixture
def server(port):
    controller = Controller(Postbox(), hostname="127.0.0.1", port=port)
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


def test_a_mail_goes_out_once(cast, postbox):
    told(cast, "clerk")

    assert send_unsent(MONDAY) == 1
    assert send_unsent(MONDAY + MINUTE) == 0

    assert [message["To"] for message in postbox.received] == ["clerk@example.org"]
    notice = Notice.objects.get(recipient=cast.clerk)
    assert (notice.mail_status, notice.mailed_at, notice.mail_next_at, notice.mail_tries) == (
        MailStatus.SENT,
        MONDAY,
        None,
        1,
    )


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
    assert set(Notice.objects.values_list("mail_status", flat=True)) == {MailStatus.NONE}


def test_without_mail_configured_notices_stay_in_the_inbox(cast):
    told(cast, "clerk")

    assert Notice.objects.get(recipient=cast.clerk).mail_status == MailStatus.NONE


def test_a_server_that_is_down_is_tried_with_growing_pauses_and_then_given_up(cast, mail):
    told(cast, "clerk")
    at, pauses = MONDAY, []

    for _ in range(MAIL_TRIES - 1):
        assert send_unsent(at) == 0
        notice = Notice.objects.get(recipient=cast.clerk)
        assert send_unsent(notice.mail_next_at - timedelta(seconds=1)) == 0
        pauses.append((notice.mail_next_at - at) / MINUTE)
        at = notice.mail_next_at
    send_unsent(at)

    notice = Notice.objects.get(recipient=cast.clerk)
    assert pauses == [1, 2, 4, 8, 16, 32, 64]
    assert (notice.mail_status, notice.mail_tries, notice.mail_next_at) == (
        MailStatus.FAILED,
        MAIL_TRIES,
        None,
    )


def test_a_server_that_comes_back_gets_the_mail(cast, mail, server):
    told(cast, "clerk")
    send_unsent(MONDAY)
    server.start()

    assert send_unsent(MONDAY + MINUTE) == 1
    assert len(server.handler.received) == 1
    assert Notice.objects.get(recipient=cast.clerk).mail_tries == 2


def test_one_refused_address_holds_nobody_else_up(cast, postbox):
    postbox.refused.add("clerk@example.org")
    told(cast, "clerk", "clerk2", "head")

    assert send_unsent(MONDAY) == 2

    assert {message["To"] for message in postbox.received} == {"clerk2@example.org", "head@example.org"}
    assert Notice.objects.get(recipient=cast.clerk).mail_next_at == MONDAY + MINUTE


def test_the_reason_of_a_failure_is_logged_without_the_address(cast, mail, caplog):
    told(cast, "clerk")

    send_unsent(MONDAY)

    notice = Notice.objects.get(recipient=cast.clerk)
    assert caplog.messages == [f"mail for notice {notice.pk} failed: ConnectionRefusedError"]


def test_a_sender_that_died_gives_the_mail_back_after_a_while(cast, postbox):
    told(cast, "clerk")
    Notice.objects.filter(recipient=cast.clerk).update(mail_next_at=MONDAY + MAIL_LEASE)

    assert send_unsent(MONDAY + MAIL_LEASE - MINUTE) == 0
    assert send_unsent(MONDAY + MAIL_LEASE) == 1


def test_more_than_one_batch_goes_out_in_one_run(cast, postbox, monkeypatch):
    monkeypatch.setattr("cases.notifications.MAIL_BATCH", 2)
    told(cast, "clerk", "clerk2", "head", "officer", "leader")

    assert send_unsent(MONDAY) == 5


def test_two_senders_at_once_send_one_mail_each(live_cast, postbox, monkeypatch):
    monkeypatch.setattr("cases.notifications.MAIL_BATCH", 3)
    for _ in range(8):
        told(live_cast, "clerk", "head")
    waiting = Notice.objects.filter(mail_status=MailStatus.WAITING).count()

    results = at_once(*(lambda: send_unsent(MONDAY) for _ in range(3)))

    assert sum(results) == waiting == len(postbox.received)
