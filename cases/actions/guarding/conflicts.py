"""Who here is a party of a case, or close to one: found by blind index, nobody's declaration is opened.

Source: 信访工作条例 (2022) 第28条第3款.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cases.choices import PersonRole, Step
from cases.models import Case, Event, Party, Person, Phone
from stations.choices import OrgKind
from stations.models import Staff, Tie

# Who reports or comes along has no part in the matter itself.
WITHOUT_INTEREST = (PersonRole.WITNESS, PersonRole.REPORTER, PersonRole.ACCOMPANY)


@dataclass(frozen=True)
class Conflict:
    """One person here (by id) whom the matter may concern: certain by ID number or telephone, else by name only."""

    staff: int
    certain: bool


@dataclass(frozen=True)
class Traces:
    """What the parties of a case can be recognised by. `people` are pairs of the index of a name and of an ID number."""

    people: frozenset[tuple[bytes | None, bytes | None]]
    phones: frozenset[bytes]
    names: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, people: Iterable[Person], phones: Iterable[Phone]) -> "Traces":
        known, phones = list(people), list(phones)
        return cls(
            frozenset((_plain(one.name_index), _plain(one.id_number_index)) for one in known),
            frozenset(bytes(phone.number_index) for phone in phones if phone.number_index),
            frozenset(one.name for one in known if one.name),
            frozenset(phone.number for phone in phones),
        )

    def fits(self, name: bytes | None, id_number: bytes | None, phone: bytes | None) -> bool | None:
        """Whether this is certainly one of them (True), may be one by her name (False), or is none (None)."""
        ids = {index for _, index in self.people}
        if (id_number and id_number in ids) or (phone and phone in self.phones):
            return True
        # The same name under another ID number is another person.
        same_name = name and any(
            name == index and not (id_number and number) for index, number in self.people
        )
        return False if same_name else None


def _plain(index: bytes | memoryview | None) -> bytes | None:
    return bytes(index) if index is not None else None


def conflicts_of(case: Case) -> list[Conflict]:
    """Everybody here whom the matter may concern, each once; four queries however many parties there are."""
    parties = Party.objects.filter(case=case, person__isnull=False).exclude(role__in=WITHOUT_INTEREST)
    people = [party.person for party in parties.select_related("person") if party.person]
    return find_conflicts(case, Traces.of(people, Phone.objects.filter(person__in=people)))


def find_conflicts(case: Case, traces: Traces) -> list[Conflict]:
    """The same for parties whose rows are at hand: two queries, none where nobody is named."""
    if not traces.people:
        return []
    certain: dict[int, bool] = {}
    for staff, sure in (*_declared(traces), *_by_account(traces, case)):
        certain[staff] = certain.get(staff, False) or sure
    return [Conflict(staff, sure) for staff, sure in sorted(certain.items())]


def _declared(traces: Traces) -> list[tuple[int, bool]]:
    names = [name for name, _ in traces.people if name]
    ids = [number for _, number in traces.people if number]
    same = Q(name_index__in=names) | Q(id_number_index__in=ids) | Q(phone_index__in=list(traces.phones))
    rows = Tie.objects.filter(same, staff__is_active=True)
    return [
        (staff, fit)
        for staff, *indexes in rows.values_list("staff", "name_index", "id_number_index", "phone_index")
        if (fit := traces.fits(*(_plain(index) for index in indexes))) is not None
    ]


def _by_account(traces: Traces, case: Case) -> list[tuple[int, bool]]:
    """By the name and the mobile number of the account itself, in the units that may come to deal with the case."""
    here = Q(organisation__region__code__startswith=case.county_code) if case.county_code else Q()
    above = Q(
        organisation__kind=OrgKind.FEDERATION,
        organisation__region_id=f"{(case.county_code or case.station.region_id)[:4]:0<12}",
    )
    same = Q(name__in=list(traces.names)) | Q(mobile__in=list(traces.numbers), mobile__gt="")
    rows = Staff.objects.working().filter(here | above, same).values_list("pk", "mobile")
    return [(staff, mobile in traces.numbers) for staff, mobile in rows]


def related_to(case: Case, traces: Traces | None = None) -> list[Staff]:
    """Who certainly is a party, or close to one."""
    found = conflicts_of(case) if traces is None else find_conflicts(case, traces)
    ids = [one.staff for one in found if one.certain]
    return list(Staff.objects.filter(pk__in=ids).order_by("pk")) if ids else []


def cleared(case: Case) -> set[int]:
    """Of whom somebody has confirmed that the matter does not concern her."""
    said = Event.objects.filter(case=case, step=Step.NO_CONFLICT).values_list("facts", flat=True)
    return {facts["staff"] for facts in said}


def questions_about(case: Case) -> tuple[set[int], set[int]]:
    """The ids of those who can have no part, and of those of whom it has to be asked."""
    found = conflicts_of(case)
    related = {one.staff for one in found if one.certain}
    doubtful = {one.staff for one in found if not one.certain}
    return related, doubtful - cleared(case) if doubtful else doubtful


def confirm_none(case: Case, staff: Staff, *, by: Staff, at: datetime) -> None:
    """Write down that `by` asked, and that the matter does not concern `staff`. Must run inside a transaction.

    Raises StepNotAllowed.
    """
    case.record(Step.NO_CONFLICT, by=by, at=at, facts={"staff": staff.pk})
