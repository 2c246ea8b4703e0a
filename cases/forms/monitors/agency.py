"""The forms of a petition agency: what she asks for, the authority, what was handed in, answered, told, how it ended."""

from decimal import Decimal
from typing import Any

from django import forms

from cases.choices import (
    AgencyMode,
    AgencyRefusal,
    AgencySide,
    MonitorOutcome,
    Satisfaction,
    SubmitWay,
    VisitWay,
)
from cases.forms.fields import ChoiceField, DateField, TextField
from cases.forms.monitors.application import secret_places
from cases.forms.monitors.base import CHOOSE, YES_NO, KeeperForm, MonitorForm, OpeningForm, yes_no
from cases.models import Case
from cases.models.guarding import barred_from
from stations.models import Organisation

MOST = Decimal("999999.99")
RESULTS = [CHOOSE, *((one, MonitorOutcome(one).label) for one in MonitorOutcome.of_agency)]
REVIEWS = (("review", "复查"), ("recheck", "复核"))


def leave_out_secrets(form: forms.Form, case: Case, *names: str) -> None:
    """Refuse where she is now in what stands on the authority or goes along with it."""
    secrets = secret_places(case)
    for name in names:
        if any(place in (form.cleaned_data.get(name) or "") for place in secrets):
            form.add_error(name, "里面写了她现在的住处或者庇护地点。责任单位会看到，请删去。")


class BodyField(forms.ModelChoiceField):
    """The departments around the unit of the agent, without the one the case is about."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", "请选择")
        errors = {"invalid_choice": "请从清单中选择责任单位。"}
        super().__init__(
            label="责任单位",
            queryset=Organisation.objects.none(),
            required=False,
            error_messages=errors,
            **kwargs,
        )


class CostField(forms.DecimalField):
    """Yuan, spent by the station: she pays nothing."""

    def __init__(self) -> None:
        wrong = "站里支出请填写不超过999999.99元的数，如 35.50；没有支出填0。"
        errors = dict.fromkeys(
            (
                *("invalid", "min_value", "max_value", "max_digits", "max_decimal_places"),
                *("max_whole_digits", "required"),
            ),
            wrong,
        )
        super().__init__(
            label="站里支出（元）",
            min_value=0,
            max_value=MOST,
            decimal_places=2,
            initial=0,
            error_messages=errors,
            help_text="车费、复印费等由站里承担，不向委托人收取任何费用。",
        )


class AgencyOpeningForm(OpeningForm):
    applied_on = DateField(label="提出委托的日期", past=True)
    mode = ChoiceField(label="希望怎样代理", choices=[CHOOSE, *AgencyMode.choices])
    matter = TextField(label="委托事项", rows=3, max_length=2000)
    wish = TextField(label="她的要求", rows=3, max_length=2000, required=False)

    css = {"matter": "wq-full", "wish": "wq-full"}

    def prepare(self) -> None:
        self.fields["keeper"].label = "代理人"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        leave_out_secrets(self, self.case, "matter")
        return cleaned

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"mode": AgencyMode(told["mode"])}


class SignForm(MonitorForm):
    signed_on = DateField(label="委托日期", past=True)
    term_on = DateField(label="代理期限到哪一天", help_text="到期前提醒；她同意的可以延长。")
    mode = ChoiceField(label="代理方式", choices=AgencyMode.choices)
    scope = TextField(
        label="代理范围",
        rows=3,
        max_length=2000,
        help_text="没有写明的，代理人不能代为和解、放弃或者变更请求、领取款物。",
    )
    papers = TextField(
        label="她交来的材料",
        rows=3,
        max_length=2000,
        required=False,
        help_text="一行一份，写明原件还是复印件。",
    )
    other_agent = TextField(
        label="另一代理人", max_length=100, required=False, help_text="姓名、单位。最多两人，没有的不填。"
    )
    no_fee = forms.BooleanField(
        label="已说明：不收费、保守秘密、可以随时解除",
        error_messages={"required": "请先向她说明不收费、保守秘密、可以随时解除，再勾选。"},
    )

    css = dict.fromkeys(("scope", "papers", "other_agent", "no_fee"), "wq-full")

    def prepare(self) -> None:
        self.initial.setdefault("mode", self.monitor.agency.mode)
        self.initial.setdefault(
            "scope", "代为向有关机关、单位反映情况、递交材料、查询办理进度、接收书面答复。"
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        signed, term = cleaned.get("signed_on"), cleaned.get("term_on")
        if signed and term and term < signed:
            self.add_error("term_on", "代理期限不能早于委托日期。")
        leave_out_secrets(self, self.monitor.case, "scope", "papers", "other_agent")
        return cleaned

    def told(self) -> dict[str, Any]:
        told = super().told()
        told.pop("no_fee")
        return told | {"mode": AgencyMode(told["mode"])}


class RefuseForm(MonitorForm):
    reason = ChoiceField(label="原因", choices=[CHOOSE, *AgencyRefusal.choices])
    words = TextField(label="怎样向她说明的", rows=3, max_length=1000)

    css = {"words": "wq-full"}

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"reason": AgencyRefusal(told["reason"])}


class ExtendForm(MonitorForm):
    term_on = DateField(label="延长到")
    words = TextField(label="她的意见和签字情况", rows=2, max_length=1000)

    css = {"words": "wq-full"}


class SubmitForm(MonitorForm):
    body = BodyField()
    body_name = TextField(
        label="清单以外的责任单位", max_length=100, required=False, help_text="清单里没有的才填。"
    )
    submitted_on = DateField(label="提交日期", past=True)
    way = ChoiceField(label="提交方式", choices=[CHOOSE, *SubmitWay.choices])
    papers = TextField(
        label="提交的材料", rows=3, max_length=2000, help_text="一行一份。不写她现在的住处和电话。"
    )
    letter_number = TextField(label="介绍信编号", max_length=60, required=False)

    css = {"papers": "wq-full"}

    def prepare(self) -> None:
        around = Organisation.objects.departments_for(self.monitor.unit)
        field = self.fields["body"]
        assert isinstance(field, BodyField)  # noqa: S101 – narrows the type
        field.queryset = around.exclude(pk__in=barred_from(self.monitor.case_id).units)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        listed, named = cleaned.get("body"), cleaned.get("body_name")
        if not listed and not named and not {"body", "body_name"} & set(self.errors):
            self.add_error("body", "请选择责任单位；清单里没有的，填在下一栏。")
        if listed and named:
            self.add_error("body_name", "已从清单中选择责任单位，这一栏请清空。")
        leave_out_secrets(self, self.monitor.case, "papers")
        return cleaned

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"way": SubmitWay(told["way"])}


class NoticeForm(MonitorForm):
    received_on = DateField(label="收到日期", past=True)
    number = TextField(label="告知书文号", max_length=60, required=False, help_text="口头告知的留空。")
    taken_up = yes_no("责任单位受理了吗", YES_NO)
    answer = TextField(label="告知内容", rows=3, max_length=2000, required=False)

    css = {"taken_up": "wq-full", "answer": "wq-full"}

    def clean_taken_up(self) -> bool:
        return bool(self.cleaned_data["taken_up"] == "yes")


class OpinionForm(MonitorForm):
    received_on = DateField(label="收到日期", past=True)
    number = TextField(label="意见书文号", max_length=60, required=False, help_text="没有文号的留空。")
    answer = TextField(label="意见要点", rows=4, max_length=4000)

    css = {"answer": "wq-full"}


class TellForm(MonitorForm):
    told_on = DateField(label="反馈日期", past=True)
    way = ChoiceField(label="方式", choices=[CHOOSE, *VisitWay.choices])
    view = TextField(label="她的意见", rows=3, max_length=2000)

    css = {"view": "wq-full"}

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"way": VisitWay(told["way"])}


class ReviewForm(MonitorForm):
    asked_on = DateField(label="申请日期", past=True)
    kind = yes_no("申请什么", REVIEWS)
    words = TextField(label="向哪里申请、她的新委托", rows=3, max_length=1000)

    css = {"words": "wq-full"}

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"recheck": told.pop("kind") == "recheck"}


class FinishForm(MonitorForm):
    outcome = ChoiceField(label="结果", choices=RESULTS)
    satisfaction = ChoiceField(label="她满意吗", choices=[CHOOSE, *Satisfaction.choices])
    cost = CostField()
    words = TextField(label="结果说明", rows=3, max_length=2000)
    confirmed = forms.BooleanField(
        label="她已确认代理终结（签字或者按指印）",
        error_messages={"required": "请先请她确认，再登记终结；她不再委托的，请登记“解除代理”。"},
    )

    css = {"words": "wq-full", "confirmed": "wq-full"}

    def told(self) -> dict[str, Any]:
        told = super().told()
        told.pop("confirmed")
        return told | {
            "outcome": MonitorOutcome(told["outcome"]),
            "satisfaction": Satisfaction(told["satisfaction"]),
        }


class RevokeForm(MonitorForm):
    side = ChoiceField(label="由谁解除", choices=[CHOOSE, *AgencySide.choices])
    reason = TextField(label="原因", rows=3, max_length=1000)
    returned = TextField(
        label="退回的材料",
        rows=2,
        max_length=2000,
        help_text="一行一份，写明交还给谁；没有收过材料的写“无”。",
    )

    css = {"reason": "wq-full", "returned": "wq-full"}

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"side": AgencySide(told["side"])}


class AgentForm(KeeperForm):
    def prepare(self) -> None:
        super().prepare()
        self.fields["keeper"].label = "新的代理人"
