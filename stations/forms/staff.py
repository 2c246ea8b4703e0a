"""The staff page of the security administrator, and everybody's own settings."""

import unicodedata
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from stations.models import Organisation, Region, Staff
from stations.roles import ADMIN_ROLES, Role, misplaced

WRONG_MAIL = "电子邮箱不对，应像 name@example.cn 这样。"
DateInput = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class OrganisationField(forms.ModelChoiceField):
    """Active organisations, grouped by county so that a long list can be found one's way in."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", "请选择单位")
        super().__init__(queryset=Organisation.objects.active(), label="单位", **kwargs)

    def grouped(self) -> list[tuple[str, Any]]:
        rows = list(Organisation.objects.active().order_by("region_id", "kind", "name", "id"))
        codes = {row.region_id[:6].ljust(12, "0") for row in rows}
        names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
        groups: dict[str, list[tuple[int, str]]] = {}
        for row in rows:
            county = names.get(row.region_id[:6].ljust(12, "0"), "其他")
            groups.setdefault(county, []).append((row.pk, row.name))
        return [("", self.empty_label or ""), *groups.items()]


def role_choices() -> list[tuple[str, SafeString]]:
    return [
        (
            role.value,
            format_html('<span class="wq-role">{}</span> <small>{}</small>', role.label, role.description),
        )
        for role in Role
    ]


class AbsenceMixin(forms.Form):
    """Both dates or neither, in order."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("absent_from"), cleaned.get("absent_until")
        if "absent_from" in self.errors or "absent_until" in self.errors:
            return cleaned
        if start and not end:
            self.add_error("absent_until", "填了离岗起，请把离岗止也填上；不知道哪天回来，先填估计的日期。")
        elif end and not start:
            self.add_error("absent_from", "填了离岗止，请把离岗起也填上。")
        elif start and end and end < start:
            self.add_error("absent_until", "离岗止不能早于离岗起。")
        return cleaned


class StaffForm(AbsenceMixin):
    username = forms.RegexField(
        r"^[a-z][a-z0-9._-]{2,29}$",
        label="用户名",
        max_length=30,
        help_text="3 到 30 个字符：小写字母开头，可用数字、点、横线。定了就不能改。",
        error_messages={"invalid": "用户名用小写字母开头，只能有小写字母、数字、点和横线，3 到 30 个字符。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(label="姓名", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    organisation = OrganisationField(required=False, help_text="系统、安全、审计管理员可以不选单位。")
    roles = forms.MultipleChoiceField(
        label="角色",
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一个角色。"},
    )
    title = forms.CharField(label="职务", max_length=30, required=False)
    phone = forms.CharField(label="办公电话", max_length=30, required=False)
    email = forms.EmailField(label="电子邮箱", required=False, error_messages={"invalid": WRONG_MAIL})
    deputy = forms.ModelChoiceField(
        label="代办人",
        queryset=Staff.objects.none(),
        required=False,
        empty_label="没有",
        help_text="离岗期间提醒转给谁。只能选同一单位的人。",
    )
    absent_from = forms.DateField(label="离岗起", required=False, widget=DateInput)
    absent_until = forms.DateField(label="离岗止", required=False, widget=DateInput)

    def __init__(self, *args: Any, by: Staff, staff: Staff | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.staff = by, staff
        organisation = self.fields["organisation"]
        assert isinstance(organisation, OrganisationField)  # noqa: S101 – narrows the type
        organisation.choices = organisation.grouped()
        if staff is None:
            del self.fields["deputy"], self.fields["absent_from"], self.fields["absent_until"]
            return
        del self.fields["username"]
        offer_deputies(self, staff)
        if staff.pk == by.pk:
            for name in ("roles", "organisation"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "自己的角色和单位由另一位安全管理员调整。"

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if Staff.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("这个用户名已经有人用了，请换一个。")
        return username

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        roles = set(cleaned.get("roles") or [])
        organisation = cleaned.get("organisation")
        if roles & ADMIN_ROLES and len(roles) > 1:
            self.add_error("roles", "系统、安全、审计管理员须由专人担任，不能再兼其他角色。")
        elif roles and not roles & ADMIN_ROLES:
            self._check_place(organisation, sorted(roles))
        deputy = cleaned.get("deputy")
        if deputy and deputy.organisation != organisation:
            self.add_error("deputy", "代办人不在这个单位。换了单位请重新选代办人。")
        return cleaned

    def _check_place(self, organisation: Organisation | None, roles: list[str]) -> None:
        if organisation is None:
            if "organisation" not in self.errors:
                self.add_error("organisation", "请选择单位。")
            return
        wrong = misplaced(roles, organisation.kind)
        if wrong:
            words = "、".join(role.label for role in wrong)
            self.add_error("roles", f"{organisation.get_kind_display()}里不能有{words}，请改角色或换单位。")


class ProfileForm(AbsenceMixin):
    phone = forms.CharField(label="办公电话", max_length=30, required=False)
    email = forms.EmailField(label="电子邮箱", required=False, error_messages={"invalid": WRONG_MAIL})
    wants_mail = forms.BooleanField(
        label="有新提醒时也发邮件给我", required=False, help_text="邮件里只有编号和链接，没有姓名和案情。"
    )
    wants_digest = forms.BooleanField(
        label="不用一条一封，每个工作日8:30汇总成一封",
        required=False,
        help_text="风险上调、已经逾期和按小时计的期限仍然马上发。",
    )
    mobile = forms.RegexField(
        r"^1[3-9]\d{9}$",
        label="手机",
        required=False,
        help_text="只用于接收短信提醒，不给别人看。不想收短信就留空。",
        error_messages={"invalid": "手机号是 11 位数字，以 1 开头。"},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "numeric"}),
    )
    deputy = forms.ModelChoiceField(
        label="我离岗时由谁代办",
        queryset=Staff.objects.none(),
        required=False,
        empty_label="没有",
        help_text="离岗期间，轮到您的提醒会转给代办人。",
    )
    absent_from = forms.DateField(label="离岗起", required=False, widget=DateInput)
    absent_until = forms.DateField(label="离岗止", required=False, widget=DateInput)

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_deputies(self, staff)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("wants_mail") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", "要收邮件，请填电子邮箱。")
        return cleaned


class StaffFilterForm(forms.Form):
    q = forms.CharField(label="姓名或用户名", max_length=50, required=False)
    organisation = OrganisationField(required=False, empty_label="全部单位")
    role = forms.ChoiceField(label="角色", required=False, choices=[("", "全部角色"), *Role.choices])
    closed = forms.BooleanField(label="含已停用", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.fields["organisation"]
        assert isinstance(organisation, OrganisationField)  # noqa: S101 – narrows the type
        organisation.choices = organisation.grouped()


class DeputyIterator(forms.models.ModelChoiceIterator):
    """Names with their titles: two people of one name are told apart."""

    def choice(self, obj: Any) -> tuple[Any, str]:
        return (self.field.prepare_value(obj), f"{obj.name}（{obj.title}）" if obj.title else obj.name)


def offer_deputies(form: forms.Form, staff: Staff) -> None:
    """People of the same organisation who can log in, but for herself."""
    field = form.fields["deputy"]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 – narrows the type
    field.iterator = DeputyIterator
    if staff.organisation:
        colleagues = Staff.objects.working().of(staff.organisation).exclude(pk=staff.pk)
        field.queryset = colleagues.exclude(roles__overlap=sorted(ADMIN_ROLES)).by_name()


def clean_name(name: str) -> str:
    """A name as it is stored: full-width letters made narrow, spaces around and control characters out."""
    name = unicodedata.normalize("NFKC", name).strip()
    if not all(character.isprintable() for character in name):
        raise forms.ValidationError("姓名里有看不见的字符，请重新输入。")
    return name
