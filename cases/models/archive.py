"""The archive: one file a matter, what is in it, how long it is kept, and what is left when it is gone."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from cases.choices import ArchiveStage, ClassReason, Proposal, Retention
from cases.models.case import Case
from cases.models.code import Counter
from stations.models import Organisation, Staff
from weiquan.sealing import SealedBytesField, SealedModel, SealedTextField

CLASS_MARK = "WS"  # 文书
OFFICE_MARK = "WQ"  # 维权


class Fonds(models.Model):
    """The fonds number (全宗号) the archive authority gave a unit; units below without one file under it."""

    PERSONAL: tuple[str, ...] = ()

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="fonds")
    number = models.CharField("全宗号", max_length=12)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "全宗号"

    def __str__(self) -> str:
        return self.number


class ArchiveFileQuerySet(models.QuerySet["ArchiveFile"]):
    def visible_to(self, user: Staff) -> Self:
        """Whoever sees the case."""
        return self.filter(case__in=Case.objects.visible_to(user))


class ArchiveFile(SealedModel):
    """The file (案卷) of one matter. A case that is reopened goes on in the same file.

    Source: 档案法 第13、14、36条; 妇联组织受理家庭暴力投诉工作规程 第14条.
    """

    PERSONAL: tuple[str, ...] = ()

    case = models.OneToOneField(Case, models.PROTECT, related_name="archive_file")
    number = models.CharField("档号", max_length=60, unique=True)
    fonds = models.CharField("全宗号", max_length=12)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="立卷单位")
    year = models.PositiveSmallIntegerField("年度")
    retention = models.CharField("保管期限", max_length=10, choices=Retention)
    reason = models.CharField("划分依据", max_length=20, choices=ClassReason)
    keep_until = models.DateField("保管到", null=True, blank=True)
    stage = models.CharField(max_length=10, choices=ArchiveStage, default=ArchiveStage.MAKING)
    filed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="立卷人")
    filed_at = models.DateTimeField("立卷时间")
    made_at = models.DateTimeField("成卷时间", null=True, blank=True)
    done = models.PositiveSmallIntegerField("已成件数", default=0)
    total = models.PositiveSmallIntegerField("应成件数", default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    failed = models.BooleanField("成卷失败", default=False)
    pages = models.PositiveSmallIntegerField("页数", default=0)
    version = models.PositiveIntegerField(default=1)

    objects = ArchiveFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案卷"
        constraints = [
            models.CheckConstraint(
                condition=Q(retention=Retention.PERMANENT, keep_until=None)
                | (~Q(retention=Retention.PERMANENT) & Q(keep_until__isnull=False)),
                name="archive_kept_until",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=(ArchiveStage.FILED, ArchiveStage.DESTROYED))
                | Q(made_at__isnull=False),
                name="archive_filed_is_made",
            ),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"],
                condition=Q(stage=ArchiveStage.MAKING, failed=False),
                name="archive_to_make",
            ),
            models.Index(
                fields=["keep_until", "id"], condition=Q(stage=ArchiveStage.FILED), name="archive_running_out"
            ),
            models.Index(fields=["-filed_at", "-id"], name="archive_recent"),
        ]

    def __str__(self) -> str:
        return self.number

    @staticmethod
    def next_number(fonds: str, year: int, retention: Retention) -> str:
        """e.g. 0123-WS·2026-Y-WQ-0001: without gaps in its fonds, year and class. Source: DA/T 22."""
        prefix = f"{fonds}-{CLASS_MARK}·{year}-{retention.mark}-{OFFICE_MARK}-"
        return f"{prefix}{Counter.take(prefix):04d}"


class ArchiveContent(SealedModel):
    """The volume as one PDF, the folder as one .zip, and the confidential page apart; kept beside the file, for a list
    of files does not carry them. Empty once destroyed."""

    PERSONAL = ("pdf", "package", "annex")

    id = None  # type: ignore[assignment]
    file = models.OneToOneField(ArchiveFile, models.PROTECT, primary_key=True, related_name="content")
    pdf = SealedBytesField("案卷")
    pdf_sha256 = models.CharField(max_length=64)
    pdf_sm3 = models.CharField(max_length=64)
    package = SealedBytesField("案卷文件夹")
    package_sha256 = models.CharField(max_length=64)
    package_sm3 = models.CharField(max_length=64)
    annex = SealedBytesField("保密附页", null=True, blank=True)
    annex_sha256 = models.CharField(max_length=64, blank=True)
    annex_sm3 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "案卷内容"

    def __str__(self) -> str:
        return f"content of {self.pk}"


class ArchivePaper(SealedModel):
    """One line of the list in the file (卷内目录)."""

    PERSONAL = ("author", "title", "remark")

    file = models.ForeignKey(ArchiveFile, models.PROTECT, related_name="papers")
    seq = models.PositiveSmallIntegerField("顺序号")
    author = SealedTextField("责任者")
    doc_number = models.CharField("文号", max_length=60, blank=True)
    title = SealedTextField("题名")
    on = models.DateField("日期")
    first_page = models.PositiveSmallIntegerField("页号")
    pages = models.PositiveSmallIntegerField("页数")
    remark = SealedTextField("备注", blank=True, default="")
    sha256 = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "卷内文件"
        constraints = [models.UniqueConstraint(fields=["file", "seq"], name="archive_paper_once")]

    def __str__(self) -> str:
        return f"{self.file_id} paper {self.seq}"


class Reclass(SealedModel):
    """A change of the class: raising takes one person, or none where the table itself asks for it; lowering is asked
    for with a reason and granted by somebody else. The number before it is not given out again."""

    PERSONAL = ("words", "opinion")

    file = models.ForeignKey(ArchiveFile, models.PROTECT, related_name="reclasses")
    before = models.CharField("原期限", max_length=10, choices=Retention)
    after = models.CharField("新期限", max_length=10, choices=Retention)
    number_before = models.CharField("原档号", max_length=60)
    number_after = models.CharField("新档号", max_length=60, blank=True)
    reason = models.CharField("划分依据", max_length=20, choices=ClassReason, blank=True)
    words = SealedTextField("理由", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    second_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    opinion = SealedTextField("复核意见", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "保管期限调整"
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=Q(granted=None), name="reclass_one_pending"),
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("by")), name="reclass_second_is_another"
            ),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | Q(second_by__isnull=False, second_at__isnull=False, granted__isnull=False),
                name="reclass_second_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"reclass {self.pk}"


class LegalHold(SealedModel):
    """While one is open, nothing of the file may be destroyed."""

    PERSONAL = ("reason", "released_because")

    file = models.ForeignKey(ArchiveFile, models.PROTECT, related_name="holds")
    reason = SealedTextField("为什么暂停销毁")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    released_because = SealedTextField("为什么解除", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "暂停销毁"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None, released_by=None) | Q(until__isnull=False, released_by__isnull=False),
                name="hold_released_by_whom_and_when",
            ),
            models.UniqueConstraint(fields=["file"], condition=Q(until=None), name="hold_one_open"),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class Appraisal(SealedModel):
    """A file whose time has run out, judged by two people. Source: 档案法 第21条; 档案法实施条例 第24条."""

    PERSONAL = ("first_words", "second_words")

    file = models.ForeignKey(ArchiveFile, models.PROTECT, related_name="appraisals")
    proposal = models.CharField("意见", max_length=8, choices=Proposal)
    years = models.PositiveSmallIntegerField("延长年数", default=0)
    first_words = SealedTextField("鉴定意见")
    first_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    agreed = models.BooleanField(null=True)
    second_words = SealedTextField("复核意见", blank=True, default="")
    second_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "档案鉴定"
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed=None, second_by=None, second_at=None)
                | (
                    Q(agreed__isnull=False, second_by__isnull=False, second_at__isnull=False)
                    & ~Q(second_by=F("first_by"))
                ),
                name="appraisal_by_two",
            ),
            models.CheckConstraint(
                condition=Q(proposal=Proposal.EXTEND, years__gte=1) | Q(proposal=Proposal.DESTROY, years=0),
                name="appraisal_extends_by_years",
            ),
            models.UniqueConstraint(fields=["file"], condition=Q(agreed=None), name="appraisal_one_pending"),
        ]

    def __str__(self) -> str:
        return f"appraisal {self.pk}"


class Disposal(models.Model):
    """What was destroyed, when, and on whose two opinions. Kept for ever, like the line of the file."""

    PERSONAL: tuple[str, ...] = ()

    file = models.OneToOneField(ArchiveFile, models.PROTECT, related_name="disposal")
    appraisal = models.OneToOneField(Appraisal, models.PROTECT, related_name="disposal")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="销毁人")
    at = models.DateTimeField("销毁时间")
    # Rows emptied by table: numbers only.
    emptied = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "档案销毁登记"

    def __str__(self) -> str:
        return f"disposal {self.pk}"
