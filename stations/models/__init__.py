"""The tables of who and where."""

from stations.models.calendar import CalendarVersion, CalendarYear, Holiday
from stations.models.held import HeldForm
from stations.models.places import DepartmentKind, Organisation, Region
from stations.models.staff import Staff, StaffEvent
from stations.models.standing import (
    Activity,
    ChecklistItem,
    Honour,
    StationFacts,
    Volunteer,
    VolunteerService,
)
from stations.models.ties import IdleLock, Tie

__all__ = [
    "Activity",
    "CalendarVersion",
    "CalendarYear",
    "ChecklistItem",
    "DepartmentKind",
    "HeldForm",
    "Holiday",
    "Honour",
    "IdleLock",
    "Organisation",
    "Region",
    "Staff",
    "StaffEvent",
    "StationFacts",
    "Tie",
    "Volunteer",
    "VolunteerService",
]
