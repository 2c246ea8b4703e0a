"""What the desk says of people: whose work nobody minds, which posts stand empty, what the night has found."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from cases.actions.absence import unminded
from cases.actions.handover import units_in_charge
from cases.models import Case, PromiseCheck
from cases.views.promises import vacancies_below
from stations.choices import OrgKind
from stations.models import Staff
from stations.roles import Permission


def people_hints(user: Staff, at: datetime) -> dict[str, Any]:
    """For whoever answers for a unit; for everybody else nothing, and no query."""
    if not user.may(Permission.CASE_ASSIGN):
        return {}
    hints: dict[str, Any] = {"unminded": unminded(_answered_for(user), at), "may_hand_over": True}
    if user.may(Permission.CASE_REVIEW):
        hints["vacancies"] = vacancies_below(user)
        hints["broken"] = broken_below(user)
    return hints


def _answered_for(user: Staff) -> QuerySet[Case]:
    """Her own unit's cases, a station's also of the village points; what stations neglect is on the page of promises."""
    own = Q(pk=user.organisation_id)
    if user.organisation and user.organisation.kind == OrgKind.STATION:
        own |= Q(kind=OrgKind.VILLAGE_POINT)
    units = units_in_charge(user).filter(own)
    return Case.objects.visible_to(user).filter(holder__in=units)


def broken_below(user: Staff) -> int:
    """How many cases in her sight break a promise by last night's check."""
    latest = PromiseCheck.objects.order_by("-at").first()
    if latest is None or not latest.broken:
        return 0
    ids = {case for rows in latest.found.values() for _, case in rows if case}
    return Case.objects.visible_to(user).filter(pk__in=ids).count()
