"""Violence again, or a ban broken: what happened, and whether the police know."""

from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from cases.forms.fields import PastDateTimeField, TextField
from cases.forms.monitors.base import MonitorForm, yes_no

TOLD = (("yes", "已经报警"), ("no", "还没有"))


class BreachForm(MonitorForm):
    """Without a report to the police the emergency that opens asks for one within the hour."""

    asks_court: ClassVar[bool] = False

    happened_at = PastDateTimeField(label="发生时间")
    content = TextField(label="发生了什么", rows=4, help_text="只记已知的事实，不反复追问本人。")
    persons = TextField(label="谁告诉的、谁在场", max_length=200, required=False)
    police = yes_no("报警了吗", TOLD, help_text="没有报警的，系统立即建立高危紧急处置，一小时内要登记报警。")
    police_at = PastDateTimeField(label="报警时间", required=False)
    police_unit = TextField(label="出警单位", max_length=80, required=False)
    receipt_number = TextField(label="报警回执号", max_length=60, required=False)
    court_told_at = PastDateTimeField(
        label="告知法院时间", required=False, help_text="还没有告知的，先留空。"
    )

    when = dict.fromkeys(("police_at", "police_unit", "receipt_number"), "police=yes")
    css = {"content": "wq-full", "police": "wq-full"}

    def prepare(self) -> None:
        if not self.asks_court:
            del self.fields["court_told_at"]

    def clean_happened_at(self) -> datetime:
        moment: datetime = self.cleaned_data["happened_at"]
        if moment < self.monitor.started_at:
            raise ValidationError("时间不能早于这项监测的起算时间。")
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("police") == "yes":
            if not cleaned.get("police_at") and "police_at" not in self.errors:
                self.add_error("police_at", "请填写报警时间。")
        else:
            cleaned |= {"police_at": None, "police_unit": "", "receipt_number": ""}
        return cleaned
