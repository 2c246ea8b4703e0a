"""Notices: written in the transaction of what they tell, mailed afterwards by a task."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.template.loader import render_to_string

from cases.choices import MailStatus, NoticeKind
from cases.deadlines import china_date
from cases.models import AgendaItem, Case, Clock, Meeting, Notice, Referral, Supervision, Task
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import Role
from weiquan.prepared import Prepared

log = logging.getLogger(__name__)

MAIL_BATCH = 50
MAIL_TRIES = 8
# How long a claimed mail is left alone before another sender may take it up: longer than any SMTP timeout.
MAIL_LEASE = timedelta(minutes=5)

# What a notice may lead to besides a case.
Subject = Referral | Supervision | Task | AgendaItem | Meeting


def announce(
    kind: NoticeKind,
    case: Case | None,
    to: Iterable[Staff | None],
    *,
    at: datetime,
    about: Subject | None = None,
    clock: Clock | None = None,
    stage: str = "",
) -> list[Notice]:
    """Write one notice a person; whoever is absent is passed over for the deputy, who is told for whom.

    Somebody absent without a deputy gets the notice herself: better late than never.
    """
    return Notice.objects.bulk_create(
        notices_for(kind, case, to, at=at, about=about, clock=clock, stage=stage), ignore_conflicts=True
    )


def notices_for(
    kind: NoticeKind,
    case: Case | None,
    to: Iterable[Staff | None],
    *,
    at: datetime,
    about: Subject | None = None,
    clock: Clock | None = None,
    stage: str = "",
) -> list[Notice]:
    """The rows `announce` writes, not yet written: a sweep gathers many."""
    rows: dict[int, Notice] = {}
    for person in to:
        if person is None:
            continue
        today = china_date(at)
        stand_in = person.stand_in(today) if person.is_absent(today) else None
        recipient = stand_in or person
        mailed = bool(settings.EMAIL_URL and recipient.wants_mail and recipient.email)
        rows.setdefault(
            recipient.pk,
            Notice(
                recipient=recipient,
                instead_of=person if stand_in else None,
                kind=kind,
                case=case,
                **_about(about),
                clock=clock,
                stage=stage,
                due_at=clock.effective_due if clock else None,
                at=at,
                mail_status=MailStatus.WAITING if mailed else MailStatus.NONE,
                mail_next_at=at if mailed else None,
            ),
        )
    return list(rows.values())


def _about(subject: Subject | None) -> dict[str, Subject | None]:
    """The one column of a notice that its subject goes into."""
    columns: dict[type, str] = {
        Referral: "referral",
        Supervision: "supervision",
        Task: "task",
        AgendaItem: "item",
        Meeting: "meeting",
    }
    return {columns[type(subject)]: subject} if subject is not None else {}


def write_many(notices: list[Notice]) -> None:
    """Write the rows of a sweep, leaving out what was told already.

    For hundreds of rows the ORM prepares thousands of values one by one; a column at a time takes a third as long.
    """
    if not notices:
        return
    fields = [field for field in Notice._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(str(field.column) for field in fields)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Notice._meta.db_table} ({columns}) SELECT * FROM unnest({arrays}) "  # noqa: S608 – our own names
            "ON CONFLICT DO NOTHING",
            [[_plain(getattr(notice, field.attname)) for notice in notices] for field in fields],
        )


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def people(organisation: Organisation, *roles: Role) -> list[Staff]:
    """Who holds any of these roles in that unit, with deputies loaded."""
    return list(
        Staff.objects.working().of(organisation).holding(*roles).select_related("deputy").order_by("id")
    )


def heads(organisation: Organisation) -> list[Staff]:
    """Who is in charge of a unit: its head, or its officers and leaders where it is a federation.

    A village point has none of its own: the head of the township's station decides for it.
    """
    if organisation.kind == OrgKind.VILLAGE_POINT:
        stations = Organisation.objects.active().filter(
            kind=OrgKind.STATION, region_id=f"{organisation.township_code:0<12}"
        )
        return [head for station in stations for head in people(station, Role.STATION_HEAD)]
    return _HEADS(organisation.pk)


_HEADS = Prepared(
    lambda unit: (
        Staff.objects.working()
        .filter(organisation=unit)
        .holding(Role.STATION_HEAD, Role.COUNTY_OFFICER, Role.COUNTY_LEADER)
        .select_related("deputy")
        .order_by("id")
    ),
    sample=-1,
)


def county_federation(case: Case) -> Organisation | None:
    """The county federation over the case's place; none where a county has not been set up."""
    return Organisation.objects.filter(
        kind=OrgKind.FEDERATION, region_id=f"{case.county_code:0<12}", active=True
    ).first()


def send_unsent(at: datetime) -> int:
    """Mail what waits and return how many went out; what the mail server refuses is tried again later.

    A row is claimed by moving its moment ahead before the mail leaves, so that two senders never take the same
    row, and a sender that dies gives it back after the lease.
    """
    sent = 0
    while claimed := _claim_mails(at):
        connection = get_connection()
        sent += sum(_send(notice, connection, at) for notice in claimed)
        connection.close()
    return sent


def _send(notice: Notice, connection: BaseEmailBackend, at: datetime) -> bool:
    message = EmailMessage(
        subject=f"维权系统提醒：{notice.get_kind_display()}（{notice.about}）",
        body=render_to_string("notices/mail.txt", {"notice": notice, "site": settings.SITE_URL}),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[notice.recipient.email],
        connection=connection,
    )
    try:
        connection.open()
        message.send()
    except (SMTPException, OSError) as error:
        log.warning("mail for notice %s failed: %s", notice.pk, type(error).__name__)
        connection.close()
        _put_back(notice, at)
        return False
    Notice.objects.filter(pk=notice.pk).update(
        mail_status=MailStatus.SENT, mailed_at=at, mail_next_at=None, mail_tries=notice.mail_tries + 1
    )
    return True


@transaction.atomic
def _claim_mails(at: datetime) -> list[Notice]:
    waiting = (
        Notice.objects.to_mail(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient__organisation", "case", "referral")[:MAIL_BATCH]
    )
    claimed = list(waiting)
    Notice.objects.filter(pk__in=[notice.pk for notice in claimed]).update(mail_next_at=at + MAIL_LEASE)
    return claimed


def _put_back(notice: Notice, at: datetime) -> None:
    """Try again after 1, 2, 4 … minutes; after the last try the system administrator sees it as failed."""
    tries = notice.mail_tries + 1
    if tries >= MAIL_TRIES:
        changes: dict[str, object] = {"mail_status": MailStatus.FAILED, "mail_next_at": None}
    else:
        changes = {"mail_next_at": at + timedelta(minutes=2 ** (tries - 1))}
    Notice.objects.filter(pk=notice.pk).update(mail_tries=tries, **changes)
