"""A county's year: the stored figures beside bare SQL over the rows, and our sheet beside the same one written plainly."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bench.plain import timed, write_plainly
from cases.choices import Span
from cases.deadlines import china_date
from cases.documents.sheets import workbook
from cases.statistics.figures.context import Context
from cases.statistics.figures.periods import Period
from cases.statistics.figures.places import area_of
from cases.statistics.figures.reading import as_of
from cases.statistics.figures.reports import REPORTS, write_report
from cases.views.reports.sheet import sheets
from stations.models import Organisation

TIMES = 7
# What one would ask without stored figures: contacts of the year by township, way and category, and the closings.
BARE = (
    """SELECT c.township_code, k.channel, k.occurrence, c.category, count(*), sum(k.persons)
    FROM cases_contact k JOIN cases_case c ON c.id = k.case_id
    WHERE c.county_code = %s AND k.entered_at >= %s AND k.entered_at < %s GROUP BY 1, 2, 3, 4""",
    """SELECT c.township_code, k.settled_level, k.outcome, count(*)
    FROM cases_closure k JOIN cases_case c ON c.id = k.case_id
    WHERE c.county_code = %s AND k.approved AND k.decided_at >= %s AND k.decided_at < %s GROUP BY 1, 2, 3""",
)


@dataclass(frozen=True)
class YearTimes:
    """Milliseconds, medians."""

    report: float
    bare: float
    sheet: float
    plain: float


def measure_year(county: Organisation, at: datetime) -> YearTimes:
    period = Period.of(Span.YEAR, china_date(at).year)
    area = area_of(county)

    def written() -> Any:
        context = Context(area.places[0], area.parts[area.places[0].code], period, as_of(at))
        return write_report(REPORTS["petitions"], context, outside=False)

    def bare() -> None:
        with connection.cursor() as cursor:
            for sql in BARE:
                cursor.execute(sql, [county.county_code, period.first, period.after])
                cursor.fetchall()

    told = written()
    return YearTimes(
        timed(written, TIMES),
        timed(bare, TIMES),
        timed(lambda: workbook(sheets(told, at), watermark=""), TIMES),
        timed(lambda: write_plainly(_cells(told)), TIMES),
    )


def _cells(told: Any) -> list[list[list[Any]]]:
    return [[[row.name, *(cell.value for cell in row.cells)] for row in table.rows] for table in told.tables]


def year_lines(times: YearTimes) -> list[str]:
    return [
        f"A county's year: report {times.report:.1f} ms, the same groups by bare SQL over the rows {times.bare:.1f} ms "
        f"({times.bare / times.report:.1f} times the report); its sheets {times.sheet:.1f} ms, "
        f"{times.sheet / times.plain:.1f} times the same cells written plainly ({times.plain:.1f} ms)."
    ]
