"""What is written at the end and after it. Inner papers; the record of an order's end goes to the court."""

from typing import Any

from cases.choices import DocType, MonitorKind, MonitorStep, PersonRole
from cases.documents.kinds.about import (
    About,
    DocKind,
    Of,
    category_of,
    demand_of,
    facts_of,
    name_of,
    owner_of,
    petitioner,
    told_day,
    told_moment,
)
from cases.documents.layout import Facts, Free, Head, Layout, Look, Para, Rows, Sign
from cases.models import Closure, CodeSet, IssuedDocument, code_names
from cases.models.watch import ProtectionOrder, WarningLetter

FORM = Look.FORM


def _report(about: About) -> dict[str, Any]:
    case = about.matter
    closure = (
        Closure.objects.filter(case=case)
        .select_related("proposed_by", "decided_by")
        .order_by("-proposed_at")
        .first()
    )
    papers = IssuedDocument.objects.standing().for_lists().filter(case=case).order_by("made_at")
    return {
        "case_number": case.number,
        "petitioner": petitioner(case),
        "respondent": name_of(case, PersonRole.RESPONDENT, blank="　"),
        "source": case.get_channel_display(),
        "category": category_of(case),
        "received": told_day(case.received_at),
        "demand": demand_of(case) or "　",
        "found": facts_of(case),
        "actions": [
            {
                "on": told_day(row.happened_at),
                "what": f"{row.get_method_display()}：{row.content}",
                "by": row.by.name,
            }
            for row in case.handling.select_related("by").order_by("happened_at", "pk")
        ],
        "referrals": _referrals(about),
        "outcome": closure.get_outcome_display() if closure else "",
        "settled": closure.get_settled_level_display() if closure else "",
        "solution": closure.solution if closure else "",
        "view": (closure.petitioner_view if closure else "") or "　",
        "satisfaction": closure.get_satisfaction_display() if closure else "",
        "danger": case.get_risk_display(),
        "advice": "　",
        "owner": owner_of(case, about.by),
        "opinion": (closure.opinion if closure else "") or "　",
        "decided": (closure.decided_by.name if closure and closure.decided_by else "") or "　",
        "papers": "、".join(f"{paper.get_doc_type_display()}{paper.number or ''}" for paper in papers)
        or "　",
    }


def _referrals(about: About) -> list[dict[str, str]]:
    names = code_names(CodeSet.REFERRAL_RESULT)
    rows = []
    for sent in (
        about.matter.referrals.select_related("department").prefetch_related("feedback").order_by("sent_at")
    ):
        results = [names.get(said.result, said.result) for said in sent.feedback.all() if said.result]
        rows.append(
            {
                "number": sent.number,
                "department": sent.department.name,
                "result": "、".join(results) or sent.get_status_display(),
            }
        )
    return rows


def _visit(about: About) -> dict[str, Any]:
    case = about.matter
    visit = case.follow_ups.select_related("by").order_by("-happened_at", "-pk").first()
    return {
        "case_number": case.number,
        "person": petitioner(case),
        "time": told_moment(visit.happened_at if visit else None),
        "way": visit.get_way_display() if visit else "",
        "safely": "能" if visit and visit.spoke_safely else "不能",
        "result": visit.get_result_display() if visit else "",
        "content": (visit.content if visit else "") or "　",
        "satisfaction": visit.get_satisfaction_display() if visit else "",
        "partner": visit.get_partner_satisfaction_display() if visit else "",
        "visitor": visit.by.name if visit else about.by.name,
    }


def _watched(about: About) -> dict[str, Any]:
    monitor = about.monitor
    assert monitor is not None  # noqa: S101 – by the table of kinds
    kept = monitor.kind == MonitorKind.PROTECTION_ORDER
    order = ProtectionOrder.objects.select_related("court").filter(pk=monitor.pk).first() if kept else None
    letter = None if kept else WarningLetter.objects.filter(pk=monitor.pk).first()
    author = (order.court.name if order and order.court else "") or (letter.police_unit if letter else "")
    entries = monitor.entries.filter(step__in=(MonitorStep.VISIT, MonitorStep.BREACH)).select_related("by")
    return {
        "kind": "人身安全保护令回访单" if kept else "告诫书查访记录",
        "case_number": about.matter.number,
        "number_of": monitor.number or "　",
        "author": author or "　",
        "person": name_of(about.matter, PersonRole.VICTIM, PersonRole.PETITIONER),
        "until": told_day(monitor.valid_until),
        "keeper": monitor.keeper.name,
        "visits": [
            {
                "on": told_moment(row.happened_at),
                "way": row.get_way_display() or row.get_step_display(),
                "apart": {True: "是", False: "否", None: ""}[row.apart],
                "finding": row.get_finding_display() or "再次施暴、违反",
                "content": row.content,
            }
            for row in entries.order_by("happened_at", "pk")
        ],
        "court": "本单于保护令期满后送交作出裁定的人民法院。" if kept else "",
    }


CLOSING = {
    DocType.CLOSE_REPORT: DocKind(
        Layout(
            "结案报告",
            (
                Facts(
                    (
                        ("案号", "{case_number}", "收到日期", "{received}"),
                        ("信访人", "{petitioner}", "被反映人", "{respondent}"),
                        ("来源", "{source}", "类别", "{category}"),
                        ("结果", "{outcome}", "在哪一级化解", "{settled}"),
                        ("风险等级", "{danger}", "满意度", "{satisfaction}"),
                    )
                ),
                Head("一、诉求"),
                Free("demand", "诉求", 3),
                Head("二、查明的情况"),
                Free("found", "查明的情况"),
                Head("三、办理经过"),
                Rows("actions", (("on", "日期", 22), ("what", "做了什么", 60), ("by", "经办人", 18))),
                Head("四、转交和结果"),
                Rows(
                    "referrals", (("number", "文号", 38), ("department", "单位", 32), ("result", "结果", 30))
                ),
                Head("五、解决情况"),
                Free("solution", "解决情况"),
                Head("六、信访人意见"),
                Free("view", "信访人意见", 2),
                Head("七、问题和建议"),
                Free("advice", "问题和建议", 3, needed=False),
                Facts(
                    (
                        ("承办人", "{owner}", "审核人", "{decided}"),
                        ("审核意见", "{opinion}"),
                        ("附件", "{papers}"),
                    )
                ),
                Sign(("承办人", "负责人", "县级妇联")),
            ),
            FORM,
        ),
        _report,
        numbered=False,
        goes_out=False,
    ),
    DocType.VISIT_RECORD: DocKind(
        Layout(
            "回访记录",
            (
                Facts(
                    (
                        ("案号", "{case_number}", "回访对象", "{person}"),
                        ("时间", "{time}", "方式", "{way}"),
                        ("能否安全说话", "{safely}", "结果", "{result}"),
                        ("对本站", "{satisfaction}", "对责任单位", "{partner}"),
                    )
                ),
                Head("回访情况"),
                Free("content", "回访情况"),
                Para("需要继续做的：□无　□再次评估危险　□重新办理　□转介　□其他"),
                Sign(("回访人（{visitor}）", "回访对象（方便时）", "负责人")),
            ),
            FORM,
        ),
        _visit,
        numbered=False,
        goes_out=False,
    ),
    DocType.MONITOR_RECORD: DocKind(
        Layout(
            "{kind}",
            (
                Facts(
                    (
                        ("文书号", "{number_of}", "作出单位", "{author}"),
                        ("受害人", "{person}", "有效至", "{until}"),
                        ("案号", "{case_number}", "负责人", "{keeper}"),
                    )
                ),
                Rows(
                    "visits",
                    (
                        ("on", "时间", 22),
                        ("way", "方式", 12),
                        ("apart", "分别见面", 12),
                        ("finding", "结果", 18),
                        ("content", "情况和措施", 36),
                    ),
                    2,
                ),
                Para("{court}"),
                Sign(("查访人", "社区民警", "村（社区）")),
            ),
            FORM,
        ),
        _watched,
        Of.MONITOR,
        numbered=False,
    ),
}
