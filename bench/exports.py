"""A ledger as a file: what our code adds to reading the rows bare and to writing the cells plainly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bench.plain import timed, write_plainly
from cases.actions.ledgers.books import LEDGERS
from cases.actions.ledgers.export import ask_export, make_export
from cases.actions.ledgers.ledger import Scope
from cases.deadlines import china_date
from cases.models import LedgerExport
from stations.models import Staff

DAYS = 90
TIMES = 3
LEDGER = LEDGERS["REGISTER"]
# The same people and words, sealed as they lie there.
BARE = """SELECT k.*, c.*, s.facts, s.demand, p.name, p.id_number, p.birth_date, p.address_papers, t.number, z.solution
    FROM cases_contact k JOIN cases_case c ON c.id = k.case_id JOIN cases_statement s ON s.contact_id = k.id
    LEFT JOIN cases_party a ON a.case_id = c.id LEFT JOIN cases_person p ON p.id = a.person_id
    LEFT JOIN cases_phone t ON t.person_id = p.id LEFT JOIN cases_closure z ON z.case_id = c.id
    WHERE c.county_code = %s AND k.received_at >= %s AND k.received_at < %s ORDER BY k.received_at, k.id"""


@dataclass(frozen=True)
class ExportTimes:
    """Milliseconds, medians."""

    rows: int
    ours: float
    bare: float
    plain: float


def measure_export(asker: Staff, at: datetime) -> ExportTimes:
    """The register of the asker's county over a quarter, names and stories opened; nothing of it is kept."""
    assert asker.organisation is not None
    today = china_date(at)
    scope = Scope(asker.organisation, today - timedelta(days=DAYS), today)

    def ours() -> None:
        with transaction.atomic():
            told: dict[str, Any] = {"purpose": "测量", "opened": True, "by": asker, "at": at}
            export = ask_export(LEDGER, scope, **told)
            make_export(export, at=at)
            assert LedgerExport.objects.filter(pk=export.pk, status="READY").exists()
            transaction.set_rollback(True)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE, [asker.organisation.county_code if asker.organisation else "", *scope.span])
            cursor.fetchall()

    cells = LEDGER.cells(LEDGER.ordered(asker, scope, newest=False), opened=True)
    return ExportTimes(
        len(cells), timed(ours, TIMES), timed(bare, TIMES), timed(lambda: write_plainly([cells]), TIMES)
    )


def export_lines(times: ExportTimes) -> list[str]:
    return [
        f"A county's register of {DAYS} days as a file, {times.rows} rows, opened: {times.ours:.0f} ms "
        f"({times.ours / max(times.rows, 1):.2f} ms a row), {times.ours / times.bare:.1f} times bare SQL that fetches the same "
        f"rows sealed ({times.bare:.0f} ms), {times.ours / times.plain:.1f} times the same cells written plainly "
        f"({times.plain:.0f} ms)."
    ]
