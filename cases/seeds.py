"""Codes and rules of law as shipped: read by the migrations, edited in the database afterwards."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
# 信访工作条例 came into force on 1 May 2022 in China; older cases are dated by the same rules.
RULES_FROM = datetime(2004, 1, 1, tzinfo=UTC)


def read_codes() -> Iterator[dict[str, Any]]:
    with (DATA / "codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row | {"sort": int(row["sort"])}


def read_clock_rules() -> Iterator[dict[str, Any]]:
    with (DATA / "clock_rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row | {
                "amount": int(row["amount"]),
                "pausable": bool(row["pausable"]),
                "effective_from": RULES_FROM,
            }
