"""The free paragraphs of a document, the proof of its delivery, why it is void, a template."""

from typing import Any

from django import forms
from django.utils import timezone

from cases.choices import DeliveryWay, Receipt
from cases.documents import Written
from cases.forms.fields import ChoiceField, DateField, TextField
from cases.forms.step import EMPTY
from cases.models import IssuedDocument
from weiquan.sealing import uuid7


class MakeForm(forms.Form):
    """One box for each free part of the layout; `document` is the id the document will have, so that pressing twice
    makes one."""

    document = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, sheet: Written, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})["document"] = uuid7()
        super().__init__(*args, **kwargs)
        for free in sheet.layout.frees():
            self.fields[free.name] = TextField(
                label=free.label,
                rows=free.rows,
                required=free.needed,
                initial=str(sheet.values.get(free.name, "")).strip("　＿"),
            )

    def changed_words(self) -> dict[str, str]:
        return {name: text for name, text in self.cleaned_data.items() if name != "document"}


class DeliverForm(forms.Form):
    """送达回证."""

    way = ChoiceField(
        label="送达方式",
        choices=[
            EMPTY,
            *[(way, label) for way, label in DeliveryWay.choices if way not in ("NOT_YET", "WAIVED")],
        ],
    )
    receipt = ChoiceField(label="结果", choices=[EMPTY, *Receipt.choices])
    delivered_on = DateField(label="日期", past=True)
    receiver = TextField(label="签收人、代收人", required=False)
    remark = TextField(
        label="说明",
        rows=2,
        required=False,
        help_text="拒收的写理由和见证人，没有送到的写原因，代收的写与本人的关系。",
    )

    def __init__(self, *args: Any, document: IssuedDocument, **kwargs: Any) -> None:
        self.document = document
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        receipt, day = data.get("receipt"), data.get("delivered_on")
        if receipt in (Receipt.REFUSED, Receipt.FAILED) and not data.get("remark"):
            self.add_error("remark", "拒收和没有送到的，请写明情况。")
        if receipt in (Receipt.SIGNED, Receipt.BY_OTHER) and not data.get("receiver"):
            self.add_error("receiver", "请写签收的人。")
        if day and day < timezone.localdate(self.document.made_at):
            self.add_error("delivered_on", "送达日期不能早于文书的日期。")
        return data

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return data | {"way": DeliveryWay(data["way"]), "receipt": Receipt(data["receipt"])}


class VoidForm(forms.Form):
    reason = TextField(label="作废原因", rows=2)


class TemplateForm(forms.Form):
    docx = forms.FileField(
        label="Word 文件（.docx）",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={"required": "请选择一个 .docx 文件。", "empty": "文件是空的，请重新选择。"},
    )
