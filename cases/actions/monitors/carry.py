"""What is watched over goes along when a case is folded into another."""

from django.db.models import F

from cases.models import Case, Clock, Monitor


def carry_monitors(case: Case, into: Case) -> None:
    """What is still watched over is followed in the main case, by the same people and dates."""
    moved = list(case.monitors.open().values_list("pk", flat=True))
    Monitor.objects.filter(pk__in=moved).update(case=into, version=F("version") + 1)
    Clock.objects.filter(monitor__in=moved).update(case=into)
