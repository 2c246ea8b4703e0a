"""Servers that live as long as a test run: fresh, in a folder of their own, gone afterwards."""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weiquan.launcher.places import Places, server_account
from weiquan.launcher.postgres import Postgres
from weiquan.launcher.surroundings import throwaway_surroundings
from weiquan.launcher.valkey import Valkey

BASE = Path("/tmp")  # noqa: S108 (short enough for a socket; each folder has an unpredictable name and mode 0711)
PREFIX = "weiquan-throwaway-"
SETTLED = 60.0  # a run that is just starting may not hold its lock yet


@dataclass(frozen=True)
class Servers:
    postgres: Postgres
    valkey: Valkey
    variables: dict[str, str]


@contextlib.contextmanager
def throwaway_places() -> Iterator[Places]:
    sweep()
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=BASE))
    try:
        with (home / "alive").open("w") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX)  # a later sweep leaves this folder alone as long as we live
            yield Places(home, home / "logs", home / "s", server_account()).prepare()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def throwaway_servers(*, safe: bool = False, debug: bool = True) -> Iterator[Servers]:
    """Both servers. `safe` writes to disk as production does, for measurements."""
    with throwaway_places() as places, contextlib.ExitStack() as running:
        postgres, valkey = Postgres(places, throwaway=not safe), Valkey(places)
        for server in (postgres, valkey):
            running.callback(server.stop)
            server.start()
        variables = throwaway_surroundings(database=postgres.url, broker=valkey.url, debug=debug)
        # pg_dump and psql of the server's own version, which the wheel does not put on PATH.
        path = os.pathsep.join([str(postgres.programs.folder), variables.get("PATH", os.defpath)])
        yield Servers(postgres, valkey, variables | {"PATH": path})


def sweep() -> None:
    """Remove the folders of runs that were killed."""
    for home in BASE.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = home.lstat()
            is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
            if not is_ours or time.time() - found.st_mtime < SETTLED:
                continue
            with (home / "alive").open("a") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(home, ignore_errors=True)
