"""Ledgers as files: what went out, for what and for how long; what came in, from which line of which sheet."""

from datetime import timedelta
from typing import Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from cases.choices import ExportStatus, ImportStatus, RowState
from cases.models.case import Case
from stations.models import Organisation, Staff
from weiquan.sealing import SealedBytesField, SealedJSONField, SealedModel, SealedTextField

LEASE = timedelta(minutes=3)


Job = TypeVar("Job", bound=models.Model)


def claim(rows: "models.QuerySet[Job]") -> Job | None:
    """The oldest job among these that nobody works on, held from now on. Whoever dies at it loses it when the lease
    runs out.

    By the database's clock: two machines need not agree on the time.
    """
    free = rows.filter(Q(leased_until=None) | Q(leased_until__lte=Now())).order_by("at", "pk")
    with transaction.atomic():
        found = free.select_for_update(skip_locked=True, of=("self",), no_key=True).defer("file").first()
        if found is not None:
            type(found)._default_manager.filter(pk=found.pk).update(leased_until=Now() + LEASE)
    return found


class LedgerExport(SealedModel):
    """One ledger asked for as a file: what for, how far it has come, and the file itself until it expires. The row
    stays for ever; the bytes do not."""

    PERSONAL = ("purpose", "file")

    ledger = models.CharField("台账", max_length=20)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    below = models.BooleanField("含下级", default=True)
    since = models.DateField("起")
    until = models.DateField("止")
    opened = models.BooleanField("个人信息不遮盖", default=False)
    purpose = SealedTextField("用途")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    by_unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField("申请时间")
    status = models.CharField(max_length=8, choices=ExportStatus, default=ExportStatus.WAITING)
    leased_until = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField("行数", default=0)
    done = models.PositiveIntegerField("已写", default=0)
    failure = models.CharField("没有生成的原因", max_length=120, blank=True)
    file = SealedBytesField(null=True, blank=True)
    digest = models.BinaryField(max_length=32, null=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField("到期", null=True, blank=True)
    wiped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "台账导出"
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ExportStatus.READY)
                | Q(file__isnull=False, digest__isnull=False, expires_at__isnull=False),
                name="ledger_export_ready_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status=ExportStatus.WIPED) | Q(file__isnull=True, wiped_at__isnull=False),
                name="ledger_export_wiped_is_gone",
            ),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="ledger_export_in_order"),
        ]
        indexes = [
            models.Index(
                fields=["at"], condition=Q(status=ExportStatus.WAITING), name="ledger_export_waiting"
            ),
            models.Index(
                fields=["expires_at"], condition=Q(status=ExportStatus.READY), name="ledger_export_expires"
            ),
            models.Index(fields=["by", "-at"], name="ledger_export_mine"),
        ]

    def __str__(self) -> str:
        return f"ledger export {self.pk}"


class LedgerDownload(models.Model):
    """The file was fetched. Append-only."""

    PERSONAL: tuple[str, ...] = ()

    export = models.ForeignKey(LedgerExport, models.PROTECT, related_name="downloads")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField("下载时间")

    class Meta:
        verbose_name = verbose_name_plural = "台账下载"

    def __str__(self) -> str:
        return f"ledger download {self.pk}"


class LedgerMemory(SealedModel):
    """What a unit once said about its own ledgers: which head means which column, which word which code."""

    PERSONAL = ("titles", "words")

    unit = models.OneToOneField(Organisation, models.PROTECT, related_name="ledger_memory")
    titles = SealedJSONField(default=dict)
    words = SealedJSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "台账对应关系"

    def __str__(self) -> str:
        return f"ledger memory of unit {self.unit_id}"


class ImportQuerySet(models.QuerySet["LedgerImport"]):
    def visible_to(self, user: Staff) -> Self:
        """Uploads of her own unit."""
        return self.filter(unit=user.organisation) if user.organisation_id else self.none()


class LedgerImport(SealedModel):
    """One file of an old ledger on its way into the cases of a unit. `outline` is what the sheets look like, `mapping`
    the column of each field, `words` the code of each unknown word, `tally` the figures of the dry run."""

    PERSONAL = ("file_name", "file", "outline", "mapping", "words", "unknown")

    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间")
    file_name = SealedTextField("文件名")
    file = SealedBytesField("文件")
    digest = models.BinaryField(max_length=32)
    outline = SealedJSONField(default=list)
    sheet = models.PositiveSmallIntegerField("工作表", default=0)
    mapping = SealedJSONField(default=dict)
    words = SealedJSONField(default=dict)
    unknown = SealedJSONField(default=dict)
    anonymous_ok = models.BooleanField("没有姓名的按匿名导入", default=False)
    known_too = models.BooleanField("疑似已登记的也导入", default=False)
    default_year = models.PositiveSmallIntegerField("日期没有写年份时", null=True, blank=True)
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.UPLOADED)
    leased_until = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField("行数", default=0)
    done = models.PositiveIntegerField("已处理", default=0)
    failure = models.CharField("没有办成的原因", max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    imported_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账导入"
        constraints = [
            models.CheckConstraint(
                condition=Q(imported_at=None, imported_by=None)
                | Q(imported_at__isnull=False, imported_by__isnull=False),
                name="ledger_import_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="ledger_import_taken_back_by_whom",
            ),
        ]
        indexes = [
            models.Index(
                fields=["at"], condition=Q(status__in=ImportStatus.at_work), name="ledger_import_at_work"
            ),
            models.Index(fields=["unit", "-at"], name="ledger_import_recent"),
        ]

    def __str__(self) -> str:
        return f"ledger import {self.pk}"


class LedgerImportRow(SealedModel):
    """One line of the sheet: what was read from it, what is wrong with it, and the case it became."""

    PERSONAL = ("values", "faults", "warnings")

    upload = models.ForeignKey(LedgerImport, models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField("行号")
    values = SealedJSONField(default=dict)
    faults = SealedJSONField(default=list)
    warnings = SealedJSONField(default=list)
    warned = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=RowState)
    # Keyed: equal for rows that say the same, whatever file they stand in.
    fingerprint = models.BinaryField(max_length=16)
    case = models.OneToOneField(
        Case, models.PROTECT, related_name="import_row", null=True, blank=True, verbose_name="导入的案件"
    )
    # The length of the case's chain when it was imported: a longer one has been worked on.
    seq = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "台账导入行"
        constraints = [models.UniqueConstraint(fields=["upload", "line"], name="ledger_row_once_per_line")]
        indexes = [
            models.Index(fields=["fingerprint"], name="ledger_row_fingerprint"),
            models.Index(fields=["upload", "state", "line"], name="ledger_row_by_state"),
        ]

    def __str__(self) -> str:
        return f"ledger row {self.pk}"
