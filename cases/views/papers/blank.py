"""空白表格: the forms to fill in by hand, as Word and PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.documents import built_in, draw_pdf, fill_docx
from cases.forms.papers.blank import BLANKS, blank_form
from cases.views.access import require
from cases.views.papers.doors import MIMES, attachment
from stations.http import StaffRequest
from stations.roles import Permission


@require_GET
def blank_forms(request: StaffRequest) -> HttpResponse:
    require(request.user, Permission.CASE_REGISTER)
    forms = [(name, title) for name, (title, _) in BLANKS.items()]
    return render(request, "papers/blank.html", {"forms": forms})


@require_GET
def blank_form_file(request: StaffRequest, name: str, form: str) -> HttpResponse:
    require(request.user, Permission.CASE_REGISTER)
    if name not in BLANKS or form not in MIMES:
        raise Http404
    at, unit = timezone.now(), request.user.organisation
    sheet = blank_form(name, issuer=unit.name if unit else "", at=at)
    content = draw_pdf(sheet, at=at) if form == "pdf" else fill_docx(built_in(sheet.layout), sheet)
    return attachment(content, f"{BLANKS[name][0]}（空白）.{form}")
