"""What an installation needs and no constraint can say. Looked at by migrate and by check --database."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections
from django.utils import timezone

from stations.models import CalendarYear, Region, Staff
from stations.roles import Role


@register(Tags.database)
def check_rows(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn about an old calendar, missing regions, and nobody who could open an account."""
    if not databases or "default" not in databases or not _migrated():
        return []
    year = timezone.localdate().year
    found: list[CheckMessage] = []
    if not CalendarYear.objects.filter(year=year).exists():
        found.append(
            Warning(
                f"The holidays of {year} are not entered: every deadline in it is provisional.",
                hint="Let the system administrator paste the State Council's notice at /calendar/.",
                id="stations.W001",
            )
        )
    if not Region.objects.exists():
        found.append(
            Warning(
                "There are no regions, so no organisation can be entered.",
                hint="Run `manage.py import_regions`.",
                id="stations.W002",
            )
        )
    if not Staff.objects.working().holding(Role.SEC_ADMIN).exists():
        found.append(
            Warning(
                "There is no security administrator, so nobody can open accounts.",
                hint="Run `manage.py createsuperuser`; it makes the security administrator.",
                id="stations.W003",
            )
        )
    return found


def _migrated() -> bool:
    connection = connections["default"]
    wanted = {model._meta.db_table for model in (CalendarYear, Region, Staff)}
    return wanted <= set(connection.introspection.table_names())
