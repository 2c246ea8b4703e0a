"""A station's facts and volunteers, its activities and honours: kept by the station, read by county and city."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stations.actions import standing as verbs
from stations.choices import AdminLevel, OrgKind
from stations.forms import standing as forms
from stations.http import StaffRequest
from stations.models import (
    Activity,
    ChecklistItem,
    Honour,
    Organisation,
    Region,
    Staff,
    StationFacts,
    Volunteer,
    VolunteerService,
)
from stations.offence_checks import WARN, first_day_of_valid_checks
from stations.roles import Permission, Role
from stations.views.access import needs

PAGE = 50
SHOWN = 30


def get_place(request: StaffRequest, pk: int, *permissions: Permission) -> Organisation:
    """The station or point if it is in her sight: else 404; without one of the permissions 403."""
    if not any(request.user.may(permission) for permission in permissions):
        raise PermissionDenied("您的角色不能使用这个页面。")
    seen = Organisation.objects.places_seen_by(request.user).select_related("region", "parent")
    return get_object_or_404(seen, pk=pk)


def get_volunteer(request: StaffRequest, pk: UUID) -> Volunteer:
    """Somebody who serves a station in the reader's sight."""
    if not request.user.may(Permission.STATION_FACTS):
        raise PermissionDenied("您的角色不能使用这个页面。")
    seen = Organisation.objects.places_seen_by(request.user)
    found = Volunteer.objects.filter(pk=pk, stations__in=seen).select_related("staff").first()
    if found is None:
        raise Http404
    return found


# -- lists and the card ---------------------------------------------------------------------------


@require_GET
@needs(Permission.STATION_FACTS)
def station_list(request: StaffRequest) -> HttpResponse:
    """What a county and a city see of their stations; a station sees its own and its points."""
    today = timezone.localdate()
    kind = OrgKind.VILLAGE_POINT if request.GET.get("kind") == "points" else OrgKind.STATION
    counties = _counties(request.user)
    county = request.GET.get("county", "")
    rows = Organisation.objects.places_seen_by(request.user).filter(kind=kind)
    if county in counties:
        rows = rows.filter(region__code__startswith=county)
    page = Paginator(_with_figures(rows, today), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "today": today,
        "counties": counties.items(),
        "county": county,
        "kind": "points" if kind == OrgKind.VILLAGE_POINT else "",
        "tabs": _kinds(kind, county),
        "may_assess": any(map(request.user.may, (Permission.ASSESS_SCORE, Permission.ASSESS_JUDGE))),
        **_pages(page, {"kind": request.GET.get("kind", ""), "county": county}),
    }
    return render(request, "stations/station_list.html", context)


def _with_figures(rows: QuerySet[Organisation], today: date) -> QuerySet[Organisation]:
    """Each with what its line shows, in one statement and two for facts and honours."""
    year = date(today.year, 1, 1)
    serving = Q(volunteers__left_on=None, volunteers__pk__isnull=False)
    # The county asks for a new check before the old one is over.
    late = Q(volunteers__checked_on=None) | Q(
        volunteers__checked_on__lt=first_day_of_valid_checks(today + WARN)
    )
    held = Activity.objects.filter(station=OuterRef("pk"), on__gte=year, on__lte=today).order_by()
    return (
        rows.select_related("region")
        .prefetch_related(
            Prefetch("facts", StationFacts.objects.filter(current=True), "newest_facts"),
            Prefetch("honours", Honour.objects.holding(today).order_by("-valid_from", "pk"), "held_honours"),
        )
        .annotate(
            volunteers_count=Count("volunteers", filter=serving),
            checks_due=Count("volunteers", filter=serving & late),
            activities_count=Coalesce(
                Subquery(held.values("station").annotate(count=Count("pk")).values("count")), 0
            ),
        )
        .order_by("region__code", "pk")
    )


def _counties(user: Staff) -> dict[str, str]:
    """Six digits and name, for a reader above the county."""
    org = user.organisation
    if org is None or org.level <= AdminLevel.COUNTY:
        return {}
    rows = Region.objects.current().filter(code__startswith=org.region_prefix, level=AdminLevel.COUNTY)
    return {code[:6]: name for code, name in rows.order_by("code").values_list("code", "name")}


def _kinds(kind: str, county: str) -> list[dict[str, Any]]:
    asked = f"&county={county}" if county else ""
    return [
        {"label": "维权站", "url": f"?kind={asked}", "current": kind == OrgKind.STATION},
        {"label": "维权工作点", "url": f"?kind=points{asked}", "current": kind == OrgKind.VILLAGE_POINT},
    ]


def _pages(page: Any, asked: Mapping[str, str]) -> dict[str, str]:
    rest = "".join(f"&{name}={value}" for name, value in asked.items() if value)
    return {
        "previous_url": f"?page={page.previous_page_number()}{rest}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}{rest}" if page.has_next() else "",
    }


@require_GET
def station_card(request: StaffRequest, pk: int) -> HttpResponse:
    """What stands on the notice at the door, and below it the way to what is kept of the station."""
    place = get_place(request, pk, Permission.STATION_FACTS)
    today = timezone.localdate()
    facts = _newest(place)
    serving = list(place.volunteers.serving())
    items = ChecklistItem.objects.filter(enabled=True).order_by("sort", "code")
    context = {
        "place": place,
        "facts": facts,
        "checklist": [(item.name, facts is not None and item.code in facts.has) for item in items],
        "honours": place.honours.holding(today).order_by("-valid_from", "pk"),
        "volunteers_count": len(serving),
        "checks_due": sum(one.check_is_running_out(today) for one in serving),
        "activities": place.activities.order_by("-on", "-pk")[:5],
        "versions": place.facts.order_by("-at", "-pk").select_related("by")[:SHOWN],
        "may_name": request.user.may(Permission.ASSESS_MANAGE),
    }
    return render(request, "stations/station_card.html", context)


def _newest(place: Organisation) -> StationFacts | None:
    return place.facts.filter(current=True).select_related("by").first()


# -- keeping them ---------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def station_facts(request: StaffRequest, pk: int) -> HttpResponse:
    place = get_place(request, pk, Permission.STATION_FACTS)
    facts = _newest(place)
    initial = _as_typed(facts) if facts else {name: getattr(place, name) for name in verbs.SHARED}
    initial["last"] = str(facts.pk) if facts else ""
    form = forms.FactsForm(_typed(request), today=timezone.localdate(), initial=initial)
    context = {"place": place, "form": form}
    if not form.is_valid():
        return _form_page(request, "stations/station_facts.html", context, form)
    seen = facts if form.cleaned_data["last"] == initial["last"] else None
    try:
        verbs.keep_facts(place, last=seen, **form.told(), by=request.user, at=timezone.now())
    except verbs.MovedOn as refusal:
        again = request.POST.copy()
        # What was typed stands beside the newest facts: a second press means it.
        again["last"] = initial["last"]
        form = forms.FactsForm(again, today=timezone.localdate())
        form.add_error(None, str(refusal))
        return render(request, "stations/station_facts.html", context | {"form": form}, status=409)
    messages.success(request, "已保存。公示牌上的内容请一并更新。")
    return redirect("station_card", place.pk)


def _as_typed(facts: StationFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in forms.FactsForm.base_fields if name != "last"}


def _typed(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form_page(request: StaffRequest, template: str, context: dict[str, Any], form: Form) -> HttpResponse:
    return render(request, template, context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def station_activities(request: StaffRequest, pk: int) -> HttpResponse:
    """What it did, the newest first, and a line to add one."""
    place = get_place(request, pk, Permission.STATION_FACTS)
    today = timezone.localdate()
    form = forms.ActivityRecordForm(_typed(request), today=today, initial={"on": today, "papers": 0})
    if form.is_valid():
        verbs.record_activity(place, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, "已记下这次活动。")
        return redirect("station_activities", place.pk)
    rows = place.activities.select_related("by").order_by("-on", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"place": place, "form": form, "page": page, **_pages(page, {})}
    return _form_page(request, "stations/station_activities.html", context, form)


# -- volunteers -----------------------------------------------------------------------------------


@require_GET
def station_volunteers(request: StaffRequest, pk: int) -> HttpResponse:
    place = get_place(request, pk, Permission.STATION_FACTS)
    today = timezone.localdate()
    year = Q(services__on__year=today.year, services__station=place)
    rows = place.volunteers.annotate(served=Count("services", filter=year)).order_by(
        "left_on", "joined_on", "pk"
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [(one, one.check_is_running_out(today), one.is_fit_for_minors(today)) for one in page]
    context = {"place": place, "lines": lines, "today": today, **_pages(page, {})}
    return render(request, "stations/station_volunteers.html", context)


@require_http_methods(["GET", "POST"])
def volunteer_new(request: StaffRequest, pk: int) -> HttpResponse:
    place = get_place(request, pk, Permission.STATION_FACTS)
    form = _volunteer_form(request, place, None, _typed(request))
    if not form.is_valid():
        context = {"place": place, "form": form, "volunteer": None}
        return _form_page(request, "stations/volunteer.html", context, form)
    try:
        verbs.keep_volunteer(None, station=place, **form.told(), by=request.user, at=timezone.now())
    except verbs.Refused as refusal:
        form.add_error("staff", str(refusal))
        context = {"place": place, "form": form, "volunteer": None}
        return _form_page(request, "stations/volunteer.html", context, form)
    messages.success(request, "已登记。每次服务后请记下时长和人次。")
    return redirect("station_volunteers", place.pk)


@require_http_methods(["GET", "POST"])
def volunteer(request: StaffRequest, pk: int, volunteer_id: UUID) -> HttpResponse:
    """What is known of her, to be changed, and what she did."""
    place, one = _of_place(request, pk, volunteer_id)
    form = _volunteer_form(request, place, one, _typed(request))
    if not form.is_valid():
        return _volunteer_page(
            request, place, one, form, _service_form(None), status=422 if form.is_bound else 200
        )
    try:
        verbs.keep_volunteer(one, station=place, **form.told(), by=request.user, at=timezone.now())
    except verbs.Refused as refusal:
        form.add_error("staff", str(refusal))
        return _volunteer_page(request, place, one, form, _service_form(None), status=422)
    except verbs.MovedOn as refusal:
        latest = get_volunteer(request, volunteer_id)
        again = request.POST.copy()
        again["version"] = str(latest.version)  # a second press means it
        form = _volunteer_form(request, place, latest, again)
        form.add_error(None, str(refusal))
        return _volunteer_page(request, place, latest, form, _service_form(None), status=409)
    messages.success(request, "已保存。")
    return redirect("station_volunteers", place.pk)


@require_POST
def volunteer_service(request: StaffRequest, pk: int, volunteer_id: UUID) -> HttpResponse:
    place, one = _of_place(request, pk, volunteer_id)
    form = _service_form(request.POST)
    if not form.is_valid():
        known = _volunteer_form(request, place, one, None)
        return _volunteer_page(request, place, one, known, form, status=422)
    verbs.record_service(one, station=place, **form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, "已记下这次服务。")
    return redirect("volunteer", place.pk, one.pk)


def _of_place(request: StaffRequest, pk: int, volunteer_id: UUID) -> tuple[Organisation, Volunteer]:
    place, one = get_place(request, pk, Permission.STATION_FACTS), get_volunteer(request, volunteer_id)
    if not one.stations.filter(pk=place.pk).exists():
        raise Http404
    return place, one


def _volunteer_form(
    request: StaffRequest, place: Organisation, one: Volunteer | None, typed: Any
) -> forms.VolunteerForm:
    others = Organisation.objects.places_seen_by(request.user).exclude(pk=place.pk).order_by("region__code")
    free = Q(volunteer=None) | (Q(volunteer=one) if one else Q())
    accounts = Staff.objects.working().of(place).holding(Role.VOLUNTEER).filter(free).by_name()
    initial: dict[str, Any] = {"joined_on": timezone.localdate()}
    if one is not None:
        names = (name for name in forms.VolunteerForm.base_fields if name not in ("shared_with", "staff"))
        initial = {name: getattr(one, name) for name in names}
        initial |= {"staff": one.staff_id, "shared_with": one.stations.exclude(pk=place.pk)}
        accounts = accounts | Staff.objects.filter(pk=one.staff_id or 0)
    return forms.VolunteerForm(
        typed,
        accounts=accounts,
        others=others.filter(kind=place.kind, region__code__startswith=place.region_id[:6]),
        today=timezone.localdate(),
        initial=initial,
    )


def _service_form(typed: Any) -> forms.ServiceForm:
    today = timezone.localdate()
    return forms.ServiceForm(typed, today=today, initial={"on": today, "persons": 1}, prefix="service")


def _volunteer_page(
    request: StaffRequest,
    place: Organisation,
    one: Volunteer,
    form: forms.VolunteerForm,
    service: forms.ServiceForm,
    *,
    status: int,
) -> HttpResponse:
    seen = Organisation.objects.places_seen_by(request.user)
    services = VolunteerService.objects.filter(volunteer=one, station__in=seen).select_related("station")
    context = {
        "place": place,
        "volunteer": one,
        "form": form,
        "service": service,
        "services": services.order_by("-on", "-pk")[:SHOWN],
        "fit": one.is_fit_for_minors(timezone.localdate()),
    }
    return render(request, "stations/volunteer.html", context, status=status)


# -- honours --------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def station_honours(request: StaffRequest, pk: int) -> HttpResponse:
    place = get_place(request, pk, Permission.ASSESS_MANAGE)
    today = timezone.localdate()
    form = forms.HonourForm(_typed(request), today=today, initial={"valid_from": today})
    if not form.is_valid():
        return _honours_page(request, place, form, forms.WithdrawForm(None, today=today, prefix="withdraw"))
    try:
        verbs.name_station(place, **form.cleaned_data, by=request.user, at=timezone.now())
    except verbs.Refused as refusal:
        form.add_error("kind", str(refusal))
        return _honours_page(request, place, form, forms.WithdrawForm(None, today=today, prefix="withdraw"))
    messages.success(request, "已记下命名。")
    return redirect("station_honours", place.pk)


@require_POST
def honour_withdraw(request: StaffRequest, pk: int, honour_id: UUID) -> HttpResponse:
    place = get_place(request, pk, Permission.ASSESS_MANAGE)
    honour = get_object_or_404(Honour, pk=honour_id, station=place)
    today = timezone.localdate()
    form = forms.WithdrawForm(request.POST, today=today, prefix="withdraw")
    if not form.is_valid():
        return _honours_page(request, place, forms.HonourForm(None, today=today), form)
    try:
        taken = verbs.withdraw_honour(honour, **form.cleaned_data, by=request.user)
    except verbs.Refused as refusal:
        form.add_error(None, str(refusal))
        return _honours_page(request, place, forms.HonourForm(None, today=today), form)
    if taken:
        messages.success(request, "已撤销命名。")
    else:
        messages.warning(request, "同事刚刚已经撤销了。")
    return redirect("station_honours", place.pk)


def _honours_page(
    request: StaffRequest, place: Organisation, form: forms.HonourForm, withdraw: forms.WithdrawForm
) -> HttpResponse:
    rows = place.honours.select_related("by", "withdrawn_by").order_by("-valid_from", "-pk")
    context = {
        "place": place,
        "form": form,
        "withdraw": withdraw,
        "rows": rows,
        "today": timezone.localdate(),
    }
    wrong = form.is_bound or withdraw.is_bound
    return render(request, "stations/station_honours.html", context, status=422 if wrong else 200)
