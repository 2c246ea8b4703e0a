"""Old ledgers coming in: upload, columns, the report of the dry run, the import, and taking it back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import tasks
from cases.actions.ledgers import incoming
from cases.choices import ImportStatus, RowState
from cases.documents import Column, Kind, Sheet, workbook
from cases.forms.ledgers.incoming import MappingForm, UploadForm, WordsForm
from cases.forms.ledgers.reading import LIMITS
from cases.models import LedgerImport
from cases.views.access import require
from cases.views.ledgers.export import attachment
from cases.views.paging import read_id
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest
from stations.roles import Permission

SHOWN = 30
LINES = 200
PROBLEMS = (RowState.BAD, RowState.REPEATED, RowState.KNOWN)


def get_import(request: StaffRequest, pk: UUID) -> LedgerImport:
    """An upload of her own unit. Raises Http404, PermissionDenied."""
    require(request.user, Permission.LEDGER_IMPORT)
    rows = LedgerImport.objects.visible_to(request.user).select_related("unit__region", "by", "imported_by")
    found = rows.defer("file").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@never_cache
@require_http_methods(["GET", "POST"])
def ledger_imports(request: StaffRequest) -> HttpResponse:
    """What was uploaded before, and the form for the next file."""
    require(request.user, Permission.LEDGER_IMPORT)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            upload = incoming.keep_upload(
                told["data"],
                name=told["file"].name,
                sheets=told["sheets"],
                by=request.user,
                at=timezone.now(),
            )
        except StepNotAllowed as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("ledger_import", upload.pk)
    found = LedgerImport.objects.visible_to(request.user).order_by("-at", "-pk").select_related("by")
    context = {"form": form, "uploads": found.defer("file", "outline")[:SHOWN], "limits": LIMITS}
    return render(request, "ledgers/imports.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_GET
def ledger_import(request: StaffRequest, pk: UUID) -> HttpResponse:
    upload = get_import(request, pk)
    if request.htmx:  # how far it is; when it is done the whole page comes anew
        if upload.status in ImportStatus.at_work:
            return render(request, "ledgers/_import_progress.html", {"upload": upload})
        answer = HttpResponse(status=200)
        answer["HX-Refresh"] = "true"
        return answer
    return _page(request, upload)


def _page(
    request: StaffRequest, upload: LedgerImport, *, form: Any = None, words: Any = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"upload": upload, "at_work": upload.status in ImportStatus.at_work}
    if upload.status == ImportStatus.UPLOADED or form is not None or "columns" in request.GET:
        context |= _columns(request, upload, form)
    elif upload.status == ImportStatus.CHECKED:
        context |= _report(upload) | {"words_form": words or WordsForm(upload=upload)}
    elif upload.status == ImportStatus.DONE:
        refusal = incoming.why_not_take_back(upload)
        context |= {"tally": incoming.tally(upload), "why_not_back": refusal or upload.failure}
    return render(request, "ledgers/import.html", context, status=status)


def _sheet(request: StaffRequest, upload: LedgerImport) -> dict[str, Any]:
    """The sheet asked for, else the one chosen before, else the longest."""
    asked = read_id(request.POST.get("sheet") or request.GET.get("sheet", ""))
    sheets: list[dict[str, Any]] = upload.outline
    chosen = asked if asked is not None else upload.sheet if upload.mapping else None
    longest = max(sheets, key=lambda one: one["rows"])
    return next((one for one in sheets if one["index"] == chosen), longest)


def _columns(request: StaffRequest, upload: LedgerImport, form: Any) -> dict[str, Any]:
    if upload.status not in ImportStatus.undecided:
        return {}
    sheet = _sheet(request, upload)
    remembered = incoming.memory_of(upload.unit).titles
    started = {name: getattr(upload, name) for name in ("anonymous_ok", "known_too", "default_year")}
    return {
        "form": form or MappingForm(sheet=sheet, remembered=remembered, initial=started),
        "sheet": sheet,
        "sheets": upload.outline,
    }


def _report(upload: LedgerImport) -> dict[str, Any]:
    problems = upload.rows.filter(state__in=PROBLEMS).order_by("line")
    warned = upload.rows.filter(state=RowState.GOOD, warned=True).order_by("line")
    return {
        "tally": incoming.tally(upload),
        "problems": problems.only("line", "state", "faults", "warnings")[:LINES],
        "warned": warned.only("line", "state", "warnings")[:LINES],
        "shown": LINES,
        "unknown": upload.unknown,
    }


@never_cache
@require_POST
def ledger_import_do(request: StaffRequest, pk: UUID, step: str) -> HttpResponse:
    """One step of an import, by its name in the address."""
    upload = get_import(request, pk)
    if step not in STEPS:
        raise Http404
    try:
        answer = STEPS[step](request, upload)
    except StepNotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("ledger_import", pk)
    if answer is not None:
        return answer
    tasks.look_at_ledgers_soon()
    return redirect("ledger_import", pk)


def _map(request: StaffRequest, upload: LedgerImport) -> HttpResponse | None:
    sheet = _sheet(request, upload)
    form = MappingForm(request.POST, sheet=sheet, remembered={})
    if not form.is_valid():
        return _page(request, upload, form=form, status=422)
    incoming.order_check(upload, sheet=sheet["index"], **form.cleaned_data)
    return None


def _words(request: StaffRequest, upload: LedgerImport) -> HttpResponse | None:
    form = WordsForm(request.POST, upload=upload)
    if not form.is_valid():
        return _page(request, upload, words=form, status=422)
    incoming.map_words(upload, form.words())
    return None


def _import(request: StaffRequest, upload: LedgerImport) -> None:
    incoming.order_import(upload, by=request.user, at=timezone.now())


def _back(request: StaffRequest, upload: LedgerImport) -> None:
    incoming.order_taking_back(upload, by=request.user, at=timezone.now())


def _drop(request: StaffRequest, upload: LedgerImport) -> HttpResponse:
    incoming.drop(upload)
    messages.success(request, "已放弃这次导入，文件和读出的内容已清除。")
    return redirect("ledger_imports")


STEPS: dict[str, Callable[[StaffRequest, LedgerImport], HttpResponse | None]] = {
    "map": _map,
    "words": _words,
    "import": _import,
    "back": _back,
    "drop": _drop,
}


@never_cache
@require_GET
def ledger_import_report(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The lines that are not imported and why, for putting them right in the file. Names nobody."""
    upload = get_import(request, pk)
    rows = upload.rows.filter(state__in=PROBLEMS).order_by("line").only("line", "state", "faults", "warnings")
    columns = (Column("行号", 8, Kind.NUMBER), Column("结论", 18), Column("问题", 90))
    sheet = Sheet(
        name="不导入的行",
        title="台账导入核对报告",
        unit=upload.unit.name,
        period=f"{timezone.localtime(upload.at):%Y-%m-%d} 上传",
        columns=columns,
        rows=([row.line, row.get_state_display(), "；".join((*row.faults, *row.warnings))] for row in rows),
        notes=("行号是原文件中的行号。改好后把整个文件重新上传即可，已导入的行不会重复导入。",),
    )
    when = timezone.localtime()
    watermark = f"{upload.unit.name} 人员{request.user.pk:05d} {when:%Y-%m-%d %H:%M}"
    return attachment(workbook([sheet], watermark=watermark), "台账导入核对报告.xlsx")
