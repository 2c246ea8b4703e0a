"""Finding a case: the only place that knows how text is matched. Everything starts from `visible_to(user)`.

Nothing is stored in clear, so an exact value is looked up by its blind index, and a part of a name or of a story by
keyed bigrams: the index gives candidates, each is opened and compared before it is shown.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.choices import PersonRole
from cases.models import Case, Party, Person, Statement
from stations.models import Staff
from weiquan.sealing import bigrams, normalise

MOST_HITS = 50
# Candidates opened at most: a common phrase over a whole county is answered from the newest.
MOST_CANDIDATES = 400
CASE_NUMBER = re.compile(r"\d{9}-\d{4}-[FXDWZ]-\d{5}")
ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")
PHONE = re.compile(r"0?\d{7,12}")


class TooShort(Exception):
    """Fewer than two characters match almost everything. The message is a Chinese sentence for the screen."""


@dataclass(frozen=True)
class Found:
    """Case ids in the order to show, why each was found, and whether there may be more."""

    reasons: dict[UUID, str]
    truncated: bool = False


def find_cases(user: Staff, words: str) -> Found:
    """Read what the words look like and look there: a case number, an ID number, a phone, or text.

    Raises TooShort.
    """
    words = words.strip()
    compact = normalise(words).upper()
    visible = Case.objects.visible_to(user)
    if CASE_NUMBER.fullmatch(words.upper().replace(" ", "")):
        return _found(visible.filter(number=words.upper().replace(" ", "")), "案号")
    if ID_NUMBER.fullmatch(compact):
        return _by_person(visible, Q(id_number_index=compact), "身份证号")
    if PHONE.fullmatch(compact):
        return _by_person(visible, Q(phones__number_index=compact), "电话")
    if len(compact) < 2:
        raise TooShort("请至少输入两个字。")
    return _by_text(user, words)


def _found(cases: QuerySet[Case], reason: str) -> Found:
    ids = list(cases.order_by("-received_at", "-id").values_list("pk", flat=True)[: MOST_HITS + 1])
    return Found(dict.fromkeys(ids[:MOST_HITS], reason), len(ids) > MOST_HITS)


def _by_person(visible: QuerySet[Case], condition: Q, reason: str) -> Found:
    persons = Person.objects.filter(condition).values_list("pk", flat=True)
    # A respondent is not found by her number: whoever is accused must not show who complains.
    parties = Party.objects.filter(person__in=list(persons[:MOST_CANDIDATES])).exclude(
        role=PersonRole.RESPONDENT
    )
    return _found(visible.filter(pk__in=parties.values("case")), reason)


def _by_text(user: Staff, words: str) -> Found:
    by_name, more_names = _by_name(user, words)
    by_story, more_stories = _by_story(user, words)
    hits = by_name | {pk: reason for pk, reason in by_story.items() if pk not in by_name}
    return Found(dict(list(hits.items())[:MOST_HITS]), more_names or more_stories or len(hits) > MOST_HITS)


def _by_name(user: Staff, words: str) -> tuple[dict[UUID, str], bool]:
    rows = list(
        Party.objects.filter(
            case__in=Case.objects.visible_to(user), person__name_grams__contains=bigrams("name", words)
        )
        .order_by("-case__received_at", "-case_id")
        .values_list("case_id", "person_id", "person__name")[: MOST_CANDIDATES + 1]
    )
    wanted = normalise(words)
    hits = {
        case_id: "姓名"
        for case_id, person_id, token in rows[:MOST_CANDIDATES]
        if wanted in normalise(Person.open_sealed("name", person_id, token))
    }
    return hits, len(rows) > MOST_CANDIDATES


def _by_story(user: Staff, words: str) -> tuple[dict[UUID, str], bool]:
    rows = list(
        Statement.objects.filter(
            case__in=Case.objects.visible_to(user), grams__contains=bigrams("story", words), corrected_by=None
        )
        .order_by("-case__received_at", "-case_id")
        .values_list("case_id", "pk", "facts", "demand")[: MOST_CANDIDATES + 1]
    )
    wanted = normalise(words)
    hits = {}
    for case_id, pk, facts, demand in rows[:MOST_CANDIDATES]:
        texts = (Statement.open_sealed("facts", pk, facts), Statement.open_sealed("demand", pk, demand))
        if any(wanted in normalise(text) for text in texts):
            hits[case_id] = "反映内容"
    return hits, len(rows) > MOST_CANDIDATES
