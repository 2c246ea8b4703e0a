"""Who may open a monitor and take its steps: whoever keeps it, and the units that have or had the case."""

from cases.choices import MonitorKind, MonitorStage, MonitorStep
from cases.models import Case, Monitor
from cases.permissions.case import is_above
from cases.workflow import monitor_steps_from
from stations.models import Staff
from stations.roles import Permission

_NOT_HERS = "这一步由负责单位、承办单位或上级妇联办理。"


def _in_charge(user: Staff, case: Case, unit_id: int | None) -> bool:
    org = user.organisation
    if org is None:
        return False
    return org.pk in (unit_id, case.holder_id, case.station_id) or is_above(org, case)


def why_not_open_monitor(user: Staff, case: Case) -> str:
    """Why `user` may not open a monitor on `case`, in a sentence; empty when she may."""
    if not user.may(Permission.CASE_HANDLE):
        return "您的角色不办理这一步。"
    return "" if _in_charge(user, case, None) else _NOT_HERS


def why_not_monitor(user: Staff, step: MonitorStep, monitor: Monitor) -> str:
    """Why `user` may not take `step` of it, in a sentence; empty when she may."""
    if not user.may(Permission.CASE_FOLLOW_UP):
        return "您的角色不办理这一步。"
    return "" if _in_charge(user, monitor.case, monitor.unit_id) else _NOT_HERS


def monitor_steps_open_to(user: Staff, monitor: Monitor) -> tuple[MonitorStep, ...]:
    """The steps `user` may take on it now."""
    steps = monitor_steps_from(MonitorKind(monitor.kind), MonitorStage(monitor.stage))
    return tuple(step for step in steps if not why_not_monitor(user, step, monitor))
