"""The web server under measurement: gunicorn with two simple workers, as the floor was defined."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.client import HOST

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
PATIENCE = 30.0


class NoServer(Exception):
    """The server did not start; the message is the end of what it said."""


@contextlib.contextmanager
def web_server() -> Iterator[int]:
    """Yields the port."""
    with socket.create_server((HOST, 0), backlog=512) as door, tempfile.TemporaryFile("w+") as log:
        options = [
            f"--bind=fd://{door.fileno()}",
            f"--workers={WORKERS}",
            "--worker-class=sync",
            "--timeout=120",
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "--log-level=error", "weiquan.wsgi:application"],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings", "LOG_LEVEL": "ERROR"},
            pass_fds=[door.fileno()],
            stdout=log,
            stderr=log,
        )
        try:
            yield _ready(process, door.getsockname()[1], log)
        finally:
            process.terminate()
            process.wait()


def _ready(process: "subprocess.Popen[bytes]", port: int, log: "tempfile._TemporaryFileWrapper[str]") -> int:
    """The socket takes connections at once; ready is who answers."""
    latest = time.monotonic() + PATIENCE
    while time.monotonic() < latest and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=PATIENCE) as line:
            line.sendall(f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            if line.recv(12).startswith(b"HTTP/1.1 200"):
                return port
    log.seek(0)
    raise NoServer(log.read()[-2000:])
