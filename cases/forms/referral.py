"""Passing a matter to a department, and every answer that comes back, from whichever way."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.choices import (
    ConsentWay,
    ExtractField,
    FeedbackKind,
    LegalBasis,
    ReferralKind,
    ReferralStep,
    Urgency,
)
from cases.deadlines import add_months, china_date
from cases.documents import chinese_date
from cases.forms.fields import ChoiceField, DateField, MultipleChoiceField, TextField, half_width
from cases.models import Case, CodeSet, Referral, code_items
from cases.models.guarding import Barred, barred_from
from cases.permissions import NOT_ASKED, consent_for, rests_on_consent, why_withdrawn
from cases.permissions.consent import BY_CONSENT
from stations.models import DepartmentKind, Organisation, Staff
from stations.roles import PARTNER_ROLES, Role

REQUEST_LIMIT = 2000
MOVED = "这次转交刚刚有了变化，请先看看最新情况；您填写的内容还在，仍要提交请再按一次。"

# A code in braces stands for the length of that rule where the case is.
KIND_WORDS: dict[str, str] = {
    ReferralKind.ASSIGN: "交给对方办，限期办完并书面报告结果（一般{IN-RESULT}；家暴、未成年人{IN-RESULT-S}）",
    ReferralKind.TRANSFER: "属对方职责，转去依法办理；{IN-FIRST}内要有首次反馈，不限报结果的日期",
    ReferralKind.HAND_OVER: "本来就归对方管，整件移过去，由对方直接答复信访人",
    ReferralKind.REFER: "请对方提供一项服务，如庇护、法律援助、心理疏导、临时救助",
}
PART_WORDS: dict[str, str] = {
    ExtractField.NAME: "信访人的姓名",
    ExtractField.PHONE: "只发可以拨打的号码，标为“不要打”的不发",
    ExtractField.ID_NUMBER: "确需核实身份时才勾选",
    ExtractField.AGE_SEX: "不能认出是谁",
    ExtractField.PAPERS_ADDRESS: "可以寄文书的地址；现在住处永远不发给部门",
    ExtractField.FACTS: "登记时记下的经过，原文",
    ExtractField.DEMAND: "信访人想要什么，原文",
    ExtractField.PLACE: "事情发生在哪里",
    ExtractField.RESPONDENT: "被反映人是谁、和信访人什么关系",
    ExtractField.HANDLED_BEFORE: "谁处理过、结果怎样",
}
BASIS_WORDS: dict[str, str] = {
    LegalBasis.CONSENT: "已告诉本人发给谁、发什么，本人同意",
    LegalBasis.GUARDIAN_CONSENT: "不满14周岁须父母或其他监护人同意",
    LegalBasis.STATUTORY_DUTY: "如强制报告：法律要求必须报告或移送，不以同意为前提",
    LegalBasis.EMERGENCY: "人正处在危险中，来不及征求同意",
}

# What a result must say beside the words. Source: 反家庭暴力法 第16条 (告诫书), 第30条 (保护令 up to six months).
ORDERS = ("COURT.PO_ISSUED", "COURT.PO_EXTENDED")
WITH_TERM = (*ORDERS, "POLICE.NO_CONTACT_ORDER")
WITH_AMOUNT = (
    "HR_SOCIAL.WAGE_PAID",
    "CIVIL_AFFAIRS.TEMP_RELIEF",
    "CIVIL_AFFAIRS.DIBAO",
    "CIVIL_AFFAIRS.ORPHAN_GRANT",
    "PROCURATORATE.JUDICIAL_RELIEF",
    "COURT.FEE_WAIVED",
    "EDUCATION.AID",
    "HEALTH.FEE_REDUCED",
    "XINFANG.RELIEF_FUND",
)
NEEDED_WITH: dict[str, tuple[str, ...]] = {
    "POLICE.WARNING_LETTER": ("doc_number", "doc_on"),
    "COURT.PO_ISSUED": ("doc_number", "doc_on", "valid_until"),
    "COURT.PO_EXTENDED": ("doc_number", "doc_on", "valid_until"),
    "JUSTICE.AID_GRANTED": ("doc_on",),
    "HR_SOCIAL.WAGE_PAID": ("amount",),
    "CIVIL_AFFAIRS.TEMP_RELIEF": ("amount",),
}
ORDER_MONTHS = 6


def explained(choices: type[Any], words: dict[str, str]) -> list[tuple[str, SafeString]]:
    """Each choice with what it means beside it."""
    return [
        (
            choice.value,
            format_html(
                '<span class="wq-role">{}</span> <small>{}</small>',
                choice.label.partition("（")[0],
                words[choice],
            ),
        )
        for choice in choices
    ]


class MoneyField(forms.DecimalField):
    """An amount in yuan; full-width digits and thousands separators are understood."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        kwargs.setdefault(
            "error_messages",
            {
                "required": f"请填写{label}。",
                "invalid": f"{label}请填写数字，如 1200 或 1200.50。",
                "min_value": f"{label}应大于0。",
                "max_digits": f"{label}太大，请检查。",
                "max_whole_digits": f"{label}太大，请检查。",
                "max_decimal_places": f"{label}最多两位小数。",
            },
        )
        super().__init__(
            label=label, min_value=Decimal("0.01"), max_digits=12, decimal_places=2, localize=False, **kwargs
        )
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        return super().to_python(half_width(value).replace(",", "") if isinstance(value, str) else value)


class PersonChoice(forms.ModelChoiceField):
    """People by name and title."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.title}）" if obj.title else str(obj.name)


class DepartmentChoice(forms.ModelChoiceField):
    """Departments grouped by kind, each with whom to ring."""

    def grouped(self) -> list[tuple[str, Any]]:
        groups: dict[str, list[tuple[int, str]]] = {}
        for department in self.queryset or ():
            groups.setdefault(str(department.department), []).append((department.pk, duty_words(department)))
        return [("", "请选择部门"), *groups.items()]


def duty_words(department: Organisation) -> str:
    """The department's name and its duty contact on one line."""
    duty = department.duty_contact
    phone = (duty.phone if duty else "") or department.phone
    contact = "，".join(word for word in (duty.name if duty else "", phone) if word)
    return f"{department.name}（值班：{contact}）" if contact else department.name


class ReferForm(forms.Form):
    """Who gets what, on what ground. Nothing goes along unless it is ticked."""

    department = DepartmentChoice(
        label="转给哪个部门",
        queryset=Organisation.objects.none(),
        error_messages={
            "required": "请选择部门。",
            "invalid_choice": "这个部门不在可以转交的范围里，请重新选择。",
        },
    )
    liaison = PersonChoice(
        label="指定联络员",
        queryset=Staff.objects.none(),
        required=False,
        empty_label="不指定，通知该部门全部联络员",
        error_messages={"invalid_choice": "这位联络员不在所选部门，请重新选择。"},
    )
    kind = ChoiceField(label="方式", choices=ReferralKind.choices, widget=forms.RadioSelect, initial=None)
    urgency = ChoiceField(label="紧急程度", choices=Urgency.choices, widget=forms.RadioSelect)
    request = TextField(
        label="请对方做什么",
        rows=4,
        max_length=REQUEST_LIMIT,
        help_text="写清要办的事和希望的结果。没有勾选要发的信息，不要写在这里。",
    )
    ticked = MultipleChoiceField(
        label="随函发出的信息", choices=explained(ExtractField, PART_WORDS), required=False
    )
    legal_basis = ChoiceField(
        label="向对方提供个人信息的依据",
        choices=explained(LegalBasis, BASIS_WORDS),
        widget=forms.RadioSelect,
        help_text="个人信息保护法第13、23、29条。",
    )
    consented = ChoiceField(
        label="她（或监护人）怎样同意把以上内容提供给该单位",
        choices=[(ConsentWay.ORAL, "口头同意"), (ConsentWay.WRITTEN, "书面签字")],
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
        required=False,
        help_text="以同意为依据的才填；案件里已登记过、包括这些内容的，不用再填。",
    )
    consent_answers = "legal_basis=" + "|".join(BY_CONSENT)

    def __init__(
        self,
        *args: Any,
        case: Case,
        unit: Organisation,
        address: str,
        say: Callable[[str], str],
        **kwargs: Any,
    ) -> None:
        """`say` puts the lengths of the periods into the words beside a choice. Nobody kept away from it is offered."""
        self.case, barred = case, barred_from(case.pk)
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, ChoiceField)  # noqa: S101 – narrows the type
        kind.choices = explained(ReferralKind, {code: say(words) for code, words in KIND_WORDS.items()})
        department = self.fields["department"]
        assert isinstance(department, DepartmentChoice)  # noqa: S101 – narrows the type
        around = Organisation.objects.departments_for(unit).exclude(pk__in=barred.units)
        department.queryset = around.select_related("department", "region", "duty_contact")
        department.choices = department.grouped()
        department.widget.attrs |= {
            "hx-get": address,
            "hx-trigger": "change",
            "hx-target": "#refer-department",
            "hx-swap": "outerHTML",
            "hx-include": "this",  # the rest of the form must not get into an address
        }
        self.chosen_department = self._chosen(department)
        if self.chosen_department:
            self._offer_liaisons(self.chosen_department, barred)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        unit, basis, fields = data.get("department"), data.get("legal_basis", ""), data.get("ticked", [])
        if unit is None or not rests_on_consent(basis, fields):
            return data
        if consent_for(self.case, unit, fields=fields, basis=basis) is None:
            if words := why_withdrawn(self.case, unit):
                self.add_error("legal_basis", words)
            elif not data.get("consented") and "consented" not in self.errors:
                self.add_error("consented", NOT_ASKED)
        return data

    def _chosen(self, field: DepartmentChoice) -> Organisation | None:
        """The department on the page, whether the rest is right or not."""
        try:
            return field.clean(self["department"].value())
        except ValidationError:
            return None

    def _offer_liaisons(self, department: Organisation, barred: Barred) -> None:
        field = self.fields["liaison"]
        assert isinstance(field, PersonChoice)  # noqa: S101 – narrows the type
        people = Staff.objects.working().of(department).exclude(pk__in=barred.people)
        field.queryset = people.holding(Role.PARTNER_LIAISON, Role.PARTNER_LEADER).by_name()

    def hidden_pairs(self) -> Iterator[tuple[str, str]]:
        """Everything typed, as pairs for hidden fields: what is sent after the preview is what was previewed."""
        for name in self.fields:
            value = self[name].value()
            for one in value if isinstance(value, list) else [value]:
                if one not in (None, ""):
                    yield name, str(one)


class StepForm(forms.Form):
    """One step of a referral; `version` is the state of the page it was pressed on."""

    referral: Referral
    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": MOVED, "invalid": MOVED}
    )

    def __init__(self, *args: Any, referral: Referral, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.referral = referral

    def clean_version(self) -> int:
        version: int = self.cleaned_data["version"]
        if version != self.referral.version:
            raise ValidationError(MOVED, code="moved")
        return version

    @property
    def is_stale(self) -> bool:
        return "version" in self.errors

    def told(self) -> dict[str, Any]:
        """What the verb is told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def rows(self) -> list[dict[str, Any]]:
        """The fields in order, with the answer each depends on."""
        return [
            {"field": field, "when": self.when.get(field.name, ""), "css": self.css.get(field.name, "")}
            for field in self.visible_fields()
        ]

    when: dict[str, str] = {}
    css: dict[str, str] = {}


class WithdrawForm(StepForm):
    reason = TextField(label="撤回原因", rows=2, max_length=500)


class ObjectForm(StepForm):
    reason = TextField(label="为什么不属本部门", rows=4, max_length=2000, help_text="写明事实和依据。")
    proper_body = TextField(
        label="应由哪个单位办理", max_length=80, help_text="不知道也请写“不清楚”，以便转出单位核对。"
    )


class ReturnForm(StepForm):
    reason = TextField(label="同意退回的理由", rows=3, max_length=1000)


class UpholdForm(StepForm):
    reason = TextField(
        label="仍请该部门办理的理由", rows=4, max_length=2000, help_text="对方会看到。争议可报上级协调。"
    )


class StartForm(StepForm):
    handler = PersonChoice(
        label="承办人",
        queryset=Staff.objects.none(),
        required=False,
        empty_label="我自己办",
        error_messages={"invalid_choice": "承办人须是本部门有账号的人，请重新选择。"},
    )
    partner_number = TextField(label="本部门案号或文号", max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["handler"]
        assert isinstance(field, PersonChoice)  # noqa: S101 – narrows the type
        people = Staff.objects.working().of(self.referral.department)
        field.queryset = people.holding(*PARTNER_ROLES).by_name()


class ReworkForm(StepForm):
    demand = TextField(
        label="还缺什么、要补办什么", rows=4, max_length=2000, help_text="对方会看到，期限为原期限的一半。"
    )


class WriteOffForm(StepForm):
    assessment = TextField(
        label="核对意见",
        rows=3,
        max_length=2000,
        help_text="结果是否属实、是否已告知信访人。销号后部门不再看得到这件转交。",
    )


class InterimForm(StepForm):
    """How far it has come: words only."""

    text = TextField(
        label="进展情况", rows=5, help_text="已经做了什么、接下来做什么。阶段反馈不改变报结果的期限。"
    )

    css = {"text": "wq-full"}

    def answer(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}

    def told(self) -> dict[str, Any]:
        return {}


class AnswerForm(StepForm):
    """A department's result. What each result must say is in NEEDED_WITH."""

    result = ChoiceField(label="办理结果")
    text = TextField(label="办理情况", rows=5, help_text="什么时候、做了什么、结果怎样。")
    doc_number = TextField(
        label="文书号", max_length=60, required=False, help_text="没有文书可不填；告诫书、保护令必填。"
    )
    doc_on = DateField(label="文书日期", past=True, required=False)
    valid_until = DateField(label="有效至", required=False, help_text="保护令必填。")
    amount = MoneyField(label="金额（元）", required=False)

    when = {"valid_until": "result=" + "|".join(WITH_TERM), "amount": "result=" + "|".join(WITH_AMOUNT)}
    css = {"text": "wq-full", "result": "wq-full"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["result"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – narrows the type
        field.choices = result_choices(self.referral.department.department_id or "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        result = cleaned.get("result") or ""
        # A value left over from another choice was out of sight when the form was sent.
        for name, results in (("valid_until", WITH_TERM), ("amount", WITH_AMOUNT)):
            if result not in results and name not in self.errors:
                cleaned[name] = None
        for name in NEEDED_WITH.get(result, ()):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"这种结果须填写{self.fields[name].label}。")
        self._check_term(result, cleaned.get("doc_on"), cleaned.get("valid_until"))
        return cleaned

    def _check_term(self, result: str, doc_on: date | None, valid_until: date | None) -> None:
        if not doc_on or not valid_until:
            return
        if valid_until < doc_on:
            self.add_error("valid_until", "有效至不能早于文书日期。")
        elif result in ORDERS and valid_until > (latest := add_months(doc_on, ORDER_MONTHS)):
            words = f"保护令自作出之日起不超过六个月，最晚到{chinese_date(latest)}，请核对。"
            self.add_error("valid_until", words)

    def answer(self) -> dict[str, Any]:
        """The answer in the words of the verbs."""
        names = ("text", "result", "doc_number", "doc_on", "valid_until", "amount")
        return {name: self.cleaned_data[name] for name in names}

    def told(self) -> dict[str, Any]:
        return {}


class OutsideForm(AnswerForm):
    """An answer from a department without an account: interim or result, with the name of who stands by it."""

    kind = ChoiceField(
        label="答复类型",
        choices=FeedbackKind.choices,
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )
    name = TextField(label="答复人姓名和职务", max_length=50)

    field_order: Any = ("kind", "result", "text", "doc_number", "doc_on", "valid_until", "amount", "name")
    when = AnswerForm.when | {"result": "kind=RESULT", "doc_number": "kind=RESULT", "doc_on": "kind=RESULT"}
    css = AnswerForm.css | {"kind": "wq-full"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"].required = False

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("kind") != FeedbackKind.RESULT:
            # How far it has come is told in words; the rest was out of sight.
            for name in ("result", "doc_number", "doc_on", "valid_until", "amount"):
                self.errors.pop(name, None)
                self.cleaned_data[name] = "" if name in ("result", "doc_number") else None
            return StepForm.clean(self) or self.cleaned_data
        if not self.cleaned_data.get("result") and "result" not in self.errors:
            self.add_error("result", "请选择办理结果。")
        return super().clean()

    def told(self) -> dict[str, Any]:
        is_result = self.cleaned_data["kind"] == FeedbackKind.RESULT
        return {"name": self.cleaned_data["name"], "is_result": is_result}


class PaperForm(OutsideForm):
    """A paper answer that our side keys in."""

    received_on = DateField(label="收到纸质回复的日期", past=True)

    field_order = ("received_on", *OutsideForm.field_order)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "纸面上签名或盖章的人"

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day < china_date(self.referral.sent_at):
            raise ValidationError("收到日期不能早于转交发出的日期。")
        return day

    def told(self) -> dict[str, Any]:
        return super().told() | {"received_on": self.cleaned_data["received_on"]}


def result_choices(department_kind: str) -> list[tuple[str, str]]:
    """The results this kind of department gives, and those that all give."""
    fitting = [
        (item.code, item.name)
        for item in code_items(CodeSet.REFERRAL_RESULT)
        if item.enabled and item.parent in ("", department_kind)
    ]
    return [("", "请选择"), *fitting]


STEP_FORMS: dict[ReferralStep, type[StepForm]] = {
    ReferralStep.WITHDRAW: WithdrawForm,
    ReferralStep.SIGN: StepForm,
    ReferralStep.OBJECT: ObjectForm,
    ReferralStep.RETURN: ReturnForm,
    ReferralStep.UPHOLD: UpholdForm,
    ReferralStep.START: StartForm,
    ReferralStep.INTERIM: InterimForm,
    ReferralStep.ANSWER: AnswerForm,
    ReferralStep.CONFIRM: StepForm,
    ReferralStep.REWORK: ReworkForm,
    ReferralStep.WRITE_OFF: WriteOffForm,
    ReferralStep.LINK: StepForm,
    ReferralStep.REVOKE_LINK: StepForm,
    ReferralStep.URGE: StepForm,
}


SHOWS = (("open", "在办"), ("ours", "等我方处理"), ("overdue", "部门逾期"), ("ended", "已结束"))
SCOPES = (("unit", "本单位发出的"), ("sight", "我能看到的全部"))


class ReferralFilter(forms.Form):
    """The filters of the list of sent referrals: codes only, so that they may stand in a URL."""

    show = forms.ChoiceField(required=False, choices=SHOWS, widget=forms.HiddenInput)
    scope = forms.ChoiceField(label="范围", required=False, choices=SCOPES)
    kind = forms.ChoiceField(label="部门类别", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = (
            DepartmentKind.objects.filter(enabled=True).order_by("sort", "code").values_list("code", "name")
        )
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 – narrows the type
        field.choices = [("", "全部"), *kinds]

    def chosen(self) -> dict[str, str]:
        """What was chosen; anything not on a list counts as not chosen: a URL is typed, shared and mangled."""
        self.is_valid()
        return {
            "show": self.cleaned_data.get("show") or "open",
            "scope": self.cleaned_data.get("scope") or "unit",
            "kind": self.cleaned_data.get("kind") or "",
        }
