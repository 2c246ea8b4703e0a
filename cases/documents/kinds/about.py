"""What a document is about, and the few facts of a case that several documents tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto
from typing import Any

from cases.choices import PersonRole, PhoneSafety, Sex
from cases.deadlines import CHINA, china_date
from cases.documents.layout import Layout
from cases.documents.words import chinese_date
from cases.models import (
    Case,
    CodeSet,
    Meeting,
    Monitor,
    Party,
    PetitionerNotice,
    Referral,
    Statement,
    SupervisionPaper,
    code_names,
)
from stations.models import Organisation, Staff

BLANK = "　　　　　　"


class Of(StrEnum):
    """What one document is made of, besides its case."""

    CASE = auto()
    NOTICE = auto()
    REFERRAL = auto()
    PAPER = auto()
    MONITOR = auto()
    MEETING = auto()


@dataclass(frozen=True)
class About:
    unit: Organisation
    by: Staff
    at: datetime
    case: Case | None = None
    notice: PetitionerNotice | None = None
    referral: Referral | None = None
    paper: SupervisionPaper | None = None
    meeting: Meeting | None = None
    monitor: Monitor | None = None

    @property
    def matter(self) -> Case:
        assert self.case is not None  # noqa: S101 – only the papers of a meeting are about no case
        return self.case

    @property
    def day(self) -> str:
        return chinese_date(china_date(self.at))

    @property
    def phone(self) -> str:
        return self.unit.phone or self.by.phone or BLANK


@dataclass(frozen=True)
class DocKind:
    """`goes_out`: the paper leaves the house; whoever takes its file has passed personal data on. `carried`: it goes
    with its bearer or is signed here by those it binds, so that nobody owes a proof of its delivery."""

    layout: Layout
    build: Callable[[About], dict[str, Any]]
    of: Of = Of.CASE
    numbered: bool = True
    goes_out: bool = True
    carried: bool = False

    @property
    def is_delivered(self) -> bool:
        return self.goes_out and not self.carried


def told_day(day: date | datetime | None, *, blank: str = "　　年　月　日") -> str:
    if isinstance(day, datetime):
        day = china_date(day)
    return chinese_date(day) if day else blank


def told_moment(at: datetime | None) -> str:
    return f"{told_day(at)}{at.astimezone(CHINA):%-H时%-M分}" if at else "　　年　月　日　时　分"


def joined(parts: Iterable[str], by: str = "，") -> str:
    return by.join(part for part in parts if part)


def party_of(case: Case, *roles: PersonRole) -> Party | None:
    """The first person in one of these parts, in their order."""
    found = case.parties.filter(role__in=roles).select_related("person").order_by("position", "pk")
    ranked = sorted(found, key=lambda party: roles.index(PersonRole(party.role)))
    return ranked[0] if ranked else None


def name_of(case: Case, *roles: PersonRole, blank: str = "") -> str:
    party = party_of(case, *roles)
    return (party.person.name if party and party.person else "") or blank


def petitioner(case: Case) -> str:
    return name_of(case, PersonRole.PETITIONER, blank="信访人")


def helped(case: Case) -> Party | None:
    """Whose rights it is about: the victim, or the petitioner herself."""
    return party_of(case, PersonRole.VICTIM, PersonRole.PETITIONER)


def sex_of(party: Party | None) -> str:
    known = party and party.person and party.person.sex in (Sex.FEMALE, Sex.MALE)
    return party.person.get_sex_display() if known and party and party.person else ""


def safe_phone(party: Party | None) -> str:
    """A number that may be dialled without harm, or none."""
    if party is None or party.person is None:
        return ""
    phone = party.person.phones.filter(safety=PhoneSafety.SAFE).order_by("pk").first()
    return phone.number if phone else ""


def statement_of(case: Case) -> Statement | None:
    """What she said first, as it stands after corrections."""
    return (
        Statement.objects.filter(case=case, corrected_by=None)
        .select_related("contact__received_by", "contact__unit")
        .order_by("contact__received_at", "pk")
        .first()
    )


def facts_of(case: Case) -> str:
    statement = statement_of(case)
    return statement.facts if statement else ""


def demand_of(case: Case) -> str:
    statement = statement_of(case)
    return statement.demand if statement else ""


def category_of(case: Case) -> str:
    return code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category)


def owner_of(case: Case, by: Staff) -> str:
    return case.owner.name if case.owner else by.name
