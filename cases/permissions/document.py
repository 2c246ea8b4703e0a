"""Who makes, reads and voids an official document."""

from cases.choices import DocType, Status
from cases.models import Case, IssuedDocument, SupervisionPaper
from cases.permissions.case import in_owner_line, may_reveal
from cases.permissions.conference import keeps_conference
from stations.choices import OrgKind
from stations.models import Staff
from stations.roles import Permission

# What binds the unit outwardly is for a head or a federation to give.
HEADS = (
    DocType.OPINION,
    DocType.REVIEW_OPINION,
    DocType.RECHECK_OPINION,
    DocType.SUPPORT_SUIT,
    DocType.INTERVIEW_NOTICE,
    DocType.OBJECTION_LETTER,
)
NOT_HERS = "文书由本案承办线上的人制发。"


def why_not_make(user: Staff, case: Case, doc_type: DocType) -> str:
    """Why `user` may not make this document about this case, in a sentence; empty when she may."""
    if case.status in (Status.VOID, Status.MERGED):
        return "案件已作废或者并入别的案件，不再制发文书。"
    if not (user.may(Permission.CASE_HANDLE) and in_owner_line(user, case) and may_reveal(user, case)):
        return NOT_HERS
    if doc_type in HEADS and not user.may(Permission.CASE_ACCEPT):
        return f"{doc_type.label}由站长或者妇联制发。"
    return ""


def why_not_make_paper(user: Staff, paper: SupervisionPaper) -> str:
    """The same for a paper of supervision: the supervising unit's, once its leader has signed."""
    if paper.supervision.from_org_id != user.organisation_id or not user.may(Permission.SUPERVISE):
        return "督办文书由发出督办的单位制发。"
    return "" if paper.signed_at else "督办文书由分管领导签发以后才能制发。"


def may_read_document(user: Staff, document: IssuedDocument) -> bool:
    """It names people: whoever reads masked files, a volunteer or an archivist, gets none. Of a meeting's papers its
    office alone has the files; the invited read them on the page of the meeting."""
    if document.case is None:
        assert document.meeting is not None  # noqa: S101 – by the constraint of the table
        return keeps_conference(user, document.meeting.host)
    if document.paper is not None and not why_not_make_paper(user, document.paper):
        return True
    return in_owner_line(user, document.case) and may_reveal(user, document.case)


def why_not_void(user: Staff, document: IssuedDocument) -> str:
    """Whoever made it, or a head of the unit whose paper it is or of a federation above: what presses or corrects a
    station is not for the station to undo."""
    if document.made_by_id == user.pk or (user.may(Permission.CASE_ACCEPT) and _answers_for(user, document)):
        return ""
    if document.case is None and may_read_document(user, document):
        return ""
    return "文书由制发人、制发单位的负责人或者上级妇联作废。"


def _answers_for(user: Staff, document: IssuedDocument) -> bool:
    own, unit = user.organisation, document.unit
    if own is None or own.pk == unit.pk:
        return own is not None
    return own.kind == OrgKind.FEDERATION and unit.region_id.startswith(own.region_prefix)
