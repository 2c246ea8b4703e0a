"""Finding by a phrase: a rare one through the index, a common one from the newest case back, both with the same result."""

from datetime import timedelta

import pytest
from django.db import connection

from cases import search
from cases.search import MOST_HITS, common_share, find_cases, forget_shares
from tests.cast import MONDAY, Cast
from tests.factories import make_case
from weiquan.sealing import bigrams

PHRASE = "把门锁了"


@pytest.fixture
def told(cast: Cast) -> list[str]:
    """Sixty cases that say the phrase, one that says something rare; their numbers, newest first."""
    stories = [f"第{n}次吵架，他{PHRASE}不让进。" for n in range(MOST_HITS + 10)]
    cases = [
        make_case(cast, at=MONDAY - timedelta(hours=n), facts=facts, demand="")
        for n, facts in enumerate(stories)
    ]
    make_case(cast, at=MONDAY - timedelta(days=9), facts="田里的水渠被堵住。", demand="")
    return [case.number for case in cases]


@pytest.fixture
def counted(told: list[str]) -> None:
    """The planner has looked at the stories."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_statement")
    forget_shares()
    yield
    forget_shares()


def numbers(cast: Cast, words: str) -> tuple[list[str], bool]:
    found = find_cases(cast.clerk, words)
    return list(found.cases.order_by("-received_at", "-id").values_list("number", flat=True)), found.more


def test_common_phrase_gives_the_newest_and_says_there_may_be_more(
    cast: Cast, told: list[str], counted: None
) -> None:
    assert common_share(bigrams("story", PHRASE)) > 0.9

    assert numbers(cast, PHRASE) == (told[:MOST_HITS], True)


def test_common_phrase_is_found_the_same_way_without_statistics(cast: Cast, told: list[str]) -> None:
    forget_shares()

    assert numbers(cast, PHRASE) == (told[:MOST_HITS], True)


def test_common_phrase_stays_inside_the_sight(cast: Cast, counted: None) -> None:
    found = find_cases(cast.other_clerk, PHRASE)

    assert list(found.cases) == []


def test_rare_phrase_is_found_however_old(cast: Cast, told: list[str], counted: None) -> None:
    assert common_share(bigrams("story", "水渠被堵住")) == 0

    shown, more = numbers(cast, "水渠被堵住")

    assert (len(shown), more) == (1, False)


def test_phrase_of_common_pairs_that_nobody_said_is_not_found(cast: Cast, counted: None) -> None:
    words = f"{PHRASE}把门"

    shown, _ = numbers(cast, words)

    assert shown == []


def test_phrase_common_elsewhere_is_still_found_by_the_index(
    cast: Cast, told: list[str], counted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LONGEST_WINDOW", 20)

    assert numbers(cast, PHRASE) == (told[:MOST_HITS], True)
