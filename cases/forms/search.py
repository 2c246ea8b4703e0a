"""One box, and a reason when a masked field is opened from outside the line."""

from typing import Any

from django import forms

from cases.choices import FieldGroup
from cases.forms.fields import ChoiceField, TextField

REVEALABLE = (
    FieldGroup.IDENTITY,
    FieldGroup.CONTACT,
    FieldGroup.ADDRESS,
    FieldGroup.STORY,
    FieldGroup.HANDLING,
    FieldGroup.QUERY_CODE,
)


class SearchForm(forms.Form):
    q = TextField(label="查找内容", max_length=100)


class ReasonForm(forms.Form):
    """Why somebody outside the owner's line wants to read."""

    reason = TextField(
        label="为什么要看",
        rows=3,
        max_length=500,
        help_text="您不是本案的承办人员，查看会记录在案，承办人看得到。",
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needs_reason
        self.fields["reason"].error_messages["required"] = "请写明查看原因。"


class RevealForm(ReasonForm):
    group = ChoiceField(
        label="要看的内容",
        choices=[(group.value, group.label) for group in REVEALABLE],
        widget=forms.HiddenInput,
    )
