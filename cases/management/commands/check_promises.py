"""Ask every promise of the house and say which is broken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.actions.promises import ALL, FIGURES_PROMISE, MOST, WARNINGS, check_promises
from cases.statistics.figures.rollup import prove


class Command(BaseCommand):
    help = (
        "Check every promise (no case without an owner, no clock without a case …); exit 1 if one is broken."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        check = check_promises(at, further={FIGURES_PROMISE.code: prove(at, MOST)})
        for promise in ALL:
            rows = check.found.get(promise.code, [])
            if rows:
                word = "warning" if promise.code in WARNINGS else "broken"
                ids = " ".join(pk for pk, _ in rows[:10])
                self.stdout.write(f"{promise.code} {word}, {len(rows)} rows: {ids}")
        if check.broken:
            raise CommandError(f"{len(ALL)} promises asked: {check.broken} rows break one", returncode=1)
        self.stdout.write(f"{len(ALL)} promises asked: none is broken")
