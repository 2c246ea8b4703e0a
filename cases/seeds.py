"""Codes and rules of law as shipped: read by the migrations, edited in the database afterwards."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
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
    """Rules as shipped; `plan` is the code of a ReminderPlan."""
    with (DATA / "clock_rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row | {
                "amount": int(row["amount"]),
                "pausable": bool(row["pausable"]),
                "verified": bool(row["verified"]),
                "effective_from": RULES_FROM,
            }


def read_reminder_plans() -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Each plan's own fields, and after how many overdue reminders each rung is told."""
    with (DATA / "reminder_plans.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rungs = dict(pair.split(":") for pair in row.pop("rungs").split())
            plan = row | {
                "early_days": [int(days) for days in row["early_days"].split()],
                "overdue_every": int(row["overdue_every"]),
                "overdue_every_hours": int(row["overdue_every_hours"]),
                "quiet_from": time.fromisoformat(row["quiet_from"]) if row["quiet_from"] else None,
                "quiet_to": time.fromisoformat(row["quiet_to"]) if row["quiet_to"] else None,
                "rest_days": bool(row["rest_days"]),
            }
            yield plan, {rung: int(after) for rung, after in rungs.items()}


def fill_rules(model: Callable[[str], Any]) -> None:
    """Write the plans and the first version of every rule as shipped; `model` finds a table by its name.

    A rule that is there already keeps its row, and with it the clocks that run on it.
    """
    plans = {}
    for fields, rungs in read_reminder_plans():
        plan, _ = model("ReminderPlan").objects.update_or_create(code=fields.pop("code"), defaults=fields)
        plans[plan.code] = plan
        for rung, after in rungs.items():
            model("ReminderRung").objects.update_or_create(plan=plan, rung=rung, defaults={"after": after})
    for row in read_clock_rules():
        key = {"code": row.pop("code"), "region_prefix": row.pop("region_prefix"), "version": 1}
        model("ClockRule").objects.update_or_create(**key, defaults=row | {"plan": plans[row["plan"]]})
    model("ClockRule").objects.filter(plan=None).update(plan=plans["STANDARD"])
