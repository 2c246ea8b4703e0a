"""The rows of every list: what, whose turn, by when. Made from plain tuples, because lists are the most read pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.choices import Risk, Status
from cases.deadlines import china_date, last_day
from cases.models import Case, CodeSet, code_names
from stations.models import Staff

COLUMNS = (
    "pk",
    "number",
    "category",
    "label",
    "status",
    "risk",
    "involves_dv",
    "involves_minor",
    "is_litigation",
    "open_referrals",
    "due_at",
    "due_provisional",
    "received_at",
    "owner_id",
    "owner__name",
    "holder_id",
    "holder__name",
    "station__name",
)
SOON_DAYS = 3


def due_words(due_at: datetime, at: datetime) -> tuple[str, str]:
    """State and words of a moment to come or gone, by days in China."""
    if due_at <= at:
        days = (china_date(at) - last_day(due_at)).days
        return "overdue", f"逾期{days}天" if days else "今天已过期"
    days = (last_day(due_at) - china_date(at)).days
    if days == 0:
        return "today", "今天到期"
    return ("near" if days <= SOON_DAYS else "far"), f"还有{days}天"


def due_badge(due_at: datetime | None, at: datetime, *, provisional: bool = False) -> SafeString:
    """The same mark-up as _parts/due.html, without a template a row."""
    if due_at is None:
        return format_html('<span class="{}">无期限</span>', "wq-muted")
    state, words = due_words(due_at, at)
    day = last_day(due_at)
    return format_html(
        '<span class="wq-due wq-due--{}{}"><span class="wq-due__words">{}</span>'
        ' <time class="wq-due__on" datetime="{}">{}月{}日</time>{}</span>',
        state,
        " wq-due--provisional" if provisional else "",
        words,
        day.isoformat(),
        day.month,
        day.day,
        format_html(' <span class="{}">暂定</span>', "wq-due__provisional") if provisional else "",
    )


def flags_of(dv: bool, minor: bool, litigation: bool) -> list[str]:
    return [word for on, word in ((dv, "家暴"), (minor, "未成年人"), (litigation, "涉法涉诉")) if on]


def case_rows(
    values: Iterable[tuple[Any, ...]], user: Staff, at: datetime, *, step: str = ""
) -> list[dict[str, Any]]:
    """Rows for templates/_parts/rows.html from `values_list(*COLUMNS)`; `step` overrides what comes next."""
    categories = code_names(CodeSet.MATTER_CATEGORY)
    return [_row(dict(zip(COLUMNS, row, strict=True)), categories, user, at, step) for row in values]


def _row(
    case: dict[str, Any], categories: dict[str, str], user: Staff, at: datetime, step: str
) -> dict[str, Any]:
    status = Status(case["status"])
    waiting = bool(case["open_referrals"]) and status in (Status.ACCEPTED, Status.HANDLING, Status.REGISTERED)
    mine = bool(step) or (
        case["owner_id"] == user.pk and status in (Status.ACCEPTED, Status.HANDLING) and not waiting
    )
    return {
        "url": reverse("case", args=[case["number"]]),
        "number": case["number"],
        "title": categories.get(case["category"], case["category"]),
        "who": Case.open_sealed("label", case["pk"], case["label"]),
        "place": case["station__name"],
        "flags": flags_of(case["involves_dv"], case["involves_minor"], case["is_litigation"]),
        "risk": case["risk"].lower(),
        "risk_mark": Risk(case["risk"]).mark,
        "step": step or _step(status, waiting),
        "status": status.label,
        "mine": mine,
        "turn": _turn(case, status, waiting),
        "late": case["due_at"] is not None and status in Status.open_statuses and case["due_at"] <= at,
        "due": due_badge(case["due_at"], at, provisional=case["due_provisional"]),
        "due_at": case["due_at"],
        "received_at": case["received_at"],
    }


def _step(status: Status, waiting: bool) -> str:
    if waiting and status != Status.REGISTERED:
        return "等待部门反馈"
    return {
        Status.REGISTERED: "审核受理",
        Status.ACCEPTED: "开始办理",
        Status.HANDLING: "办理",
        Status.SUSPENDED: "中止，等待恢复",
        Status.PENDING_CLOSE: "审核结案",
        Status.CLOSED: "回访",
    }.get(status, status.label)


def _turn(case: dict[str, Any], status: Status, waiting: bool) -> str:
    if status in (Status.REGISTERED, Status.PENDING_CLOSE):
        return f"{case['holder__name']}负责人"
    if waiting:
        return "承办部门"
    return case["owner__name"] or case["holder__name"]
