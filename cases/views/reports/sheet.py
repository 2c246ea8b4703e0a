"""A report as sheets in the federations' own layout."""

from collections.abc import Iterator
from datetime import datetime

from cases.deadlines import CHINA
from cases.documents.sheets import Column, Kind, Sheet
from cases.statistics.figures.cells import Cell, Look, Table
from cases.statistics.figures.reports import HIDDEN_NOTE, Written

KINDS = {Look.COUNT: Kind.NUMBER, Look.RATE: Kind.RATE, Look.CHANGE: Kind.RATE}


def sheets(written: Written, as_of: datetime) -> Iterator[Sheet]:
    """The sentences, if it has some, and one sheet a table."""
    notes = [f"统计截至：{as_of.astimezone(CHINA):%Y年%m月%d日 %H:%M}"]
    notes += [HIDDEN_NOTE] if written.hidden else []
    if written.words:
        yield _words(written, notes)
    for table in written.tables:
        kinds = [_kind(table, column) for column in range(len(table.heads))]
        yield Sheet(
            name=table.title,
            title=f"{written.report.name}（{table.title}）",
            unit=written.context.place.name,
            period=written.context.period.label,
            columns=[
                Column(table.first, 24),
                *(
                    Column(head.title, 10, kind, head.group)
                    for head, kind in zip(table.heads, kinds, strict=True)
                ),
            ],
            rows=(
                [
                    ("　" if row.indent else "") + row.name,
                    *(_value(cell, kind) for cell, kind in zip(row.cells, kinds, strict=True)),
                ]
                for row in table.rows
            ),
            notes=[f"计数规则：{table.rule}", *notes],
        )


def _words(written: Written, notes: list[str]) -> Sheet:
    return Sheet(
        name=written.report.name,
        title=written.report.name,
        unit=written.context.place.name,
        period=written.context.period.label,
        columns=[Column("部分", 16), Column("内容", 100)],
        rows=([section.title, text] for section in written.words for text in section.paragraphs or [""]),
        notes=notes,
    )


def _kind(table: Table, column: int) -> Kind:
    """What most of the column is."""
    looks = [row.cells[column].look for row in table.rows if row.cells[column].value is not None]
    return KINDS.get(max(set(looks), key=looks.count), Kind.TEXT) if looks else Kind.TEXT


def _value(cell: Cell, kind: Kind) -> float | int | str | None:
    fits = KINDS.get(cell.look) == kind and not cell.hidden and cell.value is not None
    return cell.value if fits else cell.text
