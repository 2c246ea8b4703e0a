"""On what ground her words are kept and passed on: at the first talk, and later from the case page."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from cases.choices import (
    AgeBand,
    ConsentBy,
    ConsentScope,
    ConsentWay,
    DisclosureKind,
    ExtractField,
    LegalBasis,
)
from cases.deadlines import china_date
from cases.forms.fields import ChoiceField, MultipleChoiceField, TextField
from cases.forms.persons import PartForm
from cases.forms.step import StepForm
from cases.models import Consent
from cases.models.guarding import barred_from
from stations.models import Organisation

UNDER_14 = (AgeBand.UNDER_6, AgeBand.UNDER_14)
EXTRACT = [(field.value, field.label.partition("（")[0]) for field in ExtractField]
BASES = [(basis.value, basis.label) for basis in LegalBasis]


class Said(NamedTuple):
    """What one answer at the desk means."""

    words: str
    basis: LegalBasis
    given_by: ConsentBy = ConsentBy.NOBODY
    way: ConsentWay = ConsentWay.NONE


SUSPECT = "GUARDIAN_SUSPECT"
GROUNDS: dict[str, Said] = {
    "SELF_ORAL": Said("本人同意，口头", LegalBasis.CONSENT, ConsentBy.SELF, ConsentWay.ORAL),
    "SELF_WRITTEN": Said("本人同意，书面签字", LegalBasis.CONSENT, ConsentBy.SELF, ConsentWay.WRITTEN),
    "GUARDIAN_ORAL": Said(
        "监护人同意，口头", LegalBasis.GUARDIAN_CONSENT, ConsentBy.GUARDIAN, ConsentWay.ORAL
    ),
    "GUARDIAN_WRITTEN": Said(
        "监护人同意，书面签字", LegalBasis.GUARDIAN_CONSENT, ConsentBy.GUARDIAN, ConsentWay.WRITTEN
    ),
    "DUTY": Said("来信、转来、匿名或强制报告：依法定职责登记", LegalBasis.STATUTORY_DUTY),
    "EMERGENCY": Said("人正有危险，来不及征求同意", LegalBasis.EMERGENCY),
    SUSPECT: Said("监护人涉嫌侵害孩子：不征求其同意，依法定职责登记", LegalBasis.STATUTORY_DUTY),
}
GUARDIAN_GROUNDS = ("GUARDIAN_ORAL", "GUARDIAN_WRITTEN")
SUSPECT_WORDS = "监护人涉嫌侵害，没有征求其同意。"


class KeepForm(PartForm):
    """The ground for keeping the matter: one click for whoever speaks for herself.

    Source: 个人信息保护法 第13、18、28、29、31条; 未成年人保护法 第72条.
    """

    ground = ChoiceField(
        label="凭什么登记她的信息",
        choices=[(key, said.words) for key, said in GROUNDS.items()],
        widget=forms.RadioSelect,
    )
    because = TextField(
        label="没有监护人同意的原因",
        required=False,
        rows=2,
        max_length=500,
        help_text="孩子不满14周岁、监护人没有同意的，写明原因：联系不上、来不及、由学校或村委会送来等。",
    )

    @property
    def ground_words(self) -> dict[str, Any]:
        """What the verb is told; ask after is_valid()."""
        key = self.cleaned_data["ground"]
        said = GROUNDS[key]
        because = self.cleaned_data["because"] or (SUSPECT_WORDS if key == SUSPECT else "")
        return {
            "basis": said.basis,
            "given_by": said.given_by,
            "way": said.way,
            "guardian_because": because,
        }

    def check_child(self, born: list[date | None], *, guardian_suspected: bool = False) -> None:
        """For a child under 14 her own word does not do: the guardian's, or why it is not there. A guardian who may
        have done it is never asked."""
        ground = self.cleaned_data.get("ground")
        if guardian_suspected and ground in GUARDIAN_GROUNDS:
            self.add_error("ground", "监护人涉嫌侵害的，不征求其同意。请选“监护人涉嫌侵害孩子”。")
        if ground is None or not any(AgeBand.on(self.today, born=day) in UNDER_14 for day in born):
            return
        if GROUNDS[ground].given_by == ConsentBy.SELF:
            self.add_error("ground", "不满14周岁，须监护人同意；没有的，选法定职责或来不及征求，并写明原因。")
        elif ground in ("DUTY", "EMERGENCY") and self._is_missing("because"):
            self.add_error("because", "请写明为什么没有监护人同意。")


class UnitChoice(forms.ModelChoiceField):
    """A department this case can be sent to."""

    def __init__(self, *, label: str, nobody: str) -> None:
        super().__init__(
            Organisation.objects.none(),
            label=label,
            required=False,
            empty_label=nobody,
            error_messages={"invalid_choice": "这个单位不在可选的范围里，请重新选择。"},
        )

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class UnitForm(StepForm):
    """A step that names the unit something goes to."""

    def prepare(self) -> None:
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 – declared so below
        unit = self.user.organisation or self.case.holder
        field.queryset = self.offered(Organisation.objects.departments_for(unit))

    def offered(self, units: QuerySet[Organisation]) -> QuerySet[Organisation]:
        """Nothing is to go to a unit that must not know."""
        return units.exclude(pk__in=barred_from(self.case.pk).units)


class ConsentForm(UnitForm):
    button = "登记同意"
    explain = "先告诉她：发给谁、发什么、用来做什么，可以不同意，也可以随时撤回。"
    given_by = ChoiceField(
        label="谁同意",
        choices=[(ConsentBy.SELF, "本人"), (ConsentBy.GUARDIAN, "监护人（不满14周岁须由监护人同意）")],
        widget=forms.RadioSelect,
    )
    way = ChoiceField(
        label="怎样同意的",
        choices=[(ConsentWay.ORAL, "口头"), (ConsentWay.WRITTEN, "书面签字")],
        widget=forms.RadioSelect,
    )
    scope = ChoiceField(
        label="同意什么",
        choices=[(ConsentScope.DISCLOSE, "把信息提供给有关单位"), (ConsentScope.KEEP, "由我们登记和办理")],
        widget=forms.RadioSelect,
        initial=ConsentScope.DISCLOSE,
    )
    organisation = UnitChoice(label="提供给哪个单位", nobody="办理本案需要的任何单位")
    fields_told = MultipleChoiceField(label="可以提供的信息", choices=EXTRACT, required=False)
    purpose = TextField(label="用来做什么", rows=2, max_length=500)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("scope") == ConsentScope.DISCLOSE and not data.get("fields_told"):
            self.add_error("fields_told", "请勾选她同意提供的信息。")
        return data

    def values(self) -> dict[str, Any]:
        told = super().values()
        told["fields"] = told.pop("fields_told")
        if told["scope"] == ConsentScope.KEEP:
            told |= {"organisation": None, "fields": []}
        return told


class WithdrawConsentForm(StepForm):
    button = "登记撤回"
    explain = "撤回后不再以同意为依据提供；已经提供的不受影响，仍在记录里。靠这些同意发出的转交，部门立即看不到个人信息。"
    consents = MultipleChoiceField(label="她撤回哪些同意")
    words = TextField(label="她怎么说的", rows=3, max_length=1000)

    def prepare(self) -> None:
        live = Consent.objects.live().filter(case=self.case).select_related("organisation")
        rows = [(str(row.pk), consent_words(row)) for row in live.order_by("-at", "-pk")]
        field = self.fields["consents"]
        assert isinstance(field, MultipleChoiceField)  # noqa: S101 – declared so above
        field.choices = rows
        self.initial.setdefault("consents", [key for key, _ in rows])

    def values(self) -> dict[str, Any]:
        told = super().values()
        return told | {"consents": [UUID(key) for key in told["consents"]]}


def consent_words(consent: Consent) -> str:
    """向鲁山县公安局提供姓名、诉求（本人，2026年11月16日）."""
    on = china_date(consent.at)
    how = f"{consent.get_given_by_display()}，{on.year}年{on.month}月{on.day}日"
    if consent.scope == ConsentScope.KEEP:
        return f"由我们登记和办理（{consent.get_basis_display()}，{how}）"
    unit = consent.organisation.name if consent.organisation else "办理本案需要的任何单位"
    fields = "、".join(ExtractField(code).label.partition("（")[0] for code in consent.fields)
    return f"向{unit}提供{fields}（{how}）"


class DiscloseForm(UnitForm):
    button = "记下来"
    explain = "在系统以外告诉了谁、给了什么，都记在这里，她有权知道。"
    kind = ChoiceField(
        label="怎样提供的",
        choices=[(kind, DisclosureKind(kind).label) for kind in DisclosureKind.by_hand],
        widget=forms.RadioSelect,
    )
    organisation = UnitChoice(label="给了哪个单位", nobody="不在名单里，写在下面")
    recipient = TextField(label="对方是谁", required=False, help_text="姓名、职务；单位不在名单里的写全称。")
    fields_told = MultipleChoiceField(label="提供了哪些信息", choices=EXTRACT, required=False)
    what = TextField(label="还提供了什么", required=False, help_text="照片、证明、材料等。")
    basis = ChoiceField(label="依据", choices=BASES, widget=forms.RadioSelect)
    purpose = TextField(label="为了什么", rows=2, max_length=500)

    def offered(self, units: QuerySet[Organisation]) -> QuerySet[Organisation]:
        """What was told has been told: also to whom it should not have been."""
        barred = barred_from(self.case.pk).units
        names = Organisation.objects.filter(pk__in=barred).order_by("name").values_list("name", flat=True)
        if told := "、".join(names):
            self.fields[
                "organisation"
            ].help_text = f"{told}须回避这件案件，不得再向其提供；已经提供的照实记下，并马上报告负责人。"
        return units

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("organisation") and not data.get("recipient"):
            self.add_error("recipient", "请选择单位，或写明对方是谁。")
        if not data.get("fields_told") and not data.get("what"):
            self.add_error("fields_told", "请勾选或写明提供了什么。")
        return data

    def values(self) -> dict[str, Any]:
        told = super().values()
        told["fields"] = told.pop("fields_told")
        return told


LEAST_REASON = 10


class BreakInForm(forms.Form):
    """Why, and that she knows it is told at once."""

    reason = TextField(
        label="为什么必须现在看",
        rows=3,
        max_length=500,
        help_text="至少10个字。承办人、承办单位负责人会看到原话。",
    )
    known = forms.BooleanField(
        label="我知道：查看会立即告诉承办人、承办单位负责人和安全管理员，事后要核实",
        error_messages={"required": "请确认您知道查看会立即告知。"},
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if len("".join(reason.split())) < LEAST_REASON:
            raise ValidationError(f"请把原因写清楚，至少{LEAST_REASON}个字。")
        return reason


class JudgeForm(forms.Form):
    """Whether an emergency access was needed."""

    justified = ChoiceField(
        label="有没有必要",
        choices=[("yes", "确有必要"), ("no", "没有必要")],
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )
    finding = TextField(label="核实情况", rows=3, max_length=1000)

    def told(self) -> dict[str, Any]:
        """What the verb is told."""
        return {
            "justified": self.cleaned_data["justified"] == "yes",
            "finding": self.cleaned_data["finding"],
        }
