"""Periods of law that a person registers: when one began, and how it ended."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from cases.choices import ClockTopic
from cases.forms.fields import ChoiceField, PastDateTimeField, TextField
from cases.forms.step import EMPTY, StepForm
from cases.models import Clock, ClockRule

TOPIC_ORDER = ClockTopic.values


class StartClockForm(StepForm):
    button = "登记"
    explain = (
        "法院受理、公安受案等起算时间由本人告知或部门反馈后登记；从登记的时间起算，到期前后会提醒承办人。"
    )
    rule = ChoiceField(label="哪一项期限")
    referral = ChoiceField(
        label="针对哪次转交", required=False, help_text="由已转交的部门办理的请选上，部门也会收到提醒。"
    )
    started_at = PastDateTimeField(label="起算时间", help_text="文书或对方告知的时间；按日计的，第一天不算。")
    note = TextField(label="怎样得知", rows=2, required=False, help_text="文书名称、文号，或谁告知的。")

    def offer(self, rules: list[ClockRule]) -> None:
        """The rules that bind the place of the case, under the heading of their field."""
        by_topic: dict[str, list[tuple[str, str]]] = {}
        for rule in sorted(rules, key=lambda rule: TOPIC_ORDER.index(rule.topic)):
            words = f"{rule.name}（{rule.bound}，{rule.length}）：从{rule.trigger}起"
            by_topic.setdefault(rule.get_topic_display(), []).append((rule.code, words))
        field = self.fields["rule"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [EMPTY, *by_topic.items()]

    def prepare(self) -> None:
        sent = self.case.referrals.open().select_related("department").order_by("-sent_at")
        self.referrals = {str(referral.pk): referral for referral in sent}
        field = self.fields["referral"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [
            ("", "不针对转交，只记在案件上"),
            *((key, f"{row.department.name} {row.number}") for key, row in self.referrals.items()),
        ]

    def values(self) -> dict[str, Any]:
        values = super().values()
        values["code"] = values.pop("rule")
        return values | {"referral": self.referrals.get(values["referral"])}


class EndClockForm(StepForm):
    button = "登记"
    explain = "系统办到哪一步就自动完成的期限不在这里；这里只登记由法律起算、由人得知的期限。"
    clock = ChoiceField(label="哪一项期限")
    how = ChoiceField(
        label="怎样了",
        choices=[("MET", "已经办到"), ("NOT_APPLICABLE", "不适用或登记有误，不再计时")],
        initial="MET",
        widget=forms.RadioSelect,
    )
    ended_at = PastDateTimeField(label="什么时候", help_text="文书或对方告知的时间。")
    note = TextField(label="凭什么", rows=2, help_text="文书名称、文号，或谁告知的；不适用的写明原因。")

    def offer(self, clocks: list[Clock]) -> None:
        self.clocks = {str(clock.pk): clock for clock in clocks}
        field = self.fields["clock"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [EMPTY, *((key, _say_clock(clock)) for key, clock in self.clocks.items())]
        self.initial.setdefault("ended_at", timezone.localtime())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        clock, moment = self.clocks.get(data.get("clock", "")), data.get("ended_at")
        if clock and moment and moment < clock.started_at:
            self.add_error("ended_at", f"不能早于起算时间（{_say_moment(clock.started_at)}）。")
        return data

    def values(self) -> dict[str, Any]:
        values = super().values()
        values["clock"] = self.clocks[values["clock"]]
        return values | {"met": values.pop("how") == "MET"}


def _say_clock(clock: Clock) -> str:
    whose = f"{clock.referral.department.name} {clock.referral.number}：" if clock.referral else ""
    return f"{whose}{clock.rule.name}（{_say_moment(clock.started_at)}起，{clock.length}）"


def _say_moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
