"""Seal every stored value again under the current key of WEIQUAN_KEYS, beside the running system."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stations.second_factors import seal_second_factors_again, second_factor_keys
from weiquan.sealing import ring
from weiquan.sealing.rotation import keys_in_use, refuse_missing_keys, rotate, sealed_tables


class Command(BaseCommand):
    help = (
        "Seal every stored value again under the current key. Before: put the ring of `manage.py make_keys --add` "
        "in place everywhere and restart. After: old keys that --check no longer lists may be dropped. May be "
        "stopped and started again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; list the keys in use, fail if one is not current",
        )

    def handle(self, *, check: bool, **options: Any) -> None:
        if not check:
            refuse_missing_keys(second_factor_keys())
            done = sum(rotate(sealed_tables(), self.stdout.write).values()) + seal_second_factors_again()
            self.stdout.write(f"{done} rows sealed again under {ring().current.id}.")
        self.list_keys()

    def list_keys(self) -> None:
        counts = keys_in_use(sealed_tables()) + second_factor_keys()
        for (place, key_id), count in sorted(counts.items()):
            self.stdout.write(f"{place}: {count} under {key_id or 'no valid key id'}")
        current = ring().current.id
        old = sorted({key_id or "no valid key id" for _, key_id in counts} - {current})
        if old:
            raise CommandError(
                f"Still in use besides {current}: {', '.join(old)}. Run `manage.py rotate_keys`."
            )
        self.stdout.write(f"Every value is under {current}; the other keys may be dropped.")
