"""Small figures below county level are hidden, and nothing beside them gives them away; rates and changes; periods."""

from datetime import date

import pytest

from cases.choices import Span
from cases.statistics.figures.cells import Cell, Head, Look, Row, Table, change, hide_small, points, share
from cases.statistics.figures.periods import Period, pieces


def table(rows, *, below=True, total=True):
    """Rows of plain counts; the last is the sum of the others, the first cell of each the sum of its others."""
    made = [Row(f"r{n}", [Cell(value) for value in row], below_county=below) for n, row in enumerate(rows)]
    last = len(rows) - 1
    if total:
        made[-1].below_county = False
    width = len(rows[0])
    down = [((last, column), [(n, column) for n in range(last)]) for column in range(width)] if total else []
    across = (
        [((n, 0), [(n, column) for column in range(1, width)]) for n in range(len(rows))] if width > 1 else []
    )
    return Table("", "", "", [Head("")] * width, made, sums=[*down, *across])


def texts(told):
    return [[cell.text for cell in row.cells] for row in told.rows]


def possible(told, sums):
    """Whether every hidden figure could be another one as well, given all that is shown."""
    shown = texts(told)
    return all(sum(not shown[r][c].isdigit() for r, c in [total, *parts]) != 1 for total, parts in sums)


def test_a_small_figure_takes_another_with_it():
    told = table([[3], [8], [20], [31]])

    assert hide_small(told)
    assert texts(told) == [["＜5"], ["＊"], ["20"], ["31"]]


def test_small_parts_that_are_small_together_take_a_larger():
    told = table([[1], [1], [9], [11]])

    hide_small(told)

    assert texts(told) == [["＜5"], ["＜5"], ["＊"], ["11"]]


def test_nothing_is_hidden_where_nothing_is_small():
    told = table([[5], [0], [12], [17]])

    assert not hide_small(told)
    assert texts(told) == [["5"], ["0"], ["12"], ["17"]]


def test_a_county_shows_its_small_figures():
    told = table([[3], [8], [11]], below=False)

    assert not hide_small(told)


def test_a_sum_of_one_part_is_hidden_with_it():
    told = table([[2], [0], [2]])

    hide_small(told)

    assert texts(told) == [["＜5"], ["0"], ["＊"]]


@pytest.mark.parametrize(
    "rows",
    [
        [[10, 3, 7], [20, 9, 11], [30, 12, 18]],
        [[4, 4, 0], [9, 6, 3], [30, 20, 10], [43, 30, 13]],
        [[6, 1, 5], [7, 7, 0], [13, 8, 5]],
        [[2, 1, 1], [3, 3, 0], [40, 20, 20], [45, 24, 21]],
    ],
)
def test_neither_row_nor_column_gives_one_away(rows):
    told = table(rows)
    sums = told.sums

    assert hide_small(told)
    assert possible(told, sums)
    small = [cell for row in told.rows[:-1] for cell in row.cells if 0 < cell.value < 5]
    assert small
    assert all(cell.hidden for cell in small)
    assert not any(cell.behind for row in told.rows for cell in row.cells if cell.hidden)


def test_what_is_reckoned_from_a_hidden_figure_is_hidden():
    told = Table(
        "",
        "",
        "",
        [Head("")] * 3,
        [Row("r", [Cell(3), Cell(12), Cell(0.25, Look.RATE)], below_county=True)],
        needs=[((0, 2), [(0, 0), (0, 1)])],
    )

    hide_small(told)

    assert texts(told) == [["＜5", "12", "＊"]]


def test_a_zero_base_says_nothing():
    assert change(5, 0) is None
    assert change(0, 0) is None
    assert share(0, 0) is None
    assert points(0.5, None) is None
    assert Cell(None, Look.CHANGE).text == "—"


def test_changes_in_per_cent_and_rates_in_hundredths():
    assert Cell(change(15, 12), Look.CHANGE).text == "+25.0%"
    assert Cell(change(9, 12), Look.CHANGE).text == "-25.0%"
    assert Cell(points(0.5, 0.625), Look.POINTS).text == "-12.5个百分点"
    assert Cell(0.625, Look.RATE).text == "62.5%"
    assert Cell(12.25, Look.DAYS).text == "12.2"


@pytest.mark.parametrize(
    ("period", "first", "last", "label", "before", "year_before"),
    [
        (
            Period.of(Span.MONTH, 2024, 2),
            (2024, 2, 1),
            (2024, 2, 29),
            "2024年2月",
            (2024, 1, 1),
            (2023, 2, 28),
        ),
        (
            Period.of(Span.MONTH, 2025, 1),
            (2025, 1, 1),
            (2025, 1, 31),
            "2025年1月",
            (2024, 12, 1),
            (2024, 1, 31),
        ),
        (
            Period.of(Span.QUARTER, 2025, 1),
            (2025, 1, 1),
            (2025, 3, 31),
            "2025年第一季度",
            (2024, 10, 1),
            (2024, 3, 31),
        ),
        (
            Period.of(Span.QUARTER, 2025, 4),
            (2025, 10, 1),
            (2025, 12, 31),
            "2025年第四季度",
            (2025, 7, 1),
            (2024, 12, 31),
        ),
        (
            Period.of(Span.HALF, 2025, 2),
            (2025, 7, 1),
            (2025, 12, 31),
            "2025年下半年",
            (2025, 1, 1),
            (2024, 12, 31),
        ),
        (Period.of(Span.YEAR, 2024), (2024, 1, 1), (2024, 12, 31), "2024年", (2023, 1, 1), (2023, 12, 31)),
        (
            Period.between(date(2024, 2, 29), date(2024, 2, 29)),
            (2024, 2, 29),
            (2024, 2, 29),
            "2024年2月29日至2024年2月29日",
            (2024, 2, 28),
            (2023, 2, 28),
        ),
        (
            Period.between(date(2024, 12, 30), date(2025, 1, 2)),
            (2024, 12, 30),
            (2025, 1, 2),
            "2024年12月30日至2025年1月2日",
            (2024, 12, 26),
            (2024, 1, 2),
        ),
    ],
    ids=lambda value: value.label if isinstance(value, Period) else "",
)
def test_periods(period, first, last, label, before, year_before):
    assert (period.first, period.last, period.label) == (date(*first), date(*last), label)
    assert period.before().first == date(*before)
    assert period.before().after == period.first
    assert period.year_before().last == date(*year_before)


@pytest.mark.parametrize(
    ("span", "number"), [(Span.MONTH, 13), (Span.MONTH, 0), (Span.QUARTER, 5), (Span.YEAR, 2)]
)
def test_there_is_no_fifth_quarter(span, number):
    with pytest.raises(ValueError, match=f"{span} {number}"):
        Period.of(span, 2025, number)


def test_a_span_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="last before first"):
        Period.between(date(2025, 2, 2), date(2025, 2, 1))


@pytest.mark.parametrize(
    ("first", "after", "years", "months", "rest"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), 1, 0, 0),
        (date(2024, 11, 1), date(2026, 2, 1), 1, 3, 0),
        (date(2024, 2, 29), date(2024, 3, 1), 0, 0, 1),
        (date(2025, 1, 15), date(2025, 4, 10), 0, 2, 2),
        (date(2025, 3, 3), date(2025, 3, 9), 0, 0, 1),
    ],
)
def test_pieces_cover_a_span_once(first, after, years, months, rest):
    found = pieces(first, after)

    assert (len(found.years), len(found.months), len(found.rest)) == (years, months, rest)
    spans = [Period.of(Span.YEAR, day.year) for day in found.years]
    spans += [Period.of(Span.MONTH, day.year, day.month) for day in found.months]
    days = sum((span.after - span.first).days for span in spans) + sum(
        (end - day).days for day, end in found.rest
    )
    assert days == (after - first).days
