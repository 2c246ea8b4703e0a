"""Who may do what with the file of a case. The sight is asked in `visible_to`, the stage in the workflow."""

from cases.choices import ArchiveStep, Part
from cases.models import ArchiveFile, Case, Holding
from stations.models import Staff
from stations.roles import Permission

JUDGED = (ArchiveStep.APPRAISE, ArchiveStep.SECOND, ArchiveStep.DESTROY)
OWNED = "您承办过这件案件，请由别人鉴定。"
NOT_TWICE = "第一次意见是您提出的，请由另一个人复核。"


def why_not_archive(user: Staff, step: ArchiveStep, file: ArchiveFile) -> str:
    """Why `user` may not take `step`, in a sentence; empty when she may."""
    need = Permission.ARCHIVE_APPRAISE if step in JUDGED else Permission.ARCHIVE_FILE
    if not user.may(need):
        return "这一步由档案员或妇联分管领导办理。" if step in JUDGED else "您的角色不办理档案。"
    return why_not_judge_of(user, file.case) if step in JUDGED else ""


def why_not_judge_of(user: Staff, case: Case) -> str:
    """Whoever ever owned the case does not judge what becomes of its file."""
    if case.owner_id == user.pk or Holding.objects.filter(case=case, staff=user, part=Part.OWNER).exists():
        return OWNED
    return ""


def why_not_second(user: Staff, file: ArchiveFile, first: Staff | None) -> str:
    """Two people: never the same, neither the case's owner. Source: 档案法 第21条; 档案法实施条例 第24条."""
    if first is not None and first.pk == user.pk:
        return NOT_TWICE
    return why_not_judge_of(user, file.case)
