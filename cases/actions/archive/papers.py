"""What goes into the file of a case: every paper of it, in the order of time, and the confidential page apart."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cases.choices import PersonRole, Step
from cases.deadlines import CHINA, china_date
from cases.documents.words import chinese_date
from cases.models import (
    Case,
    CodeSet,
    Contact,
    IssuedDocument,
    MandatoryReport,
    Party,
    PetitionAgency,
    Phone,
    SafetyPlan,
    ShelterStay,
    code_names,
)
from weiquan.masking import mask_id_number

HIDDEN = "〔另存〕"
SHORTEST_SECRET = 4
# What a step of these says is nowhere else; other notes may hold how she is reached.
TOLD_WITH_WORDS = {
    Step.REFUSE, Step.REDIRECT, Step.SUSPEND, Step.RESUME, Step.REOPEN, Step.MERGE,
}  # fmt: skip

Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class Paper:
    """One paper: ours to be set, or a finished PDF."""

    title: str
    author: str
    at: datetime
    facts: Facts = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    doc_number: str = ""
    remark: str = ""
    pdf: bytes | None = None

    @property
    def on(self) -> date:
        return china_date(self.at)


def papers_of(case: Case) -> list[Paper]:
    """In the order of time; the course of the case is the last. Where she is, how to reach her safely and what the
    danger scale asked her is in none of them.

    Source: 妇联组织受理家庭暴力投诉工作规程 第14条; 档案法实施条例 第19条.
    """
    found = [paper for gather in GATHERED for paper in gather(case)]
    found.sort(key=lambda paper: paper.at)
    secrets = secrets_of(case)
    return [_without(paper, secrets) for paper in [*found, _course(case)]]


def secrets_of(case: Case) -> list[str]:
    """Whole values that must not stand on a paper even where somebody typed them into a story; the longest first."""
    people = Party.objects.filter(case=case, person__isnull=False).select_related("person")
    told = [one.person.address_now for one in people if one.person and one.role != PersonRole.RESPONDENT]
    for phone in Phone.objects.filter(person__parties__case=case).distinct():
        told += [phone.pass_phrase, phone.number]
    for stay in ShelterStay.objects.filter(monitor__case=case):
        told += [stay.place, stay.contact, stay.destination]
    for plan in SafetyPlan.objects.filter(case=case):
        told += [plan.safe_place, plan.code_word, plan.leave]
    return sorted({one for one in told if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)


def _without(paper: Paper, secrets: list[str]) -> Paper:
    if paper.pdf is not None:
        return paper

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, HIDDEN)
        return text

    return Paper(
        title=paper.title,
        author=hide(paper.author),
        at=paper.at,
        facts=[(label, hide(text)) for label, text in paper.facts],
        parts=[(label, hide(text)) for label, text in paper.parts],
        rows=[(when, what, hide(who)) for when, what, who in paper.rows],
        doc_number=paper.doc_number,
        remark=paper.remark,
    )


def _said(*pairs: tuple[str, str]) -> Facts:
    """What was told; what was not leaves no empty line."""
    return [(label, text) for label, text in pairs if text]


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _day(on: date | None) -> str:
    return "" if on is None else chinese_date(on)


def _contacts(case: Case) -> Iterator[Paper]:
    """Each letter, visit or call as it was taken down. Who reported harm to a child stands on the page apart."""
    confidential = case.monitors.filter(report__isnull=False).exists()
    for contact in case.contacts.select_related("unit", "received_by"):
        statement = contact.statements.filter(corrected_by=None).order_by("-at").first()
        source = (
            []
            if confidential
            else [("转来单位", contact.source_unit), ("报告人、联系人", contact.source_person)]
        )
        yield Paper(
            title=f"{contact.get_channel_display()}登记表",
            author=contact.unit.name,
            at=contact.received_at,
            doc_number=contact.source_number,
            facts=_said(
                ("案号", case.number),
                ("收到时间", _moment(contact.received_at)),
                ("接待人", contact.received_by.name),
                ("人数", f"{contact.persons}人"),
                ("同来的人", contact.companions),
                *source,
                *_people(case),
                ("问题类别", code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category)),
            ),
            parts=_statement(statement),
        )


def _people(case: Case) -> Facts:
    parties = (
        case.parties.exclude(role=PersonRole.REPORTER).select_related("person").order_by("position", "pk")
    )
    return [(party.get_role_display(), _person(party)) for party in parties]


def _person(party: Party) -> str:
    if party.person is None:
        return "不详"
    person = party.person
    told = (
        person.name or "姓名不详",
        person.get_sex_display(),
        party.get_age_band_display(),
        mask_id_number(person.id_number),
        party.get_relation_display() if party.relation else "",
    )
    return "，".join(one for one in told if one)


def _statement(statement: object) -> list[tuple[str, str]]:
    if statement is None:
        return []
    labels = {"facts": "反映的事情", "demand": "诉求", "place": "发生地点", "handled_before": "此前处理情况",
              "reply": "当场答复"}  # fmt: skip
    return _said(*((label, getattr(statement, name)) for name, label in labels.items()))


def _notices(case: Case) -> Iterator[Paper]:
    issued = set(
        IssuedDocument.objects.filter(case=case, notice__isnull=False, voiding=None).values_list(
            "notice", flat=True
        )
    )
    for notice in case.petitioner_notices.select_related("made_by__organisation"):
        if notice.pk in issued:
            continue  # the paper itself is in the file
        unit = notice.made_by.organisation
        yield Paper(
            title=notice.get_doc_type_display(),
            author=unit.name if unit else "",
            at=notice.made_at,
            doc_number=notice.number,
            facts=_said(
                ("送达方式", notice.get_way_display()),
                ("送达日期", _day(notice.delivered_on)),
                ("签收情况", notice.remark),
            ),
            parts=[("告知内容", notice.body)],
        )


def _records(case: Case) -> Iterator[Paper]:
    for record in case.handling.select_related("by", "unit"):
        yield Paper(
            title=f"办理记录（{record.get_method_display()}）",
            author=record.unit.name,
            at=record.happened_at,
            facts=_said(
                ("办理时间", _moment(record.happened_at)),
                ("办理人", record.by.name),
                ("参加人", record.persons),
            ),
            parts=_said(("办理内容", record.content), ("结果", record.result)),
        )


def _referrals(case: Case) -> Iterator[Paper]:
    for referral in case.referrals.select_related("department", "from_org"):
        yield Paper(
            title=f"{referral.get_kind_display().partition('（')[0]}函（{referral.department.name}）",
            author=referral.from_org.name,
            at=referral.sent_at,
            doc_number=referral.number,
            facts=_said(
                ("主送", referral.department.name),
                ("紧急程度", referral.get_urgency_display()),
                ("签收时间", _moment(referral.signed_at)),
                ("对方案号", referral.partner_number),
            ),
            parts=_said(
                ("请办事项", referral.request),
                ("异议理由", referral.objection),
                ("退回重办要求", referral.rework_demand),
                ("核对意见", referral.assessment),
            ),
        )
        for answer in referral.feedback.all():
            result = code_names(CodeSet.REFERRAL_RESULT).get(answer.result, answer.result)
            yield Paper(
                title=f"{referral.department.name}的{answer.get_kind_display()}",
                author=referral.department.name,
                at=answer.at,
                doc_number=answer.doc_number,
                facts=_said(
                    ("对应函号", referral.number), ("办理结果", result), ("文书日期", _day(answer.doc_on))
                ),
                parts=[("办理情况", answer.text)],
            )


def _supervision(case: Case) -> Iterator[Paper]:
    for supervision in case.supervisions.select_related("from_org", "target"):
        for paper in supervision.papers.filter(signed_at__isnull=False):
            yield Paper(
                title=f"{paper.get_kind_display()}（{paper.addressee or supervision.target.name}）",
                author=supervision.from_org.name,
                at=paper.signed_at or supervision.opened_at,
                doc_number=paper.number or "",
                parts=_said(("存在的问题", paper.facts), ("督办要求", paper.demand), ("依据", paper.basis)),
            )
            for reply in paper.replies.all():
                yield Paper(
                    title=f"{supervision.target.name}对督办的回复",
                    author=supervision.target.name,
                    at=reply.at,
                    facts=[("是否采纳", reply.get_adoption_display())],
                    parts=_said(
                        ("措施和结果", reply.measures),
                        ("不采纳的理由", reply.why_not),
                        ("核查", reply.evidence),
                    ),
                )


def _instructions(case: Case) -> Iterator[Paper]:
    for told in case.instructions.select_related("recorded_by__organisation"):
        yield Paper(
            title=told.get_kind_display(),
            author=told.leader,
            at=told.at,
            facts=_said(("批示日期", _day(told.given_on)), ("要求办结", _day(told.term_on))),
            parts=_said(("批示内容", told.text), ("落实情况", told.result)),
        )


def _conference(case: Case) -> Iterator[Paper]:
    for item in case.agenda_items.filter(meeting__isnull=False).select_related("host", "meeting"):
        meeting = item.meeting
        yield Paper(
            title="维权联席会议议定事项",
            author=item.host.name,
            at=meeting.held_at if meeting else item.proposed_at,
            doc_number=(meeting.minutes_number if meeting else "") or "",
            facts=_said(("议题", item.title), ("提请解决", item.asks)),
            parts=[(f"议定事项{one.number}", one.content) for one in item.resolutions.order_by("number")],
        )


def _danger(case: Case) -> Iterator[Paper]:
    """That it was scored and what came of it; what she answered stays where it is."""
    for assessment in case.assessments.select_related("by", "unit"):
        level = assessment.get_level_display() or f"未评估：{assessment.get_not_asked_display()}"
        yield Paper(
            title="家庭暴力危险评估结果",
            author=assessment.unit.name,
            at=assessment.at,
            facts=[("评估人", assessment.by.name), ("危险等级", level)],
            remark="答题内容另存",
        )


def _monitors(case: Case) -> Iterator[Paper]:
    for monitor in case.monitors.select_related("unit", "keeper"):
        entries = monitor.entries.select_related("by").order_by("happened_at", "pk")
        yield Paper(
            title=f"{monitor.get_kind_display()}记录",
            author=monitor.unit.name,
            at=monitor.opened_at,
            doc_number=monitor.number,
            facts=_said(
                ("负责人", monitor.keeper.name),
                ("有效至", _day(monitor.valid_until)),
                ("结果", monitor.get_outcome_display()),
                ("结束时间", _moment(monitor.ended_at)),
                *_report(monitor.pk),
                *_agency(monitor.pk),
            ),
            parts=_said(*_terms(monitor), ("结束说明", monitor.conclusion)),
            rows=[
                (
                    _moment(one.happened_at),
                    one.get_step_display(),
                    "：".join(filter(None, (one.by.name, one.content))),
                )
                for one in entries
            ],
            remark="庇护地点另存" if hasattr(monitor, "stay") else "",
        )


def _terms(monitor: object) -> Facts:
    """What a court, the police or a mediator wrote."""
    sources = (("order", "terms", "裁定内容"), ("warning", "facts", "告诫事由"), ("agreement", "terms", "协议内容"),
               ("application", "facts", "事实和理由"), ("agency", "matter", "委托事项"))  # fmt: skip
    return [
        (label, getattr(getattr(monitor, part), name))
        for part, name, label in sources
        if hasattr(monitor, part)
    ]


def _report(pk: UUID) -> Facts:
    report = MandatoryReport.objects.filter(pk=pk).first()
    if report is None:
        return []
    return _said(
        ("知道的时间", _moment(report.known_at)),
        ("报告时间", _moment(report.reported_at)),
        ("已知事实", report.facts),
        ("紧急措施", report.measures),
        ("接报单位", report.report_unit),
        ("公安受理时间", _moment(report.taken_up_at)),
        ("反馈", report.answer),
        ("报告人", "见保密附页"),
    )


def _agency(pk: UUID) -> Facts:
    told = PetitionAgency.objects.select_related("body").filter(pk=pk).first()
    if told is None:
        return []
    return _said(
        ("代理方式", told.get_mode_display()),
        ("另一代理人", told.other_agent),
        ("委托日期", _day(told.signed_on)),
        ("委托人的要求", told.wish),
        ("代理范围", told.scope),
        ("委托人交来的材料", told.papers),
        ("不予代理的原因", told.get_refusal_display()),
        ("责任单位", told.body_told),
        ("提交日期", _day(told.submitted_on)),
        ("介绍信编号", told.letter_number),
        ("受理告知", "，".join(filter(None, (_day(told.noticed_on), told.notice_number)))),
        ("处理意见", "，".join(filter(None, (_day(told.opinion_on), told.opinion_number)))),
        ("答复要点", told.answer),
        ("反馈日期", _day(told.told_on)),
        ("退回的材料", told.returned),
        ("站里支出", f"{told.cost}元" if told.cost else ""),
    )


def _extensions(case: Case) -> Iterator[Paper]:
    for extension in case.extensions.select_related("asked_by__organisation"):
        unit = extension.asked_by.organisation
        granted = {True: "同意", False: "不同意", None: "未审批"}[extension.granted]
        yield Paper(
            title="延期审批表",
            author=unit.name if unit else "",
            at=extension.asked_at,
            facts=[("延长", f"{extension.days}日"), ("审批", granted)],
            parts=_said(("延期理由", extension.reason), ("审批意见", extension.opinion)),
        )


def _closures(case: Case) -> Iterator[Paper]:
    for closure in case.closures.select_related("proposed_by__organisation", "decided_by"):
        unit = closure.proposed_by.organisation
        decided = {True: "同意结案", False: "退回继续办理", None: "未审核"}[closure.approved]
        yield Paper(
            title="结案审批表",
            author=unit.name if unit else "",
            at=closure.proposed_at,
            facts=_said(
                ("结果", closure.get_outcome_display()),
                ("化解层级", closure.get_settled_level_display()),
                ("承办人", closure.proposed_by.name),
                ("答复信访人", _day(closure.petitioner_told_on)),
                ("满意度", closure.get_satisfaction_display()),
                ("审核", decided),
                ("审核人", closure.decided_by.name if closure.decided_by else ""),
                ("审核时间", _moment(closure.decided_at)),
            ),
            parts=_said(
                ("解决情况", closure.solution),
                ("信访人意见", closure.petitioner_view),
                ("审核意见", closure.opinion),
            ),
        )


def _follow_ups(case: Case) -> Iterator[Paper]:
    for visit in case.follow_ups.select_related("by__organisation"):
        unit = visit.by.organisation
        yield Paper(
            title="回访记录",
            author=unit.name if unit else "",
            at=visit.happened_at,
            facts=_said(
                ("回访时间", _moment(visit.happened_at)),
                ("方式", visit.get_way_display()),
                ("能安全说话", "是" if visit.spoke_safely else "否"),
                ("结果", visit.get_result_display()),
                ("对本站满意度", visit.get_satisfaction_display()),
                ("对责任单位满意度", visit.get_partner_satisfaction_display()),
                ("回访人", visit.by.name),
            ),
            parts=_said(("回访情况", visit.content)),
        )


def _consents(case: Case) -> Iterator[Paper]:
    for consent in case.consents.select_related("by__organisation"):
        unit = consent.by.organisation
        yield Paper(
            title="个人信息处理依据记录",
            author=unit.name if unit else "",
            at=consent.at,
            facts=_said(
                ("范围", consent.get_scope_display()),
                ("依据", consent.get_basis_display()),
                ("谁同意", consent.get_given_by_display()),
                ("方式", consent.get_way_display()),
                ("撤回时间", _moment(consent.withdrawn_at)),
            ),
            parts=_said(("目的", consent.purpose), ("未取得监护人同意的原因", consent.guardian_because)),
        )


def _documents(case: Case) -> Iterator[Paper]:
    """What was issued, exactly as it went out; what was declared void stays in its register and outside the file."""
    for document in IssuedDocument.objects.filter(case=case, voiding=None).select_related("unit"):
        yield Paper(
            title=document.get_doc_type_display(),
            author=document.unit.name,
            at=document.made_at,
            doc_number=document.number or "",
            pdf=document.pdf,
        )


GATHERED = (
    _contacts, _notices, _records, _referrals, _supervision, _instructions, _conference, _danger, _monitors,
    _extensions, _closures, _follow_ups, _consents, _documents,
)  # fmt: skip


def _course(case: Case) -> Paper:
    """Who did what and when, from the history that cannot be changed."""
    events = list(case.events.select_related("by", "unit", "note").order_by("seq"))
    return Paper(
        title="办理过程登记",
        author=case.holder.name,
        at=events[-1].at,
        facts=[("案号", case.number)],
        rows=[(_moment(event.at), event.step_label, "，".join(_who(event))) for event in events],
    )


def _who(event: object) -> Iterable[str]:
    by, unit = getattr(event, "by", None), getattr(event, "unit", None)
    note = getattr(event, "note", None)
    told = (unit.name if unit else "", by.name if by else "系统")
    words = note.text if note and getattr(event, "step", "") in TOLD_WITH_WORDS else ""
    return filter(None, (*told, words))


def confidential_page(case: Case) -> Paper | None:
    """Who reported harm to a child, on a page of its own. Source: 高检发〔2020〕9号 第11、12条."""
    reports = MandatoryReport.objects.filter(monitor__case=case).select_related("reported_by", "monitor")
    facts: Facts = []
    for report in reports:
        facts += _said(
            ("本单位报告人", report.reported_by.name if report.reported_by else ""),
            ("接报人", report.officer),
            ("回执号", report.receipt_number),
        )
    if not reports:
        return None
    for contact in Contact.objects.filter(case=case):
        facts += _said(("来源单位", contact.source_unit), ("报告人、联系人", contact.source_person))
    for party in case.parties.filter(role=PersonRole.REPORTER).select_related("person"):
        facts += _said(("报告人", party.person.name if party.person else ""))
    at = max(report.known_at for report in reports)
    return Paper(title="强制报告保密附页", author=case.holder.name, at=at, facts=facts)
