"""Which volunteers may be asked into a matter of a child."""

from collections.abc import Iterable
from datetime import date

from cases.models import Case
from stations.models import Staff, Volunteer
from stations.roles import Permission


def fit_for_minors(case: Case, people: Iterable[Staff], on: date) -> list[Staff]:
    """Those of `people` who may help with this case: where a minor is concerned, a volunteer only with a clear
    offence-record check of the past year. Source: 未成年人保护法 (2024) 第62条."""
    if not case.involves_minor:
        return list(people)
    fit = set(Volunteer.objects.fit_for_minors(on).exclude(staff=None).values_list("staff", flat=True))
    return [one for one in people if one.may(Permission.CASE_READ) or one.pk in fit]
