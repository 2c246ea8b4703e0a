"""Places in a list as they stand in a URL. A URL is typed, shared and mangled: what cannot be read means the beginning."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils.http import url_has_allowed_host_and_scheme

from stations.http import StaffRequest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_ID = 18  # digits that fit the database's numbers


class Cursor(NamedTuple):
    """The row the page before ended with; `rank` where a list has several parts, no moment where a row has none."""

    rank: int
    moment: datetime | None
    pk: UUID


def write_cursor(moment: datetime | None, pk: UUID, *, rank: int = 0) -> str:
    return f"{rank}~{'' if moment is None else (moment - EPOCH) // MICROSECOND}~{pk}"


def read_cursor(text: str) -> Cursor | None:
    try:
        rank, moment, pk = text.split("~")
        return Cursor(int(rank) % 10, EPOCH + int(moment) * MICROSECOND if moment else None, UUID(pk))
    except (ValueError, OverflowError):
        return None


def read_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else None


def url_after(request: StaffRequest, cursor: str) -> str:
    """The same list with the same filters from `cursor` on; without one, from the beginning."""
    query = request.GET.copy()
    query.pop("after", None)
    if cursor:
        query["after"] = cursor
    return f"?{query.urlencode()}"


def way_back(request: StaffRequest, otherwise: str) -> str:
    """Where `next` leads, if it is a page of this house; an address that leads elsewhere counts as none."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, None) else otherwise
