"""Points for a round, the reasons of a step, correction tasks, and the weights of a scheme."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from cases.choices.assessment import RoundStep, Side
from cases.forms.fields import ChoiceField, DateField, TextField
from cases.models import Indicator
from cases.models.assessment import Line, ScoreRefused
from cases.workflow import StepNotAllowed
from cases.workflow.assessment import Entry, Weight

NO, YES = "no", "yes"
NO_NAMES = "不写来访人和孩子的姓名、住处。"
LONGEST = timedelta(days=366)
MOVED = "这里刚刚有了变化，请先看看最新情况；您填写的内容还在，仍要提交请再按一次。"


class PointsField(forms.DecimalField):
    """Points to a tenth, or a threshold."""

    def __init__(self, *, label: str, most: Decimal, **kwargs: Any) -> None:
        errors = {
            "required": f"请填写{label}的分数。",
            "invalid": f"{label}的分数请填写数字，如 4.5。",
            "min_value": f"{label}的分数不能低于0。",
            "max_value": f"{label}的分数最多{most}。",
            "max_decimal_places": f"{label}的分数最多一位小数。",
            "max_digits": f"{label}的分数最多{most}。",
            "max_whole_digits": f"{label}的分数最多{most}。",
        }
        super().__init__(
            label=label,
            min_value=0,
            max_value=most,
            max_digits=6,
            decimal_places=1,
            error_messages=errors,
            **kwargs,
        )


class RoundForm(forms.Form):
    """A form about a round that others may move meanwhile: `version` says which state the page was drawn from."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, now: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_version(self) -> int | None:
        version: int | None = self.cleaned_data["version"]
        if version is not None and version != self.now:
            raise forms.ValidationError(MOVED, code="moved")
        return version

    @property
    def is_stale(self) -> bool:
        return self.has_error("version", "moved")


class ScoreForm(RoundForm):
    """One row an indicator; what is left empty is not scored yet, so that the work can be saved half done."""

    def __init__(self, *args: Any, lines: Iterable[Line], side: Side, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.side = side
        self.lines = [line for line in lines if not (line.indicator.is_auto and side is Side.STATION)]
        for line in self.lines:
            self._ask(line)

    def _ask(self, line: Line) -> None:
        one, given = line.indicator, line.of(self.side)
        name = one.name
        if one.is_veto:
            choices = [(NO, "没有发生"), (YES, "发生了")]
            widget = forms.RadioSelect(attrs={"class": "wq-segmented"})
            self.fields[f"v-{one.code}"] = ChoiceField(
                label=name, choices=choices, widget=widget, required=False
            )
            said = given or line.before(self.side)
            self.initial[f"v-{one.code}"] = None if said is None else (YES if said.vetoed else NO)
        else:
            points = PointsField(label=name, most=one.weight, required=False)
            points.label = f"{name}得分（满分{one.weight.normalize():f}）"
            self.fields[f"p-{one.code}"] = points
            before = line.before(self.side)
            shown = given or before
            self.initial[f"p-{one.code}"] = shown.points if shown else line.counted
        words = "依据" if self.side is Side.STATION else "理由"
        self.fields[f"t-{one.code}"] = TextField(
            label=f"{name}的{words}", rows=2, max_length=1000, required=False
        )
        self.initial[f"t-{one.code}"] = given.text if given else ""

    def rows(self) -> list[tuple[Line, Any, Any]]:
        """Each line with its field of points or of veto, and of words."""
        return [
            (
                line,
                self[f"{'v' if line.indicator.is_veto else 'p'}-{line.indicator.code}"],
                self[f"t-{line.indicator.code}"],
            )
            for line in self.lines
        ]

    def entries(self) -> dict[str, Entry]:
        """What was given, by the code of the indicator."""
        found = {}
        for line in self.lines:
            code, text = line.indicator.code, self.cleaned_data[f"t-{line.indicator.code}"]
            if line.indicator.is_veto:
                said = self.cleaned_data[f"v-{code}"]
                if said:
                    found[code] = Entry(text=text, vetoed=said == YES)
            elif (points := self.cleaned_data[f"p-{code}"]) is not None:
                found[code] = Entry(points=points, text=text)
        return found

    def refuse(self, refusal: StepNotAllowed) -> None:
        """Say beside the row what cannot stand."""
        if isinstance(refusal, ScoreRefused):
            self.add_error(f"t-{refusal.indicator.code}", refusal.words)
        else:
            self.add_error(None, str(refusal))


class StepForm(RoundForm):
    """A step of a round, with its reason where it needs one."""

    words: ClassVar[dict[RoundStep, tuple[str, str]]] = {
        RoundStep.RETURN: ("退回理由", f"写清缺什么、怎样补。{NO_NAMES}"),
        RoundStep.RETURN_DOWN: ("退回理由", f"写清哪几项要重新评。{NO_NAMES}"),
        RoundStep.CORRECT: ("更正理由", f"公布的结果不改，另立一次更正。{NO_NAMES}"),
    }

    def __init__(self, *args: Any, step: RoundStep, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step in self.words:
            label, help_text = self.words[step]
            self.fields["note"] = TextField(label=label, rows=3, max_length=1000, help_text=help_text)

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def _coming(day: date) -> date:
    today = timezone.localdate()
    if not today <= day <= today + LONGEST:
        raise forms.ValidationError("期限应在今天以后、一年以内。")
    return day


class OpenForm(forms.Form):
    due_on = DateField(label="自评截止日期", help_text="在辖区内还没有发起的站一次全部发起，并通知站长。")

    def clean_due_on(self) -> date:
        return _coming(self.cleaned_data["due_on"])


class CorrectionForm(forms.Form):
    indicator = forms.ModelChoiceField(
        label="针对的指标",
        queryset=Indicator.objects.none(),
        required=False,
        empty_label="不针对某一项",
        error_messages={"invalid_choice": "请从清单里选指标。"},
    )
    what = TextField(label="整改什么", rows=3, max_length=1000, help_text=f"写清做到什么算完成。{NO_NAMES}")
    due_on = DateField(label="整改期限")

    def __init__(self, *args: Any, indicators: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["indicator"]
        field.queryset = indicators  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: one.name  # type: ignore[attr-defined]

    def clean_due_on(self) -> date:
        return _coming(self.cleaned_data["due_on"])


class CorrectionAnswerForm(forms.Form):
    text = TextField(label="整改情况", rows=4, max_length=2000, help_text=NO_NAMES)


class OpinionForm(forms.Form):
    opinion = TextField(label="验收意见", rows=3, max_length=1000)


class SchemeForm(forms.Form):
    """Weights and targets of one scheme, for the federation's next version; 0 takes a line out."""

    good_from = PointsField(label="候选线", most=Decimal(1000))
    pass_from = PointsField(label="合格线", most=Decimal(1000))
    reason = TextField(label="修改说明", max_length=200)

    def __init__(self, *args: Any, indicators: Iterable[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicators = [one for one in indicators if not one.is_veto]
        for one in self.indicators:
            weight = PointsField(label=one.name, most=Decimal(100), initial=one.weight)
            weight.label = f"{one.name}的分值"
            self.fields[f"w-{one.code}"] = weight
            if one.is_auto:
                self.fields[f"g-{one.code}"] = forms.DecimalField(
                    label=f"{one.name}的满分目标",
                    min_value=Decimal("0.1"),
                    max_value=Decimal("9999"),
                    decimal_places=1,
                    initial=one.target,
                    error_messages={
                        "required": f"请填写{one.name}的满分目标。",
                        "invalid": f"{one.name}的满分目标请填写数字。",
                        "min_value": f"{one.name}的满分目标应大于0。",
                    },
                )

    def rows(self) -> list[tuple[Indicator, Any, Any]]:
        return [
            (one, self[f"w-{one.code}"], self[f"g-{one.code}"] if one.is_auto else None)
            for one in self.indicators
        ]

    def weights(self) -> dict[str, Weight]:
        return {
            one.code: Weight(self.cleaned_data[f"w-{one.code}"], self.cleaned_data.get(f"g-{one.code}"))
            for one in self.indicators
        }
