"""The only doors: every view fetches its case or referral here. Outside your sight 404, without the role 403."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404

from cases.actions.conference import host_of
from cases.actions.handover import units_in_charge, work_of
from cases.choices import (
    AccessKind,
    ArchiveStep,
    ConferenceStep,
    FieldGroup,
    MeetingStep,
    MonitorStep,
    ReferralStep,
    Step,
    SupervisionStep,
)
from cases.choices.assessment import CorrectionStep, RoundStep
from cases.models import (
    Access,
    AccessReason,
    AgendaItem,
    ArchiveFile,
    Case,
    EmergencyAccess,
    Meeting,
    Member,
    Monitor,
    Outlet,
    Referral,
    Supervision,
    Task,
)
from cases.models.assessment import AssessmentRound, Correction
from cases.models.duty import Handover
from cases.permissions import (
    in_owner_line,
    keeps_conference,
    why_not,
    why_not_item,
    why_not_judge,
    why_not_meeting,
    why_not_monitor,
    why_not_referral,
    why_not_supervision,
    why_not_task,
)
from cases.permissions.archive import why_not_archive
from cases.permissions.assessment import why_not_correction, why_not_round
from stations.http import StaffRequest
from stations.models import Organisation, Staff
from stations.roles import Permission
from weiquan.prepared import insert

CASE_PARTS = ("owner", "holder", "station")


def require(user: Staff, permission: Permission) -> None:
    """Raises PermissionDenied."""
    require_any(user, permission)


def require_any(user: Staff, *permissions: Permission) -> None:
    """Raises PermissionDenied to whom none of these is granted."""
    if not any(user.may(permission) for permission in permissions):
        raise PermissionDenied("您的角色不能使用这个页面。")


class SealedCase(PermissionDenied):
    """The case is sealed, lies in the reader's area and is not hers to read: she may know that it exists."""

    def __init__(self, case: Case) -> None:
        super().__init__("这件案件已封存，仅指定人员可查阅。")
        self.case = case


def _closed(user: Staff, number: str) -> Exception:
    case = Case.objects.closed_to(user).select_related("holder").filter(number=number).first()
    return SealedCase(case) if case else Http404()


def get_case(request: StaffRequest, number: str, *, to: Step | None = None) -> Case:
    """The case called `number` if `request.user` may see it, and may take step `to` on it.

    Raises Http404 outside her sight, SealedCase where it is closed to her, PermissionDenied with a sentence when the
    step is not hers.
    A step that the *status* does not allow passes: the form or the action says so, with what was typed.
    """
    if not number.isprintable():  # the database takes no NUL
        raise Http404
    try:
        case = Case.objects.visible_to(request.user).select_related(*CASE_PARTS).get(number=number)
    except Case.DoesNotExist:
        raise _closed(request.user, number) from None
    if to is not None and (reason := why_not(request.user, to, case)):
        raise PermissionDenied(reason)
    return case


def get_case_in_reach(request: StaffRequest, number: str) -> Case:
    """A case that is closed to her and that she might open in an emergency. Raises Http404."""
    if not number.isprintable():
        raise Http404
    reach = Case.objects.within_reach_of(request.user).select_related(*CASE_PARTS, "owner__organisation")
    case = reach.filter(number=number).first()
    if case is None:
        raise Http404
    return case


def get_break_in(request: StaffRequest, pk: UUID) -> EmergencyAccess:
    """An emergency access, for the heads who judge it; of a case they are kept away from nobody hears.

    Raises Http404, PermissionDenied with a sentence.
    """
    found = (
        EmergencyAccess.objects.filter(judge=request.user.organisation_id, pk=pk)
        .filter(case__in=Case.objects.not_barred_to(request.user))
        .select_related("case", "staff", "unit", "judged_by")
        .first()
    )
    if found is None:
        raise Http404
    if reason := why_not_judge(request.user, found):
        raise PermissionDenied(reason)
    return found


def get_referral(request: StaffRequest, pk: UUID, *, to: ReferralStep | None = None) -> Referral:
    """The referral `pk` under the same rules; a department's sight ends with the referral."""
    referral = (
        Referral.objects.visible_to(request.user)
        .select_related(
            "case__owner",
            "case__holder__region",
            "department__region",
            "from_org",
            "sent_by",
            "signed_by",
            "handler",
        )
        .filter(pk=pk)
        .first()
    )
    if referral is None:
        raise Http404
    if to is not None and (reason := why_not_referral(request.user, to, referral)):
        raise PermissionDenied(reason)
    return referral


def get_host(request: StaffRequest, permission: Permission) -> Organisation:
    """The federation whose conference the reader belongs to, if she has `permission`.

    Raises PermissionDenied without the right, Http404 where no conference is kept.
    """
    require(request.user, permission)
    unit = request.user.organisation
    host = host_of(unit) if unit else None
    if host is None:
        raise Http404
    return host


def get_item(request: StaffRequest, pk: UUID, *, to: ConferenceStep | None = None) -> AgendaItem:
    """The item `pk` under the same rules as a case."""
    item = (
        AgendaItem.objects.visible_to(request.user)
        .select_related(
            "host__region",
            "case__owner",
            "case__holder",
            "meeting",
            "proposed_by",
            "proposed_unit",
            "screened_by",
            "escalated_from__resolution__item__host",
        )
        .filter(pk=pk)
        .first()
    )
    if item is None:
        raise Http404
    if to is not None and (reason := why_not_item(request.user, to, item)):
        raise PermissionDenied(reason)
    return item


def get_meeting(request: StaffRequest, pk: UUID, *, to: MeetingStep | None = None) -> Meeting:
    meeting = (
        Meeting.objects.visible_to(request.user)
        .select_related("host__region", "made_by")
        .filter(pk=pk)
        .first()
    )
    if meeting is None:
        raise Http404
    if to is not None and (reason := why_not_meeting(request.user, to, meeting)):
        raise PermissionDenied(reason)
    return meeting


def get_task(request: StaffRequest, pk: UUID, *, to: ConferenceStep | None = None) -> Task:
    task = (
        Task.objects.visible_to(request.user)
        .select_related(
            "unit",
            "resolution__item__host__region",
            "resolution__item__meeting",
            "resolution__item__case__owner",
            "ended_by",
        )
        .filter(pk=pk)
        .first()
    )
    if task is None:
        raise Http404
    if to is not None and (reason := why_not_task(request.user, to, task)):
        raise PermissionDenied(reason)
    return task


def get_member(request: StaffRequest, pk: UUID) -> Member:
    """A member unit, for the office of its conference only: the liaison's name and phone stand there."""
    require(request.user, Permission.CONFERENCE_MANAGE)
    member = Member.objects.current().select_related("host", "organisation", "liaison").filter(pk=pk).first()
    if member is None or not keeps_conference(request.user, member.host):
        raise Http404
    return member


def get_outlet(request: StaffRequest, pk: UUID) -> Outlet:
    """A way out, for the system administrator alone."""
    require(request.user, Permission.OUTLETS_MANAGE)
    return get_object_or_404(Outlet.objects.select_related("organisation", "made_by"), pk=pk)


def get_supervision(request: StaffRequest, pk: UUID, *, to: SupervisionStep | None = None) -> Supervision:
    """The supervision `pk` under the same rules; the target's sight begins with the signature and ends with it."""
    supervision = (
        Supervision.objects.visible_to(request.user)
        .select_related(
            "case__owner", "case__holder__region", "referral", "target", "from_org__region", "opened_by"
        )
        .filter(pk=pk)
        .first()
    )
    if supervision is None:
        raise Http404
    if to is not None and (reason := why_not_supervision(request.user, to, supervision)):
        raise PermissionDenied(reason)
    return supervision


def get_round(request: StaffRequest, pk: UUID, *, to: RoundStep | None = None) -> AssessmentRound:
    """A station's assessment under the same rules."""
    require_any(request.user, Permission.ASSESS_SCORE, Permission.ASSESS_JUDGE)
    found = (
        AssessmentRound.objects.visible_to(request.user)
        .select_related("scheme", "station__region", "opened_by", "published_by", "corrects")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    if to is not None and (reason := why_not_round(request.user, to, found)):
        raise PermissionDenied(reason)
    return found


def get_correction(request: StaffRequest, pk: UUID, *, to: CorrectionStep | None = None) -> Correction:
    """A correction task after it."""
    require_any(request.user, Permission.ASSESS_SCORE, Permission.ASSESS_JUDGE)
    task = (
        Correction.objects.visible_to(request.user)
        .select_related("round__station__region", "round__scheme", "indicator", "set_by")
        .filter(pk=pk)
        .first()
    )
    if task is None:
        raise Http404
    if to is not None and (reason := why_not_correction(request.user, to, task)):
        raise PermissionDenied(reason)
    return task


def get_monitor(request: StaffRequest, pk: UUID, *, to: MonitorStep | None = None) -> Monitor:
    """The monitor `pk` under the same rules as its case."""
    monitor = (
        Monitor.objects.visible_to(request.user)
        .select_related("case__owner", "case__holder__region", "case__station", "unit", "keeper")
        .filter(pk=pk)
        .first()
    )
    if monitor is None:
        raise Http404
    if to is not None and (reason := why_not_monitor(request.user, to, monitor)):
        raise PermissionDenied(reason)
    return monitor


def log_access(
    user: Staff | None,
    case: Case,
    *,
    at: datetime,
    kind: AccessKind = AccessKind.VIEW,
    fields: FieldGroup = FieldGroup.PAGE,
    referral: Referral | None = None,
    reason: str = "",
    outside: bool = False,
) -> Access:
    """Write down who read what; the owner can see it. `outside` is a look that no line makes a part of the work."""
    access = Access(
        case=case,
        referral=referral,
        staff=user,
        unit_id=user.organisation_id if user else None,
        at=at,
        kind=kind,
        fields=fields,
        in_line=not outside and _in_line(user, case, referral),
    )
    if not reason:  # one row needs no transaction of its own
        insert([access])
        return access
    with transaction.atomic():
        insert([access])
        AccessReason.objects.create(access=access, text=reason)
    return access


def _in_line(user: Staff | None, case: Case, referral: Referral | None) -> bool:
    """A department reads what was sent to it, with an account or through a link, and she herself with her code; our side
    by its line."""
    if user is None or (referral is not None and user.organisation_id == referral.department_id):
        return True
    return in_owner_line(user, case)


def log_hits(
    user: Staff,
    case_ids: list[UUID],
    *,
    at: datetime,
    kind: AccessKind,
    fields: FieldGroup,
    in_line: bool = True,
) -> None:
    """Write down that a search showed these cases. Being found is not being read: no line is asked."""
    hits = [
        Access(
            case_id=pk,
            staff=user,
            unit_id=user.organisation_id,
            at=at,
            kind=kind,
            fields=fields,
            in_line=in_line,
        )
        for pk in case_ids
    ]
    insert(hits)


def get_colleague(request: StaffRequest, pk: int, *, own: bool = False) -> Staff:
    """The person whose work the reader may hand over: of a unit in her charge, or with work left behind at one.

    `own` leaves out the second: over who went to another unit only the head there decides.
    Raises PermissionDenied without the right, Http404 for anybody else's people.
    """
    require_any(request.user, Permission.CASE_ASSIGN, Permission.REFERRAL_SIGN)
    person = Staff.objects.select_related("organisation__region", "deputy").filter(pk=pk).first()
    if person is None:
        raise Http404
    units = units_in_charge(request.user)
    if person.organisation and units.filter(pk=person.organisation.pk).exists():
        return person
    if own or not any(work_of(person, units=units, by=request.user).counts().values()):
        raise Http404
    return person


def get_handover(request: StaffRequest, pk: UUID) -> Handover:
    """A handing over, for whoever did it and whoever received it."""
    row = Handover.objects.select_related("from_staff", "to_staff__organisation", "by").filter(pk=pk).first()
    if row is None or request.user.pk not in (row.by_id, row.to_staff_id):
        raise Http404
    return row


def get_archive_file(request: StaffRequest, pk: UUID, *, to: ArchiveStep | None = None) -> ArchiveFile:
    """The file `pk` under the same rules as its case, for whoever files or appraises."""
    file = (
        ArchiveFile.objects.visible_to(request.user)
        .select_related("case__owner", "case__holder", "unit", "filed_by")
        .filter(pk=pk)
        .first()
    )
    if file is None:
        raise Http404
    require_any(request.user, Permission.ARCHIVE_FILE, Permission.ARCHIVE_APPRAISE)
    if to is not None and (reason := why_not_archive(request.user, to, file)):
        raise PermissionDenied(reason)
    return file
