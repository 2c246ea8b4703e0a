"""Search: asked by POST, because what is looked for may be a person's name, and a URL is kept by the browser."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases.choices import AccessKind, FieldGroup
from cases.forms.search import SearchForm
from cases.models import Case
from cases.search import MOST_HITS, TooShort, find_cases
from cases.views.access import log_hits, require
from cases.views.rows import COLUMNS, case_rows
from stations.http import StaffRequest
from stations.roles import Permission


@require_http_methods(["GET", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    require(request.user, Permission.CASE_SEARCH)
    form = SearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form, "asked": False, "most": MOST_HITS}
    if not form.is_valid():
        return render(request, "cases/search.html", context, status=422 if form.is_bound else 200)
    try:
        found = find_cases(request.user, form.cleaned_data["q"])
    except TooShort as refusal:
        form.add_error("q", str(refusal))
        return render(request, "cases/search.html", context, status=422)
    at = timezone.now()
    lines = list(found.cases.order_by("-received_at", "-id").values_list(*COLUMNS)[: MOST_HITS + 1])
    rows = case_rows(lines[:MOST_HITS], request.user, at, of_respondents=found.of_respondents)
    if found.by_number and rows:
        return redirect(rows[0]["url"])
    if found.number and Case.objects.closed_to(request.user).filter(number=found.number).exists():
        return redirect("case", found.number)  # which says whom to ask
    shown = [line[0] for line in lines[:MOST_HITS]]
    log_hits(request.user, shown, at=at, kind=AccessKind.SEARCH, fields=FieldGroup.IDENTITY)
    context |= {"asked": True, "rows": rows, "truncated": found.more or len(lines) > MOST_HITS}
    return render(request, "cases/search.html", context)
