"""Drafting, signing, answering and checking a supervision."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import (
    Adoption,
    CheckWay,
    PaperKind,
    SupervisionMode,
    SupervisionStep,
    SupervisionTrigger,
)
from cases.deadlines import china_date
from cases.forms.fields import ChoiceField, DateField, TextField
from cases.models import Supervision
from cases.models.guarding import NOBODY, Barred, barred_from
from stations.choices import OrgKind
from stations.models import Organisation

FACTS_LIMIT = 4000
MOVED = "这项督办刚刚有了变化，请先看看最新情况；您填写的内容还在，仍要提交请再按一次。"
SEGMENTED = {"class": "wq-segmented"}
TO_OTHERS = "|".join(kind for kind in PaperKind if kind not in PaperKind.answered)
TO_TARGET = "|".join(PaperKind.answered)
OUT_OF_ORDER = "|".join(PaperKind.after_opinion)


class RowsForm(forms.Form):
    """Fields in order, with the answer each depends on."""

    when: dict[str, str] = {}
    css: dict[str, str] = {}

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"field": field, "when": self.when.get(field.name, ""), "css": self.css.get(field.name, "")}
            for field in self.visible_fields()
        ]


class DraftForm(RowsForm):
    """One paper of a supervision: which, by what way, until when, and what it says."""

    kind = ChoiceField(label="文书", choices=PaperKind.choices)
    trigger = ChoiceField(label="督办事由", choices=SupervisionTrigger.choices)
    mode = ChoiceField(
        label="督办方式",
        choices=SupervisionMode.choices,
        initial=SupervisionMode.LETTER,
        widget=forms.RadioSelect(attrs=SEGMENTED),
        help_text="电话、实地、约谈督办的，文书写明要求并留档。",
    )
    term_on = DateField(
        label="回复期限",
        required=False,
        help_text="不填则按规定：督办通知书10个、二次督办5个、督促处理意见书15个工作日，从签发起算。",
    )
    addressee = TextField(label="主送单位", max_length=80, required=False)
    co_units = forms.ModelMultipleChoiceField(
        label="联合督办单位",
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "联合督办单位须从清单中选择。"},
    )
    facts = TextField(
        label="存在的问题",
        rows=6,
        max_length=FACTS_LIMIT,
        help_text="写日期、文号、逾期天数。对方会看到，不写案号，不写信访人姓名和住处。",
    )
    demand = TextField(label="督办要求", rows=4, max_length=FACTS_LIMIT)
    basis = TextField(
        label="依据", rows=2, max_length=500, required=False, help_text="不填则按文书种类写明法律条款。"
    )
    skip_reason = TextField(
        label="提前使用的理由",
        rows=2,
        max_length=500,
        required=False,
        help_text="没有先发督促处理意见书，或它还没有到期的，必须写明。",
    )

    when = {
        "term_on": f"kind={TO_TARGET}",
        "addressee": f"kind={TO_OTHERS}",
        "co_units": f"kind={PaperKind.JOINT}",
        "skip_reason": f"kind={OUT_OF_ORDER}",
    }
    css = dict.fromkeys(("mode", "facts", "demand", "basis", "skip_reason", "co_units"), "wq-full")

    def __init__(
        self,
        *args: Any,
        unit: Organisation,
        target: Organisation,
        barred: Barred = NOBODY,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["co_units"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 – narrows the type
        beside = Organisation.objects.active().filter(kind=OrgKind.DEPARTMENT, region_id=unit.region_id)
        field.queryset = beside.exclude(pk__in={target.pk, *barred.units}).order_by("department__sort", "pk")
        if target.kind != OrgKind.DEPARTMENT:
            kinds = [kind for kind in PaperKind if kind not in PaperKind.for_departments]
            self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
            del self.fields["co_units"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind", "")
        if kind in PaperKind.answered:
            cleaned["addressee"] = ""
        else:
            cleaned["term_on"] = None
            if kind and not cleaned.get("addressee") and "addressee" not in self.errors:
                self.add_error("addressee", "请写明主送单位。")
        if kind != PaperKind.JOINT:
            cleaned["co_units"] = []
        elif not cleaned.get("co_units"):
            self.add_error("co_units", "联合督办请选择联合的单位。")
        if kind not in PaperKind.after_opinion:
            cleaned["skip_reason"] = ""
        return cleaned

    def paper(self) -> dict[str, Any]:
        """What the paper says, in the words of the verbs."""
        names = (
            "kind", "facts", "demand", "basis", "mode", "term_on", "addressee", "co_units", "skip_reason",
        )  # fmt: skip
        told = {name: self.cleaned_data[name] for name in names}
        return told | {"kind": PaperKind(told["kind"]), "co_units": list(told["co_units"])}


class SupervisionForm(RowsForm):
    """A step of one supervision. The version says what the person had before her."""

    version = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": MOVED})

    def __init__(self, *args: Any, supervision: Supervision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supervision = supervision

    def clean_version(self) -> int:
        version: int = self.cleaned_data["version"]
        if version != self.supervision.version:
            raise ValidationError(MOVED, code="moved")
        return version

    @property
    def is_stale(self) -> bool:
        return "version" in self.errors

    def told(self) -> dict[str, Any]:
        """What the verb is told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class NextDraftForm(SupervisionForm, DraftForm):
    """The next paper; why the unit is supervised was said with the first."""

    def __init__(self, *args: Any, supervision: Supervision, **kwargs: Any) -> None:
        super().__init__(
            *args,
            supervision=supervision,
            unit=supervision.from_org,
            target=supervision.target,
            barred=barred_from(supervision.case_id),
            **kwargs,
        )
        del self.fields["trigger"]


class SignForm(SupervisionForm):
    opinion = TextField(label="签发意见", rows=2, max_length=500, required=False)

    css = {"opinion": "wq-full"}


class ReasonForm(SupervisionForm):
    reason = TextField(label="理由", rows=3, max_length=1000)

    css = {"reason": "wq-full"}


class ReplyForm(SupervisionForm):
    """What the unit did, and whether it follows. Source: 信访工作条例 (2022) 第40条第4款."""

    adoption = ChoiceField(
        label="是否采纳", choices=Adoption.choices, widget=forms.RadioSelect(attrs=SEGMENTED)
    )
    measures = TextField(label="采取的措施和结果", rows=6, help_text="什么时候、做了什么、结果怎样。")
    why_not = TextField(label="不采纳的理由", rows=3, max_length=2000, required=False)

    when = {"why_not": f"adoption={Adoption.PARTLY}|{Adoption.NOT_ADOPTED}"}
    css = {"adoption": "wq-full", "measures": "wq-full", "why_not": "wq-full"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        adoption = cleaned.get("adoption")
        if adoption == Adoption.ADOPTED:
            cleaned["why_not"] = ""
        elif adoption and not cleaned.get("why_not") and "why_not" not in self.errors:
            self.add_error("why_not", "部分采纳或不采纳的，请写明理由。")
        return cleaned


class CheckForm(SupervisionForm):
    way = ChoiceField(label="核查方式", choices=CheckWay.choices, widget=forms.RadioSelect(attrs=SEGMENTED))
    evidence = TextField(
        label="核查情况", rows=4, max_length=4000, help_text="什么时候、找谁核实的、看到什么。"
    )

    css = {"way": "wq-full", "evidence": "wq-full"}


class CloseForm(CheckForm):
    conclusion = TextField(label="结论", rows=2, max_length=1000)

    css = CheckForm.css | {"conclusion": "wq-full"}


class PaperAnswerForm(ReplyForm):
    """What a unit without an account sent on paper: that it has the paper, or its answer."""

    RECEIPT, REPLY = "RECEIPT", "REPLY"

    what = ChoiceField(
        label="收到的是",
        choices=[(RECEIPT, "签收回执"), (REPLY, "书面回复")],
        widget=forms.RadioSelect(attrs=SEGMENTED),
    )
    received_on = DateField(label="收到日期", past=True)
    name = TextField(label="纸面上签名或盖章的人", max_length=50)

    field_order: Any = ("what", "received_on", "name", "adoption", "measures", "why_not")
    when = {
        "adoption": "what=REPLY",
        "measures": "what=REPLY",
        "why_not": f"adoption={Adoption.PARTLY}|{Adoption.NOT_ADOPTED}",
    }
    css = ReplyForm.css | {"what": "wq-full"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("adoption", "measures"):
            self.fields[name].required = False

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        paper = self.supervision.latest_demand()
        if paper and paper.signed_at and day < china_date(paper.signed_at):
            raise ValidationError("收到日期不能早于文书签发的日期。")
        return day

    @property
    def is_reply(self) -> bool:
        return bool(self.cleaned_data["what"] == self.REPLY)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("what") != self.REPLY:
            for name in ("adoption", "measures", "why_not"):
                self.errors.pop(name, None)
                self.cleaned_data[name] = ""
            return self.cleaned_data
        for name, words in (("adoption", "请选择是否采纳。"), ("measures", "请填写采取的措施和结果。")):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, words)
        return super().clean()

    def told(self) -> dict[str, Any]:
        names = ("received_on", "name") + (("adoption", "measures", "why_not") if self.is_reply else ())
        return {name: self.cleaned_data[name] for name in names}


STEP_FORMS: dict[SupervisionStep, type[SupervisionForm]] = {
    SupervisionStep.DRAFT: NextDraftForm,
    SupervisionStep.SIGN_OFF: SignForm,
    SupervisionStep.SIGN_OTHER: SignForm,
    SupervisionStep.RETURN_DRAFT: ReasonForm,
    SupervisionStep.ACKNOWLEDGE: SupervisionForm,
    SupervisionStep.REPLY: ReplyForm,
    SupervisionStep.REJECT: CheckForm,
    SupervisionStep.CLOSE: CloseForm,
    SupervisionStep.UNLIST: ReasonForm,
    SupervisionStep.WITHDRAW: ReasonForm,
}

SHOWS = (
    ("open", "在办"),
    ("late", "逾期未回复"),
    ("check", "待核查"),
    ("listed", "挂牌"),
    ("ended", "已结束"),
)


class LedgerFilter(forms.Form):
    """The filters of the ledger: codes only, so that they may stand in a URL."""

    show = forms.ChoiceField(required=False, choices=SHOWS, widget=forms.HiddenInput)
    target = forms.ModelChoiceField(
        label="被督办单位", queryset=Organisation.objects.none(), required=False, empty_label="全部"
    )

    def __init__(self, *args: Any, targets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 – narrows the type
        field.queryset = targets

    def chosen(self) -> dict[str, str]:
        """What was chosen; anything not on a list counts as not chosen: a URL is typed, shared and mangled."""
        self.is_valid()
        target = self.cleaned_data.get("target")
        return {
            "show": self.cleaned_data.get("show") or "open",
            "target": str(target.pk) if target else "",
        }
