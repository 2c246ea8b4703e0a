"""One form a step of the case page. What each needs is on the screen, in the order a person thinks of it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.choices import (
    DeliveryWay,
    EscalationReason,
    Grade,
    HandlingMethod,
    Outcome,
    RefuseReason,
    ReopenGround,
    Risk,
    Satisfaction,
    ServiceType,
    Step,
    SuspendGround,
    VisitResult,
    VisitWay,
)
from cases.forms.fields import (
    ChoiceField,
    DateField,
    IntegerField,
    PastDateTimeField,
    TextField,
)
from cases.forms.guarding.bars import AsksOfConflict, BarForm, LiftBarForm, RecuseForm
from cases.forms.guarding.consent import ConsentForm, DiscloseForm, WithdrawConsentForm
from cases.forms.guarding.progress import NewCodeForm
from cases.forms.guarding.secrecy import EndReaderForm, NameReaderForm, SealForm, UnsealForm
from cases.forms.instruction import EndInstructionForm, InstructForm
from cases.forms.safety.scale import AssessForm, ClosingScaleMixin, leave_out
from cases.forms.statutory import EndClockForm, StartClockForm
from cases.forms.step import EMPTY, StepForm
from cases.models import Case
from cases.models.guarding import barred_from
from cases.models.handling import MAX_EXTENSION_DAYS
from cases.permissions import why_not_lower
from cases.permissions.volunteer import fit_for_minors
from cases.workflow.danger import why_not_paler
from stations.choices import AdminLevel
from stations.models import Organisation, Staff
from stations.roles import Permission

__all__ = [
    "FORMS",
    "CorrectForm",
    "DeliverForm",
    "EndClockForm",
    "EndReaderForm",
    "EscalateForm",
    "MergeForm",
    "NameReaderForm",
    "StartClockForm",
    "StepForm",
]

SETTLED_LEVELS = [(level.value, level.label) for level in AdminLevel if level < AdminLevel.PROVINCE]


def colleagues(unit: Organisation, case: Case) -> list[Staff]:
    """Who may own this case in that unit, in pinyin order."""
    people, barred = Staff.objects.working().of(unit).by_name(), barred_from(case.pk)
    return [person for person in people if person.may(Permission.CASE_HANDLE) and person not in barred]


class PersonField(ChoiceField):
    """One of a handful of colleagues; cleans into the Staff row."""

    def offer(self, people: list[Staff], *, absent_on: Any) -> None:
        self.people = {str(person.pk): person for person in people}
        self.choices = [
            EMPTY,
            *(
                (key, f"{person.name}{'（离岗）' if person.is_absent(absent_on) else ''} {person.title}")
                for key, person in self.people.items()
            ),
        ]

    def clean(self, value: Any) -> Staff | None:
        key = super().clean(value)
        return self.people.get(key) if key else None


class OwnerForm(AsksOfConflict):
    owner = PersonField(label="承办人")

    def unit(self) -> Organisation:
        return self.case.holder

    def prepare(self) -> None:
        field = self.fields["owner"]
        assert isinstance(field, PersonField)  # noqa: S101 – declared so above
        field.offer(colleagues(self.unit(), self.case), absent_on=timezone.localdate())
        if self.case.owner_id and self.case.owner.organisation_id == self.unit().pk:  # type: ignore[union-attr]
            self.initial.setdefault("owner", str(self.case.owner_id))


class DeliveryMixin(forms.Form):
    """How the petitioner was told; leaving it for later keeps the 15 days running."""

    way = ChoiceField(label="怎样告知信访人", choices=DeliveryWay.choices, initial=DeliveryWay.NOT_YET)
    delivered_on = DateField(
        label="告知日期", required=False, past=True, help_text="已经告知的填写；邮寄填寄出日期。"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        way, day = data.get("way"), data.get("delivered_on")
        if way and way != DeliveryWay.NOT_YET and not day:
            data["delivered_on"] = timezone.localdate()
        if way == DeliveryWay.NOT_YET and day:
            self.add_error("way", "填了告知日期，请选择是怎样告知的。")
        received = timezone.localdate(self.case.received_at)  # type: ignore[attr-defined]
        if day and day < received:
            self.add_error("delivered_on", "告知日期不能早于收到信访的日期。")
        return data


class AcceptForm(DeliveryMixin, OwnerForm):
    button = "受理"
    explain = "受理后由承办人办理；告知书送达信访人后，{XF-NOTICE}的告知期限才算完成。"
    grade = ChoiceField(
        label="大小难",
        choices=[EMPTY, *Grade.choices],
        required=False,
        help_text="小事在村、大事在乡、难事在县化解。",
    )
    own_power = forms.BooleanField(
        label="属本单位职权，由本单位作出处理意见",
        required=False,
        help_text="勾了即开始计算作出处理意见的期限；调解、转交、帮办的事项不勾。",
    )
    plan = TextField(label="办理打算", rows=3, required=False)
    field_order = ("seen", "owner", "grade", "own_power", "plan", "way", "delivered_on")


class RefuseForm(DeliveryMixin, StepForm):
    button = "不予受理"
    explain = "要书面告知理由和正确的去处。"
    reason = ChoiceField(label="理由", choices=[EMPTY, *RefuseReason.choices])
    explanation = TextField(
        label="说明和正确途径", rows=4, help_text="写给信访人看：为什么，去哪里，带什么。"
    )
    field_order = ("seen", "reason", "explanation", "way", "delivered_on")

    def clean_reason(self) -> RefuseReason:
        return RefuseReason(self.cleaned_data["reason"])


class RedirectForm(DeliveryMixin, StepForm):
    button = "引导告知"
    explain = "事项不归我们管时，告诉信访人该找哪个单位，登记后即办结。"
    body = TextField(label="应找的单位", help_text="单位名称、地址、电话。")
    explanation = TextField(label="说明", rows=3, required=False, help_text="要带什么材料、有什么期限。")
    field_order = ("seen", "body", "explanation", "way", "delivered_on")


class AssignForm(OwnerForm):
    button = "指定承办人"
    note = TextField(label="交代", rows=3, required=False)


class AssistForm(AsksOfConflict):
    asks_of = "assistant"
    button = "请人协办"
    explain = "协办人从现在起能看到这件案件，结案后不再看到。志愿者只看到遮盖后的内容。"
    assistant = PersonField(label="协办人")
    note = TextField(label="请做什么", rows=3)

    def prepare(self) -> None:
        unit = self.case.holder
        busy = set(self.case.holdings.filter(until_at=None).values_list("staff", flat=True))
        barred = barred_from(self.case.pk)
        people = [
            person
            for person in Staff.objects.working().of(unit).by_name()
            if person.pk not in busy and person not in barred
        ]
        field = self.fields["assistant"]
        assert isinstance(field, PersonField)  # noqa: S101 – declared so above
        today = timezone.localdate()
        reading = (Permission.CASE_READ, Permission.CASE_READ_ASSIGNED)
        helping = [person for person in people if any(person.may(permission) for permission in reading)]
        field.offer(fit_for_minors(self.case, helping, today), absent_on=today)


class HandleForm(StepForm):
    button = "保存办理记录"
    explain = "办理记录提交后不能修改；写错了再补一条说明。"
    method = ChoiceField(label="办理方式", choices=[EMPTY, *HandlingMethod.choices])
    happened_at = PastDateTimeField(label="办理时间")
    persons = TextField(label="参加人", required=False)
    content = TextField(label="做了什么", rows=5)
    result = TextField(label="结果怎样", rows=2, required=False)
    service = ChoiceField(
        label="服务类型", choices=[("", "不计服务人次"), *ServiceType.choices], required=False
    )
    service_persons = IntegerField(label="服务人次", min_value=0, max_value=999, required=False)
    order_told = forms.BooleanField(
        label="已告知她可以申请人身安全保护令", required=False, help_text="怎样申请、找谁帮忙，一并说清。"
    )

    def prepare(self) -> None:
        self.initial.setdefault("happened_at", timezone.localtime())
        if not self.case.must_hear_of_order():
            del self.fields["order_told"]
        for name in ("method", "service"):
            leave_out(self.fields[name], self.case.binding_danger)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        moment = data.get("happened_at")
        if moment and timezone.localdate(moment) < timezone.localdate(self.case.received_at):
            self.add_error("happened_at", "办理时间不能早于收到信访的日期。")
        if data.get("service") and not data.get("service_persons"):
            data["service_persons"] = 1
        if not data.get("service"):
            data["service_persons"] = 0
        return data


class RiskForm(StepForm):
    button = "调整风险等级"
    risk = ChoiceField(label="风险等级", choices=Risk.choices, widget=forms.RadioSelect)
    reason = TextField(label="理由", rows=3)

    def prepare(self) -> None:
        self.initial.setdefault("risk", self.case.risk)

    def clean_risk(self) -> Risk:
        risk = Risk(self.cleaned_data["risk"])
        if risk == self.case.risk:
            raise ValidationError("与现在的等级相同，请选择新的等级。")
        if refusal := why_not_paler(self.case.danger, risk) or why_not_lower(self.user, self.case, risk):
            raise ValidationError(refusal)
        return risk


class EscalateForm(StepForm):
    button = "上报"
    explain = "上级审核前仍由本单位负责；上级应在{IN-REVIEW}内（红色风险{IN-REVIEW-U}内）答复。"
    to_unit = ChoiceField(label="上报到")
    reason = ChoiceField(label="为什么上报", choices=[EMPTY, *EscalationReason.choices])
    tried = TextField(label="已经做过什么", rows=4, help_text="什么时候、做了什么、为什么没有解决。")

    units: dict[str, Organisation]

    def offer(self, units: list[Organisation]) -> None:
        self.units = {str(unit.pk): unit for unit in units}
        field = self.fields["to_unit"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [
            (key, unit.name + ("" if n == 0 else "（越级）"))
            for n, (key, unit) in enumerate(self.units.items())
        ]

    def clean_to_unit(self) -> Organisation:
        return self.units[self.cleaned_data["to_unit"]]


class UpperOwnerForm(OwnerForm):
    """An owner in the reader's own unit."""

    def unit(self) -> Organisation:
        assert self.user.organisation is not None  # noqa: S101 – the door asked for it
        return self.user.organisation


class TakeOverForm(UpperOwnerForm):
    button = "提级办理"
    explain = "案件由本单位接办，原承办人转为协办；全程期限继续计算。"
    guidance = TextField(label="意见", rows=3)


class GuideForm(StepForm):
    button = "退回并指导"
    guidance = TextField(label="指导意见", rows=5, help_text="怎样办、找谁、注意什么。")
    term_on = DateField(label="办理期限")

    def clean_term_on(self) -> Any:
        day = self.cleaned_data["term_on"]
        if day <= timezone.localdate():
            raise ValidationError("期限应在今天以后。")
        return day


class CoHandleForm(UpperOwnerForm):
    button = "上下联办"
    explain = "下级继续承办，本单位指定一人联办。"
    guidance = TextField(label="怎样分工", rows=4)

    def prepare(self) -> None:
        super().prepare()
        self.fields["owner"].label = "本单位联办人"

    def values(self) -> dict[str, Any]:
        return {"co_owner": self.cleaned_data["owner"], "split": self.cleaned_data["guidance"]}


class SendDownForm(OwnerForm):
    button = "下交办理"
    guidance = TextField(label="已做什么、还要做什么", rows=4)

    def unit(self) -> Organisation:
        return self.case.came_from()


class AskExtensionForm(StepForm):
    button = "申请延期"
    explain = "情况复杂的可以延长一次，最多30日，批准后要把理由告知信访人（信访工作条例第34条）。"
    days = IntegerField(label="延长几日", min_value=1, max_value=MAX_EXTENSION_DAYS)
    reason = TextField(label="延期理由", rows=4)


class GrantExtensionForm(DeliveryMixin, StepForm):
    button = "批准延期"
    opinion = TextField(label="审批意见", rows=3)
    field_order = ("seen", "opinion", "way", "delivered_on")


class DeclineExtensionForm(StepForm):
    button = "不批准"
    opinion = TextField(label="不批准的理由", rows=3)


class SuspendForm(StepForm):
    button = "中止办理"
    explain = "只有下列情形可以中止；中止时内部期限停计，法定期限照常计算。"
    ground = ChoiceField(label="中止情形", choices=[EMPTY, *SuspendGround.choices])
    evidence = TextField(label="凭什么", rows=3, help_text="文书名称、文号、日期或联系经过。")

    def clean_ground(self) -> SuspendGround:
        return SuspendGround(self.cleaned_data["ground"])


class ResumeForm(StepForm):
    button = "恢复办理"
    reason = TextField(label="恢复的原因", rows=3)


class ProposeCloseForm(ClosingScaleMixin, StepForm):
    button = "提请结案"
    explain = "提请后由负责人审核；橙色、红色风险和涉未成年人的案件由县妇联审核。"
    outcome = ChoiceField(label="结果", choices=[EMPTY, *Outcome.choices])
    solution = TextField(label="怎样解决的", rows=5)
    settled_level = ChoiceField(label="在哪一级化解", choices=SETTLED_LEVELS)
    petitioner_told_on = DateField(label="哪天答复的信访人", past=True)
    petitioner_view = TextField(label="信访人怎么说", rows=2, required=False)
    satisfaction = ChoiceField(label="满意度", choices=Satisfaction.choices, initial=Satisfaction.NOT_RATED)

    def prepare(self) -> None:
        super().prepare()
        self.initial.setdefault("settled_level", self.case.level)
        leave_out(self.fields["outcome"], self.case.binding_danger)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        told = data.get("petitioner_told_on")
        if told and told < timezone.localdate(self.case.received_at):
            self.add_error("petitioner_told_on", "答复日期不能早于收到信访的日期。")
        return data


class CloseForm(StepForm):
    button = "批准结案"
    opinion = TextField(label="审核意见", rows=3)


class SendBackForm(StepForm):
    button = "退回补办"
    reason = TextField(label="要补办什么", rows=3)


class FollowUpForm(StepForm):
    button = "保存回访记录"
    explain = "先确认对方说话是否安全，再谈事情。不安全就另约时间，本次不算完成回访。"
    spoke_safely = ChoiceField(
        label="对方能安全说话吗",
        choices=[("yes", "能"), ("no", "不能")],
        widget=forms.RadioSelect(attrs={"class": "wq-segmented"}),
    )
    happened_at = PastDateTimeField(label="回访时间")
    way = ChoiceField(label="方式", choices=[EMPTY, *VisitWay.choices])
    result = ChoiceField(label="情况", choices=[EMPTY, *VisitResult.choices], required=False)
    content = TextField(label="说了什么、现状怎样", rows=4, required=False)
    satisfaction = ChoiceField(
        label="对我们是否满意", choices=Satisfaction.choices, initial=Satisfaction.NOT_RATED
    )
    partner_satisfaction = ChoiceField(
        label="对责任单位是否满意", choices=Satisfaction.choices, initial=Satisfaction.NOT_RATED
    )

    def prepare(self) -> None:
        self.initial.setdefault("happened_at", timezone.localtime())

    def clean_spoke_safely(self) -> bool:
        return self.cleaned_data["spoke_safely"] == "yes"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        moment = data.get("happened_at")
        safe = data.get("spoke_safely")
        if safe and not data.get("result") and "result" not in self.errors:
            self.add_error("result", "请选择情况。")
        if safe is False:
            data["result"] = VisitResult.UNREACHABLE
            if data.get("content"):
                self.add_error("content", "对方不能安全说话，这次不谈案情：请清空这一栏，另约时间。")
        if (
            moment
            and self.case.ended_at
            and timezone.localdate(moment) < timezone.localdate(self.case.ended_at)
        ):
            self.add_error("happened_at", "回访时间不能早于结案日期。")
        return data


class ReopenForm(OwnerForm):
    button = "重新办理"
    explain = "按新的一轮办理，仍是同一件；原来的结论保留。"
    ground = ChoiceField(label="为什么重新办理", choices=[EMPTY, *ReopenGround.choices])
    reason = TextField(label="说明", rows=3)
    field_order = ("seen", "ground", "reason", "owner")

    def clean_ground(self) -> ReopenGround:
        return ReopenGround(self.cleaned_data["ground"])


class MergeForm(StepForm):
    button = "并案"
    explain = "同一人同一事的案件并入主案；来访次数仍分别统计。"
    into = TextField(label="主案的案号")
    reason = TextField(label="为什么是同一件", rows=3)

    visible: Any = None

    def clean_into(self) -> Case:
        case = self.visible.filter(number=self.cleaned_data["into"].upper()).first()
        if case is None:
            raise ValidationError("没有找到这个案号，请核对。")
        if case.pk == self.case.pk:
            raise ValidationError("不能并入自己。")
        return case


class AskVoidForm(StepForm):
    button = "申请作废"
    explain = "只用于误登、测试；由县妇联确认后生效，案号不再使用。"
    reason = TextField(label="为什么作废", rows=3)


class VoidForm(StepForm):
    button = "确认作废"
    reason = TextField(label="确认意见", rows=3)


class DeliverForm(StepForm):
    button = "补记送达"
    notice = ChoiceField(label="告知书")
    way = ChoiceField(
        label="送达方式",
        choices=[EMPTY, *[(way, label) for way, label in DeliveryWay.choices if way != "NOT_YET"]],
    )
    delivered_on = DateField(label="送达日期", past=True)
    remark = TextField(label="签收情况", required=False, help_text="本人签收、拒收、退回等。")

    def prepare(self) -> None:
        self.notices = {
            str(row.pk): row for row in self.case.petitioner_notices.filter(way=DeliveryWay.NOT_YET)
        }
        field = self.fields["notice"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [
            (key, f"{row.get_doc_type_display()} {row.number}") for key, row in self.notices.items()
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        notice, day = self.notices.get(data.get("notice", "")), data.get("delivered_on")
        if notice and day and day < timezone.localdate(notice.made_at):
            self.add_error("delivered_on", "送达日期不能早于告知书的日期。")
        return data


class CorrectForm(StepForm):
    button = "保存更正"
    explain = "原来的笔录保留，这里写更正后的全文。"
    facts = TextField(label="反映的事情", rows=8)
    demand = TextField(label="诉求", rows=3, required=False)
    place = TextField(label="发生地点", required=False)
    reason = TextField(label="为什么更正", rows=2)

    def prepare(self) -> None:
        self.statement = self.case.statements.filter(corrected_by=None).order_by("-at").first()
        if self.statement is not None:
            for name in ("facts", "demand", "place"):
                self.initial.setdefault(name, getattr(self.statement, name))


FORMS: dict[Step, type[StepForm]] = {
    Step.ACCEPT: AcceptForm,
    Step.REFUSE: RefuseForm,
    Step.REDIRECT: RedirectForm,
    Step.DELIVER: DeliverForm,
    Step.NEW_CODE: NewCodeForm,
    Step.CORRECT: CorrectForm,
    Step.ASSIGN: AssignForm,
    Step.ASSIST: AssistForm,
    Step.HANDLE: HandleForm,
    Step.RERISK: RiskForm,
    Step.ESCALATE: EscalateForm,
    Step.TAKE_OVER: TakeOverForm,
    Step.GUIDE: GuideForm,
    Step.CO_HANDLE: CoHandleForm,
    Step.SEND_DOWN: SendDownForm,
    Step.ASK_EXTENSION: AskExtensionForm,
    Step.GRANT_EXTENSION: GrantExtensionForm,
    Step.DECLINE_EXTENSION: DeclineExtensionForm,
    Step.SUSPEND: SuspendForm,
    Step.RESUME: ResumeForm,
    Step.PROPOSE_CLOSE: ProposeCloseForm,
    Step.CLOSE: CloseForm,
    Step.SEND_BACK: SendBackForm,
    Step.FOLLOW_UP: FollowUpForm,
    Step.REOPEN: ReopenForm,
    Step.MERGE: MergeForm,
    Step.ASK_VOID: AskVoidForm,
    Step.VOID: VoidForm,
    Step.START_CLOCK: StartClockForm,
    Step.END_CLOCK: EndClockForm,
    Step.INSTRUCT: InstructForm,
    Step.END_INSTRUCTION: EndInstructionForm,
    Step.RECUSE: RecuseForm,
    Step.BAR: BarForm,
    Step.LIFT_BAR: LiftBarForm,
    Step.ASSESS: AssessForm,
    Step.SEAL: SealForm,
    Step.UNSEAL: UnsealForm,
    Step.NAME_READER: NameReaderForm,
    Step.END_READER: EndReaderForm,
    Step.CONSENT: ConsentForm,
    Step.WITHDRAW_CONSENT: WithdrawConsentForm,
    Step.DISCLOSE: DiscloseForm,
}
