"""What visits of all kinds of monitors share: asking again, and what follows when it happens again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.actions.clocks import meet_clocks, start_clocks
from cases.actions.safety.emergency import PoliceEntry, current_emergency, open_emergency, record_police
from cases.choices import NoticeKind, Status, VisitFinding, VisitWay
from cases.models import Case, Monitor
from cases.notifications import announce, county_federation, heads
from cases.workflow import StepNotAllowed
from stations.models import Staff

# She was not met, not alone, or something was odd: try again soon. It counts for nothing and breaks nothing.
AGAIN = "IN-REVISIT"
COUNTS_NOTHING = (VisitFinding.UNSURE, VisitFinding.UNREACHABLE)


@dataclass(frozen=True)
class Visit:
    """What a visitor says: when and how, whether she could speak safely, and only then what was found."""

    happened_at: datetime
    way: VisitWay
    spoke_safely: bool
    finding: VisitFinding
    apart: bool | None = None
    persons: str = ""
    content: str = ""

    def check(self, since: datetime) -> None:
        """Raises StepNotAllowed."""
        if self.happened_at < since:
            raise StepNotAllowed("时间不能早于这项监测的起算时间。")
        if not self.spoke_safely and (self.finding != VisitFinding.UNREACHABLE or self.content):
            raise StepNotAllowed("对方不能安全说话，这次不谈案情，另约时间再访。")

    @property
    def entry(self) -> dict[str, Any]:
        names = ("way", "spoke_safely", "apart", "finding", "persons", "content")
        return {name: getattr(self, name) for name in names}


def try_again(monitor: Monitor, *, since: datetime, by: Staff, at: datetime) -> None:
    """Another try is due, reckoned from this one."""
    heard_at_last(monitor, by=by, at=at)
    start_clocks(monitor.case, AGAIN, started_at=since, at=at, of=monitor)


def heard_at_last(monitor: Monitor, *, by: Staff, at: datetime) -> None:
    meet_clocks(monitor.case, AGAIN, at=at, by=by, of=monitor)


def ask_again(case: Case, *, since: datetime, by: Staff, at: datetime) -> None:
    """The same for a return visit of the case itself."""
    meet_clocks(case, AGAIN, at=at, by=by)
    start_clocks(case, AGAIN, started_at=since, at=at)


@dataclass(frozen=True)
class Breach:
    """Violence again, or a ban broken: when, what, and whether the police and the court know."""

    happened_at: datetime
    content: str
    police: PoliceEntry | None = None
    court_told_at: datetime | None = None
    persons: str = ""
    visit: Visit | None = None  # the visit that found it

    @property
    def entry(self) -> dict[str, Any]:
        seen = self.visit.entry if self.visit else {}
        said = {"finding": VisitFinding.BREACH, "persons": self.persons, "content": self.content}
        police = {"police_at": self.police.reported_at if self.police else None}
        return seen | said | police | {"court_told_at": self.court_told_at}


def answer_breach(monitor: Monitor, breach: Breach, *, by: Staff, at: datetime) -> None:
    """Tell everybody who must act, and demand a report to the police: the emergency asks for it until there is one.
    A closed case is proposed to be taken up. Must run inside a transaction."""
    case = monitor.case
    county = county_federation(case)
    told = [monitor.keeper, *heads(case.holder), *(heads(county) if county else [])]
    announce(NoticeKind.BREACHED, case, [one for one in told if one.pk != by.pk], at=at, about=monitor)
    if case.status == Status.CLOSED:
        announce(NoticeKind.RELAPSED, case, heads(case.holder), at=at)
    open_emergency(case, by=by, at=at)
    emergency = current_emergency(case)
    if breach.police is not None and emergency is not None:
        record_police(emergency, breach.police, by=by, at=at)
