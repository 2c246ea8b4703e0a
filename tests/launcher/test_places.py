import os
import subprocess
import sys
from pathlib import Path

import pytest

from weiquan.launcher import places
from weiquan.launcher.console import Trouble
from weiquan.launcher.places import demo_places, fresh_log, holder, only_one, own_folder

LONGEST_SOCKET_PATH = 107  # bytes; the kernel's limit


def test_the_socket_path_is_short_and_private_however_long_the_checkout_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "CHECKOUT", Path("/home") / ("目录 " * 80) / "维权")

    socket = demo_places().sockets / ".s.PGSQL.5432.lock"

    assert len(os.fsencode(socket)) < LONGEST_SOCKET_PATH
    assert f"-{os.geteuid()}-" in str(socket)


def test_two_checkouts_share_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    here = demo_places()
    monkeypatch.setattr(places, "CHECKOUT", Path("/somewhere/else"))
    there = demo_places()

    assert {here.home, here.sockets, here.logs}.isdisjoint({there.home, there.sockets, there.logs})


def test_a_folder_of_ours_is_closed_to_others(tmp_path: Path) -> None:
    own_folder(tmp_path / "s", os.geteuid(), 0o700)

    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o700


def test_a_folder_left_open_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s").chmod(0o777)

    own_folder(tmp_path / "s", os.geteuid(), 0o700)

    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_our_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").mkdir()
    (tmp_path / "s").symlink_to(tmp_path / "trap")

    with pytest.raises(Trouble, match="belongs to somebody else or is no folder"):
        own_folder(tmp_path / "s", os.geteuid(), 0o700)


def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()

    with pytest.raises(Trouble, match="belongs to somebody else"):
        own_folder(tmp_path / "s", os.geteuid() + 1, 0o700)


def test_the_lock_goes_to_one_and_names_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "lock"

    with only_one(lock, "make run") as first, only_one(lock, "make test") as second:
        assert (first, second) == (True, False)
        assert holder(lock) == ("make run", str(os.getpid()))

    with only_one(lock, "make test") as later:
        assert later


def test_the_lock_ends_with_a_killed_holder_although_its_children_live_on(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    script = (
        "import os, signal, subprocess, sys; from pathlib import Path;"
        "from weiquan.launcher.places import only_one\n"
        "with only_one(Path(sys.argv[1]), 'make run'):\n"
        "    print(subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL).pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(lock)], stdout=subprocess.PIPE, check=False)
    child = int(killed.stdout)

    try:
        os.kill(child, 0)
        with only_one(lock, "make run") as mine:
            assert mine
    finally:
        os.kill(child, 9)


def test_each_start_writes_a_fresh_log_and_keeps_five_old_ones(tmp_path: Path) -> None:
    for start in range(8):
        with fresh_log(tmp_path, "web") as log:
            log.write(f"start {start}".encode())

    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {
        "web.log": "start 7",
        "web.log.1": "start 6",
        "web.log.2": "start 5",
        "web.log.3": "start 4",
        "web.log.4": "start 3",
        "web.log.5": "start 2",
    }
