"""The people of an intake page: who she is, how to reach her without harm, who else has part in it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse_lazy

from cases.choices import Capacity, PersonRole, PhoneSafety, Relation, Sex
from cases.forms.fields import ChoiceField, DateField, MultipleChoiceField, TextField
from cases.forms.identity import IdReading, phone_flaw, read_id_number, tidy_phone
from cases.models import CodeSet
from cases.models.code import code_items

BLANK = ("", "未问")
NAME_LENGTH = 50
# Whether she has been here is asked while the page is filled in; never by GET, because addresses are logged.
ASK_WHO_IT_IS = {"hx-post": reverse_lazy("intake_known"), "hx-trigger": "change", "hx-target": "#known"}


def code_choices(code_set: str, *, blank: bool = True) -> Callable[[], list[tuple[str, str]]]:
    """The entries of a list that are in use, read when a form is made."""

    def choices() -> list[tuple[str, str]]:
        rows = [(item.code, item.name) for item in code_items(code_set) if item.enabled]
        return [BLANK, *rows] if blank else rows

    return choices


class PartForm(forms.Form):
    """One group of fields of a page; `told` is whether anything was said in it."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    @property
    def told(self) -> bool:
        return any(value not in (None, "", [], False) for value in self.cleaned_data.values())

    def shows(self, *names: str) -> bool:
        """Whether one of these fields says something or wants something: a fold that holds it stands open."""
        return any(
            (self.is_bound and name in self.errors)
            or self[name].value() not in (None, "", [], False, self.fields[name].initial)
            for name in names
        )

    @property
    def has_words(self) -> bool:
        return self.shows(*self.fields)

    def refuse(self, name: str, words: str) -> None:
        """Add an error from outside, even to a form that came empty."""
        self.full_clean()
        self.add_error(name, words)

    def _is_missing(self, name: str) -> bool:
        """Not filled in, and not already wrong in another way."""
        return not self.cleaned_data.get(name) and name not in self.errors


class IdentityForm(PartForm):
    """Name, ID number, birth, sex. A number that cannot be right is kept only on purpose and with a reason."""

    name = TextField(label="姓名", required=False, max_length=NAME_LENGTH)
    id_number = TextField(label="身份证号", required=False, max_length=40)
    id_keep = forms.BooleanField(label="核对过了，仍按此登记", required=False)
    id_override_reason = TextField(label="仍按此登记的原因", required=False)
    birth_date = DateField(label="出生日期", past=True, required=False)
    sex = ChoiceField(
        label="性别",
        required=False,
        choices=[(Sex.FEMALE, "女"), (Sex.MALE, "男"), (Sex.UNSPECIFIED, "不愿说")],
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.id_reading: IdReading | None = None
        self.fields["name"].widget.attrs |= {"autocomplete": "off"}
        self.fields["id_number"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    @property
    def id_in_question(self) -> bool:
        """Whether to ask if a number that cannot be right is to be kept."""
        kept = self["id_keep"].value() or self["id_override_reason"].value()
        return bool(kept) or bool(self.is_bound and self.errors.get("id_number"))

    def clean_id_number(self) -> str:
        text: str = self.cleaned_data["id_number"]
        if not text:
            return ""
        self.id_reading = read_id_number(text, self.today)
        return self.id_reading.number

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.id_reading and self.id_reading.flaw:
            self._judge_flaw(self.id_reading)
        elif self.id_reading:
            self.cleaned_data["id_override_reason"] = ""
            self._fill(self.id_reading)
        return self.cleaned_data

    def _judge_flaw(self, reading: IdReading) -> None:
        if not self.cleaned_data.get("id_keep"):
            self.add_error("id_number", f"{reading.flaw}核对无误仍要登记的，勾选“仍按此登记”并写明原因。")
        elif self._is_missing("id_override_reason"):
            self.add_error("id_override_reason", "请写明为什么仍按这个号码登记，如“证件本身印错”。")

    def _fill(self, reading: IdReading) -> None:
        """A good number says birth and sex; what was typed differently is for the clerk to settle."""
        born, sex = self.cleaned_data.get("birth_date"), self.cleaned_data.get("sex")
        if born and born != reading.born:
            said = f"{reading.born:%Y-%m-%d}"
            self.add_error("birth_date", f"与身份证号上的出生日期 {said} 不一致，请核对后改其中一处。")
        elif "birth_date" not in self.errors:
            self.cleaned_data["birth_date"] = reading.born
        if reading.sex and sex in (Sex.MALE, Sex.FEMALE) and sex != reading.sex:
            self.add_error("sex", f"与身份证号上的性别（{reading.sex.label}）不一致，请核对后改其中一处。")
        elif reading.sex and "sex" not in self.errors:
            self.cleaned_data["sex"] = reading.sex

    def person(self) -> dict[str, Any]:
        """What was told, as the arguments of one person."""
        kept = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("id_keep", "anonymous", "phone", "sex")
        }
        return kept | {"sex": Sex(self.cleaned_data.get("sex") or Sex.UNKNOWN)}

    @property
    def born(self) -> date | None:
        return self.cleaned_data.get("birth_date")


class PetitionerForm(IdentityForm):
    """The person who came, wrote or called; or the unit that did."""

    role = PersonRole.PETITIONER

    anonymous = forms.BooleanField(label="匿名，不愿留姓名", required=False)
    ethnicity = ChoiceField(label="民族", required=False, choices=code_choices(CodeSet.ETHNICITY))
    education = ChoiceField(label="文化程度", required=False, choices=code_choices(CodeSet.EDUCATION))
    marital = ChoiceField(label="婚姻状况", required=False, choices=code_choices(CodeSet.MARITAL))
    occupation = ChoiceField(label="职业", required=False, choices=code_choices(CodeSet.OCCUPATION))
    work_place = TextField(label="单位或学校", required=False)
    capacity = ChoiceField(
        label="民事行为能力", required=False, choices=Capacity.choices, initial=Capacity.FULL
    )
    characteristics = MultipleChoiceField(
        label="人群特征（可多选）", required=False, choices=code_choices(CodeSet.CHARACTERISTIC, blank=False)
    )
    address_now = TextField(label="现在住处", required=False, help_text="只在本系统内办案用，不随转交带出。")
    address_papers = TextField(label="文书可以寄往", required=False, help_text="对方可能拆信的地址不要填。")

    EXTRAS = (
        "ethnicity",
        "education",
        "marital",
        "occupation",
        "work_place",
        "capacity",
        "address_papers",
        "characteristics",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id_number"].widget.attrs |= ASK_WHO_IT_IS

    @property
    def extras_open(self) -> bool:
        return self.shows(*self.EXTRAS)

    def clean(self) -> dict[str, Any]:
        super().clean()
        named, anonymous = self.cleaned_data.get("name"), self.cleaned_data.get("anonymous")
        if named and anonymous:
            self.add_error("anonymous", "已经填了姓名。要匿名请清空姓名，要实名请取消勾选。")
        elif not anonymous and self._is_missing("name"):
            self.add_error("name", "请填写姓名；不愿留姓名的，勾选“匿名”。")
        return self.cleaned_data

    def person(self) -> dict[str, Any]:
        told = super().person()
        return told | {
            "characteristics": tuple(told["characteristics"]),
            "capacity": told["capacity"] or Capacity.FULL,
        }


class OtherForm(IdentityForm):
    """Somebody else who has part in the matter."""

    relation = ChoiceField(
        label="是信访人的", required=False, choices=[BLANK, *Relation.choices], help_text=""
    )
    phone = TextField(label="电话", required=False, max_length=40)
    address_now = TextField(label="住址或单位地址", required=False)

    def __init__(self, role: PersonRole, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role = role
        for name in ("name", "id_number", "phone"):
            self.fields[name].label = f"{role.label}{self.fields[name].label}"

    def clean_phone(self) -> str:
        return _good_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.told and not self._named and not self.errors and self.role != PersonRole.RESPONDENT:
            self.add_error("name", f"请填写{self.role.label}的姓名或称呼。")
        return self.cleaned_data

    @property
    def _named(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("name", "id_number", "phone"))


class RepresentativeForm(PartForm):
    """One of those who speak for a group."""

    role = PersonRole.REPRESENTATIVE

    name = TextField(label="代表姓名", required=False, max_length=NAME_LENGTH)
    phone = TextField(label="代表电话", required=False, max_length=40)

    def clean_phone(self) -> str:
        return _good_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("phone") and not self.cleaned_data.get("name") and not self.errors:
            self.add_error("name", "请填写这位代表的姓名。")
        return self.cleaned_data

    def person(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"]}


class PhoneForm(PartForm):
    """One number and what may happen when it is dialled. Whether it may be dialled at all is always asked."""

    number = TextField(label="电话", required=False, max_length=40)
    safety = ChoiceField(
        label="这个号码能打吗",
        required=False,
        choices=PhoneSafety.choices,
        widget=forms.RadioSelect,
    )
    hide_caller = forms.BooleanField(label="不要说明来电单位", required=False)
    window = TextField(label="方便接听的时间", required=False, max_length=60)
    pass_phrase = TextField(
        label="暗语", required=False, max_length=60, help_text="约好一句话，先对上再谈正事。"
    )
    remark = TextField(label="说明", required=False, max_length=60, help_text="分机号、由谁接听。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs |= {"inputmode": "tel", "autocomplete": "off", **ASK_WHO_IT_IS}

    def clean_number(self) -> str:
        return _good_phone(self.cleaned_data["number"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        if "number" in self.errors:
            return self.cleaned_data
        number = self.cleaned_data.get("number")
        if number and self._is_missing("safety"):
            self.add_error("safety", "请问清这个号码能不能打，再选一项。")
        elif not number and self.told:
            self.add_error("number", "请填写电话号码；没有电话的，把这一组清空。")
        return self.cleaned_data


def _good_phone(text: str) -> str:
    number = tidy_phone(text)
    flaw = phone_flaw(number) if number else ""
    if flaw:
        raise forms.ValidationError(flaw)
    return number
