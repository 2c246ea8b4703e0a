"""The far side of deliveries, on this machine: a real SMTP server and a real HTTP endpoint that fail on demand."""

import json
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def shut_port():
    """One that refuses whoever knocks, held so that no other program opens it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


class Postbox:
    """Keeps what arrives; says no to whom it was told to refuse, and to everything while `broken` is set."""

    def __init__(self):
        self.received, self.refused, self.broken = [], set(), ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.broken:
            return self.broken
        self.received.append(message_from_bytes(envelope.content, policy=default))
        return "250 kept"


def smtp_server(port):
    return Controller(Postbox(), hostname="127.0.0.1", port=port)


class Endpoint:
    """`mood`: a status, "hang" until released, "drip" a byte a second, "flood" without end, "reset", or "moved" (a redirect to itself)."""

    def __init__(self, answer=None):
        self.mood, self.answer, self.requests = 200, answer if answer is not None else {}, []
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer._serve(self)

            def do_GET(self):
                outer._serve(self)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/notify"

    @property
    def taken(self):
        """The bodies that were answered with success."""
        return [body for status, body, *_ in self.requests if status == 200]

    def _serve(self, handler):
        raw = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        body = json.loads(raw) if raw else None
        self.requests.append((self.mood, body, dict(handler.headers), raw, handler.path, handler.command))
        match self.mood:
            case "hang":
                self.released.wait(60)
            case "drip":
                handler.send_response(200)
                handler.send_header("Content-Length", "60")
                handler.end_headers()
                while not self.released.wait(0.2):
                    handler.wfile.write(b" ")
            case "flood":
                handler.send_response(200)
                handler.end_headers()
                with suppress(OSError):
                    while not self.released.is_set():
                        handler.wfile.write(b" " * 65_536)
            case "reset":
                linger = struct.pack("ii", 1, 0)
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                handler.connection.close()
            case "moved":
                handler.send_response(307)
                handler.send_header("Location", self.url)
                handler.send_header("Content-Length", "0")
                handler.end_headers()
            case status:
                said = json.dumps(self.answer).encode()
                handler.send_response(status)
                handler.send_header("Content-Length", str(len(said)))
                handler.end_headers()
                handler.wfile.write(said)

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
