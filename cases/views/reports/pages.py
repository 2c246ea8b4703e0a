"""Reports on the screen, on paper, as a file; and the cases behind a figure."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from cases.choices import Span, Status
from cases.deadlines import CHINA, china_date
from cases.documents.sheets import workbook
from cases.forms.reports import OwnWordsForm, ReportForm
from cases.models import CodeSet, code_names
from cases.statistics.figures.behind import behind_figure, measure_known, unheard_of
from cases.statistics.figures.cells import Behind
from cases.statistics.figures.context import Context
from cases.statistics.figures.narrative import OWN
from cases.statistics.figures.periods import Period
from cases.statistics.figures.places import Place, area_of
from cases.statistics.figures.reading import as_of
from cases.statistics.figures.reports import HIDDEN_NOTE, REPORTS, Written, write_report
from cases.views.access import require
from cases.views.paging import url_after
from cases.views.reports.drawn import shown
from cases.views.reports.sheet import sheets
from cases.views.reports.words import DOCX, with_own, word_file
from stations.choices import OrgKind
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `written` is missing while the chooser has something to put right."""

    form: ReportForm
    places: dict[str, Place]
    written: Written | None
    as_of: datetime


@require_GET
def reports(request: StaffRequest) -> HttpResponse:
    asked = _asked(request)
    context = _page(request, asked) | {"form": asked.form, "forced": is_outside(request.user)}
    return render(request, "reports/page.html", context, status=200 if asked.written else 422)


@require_GET
def report_print(request: StaffRequest) -> HttpResponse:
    asked = _written(request)
    back = f"{reverse('reports')}?{request.GET.urlencode()}"
    return render(request, "reports/print.html", _page(request, asked) | {"back": back})


@require_GET
def report_file(request: StaffRequest) -> HttpResponse:
    asked = _written(request)
    assert asked.written is not None  # noqa: S101 – by _written
    told = asked.written
    at = timezone.now()
    unit = request.user.organisation.name if request.user.organisation else ""
    body = workbook(sheets(told, asked.as_of), watermark=f"{unit} {at.astimezone(CHINA):%Y-%m-%d %H:%M}")
    return _attached(body, XLSX, told, "xlsx")


def _attached(body: bytes, kind: str, told: Written, ending: str) -> HttpResponse:
    name = f"{told.context.place.name}{told.report.name}（{told.context.period.label}）.{ending}"
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@require_POST
def report_words(request: StaffRequest) -> HttpResponse:
    """The sentences with her own, to print or as a Word file. What she typed is kept nowhere."""
    asked = _written(request)
    told = asked.written
    if told is None or not told.words:
        raise Http404
    own = OwnWordsForm(request.POST, parts=OWN)
    if not own.is_valid():
        context = _page(request, asked, own) | {"form": asked.form, "forced": is_outside(request.user)}
        return render(request, "reports/page.html", context, status=422)
    words = with_own(told.words, own.cleaned_data)
    if request.POST.get("as") != "docx":
        back = f"{reverse('reports')}?{request.GET.urlencode()}"
        return render(request, "reports/print.html", _page(request, asked) | {"back": back, "words": words})
    as_of = f"{asked.as_of.astimezone(CHINA):%Y年%m月%d日 %H:%M}"
    unit = request.user.organisation.name if request.user.organisation else ""
    return _attached(word_file(told, words, as_of, unit), DOCX, told, "docx")


@require_GET
def report_cases(request: StaffRequest) -> HttpResponse:
    """The cases behind one figure. Who may see figures only may not come here."""
    require(request.user, Permission.CASE_READ)
    asked = _written(request)
    assert asked.written is not None  # noqa: S101 – by _written
    context = asked.written.context
    behind = _behind(request, asked.places)
    if is_outside(request.user):
        raise PermissionDenied("您的角色只看汇总数字。")
    found = behind_figure(
        behind, context.period, request.user, asked.as_of, after=request.GET.get("after", "")[:32]
    )
    names = code_names(CodeSet.MATTER_CATEGORY)
    rows = [
        (entry, names.get(entry.category, entry.category), Status(entry.status).label)
        for entry in found.entries
    ]
    query = request.GET.copy()
    for name in ("of", "measure", "dim", "after"):
        query.pop(name, None)
    told = {
        "found": found,
        "rows": rows,
        "report": asked.written.report,
        "context": context,
        "of": asked.places[behind.place].name,
        "back": f"{reverse('reports')}?{query.urlencode()}",
        "next_url": url_after(request, found.following) if found.following else "",
        "first_url": url_after(request, "") if request.GET.get("after") else "",
    }
    return render(request, "reports/cases.html", told)


def is_outside(user: Staff) -> bool:
    """Whether her tables go beyond the federation: she belongs to a department, or to the office of the conference."""
    org = user.organisation
    of_department = org is not None and org.kind == OrgKind.DEPARTMENT
    return of_department or (user.may(Permission.CONFERENCE_MANAGE) and not user.may(Permission.CASE_READ))


def _asked(request: StaffRequest, *, tables: bool = True) -> Asked:
    """Raises PermissionDenied; Http404 for a place that her organisation does not cover."""
    user = request.user
    require(user, Permission.CASE_FIGURES)
    area = area_of(user.organisation)
    places = area.places
    if not places:
        raise PermissionDenied("您的单位没有可以统计的范围。")
    place = request.GET.get("place")
    if place and place not in {one.code for one in places}:
        raise Http404
    now = timezone.now()
    form = ReportForm(
        request.GET.dict(),
        reports=[(report.code, report.name) for report in REPORTS.values()],
        places=[(one.code, one.name) for one in places],
        today=china_date(now),
        free=not is_outside(user),
    )
    by_code = {one.code: one for one in places}
    counted = as_of(now)
    if not form.is_valid():
        return Asked(form, by_code, None, counted)
    told = form.cleaned_data
    place_of, parts = by_code[told["place"]], area.parts[told["place"]]
    context = Context(place_of, parts, _period(form), counted, unheard_of(user))
    outside = told["outside"] or is_outside(user)
    report = REPORTS[told["report"]]
    written = (
        write_report(report, context, outside=outside)
        if tables
        else Written(report, context, [], hidden=False)
    )
    return Asked(form, by_code, written, counted)


def _period(form: ReportForm) -> Period:
    told = form.cleaned_data
    if told["span"] == Span.FREE:
        return Period.between(told["first"], told["last"])
    return Period.of(Span(told["span"]), told["year"], form.number)


def _written(request: StaffRequest) -> Asked:
    """Raises Http404 where the address asks for no report."""
    asked = _asked(request, tables=request.resolver_match.url_name != "report_cases")  # type: ignore[union-attr]
    if asked.written is None:
        raise Http404
    return asked


def _behind(request: StaffRequest, places: dict[str, Place]) -> Behind:
    """Raises Http404 for a figure that is none, or of a place that is not hers."""
    place, measure = request.GET.get("of", ""), request.GET.get("measure", "")
    if place not in places or not measure_known(measure):
        raise Http404
    return Behind(place, measure, tuple(dim[:60] for dim in request.GET.getlist("dim") if dim.isprintable()))


def _page(request: StaffRequest, asked: Asked, own: OwnWordsForm | None = None) -> dict[str, object]:
    written = asked.written
    if written is None:
        return {"tables": []}
    user = request.user
    drills = user.may(Permission.CASE_READ) and not is_outside(user)
    query = request.GET.urlencode() or urlencode({"place": written.context.place.code})
    return {
        "report": written.report,
        "place": written.context.place,
        "period": written.context.period,
        "tables": [shown(table, query if drills else "") for table in written.tables],
        "words": written.words,
        "own": own or OwnWordsForm(None, parts=OWN),
        "as_of": asked.as_of,
        "hidden_note": HIDDEN_NOTE if written.hidden else "",
        "query": query,
        "charts": written.report.code == "charts",
    }
