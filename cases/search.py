"""Finding a case: the only place that knows how text is matched. Everything starts from `visible_to(user)`.

Nothing is stored in clear, so an exact value is looked up by its blind index, and a part of a name or of a story by
keyed bigrams: the index gives candidates, each is opened and compared before it is shown.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from math import ceil
from time import monotonic
from typing import TypeVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import F, Func, IntegerField, Q, QuerySet, Value

from cases.choices import PersonRole
from cases.models import Case, Party, Person, Statement
from stations.models import Staff
from weiquan.sealing import bigrams, normalise

MOST_HITS = 50
# Candidates opened at most: a common phrase over a whole county is answered from the newest.
MOST_CANDIDATES = 400
# Opened at a time: a few more than are shown.
PAGE = 60
# A phrase in more than this share of all stories is looked for from the newest story back, so far at most.
COMMON = 0.02
LONGEST_WINDOW = 3000
CASE_NUMBER = re.compile(r"\d{9}-\d{4}-[FXDWZ]-\d{5}")
ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")
PHONE = re.compile(r"0?\d{7,12}")


class TooShort(Exception):
    """Fewer than two characters match almost everything. The message is a Chinese sentence for the screen."""


@dataclass(frozen=True)
class Found:
    """The cases that match, and whether there may be more. `number` is the one case number asked for."""

    cases: QuerySet[Case]
    more: bool = False
    number: str = ""
    # Where the words are the name of whoever is complained of, and of nobody else in the case.
    of_respondents: frozenset[UUID] = frozenset()

    @property
    def by_number(self) -> bool:
        return bool(self.number)


def find_cases(user: Staff, words: str) -> Found:
    """Read what the words look like and look there: a case number, an ID number, a phone, or text.

    Raises TooShort.
    """
    words = words.strip()
    compact = normalise(words).upper()
    visible = Case.objects.visible_to(user)
    number = words.upper().replace(" ", "")
    if CASE_NUMBER.fullmatch(number):
        return Found(visible.filter(number=number), number=number)
    if ID_NUMBER.fullmatch(compact):
        return _by_person(visible, Q(person__id_number_index=compact))
    if PHONE.fullmatch(compact):
        return _by_person(visible, Q(person__phones__number_index=compact))
    if len(compact) < 2:
        raise TooShort("请至少输入两个字。")
    return _by_text(visible, words)


def _by_person(visible: QuerySet[Case], condition: Q) -> Found:
    # A respondent is not found by her number: whoever is accused must not show who complains.
    parties = Party.objects.filter(condition).exclude(role=PersonRole.RESPONDENT)
    return Found(visible.filter(pk__in=parties.values("case")))


def _by_text(visible: QuerySet[Case], words: str) -> Found:
    newest = visible.order_by("-received_at", "-id")
    by_name, more_names = _verified(_names(newest, words), words)
    by_story, more_stories = _by_story(newest, words)
    hits = list(dict.fromkeys([*(case for case, _ in by_name), *by_story]))
    more = more_names or more_stories or len(hits) > MOST_HITS
    others = {case for case, role in by_name if role != PersonRole.RESPONDENT}
    respondents = frozenset(case for case, _ in by_name) - others
    return Found(visible.filter(pk__in=hits[:MOST_HITS]) if hits else visible.none(), more, "", respondents)


# What is found: a case; by a name, with the part its bearer has in it.
Key = TypeVar("Key", bound=Hashable)
# Candidates from here to there: each what is found, and how to open its texts.
Candidates = Callable[[int, int], list[tuple[Key, Callable[[], Iterable[str]]]]]


def _names(newest: QuerySet[Case], words: str) -> Candidates[tuple[UUID, str]]:
    rows = newest.filter(parties__person__name_grams__contains=bigrams("name", words)).values_list(
        "pk", "parties__role", "parties__person_id", "parties__person__name"
    )

    def some(start: int, end: int) -> list[tuple[tuple[UUID, str], Callable[[], Iterable[str]]]]:
        return [((case, role), partial(_open_name, pk, token)) for case, role, pk, token in rows[start:end]]

    return some


def _open_name(pk: UUID, token: bytes) -> Iterable[str]:
    yield Person.open_sealed("name", pk, token)


def _by_story(newest: QuerySet[Case], words: str) -> tuple[list[UUID], bool]:
    grams = bigrams("story", words)
    share = common_share(grams)
    if share:
        hits, _ = _verified(_recent_stories(newest, grams, share), words)
        if len(hits) > MOST_HITS:
            return hits, True
    return _verified(_stories(newest, grams), words)


def _stories(newest: QuerySet[Case], grams: list[int]) -> Candidates[UUID]:
    """By the index of the grams."""
    return _opened_later(newest.filter(statements__grams__contains=grams, statements__corrected_by=None))


def _recent_stories(newest: QuerySet[Case], grams: list[int], share: float) -> Candidates[UUID]:
    """By reading back from the newest case, as far as a page of hits is to be expected: of a common phrase the index
    would bring together tens of thousands of stories to show the newest fifty."""
    window = min(ceil(2 * PAGE / share), LONGEST_WINDOW)
    oldest = list(newest.values_list("received_at", flat=True)[window - 1 : window])
    array = ArrayField(IntegerField())
    # The same array by a function the index does not know.
    read = Func(F("statements__grams"), Value([], array), function="array_cat", output_field=array)
    recent = newest.filter(
        statements__corrected_by=None, **({"received_at__gte": oldest[0]} if oldest else {})
    )
    return _opened_later(recent.alias(read=read).filter(read__contains=grams))  # type: ignore[misc]


def _opened_later(cases: QuerySet[Case]) -> Candidates[UUID]:
    rows = cases.values_list("pk", "statements__pk", "statements__facts", "statements__demand")

    def some(start: int, end: int) -> list[tuple[UUID, Callable[[], Iterable[str]]]]:
        return [(case, partial(_open_story, *rest)) for case, *rest in rows[start:end]]

    return some


# The planner knows how often the commonest grams occur; its knowledge is renewed by autovacuum, ours with it.
KEEP_SECONDS = 600.0
_kept: tuple[float, dict[int, float]] = (float("-inf"), {})


def common_share(grams: list[int]) -> float:
    """In what share of all stories the rarest of these grams occurs; 0 where that is less than COMMON, or unknown."""
    global _kept
    if monotonic() - _kept[0] > KEEP_SECONDS:
        _kept = (monotonic(), _read_shares())
    share = min(_kept[1].get(gram, 0.0) for gram in grams)
    return share if share >= COMMON else 0.0


def _read_shares() -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_elems::text::integer[], most_common_elem_freqs FROM pg_stats "
            "WHERE schemaname = current_schema() AND tablename = %s AND attname = 'grams'",
            [Statement._meta.db_table],
        )
        elements, shares = cursor.fetchone() or (None, None)
    return dict(
        zip(elements or [], shares or [], strict=False)
    )  # the shares end with three figures of their own


def forget_shares() -> None:
    """Read them anew."""
    global _kept
    _kept = (float("-inf"), {})


def _open_story(pk: UUID, facts: bytes, demand: bytes) -> Iterable[str]:
    yield Statement.open_sealed("facts", pk, facts)
    yield Statement.open_sealed("demand", pk, demand)


def _verified(candidates: Candidates[Key], words: str) -> tuple[list[Key], bool]:
    """Those that really hold the words, newest first, and whether there may be more.

    Candidates are opened a page at a time, so that a common phrase costs no more than what is shown of it.
    """
    wanted = normalise(words)
    hits: dict[Key, None] = {}
    for start in range(0, MOST_CANDIDATES, PAGE):
        page = candidates(start, start + PAGE)
        hits |= dict.fromkeys(
            found
            for found, open_texts in page
            if any(words in t or wanted in normalise(t) for t in open_texts())
        )
        if len(page) < PAGE:
            return list(hits), False
        if len(hits) > MOST_HITS:
            break
    return list(hits), True
