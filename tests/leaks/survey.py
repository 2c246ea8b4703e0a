"""The whole round: the world is made and marked, everybody walks through it, and what each saw is kept."""

import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from io import StringIO
from typing import Any

from celery.signals import before_task_publish
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from cases.actions.archive.volume import make_volume
from cases.actions.papers.issue import for_unit
from cases.actions.papers.offers import Offer, offers
from cases.choices import ExportStatus, PersonRole, PhoneSafety
from cases.dispatch import send_unsent
from cases.documents import KINDS, About, Of, draft, draw
from cases.models import (
    ArchiveFile,
    Case,
    EmergencyAccess,
    LedgerExport,
    LedgerImport,
    Monitor,
    Party,
    Person,
    PetitionerNotice,
    Phone,
    Referral,
    Supervision,
    SupervisionPaper,
)
from cases.models.duty import Handover
from cases.permissions import in_owner_line
from stations.models import Staff
from tests.cases.endpoints import Endpoint, free_port, smtp_server
from tests.cast import PEOPLE
from tests.leaks.filling import open_columns
from tests.leaks.visitor import Listener, Seen, Stop, Visitor, foreign, starts
from tests.leaks.world import NOW, World, fill_and_mark, make_world
from tests.test_secrecy_dump import Secrets

ANONYMOUS, LINK = "anonymous", "link"
# Commands that read cases; the others write files, keys or the demonstration.
# Of whom every document is drawn: each is drawn by the same few rules.
DRAWN = ("open", "minor", "closed")
RUN = ("verify_chain", "check_promises", "check_archives")


@dataclass
class Survey:
    world: World
    seen: Seen
    reached: dict[str, Stop] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)
    tasks: list[str] = field(default_factory=list)
    making: str = ""
    sent: list[str] = field(default_factory=list)
    smuggled: list[str] = field(default_factory=list)
    printed: str = ""
    broken: tuple[int, str] = (0, "")
    found_while_making: list[str] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)
    unsafe: list[str] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Listener]:
    """Every logger as talkative as LOG_LEVEL=DEBUG makes it; what settings keep quiet by name stays so."""
    listener = Listener()
    named = settings.LOGGING["loggers"]
    quiet = [logging.getLogger(name) for name in named]
    others = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict) if name not in named]
    kept = [(logger, logger.level) for logger in (logging.root, *quiet, *others)]
    logging.root.setLevel(logging.DEBUG)
    for logger in others:
        logger.setLevel(logging.NOTSET)
    for logger in quiet:
        logger.setLevel(named[logger.name]["level"])
    hearing = [logging.root, *(logger for logger in quiet if not logger.propagate)]
    for logger in hearing:
        logger.addHandler(listener)
    try:
        yield listener
    finally:
        for logger in hearing:
            logger.removeHandler(listener)
        for logger, level in kept:
            logger.setLevel(level)


@contextmanager
def quickly() -> Iterator[None]:
    """As on a server, but for passwords, which are hashed slowly on purpose and are nothing to this survey. What was
    loaded before it is not looked through for garbage after each few requests: that took a quarter of the time."""
    gc.freeze()
    try:
        with override_settings(
            DEBUG=False, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
        ):
            yield
    finally:
        gc.unfreeze()


@contextmanager
def overhearing() -> Iterator[list[str]]:
    """What is handed to the broker: names, arguments and headers."""
    said: list[str] = []

    def hear(sender: Any = None, headers: Any = None, body: Any = None, **_: Any) -> None:
        said.append(repr((sender, headers, body)))

    before_task_publish.connect(hear)
    try:
        yield said
    finally:
        before_task_publish.disconnect(hear)


def visitors(survey: Survey, listener: Listener) -> Iterator[Visitor]:
    people = {ANONYMOUS: None, LINK: None} | {part: getattr(survey.world.cast, part) for part in PEOPLE}
    for role, person in people.items():
        yield Visitor(role, person, survey.world, survey.seen, listener)


def smuggled() -> Iterator[str]:
    """What an extract copied though it may never travel: looked for before the marks take the place of the copy."""
    for row in Referral.objects.select_related("case"):
        copied = repr(row.extract)
        hers = Party.objects.filter(case=row.case).exclude(role=PersonRole.RESPONDENT)
        for person in Person.objects.filter(parties__in=hers).distinct():
            phones = person.phones.all()
            never = {person.address_now, *(phone.pass_phrase for phone in phones)}
            never |= {phone.number for phone in phones if phone.safety == PhoneSafety.UNSAFE}
            if not set(row.extract) <= set(row.ticked) or any(one and one in copied for one in never):
                yield f"{row.number}: {sorted(row.extract)}"


def unlinked(world: World) -> list[str]:
    """Addresses of rows that no page of these cases leads to: they are known from notices and messages."""
    case = world.cases["open"]
    rows = {
        "handover_done": Handover.objects.get().pk,
        "break_in_judge": EmergencyAccess.objects.get(case=case).pk,
        "supervision_paper": Supervision.objects.filter(case=case).latest("pk").pk,
        "staff_reactivate": world.cast.far_clerk.pk,
        "ledger_import_report": LedgerImport.objects.get().pk,
        "archive_make": case.number,
    }
    return [reverse(name, args=[pk]) for name, pk in rows.items()]


def draw_everything(survey: Survey) -> None:
    """Every document that fits a case, by whoever may make it, and the volumes of the archive, from what is marked."""
    for name in DRAWN:
        case = Case.objects.select_related("station__region", "holder__region", "owner").get(
            pk=survey.world.cases[name].pk
        )
        maker = next(
            one for one in (case.owner, survey.world.cast.officer) if one and in_owner_line(one, case)
        )
        for offer in offers(case, maker):
            about = for_unit(offer.doc_type, about_of(offer, case, maker))
            drawn = draw(draft(offer.doc_type, about), template=None, at=NOW, like=offer.doc_type)
            _read_drawn(survey, "drawn:docx", drawn.docx, offer.doc_type)
            _read_drawn(survey, "drawn:pdf", drawn.pdf, offer.doc_type)
    for kept in ArchiveFile.objects.filter(case=survey.world.cases["closed"]).select_related(
        "case__holder", "unit", "filed_by"
    ):
        volume = make_volume(kept, at=NOW)
        _read_drawn(survey, "archived:volume", volume.pdf, kept.number)
        _read_drawn(survey, "archived:folder", volume.package, kept.number)
        _read_drawn(survey, "archived:annex", volume.annex or b"", kept.number)
    for made in LedgerExport.objects.filter(status=ExportStatus.READY):
        _read_drawn(survey, f"exported:{made.ledger}", made.file, str(made.by))


def _read_drawn(survey: Survey, surface: str, file: bytes, what: str) -> None:
    """What is on it; and numbers that must not be dialled, because a mark says whose number it is, not how safe."""
    found = survey.world.marks.find_in(file)
    survey.seen.add(found, surface, "paper", what)
    survey.drawn[surface] += 1
    unsafe = {phone.number for phone in Phone.objects.filter(safety=PhoneSafety.UNSAFE)}
    survey.unsafe += [f"{surface} {what}: {one}" for one in found if one.value in unsafe]


def about_of(offer: Offer, case: Case, maker: Staff) -> About:
    tables: dict[Of, Any] = {
        Of.NOTICE: PetitionerNotice,
        Of.REFERRAL: Referral,
        Of.PAPER: SupervisionPaper,
        Of.MONITOR: Monitor,
    }
    of = KINDS[offer.doc_type].of
    made_of = {of.value: tables[of].objects.get(pk=offer.of)} if of in tables else {}
    assert maker.organisation is not None
    return About(unit=maker.organisation, by=maker, at=NOW, case=case, **made_of)


def walk_everywhere(survey: Survey, listener: Listener) -> None:
    everybody = list(visitors(survey, listener))
    for visitor in everybody:
        cache.clear()  # attempts are counted there, and these are many
        first = [f"/r/{survey.world.token}/"] if visitor.role == LINK else starts() + unlinked(survey.world)
        visitor.walk(first)
        if "search" in visitor.routes:
            visitor.seek()
        if visitor.role == ANONYMOUS:
            visitor.ask_progress()
        survey.reached |= visitor.reached
        survey.routes |= visitor.routes
    for visitor in everybody:
        cache.clear()
        for stop in foreign(survey.reached, set(visitor.reached)):
            visitor.intrude(stop)
            survey.routes |= visitor.routes


@contextmanager
def post_office() -> Iterator[tuple[Any, Endpoint]]:
    """A real mail server and a real robot's address on this machine."""
    port, endpoint = free_port(), Endpoint()
    server = smtp_server(port)
    server.start()
    ways = {
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "OUTLETS_ALLOW_PRIVATE": True,
    }
    try:
        with override_settings(**ways):
            yield server.handler, endpoint
    finally:
        server.stop()
        endpoint.close()


def _but_the_address(mail: EmailMessage) -> str:
    """A mail as its readers see it, without to whom it goes: a unit's own mailbox is no secret to its mail."""
    del mail["To"]
    return f"{mail['Subject']}\n{mail}\n{mail.get_content()}"


def run_commands() -> str:
    """What the commands that read cases print, with a history whose words were changed under them."""
    said = StringIO()
    for name in RUN:
        try:
            call_command(name, stdout=said, stderr=said)
        except CommandError as error:
            said.write(str(error))
    return said.getvalue()


def break_a_value(world: World, listener: Listener) -> tuple[int, str]:
    """What the page and the log say when a sealed value was moved to where it does not belong."""
    case = world.cases["open"]
    client = Client(raise_request_exception=False)
    client.force_login(world.cast.clerk, backend="stations.backends.StaffBackend")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL weiquan.rotating = 'on'")
        cursor.execute("UPDATE cases_statement SET facts = demand WHERE case_id = %s", [case.pk])
        listener.take()
        response = client.get(reverse("case", args=[case.number]))
        transaction.set_rollback(True)
    return response.status_code, response.content.decode() + listener.take()


def take_survey() -> Survey:
    """Two phases. While the world is made, whatever lies sealed in it is looked for in what was said and sent; then
    everything is marked, and everybody walks."""
    with quickly(), listening() as listener, overhearing() as tasks:
        with post_office() as (postbox, robot):
            survey = Survey(make_world(robot.url), Seen())
            send_unsent(NOW)
            survey.sent = [
                *map(_but_the_address, postbox.received),
                *(repr(request) for request in robot.requests),
            ]
        survey.making = listener.take()
        survey.found_while_making = Secrets().in_text("\n".join([survey.making, *survey.sent]))
        survey.smuggled = list(smuggled())
        fill_and_mark(survey.world)
        draw_everything(survey)
        listener.take()
        walk_everywhere(survey, listener)
        survey.broken = break_a_value(survey.world, listener)
        survey.printed = run_commands() + listener.take()
        survey.seen.add(survey.world.marks.find(survey.printed), "a command", "operator", "")
        for column, value in open_columns():
            marks = survey.world.marks
            found = marks.find_in_binary(value) if isinstance(value, bytes) else marks.find(value)
            survey.seen.add(found, f"column {column}", "database", column)
        survey.tasks = list(tasks)
    return survey
