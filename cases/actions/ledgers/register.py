"""The registers of what came in: letters, visits and calls; the hotline; violence at home."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from cases.actions.ledgers import people as of
from cases.actions.ledgers.ledger import (
    Entry,
    Ledger,
    Scope,
    day,
    hidden,
    joined,
    moment,
    yes_no,
)
from cases.choices import Channel, Satisfaction, Status, VictimNeed, ViolenceType
from cases.deadlines import china_date, last_day
from cases.documents import Kind
from cases.models import (
    Case,
    Clock,
    Closure,
    CodeSet,
    Contact,
    DangerAssessment,
    Feedback,
    FollowUp,
    HandlingRecord,
    Instruction,
    Referral,
    ServicePlan,
    Statement,
    code_items,
)
from stations.models import Staff

SUMMARY = 200
IMPORTED = "由旧台账导入"
ARRESTED = ("POLICE.PENALTY", "POLICE.CRIMINAL_FILED")
FORMS = {"F": "来访", "X": "来信", "D": "来电", "W": "网络", "Z": "其他"}


def _kept(name: str, rows: QuerySet[Any], to: str, path: str = "case__") -> "Prefetch[Any]":
    return Prefetch(f"{path}{name}", rows, to_attr=to)


def _on_case(path: str = "case__") -> "tuple[Prefetch[Any], ...]":
    """What is read of the work on a case, each in the order it happened."""
    return (
        of.with_people(path),
        _kept("closures", Closure.objects.filter(approved=True).order_by("decided_at", "pk"), "ends", path),
        _kept("follow_ups", FollowUp.objects.order_by("happened_at", "pk"), "visits", path),
        _kept("handling", HandlingRecord.objects.order_by("happened_at", "pk"), "work", path),
        _kept("referrals", Referral.objects.select_related("department").order_by("sent_at"), "sent", path),
        _kept("instructions", Instruction.objects.order_by("given_on", "pk"), "led_by", path),
        _kept("clocks", Clock.objects.filter(code="IN-TOTAL").order_by("started_at"), "terms", path),
    )


def _said() -> "Prefetch[Any]":
    texts = Statement.objects.filter(corrected_by=None).order_by("at", "pk")
    return Prefetch("statements", texts, to_attr="said")


def contacts(user: Staff, scope: Scope) -> QuerySet[Contact]:
    return (
        Contact.objects.filter(case__in=Case.objects.visible_to(user), unit__in=scope.units)
        .select_related("case__owner", "case__holder", "case__station__region", "case__merged_into")
        .select_related("unit", "received_by", "case__archive_file", "case__import_row")
        .prefetch_related(_said(), *_on_case())
    )


def calls(user: Staff, scope: Scope) -> QuerySet[Contact]:
    return contacts(user, scope).filter(channel=Channel.PHONE_12338)


def _statement(row: Any, field: str) -> str:
    return "；".join(text for said in row.said if (text := getattr(said, field)))


def summary(row: Any) -> str:
    text = " ".join(_statement(row, "facts").split())
    return text if len(text) <= SUMMARY else f"{text[:SUMMARY]}…"


def category(case: Case) -> str:
    """First and second level, as 婚姻家庭权益/离婚问题."""
    items = {item.code: item for item in code_items(CodeSet.MATTER_CATEGORY)}
    item = items.get(case.category)
    if item is None:
        return case.category
    return f"{items[item.parent].name}/{item.name}" if item.parent in items else item.name


def last(rows: Sequence[Any]) -> Any:
    return rows[-1] if rows else None


def _instructions(row: Any) -> str:
    return "；".join(f"{one.leader} {one.given_on.isoformat()}：{one.text}" for one in row.case.led_by)


def owner(case: Case) -> str:
    return case.owner.name if case.owner else ""


def holder(case: Case) -> str:
    return f"{case.holder.name}/{case.owner.name}" if case.owner else case.holder.name


def _term(case: Any) -> Any:
    term = last(case.terms)
    return last_day(term.effective_due) if term else None


def _work(case: Any) -> str:
    done = last(case.work)
    return f"{china_date(done.happened_at).isoformat()} {done.content}" if done else ""


def result(case: Any) -> str:
    status = Status(case.status)
    return case.get_outcome_display() if case.outcome else "" if case.is_open else status.label


def ended_on(case: Case) -> Any:
    return china_date(case.ended_at) if case.ended_at else None


def _answered_on(case: Any) -> Any:
    closing = last(case.ends)
    return closing.petitioner_told_on if closing else None


def _satisfaction(case: Any) -> str:
    rated = [one.satisfaction for one in (*case.ends, *case.visits)]
    said = [code for code in rated if code != Satisfaction.NOT_RATED]
    return Satisfaction(said[-1]).label if said else ""


def _visit(case: Any) -> str:
    visit = last(case.visits)
    if visit is None:
        return ""
    return (
        f"{china_date(visit.happened_at).isoformat()} {visit.get_way_display()} {visit.get_result_display()}"
    )


def remark(case: Any) -> str:
    """How the row came here and what became of it otherwise."""
    merged = f"并入{case.merged_into.number}" if case.merged_into else ""
    return joined(
        (IMPORTED if is_imported(case) else "", merged, "作废" if case.status == Status.VOID else "")
    )


def archive_number(case: Case) -> str:
    return case.archive_file.number if hasattr(case, "archive_file") else ""


def is_imported(case: Any) -> bool:
    return hasattr(case, "import_row")


REGISTER = Ledger(
    code="REGISTER",
    name="来信来访来电登记台账",
    basis="《信访工作条例》第二十三条：应当予以登记",
    moment="received_at",
    rows=contacts,
    case_of=lambda row: row.case,
    notes=("一次来信、来访、来电为一行（件次）；住址为文书送达地址，现在住处不列入台账。",),
    entries=(
        Entry("序号/编号", lambda row: row.case.number, width=24),
        moment("登记日期时间", lambda row: row.received_at),
        Entry("信访形式", lambda row: FORMS[Channel(row.channel).letter], width=8),
        Entry("初重信", lambda row: row.get_occurrence_display(), width=8),
        Entry(
            "姓名",
            lambda row: of.name_of(of.petitioner(row.case)),
            masked=lambda row: of.masked_name(of.petitioner(row.case)),
            width=10,
        ),
        Entry("性别", lambda row: of.sex(of.petitioner(row.case)), width=5),
        Entry("年龄", lambda row: of.age(of.petitioner(row.case), row.received_at), width=8),
        Entry("民族", lambda row: of.coded(of.petitioner(row.case), "ethnicity", CodeSet.ETHNICITY), width=8),
        Entry(
            "文化程度",
            lambda row: of.coded(of.petitioner(row.case), "education", CodeSet.EDUCATION),
            width=9,
        ),
        Entry("婚姻状况", lambda row: of.coded(of.petitioner(row.case), "marital", CodeSet.MARITAL), width=9),
        Entry("职业", lambda row: of.coded(of.petitioner(row.case), "occupation", CodeSet.OCCUPATION)),
        Entry(
            "身份证号",
            lambda row: of.id_number(of.petitioner(row.case)),
            masked=lambda row: of.masked_id_number(of.petitioner(row.case)),
            width=20,
        ),
        hidden("住址", lambda row: of.papers_address(of.petitioner(row.case)), 24),
        Entry(
            "联系电话",
            lambda row: of.phones(of.petitioner(row.case)),
            masked=lambda row: of.masked_phones(of.petitioner(row.case)),
            width=18,
        ),
        Entry("人数", lambda row: row.persons, Kind.NUMBER, 6),
        hidden("随访人及关系", lambda row: row.companions, 16),
        hidden("特殊群体", lambda row: of.characteristics(of.petitioner(row.case)), 16),
        Entry(
            "被反映人及关系",
            lambda row: of.with_relation(of.respondent(row.case)),
            masked=lambda row: of.masked_with_relation(of.respondent(row.case)),
            width=16,
        ),
        hidden("反映问题(摘要)", summary, 40),
        hidden("主要诉求", lambda row: _statement(row, "demand"), 24),
        Entry("问题类别(一级/二级)", lambda row: category(row.case), width=24),
        hidden("发生地点", lambda row: _statement(row, "place"), 20),
        Entry("是否经行政处理", lambda row: yes_no(bool(_statement(row, "handled_before"))), width=9),
        Entry("是否经诉讼", lambda row: yes_no(row.case.is_litigation), width=8),
        Entry("是否家暴", lambda row: yes_no(row.case.involves_dv), width=8),
        Entry("是否涉未成年人", lambda row: yes_no(row.case.involves_minor), width=9),
        Entry("危险等级", lambda row: row.case.get_danger_display() or row.case.get_risk_display(), width=14),
        Entry("接待人", lambda row: row.received_by.name, width=10),
        hidden("领导批示", _instructions),
        Entry("办理方式", lambda row: joined(one.get_method_display() for one in row.case.work), width=16),
        Entry("承办单位/人", lambda row: holder(row.case), width=24),
        Entry("转办去向", lambda row: joined(one.department.name for one in row.case.sent), width=20),
        day("办理期限", lambda row: _term(row.case)),
        hidden("办理情况", lambda row: _work(row.case)),
        Entry("办理结果", lambda row: result(row.case), width=14),
        day("办结日期", lambda row: ended_on(row.case)),
        day("反馈日期", lambda row: _answered_on(row.case)),
        Entry("满意度", lambda row: _satisfaction(row.case), width=9),
        Entry("回访情况", lambda row: _visit(row.case), width=22),
        Entry("归档号", lambda row: archive_number(row.case), width=20),
        Entry("备注", lambda row: remark(row.case), width=18),
    ),
)


def _caller(row: Any) -> Any:
    return of.petitioner(row.case)


def _call_back(row: Any) -> str:
    person = of.person_of(_caller(row))
    return yes_no(bool(person and any(phone.window for phone in person.phones.all())))


def _window(row: Any) -> str:
    """When she may be called. The pass phrase stands on the calling card alone."""
    person = of.person_of(_caller(row))
    found = person.phones.all() if person else ()
    return joined(
        f"{phone.window}{'（有暗语，见通话卡）' if phone.pass_phrase else ''}"
        for phone in found
        if phone.window
    )


def _warning(row: Any) -> str:
    case = row.case
    danger = f"危险评估{case.get_danger_display()}" if case.danger else ""
    return joined(("涉家暴" if case.involves_dv else "", danger, "涉未成年人" if case.involves_minor else ""))


HOTLINE = Ledger(
    code="HOTLINE",
    name="12338来电记录台账",
    basis="12338妇女维权服务热线来电记录",
    moment="received_at",
    rows=calls,
    case_of=lambda row: row.case,
    entries=(
        Entry(
            "来电号码",
            lambda row: of.phones(_caller(row)),
            masked=lambda row: of.masked_phones(_caller(row)),
            width=18,
        ),
        moment("起止时间", lambda row: row.received_at),
        Entry("接线员", lambda row: row.received_by.name, width=10),
        Entry(
            "来电人称谓(可匿名)",
            lambda row: of.name_of(_caller(row)),
            masked=lambda row: of.masked_name(_caller(row)),
        ),
        Entry("地区", lambda row: row.case.station.region.name, width=12),
        Entry("类别", lambda row: category(row.case), width=24),
        Entry("危险提示(是否正在受暴/有无孩子)", _warning, width=20),
        hidden("内容", summary, 40),
        hidden("解答", lambda row: _statement(row, "reply") or _work(row.case)),
        Entry("转介", lambda row: joined(one.department.name for one in row.case.sent), width=20),
        Entry("是否需回拨", _call_back, width=8),
        hidden("方便回拨时间及安全暗语", _window, 20),
    ),
)


def violent(user: Staff, scope: Scope) -> QuerySet[Case]:
    plans = ServicePlan.objects.order_by("at", "pk")
    found = DangerAssessment.objects.order_by("at", "pk").defer("answers")
    first = Contact.objects.select_related("received_by").order_by("received_at", "pk")
    texts = Statement.objects.filter(corrected_by=None).order_by("at", "pk")
    answers = Feedback.objects.order_by("at", "pk")
    sent = Referral.objects.select_related("department").prefetch_related(
        Prefetch("feedback", answers, to_attr="answers")
    )
    return (
        Case.objects.visible_to(user)
        .filter(involves_dv=True, station__in=scope.units)
        .select_related("owner", "holder", "station__region", "merged_into")
        .prefetch_related(
            of.with_people(""),
            Prefetch("contacts", first, to_attr="came"),
            Prefetch("statements", texts, to_attr="said"),
            Prefetch("assessments", found, to_attr="found"),
            Prefetch("service_plans", plans, to_attr="plans"),
            Prefetch("referrals", sent.order_by("sent_at"), to_attr="sent"),
        )
    )


def _receiver(case: Any) -> str:
    return case.came[0].received_by.name if case.came else ""


def _detained(case: Any) -> str:
    results = {answer.result for one in case.sent for answer in one.answers}
    return yes_no(True) if results & set(ARRESTED) else ""


def _violence(case: Any) -> str:
    return joined(ViolenceType(code).label for found in case.found for code in found.violence)


def needs(case: Any) -> str:
    """Of the newest service plan."""
    plan = last(case.plans)
    return joined(VictimNeed(code).label for code in plan.needs) if plan else ""


def _handled(case: Any) -> str:
    if case.sent:
        return "转介：" + joined(one.department.name for one in case.sent)
    return "结案" if case.status == Status.CLOSED else case.get_status_display()


HER, HIS, MATTER = "受害人", "施暴人", "案件"
DV = Ledger(
    code="DV",
    name="家庭暴力个案登记台账",
    basis="家庭暴力个案登记表（试行）；《反家庭暴力法》第十三条、第十四条",
    moment="received_at",
    rows=violent,
    case_of=lambda case: case,
    notes=("子女情况、案件时间、以前是否有过家暴、报案时是否受伤不从评估中抄录，需要时由填表人手填。",),
    entries=(
        Entry("填表人", _receiver, width=10),
        day("时间", lambda case: china_date(case.registered_at)),
        moment("收案时间", lambda case: case.received_at),
        Entry("收案部门", lambda case: case.station.name, width=22),
        Entry("联系人", owner, width=10),
        Entry("联系电话", lambda case: case.holder.phone, width=14),
        Entry("案件性质", category, width=22),
        Entry(
            "施暴人与受害人关系",
            lambda case: ((one := of.respondent(case)) and one.get_relation_display()) or "",
        ),
        Entry("性别", lambda case: of.sex(of.victim(case)), width=5, group=HER),
        Entry("年龄", lambda case: of.age(of.victim(case), case.received_at), width=8, group=HER),
        Entry("职业", lambda case: of.coded(of.victim(case), "occupation", CodeSet.OCCUPATION), group=HER),
        hidden("住所", lambda case: of.papers_address(of.victim(case)), 20, group=HER),
        Entry("子女情况", lambda case: "", group=HER),
        Entry("性别", lambda case: of.sex(of.respondent(case)), width=5, group=HIS),
        Entry("年龄", lambda case: of.age(of.respondent(case), case.received_at), width=8, group=HIS),
        Entry(
            "职业", lambda case: of.coded(of.respondent(case), "occupation", CodeSet.OCCUPATION), group=HIS
        ),
        hidden("住所", lambda case: of.papers_address(of.respondent(case)), 20, group=HIS),
        Entry("以前是否有过家暴", lambda case: "", width=9, group=HIS),
        Entry("暴力类型(身体/性/精神/经济)", _violence, width=24),
        Entry("案件时间", lambda case: "", width=11, group=MATTER),
        Entry("地区", lambda case: case.station.region.name, group=MATTER),
        hidden("细节", summary, 40, group=MATTER),
        Entry("报案当时受害人是否受伤", lambda case: "", width=9),
        Entry("施暴人是否被拘捕", _detained, width=9),
        Entry("受害人需求(9项+其他)", needs, width=24),
        Entry("本部门处理情况(结案/转介/其他)", _handled, width=24),
    ),
)
