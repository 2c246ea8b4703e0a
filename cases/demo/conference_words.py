"""What is put before the joint conference of a demonstration, and what is decided and reported about it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Item:
    """One matter before the conference. `decided`: what, who leads, who joins in, in how many days."""

    title: str
    brief: str
    asks: str
    opinion: str
    decided: tuple[tuple[str, str, tuple[str, ...], int], ...] = ()
    done: str = ""
    longer: str = ""
    upward: str = ""


@cache
def items() -> dict[str, Item]:
    return {key: _item(row) for key, row in _table().items() if key != "common"}


def item(key: str) -> Item:
    return items()[key]


def _item(row: dict[str, Any]) -> Item:
    decided = tuple((what, lead, tuple(more), days) for what, lead, more, days in row.get("decided", ()))
    return Item(**row | {"decided": decided})


def said(name: str) -> Any:
    """A sentence, or a list of them, that does not depend on the item."""
    return _table()["common"][name]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("conference.toml").read_text(encoding="utf-8"))
