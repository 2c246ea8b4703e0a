"""Who may open a monitor and take its steps: whoever keeps it, and the units that have or had the case."""

from cases.choices import MonitorKind, MonitorStage, MonitorStep
from cases.models import Case, Monitor
from cases.permissions.case import in_owner_line, is_above
from cases.workflow import monitor_steps_from
from stations.models import Staff
from stations.roles import Permission, Role

_NOT_HERS = "这一步由负责单位、承办单位或上级妇联办理。"
# What binds the station to act for somebody, or says that it does not.
_OF_HEADS = (MonitorStep.SIGN, MonitorStep.REFUSE, MonitorStep.END)


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
    acting = monitor.kind == MonitorKind.AGENCY
    if not user.may(Permission.CASE_HANDLE if acting else Permission.CASE_FOLLOW_UP):
        return "您的角色不办理这一步。"
    if not _in_charge(user, monitor.case, monitor.unit_id):
        return _NOT_HERS
    if acting and step in _OF_HEADS and not user.may(Permission.CASE_ACCEPT):
        return "签订委托书、不予代理和注销误建的代理，由站长或者县妇联办理。"
    if step is MonitorStep.END and monitor.kind == MonitorKind.REPORT:
        return _why_not_drop_report(user, monitor)
    return ""


def _why_not_drop_report(user: Staff, monitor: Monitor) -> str:
    """Only what turns out not to be owed is dropped, before it was made, and never by who opened it alone."""
    if monitor.stage != MonitorStage.TO_REPORT:
        return "已经报告的，等公安的处理结果，不能直接结束。"
    if not user.may(Permission.CASE_ACCEPT):
        return "是否属于强制报告，由站长或者县妇联核实。"
    return "是否属于强制报告，须由登记人以外的负责人核实。" if monitor.opened_by_id == user.pk else ""


def why_no_mistake(user: Staff, monitor: Monitor) -> str:
    """Why `user` may not end it as opened by mistake, in a sentence; empty when she may."""
    if not user.may(Permission.CASE_ACCEPT):
        return "是否误建，由站长或者县妇联核实。"
    return "是否误建，须由建立的人以外的负责人核实。" if monitor.opened_by_id == user.pk else ""


def monitor_steps_open_to(user: Staff, monitor: Monitor) -> tuple[MonitorStep, ...]:
    """The steps `user` may take on it now."""
    steps = monitor_steps_from(MonitorKind(monitor.kind), MonitorStage(monitor.stage))
    return tuple(step for step in steps if not why_not_monitor(user, step, monitor))


def may_read_monitor(user: Staff, monitor: Monitor) -> bool:
    """Whether `user` reads what was said on it: the line of the case, its keeper, the heads of the keeping unit."""
    if monitor.keeper_id == user.pk or in_owner_line(user, monitor.case):
        return True
    decides = user.holds(Role.STATION_HEAD, Role.COUNTY_OFFICER, Role.COUNTY_LEADER)
    return decides and user.organisation_id == monitor.unit_id
