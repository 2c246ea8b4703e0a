"""The steps of an emergency: the police report, the upper federation, the end."""

from typing import Any

from django import forms
from django.utils import timezone

from cases.forms.fields import PastDateTimeField, TextField
from cases.forms.monitors.base import MonitorForm, yes_no
from cases.forms.steps import PersonField
from cases.notifications import answerable
from cases.permissions import why_no_mistake


class PoliceForm(MonitorForm):
    """Reported, with what the police will be asked for later; or not, why, and which leader is told of it."""

    reported = yes_no("报警了吗", (("yes", "已经报警"), ("no", "没有报警")))
    reported_at = PastDateTimeField(label="报警时间", required=False)
    unit = TextField(label="接警、出警单位", required=False, max_length=80)
    officer = TextField(label="民警姓名、警号", required=False, max_length=80)
    receipt_number = TextField(
        label="报警回执号、接警编号", required=False, max_length=80, help_text="还没有的，拿到后再登记一次。"
    )
    because = TextField(label="为什么没有报警", rows=3, required=False, max_length=1000)
    leader = PersonField(label="报告给哪位负责人", required=False, help_text="保存后马上通知。")

    when = dict.fromkeys(
        ("reported_at", "unit", "officer", "receipt_number"), "reported=yes"
    ) | dict.fromkeys(("because", "leader"), "reported=no")
    css = {"reported": "wq-full", "because": "wq-full"}

    def prepare(self) -> None:
        self.initial.setdefault("reported_at", timezone.localtime())
        field = self.fields["leader"]
        assert isinstance(field, PersonField)  # noqa: S101 – declared so above
        self.leaders = answerable(self.monitor.case, besides=self.user)
        field.offer(self.leaders, absent_on=timezone.localdate())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        match data.get("reported"):
            case "yes":
                self._need("reported_at", "请填写什么时候报的警。")
                self._need("unit", "请填写哪个派出所或110接的警。")
            case "no":
                self._need("because", "请写明为什么没有报警。")
                if self.leaders:
                    self._need("leader", "请选择报告给哪位负责人。")
        return data

    def _need(self, name: str, words: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, words)

    def told(self) -> dict[str, Any]:
        """Only what belongs to the answer: the other block may hold words of a moment ago."""
        told = super().told()
        names = (
            ("reported_at", "unit", "officer", "receipt_number")
            if told["reported"] == "yes"
            else ("because", "leader")
        )
        return {name: told[name] for name in names}


class UpperForm(MonitorForm):
    told_at = PastDateTimeField(label="什么时候报告的")
    who = TextField(label="报告给谁", max_length=80, help_text="姓名、职务，怎样联系的。")

    def prepare(self) -> None:
        self.initial.setdefault("told_at", timezone.localtime())


class EndEmergencyForm(MonitorForm):
    conclusion = TextField(label="现在怎样了", rows=3, max_length=2000)
    because = TextField(label="没做完的为什么不做", rows=2, max_length=1000, required=False)

    mistake = forms.BooleanField(
        label="误建：登错了案件或者点错了，本来没有这回事",
        required=False,
        help_text="核实后勾选，不用办完五项。确有危险、只是缓和了的，不算误建。",
    )

    css = {"conclusion": "wq-full", "because": "wq-full", "mistake": "wq-full"}

    def prepare(self) -> None:
        if why_no_mistake(self.user, self.monitor):
            del self.fields["mistake"]
