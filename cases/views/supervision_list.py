"""The ledger of supervision (督办台账): what is out, with whom, how long, what came back. Pages by keyset."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.actions.urging import suggested, why_suggested
from cases.choices import PaperKind, SupervisionStatus
from cases.deadlines import china_date
from cases.forms.supervision import SHOWS, LedgerFilter
from cases.models import Referral, Supervision, SupervisionPaper, SupervisionReply
from cases.models.supervision import SupervisionQuerySet
from cases.views.paging import Cursor, read_cursor, url_after, write_cursor
from cases.views.rows import due_badge
from cases.workflow import SUPERVISION_TURN
from stations.http import StaffRequest
from stations.models import Organisation, Staff
from stations.roles import Permission

PAGE = 30
SUGGESTIONS_SHOWN = 20
FAR = datetime(9000, 1, 1, tzinfo=UTC)
CHINA = ZoneInfo("Asia/Shanghai")
OURS = (SupervisionStatus.DRAFTED, SupervisionStatus.REPLIED, SupervisionStatus.UNSOUND)


@require_GET
def supervisions(request: StaffRequest) -> HttpResponse:
    user = request.user
    if user.is_partner:
        return redirect("referrals")
    if not (user.may(Permission.SUPERVISE) or user.may(Permission.SUPERVISION_ANSWER)):
        raise PermissionDenied("督办台账由妇联权益部、分管领导和站长使用。")
    at = timezone.now()
    seen = Supervision.objects.visible_to(user)
    form = LedgerFilter(request.GET, targets=_targets(seen))
    chosen = form.chosen()
    counts = _counts(seen, at)
    cursor = read_cursor(request.GET.get("after", ""))
    ended = chosen["show"] == "ended"
    page = _page(_filtered(seen, chosen, at), cursor, ended=ended)
    rows = list(page[: PAGE + 1])
    latest: Any = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "form": form,
        "rows": [_row(found, at) for found in rows[:PAGE]],
        "tabs": _tabs(chosen, counts),
        "closed_this_year": counts["closed"],
        "suggestions": _suggestions(user, at) if chosen["show"] == "open" and not cursor else [],
        "next_url": url_after(request, write_cursor(latest.place, latest.pk)) if latest else "",
        "first_url": url_after(request, "") if cursor else "",
    }
    return render(request, "supervisions/list.html", context)


def _targets(seen: SupervisionQuerySet) -> Any:
    return Organisation.objects.filter(pk__in=seen.values("target")).order_by("department__sort", "pk")


def _counts(seen: SupervisionQuerySet, at: datetime) -> dict[str, int]:
    """All figures on top in one query."""
    is_open = Q(status__in=SupervisionStatus.open_statuses)
    year = datetime(china_date(at).year, 1, 1, tzinfo=CHINA)
    return seen.aggregate(
        open=Count("pk", filter=is_open),
        late=Count("pk", filter=_late(at)),
        check=Count("pk", filter=Q(status=SupervisionStatus.REPLIED)),
        listed=Count("pk", filter=is_open & Q(listed=True)),
        closed=Count("pk", filter=Q(status=SupervisionStatus.CLOSED, ended_at__gte=year)),
    )


def _late(at: datetime) -> Q:
    return Q(status__in=SupervisionStatus.with_target, due_at__lte=at)


def _filtered(seen: SupervisionQuerySet, chosen: dict[str, str], at: datetime) -> SupervisionQuerySet:
    match chosen["show"]:
        case "late":
            seen = seen.filter(_late(at))
        case "check":
            seen = seen.filter(status=SupervisionStatus.REPLIED)
        case "listed":
            seen = seen.open().filter(listed=True)
        case "ended":
            seen = seen.exclude(status__in=SupervisionStatus.open_statuses)
        case _:
            seen = seen.open()
    return seen.filter(target=int(chosen["target"])) if chosen["target"] else seen


def _page(seen: SupervisionQuerySet, cursor: Cursor | None, *, ended: bool) -> SupervisionQuerySet:
    """Open ones by the date that counts now, the nearest first; ended ones the newest first."""
    drafts = SupervisionPaper.objects.filter(supervision=OuterRef("pk"), signed_at=None, returned_at=None)
    placed = seen.annotate(place=Coalesce("ended_at" if ended else "due_at", FAR), drafted=Exists(drafts))
    if cursor and cursor.moment:
        _, moment, pk = cursor
        later = (
            Q(place__lt=moment) | Q(place=moment, pk__lt=pk)
            if ended
            else Q(place__gt=moment) | Q(place=moment, pk__gt=pk)
        )
        placed = placed.filter(later)
    papers = SupervisionPaper.objects.filter(signed_at__isnull=False).only(
        "supervision_id", "kind", "number", "mode", "signed_at"
    )
    replies = SupervisionReply.objects.only("paper_id", "adoption", "sound", "at", "check_way", "checked_at")
    return (
        placed.order_by(*(("-place", "-pk") if ended else ("place", "pk")))
        .select_related("case", "target", "referral")
        .prefetch_related(
            Prefetch("papers", papers.order_by("signed_at", "pk"), to_attr="signed"),
            Prefetch("signed__replies", replies.order_by("at", "pk"), to_attr="answers"),
        )
    )


def _row(found: Supervision, at: datetime) -> dict[str, Any]:
    signed: list[Any] = getattr(found, "signed")  # noqa: B009 – set by Prefetch(to_attr=…)
    demands = [paper for paper in signed if paper.to_target]
    newest = demands[-1] if demands else None
    answers = [reply for paper in signed for reply in paper.answers]
    last = answers[-1] if answers else None
    drafted = getattr(found, "drafted") and found.is_open  # noqa: B009 – set by annotate
    late = found.status in SupervisionStatus.with_target and found.due_at is not None and found.due_at <= at
    return {
        "url": reverse("supervision", args=[found.pk]),
        "number": newest.number if newest else "未签发",
        "case_number": found.case.number,
        "case_url": reverse("case", args=[found.case.number]),
        "referral": found.referral.number if found.referral else "",
        "target": found.target.name,
        "trigger": found.get_trigger_display(),
        "mode": newest.get_mode_display() if newest else "",
        "issued": signed[0].signed_at if signed else None,
        "stage": PaperKind(found.stage).label,
        "climbed": len(signed),
        "listed": found.listed,
        "answered": _answered(last),
        "status": found.get_status_display(),
        "step": SUPERVISION_TURN[SupervisionStatus.DRAFTED] if drafted else found.next_step,
        "mine": drafted or found.status in OURS,
        "tone": "wait" if found.status in OURS else "open" if found.is_open else "done",
        "ended_at": found.ended_at,
        "late": late,
        "due": due_badge(found.due_at, at) if found.due_at else "",
    }


def _answered(last: SupervisionReply | None) -> str:
    """What came back, in a few words."""
    if last is None:
        return "未回复"
    checked = "" if last.sound is None else "，核查通过" if last.sound else "，核查不通过"
    day = china_date(last.at)
    return f"{day.month}月{day.day}日回复{last.get_adoption_display()}{checked}"


def _tabs(chosen: dict[str, str], counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{urlencode(chosen | {'show': show})}",
            "current": show == chosen["show"],
            "count": counts.get(show),
            "alarm": show == "late",
        }
        for show, label in SHOWS
    ]


def _suggestions(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """建议督办: the system proposes, the officer decides."""
    if not user.may(Permission.SUPERVISE):
        return []
    found = suggested(Referral.objects.visible_to(user), at).select_related("case", "department")
    return [
        {
            "url": f"{reverse('supervise', args=[said.referral.case.number])}?referral={said.referral.pk}",
            "referral_url": reverse("referral", args=[said.referral.pk]),
            "number": said.referral.number,
            "department": said.referral.department.name,
            "case_number": said.referral.case.number,
            "why": said.why,
        }
        for said in (why_suggested(row, at) for row in found[:SUGGESTIONS_SHOWN])
    ]
