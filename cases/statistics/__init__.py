from cases.statistics.holding import Held, HoldingDays, held, holding_days
from cases.statistics.standing import Standing, standing

__all__ = ["Held", "HoldingDays", "Standing", "held", "holding_days", "standing"]
