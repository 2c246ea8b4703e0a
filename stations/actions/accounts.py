"""Open, change, close accounts. Each step leaves a StaffEvent for the audit administrator."""

import secrets
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from axes.utils import reset as forget_failures
from django.db import transaction
from django.db.models import F

from stations.choices import StaffStep
from stations.models import Staff, StaffEvent

# Without 0 O 1 l I: it is read out over the telephone.
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
ONE_TIME_LENGTH = 12
FIELDS = {
    "name": "姓名",
    "organisation": "单位",
    "roles": "角色",
    "title": "职务",
    "phone": "办公电话",
    "email": "电子邮箱",
    "deputy": "代办人",
    "absent_from": "离岗起",
    "absent_until": "离岗止",
}
RIGHTS = {"roles", "organisation"}


class OwnAccountRefused(Exception):
    """Nobody changes the rights of the account she is working with."""


@transaction.atomic
def open_account(username: str, *, by: Staff, at: datetime, **fields: Any) -> tuple[Staff, str]:
    """Save a new account with a one-time password, which is handed out once and must be changed at first login."""
    password = one_time_password()
    staff = Staff.objects.create_user(username, password, must_change_password=True, **fields)
    _record(staff, StaffStep.CREATED, by=by, at=at, note=staff.role_names)
    return staff, password


@transaction.atomic
def change_account(staff: Staff, changes: dict[str, Any], *, by: Staff, at: datetime) -> None:
    """Change the given fields. New roles or a new organisation end the sessions, so that no old page lives on.

    Raises: OwnAccountRefused when someone would change her own roles or organisation.
    """
    before = Staff.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=staff.pk)
    changed = [field for field in FIELDS if field in changes and _differs(before, field, changes[field])]
    if RIGHTS.intersection(changed) and staff.pk == by.pk:
        raise OwnAccountRefused
    if not changed:
        return
    for field in changed:
        setattr(staff, field, changes[field])
    if RIGHTS.intersection(changed):
        staff.session_epoch = before.session_epoch + 1
    staff.save(update_fields=[*changed, "name_pinyin", "session_epoch"])
    _record_changes(before, staff, changed, by=by, at=at)


def _differs(staff: Staff, field: str, value: Any) -> bool:
    if field == "roles":
        return set(staff.roles) != set(value)
    return bool(getattr(staff, field) != value)


def _record_changes(before: Staff, staff: Staff, changed: list[str], *, by: Staff, at: datetime) -> None:
    if "roles" in changed:
        note = f"{before.role_names or '无'} → {staff.role_names or '无'}"
        _record(staff, StaffStep.ROLES, by=by, at=at, note=note)
    if "organisation" in changed:
        note = f"{before.organisation or '无'} → {staff.organisation or '无'}"
        _record(staff, StaffStep.MOVED, by=by, at=at, note=note)
    others = [FIELDS[field] for field in changed if field not in RIGHTS]
    if others:
        _record(staff, StaffStep.CHANGED, by=by, at=at, note="、".join(others))


@transaction.atomic
def reset_password(staff: Staff, *, by: Staff, at: datetime) -> str:
    """Give a new one-time password and lift a lock-out; whoever is logged in with the old one is out.

    Raises: OwnAccountRefused.
    """
    _refuse_own(staff, by)
    password = one_time_password()
    staff.set_password(password)
    staff.must_change_password = True
    staff.save(update_fields=["password", "must_change_password"])
    forget_failures(username=staff.username)
    _record(staff, StaffStep.PASSWORD_RESET, by=by, at=at)
    return password


@transaction.atomic
def clear_second_factor(staff: Staff, *, by: Staff, at: datetime) -> None:
    """For a lost telephone: the next login asks for the password only.

    Raises: OwnAccountRefused.
    """
    _refuse_own(staff, by)
    removed, _ = Authenticator.objects.filter(user=staff).delete()
    if removed:
        _record(staff, StaffStep.MFA_RESET, by=by, at=at)


@transaction.atomic
def unlock(staff: Staff, *, by: Staff, at: datetime) -> None:
    """Forget the failed logins that locked the account."""
    if forget_failures(username=staff.username):
        _record(staff, StaffStep.UNLOCKED, by=by, at=at)


@transaction.atomic
def deactivate(staff: Staff, *, left_on: date, by: Staff, at: datetime) -> None:
    """Close the account; it stays in the files. Whoever is logged in with it is out at once.

    Raises: OwnAccountRefused.
    """
    _refuse_own(staff, by)
    if Staff.objects.filter(pk=staff.pk, is_active=True).update(is_active=False, left_on=left_on):
        _record(staff, StaffStep.DEACTIVATED, by=by, at=at)


@transaction.atomic
def reactivate(staff: Staff, *, by: Staff, at: datetime) -> None:
    """Open a closed account again, with the roles it had.

    Raises: OwnAccountRefused.
    """
    _refuse_own(staff, by)
    if Staff.objects.filter(pk=staff.pk, is_active=False).update(is_active=True, left_on=None):
        _record(staff, StaffStep.REACTIVATED, by=by, at=at)


@transaction.atomic
def end_sessions(staff: Staff, *, by: Staff, at: datetime) -> None:
    """Log the account out everywhere; who does it to herself says so in the record."""
    Staff.objects.filter(pk=staff.pk).update(session_epoch=F("session_epoch") + 1)
    staff.refresh_from_db(fields=["session_epoch"])
    step = StaffStep.SIGNED_OUT_ALL if staff.pk == by.pk else StaffStep.SIGNED_OUT
    _record(staff, step, by=by, at=at)


@transaction.atomic
def choose_password(staff: Staff, password: str) -> None:
    """Her own new password; every other session of the account ends with the old one."""
    staff.set_password(password)
    staff.must_change_password = False
    staff.save(update_fields=["password", "must_change_password"])


def change_own(staff: Staff, changes: dict[str, Any]) -> None:
    """Her own settings: reachable where, absent when, who stands in. Nothing that touches rights."""
    for field, value in changes.items():
        setattr(staff, field, value)
    staff.save(update_fields=list(changes))


def one_time_password() -> str:
    """Random, and always with a digit and a letter so that the validators accept what we hand out."""
    middle = "".join(secrets.choice(LETTERS) for _ in range(ONE_TIME_LENGTH - 2))
    return secrets.choice("abcdefghijkmnpqrstuvwxyz") + middle + secrets.choice("23456789")


def _refuse_own(staff: Staff, by: Staff) -> None:
    if staff.pk == by.pk:
        raise OwnAccountRefused


def _record(staff: Staff, step: StaffStep, *, by: Staff, at: datetime, note: str = "") -> None:
    StaffEvent.objects.create(staff=staff, step=step, by=by, at=at, note=note[:300])
