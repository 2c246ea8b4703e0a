"""Notices to the reader: a kind, a number and a link."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from cases.choices import DeliveryStatus, NoticeKind, OutletKind
from cases.models import (
    AgendaItem,
    AssessmentRound,
    Case,
    Delivery,
    Meeting,
    Monitor,
    Notice,
    Referral,
    Supervision,
    Task,
)
from cases.views.paging import read_id
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

PAGE = 50


@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    notices = Notice.objects.inbox_of(request.user).select_related(
        "recipient__organisation", "case", "referral", "supervision", "instead_of", "clock__rule"
    )
    notices = notices.prefetch_related("deliveries", "supervision__papers")
    if request.GET.get("show") == "unread":
        notices = notices.unread()
    before = read_id(request.GET.get("before", ""))
    if before is not None:
        notices = notices.filter(pk__lt=before)
    rows = list(notices.order_by("-pk")[: PAGE + 1])
    context = {
        "rows": [_row(notice) for notice in rows[:PAGE]],
        "next_before": rows[PAGE - 1].pk if len(rows) > PAGE else "",
        "show": request.GET.get("show", ""),
    }
    return render(request, "cases/inbox.html", context)


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "notice": notice,
        "kind": notice.get_kind_display(),
        "about": notice.about,
        "clock": notice.clock.rule.name if notice.clock else "",
        "deliveries": [words for delivery in notice.deliveries.all() if (words := _sent_how(delivery))],
    }


def _sent_how(delivery: Delivery) -> str:
    """短信 待发送; nothing of what goes to a group or a system of her unit, which is not hers."""
    if delivery.outlet_id is not None and delivery.kind != OutletKind.SMS:
        return ""
    way = "短信" if delivery.kind == OutletKind.SMS else "邮件"
    match delivery.status:
        case DeliveryStatus.SENT:
            return f"{way} 已发送 {date(localtime(delivery.sent_at), 'n月j日 H:i')}"
        case DeliveryStatus.WAITING if delivery.digest and delivery.next_at and not delivery.tries:
            return f"{way} {date(localtime(delivery.next_at), 'n月j日 H:i')}汇总发出"
        case DeliveryStatus.WAITING:
            return f"{way} 待发送"
        case _:
            return f"{way} 没有发出"


def target_of(notice: Notice, user: Staff) -> str:
    """Where a notice leads: a partner to her referral, our side to the case; about a supervision or a monitor, to its page."""
    if notice.supervision_id:
        open_to_her = Supervision.objects.visible_to(user).filter(pk=notice.supervision_id)
        if open_to_her.exists():
            return reverse("supervision", args=[notice.supervision_id])
    if notice.referral_id and (user.is_partner or notice.kind == NoticeKind.SUPERVISE_SOON):
        sent = Referral.objects.visible_to(user).filter(pk=notice.referral_id)
        return reverse("referral", args=[notice.referral_id]) if sent.exists() else reverse("inbox")
    rounds = AssessmentRound.objects.visible_to(user)
    if notice.assessment_id and rounds.filter(pk=notice.assessment_id).exists():
        return reverse("assessment_round", args=[notice.assessment_id])
    if notice.monitor_id and Monitor.objects.visible_to(user).filter(pk=notice.monitor_id).exists():
        return reverse("monitor", args=[notice.monitor_id])
    if (page := _conference_page(notice, user)) is not None:
        return page
    if notice.kind in (NoticeKind.READS, NoticeKind.BROKEN_IN):
        if user.may(Permission.STAFF_MANAGE):
            return reverse("break_ins")
        if user.may(Permission.CASE_ACCEPT):
            return reverse("reads")
    reads = user.may(Permission.CASE_READ) or user.may(Permission.CASE_READ_ASSIGNED)
    if notice.case and reads and not user.is_partner:
        seen = Case.objects.visible_to(user).filter(pk=notice.case.pk)
        return reverse("case", args=[notice.case.number]) if seen.exists() else reverse("inbox")
    if user.may(Permission.CONFERENCE_MANAGE):
        return reverse("conference")
    if notice.kind == NoticeKind.HANDED_OVER and not user.is_partner:
        return f"{reverse('worklist')}?show=mine"
    if notice.kind == NoticeKind.STAND_IN:
        return reverse("handover_people")
    return reverse("desk" if notice.kind == NoticeKind.HANDED_OVER else "inbox")


def _conference_page(notice: Notice, user: Staff) -> str | None:
    """The page of the conference it is about, for who reads the conference; others go to the case."""
    for name, seen, pk in (
        ("conference_task", Task.objects.visible_to(user), notice.task_id),
        ("agenda_item", AgendaItem.objects.visible_to(user), notice.item_id),
        ("meeting", Meeting.objects.visible_to(user), notice.meeting_id),
    ):
        if pk and seen.filter(pk=pk).exists():
            return reverse(name, args=[pk])
    return None


@require_POST
def notice_open(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark read and go there."""
    notice = Notice.objects.inbox_of(request.user).select_related("case").filter(pk=pk).first()
    if notice is None:
        return redirect("inbox")
    if notice.read_at is None:
        Notice.objects.filter(pk=pk).update(read_at=timezone.now())
    target = target_of(notice, request.user)
    if target == reverse("inbox"):
        messages.info(request, "这件事项已经结束，或者不再由您办理，打不开了。")
    return redirect(target)


@require_POST
def notices_read(request: StaffRequest) -> HttpResponse:
    """All read: but only those up to the newest the page showed, not one that came in between."""
    newest = read_id(request.POST.get("newest", ""))
    if newest is not None:
        shown = Notice.objects.inbox_of(request.user).unread().filter(pk__lte=newest)
        shown.update(read_at=timezone.now())
    return redirect("inbox")
