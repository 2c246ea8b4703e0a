import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from weiquan.launcher import environment


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a space and Chinese characters, whose lock asks for nothing."""
    place = tmp_path / "维权 checkout"
    launcher = place / "weiquan" / "launcher"
    launcher.mkdir(parents=True)
    shutil.copy(environment.__file__, launcher)
    for lock in environment.LOCKS.values():
        (place / lock).write_text("")
    return place


def make(
    checkout: Path, flavour: str = "quickstart", python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    script = checkout / "weiquan" / "launcher" / "environment.py"
    return subprocess.run([python, str(script), flavour], capture_output=True, text=True, check=False)


def stamps(checkout: Path) -> dict[str, str]:
    return json.loads((checkout / ".venv" / "weiquan-locks.json").read_text(encoding="utf-8"))


@pytest.mark.servers
def test_an_environment_is_made_once_and_again_only_for_a_new_lock(checkout: Path) -> None:
    first, second = make(checkout), make(checkout)
    (checkout / "requirements-quickstart.lock").write_text("# another\n")
    third = make(checkout)

    assert (first.returncode, second.returncode, third.returncode) == (0, 0, 0), first.stderr
    assert first.stdout.startswith("Making a virtual environment")
    assert second.stdout == ""
    assert third.stdout.startswith("Installing the packages of requirements-quickstart.lock")


@pytest.mark.servers
def test_a_copied_checkout_makes_its_own_environment(checkout: Path) -> None:
    make(checkout)
    copy = checkout.with_name("copy")
    shutil.copytree(checkout, copy, symlinks=True)

    made = make(copy)

    assert made.stdout.startswith("Making a virtual environment"), made.stderr
    assert stamps(copy)["place"] == str(copy / ".venv")


@pytest.mark.servers
def test_a_failing_pip_leaves_no_stamp(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text(f"no-such-package==1 --hash=sha256:{'0' * 64}\n")
    command = [sys.executable, str(checkout / "weiquan" / "launcher" / "environment.py"), "production"]
    offline = {"PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}

    made = subprocess.run(command, env=offline, capture_output=True, text=True, check=False)

    assert made.returncode == 1
    assert "pip could not install the packages" in made.stderr
    assert not (checkout / ".venv" / "weiquan-locks.json").exists()


def test_an_unknown_flavour_is_refused(checkout: Path) -> None:
    made = make(checkout, "everything")

    assert made.returncode == 1
    assert made.stderr == "usage: environment.py production | quickstart | dev\n"


def test_another_python_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["environment.py", "dev"])
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))

    assert environment.main() == 1
    assert capsys.readouterr().err.startswith("Python 3.11 is needed;")


def test_a_python_without_venv_is_told_what_to_install(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = checkout / "python"
    broken.write_text(
        "#!/bin/sh\necho 'The virtual environment was not created: ensurepip is not available'\nexit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    monkeypatch.setattr(environment, "VENV", checkout / ".venv")

    assert environment.create() is False
    assert "sudo apt install python3.11-venv" in capsys.readouterr().err
