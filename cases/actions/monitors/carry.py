"""What is watched over goes along when a case is folded into another."""

from django.db.models import F

from cases.models import Case, Clock, Monitor


def carry_reports(case: Case, into: Case) -> None:
    """A compulsory report that has no answer yet is followed in the main case, by the same people and dates."""
    moved = list(case.monitors.reports().values_list("pk", flat=True))
    Monitor.objects.filter(pk__in=moved).update(case=into, version=F("version") + 1)
    Clock.objects.filter(monitor__in=moved).update(case=into)
