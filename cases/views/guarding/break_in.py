"""破门查看: open for some hours a case that is closed to the reader, with a reason that is told at once; judge it later."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions.guarding import break_in as actions
from cases.choices import AccessKind, FieldGroup
from cases.forms.guarding.consent import BreakInForm, JudgeForm
from cases.models import Case, CodeSet, EmergencyAccess, PublicTry, code_names
from cases.views.access import get_break_in, get_case_in_reach, log_access, require, require_any
from cases.views.intake import known_elsewhere
from cases.views.paging import read_cursor, url_after, write_cursor
from cases.views.reveal import open_group
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission
from weiquan.sealing import sm3

WRONG_TRIES = 10
TRIES_WITHIN = timedelta(hours=1)
TOO_OFTEN = "一小时内试了太多次，已告诉安全管理员。请过一小时再试，或者打电话问上级妇联。"
# What may be opened: whatever helps her now. The query code is the petitioner's key, not a reader's.
GROUPS = (
    (FieldGroup.CONTACT, "电话和联系要求"),
    (FieldGroup.IDENTITY, "姓名证件"),
    (FieldGroup.ADDRESS, "住址"),
    (FieldGroup.STORY, "反映内容"),
    (FieldGroup.HANDLING, "办理记录"),
)
SESSION_KEY = "known_elsewhere"
LOOKED_UP_LASTS = timedelta(minutes=10)
PAGE = 50


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("reason")
def break_in(request: StaffRequest, number: str) -> HttpResponse:
    """Ask for the reason; then show the case, to be read and nothing else, until the time is over."""
    require(request.user, Permission.CASE_BREAK_IN)
    at = timezone.now()
    if _is_shut_out(request.user, at):
        return _too_often(request)
    try:
        case = get_case_in_reach(request, number)
    except Http404:
        _count_wrong(request.user, at)
        raise
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return redirect("case", case.number)
    grant = EmergencyAccess.objects.live(at).filter(case=case, staff=request.user).first()
    if grant is not None:
        return _opened(request, case, grant, at)
    return _ask(request, case, at, shown=case.number)


def _ask(request: StaffRequest, case: Case, at: datetime, *, shown: str) -> HttpResponse:
    """The form; of the case it says nothing but the number that was typed, where one was."""
    form = BreakInForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "number": shown, "minutes": settings.BREAK_IN_MINUTES}
        return render(request, "guarding/break_in.html", context, status=422 if form.is_bound else 200)
    try:
        actions.break_in(case, reason=form.cleaned_data["reason"], by=request.user, at=at)
    except StepNotAllowed:
        raise Http404 from None
    return redirect("break_in", case.number)


def _opened(request: StaffRequest, case: Case, grant: EmergencyAccess, at: datetime) -> HttpResponse:
    if "close" in request.POST:
        actions.end_break_in(grant, at=at)
        messages.success(request, "已关闭。这次查看留有记录，由负责人核实。")
        return redirect("desk")
    wanted = request.POST.get("group", "")
    group = next((group for group, _ in GROUPS if group == wanted), None)
    kind, fields = (AccessKind.REVEAL, group) if group else (AccessKind.VIEW, FieldGroup.PAGE)
    reason = grant.reason if group else ""
    log_access(request.user, case, at=at, kind=kind, fields=fields, reason=reason, outside=True)
    context = {
        "case": case,
        "category": code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category),
        "grant": grant,
        "groups": GROUPS,
        "group": group,
        **(open_group(case, group) if group else {}),
    }
    return render(request, "guarding/opened.html", context)


def _key(user: Staff) -> bytes:
    return sm3(f"break-in:{user.pk}".encode())[:16]


def _is_shut_out(user: Staff, at: datetime) -> bool:
    tries = PublicTry.objects.filter(key=_key(user), since_at__gt=at - TRIES_WITHIN)
    return tries.filter(tries__gte=WRONG_TRIES).exists()


def _count_wrong(user: Staff, at: datetime) -> None:
    """One more number that led nowhere; at the last one allowed the security administrators are told."""
    if PublicTry.objects.one_more(_key(user), at=at, within=TRIES_WITHIN) == WRONG_TRIES:
        actions.tell_security(at)


def _too_often(request: StaffRequest) -> HttpResponse:
    context = {"form": None, "number": "", "words": TOO_OFTEN}
    response = render(request, "guarding/break_in.html", context, status=429)
    response["Retry-After"] = str(int(TRIES_WITHIN.total_seconds()))
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def break_in_known(request: StaffRequest) -> HttpResponse:
    """The same from the intake page, by an ID number or a phone that another unit knows: no number is shown before
    the reason is given. With several cases the newest one that is still closed."""
    require(request.user, Permission.CASE_BREAK_IN)
    at = timezone.now()
    if _is_shut_out(request.user, at):
        return _too_often(request)
    if request.method == "POST" and "reason" not in request.POST:
        found = known_elsewhere(request, at)
        if not found:
            _count_wrong(request.user, at)
        request.session[SESSION_KEY] = [at.isoformat(), *map(str, found)]
        return redirect("break_in_known")
    case = _still_closed(request, at)
    if case is None:
        messages.info(request, "没有可以破门查看的案件：别的单位没有登记过此人，或者您已经打开了。")
        return redirect("intake")
    return _ask(request, case, at, shown="")


def _still_closed(request: StaffRequest, at: datetime) -> Case | None:
    looked_up, *ids = request.session.get(SESSION_KEY) or [""]
    if not looked_up or datetime.fromisoformat(looked_up) < at - LOOKED_UP_LASTS:
        return None
    open_now = EmergencyAccess.objects.live(at).filter(staff=request.user)
    return (
        Case.objects.within_reach_of(request.user)
        .filter(pk__in=[UUID(pk) for pk in ids])
        .exclude(pk__in=Case.objects.visible_to(request.user).filter(pk__in=ids).values("pk"))
        .exclude(pk__in=open_now.values("case"))
        .select_related("owner", "holder", "station")
        .order_by("-received_at", "-pk")
        .first()
    )


@require_http_methods(["GET", "POST"])
def break_in_judge(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Was it needed? For the heads of the unit that judges it."""
    found = get_break_in(request, pk)
    form = JudgeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            actions.judge_break_in(found, **form.told(), by=request.user, at=timezone.now())
        except StepNotAllowed as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(request, "核实结论已记入案件。")
            return redirect("reads")
    elif form.is_bound:
        status = 422
    return render(request, "guarding/judge.html", {"found": found, "form": form}, status=status)


@require_GET
def break_ins(request: StaffRequest) -> HttpResponse:
    """Who broke in when, and what was found: for the security and audit administrators; of the case nothing."""
    require_any(request.user, Permission.STAFF_MANAGE, Permission.AUDIT_READ)
    rows = EmergencyAccess.objects.order_by("-at", "-pk")
    after = read_cursor(request.GET.get("after", ""))
    if after and after.moment:
        rows = rows.filter(Q(at__lt=after.moment) | Q(at=after.moment, pk__lt=after.pk))
    columns = ("pk", "at", "until_at", "justified", "judged_at", "staff__name", "unit__name", "judge__name")
    shown = list(rows.values(*columns)[: PAGE + 1])
    last = shown[PAGE - 1] if len(shown) > PAGE else None
    context = {"rows": shown[:PAGE], "first_url": url_after(request, "") if after else "", "next_url": ""}
    if last:
        context["next_url"] = url_after(request, write_cursor(last["at"], last["pk"]))
    return render(request, "guarding/break_ins.html", context)
