"""One page each: a station's facts, a volunteer, what she did, an activity, an honour."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from stations.choices import (
    ActivityForm,
    ActivityTheme,
    HousedIn,
    OffenceResult,
    Profession,
    Room,
    StationGrade,
    VolunteerWork,
    WallRule,
)
from stations.models import ChecklistItem, Organisation, Staff, Volunteer

EMPTY = ("", "请选择")
OLDEST = date(1949, 10, 1)
PHONE = re.compile(r"\+?[\d\-（）() ]{5,20}")
HONOURS = [(value, label) for value, label in StationGrade.choices if value in StationGrade.honours]


def _text(label: str, length: int, *, rows: int = 0, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    widget.attrs["autocomplete"] = "off"
    errors = {"required": f"请填写{label}。", "max_length": f"{label}最多{length}字，请删减。"}
    return forms.CharField(label=label, max_length=length, widget=widget, error_messages=errors, **kwargs)


def _choice(label: str, choices: list[tuple[str, str]], **kwargs: Any) -> forms.ChoiceField:
    errors = {"required": f"请选择{label}。", "invalid_choice": f"{label}的选项不在清单中，请重新选择。"}
    return forms.ChoiceField(label=label, choices=[EMPTY, *choices], error_messages=errors, **kwargs)


def _ticks(label: str, choices: Iterable[tuple[str, str]] = (), **kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": f"{label}的选项不在清单中，请重新选择。"},
        **kwargs,
    )


def _number(label: str, most: int, **kwargs: Any) -> forms.IntegerField:
    errors = {
        "required": f"请填写{label}，没有的填0。",
        "invalid": f"{label}请填写整数。",
        "min_value": f"{label}不能少于%(limit_value)s。",
        "max_value": f"{label}不能多于%(limit_value)s，请检查。",
    }
    kwargs.setdefault("min_value", 0)
    return forms.IntegerField(label=label, max_value=most, error_messages=errors, **kwargs)


class DayField(forms.DateField):
    """A day; `past` for what has happened."""

    def __init__(self, label: str, *, past: bool = False, **kwargs: Any) -> None:
        self.past = past
        super().__init__(
            label=label,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"],
            error_messages={
                "required": f"请填写{label}。",
                "invalid": f"{label}请按 2026-11-21 的样子填写。",
            },
            **kwargs,
        )


class DatedForm(forms.Form):
    """A form that knows what day it is."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, field in self.fields.items():
            day = data.get(name)
            if not isinstance(field, DayField) or not isinstance(day, date):
                continue
            if day < OLDEST or day.year > self.today.year + 20:
                self.add_error(name, f"{field.label}的年份不对，请检查。")
            elif field.past and day > self.today:
                self.add_error(name, f"{field.label}不能晚于今天。")
        return data


class FactsForm(DatedForm):
    """What stands at the door and what is behind it."""

    last = forms.CharField(required=False, widget=forms.HiddenInput)
    address = _text("地址", 120)
    housed_in = _choice("依托", HousedIn.choices)
    opened_on = DayField("挂牌日期", past=True, required=False)
    phone = _text("电话", 30)
    hours = _text("接待时间", 100, help_text="如 工作日上午8:30—11:30，下午2:30—5:30")
    head = _text("站长", 50)
    deputies = _text("副站长", 100, required=False, help_text="几个人用顿号隔开。")
    members = _text("成员", 300, required=False, help_text="几个人用顿号隔开。")
    area = _number("面积（平方米）", 100_000)
    rooms = _ticks("功能室", Room.choices)
    wall_rules = _ticks("上墙制度", WallRule.choices)
    funds = _number("年度经费（元）", 100_000_000)
    has = _ticks("六有", help_text="做到的打勾。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = ChecklistItem.objects.filter(enabled=True).order_by("sort", "code")
        self.fields["has"].choices = items.values_list("code", "name")  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "last"}


class VolunteerForm(DatedForm):
    """Who helps. Without a clear check of the past year she is not asked into a matter with minors."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = _text("姓名", 50)
    phone = _text("电话", 30)
    profession = _choice("专业", Profession.choices)
    certificate_number = _text("执业证或资格证号", 60, required=False)
    unit = _text("工作单位", 80, required=False)
    joined_on = DayField("加入日期", past=True)
    checked_on = DayField(
        "无犯罪记录查询日期", past=True, required=False, help_text="每年查一次（未成年人保护法第62条）。"
    )
    result = _choice("查询结果", OffenceResult.choices, required=False)
    staff = forms.ModelChoiceField(
        label="系统账号",
        queryset=Staff.objects.none(),
        required=False,
        empty_label="没有账号",
        help_text="有账号的，查询过期后涉未成年人的案件不能请她协办。",
        error_messages={"invalid_choice": "这个账号不在本站，请重新选择。"},
    )
    left_on = DayField("退出日期", past=True, required=False)
    shared_with = forms.ModelMultipleChoiceField(
        label="同时服务的站",
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "这个站不在您的范围内，请重新选择。"},
    )

    def __init__(
        self, *args: Any, accounts: Any, others: Any, volunteer: Volunteer | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.volunteer = volunteer
        self.fields["staff"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["shared_with"].queryset = others  # type: ignore[attr-defined]
        self.fields["staff"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        if not others.exists():
            del self.fields["shared_with"]

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if bool(data.get("checked_on")) != bool(data.get("result")):
            self.add_error("result", "查询日期和结果要么都填，要么都不填。")
        if data.get("left_on") and data.get("joined_on") and data["left_on"] < data["joined_on"]:
            self.add_error("left_on", "退出日期不能早于加入日期。")
        return data

    def told(self) -> dict[str, Any]:
        told = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        told["shared_with"] = list(told.get("shared_with") or ())
        if "shared_with" in self.fields:
            told["offered"] = list(self.fields["shared_with"].queryset)  # type: ignore[attr-defined]
        return told | {"seen": self.cleaned_data["version"]}


class ServiceForm(DatedForm):
    on = DayField("服务日期", past=True)
    kind = _choice("服务类型", VolunteerWork.choices)
    persons = _number("服务人次", 10_000, min_value=1)
    hours = forms.DecimalField(
        label="时长（小时）",
        min_value=Decimal("0.5"),
        max_value=24,
        max_digits=4,
        decimal_places=1,
        error_messages={
            "required": "请填写时长。",
            "invalid": "时长请填写数字，如 1.5。",
            "min_value": "时长不能少于半小时。",
            "max_value": "时长不能多于24小时。",
            "max_decimal_places": "时长最多一位小数，如 1.5。",
        },
    )


class ActivityRecordForm(DatedForm):
    on = DayField("日期", past=True)
    theme = _choice("主题", ActivityTheme.choices)
    form = _choice("形式", ActivityForm.choices)
    place = _text("地点", 80)
    participants = _number("参与人次", 1_000_000, min_value=1)
    papers = _number("发放资料（份）", 1_000_000, initial=0)
    note = _text("备注", 500, rows=2, required=False)


class HonourForm(DatedForm):
    kind = _choice("命名", HONOURS)
    document_number = _text("命名文号", 60, help_text="如 平妇〔2026〕12号")
    valid_from = DayField("命名日期", past=True)
    valid_to = DayField("有效期至", required=False, help_text="长期有效的不填。")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("valid_to") and data.get("valid_from") and data["valid_to"] < data["valid_from"]:
            self.add_error("valid_to", "有效期不能早于命名日期。")
        return data


class WithdrawForm(DatedForm):
    on = DayField("撤销日期", past=True)
    why = _text("撤销理由", 300, rows=2)


def _phone(text: str) -> str:
    number = unicodedata.normalize("NFKC", text).replace("—", "-").strip()
    if not PHONE.fullmatch(number):
        raise forms.ValidationError("电话号码不对，请核对。")
    return number
