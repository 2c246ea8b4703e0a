"""Who held a case from when until when, told again from its history alone.

The same is kept in `Holding` rows by the verbs; the nightly check and the tests compare the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cases.choices import LedgerStep, Part, Status, Step

# Steps that move a case, or a part in it, from one person to another.
HOLDING_STEPS = (
    Step.REGISTER,
    LedgerStep.IMPORT,
    Step.ACCEPT,
    Step.ASSIGN,
    Step.ASSIST,
    Step.TAKE_OVER,
    Step.CO_HANDLE,
    Step.SEND_DOWN,
    Step.REOPEN,
    Step.HAND_OVER,
    Step.RECUSE,
    Step.BAR,
)


class Told(Protocol):
    """What of an event is asked here."""

    step: str
    at: datetime
    by_id: int | None
    unit_id: int | None
    to_status: str
    facts: dict[str, Any]


@dataclass
class Span:
    """One person of one unit in one part, from one step to another."""

    unit: int | None
    staff: int
    part: str
    since: datetime
    until: datetime | None = None


def replay(events: Iterable[Told]) -> list[Span]:
    """The spans of one case from its events in the order of `seq`."""
    spans: list[Span] = []
    for event in events:
        _apply(spans, event)
        if event.to_status in Status.ended_statuses:
            _end(spans, event.at)
    return spans


def _apply(spans: list[Span], event: Told) -> None:
    facts = event.facts
    match event.step:
        case Step.REGISTER | LedgerStep.IMPORT:
            spans.append(Span(event.unit_id, event.by_id or 0, Part.OWNER, event.at))
        case Step.ACCEPT | Step.ASSIGN | Step.REOPEN:
            _own(spans, _owner(spans).unit, facts["owner"], event.at)
        case Step.TAKE_OVER:
            former = _owner(spans)
            _own(spans, facts["unit"], facts["owner"], event.at)
            spans.append(Span(former.unit, former.staff, Part.ASSISTANT, event.at))
        case Step.SEND_DOWN:
            _own(spans, facts["unit"], facts["owner"], event.at)
            _end([span for span in spans if span.part != Part.OWNER], event.at)
        case Step.ASSIST:
            spans.append(Span(_owner(spans).unit, facts["assistant"], Part.ASSISTANT, event.at))
        case Step.CO_HANDLE:
            _end(
                [span for span in spans if (span.staff, span.part) == (facts["co_owner"], Part.CO_OWNER)],
                event.at,
            )
            spans.append(Span(facts["unit"], facts["co_owner"], Part.CO_OWNER, event.at))
        case Step.HAND_OVER:
            _hand_over(spans, facts, event.at)
        case Step.RECUSE | Step.BAR:
            _pass_on(spans, facts, event.at)


def _hand_over(spans: list[Span], facts: dict[str, Any], at: datetime) -> None:
    """Only what she held goes to the receiver: of a finished case nobody holds anything."""
    if facts.get("part") == Part.OWNER and any(span.until is None for span in spans):
        _own(spans, _owner(spans).unit, facts["to"], at)
    for part in facts.get("along", ()):
        held = [
            span for span in spans if span.until is None and (span.staff, span.part) == (facts["from"], part)
        ]
        _end(held, at)
        if not any(span.until is None and span.staff == facts["to"] for span in spans):
            spans += [Span(span.unit, facts["to"], part, at) for span in held]


def _pass_on(spans: list[Span], facts: dict[str, Any], at: datetime) -> None:
    """Who steps back, or is kept away, holds nothing more; an owner's place is taken at once."""
    if "owner" in facts and any(span.until is None for span in spans):
        _own(spans, facts["unit"], facts["owner"], at)
    _end([span for span in spans if span.staff in facts["out"]], at)


def _owner(spans: list[Span]) -> Span:
    """Whoever owns it, or owned it last."""
    return [span for span in spans if span.part == Part.OWNER][-1]


def _own(spans: list[Span], unit: int | None, staff: int, at: datetime) -> None:
    former = _owner(spans)
    if former.until is None and (former.unit, former.staff) == (unit, staff):
        return
    _end([span for span in spans if span.part == Part.OWNER or span.staff == staff], at)
    spans.append(Span(unit, staff, Part.OWNER, at))


def _end(spans: list[Span], at: datetime) -> None:
    for span in spans:
        span.until = span.until or at
