"""The table, on the terminal and in docs/performance.md."""

import os
import platform
from pathlib import Path

import django
from django.db import connection

from bench.measure import Measured, Times
from bench.server import WORKERS
from bench.sweep import Sweep

PAPER = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
HEAD = (
    "operation",
    "p50 ms",
    "p95 ms",
    "÷ floor",
    "goal",
    "8 clients /s",
    "% of floor",
    "goal ",
    "SQL",
    "most",
)
SWEEP_GOAL_MS = 0.15
IDLE_GOAL_MS = 5


def table(
    floor: Times, floor_rate: float, measured: list[Measured], counts: dict[str, int]
) -> list[list[str]]:
    rows = [list(HEAD)]
    rows.append(
        [
            "floor: a bare view",
            f"{floor.p50:.2f}",
            f"{floor.p95:.2f}",
            "1",
            "",
            f"{floor_rate:.0f}",
            "100",
            "",
            "1",
            "",
        ]
    )
    for one in measured:
        operation = one.operation
        rows.append(
            [
                operation.name,
                f"{one.times.p50:.2f}",
                f"{one.times.p95:.2f}",
                f"{one.ratio:.1f}",
                f"≤ {operation.goal:g}" if operation.goal else "",
                f"{one.rate:.0f}",
                f"{one.share:.0f}",
                f"≥ {operation.share:g}" if operation.share else "",
                str(counts[operation.key]),
                f"≤ {operation.most_statements}",
            ]
        )
    return rows


def sweep_lines(sweep: Sweep) -> list[str]:
    return [
        f"Sweep: {sweep.due} clocks due, {sweep.told} notices written, {sweep.ms_each:.3f} ms a clock (goal ≤ {SWEEP_GOAL_MS}), "
        f"{sweep.ms_each / sweep.bare_each:.1f} times one bare SQL statement ({sweep.bare_each:.3f} ms); "
        f"{sweep.statements} statements a batch.",
        f"Sweep with nothing due: {sweep.idle_ms:.1f} ms, of which SQL {sweep.idle_sql_ms:.1f} ms (goal ≤ {IDLE_GOAL_MS}), "
        f"{sweep.idle_statements} statements.",
    ]


def surroundings(cases: int) -> str:
    """What was measured on, without a name of the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
        cursor.execute("SHOW fsync")
        disk = cursor.fetchone()[0]
    return (
        f"{cases:,} cases; {os.cpu_count()} cores; Python {platform.python_version()}, Django {django.__version__}, "
        f"PostgreSQL {version} (fsync {disk}); gunicorn, {WORKERS} simple workers."
    )


def plain(rows: list[list[str]]) -> str:
    """Columns in line on a terminal."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(
            cell.ljust(wide) if n == 0 else cell.rjust(wide)
            for n, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def markdown(rows: list[list[str]]) -> str:
    head, *rest = [f"| {' | '.join(cell.strip() for cell in row)} |" for row in rows]
    return "\n".join([head, "| --- |" + " ---: |" * (len(HEAD) - 1), *rest])


def write(text: str) -> None:
    """Between the two marks; the rest of the paper is written by people."""
    paper = PAPER.read_text(encoding="utf-8")
    start, end = paper.index(BEGIN) + len(BEGIN), paper.index(END)
    PAPER.write_text(f"{paper[:start]}\n{text}\n{paper[end:]}", encoding="utf-8")
