"""Make .venv from a hashed lock. Run by path with any Python 3.11, before any package is installed.

A stamp inside .venv remembers each lock that was installed, so the next call costs a few milliseconds.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
RUN = CHECKOUT / ".run"
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "weiquan-locks.json"
LOCKS = {
    "production": "requirements.lock",
    "quickstart": "requirements-quickstart.lock",
    "dev": "requirements-dev.lock",
}


def main() -> int:
    flavour = sys.argv[1] if len(sys.argv) == 2 else ""
    if flavour not in LOCKS:
        return refuse(f"usage: environment.py {' | '.join(LOCKS)}")
    if sys.version_info[:2] != (3, 11):
        return refuse(
            f"Python 3.11 is needed; {sys.executable} is {sys.version.split()[0]}. "
            "Install python3.11, or name one: make run PYTHON=/path/to/python3.11"
        )
    try:
        RUN.mkdir(mode=0o700, exist_ok=True)
        with (RUN / "venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return bring_up_to_date(CHECKOUT / LOCKS[flavour])
    except PermissionError as error:
        return refuse(
            f"{error.filename} cannot be written. Copy the checkout to a folder of your own, "
            "or take it over with chown, and start again."
        )


def bring_up_to_date(lock: Path) -> int:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamps = read_stamps()
    # The scripts of an environment that was copied here still point at its old place.
    usable = stamps.get("place", str(VENV)) == str(VENV) and runs()
    if usable and stamps.get(lock.name) == digest:
        return 0
    if not usable and not create():
        return 1
    say(f"Installing the packages of {lock.name} into .venv (the first time takes about a minute) …")
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    install = subprocess.run(
        [*pip, "--require-hashes", "--only-binary=:all:", "--requirement", str(lock)],
        cwd=CHECKOUT,
        check=False,
    )
    if install.returncode:
        return refuse(
            "pip could not install the packages; its own words are above. Without a network, or behind "
            "a mirror, set PIP_INDEX_URL (or PIP_FIND_LINKS) and start again."
        )
    # Written last: a broken-off pip leaves no stamp. Read again: a rebuilt environment has none.
    STAMP.write_text(json.dumps({**read_stamps(), lock.name: digest, "place": str(VENV)}), encoding="utf-8")
    return 0


def read_stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps


def runs() -> bool:
    """Whether .venv has a Python 3.11 that starts, and pip: a copied or half-made one may not."""
    if not PYTHON.exists():
        return False
    words = (
        "import sys, importlib.util as u; sys.exit(sys.version_info[:2] != (3, 11)"
        f" or sys.prefix != {str(VENV)!r} or u.find_spec('pip') is None)"
    )
    try:
        return subprocess.run([str(PYTHON), "-c", words], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def create() -> bool:
    say("Making a virtual environment in .venv …")
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode == 0:
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    missing = "ensurepip" in made.stdout + made.stderr or "No module named venv" in made.stderr
    refuse(
        "This Python has no venv module. On Debian or Ubuntu: sudo apt install python3.11-venv. Then start again."
        if missing
        else f"A virtual environment could not be made:\n{made.stdout}{made.stderr}"
    )
    return False


def say(words: str) -> None:
    print(words, flush=True)


def refuse(words: str) -> int:
    print(words, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    os.umask(0o022)  # the database server may run as another user and has to read its own programs
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
