"""The ledgers of what lies with other units: referrals and supervision."""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.db.models.functions import Now

from cases.actions.ledgers.ledger import Entry, Ledger, Scope, day, hidden, joined, yes_no
from cases.choices import FeedbackKind, PaperKind, ReferralStatus
from cases.deadlines import china_date, last_day
from cases.models import (
    Clock,
    CodeSet,
    Feedback,
    Referral,
    Supervision,
    SupervisionPaper,
    SupervisionReply,
    code_names,
)
from stations.models import Staff


def _clocks() -> "Prefetch[Any]":
    over = ExpressionWrapper(Q(effective_due__lt=Now()), BooleanField())
    rows = Clock.objects.annotate(over=over).order_by("effective_due", "pk")
    return Prefetch("clocks", rows, to_attr="terms")


def referrals(user: Staff, scope: Scope) -> QuerySet[Referral]:
    answers = Feedback.objects.order_by("at", "pk")
    return (
        Referral.objects.visible_to(user)
        .filter(from_org__in=scope.units)
        .select_related("case", "department", "signed_by")
        .prefetch_related(_clocks(), Prefetch("feedback", answers, to_attr="answers"))
    )


def _on(moment: Any) -> Any:
    return china_date(moment) if moment else None


def _term(row: Any) -> Any:
    """The end of what was set; a referral without a term has none."""
    return last_day(row.terms[-1].effective_due) if row.terms else None


def _late(row: Any) -> str:
    """Whether something due from it came after its end, or is still to come."""
    if not row.terms:
        return ""
    return yes_no(any(clock.was_late or (clock.is_live and clock.over) for clock in row.terms))


def _signed(row: Any) -> str:
    if row.signed_at is None:
        return ""
    who = row.signed_by.name if row.signed_by else row.signed_name
    return f"{who} {china_date(row.signed_at).isoformat()}"


def _objected(row: Any) -> str:
    if row.objected_at is None:
        return ""
    returned = "，已退回" if row.status == ReferralStatus.RETURNED else ""
    return f"{china_date(row.objected_at).isoformat()} {row.objection}{returned}"


def _answers(row: Any, kind: FeedbackKind) -> list[Any]:
    return [answer for answer in row.answers if answer.kind == kind]


def _interim(row: Any) -> str:
    found = _answers(row, FeedbackKind.INTERIM)
    return "；".join(f"{china_date(one.at).isoformat()} {one.text}" for one in found)


def _result(row: Any) -> str:
    names = code_names(CodeSet.REFERRAL_RESULT)
    return joined(names.get(one.result, one.result) for one in _answers(row, FeedbackKind.RESULT))


REFERRAL = Ledger(
    code="REFERRAL",
    name="转办交办台账",
    basis="《信访工作条例》第二十二条、第二十三条",
    moment="sent_at",
    rows=referrals,
    case_of=lambda row: row.case,
    entries=(
        Entry("文号", lambda row: row.number, width=24),
        Entry("案号", lambda row: row.case.number, width=24),
        day("发出日期", lambda row: _on(row.sent_at)),
        Entry("承办部门", lambda row: row.department.name, width=20),
        Entry("类型(转/交/移送/转介)", lambda row: row.get_kind_display(), width=16),
        Entry("紧急度", lambda row: row.get_urgency_display(), width=12),
        hidden("要求", lambda row: row.request),
        day("期限", _term),
        Entry("签收人/时间", _signed, width=18),
        hidden("异议/退回", _objected),
        hidden("阶段反馈", _interim),
        Entry("结果", _result, width=18),
        Entry("结果文书号", lambda row: joined(one.doc_number for one in row.answers), width=22),
        Entry("是否逾期", _late, width=8),
        day("销号日期", lambda row: _on(row.ended_at)),
    ),
)


def supervisions(user: Staff, scope: Scope) -> QuerySet[Supervision]:
    signed = SupervisionPaper.objects.filter(signed_at__isnull=False).order_by("signed_at", "pk")
    replies = SupervisionReply.objects.order_by("at", "pk")
    return (
        Supervision.objects.visible_to(user)
        .filter(from_org__in=scope.units)
        .select_related("case", "target")
        .prefetch_related(
            Prefetch("papers", signed, to_attr="signed"),
            Prefetch("signed__replies", replies, to_attr="answers"),
        )
    )


def _first(row: Any) -> Any:
    return row.signed[0] if row.signed else None


def _replies(row: Any) -> list[Any]:
    return [reply for paper in row.signed for reply in paper.answers]


def _reply(row: Any) -> str:
    return "；".join(
        f"{china_date(one.at).isoformat()} {one.get_adoption_display()}：{one.measures}"
        for one in _replies(row)
    )


def _checked(row: Any) -> str:
    found = [one for one in _replies(row) if one.sound is not None]
    return "；".join(
        f"{china_date(one.checked_at).isoformat()} {one.get_check_way_display()}"
        f"{'通过' if one.sound else '不通过'}"
        for one in found
    )


def _climbed(row: Any) -> str:
    listed = ("挂牌",) if row.listed else ()
    return joined((*(PaperKind(paper.kind).label for paper in row.signed[1:]), *listed))


SUPERVISION = Ledger(
    code="SUPERVISION",
    name="督办台账",
    basis="《信访工作条例》第四十条；《妇女权益保障法》第七十三条",
    moment="opened_at",
    rows=supervisions,
    case_of=lambda row: row.case,
    entries=(
        Entry("督办号", lambda row: joined(paper.number for paper in row.signed), width=24),
        Entry("案号", lambda row: row.case.number, width=24),
        Entry("对象", lambda row: row.target.name, width=20),
        Entry("事由", lambda row: row.get_trigger_display(), width=16),
        Entry("方式", lambda row: joined(paper.get_mode_display() for paper in row.signed), width=12),
        day("发出", lambda row: _on(_first(row).signed_at) if row.signed else None),
        day("期限", lambda row: last_day(row.due_at) if row.due_at else None),
        hidden("回复", _reply),
        Entry("核查", _checked, width=24),
        hidden("结论", lambda row: row.conclusion or (row.get_status_display() if row.ended_at else "")),
        Entry("升级", _climbed, width=20),
    ),
)
