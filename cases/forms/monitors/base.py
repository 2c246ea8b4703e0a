"""What the forms of all kinds of monitors share: opening one on a case, one step of one, and the steps of every kind."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import MonitorOutcome, VisitFinding, VisitWay
from cases.forms.fields import ChoiceField, PastDateTimeField, TextField
from cases.forms.guarding.bars import ConflictQuestion
from cases.forms.supervision import SEGMENTED, RowsForm
from cases.models import Case, Feedback, Monitor
from stations.models import Staff
from stations.roles import GRANTS, Permission

MOVED = "这项监测刚刚有了变化，请先看看最新情况；您填写的内容还在，仍要提交请再按一次。"
YES_NO = (("yes", "是"), ("no", "否"))
CAN_OR_NOT = (("yes", "能"), ("no", "不能"))
CHOOSE = ("", "请选择")
KEEPS = {Permission.CASE_HANDLE, Permission.CASE_FOLLOW_UP}
KEEPER_ROLES = [role.value for role, grants in GRANTS.items() if grants >= KEEPS]
NOT_ASKED = "对方不能安全说话，这次不谈案情：请清空这一栏，另约时间再访。"


def yes_no(label: str, choices: Any = YES_NO, **kwargs: Any) -> ChoiceField:
    """A question that is answered, never assumed."""
    return ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect(attrs=SEGMENTED),
        **({"required": True} | kwargs),
    )


class KeeperField(forms.ModelChoiceField):
    """Who may keep a monitor of this case: of the unit that holds it, that took it in, or the reader's own."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "负责人")
        kwargs.setdefault("empty_label", "请选择")
        errors = {"required": "请选择负责人。", "invalid_choice": "请从清单中选择负责人。"}
        super().__init__(queryset=Staff.objects.none(), error_messages=errors, **kwargs)

    def offer(self, case: Case, user: Staff, *, besides: int = 0) -> None:
        units = {case.holder_id, case.station_id, user.organisation_id}
        people = Staff.objects.working().filter(organisation__in=units, roles__overlap=KEEPER_ROLES)
        people = people.exclude(pk=besides)
        self.queryset = people.select_related("organisation").order_by("organisation", "name_pinyin", "pk")

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.organisation.name}）"


class OpeningForm(ConflictQuestion, RowsForm):
    """Opening a monitor on a case: who keeps it, and from which answer of a department it came, if from one."""

    keeper = KeeperField()
    feedback = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # Whether an answer of a department may be what begins it.
    from_answer: ClassVar[bool] = False
    asks_of = "keeper"
    # The keeper comes after what is watched.
    last: ClassVar[tuple[str, ...]] = ("keeper",)

    def __init__(self, *args: Any, case: Case, user: Staff, **kwargs: Any) -> None:
        self.case, self.user = case, user
        given = kwargs.get("initial") or {}
        source = self._source(given.get("feedback"))
        told = self.from_feedback(source) if source else {}
        kwargs["initial"] = {"keeper": case.owner_id or user.pk} | told | given
        super().__init__(*args, **kwargs)
        field = self.fields["keeper"]
        assert isinstance(field, KeeperField)  # noqa: S101 – narrows the type
        field.offer(case, user)
        self.order_fields([name for name in self.fields if name not in self.last] + list(self.last))
        self.prepare()

    def from_feedback(self, feedback: Feedback) -> dict[str, Any]:
        """What the answer of the department says already."""
        return {}

    def _source(self, pk: Any) -> Feedback | None:
        try:
            found = Feedback.objects.filter(pk=pk, referral__case=self.case)
            return found.select_related("referral__department").first()
        except ValidationError:  # typed into the address
            return None

    def prepare(self) -> None:
        """Fill choices that depend on the case."""

    def clean_feedback(self) -> Feedback | None:
        return self._source(self.cleaned_data["feedback"])

    def told(self) -> dict[str, Any]:
        """What the verb is told."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "conflict"}
        if not self.from_answer:
            told.pop("feedback")
        return told


class MonitorForm(RowsForm):
    """A step of one monitor. The version says what the person had before her."""

    version = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": MOVED})

    def __init__(self, *args: Any, monitor: Monitor, user: Staff, **kwargs: Any) -> None:
        self.monitor, self.user = monitor, user
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the monitor."""

    def clean_version(self) -> int:
        version: int = self.cleaned_data["version"]
        if version != self.monitor.version:
            raise ValidationError(MOVED, code="moved")
        return version

    @property
    def is_stale(self) -> bool:
        return "version" in self.errors

    def told(self) -> dict[str, Any]:
        """What the verb is told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class NoteForm(MonitorForm):
    content = TextField(label="情况", rows=4)

    css = {"content": "wq-full"}


class KeeperForm(ConflictQuestion, MonitorForm):
    asks_of = "keeper"

    keeper = KeeperField(label="新的负责人")
    content = TextField(label="说明", rows=2, max_length=1000, required=False)

    css = {"content": "wq-full"}

    def prepare(self) -> None:
        field = self.fields["keeper"]
        assert isinstance(field, KeeperField)  # noqa: S101 – narrows the type
        field.offer(self.monitor.case, self.user, besides=self.monitor.keeper_id)

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in super().told().items() if name != "conflict"}


class EndForm(MonitorForm):
    """The end of a monitor; `ends` says how its kind may end."""

    outcome = ChoiceField(label="怎样结束")
    conclusion = TextField(label="结束说明", rows=3, max_length=2000)

    css = {"conclusion": "wq-full"}

    def __init__(self, *args: Any, ends: tuple[MonitorOutcome, ...], **kwargs: Any) -> None:
        self.ends = ends
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        choices = [CHOOSE, *((end.value, end.label) for end in self.ends)]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]

    def clean_outcome(self) -> MonitorOutcome:
        return MonitorOutcome(self.cleaned_data["outcome"])


class VisitForm(MonitorForm):
    """A visit. Whether she could speak safely is asked first and has no answer of its own; if not, nothing else is."""

    findings: ClassVar[tuple[VisitFinding, ...]] = tuple(VisitFinding)
    asks_apart: ClassVar[bool] = False

    spoke_safely = yes_no("她能安全说话吗", CAN_OR_NOT)
    happened_at = PastDateTimeField(label="时间")
    way = ChoiceField(label="方式", choices=[CHOOSE, *VisitWay.choices])
    apart = yes_no("双方分别见面了吗", required=False, help_text="两个人在一起时说的，不算数。")
    finding = ChoiceField(label="结果", required=False)
    persons = TextField(label="见到的人、在场的人", max_length=200, required=False)
    content = TextField(label="情况", rows=4, required=False)

    when = dict.fromkeys(("apart", "finding", "persons", "content"), "spoke_safely=yes")
    css = {"spoke_safely": "wq-full", "content": "wq-full"}

    def prepare(self) -> None:
        choices = [CHOOSE, *((found.value, found.label) for found in self.findings)]
        self.fields["finding"].choices = choices  # type: ignore[attr-defined]
        if not self.asks_apart:
            del self.fields["apart"]

    def clean_spoke_safely(self) -> bool:
        return bool(self.cleaned_data["spoke_safely"] == "yes")

    def clean_happened_at(self) -> datetime:
        moment: datetime = self.cleaned_data["happened_at"]
        if moment < self.monitor.started_at:
            raise ValidationError("时间不能早于这项监测的起算时间。")
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "spoke_safely" not in cleaned:
            return cleaned
        if cleaned["spoke_safely"]:
            return self._heard(cleaned)
        if cleaned.get("content"):
            self.add_error("content", NOT_ASKED)
        return cleaned | {"apart": None, "finding": VisitFinding.UNREACHABLE, "persons": ""}

    def _heard(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        finding = cleaned.get("finding")
        if not finding and "finding" not in self.errors:
            self.add_error("finding", "请选择结果。")
        met = finding in (VisitFinding.CLEAN, VisitFinding.UNSURE)
        if self.asks_apart and met and not cleaned.get("apart") and "apart" not in self.errors:
            self.add_error("apart", "请回答双方是否分别见面。")
        cleaned["apart"] = {"yes": True, "no": False}.get(cleaned.get("apart") or "")
        if finding in (VisitFinding.BREACH, VisitFinding.UNSURE) and not cleaned.get("content"):
            self.add_error("content", "请写明情况。")
        return cleaned

    def told(self) -> dict[str, Any]:
        told = super().told()
        return told | {"way": VisitWay(told["way"]), "finding": VisitFinding(told["finding"])}
