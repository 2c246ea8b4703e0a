"""The scheme of a year: read by everybody who scores, changed by a further version."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions.assessment.schemes import change_scheme
from cases.forms.assessment import SchemeForm
from cases.models import AssessmentScheme
from cases.views.access import require, require_any
from cases.workflow import StepNotAllowed
from stations.choices import OrgKind
from stations.http import StaffRequest
from stations.roles import Permission

EARLIEST, AHEAD = 2020, 1


def _scheme(request: StaffRequest, year: int) -> AssessmentScheme:
    """What binds the reader's place that year; for a year that has none, the newest there is. Raises Http404."""
    org = request.user.organisation
    if org is None or not EARLIEST <= year <= timezone.localdate().year + AHEAD:
        raise Http404
    years = AssessmentScheme.objects.filter(in_force=True, year__lte=year).values_list("year", flat=True)
    for one in sorted(set(years), reverse=True):
        if found := AssessmentScheme.for_region(one, org.region_id):
            return found
    raise Http404


@require_GET
def assessment_scheme(request: StaffRequest, year: int) -> HttpResponse:
    require_any(request.user, Permission.ASSESS_SCORE, Permission.ASSESS_JUDGE)
    scheme = _scheme(request, year)
    org = request.user.organisation
    may_change = org is not None and org.kind == OrgKind.FEDERATION
    context = {
        "scheme": scheme,
        "year": year,
        "indicators": scheme.indicators.order_by("sort", "code"),
        "may_change": may_change and request.user.may(Permission.ASSESS_MANAGE),
        "versions": AssessmentScheme.objects.filter(
            year=scheme.year, region_prefix=scheme.region_prefix
        ).order_by("-version"),
    }
    return render(request, "assessment/scheme.html", context)


@require_http_methods(["GET", "POST"])
def assessment_scheme_change(request: StaffRequest, year: int) -> HttpResponse:
    require(request.user, Permission.ASSESS_MANAGE)
    scheme, federation = _scheme(request, year), request.user.organisation
    assert federation is not None  # noqa: S101 – _scheme has asked
    initial = {"good_from": scheme.good_from, "pass_from": scheme.pass_from}
    typed = request.POST if request.method == "POST" else None
    form = SchemeForm(typed, indicators=scheme.indicators.order_by("sort", "code"), initial=initial)
    context = {"form": form, "scheme": scheme, "year": year}
    if not form.is_valid():
        return render(request, "assessment/scheme_change.html", context, status=422 if form.is_bound else 200)
    told = {name: form.cleaned_data[name] for name in ("good_from", "pass_from", "reason")}
    try:
        change_scheme(
            scheme,
            form.weights(),
            year=year,
            federation=federation,
            **told,
            by=request.user,
            at=timezone.now(),
        )
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return render(request, "assessment/scheme_change.html", context, status=422)
    messages.success(request, "新方案已生效。已经发起的考核仍按原方案。")
    return redirect("assessment_scheme", year)
