"""A browser without a face: one request, one connection, as the server's simple workers want it."""

import socket
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from stations.models import Staff

HOST = "127.0.0.1"
TOKEN = "benchbenchbenchbenchbenchbench12"  # a CSRF secret has 32 letters
PIECE = 65_536


class WrongAnswer(Exception):
    """The page did not answer as it should, so its time means nothing."""


@dataclass(frozen=True)
class Request:
    """One request ready to be sent, and the status it must be answered with."""

    path: str
    session: str = ""
    form: dict[str, str | list[str]] | None = None
    status: int = 200
    holds: str = field(default="", repr=False)  # words the page must show

    def wire(self) -> bytes:
        lines = [f"{'GET' if self.form is None else 'POST'} {self.path} HTTP/1.1", f"Host: {HOST}"]
        cookies = {settings.SESSION_COOKIE_NAME: self.session, settings.CSRF_COOKIE_NAME: TOKEN}
        if self.session:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
        body = b""
        if self.form is not None:
            body = urlencode({"csrfmiddlewaretoken": TOKEN, **self.form}, doseq=True).encode()
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


def send(port: int, request: Request) -> float:
    """Seconds from connecting to the last byte. Raises WrongAnswer."""
    wire = request.wire()
    start = perf_counter()
    with socket.create_connection((HOST, port), timeout=60) as line:
        line.sendall(wire)
        pieces = []
        while piece := line.recv(PIECE):
            pieces.append(piece)
    took = perf_counter() - start
    answer = b"".join(pieces)
    check(request, answer)
    return took


def check(request: Request, answer: bytes) -> None:
    head = answer[:12].decode("ascii", "replace")
    if head != f"HTTP/1.1 {request.status}":
        raise WrongAnswer(f"{request.path} answered {head!r} instead of {request.status}")
    if request.holds and request.holds.encode() not in answer:
        raise WrongAnswer(f"{request.path} answered without {request.holds!r}")


def log_in(staff: Staff) -> str:
    """A session as logging in makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = "stations.backends.StaffBackend"
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key
