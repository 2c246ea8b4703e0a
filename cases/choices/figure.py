"""Spans of time that figures are told for."""

from django.db.models import TextChoices


class Grain(TextChoices):
    """What one stored figure covers."""

    MONTH = "M", "月"
    YEAR = "Y", "年"
