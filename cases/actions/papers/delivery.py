"""How a document reached whom it was for, and declaring one void."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from cases.actions import handling
from cases.choices import DeliveryWay, PaperStep, Receipt
from cases.models import DocumentDelivery, DocumentVoid, IssuedDocument
from cases.workflow import StepNotAllowed
from stations.models import Staff

VOID = "这份文书已经作废。"


@transaction.atomic
def deliver_document(
    document: IssuedDocument,
    *,
    way: DeliveryWay,
    receipt: Receipt,
    delivered_on: date,
    receiver: str,
    remark: str,
    by: Staff,
    at: datetime,
) -> DocumentDelivery:
    """Write down one attempt. The first that reached the petitioner with a notice is the delivery of that notice, and
    meets its clock; printing does not.

    Source: 信访工作条例 (2022) 第23条. Raises StepNotAllowed.
    """
    IssuedDocument.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=document.pk)
    if DocumentVoid.objects.filter(document=document).exists():
        raise StepNotAllowed(VOID)
    notice = document.notice
    arrived = receipt in Receipt.delivered
    if notice is not None and arrived and notice.way == DeliveryWay.NOT_YET:
        told = handling.record_delivery(
            notice,
            way=way,
            delivered_on=delivered_on,
            remark=remark,
            receipt=receipt,
            receiver=receiver,
            by=by,
            at=at,
        )
        return next(row for row in told if row.document_id == document.pk)
    if document.case:
        facts = {"document": str(document.pk), "way": way, "receipt": receipt, "on": delivered_on.isoformat()}
        document.case.record(PaperStep.DELIVER, by=by, at=at, facts=facts)
    return DocumentDelivery.objects.create(
        document=document,
        way=way,
        receipt=receipt,
        delivered_on=delivered_on,
        receiver=receiver,
        remark=remark,
        by=by,
        at=at,
    )


@transaction.atomic
def void_document(document: IssuedDocument, *, reason: str, by: Staff, at: datetime) -> DocumentVoid:
    """Declare it void; the number stays in the register, struck through.

    Raises StepNotAllowed when it is void already.
    """
    if document.case:
        facts = {"document": str(document.pk), "number": document.number or ""}
        document.case.record(PaperStep.VOID, by=by, at=at, note=reason, facts=facts)
    try:
        with transaction.atomic():
            return DocumentVoid.objects.create(document=document, reason=reason, by=by, at=at)
    except IntegrityError:
        raise StepNotAllowed(VOID) from None
