"""The application itself: written anew before it is filed, its evidence list, its print."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions.monitors.order import remove_evidence, revise_application
from cases.choices import (
    AccessKind,
    DocType,
    FieldGroup,
    MonitorKind,
    MonitorStage,
    MonitorStep,
    PersonRole,
    ProtectionMeasure,
    Sex,
)
from cases.forms.monitors.application import ApplicationReviseForm
from cases.models import Case, Monitor, Party
from cases.permissions import in_owner_line, may_read_monitor, may_reveal
from cases.views.access import get_monitor, log_access
from cases.views.monitors.application import application_of, wish_of
from cases.views.monitors.kind import day
from cases.views.papers.doors import kept
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest


def _application(request: StaffRequest, pk: UUID, *, to: MonitorStep | None = None) -> Monitor:
    found = get_monitor(request, pk, to=to)
    if found.kind != MonitorKind.ORDER_APPLICATION:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def application_revise(request: StaffRequest, pk: UUID) -> HttpResponse:
    found = _application(request, pk, to=MonitorStep.EVIDENCE)
    if not may_read_monitor(request.user, found):  # the form begins with what was written
        raise PermissionDenied("申请内容只有本案承办线上的人和负责人能看、能改。")
    form = ApplicationReviseForm(
        request.POST if request.method == "POST" else None, monitor=found, user=request.user
    )
    if request.method == "GET":
        log_access(request.user, found.case, at=timezone.now(), fields=FieldGroup.MONITOR)
        return _page(request, found, form)
    if not form.is_valid():
        return _page(request, found, form, status=409 if form.is_stale else 422)
    try:
        revise_application(found, wish=wish_of(form.told()), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _page(request, get_monitor(request, pk), form, status=409)
    messages.success(request, "申请内容已修改。")
    return redirect("monitor", found.pk)


def _page(
    request: StaffRequest, found: Monitor, form: ApplicationReviseForm, *, status: int = 200
) -> HttpResponse:
    late = found.stage != MonitorStage.PREPARING
    context = {
        "monitor": found,
        "title": "修改申请内容",
        "form": form,
        "explained": "递交法院以前可以修改。对方会收到申请书副本，不写她现在住处和电话。",
        "not_now": "申请已经递交法院，不能再改。" if late and status == 200 else "",
    }
    return render(request, "monitors/step.html", context, status=status)


@require_POST
def evidence_remove(request: StaffRequest, pk: UUID, evidence: UUID) -> HttpResponse:
    """Take one piece off the list while nothing has gone to the court."""
    found = _application(request, pk, to=MonitorStep.EVIDENCE)
    piece = application_of(found).evidence.filter(pk=evidence).first()
    if piece is None:
        raise Http404
    try:
        remove_evidence(found, piece, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已从清单撤下。")
    return redirect("monitor", found.pk)


@require_GET
def application_print(request: StaffRequest, pk: UUID) -> HttpResponse:
    """申请书. Where she is, how she is called and where he lives stand on no paper: a copy goes to him."""
    found = _application(request, pk)
    case = found.case
    if not (in_owner_line(request.user, case) and may_reveal(request.user, case)):
        raise Http404
    if issued := kept(request, DocType.PO_APPLICATION, monitor=found):
        return issued
    log_access(request.user, case, at=timezone.now(), kind=AccessKind.PRINT, fields=FieldGroup.MONITOR)
    application = application_of(found)
    context = {
        "monitor": found,
        "case": case,
        "application": application,
        "applicants": _people(case, PersonRole.VICTIM) or _people(case, PersonRole.PETITIONER),
        "respondents": _people(case, PersonRole.RESPONDENT),
        "measures": [ProtectionMeasure(one) for one in application.measures],
        "evidence": list(application.evidence.order_by("at", "pk")),
        "unit": found.unit,
    }
    return render(request, "monitors/print_application.html", context)


def _people(case: Case, role: PersonRole) -> list[dict[str, Any]]:
    parties = Party.objects.filter(case=case, role=role, person__isnull=False).select_related("person")
    return [
        {
            "name": party.person.name,
            "sex": party.person.get_sex_display() if party.person.sex in (Sex.FEMALE, Sex.MALE) else "",
            "born": day(date.fromisoformat(born)) if (born := party.person.birth_date) else "",
            "id_number": party.person.id_number,
            "relation": party.get_relation_display(),
        }
        for party in parties.order_by("position", "pk")
        if party.person
    ]
