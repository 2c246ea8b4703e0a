import os
import time
from pathlib import Path

import pytest

from weiquan.launcher import throwaway
from weiquan.launcher.places import Places, server_account
from weiquan.launcher.surroundings import demo_surroundings, throwaway_surroundings


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(throwaway, "BASE", tmp_path)
    return tmp_path


def test_a_run_leaves_no_folder_behind(base: Path) -> None:
    with throwaway.throwaway_places() as places:
        assert places.home.parent == base

    assert list(base.iterdir()) == []


def test_the_folder_of_a_killed_run_is_swept_away_and_that_of_a_living_one_is_not(base: Path) -> None:
    long_ago = time.time() - 3600
    dead = base / f"{throwaway.PREFIX}dead"
    dead.mkdir()
    (dead / "alive").touch()
    os.utime(dead, (long_ago, long_ago))

    with throwaway.throwaway_places() as living:
        os.utime(living.home, (long_ago, long_ago))
        throwaway.sweep()
        assert living.home.exists()
    assert not dead.exists()


def test_a_run_that_is_just_starting_is_not_swept_away(base: Path) -> None:
    fresh = base / f"{throwaway.PREFIX}fresh"
    fresh.mkdir()

    throwaway.sweep()

    assert fresh.exists()


def test_tests_run_apart_from_the_configuration_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example.cn")
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/real")
    monkeypatch.setenv("WEIQUAN_KEYS_FILE", "/etc/weiquan/keys.json")

    variables = throwaway_surroundings(database="postgres://x/y", broker="unix:///s", debug=True)

    assert variables["DATABASE_URL"] == "postgres://x/y"
    assert {"EMAIL_URL", "WEIQUAN_KEYS_FILE"}.isdisjoint(variables)


def test_the_demo_keeps_its_keys_and_nobody_else_can_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "WEIQUAN_KEYS"):
        monkeypatch.delenv(name, raising=False)
    places = Places(tmp_path, tmp_path, tmp_path, server_account())

    first = demo_surroundings(places, database="postgres://x/y", broker="unix:///s")
    kept = {name: Path(first[name]).read_text() for name in ("SECRET_KEY_FILE", "WEIQUAN_KEYS_FILE")}
    second = demo_surroundings(places, database="postgres://x/y", broker="unix:///s")

    assert {name: Path(second[name]).read_text() for name in kept} == kept
    assert [path.stat().st_mode & 0o777 for path in sorted(tmp_path.iterdir())] == [0o600, 0o600]


def test_given_keys_are_used_and_none_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    monkeypatch.setenv("WEIQUAN_KEYS_FILE", "/etc/weiquan/keys.json")
    places = Places(tmp_path, tmp_path, tmp_path, server_account())

    variables = demo_surroundings(places, database="postgres://x/y", broker="unix:///s")

    assert (variables["SECRET_KEY"], variables["WEIQUAN_KEYS_FILE"]) == ("given", "/etc/weiquan/keys.json")
    assert list(tmp_path.iterdir()) == []
