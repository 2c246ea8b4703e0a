"""From acceptance to the last record of work: decide, assign, record, extend, rest, merge, void."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import (
    REVIEW_CLOCKS,
    cancel_clocks,
    meet_clocks,
    pause_clocks,
    redate,
    refresh_due,
    resume_clocks,
    start_clocks,
)
from cases.actions.conference_task import check_no_open_tasks
from cases.actions.guarding.bars import share_bars
from cases.actions.guarding.secrecy import deciders, let_decide, seal_with
from cases.actions.monitors.carry import carry_monitors
from cases.actions.ownership import check_not_barred, check_owner, hand_over
from cases.actions.safety.emergency import fold_emergency
from cases.actions.supervision import withdraw_all
from cases.choices import (
    DangerLevel,
    DeliveryWay,
    DocType,
    Grade,
    NoticeKind,
    Part,
    Receipt,
    RefuseReason,
    Risk,
    Status,
    Step,
    SuspendGround,
)
from cases.deadlines import china_date
from cases.documents import next_doc_number, notice_body
from cases.models import (
    Case,
    DocumentDelivery,
    Extension,
    HandlingRecord,
    Holding,
    IssuedDocument,
    PetitionerNotice,
)
from cases.notifications import announce, county_federation, heads, people
from cases.permissions.volunteer import fit_for_minors
from cases.workflow import StepNotAllowed
from cases.workflow.danger import why_not_paler
from stations.models import Staff
from stations.roles import Role
from stations.workdays import load_calendar
from weiquan.prepared import insert

TOTAL_CLOCKS = ("XF-DECIDE", "IN-TOTAL")
# Of a matter turned down: what ends with it. The notice of it is owed still.
RUN_WITH_THE_CASE = ("IN-TOTAL", *REVIEW_CLOCKS, "IN-GUIDED")
SUPERVISION_OVER = "案件已按其他方式结束，督办随之撤销。"


def _write_notice(
    case: Case,
    doc_type: DocType,
    text: str,
    *,
    by: Staff,
    at: datetime,
    way: DeliveryWay,
    delivered_on: date | None,
) -> PetitionerNotice:
    unit, handler = case.holder, case.owner or by
    given = way != DeliveryWay.NOT_YET
    notice = PetitionerNotice.objects.create(
        case=case,
        doc_type=doc_type,
        number=next_doc_number(unit, doc_type, at),
        body=notice_body(case, doc_type, unit=unit, handler=handler, at=at, text=text),
        made_by=by,
        made_at=at,
        way=way,
        delivered_on=(delivered_on or china_date(at)) if given else None,
        delivered_by=by if given else None,
    )
    if given:
        _meet_notice_clock(notice, by=by, at=at)
    return notice


def _meet_notice_clock(notice: PetitionerNotice, *, by: Staff, at: datetime) -> None:
    """What says where the matter went meets the 15 days; a letter about a longer term does not."""
    if notice.doc_type != DocType.EXTEND_NOTICE:
        meet_clocks(notice.case, "XF-NOTICE", "XF-NOTICE-T", at=at, by=by)


@transaction.atomic
def accept_case(
    case: Case,
    *,
    owner: Staff,
    by: Staff,
    at: datetime,
    grade: Grade | str = "",
    own_power: bool = False,
    plan: str = "",
    way: DeliveryWay = DeliveryWay.NOT_YET,
    delivered_on: date | None = None,
) -> PetitionerNotice:
    """Accept, name the owner and write the notice; the 60 days run only where this unit itself decides.

    Source: 信访工作条例 (2022) 第23条第1款, 第34条.
    Raises StepNotAllowed.
    """
    check_owner(owner, case.holder, case)
    case.advance(
        Step.ACCEPT,
        by=by,
        at=at,
        note=plan,
        facts={"owner": owner.pk},
        owner=owner,
        grade=grade,
        own_power=own_power,
    )
    hand_over(case, to_unit=case.holder, to=owner, at=at)
    meet_clocks(case, "IN-ACCEPT", at=at, by=by)
    if own_power and not case.is_litigation:
        start_clocks(case, "XF-DECIDE", started_at=at, at=at)
    notice = _write_notice(case, DocType.ACCEPT_NOTICE, "", by=by, at=at, way=way, delivered_on=delivered_on)
    if owner.pk != by.pk:
        announce(NoticeKind.ASSIGNED, case, [owner], at=at)
    return notice


@transaction.atomic
def refuse_case(
    case: Case,
    *,
    reason: RefuseReason,
    explanation: str,
    by: Staff,
    at: datetime,
    way: DeliveryWay,
    delivered_on: date | None = None,
) -> PetitionerNotice:
    """Turn the matter down in writing, with the reason and the proper way. Source: 信访工作条例 (2022) 第23条.

    Raises StepNotAllowed.
    """
    return _end_with_notice(
        case,
        Step.REFUSE,
        DocType.REFUSE_NOTICE,
        f"{reason.label}。{explanation}",
        {"reason": reason},
        by,
        at,
        way,
        delivered_on,
    )


@transaction.atomic
def redirect_case(
    case: Case,
    *,
    body: str,
    explanation: str,
    by: Staff,
    at: datetime,
    way: DeliveryWay,
    delivered_on: date | None = None,
) -> PetitionerNotice:
    """Tell the petitioner which body to go to. Source: 信访工作条例 (2022) 第23条第1款.

    Raises StepNotAllowed.
    """
    return _end_with_notice(
        case, Step.REDIRECT, DocType.REDIRECT_NOTICE, f"{body}。{explanation}", {}, by, at, way, delivered_on
    )


def _end_with_notice(
    case: Case,
    step: Step,
    doc_type: DocType,
    text: str,
    facts: dict[str, str],
    by: Staff,
    at: datetime,
    way: DeliveryWay,
    delivered_on: date | None,
) -> PetitionerNotice:
    case.advance(step, by=by, at=at, note=text, facts=facts, ended_at=at, ended_by=by)
    notice = _write_notice(case, doc_type, text, by=by, at=at, way=way, delivered_on=delivered_on)
    meet_clocks(case, "IN-ACCEPT", at=at, by=by)
    cancel_clocks(case, *RUN_WITH_THE_CASE, at=at, by=by)
    check_no_open_tasks(case)
    withdraw_all(case, reason=SUPERVISION_OVER, by=by, at=at)
    case.end_work(at, by)
    return notice


@transaction.atomic
def record_delivery(
    notice: PetitionerNotice,
    *,
    way: DeliveryWay,
    delivered_on: date,
    remark: str,
    by: Staff,
    at: datetime,
    receipt: Receipt = Receipt.SIGNED,
    receiver: str = "",
) -> list[DocumentDelivery]:
    """Say when and how a notice reached the petitioner: this, not its printing, meets the 15 days. Where it was put on
    paper, the same delivery stands on the paper's proof.

    Raises StepNotAllowed when somebody recorded it already.
    """
    case = notice.case
    claimed = PetitionerNotice.objects.filter(pk=notice.pk, way=DeliveryWay.NOT_YET).update(
        way=way, delivered_on=delivered_on, delivered_by=by
    )
    if not claimed:
        raise StepNotAllowed("这份告知书的送达情况已有人记录。")
    notice.refresh_from_db()
    notice.remark = remark
    notice.save(update_fields=["remark"])
    case.record(
        Step.DELIVER,
        by=by,
        at=at,
        facts={"notice": notice.number, "way": way, "on": delivered_on.isoformat()},
    )
    _meet_notice_clock(notice, by=by, at=at)
    ended = Receipt.FAILED if way == DeliveryWay.WAIVED else receipt
    return [
        DocumentDelivery.objects.create(
            document=document,
            way=way,
            receipt=ended,
            delivered_on=delivered_on,
            receiver=receiver,
            remark=remark,
            by=by,
            at=at,
        )
        for document in IssuedDocument.objects.standing().for_lists().filter(notice=notice)
    ]


@transaction.atomic
def assign_owner(case: Case, *, owner: Staff, by: Staff, at: datetime, note: str = "") -> None:
    """Give the case to another person of the holding unit.

    Raises StepNotAllowed.
    """
    check_owner(owner, case.holder, case)
    case.advance(Step.ASSIGN, by=by, at=at, note=note, facts={"owner": owner.pk}, owner=owner)
    hand_over(case, to_unit=case.holder, to=owner, at=at)
    if owner.pk != by.pk:
        announce(NoticeKind.ASSIGNED, case, [owner], at=at)


@transaction.atomic
def add_assistant(case: Case, *, assistant: Staff, note: str, by: Staff, at: datetime) -> None:
    """Ask a colleague or a volunteer of the holding unit to help: she sees this case while it is open.

    Raises StepNotAllowed.
    """
    if assistant.organisation_id != case.holder_id or not assistant.is_active:
        raise StepNotAllowed(f"{assistant.name}不在{case.holder.name}，不能协办。")
    check_not_barred(case, assistant)
    if not fit_for_minors(case, [assistant], china_date(at)):
        raise StepNotAllowed(
            f"{assistant.name}没有一年内的无犯罪记录查询，不能参与涉未成年人的案件。请先在志愿者名册里补上查询。"
        )
    case.record(Step.ASSIST, by=by, at=at, note=note, facts={"assistant": assistant.pk})
    if case.holdings.filter(staff=assistant, until_at=None).exists():
        raise StepNotAllowed(f"{assistant.name}已经在办这件案件。")
    Holding.objects.create(
        case=case,
        organisation=case.holder,
        staff=assistant,
        level=case.holder.level,
        part=Part.ASSISTANT,
        since_at=at,
    )
    announce(NoticeKind.ASSIGNED, case, [assistant], at=at)


@transaction.atomic
def record_handling(
    case: Case,
    *,
    method: str,
    happened_at: datetime,
    content: str,
    by: Staff,
    at: datetime,
    persons: str = "",
    result: str = "",
    service: str = "",
    service_persons: int = 0,
    order_told: bool = False,
) -> HandlingRecord:
    """Write down one piece of work; the first one on an accepted case puts it into handling. `order_told`: she knows
    that she may apply for a protection order.

    Raises StepNotAllowed.
    """
    facts: dict[str, Any] = {"method": method, "service": service, "service_persons": service_persons}
    if order_told:
        facts["order_told"] = True
    if case.status == Status.ACCEPTED:
        case.advance(Step.HANDLE, by=by, at=at, facts=facts)
    else:
        case.record(Step.HANDLE, by=by, at=at, facts=facts)
    case.check_danger_allows(method, service)
    record = HandlingRecord(
        case=case,
        method=method,
        happened_at=happened_at,
        persons=persons,
        content=content,
        result=result,
        service=service,
        service_persons=service_persons,
        by=by,
        unit=by.organisation or case.holder,
        at=at,
        round_no=case.round_no,
    )
    insert([record])
    if case.owner_id and case.owner_id != by.pk:
        announce(NoticeKind.CASE_NEWS, case, [case.owner], at=at)
    return record


@transaction.atomic
def change_risk(case: Case, *, risk: Risk, reason: str, by: Staff, at: datetime) -> None:
    """Raise or lower the risk with a reason; a rise is told to the head.

    Raises StepNotAllowed.
    """
    rises = risk.rank > Risk(case.risk).rank
    case.record(Step.RERISK, by=by, at=at, note=reason, facts={"from": case.risk, "to": risk}, risk=risk)
    # Asked while the row is held, or the danger may have been scored meanwhile.
    case.refresh_from_db(fields=["danger"])
    if refusal := why_not_paler(case.danger, risk):
        raise StepNotAllowed(refusal)
    if rises:
        announce(
            NoticeKind.RISK_RAISED, case, [head for head in heads(case.holder) if head.pk != by.pk], at=at
        )


@transaction.atomic
def ask_extension(case: Case, *, days: int, reason: str, by: Staff, at: datetime) -> Extension:
    """Ask for a longer term: once a round, at most 30 days. Source: 信访工作条例 (2022) 第34条.

    Raises StepNotAllowed.
    """
    case.record(Step.ASK_EXTENSION, by=by, at=at, facts={"days": days})
    # Asked while the case row is held: of two people asking at once the second sees the first.
    if case.extensions.filter(round_no=case.round_no).exclude(granted=False).exists():
        raise StepNotAllowed("本轮办理已经申请过延期，只能延长一次。")
    extension = Extension.objects.create(
        case=case, round_no=case.round_no, days=days, reason=reason, asked_by=by, asked_at=at
    )
    deciding = [head for head in heads(case.holder) if head.pk != by.pk]
    let_decide(case, deciding, by=by, at=at)
    announce(NoticeKind.TO_APPROVE, case, deciding, at=at)
    return extension


@transaction.atomic
def decide_extension(
    extension: Extension,
    *,
    granted: bool,
    opinion: str,
    by: Staff,
    at: datetime,
    way: DeliveryWay = DeliveryWay.NOT_YET,
    delivered_on: date | None = None,
) -> None:
    """Grant or decline; a granted one moves the whole-case clocks and owes the petitioner a notice with the reason.

    Raises StepNotAllowed.
    """
    case = extension.case
    decided = Extension.objects.filter(pk=extension.pk, granted=None).update(
        granted=granted, decided_by=by, decided_at=at
    )
    if not decided:
        raise StepNotAllowed("这项延期申请已有人审批。")
    extension.refresh_from_db()
    extension.opinion = opinion
    extension.save(update_fields=["opinion"])
    step = Step.GRANT_EXTENSION if granted else Step.DECLINE_EXTENSION
    case.record(step, by=by, at=at, note=opinion, facts={"days": extension.days})
    if granted:
        calendar = load_calendar()
        for clock in case.clocks.live().of_case_itself().filter(code__in=TOTAL_CLOCKS).select_related("rule"):
            clock.extended_days += extension.days
            redate(clock, calendar, at)
            clock.save()
        refresh_due(case)
        text = f"延长{extension.days}日。理由：{extension.reason}"
        _write_notice(case, DocType.EXTEND_NOTICE, text, by=by, at=at, way=way, delivered_on=delivered_on)
    announce(NoticeKind.DECIDED, case, [extension.asked_by], at=at)


@transaction.atomic
def suspend_case(case: Case, *, ground: SuspendGround, evidence: str, by: Staff, at: datetime) -> None:
    """Let handling rest on a legal ground. Our own promises pause; the law's periods do not.

    Raises StepNotAllowed.
    """
    case.advance(Step.SUSPEND, by=by, at=at, note=evidence, facts={"ground": ground})
    pause_clocks(case, at=at)
    announce(NoticeKind.DECIDED, case, [case.owner], at=at)


@transaction.atomic
def resume_case(case: Case, *, reason: str, by: Staff, at: datetime) -> None:
    """Take handling up again.

    Raises StepNotAllowed.
    """
    case.advance(Step.RESUME, by=by, at=at, note=reason)
    resume_clocks(case, at=at)
    announce(NoticeKind.DECIDED, case, [case.owner], at=at)


@transaction.atomic
def merge_case(case: Case, *, into: Case, reason: str, by: Staff, at: datetime) -> None:
    """Fold a case into the one about the same matter: the 件 become one, the 件次 stay counted.

    Raises StepNotAllowed.
    """
    # In one order, so that two people merging two cases into each other do not wait for one another for ever.
    list(
        Case.objects.select_for_update(no_key=True)
        .filter(pk__in=(case.pk, into.pk))
        .order_by("pk")
        .only("pk")
    )
    into.refresh_from_db(fields=["status", "risk", "danger", "involves_dv", "involves_minor", "secrecy"])
    if into.pk == case.pk or not into.is_open:
        raise StepNotAllowed("只能并入另一件正在办理的案件。")
    if case.open_referrals:
        raise StepNotAllowed("还有未销号的转交，办结后才能并案。")
    case.advance(
        Step.MERGE,
        by=by,
        at=at,
        note=reason,
        facts={"into": into.number},
        ended_at=at,
        ended_by=by,
        merged_into=into,
    )
    # The graver danger of the two, or a case could be closed without the county by way of another.
    danger: dict[str, Any] = {
        "risk": max(Risk(case.risk), Risk(into.risk), key=lambda risk: risk.rank),
        "danger": max(case.danger, into.danger, key=["", *DangerLevel].index),
        "involves_dv": case.involves_dv or into.involves_dv,
        "involves_minor": case.involves_minor or into.involves_minor,
    }
    into.record(Step.CONTACT, by=by, at=at, facts={"merged": case.number}, **danger)
    seal_with(into, case, by=by, at=at)
    seal_with(case, into, by=by, at=at)
    fold_emergency(case, into, by=by, at=at)
    carry_monitors(case, into)
    _stop_everything(case, by=by, at=at)
    share_bars(case, into, by=by, at=at)
    announce(NoticeKind.DECIDED, case, [case.owner, into.owner], at=at)


@transaction.atomic
def ask_void(case: Case, *, reason: str, by: Staff, at: datetime) -> None:
    """Ask the county to void a wrong entry; the number is never used again.

    Raises StepNotAllowed.
    """
    held = Case.objects.select_for_update(no_key=True).only("open_referrals", "void_asked_at").get(pk=case.pk)
    if held.open_referrals:
        raise StepNotAllowed("还有未销号的转交，不能作废。")
    _check_nothing_watched(case)
    if held.void_asked_at is not None:
        raise StepNotAllowed("已经申请作废，正等县妇联确认。")
    case.record(Step.ASK_VOID, by=by, at=at, note=reason, void_asked_at=at, void_asked_by=by)
    above = county_federation(case) or case.holder
    # Of a sealed case the leaders confirm, who read it already.
    officers = deciders(above) if case.is_sealed else people(above, Role.COUNTY_OFFICER)
    deciding = [officer for officer in officers if officer.pk != by.pk]
    let_decide(case, deciding, by=by, at=at)
    announce(NoticeKind.TO_APPROVE, case, deciding, at=at)


@transaction.atomic
def void_case(case: Case, *, reason: str, by: Staff, at: datetime) -> None:
    """Confirm that a case was entered by mistake.

    Raises StepNotAllowed.
    """
    if case.void_asked_at is None:
        raise StepNotAllowed("尚未有人申请作废。")
    if case.open_referrals:
        raise StepNotAllowed("还有未销号的转交，不能作废。")
    _check_nothing_watched(case)
    case.advance(Step.VOID, by=by, at=at, note=reason, ended_at=at, ended_by=by)
    _stop_everything(case, by=by, at=at)
    announce(NoticeKind.DECIDED, case, [case.owner, case.void_asked_by], at=at)


def _check_nothing_watched(case: Case) -> None:
    if case.monitors.reports().exists():
        raise StepNotAllowed("强制报告还没有结果，不能作废。登错的，先由站长或县妇联核实不属于强制报告。")
    if case.monitors.open().exists():
        raise StepNotAllowed("还有监测事项没有结束，不能作废：误建的请先在监测页上结束。")


def _stop_everything(case: Case, *, by: Staff, at: datetime) -> None:
    check_no_open_tasks(case)
    withdraw_all(case, reason=SUPERVISION_OVER, by=by, at=at)
    cancel_clocks(case, at=at, by=by)
    case.end_work(at, by)
