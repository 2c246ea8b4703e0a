from cases.statistics.below import Place, places_below
from cases.statistics.conference import (
    LateDepartment,
    MeetingFigures,
    late_departments,
    meeting_figures,
    since_last_meeting,
)
from cases.statistics.holding import Held, HoldingDays, held, holding_days
from cases.statistics.settled import LEVELS, MonthSettled, settled
from cases.statistics.standing import Standing, standing

__all__ = [
    "LEVELS",
    "Held",
    "HoldingDays",
    "LateDepartment",
    "MeetingFigures",
    "MonthSettled",
    "Place",
    "Standing",
    "held",
    "holding_days",
    "late_departments",
    "meeting_figures",
    "places_below",
    "settled",
    "since_last_meeting",
    "standing",
]
