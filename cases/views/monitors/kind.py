"""What a kind of monitor brings to the screens they all share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from cases.actions.monitors.visit import Breach, Visit
from cases.actions.safety.emergency import PoliceEntry
from cases.choices import MonitorOutcome, MonitorStep
from cases.deadlines import china_date
from cases.forms.monitors.base import MonitorForm, OpeningForm
from cases.models import Case, Monitor


@dataclass(frozen=True)
class Screen:
    """One step as one form. `verb(monitor, **form.told(), by=, at=)` takes it."""

    form: type[MonitorForm]
    verb: Callable[..., object]
    explained: str = ""
    done: str = "已记录。"
    button: str = ""  # the step's own name unless told


@dataclass(frozen=True)
class Opening:
    """How one is begun. `verb(case, **form.told(), by=, at=)` returns the monitor; `refused` says why not now."""

    form: type[OpeningForm]
    verb: Callable[..., Monitor]
    explained: str
    refused: Callable[[Case], str] = lambda case: ""
    button: str = "建立监测"


@dataclass(frozen=True)
class Fact:
    """One line of what is known; `secret` is shown only to who reads the monitor."""

    label: str
    value: Any
    secret: bool = False
    wide: bool = False


def nothing(monitor: Monitor) -> list[Fact]:
    return []


def no_more(monitor: Monitor, at: datetime) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Kind:
    """One kind on screen. `primary`: the first of these steps that is open is the main button; `ends`: how it may be
    ended by the plain form; `template` draws what lines of facts cannot, from `more`; `over`: what is said of a last day
    that has passed."""

    steps: Mapping[MonitorStep, Screen] = field(default_factory=dict)
    primary: tuple[MonitorStep, ...] = (MonitorStep.VISIT,)
    opening: Opening | None = None
    ends: tuple[MonitorOutcome, ...] = (MonitorOutcome.WITHDRAWN, MonitorOutcome.MISTAKE)
    facts: Callable[[Monitor], list[Fact]] = nothing
    template: str = ""
    more: Callable[[Monitor, datetime], dict[str, Any]] = no_more
    over: str = "已期满。还需要保护的，请重新申请"


def day(told: date | None) -> str:
    return f"{told.year}年{told.month}月{told.day}日" if told else ""


def moment(told: datetime | None) -> str:
    return f"{day(china_date(told))} {localtime(told):%H:%M}" if told else ""


def visit_of(told: dict[str, Any]) -> Visit:
    """The answers of a VisitForm as the verbs want them."""
    return Visit(**told)


def breach_of(told: dict[str, Any]) -> Breach:
    """The answers of a BreachForm as the verbs want them."""
    police = None
    if told["police_at"] is not None:
        police = PoliceEntry(
            reported_at=told["police_at"], unit=told["police_unit"], receipt_number=told["receipt_number"]
        )
    return Breach(
        happened_at=told["happened_at"],
        content=told["content"],
        persons=told["persons"],
        police=police,
        court_told_at=told.get("court_told_at"),
    )
