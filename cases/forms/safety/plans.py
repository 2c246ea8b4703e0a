"""The case service plan with its tasks, the end of a task, and her safety plan."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from cases.choices import VictimNeed
from cases.forms.fields import ChoiceField, DateField, MultipleChoiceField, TextField
from cases.forms.step import EMPTY
from cases.models import Case, SafetyPlan
from cases.models.guarding import barred_from
from stations.choices import AdminLevel
from stations.models import Organisation

TASK_ROWS = 5
SAFETY_FIELDS = (
    ("signs", "要出事前有什么苗头", "喝酒、摔东西、翻手机……看到就准备走。"),
    ("leave", "怎样离开、从哪里走", "哪个门、哪条路、什么时候，避开厨房和工具房。"),
    ("safe_place", "可以去的安全地方", "他找不到、随时能进去的。"),
    ("helpers", "可以求助的人和电话", "能背下来最好。"),
    (
        "belongings",
        "证件、钱、衣物、药放在哪里",
        "身份证、户口本、病历、备用钥匙，放在随手能拿的地方或亲友家。",
    ),
    ("children", "孩子、老人怎样安排", "谁接、带什么、怎样教孩子打110。"),
    ("code_word", "和亲友约定的求救暗号", "一句平常话，对方听到就报警。"),
    ("devices", "手机、定位、账号怎样防", "关定位，改密码，用别人的手机联系。"),
)


class UnitField(forms.ModelChoiceField):
    """A unit of ours or a department of the place; no government of another township."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"invalid_choice": "请从清单中选择责任单位。"}
        super().__init__(
            queryset=Organisation.objects.none(),
            error_messages=errors,
            empty_label="不指定",
            required=False,
            **kwargs,
        )

    def offer(self, case: Case) -> None:
        ours = Organisation.objects.active().filter(pk__in={case.holder_id, case.station_id})
        wider = Q(region__level__in=[level for level in AdminLevel if level > AdminLevel.TOWNSHIP])
        here = wider | Q(region__code__startswith=case.township_code)
        departments = Organisation.objects.departments_for(case.holder).filter(here)
        offered = ours | Organisation.objects.filter(pk__in=departments.values("pk"))
        self.queryset = offered.exclude(pk__in=barred_from(case.pk).units).order_by("name")


class PlanForm(forms.Form):
    """A version of the plan; its tasks are forms of their own."""

    needs = MultipleChoiceField(
        label="她需要什么（可多选）",
        choices=VictimNeed.choices,
        error_messages={"required": "至少选一项需要。"},
    )
    goals = TextField(label="目标", rows=3, max_length=2000, help_text="先保命，再办事：达到什么样算安全。")
    review_on = DateField(label="下次检视日期", help_text="到这天再看一遍方案合不合适。")

    def clean_review_on(self) -> Any:
        day = self.cleaned_data["review_on"]
        if day < timezone.localdate():
            raise ValidationError("检视日期不能早于今天。")
        return day


class TaskForm(forms.Form):
    """One task; a row left empty is none."""

    need = ChoiceField(label="为哪项需要", required=False, choices=[EMPTY, *VictimNeed.choices])
    what = TextField(label="做什么", required=False, max_length=300)
    unit = UnitField(label="责任单位")
    who = TextField(label="责任人", required=False, max_length=50)
    due_on = DateField(label="完成期限", required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, UnitField)  # noqa: S101 – declared so above
        field.offer(case)

    @property
    def told(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.values()) and not self.errors:
            return data
        for name, words in (
            ("need", "请选择为哪项需要。"),
            ("what", "请写做什么。"),
            ("due_on", "请填写完成期限。"),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        if data.get("due_on") and data["due_on"] < timezone.localdate():
            self.add_error("due_on", "完成期限不能早于今天。")
        return data


class EndTaskForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    dropped = ChoiceField(
        label="结果",
        choices=[("no", "完成了"), ("yes", "不再需要")],
        initial="no",
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )
    done_on = DateField(label="哪天完成", past=True, required=False)
    result = TextField(label="怎样完成的，或者为什么不需要了", max_length=500)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("dropped") == "no" and not data.get("done_on") and "done_on" not in self.errors:
            data["done_on"] = timezone.localdate()
        if data.get("dropped") == "yes":
            data["done_on"] = None
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("result", "done_on")}


class SafetyPlanForm(forms.Form):
    """What she does when it happens again, in her own words: the newest version is filled in."""

    def __init__(self, *args: Any, latest: SafetyPlan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, help_text in SAFETY_FIELDS:
            self.fields[name] = TextField(
                label=label, rows=2, required=False, max_length=1000, help_text=help_text
            )
            if latest is not None:
                self.initial.setdefault(name, getattr(latest, name))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.values()) and not self.errors:
            raise ValidationError("安全计划还是空的：至少写下怎样离开、去哪里、找谁。")
        return data


class TakeAwayForm(forms.Form):
    """She asks for it on paper, and has been told what happens when he finds it."""

    asked = forms.BooleanField(
        label="她自己要带走，已提醒她：纸被对方看到会有危险",
        error_messages={"required": "她没有要求带走的，不打印。请在这里看，或者帮她记住。"},
    )
