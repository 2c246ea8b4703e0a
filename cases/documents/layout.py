"""What a document looks like, said once: blocks with named places. Word, PDF and the page before issuing are drawn
from the same blocks."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

PLACE = re.compile(r"\{(\w+)\}")
# Filled by the frame for every document, beside what its own builder tells.
COMMON = ("issuer", "number", "title", "addressee", "day", "contact", "phone")

# A line of its own on paper with nothing on it.
ROOM = "　"

Values = Mapping[str, Any]
Told = dict[str, Any]


class Look(StrEnum):
    """The outside of a document. Source: GB/T 9704-2012 §10.1 (信函), §10.3 (纪要)."""

    LETTER = "letter"
    MINUTES = "minutes"
    FORM = "form"


def fill(text: str, values: Values) -> str:
    return PLACE.sub(lambda place: str(values.get(place[1], "")), text)


def places_in(*texts: str) -> set[str]:
    return {name for text in texts for name in PLACE.findall(text)}


@dataclass(frozen=True)
class Para:
    """One paragraph; `plain` has no indent, e.g. 此致."""

    text: str
    plain: bool = False

    def told(self, values: Values) -> Iterator[Told]:
        kind = "plain" if self.plain else "para"
        yield {"kind": kind, "text": fill(self.text, values)}

    def names(self) -> set[str]:
        return places_in(self.text)


@dataclass(frozen=True)
class Head:
    text: str

    def told(self, values: Values) -> Iterator[Told]:
        yield {"kind": "head", "text": fill(self.text, values)}

    def names(self) -> set[str]:
        return places_in(self.text)


@dataclass(frozen=True)
class Free:
    """Words of the unit's own, as many paragraphs as there are lines; whoever makes the document may change them.
    `lead` stands before the first of them. Where nothing was typed, `blank` lines are left to be written by hand."""

    name: str
    label: str
    rows: int = 6
    needed: bool = True
    lead: str = ""
    blank: int = 0

    def told(self, values: Values) -> Iterator[Told]:
        for line in self.lines(values):
            yield {"kind": "para", "text": line}

    def lines(self, values: Values) -> list[str]:
        said = lines_of(values.get(self.name, "")) or [ROOM] * self.blank
        return [self.lead + said[0], *said[1:]] if said else []

    def names(self) -> set[str]:
        return {self.name}


@dataclass(frozen=True)
class Facts:
    """A table of two or four cells a row: word, fact, word, fact."""

    rows: tuple[tuple[str, ...], ...]

    def told(self, values: Values) -> Iterator[Told]:
        yield {"kind": "facts", "rows": [[fill(cell, values) for cell in row] for row in self.rows]}

    def names(self) -> set[str]:
        return places_in(*(cell for row in self.rows for cell in row))


@dataclass(frozen=True)
class Rows:
    """A table with one row an entry; `columns` are name, heading, share of the width. An empty list leaves `blank` rows
    to be written by hand."""

    name: str
    columns: tuple[tuple[str, str, int], ...]
    blank: int = 1

    def told(self, values: Values) -> Iterator[Told]:
        rows = values.get(self.name) or [{}] * self.blank
        yield {
            "kind": "rows",
            "heads": [heading for _, heading, _ in self.columns],
            "widths": [width for *_, width in self.columns],
            "rows": [[str(row.get(name, "")) for name, *_ in self.columns] for row in rows],
        }

    def names(self) -> set[str]:
        return {self.name}


@dataclass(frozen=True)
class Sign:
    """Places to sign by hand, side by side."""

    labels: tuple[str, ...]

    def told(self, values: Values) -> Iterator[Told]:
        yield {"kind": "sign", "labels": [fill(label, values) for label in self.labels]}

    def names(self) -> set[str]:
        return places_in(*self.labels)


@dataclass(frozen=True)
class Seal:
    """Who signs, the day, and room for the seal over both."""

    who: str = "{issuer}"
    day: str = "{day}"

    def told(self, values: Values) -> Iterator[Told]:
        yield {"kind": "seal", "who": fill(self.who, values), "day": fill(self.day, values)}

    def names(self) -> set[str]:
        return places_in(self.who, self.day)


@dataclass(frozen=True)
class Break:
    """The next page, e.g. what is kept apart from the rest."""

    def told(self, values: Values) -> Iterator[Told]:
        yield {"kind": "break"}

    def names(self) -> set[str]:
        return set()


@dataclass(frozen=True)
class Stub:
    """What is torn off: a receipt, a proof of delivery, a counterfoil."""

    title: str
    blocks: tuple["Block", ...]

    def told(self, values: Values) -> Iterator[Told]:
        inside = [told for block in self.blocks for told in block.told(values)]
        yield {"kind": "stub", "text": fill(self.title, values), "blocks": inside}

    def names(self) -> set[str]:
        return places_in(self.title) | names_in(self.blocks)


@dataclass(frozen=True)
class When:
    """Blocks that stand there only if something is told under `name`."""

    name: str
    blocks: tuple["Block", ...]

    def told(self, values: Values) -> Iterator[Told]:
        if values.get(self.name):
            for block in self.blocks:
                yield from block.told(values)

    def names(self) -> set[str]:
        return {self.name} | names_in(self.blocks)


Block = Para | Head | Free | Facts | Rows | Sign | Seal | Break | Stub | When


@dataclass(frozen=True)
class Layout:
    title: str
    blocks: tuple[Block, ...]
    look: Look = Look.LETTER
    addressee: str = ""
    also: tuple[str, ...] = field(default=())  # names a federation's own template may use besides
    # Typed by whoever makes the document, and standing where the layout names them.
    asked: tuple[Free, ...] = field(default=())

    def names(self) -> set[str]:
        return (
            {*COMMON, *self.also}
            | names_in((*self.asked, *self.blocks))
            | places_in(self.title, self.addressee)
        )

    def frees(self) -> list[Free]:
        return [*self.asked, *self.paragraphs()]

    def paragraphs(self) -> list[Free]:
        return [block for block in walk(self.blocks) if isinstance(block, Free)]

    def lists(self) -> dict[str, tuple[str, ...]]:
        """Names that hold several rows, each with the names of its columns; those of free words have none."""
        rows = {
            block.name: tuple(name for name, *_ in block.columns)
            for block in walk(self.blocks)
            if isinstance(block, Rows)
        }
        return rows | {free.name: () for free in self.paragraphs()}


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Stub | When):
            yield from walk(block.blocks)


def names_in(blocks: Iterable[Block]) -> set[str]:
    return {name for block in blocks for name in block.names()}


def lines_of(text: Any) -> list[str]:
    return [line.strip() for line in str(text).splitlines() if line.strip()]


@dataclass(frozen=True)
class Written:
    """A document ready to be drawn: the layout and everything told in it."""

    layout: Layout
    values: Values

    @property
    def title(self) -> str:
        return fill(self.layout.title, self.values)

    @property
    def addressee(self) -> str:
        return fill(self.layout.addressee, self.values)

    def blocks(self) -> list[Told]:
        return [told for block in self.layout.blocks for told in block.told(self.values)]

    def common(self) -> dict[str, str]:
        values = {name: str(self.values.get(name, "")) for name in COMMON}
        return values | {"title": self.title, "addressee": self.addressee}
