"""The working calendar: a year on one page, its holiday notice, single days."""

from calendar import Calendar as Weeks
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from stations.actions.calendar import announce_year, calendar_if, set_day
from stations.calendar_watch import Days, watching
from stations.choices import DayKind
from stations.forms.calendar import PLAIN, DayForm, NoticeForm
from stations.http import StaffRequest
from stations.models import CalendarYear, Holiday
from stations.roles import Permission
from stations.views.access import needs

EARLIEST, LATEST = 2004, 2099
SATURDAY = 5


@dataclass(frozen=True)
class Cell:
    """A day as the year page shows it. kind: rest, work, weekend, plain; blank cells fill the first week."""

    day: date
    kind: str
    name: str = ""
    blank: bool = False
    today: bool = False


@require_GET
@needs(Permission.CALENDAR_MANAGE)
def calendar_now(request: StaffRequest) -> HttpResponse:
    return redirect("calendar_year", timezone.localdate().year)


@require_GET
@needs(Permission.CALENDAR_MANAGE)
def calendar_year(request: StaffRequest, year: int) -> HttpResponse:
    return _year_page(request, year)


@require_POST
@needs(Permission.CALENDAR_MANAGE)
def calendar_notice(request: StaffRequest, year: int) -> HttpResponse:
    _check_year(year)
    form = NoticeForm(request.POST, year=year, today=timezone.localdate())
    if not form.is_valid():
        return _year_page(request, year, notice_form=form)
    notice = form.cleaned_data["text"]
    named = [*notice.rest, *notice.work, date(year, 1, 1), date(year, 12, 31)]
    change = partial(
        announce_year,
        notice,
        notice_no=form.cleaned_data["notice_no"],
        announced_on=form.cleaned_data["announced_on"],
        by=request.user,
        at=timezone.now(),
    )
    return _apply(request, year, change, (min(named), max(named)), f"{year}年放假安排已录入。")


@require_POST
@needs(Permission.CALENDAR_MANAGE)
def calendar_day(request: StaffRequest, year: int) -> HttpResponse:
    _check_year(year)
    form = DayForm(request.POST, year=year)
    if not form.is_valid():
        return _year_page(request, year, day_form=form)
    kind = form.cleaned_data["kind"]
    day = form.cleaned_data["day"]
    change = partial(
        set_day,
        day,
        None if kind == PLAIN else DayKind(kind),
        form.cleaned_data["name"],
        by=request.user,
        at=timezone.now(),
    )
    return _apply(request, year, change, (day, day), f"{day:%Y-%m-%d} 已修改。")


def _apply(
    request: StaffRequest, year: int, change: Callable[[], None], days: Days, done: str
) -> HttpResponse:
    """Save at once what moves nothing; what moves running periods is shown first and saved when it is confirmed."""
    watcher, at = watching.watcher, timezone.now()
    effect = watcher.effect(days, calendar_if(change), at) if watcher else None
    if watcher and effect and effect.moves and not request.POST.get("confirmed"):
        typed = [pair for pair in request.POST.items() if pair[0] not in ("csrfmiddlewaretoken", "confirmed")]
        context = {"year": year, "effect": effect, "template": watcher.template, "typed": typed}
        return render(request, "stations/calendar_confirm.html", context)
    with transaction.atomic():
        change()
        if watcher and effect and effect.moves:
            may_shorten = bool(request.POST.get("may_shorten"))
            done += watcher.changed(days, may_shorten=may_shorten, reason=done, by=request.user, at=at)
    messages.success(request, done)
    return redirect("calendar_year", year)


def _check_year(year: int) -> None:
    if not EARLIEST <= year <= LATEST:
        raise Http404


def _year_page(
    request: StaffRequest, year: int, notice_form: NoticeForm | None = None, day_form: DayForm | None = None
) -> HttpResponse:
    _check_year(year)
    today = timezone.localdate()
    bound = notice_form is not None or day_form is not None
    context = {
        "year": year,
        "months": months(year, today),
        "announced": CalendarYear.objects.filter(year=year).first(),
        "notice_form": notice_form or NoticeForm(year=year, today=today),
        "day_form": day_form or DayForm(year=year),
        "notice_open": notice_form is not None,
        "day_open": day_form is not None,
        "previous_url": reverse("calendar_year", args=[year - 1]) if year > EARLIEST else "",
        "next_url": reverse("calendar_year", args=[year + 1]) if year < LATEST else "",
    }
    return render(request, "stations/calendar.html", context, status=422 if bound else 200)


def months(year: int, today: date) -> list[tuple[int, list[list[Cell]]]]:
    """Twelve months as weeks of seven cells, Monday first."""
    special = {row.date: row for row in Holiday.objects.filter(date__year=year)}
    weeks = Weeks()
    return [
        (
            month,
            [
                [_cell(day, month, special, today) for day in week]
                for week in weeks.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def _cell(day: date, month: int, special: dict[date, Holiday], today: date) -> Cell:
    if day.month != month:
        return Cell(day, "plain", blank=True)
    row = special.get(day)
    if row:
        return Cell(day, row.kind.lower(), row.name, today=day == today)
    return Cell(day, "weekend" if day.weekday() >= SATURDAY else "plain", today=day == today)
