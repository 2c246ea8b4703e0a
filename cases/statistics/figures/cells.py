"""Tables of a report: cells that say what stands behind them, and the hiding of small ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

SMALL = 5
HIDDEN = "＜5"
GUARD = "＊"
NOTHING = "—"
At = tuple[int, int]


class Look(StrEnum):
    COUNT = "count"
    RATE = "rate"
    CHANGE = "change"
    POINTS = "points"
    DAYS = "days"
    TEXT = "text"


@dataclass(frozen=True)
class Behind:
    """Where the entries of a figure are found: place, measure, and the groups of it (all without)."""

    place: str
    measure: str
    dims: tuple[str, ...] = ()


@dataclass
class Cell:
    """`value` of a rate or a change is a fraction; of points, hundredths. None says that there is no such figure."""

    value: float | int | str | None
    look: Look = Look.COUNT
    behind: Behind | None = None
    hidden: str = ""

    @property
    def text(self) -> str:
        if self.hidden:
            return self.hidden
        match self.value, self.look:
            case (None, _):
                return NOTHING
            case (_, Look.RATE):
                return f"{100 * float(self.value):.1f}%"
            case (_, Look.CHANGE):
                return f"{_signed(100 * float(self.value))}%"
            case (_, Look.POINTS):
                return f"{_signed(float(self.value))}个百分点"
            case (_, Look.DAYS):
                return f"{float(self.value):.1f}"
        return str(self.value)


def _signed(number: float) -> str:
    """To a tenth; no change has no sign."""
    shown = f"{number:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown


@dataclass(frozen=True)
class Head:
    title: str
    group: str = ""
    wide: bool = False


@dataclass
class Row:
    name: str
    cells: list[Cell]
    below_county: bool = False
    is_total: bool = False
    indent: bool = False


@dataclass
class Table:
    """`sums`: where one cell is the sum of others; `needs`: where one is reckoned from others. Both name (row, cell).
    `chart` says how the page may draw it."""

    title: str
    rule: str
    first: str
    heads: Sequence[Head]
    rows: list[Row]
    sums: list[tuple[At, list[At]]] = field(default_factory=list)
    needs: list[tuple[At, list[At]]] = field(default_factory=list)
    chart: str = ""

    def at(self, place: At) -> Cell:
        return self.rows[place[0]].cells[place[1]]


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def change(now: float, then: float) -> float | None:
    """(this − then) ÷ then; nothing to say where then was nothing."""
    return (now - then) / then if then else None


def points(now: float | None, then: float | None) -> float | None:
    """The difference of two rates in hundredths."""
    return None if now is None or then is None else 100 * (now - then)


def hide_small(table: Table) -> bool:
    """Hide counts of one to four in rows below county level, and what would give them away: of the parts of a sum
    never one alone, nor parts that together are small. Returns whether anything was hidden."""
    for row in table.rows:
        for cell in row.cells:
            if row.below_county and cell.look is Look.COUNT and _is_small(cell):
                cell.hidden = HIDDEN
    while any(_guard(table, total, parts) for total, parts in table.sums):
        """One guarded cell may lay open another sum."""
    for place, reckoned_from in table.needs:
        if any(table.at(one).hidden for one in reckoned_from):
            table.at(place).hidden = table.at(place).hidden or GUARD
    hidden = False
    for row in table.rows:
        for cell in row.cells:
            if cell.hidden:
                cell.behind, hidden = None, True
    return hidden


def _is_small(cell: Cell) -> bool:
    return isinstance(cell.value, int) and 0 < abs(cell.value) < SMALL


def _guard(table: Table, total: At, parts: list[At]) -> bool:
    """Make one sum safe by hiding one more of its parts, or else the sum; whether something was hidden."""
    cells = [table.at(part) for part in parts]
    hidden = [cell for cell in cells if cell.hidden]
    whole = table.at(total)
    if whole.hidden:
        # A hidden sum whose parts all stand there is no secret: its smallest part goes too.
        if hidden or not any(cell.value for cell in cells):
            return False
    elif not hidden or (len(hidden) > 1 and sum(_size(cell) for cell in hidden) >= SMALL):
        return False
    open_parts = [cell for cell in cells if not cell.hidden and cell.value]
    guard = min(open_parts, key=_size, default=whole)
    if guard.hidden:
        return False
    guard.hidden = GUARD
    return True


def _size(cell: Cell) -> float:
    return abs(cell.value) if isinstance(cell.value, int | float) else 0
