"""The stored figures: counted by month from the entries, added up by year; kept current, made anew, proved.

A refresh counts the months in which something happened since the run before, whole and anew: run twice it changes
nothing, killed it leaves what was there. The nightly check counts every month again beside the stored one.
"""
# ruff: noqa: S608 – the texts are ours; what comes from outside are parameters

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import TruncMonth

from cases.choices import Grain
from cases.deadlines import CHINA, add_months, china_date, start_of_day
from cases.models import Event, Figure, FigureRun
from cases.statistics.figures.entries import AS_COUNTED, ENTRIES

# Ids are given out before they are committed: so many are looked at a second time.
OVERLAP = 2000
LOCK = 0x7765_6971_0005
PLACES = "(VALUES (9), (6), (4)) digits(n)"
COUNTED = f"""SELECT left(entry.number, digits.n) AS place, entry.measure, entry.dim, sum(entry.value) AS value
    FROM ({ENTRIES}) entry CROSS JOIN {PLACES}
    GROUP BY 1, 2, 3 HAVING sum(entry.value) <> 0"""
INSERT = "INSERT INTO cases_figure (place, grain, start, measure, dim, value) "


@transaction.atomic
def refresh(at: datetime, *, anew: bool = False) -> list[date]:
    """Bring the figures up to `at`; return the months that were counted. Another run going on already does it.

    `anew` counts every month there is. Nothing new and the same day: nothing to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return []
        run = FigureRun.objects.filter(pk=1).first()
        newest = Event.objects.aggregate(Max("pk"))["pk__max"] or 0
        since = None if anew or run is None else run
        if since and since.event == newest and china_date(since.at) == china_date(at):
            return []
        if since is None:
            Figure.objects.all().delete()
        months = sorted(touched_since(since, at))
        for month in months:
            _count(cursor, month, at)
        for year in {month.year for month in months}:
            _add_up(cursor, year)
    FigureRun.objects.update_or_create(pk=1, defaults={"at": at, "event": newest})
    return months


def touched_since(run: FigureRun | None, at: datetime) -> set[date]:
    """The months since the run before, which periods may have run out in, and those of every event since."""
    events = Event.objects.filter(at__lt=at)
    if run is not None:
        events = events.filter(pk__gt=run.event - OVERLAP)
    found = {
        moment.date()
        for moment in events.annotate(month=TruncMonth("at", tzinfo=CHINA))
        .order_by()
        .values_list("month", flat=True)
        .distinct()
    }
    day = china_date(run.at if run else min(map(start_of_day, found), default=at)).replace(day=1)
    while day <= china_date(at):
        found.add(day)
        day = add_months(day, 1)
    return found


def _count(cursor: Any, month: date, at: datetime) -> None:
    cursor.execute("DELETE FROM cases_figure WHERE grain = 'M' AND start = %s", [month])
    cursor.execute(
        f"{INSERT} SELECT place, 'M', %(month)s, measure, dim, value FROM ({COUNTED}) counted",
        {"month": month, **bounds(month, add_months(month, 1), at)},
    )


def _add_up(cursor: Any, year: int) -> None:
    cursor.execute("DELETE FROM cases_figure WHERE grain = 'Y' AND start = %s", [date(year, 1, 1)])
    cursor.execute(
        f"""{INSERT} SELECT place, 'Y', %(first)s, measure, dim, sum(value) FROM cases_figure
        WHERE grain = 'M' AND start BETWEEN %(first)s AND %(last)s GROUP BY 1, 4, 5 HAVING sum(value) <> 0""",
        {"first": date(year, 1, 1), "last": date(year, 12, 31)},
    )


def bounds(first: date, after: date, at: datetime) -> dict[str, datetime]:
    """From the first moment of `first` to the first of `after`, never beyond `at`: what is still to run out is not late."""
    return {"first": start_of_day(first), "last": min(start_of_day(after), at)}


# What the stored months and years say otherwise than a count from the entries themselves.
_UNLIKE = f"""WITH counted AS (SELECT place, measure, dim, value::bigint AS value FROM ({COUNTED}) fresh
        WHERE measure <> ALL(%(as_counted)s)),
    kept AS (SELECT place, measure, dim, value FROM cases_figure
        WHERE grain = 'M' AND start = %(month)s AND measure <> ALL(%(as_counted)s))
    SELECT DISTINCT place, measure, dim FROM ((TABLE counted EXCEPT TABLE kept) UNION (TABLE kept EXCEPT TABLE counted)) unlike
    ORDER BY 1, 2, 3 LIMIT %(most)s"""
_UNLIKE_YEARS = """WITH added AS (SELECT place, date_trunc('year', start)::date AS year, measure, dim,
        sum(value)::bigint AS value FROM cases_figure WHERE grain = 'M' GROUP BY 1, 2, 3, 4 HAVING sum(value) <> 0),
    kept AS (SELECT place, start, measure, dim, value FROM cases_figure WHERE grain = 'Y')
    SELECT DISTINCT place, year, measure, dim FROM ((TABLE added EXCEPT TABLE kept) UNION (TABLE kept EXCEPT TABLE added)) unlike
    ORDER BY 1, 2, 3, 4 LIMIT %(most)s"""


def drifted(most: int) -> list[tuple[str, str | None]]:
    """Where the stored figures are not what a count of all entries gives, at most `most`: place, span and measure."""
    run = FigureRun.objects.filter(pk=1).first()
    if run is None:
        return []
    stored = set(
        Figure.objects.filter(grain=Grain.MONTH).order_by().values_list("start", flat=True).distinct()
    )
    found: list[tuple[str, str | None]] = []
    with connection.cursor() as cursor:
        for month in sorted(stored | touched_since(None, run.at)):
            values: dict[str, Any] = {"month": month, "most": most, "as_counted": list(AS_COUNTED)}
            cursor.execute(_UNLIKE, values | bounds(month, add_months(month, 1), run.at))
            found += _told(f"{month:%Y-%m}", cursor.fetchall())
        cursor.execute(_UNLIKE_YEARS, {"most": most})
        found += [
            row for place, year, *rest in cursor.fetchall() for row in _told(f"{year:%Y}", [(place, *rest)])
        ]
    return found[:most]


def _told(span: str, rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str | None]]:
    return [(f"{place} {span} {measure} {dim}".strip(), None) for place, measure, dim in rows]


def prove(at: datetime, most: int) -> list[tuple[str, str | None]]:
    """Bring the figures up to date and count everything again beside them."""
    refresh(at)
    return drifted(most)
