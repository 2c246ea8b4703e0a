"""Queries that are always the same but for one key. Imports nothing of ours.

Putting a query together takes the ORM several times as long as PostgreSQL takes to answer it. Where a page asks the
same thing for one case or one person at every visit, the text is made once and kept.
"""

from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import QuerySet
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
