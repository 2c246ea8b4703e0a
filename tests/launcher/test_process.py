import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from weiquan.launcher.console import Trouble
from weiquan.launcher.process import Program, ending


def python(tmp_path: Path, script: str, **options: object) -> Program:
    variables = {"PATH": os.environ["PATH"]}
    arguments = [sys.executable, "-u", "-c", script]
    return Program("child", arguments, tmp_path, variables, folder=tmp_path, **options)  # type: ignore[arg-type]


def wait_until(reached: Callable[[], object]) -> None:
    latest = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < latest
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(") ", 1)[1][0] in "ZX"
    except OSError:
        return True


def test_a_dead_program_is_announced_and_started_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = python(tmp_path, "import time; time.sleep(60)")
    program.start()
    first = program.pid
    program.kill()

    wait_until(lambda: program.look_after() or program.alive)  # type: ignore[func-returns-value]
    second = program.pid
    program.stop()

    assert second != first
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("! child ended unexpectedly (killed by SIGKILL); starting it again in 1 s.")
    assert said[1] == "  child is running again."


def test_a_program_that_keeps_dying_is_started_less_and_less_often(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr("weiquan.launcher.process.time.monotonic", lambda: clock)
    program = python(tmp_path, "raise SystemExit(3)")
    program.start()
    for _ in range(7):
        assert program._process is not None
        program._process.wait()
        program.look_after()
        clock += 31
        program.look_after()
    program.stop()

    pauses = [
        line.split("again in ")[1].split(" s")[0]
        for line in capsys.readouterr().out.splitlines()
        if "again in" in line
    ]
    assert pauses == ["1", "2", "4", "8", "16", "30", "30"]


def test_stop_takes_the_grandchildren_along(tmp_path: Path) -> None:
    script = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid); time.sleep(60)"
    program = python(tmp_path, script)
    program.start()
    wait_until(lambda: program.tail().strip())
    grandchild = int(program.tail())

    program.stop()

    wait_until(lambda: gone(grandchild))
    assert not program.alive


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    )
    program = python(tmp_path, script, patience=0.2)
    program.start()
    wait_until(lambda: "deaf" in program.tail())
    pid = program.pid

    program.stop()

    assert pid is not None
    wait_until(lambda: gone(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_children_end_when_the_launcher_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from weiquan.launcher.process import Program\n"
        "program = Program('child', ['sleep', '60'], Path(sys.argv[1]), dict(os.environ))\n"
        "program.start(); print(program.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, check=False
    )

    assert killed.returncode == -signal.SIGKILL
    wait_until(lambda: gone(int(killed.stdout)))


def test_a_missing_program_is_told_in_words(tmp_path: Path) -> None:
    program = Program("web", [str(tmp_path / "nothing")], tmp_path, {})

    with pytest.raises(Trouble, match="web could not be started"):
        program.start()
    program.stop()


@pytest.mark.parametrize(
    ("code", "words"), [(-9, "killed by SIGKILL"), (3, "exit code 3"), (0, "exit code 0")]
)
def test_an_ending_is_told_in_words(code: int, words: str) -> None:
    assert ending(code) == words
