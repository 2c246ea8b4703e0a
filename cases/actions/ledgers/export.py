"""A ledger as a file: asked for with a purpose, made by a worker, fetched by whoever asked, gone after some days."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from cases.actions.ledgers.books import LEDGERS
from cases.actions.ledgers.ledger import Ledger, Scope, units_within_reach
from cases.choices import AccessKind, ExportStatus, FieldGroup, Step
from cases.deadlines import CHINA
from cases.documents import Sheet, workbook
from cases.models import Access, AccessReason, Bar, Case, Event, LedgerDownload, LedgerExport
from cases.models.ledger import LEASE, claim
from cases.permissions import in_whose_line
from cases.workflow import StepNotAllowed
from stations.models import Staff
from stations.roles import Permission
from weiquan.prepared import insert
from weiquan.sealing import sm3

BATCH = 500
# Excel holds a million rows, people do not read them: a longer period is asked for in parts.
MOST_ROWS = 50_000
MOST_CHARACTERS = 32_000  # of one cell; Excel holds 32,767
MASKED_NOTE = "姓名、证件号、电话和内容已遮盖。"
# The same words whatever the reason: that a case was closed to her is not hers to learn.
GONE = "文件还没有生成，或者已过期清除。需要时请重新导出。"
OPENED_NOTE = "本表含个人信息和敏感个人信息，仅限所申请的用途，用后及时销毁，不得转发。"


@transaction.atomic
def ask_export(
    ledger: Ledger, scope: Scope, *, purpose: str, opened: bool, by: Staff, at: datetime
) -> LedgerExport:
    """Put a file on the list of those to be made.

    Raises StepNotAllowed.
    """
    assert by.organisation is not None  # noqa: S101 – whoever may export belongs to a unit
    export = LedgerExport(
        ledger=ledger.code,
        unit=scope.unit,
        below=scope.below,
        since=scope.since,
        until=scope.until,
        opened=opened and ledger.has_personal,
        purpose=purpose,
        by=by,
        by_unit=by.organisation,
        at=at,
    )
    if refusal := why_not_export(export):
        raise StepNotAllowed(refusal)
    export.save(force_insert=True)
    return export


def why_not_export(export: LedgerExport) -> str:
    """Asked when the file is wanted, and again when it is made: in between she may have moved."""
    user = export.by
    if not (user.is_active and user.may(Permission.LEDGER_EXPORT)):
        return "您现在没有导出台账的权限。"
    if user.organisation_id != export.by_unit_id:
        return "申请后您已调到别的单位，请重新申请。"
    if not LEDGERS[export.ledger].open_to(user):
        return "您的角色不看这本台账。"
    if not units_within_reach(user).filter(pk=export.unit_id).exists():
        return "这个单位不在您的范围内。"
    if export.opened and not user.may(Permission.CASE_REVEAL):
        return "您的角色只能导出遮盖后的台账。"
    return ""


def make_next_export(at: datetime) -> bool:
    """Make the file that has waited longest; whether there was one."""
    export = claim(LedgerExport.objects.filter(status=ExportStatus.WAITING))
    if export is None:
        return False
    make_export(export, at=at)
    return True


def make_export(export: LedgerExport, *, at: datetime) -> None:
    """Write the file from what the asker may see now. Begun again from the start where a worker died at it."""
    if refusal := why_not_export(export):
        _fail(export, refusal)
        return
    ledger = LEDGERS[export.ledger]
    scope = Scope(export.unit, export.since, export.until, export.below)
    total = ledger.ordered(export.by, scope, newest=False).order_by().count()
    if total > MOST_ROWS:
        _fail(export, f"这段期间有{total}行，一次最多导出{MOST_ROWS}行，请缩短期间后再导出。")
        return
    _update(export, total=total, done=0)
    cases: set[UUID] = set()
    sheet = Sheet(
        name=ledger.name,
        title=ledger.name,
        unit=f"{scope.unit.name}{'及以下' if scope.below else ''}",
        period=scope.period,
        columns=ledger.columns,
        rows=_rows(export, ledger, scope, cases),
        notes=(*ledger.notes, *(_note(export, ledger))),
    )
    _finish(export, workbook([sheet], watermark=watermark(export, at)), cases, at)


def _note(export: LedgerExport, ledger: Ledger) -> tuple[str, ...]:
    if not ledger.has_personal:
        return ()
    return (OPENED_NOTE if export.opened else MASKED_NOTE,)


def watermark(export: LedgerExport, at: datetime) -> str:
    """Who took it, by number, not by name, and when."""
    when = at.astimezone(CHINA)
    return f"{export.by_unit.name} 人员{export.by_id:05d} {when:%Y-%m-%d %H:%M} 导出 {str(export.pk)[-8:]}"


def _rows(export: LedgerExport, ledger: Ledger, scope: Scope, cases: set[UUID]) -> Iterator[list[Any]]:
    """Row by row; keeps the lease and says how far it has come after each batch, and whose fields were opened."""
    found = ledger.ordered(export.by, scope, newest=False)
    rest, done = found, 0
    while batch := list(rest[:BATCH]):
        for values in ledger.cells(batch, opened=export.opened):
            yield [_fitting(value) for value in values]
        cases.update(case.pk for row in batch if (case := ledger.case_of(row)) is not None)
        done += len(batch)
        _update(export, done=done)
        last = batch[-1]
        rest = ledger.after(found, ledger.moment_of(last), last.pk, newest=False)


def _fitting(value: Any) -> Any:
    return value[:MOST_CHARACTERS] if isinstance(value, str) else value


def _update(export: LedgerExport, **changes: Any) -> None:
    LedgerExport.objects.filter(pk=export.pk, status=ExportStatus.WAITING).update(
        leased_until=Now() + LEASE, **changes
    )


def _fail(export: LedgerExport, words: str) -> None:
    LedgerExport.objects.filter(pk=export.pk, status=ExportStatus.WAITING).update(
        status=ExportStatus.FAILED, failure=words, leased_until=None
    )


@transaction.atomic
def _finish(export: LedgerExport, file: bytes, cases: set[UUID], at: datetime) -> None:
    """The file and who reads what in it, together: there is no file that nobody answers for."""
    kept = LedgerExport.objects.select_for_update(of=("self",), no_key=True).defer("file").get(pk=export.pk)
    if kept.status != ExportStatus.WAITING:
        return  # a second worker took over from a slow one and was faster
    kept.file, kept.digest = file, sm3(file)
    kept.status, kept.leased_until = ExportStatus.READY, None
    kept.ready_at, kept.expires_at = at, at + timedelta(days=settings.EXPORT_DAYS)
    kept.save(update_fields=["file", "digest", "status", "leased_until", "ready_at", "expires_at"])
    if export.opened:
        _log_opened(export, sorted(cases), at)


def _log_opened(export: LedgerExport, cases: list[UUID], at: datetime) -> None:
    """One row of `Access` a case, with the purpose as the reason."""
    for start in range(0, len(cases), BATCH):
        chosen = Case.objects.filter(pk__in=cases[start : start + BATCH])
        found = list(chosen.select_related("owner", "holder__region", "station"))
        in_line = in_whose_line(export.by, found)
        rows = [
            Access(
                case=case,
                staff=export.by,
                unit=export.by_unit,
                at=at,
                kind=AccessKind.EXPORT,
                fields=FieldGroup.PAGE,
                in_line=case.pk in in_line,
            )
            for case in found
        ]
        insert(rows)
        insert([AccessReason(access=row, text=export.purpose) for row in rows])


@transaction.atomic
def download(export: LedgerExport, *, by: Staff, at: datetime) -> bytes:
    """The file, and the line that it was fetched.

    Raises StepNotAllowed when it is not there, or no longer.
    """
    if export.status != ExportStatus.READY or export.expires_at is None or at >= export.expires_at:
        raise StepNotAllowed(GONE)
    if refusal := why_not_export(export):
        raise StepNotAllowed(refusal)
    if _closed_since(export):
        raise StepNotAllowed(GONE)
    LedgerDownload.objects.create(export=export, by=by, at=at)
    return bytes(export.file)


def _closed_since(export: LedgerExport) -> bool:
    """Whether a case that may stand in the file was closed to her after it was made: the file would still tell her."""
    assert export.ready_at is not None  # noqa: S101 – asked of a file that is ready
    user, since = export.by, export.ready_at
    before = Case.objects.filter(registered_at__lte=since)
    barred = Bar.objects.live().filter(Q(staff=user) | Q(organisation=export.by_unit), at__gte=since)
    sealed = Event.objects.filter(step=Step.SEAL, at__gte=since)
    return (
        before.in_area_of(user).filter(pk__in=barred.values("case")).exists()
        or before.closed_to(user).filter(pk__in=sealed.values("case")).exists()
    )


def wipe_expired(at: datetime) -> int:
    """Take the bytes away; the row says for ever what was asked for and fetched."""
    expired = LedgerExport.objects.filter(status=ExportStatus.READY, expires_at__lte=at)
    return expired.update(file=None, status=ExportStatus.WIPED, wiped_at=at)
