"""Queries and inserts whose text is put together once. Imports nothing of ours.

Putting a statement together takes the ORM several times as long as PostgreSQL takes to run it. Where a page asks the
same thing for one case or one person at every visit, or writes the same rows, the text is made once and kept.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import AutoField, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Key = TypeVar("Key")


class Prepared(Generic[Key]):
    """`build(key)` is a queryset that names its key once; calling the whole with another key gives its rows.

    `sample` is a key of the right type that occurs nowhere else in the query.

    >>> EVENTS = Prepared(lambda case: Event.objects.filter(case=case).order_by("-seq"), sample=NO_ID)
    >>> EVENTS(case.pk)
    """

    def __init__(self, build: Callable[[Key], QuerySet[Any, Any]], *, sample: Key) -> None:
        self._build, self._sample = build, sample
        self._made: tuple[QuerySet[Any, Any], SQLCompiler, str, tuple[Any, ...]] | None = None

    def __call__(self, key: Key) -> list[Any]:
        if self._made is None:
            self._made = self._make()
        queryset, made, sql, params = self._made
        compiler = copy(made)
        compiler.connection = connections[queryset.db]
        said = tuple(key if value == self._sample else value for value in params)
        compiler.as_sql = lambda *_, **__: (sql, said)  # type: ignore[method-assign, assignment]
        asked = queryset.all()
        asked.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(asked)

    def _make(self) -> tuple[QuerySet[Any, Any], SQLCompiler, str, tuple[Any, ...]]:
        queryset = self._build(self._sample)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        if params.count(self._sample) != 1:
            raise ValueError("A prepared query names its key exactly once.")
        return queryset, compiler, sql, tuple(params)


def insert(rows: Sequence[Model]) -> None:
    """INSERT rows of one model in one statement, as bulk_create does, and give them the ids they got.

    The text is kept, and there is no transaction of its own: one statement needs none. Values only, no expressions.
    """
    if not rows:
        return
    model = type(rows[0])
    database = connections[DEFAULT_DB_ALIAS]
    fields, given = _inserted(model)
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), database) for row in rows for field in fields
    ]
    with database.cursor() as cursor:
        cursor.execute(_insert_sql(model, len(rows)), values)
        if given:
            for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = pk
    for row in rows:
        row._state.adding, row._state.db = False, database.alias


@lru_cache
def _inserted(model: type[Model]) -> tuple[list[Any], bool]:
    """The columns to write, and whether the database gives the id."""
    given = isinstance(model._meta.pk, AutoField)
    return [field for field in model._meta.concrete_fields if not (given and field.primary_key)], given


@lru_cache(maxsize=512)
def _insert_sql(model: type[Model], count: int) -> str:
    fields, given = _inserted(model)
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    text = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([row] * count)}"  # noqa: S608
    return f"{text} RETURNING {quote(str(model._meta.pk.column))}" if given else text
