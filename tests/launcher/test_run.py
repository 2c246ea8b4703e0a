"""`make run` from the first start to the last, in a folder with a long Chinese name, as its user meets it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from weiquan.launcher import places
from weiquan.launcher.places import CHECKOUT, Places, demo_places

pytestmark = [pytest.mark.servers, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]

PARTS = ["weiquan", "stations", "cases", "templates", "static", "manage.py", "pyproject.toml", ".env.example"]
GIVEN = ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "WEIQUAN_KEYS", "DEBUG", "DEMO", "PORT", "SITE_URL"]
READY = re.compile(r"维权 runs at  (http://127\.0\.0\.1:\d+)")
SEEDING = 300.0


class Launched:
    """A launcher in the background, and what it said so far."""

    def __init__(self, checkout: Path, said: Path) -> None:
        self.said = said
        variables = {name: value for name, value in os.environ.items() if name not in GIVEN}
        with said.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-B", "-m", "weiquan.launcher", "run"],
                cwd=checkout,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def words(self) -> str:
        return self.said.read_text(encoding="utf-8")

    def wait_for(self, pattern: re.Pattern[str], patience: float = 60.0) -> re.Match[str]:
        latest = time.monotonic() + patience
        while not (found := pattern.search(self.words())):
            assert self.process.poll() is None, self.words()
            assert time.monotonic() < latest, self.words()
            time.sleep(0.1)
        return found

    def is_ready(self) -> bool:
        assert self.process.poll() in (None, 0), self.words()
        return READY.search(self.words()) is not None

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copy = tmp_path / ("很长 的 文件夹-" * 6) / "维权"
    copy.mkdir(parents=True)
    assert len(os.fsencode(copy)) > 150
    for part in PARTS:
        source = CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    return copy


@pytest.fixture
def folders(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    monkeypatch.setattr(places, "CHECKOUT", checkout)
    found = demo_places()
    yield found
    for pid in living(checkout, found):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(found.home, ignore_errors=True)
    shutil.rmtree(found.sockets, ignore_errors=True)


def living(checkout: Path, folders: Places) -> list[int]:
    """Every process that works in the copy or for its database."""
    marks = [os.fsencode(checkout), os.fsencode(folders.home), os.fsencode(folders.sockets)]
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            about = (entry / "cmdline").read_bytes() + os.fsencode((entry / "cwd").readlink())
        except OSError:
            continue
        if any(mark in about for mark in marks):
            found.append(int(entry.name))
    return found


def child(parent: int, words: bytes) -> int:
    """The first child whose command line has these words."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            above = int((entry / "stat").read_text().rsplit(") ", 1)[1].split()[1])
            if above == parent and words in (entry / "cmdline").read_bytes():
                return int(entry.name)
        except OSError:
            continue
    raise AssertionError(f"no child with {words!r}")


def wait_until(reached: Callable[[], object], words: Callable[[], object], patience: float = 60.0) -> None:
    latest = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < latest, words()
        time.sleep(0.1)


def healthy(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/healthz", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_the_demo_starts_is_joined_heals_stops_and_starts_again(
    checkout: Path, folders: Places, tmp_path: Path
) -> None:
    def nothing_lives() -> None:
        wait_until(lambda: not living(checkout, folders), lambda: living(checkout, folders))

    # Two starts at once: one does the work, the other repeats the address and goes.
    both = [Launched(checkout, tmp_path / "one.log"), Launched(checkout, tmp_path / "two.log")]
    wait_until(lambda: all(each.is_ready() for each in both), lambda: both[0].words(), SEEDING)
    wait_until(lambda: any(each.process.poll() is not None for each in both), lambda: both[0].words())
    demo, joiner = sorted(both, key=lambda each: each.process.poll() is not None)
    address = demo.wait_for(READY)[1]
    assert joiner.process.returncode == 0
    assert f"runs at  {address}" in joiner.words()
    assert "It runs in another window" in joiner.words()
    assert "Laying out the tables" in demo.words()
    assert healthy(address)

    # What dies is started again.
    os.kill(child(demo.process.pid, b"weiquan\0worker\0"), signal.SIGKILL)
    demo.wait_for(re.compile(r"! worker ended unexpectedly \(killed by SIGKILL\)"))
    demo.wait_for(re.compile("worker is running again"))
    os.kill(int((folders.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    demo.wait_for(re.compile("postgres is running again"))
    wait_until(lambda: healthy(address), demo.words)

    # Ctrl-C leaves nothing behind.
    assert demo.end(signal.SIGINT) == 0
    assert demo.words().endswith("Stopping …\nEverything has been stopped.\n")
    nothing_lives()

    # The next start finds everything done. Then the launcher itself is killed, and its children go with it.
    demo = Launched(checkout, tmp_path / "three.log")
    demo.wait_for(READY)
    assert "Laying out the tables" not in demo.words()
    assert "Collecting" not in demo.words()
    demo.process.kill()
    demo.process.wait()
    nothing_lives()

    demo = Launched(checkout, tmp_path / "four.log")
    assert healthy(demo.wait_for(READY)[1])
    assert demo.end(signal.SIGTERM) == 0
    nothing_lives()
    assert {path.name for path in checkout.iterdir()} <= {*PARTS, ".run", "staticfiles"}
