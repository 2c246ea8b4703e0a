"""回避申报: read and written by the person herself, and by nobody else."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from stations.actions import ties as actions
from stations.forms.ties import TieForm
from stations.http import StaffRequest
from stations.models import Tie


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def ties(request: StaffRequest) -> HttpResponse:
    form = TieForm(request.POST if request.method == "POST" else None, staff=request.user)
    if not form.is_valid():
        rows = Tie.objects.filter(staff=request.user).order_by("at", "pk")
        context = {"form": form, "rows": rows}
        return render(request, "stations/ties.html", context, status=422 if form.is_bound else 200)
    actions.declare_tie(request.user, **form.cleaned_data, at=timezone.now())
    messages.success(request, "已申报。以后登记的案件会自动比对。")
    return redirect("ties")


@require_POST
def tie_remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is not hers is not there."""
    if not actions.remove_tie(request.user, pk):
        raise Http404
    messages.success(request, "已删去。已经作出的回避不因此解除。")
    return redirect("ties")
