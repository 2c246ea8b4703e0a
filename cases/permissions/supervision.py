"""Who may supervise, sign, answer and read."""

from cases.choices import PaperKind, SupervisionStatus, SupervisionStep
from cases.models import Case, Supervision, SupervisionPaper
from cases.permissions.case import in_owner_line, is_above
from cases.workflow import SUPERVISION_TRANSITIONS, supervision_steps_from
from stations.models import Organisation, Staff
from stations.roles import Permission, Role


def why_not_supervise(user: Staff, case: Case) -> str:
    """Why `user` may not begin to supervise over this case: the county and the city do, over what is below them."""
    org = user.organisation
    if org is None or not user.may(Permission.SUPERVISE):
        return "督办由县级以上妇联权益部发起。"
    return "" if case.holder_id == org.pk or is_above(org, case) else "只能督办本地的案件。"


def permission_for_supervision(step: SupervisionStep, supervision: Supervision) -> Permission:
    """A draft that nobody has seen may be dropped by whoever may write one."""
    if step is SupervisionStep.WITHDRAW and supervision.status == SupervisionStatus.DRAFTED:
        return Permission.SUPERVISE
    return SUPERVISION_TRANSITIONS[step].needs


def why_not_supervision(user: Staff, step: SupervisionStep, supervision: Supervision) -> str:
    """Why `user` may not take `step` of this supervision, in a sentence; empty when she may. Two sides, two units."""
    org = user.organisation
    if org is None or not user.may(permission_for_supervision(step, supervision)):
        needs_leader = SUPERVISION_TRANSITIONS[step].needs == Permission.SUPERVISE_SIGN
        return "这一步由妇联分管领导办理。" if needs_leader else "您的角色不办理这一步。"
    if SUPERVISION_TRANSITIONS[step].by_target:
        return "" if supervision.target_id == org.pk else "这一步由被督办单位办理。"
    if supervision.from_org_id != org.pk:
        return "这一步由发出督办的单位办理。"
    if step in (SupervisionStep.SIGN_OFF, SupervisionStep.SIGN_OTHER):
        return _not_own_draft(user, org, supervision)
    return ""


def _not_own_draft(user: Staff, org: Organisation, supervision: Supervision) -> str:
    """Whoever wrote the paper leaves the signing to another leader, if there is one."""
    paper = supervision.draft()
    if paper is None or paper.drafted_by_id != user.pk:
        return ""
    leaders = Staff.objects.working().of(org).holding(Role.COUNTY_LEADER).exclude(pk=user.pk)
    return "督办文书由拟稿人以外的领导签发。" if leaders.exists() else ""


def supervision_steps_open_to(user: Staff, supervision: Supervision) -> tuple[SupervisionStep, ...]:
    """The steps `user` may take on it now: what has no draft cannot be signed, what has one is not drafted again."""
    status = SupervisionStatus(supervision.status)
    draft = supervision.draft()
    return tuple(
        step
        for step in supervision_steps_from(status)
        if _fits_draft(step, supervision, draft) and not why_not_supervision(user, step, supervision)
    )


def _fits_draft(step: SupervisionStep, supervision: Supervision, draft: SupervisionPaper | None) -> bool:
    match step:
        case SupervisionStep.DRAFT:
            return draft is None
        case SupervisionStep.SIGN_OFF:
            return draft is not None and draft.to_target
        case SupervisionStep.SIGN_OTHER:
            return draft is not None and not draft.to_target
        case SupervisionStep.RETURN_DRAFT:
            return draft is not None
        case SupervisionStep.UNLIST:
            return supervision.listed
    return True


def may_key_in_supervision(user: Staff, supervision: Supervision) -> bool:
    """Our side keys in what a department without an account sent on paper."""
    return (
        supervision.status in SupervisionStatus.with_target
        and not supervision.is_internal
        and supervision.from_org_id == user.organisation_id
        and user.may(Permission.SUPERVISE)
    )


def may_read_supervision(user: Staff, supervision: Supervision) -> bool:
    """Who reads the words of the papers: the supervised unit, the officers who supervise, and the line of the case."""
    org = user.organisation_id
    if org == supervision.target_id and user.may(Permission.SUPERVISION_ANSWER):
        return True
    if org == supervision.from_org_id and user.may(Permission.SUPERVISE):
        return True
    return in_owner_line(user, supervision.case)


def papers_open_to(user: Staff, supervision: Supervision) -> list[SupervisionPaper]:
    """The papers `user` may know of, newest first: the target those it got, others the signed ones, the supervising
    unit its drafts too."""
    papers = supervision.papers.select_related("drafted_by", "signed_by", "received_by")
    if user.organisation_id != supervision.from_org_id:
        papers = papers.filter(signed_at__isnull=False)
    if user.organisation_id == supervision.target_id:
        papers = papers.filter(kind__in=PaperKind.answered)
    return list(papers.order_by("-drafted_at", "-pk"))
