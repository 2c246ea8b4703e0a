"""Who must be asked before the calendar changes. The apps above fill this in when they are ready: what runs on working
days is theirs, and this app knows nothing of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from stations.models import Staff
from stations.workdays import Calendar

Days = tuple[date, date]


class Effect(Protocol):
    """What a change would do, told by the template of the watcher."""

    @property
    def moves(self) -> bool: ...

    @property
    def earlier(self) -> int: ...


class Watcher(Protocol):
    template: str

    def effect(self, days: Days, calendar: Calendar, at: datetime) -> Effect:
        """What would move if the calendar between these days became `calendar`."""

    def changed(self, days: Days, *, may_shorten: bool, reason: str, by: Staff, at: datetime) -> str:
        """The calendar has changed and the person has confirmed: move it, and say in a sentence what moved."""


@dataclass
class _Watching:
    watcher: Watcher | None = None


watching = _Watching()
