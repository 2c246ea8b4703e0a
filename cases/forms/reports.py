"""Which report, of which place, for which time."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from cases.choices import Span
from cases.deadlines import add_months
from cases.forms.fields import ChoiceField, DateField, IntegerField, TextField

EARLIEST = 2000
# A report is written after its month is over; so many days into the next one the last is still wanted.
STILL_WANTED = timedelta(days=10)
Choices = Sequence[tuple[str, str]]


class ReportForm(forms.Form):
    report = ChoiceField(label="报表")
    place = ChoiceField(label="单位")
    span = ChoiceField(label="期间")
    year = IntegerField(label="年份", min_value=EARLIEST, max_value=2999, required=False)
    month = forms.TypedChoiceField(
        label="月份", choices=[(n, f"{n}月") for n in range(1, 13)], coerce=int, required=False
    )
    quarter = forms.TypedChoiceField(
        label="季度",
        choices=[(n, f"第{word}季度") for n, word in enumerate("一二三四", 1)],
        coerce=int,
        required=False,
    )
    half = forms.TypedChoiceField(
        label="半年", choices=[(1, "上半年"), (2, "下半年")], coerce=int, required=False
    )
    first = DateField(label="从", required=False)
    last = DateField(label="到", required=False)
    outside = forms.BooleanField(label="对外公布或送其他部门（隐去县级以下小于5的数）", required=False)

    def __init__(
        self, told: Mapping[str, Any], *, reports: Choices, places: Choices, today: date, free: bool = True
    ) -> None:
        asked = {**beginning(today), "report": reports[0][0], "place": places[0][0]}
        super().__init__(asked | {name: value for name, value in told.items() if value})
        # Two spans a day apart tell what happened on that day.
        spans = [(span, label) for span, label in Span.choices if free or span != Span.FREE]
        for name, choices in (("report", reports), ("place", places), ("span", spans)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 – declared above
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        span = Span(told.get("span") or Span.MONTH)
        if span is not Span.FREE and not told.get("year") and "year" not in self.errors:
            self.add_error("year", "请填年份。")
        if span is Span.FREE and not self.errors:
            if not told.get("first") or not told.get("last"):
                self.add_error("first", "请填起止日期。")
            elif told["last"] < told["first"] or told["first"].year < EARLIEST:
                self.add_error("last", "结束日期不能早于开始日期。")
        return told

    @property
    def number(self) -> int:
        """Which month, quarter or half of the year was chosen."""
        span = self.cleaned_data["span"]
        return 1 if span == Span.YEAR else int(self.cleaned_data[span])


class OwnWordsForm(forms.Form):
    """What no figure says, for the paper alone."""

    def __init__(self, told: Mapping[str, Any] | None, *, parts: Choices) -> None:
        super().__init__(told)
        for name, label in parts:
            self.fields[name] = TextField(label=label, rows=4, max_length=2000, required=False)


def beginning(today: date) -> dict[str, Any]:
    """What a reader finds chosen when she comes: the month that was last wanted."""
    day = today - STILL_WANTED
    month = day.replace(day=1)
    return {
        "span": Span.MONTH.value,
        "year": day.year,
        "month": day.month,
        "quarter": (day.month - 1) // 3 + 1,
        "half": 1 if day.month <= 6 else 2,
        "first": month.isoformat(),
        "last": (add_months(month, 1) - timedelta(days=1)).isoformat(),
    }
