"""Fields shared by all forms: what people type is normalised first and judged afterwards."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

LONG_TEXT = 8000
SHORT_TEXT = 200
# Entry by people a little ahead of the server's clock.
CLOCK_SKEW = timedelta(minutes=5)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def clean_text(text: str) -> str:
    """Drop control and invisible characters, keep line breaks; the words stay as typed."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def half_width(text: str) -> str:
    """Full-width digits and letters as ASCII, blanks and dashes of all kinds dropped: for numbers only."""
    return re.sub(r"[\s\-‐‑–—－]", "", unicodedata.normalize("NFKC", text))


class TextField(forms.CharField):
    """Text that is stored as typed but for control characters."""

    def __init__(self, *, label: str, rows: int = 0, max_length: int | None = None, **kwargs: Any) -> None:
        limit = max_length or (LONG_TEXT if rows else SHORT_TEXT)
        if rows:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        kwargs.setdefault(
            "error_messages",
            {
                "required": f"请填写{label}。",
                "max_length": f"{label}最多{limit}字，现在有%(show_value)d字，请删减。",
                "null_characters_not_allowed": f"{label}里有无法保存的字符，请重新输入。",
            },
        )
        super().__init__(label=label, max_length=limit, **kwargs)

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # On a shared computer the browser would offer the next person what was typed here.
        return {**super().widget_attrs(widget), "autocomplete": "off"}


def unanswered(label: str) -> str:
    """A question is answered, anything else is chosen."""
    words = label.partition("（")[0]
    if "有没有" in words or words.startswith("为什么") or words.endswith("吗"):
        return f"请回答：{words}？"
    return f"请选择{words}。"


class ChoiceField(forms.ChoiceField):
    """One of a list; the errors name the field."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        kwargs.setdefault(
            "error_messages",
            {"required": unanswered(label), "invalid_choice": f"{label}的选项不在清单中，请重新选择。"},
        )
        super().__init__(label=label, **kwargs)


class MultipleChoiceField(forms.MultipleChoiceField):
    def __init__(self, *, label: str, **kwargs: Any) -> None:
        kwargs.setdefault(
            "error_messages",
            {
                "required": unanswered(label),
                "invalid_choice": f"{label}的选项不在清单中，请重新选择。",
                "invalid_list": f"{label}的选项不在清单中，请重新选择。",
            },
        )
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(label=label, **kwargs)


class DateField(forms.DateField):
    """A day, by picker or typed as 2026-11-21, 2026年11月21日 or 20261121."""

    def __init__(self, *, label: str, past: bool = False, **kwargs: Any) -> None:
        self.past = past
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"])
        kwargs.setdefault(
            "error_messages",
            {"required": f"请填写{label}。", "invalid": f"{label}请按 2026-11-21 的样子填写。"},
        )
        super().__init__(label=label, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value.year < 1900:
            raise ValidationError(f"{self.label}的年份不对，请检查。")
        if value and self.past and value > timezone.localdate():
            raise ValidationError(f"{self.label}不能晚于今天。")


class PastDateTimeField(forms.DateTimeField):
    """A moment that has happened; read as China time."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        kwargs.setdefault(
            "input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]
        )
        kwargs.setdefault(
            "error_messages",
            {"required": f"请填写{label}。", "invalid": f"{label}请按 2026-11-21 09:30 的样子填写。"},
        )
        super().__init__(label=label, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        return super().to_python(
            unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value.year < 1990:
            raise ValidationError(f"{self.label}的年份不对，请检查。")
        if value and value > timezone.now() + CLOCK_SKEW:
            raise ValidationError(f"{self.label}不能晚于现在。")


class IntegerField(forms.IntegerField):
    def __init__(self, *, label: str, **kwargs: Any) -> None:
        kwargs.setdefault(
            "error_messages",
            {
                "required": f"请填写{label}。",
                "invalid": f"{label}请填写整数。",
                "min_value": f"{label}不能少于%(limit_value)s。",
                "max_value": f"{label}不能超过%(limit_value)s。",
            },
        )
        super().__init__(label=label, **kwargs)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(half_width(value) if isinstance(value, str) else value)
