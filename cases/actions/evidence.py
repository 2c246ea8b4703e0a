"""The proof that history is whole: anchors over all chains, and the walk that finds the first broken link."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction
from django.db.models import Max

from cases.choices import ArchiveStep
from cases.deadlines import china_date
from cases.models import Case, ChainAnchor, Event
from cases.models.event import GENESIS
from weiquan.sealing import evidence_mac

CHUNK = 2000


@dataclass(frozen=True)
class Flaw:
    """Where history does not hold, in words without personal data."""

    where: str
    what: str


@transaction.atomic
def anchor_chains(at: datetime) -> ChainAnchor | None:
    """Seal all events written since the latest anchor; nothing new, no anchor.

    Writers are held for the moment it takes to read the new rows: without that, an event whose number was drawn but
    not yet committed would be missing from its anchor for ever.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE cases_event IN SHARE MODE")
    latest = ChainAnchor.objects.order_by("-pk").first()
    after = latest.latest_event if latest else 0
    newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    if newest <= after:
        return None
    count, digest = _digest(after, newest, bytes(latest.digest) if latest else GENESIS)
    return ChainAnchor.objects.create(
        at=at, latest_event=newest, events=count, digest=digest, previous=latest
    )


def _digest(after: int, up_to: int, start: bytes) -> tuple[int, bytes]:
    """Count and keyed digest of all events with `after` < id ≤ `up_to`, folded over `start`."""
    count, fold = 0, sha256(start)
    rows = (
        Event.objects.filter(pk__gt=after, pk__lte=up_to).order_by("pk").values_list("pk", "case_id", "hash")
    )
    for pk, case_id, link in rows.iterator(chunk_size=CHUNK):
        fold.update(f"{pk}:{case_id}:".encode() + bytes(link))
        count += 1
    return count, evidence_mac(fold.hexdigest())


def verify_chains() -> Iterator[Flaw]:
    """Walk every case's chain and every anchor; yield the first flaw of each, nothing when all is whole."""
    for case in (
        Case.objects.order_by("pk").only("pk", "number", "seq", "head", "status").iterator(chunk_size=CHUNK)
    ):
        flaw = verify_case(case)
        if flaw:
            yield flaw
    yield from verify_anchors()


def verify_case(case: Case) -> Flaw | None:
    """The first broken link of one case."""
    previous, seq, status = GENESIS, 0, ""
    events = list(Event.objects.filter(case=case).select_related("note").order_by("seq"))
    destroyed = max((event.seq for event in events if event.step == ArchiveStep.DESTROY), default=0)
    for event in events:
        seq += 1
        what = _flaw_of(event, seq, previous, emptied=seq <= destroyed)
        if what:
            return Flaw(f"case {case.number} event {event.seq}", what)
        previous, status = bytes(event.hash), event.to_status
    if (seq, previous, status) != (case.seq, bytes(case.head), case.status):
        return Flaw(
            f"case {case.number} event {seq}", "the chain ends before, or elsewhere than, the case row says"
        )
    return None


def _flaw_of(event: Event, seq: int, previous: bytes, *, emptied: bool) -> str:
    """`emptied` is true of what a recorded destruction has emptied: the words are gone, that there were some is not."""
    if event.seq != seq:
        return f"event {seq} is missing"
    if bytes(event.previous) != previous:
        return "does not continue the event before it"
    if event.compute_hash() != bytes(event.hash):
        return "was changed after it was written"
    note = getattr(event, "note", None)
    said = evidence_mac(note.text) if note else None
    kept = bytes(event.note_mac) if event.note_mac else None
    if emptied and note is not None and note.text == "":
        return ""
    return "" if said == kept else "its note was changed or removed"


def verify_anchors() -> Iterator[Flaw]:
    """Every stretch between two anchors, counted and folded anew."""
    start, after = GENESIS, 0
    for anchor in ChainAnchor.objects.order_by("pk").iterator(chunk_size=CHUNK):
        count, digest = _digest(after, anchor.latest_event, start)
        if digest != bytes(anchor.digest):
            missing = anchor.events - count
            detail = f"{missing} events are missing" if missing > 0 else "events were exchanged or added"
            yield Flaw(
                f"anchor {anchor.pk} of {china_date(anchor.at)}", f"{detail} since the anchor before it"
            )
        start, after = bytes(anchor.digest), anchor.latest_event
