"""Walk the whole history and say where it does not hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.actions.evidence import verify_chains
from cases.models import Case, ChainAnchor, Event


class Command(BaseCommand):
    help = "Check every case's chain of events and every anchor; name the first broken link of each, exit 1."

    def handle(self, *args: Any, **options: Any) -> None:
        flaws = 0
        for flaw in verify_chains():
            flaws += 1
            self.stdout.write(f"{flaw.where}: {flaw.what}")
        checked = (
            f"{Case.objects.count()} cases, {Event.objects.count()} events, "
            f"{ChainAnchor.objects.count()} anchors checked"
        )
        if flaws:
            raise CommandError(f"{checked}: {flaws} flaws", returncode=1)
        self.stdout.write(f"{checked}: the history is whole")
