"""What every form of a step of the case page shares."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from cases.models import Case
from stations.models import Staff

EMPTY = ("", "请选择")


class StepForm(forms.Form):
    """`seen` is the length of the history the page was drawn from: a page gone stale is told so before anything is done."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    button: ClassVar[str] = ""
    # A code in braces stands for the length of that rule where the case is: {IN-REVIEW} reads 3个工作日.
    explain: ClassVar[str] = ""
    template: ClassVar[str] = "cases/step.html"

    def __init__(self, *args: Any, case: Case, user: Staff, **kwargs: Any) -> None:
        self.case, self.user = case, user
        kwargs.setdefault("initial", {}).setdefault("seen", case.seq)
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the case."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        seen = data.get("seen")
        if seen is not None and seen < self.case.moved_seq:
            raise ValidationError(str(self.case.moved_on()), code="moved")
        return data

    @property
    def is_stale(self) -> bool:
        return self.has_error(NON_FIELD_ERRORS, "moved")

    def values(self) -> dict[str, Any]:
        """The keyword arguments of the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}
