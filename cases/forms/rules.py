"""What the legal officer fills in: a new version of a rule, a region's own one, the order to re-date, a plan."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import ClockFamily, ClockStart, ClockTopic, ClockUnit, Rung
from cases.deadlines import start_of_day
from cases.forms.fields import ChoiceField, DateField, IntegerField, TextField
from cases.models import ClockRule, ReminderPlan

EMPTY = ("", "全部")
LONGEST = {ClockUnit.HOUR: 720, ClockUnit.DAY: 1100, ClockUnit.WORKING_DAY: 730, ClockUnit.MONTH: 240}
MOST_EARLY = 10
# The owner always hears.
CLIMBED = tuple(rung for rung in Rung if rung is not Rung.OWNER)


class RuleFilter(forms.Form):
    family = forms.ChoiceField(label="性质", required=False, choices=[EMPTY, *ClockFamily.choices])
    topic = forms.ChoiceField(label="领域", required=False, choices=[EMPTY, *ClockTopic.choices])
    only = forms.ChoiceField(
        label="只看",
        required=False,
        choices=[EMPTY, ("unverified", "待核的"), ("local", "地方规则"), ("changed", "改过的")],
    )
    q = forms.CharField(label="名称、条款", required=False, max_length=40)

    def chosen(self) -> dict[str, str]:
        """What was chosen; anything not on a list counts as not chosen."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class PlanChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class RuleForm(forms.Form):
    """A new version of one rule, filled with the one in force."""

    name = TextField(label="名称", max_length=40)
    amount = IntegerField(label="期限", min_value=0, help_text="0个工作日即当个工作日。")
    unit = ChoiceField(label="单位", choices=ClockUnit.choices)
    bound = TextField(label="义务方", max_length=40)
    law = TextField(label="依据", max_length=60)
    article = TextField(label="条款", max_length=40, required=False)
    trigger = TextField(label="从何时起算", max_length=80)
    met_by = TextField(label="怎样算完成", max_length=80)
    paused_by = TextField(label="中止、延长与终止", max_length=80, required=False)
    pausable = forms.BooleanField(label="案件中止时停计（只限内部承诺）", required=False)
    starts = ChoiceField(label="怎样开始", choices=ClockStart.choices)
    plan = PlanChoice(
        label="提醒方案",
        queryset=ReminderPlan.objects.order_by("pk"),
        empty_label=None,
        error_messages={"required": "请选择提醒方案。", "invalid_choice": "请重新选择提醒方案。"},
    )
    verified = forms.BooleanField(
        label="已核对法条原文", required=False, help_text="不勾的，各处都标“待核”。"
    )
    effective_on = DateField(label="起用日", help_text="从这一天零时起开始的期限按新版本计算。")
    reason = TextField(label="修改说明", rows=2, max_length=200, help_text="为什么改，依据什么文件。")

    def __init__(self, *args: Any, rule: ClockRule, **kwargs: Any) -> None:
        self.rule = rule
        names = [name for name in self.base_fields if hasattr(rule, name) and name != "reason"]
        initial = {name: getattr(rule, name) for name in names}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        if rule.family != ClockFamily.INTERNAL:
            del self.fields["pausable"]
        self._offer_starts()

    def _offer_starts(self) -> None:
        """What the program starts by itself stays so; what a person registers may be switched on and off."""
        if self.rule.starts == ClockStart.SYSTEM:
            del self.fields["starts"]
            return
        kinds = [ClockStart.PERSON, ClockStart.NEVER]
        field = self.fields["starts"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [
            (kind.value, kind.label)
            for kind in ([ClockStart.SIGNED] if self.rule.department_kind else []) + kinds
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        unit, amount = data.get("unit"), data.get("amount")
        if unit and amount is not None:
            if amount == 0 and unit != ClockUnit.WORKING_DAY:
                self.add_error("amount", "只有按工作日的期限可以是0（当个工作日）。")
            elif amount > LONGEST[ClockUnit(unit)]:
                self.add_error(
                    "amount", f"期限最长{LONGEST[ClockUnit(unit)]}{ClockUnit(unit).label}，请检查。"
                )
        day = data.get("effective_on")
        if day and not self.first_day_ok(start_of_day(day)):
            self.add_error("effective_on", "起用日应晚于现行版本的起用日。")
        return data

    def first_day_ok(self, moment: datetime) -> bool:
        return moment > self.rule.effective_from

    def values(self) -> dict[str, Any]:
        """The keyword arguments of the verb."""
        data = dict(self.cleaned_data)
        moment = start_of_day(data.pop("effective_on"))
        return {"reason": data.pop("reason"), "effective_from": moment, "changes": data}


class VariantForm(RuleForm):
    """A region's own rule, filled with the one that binds there now."""

    region_prefix = ChoiceField(label="适用地方")
    field_order = ("region_prefix",)

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["region_prefix"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = places
        self.initial["region_prefix"] = places[0][0] if places else ""

    def first_day_ok(self, moment: datetime) -> bool:
        return True

    def values(self) -> dict[str, Any]:
        values = super().values()
        return values | {"region_prefix": values["changes"].pop("region_prefix")}


class RedateForm(forms.Form):
    """The order: with a reason, and with open eyes where somebody would have less time than was promised."""

    may_shorten = forms.BooleanField(label="有期限会提前：已知悉，一并重算", required=False)
    reason = TextField(label="重算的理由", rows=2, max_length=200)


class PlanForm(forms.Form):
    name = TextField(label="名称", max_length=40)
    early_days = TextField(label="提前几日提醒", required=False, help_text="用空格分开，如 7 3 1。")
    overdue_every = IntegerField(label="逾期后每几个工作日提醒", min_value=1, max_value=30)
    overdue_every_hours = IntegerField(label="按小时计的，逾期后每几小时提醒", min_value=1, max_value=72)
    quiet_from = forms.TimeField(
        label="免打扰起", required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    quiet_to = forms.TimeField(
        label="免打扰止", required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    rest_days = forms.BooleanField(label="休息日也提醒", required=False)
    lapses = forms.BooleanField(label="到期自行终止，不算逾期（是权利，不是义务）", required=False)

    def __init__(self, *args: Any, plan: ReminderPlan, **kwargs: Any) -> None:
        after = {rung.rung: rung.after for rung in plan.rungs.all()}
        own = (
            "name",
            "overdue_every",
            "overdue_every_hours",
            "quiet_from",
            "quiet_to",
            "rest_days",
            "lapses",
        )
        initial = {name: getattr(plan, name) for name in own}
        initial["early_days"] = " ".join(map(str, plan.early_days))
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for rung in CLIMBED:
            self.fields[f"rung_{rung}"] = IntegerField(
                label=f"{rung.label}：第几次逾期提醒起",
                min_value=0,
                max_value=60,
                required=False,
                initial=after.get(rung),
                help_text="0是到期当天；不填就不告知。",
            )

    def clean_early_days(self) -> list[int]:
        words = self.cleaned_data["early_days"].split()
        if any(not re.fullmatch(r"[1-9][0-9]?", word) for word in words):
            raise ValidationError("请写1到99的整数，用空格分开，如 7 3 1。")
        if len(words) > MOST_EARLY:
            raise ValidationError(f"最多写{MOST_EARLY}个。")
        return sorted({int(word) for word in words}, reverse=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("quiet_from"), data.get("quiet_to")
        if (since is None) != (until is None):
            self.add_error(
                "quiet_to" if until is None else "quiet_from", "免打扰的起止要一起填，或者都不填。"
            )
        elif since is not None and since == until:
            self.add_error("quiet_to", "起止不能相同。")
        return data

    def rungs(self) -> dict[Rung, int]:
        said = {rung: self.cleaned_data[f"rung_{rung}"] for rung in CLIMBED}
        return {rung: after for rung, after in said.items() if after is not None}

    def own(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("rung_")}
