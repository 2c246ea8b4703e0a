from cases.statistics.below import Place, places_below
from cases.statistics.holding import Held, HoldingDays, held, holding_days
from cases.statistics.settled import LEVELS, MonthSettled, settled
from cases.statistics.standing import Standing, standing

__all__ = [
    "LEVELS",
    "Held",
    "HoldingDays",
    "MonthSettled",
    "Place",
    "Standing",
    "held",
    "holding_days",
    "places_below",
    "settled",
    "standing",
]
