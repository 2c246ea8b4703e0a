"""The joint conference: members, items, meetings, resolutions and what units report about them."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from cases.choices import ConferenceStep, MeetingType, MemberPart, Presence
from cases.forms.fields import ChoiceField, DateField, IntegerField, MultipleChoiceField, TextField
from cases.models import AgendaItem, Attendance, Meeting, Member, Task
from stations.models import Organisation, Staff

EMPTY = ("", "请选择")
MOVED = "这里刚刚有了变化，请先看看最新情况；您填写的内容还在，仍要提交请再按一次。"
NO_NAMES = "不要写姓名、证件号、电话和住址：会议材料很多单位会看到。用“信访人”“对方”“其女儿”等说法。"
LONGEST_TERM = timedelta(days=366)


class MomentField(forms.DateTimeField):
    """A moment to come or gone, read as China time."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        kwargs.setdefault(
            "input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]
        )
        kwargs.setdefault(
            "error_messages",
            {"required": f"请填写{label}。", "invalid": f"{label}请按 2026-11-21 09:30 的样子填写。"},
        )
        super().__init__(label=label, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        return super().to_python(
            unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not 2000 <= value.year <= 2100:
            raise ValidationError(f"{self.label}的年份不对，请检查。")


class UnitField(ChoiceField):
    """One of a list of units; cleans into the row."""

    def offer(self, units: Iterable[Organisation]) -> None:
        self.units = {str(unit.pk): unit for unit in units}
        self.choices = [EMPTY, *((key, unit.name) for key, unit in self.units.items())]

    def clean(self, value: Any) -> Organisation | None:
        return self.units.get(super().clean(value))


class UnitsField(MultipleChoiceField):
    """Several of a list of units; cleans into the rows, in the order of the list."""

    def offer(self, units: Iterable[Organisation]) -> None:
        self.units = {str(unit.pk): unit for unit in units}
        self.choices = [(key, unit.name) for key, unit in self.units.items()]

    def clean(self, value: Any) -> list[Organisation]:
        ticked = set(super().clean(value))
        return [unit for key, unit in self.units.items() if key in ticked]


class ThingForm(forms.Form):
    """A form about something that others may move meanwhile: `version` says which state the page was drawn from."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    button: ClassVar[str] = "保存"
    explain: ClassVar[str] = ""

    def __init__(self, *args: Any, now: int, **kwargs: Any) -> None:
        self.now = now
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", now)

    def clean_version(self) -> int | None:
        version: int | None = self.cleaned_data["version"]
        if version is not None and version != self.now:
            raise ValidationError(MOVED, code="moved")
        return version

    @property
    def is_stale(self) -> bool:
        return self.has_error("version", "moved")

    def told(self) -> dict[str, Any]:
        """What the verb is told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class OpinionForm(ThingForm):
    opinion = TextField(label="意见", rows=3, max_length=1000)


class ProposeForm(forms.Form):
    title = TextField(label="议题", max_length=60, help_text="一句话，如“一起家庭暴力案件的跨部门协调”。")
    brief = TextField(label="情况", rows=8, max_length=3000, help_text=NO_NAMES)
    asks = TextField(label="提请会议解决什么", rows=4, max_length=1000, help_text="请哪个单位做什么。")


class ScreenForm(OpinionForm):
    button = "通过初审"
    explain = "通过后可以排入最近一次会议。"


class DeclineForm(OpinionForm):
    button = "不列入"
    explain = "提出单位会看到理由。"


class WithdrawForm(ThingForm):
    button = "撤回议题"
    reason = TextField(label="撤回原因", rows=2, max_length=500)


class NoteForm(OpinionForm):
    button = "记为已讨论"
    explain = f"会议讨论了、没有议定事项的，记下结论。{NO_NAMES}"


class PostponeForm(OpinionForm):
    button = "移到下次会议"
    explain = "议题回到“已通过初审”，等排入下一次会议。"


class ResolveForm(ThingForm):
    """What the meeting decided: content, who leads, who helps, by when."""

    button = "记下议定事项"
    explain = (
        "每个承办单位各得一项任务，到期前提醒，办理情况报告后由办公室审核销号。一个议题可以有几条议定事项。"
    )
    content = TextField(label="议定事项", rows=5, max_length=2000, help_text=NO_NAMES)
    lead = UnitField(label="牵头单位")
    co_units = UnitsField(label="配合单位", required=False)
    term_on = DateField(label="完成期限")

    def offer(self, units: Sequence[Organisation]) -> None:
        for name in ("lead", "co_units"):
            field = self.fields[name]
            assert isinstance(field, UnitField | UnitsField)  # noqa: S101 – declared so above
            field.offer(units)

    def clean_term_on(self) -> date:
        day: date = self.cleaned_data["term_on"]
        today = timezone.localdate()
        if day < today:
            raise ValidationError("完成期限不能早于今天。")
        if day > today + LONGEST_TERM:
            raise ValidationError("完成期限不能超过一年，请分阶段议定。")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lead") in data.get("co_units", []):
            self.add_error("co_units", "牵头单位不用再列为配合单位。")
        return data


class MeetingForm(ThingForm):
    kind = ChoiceField(label="会议类型", choices=[EMPTY, *MeetingType.choices])
    title = TextField(label="会议名称", max_length=60)
    held_at = MomentField(label="时间")
    place = TextField(label="地点", max_length=80)
    invited = UnitsField(label="通知哪些单位", help_text="个案会商只有勾选的单位看得到会议和议题。")
    items = MultipleChoiceField(
        label="列入的议题", required=False, help_text="只列已通过初审的议题；没有列入的留到下一次。"
    )
    field_order = ("kind", "title", "held_at", "place", "invited", "items", "version")

    def offer(self, units: Sequence[Organisation], items: Sequence[AgendaItem]) -> None:
        invited, listed = self.fields["invited"], self.fields["items"]
        assert isinstance(invited, UnitsField)  # noqa: S101 – declared so above
        assert isinstance(listed, MultipleChoiceField)  # noqa: S101 – declared so above
        invited.offer(units)
        self.listed = {str(item.pk): item for item in items}
        self.barred: Mapping[str, Collection[int]] = {}
        listed.choices = [(key, item.title) for key, item in self.listed.items()]

    def name_barred(self, barred: Mapping[str, Collection[int]]) -> None:
        """Say beside an item (by its key) which of the units offered must not come where it is spoken of."""
        invited, listed = self.fields["invited"], self.fields["items"]
        assert isinstance(invited, UnitsField)  # noqa: S101 – declared so above
        assert isinstance(listed, MultipleChoiceField)  # noqa: S101 – declared so above
        self.barred = barred
        names = {
            key: "、".join(unit.name for unit in invited.units.values() if unit.pk in units)
            for key, units in barred.items()
        }
        listed.choices = [
            (key, f"{item.title}（不通知{names[key]}）" if names.get(key) else item.title)
            for key, item in self.listed.items()
        ]

    def offer_no_barred(self) -> None:
        """Shown again after it was sent: without the units that an item ticked on it is about."""
        invited = self.fields["invited"]
        assert isinstance(invited, UnitsField)  # noqa: S101 – declared so above
        ticked = self["items"].value() or []
        out = {unit for key in ticked for unit in self.barred.get(str(key), ())}
        invited.offer([unit for unit in invited.units.values() if unit.pk not in out])

    def clean_items(self) -> list[AgendaItem]:
        ticked = set(self.cleaned_data["items"])
        return [item for key, item in self.listed.items() if key in ticked]


class CancelForm(ThingForm):
    button = "取消会议"
    explain = "已通知的单位会收到取消通知；列入的议题等下一次会议。"
    reason = TextField(label="取消原因", rows=2, max_length=500)


class AttendanceForm(ThingForm):
    """Who presided, and for every body asked whether it came and who came for it."""

    button = "保存到会情况"
    chair = TextField(label="主持人", max_length=60)

    def __init__(self, *args: Any, meeting: Meeting, rows: Sequence[Attendance], **kwargs: Any) -> None:
        super().__init__(*args, now=meeting.version, **kwargs)
        self.attendance = rows
        self.initial.setdefault("chair", meeting.chair)
        for row in rows:
            presence = ChoiceField(
                label=f"{row.organisation.name}到会情况",
                choices=[(value, Presence(value).label) for value in Presence.answers],
                initial=row.presence if row.presence in Presence.answers else Presence.PRESENT,
                widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
            )
            persons = TextField(
                label=f"{row.organisation.name}参会人", max_length=100, required=False, initial=row.persons
            )
            self.fields[f"presence_{row.organisation_id}"] = presence
            self.fields[f"persons_{row.organisation_id}"] = persons

    def lines(self) -> list[dict[str, Any]]:
        """One line a body: its two fields."""
        return [
            {
                "unit": row.organisation,
                "presence": self[f"presence_{row.organisation_id}"],
                "persons": self[f"persons_{row.organisation_id}"],
            }
            for row in self.attendance
        ]

    def came(self) -> dict[int, tuple[Presence, str]]:
        data = self.cleaned_data
        return {
            row.organisation_id: (
                Presence(data[f"presence_{row.organisation_id}"]),
                data[f"persons_{row.organisation_id}"],
            )
            for row in self.attendance
        }


class MinutesForm(ThingForm):
    button = "印发纪要"
    explain = "印发后编文号并通知到会单位，会议内容不能再改。"
    minutes = TextField(label="纪要正文", rows=18, max_length=8000, help_text=NO_NAMES)


class LiaisonChoice(forms.ModelChoiceField):
    """Accounts by unit and name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.organisation.name}，{obj.name}"


class LiaisonForm(forms.Form):
    """A unit's part in the conference and whom to ring there: an account, or a name and a phone."""

    part = ChoiceField(label="身份", choices=MemberPart.choices, initial=MemberPart.MEMBER)
    liaison = LiaisonChoice(
        label="联络员账号",
        queryset=Staff.objects.none(),
        required=False,
        empty_label="没有账号，填姓名和电话",
        error_messages={"invalid_choice": "这个账号不在清单中，请重新选择。"},
    )
    liaison_name = TextField(label="联络员姓名", max_length=50, required=False)
    liaison_phone = TextField(label="联络员电话", max_length=30, required=False)

    def offer(self, units: Sequence[Organisation], liaisons: QuerySet[Staff]) -> None:
        liaison = self.fields["liaison"]
        assert isinstance(liaison, LiaisonChoice)  # noqa: S101 – declared so above
        liaison.queryset = liaisons


class MemberForm(LiaisonForm):
    """A unit that joins."""

    organisation = UnitField(label="单位")
    since_on = DateField(label="加入日期", past=True)
    field_order = ("organisation", "part", "since_on")

    def offer(self, units: Sequence[Organisation], liaisons: QuerySet[Staff]) -> None:
        super().offer(units, liaisons)
        unit = self.fields["organisation"]
        assert isinstance(unit, UnitField)  # noqa: S101 – declared so above
        unit.offer(units)


class MemberChangeForm(LiaisonForm):
    """A unit that is a member already."""

    until_on = DateField(label="退出日期", required=False, help_text="填写后不再是成员单位，已有任务照办。")

    def __init__(self, typed: Any = None, *, member: Member) -> None:
        shown = {
            "part": member.part,
            "liaison": member.liaison_id,
            "liaison_name": member.liaison_name,
            "liaison_phone": member.liaison_phone,
        }
        super().__init__(typed, initial=shown)


class TaskForm(ThingForm):
    """`keyed` says that the office writes down what a unit sent on paper."""

    def __init__(self, *args: Any, task: Task, keyed: bool, **kwargs: Any) -> None:
        super().__init__(*args, now=task.version, **kwargs)
        if keyed:
            self.fields["name"] = TextField(
                label="报告人", max_length=50, help_text=f"{task.unit.name}的谁报来的；系统会注明由您代录。"
            )


class ReportForm(TaskForm):
    button = "提交报告"
    explain = "报告后由联席会议办公室审核；审核通过才销号，期限也到那时为止。"
    text = TextField(label="办理情况", rows=6, max_length=4000, help_text="做了什么、结果怎样、还剩什么。")


class AskForm(TaskForm):
    button = "申请延长"
    explain = "批准前仍按原期限。"
    days = IntegerField(label="延长几天", min_value=1, max_value=90)
    reason = TextField(label="为什么", rows=4, max_length=1000)


class DecideForm(ThingForm):
    opinion = TextField(label="审核意见", rows=4, max_length=2000)

    def __init__(self, *args: Any, task: Task, keyed: bool, **kwargs: Any) -> None:
        super().__init__(*args, now=task.version, **kwargs)


class ReturnForm(DecideForm):
    button = "退回补办"
    explain = "承办单位会看到意见；期限照常计算。"


class WriteOffForm(DecideForm):
    button = "销号"
    explain = "核对办理情况属实后销号，这项任务的期限到此为止。"


class ExtendForm(DecideForm):
    button = "同意延长"
    days = IntegerField(label="延长几天", min_value=1, max_value=90)


class KeepTermForm(DecideForm):
    button = "不同意延长"


class EscalateForm(DecideForm):
    button = "提请上级联席会议"
    explain = f"本级办不了的，提请市联席会议研究；本级任务到此结束。{NO_NAMES}"
    opinion = None  # type: ignore[assignment]
    asks = TextField(label="提请上级解决什么", rows=4, max_length=1000)


ITEM_FORMS: dict[ConferenceStep, type[ThingForm]] = {
    ConferenceStep.SCREEN: ScreenForm,
    ConferenceStep.DECLINE: DeclineForm,
    ConferenceStep.WITHDRAW: WithdrawForm,
    ConferenceStep.RESOLVE: ResolveForm,
    ConferenceStep.NOTE: NoteForm,
    ConferenceStep.TAKE_OFF: PostponeForm,
}
TASK_FORMS: dict[ConferenceStep, type[TaskForm] | type[DecideForm]] = {
    ConferenceStep.REPORT: ReportForm,
    ConferenceStep.ASK: AskForm,
    ConferenceStep.RETURN: ReturnForm,
    ConferenceStep.WRITE_OFF: WriteOffForm,
    ConferenceStep.EXTEND: ExtendForm,
    ConferenceStep.KEEP_TERM: KeepTermForm,
    ConferenceStep.ESCALATE: EscalateForm,
}
