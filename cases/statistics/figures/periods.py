"""Months, quarters, half-years, years and free spans, and what each is compared with."""

from dataclasses import dataclass
from datetime import date, timedelta

from cases.choices import Span
from cases.deadlines import add_months

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From `first` to the day before `after`, China days."""

    span: Span
    first: date
    after: date

    @classmethod
    def of(cls, span: Span, year: int, number: int = 1) -> "Period":
        """The `number`-th month, quarter or half of a year, or the year. Raises ValueError."""
        if not 1 <= number <= 12 // span.months:
            raise ValueError(f"{span} {number}")
        first = date(year, 1 + (number - 1) * span.months, 1)
        return cls(span, first, add_months(first, span.months))

    @classmethod
    def between(cls, first: date, last: date) -> "Period":
        """Both days included. Raises ValueError."""
        if last < first:
            raise ValueError("last before first")
        return cls(Span.FREE, first, last + DAY)

    @property
    def last(self) -> date:
        return self.after - DAY

    @property
    def number(self) -> int:
        return 1 if self.span is Span.FREE else (self.first.month - 1) // self.span.months + 1

    @property
    def label(self) -> str:
        year = f"{self.first.year}年"
        match self.span:
            case Span.MONTH:
                return f"{year}{self.first.month}月"
            case Span.QUARTER:
                return f"{year}第{'一二三四'[self.number - 1]}季度"
            case Span.HALF:
                return f"{year}{'上下'[self.number - 1]}半年"
            case Span.YEAR:
                return year
        return f"{_said(self.first)}至{_said(self.last)}"

    def before(self) -> "Period":
        """The one just before it, of the same length (环比)."""
        if self.span is Span.FREE:
            return Period(self.span, self.first - (self.after - self.first), self.first)
        return Period(self.span, add_months(self.first, -self.span.months), self.first)

    def year_before(self) -> "Period":
        """The same days a year earlier (同比); 29 February answers to the 28th, the end of February to its end."""
        if self.span is Span.FREE:
            return Period.between(add_months(self.first, -12), add_months(self.after, -12) - DAY)
        return Period(self.span, add_months(self.first, -12), add_months(self.after, -12))

    def months(self) -> list[date]:
        """The first days of the months it touches."""
        found, month = [], self.first.replace(day=1)
        while month < self.after:
            found.append(month)
            month = add_months(month, 1)
        return found


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Pieces:
    """A span in what is stored, and the days at its ends that no whole month covers."""

    years: list[date]
    months: list[date]
    rest: list[tuple[date, date]]


def pieces(first: date, after: date) -> Pieces:
    found = Pieces([], [], [])
    day = first
    while day < after:
        if day.month == day.day == 1 and (year := date(day.year + 1, 1, 1)) <= after:
            found.years.append(day)
            day = year
        elif day.day == 1 and (month := add_months(day, 1)) <= after:
            found.months.append(day)
            day = month
        else:
            end = min(add_months(day.replace(day=1), 1), after)
            found.rest.append((day, end))
            day = end
    return found
