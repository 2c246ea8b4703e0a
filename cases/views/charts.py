"""Bars drawn on the server: geometry for templates/cases/_settled.html, so that the page needs no script."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.statistics import LEVELS, MonthSettled, settled
from stations.choices import AdminLevel
from stations.models import Organisation

BAR, STEP, WIDTH, LEFT = 16, 26, 400, 64
WORDS: dict[str, str] = {
    AdminLevel.VILLAGE: "村（社区）化解",
    AdminLevel.TOWNSHIP: "乡（镇、街道）化解",
    AdminLevel.COUNTY: "县（市、区）化解",
    AdminLevel.CITY: "市级化解",
}


@dataclass(frozen=True)
class Piece:
    level: str
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    month: str
    y: int
    middle: float
    pieces: tuple[Piece, ...]


def settled_chart(org: Organisation, at: datetime) -> dict[str, Any]:
    """Twelve bars, a table of the same figures, and the words of the legend."""
    months = settled(org, at)
    return {
        "bars": [_bar(row, n) for n, row in enumerate(months)],
        "height": STEP * len(months),
        "width": LEFT + WIDTH,
        "legend": [(level.value, WORDS[level]) for level in LEVELS],
        "rows": [_row(row) for row in months],
        "any": any(row.total for row in months),
    }


def _bar(row: MonthSettled, place: int) -> Bar:
    pieces, x = [], float(LEFT)
    for level in LEVELS:
        width = row.share(level) * WIDTH / 100
        if width:
            pieces.append(Piece(level.value, round(x, 1), round(width, 1)))
        x += width
    y = place * STEP + (STEP - BAR) // 2
    return Bar(_month(row), y, y + BAR / 2, tuple(pieces))


def _row(row: MonthSettled) -> dict[str, Any]:
    return {
        "month": _month(row),
        "total": row.total,
        "counts": row.counts,
        "village": _percent(row.within(AdminLevel.VILLAGE)),
        "township": _percent(row.within(AdminLevel.TOWNSHIP)),
        "county": _percent(row.within(AdminLevel.COUNTY)),
    }


def _month(row: MonthSettled) -> str:
    return f"{row.month.year % 100}年{row.month.month}月"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0f}%"
