"""The compulsory report: whether one is owed, asked at intake and later; then to whom, when, by whom, and what came of it."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import MandatoryReportSituation, MonitorStage, ReportTo
from cases.forms.fields import (
    MultipleChoiceField,
    PastDateTimeField,
    TextField,
)
from cases.forms.monitors.base import MonitorForm, OpeningForm, yes_no
from cases.forms.persons import PartForm
from stations.models import Staff

FACTS_LENGTH = 500
ASK_NO_MORE = "不要反复询问孩子：只记已经知道的，够报案就行，其余由公安、检察机关一次问清。"
_M = MandatoryReportSituation
# The situations of the law as one would say them at the desk.
PLAIN_SITUATIONS = (
    (_M.MR1_GENITAL, "隐私部位受伤，或者怀疑受伤"),
    (_M.MR2_GIRL_U14, "不满14岁的女孩：被性侵或者怀疑被性侵，怀孕、流产"),
    (_M.MR3_GIRL_14UP, "14岁以上的女孩：怀疑被性侵以致怀孕、流产"),
    (_M.MR4_BODY, "身上多处伤、严重营养不良、意识不清，怀疑被打、被虐待、被欺凌、被下药"),
    (_M.MR5_DEATH_DISABLE, "自杀、自残、工伤、中毒、被打等，造成伤残或者死亡"),
    (_M.MR6_ABANDON, "被遗弃，或者长期没人照料"),
    (_M.MR7_MISSING, "来历不明、失踪，或者被拐卖、收买"),
    (_M.MR8_BEGGING, "被人组织去乞讨"),
    (_M.MR9_OTHER, "别的严重伤害，或者正处在危险中"),
    (_M.DV_NO_CAPACITY, "不是孩子，但因智力、精神残疾等不能完全自己做主，遭受家庭暴力"),
)


class ReportFields(forms.Form):
    """What is known when the duty begins."""

    situations = MultipleChoiceField(
        label="有没有下面的情形（已经发生或者怀疑发生，有一项就要报告）",
        choices=PLAIN_SITUATIONS,
        required=False,
    )
    known_at = PastDateTimeField(label="什么时候知道的", required=False)
    report_facts = TextField(
        label="已知的最少事实",
        rows=3,
        max_length=FACTS_LENGTH,
        required=False,
        help_text=f"谁、什么时候、在哪里、怎么了，人现在在哪里。{ASK_NO_MORE}",
    )
    measures = TextField(
        label="已经采取的紧急措施",
        rows=2,
        max_length=FACTS_LENGTH,
        required=False,
        help_text="如送医、陪伴、离开危险的地方。",
    )
    guardian_suspected = forms.BooleanField(
        label="监护人有嫌疑", required=False, help_text="勾选后不征求监护人同意，也不通知监护人。"
    )
    guardian_because = TextField(label="为什么怀疑监护人", rows=2, max_length=FACTS_LENGTH, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("situations"):
            if not cleaned.get("report_facts") and "report_facts" not in self.errors:
                self.add_error("report_facts", "请写下已知的最少事实，一两句就行。")
            if not cleaned.get("known_at") and "known_at" not in self.errors:
                self.add_error("known_at", "请填写什么时候知道的。")
            if cleaned.get("guardian_suspected") and not cleaned.get("guardian_because"):
                self.add_error("guardian_because", "请写一句为什么怀疑监护人，作为不征求其同意的原因。")
        return cleaned

    def entry(self) -> dict[str, Any]:
        """What the verb is told."""
        told = self.cleaned_data
        suspected = bool(told["guardian_suspected"])
        return {
            "situations": tuple(MandatoryReportSituation(code) for code in told["situations"]),
            "known_at": told["known_at"],
            "facts": told["report_facts"],
            "measures": told["measures"],
            "guardian_suspected": suspected,
            "guardian_because": told["guardian_because"] if suspected else "",
        }


class ReportBlock(ReportFields, PartForm):
    """The question on the intake page. None of them is an answer of its own."""

    none = forms.BooleanField(label="都没有", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("situations") and cleaned.get("none"):
            self.add_error("none", "上面勾选了情形，又勾选了“都没有”，请改正一处。")
        return cleaned

    @property
    def is_answered(self) -> bool:
        cleaned = getattr(self, "cleaned_data", {})
        return bool(cleaned.get("situations") or cleaned.get("none") or "situations" in self.errors)

    @property
    def owes(self) -> bool:
        return bool(self._ticked)

    @property
    def of_a_child(self) -> bool:
        return any(code != MandatoryReportSituation.DV_NO_CAPACITY for code in self._ticked)

    @property
    def suspects_guardian(self) -> bool:
        return bool(getattr(self, "cleaned_data", {}).get("guardian_suspected"))

    @property
    def _ticked(self) -> list[str]:
        return getattr(self, "cleaned_data", {}).get("situations") or []


class ReportOpenForm(ReportFields, OpeningForm):
    """Opened from the page of a case: a child's harm comes out in the third talk, or after the case was closed."""

    css = dict.fromkeys(("situations", "report_facts", "measures", "guardian_because"), "wq-full")
    when = {"guardian_because": "guardian_suspected"}

    def prepare(self) -> None:
        self.fields["situations"].required = True
        self.fields["keeper"].label = "由谁报告和跟踪"
        self.fields["keeper"].initial = self.user.pk

    def told(self) -> dict[str, Any]:
        return self.entry() | {"keeper": self.cleaned_data["keeper"]}


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ReportMadeForm(MonitorForm):
    """To whom, when, by whom, and who took it."""

    to = MultipleChoiceField(label="向谁报告", choices=ReportTo.choices)
    reported_at = PastDateTimeField(label="报告时间")
    reported_by = PersonChoice(
        label="谁报告的",
        queryset=Staff.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择是谁报告的。", "invalid_choice": "请从清单中选择。"},
    )
    report_unit = TextField(label="接报单位", max_length=80, help_text="如110、某某派出所。")
    officer = TextField(label="接报人", max_length=40, required=False, help_text="姓名或者警号。")
    officer_phone = TextField(label="接报人电话", max_length=40, required=False)
    receipt_number = TextField(
        label="回执号", max_length=60, required=False, help_text="接处警编号、受案回执号；没有的先空着。"
    )

    css = {"to": "wq-full"}

    def prepare(self) -> None:
        unit = self.user.organisation_id
        people = Staff.objects.working().filter(organisation__in={unit, self.monitor.unit_id})
        field = self.fields["reported_by"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 – narrows the type
        field.queryset = people.order_by("name_pinyin", "pk")
        self.initial.setdefault("reported_by", self.user.pk)
        if self.monitor.stage == MonitorStage.TO_REPORT:
            self.initial.setdefault("to", [ReportTo.POLICE])

    def clean_to(self) -> tuple[ReportTo, ...]:
        chosen = tuple(ReportTo(code) for code in self.cleaned_data["to"])
        if self.monitor.stage == MonitorStage.TO_REPORT and ReportTo.POLICE not in chosen:
            raise ValidationError("强制报告先向公安机关报案；民政、教育等部门可以同时报告。")
        return chosen

    def clean_reported_at(self) -> datetime:
        moment: datetime = self.cleaned_data["reported_at"]
        known = self.monitor.report.known_at.replace(second=0, microsecond=0)
        if moment < known:
            raise ValidationError("报告时间不能早于知道的时间。")
        return moment


class AfterReportForm(MonitorForm):
    """Something that came after the report; never before it."""

    moment: str = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        reported = self.monitor.report.reported_at
        given = cleaned.get(self.moment)
        if reported and given and given < reported.replace(second=0, microsecond=0):
            self.add_error(self.moment, "时间不能早于报告的时间。")
        return cleaned


class TakenUpForm(AfterReportForm):
    taken_up_at = PastDateTimeField(label="公安受理或者立案时间")
    content = TextField(
        label="受理情况", rows=3, max_length=1000, help_text="受案回执、立案决定书的文号，承办民警。"
    )

    moment = "taken_up_at"
    css = {"content": "wq-full"}


class ReportAnswerForm(AfterReportForm):
    answered_at = PastDateTimeField(label="收到反馈的时间")
    final = yes_no(
        "这是最后的处理结果吗",
        help_text="移送审查起诉以前公安还会再告知一次。还有后续的选“否”，继续跟踪。",
    )
    answer = TextField(label="反馈内容", rows=4, max_length=2000)

    moment = "answered_at"
    css = {"final": "wq-full", "answer": "wq-full"}

    def clean_final(self) -> bool:
        return bool(self.cleaned_data["final"] == "yes")


class ChaseForm(AfterReportForm):
    happened_at = PastDateTimeField(label="什么时候问的")
    content = TextField(label="问了谁、怎么答复", rows=3, max_length=1000)

    moment = "happened_at"
    css = {"content": "wq-full"}


class NotOwedForm(MonitorForm):
    reason = TextField(label="核实情况和理由", rows=4, max_length=2000)

    css = {"reason": "wq-full"}
