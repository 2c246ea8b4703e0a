"""Who and where: regions, organisations, staff, roles, working days."""

from django.apps import AppConfig


class StationsConfig(AppConfig):
    """Knows nothing of cases."""

    name = "stations"
    verbose_name = "站点与人员"

    def ready(self) -> None:
        from stations import checks  # noqa: F401, PLC0415 – the models are ready only now
