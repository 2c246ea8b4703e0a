"""What a person here says of herself and of those close to her, so that she need not handle their matters."""

import re
import unicodedata
from typing import Any

from django import forms

from stations.choices import TieKind
from stations.models import Staff

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
ID_NUMBER = re.compile(r"\d{17}[\dX]")
PHONE = re.compile(r"0?\d{7,12}")


def is_id_number(number: str) -> bool:
    """Whether the last sign agrees with the other seventeen. Source: GB 11643."""
    if not ID_NUMBER.fullmatch(number):
        return False
    return (
        CHECKS[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11]
        == number[-1]
    )


class TieForm(forms.Form):
    """One person. A number tells for certain, a name only raises the question."""

    kind = forms.ChoiceField(
        label="是我的",
        choices=[("", "请选择"), *TieKind.choices],
        error_messages={"required": "请选择关系；申报自己的选“本人”。"},
    )
    name = forms.CharField(label="姓名", max_length=50, error_messages={"required": "请填写姓名。"})
    id_number = forms.CharField(
        label="身份证号",
        max_length=40,
        required=False,
        help_text="填了才能准确识别；只填姓名的，遇到同名会先问。",
    )
    phone = forms.CharField(label="手机号", max_length=40, required=False)

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        for name in ("name", "id_number", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_id_number(self) -> str:
        number = _digits(self.cleaned_data["id_number"])
        if number and not is_id_number(number):
            raise forms.ValidationError("身份证号不对，请核对18位号码。")
        return number

    def clean_phone(self) -> str:
        number = _digits(self.cleaned_data["phone"])
        if number and not PHONE.fullmatch(number):
            raise forms.ValidationError("电话号码不对，请核对。")
        return number

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind == TieKind.SELF and self.staff.ties.filter(kind=TieKind.SELF).exists():
            raise forms.ValidationError("本人已经申报过；要改请先删去原来的。")
        return kind


def _digits(text: str) -> str:
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()
