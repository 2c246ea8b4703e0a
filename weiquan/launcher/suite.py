"""`make test`, `make check`, `make fix` and `make bench`: the project's own tools, on servers that are thrown away."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

from weiquan.launcher.browser import chromium, make_sure
from weiquan.launcher.console import say, warn
from weiquan.launcher.demo import stoppable
from weiquan.launcher.places import CHECKOUT
from weiquan.launcher.throwaway import throwaway_servers

# Branches, in percent, of a whole run; the rules of the procedure have no untried way through them.
GATES = (
    (
        "the rules",
        "cases/actions/*,cases/workflow/*,cases/deadlines.py,cases/permissions/*",
        100,
    ),
    ("everything", "*", 90),
)
CHECKS = (
    ("style", ["ruff", "check", "."]),
    ("layout", ["ruff", "format", "--check", "."]),
    ("types", ["mypy", "weiquan", "stations", "cases", "manage.py"]),
    ("layers", ["importlinter"]),
    ("migrations", ["manage.py", "makemigrations", "--check", "--dry-run"]),
    ("system checks", ["manage.py", "check", "--fail-level", "WARNING"]),
    ("drawing of the workflow", ["manage.py", "draw_workflow", "--check"]),
)
REPAIRS = (
    ("style", ["ruff", "check", "--fix", "."]),
    ("layout", ["ruff", "format", "."]),
    ("drawing of the workflow", ["manage.py", "draw_workflow"]),
)


def test(arguments: Sequence[str]) -> int:
    """pytest on both cores. Without arguments: everything, and the coverage gates."""
    whole = not arguments
    with stoppable(), throwaway_servers() as servers:
        browser = make_sure(servers.postgres.places) if whole else chromium()
        if browser is None:
            warn(
                "!!! NO CHROMIUM: the browser journeys are skipped. Install it (sudo apt install chromium), or "
                "let CHROMIUM name one. With CI=true this is a failure."
            )
        variables = servers.variables | ({"CHROMIUM": browser} if browser else {})
        coverage = ["--cov", "--cov-report=", "--cov-branch"] if whole else []
        say("Running the tests …")
        how = ["-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider", "--create-db"]
        code = call(["pytest", *how, *coverage, *arguments], variables)
        return code or (gates(variables) if whole else 0)
    return 130


def gates(variables: Mapping[str, str]) -> int:
    failed = 0
    for name, files, percent in GATES:
        say(f"Coverage of {name}: at least {percent} % of the branches.")
        report = ["coverage", "report", f"--include={files}", f"--fail-under={percent}"]
        failed |= call(report, variables)
    return failed


def check() -> int:
    """Every check, even after one failed. Changes nothing but caches."""
    return _tools(CHECKS)


def fix() -> int:
    return _tools(REPAIRS)


def _tools(tools: Sequence[tuple[str, list[str]]]) -> int:
    failed = []
    with stoppable(), throwaway_servers() as servers:
        for name, command in tools:
            say(f"-- {name}")
            if call(command, servers.variables):
                failed.append(name)
        if failed:
            warn(f"Not in order: {', '.join(failed)}.")
        else:
            say("All in order.")
        return 1 if failed else 0
    return 130


def bench(arguments: Sequence[str]) -> int:
    """The measurements, on servers that write to disk as in production and with the static files collected."""
    with stoppable(), throwaway_servers(safe=True, debug=False) as servers:
        say(f"Measuring on {servers.postgres.programs} and {servers.valkey.source} …")
        prepared = call(["weiquan.launcher.prepare"], servers.variables)
        return prepared or call(["bench.run", *arguments], servers.variables)
    return 130


def call(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a script of the checkout, or a module; its output goes straight to the terminal."""
    script = command[0].endswith(".py")
    if command[0] == "importlinter":  # has no __main__, and its script breaks in a path longer than 127 bytes
        start = [
            "-c",
            "import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main())",
        ]
        return _wait([sys.executable, *start, *command[1:]], variables)
    return _wait([sys.executable, *([] if script else ["-m"]), *command], variables)


def _wait(command: Sequence[str], variables: Mapping[str, str]) -> int:
    with subprocess.Popen(command, cwd=CHECKOUT, env=dict(variables)) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()  # then wait for it: its connections must end before the servers do
            raise
