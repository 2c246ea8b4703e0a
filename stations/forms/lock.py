"""Unlocking, and the minutes of every role."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from stations.actions.locks import RoleLock
from stations.models import Staff
from stations.roles import Role

SHORTEST, LONGEST = 1, 240


class UnlockForm(forms.Form):
    """Her password. A wrong one counts as a failed login."""

    password = forms.CharField(
        label="密码",
        strip=False,
        error_messages={"required": "请输入密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, request: HttpRequest, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.staff = request, staff

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if authenticate(self.request, username=self.staff.username, password=password) != self.staff:
            raise forms.ValidationError("密码不对。")
        return password


class IdleLocksForm(forms.Form):
    """One number a role."""

    def __init__(self, *args: Any, locks: list[RoleLock], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for lock in locks:
            self.fields[lock.role.value] = forms.IntegerField(
                label=lock.role.label,
                min_value=SHORTEST,
                max_value=LONGEST,
                initial=lock.minutes,
                help_text=_said(lock),
                error_messages={
                    "required": f"请填写{lock.role.label}的分钟数。",
                    "invalid": f"{lock.role.label}请填整数。",
                    "min_value": f"{lock.role.label}最少{SHORTEST}分钟。",
                    "max_value": f"{lock.role.label}最多{LONGEST}分钟。",
                },
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def minutes(self) -> dict[Role, int]:
        return {Role(name): value for name, value in self.cleaned_data.items()}


def _said(lock: RoleLock) -> str:
    if lock.row is None:
        return "默认"
    day = lock.row.at
    return f"{day.year}年{day.month}月{day.day}日由{lock.row.by.name if lock.row.by else '系统'}修改"
