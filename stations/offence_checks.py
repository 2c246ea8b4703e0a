"""For how long the yearly look into a volunteer's record holds. Source: 未成年人保护法 (2024) 第62条."""

from datetime import date, timedelta

WARN = timedelta(days=30)


def last_day_of_year_after(checked_on: date) -> date:
    """The same day a year later; after 29 February the last day of that month. Source: 民法典 第202条."""
    try:
        return checked_on.replace(year=checked_on.year + 1)
    except ValueError:
        return date(checked_on.year + 1, 2, 28)


def first_day_of_valid_checks(on: date) -> date:
    """The earliest day of a check that still holds on that day: what the database is asked for."""
    try:
        return on.replace(year=on.year - 1)
    except ValueError:  # a check of 28 February ran out yesterday; of 1 March it still holds
        return date(on.year - 1, 3, 1)


def is_running_out(checked_on: date, on: date) -> bool:
    """Whether it is time to ask again: from 30 days before the last day on, and after it."""
    return last_day_of_year_after(checked_on) - on <= WARN
