"""Bring the database and the static files up to date in one process; --seed or --reset the demo city too.

Prints one line for each step that has something to do, so that a second start is quiet.
"""

import hashlib
import io
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from weiquan.launcher.console import say

TASKS = {"--seed": "seed_demo", "--reset": "demo_reset"}


def main(arguments: list[str]) -> int:
    django.setup()
    try:
        call_command("check", fail_level="ERROR", stdout=io.StringIO())  # not a word when all is well
        migrate()
        if not settings.DEBUG:
            collect_static()
        for task, command in TASKS.items():
            if task in arguments:
                call_command(command)
    except CommandError as error:
        say(str(error))
        return 1
    return 0


def migrate() -> None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        say(f"Laying out the tables ({len(waiting)} migrations) …")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static() -> None:
    """Hash and compress the style sheets and scripts, when one of them changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    state = static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    say("Collecting the style sheets and scripts …")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)


def static_state() -> str:
    """A mark that changes with any file that would be collected."""
    state = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            about = os.stat(storage.path(path))
            state.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return state.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
