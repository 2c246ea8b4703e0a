"""One server or program that the launcher starts, watches and stops."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from weiquan.launcher.console import Trouble, say
from weiquan.launcher.places import CHECKOUT, Account, fresh_log

PR_SET_PDEATHSIG = 1
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0  # seconds alive until an earlier crash is forgotten

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _ends_with_launcher(number: int) -> Callable[[], None] | None:
    """Ask Linux to end the child when the launcher is killed without a chance to clean up."""
    if _libc is None:
        return None
    prctl = _libc.prctl
    return lambda: prctl(PR_SET_PDEATHSIG, number)


@dataclass
class Program:
    """`start`, `look_after` again and again, `stop`."""

    name: str
    arguments: Sequence[str]
    logs: Path
    environment: Mapping[str, str]
    account: Account | None = None
    folder: Path = CHECKOUT
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 20.0
    descriptors: Sequence[int] = ()
    before_start: Callable[[], None] | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _log: IO[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _pause: float = field(default=1.0, init=False)
    _again: float | None = field(default=None, init=False)

    @property
    def log_path(self) -> Path:
        return self.logs / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        if self._log is None:
            self._log = fresh_log(self.logs, self.name)
        if self.before_start:
            self.before_start()
        other = self.account if self.account and not self.account.is_launcher else None
        identity: dict[str, object] = (
            {"user": other.uid, "group": other.gid, "extra_groups": []} if other else {}
        )
        self._started = time.monotonic()
        try:
            self._process = subprocess.Popen(
                list(self.arguments),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                cwd=self.folder,
                # Ctrl-C goes to the launcher alone, which stops everything in the right order.
                start_new_session=True,
                pass_fds=self.descriptors,
                preexec_fn=_ends_with_launcher(self.stop_signal),
                **identity,  # type: ignore[call-overload]
            )
        except OSError as error:
            raise Trouble(f"{self.name} could not be started: {error}") from error

    def look_after(self) -> None:
        """Start a program that died again, each time after a longer pause."""
        if self._process is None or self.alive:
            return
        now = time.monotonic()
        if self._again is None:
            if now - self._started > HEALTHY_AFTER:
                self._pause = 1.0
            end_group(self._process.pid)
            say(
                f"! {self.name} ended unexpectedly ({ending(self._process.returncode)}); "
                f"starting it again in {self._pause:.0f} s. Its log: {shown(self.log_path)}"
            )
            self._again = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        elif now >= self._again:
            self._again = None
            self.start()
            say(f"  {self.name} is running again.")

    def stop(self) -> None:
        if self._process is not None:
            stop_process(self._process, self.stop_signal, self.patience)
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def kill(self) -> None:
        """What `kill -9` does: for the tests of a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 20) -> str:
        return tail(self.log_path, lines)


def stop_process(process: subprocess.Popen[bytes], number: signal.Signals, patience: float) -> None:
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    end_group(process.pid)


def end_group(leader: int) -> None:
    """What a program started itself (worker processes) shares its group and must not outlive it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def shown(path: Path) -> str:
    """The path as the person at the terminal would type it."""
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


def tail(path: Path, lines: int) -> str:
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
