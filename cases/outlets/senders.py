"""One small interface for every way out: `send(outlet, message)`; nothing comes back, or `NotSent` is raised.

A message is a number, a kind and a link. Neither it nor an address is ever logged, and of an answer only a class or a
status is kept.
"""

import hashlib
import hmac
import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, replace
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from threading import Thread
from time import time
from typing import Any, NoReturn, Protocol
from urllib.parse import parse_qsl, urlsplit

import requests
from apprise import AppriseAsset
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from cases.choices import OutletKind
from cases.models import Outlet
from cases.outlets.addresses import AddressRefused, check_address, robot_key

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
# The most one message may take, whatever the far side does: drip byte by byte, or say nothing.
TIMEOUT = 20.0
NAME = "weiquan"
LONGEST_ANSWER = 65_536
# Answers that concern this one message; after any other the whole way is left alone for a while.
ONE_MESSAGE = frozenset({400, 409, 413, 415, 422})


@dataclass(frozen=True)
class Message:
    """`id` stays the same however often it is tried, so that the far side knows a second copy for what it is."""

    id: str
    subject: str
    text: str
    to: str = ""


class NotSent(Exception):
    """Why, in a class name or a status; `way_down` when the next message would fare no better."""

    def __init__(self, reason: str, *, way_down: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.way_down = reason[:60], way_down


class Sender(Protocol):
    """What an adapter is. A further SMS provider is one more function of this shape."""

    def __call__(self, outlet: Outlet, message: Message) -> None: ...


def send(outlet: Outlet, message: Message) -> None:
    """Send through an outlet, or give up after TIMEOUT seconds.

    Raises NotSent.
    """
    address, kind = outlet.address, OutletKind(outlet.kind)
    _ = outlet.secret  # opened here: the thread asks the database nothing

    def go() -> None:
        try:
            check_address(kind, address)
        except AddressRefused:
            raise NotSent("AddressRefused") from None
        SENDERS[kind](outlet, message)

    within(TIMEOUT, go)


def within(seconds: float, work: Callable[[], None]) -> None:
    """Do it, or stop waiting for it: a thread that hangs is left behind and dies with its socket.

    Raises NotSent, and what `work` raises.
    """
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=copy_context().run, args=(run,), daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise NotSent("TimeoutError")
    if failed:
        raise failed[0]


# -- the web --------------------------------------------------------------------------------------


def _post(url: str, body: bytes, headers: dict[str, str], *, params: Any = None) -> bytes:
    """POST JSON and read the answer: certificate checked, no redirect followed, a proxy of the environment used.

    Raises NotSent.
    """
    try:
        with requests.post(
            url,
            data=body,
            params=params,
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": NAME, **headers},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as answer:
            if not 200 <= answer.status_code < 300:
                _refused(answer.status_code)
            return _some(answer)
    except requests.RequestException as error:
        raise NotSent(type(error).__name__) from None


def _some(answer: requests.Response) -> bytes:
    """A few words are enough; who answers without end does not fill the memory of the worker."""
    found = b""
    for part in answer.iter_content(LONGEST_ANSWER):
        found += part
        if len(found) > LONGEST_ANSWER:
            raise NotSent("BadAnswer")
    return found


def _refused(status: int) -> NoReturn:
    raise NotSent(f"HTTP {status}", way_down=status not in ONE_MESSAGE)


def _as_json(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def _tell_robot(url: str, payload: dict[str, Any], code: str, **params: Any) -> None:
    """Robots answer 200 to everything; whether they took it stands in the body. apprise does not read it."""
    answer = _post(url, _as_json(payload), {}, **params)
    try:
        said = json.loads(answer)[code]
    except (ValueError, KeyError, TypeError):
        raise NotSent("BadAnswer") from None
    if said != 0:
        raise NotSent(f"Code {said}" if isinstance(said, int) else "BadAnswer")


def _text(message: Message) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": message.text}}


def _wecom(outlet: Outlet, message: Message) -> None:
    robot = NotifyWeComBot(key=robot_key(outlet.kind, outlet.address), asset=ASSET)
    _tell_robot(robot.api_url, _text(message), "errcode")


def _dingtalk(outlet: Outlet, message: Message) -> None:
    robot = NotifyDingTalk(token=robot_key(outlet.kind, outlet.address), asset=ASSET)
    signed = {}
    if outlet.secret:  # signed here: apprise escapes the signature twice
        moment = str(round(time() * 1000))
        signed = {"timestamp": moment, "sign": _sign(outlet.secret, f"{moment}\n{outlet.secret}")}
    _tell_robot(robot.notify_url.format(token=robot.token), _text(message), "errcode", params=signed)


def _feishu(outlet: Outlet, message: Message) -> None:
    robot = NotifyFeishu(token=robot_key(outlet.kind, outlet.address), asset=ASSET)
    payload: dict[str, Any] = {"msg_type": "text", "content": {"text": message.text}}
    if outlet.secret:  # apprise knows no signature of this robot
        moment = str(int(time()))
        payload |= {"timestamp": moment, "sign": _sign(f"{moment}\n{outlet.secret}", "")}
    _tell_robot(robot.notify_url.format(token=robot.token), payload, "code")


def _sign(key: str, text: str) -> str:
    return b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


def _webhook(outlet: Outlet, message: Message) -> None:
    parts = urlsplit(outlet.address)
    hook = NotifyJSON(
        host=parts.hostname,
        port=parts.port,
        secure=parts.scheme == "https",
        fullpath=parts.path or "/",
        params=dict(parse_qsl(parts.query)),
        headers={"Authorization": f"Bearer {outlet.secret}"} if outlet.secret else {},
        payload={"id": message.id},
        cto=CONNECT_SECONDS,
        rto=READ_SECONDS,
        asset=ASSET,
    )
    said: list[int] = []
    _status.set(said)
    if not hook.send(message.text, title=message.subject):
        if said:
            _refused(said[0])
        raise NotSent("ConnectionError")


# apprise writes addresses and contents into its log: it gets a log of its own, which keeps a status and nothing else.
ASSET = AppriseAsset(app_id=NAME, http_redirects=False, async_mode=False)
_status: ContextVar[list[int] | None] = ContextVar("status", default=None)
_STATUS = re.compile(r"error=(\d{3})\b")


class _KeepStatus(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        said, found = _status.get(), _STATUS.search(record.getMessage())
        if said is not None and found:
            said.append(int(found[1]))


_apprise_log = logging.getLogger("apprise")
_apprise_log.setLevel(logging.WARNING)
_apprise_log.propagate = False
_apprise_log.handlers = [_KeepStatus()]


# -- text messages --------------------------------------------------------------------------------


def _sms(outlet: Outlet, message: Message) -> None:
    """The gateway of docs/running.md: signed, known again by its id, taken when the answer is 2xx."""
    body = _as_json({"id": message.id, "to": message.to, "text": message.text})
    moment = str(int(time()))
    signature = hmac.digest(outlet.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hex()
    headers = {
        "Idempotency-Key": message.id,
        "X-Weiquan-Timestamp": moment,
        "X-Weiquan-Signature": f"sha256={signature}",
    }
    _post(outlet.address, body, headers)


# -- mail -----------------------------------------------------------------------------------------


class PostOffice:
    """One connection to the mail server for the mails of a run; opened when first needed, anew after a failure."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def send(self, message: Message) -> None:
        """Raises NotSent."""
        self._connection = self._connection or get_connection()
        try:
            within(TIMEOUT, lambda: _mail(message, self._connection))
        except (SMTPException, OSError) as error:
            self._drop()
            raise _mail_refused(error) from None
        except NotSent:
            self._connection = None  # it hangs: not even a farewell is waited for
            raise

    def close(self) -> None:
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(NotSent, SMTPException, OSError):
                within(CONNECT_SECONDS, connection.close)


def _mail(message: Message, connection: BaseEmailBackend | None) -> None:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    EmailMessage(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        headers={"Message-ID": f"<{message.id}@{host}>"},
        connection=connection,
    ).send()


def _mail_refused(error: Exception) -> NotSent:
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return NotSent(f"SMTP {codes[0]}" if codes else "SMTPRecipientsRefused", way_down=False)
    if isinstance(error, SMTPResponseException):
        return NotSent(f"SMTP {error.smtp_code}", way_down=not isinstance(error, SMTPDataError))
    return NotSent(type(error).__name__)


def _mailbox(outlet: Outlet, message: Message) -> None:
    """A unit's mailbox goes through the same mail server as everybody's own."""
    post = PostOffice()
    try:
        post.send(replace(message, to=outlet.address))
    finally:
        post.close()


SENDERS: dict[OutletKind, Sender] = {
    OutletKind.MAIL: _mailbox,
    OutletKind.SMS: _sms,
    OutletKind.WECOM: _wecom,
    OutletKind.DINGTALK: _dingtalk,
    OutletKind.FEISHU: _feishu,
    OutletKind.WEBHOOK: _webhook,
}
