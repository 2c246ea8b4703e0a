"""What both measurements of paper share: work timed in this process, and cells written by the library alone."""

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from statistics import median
from time import perf_counter
from typing import Any

import xlsxwriter


def timed(work: Callable[[], Any], times: int) -> float:
    """Milliseconds, the median of so many times after one to warm up."""
    work()
    taken = []
    for _ in range(times):
        start = perf_counter()
        work()
        taken.append(1000 * (perf_counter() - start))
    return median(taken)


def write_plainly(pages: Iterable[Iterable[Sequence[Any]]]) -> None:
    """The same words and figures without heads, rules and looks."""
    with xlsxwriter.Workbook(BytesIO(), {"constant_memory": True, "remove_timezone": True}) as book:
        for rows in pages:
            page = book.add_worksheet()
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
