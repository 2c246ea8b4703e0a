"""Who and where: regions, organisations, staff, roles, working days."""

from django.apps import AppConfig


class StationsConfig(AppConfig):
    """Knows nothing of cases."""

    name = "stations"
    verbose_name = "站点与人员"
