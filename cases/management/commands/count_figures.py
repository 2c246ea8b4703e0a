"""Bring the stored figures up to date, or make them all anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.statistics.figures.rollup import refresh


class Command(BaseCommand):
    help = (
        "Count the months in which something happened since the last run; with --anew, every month there is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anew", action="store_true", help="count every month, whatever is stored")

    def handle(self, *args: Any, **options: Any) -> None:
        months = refresh(timezone.now(), anew=options["anew"])
        self.stdout.write(f"{len(months)} months counted")
