"""The lists of referrals: what a department has to do, and what our side has sent. Pages by keyset."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Case as When_
from django.db.models import (
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.actions.clocks import codes_of_rights
from cases.choices import ClockStatus, ReferralKind, ReferralStatus, SupervisionStatus, Urgency
from cases.forms.referral import SHOWS, ReferralFilter
from cases.models import Clock, Referral, Supervision
from cases.models.referral import ReferralQuerySet
from cases.views.paging import read_cursor, url_after, write_cursor
from cases.views.pressing import tasks_waiting
from cases.views.rows import due_badge
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

PAGE = 30
FAR = datetime(9000, 1, 1, tzinfo=UTC)
REQUEST_SHOWN = 36
# What comes next, said to the department.
PARTNER_TURN: dict[str, str] = {
    ReferralStatus.SENT: "签收",
    ReferralStatus.SIGNED: "办理并首次反馈",
    ReferralStatus.OBJECTED: "等转出单位答复异议",
    ReferralStatus.IN_PROGRESS: "反馈结果",
    ReferralStatus.ANSWERED: "本部门领导确认结果",
    ReferralStatus.RESULT: "等转出单位核对",
}
SUPERVISED_TURN: dict[str, str] = {
    SupervisionStatus.ISSUED: "签收并书面回复",
    SupervisionStatus.ACKNOWLEDGED: "书面回复",
    SupervisionStatus.REPLIED: "等督办单位核查",
    SupervisionStatus.UNSOUND: "继续整改，等督办单位的下一份文书",
}
WAITS_FOR_US = (ReferralStatus.OBJECTED, ReferralStatus.RESULT)


@require_GET
def referrals(request: StaffRequest) -> HttpResponse:
    if request.user.is_partner:
        return _partner_desk(request)
    return _sent(request)


def duties(referral_running: QuerySet[Clock] | None = None) -> QuerySet[Clock]:
    """Running periods that somebody owes, the nearest first."""
    clocks = Clock.objects.all() if referral_running is None else referral_running
    owed = clocks.filter(status=ClockStatus.RUNNING).exclude(code__in=codes_of_rights())
    return owed.order_by("effective_due", "id")


def with_due(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """Each with the clock that ends next, in one more query for the whole page."""
    return referrals.prefetch_related(Prefetch("clocks", duties(), to_attr="running"))


def nearest(referral: Referral) -> Clock | None:
    """The clock that ends next, of a referral that came through `with_due`."""
    running: list[Clock] = getattr(referral, "running")  # noqa: B009 – set by Prefetch(to_attr=…)
    return running[0] if running else None


def _partner_desk(request: StaffRequest) -> HttpResponse:
    """Unsigned first, then by date; what waits for the sender last."""
    if not request.user.may(Permission.REFERRAL_READ):
        raise PermissionDenied("您的角色不能使用这个页面。")
    at = timezone.now()
    ranked = Referral.objects.visible_to(request.user).annotate(
        rank=When_(
            When(status=ReferralStatus.SENT, then=0),
            When(status__in=WAITS_FOR_US, then=2),
            default=1,
            output_field=IntegerField(),
        ),
        due=Coalesce(
            Subquery(duties(Clock.objects.filter(referral=OuterRef("pk"))).values("effective_due")[:1]),
            Value(FAR, DateTimeField()),
        ),
    )
    cursor = read_cursor(request.GET.get("after", ""))
    if cursor and cursor.moment:
        rank, due, pk = cursor
        ranked = ranked.filter(
            Q(rank__gt=rank) | Q(rank=rank, due__gt=due) | Q(rank=rank, due=due, pk__gt=pk)
        )
    page = ranked.order_by("rank", "due", "pk").select_related("from_org", "handler")
    found: list[Any] = list(with_due(page)[: PAGE + 1])
    latest = found[PAGE - 1] if len(found) > PAGE else None
    context = {
        "supervisions": [] if cursor else _supervised(request.user, at),
        "tasks": [] if cursor else tasks_waiting(request.user, at),
        "rows": [_partner_row(referral, request.user, at) for referral in found[:PAGE]],
        "next_url": url_after(request, write_cursor(latest.due, latest.pk, rank=latest.rank))
        if latest
        else "",
        "first_url": reverse("referrals") if cursor else "",
        "may_hand_over": request.user.may(Permission.REFERRAL_SIGN),
    }
    return render(request, "referrals/desk.html", context)


def _supervised(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """What this department is being pressed for: before everything else."""
    found = Supervision.objects.visible_to(user).select_related("from_org").prefetch_related("papers")
    rows = []
    for supervision in found.order_by(F("due_at").asc(nulls_last=True), "pk"):
        demands = [paper for paper in supervision.papers.all() if paper.signed_at and paper.to_target]
        newest = max(demands, key=lambda paper: (paper.signed_at, paper.pk))
        waiting = supervision.status not in SupervisionStatus.with_target
        rows.append(
            {
                "url": reverse("supervision", args=[supervision.pk]),
                "kind": newest.get_kind_display(),
                "number": newest.number,
                "sender": supervision.from_org.name,
                "listed": supervision.listed,
                "step": SUPERVISED_TURN[supervision.status],
                "mine": not waiting and user.may(Permission.SUPERVISION_ANSWER),
                "waiting": waiting,
                "late": not waiting and supervision.due_at is not None and supervision.due_at <= at,
                "due": due_badge(supervision.due_at, at) if supervision.due_at and not waiting else "",
            }
        )
    return rows


def _partner_row(referral: Referral, user: Staff, at: datetime) -> dict[str, Any]:
    clock = nearest(referral)
    waiting = referral.status in WAITS_FOR_US
    text = " ".join(referral.request.split())
    return {
        "url": reverse("referral", args=[referral.pk]),
        "number": referral.number,
        "kind": kind_word(referral),
        "urgent": referral.urgency in (Urgency.VERY_URGENT, Urgency.URGENT),
        "urgency": referral.get_urgency_display(),
        "request": text[:REQUEST_SHOWN] + ("…" if len(text) > REQUEST_SHOWN else ""),
        "sender": referral.from_org.name,
        "step": PARTNER_TURN[referral.status],
        "mine": not waiting and _is_for(referral, user),
        "turn": "转出单位" if waiting else _whose(referral),
        "late": clock is not None and not waiting and clock.effective_due <= at,
        "due": due_badge(clock.effective_due, at, provisional=clock.provisional)
        if clock and not waiting
        else "",
    }


def _is_for(referral: Referral, user: Staff) -> bool:
    """Whether the reader is the one of her department who has to move."""
    if referral.status == ReferralStatus.SENT:
        return user.may(Permission.REFERRAL_SIGN)
    if referral.status == ReferralStatus.ANSWERED:
        return user.may(Permission.REFERRAL_CONFIRM)
    return referral.handler_id in (None, user.pk)


def _whose(referral: Referral) -> str:
    if referral.status == ReferralStatus.SENT:
        return "联络员"
    if referral.status == ReferralStatus.ANSWERED:
        return "部门领导"
    return referral.handler.name if referral.handler else "本部门"


def kind_word(referral: Referral) -> str:
    """交办 out of 交办（限期并报告结果）."""
    return ReferralKind(referral.kind).label.partition("（")[0]


def _sent(request: StaffRequest) -> HttpResponse:
    """Ours: what was sent by the reader's unit, or all in her sight."""
    user = request.user
    if not user.may(Permission.CASE_READ):
        raise PermissionDenied("您的角色不能使用这个页面。")
    at = timezone.now()
    form = ReferralFilter(request.GET)
    chosen = form.chosen()
    found = _filtered(Referral.objects.visible_to(user), chosen, user, at)
    cursor = read_cursor(request.GET.get("after", ""))
    if cursor and cursor.moment:
        _, moment, pk = cursor
        # The first condition lets the index start where the page before ended.
        found = found.filter(sent_at__lte=moment).filter(Q(sent_at__lt=moment) | Q(pk__lt=pk))
    page = found.order_by("-sent_at", "-pk").select_related("case", "department", "from_org")
    rows = list(with_due(page)[: PAGE + 1])
    latest = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "form": form,
        "rows": [_sent_row(referral, at) for referral in rows[:PAGE]],
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode(chosen | {'show': show})}",
                "current": show == chosen["show"],
            }
            for show, label in SHOWS
        ],
        "next_url": url_after(request, write_cursor(latest.sent_at, latest.pk)) if latest else "",
        "first_url": url_after(request, "") if cursor else "",
    }
    return render(request, "referrals/list.html", context)


def _filtered(found: ReferralQuerySet, chosen: dict[str, str], user: Staff, at: datetime) -> ReferralQuerySet:
    match chosen["show"]:
        case "ours":
            found = found.filter(status__in=WAITS_FOR_US)
        case "overdue":
            late = duties(Clock.objects.filter(referral=OuterRef("pk"), effective_due__lte=at))
            found = found.with_partner().filter(Exists(late))
        case "ended":
            found = found.exclude(status__in=ReferralStatus.open_statuses)
        case _:
            found = found.open()
    if chosen["scope"] == "unit":
        found = found.filter(from_org=user.organisation)
    if chosen["kind"]:
        found = found.filter(department__department=chosen["kind"])
    return found


def _sent_row(referral: Referral, at: datetime) -> dict[str, Any]:
    clock = nearest(referral)
    ours = referral.status in WAITS_FOR_US
    late = clock is not None and not ours and clock.effective_due <= at
    return {
        "url": reverse("referral", args=[referral.pk]),
        "number": referral.number,
        "department": referral.department.name,
        "kind": kind_word(referral),
        "case_number": referral.case.number,
        "who": referral.case.label,
        "sender": referral.from_org.name,
        "sent_at": referral.sent_at,
        "status": referral.get_status_display(),
        "tone": "wait" if ours else "open" if referral.is_open else "stop",
        "step": referral.next_step,
        "mine": ours,
        "late": late,
        "due": due_badge(clock.effective_due, at, provisional=clock.provisional)
        if clock and not ours and referral.is_open
        else "",
    }
