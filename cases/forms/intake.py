"""The intake page: one form for every channel, in the order of a conversation."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from cases.choices import (
    AgeBand,
    Capacity,
    CaseFlag,
    Channel,
    Grade,
    Nature,
    Occurrence,
    PersonRole,
    PetitionForm,
    PrivacyNotice,
    Risk,
    Satisfaction,
)
from cases.deadlines import china_date
from cases.forms.fields import (
    ChoiceField,
    DateField,
    IntegerField,
    MultipleChoiceField,
    PastDateTimeField,
    TextField,
)
from cases.forms.guarding.accused import AccusedForm
from cases.forms.guarding.consent import KeepForm
from cases.forms.monitors.report import FACTS_LENGTH as SHORT_FACTS
from cases.forms.monitors.report import ReportBlock
from cases.forms.persons import (
    OtherForm,
    PartForm,
    PetitionerForm,
    PhoneForm,
    RepresentativeForm,
)
from cases.forms.safety.scale import ScaleForm
from cases.models import CodeSet, IntakeDraft
from cases.models.code import code_items
from cases.models.contact import MAX_REPRESENTATIVES
from cases.workflow.danger import protected_by
from stations.models import Organisation

GROUP_FROM = 5
PHONE_ROWS = 3
EARLIEST_YEAR = 2005
FACTS_LENGTH = 20_000

FROM_UNITS = (*Channel.transfers, Channel.MANDATORY_IN)
FOUND_BY_US = (Channel.OUTREACH, Channel.MEDIA)
CHANNEL_GROUPS = [
    (
        "本人来访、来信、来电",
        [choice for choice in Channel.choices if choice[0] not in (*FROM_UNITS, *FOUND_BY_US)],
    ),
    ("别的单位转来", [choice for choice in Channel.choices if choice[0] in FROM_UNITS]),
    ("我们发现", [choice for choice in Channel.choices if choice[0] in FOUND_BY_US]),
]
RISK_WORDS = [
    (Risk.RED, "红：正受伤害、有生命危险，未成年人受性侵害，扬言极端"),
    (Risk.ORANGE, "橙：反复受暴、被威胁，可能升级"),
    (Risk.YELLOW, "黄：矛盾公开，双方僵持"),
    (Risk.BLUE, "蓝：暂无危险，一般咨询求助"),
]
REGISTER, ADVISE = "REGISTER", "ADVISE"


def category_choices() -> list[tuple[str, Any]]:
    """The second level in use, grouped by the first."""
    rows = [item for item in code_items(CodeSet.MATTER_CATEGORY) if item.enabled]
    groups: dict[str, tuple[str, list[tuple[str, str]]]] = {
        r.code: (r.name, []) for r in rows if not r.parent
    }
    for row in rows:
        if row.parent in groups:
            group, options = groups[row.parent]
            # A closed select shows the option alone.
            options.append((row.code, f"{group}：其他" if row.name == "其他" else row.name))
    return list(groups.values())


def _primary_choices() -> list[tuple[str, Any]]:
    return [("", "请选择"), *category_choices()]


class ContactFields(PartForm):
    """How a visit, letter or call came and what was said: the same for the first contact and for each later one."""

    channel = ChoiceField(label="来源", choices=CHANNEL_GROUPS, initial=Channel.VISIT)
    received_at = PastDateTimeField(label="收到时间")
    persons = IntegerField(label="来了几人", min_value=1, max_value=9999, initial=1)
    companions = TextField(label="同来的人和关系", required=False)
    posted_on = DateField(label="邮戳日期", past=True, required=False)
    source_unit = TextField(label="转来单位", required=False, max_length=80)
    source_number = TextField(label="来文字号", required=False, max_length=60)
    source_person = TextField(label="对方联系人、报告人", required=False)
    facts = TextField(
        label="反映的事情",
        rows=8,
        max_length=FACTS_LENGTH,
        help_text="用她自己的话记：什么时候、什么地方、谁、发生了什么。",
    )
    demand = TextField(label="她希望怎么解决", rows=2, required=False)
    place = TextField(label="事情发生在哪里", required=False)
    handled_before = TextField(
        label="此前找过村委、派出所、法院等，怎么处理的", required=False, max_length=1000
    )
    privacy_notice = ChoiceField(
        label="个人信息告知",
        choices=PrivacyNotice.choices,
        widget=forms.RadioSelect,
        help_text="告诉她：记录哪些信息、用来做什么、谁能看、可以查看更正。",
    )

    def clean_received_at(self) -> Any:
        moment = self.cleaned_data["received_at"]
        if moment.year < EARLIEST_YEAR:
            raise ValidationError(f"{EARLIEST_YEAR}年以前收到的，请按旧档案保存，不在这里登记。")
        return moment

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("channel") in FROM_UNITS and self._is_missing("source_unit"):
            self.add_error("source_unit", "请填写是哪个单位转来的。")
        posted, received = self.cleaned_data.get("posted_on"), self.cleaned_data.get("received_at")
        if posted and received and posted > china_date(received):
            self.add_error("posted_on", "邮戳日期不能晚于收到日期。")
        return self.cleaned_data


class MatterForm(ContactFields):
    """The matter itself; the people are forms of their own."""

    form = ChoiceField(
        label="以什么形式",
        choices=[choice for choice in PetitionForm.choices if choice[0] != PetitionForm.ANONYMOUS],
        initial=PetitionForm.INDIVIDUAL,
    )
    risk = ChoiceField(label="现在有没有人身危险", choices=RISK_WORDS, widget=forms.RadioSelect)
    involves_dv = forms.BooleanField(label="涉家庭暴力", required=False)
    involves_minor = forms.BooleanField(label="涉未成年人", required=False)
    is_litigation = forms.BooleanField(label="涉法涉诉（已在公安、检察、法院办理）", required=False)
    category = ChoiceField(label="主要类别", choices=_primary_choices)
    nature = ChoiceField(label="来的目的", choices=Nature.choices, initial=Nature.HELP)
    occurrence = ChoiceField(
        label="第几次来",
        choices=[(Occurrence.FIRST, "第一次"), (Occurrence.REPEAT, "同一件事又来")],
        initial=Occurrence.FIRST,
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )
    grade = ChoiceField(label="小事、大事、难事", required=False, choices=[("", "不分"), *Grade.choices])
    categories = MultipleChoiceField(label="次要类别（可多选）", required=False, choices=category_choices)
    flags = MultipleChoiceField(label="需要提醒的情况（可多选）", required=False, choices=CaseFlag.choices)
    finish = ChoiceField(
        label="谈完以后",
        choices=[(REGISTER, "登记，交站长审核受理"), (ADVISE, "已经当场答复，她也接受，登记并办结")],
        initial=REGISTER,
        widget=forms.RadioSelect,
    )
    reply = TextField(label="当场怎样答复的", rows=4, required=False)
    satisfaction = ChoiceField(
        label="她的评价", required=False, choices=Satisfaction.choices, initial=Satisfaction.NOT_RATED
    )

    MORE = ("categories", "flags", "grade")

    @property
    def more_open(self) -> bool:
        return self.shows(*self.MORE)

    def clean(self) -> dict[str, Any]:
        super().clean()
        form, persons = self.cleaned_data.get("form"), self.cleaned_data.get("persons")
        if form == PetitionForm.GROUP and persons and persons < GROUP_FROM:
            self.add_error("persons", f"集体访是{GROUP_FROM}人及以上。请改人数，或把形式改为“个人”。")
        elif form == PetitionForm.INDIVIDUAL and persons and persons >= GROUP_FROM:
            self.add_error("form", f"来了{GROUP_FROM}人及以上，请选“集体访”或“联名信”。")
        if self.cleaned_data.get("finish") == ADVISE and self._is_missing("reply"):
            self.add_error("reply", "请写下当场怎样答复的。")
        return self.cleaned_data

    @property
    def all_categories(self) -> tuple[str, ...]:
        return (self.cleaned_data.get("category", ""), *self.cleaned_data.get("categories", ()))

    @property
    def says_violence(self) -> bool:
        return bool(self.cleaned_data.get("involves_dv")) or "MAR_DV" in self.all_categories

    @property
    def says_minor(self) -> bool:
        return bool(self.cleaned_data.get("involves_minor")) or any(
            code.startswith("CHD_") for code in self.all_categories
        )


_PARTS: dict[str, tuple[Any, ...]] = {
    "petitioner": (PetitionerForm,),
    "phone-": (PhoneForm,),
    "respondent": (OtherForm, PersonRole.RESPONDENT),
    "victim": (OtherForm, PersonRole.VICTIM),
    "guardian": (OtherForm, PersonRole.GUARDIAN),
    "agent": (OtherForm, PersonRole.AGENT),
    "representative-": (RepresentativeForm,),
    "report": (ReportBlock,),
    "keep": (KeepForm,),
    "danger": (ScaleForm,),
    "accused": (AccusedForm,),
}
# Where on the page a field stands, for the list of what has to be put right; the rest comes in the order of PREFIXES.
_PLACES = {"report": 1, "danger": 2, "accused": 6, "keep": 8}
_TOLD = ("facts", "demand", "place", "handled_before", "category", "nature", "flags", "grade", "categories")
_LAST = ("privacy_notice", "finish", "reply", "satisfaction")


def _place_on_page(bound: BoundField) -> int:
    if not bound.form.prefix:
        return 3 if bound.name in _TOLD else 7 if bound.name in _LAST else 0
    return _PLACES.get(bound.form.prefix, 5)


PREFIXES = (
    "petitioner",
    *(f"phone-{row}" for row in range(PHONE_ROWS)),
    *("respondent", "victim", "guardian", "agent"),
    *(f"representative-{row}" for row in range(MAX_REPRESENTATIVES)),
    "report",
    "keep",
    "danger",
    "accused",
)
# Asked of everybody, whether something was sent in them or not.
ALWAYS = ("petitioner", "keep", "accused")


class Intake:
    """The whole page: the matter, the petitioner, her phones, the others. Reads like one form to templates."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        at: datetime,
        draft: IntakeDraft | None = None,
        unit: Organisation | None = None,
    ) -> None:
        """`unit` is the desk's: the units that somebody may complain of are those around it."""
        self.data, self.today, self.unit = data, china_date(at), unit
        self._draft = MultiValueDict(draft.answers) if draft else None
        self._parts: dict[str, Any] = {}
        self.matter: MatterForm = self._fill(MatterForm, received_at=at.replace(second=0, microsecond=0))
        # The page's own id: sent twice, it makes one case.
        self.submission = (
            draft.submission if draft else readable_uuid(data.get("submission") if data else None)
        )

    def _fill(self, form_class: type[Any], *args: Any, prefix: str | None = None, **initial: Any) -> Any:
        """A form bound to what was sent, or showing what the draft holds."""
        if self.data is not None:
            return form_class(*args, data=self.data, prefix=prefix, today=self.today)
        form = form_class(*args, prefix=prefix, initial=initial, today=self.today)
        if self._draft is not None:
            form.initial |= {
                name: field.widget.value_from_datadict(self._draft, {}, form.add_prefix(name))
                for name, field in form.fields.items()
            }
        return form

    def _part(self, prefix: str) -> Any:
        """One of the other forms, made when somebody asks for it: most pages say nothing in most of them."""
        if prefix not in self._parts:
            self._parts[prefix] = self._fill(*_PARTS[prefix.rstrip("0123456789")], prefix=prefix)
            if prefix == "accused":
                self._parts[prefix].offer(self.unit)
        return self._parts[prefix]

    @property
    def petitioner(self) -> PetitionerForm:
        return self._part("petitioner")

    @property
    def accused(self) -> AccusedForm:
        return self._part("accused")

    @property
    def phones(self) -> list[PhoneForm]:
        return [self._part(f"phone-{row}") for row in range(PHONE_ROWS)]

    @property
    def respondent(self) -> OtherForm:
        return self._part("respondent")

    @property
    def victim(self) -> OtherForm:
        return self._part("victim")

    @property
    def guardian(self) -> OtherForm:
        return self._part("guardian")

    @property
    def agent(self) -> OtherForm:
        return self._part("agent")

    @property
    def keep(self) -> KeepForm:
        return self._part("keep")

    @property
    def danger(self) -> ScaleForm:
        return self._part("danger")

    @property
    def representatives(self) -> list[RepresentativeForm]:
        return [self._part(f"representative-{row}") for row in range(MAX_REPRESENTATIVES)]

    @cached_property
    def sent(self) -> list[Any]:
        """The forms that came with something in them, in the order of the page; the first two always."""
        filled = {
            name.rpartition("-")[0] for name, values in (self.data or MultiValueDict()).lists() if any(values)
        }
        return [
            self.matter,
            *(self._part(prefix) for prefix in PREFIXES if prefix in ALWAYS or prefix in filled),
        ]

    @property
    def people(self) -> list[Any]:
        """Everybody of whom something was said; the petitioner always. Ask after is_valid()."""
        said = [form for form in self.sent if isinstance(form, OtherForm | RepresentativeForm) and form.told]
        return [self.petitioner, *said]

    @property
    def told_phones(self) -> list[PhoneForm]:
        return [form for form in self.sent if isinstance(form, PhoneForm) and form.told]

    @property
    def shown(self) -> list[Any]:
        """Every form that anybody has asked for."""
        return [self.matter, *(self._parts[prefix] for prefix in PREFIXES if prefix in self._parts)]

    def is_valid(self) -> bool:
        if self.data is None:
            return False
        good = [form.is_valid() for form in self.sent]  # a list, so that every form says its errors
        self._check_representatives()
        self._check_phones()
        self._check_finish()
        self._check_report()
        if self.involves_dv and self.danger.is_valid():
            self.danger.check_complete()
        self._check_accused()
        born = [form.born for form in self.harmed]
        self.keep.check_child(born, guardian_suspected=self.report.suspects_guardian)
        return all(good) and not self.errors

    def _check_accused(self) -> None:
        matter = self.matter
        self.accused.demand(nature=matter.cleaned_data.get("nature", ""), categories=matter.all_categories)

    def _check_representatives(self) -> None:
        first, *_, last = self.representatives
        if self.data is not None and self.data.get(f"representative-{MAX_REPRESENTATIVES}-name", "").strip():
            too_many = f"第{MAX_REPRESENTATIVES + 1}人没有登记。"
            last.refuse("name", f"代表最多{MAX_REPRESENTATIVES}人（信访工作条例第20条），{too_many}")
        is_group = self.matter.cleaned_data.get("form") == PetitionForm.GROUP
        if is_group and not any(isinstance(form, RepresentativeForm) for form in self.people):
            first.refuse("name", "集体访请至少登记一位代表。")

    def _check_phones(self) -> None:
        seen: set[str] = set()
        for form in self.told_phones:
            number = form.cleaned_data.get("number", "")
            if number and number in seen:
                form.add_error("number", "这个号码上面已经填过了。")
            seen.add(number)

    def _check_finish(self) -> None:
        """Violence, minors and any risk never end at the first talk; the action refuses them too."""
        if self.matter.cleaned_data.get("finish") != ADVISE:
            return
        if (
            self.involves_dv
            or self.involves_minor
            or self.matter.cleaned_data.get("risk") not in (Risk.BLUE, None)
        ):
            self.matter.add_error(
                "finish",
                "涉家暴、涉未成年人或有风险的，不能当场办结。请选“登记，交站长审核受理”，答复写进办理记录。",
            )

    def _check_report(self) -> None:
        """Whether a report is owed is asked wherever a child is in it, and answered: silence is no answer."""
        if self.may_owe_report and not self.report.is_answered:
            self.report.refuse("situations", "涉及未成年人，请看一遍下面的情形：有的勾选，没有的勾“都没有”。")

    @property
    def may_owe_report(self) -> bool:
        """A child, or somebody who cannot decide for herself and suffers violence at home (反家庭暴力法 第14条)."""
        told = [form.cleaned_data.get("capacity") or Capacity.FULL for form in self.harmed]
        return self.involves_minor or (self.involves_dv and any(level != Capacity.FULL for level in told))

    @property
    def report(self) -> ReportBlock:
        form: ReportBlock = self._part("report")
        if self.data is None:
            form.initial.setdefault("known_at", self.matter.initial["received_at"])
        return form

    @property
    def report_when(self) -> str:
        """The answers that bring up the question, for the page."""
        codes = [code for _, options in category_choices() for code, _ in options if code.startswith("CHD_")]
        return f"involves_minor;category={'|'.join(codes)}"

    @property
    def involves_dv(self) -> bool:
        """Said, plain from the category, or from an answer about danger: a box not ticked must not lose that."""
        return bool(self.matter.says_violence) or (self.danger in self.sent and self.danger.says_yes)

    @property
    def protection(self) -> tuple[str, ...]:
        """Why the victim is under special protection, as far as the page says. Ask after is_valid()."""
        harmed = self.victim if self.victim in self.sent and self.victim.told else self.petitioner
        age = AgeBand.on(self.today, born=harmed.born)
        return protected_by(harmed.cleaned_data.get("characteristics", ()), [age])

    @property
    def harmed(self) -> list[Any]:
        """Whose matter it is."""
        return [form for form in self.people if form.role in (PersonRole.PETITIONER, PersonRole.VICTIM)]

    @property
    def involves_minor(self) -> bool:
        """Said, or plain from the category, or from the age of the petitioner or the victim."""
        ages = [AgeBand.on(self.today, born=form.born) for form in self.harmed]
        said = self.matter.says_minor or self.report.of_a_child
        return said or any(age in AgeBand.minors for age in ages)

    @property
    def petition_form(self) -> PetitionForm:
        """One person or a joint letter without a name is an anonymous petition."""
        form = PetitionForm(self.matter.cleaned_data["form"])
        nameless = self.petitioner.cleaned_data["anonymous"]
        if nameless and form in (PetitionForm.INDIVIDUAL, PetitionForm.JOINT_LETTER):
            return PetitionForm.ANONYMOUS
        return form

    # Folds stand open when they hold something or want something.
    @property
    def phones_open(self) -> bool:
        return any(form.has_words for form in self.phones[1:])

    @property
    def respondent_open(self) -> bool:
        return self.respondent.shows("sex", "birth_date", "id_number", "phone", "address_now")

    @property
    def folded_others(self) -> list[tuple[OtherForm, str]]:
        return [
            (self.victim, "受害人不是本人"),
            (self.guardian, "有监护人"),
            (self.agent, "由别人代理、代访"),
        ]

    @property
    def errors(self) -> dict[str, Any]:
        return {form.add_prefix(name): errors for form in self.shown for name, errors in form.errors.items()}

    def non_field_errors(self) -> list[str]:
        return [str(error) for form in self.shown for error in form.non_field_errors()]

    def __iter__(self) -> Iterator[BoundField]:
        return iter(sorted((bound for form in self.shown for bound in form), key=_place_on_page))


class ContactForm(ContactFields):
    """A further visit, letter or call about a case that is there already."""

    occurrence = ChoiceField(
        label="这次是",
        choices=[(Occurrence.REPEAT, "同一件事又来"), (Occurrence.CONTINUED, "补充材料")],
        initial=Occurrence.REPEAT,
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )

    def keep_short(self) -> None:
        """Where a child's harm is reported, no second story is taken down."""
        field = self.fields["facts"]
        field.validators.append(MaxLengthValidator(SHORT_FACTS))
        field.error_messages["max_length"] = f"有强制报告的案件，这里最多写{SHORT_FACTS}字：只记新说的要点。"
        field.widget.attrs["maxlength"] = SHORT_FACTS

    @cached_property
    def submission(self) -> UUID:
        """The page's own id: sent twice, it makes one contact."""
        return readable_uuid(self.data.get("submission"))


def readable_uuid(text: str | None) -> UUID:
    """The id in `text`; one that cannot be read is replaced, because the words matter more."""
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()
