"""What a row says about how a case came here: 越级, 重复, 集体访, 领导批示, 下级正在办理."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from cases.choices import Occurrence, PersonRole, PetitionForm, Status
from cases.models import Case, Escalation, Party, Person
from stations.choices import AdminLevel
from stations.models import Staff

SKIPPED = "越级"
GROUP = "集体访"
LED = "领导批示"
BELOW = "下级正在办理"
_LOWER = (AdminLevel.VILLAGE, AdminLevel.TOWNSHIP)


def plain_marks(*, occurrence: str, contacts: int, form: str, led: bool) -> tuple[str, ...]:
    """The marks that stand on the case itself."""
    came = f"来过{contacts}次" if contacts > 1 else ""
    repeat = "重复" if occurrence == Occurrence.REPEAT else ""
    words = (
        "，".join(word for word in (repeat, came) if word),
        GROUP * (form == PetitionForm.GROUP),
        LED * led,
    )
    return tuple(word for word in words if word)


def further_marks(cases: Iterable[Any]) -> Mapping[UUID, tuple[str, ...]]:
    """The marks that other tables know, for rows with pk, level, reached and status: a few questions for all of
    them, and none for cases that never left the township."""
    upper = [case for case in cases if AdminLevel(case.reached) > AdminLevel.TOWNSHIP]
    if not upper:
        return {}
    skipped = set(
        Escalation.objects.filter(case__in=[case.pk for case in upper], skips_level=True).values_list(
            "case_id", flat=True
        )
    )
    handled = handled_below(
        case.pk
        for case in upper
        if AdminLevel(case.level) > AdminLevel.TOWNSHIP and case.status in Status.open_statuses
    )
    return {
        case.pk: (*((SKIPPED,) if case.pk in skipped else ()), *((BELOW,) if case.pk in handled else ()))
        for case in upper
        if case.pk in skipped or case.pk in handled
    }


def handled_below_of(case: Case, user: Staff) -> Case | None:
    """For one case, if the reader sees the other one too; nothing is asked about those that no upper level holds."""
    if not case.is_open or case.level in _LOWER:
        return None
    found = handled_below([case.pk]).get(case.pk)
    return found if found and Case.objects.visible_to(user).filter(pk=found.pk).exists() else None


def handled_below(pks: Iterable[UUID]) -> dict[UUID, Case]:
    """For cases brought to an upper level: the same petitioner's earlier matter of the same kind that a station or a
    village point was handling within its term when she came. The upper level does not accept it.

    Source: 信访工作条例 (2022) 第19条第3款.
    """
    petitioners = list(
        Party.objects.filter(case__in=list(pks), role=PersonRole.PETITIONER, person__isnull=False)
        .select_related("case", "person")
        .only("case__category", "case__county_code", "case__received_at", "person__id_number_index")
    )
    if not petitioners:
        return {}
    numbers = [number for party in petitioners if (number := _number_of(party)) is not None]
    people = [party.person_id for party in petitioners]
    if numbers:
        people += Person.objects.filter(id_number_index__in=numbers).values_list("pk", flat=True)
    earlier = list(
        Party.objects.filter(
            person__in=people,
            role=PersonRole.PETITIONER,
            case__status__in=Status.open_statuses,
            case__level__in=_LOWER,
        )
        .select_related("case__holder", "person")
        .order_by("case__received_at", "case_id")
    )
    found: dict[UUID, Case] = {}
    for party in petitioners:
        for other in earlier:
            if _is_same_person(party, other) and _is_same_matter(party.case, other.case):
                found.setdefault(party.case_id, other.case)
    return found


def _number_of(party: Party) -> bytes | None:
    """The blind index of her ID number, comparable with another's."""
    number = party.person.id_number_index if party.person else None
    return bytes(number) if number is not None else None


def _is_same_person(one: Party, other: Party) -> bool:
    if one.person_id == other.person_id:
        return True
    return _number_of(one) is not None and _number_of(one) == _number_of(other)


def _is_same_matter(case: Case, lower: Case) -> bool:
    """The same first level of the list of categories, the second is chosen differently by every hand; and of the same
    county, for what another county handles is not below."""
    within = lower.due_at is None or lower.due_at > case.received_at
    return (
        lower.received_at < case.received_at
        and lower.county_code.startswith(case.county_code)  # a city's own case names no county
        and within
        and lower.category.partition("_")[0] == case.category.partition("_")[0]
    )
