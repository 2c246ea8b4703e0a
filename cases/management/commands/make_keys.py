"""Print a key ring for WEIQUAN_KEYS: a new one, or the present one with one more key."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from weiquan.sealing import new_key_ring, with_new_key
from weiquan.sealing.keys import SUITES


class Command(BaseCommand):
    help = (
        "Print a new key ring for WEIQUAN_KEYS, or with --add the present ring with a new current key, to be put "
        "in place everywhere before `manage.py rotate_keys`. Where none is set: `python -m weiquan.sealing`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--suite", choices=list(SUITES), default="SM4-GCM", help="the cipher of the new key"
        )
        parser.add_argument("--add", action="store_true", help="keep the present keys and add one")

    def handle(self, *, suite: str, add: bool, **options: Any) -> None:
        self.stdout.write(with_new_key(settings.WEIQUAN_KEYS, suite) if add else new_key_ring(suite))
