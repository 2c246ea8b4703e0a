"""Applying for a protection order on her behalf: what is asked, the evidence, the way through the court."""

from typing import Any

from django import forms

from cases.choices import ApplyGround, Evidence, PersonRole, ProtectionMeasure
from cases.deadlines import china_date
from cases.forms.fields import (
    ChoiceField,
    DateField,
    IntegerField,
    MultipleChoiceField,
    PastDateTimeField,
    TextField,
)
from cases.forms.monitors.base import CHOOSE, MonitorForm, OpeningForm, yes_no
from cases.forms.monitors.order import LIMIT, CourtField, offer_courts
from cases.models import Case, ShelterStay

HERS = "|".join(ApplyGround.with_her_consent)


class WishMixin(forms.Form):
    """What is applied for and why by us."""

    ground = ChoiceField(label="为什么由我们代为申请", choices=[CHOOSE, *ApplyGround.choices])
    consented = forms.BooleanField(
        label="她本人同意由我们代为申请", required=False, help_text="年老、残疾、重病的，要她本人同意。"
    )
    ground_words = TextField(
        label="她为什么不能自己申请", rows=2, max_length=1000, help_text="会写进申请书。"
    )
    measures = MultipleChoiceField(label="请求法院采取的措施", choices=())
    request = TextField(label="其他请求", rows=2, max_length=1000, required=False)
    facts = TextField(
        label="事实和理由",
        rows=8,
        help_text="什么时候、在哪里、怎样施暴或者威胁，有什么伤，报过几次警。会写进申请书，对方看得到：不写她现在住处、电话和庇护地点。",
    )
    urgent = forms.BooleanField(
        label="情况紧急，请法院24小时内作出",
        required=False,
        help_text="正在受到伤害或者马上有危险的勾选；否则法院在72小时内作出（反家庭暴力法第28条）。",
    )

    css = dict.fromkeys(("consented", "ground_words", "measures", "request", "facts", "urgent"), "wq-full")
    when = {"consented": f"ground={HERS}"}

    def ask_about(self, case: Case) -> None:
        self.secrets = secret_places(case)
        offered = ProtectionMeasure.offered_in(case.place)
        self.fields["measures"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("ground") in ApplyGround.with_her_consent and not cleaned.get("consented"):
            self.add_error("consented", "这种情形要先取得她本人同意。")
        # The respondent is served a copy: where she is must not slip in by a hasty hand.
        for name in ("facts", "ground_words", "request"):
            if any(place in (cleaned.get(name) or "") for place in self.secrets):
                self.add_error(name, "里面写了她现在的住处或者庇护地点。对方会收到副本，请删去。")
        return cleaned


def secret_places(case: Case) -> list[str]:
    """Where she and her side are now; not where he lives, who knows it."""
    parties = case.parties.filter(person__isnull=False).exclude(role=PersonRole.RESPONDENT)
    homes = [party.person.address_now for party in parties.select_related("person") if party.person]
    stays = ShelterStay.objects.filter(monitor__case=case)
    return [place for place in (*homes, *(stay.place for stay in stays)) if place]


class ApplicationOpeningForm(WishMixin, OpeningForm):
    def prepare(self) -> None:
        self.ask_about(self.case)


class ApplicationReviseForm(WishMixin, MonitorForm):
    """The same questions with what was answered before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        application = kwargs["monitor"].application
        before = {name: getattr(application, name) for name in WishMixin.base_fields}
        kwargs["initial"] = before | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        self.ask_about(self.monitor.case)


class EvidenceForm(MonitorForm):
    kind = ChoiceField(label="证据种类", choices=[CHOOSE, *Evidence.choices])
    copies = IntegerField(label="份数", min_value=1, max_value=99, initial=1)
    description = TextField(
        label="内容和证明什么", rows=3, max_length=1000, help_text="如：11月3日出警记录，证明当晚被打。"
    )
    kept_at = TextField(
        label="原件在哪里", max_length=200, required=False, help_text="只在本系统内看，不写进清单。"
    )

    css = {"description": "wq-full", "kept_at": "wq-full"}

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"kind": Evidence(told["kind"])}


class FileForm(MonitorForm):
    court = CourtField(label="递交到哪个法院")
    filed_at = PastDateTimeField(label="递交时间")

    def prepare(self) -> None:
        offer_courts(self, self.monitor.case)
        field = self.fields["court"]
        assert isinstance(field, CourtField)  # noqa: S101 – narrows the type
        field.leave_out_barred(self.monitor.case)


class AcceptForm(MonitorForm):
    accepted_at = PastDateTimeField(label="法院受理时间")
    court_number = TextField(label="法院案号", max_length=60, required=False)


class DecideForm(MonitorForm):
    """What the court ruled; an order made is watched over at once."""

    issued = yes_no("法院怎样裁定", (("yes", "作出保护令"), ("no", "驳回申请")))
    decided_at = PastDateTimeField(label="裁定时间")
    number = TextField(label="裁定书案号", max_length=60, required=False)
    valid_until = DateField(label="有效至", required=False, help_text=LIMIT)
    measures = MultipleChoiceField(label="法院采取的措施", choices=(), required=False)
    ruling = TextField(label="裁定要点", rows=3, max_length=2000, help_text="驳回的写明理由。")

    css = {"issued": "wq-full", "measures": "wq-full", "ruling": "wq-full"}
    when = dict.fromkeys(("number", "valid_until", "measures"), "issued=yes")

    def prepare(self) -> None:
        offered = ProtectionMeasure.offered_in(self.monitor.case.place)
        self.fields["measures"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]
        self.initial.setdefault("measures", self.monitor.application.measures)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("issued") != "yes":
            return cleaned | {"number": "", "valid_until": None, "measures": []}
        if not cleaned.get("measures") and "measures" not in self.errors:
            self.add_error("measures", "请选择法院采取的措施。")
        made, until = cleaned.get("decided_at"), cleaned.get("valid_until")
        if made and until and until < china_date(made):
            self.add_error("valid_until", "有效期不能早于作出的日期。")
        return cleaned
