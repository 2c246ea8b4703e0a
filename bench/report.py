"""The table, on the terminal and in docs/performance.md."""

import os
import platform
import unicodedata
from pathlib import Path

import django
from django.db import connection

from bench.measure import Measured, Times
from bench.sweep import Sweep

PAPER = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
HEAD = ("操作", "中位 ms", "p95 ms", "÷ 底线", "目标", "8 人 次/秒", "占底线 %", "目标 ", "SQL", "上限")
SWEEP_GOAL_MS = 0.15
IDLE_GOAL_MS = 5


def table(
    floor: Times, floor_rate: float, measured: list[Measured], counts: dict[str, int]
) -> list[list[str]]:
    rows = [list(HEAD)]
    rows.append(
        [
            "底线：空白视图",
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
        f"到期提醒：{sweep.due} 个到期，写 {sweep.told} 条提醒，每个 {sweep.ms_each:.3f} ms（目标 ≤ {SWEEP_GOAL_MS}），"
        f"是一条裸 SQL（{sweep.bare_each:.3f} ms）的 {sweep.ms_each / sweep.bare_each:.1f} 倍；每批 500 个 {sweep.statements} 条语句。",
        f"没有到期：{sweep.idle_ms:.1f} ms，其中 SQL {sweep.idle_sql_ms:.1f} ms（目标 ≤ {IDLE_GOAL_MS}），{sweep.idle_statements} 条语句。",
    ]


def surroundings(cases: int) -> str:
    """What was measured on, without a name of the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
        cursor.execute("SHOW fsync")
        disk = cursor.fetchone()[0]
    return (
        f"{cases:,} 件；{os.cpu_count()} 核；Python {platform.python_version()}，Django {django.__version__}，"
        f"PostgreSQL {version}（fsync {disk}）；gunicorn sync，2 个进程。"
    )


def plain(rows: list[list[str]]) -> str:
    """Columns in line on a terminal, where a Chinese character is two wide."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = []
    for row in rows:
        cells = [
            cell + " " * (widths[n] - width(cell)) if n == 0 else " " * (widths[n] - width(cell)) + cell
            for n, cell in enumerate(row)
        ]
        lines.append("  ".join(cells))
    return "\n".join(lines)


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def markdown(rows: list[list[str]]) -> str:
    head, *rest = [f"| {' | '.join(cell.strip() for cell in row)} |" for row in rows]
    return "\n".join([head, "| --- |" + " ---: |" * (len(HEAD) - 1), *rest])


def write(text: str) -> None:
    """Between the two marks; the rest of the paper is written by people."""
    paper = PAPER.read_text(encoding="utf-8")
    start, end = paper.index(BEGIN) + len(BEGIN), paper.index(END)
    PAPER.write_text(f"{paper[:start]}\n{text}\n{paper[end:]}", encoding="utf-8")
