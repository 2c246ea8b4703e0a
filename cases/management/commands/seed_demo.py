"""Put the demonstration city into an empty database: `manage.py seed_demo [--today 2026-11-21] [--cases 600]`."""

import os
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.deadlines import china_date
from cases.demo.plan import FEWEST, MOST
from cases.demo.seed import NotADemo, NotOurs, is_whole, refuse_outside_demo, seed


class Command(BaseCommand):
    help = (
        "Fill an empty database with 平顶山: its stations, federations and departments, their staff, and invented "
        "cases of three years. The same day and number give the same cases everywhere. Runs once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_seed_arguments(parser)

    def handle(self, *, today: date | None, cases: int, processes: int, **options: Any) -> None:
        try:
            refuse_outside_demo()
            if is_whole():
                self.stdout.write("The demo city is there already.")
                return
            day = today or china_date(timezone.now())
            seed(today=day, cases=cases, processes=processes, say=self.say)
        except (NotADemo, NotOurs) as error:
            raise CommandError(str(error)) from error

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def add_seed_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="the day of the demonstration; otherwise the present day",
    )
    parser.add_argument(
        "--cases",
        type=number_of_cases,
        default=600,
        metavar="N",
        help=f"how many cases, {FEWEST} to {MOST}; otherwise 600",
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=min(4, len(os.sched_getaffinity(0))),
        metavar="N",
        help="how many work at it; otherwise as many as there are processors, at most 4",
    )


def number_of_cases(text: str) -> int:
    number = int(text)
    if not FEWEST <= number <= MOST:
        raise ValueError
    return number
