"""What the launcher says, and how it says that something is wrong."""

import sys
import unicodedata
from collections.abc import Iterable


class Trouble(Exception):
    """Something the person at the terminal can mend; the text says what happened and what to do."""


def say(words: str) -> None:
    """Print a line; a closed terminal is no reason to leave servers behind."""
    try:
        print(words, flush=True)
    except OSError:
        sys.stdout = sys.stderr


def warn(words: str) -> None:
    try:
        print(words, file=sys.stderr, flush=True)
    except OSError:
        return


def width(line: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def framed(lines: Iterable[str]) -> str:
    body = [line.rstrip() for line in lines]
    broad = max(map(width, body), default=0)
    edge = f"+{'-' * (broad + 2)}+"
    return "\n".join([edge, *(f"| {line}{' ' * (broad - width(line))} |" for line in body), edge])
