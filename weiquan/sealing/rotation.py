"""Sealing every stored value again under the current key, beside a running system.

Each batch is a short transaction of its own and a row under the current key is never looked at again, so a
killed run is taken up by simply starting anew. Rows somebody is writing are left alone and met in the next
round, most often already under the current key.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.utils import CursorWrapper

from weiquan.sealing.fields import SealedField
from weiquan.sealing.keys import KeyRingError, SealBroken, key_id_of, ring

BATCH_ROWS = 500
ROUND_PAUSE_SECONDS = 0.2
ROUNDS_WITHOUT_PROGRESS = 25  # five seconds during which every row left was locked


@dataclass(frozen=True)
class SealedTable:
    name: str
    pk: str
    fields: tuple[SealedField, ...]

    @property
    def columns(self) -> list[str]:
        return [str(field.column) for field in self.fields]


def sealed_tables(of: Iterable[type[models.Model]] | None = None) -> list[SealedTable]:
    """Every table with sealed columns, of all installed models unless some are named."""
    tables = []
    for model in apps.get_models() if of is None else of:
        fields = tuple(field for field in model._meta.local_fields if isinstance(field, SealedField))
        if fields:
            tables.append(SealedTable(model._meta.db_table, str(model._meta.pk.column), fields))
    return sorted(tables, key=lambda table: table.name)


def keys_in_use(tables: Iterable[SealedTable], using: str = "default") -> Counter[tuple[str, str]]:
    """How many values each (table.column, key id) holds; the key id of a value without a valid head is ''."""
    counts: Counter[tuple[str, str]] = Counter()
    with connections[using].cursor() as cursor:
        for table in tables:
            for column in table.columns:
                cursor.execute(_COUNT_KEYS.format(column=_quoted(column), table=_quoted(table.name)))
                for head, count in cursor.fetchall():
                    counts[f"{table.name}.{column}", key_id_of(head or b"")] += count
    return counts


# The second byte is the length of the key id. A value too short to have one must not stop the count.
_COUNT_KEYS = """
    select case when octet_length({column}) > 2
                then substring({column} from 1 for 2 + get_byte({column}, 1)) end, count(*)
      from {table} where {column} is not null group by 1
"""


def rotate(
    tables: Iterable[SealedTable],
    report: Callable[[str], None],
    *,
    using: str = "default",
    batch: int = BATCH_ROWS,
) -> dict[str, int]:
    """Seal again whatever is not under the current key; return the rows done by table.

    Raises: KeyRingError before anything is touched, if a key still in use is missing from the ring.
    """
    tables = list(tables)
    refuse_missing_keys(keys_in_use(tables, using))
    return {table.name: _rotate_table(table, report, using, batch) for table in tables}


def refuse_missing_keys(counts: Counter[tuple[str, str]]) -> None:
    """Raises: KeyRingError, if the ring lacks a key of these counts."""
    missing = sorted({(key_id, place) for place, key_id in counts if key_id and key_id not in ring().data})
    if missing:
        places = "; ".join(f"{key_id} in {place}" for key_id, place in missing)
        raise KeyRingError(
            f"WEIQUAN_KEYS lacks keys that values are sealed under: {places}. Nothing was changed. "
            "Put those keys back into the ring and start again."
        )


def _rotate_table(table: SealedTable, report: Callable[[str], None], using: str, batch: int) -> int:
    """Walk the table until nothing is left under another key, waiting a little for rows that are locked."""
    total, fruitless = 0, 0
    broken: set[str] = set()
    while fruitless < ROUNDS_WITHOUT_PROGRESS:
        after, done = None, 0
        while outcome := _rotate_batch(table, after, using, batch):
            after = outcome[-1][0]
            done += sum(error is None for _, error in outcome)
            broken |= {error for _, error in outcome if error}
            report(f"{table.name}: {total + done} rows sealed under {ring().current.id}")
        total += done
        if _count_stale(table, using) <= len(broken):
            break
        fruitless = 0 if done else fruitless + 1
        time.sleep(ROUND_PAUSE_SECONDS)
    else:
        report(f"{table.name}: rows locked by others were left as they are; run again later")
    for error in sorted(broken):
        report(error)
    return total


def _rotate_batch(table: SealedTable, after: Any, using: str, batch: int) -> list[tuple[Any, str | None]]:
    """Seal up to `batch` rows again in one transaction; return each primary key, with what stopped it if so."""
    assignments = ", ".join(f"{_quoted(column)} = %s" for column in table.columns)
    update = f"update {_quoted(table.name)} set {assignments} where {_quoted(table.pk)} = %s"  # noqa: S608 – own names
    outcome: list[tuple[Any, str | None]] = []
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        # Append-only tables refuse every UPDATE but this one, which changes no content.
        cursor.execute("set local weiquan.rotating = 'on'")
        changes = []
        for pk, *tokens in _lock_stale(cursor, table, after, batch):
            try:
                changes.append([*map(_sealed_again, table.fields, repeat(pk), tokens), pk])
                outcome.append((pk, None))
            except SealBroken as error:
                outcome.append((pk, str(error)))
        cursor.executemany(update, changes)
    return outcome


def _lock_stale(cursor: CursorWrapper, table: SealedTable, after: Any, batch: int) -> list[Any]:
    columns = ", ".join(map(_quoted, table.columns))
    condition, parameters = _is_stale(table)
    if after is not None:
        condition, parameters = f"({condition}) and {_quoted(table.pk)} > %s", [*parameters, after]
    cursor.execute(
        f"select {_quoted(table.pk)}, {columns} from {_quoted(table.name)} where {condition} "  # noqa: S608 – own names
        f"order by {_quoted(table.pk)} limit %s for no key update skip locked",
        [*parameters, batch],
    )
    return cursor.fetchall()


def _sealed_again(field: SealedField, pk: Any, token: bytes | None) -> bytes | None:
    return None if token is None else ring().seal_again(token, field.bound_to(pk))


def _count_stale(table: SealedTable, using: str) -> int:
    condition, parameters = _is_stale(table)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"select count(*) from {_quoted(table.name)} where {condition}",  # noqa: S608 – own names
            parameters,
        )
        return int(cursor.fetchone()[0])


def _is_stale(table: SealedTable) -> tuple[str, list[Any]]:
    """The SQL condition for rows with a value under another key. NULL is neither."""
    prefix = ring().current.prefix
    tests = [f"substring({_quoted(column)} from 1 for %s) <> %s" for column in table.columns]
    return " or ".join(tests), [len(prefix), prefix] * len(tests)


def _quoted(name: str) -> str:
    return connections["default"].ops.quote_name(name)
