"""The forms of a stay in a shelter. Where it is, is asked once and shown on no form again."""

from typing import Any

from cases.choices import MonitorOutcome, VisitFinding
from cases.forms.fields import DateField, IntegerField, PastDateTimeField, TextField
from cases.forms.monitors.base import EndForm, MonitorForm, OpeningForm, VisitForm


class StayOpeningForm(OpeningForm):
    entered_at = PastDateTimeField(label="入住时间")
    children = IntegerField(label="随同子女人数", min_value=0, max_value=20, initial=0)
    place = TextField(
        label="庇护地点",
        max_length=200,
        help_text="加密保存，不打印、不转给任何部门；只有承办人员逐次“查看”才显示。",
    )
    contact = TextField(label="庇护机构联系人", max_length=100, required=False)
    proof = TextField(
        label="凭什么证明入住",
        max_length=200,
        required=False,
        help_text="告诫书、出警记录等有一样即可；没有书面证明也可以先入住。",
    )

    css = {"place": "wq-full", "proof": "wq-full"}


class StayVisitForm(VisitForm):
    findings = (VisitFinding.CLEAN, VisitFinding.UNSURE, VisitFinding.UNREACHABLE)


class ProlongForm(MonitorForm):
    until = DateField(label="延长到")
    filed_on = DateField(label="报民政备案日期", past=True)
    content = TextField(label="延长的原因", rows=2, max_length=1000)

    css = {"content": "wq-full"}


class LeaveForm(EndForm):
    left_at = PastDateTimeField(label="离开时间", required=False)
    destination = TextField(label="去向", max_length=200, required=False)
    escort = TextField(label="护送人", max_length=100, required=False)

    field_order: Any = ("outcome", "left_at", "destination", "escort", "conclusion")
    when = dict.fromkeys(("left_at", "destination", "escort"), f"outcome={MonitorOutcome.LEFT}")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        leaving = ("left_at", "离开时间"), ("destination", "去向"), ("escort", "护送人")
        if cleaned.get("outcome") != MonitorOutcome.LEFT:
            return cleaned | {"left_at": None, "destination": "", "escort": ""}
        for name, label in leaving:
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"请填写{label}。")
        return cleaned
