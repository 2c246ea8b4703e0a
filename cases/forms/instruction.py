"""What a leader said about a case, and what came of it."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.choices import InstructionKind
from cases.forms.fields import ChoiceField, DateField, TextField
from cases.forms.step import EMPTY, StepForm


class InstructForm(StepForm):
    button = "登记"
    explain = "登记后案件列为难事，期限提醒加密并同时告知县妇联领导，直到登记批示办结。"
    kind = ChoiceField(label="方式", choices=[EMPTY, *InstructionKind.choices])
    leader = TextField(label="领导姓名、职务", max_length=60)
    text = TextField(label="批示内容或包案要求", rows=4, max_length=2000)
    given_on = DateField(label="批示日期", past=True)
    term_on = DateField(label="要求办结日期", required=False, help_text="批示没有写日期的不填。")

    def clean_term_on(self) -> date | None:
        day: date | None = self.cleaned_data["term_on"]
        if day is not None and day < timezone.localdate():
            raise ValidationError("要求办结的日期不能早于今天。")
        return day


class EndInstructionForm(StepForm):
    button = "登记办结"
    instruction = ChoiceField(label="哪一条")
    result = TextField(label="落实情况", rows=4, max_length=2000, help_text="做了什么，怎样报告领导的。")

    def prepare(self) -> None:
        rows = self.case.instructions.filter(ended_at=None).order_by("given_on", "at")
        self.instructions = {str(row.pk): row for row in rows}
        field = self.fields["instruction"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [
            (key, f"{row.get_kind_display()}，{row.leader}，{row.given_on:%Y-%m-%d}")
            for key, row in self.instructions.items()
        ]

    def values(self) -> dict[str, Any]:
        values = super().values()
        return values | {"instruction": self.instructions[values["instruction"]]}
