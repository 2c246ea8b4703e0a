"""The danger scale on screen: on the intake page, and again as a step of the case."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from cases.choices import NoScaleReason, ScaleAnswer, ViolenceType
from cases.forms.fields import ChoiceField, MultipleChoiceField, TextField
from cases.forms.persons import PartForm
from cases.forms.step import EMPTY, StepForm
from cases.models import CodeSet, DangerAssessment
from cases.models.code import code_items
from cases.models.danger import FRESH
from cases.workflow.danger import (
    ITEMS,
    NO_MEDIATION,
    SPECIAL,
    SPECIAL_PROTECTION,
    Reading,
    protected_by,
    read_scale,
    why_not_while,
)

NOT_ASKED_YET = "涉家暴的要先问危险评估：逐项选“有”“没有”或“没问到”；现在问不了的，在后面选原因。"
ITEM_MISSING = "这一项还没有选：有、没有，还是没问到。"


def questions() -> dict[str, str]:
    """Every question of the scale in the words and the order of the list."""
    return {item.code: item.name for item in code_items(CodeSet.DANGER_ITEM) if item.code in ITEMS}


class ScaleFields(forms.Form):
    """The questions, each with three answers; or why they could not be asked."""

    violence = MultipleChoiceField(
        label="受到哪些暴力（可多选）", required=False, choices=ViolenceType.choices
    )
    protected = MultipleChoiceField(
        label="受害人是不是（可多选）", required=False, choices=list(SPECIAL_PROTECTION.items())
    )
    not_asked = ChoiceField(
        label="现在问不了，原因是", required=False, choices=[EMPTY, *NoScaleReason.choices]
    )
    words = TextField(label="情况说明", rows=2, max_length=1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, question in questions().items():
            self.fields[code] = ChoiceField(
                label=question,
                required=False,
                choices=ScaleAnswer.choices,
                widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
            )

    @property
    def asked(self) -> list[str]:
        return [code for code in self.fields if code in ITEMS]

    @property
    def scored(self) -> list[BoundField]:
        return [self[code] for code in self.asked if code not in SPECIAL]

    @property
    def special(self) -> list[BoundField]:
        return [self[code] for code in self.asked if code in SPECIAL]

    @property
    def answers(self) -> dict[str, str]:
        """What was answered; ask after is_valid()."""
        given = {code: self.cleaned_data.get(code) for code in self.asked}
        return {code: answer for code, answer in given.items() if answer}

    @property
    def says_yes(self) -> bool:
        return ScaleAnswer.YES in self.answers.values()

    def reading(self, known: tuple[str, ...] = ()) -> Reading | None:
        """What the answers so far come to; `known` are grounds of protection told elsewhere."""
        if not self.answers:
            return None
        return read_scale(self.answers, protected_by({*self.cleaned_data.get("protected", ()), *known}))

    def check_complete(self) -> None:
        """Every question answered, or the reason why they were not asked."""
        known = set(self.answers.values()) - {ScaleAnswer.UNKNOWN}
        if self.cleaned_data.get("not_asked"):
            if known:
                self.add_error("not_asked", "已经问到的就算评估了：没问到的题选“没问到”，这里不选原因。")
            elif not self.cleaned_data.get("words") and "words" not in self.errors:
                self.add_error("words", "请写明为什么现在问不了、打算什么时候补问。")
        elif not self.answers:
            self.add_error(self.asked[0], NOT_ASKED_YET)
        else:
            missing = [code for code in self.asked if code not in self.answers and code not in self.errors]
            for code in missing:
                self.add_error(code, ITEM_MISSING)
            if not (missing or known or self.errors):
                self.add_error("not_asked", "一项都没有问到，请选原因。")

    def danger(self) -> dict[str, Any]:
        """The arguments of one scoring."""
        told = self.cleaned_data
        not_asked = told.get("not_asked", "")
        return {
            "answers": {} if not_asked else self.answers,
            "violence": tuple(told.get("violence", ())),
            "protected": tuple(told.get("protected", ())),
            "not_asked": not_asked,
            "words": told.get("words", ""),
        }


class ScaleForm(ScaleFields, PartForm):
    """The block of the intake page."""


def leave_out(field: Any, danger: str) -> None:
    """Do not offer what this danger forbids, and say why: whoever looks for it must not think it was forgotten."""
    kept = [choice for choice in field.choices if not why_not_while(danger, str(choice[0]))]
    if len(kept) < len(list(field.choices)):
        field.choices = kept
        field.help_text = NO_MEDIATION


class ClosingScaleMixin(StepForm):
    """Before a case of violence closes, the danger is asked again, or the reason why it cannot be is written down."""

    not_asked = ChoiceField(
        label="没有重新评估危险的原因",
        choices=[EMPTY, *NoScaleReason.choices],
        help_text=f"{FRESH.days}天内没有评估过。能问到的，先办“危险评估”再来结案。",
    )
    not_asked_words = TextField(label="为什么不能评估", rows=2, max_length=1000)

    def prepare(self) -> None:
        super().prepare()
        concerns = self.case.involves_dv or bool(self.case.danger)
        fresh = DangerAssessment.objects.fresh(self.case, timezone.localtime()).exists()
        if fresh or not concerns:
            del self.fields["not_asked"], self.fields["not_asked_words"]

    def values(self) -> dict[str, Any]:
        told = super().values()
        if "not_asked" in told:
            told["danger_not_asked"] = {
                "not_asked": told.pop("not_asked"),
                "words": told.pop("not_asked_words"),
            }
        return told


class AssessForm(ScaleFields, StepForm):
    button = "保存评估"
    explain = "按她现在的情况重新问一遍。原来的评估保留。"
    template = "safety/assess.html"

    def prepare(self) -> None:
        self.latest = DangerAssessment.objects.filter(case=self.case).newest()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.check_complete()
        return data

    def values(self) -> dict[str, Any]:
        return self.danger()
