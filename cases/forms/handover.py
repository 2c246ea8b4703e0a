"""Handing over all of a person's work, or only saying who stands in for a while."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from cases.forms.fields import TextField
from stations.forms.staff import AbsenceMixin, DateInput, offer_deputies
from stations.models import Staff


class ReceiverField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.organisation.name}，{obj.role_names}）"


class HandoverForm(forms.Form):
    to = ReceiverField(
        label="移交给谁",
        queryset=Staff.objects.none(),
        empty_label="请选择接收人",
        help_text="全部交给一个人。工作分在几个单位的，每个单位各移交一次。",
        error_messages={"required": "请选择接收人。", "invalid_choice": "接收人不在清单中，请重新选择。"},
    )
    reason = TextField(
        label="移交原因", rows=2, max_length=500, help_text="如调离、退休、长期病假。只存档，不写进通知。"
    )

    def __init__(self, *args: Any, receivers: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, ReceiverField)  # noqa: S101 – narrows the type
        field.queryset = receivers


class DeputyForm(AbsenceMixin):
    deputy = forms.ModelChoiceField(
        label="代办人",
        queryset=Staff.objects.none(),
        required=False,
        empty_label="没有",
        help_text="离岗期间，轮到本人的提醒转给代办人，案件仍在本人名下。",
    )
    absent_from = forms.DateField(label="离岗起", required=False, widget=DateInput)
    absent_until = forms.DateField(label="离岗止", required=False, widget=DateInput)

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_deputies(self, staff)
