"""The monitors of the invented city: every kind, open and ended, on cases in hand and closed, without a fault."""

from collections import Counter
from datetime import timedelta

from cases.actions.promises import WARNINGS, check_promises
from cases.actions.reminders import remind
from cases.choices import MonitorKind, MonitorOutcome
from cases.demo.watching import watch_over
from cases.models import Monitor
from tests.cast import MONDAY
from tests.factories import make_case


def test_a_dozen_of_every_kind_and_stage(cast):
    at = MONDAY + timedelta(hours=10)
    for status in ("HANDLING", "CLOSED"):
        for _ in range(8):
            make_case(cast, status, involves_dv=True)

    watch_over(at)
    remind(at)

    made = Monitor.objects.all()
    kinds = Counter(made.exclude(kind=MonitorKind.EMERGENCY).values_list("kind", flat=True))
    assert kinds == {"WARNING_LETTER": 5, "PROTECTION_ORDER": 5, "SHELTER": 3, "AGREEMENT": 3}
    assert set(made.exclude(outcome="").values_list("outcome", flat=True)) == {
        MonitorOutcome.CLEAN,
        MonitorOutcome.RELAPSED,
        MonitorOutcome.REPLACED,
        MonitorOutcome.LEFT,
        MonitorOutcome.FAILED,
    }
    assert {row.case.is_open for row in made.select_related("case")} == {True, False}
    assert not set(check_promises(at).found) - WARNINGS
