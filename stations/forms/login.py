"""The forms of logging in, with our words. What they check is allauth's."""

import unicodedata
from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.contrib.auth import authenticate, password_validation
from django.http import HttpRequest

from stations.models import Staff

CODE_HELP = "打开手机上的验证器应用，填它正显示的 6 位数字。"


def _name(form: forms.Form, field: str, label: str, help_text: str = "") -> None:
    form.fields[field].label = label
    form.fields[field].help_text = help_text
    form.fields[field].widget.attrs.pop("placeholder", None)


class LoginForm(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, "login", "用户名")
        _name(self, "password", "密码")
        self.fields["login"].widget.attrs |= {
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        }

    def clean_login(self) -> str:
        # A Chinese input method readily types ｗａｎｇ; usernames are lower case.
        login: str = super().clean_login()
        return unicodedata.normalize("NFKC", login).lower()


class ReauthenticateForm(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, "password", "密码")


class _CodeMixin:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, "code", "验证码", self.code_help)  # type: ignore[arg-type]
        self.fields["code"].max_length = 20  # type: ignore[attr-defined]
        self.fields["code"].widget.attrs |= {"autofocus": True, "inputmode": "numeric"}  # type: ignore[attr-defined]

    code_help = CODE_HELP + "手机不在身边时，填一个没用过的备用码。"


class MFAAuthenticateForm(_CodeMixin, mfa.AuthenticateForm):
    pass


class MFAReauthenticateForm(_CodeMixin, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(_CodeMixin, totp.ActivateTOTPForm):
    code_help = CODE_HELP


class ChangePasswordForm(forms.Form):
    """The old password, and the new one twice. A wrong old one counts as a failed login."""

    old = forms.CharField(
        label="现在的密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 个字符，不要全是数字，不要和用户名、姓名相近。",
    )
    again = forms.CharField(
        label="再输一遍新密码",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.staff = request, staff

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if authenticate(self.request, username=self.staff.username, password=old) != self.staff:
            raise forms.ValidationError("现在的密码不对。")
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        password_validation.validate_password(new, self.staff)
        if new == self.cleaned_data.get("old"):
            raise forms.ValidationError("新密码不能和现在的一样。")
        return new

    def clean(self) -> None:
        super().clean()
        new, again = self.cleaned_data.get("new"), self.cleaned_data.get("again")
        if new and again and new != again:
            self.add_error("again", "两遍新密码不一样，请重新输入。")
