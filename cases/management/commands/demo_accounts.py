"""List the accounts of the demonstration worth logging in with."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.demo.places import MAIN_CAST, PASSWORD
from cases.demo.seed import NotADemo, is_whole, refuse_outside_demo
from stations.models import Staff

HEADINGS = ("角色", "谁", "用户名", "密码")


class Command(BaseCommand):
    help = "List the accounts of the demonstration by role. Only where DEMO is on and the demonstration is there."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_outside_demo()
        except NotADemo as error:
            raise CommandError(str(error)) from error
        if not is_whole():
            raise CommandError("The demo city is not there. Build it with: manage.py seed_demo")
        people = Staff.objects.select_related("organisation").in_bulk(MAIN_CAST, field_name="username")
        rows = [_row(people[username]) for username in MAIN_CAST]
        for line in table([HEADINGS, *rows]):
            self.stdout.write(line)


def _row(person: Staff) -> tuple[str, ...]:
    return (person.role_names, f"{person.organisation} {person.name}", person.username, PASSWORD)


def table(rows: list[tuple[str, ...]]) -> Iterable[str]:
    """Columns that stand under each other although a Chinese character is two wide."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
