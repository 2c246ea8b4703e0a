"""The rows of every list: what, whose turn, by when. Made from plain tuples and written as HTML here, because lists
are the most read pages and a template takes ten times as long over fifty rows."""

from collections import namedtuple
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cases.choices import Risk, Status, TaskStatus
from cases.deadlines import CHINA, china_date, last_day, start_of_day
from cases.models import Case, CodeSet, Task, code_names
from cases.permissions import permission_to_close
from cases.views.marks import further_marks, plain_marks
from cases.workflow import ACCEPTED, WAITING_STEP, waits_for_department
from stations.choices import AdminLevel
from stations.models import Staff
from stations.roles import Permission

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
    "level",
    "reached",
    "form",
    "occurrence",
    "contacts_count",
    "led",
    "holder__name",
    "station__name",
)
SOON_DAYS = 3
# From here on a period that is counted in hours is told in days.
DAYS_FROM = timedelta(days=2)
FOUND_AS_RESPONDENT = "此姓名是被反映人"


Line: Any = namedtuple("Line", COLUMNS)  # type: ignore[misc]

ROW = """
      <tr{}>
        <td class="wq-worklist__what"><div>{}<div class="wq-worklist__line"><a href="{}">{}</a>{}</div>\
<div class="wq-worklist__sub"><span class="wq-number">{}</span><span>{}</span><span>{}</span></div></div></td>
        <td data-label="下一步">{}</td>
        <td data-label="轮到谁">{}</td>
        <td data-label="期限">{}</td>
      </tr>"""
LATE = mark_safe(' class="wq-table__late"')
MINE = mark_safe('<strong class="wq-mine">轮到我</strong>')
NO_DUE = mark_safe('<span class="wq-muted">无期限</span>')
RISK_MARKS = {
    risk.value: format_html(
        '<span class="wq-risk wq-risk--{}"><span class="wq-risk__mark">{}</span>'
        '<span class="visually-hidden">色风险</span></span>',
        risk.lower(),
        risk.mark,
    )
    for risk in Risk
}
NEXT_STEPS = {
    Status.REGISTERED: "审核受理",
    Status.ACCEPTED: "开始办理",
    Status.HANDLING: "办理",
    Status.SUSPENDED: "中止，等待恢复",
    Status.PENDING_CLOSE: "审核结案",
    Status.CLOSED: "回访",
}


def due_words(due_at: datetime, at: datetime) -> tuple[str, str]:
    """State and words of a moment to come or gone: by days in China, or by the hour."""
    if by_the_hour(due_at):
        state = "overdue" if due_at <= at else "today" if due_at - at < DAYS_FROM else "near"
        return state, hours(due_at, at)
    if due_at <= at:
        days = (china_date(at) - last_day(due_at)).days
        return "overdue", f"逾期{days}天" if days else "今天已过期"
    days = (last_day(due_at) - china_date(at)).days
    if days == 0:
        return "today", "今天到期"
    return ("near" if days <= SOON_DAYS else "far"), f"还有{days}天"


def by_the_hour(due_at: datetime) -> bool:
    """Whether a period was counted in hours: one of days, however it was counted, ends at midnight in China."""
    return due_at != start_of_day(china_date(due_at))


def hours(due: datetime, at: datetime) -> str:
    """还有1小时20分, 逾期3小时, 逾期2天"""
    late, left = due <= at, abs(due - at)
    if left >= DAYS_FROM:
        words = f"{left.days}天"
    else:
        whole, rest = divmod(int(left.total_seconds()) // 60, 60)
        words = (f"{whole}小时" if whole else "") + (f"{rest}分" if rest or not whole else "")
    return f"逾期{words}" if late else f"还有{words}"


def due_badge(due_at: datetime | None, at: datetime, *, provisional: bool = False) -> SafeString:
    """By when: shape, colour and words together, so that none of them is needed alone; beside it the day, or the hour."""
    if due_at is None:
        return NO_DUE
    moment = due_at.astimezone(CHINA).strftime("%H:%M") if by_the_hour(due_at) else ""
    return _badge(*due_words(due_at, at), last_day(due_at).isoformat(), moment, provisional)


@lru_cache(maxsize=2048)
def _badge(state: str, words: str, day: str, moment: str, provisional: bool) -> SafeString:
    return format_html(
        '<span class="wq-due wq-due--{}{}"><span class="wq-due__words">{}</span>'
        ' <time class="wq-due__on" datetime="{}">{}月{}日{}</time>{}</span>',
        state,
        " wq-due--provisional" if provisional else "",
        words,
        f"{day}T{moment}+08:00" if moment else day,
        int(day[5:7]),
        int(day[8:]),
        f" {moment}" if moment else "",
        format_html(' <span class="{}">暂定</span>', "wq-due__provisional") if provisional else "",
    )


def task_due(task: Task, at: datetime) -> SafeString | str:
    """Nothing once the unit has reported: the next move is the office's."""
    return due_badge(task.due_at, at) if task.status == TaskStatus.ASSIGNED else ""


@lru_cache(maxsize=1024)
def due_mark(state: str, words: str, provisional: bool) -> SafeString:
    """The same without the day, for a period that says its days itself."""
    return format_html(
        '<span class="wq-due wq-due--{}{}"><span class="wq-due__words">{}</span>{}</span>',
        state,
        " wq-due--provisional" if provisional else "",
        words,
        format_html(' <span class="{}">暂定</span>', "wq-due__provisional") if provisional else "",
    )


def flags_of(dv: bool, minor: bool, litigation: bool) -> list[str]:
    return [word for on, word in ((dv, "家暴"), (minor, "未成年人"), (litigation, "涉法涉诉")) if on]


@lru_cache(maxsize=256)
def flag_marks(marks: tuple[str, ...], flags: tuple[str, ...]) -> SafeString:
    """How it came, set apart, then what it touches."""
    return format_html_join(
        "",
        '<span class="wq-flag{}">{}</span>',
        (*((" wq-flag--mark", word) for word in marks), *(("", word) for word in flags)),
    )


# Names of units, categories and colleagues come again and again; who a case is about is not kept here.
_safe = lru_cache(maxsize=4096)(escape)


def case_rows(
    values: Iterable[tuple[Any, ...]],
    user: Staff,
    at: datetime,
    *,
    step: str = "",
    of_respondents: Collection[UUID] = (),
) -> list[dict[str, Any]]:
    """Rows for templates/cases/_rows.html from `values_list(*COLUMNS)`; `step` overrides what comes next. Of those found
    by the name of a respondent each says so."""
    categories = code_names(CodeSet.MATTER_CATEGORY)
    before, after = reverse("case", args=["NUMBER"]).split("NUMBER")
    rows: list[dict[str, Any]] = []
    lines: list[Any] = list(map(Line._make, values))
    further = dict(further_marks(lines))
    for pk in of_respondents:
        further[pk] = (FOUND_AS_RESPONDENT, *further.get(pk, ()))
    for line in lines:
        url = f"{before}{line.number}{after}"
        title = categories.get(line.category, line.category)
        marks = marks_of(line, further)
        rows.append(
            {"number": line.number, "url": url, "html": _html(line, url, title, marks, user, at, step)}
        )
    return rows


def marks_of(case: Any, further: Mapping[UUID, tuple[str, ...]]) -> SafeString:
    """Every mark of one row of COLUMNS."""
    came = plain_marks(occurrence=case.occurrence, contacts=case.contacts_count, form=case.form, led=case.led)
    touches = flags_of(case.involves_dv, case.involves_minor, case.is_litigation)
    return flag_marks((*further.get(case.pk, ()), *came), tuple(touches))


def _html(
    case: Any, url: str, title: str, marks: SafeString, user: Staff, at: datetime, step: str
) -> SafeString:
    status = Status(case.status)
    waiting = waits_for_department(status, case.open_referrals)
    mine = bool(step) or (case.owner_id == user.pk and status in ACCEPTED and not waiting)
    late = case.due_at is not None and case.due_at <= at and status in Status.open_statuses
    return format_html(
        ROW,
        LATE if late else "",
        RISK_MARKS[case.risk],
        url,
        _safe(title),
        marks,
        case.number,
        Case.open_sealed("label", case.pk, case.label),
        _safe(case.station__name),
        _safe(step or (WAITING_STEP if waiting else NEXT_STEPS.get(status, status.label))),
        MINE if mine else _safe(_turn(case, status, waiting)),
        due_badge(case.due_at, at, provisional=case.due_provisional),
    )


def _turn(case: Any, status: Status, waiting: bool) -> str:
    if status in (Status.REGISTERED, Status.PENDING_CLOSE):
        return _decider(case, status)
    if waiting:
        return "承办部门"
    return case.owner__name or case.holder__name


def _decider(case: Any, status: Status) -> str:
    """Who accepts or closes: the holder's head, for a village the township's, for a dangerous closing the county."""
    level = AdminLevel(case.level)
    dangerous = status is Status.PENDING_CLOSE and permission_to_close(case) != Permission.CASE_CLOSE
    if dangerous and level < AdminLevel.COUNTY:
        return "县妇联负责人"
    return "乡镇维权站负责人" if level == AdminLevel.VILLAGE else f"{case.holder__name}负责人"
