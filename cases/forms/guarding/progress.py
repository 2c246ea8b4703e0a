"""What is typed on the page she opens at home, and why a code is replaced."""

import re
import unicodedata
from typing import Any, ClassVar

from django import forms

from cases.choices import NewCodeReason, Satisfaction
from cases.forms.fields import ChoiceField, TextField, half_width
from cases.forms.step import EMPTY, StepForm

OFF = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
RATES = [
    (rate.value, rate.label)
    for rate in (Satisfaction.SATISFIED, Satisfaction.BASICALLY, Satisfaction.DISSATISFIED)
]


class ProgressForm(forms.Form):
    number = TextField(
        label="编号", max_length=40, widget=forms.TextInput(attrs=OFF), help_text="横线可以不填。"
    )
    code = TextField(
        label="查询码",
        max_length=20,
        # Not a password field: the browser would offer to remember it.
        widget=forms.TextInput(attrs={**OFF, "inputmode": "numeric"}),
        help_text="8 位数字。",
    )

    def clean_number(self) -> str:
        return half_width(self.cleaned_data["number"]).upper()

    def clean_code(self) -> str:
        code: str = re.sub(r"\s", "", unicodedata.normalize("NFKC", self.cleaned_data["code"]))
        return code


class RateForm(forms.Form):
    ticket = forms.CharField(widget=forms.HiddenInput, max_length=500)
    satisfaction = ChoiceField(
        label="对接待您的单位",
        choices=RATES,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一项。", "invalid_choice": "请重新选一项。"},
    )
    partner_satisfaction = ChoiceField(
        label="对承办的其他部门",
        choices=[*RATES, (Satisfaction.NOT_RATED.value, "没有或不清楚")],
        initial=Satisfaction.NOT_RATED,
        required=False,
        widget=forms.RadioSelect,
    )
    words = TextField(
        label="想说的话",
        rows=3,
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def rating(self) -> dict[str, Any]:
        """The keywords of the action."""
        said = self.cleaned_data
        return {
            "satisfaction": Satisfaction(said["satisfaction"]),
            "partner_satisfaction": Satisfaction(said["partner_satisfaction"] or Satisfaction.NOT_RATED),
            "words": said["words"],
        }


class NewCodeForm(StepForm):
    button: ClassVar[str] = "更换查询码"
    explain: ClassVar[str] = "换了以后旧查询码马上失效。新查询码印在登记回执上；不方便带走的，念给她记住。"
    reason = ChoiceField(label="为什么换", choices=[EMPTY, *NewCodeReason.choices])
