"""Uploading an old ledger, saying what its columns and its words mean."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import Channel
from cases.forms.fields import ChoiceField, IntegerField
from cases.forms.intake import category_choices
from cases.forms.ledgers.columns import BY_CODE, TARGETS, propose
from cases.forms.ledgers.reading import LIMITS, MOST_BYTES, Unreadable, outline
from cases.models import LedgerImport

NOT_IN = ("", "没有这一列")
ALIKE = "“{}”和“{}”选了同一列，请改正其中一个。"
MOST_UNKNOWN = 60  # words of one kind on one page


class UploadForm(forms.Form):
    """The file; what is in it is looked at before it is kept."""

    file = forms.FileField(
        label="台账文件",
        help_text=LIMITS,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls"}),
        error_messages={
            "required": "请选择要导入的 Excel 文件。",
            "empty": "文件是空的，请重新选择。",
            "invalid": "文件没有传上来，请重新选择。",
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(f"文件超过{MOST_BYTES // 1_000_000}兆，请按年份拆成几个文件再导入。")
        self.cleaned_data["data"] = file.read()
        try:
            self.cleaned_data["sheets"] = [asdict(sheet) for sheet in outline(self.cleaned_data["data"])]
        except Unreadable as error:
            raise ValidationError(str(error)) from error
        return file


class MappingForm(forms.Form):
    """One choice a target: which column it is. Proposed from the heads and from what this unit said before."""

    anonymous_ok = forms.BooleanField(label="没有姓名的按匿名导入（不勾选则算作有错）", required=False)
    known_too = forms.BooleanField(label="疑似已经登记过的也导入（不勾选则跳过）", required=False)
    default_year = IntegerField(
        label="日期没有写年份时，按哪一年",
        required=False,
        min_value=1980,
        max_value=2100,
        help_text="如“8/3”。不填写则这样的行算作有错。",
    )

    def __init__(self, *args: Any, sheet: dict[str, Any], remembered: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles: list[str] = sheet["titles"]
        columns = [(str(at), f"{_letter(at)}列 {title}") for at, title in enumerate(titles) if title]
        proposed = propose(titles, remembered)
        for target in TARGETS:
            self.fields[f"is_{target.code}"] = ChoiceField(
                label=target.label,
                choices=[NOT_IN, *columns],
                required=target.required,
                initial=str(proposed.get(target.code, "")),
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"is_{target.code}"] for target in TARGETS]

    def clean(self) -> dict[str, Any]:
        taken: dict[int, str] = {}
        mapping: dict[str, int] = {}
        for target in TARGETS:
            said = self.cleaned_data.pop(f"is_{target.code}", "")
            if not said:
                continue
            at = int(said)
            if at in taken:
                self.add_error(f"is_{target.code}", ALIKE.format(BY_CODE[taken[at]].label, target.label))
            taken[at] = target.code
            mapping[target.code] = at
        self.cleaned_data["mapping"] = mapping
        return self.cleaned_data


def _letter(at: int) -> str:
    """The letter of a column as Excel shows it."""
    letters = ""
    number = at + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class WordsForm(forms.Form):
    """The small table of words that stand on no list: each gets a code, or stays wrong."""

    def __init__(self, *args: Any, upload: LedgerImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists: dict[str, list[Any]] = {"category": category_choices(), "form": list(Channel.choices)}
        self.asked: dict[str, tuple[str, str]] = {}
        for code, words in upload.unknown.items():
            for number, (word, count) in enumerate(list(words.items())[:MOST_UNKNOWN]):
                name = f"{code}_{number}"
                self.asked[name] = (code, word)
                self.fields[name] = ChoiceField(
                    label=f"{BY_CODE[code].label}“{word[:30]}”（{count}行）",
                    choices=[("", "不导入这些行"), *lists[code]],
                    required=False,
                )

    def words(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name, (code, word) in self.asked.items():
            if chosen := self.cleaned_data.get(name):
                found.setdefault(code, {})[word] = chosen
        return found
