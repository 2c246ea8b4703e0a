"""The system administrator's pages: the ways out, and what would not go out. No case and nobody's name is to be seen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions import outlets as actions
from cases.choices import DeliveryStatus, OutletKind
from cases.dispatch import try_out
from cases.forms.outlets import OutletForm
from cases.models import Delivery, Outlet
from cases.outlets import NotSent, in_words, mask_address
from cases.views.access import get_outlet, require
from cases.views.paging import read_id
from stations.http import StaffRequest
from stations.roles import Permission

PAGE = 50


@require_GET
def outlets(request: StaffRequest) -> HttpResponse:
    require(request.user, Permission.OUTLETS_MANAGE)
    found = Outlet.objects.select_related("organisation", "made_by").order_by(
        "-active", "organisation__region_id", "organisation__name", "kind", "name"
    )
    rows = [{"outlet": one, "address": mask_address(one.kind, one.address)} for one in found]
    return render(request, "cases/outlets.html", {"rows": rows})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def outlet_new(request: StaffRequest) -> HttpResponse:
    require(request.user, Permission.OUTLETS_MANAGE)
    form = OutletForm(_typed(request))
    if form.is_valid():
        try:
            outlet = actions.add_outlet(**form.cleaned_data, by=request.user, at=timezone.now())
        except actions.NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, "渠道已保存，三十秒内起用。请点“试发一条”看看通不通。")
            return redirect("outlet_edit", outlet.pk)
    return _form_page(request, form, None)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def outlet_edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    outlet = get_outlet(request, pk)
    form = OutletForm(_typed(request), outlet=outlet, initial={"name": outlet.name})
    if form.is_valid():
        try:
            actions.change_outlet(outlet, **form.cleaned_data, by=request.user, at=timezone.now())
        except actions.NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, "渠道已保存，三十秒内起用。")
            return redirect("outlet_edit", pk)
    return _form_page(request, form, outlet)


def _typed(request: StaffRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form_page(request: StaffRequest, form: OutletForm, outlet: Outlet | None) -> HttpResponse:
    context = {"form": form, "outlet": outlet}
    return render(request, "cases/outlet_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def outlet_switch(request: StaffRequest, pk: UUID) -> HttpResponse:
    outlet = get_outlet(request, pk)
    actions.switch_outlet(outlet, active=not outlet.active, by=request.user, at=timezone.now())
    messages.success(request, "渠道已停用，不再往那里发。" if outlet.active else "渠道已启用。")
    return redirect("outlet_edit", pk)


@require_POST
def outlet_try(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One message that says nothing; a text message goes to whoever tries."""
    outlet = get_outlet(request, pk)
    if outlet.kind == OutletKind.SMS and not request.user.mobile:
        messages.error(request, "试发的短信发到您自己的手机，请先在“我的设置”里填手机号。")
        return redirect("outlet_edit", pk)
    try:
        try_out(outlet, to=request.user.mobile, at=timezone.now())
    except NotSent as error:
        messages.error(request, f"没有发出去：{in_words(error.reason)}。")
    else:
        messages.success(request, "对方已收下，请到那一头看看有没有“维权系统试发”。")
    return redirect("outlet_edit", pk)


# -- what would not go out ------------------------------------------------------------------------


@require_GET
def deliveries(request: StaffRequest) -> HttpResponse:
    """Which kind of notice to which unit by which way; neither case nor person."""
    require(request.user, Permission.OUTLETS_MANAGE)
    dead = Delivery.objects.dead().select_related("notice__recipient__organisation", "outlet")
    before = read_id(request.GET.get("before", ""))
    if before is not None:
        dead = dead.filter(pk__lt=before)
    rows = list(dead.order_by("-pk")[: PAGE + 1])
    context = {
        "rows": [_dead_row(row) for row in rows[:PAGE]],
        "next_before": rows[PAGE - 1].pk if len(rows) > PAGE else "",
        **_counts(timezone.now()),
    }
    return render(request, "cases/deliveries.html", context)


def _dead_row(row: Delivery) -> dict[str, Any]:
    unit = row.notice.recipient.organisation
    return {
        "pk": row.pk,
        "at": row.notice.at,
        "kind": row.notice.get_kind_display(),
        "unit": unit.name if unit else "",
        "way": row.get_kind_display() + (f"（{row.outlet.name}）" if row.outlet else ""),
        "off": row.outlet is not None and not row.outlet.active,
        "tries": row.tries,
        "reason": in_words(row.error),
    }


def _counts(at: datetime) -> dict[str, int]:
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "waiting": Delivery.objects.filter(status=DeliveryStatus.WAITING).count(),
        "sent": Delivery.objects.filter(status=DeliveryStatus.SENT, sent_at__gte=midnight).count(),
        "dead": Delivery.objects.dead().count(),
    }


@require_POST
def deliveries_act(request: StaffRequest) -> HttpResponse:
    """Send again or give up, those that were ticked or all."""
    require(request.user, Permission.OUTLETS_MANAGE)
    ticked = [pk for pk in map(read_id, request.POST.getlist("pk")) if pk is not None]
    chosen = None if request.POST.get("which") == "all" else ticked
    if chosen == []:
        messages.error(request, "请先勾选，或者选“全部”。")
    elif request.POST.get("do") == "again":
        count = actions.send_again(chosen, at=timezone.now())
        messages.success(request, f"{count}条重新排队，一分钟内发出。渠道停用的请先启用。")
    elif request.POST.get("do") == "give-up":
        messages.success(request, f"已放弃{actions.give_up(chosen)}条，收件人在收件箱里仍能看到。")
    return redirect("deliveries")
