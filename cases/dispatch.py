"""Sending what waits: claimed with a lease, sent once as far as the far side allows, tried again with growing pauses."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string

from cases.choices import DeliveryStatus, OutletKind
from cases.deadlines import china_date
from cases.models import Delivery, Notice, Outlet
from cases.outlets import TIMEOUT, Message, NotSent, PostOffice, next_digest, send
from cases.permissions import may_be_told, readers_of
from stations.models import Staff
from stations.workdays import load_calendar

log = logging.getLogger(__name__)

BATCH = 50
# How long a claimed row is left alone before another sender may take it up. Nothing is begun in the last part of it.
LEASE = timedelta(minutes=5)
STOP_AFTER = LEASE.total_seconds() - 3 * TIMEOUT
# Pauses of 1, 2, 4 … 64 minutes, then every 2 hours: together more than 30 hours, so that a whole day's outage of the
# far side loses nothing.
TRIES = 24
LONGEST_PAUSE = 120
MAIL = "mail"
PARTS = (
    "outlet",
    *(
        "notice__recipient__organisation",
        "notice__instead_of",
        "notice__case",
        "notice__referral",
        "notice__supervision",
    ),
)
PAPERS = "notice__supervision__papers"


def send_unsent(at: datetime) -> int:
    """Send everything whose moment has come; return how many sendings went out.

    Each is claimed by moving its moment ahead, in a transaction of its own, before it leaves: two senders never take
    the same, and one that dies gives it back after the lease. A way that failed is not asked again in this run.
    """
    run = Run(at)
    try:
        while claimed := _claim(at):
            run.send_all(claimed)
        while digest := _claim_digest(at):
            run.send_digest(digest)
    finally:
        run.post.close()
    return run.sent


# -- claiming -------------------------------------------------------------------------------------


@transaction.atomic
def _claim(at: datetime) -> list[Delivery]:
    due = Delivery.objects.to_send(at).filter(digest=False).select_for_update(skip_locked=True, of=("self",))
    return _lease(due.select_related(*PARTS).prefetch_related(PAPERS)[:BATCH], at)


@transaction.atomic
def _claim_digest(at: datetime) -> list[Delivery]:
    """All that waits for one person's mail of the day: her row is held, so that no two senders share it out."""
    due = Delivery.objects.to_send(at).filter(digest=True)
    waiting = due.order_by().values("notice__recipient")
    person = (
        Staff.objects.filter(pk__in=waiting)
        .select_for_update(skip_locked=True, no_key=True)
        .order_by("pk")
        .first()
    )
    if person is None:
        return []
    return _lease(due.filter(notice__recipient=person).select_related(*PARTS).prefetch_related(PAPERS), at)


def _lease(rows: Iterable[Delivery], at: datetime) -> list[Delivery]:
    claimed = list(rows)
    Delivery.objects.filter(pk__in=[row.pk for row in claimed]).update(next_at=at + LEASE)
    return claimed


# -- sending --------------------------------------------------------------------------------------


@dataclass
class Run:
    """One look at what waits: which ways turned out to be down, and the connection to the mail server."""

    at: datetime
    sent: int = 0
    post: PostOffice = field(default_factory=PostOffice)
    down: dict[str | UUID, str] = field(default_factory=dict)

    def send_all(self, claimed: list[Delivery]) -> None:
        begun = monotonic()
        rows = sorted(self._possible(claimed), key=lambda row: (str(_way(row)), row.pk))
        for _, group in groupby(rows, key=_way):
            for row in (waiting := list(group)):
                if _way(row) in self.down:
                    break
                if monotonic() - begun > STOP_AFTER:
                    _hand_back(waiting, self.at)
                    break
                waiting = waiting[1:]
                self._send([row], _single(row))
            self._put_off(waiting)

    def send_digest(self, claimed: list[Delivery]) -> None:
        """Nobody is written to on a day off, even when the mail server was down the day before."""
        calendar = load_calendar()
        rows = self._possible(claimed)
        if not calendar.is_working_day(china_date(self.at)):
            _ids(rows).update(next_at=next_digest(self.at, calendar))
        elif MAIL in self.down:
            self._put_off(rows)
        elif rows:
            self._send(rows, _digest(rows))

    def _send(self, rows: list[Delivery], message: Message) -> None:
        way = _way(rows[0])
        try:
            if rows[0].outlet is None:
                self.post.send(message)
            else:
                send(rows[0].outlet, message)
        except NotSent as error:
            log.warning("%s failed: %s", message.id, error.reason)
            if error.way_down:
                self.down[way] = error.reason
            _put_back(rows, self.at, error.reason)
            return
        self.sent += 1
        _ids(rows).update(
            status=DeliveryStatus.SENT, sent_at=self.at, next_at=None, tries=F("tries") + 1, error=""
        )

    def _put_off(self, rows: list[Delivery]) -> None:
        """What was due by a way that is down counts as tried: the far side was asked, and would not have it."""
        if rows and (reason := self.down.get(_way(rows[0]))):
            _put_back(rows, self.at, reason)

    @staticmethod
    def _possible(rows: list[Delivery]) -> list[Delivery]:
        """Without those that nobody can be reached by any more, or that are no longer meant for who would be reached;
        they are given up."""
        closed = _closed_since(rows)
        reasons = {row.pk: "Closed" if row.notice_id in closed else _hopeless(row) for row in rows}
        for reason in {*reasons.values()} - {""}:
            hopeless = [row for row in rows if reasons[row.pk] == reason]
            _ids(hopeless).update(status=DeliveryStatus.GIVEN_UP, next_at=None, error=reason)
        return [row for row in rows if not reasons[row.pk]]


def _closed_since(rows: list[Delivery]) -> set[int]:
    """The notices about a case from which their reader was kept away after they were written, or that was sealed and
    is closed to her: one query where nothing is sealed."""
    notices = {row.notice_id: row.notice for row in rows}
    closed = notices.keys() - set(
        Notice.objects.filter(pk__in=notices).still_hers().values_list("pk", flat=True)
    )
    sealed = {pk: one for pk, one in notices.items() if one.case is not None and one.case.is_sealed}
    readers = readers_of({one.case_id for one in sealed.values() if one.case_id is not None})
    for pk, one in sealed.items():
        assert one.case_id is not None  # noqa: S101 – by the line that gathered them
        if not may_be_told(one.recipient, one.instead_of, readers[one.case_id]):
            closed.add(pk)
    return closed


def _way(row: Delivery) -> str | UUID:
    """What fails together: everything by mail, or one outlet."""
    return MAIL if row.kind == OutletKind.MAIL else row.outlet_id or ""


def _hopeless(row: Delivery) -> str:
    if row.outlet is not None and not row.outlet.active:
        return "Off"
    person = row.notice.recipient
    if row.kind == OutletKind.SMS:
        return "" if person.is_active and person.mobile else "NoAddress"
    if row.outlet is None:
        return "" if person.is_active and person.wants_mail and person.email else "NoAddress"
    return ""


def _ids(rows: list[Delivery]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=[row.pk for row in rows], status=DeliveryStatus.WAITING)


def _hand_back(rows: list[Delivery], at: datetime) -> None:
    """Not begun: the lease was running out."""
    _ids(rows).update(next_at=at)


def _put_back(rows: list[Delivery], at: datetime, reason: str) -> None:
    """Try again after 1, 2, 4 … minutes; after the last try the system administrator sees it as dead."""
    with connection.cursor() as cursor:
        cursor.execute(PUT_BACK, {"ids": [row.pk for row in rows], "at": at, "reason": reason})


PUT_BACK = f"""
    UPDATE cases_delivery SET
        tries = tries + 1,
        error = %(reason)s,
        status = CASE WHEN tries + 1 >= {TRIES} THEN 'DEAD' ELSE 'WAITING' END,
        next_at = CASE WHEN tries + 1 < {TRIES}
            THEN %(at)s::timestamptz + least(power(2, tries), {LONGEST_PAUSE}) * interval '1 minute' END
    WHERE id = ANY(%(ids)s) AND status = 'WAITING'
"""  # noqa: S608 – our own numbers


# -- what is said ---------------------------------------------------------------------------------


def _single(row: Delivery) -> Message:
    kind, number = row.notice.get_kind_display(), row.notice.about
    page = "notices/mail.txt" if row.kind == OutletKind.MAIL else "notices/short.txt"
    person = row.notice.recipient
    return Message(
        id=f"delivery-{row.pk}",
        subject=f"维权系统提醒：{kind}" + (f"（{number}）" if number else ""),
        text=render_to_string(page, {"notice": row.notice, "site": settings.SITE_URL}).strip(),
        to={OutletKind.SMS: person.mobile}.get(
            OutletKind(row.kind), person.email if row.outlet is None else ""
        ),
    )


def _digest(rows: list[Delivery]) -> Message:
    rows = sorted(rows, key=lambda row: row.pk)
    context = {"notices": [row.notice for row in rows], "site": settings.SITE_URL}
    return Message(
        id=f"digest-{rows[0].pk}",
        subject=f"维权系统今日汇总：{len(rows)}条提醒",
        text=render_to_string("notices/digest.txt", context).strip(),
        to=rows[0].notice.recipient.email,
    )


def try_out(outlet: Outlet, *, to: str, at: datetime) -> None:
    """Send a message that says nothing of anything.

    Raises NotSent.
    """
    text = f"维权系统试发：收到这一条，说明渠道“{outlet.name}”已经接通。"
    send(outlet, Message(id=f"try-{outlet.pk}-{at:%Y%m%d%H%M%S}", subject="维权系统试发", text=text, to=to))
