"""Where the launcher keeps things, and the lock that lets one launcher at a time look after a checkout."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from weiquan.launcher.console import Trouble

CHECKOUT = Path(__file__).resolve().parents[2]
LOGS_KEPT = 5


@dataclass(frozen=True)
class Account:
    """The system user that a database server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_launcher(self) -> bool:
        return self.uid == os.geteuid()


def server_account() -> Account:
    """PostgreSQL refuses to run as root, so root lends it `postgres`, or `nobody` where that is missing."""
    if os.geteuid() != 0:
        return Account(_user_name(), os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise Trouble(
        "PostgreSQL refuses to run as root, and this system has neither a user `postgres` nor `nobody`. "
        "Start again as an ordinary user, or set DATABASE_URL."
    )


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container may run under a number without a name
        return str(os.geteuid())


@dataclass(frozen=True)
class Places:
    """The folders of one set of servers.

    `home` holds data and keys together: data sealed with keys that are gone could not be read any more.
    `sockets` is short, because the path of a Unix socket ends after 107 bytes.
    """

    home: Path
    logs: Path
    sockets: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def lock(self) -> Path:
        return self.home / "launcher.lock"

    @property
    def address(self) -> Path:
        """What the running launcher printed at its start, for a second one to repeat."""
        return self.home / "address.txt"

    def prepare(self) -> "Places":
        try:
            own_folder(self.home, os.geteuid(), 0o700 if self.account.is_launcher else 0o711)
            own_folder(self.logs, os.geteuid(), 0o700)
        except PermissionError as error:
            raise Trouble(
                f"{error.filename} cannot be written. "
                "Copy the checkout to a folder of your own and start again."
            ) from error
        own_folder(self.sockets, self.account.uid, 0o700)
        return self


def demo_places() -> Places:
    """Where `make run` keeps the demo: in the checkout; for root, where the server's user can reach it."""
    account = server_account()
    mark = f"weiquan-{os.geteuid()}-{hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:10]}"
    run = CHECKOUT / ".run"
    home = run if account.is_launcher else Path("/var/tmp") / mark  # noqa: S108 (ownership is checked)
    return Places(home, run / "logs", Path("/tmp") / mark, account)  # noqa: S108 (ownership is checked)


def own_folder(folder: Path, uid: int, mode: int) -> None:
    """Make a folder of ours, or make sure that an existing one is ours and nobody put a link in its place."""
    try:
        folder.mkdir(mode=mode, parents=True)
        os.chown(folder, uid, -1)
        folder.chmod(mode)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            raise Trouble(
                f"{folder} belongs to somebody else or is no folder. "
                "Remove it, or ask its owner to, then start again."
            ) from None
        folder.chmod(mode)


@contextlib.contextmanager
def only_one(lock: Path, task: str) -> Iterator[bool]:
    """Hold the lock of a checkout and write down what for; False when another launcher holds it.

    The file is not inherited by child processes, so the lock ends with the launcher, however it ends.
    """
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.seek(0)
        file.truncate()
        file.write(f"{task} {os.getpid()}")
        file.flush()
        yield True


def holder(lock: Path) -> tuple[str, str]:
    """Task and process number of the launcher that holds the lock."""
    task, _, number = lock.read_text().rpartition(" ")
    return task or "another launcher", number or "?"


def fresh_log(folder: Path, name: str) -> IO[bytes]:
    """Open the log of this start; the earlier ones move up: name.log.1 is the previous."""
    path = folder / f"{name}.log"
    for age in range(LOGS_KEPT - 1, -1, -1):
        older = path if age == 0 else folder / f"{name}.log.{age}"
        if older.exists():
            older.replace(folder / f"{name}.log.{age + 1}")
    return path.open("ab")
