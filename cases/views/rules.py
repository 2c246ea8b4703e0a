"""Pages beside the cases: the rules of law, who read what, whether the server lives."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions.redating import AT_ONCE, carry_out, order_redating, preview
from cases.actions.rules import add_variant, change_plan, change_rule
from cases.choices import ClockFamily, ClockTopic
from cases.forms.rules import PlanForm, RedateForm, RuleFilter, RuleForm, VariantForm
from cases.models import Access, Clock, ClockRule, Event, Redating, ReminderPlan
from cases.permissions import why_not_rule
from cases.seeds import RULES_FROM
from cases.views.access import require
from cases.views.paging import read_id
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest
from stations.models import Region
from stations.roles import Permission

PAGE = 100


@require_GET
def rules(request: StaffRequest) -> HttpResponse:
    """Every period of law and promise, family by family; versions that no longer bind are on the page of their rule."""
    require(request.user, Permission.RULES_READ)
    at = timezone.now()
    form = RuleFilter(request.GET)
    found = [rule for rule in _current(at) if _fits(rule, form.chosen())]
    running = _running() if request.user.may(Permission.RULES_MANAGE) else None
    names = _region_names({rule.region_prefix for rule in found})
    rows = [_row(rule, at, names, running) for rule in found]
    families = [
        (family.label, [(topic.label, part) for topic in ClockTopic if (part := _part(rows, family, topic))])
        for family in ClockFamily
    ]
    context = {
        "form": form,
        "families": [(label, topics) for label, topics in families if topics],
        "counts": running is not None,
        "plans": ReminderPlan.objects.order_by("pk") if running is not None else [],
    }
    return render(request, "cases/rules.html", context)


def _current(at: datetime) -> list[ClockRule]:
    """What binds now or will, the newest version of each."""
    newest: dict[tuple[str, str], ClockRule] = {}
    for rule in ClockRule.objects.select_related("plan").order_by("code", "region_prefix", "version"):
        key = (rule.code, rule.region_prefix)
        if key not in newest or rule.effective_from <= at:
            newest[key] = rule
    return list(newest.values())


def _fits(rule: ClockRule, chosen: dict[str, str]) -> bool:
    only = {
        "unverified": not rule.verified,
        "local": bool(rule.region_prefix),
        "changed": rule.made_by_id is not None,
    }
    words = f"{rule.code} {rule.name} {rule.source} {rule.bound}".lower()
    return (
        chosen["family"] in ("", rule.family)
        and chosen["topic"] in ("", rule.topic)
        and only.get(chosen["only"], True)
        and chosen["q"].strip().lower() in words
    )


def _running() -> Counter[tuple[str, str]]:
    """How many clocks run on each rule, whatever its version."""
    counts: Counter[tuple[str, str]] = Counter()
    live = Clock.objects.live().values_list("rule__code", "rule__region_prefix")
    for code, prefix, count in live.annotate(count=Count("pk")).order_by():
        counts[code, prefix] += count
    return counts


def _region_names(prefixes: set[str]) -> dict[str, str]:
    codes = {f"{prefix:0<12}": prefix for prefix in prefixes if prefix}
    rows = Region.objects.filter(code__in=codes).values_list("code", "name")
    return {codes[code]: name for code, name in rows} | {"": "全国"}


def _row(
    rule: ClockRule, at: datetime, names: dict[str, str], running: Counter[tuple[str, str]] | None = None
) -> dict[str, Any]:
    return {
        "rule": rule,
        "place": names.get(rule.region_prefix, rule.region_prefix),
        "since": None if rule.effective_from == RULES_FROM else rule.effective_from,
        "coming": rule.effective_from > at,
        "running": running[rule.code, rule.region_prefix] if running is not None else None,
    }


def _part(rows: list[dict[str, Any]], family: ClockFamily, topic: ClockTopic) -> list[dict[str, Any]]:
    return [row for row in rows if (row["rule"].family, row["rule"].topic) == (family, topic)]


def _get_rule(pk: int) -> ClockRule:
    rule = ClockRule.objects.select_related("plan", "made_by").filter(pk=pk).first()
    if rule is None:
        raise Http404
    return rule


@require_GET
def rule(request: StaffRequest, pk: int) -> HttpResponse:
    """One rule with all its versions, its neighbours of other regions and the acts that moved clocks onto it."""
    require(request.user, Permission.RULES_READ)
    found = _get_rule(pk)
    at = timezone.now()
    versions = list(ClockRule.objects.versions_of(found).select_related("made_by", "plan"))
    others = list(
        ClockRule.objects.filter(code=found.code).exclude(region_prefix=found.region_prefix).order_by("region_prefix", "version")
    )  # fmt: skip
    names = _region_names({row.region_prefix for row in [found, *others]})
    acts = Redating.objects.filter(rule__in=versions).select_related("by", "rule").order_by("-id")
    newest = versions[0] == found
    context = {
        "row": _row(found, at, names),
        "versions": [_row(version, at, names) for version in versions],
        "others": [_row(other, at, names) for other in others],
        "acts": acts,
        "newest": newest,
        "may_change": newest and not why_not_rule(request.user, found.region_prefix),
        "why_not": why_not_rule(request.user, found.region_prefix),
        "may_redate": found.binds(at, found.region_prefix) and not why_not_rule(request.user, found.region_prefix),
        "places": _places(request, found),
        "running": Clock.objects.live().filter(rule__in=versions).count() if request.user.may(Permission.RULES_MANAGE) else None,
    }  # fmt: skip
    return render(request, "cases/rule.html", context)


def _places(request: StaffRequest, found: ClockRule) -> list[tuple[str, str]]:
    """The reader's own region and those right below it that have no rule of their own yet."""
    org = request.user.organisation
    if org is None or not request.user.may(Permission.RULES_MANAGE):
        return []
    taken = set(ClockRule.objects.filter(code=found.code).values_list("region_prefix", flat=True))
    near = [org.region, *Region.objects.filter(parent=org.region).order_by("code")]
    return [
        (region.prefix, region.name)
        for region in near
        if region.prefix not in taken
        and region.prefix.startswith(found.region_prefix)
        and not why_not_rule(request.user, region.prefix)
    ]


@require_http_methods(["GET", "POST"])
def rule_change(request: StaffRequest, pk: int) -> HttpResponse:
    """A change is a new version beside the old one."""
    require(request.user, Permission.RULES_MANAGE)
    found = _get_rule(pk)
    if refusal := why_not_rule(request.user, found.region_prefix):
        raise PermissionDenied(refusal)
    form = RuleForm(request.POST if request.method == "POST" else None, rule=found)
    return _write(request, found, form, "修改规则")


@require_http_methods(["GET", "POST"])
def rule_variant(request: StaffRequest, pk: int) -> HttpResponse:
    """A region's own rule, which goes before the wider one there."""
    require(request.user, Permission.RULES_MANAGE)
    found = _get_rule(pk)
    places = _places(request, found)
    if not places:
        raise PermissionDenied("您能定规则的地方都已经有这一项的地方规则，或者不在它的适用范围内。")
    return _write(
        request,
        found,
        VariantForm(request.POST if request.method == "POST" else None, rule=found, places=places),
        "定地方规则",
    )


def _write(request: StaffRequest, found: ClockRule, form: RuleForm, title: str) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            verb = add_variant if isinstance(form, VariantForm) else change_rule
            try:
                made = verb(found, by=request.user, at=timezone.now(), **form.values())
            except StepNotAllowed as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(
                    request, "已存为新的版本。正在计时的期限不变，需要按新版本重算的，请看“重算”。"
                )
                return redirect("rule", made.pk)
    return render(
        request, "cases/rule_form.html", {"rule": found, "form": form, "title": title}, status=status
    )


@require_http_methods(["GET", "POST"])
def rule_redate(request: StaffRequest, pk: int) -> HttpResponse:
    """What re-dating the running clocks onto this version would move; confirming it is the recorded act."""
    require(request.user, Permission.RULES_MANAGE)
    found = _get_rule(pk)
    if refusal := why_not_rule(request.user, found.region_prefix):
        raise PermissionDenied(refusal)
    at = timezone.now()
    told = preview(Redating(rule=found), at)
    form = RedateForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and told.moves:
            return _order(request, found, form, at)
        status = 422
    context = {"rule": found, "told": told, "form": form, "binds": found.binds(at, found.region_prefix)}
    return render(request, "cases/rule_redate.html", context, status=status)


def _order(request: StaffRequest, found: ClockRule, form: RedateForm, at: datetime) -> HttpResponse:
    act = order_redating(rule=found, by=request.user, at=at, **form.cleaned_data)
    messages.success(request, redated_words(act, done=carry_out(act, at, most=AT_ONCE)))
    return redirect("rule", found.pk)


def redated_words(act: Redating, *, done: bool) -> str:
    act.refresh_from_db()
    said = f"已重算{act.cases}件案件的{act.clocks}个期限，承办人都已收到提示。"
    return said if done else f"{said}其余的会在十分钟内继续重算。"


@require_http_methods(["GET", "POST"])
def rule_plan(request: StaffRequest, pk: int) -> HttpResponse:
    """How reminders come: one plan, for all rules that have it."""
    require(request.user, Permission.RULES_MANAGE)
    plan = ReminderPlan.objects.select_related("changed_by").filter(pk=pk).first()
    if plan is None:
        raise Http404
    if refusal := why_not_rule(request.user, ""):
        raise PermissionDenied(refusal)
    form = PlanForm(request.POST if request.method == "POST" else None, plan=plan)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            change_plan(plan, fields=form.own(), rungs=form.rungs(), by=request.user, at=timezone.now())
            messages.success(request, "提醒方案已保存，各期限从下一次提醒起按它办。")
            return redirect(reverse("rules"))
        status = 422
    used = ClockRule.objects.filter(plan=plan, effective_to=None).order_by("code")
    return render(request, "cases/rule_plan.html", {"plan": plan, "form": form, "used": used}, status=status)


@require_GET
def audit(request: StaffRequest) -> HttpResponse:
    """Who read and who did what, by number only: the audit administrator sees no case."""
    require(request.user, Permission.AUDIT_READ)
    before = read_id(request.GET.get("before", ""))
    show = "events" if request.GET.get("show") == "events" else "accesses"
    model = Event if show == "events" else Access
    people = ("case", "by", "unit") if show == "events" else ("case", "staff", "unit")
    rows = model.objects.select_related(*people).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE + 1])
    context = {
        "rows": page[:PAGE],
        "show": show,
        "next_before": page[PAGE - 1].pk if len(page) > PAGE else "",
    }
    return render(request, "cases/audit.html", context)


@login_not_required
@require_GET
def healthz(request: StaffRequest) -> HttpResponse:
    """For the process manager: the server answers and the database too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
