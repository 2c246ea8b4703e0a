"""Spans of time that figures are told for."""

from django.db.models import TextChoices


class Grain(TextChoices):
    """What one stored figure covers."""

    MONTH = "M", "月"
    YEAR = "Y", "年"


class Span(TextChoices):
    """What a report is told for."""

    MONTH = "month", "月"
    QUARTER = "quarter", "季度"
    HALF = "half", "半年"
    YEAR = "year", "全年"
    FREE = "span", "起止日期"

    @property
    def months(self) -> int:
        """How long it is; nothing is said of a free one."""
        return {"month": 1, "quarter": 3, "half": 6, "year": 12}[self.value]
