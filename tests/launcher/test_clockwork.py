"""The servers that other tests build on: real Celery programs on the database and the Valkey of one test."""

import os
import signal

import pytest
import redis

from tests.conftest import Clockwork
from weiquan.launcher.valkey import Valkey

pytestmark = pytest.mark.servers


def test_a_worker_takes_tasks_from_its_own_valkey_and_sees_the_test_database(
    clockwork: Clockwork, valkey: Valkey
) -> None:
    worker = clockwork.start("worker", "worker", "--concurrency", "1", "--loglevel", "INFO", ready=" ready.")

    assert f"redis+socket://{valkey.socket}" in worker.log_path.read_text(encoding="utf-8")
    assert "/test_" in clockwork.variables["DATABASE_URL"]
    assert clockwork.variables["REDIS_URL"] != os.environ["REDIS_URL"]
    with redis.Redis.from_url(valkey.url) as client:
        assert client.keys("_kombu.binding.*")


def test_a_killed_worker_is_gone_and_can_be_followed_by_another(clockwork: Clockwork) -> None:
    first = clockwork.start("first", "worker", "--concurrency", "1", "--loglevel", "INFO", ready=" ready.")
    assert first.pid is not None

    os.kill(first.pid, signal.SIGKILL)
    second = clockwork.start("second", "worker", "--concurrency", "1", "--loglevel", "INFO", ready=" ready.")

    assert (first.alive, second.alive) == (False, True)
