"""What happens to a case."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The matter, from the first word to the yearly figures."""

    name = "cases"
    verbose_name = "案件"

    def ready(self) -> None:
        # The tables stand only now.
        from cases.actions.redating import CalendarRedating  # noqa: PLC0415
        from stations.calendar_watch import watching  # noqa: PLC0415

        watching.watcher = CalendarRedating()
