"""Locked screens: after how many idle minutes, what was typed meanwhile, and who may change the minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction

from stations.models import HeldForm, IdleLock, Staff
from stations.roles import Role

# At the stations people walk in and out, and the computer stands where they sit.
AT_THE_STATION = (Role.VILLAGE_LIAISON, Role.STATION_CLERK, Role.STATION_HEAD, Role.VOLUNTEER)
STATION_MINUTES, OFFICE_MINUTES = 10, 15
KEEP_SECONDS = 30.0
_kept: tuple[float, dict[str, int]] = (float("-inf"), {})


@dataclass(frozen=True)
class RoleLock:
    """One role as the page shows it; nobody has changed it yet where `row` is missing."""

    role: Role
    minutes: int
    row: IdleLock | None


def default_minutes(role: Role) -> int:
    return STATION_MINUTES if role in AT_THE_STATION else OFFICE_MINUTES


def idle_minutes(staff: Staff) -> int:
    """The shortest of her roles counts."""
    changed = _changed()
    roles = [Role(role) for role in staff.roles if role in Role.values]
    return min((changed.get(role, default_minutes(role)) for role in roles), default=STATION_MINUTES)


def _changed() -> dict[str, int]:
    """Read on every page and changed once a year: each process keeps it for half a minute."""
    global _kept
    since, changed = _kept
    if monotonic() - since > KEEP_SECONDS:
        changed = dict(IdleLock.objects.values_list("role", "minutes"))
        _kept = (monotonic(), changed)
    return changed


def forget_idle_locks() -> None:
    """Read the minutes anew, after a change or between tests."""
    global _kept
    _kept = (float("-inf"), {})


def role_locks() -> list[RoleLock]:
    rows = {row.role: row for row in IdleLock.objects.select_related("by")}
    return [
        RoleLock(role, rows[role].minutes if role in rows else default_minutes(role), rows.get(role))
        for role in Role
    ]


@transaction.atomic
def set_idle_minutes(minutes: dict[Role, int], *, by: Staff, at: datetime) -> list[Role]:
    """Keep what differs from what holds now; return these roles."""
    now = {lock.role: lock.minutes for lock in role_locks()}
    changed = [role for role, length in minutes.items() if now[role] != length]
    for role in changed:
        IdleLock.objects.update_or_create(role=role, defaults={"minutes": minutes[role], "by": by, "at": at})
    forget_idle_locks()
    return changed


def hold_form(
    staff: Staff, *, path: str, fields: Iterable[tuple[str, str]], posted: bool, at: datetime
) -> HeldForm:
    """Keep what she typed until she is back; `posted` says that she had pressed the button."""
    return HeldForm.objects.create(
        staff=staff, path=path, fields=[list(field) for field in fields], posted=posted, at=at
    )


def held_form(staff: Staff, pk: str | UUID | None) -> HeldForm | None:
    return HeldForm.objects.filter(staff=staff, pk=pk).first() if pk else None


def drop_held(staff: Staff, pk: str | UUID) -> None:
    HeldForm.objects.filter(staff=staff, pk=pk).delete()


def drop_sessions_before(moment: datetime) -> None:
    """Sessions that have run out: Django lets them lie, and what was looked up stands in them."""
    Session.objects.filter(expire_date__lt=moment).delete()


def drop_held_before(moment: datetime) -> int:
    dropped, _ = HeldForm.objects.filter(at__lt=moment).delete()
    return dropped
