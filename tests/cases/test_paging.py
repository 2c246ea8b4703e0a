"""Places in a list, and what becomes of those that cannot be read."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Notice
from cases.views.paging import Cursor, read_cursor, read_id, write_cursor
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral

PK = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
MOMENT = datetime(2026, 11, 16, 1, 2, 3, 456789, tzinfo=UTC)
MANGLED = ["x", "~", "~~", "²", "9" * 30, "0~no~no", f"²~~{PK}", f"0~{'9' * 30}~{PK}", f"2026~{PK}"]


@pytest.mark.parametrize("cursor", [Cursor(0, MOMENT, PK), Cursor(2, None, PK)])
def test_cursor_comes_back_as_it_was_written(cursor: Cursor) -> None:
    assert read_cursor(write_cursor(cursor.moment, cursor.pk, rank=cursor.rank)) == cursor


@pytest.mark.parametrize("text", MANGLED)
def test_mangled_cursor_is_none(text: str) -> None:
    assert read_cursor(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), ("", None), ("-1", None), ("²", None), ("9" * 19, None)]
)
def test_id_is_read_or_none(text: str, number: int | None) -> None:
    assert read_id(text) == number


@pytest.mark.parametrize("after", [*MANGLED, f"0~~{PK}"])
@pytest.mark.parametrize("show", ["open", "ended"])
def test_mangled_place_in_the_worklist_shows_a_page(
    cast: Cast, client: Client, after: str, show: str
) -> None:
    client.force_login(cast.officer)

    response = client.get(reverse("worklist"), {"show": show, "after": after})

    assert response.status_code == 200


@pytest.mark.parametrize("after", [*MANGLED, f"0~~{PK}"])
@pytest.mark.parametrize("reader", ["officer", "liaison"])
def test_mangled_place_among_referrals_shows_the_first_page(
    cast: Cast, client: Client, after: str, reader: str
) -> None:
    referral = make_referral(cast)
    client.force_login(getattr(cast, reader))

    response = client.get(reverse("referrals"), {"scope": "sight", "after": after})

    assert [row["number"] for row in response.context["rows"]] == [referral.number]


@pytest.mark.parametrize("before", ["²", "x", "9" * 5000])
def test_mangled_place_in_inbox_and_audit_shows_the_first_page(
    cast: Cast, client: Client, before: str
) -> None:
    make_case(cast, at=MONDAY)
    for reader, page in (("head", "inbox"), ("audit_admin", "audit")):
        client.force_login(getattr(cast, reader))
        whole = client.get(reverse(page), {"show": "events"} if page == "audit" else {})

        mangled = client.get(
            reverse(page), {"before": before} | ({"show": "events"} if page == "audit" else {})
        )

        assert len(whole.context["rows"]) > 0
        assert len(mangled.context["rows"]) == len(whole.context["rows"])


@pytest.mark.parametrize("newest", ["²", "", "9" * 5000])
def test_mangled_newest_marks_nothing_read(cast: Cast, client: Client, newest: str) -> None:
    make_case(cast, at=MONDAY)
    client.force_login(cast.head)

    response = client.post(reverse("notices_read"), {"newest": newest})

    assert response.status_code == 302
    assert Notice.objects.inbox_of(cast.head).unread().count() > 0
