"""Emergency access (破门查看): open for some hours what is closed to the reader, tell everybody at once, judge it later."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from cases.choices import AccessKind, FieldGroup, NoticeKind, Step
from cases.models import Access, AccessReason, Case, EmergencyAccess, MovedOn
from cases.notifications import announce, heads
from cases.permissions import may_break_in
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Role
from weiquan.prepared import insert

NOT_IN_REACH = "这件案件您不能查看。"


@transaction.atomic
def break_in(case: Case, *, reason: str, by: Staff, at: datetime) -> EmergencyAccess:
    """Let `by` read `case` for some hours. The owner, the heads who judge it and the security administrators are told
    in the same transaction; the last of the case neither number nor reason.

    Pressed twice it opens once. Raises StepNotAllowed when the case is out of her reach.
    """
    Case.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=case.pk)
    if not may_break_in(by, case):
        raise StepNotAllowed(NOT_IN_REACH)
    running = EmergencyAccess.objects.live(at).filter(case=case, staff=by).first()
    if running is not None:
        return running
    unit = by.organisation
    assert unit is not None  # noqa: S101 – within reach of nobody without a unit
    judge = judging_unit(case.holder, unit)
    access = EmergencyAccess.objects.create(
        case=case,
        staff=by,
        unit=unit,
        reason=reason,
        at=at,
        until_at=at + timedelta(minutes=settings.BREAK_IN_MINUTES),
        judge=judge,
    )
    case.record(Step.BREAK_IN, by=by, at=at, note=reason, facts={"until": access.until_at.isoformat()})
    _log(access)
    told = [case.owner, *heads(case.holder), *heads(judge)]
    announce(NoticeKind.BROKEN_IN, case, [person for person in told if person and person != by], at=at)
    tell_security(at)
    return access


def _log(access: EmergencyAccess) -> None:
    row = Access(
        case=access.case,
        staff=access.staff,
        unit=access.unit,
        at=access.at,
        kind=AccessKind.BREAK_IN,
        fields=FieldGroup.PAGE,
        in_line=False,
    )
    insert([row])
    AccessReason.objects.create(access=row, text=access.reason)


def judging_unit(holder: Organisation, reader: Organisation) -> Organisation:
    """Who judges: the unit that holds the case, by its heads. Where one of its own people looked, the one above."""
    judge = overseer_of(holder)
    if reader.pk not in (judge.pk, holder.pk):
        return judge
    above = AdminLevel.COUNTY if judge.level < AdminLevel.COUNTY else judge.level.above
    code = judge.region_id[: above.digits] if above else ""
    return Organisation.objects.federation_of(code) or judge


def overseer_of(unit: Organisation) -> Organisation:
    """The unit whose heads answer for this one: a village point's are its township's."""
    if unit.kind != OrgKind.VILLAGE_POINT:
        return unit
    station = (
        Organisation.objects.active()
        .filter(kind=OrgKind.STATION, region_id=f"{unit.township_code:0<12}")
        .order_by("pk")
        .first()
    )
    return station or unit


def tell_security(at: datetime) -> None:
    """Tell the security administrators that somebody broke in, or tried numbers; of no case."""
    security = Staff.objects.working().holding(Role.SEC_ADMIN).select_related("deputy").order_by("id")
    announce(NoticeKind.BROKEN_IN, None, security, at=at)


def end_break_in(access: EmergencyAccess, *, at: datetime) -> None:
    """She has read what she needed: the door closes before its time."""
    EmergencyAccess.objects.live(at).filter(pk=access.pk, at__lt=at).update(until_at=at)


@transaction.atomic
def judge_break_in(
    access: EmergencyAccess, *, justified: bool, finding: str, by: Staff, at: datetime
) -> None:
    """Say whether it was needed; what was not is over at once. What was judged stays judged.

    Raises MovedOn when somebody else was faster.
    """
    found = EmergencyAccess.objects.select_for_update(of=("self",), no_key=True).get(pk=access.pk)
    if found.judged_at is not None:
        raise MovedOn("这次查看刚刚已由别人核实，请看核实结论。")
    found.justified, found.finding, found.judged_by, found.judged_at = justified, finding, by, at
    found.save(update_fields=["justified", "finding", "judged_by", "judged_at"])
    access.case.record(Step.JUDGE_BREAK_IN, by=by, at=at, note=finding, facts={"justified": justified})
    if not justified:
        end_break_in(found, at=at)
        tell_security(at)
