"""How large the sheets of an .xlsx file are, measured before they are opened.

A sheet is held as one block from its first filled cell to its last: two words in opposite corners of a file of a
kilobyte ask for more memory than there is, and the process ends.
"""

import re
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

MOST_GRID = 4_000_000  # cells of one sheet, empty ones between filled ones too
MOST_FILLED = 3_000_000  # cells of the whole file
CHUNK = 1 << 16
BOOK, FOREIGN = "xl/workbook.xml", {"xl/workbook.bin", "content.xml"}
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_MARK = b"sheetData"


class Oversized(Exception):
    """More cells than a ledger has."""


def check_grids(packed: ZipFile) -> None:
    """Raises Oversized; ValueError where it is no .xlsx inside."""
    names = set(packed.namelist())
    if BOOK not in names or FOREIGN & names:
        raise ValueError("no workbook of this kind")
    filled = 0
    for name in names:
        if name.lower().endswith(".xml"):
            filled += _measure(packed, name)
        elif _is_sheet(packed, name):
            raise ValueError("a sheet under another name")
        if filled > MOST_FILLED:
            raise Oversized


def _measure(packed: ZipFile, name: str) -> int:
    """How many filled cells it has, if it is a sheet."""
    grid = _Grid()
    parser = expat.ParserCreate()
    parser.StartElementHandler = grid.start
    try:
        with packed.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(name) from error
    return grid.filled


def _is_sheet(packed: ZipFile, name: str) -> bool:
    end = b""
    with packed.open(name) as part:
        while chunk := part.read(CHUNK):
            if _MARK in end + chunk:
                return True
            end = chunk[-len(_MARK) :]
    return False


class _Grid:
    """Follows the cells; one without a place stands right of the one before."""

    def __init__(self) -> None:
        self.row = self.column = self.filled = 0
        self.rows: tuple[int, int] | None = None
        self.columns = (0, 0)

    def start(self, name: str, told: dict[str, Any]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                said = told.get("r", "")
                self.row = int(said) if said.isascii() and said.isdecimal() else self.row + 1
                self.column = 0
            case "c":
                self._move(told.get("r", ""))
            case "v" | "is":
                self._fill()

    def _move(self, said: str) -> None:
        place = _PLACE.fullmatch(said)
        if place is None:
            self.column += 1
            return
        self.column = 0
        for letter in place[1].upper():
            self.column = self.column * 26 + ord(letter) - ord("A") + 1
        self.row = int(place[2])

    def _fill(self) -> None:
        self.filled += 1
        rows, columns = self.rows or (self.row, self.row), self.columns if self.rows else (self.column,) * 2
        self.rows = min(rows[0], self.row), max(rows[1], self.row)
        self.columns = min(columns[0], self.column), max(columns[1], self.column)
        # What stands before the first filled cell is filled up with blanks when the rows are read.
        if self.rows[1] * self.columns[1] > MOST_GRID or self.filled > MOST_FILLED:
            raise Oversized
