"""The forms of a mediation agreement: what was promised by when, its confirmation by a court, and each promise checked."""

from typing import Any

from django import forms

from cases.choices import VisitFinding
from cases.forms.fields import DateField, TextField
from cases.forms.monitors.base import MonitorForm, OpeningForm, VisitForm, yes_no
from cases.forms.monitors.order import CourtField, offer_courts
from cases.models import AgreementTerm
from cases.permissions.monitor import may_read_monitor

# More than these are rare; the text of the agreement holds everything.
PROMISES = 6
ENDS = (("yes", "已履行"), ("no", "没有履行，按协议未履行处理"))
CONFIRMED = (("yes", "确认有效"), ("no", "没有确认"))


class AgreementOpeningForm(OpeningForm):
    made_on = DateField(label="协议生效日期", past=True)
    number = TextField(label="协议书编号", max_length=60, required=False)
    mediator = TextField(label="调解组织、调解员", max_length=100, required=False)
    terms = TextField(label="协议内容", rows=4)

    def prepare(self) -> None:
        for n in range(1, PROMISES + 1):
            first = n == 1
            self.fields[f"what_{n}"] = TextField(label=f"约定{n}：谁做什么", max_length=300, required=first)
            self.fields[f"due_{n}"] = DateField(label=f"约定{n}：履行日期", required=first)
        self.order_fields([name for name in self.fields if name != "keeper"] + ["keeper"])
        self.css = {"terms": "wq-full"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        made = cleaned.get("made_on")
        for n in range(1, PROMISES + 1):
            what, due = cleaned.get(f"what_{n}"), cleaned.get(f"due_{n}")
            if what and not due and f"due_{n}" not in self.errors:
                self.add_error(f"due_{n}", "请填写这一项的履行日期。")
            if due and not what and f"what_{n}" not in self.errors:
                self.add_error(f"what_{n}", "请写明这一天谁做什么。")
            if due and made and due < made:
                self.add_error(f"due_{n}", "履行日期不能早于协议生效。")
        return cleaned

    def told(self) -> dict[str, Any]:
        told = super().told()
        rows = [(told.pop(f"what_{n}"), told.pop(f"due_{n}")) for n in range(1, PROMISES + 1)]
        return told | {"dues": [row for row in rows if row[0]]}


class AgreementVisitForm(VisitForm):
    findings = (VisitFinding.CLEAN, VisitFinding.UNSURE, VisitFinding.UNREACHABLE)


class ConfirmForm(MonitorForm):
    asked_on = DateField(label="申请日期", past=True)
    court = CourtField(label="法院")
    content = TextField(label="说明", rows=2, max_length=1000, required=False)

    css = {"content": "wq-full"}

    def prepare(self) -> None:
        offer_courts(self, self.monitor.case)


class ConfirmedForm(MonitorForm):
    confirmed = yes_no("法院裁定", CONFIRMED)
    decided_on = DateField(label="裁定日期", past=True)
    content = TextField(label="说明", rows=2, max_length=1000, required=False)

    css = {"confirmed": "wq-full", "content": "wq-full"}

    def clean_confirmed(self) -> bool:
        return bool(self.cleaned_data["confirmed"] == "yes")


class TermField(forms.ModelChoiceField):
    """One promise of the agreement; its words only for who may read them."""

    in_words = False

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.due_on:%Y-%m-%d}到期{f'：{obj.what}' if self.in_words else ''}"


class PerformForm(MonitorForm):
    due = TermField(
        label="哪一项",
        queryset=AgreementTerm.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择是哪一项。", "invalid_choice": "这一项刚刚已经登记过。"},
    )
    performed = yes_no("履行了吗", ENDS)
    checked_on = DateField(label="核实日期", past=True)
    result = TextField(label="履行情况", rows=3, max_length=2000)

    css = {"due": "wq-full", "performed": "wq-full", "result": "wq-full"}

    def prepare(self) -> None:
        field = self.fields["due"]
        assert isinstance(field, TermField)  # noqa: S101 – narrows the type
        field.queryset = self.monitor.agreement.dues.filter(performed=None).order_by("due_on", "pk")
        field.in_words = may_read_monitor(self.user, self.monitor)

    def clean_performed(self) -> bool:
        return bool(self.cleaned_data["performed"] == "yes")
