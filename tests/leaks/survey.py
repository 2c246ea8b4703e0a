"""The whole round: the world is made and marked, everybody walks through it, and what each saw is kept."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from celery.signals import before_task_publish
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import override_settings

from cases.dispatch import send_unsent
from tests.cases.endpoints import Endpoint, free_port, smtp_server
from tests.cast import PEOPLE
from tests.leaks.filling import open_columns
from tests.leaks.visitor import Listener, Seen, Stop, Visitor, foreign, starts
from tests.leaks.world import NOW, World, fill_and_mark, make_world
from tests.test_secrecy_dump import Secrets

ANONYMOUS, LINK = "anonymous", "link"
# Commands that read cases; the others write files, keys or the demonstration.
RUN = ("verify_chain", "check_promises")


@dataclass
class Survey:
    world: World
    seen: Seen
    reached: dict[str, Stop] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)
    tasks: list[str] = field(default_factory=list)
    making: str = ""
    sent: list[str] = field(default_factory=list)
    printed: str = ""
    found_while_making: list[str] = field(default_factory=list)


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


def walk_everywhere(survey: Survey, listener: Listener) -> None:
    everybody = list(visitors(survey, listener))
    for visitor in everybody:
        cache.clear()  # attempts are counted there, and these are many
        first = [f"/r/{survey.world.token}/"] if visitor.role == LINK else starts()
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
            visitor.open(stop)


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


def run_commands() -> str:
    """What the commands that read cases print, with a history whose words were changed under them."""
    said = StringIO()
    for name in RUN:
        try:
            call_command(name, stdout=said, stderr=said)
        except CommandError as error:
            said.write(str(error))
    return said.getvalue()


def take_survey() -> Survey:
    """Two phases. While the world is made, whatever lies sealed in it is looked for in what was said and sent; then
    everything is marked, and everybody walks."""
    with override_settings(DEBUG=False), listening() as listener, overhearing() as tasks:
        with post_office() as (postbox, robot):
            survey = Survey(make_world(robot.url), Seen())
            send_unsent(NOW)
            survey.sent = [
                *(f"{mail}\n{mail.get_content()}" for mail in postbox.received),
                *(repr(request) for request in robot.requests),
            ]
        survey.making = listener.take()
        survey.found_while_making = Secrets().in_text("\n".join([survey.making, *survey.sent]))
        fill_and_mark(survey.world)
        listener.take()
        walk_everywhere(survey, listener)
        survey.printed = run_commands() + listener.take()
        survey.seen.add(survey.world.marks.find(survey.printed), "a command", "operator", "")
        for column, value in open_columns():
            survey.seen.add(survey.world.marks.find(value), f"column {column}", "database", column)
        survey.tasks = list(tasks)
    return survey
