"""Opening a case that is closed to the reader, in an emergency, and judging it afterwards."""

from cases.models import Case, EmergencyAccess
from stations.models import Staff
from stations.roles import Permission


def may_break_in(user: Staff, case: Case) -> bool:
    """Somebody of our side in the same city, whom nobody keeps away from this case."""
    return Case.objects.within_reach_of(user).filter(pk=case.pk).exists()


def why_not_judge(user: Staff, access: EmergencyAccess) -> str:
    """Why `user` may not judge this emergency access, in a sentence; empty when she may."""
    if not user.may(Permission.CASE_ACCEPT) or user.organisation_id != access.judge_id:
        return "这次查看由承办单位负责人核实；本单位人员自己查看的，由上级妇联核实。"
    return "不能核实自己的查看，请由其他负责人核实。" if access.staff_id == user.pk else ""
