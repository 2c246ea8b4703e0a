"""Codes and rules of law as shipped: read by the migrations, edited in the database afterwards."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DATA = Path(__file__).parent / "data"
# A rule without a date of its own binds from here on, the year the calendar begins with: older cases are dated alike.
RULES_FROM = datetime(2004, 1, 1, tzinfo=UTC)
CHINA = ZoneInfo("Asia/Shanghai")


def read_codes() -> Iterator[dict[str, Any]]:
    with (DATA / "codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row | {"sort": int(row["sort"])}


def read_clock_rules() -> Iterator[dict[str, Any]]:
    """Rules as shipped; `plan` is the code of a ReminderPlan."""
    for row in _dated_rows("clock_rules.csv"):
        yield row | {"amount": int(row["amount"]), "pausable": bool(row["pausable"])}


def read_right_limits() -> Iterator[dict[str, Any]]:
    for row in _dated_rows("right_limits.csv"):
        yield row | {"categories": row["categories"].split(), "sort": int(row["sort"])}


def _dated_rows(name: str) -> Iterator[dict[str, Any]]:
    """Rows of law: a version (1 where none is said), checked against the text or not, in force from and to."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row | {
                "version": int(row["version"] or 1),
                "verified": bool(row["verified"]),
                "effective_from": _midnight(row["effective_from"]) or RULES_FROM,
                "effective_to": _midnight(row["effective_to"]),
            }


def _midnight(day: str) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time.min, CHINA) if day else None


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
                "lapses": bool(row["lapses"]),
            }
            yield plan, {rung: int(after) for rung, after in rungs.items()}


def fill_rules(model: Callable[[str], Any]) -> None:
    """Write the plans and every rule as shipped; `model` finds a table by its name.

    A rule that is there already keeps its row, and with it the clocks that run on it and the day on which a newer
    version ended it. What an officer wrote herself is hers: no update of the program puts it back.
    """
    plans = {fields["code"]: _fill_plan(model, fields, rungs) for fields, rungs in read_reminder_plans()}
    rules = model("ClockRule").objects
    for row in read_clock_rules():
        key = {name: row.pop(name) for name in ("code", "region_prefix", "version")}
        if rules.filter(**key).exclude(made_by=None).exists():
            continue
        row["plan"] = plans[row["plan"]]
        dates = {name: row.pop(name) for name in ("effective_from", "effective_to")}
        rules.update_or_create(**key, defaults=row, create_defaults=row | dates)
    rules.filter(plan=None).update(plan=plans["STANDARD"])


def _fill_plan(model: Callable[[str], Any], fields: dict[str, Any], rungs: dict[str, int]) -> Any:
    known = model("ReminderPlan").objects
    plan = known.filter(code=fields["code"]).first()
    # The column is younger than the migration that fills this table first.
    if plan is not None and getattr(plan, "changed_by_id", None) is not None:
        return plan
    plan, _ = known.update_or_create(code=fields["code"], defaults=fields)
    for rung, after in rungs.items():
        model("ReminderRung").objects.update_or_create(plan=plan, rung=rung, defaults={"after": after})
    return plan


def fill_rights(model: Callable[[str], Any]) -> None:
    """Write the limits worth telling the petitioner as shipped; rows that are there already stay."""
    rows = [model("RightLimit")(**row) for row in read_right_limits()]
    model("RightLimit").objects.bulk_create(rows, ignore_conflicts=True)


def fill_assessment(model: Callable[[str], Any]) -> None:
    """Write the assessment scheme of each year as shipped; a year that has one keeps it."""
    with (DATA / "assessment.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for year in sorted({int(row["year"]) for row in rows}):
        if model("AssessmentScheme").objects.filter(year=year).exists():
            continue
        lines = [row for row in rows if int(row["year"]) == year]
        total = sum(Decimal(row["weight"]) for row in lines)
        scheme = model("AssessmentScheme").objects.create(
            year=year, total=total, good_from=total * 90 / 100, pass_from=total * 75 / 100
        )
        model("Indicator").objects.bulk_create(
            model("Indicator")(
                **{name: row[name] for name in ("code", "group", "name", "weight", "kind", "rule")},
                **{name: row[name] for name in ("explanation", "source")},
                scheme=scheme,
                target=row["target"] or None,
                sort=sort,
            )
            for sort, row in enumerate(lines)
        )
