"""Take the demonstration out of the database and build it anew."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.deadlines import china_date
from cases.demo.seed import NotADemo, NotOurs, remove, seed
from cases.management.commands.seed_demo import add_seed_arguments


class Command(BaseCommand):
    help = (
        "Remove every row of the demonstration and build it anew as of the present day. Only where DEMO is on "
        "and the database holds the demonstration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_seed_arguments(parser)

    def handle(self, *, today: date | None, cases: int, processes: int, **options: Any) -> None:
        try:
            remove()
            self.stdout.write("The old demo city has been removed.")
            day = today or china_date(timezone.now())
            seed(today=day, cases=cases, processes=processes, say=self.stdout.write)
        except (NotADemo, NotOurs) as error:
            raise CommandError(str(error)) from error
