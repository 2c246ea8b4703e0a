"""A prepared query gives what the query itself gives, whatever it is asked with."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stations.models import Organisation, Staff
from tests.cast import Cast
from weiquan.prepared import Prepared


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
