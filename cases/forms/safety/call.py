"""The calling card: which number, why from outside the line, and how the call went."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import CallOutcome
from cases.forms.fields import ChoiceField, TextField
from cases.forms.search import ReasonForm
from cases.forms.step import EMPTY
from cases.models import Phone

GONE = "这个号码现在不能拨打，请看最新的联系方式。"


class DialForm(ReasonForm):
    """One of the numbers on the card, pressed after its rules were read."""

    phone = forms.UUIDField(error_messages={"required": GONE, "invalid": GONE})

    def __init__(self, *args: Any, numbers: list[Phone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = {phone.pk: phone for phone in numbers}

    def clean_phone(self) -> Phone:
        phone = self.numbers.get(self.cleaned_data["phone"])
        if phone is None:
            raise ValidationError(GONE)
        return phone


class CallResultForm(forms.Form):
    """通话结果. Whether she could speak safely is asked of every call in which she spoke, and has no answer of its own."""

    outcome = ChoiceField(label="通话结果", choices=[EMPTY, *CallOutcome.choices])
    spoke_safely = ChoiceField(
        label="她能安全说话吗",
        required=False,
        choices=[("yes", "能"), ("no", "不能")],
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
        help_text="她说不方便、说话吞吐、旁边有人，都算不能。",
    )
    words = TextField(
        label="说明",
        rows=2,
        max_length=500,
        required=False,
        help_text="只写打电话的情况；谈到的案情写在办理或者回访记录里。",
    )

    def clean_outcome(self) -> CallOutcome:
        return CallOutcome(self.cleaned_data["outcome"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        answer = {"yes": True, "no": False}.get(data.get("spoke_safely") or "")
        if data.get("outcome") is CallOutcome.SPOKE and answer is None and "spoke_safely" not in self.errors:
            self.add_error("spoke_safely", "请回答她能不能安全说话。")
        return data | {"spoke_safely": answer}
