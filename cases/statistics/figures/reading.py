"""Reading figures for any place and any span: whole years and months as stored, the days at the ends counted now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from cases.choices import Span
from cases.models import FigureRun
from cases.statistics.figures.entries import ENTRIES, entries_of
from cases.statistics.figures.periods import Period, pieces
from cases.statistics.figures.rollup import bounds

BEGINNING = date(2000, 1, 1)
Without = Sequence[UUID]


class Figures:
    """What was counted for one place in one span."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, measure: str, dim: str, value: int) -> None:
        self._values[measure][dim] += value

    def by(self, measure: str) -> dict[str, int]:
        """Values by what they are grouped by, those that are not nothing."""
        return {dim: value for dim, value in self._values.get(measure, {}).items() if value}

    def sum(self, measure: str, dims: Iterable[str] | None = None) -> int:
        """All of a measure, or some groups of it."""
        values = self._values.get(measure, {})
        return sum(values.values()) if dims is None else sum(values.get(dim, 0) for dim in dims)


@dataclass(frozen=True)
class Month:
    """One figure of one month, for a drawing."""

    start: date
    measure: str
    dim: str
    value: int


_STORED = """SELECT place, measure, dim, sum(value)::bigint FROM cases_figure
    WHERE place = ANY(%(places)s)
    AND ((grain = 'Y' AND start = ANY(%(years)s)) OR (grain = 'M' AND start = ANY(%(months)s)))
    AND (%(measures)s::text[] IS NULL OR measure = ANY(%(measures)s)) GROUP BY 1, 2, 3"""
_NOW = """SELECT left(entry.number, %(digits)s), entry.measure, entry.dim, sum(entry.value)::bigint FROM ({entries}) entry
    WHERE left(entry.number, %(digits)s) = ANY(%(places)s)
    AND (%(measures)s::text[] IS NULL OR entry.measure = ANY(%(measures)s)) GROUP BY 1, 2, 3"""
_TAKEN_OUT = _NOW.replace("sum(entry.value)", "-sum(entry.value)").replace(
    "WHERE left", "WHERE entry.case_id = ANY(%(without)s) AND left"
)


def as_of(at: datetime) -> datetime:
    """Up to when the stored figures are counted."""
    run = FigureRun.objects.filter(pk=1).values_list("at", flat=True).first()
    return run or at


def read(
    places: Sequence[str],
    period: Period,
    at: datetime,
    *,
    measures: Sequence[str] | None = None,
    without: Without = (),
) -> dict[str, Figures]:
    """The figures of places of one kind, up to `at` and not beyond; what the cases `without` add is taken out."""
    found = {place: Figures() for place in places}
    parts = pieces(period.first, period.after)
    values = {"places": list(places), "measures": list(measures) if measures else None}
    with connection.cursor() as cursor:
        if parts.years or parts.months:
            cursor.execute(_STORED, values | {"years": parts.years, "months": parts.months})
            _keep(found, cursor.fetchall())
        for first, after in parts.rest:
            now = values | {"digits": len(places[0])} | bounds(first, after, at)
            cursor.execute(_NOW.format(entries=entries_of(tuple(measures)) if measures else ENTRIES), now)
            _keep(found, cursor.fetchall())
        if without:
            span = bounds(period.first, period.after, at)
            out = {**values, **span, "digits": len(places[0]), "without": list(without)}
            cursor.execute(
                _TAKEN_OUT.format(entries=entries_of(tuple(measures)) if measures else ENTRIES), out
            )
            _keep(found, cursor.fetchall())
    return found


def _keep(found: dict[str, Figures], rows: Iterable[tuple[str, str, str, int]]) -> None:
    for place, measure, dim, value in rows:
        found[place].add(measure, dim, value)


def open_at_end(
    places: Sequence[str], period: Period, at: datetime, *, without: Without = ()
) -> dict[str, int]:
    """Matters open when the period ended (未结): all that began less all that ended."""
    whole = Period.between(BEGINNING, period.last)
    found = read(places, whole, at, measures=["OPEN"], without=without)
    return {place: figures.sum("OPEN") for place, figures in found.items()}


def by_month(
    place: str, period: Period, measures: Sequence[str], at: datetime, *, without: Without = ()
) -> list[Month]:
    """The stored months a period touches."""
    if without:  # month by month, for the few who are kept away from a case
        return [
            Month(month, measure, dim, value)
            for month in period.months()
            for measure in measures
            for dim, value in _of_month(place, month, measure, at, without).items()
        ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT start, measure, dim, value FROM cases_figure WHERE place = %s AND grain = 'M' "
            "AND start = ANY(%s) AND measure = ANY(%s)",
            [place, period.months(), list(measures)],
        )
        return [Month(*row) for row in cursor.fetchall()]


def _of_month(place: str, month: date, measure: str, at: datetime, without: Without) -> dict[str, int]:
    period = Period.of(Span.MONTH, month.year, month.month)
    return read([place], period, at, measures=[measure], without=without)[place].by(measure)
