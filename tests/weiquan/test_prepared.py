"""A prepared query gives what the query itself gives, whatever it is asked with."""

from datetime import UTC

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.choices import Sex
from cases.models import Access, Person
from stations.models import Organisation, Staff
from tests.cast import MONDAY, Cast
from tests.factories import make_case
from weiquan.prepared import Prepared, insert
from weiquan.sealing import bigrams


def staff_of(organisation: int):
    return Staff.objects.filter(organisation=organisation).order_by("username")


def test_prepared_rows_are_the_querys_own(cast: Cast) -> None:
    ask = Prepared(staff_of, sample=-1)

    assert ask(cast.station.pk) == list(staff_of(cast.station.pk))
    assert ask(cast.police.pk) == list(staff_of(cast.police.pk))
    assert ask(0) == []


def test_prepared_brings_related_rows_along(cast: Cast) -> None:
    ask = Prepared(lambda pk: Staff.objects.select_related("organisation__region").filter(pk=pk), sample=-1)

    with CaptureQueriesContext(connection) as captured:
        regions = [ask(person.pk)[0].organisation.region.name for person in (cast.clerk, cast.liaison)]

    assert regions == ["下汤镇", "鲁山县"]
    assert len(captured) == 2


def test_prepared_brings_named_columns_and_limits(cast: Cast) -> None:
    ask = Prepared(lambda unit: staff_of(unit).values_list("username", named=True)[:2], sample=-1)

    assert [row.username for row in ask(cast.police.pk)] == ["handler", "liaison"]


def test_prepared_sees_what_has_changed_since(cast: Cast) -> None:
    ask = Prepared(lambda pk: Organisation.objects.filter(pk=pk).values_list("name", flat=True), sample=-1)
    ask(cast.station.pk)
    Organisation.objects.filter(pk=cast.station.pk).update(name="下汤镇维权站")

    assert ask(cast.station.pk) == ["下汤镇维权站"]


def test_prepared_wants_its_key_exactly_once(cast: Cast) -> None:
    twice = Prepared(lambda pk: Staff.objects.filter(pk=pk, organisation=pk), sample=-1)

    with pytest.raises(ValueError, match="exactly once"):
        twice(cast.clerk.pk)


def test_insert_writes_rows_as_the_model_would(cast: Cast) -> None:
    at = MONDAY.astimezone(UTC)
    case = make_case(cast)
    person = Person(name="盛夏禾", id_number="410423199003050008")
    rows = [
        Access(case=case, staff=cast.clerk, at=at, kind="VIEW", fields="PAGE", in_line=True) for _ in range(2)
    ]

    with CaptureQueriesContext(connection) as captured:
        insert([person])
        insert(rows)
        insert([])

    assert len(captured) == 2
    assert [row.pk for row in Access.objects.order_by("pk")] == [row.pk for row in rows]
    stored = Person.objects.get(name_index="盛夏禾")
    assert (stored.pk, stored.name, stored.id_number) == (person.pk, "盛夏禾", "410423199003050008")
    assert stored.name_grams == sorted(bigrams("name", "盛夏禾"))
    person.sex = Sex.FEMALE
    person.save()  # the row is there already: an UPDATE, not a second INSERT
    assert Person.objects.get(pk=person.pk).sex == Sex.FEMALE


def test_insert_lets_the_database_refuse(cast: Cast) -> None:
    person = Person(name="祝冬雪")
    insert([person])

    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Person(pk=person.pk, name="祝冬雪")])
    assert Person.objects.count() == 1
