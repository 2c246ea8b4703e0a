"""Which ledger, of which unit, from when to when. Codes and days only, so that they may stand in a URL."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.forms.fields import DateField, TextField
from stations.models import Organisation

LONGEST_DAYS = 3 * 366
NO_MORE_THAN = "期间最长三年，请缩短后再看。"
WRONG_ORDER = "止日不能早于起日，请重新选择。"


class LedgerChoice(forms.Form):
    """The chooser above a ledger. What cannot be read counts as not chosen, and the default stands instead."""

    ledger = forms.ChoiceField(label="台账", required=False)
    unit = forms.ModelChoiceField(
        label="单位", queryset=Organisation.objects.none(), required=False, empty_label=None
    )
    below = forms.ChoiceField(
        label="范围", choices=(("1", "本级及以下"), ("0", "只看这个单位")), required=False
    )
    since = DateField(label="起", required=False)
    until = DateField(label="止", required=False)

    def __init__(
        self, *args: Any, ledgers: Iterable[tuple[str, str]], units: Any, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ledger"].choices = list(ledgers)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.today = today

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        since, until = told.get("since"), told.get("until")
        if since and until and until < since:
            raise ValidationError(WRONG_ORDER)
        if since and until and (until - since).days > LONGEST_DAYS:
            raise ValidationError(NO_MORE_THAN)
        return told

    def chosen(self) -> dict[str, Any]:
        """Every answer, the default where there is none: this year up to today."""
        told = self.cleaned_data if self.is_bound and self.is_valid() else {}
        until = told.get("until") or self.today
        return {
            "ledger": told.get("ledger") or self.fields["ledger"].choices[0][0],  # type: ignore[attr-defined]
            "unit": told.get("unit"),
            "below": told.get("below") != "0",
            "since": told.get("since") or date(until.year, 1, 1),
            "until": until,
        }


class ExportForm(forms.Form):
    """What the file is for, and whether names and numbers stand in it in full."""

    purpose = TextField(
        label="用途",
        rows=2,
        max_length=200,
        help_text="写明报给谁、做什么用，如“报县妇联第四季度台账”。会长期留存，案件承办人看得到。",
    )
    opened = forms.BooleanField(
        label="导出完整的姓名、证件号、电话和内容",
        required=False,
        help_text="不勾选时与屏幕上一样遮盖。勾选后，每件案件的“谁看过”里都会留下记录。",
    )
