"""The holiday notice of a year, and single days."""

from datetime import date
from typing import Any

from django import forms

from stations.choices import DayKind
from stations.notices import YearNotice, read_notice

PLAIN = "PLAIN"


class NoticeForm(forms.Form):
    notice_no = forms.CharField(
        label="通知文号", max_length=50, required=False, help_text="如 国办发明电〔2025〕7号"
    )
    announced_on = forms.DateField(
        label="发布日期", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    text = forms.CharField(
        label="通知正文",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text="把国务院办公厅通知里从“一、元旦：……”到“七、国庆节：……”的文字粘贴进来。",
    )

    def __init__(self, *args: Any, year: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year, self.today = year, today

    def clean_announced_on(self) -> date | None:
        announced_on: date | None = self.cleaned_data["announced_on"]
        if announced_on and announced_on > self.today:
            raise forms.ValidationError("发布日期不能晚于今天。")
        return announced_on

    def clean_text(self) -> YearNotice:
        notice = read_notice(self.cleaned_data["text"], self.year)
        if notice.errors:
            raise forms.ValidationError(notice.errors)
        return notice


class DayForm(forms.Form):
    day = forms.DateField(label="日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    kind = forms.ChoiceField(
        label="改为", choices=[*DayKind.choices, (PLAIN, "按平常的星期")], widget=forms.RadioSelect
    )
    name = forms.CharField(label="名目", max_length=30, required=False, help_text="如 春节、临时放假")

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day.year != self.year:
            raise forms.ValidationError(f"这里只能改 {self.year} 年的日子。")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, kind = cleaned.get("day"), cleaned.get("kind")
        if kind == DayKind.WORK and day and day.weekday() < 5:
            self.add_error("kind", "这天不是周末，要恢复上班请选“按平常的星期”。")
        if kind and kind != PLAIN and not cleaned.get("name"):
            self.add_error("name", "请写明是什么节日或原因。")
        return cleaned
