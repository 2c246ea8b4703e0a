"""`python -m weiquan.launcher COMMAND`; the Makefile knows the commands."""

import sys
from collections.abc import Callable, Sequence

from weiquan.launcher import demo, suite
from weiquan.launcher.console import Trouble, warn

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": lambda _: demo.run(),
    "demo-reset": lambda _: demo.reset(),
    "manage": demo.manage,
    "test": suite.test,
    "check": lambda _: suite.check(),
    "fix": lambda _: suite.fix(),
    "bench": suite.bench,
}


def main(arguments: Sequence[str]) -> int:
    command, *rest = arguments or [""]
    if command not in COMMANDS:
        warn(f"usage: python -m weiquan.launcher {' | '.join(COMMANDS)}")
        return 2
    try:
        return COMMANDS[command](rest[1:] if rest[:1] == ["--"] else rest)
    except Trouble as trouble:
        warn(f"\n{trouble}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
