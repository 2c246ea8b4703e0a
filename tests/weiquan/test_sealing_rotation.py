import os
import signal
import subprocess
import sys
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from cases.management.commands import rotate_keys
from tests.weiquan.conftest import make_ring
from tests.weiquan.sealing_models import MODELS, Enclosure, Letter
from weiquan.sealing import KeyRingError, rotation
from weiquan.sealing.rotation import keys_in_use, rotate, sealed_tables

OLD, BOTH, NEW = make_ring("k1"), make_ring("k2", "k1", "k2"), make_ring("k2")
TABLES = sealed_tables(MODELS)


def letters(count):
    made = Letter.objects.bulk_create(
        [Letter(sender=f"王{number}", facts="想离婚", extras=[number]) for number in range(count)]
    )
    Enclosure.objects.bulk_create([Enclosure(letter=letter, text="照片") for letter in made[:2]])
    return made


def under(key_id):
    return sum(count for (_, key), count in keys_in_use(TABLES).items() if key == key_id)


def silent(line):
    pass


def test_rotation_seals_everything_again_and_the_old_key_can_go(tables, settings):
    made = letters(7)
    settings.WEIQUAN_KEYS = BOTH
    lines = []

    done = rotate(TABLES, lines.append, batch=3)

    assert done == {"sealing_tests_enclosure": 2, "sealing_tests_letter": 7}
    assert lines == [
        "sealing_tests_enclosure: 2 rows sealed under k2",
        "sealing_tests_letter: 3 rows sealed under k2",
        "sealing_tests_letter: 6 rows sealed under k2",
        "sealing_tests_letter: 7 rows sealed under k2",
    ]
    settings.WEIQUAN_KEYS = NEW
    assert [
        (letter.sender, letter.facts, letter.phone, letter.extras) for letter in Letter.objects.order_by("pk")
    ] == [(f"王{number}", "想离婚", None, [number]) for number in range(7)]
    assert Letter.objects.get(sender_index="王3") == made[3]


def test_a_second_rotation_finds_nothing_to_do(tables, settings):
    letters(3)
    settings.WEIQUAN_KEYS = BOTH
    rotate(TABLES, silent)
    before = list(Letter.objects.order_by("pk").values_list("sender", "facts"))

    assert rotate(TABLES, silent) == {"sealing_tests_enclosure": 0, "sealing_tests_letter": 0}
    assert list(Letter.objects.order_by("pk").values_list("sender", "facts")) == before


def test_only_values_under_another_key_change(tables, settings):
    [letter] = letters(1)
    settings.WEIQUAN_KEYS = BOTH
    letter.facts = "改了"
    letter.save(update_fields=["facts"])
    [before] = Letter.objects.values_list("facts", flat=True)

    rotate(TABLES, silent)

    assert list(Letter.objects.values_list("facts", flat=True)) == [before]
    assert under("k1") == 0


def test_a_missing_key_stops_it_before_anything_is_touched(tables, settings):
    letters(3)
    settings.WEIQUAN_KEYS = BOTH
    Enclosure.objects.get(pk=Letter.objects.earliest("pk").pk).save()
    settings.WEIQUAN_KEYS = make_ring("k3", "k2", "k3")
    before = keys_in_use(TABLES)

    with pytest.raises(
        KeyRingError, match=r"k1 in sealing_tests_enclosure\.text; k1 in sealing_tests_letter\.extras"
    ):
        rotate(TABLES, silent)

    assert keys_in_use(TABLES) == before


def test_a_stopped_run_is_taken_up_where_it_stopped(committed_tables, settings):
    letters(10)
    settings.WEIQUAN_KEYS = BOTH

    def stop(line):
        if line.startswith("sealing_tests_letter: 6"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(TABLES, stop, batch=3)
    assert under("k1") == 4 * 3

    assert rotate(TABLES, silent, batch=3) == {"sealing_tests_enclosure": 0, "sealing_tests_letter": 4}
    assert under("k1") == 0


KILLED = """
import sys, time
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from tests.weiquan.sealing_models import MODELS
from weiquan.sealing.rotation import rotate, sealed_tables
def report(line):
    print(line, flush=True)
    time.sleep(0.02)
rotate(sealed_tables(MODELS), report, batch=5)
"""


@pytest.mark.servers
def test_a_killed_run_leaves_every_row_readable_and_is_taken_up(committed_tables, settings):
    letters(500)
    settings.WEIQUAN_KEYS = BOTH
    environment = {**os.environ, "WEIQUAN_KEYS": BOTH, "DJANGO_SETTINGS_MODULE": "weiquan.settings"}
    command = [sys.executable, "-c", KILLED, connection.settings_dict["NAME"]]

    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            if line.startswith("sealing_tests_letter: 50 "):
                break
        run.send_signal(signal.SIGKILL)

    assert run.returncode == -signal.SIGKILL
    left = under("k1") // 3
    assert 0 < left <= 450
    assert {letter.facts for letter in Letter.objects.all()} == {"想离婚"}
    assert rotate(TABLES, silent)["sealing_tests_letter"] == left
    assert under("k1") == 0


def test_a_row_being_written_is_left_to_its_writer(committed_tables, settings):
    first, second = letters(2)
    settings.WEIQUAN_KEYS = BOTH
    locked, release = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            letter = Letter.objects.select_for_update().get(pk=first.pk)
            locked.set()
            release.wait(10)
            letter.facts = "写的人说了算"
            letter.save(update_fields=["facts"])
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    locked.wait(10)

    def report(line):
        if line == "sealing_tests_letter: 1 rows sealed under k2":
            assert Letter.objects.get(pk=second.pk).facts == "想离婚"
            release.set()

    done = rotate(sealed_tables([Letter]), report)
    writer.join()

    assert done == {"sealing_tests_letter": 2}
    assert Letter.objects.get(pk=first.pk).facts == "写的人说了算"
    assert under("k1") == 2  # the enclosures, which were not asked for


def test_rows_that_stay_locked_are_reported_and_left(committed_tables, settings, monkeypatch):
    monkeypatch.setattr(rotation, "ROUND_PAUSE_SECONDS", 0)
    first, _ = letters(2)
    settings.WEIQUAN_KEYS = BOTH
    locked, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Letter.objects.select_for_update().get(pk=first.pk)
            locked.set()
            release.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(10)
    lines = []
    done = rotate(sealed_tables([Letter]), lines.append)
    release.set()
    holder.join()

    assert done == {"sealing_tests_letter": 1}
    assert lines[-1] == "sealing_tests_letter: rows locked by others were left as they are; run again later"


def test_a_broken_value_is_named_and_the_rest_goes_on(tables, settings):
    first, second, _ = letters(3)
    with connection.cursor() as cursor:
        cursor.execute("update sealing_tests_letter set facts = sender where id = %s", [first.pk])
        cursor.execute("update sealing_tests_letter set facts = 'x' where id = %s", [second.pk])
    settings.WEIQUAN_KEYS = BOTH
    lines = []

    done = rotate(TABLES, lines.append)

    assert done["sealing_tests_letter"] == 1
    assert f"sealing_tests_letter.facts.{first.pk} was changed or belongs to another row" in lines[-2]
    assert f"sealing_tests_letter.facts.{second.pk} has no readable head" in lines[-1]
    assert keys_in_use(TABLES)["sealing_tests_letter.facts", ""] == 1


def test_append_only_tables_let_only_the_rotation_through(committed_tables, settings):
    letters(2)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            create function sealing_tests_refuse() returns trigger language plpgsql as $$
            begin
                if current_setting('weiquan.rotating', true) is distinct from 'on' then
                    raise exception 'append only';
                end if;
                return new;
            end $$;
            create trigger refuse before update on sealing_tests_letter
                for each row execute function sealing_tests_refuse();
            """
        )
    settings.WEIQUAN_KEYS = BOTH

    assert rotate(TABLES, silent)["sealing_tests_letter"] == 2
    with pytest.raises(Exception, match="append only"):
        Letter.objects.update(place="别处")
    with connection.cursor() as cursor:
        cursor.execute("drop function sealing_tests_refuse cascade")


@pytest.fixture
def only_test_tables(monkeypatch):
    monkeypatch.setattr(rotate_keys, "sealed_tables", lambda: TABLES)


def test_the_command_rotates_reports_and_checks(tables, settings, capsys, only_test_tables):
    letters(2)
    settings.WEIQUAN_KEYS = BOTH

    with pytest.raises(CommandError, match="Still in use besides k2: k1"):
        call_command("rotate_keys", check=True)
    assert "sealing_tests_letter.sender: 2 under k1" in capsys.readouterr().out
    assert under("k1") == 8

    call_command("rotate_keys")
    assert capsys.readouterr().out.splitlines() == [
        "sealing_tests_enclosure: 2 rows sealed under k2",
        "sealing_tests_letter: 2 rows sealed under k2",
        "4 rows sealed again under k2.",
        "sealing_tests_enclosure.text: 2 under k2",
        "sealing_tests_letter.extras: 2 under k2",
        "sealing_tests_letter.facts: 2 under k2",
        "sealing_tests_letter.sender: 2 under k2",
        "Every value is under k2; the other keys may be dropped.",
    ]
    call_command("rotate_keys", check=True)


def test_every_installed_model_with_sealed_fields_is_rotated():
    from django.apps import apps

    from weiquan.sealing.fields import SealedField

    expected = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
    }

    assert {(table.name, column) for table in sealed_tables() for column in table.columns} == expected
