"""The tables of who and where."""

from stations.models.calendar import CalendarVersion, CalendarYear, Holiday
from stations.models.places import DepartmentKind, Organisation, Region
from stations.models.staff import Staff, StaffEvent

__all__ = [
    "CalendarVersion",
    "CalendarYear",
    "DepartmentKind",
    "Holiday",
    "Organisation",
    "Region",
    "Staff",
    "StaffEvent",
]
