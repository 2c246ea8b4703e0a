"""The working days a story can be told on, and moments within them."""

from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from random import Random

from cases.deadlines import CHINA
from stations.workdays import Calendar

MINUTE = timedelta(minutes=1)
OPENS = time(8, 35)
OFFICE_MINUTES = 500
NEVER = datetime.max.replace(tzinfo=CHINA)


class Days:
    """Every working day before the day of the demonstration, which begins at `horizon`."""

    def __init__(self, calendar: Calendar, today: date, count: int) -> None:
        first = today - timedelta(days=count)
        every = (first + timedelta(days=n) for n in range(count))
        self.days = [day for day in every if calendar.is_working_day(day)]
        self.horizon = datetime.combine(today, time.min, CHINA)

    def __len__(self) -> int:
        return len(self.days)

    def moment(self, index: int, rng: Random) -> datetime:
        """Some time in office hours of that day; never, after the last one."""
        if index >= len(self.days):
            return NEVER
        opens = datetime.combine(self.days[index], OPENS, CHINA)
        return opens + MINUTE * rng.randrange(OFFICE_MINUTES)

    def index_from(self, day: date) -> int:
        """The first working day on or after `day`."""
        return bisect_left(self.days, day)
