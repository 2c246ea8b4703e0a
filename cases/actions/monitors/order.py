"""Applying for a protection order on her behalf: prepared, filed, taken up by the court, decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import start_clocks
from cases.actions.guarding.consent import consent_to_pass_on, disclose
from cases.actions.monitors.monitor import end_monitor, open_monitor, refresh_monitor, take_step
from cases.actions.monitors.protection import open_order
from cases.actions.ownership import check_unit_not_barred
from cases.choices import (
    ApplyGround,
    ConsentWay,
    DisclosureKind,
    Evidence,
    ExtractField,
    LegalBasis,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    ProtectionMeasure,
)
from cases.models import Case, Monitor, OrderApplication, OrderEvidence
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff

DECIDE, DECIDE_URGENT = "DV-PO-DECIDE", "DV-PO-DECIDE-U"
# What she may still do against a refusal.
OBJECT = "DV-PO-OBJ"
# What stands on the printed application.
ON_THE_PAPER = (
    ExtractField.NAME,
    ExtractField.ID_NUMBER,
    ExtractField.AGE_SEX,
    ExtractField.RESPONDENT,
    ExtractField.FACTS,
)


@dataclass(frozen=True)
class Wish:
    """What is applied for, why by us, and what happened."""

    ground: ApplyGround
    measures: Sequence[ProtectionMeasure]
    facts: str
    ground_words: str = ""
    consented: bool = False
    urgent: bool = False
    request: str = ""


@dataclass(frozen=True)
class Ruling:
    """What the court decided. Of an order made: which measures, until when, and its number."""

    issued: bool
    decided_at: datetime
    words: str
    number: str = ""
    measures: Sequence[ProtectionMeasure] = ()
    valid_until: date | None = None


@transaction.atomic
def open_application(case: Case, *, wish: Wish, keeper: Staff, by: Staff, at: datetime) -> Monitor:
    """Begin to prepare an application; one at a time is enough for a case.

    Source: 反家庭暴力法 第23条; 法释〔2022〕17号 第2条.
    Raises StepNotAllowed.
    """
    _check(wish, case)
    monitor = open_monitor(case, MonitorKind.ORDER_APPLICATION, keeper=keeper, by=by, at=at)
    # Asked while the case row is held: of two people who begin one, the second sees the first.
    others = case.monitors.open().filter(kind=MonitorKind.ORDER_APPLICATION).exclude(pk=monitor.pk)
    if others.exists():
        raise StepNotAllowed("本案已经有一份正在办的代为申请，请在那一份上继续。")
    OrderApplication.objects.create(monitor=monitor, **_columns(wish))
    return monitor


@transaction.atomic
def revise_application(monitor: Monitor, *, wish: Wish, by: Staff, at: datetime) -> None:
    """Write the application anew; what was filed stays as it was filed.

    Raises StepNotAllowed; MovedOn.
    """
    _check(wish, monitor.case)
    _check_unfiled(monitor)
    take_step(monitor, MonitorStep.NOTE, by=by, at=at, entry={"content": "修改了申请内容。"})
    application = monitor.application
    for name, value in _columns(wish).items():
        setattr(application, name, value)
    application.save()


@transaction.atomic
def add_evidence(
    monitor: Monitor,
    *,
    kind: Evidence,
    description: str,
    by: Staff,
    at: datetime,
    kept_at: str = "",
    copies: int = 1,
) -> OrderEvidence:
    """Put one piece on the list; after filing it is handed in later.

    Source: 法释〔2022〕17号 第6条.
    Raises StepNotAllowed; MovedOn.
    """
    take_step(monitor, MonitorStep.EVIDENCE, by=by, at=at, entry={"content": f"{kind.label}：{description}"})
    return OrderEvidence.objects.create(
        application=monitor.application,
        kind=kind,
        description=description,
        kept_at=kept_at,
        copies=copies,
        by=by,
        at=at,
    )


@transaction.atomic
def remove_evidence(monitor: Monitor, evidence: OrderEvidence, *, by: Staff, at: datetime) -> None:
    """Take one off the list while nothing has gone to the court; that it stood there remains in the records.

    Raises StepNotAllowed; MovedOn.
    """
    _check_unfiled(monitor)
    content = f"从清单撤下：{Evidence(evidence.kind).label}"
    take_step(monitor, MonitorStep.EVIDENCE, by=by, at=at, entry={"content": content})
    evidence.delete()


@transaction.atomic
def file_application(
    monitor: Monitor, *, court: Organisation, filed_at: datetime, by: Staff, at: datetime
) -> None:
    """Hand it in at the court, and write down what went out with it.

    Raises StepNotAllowed; MovedOn.
    """
    check_unit_not_barred(monitor.case, court)
    application = monitor.application
    if not application.evidence.exists():
        raise StepNotAllowed("请先登记至少一项证据再递交，当事人陈述也算一项。")
    filed_at = min(filed_at, at)  # a desk's clock may run a little ahead of ours
    take_step(monitor, MonitorStep.FILE, by=by, at=at, happened_at=filed_at, facts={"organisation": court.pk})
    application.court, application.filed_at = court, filed_at
    application.save()
    _tell_court(monitor.case, application, court, by=by, at=at)


def _tell_court(
    case: Case, application: OrderApplication, court: Organisation, *, by: Staff, at: datetime
) -> None:
    """What stands on the paper goes to the court on her consent where the law asks for it, else by our duty."""
    hers = application.ground in ApplyGround.with_her_consent
    ground: dict[str, Any] = {
        "fields": ON_THE_PAPER,
        "basis": LegalBasis.CONSENT if hers else LegalBasis.STATUTORY_DUTY,
        "purpose": "代为申请人身安全保护令",
        "by": by,
        "at": at,
    }
    consent = consent_to_pass_on(case, court, consented=ConsentWay.ORAL if hers else "", **ground)
    what = "人身安全保护令申请书和证据清单"
    disclose(case, DisclosureKind.APPLICATION, organisation=court, what=what, consent=consent, **ground)


@transaction.atomic
def accept_application(
    monitor: Monitor, *, accepted_at: datetime, by: Staff, at: datetime, court_number: str = ""
) -> None:
    """The court took it up: from here it has 72 hours, 24 where it is urgent.

    Source: 反家庭暴力法 第28条.
    Raises StepNotAllowed; MovedOn.
    """
    application = monitor.application
    accepted_at = min(accepted_at, at)
    _check_after(accepted_at, application.filed_at, "法院受理时间不能早于递交时间。")
    take_step(monitor, MonitorStep.ACCEPT, by=by, at=at, happened_at=accepted_at, number=court_number.strip())
    application.accepted_at, application.court_number = accepted_at, court_number.strip()
    application.save()
    code = DECIDE_URGENT if application.urgent else DECIDE
    start_clocks(monitor.case, code, started_at=accepted_at, at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def decide_application(monitor: Monitor, *, ruling: Ruling, by: Staff, at: datetime) -> Monitor | None:
    """The court ruled: an order is watched over from here on by a monitor of its own, which is returned. A refusal
    leaves her five days to ask that court once to look again.

    Source: 反家庭暴力法 第28、31条.
    Raises StepNotAllowed; MovedOn.
    """
    application = monitor.application
    decided_at = min(ruling.decided_at, at)
    earliest = application.accepted_at or application.filed_at
    _check_after(decided_at, earliest, "裁定时间不能早于递交和受理的时间。")
    end_monitor(
        monitor,
        MonitorOutcome.ISSUED if ruling.issued else MonitorOutcome.DENIED,
        step=MonitorStep.DECIDE,
        by=by,
        at=at,
        happened_at=decided_at,
        entry={"content": ruling.words},
        conclusion=ruling.words,
        met=True,
    )
    application.decided_at, application.ruling = decided_at, ruling.words
    application.save()
    if not ruling.issued:
        start_clocks(monitor.case, OBJECT, started_at=decided_at, at=at)
        return None
    return open_order(
        monitor.case,
        made_at=decided_at,
        keeper=monitor.keeper,
        by=by,
        at=at,
        number=ruling.number,
        court=application.court,
        measures=ruling.measures or application.measures,
        terms=ruling.words,
        valid_until=ruling.valid_until,
        follows=monitor,
    )


def _check(wish: Wish, case: Case) -> None:
    if wish.ground in ApplyGround.with_her_consent and not wish.consented:
        raise StepNotAllowed("以年老、残疾、重病为由代为申请的，要先取得她本人同意。")
    if not wish.measures:
        raise StepNotAllowed("请至少选一项要请求的措施。")
    if set(wish.measures) - set(ProtectionMeasure.offered_in(case.place)):
        raise StepNotAllowed("所选的措施里有本地没有规定的，请重新选择；可以写在“其他请求”里。")


def _check_unfiled(monitor: Monitor) -> None:
    if monitor.stage != MonitorStage.PREPARING:
        raise StepNotAllowed("申请已经递交法院，不能再改；补交证据请登记新的一项。")


def _check_after(moment: datetime, earliest: datetime | None, words: str) -> None:
    if earliest is not None and moment < earliest:
        raise StepNotAllowed(words)


def _columns(wish: Wish) -> dict[str, object]:
    return {
        "ground": wish.ground,
        "ground_words": wish.ground_words,
        "consented": wish.consented,
        "urgent": wish.urgent,
        "measures": list(wish.measures),
        "request": wish.request,
        "facts": wish.facts,
    }
