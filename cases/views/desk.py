"""Every role's own first page: what is my turn, what I sent out, what is late."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.choices import ClockStatus, Part, ReferralStatus, Status
from cases.deadlines import china_date
from cases.models import Case, Clock, Referral
from cases.statistics import standing
from cases.views.charts import settled_chart
from cases.views.duty import people_hints
from cases.views.pressing import pressing
from cases.views.proposals import hints_of_desk
from cases.views.queue import WAITING_ABOVE, came_up, decided_by, to_close, to_extend, to_void
from cases.views.rows import COLUMNS, case_rows
from stations.choices import AdminLevel
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

SHOWN = 50
VISIT_SOON = timedelta(days=7)


@require_GET
def desk(request: StaffRequest) -> HttpResponse:
    user = request.user
    if user.is_partner:
        return redirect("referrals")
    for permission, page in (
        (Permission.STAFF_MANAGE, "staff_list"),
        (Permission.CALENDAR_MANAGE, "calendar_now"),
        (Permission.AUDIT_READ, "audit"),
        (Permission.RULES_MANAGE, "rules"),
    ):
        if user.may(permission):
            return redirect(page)
    at = timezone.now()
    if not (user.may(Permission.CASE_READ) or user.may(Permission.CASE_READ_ASSIGNED)):
        return render(request, "cases/figures.html", {"pressing": pressing(user, at), **_figures(user, at)})
    show = request.GET.get("show", "mine")
    sections = {"sent": sent, "overdue": overdue}.get(show, my_turn)(user, at)
    context = {
        "show": show if show in ("sent", "overdue") else "mine",
        "sections": [section for section in sections if section["rows"]],
        "may_register": user.may(Permission.CASE_REGISTER),
        **(people_hints(user, at) if show == "mine" else {}),
        "may_review": user.may(Permission.CASE_REVIEW),
        "pressing": pressing(user, at) if show == "mine" else [],
        "hints": hints_of_desk(user, at) if show == "mine" else [],
        **(_figures(user, at) if user.may(Permission.CASE_REVIEW) and show == "mine" else {}),
    }
    return render(request, "cases/desk.html", context)


def _section(title: str, cases: QuerySet[Case], user: Staff, at: datetime, step: str = "") -> dict[str, Any]:
    rows = cases.order_by(F("due_at").asc(nulls_last=True), "id").values_list(*COLUMNS)[:SHOWN]
    return {"title": title, "rows": case_rows(rows, user, at, step=step)}


def my_turn(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """What waits for this person, the most pressing kind first."""
    visible = Case.objects.visible_to(user)
    held = visible.filter(decided_by(user.organisation))
    found: list[dict[str, Any]] = []
    if user.may(Permission.CASE_ACCEPT):
        found.append(_section("下级上报，待审核", came_up(user), user, at, "审核上报") | {"review": True})
        new = held.filter(status=Status.REGISTERED).exclude(pk__in=came_up(user).values("pk"))
        found.append(_section("新登记，待审核受理", new, user, at, "审核受理"))
    if user.may(Permission.CASE_CLOSE):
        found.append(_section("提请结案，待审核", to_close(user), user, at, "审核结案"))
    if user.may(Permission.CASE_EXTEND):
        found.append(_section("申请延期，待审批", to_extend(user), user, at, "审批延期"))
    if user.may(Permission.CASE_REVIEW):
        found.append(_section("申请作废，待确认", to_void(user), user, at, "确认作废"))
    found.append(_answers(user, at))
    mine = visible.filter(owner=user)
    to_do = mine.filter(status__in=(Status.ACCEPTED, Status.HANDLING), open_referrals=0)
    found.append(_section("我承办的", to_do, user, at))
    for person in user.stands_in_for(china_date(at)):
        hers = visible.filter(owner=person, status__in=(Status.ACCEPTED, Status.HANDLING))
        found.append(_section(f"代办：{person.name}的", hers, user, at))
    joint = visible.filter(
        holdings__staff=user, holdings__until_at=None, holdings__part__in=(Part.CO_OWNER, Part.ASSISTANT)
    ).filter(status__in=Status.open_statuses)
    found.append(_section("我联办、协办的", joint.distinct(), user, at))
    found.append(_visits(user, visible, at))
    elsewhere = (
        mine.filter(status__in=Status.open_statuses)
        .exclude(pk__in=to_do.values("pk"))
        .exclude(referrals__status__in=(ReferralStatus.RESULT, ReferralStatus.OBJECTED))
    )
    found.append(_section("我承办的，正等别人", elsewhere, user, at))
    return found


def _answers(user: Staff, at: datetime) -> dict[str, Any]:
    """Cases whose department has answered or objected: our move."""
    if not user.may(Permission.CASE_REFER):
        return {"title": "", "rows": []}
    answered = Case.objects.visible_to(user).filter(
        Q(owner=user) | Q(referrals__sent_by=user),
        referrals__status__in=(ReferralStatus.RESULT, ReferralStatus.OBJECTED),
    )
    return _section("部门已答复，待核对", answered.distinct(), user, at, "核对部门答复")


def _visits(user: Staff, visible: QuerySet[Case], at: datetime) -> dict[str, Any]:
    """Closed cases whose return visit is due within a week."""
    clocks = Clock.objects.filter(
        case__in=visible.filter(owner=user, status=Status.CLOSED),
        status=ClockStatus.RUNNING,
        monitor=None,
        effective_due__lte=at + VISIT_SOON,
    ).filter(Q(code__startswith="IN-VISIT") | Q(code="IN-REVISIT"))
    return _section("该回访了", visible.filter(pk__in=clocks.values("case")), user, at, "回访")


def sent(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """What went out from this person or her unit and is not finished, and what went up."""
    visible = Case.objects.visible_to(user)
    out = (
        Referral.objects.visible_to(user)
        .open()
        .filter(Q(sent_by=user) | Q(from_org=user.organisation))
        .order_by("sent_at", "pk")
    )
    ids = list(out.values_list("case_id", flat=True)[:SHOWN])
    up = visible.filter(WAITING_ABOVE & Q(escalations__from_org=user.organisation))
    return [
        _section("转交部门、尚未销号", visible.filter(pk__in=ids), user, at),
        _section("已上报、等上级审核", up, user, at),
    ]


def overdue(user: Staff, at: datetime) -> list[dict[str, Any]]:
    visible = Case.objects.visible_to(user).overdue(at)
    mine = visible.filter(owner=user)
    rest = visible.exclude(owner=user)
    return [
        _section("我承办的，已经逾期", mine, user, at),
        _section("本单位和下级的，已经逾期", rest, user, at),
    ]


def _figures(user: Staff, at: datetime) -> dict[str, Any]:
    org = user.organisation
    if org is None:
        return {"standing": []}
    rows = standing(org, at)
    words = "各县（市、区）" if org.level in (AdminLevel.CITY, AdminLevel.PROVINCE) else "各乡镇、街道"
    chart = settled_chart(org, at) if org.level >= AdminLevel.CITY else None
    return {"standing": rows, "standing_title": f"{words}本年情况", "settled": chart}
