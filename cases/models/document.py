"""Official documents exactly as they were made: number, file, digest, how they were delivered, whether they are void."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.choices import DeliveryWay, DocType, Receipt
from cases.models.case import Case
from cases.models.conference import Meeting
from cases.models.handling import PetitionerNotice
from cases.models.monitor import Monitor
from cases.models.referral import Referral
from cases.models.supervision import SupervisionPaper
from stations.models import Organisation, Staff
from weiquan.sealing import SealedBytesField, SealedJSONField, SealedModel, SealedTextField


class DocTemplate(SealedModel):
    """A federation's own .docx for one document, in versions. Its units use the one in use; without any, ours is."""

    PERSONAL = ("docx",)

    owner = models.ForeignKey(
        Organisation, models.PROTECT, related_name="doc_templates", verbose_name="所属妇联"
    )
    doc_type = models.CharField("文书", max_length=20, choices=DocType)
    version = models.PositiveSmallIntegerField("版本")
    docx = SealedBytesField("文件")
    digest = models.CharField("SHA-256", max_length=64)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("上传时间")
    tried_at = models.DateTimeField("试打时间", null=True, blank=True)
    in_use = models.BooleanField("使用中", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "文书模板"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "doc_type", "version"], name="doc_template_version_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "doc_type"], condition=Q(in_use=True), name="doc_template_one_in_use"
            ),
            models.CheckConstraint(
                condition=Q(in_use=False) | Q(tried_at__isnull=False), name="doc_template_tried_before_use"
            ),
        ]

    def __str__(self) -> str:
        return f"template {self.doc_type} {self.version}"


class IssuedDocumentQuerySet(models.QuerySet["IssuedDocument"]):
    def standing(self) -> Self:
        return self.filter(voiding=None)

    def delivered(self) -> Self:
        took = DocumentDelivery.objects.filter(document=OuterRef("pk"), receipt__in=Receipt.delivered)
        return self.filter(Exists(took))

    def for_lists(self) -> Self:
        """Without the files, which are opened one at a time."""
        return self.defer("docx", "pdf", "snapshot")


class IssuedDocument(SealedModel):
    """One document as it went out. Append-only: never rendered again, never numbered again; a wrong one is void and
    its number stays. What goes out stands in the register of its unit, gap-free by year and word; an inner paper has
    no number.

    Source: 信访工作条例 (2022) 第23条; 党政机关公文处理工作条例 第9、24条.
    """

    PERSONAL = ("title", "snapshot", "docx", "pdf")

    case = models.ForeignKey(Case, models.PROTECT, related_name="documents", null=True, blank=True)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="documents", verbose_name="制发单位")
    doc_type = models.CharField("文书", max_length=20, choices=DocType)
    number = models.CharField("文号", max_length=60, unique=True, null=True, blank=True)
    register = models.CharField("登记簿", max_length=60, blank=True)
    serial = models.PositiveIntegerField("序号", null=True, blank=True)
    year = models.PositiveSmallIntegerField("年份")
    title = SealedTextField("标题")
    snapshot = SealedJSONField("所载内容")
    docx = SealedBytesField("Word 文件")
    pdf = SealedBytesField("PDF 文件")
    docx_sha256 = models.CharField(max_length=64)
    docx_sm3 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    pdf_sm3 = models.CharField(max_length=64)
    template = models.ForeignKey(
        DocTemplate,
        models.PROTECT,
        related_name="documents",
        null=True,
        blank=True,
        verbose_name="本单位模板",
    )
    notice = models.ForeignKey(
        PetitionerNotice, models.PROTECT, related_name="documents", null=True, blank=True
    )
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="documents", null=True, blank=True)
    paper = models.ForeignKey(
        SupervisionPaper, models.PROTECT, related_name="documents", null=True, blank=True
    )
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="documents", null=True, blank=True)
    monitor = models.ForeignKey(Monitor, models.PROTECT, related_name="documents", null=True, blank=True)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("制发时间")

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(meeting__isnull=False), name="document_about_something"
            ),
            models.CheckConstraint(
                condition=Q(number=None, register="", serial=None)
                | (Q(number__isnull=False, serial__isnull=False) & ~Q(register="")),
                name="document_numbered_whole",
            ),
            models.UniqueConstraint(fields=["register", "serial"], name="document_once_in_register"),
        ]
        indexes = [
            models.Index(fields=["case", "-made_at"], name="document_case_recent"),
            models.Index(fields=["unit", "year", "-made_at", "-id"], name="document_unit_year"),
        ]

    def __str__(self) -> str:
        return self.number or f"document {self.pk}"

    @property
    def is_void(self) -> bool:
        return hasattr(self, "voiding")


class DocumentVoid(SealedModel):
    """A document declared void: why, by whom, when. Its number is not given out again. Append-only."""

    PERSONAL = ("reason",)

    document = models.OneToOneField(IssuedDocument, models.PROTECT, related_name="voiding")
    reason = SealedTextField("作废原因")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField("作废时间")

    class Meta:
        verbose_name = verbose_name_plural = "作废"

    def __str__(self) -> str:
        return f"void {self.document_id}"


class DocumentDelivery(SealedModel):
    """One attempt to deliver a document (送达回证). Append-only: several attempts are several rows."""

    PERSONAL = ("receiver", "remark")

    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="deliveries")
    way = models.CharField("送达方式", max_length=12, choices=DeliveryWay)
    receipt = models.CharField("结果", max_length=10, choices=Receipt)
    delivered_on = models.DateField("日期")
    receiver = SealedTextField("签收人、代收人", blank=True, default="")
    remark = SealedTextField("拒收理由、见证人、未送到原因", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="送达人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "送达"
        constraints = [
            models.CheckConstraint(condition=~Q(way=DeliveryWay.NOT_YET), name="document_delivery_has_way")
        ]
        indexes = [models.Index(fields=["document", "-at"], name="document_delivery_recent")]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
