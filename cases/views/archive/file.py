"""The page of one file, the steps it takes, and what may be taken out of it; each download is written down."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions.archive import appraising, classes, disposing, filing, holding
from cases.actions.archive.checking import check_file
from cases.choices import AccessKind, ArchiveStage, ArchiveStep, FieldGroup
from cases.deadlines import china_date
from cases.forms.archive.steps import FORMS, DownloadForm, FilingForm, FondsForm, LoweringForm
from cases.models import ArchiveContent, ArchiveFile, Case, CodeSet, Fonds, code_names
from cases.permissions.archive import why_not_archive
from cases.views.access import get_archive_file, get_case, log_access, require
from cases.workflow import StepNotAllowed
from cases.workflow.archive import TO_FILE, has_run_out, why_not_now
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

# Of each: its field, its ending and type, and what whoever takes it comes to read.
WHOLE = (FieldGroup.IDENTITY, FieldGroup.RESPONDENT, FieldGroup.STORY, FieldGroup.HANDLING)
TAKEN_OUT = {
    "volume": ("pdf", "pdf", "application/pdf", WHOLE),
    "folder": ("package", "zip", "application/zip", WHOLE),
    "annex": ("annex", "pdf", "application/pdf", (FieldGroup.IDENTITY,)),
}
SAID: dict[ArchiveStep, str] = {
    ArchiveStep.REFILE: "正在重新成卷。",
    ArchiveStep.RECLASS: "已登记。提高期限的正在换发档号、重新成卷；降低期限的等另一个人复核。",
    ArchiveStep.HOLD: "已暂停销毁。",
    ArchiveStep.RELEASE: "已解除暂停销毁。",
    ArchiveStep.APPRAISE: "意见已登记，等另一个人复核。",
    ArchiveStep.SECOND: "复核意见已登记。",
    ArchiveStep.DESTROY: "已销毁，只留登记。",
}


@require_GET
def archive_file(request: StaffRequest, pk: UUID) -> HttpResponse:
    file = get_archive_file(request, pk)
    return _file_page(request, file)


def _file_page(
    request: StaffRequest, file: ArchiveFile, *, form: DownloadForm | None = None, status: int = 200
) -> HttpResponse:
    at = timezone.now()
    log_access(request.user, file.case, at=at)
    today = china_date(at)
    names = code_names(CodeSet.MATTER_CATEGORY)
    content = ArchiveContent.objects.filter(pk=file.pk).defer("pdf", "package", "annex").first()
    context = {
        "file": file,
        "case": file.case,
        "category": names.get(file.case.category, file.case.category),
        "run_out": has_run_out(file.keep_until, today),
        "papers": file.papers.order_by("seq"),
        "content": content,
        "has_annex": bool(content and content.annex_sha256),
        "may_take": file.stage == ArchiveStage.FILED and request.user.may(Permission.ARCHIVE_FILE),
        "may_annex": request.user.may(Permission.ARCHIVE_APPRAISE),
        "form": form or DownloadForm(),
        "holds": file.holds.select_related("by", "released_by").order_by("-since"),
        "appraisals": file.appraisals.select_related("first_by", "second_by").order_by("-first_at"),
        "reclasses": file.reclasses.select_related("by", "second_by").order_by("-at"),
        "disposal": getattr(file, "disposal", None),
        "steps": _steps(request.user, file),
    }
    return render(request, "archive/file.html", context, status=status)


def _steps(user: Staff, file: ArchiveFile) -> list[dict[str, str]]:
    """The steps that make sense now and are hers."""
    held = file.holds.filter(until=None).exists()
    judged = file.appraisals.filter(agreed=None).exists()
    run_out = has_run_out(file.keep_until, china_date(timezone.now()))
    sense = {
        ArchiveStep.REFILE: file.case.status in TO_FILE,
        ArchiveStep.HOLD: not held,
        ArchiveStep.RELEASE: held,
        ArchiveStep.APPRAISE: run_out and not judged,
        ArchiveStep.SECOND: judged,
        ArchiveStep.DESTROY: not judged and disposing.agreed_appraisal(file) is not None,
    }
    return [
        {"name": step.name.lower(), "label": step.label, "danger": str(step is ArchiveStep.DESTROY or "")}
        for step in FORMS
        if sense.get(step, True)
        and not why_not_now(step, ArchiveStage(file.stage))
        and not why_not_archive(user, step, file)
    ]


@require_http_methods(["GET", "POST"])
def archive_make(request: StaffRequest, number: str) -> HttpResponse:
    """Open the file of an ended case, with the class that the table proposes and why."""
    case = get_case(request, number)
    require(request.user, Permission.ARCHIVE_FILE)
    if (file := ArchiveFile.objects.filter(case=case).first()) is not None:
        return redirect("archive_file", file.pk)
    proposed, reason = filing.proposed_class(case)
    form = FilingForm(request.POST or None, proposed=proposed)
    refusal = "" if case.status in TO_FILE else f"案件现在是“{case.get_status_display()}”，办结后再立卷。"
    fonds = filing.fonds_of(case.holder)
    if form.is_valid():
        try:
            file = filing.file_case(case, **form.cleaned_data, by=request.user, at=timezone.now())
        except StepNotAllowed as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, f"档号{file.number}。正在成卷，一分钟左右完成。")
            return redirect("archive_file", file.pk)
    names = code_names(CodeSet.MATTER_CATEGORY)
    context = {
        "case": case,
        "form": form,
        "category": names.get(case.category, case.category),
        "proposed": proposed,
        "reason": reason,
        "fonds": fonds,
        "no_fonds": filing.NO_FONDS,
        "refusal": refusal,
    }
    return render(request, "archive/make.html", context, status=_status(form))


def _status(form: Any) -> int:
    if not form.is_bound:
        return 200
    return 409 if form.non_field_errors() else 422


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def archive_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    step = _step(step_name)
    file = get_archive_file(request, pk, to=step)
    lowering = file.reclasses.filter(granted=None).first() if step is ArchiveStep.RECLASS else None
    kind = LoweringForm if lowering else FORMS[step]
    # A form without questions is bound by being sent.
    form = kind(request.POST if request.method == "POST" else None, file=file)
    if form.is_valid():
        try:
            _take(step, file, form.cleaned_data, request.user, lowering=lowering is not None)
        except StepNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, SAID[step])
            return redirect("archive_file", file.pk)
    context = {
        "file": file,
        "case": file.case,
        "step": step,
        "form": form,
        "not_now": why_not_now(step, ArchiveStage(file.stage)),
        "lowering": lowering,
        "first": file.appraisals.filter(agreed=None).select_related("first_by").first(),
    }
    return render(request, "archive/step.html", context, status=_status(form))


def _step(name: str) -> ArchiveStep:
    try:
        step = ArchiveStep[name.upper()]
    except KeyError:
        raise Http404 from None
    if step not in FORMS:
        raise Http404
    return step


def _take(step: ArchiveStep, file: ArchiveFile, said: dict[str, Any], by: Staff, *, lowering: bool) -> None:
    at = timezone.now()
    match step:
        case ArchiveStep.REFILE:
            classes.refile(file, by=by, at=at)
        case ArchiveStep.RECLASS if lowering:
            classes.decide_lowering(file, **said, by=by, at=at)
        case ArchiveStep.RECLASS:
            classes.change_class(file, **said, by=by, at=at)
        case ArchiveStep.HOLD:
            holding.hold(file, **said, by=by, at=at)
        case ArchiveStep.RELEASE:
            holding.release(file, **said, by=by, at=at)
        case ArchiveStep.APPRAISE:
            appraising.appraise(file, **said, by=by, at=at)
        case ArchiveStep.SECOND:
            appraising.second(file, **said, by=by, at=at)
        case _:
            disposing.destroy(file, by=by, at=at)


@never_cache
@require_POST
def archive_take(request: StaffRequest, pk: UUID, what: str) -> HttpResponse:
    """The volume, the folder or the page apart, with a purpose; sent, not linked, so that nothing fetches it ahead."""
    file = get_archive_file(request, pk)
    require(request.user, Permission.ARCHIVE_FILE)
    if what not in TAKEN_OUT:
        raise Http404
    if what == "annex" and not request.user.may(Permission.ARCHIVE_APPRAISE):
        raise PermissionDenied("保密附页由档案员或妇联分管领导取出。")
    form = DownloadForm(request.POST)
    if not form.is_valid():
        return _file_page(request, file, form=form, status=422)
    if file.stage != ArchiveStage.FILED:
        messages.error(request, "现在没有可以下载的案卷。")
        return redirect("archive_file", file.pk)
    field, ending, content_type, groups = TAKEN_OUT[what]
    content = getattr(ArchiveContent.objects.only(field).get(pk=file.pk), field)
    if not content:
        raise Http404
    told: dict[str, Any] = {"kind": AccessKind.PRINT, "reason": form.cleaned_data["purpose"]}
    at = timezone.now()
    for fields in groups:
        log_access(request.user, file.case, at=at, fields=fields, **told)
    answer = HttpResponse(content, content_type=content_type)
    name = quote(f"{file.number}{'-附' if what == 'annex' else ''}.{ending}")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
def archive_check(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Compute the digests again, or let the worker try again what it could not make."""
    file = get_archive_file(request, pk)
    if file.stage == ArchiveStage.MAKING and file.failed:
        filing.try_again(file)
        messages.success(request, "重新成卷，一分钟左右完成。")
    elif file.stage != ArchiveStage.FILED:
        messages.error(request, "现在没有可以核验的案卷。")
    elif faults := check_file(file):
        messages.error(request, f"核验不通过：{'；'.join(faults)}。请从备份恢复，并查清是谁改动的。")
    else:
        messages.success(request, "核验通过：案卷、文件夹和每件文件都与登记的摘要一致。")
    return redirect("archive_file", file.pk)


@require_http_methods(["GET", "POST"])
def archive_fonds(request: StaffRequest) -> HttpResponse:
    """The fonds number of the reader's own unit."""
    require(request.user, Permission.ARCHIVE_FILE)
    unit = request.user.organisation
    if unit is None:
        raise PermissionDenied("您没有所属单位。")
    now = Fonds.objects.filter(organisation=unit).first()
    initial = {"number": now.number} if now else {}
    form = FondsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        filing.set_fonds(unit, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, "全宗号已登记，以后的档号用它。")
        return redirect("archive")
    used = filing.fonds_of(unit)
    return render(
        request, "archive/fonds.html", {"form": form, "unit": unit, "used": used}, status=_status(form)
    )


def register_page(request: StaffRequest, case: Case) -> HttpResponse:
    """What the page of a case shows once its file is destroyed."""
    file = ArchiveFile.objects.select_related("disposal__by", "disposal__appraisal").get(case=case)
    names = code_names(CodeSet.MATTER_CATEGORY)
    context = {"case": case, "file": file, "category": names.get(case.category, case.category)}
    return render(request, "archive/register.html", context)
