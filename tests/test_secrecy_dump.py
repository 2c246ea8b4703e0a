"""No personal value and no sentence of a story of any demo case is in a dump of the database, in the logs, or in
Valkey: looked for in the text itself, inside binary columns, and behind JSON escapes."""

import base64
import binascii
import json
import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from celery import Celery
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases import tasks
from cases.models import (
    Case,
    ClockRule,
    CodeItem,
    IssuedDocument,
    Monitor,
    OrderApplication,
    Outlet,
    Person,
    PetitionerNotice,
    Phone,
    Referral,
    Statement,
    SupervisionPaper,
)
from stations.models import Organisation, Region, Staff, StationFacts, Tie
from tests.conftest import PATIENCE, Clockwork
from tests.demo_city import CASES
from weiquan.launcher.postgres import installed_folders, wheel_folder
from weiquan.launcher.process import Program
from weiquan.launcher.valkey import Valkey
from weiquan.sealing import SealedJSONField, SealedTextField

pytestmark = pytest.mark.xdist_group("demo")

WINDOW = 8
HAN = re.compile(r"[\u4e00-\u9fff]")
HEX = re.compile(r"\\\\x((?:[0-9a-f]{2})+)")
# Values that name somebody or lead to her, looked for whole; dates of birth also stand in the calendar.
PERSONAL = (
    (Person, ("name", "id_number", "address_now", "address_papers", "work_place")),
    (Phone, ("number",)),
    (Statement, ("place",)),
    (Outlet, ("address", "secret")),
    # Her own name and number stand beside her account in clear.
    (Tie, ("id_number",)),
)


# -- what must not be found -----------------------------------------------------------------------


def sealed_texts() -> Iterator[str]:
    """Every sealed text of every row, opened; of sealed JSON, every text in it."""
    ours = (model for app in ("cases", "stations") for model in apps.get_app_config(app).get_models())
    for model in ours:
        fields = [f.name for f in model._meta.fields if isinstance(f, SealedTextField | SealedJSONField)]
        for row in model._default_manager.iterator() if fields else ():
            for name in fields:
                yield from _texts_in(getattr(row, name))


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts_in(one)


def windows(texts: Iterator[str]) -> set[str]:
    """Every stretch of eight characters that holds Chinese; digits alone also stand in counters."""
    found = {text[i : i + WINDOW] for text in texts for i in range(len(text) - WINDOW + 1)}
    return {window for window in found if HAN.search(window)}


def open_words() -> Iterator[str]:
    """What may be read: places, units, staff, code lists, and the numbers of cases and letters."""
    for model, name in (
        (Organisation, "name"),
        (Organisation, "short_name"),
        (StationFacts, "address"),
        (Staff, "name"),
        (Region, "name"),
        (CodeItem, "name"),
        (Case, "number"),
        (Referral, "number"),
        (PetitionerNotice, "number"),
        (Monitor, "number"),
        (OrderApplication, "court_number"),
        *((ClockRule, name) for name in ("name", "trigger", "met_by", "paused_by", "bound", "law")),
    ):
        yield from model._default_manager.values_list(name, flat=True)
    # 案号… on a paper, 编号… in a message: the stroke before a number says nothing.
    yield from (f"号{number}" for number in Case.objects.values_list("number", flat=True))
    for model in (SupervisionPaper, IssuedDocument):
        yield from model._default_manager.exclude(number=None).values_list("number", flat=True)


def personal_values() -> set[str]:
    found = {
        getattr(row, name)
        for model, names in PERSONAL
        for row in model._default_manager.iterator()
        for name in names
    }
    return found - {""}


class Secrets:
    """Whole values and stretches of sentences, and where they turn up."""

    def __init__(self) -> None:
        self.values = personal_values()
        self.windows = windows(sealed_texts()) - windows(open_words())

    def in_text(self, text: str) -> list[str]:
        readable = opened_up(text)
        found = [value for value in self.values if value in readable]
        for line in readable.splitlines():
            if HAN.search(line):
                ends = range(len(line) - WINDOW + 1)
                found += [line[i : i + WINDOW] for i in ends if line[i : i + WINDOW] in self.windows]
        return found


def opened_up(text: str) -> str:
    """The text, what binary columns would say if they were text, and what \\u escapes say."""
    binary = (bytes.fromhex(match[1]).decode("utf-8", "replace") for match in HEX.finditer(text))
    plain = HEX.sub("", text)
    unescaped = re.sub(r"\\+u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), plain)
    return "\n".join([plain, unescaped, *binary])


@pytest.fixture(scope="module")
def secrets(demo) -> Secrets:
    return Secrets()


# -- where it is looked for -----------------------------------------------------------------------


def dump() -> str:
    """The whole database as `pg_dump` writes it."""
    settings = connection.settings_dict
    named = {"host": settings["HOST"], "port": settings["PORT"], "username": settings["USER"]}
    options = [f"--{name}={value}" for name, value in named.items() if value]
    surroundings = os.environ | ({"PGPASSWORD": settings["PASSWORD"]} if settings["PASSWORD"] else {})
    done = subprocess.run(
        [pg_dump(), *options, "--no-password", settings["NAME"]],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=surroundings,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pg_dump() -> str:
    """A pg_dump at least as new as the server, which refuses to be read by an older one."""
    wanted = connection.pg_version // 10_000
    on_path = shutil.which("pg_dump")
    wheel = wheel_folder()
    folders = [*installed_folders(), *([wheel / "bin"] if wheel else [])]
    for program in [*([on_path] if on_path else []), *(str(folder / "pg_dump") for folder in folders)]:
        if Path(program).exists():
            version = subprocess.run(
                [program, "--version"], capture_output=True, text=True, check=True
            ).stdout
            if int(re.search(r"\) (\d+)", version)[1]) >= wanted:
                return program
    raise AssertionError(f"There is no pg_dump of PostgreSQL {wanted} or newer.")


def everything_in(url: str) -> str:
    """All keys of a Valkey with their values, whatever their type."""
    store = redis.from_url(url, encoding_errors="replace")
    read = {
        b"string": store.get,
        b"list": lambda key: store.lrange(key, 0, -1),
        b"set": store.smembers,
        b"zset": lambda key: store.zrange(key, 0, -1, withscores=True),
        b"hash": store.hgetall,
    }
    # A key may be gone before it is read: then its type is "none".
    shown = {key.decode(): str(read.get(store.type(key), str)(key)) for key in store.scan_iter()}
    store.close()
    text = json.dumps(shown, ensure_ascii=False)
    # A message carries its arguments as base64 of JSON.
    bodies = re.findall(r"[A-Za-z0-9+/=]{16,}", text)
    return "\n".join([text, *(_from_base64(body) for body in bodies)])


def _from_base64(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


# -- the proofs -----------------------------------------------------------------------------------


def test_there_is_plenty_to_find(secrets):
    """Otherwise nothing that follows would say anything."""
    assert len(secrets.values) > 200
    assert len(secrets.windows) > 5_000
    assert any(len(value) == 3 for value in secrets.values)
    assert any(re.fullmatch(r"\d{17}[\dX]", value) for value in secrets.values)


def test_a_dump_says_nothing_of_anybody(secrets):
    written = dump()

    assert Case.objects.first().number in written
    assert Staff.objects.get(username="zgy.jiedai").name in written
    assert secrets.in_text(written) == []


@pytest.mark.parametrize("kind", ["name", "sentence", "binary", "escaped"])
def test_a_leak_would_be_found(secrets, kind):
    """Planted where it could really happen: in plain columns, in a binary one, in escaped JSON."""
    name, sentence = (
        Person.objects.exclude(name_index=None).first().name,
        Statement.objects.first().facts[:20],
    )
    case = Case.objects.first()
    planted = {
        "name": ("UPDATE cases_codeitem SET name = %s WHERE code = 'MAR_DV'", name, [name]),
        "sentence": ("UPDATE cases_codeitem SET name = %s WHERE code = 'MAR_DV'", sentence, [sentence[:8]]),
        "binary": ("UPDATE cases_case SET head = %s WHERE number = %s", sentence.encode(), [sentence[:8]]),
        "escaped": ("UPDATE cases_codeitem SET name = %s WHERE code = 'MAR_DV'", json.dumps(name), [name]),
    }
    statement, leak, found = planted[kind]
    before = CodeItem.objects.get(code="MAR_DV").name
    with connection.cursor() as cursor:
        cursor.execute(statement, [leak, case.number] if kind == "binary" else [leak])
    try:
        assert set(found) <= set(secrets.in_text(dump()))
    finally:
        CodeItem.objects.filter(code="MAR_DV").update(name=before)
        Case.objects.filter(pk=case.pk).update(head=bytes(case.head))


def test_seeding_said_nothing_of_anybody(demo, secrets):
    assert f"{CASES} invented cases" in demo.said
    assert secrets.in_text(demo.said) == []


def test_reading_and_searching_leave_nothing_in_the_logs_or_the_database(demo, secrets, caplog, capfd):
    """The clerk opens a case with everything in it, and looks for its petitioner by name, number and story."""
    clerk = Staff.objects.get(username="zgy.jiedai")
    case = Case.objects.open().owned_by(clerk).exclude(status="REGISTERED").first()
    person = case.parties.select_related("person").filter(role="PETITIONER").first().person
    client = Client()
    client.force_login(clerk)

    with caplog.at_level(logging.DEBUG):
        assert case.number in client.get(reverse("case", args=[case.number])).content.decode()
        for words in (
            person.name,
            person.name[1:],
            person.phones.first().number,
            case.statements.first().facts[:6],
        ):
            assert case.number in client.post(reverse("search"), {"q": words}).content.decode()
        client.get(reverse("case", args=["no-such-case"]))

    said = caplog.text + "".join(capfd.readouterr())
    assert secrets.in_text(said) == []
    assert secrets.in_text(dump()) == []


def _until_all_are_done(worker: Program, names: list[str]) -> str:
    latest = time.monotonic() + PATIENCE
    while True:
        log = worker.log_path.read_text(encoding="utf-8")
        if all(re.search(rf"Task {re.escape(name)}\[\S+\] succeeded", log) for name in names):
            return log
        assert worker.alive, worker.tail()
        assert time.monotonic() < latest, worker.tail()
        time.sleep(0.1)


@pytest.mark.servers
def test_a_worker_says_and_stores_nothing_of_anybody(demo, secrets, valkey: Valkey, tmp_path):
    """A real worker sweeps the demonstration; its log, its broker and the cache are read to the last key."""
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{demo.name}"))
    variables = {**os.environ, "DATABASE_URL": database, "REDIS_URL": valkey.url, "PYTHONUNBUFFERED": "1"}
    work = Clockwork(variables, tmp_path)
    broker = Celery(broker=valkey.url.replace("unix://", "redis+socket://", 1))
    names = [tasks.remind.name, tasks.send_notices.name, tasks.anchor_chains.name, tasks.drop_old_drafts.name]
    try:
        for name in names:
            broker.send_task(name)
        waiting = everything_in(valkey.url)
        worker = work.start("worker", "worker", "--pool", "solo", "--loglevel", "DEBUG", ready=" ready.")
        log = _until_all_are_done(worker, names)
    finally:
        broker.close()
        for program in work.running:
            program.stop()

    assert all(name in waiting for name in names)
    assert secrets.in_text(waiting) == []
    assert secrets.in_text(log) == []
    assert secrets.in_text(everything_in(valkey.url)) == []
    assert secrets.in_text(everything_in(os.environ["REDIS_URL"])) == []
