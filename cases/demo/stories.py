"""Invented matters and the words of the work about them, read from the two tables beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from cases.choices import Nature, Risk

HERE = Path(__file__).parent
RISKS = {"B": Risk.BLUE, "Y": Risk.YELLOW, "O": Risk.ORANGE, "R": Risk.RED}


@dataclass(frozen=True)
class Story:
    """One kind of matter with gaps to fill: what is told, asked for, and who is asked to help."""

    category: str
    who: str
    relation: str
    family: str
    partners: tuple[str, ...]
    risks: str
    facts: str
    demand: str
    before: tuple[str, ...]
    dv: bool = False
    minor: bool = False
    litigation: bool = False
    child: bool = False
    anonymous: bool = False
    nature: Nature = Nature.HELP
    channels: tuple[str, ...] = ()
    weight: int = 1

    @property
    def may_end_at_once(self) -> bool:
        """Whether an answer on the spot may be all there is to it."""
        return "B" in self.risks and not (self.dv or self.minor)


@dataclass(frozen=True)
class Family:
    """What is done about matters of one sort."""

    acts: tuple[tuple[str, str, str, str], ...]
    replies: tuple[str, ...]
    solutions: tuple[str, ...]
    tried: str
    guidance: str


@dataclass(frozen=True)
class Partner:
    """What is asked of a department and what it answers: code, text, word of its letter, amount."""

    requests: tuple[str, ...]
    interims: tuple[str, ...]
    results: tuple[tuple[str, str, str, str], ...]


@cache
def stories() -> tuple[Story, ...]:
    return tuple(_story(row) for row in _table("stories.toml")["story"])


def _story(row: dict[str, Any]) -> Story:
    lists = {name: tuple(row[name]) for name in ("partners", "before", "channels") if name in row}
    nature = {"nature": Nature(row["nature"])} if "nature" in row else {}
    filled: dict[str, Any] = row | lists | nature
    return Story(**filled)


@cache
def family(name: str) -> Family:
    row = _words()["family"][name]
    acts = tuple(tuple(act) for act in row["acts"])
    return Family(acts, tuple(row["replies"]), tuple(row["solutions"]), row["tried"], row["guidance"])


@cache
def partner(kind: str) -> Partner:
    row = _words()["partner"][kind]
    results = tuple(tuple(result) for result in row["results"])
    return Partner(tuple(row["requests"]), tuple(row["interims"]), results)


def word(name: str) -> Any:
    """A sentence, or a list of them, that does not depend on the matter."""
    return _words()["common"][name]


def particulars(rng: Random, *, village: str, age: int, is_boy: bool) -> dict[str, object]:
    """What goes into the gaps of a story, the same in each of its texts."""
    return {
        "village": village,
        "years": rng.choice("两三四五六七八九"),
        "months": rng.choice(("半个月", "一个月", "两个月", "三个月", "四个月", "半年")),
        "kid": "儿子" if is_boy else "女儿",
        "age": age,
        "amount": rng.randrange(3, 90) * 1000 + rng.choice((0, 200, 500, 800)),
        "mu": rng.choice(("一亩半", "两亩", "两亩三分", "三亩")),
    }


@cache
def _words() -> dict[str, Any]:
    return _table("words.toml")


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
