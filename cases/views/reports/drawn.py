"""A table of a report as the page shows it: cells as words, figures as links to the cases behind them."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cases.statistics.figures.cells import Cell, Row, Table

CELL = '<td class="wq-table__num">{}</td>'
LINK = '<a href="{}?{}">{}</a>'


@dataclass(frozen=True)
class Shown:
    """Rows are written here: a year of a county has two thousand cells."""

    table: Table
    groups: list[tuple[str, int]]
    rows: list[SafeString]


def shown(table: Table, query: str) -> Shown:
    """`query` is the address of the report; without one nothing is linked."""
    address = reverse("report_cases") if query else ""
    groups = [(name, len(list(heads))) for name, heads in groupby(table.heads, key=lambda head: head.group)]
    return Shown(
        table,
        groups if any(name for name, _ in groups) else [],
        [_row(row, address, query) for row in table.rows],
    )


def _row(row: Row, address: str, query: str) -> SafeString:
    look = ' class="wq-report__total"' if row.is_total else ' class="wq-report__sub"' if row.indent else ""
    cells = [_cell(cell, address, query) for cell in row.cells]
    head = format_html('<th scope="row">{}</th>', row.name)
    return mark_safe(f"<tr{look}>{head}{''.join(cells)}</tr>")  # noqa: S308 – each part is escaped


def _cell(cell: Cell, address: str, query: str) -> SafeString:
    if not address or cell.behind is None or not cell.value:
        return format_html(CELL, cell.text)
    behind: dict[str, Any] = {
        "of": cell.behind.place,
        "measure": cell.behind.measure,
        "dim": cell.behind.dims,
    }
    address_of = f"{query}&{urlencode(behind, doseq=True)}"
    return format_html(CELL, format_html(LINK, address, address_of, cell.text))
