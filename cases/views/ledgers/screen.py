"""A ledger on screen: the chooser, one page of rows, personal values masked. Pages by key."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.actions.ledgers.books import LEDGERS, ledgers_for
from cases.actions.ledgers.ledger import Ledger, Scope, units_within_reach
from cases.forms.ledgers.choice import LedgerChoice
from cases.models import LedgerExport
from cases.views.access import require
from cases.views.paging import read_cursor, url_after, write_cursor
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

PAGE = 30
# Nobody reads a bigger number, and counting further would cost more than the page.
MOST_COUNTED = 10_000
MY_EXPORTS = 5


def choice_of(request: StaffRequest) -> tuple[LedgerChoice, Ledger, Scope]:
    """What the address asks for, within the reader's reach."""
    user = request.user
    offered: dict[str, Any] = {
        "ledgers": [(ledger.code, ledger.name) for ledger in ledgers_for(user)],
        "units": units_within_reach(user),
        "today": timezone.localdate(),
    }
    form = LedgerChoice(request.GET or None, **offered)
    told = form.chosen()
    if not form.errors:  # say what really stands below, defaults included
        form = LedgerChoice(initial=_values(told, user), **offered)
    unit = told["unit"] or user.organisation
    assert unit is not None  # noqa: S101 – asked of people of a unit only
    scope = Scope(unit, told["since"], told["until"], told["below"])
    return form, LEDGERS[told["ledger"]], scope


def _values(told: dict[str, Any], user: Staff) -> dict[str, Any]:
    return {
        "ledger": told["ledger"],
        "unit": told["unit"].pk if told["unit"] else user.organisation_id,
        "below": "1" if told["below"] else "0",
        "since": told["since"].isoformat(),
        "until": told["until"].isoformat(),
    }


def query_of(ledger: Ledger, scope: Scope) -> str:
    return urlencode(
        {
            "ledger": ledger.code,
            "unit": scope.unit.pk,
            "below": "1" if scope.below else "0",
            "since": scope.since.isoformat(),
            "until": scope.until.isoformat(),
        }
    )


@require_GET
def ledgers(request: StaffRequest) -> HttpResponse:
    user = request.user
    require(user, Permission.LEDGER_READ)
    form, ledger, scope = choice_of(request)
    found = ledger.ordered(user, scope, newest=True)
    cursor = read_cursor(request.GET.get("after", ""))
    rows = found
    if cursor and cursor.moment:
        rows = ledger.after(found, cursor.moment, cursor.pk, newest=True)
    page = list(rows[: PAGE + 1])
    latest = page[PAGE - 1] if len(page) > PAGE else None
    context = {
        "form": form,
        "ledger": ledger,
        "scope": scope,
        "heads": [entry.title for entry in ledger.entries],
        "rows": _rows(ledger, page[:PAGE]),
        "count": _count(found),
        "may_export": user.may(Permission.LEDGER_EXPORT),
        "may_import": user.may(Permission.LEDGER_IMPORT),
        "export_url": f"{reverse('ledger_export')}?{query_of(ledger, scope)}",
        "exports": _mine(user) if user.may(Permission.LEDGER_EXPORT) else (),
        "next_url": url_after(request, write_cursor(ledger.moment_of(latest), latest.pk)) if latest else "",
        "first_url": url_after(request, "") if cursor else "",
    }
    return render(request, "ledgers/ledger.html", context)


def _count(found: Any) -> str:
    count = found.order_by().values("pk")[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}条以上" if count > MOST_COUNTED else f"{count}条"


def _rows(ledger: Ledger, page: list[Any]) -> list[dict[str, Any]]:
    cells = ledger.cells(page, opened=False)
    rows = []
    for row, values in zip(page, cells, strict=True):
        case = ledger.case_of(row)
        texts = [_text(value) for value in values]
        rows.append(
            {
                "url": reverse("case", args=[case.number]) if case else "",
                "cells": list(zip((entry.title for entry in ledger.entries), texts, strict=True)),
            }
        )
    return rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _mine(user: Staff) -> Any:
    rows = LedgerExport.objects.filter(by=user).order_by("-at", "-pk").select_related("unit")
    return [
        {"export": row, "name": LEDGERS[row.ledger].name}
        for row in rows.defer("file", "purpose")[:MY_EXPORTS]
    ]
