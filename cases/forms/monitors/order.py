"""The forms of a protection order (人身安全保护令)."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import MonitorOutcome, ProtectionMeasure, VisitFinding
from cases.deadlines import china_date, start_of_day
from cases.forms.fields import DateField, MultipleChoiceField, PastDateTimeField, TextField
from cases.forms.monitors.base import EndForm, MonitorForm, OpeningForm, VisitForm
from cases.forms.monitors.breach import BreachForm
from cases.models import Case, Feedback
from cases.models.guarding import barred_from
from stations.models import Organisation

LIMIT = "不填按六个月；不得超过六个月（反家庭暴力法第30条）。"


class CourtField(forms.ModelChoiceField):
    """The courts of the county and the city of the case."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", "请选择")
        errors = {"required": "请选择法院。", "invalid_choice": "请从清单中选择法院。"}
        super().__init__(queryset=Organisation.objects.none(), error_messages=errors, **kwargs)

    def offer(self, case: Case) -> None:
        code = case.county_code
        here = [f"{code[:digits]:0<12}" for digits in (6, 4, 2)]
        courts = Organisation.objects.active().filter(department_id="COURT", region_id__in=here)
        self.queryset = courts.order_by("-region_id", "pk")

    def leave_out_barred(self, case: Case) -> None:
        """Where something is about to go there; what a court has done already is written down whichever it was."""
        barred = barred_from(case.pk).units
        self.queryset = self.queryset.exclude(pk__in=barred)  # type: ignore[union-attr]


def offer_courts(form: forms.Form, case: Case) -> None:
    field = form.fields["court"]
    assert isinstance(field, CourtField)  # noqa: S101 – narrows the type
    field.offer(case)


class OrderOpeningForm(OpeningForm):
    from_answer = True

    made_at = PastDateTimeField(label="作出时间")
    valid_until = DateField(label="有效至", required=False, help_text=LIMIT)
    number = TextField(label="裁定书案号", max_length=60, required=False)
    court = CourtField(label="作出法院", required=False)
    served_at = PastDateTimeField(
        label="送达时间", required=False, help_text="还没有送达的先留空：法院应在24小时内送达。"
    )
    measures = MultipleChoiceField(label="措施", choices=())
    terms = TextField(label="裁定内容", rows=3, max_length=4000, required=False)

    css = {"measures": "wq-full", "terms": "wq-full"}

    def prepare(self) -> None:
        offer_courts(self, self.case)
        offered = ProtectionMeasure.offered_in(self.case.place)
        self.fields["measures"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]

    def from_feedback(self, feedback: Feedback) -> dict[str, Any]:
        made = {"made_at": start_of_day(feedback.doc_on)} if feedback.doc_on else {}
        return made | {
            "number": feedback.doc_number,
            "valid_until": feedback.valid_until,
            "court": feedback.referral.department_id,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        made, served, until = (cleaned.get(name) for name in ("made_at", "served_at", "valid_until"))
        if made and served and served < made:
            self.add_error("served_at", "送达时间不能早于作出时间。")
        if made and until and until < china_date(made):
            self.add_error("valid_until", "有效期不能早于作出的日期。")
        return cleaned


class ServeForm(MonitorForm):
    served_at = PastDateTimeField(label="送达时间")
    content = TextField(
        label="送达给谁",
        rows=2,
        max_length=1000,
        required=False,
        help_text="当事人、派出所、村居委会、妇联。",
    )

    css = {"content": "wq-full"}


class OrderVisitForm(VisitForm):
    findings = (VisitFinding.CLEAN, VisitFinding.UNSURE, VisitFinding.UNREACHABLE)


class OrderBreachForm(BreachForm):
    asks_court = True


class ExtendOrderForm(MonitorForm):
    made_at = PastDateTimeField(label="法院作出延长的时间")
    valid_until = DateField(label="延长到", help_text="从作出延长之日起不超过六个月。")
    number = TextField(
        label="新裁定书案号",
        max_length=60,
        required=False,
        help_text="法院另作一份新保护令的填写：原来这一份结束，由新的接续。同一份延长的留空。",
    )
    content = TextField(label="说明", rows=2, max_length=1000, required=False)

    css = {"number": "wq-full", "content": "wq-full"}

    def clean_valid_until(self) -> date:
        day: date = self.cleaned_data["valid_until"]
        if self.monitor.valid_until and day <= self.monitor.valid_until:
            raise ValidationError("延长后的有效期应晚于原来的有效期。")
        return day


class EndOrderForm(EndForm):
    fed_back_at = PastDateTimeField(
        label="反馈法院时间",
        required=False,
        help_text="期满的，请当事人在最后一次回访单上签字，送交法院后填写。",
    )

    field_order: Any = ("outcome", "fed_back_at", "conclusion")
    when = {"fed_back_at": f"outcome={MonitorOutcome.EXPIRED}"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("outcome") != MonitorOutcome.EXPIRED:
            cleaned["fed_back_at"] = None
        elif not cleaned.get("fed_back_at") and "fed_back_at" not in self.errors:
            self.add_error("fed_back_at", "请填写反馈法院的时间。")
        return cleaned
