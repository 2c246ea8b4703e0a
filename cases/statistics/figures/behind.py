"""The cases behind a figure: only those in the reader's sight, beside how many there are."""
# ruff: noqa: S608 – the texts are ours; what comes from outside are parameters

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from cases.choices import BarKind
from cases.models import Bar, Case
from cases.statistics.figures.cells import Behind
from cases.statistics.figures.entries import entries_of
from cases.statistics.figures.periods import Period
from cases.statistics.figures.rollup import bounds
from stations.models import Staff

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One case and what it adds to the figure; a case voided or merged later takes away again."""

    number: str
    category: str
    status: str
    holder: str
    value: int


@dataclass(frozen=True)
class Entries:
    """`total` is the figure, `seen` what the cases in sight add up to; `entries` one page of them by number."""

    total: int
    seen: int
    cases: int
    entries: list[Entry]
    following: str


def behind_figure(behind: Behind, period: Period, user: Staff, at: datetime, *, after: str = "") -> Entries:
    """Three queries, however many cases there are."""
    sql, values = _counted(behind, period, at, unheard_of(user))
    visible = Case.objects.visible_to(user).order_by().values("pk")
    seen_sql, seen_values = visible.query.sql_with_params()
    seen = _positional(sql, values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(value), 0)::bigint FROM ({sql}) counted", values)
        total = cursor.fetchone()[0]
        cursor.execute(
            f"""SELECT coalesce(sum(value), 0)::bigint, count(*) FROM ({seen[0]}) counted
            WHERE counted.case_id IN ({seen_sql})""",
            [*seen[1], *seen_values],
        )
        hers, cases = cursor.fetchone()
        cursor.execute(
            f"""SELECT c.number, c.category, c.status, holder.name, counted.value FROM ({seen[0]}) counted
            JOIN cases_case c ON c.id = counted.case_id JOIN stations_organisation holder ON holder.id = c.holder_id
            WHERE counted.case_id IN ({seen_sql}) AND c.number > %s ORDER BY c.number LIMIT {PAGE + 1}""",
            [*seen[1], *seen_values, after],
        )
        rows = [Entry(*row) for row in cursor.fetchall()]
    following = rows[PAGE - 1].number if len(rows) > PAGE else ""
    return Entries(total, hers, cases, rows[:PAGE], following)


def _positional(sql: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
    """The text with its named parameters in order, so that another query's can follow."""
    order: list[Any] = []

    class Ordered(dict[str, Any]):
        def __missing__(self, name: str) -> str:
            order.append(values[name])
            return "%s"

    return sql.replace("%%", "%%%%") % Ordered(), order


def unheard_of(user: Staff) -> list[UUID]:
    """The cases from which somebody keeps her or her unit away. She is not to learn that there are such, and a figure
    beside the list would tell her; whoever stepped back herself knows of hers."""
    hers = Q(staff=user) | Q(organisation__isnull=False, organisation=user.organisation_id)
    return list(Bar.objects.live().filter(hers).exclude(kind=BarKind.RECUSED).values_list("case", flat=True))


def _counted(behind: Behind, period: Period, at: datetime, without: list[UUID]) -> tuple[str, dict[str, Any]]:
    sql = f"""SELECT entry.case_id, sum(entry.value)::bigint AS value FROM ({entries_of((behind.measure,))}) entry
        WHERE left(entry.number, %(digits)s) = %(place)s AND entry.measure = %(measure)s
        AND (entry.case_id IS NULL OR entry.case_id <> ALL(%(without)s::uuid[]))
        AND (%(dims)s::text[] IS NULL OR entry.dim = ANY(%(dims)s::text[]))
        GROUP BY entry.case_id HAVING sum(entry.value) <> 0"""
    values = {
        "place": behind.place,
        "digits": len(behind.place),
        "measure": behind.measure,
        "without": without,
        "dims": list(behind.dims) or None,
        **bounds(period.first, period.after, at),
    }
    return sql, values


def measure_known(measure: str) -> bool:
    """Whether any source tells such a measure."""
    return measure.replace("_", "").isalpha() and bool(entries_of((measure,)))
