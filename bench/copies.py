"""A city of a million cases from a tenth of it: one county is loaded case by case, the others are copies of its rows.

What is sealed in a copy opens to nobody, because a seal belongs to its row, and a copy has no grams, so that no search
finds it. Copies make the tables as large as they would be; the county that is measured is real.
"""

from itertools import groupby
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

from bench.city import Desk
from cases.models import Case, Clock, Closure, Contact, Event, HandlingRecord, Party, Statement
from stations.models import Organisation

COPIES = 9
# What reports and ledgers read, parents before children.
TABLES: tuple[type[models.Model], ...] = (
    Case, Contact, Statement, Party, Closure, Event, Clock, HandlingRecord,
)  # fmt: skip


def one_county(offices: list[Desk]) -> list[Desk]:
    """The largest county whose stations have enough others to be copied to."""
    counties = [list(found) for _, found in groupby(offices, lambda desk: desk.unit.county_code)]
    return max((county for county in counties if len(county) * (COPIES + 1) <= len(offices)), key=len)


def add_copies(county: list[Desk], offices: list[Desk]) -> None:
    """Every case of the county once more at a station of another county, nine times over."""
    others = [desk for desk in offices if desk not in county]
    for copy in range(COPIES):
        start = copy * len(county)
        for here, there in zip(county, others[start : start + len(county)], strict=True):
            with transaction.atomic(), connection.cursor() as cursor:
                for model in TABLES:
                    _copy(cursor, model, copy + 1, here, there)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _copy(cursor: Any, model: type[models.Model], copy: int, here: Desk, there: Desk) -> None:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    told = {field.column: _value(field, copy) for field in fields}
    mine = "t.id" if model is Case else "t.case_id"
    if model is Case:
        told |= {
            "number": "%(township)s || substr(t.number, 10)",
            "submission": "gen_random_uuid()",
            "owner_id": "CASE WHEN t.owner_id IS NULL THEN NULL ELSE %(clerk)s END",
            "township_code": "%(township)s",
            "county_code": "%(county)s",
        }
    columns = ", ".join(f'"{name}"' for name in told)
    cursor.execute(
        f"""INSERT INTO {model._meta.db_table} ({columns}) SELECT {", ".join(told.values())}
        FROM {model._meta.db_table} t JOIN cases_case c ON c.id = {mine} WHERE c.station_id = %(here)s""",
        {
            "copy": copy,
            "here": here.unit.pk,
            "there": there.unit.pk,
            "clerk": there.clerk.pk,
            "township": there.unit.township_code,
            "county": there.unit.county_code,
        },
    )


def _value(field: Any, copy: int) -> str:
    """The id of a copy differs from the first in one byte; what belongs to the station belongs to the other one."""
    column = f't."{field.column}"'
    related = field.related_model if field.remote_field else None
    if (field.primary_key and isinstance(field, models.UUIDField)) or related in TABLES:
        return f"encode(set_byte(uuid_send({column}), 9, %(copy)s), 'hex')::uuid"
    if related is Organisation:
        return f"CASE WHEN {column} = %(here)s THEN %(there)s ELSE {column} END"
    if isinstance(field, ArrayField) and field.column.endswith("grams"):
        return "'{}'"
    return column
