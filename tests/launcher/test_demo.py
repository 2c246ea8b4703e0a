import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from weiquan.launcher import demo
from weiquan.launcher.console import Trouble
from weiquan.launcher.demo import free_port, ours_or_running, stoppable
from weiquan.launcher.places import Places, only_one, server_account


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path, tmp_path / "logs", tmp_path / "s", server_account())


@pytest.fixture
def taken() -> int:
    """A port in use, with a free one above it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_taken_port_is_told_and_the_next_one_used(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(taken))

    with free_port() as listener:
        port = listener.getsockname()[1]

    assert taken < port < taken + demo.PORTS_TRIED
    assert capsys.readouterr().out == f"Port {taken} is taken by another program; using {port}.\n"


def test_a_port_that_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")

    with pytest.raises(Trouble, match="PORT must be a number, not 'http'"):
        free_port()


def test_a_port_beyond_the_last_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "70000")

    with pytest.raises(Trouble, match="No port from 70000 on is free"):
        free_port()


def test_a_launcher_alone_gets_the_lock_and_drops_a_stale_address(places: Places) -> None:
    places.address.write_text("http://127.0.0.1:8000")

    with ours_or_running(places, "make run") as ours:
        assert ours
        assert not places.address.exists()


def test_a_second_launcher_waits_for_the_first_and_joins_it(places: Places) -> None:
    def first_is_up() -> None:
        time.sleep(0.5)
        places.address.write_text("http://127.0.0.1:8000")

    with only_one(places.lock, "make run"):
        first = threading.Thread(target=first_is_up)
        first.start()
        with ours_or_running(places, "make run") as ours:
            assert not ours
            assert places.address.read_text() == "http://127.0.0.1:8000"
        first.join()


def test_a_second_launcher_takes_over_when_the_first_gives_up(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    first = only_one(places.lock, "make demo-reset")
    first.__enter__()
    ending = threading.Timer(0.5, first.__exit__, (None, None, None))
    ending.start()

    with ours_or_running(places, "make run") as ours:
        assert ours
    ending.join()
    assert "being looked after already (make demo-reset, process" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_leads_out_in_order_and_a_second_cannot_break_it_off(number: signal.Signals) -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    steps = []
    try:
        with stoppable():
            try:
                signal.raise_signal(number)
                steps.append("went on")
            finally:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGTERM)
                steps.append("stopped the servers")
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

    assert steps == ["stopped the servers"]


def test_nohup_is_respected() -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    steps = []
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with stoppable():
            signal.raise_signal(signal.SIGHUP)
            steps.append("went on")
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

    assert steps == ["went on"]
