"""What every report is written from: the figures of one place now, before and a year ago, each read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cases.statistics.figures.cells import Behind, Cell, Look, change, points, share
from cases.statistics.figures.entries import CASELESS
from cases.statistics.figures.periods import Period
from cases.statistics.figures.places import Place
from cases.statistics.figures.reading import Figures, Month, Without, by_month, open_at_end, read


@dataclass
class Context:
    """`parts` add up to the place; `at` bounds what is counted: nothing later is. `without` are cases that the reader
    is not to hear of."""

    place: Place
    parts: list[Place]
    period: Period
    at: datetime
    without: Without = ()

    @cached_property
    def now(self) -> Figures:
        return self._of(self.period)

    @cached_property
    def before(self) -> Figures:
        return self._of(self.period.before())

    @cached_property
    def year_ago(self) -> Figures:
        ago = self.period.year_before()
        return self.before if ago == self.period.before() else self._of(ago)

    def _of(self, period: Period) -> Figures:
        return read([self.place.code], period, self.at, without=self.without)[self.place.code]

    def of_parts(self, measures: Sequence[str]) -> dict[str, Figures]:
        parts = [part.code for part in self.parts]
        return read(parts, self.period, self.at, measures=measures, without=self.without)

    @cached_property
    def open_here(self) -> int:
        """Matters open when the period ended."""
        here = self.place.code
        return open_at_end([here], self.period, self.at, without=self.without)[here]

    def open_in_parts(self) -> dict[str, int]:
        parts = [part.code for part in self.parts]
        return open_at_end(parts, self.period, self.at, without=self.without) if parts else {}

    def months(self, measures: Sequence[str]) -> list[Month]:
        return by_month(self.place.code, self.period, measures, self.at, without=self.without)

    # -- cells

    def count(
        self, measure: str, dims: Sequence[str] | None = None, *, figures: Figures | None = None
    ) -> Cell:
        """A figure of this period with the entries behind it; of another place or period, without."""
        told = (figures or self.now).sum(measure, dims)
        has_cases = figures is None and measure not in CASELESS
        behind = Behind(self.place.code, measure, tuple(dims or ())) if has_cases else None
        return Cell(told, behind=behind)

    def of_part(
        self, place: Place, figures: Figures, measure: str, dims: Sequence[str] | None = None
    ) -> Cell:
        return Cell(figures.sum(measure, dims), behind=Behind(place.code, measure, tuple(dims or ())))

    def compared(self, measure: str, dims: Sequence[str] | None = None) -> list[Cell]:
        """This period, the one before and 环比, the same a year ago and 同比."""
        now, before, ago = (figures.sum(measure, dims) for figures in (self.now, self.before, self.year_ago))
        return [
            self.count(measure, dims),
            Cell(before),
            Cell(change(now, before), Look.CHANGE),
            Cell(ago),
            Cell(change(now, ago), Look.CHANGE),
        ]

    def rate(self, part: "Sum", whole: "Sum") -> list[Cell]:
        """A rate, what it is made of, and its difference to before and to a year ago in hundredths."""
        rates = [
            share(part.of(figures), whole.of(figures)) for figures in (self.now, self.before, self.year_ago)
        ]
        return [
            Cell(part.of(self.now), behind=part.behind(self.place)),
            Cell(whole.of(self.now), behind=whole.behind(self.place)),
            Cell(rates[0], Look.RATE),
            Cell(points(rates[0], rates[1]), Look.POINTS),
            Cell(points(rates[0], rates[2]), Look.POINTS),
        ]


@dataclass(frozen=True)
class Sum:
    """Some groups of a measure, or all of them, or all but what another measure says of the same groups."""

    measure: str
    dims: tuple[str, ...] | None = None
    without: str = ""

    def of(self, figures: Figures) -> int:
        less = figures.sum(self.without, self.dims) if self.without else 0
        return figures.sum(self.measure, self.dims) - less

    def behind(self, place: Place) -> Behind | None:
        return None if self.without else Behind(place.code, self.measure, self.dims or ())
