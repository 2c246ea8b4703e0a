"""The archive's lists: what is to be filed and by when, what is kept, what runs out, what is held, what is judged."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.choices import ArchiveStage, Proposal
from cases.deadlines import china_date, start_of_day
from cases.models import Appraisal, ArchiveFile, Case, CodeSet, LegalHold, Reclass, code_names
from cases.models.archive import ArchiveFileQuerySet
from cases.models.case import CaseQuerySet
from cases.views.access import require_any
from cases.views.paging import read_cursor, url_after, write_cursor
from cases.workflow.archive import TO_FILE, filing_due, has_run_out
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

PAGE = 30
MOST = 999  # nobody reads a bigger number
SOON = timedelta(days=365)
LISTS = {
    "to_file": "待归档",
    "filed": "已归档",
    "due": "到期",
    "holds": "暂停销毁",
    "appraisals": "鉴定",
    "destroyed": "销毁登记",
}


@require_GET
def archive(request: StaffRequest) -> HttpResponse:
    require_any(request.user, Permission.ARCHIVE_FILE, Permission.ARCHIVE_APPRAISE)
    today = china_date(timezone.now())
    shown = request.GET.get("list", "")
    shown = shown if shown in LISTS else "to_file"
    page = _to_file(request, today) if shown == "to_file" else _files(request, shown, today)
    context = {
        "shown": shown,
        "title": LISTS[shown],
        "tabs": _tabs(request.user, shown, today),
        "overdue": _capped(overdue(waiting(request.user), today)),
        "may_file": request.user.may(Permission.ARCHIVE_FILE),
        **page,
    }
    return render(request, "archive/list.html", context)


def waiting(user: Staff) -> CaseQuerySet:
    """What has ended and has no file yet, in her sight."""
    return Case.objects.visible_to(user).filter(status__in=TO_FILE, archive_file=None)


def overdue(found: CaseQuerySet, today: date) -> CaseQuerySet:
    """Those that should have been filed by the end of June."""
    first_not_late = today.year if today > filing_due(today.year - 1) else today.year - 1
    return found.filter(ended_at__lt=start_of_day(date(first_not_late, 1, 1)))


def _to_file(request: StaffRequest, today: date) -> dict[str, Any]:
    found = waiting(request.user).select_related("holder")
    cursor = read_cursor(request.GET.get("after", ""))
    if cursor and cursor.moment:
        later = Q(ended_at__gt=cursor.moment) | Q(ended_at=cursor.moment, pk__gt=cursor.pk)
        found = found.filter(later)
    rows = list(found.order_by("ended_at", "pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    again = ArchiveFile.objects.visible_to(request.user).filter(
        stage=ArchiveStage.REOPENED, case__status__in=TO_FILE
    )
    names = code_names(CodeSet.MATTER_CATEGORY)
    return {
        "cases": [
            {
                "case": case,
                "category": names.get(case.category, case.category),
                "due": filing_due(china_date(case.ended_at).year),
                "late": filing_due(china_date(case.ended_at).year) < today,
            }
            for case in rows[:PAGE]
            if case.ended_at is not None
        ],
        "again": [] if cursor else _rows(again.order_by("pk")[:PAGE], today),
        **_pager(request, last.ended_at if last else None, last, bool(cursor)),
    }


def _pager(request: StaffRequest, moment: datetime | None, last: Any, started: bool) -> dict[str, str]:
    return {
        "next_url": url_after(request, write_cursor(moment, last.pk)) if last is not None else "",
        "first_url": url_after(request, "") if started else "",
    }


def _files(request: StaffRequest, shown: str, today: date) -> dict[str, Any]:
    found = _in_list(ArchiveFile.objects.visible_to(request.user), shown, today)
    cursor = read_cursor(request.GET.get("after", ""))
    if cursor and cursor.moment:
        found = found.filter(Q(filed_at__lt=cursor.moment) | Q(filed_at=cursor.moment, pk__lt=cursor.pk))
    rows = list(_with_marks(found).order_by("-filed_at", "-pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return {
        "files": [_row(file, today) for file in rows[:PAGE]],
        **_pager(request, last.filed_at if last else None, last, bool(cursor)),
    }


def _in_list(found: ArchiveFileQuerySet, shown: str, today: date) -> ArchiveFileQuerySet:
    here = OuterRef("pk")
    match shown:
        case "due":
            return found.filter(stage=ArchiveStage.FILED, keep_until__lte=today + SOON)
        case "holds":
            return found.filter(Exists(LegalHold.objects.filter(file=here, until=None)))
        case "appraisals":
            waits = Appraisal.objects.filter(
                Q(agreed=None) | Q(agreed=True, proposal=Proposal.DESTROY), file=here
            )
            lower = Reclass.objects.filter(file=here, granted=None)
            return found.filter(Exists(waits) | Exists(lower), stage=ArchiveStage.FILED)
        case "destroyed":
            return found.filter(stage=ArchiveStage.DESTROYED)
        case _:
            return found.exclude(stage=ArchiveStage.DESTROYED)


def _with_marks(found: ArchiveFileQuerySet) -> ArchiveFileQuerySet:
    here = OuterRef("pk")
    return found.select_related("case", "unit").annotate(
        held=Exists(LegalHold.objects.filter(file=here, until=None)),
        judged=Exists(Appraisal.objects.filter(file=here, agreed=None)),
        lowering=Exists(Reclass.objects.filter(file=here, granted=None)),
        agreed=Exists(Appraisal.objects.filter(file=here, agreed=True, proposal=Proposal.DESTROY)),
    )


def _rows(files: ArchiveFileQuerySet, today: date) -> list[dict[str, Any]]:
    return [_row(file, today) for file in _with_marks(files)]


def _row(file: Any, today: date) -> dict[str, Any]:
    filed = file.stage == ArchiveStage.FILED
    marks = (
        (file.held, "暂停销毁"),
        (filed and file.judged, "待复核鉴定意见"),
        (filed and file.lowering, "待复核降低期限"),
        (filed and file.agreed and not file.judged, "已同意销毁"),
        (file.failed, "成卷失败"),
    )
    return {
        "file": file,
        "category": code_names(CodeSet.MATTER_CATEGORY).get(file.case.category, file.case.category),
        "run_out": filed and has_run_out(file.keep_until, today),
        "marks": [words for applies, words in marks if applies],
    }


def _tabs(user: Staff, shown: str, today: date) -> list[dict[str, Any]]:
    seen = ArchiveFile.objects.visible_to(user)
    counts = {name: _capped(_in_list(seen, name, today)) for name in ("due", "holds", "appraisals")}
    counts["to_file"] = _capped(waiting(user))
    return [
        {"label": label, "url": f"?list={name}", "current": name == shown, "count": counts.get(name)}
        for name, label in LISTS.items()
    ]


def _capped(found: Any) -> int:
    count: int = found.order_by()[:MOST].count()
    return count
