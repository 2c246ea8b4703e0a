"""What ledgers say of the people of a case, in full and masked. The present address is on no ledger."""

from datetime import date
from typing import Any

from django.db.models import Prefetch

from cases.choices import AgeBand, PersonRole, PhoneSafety, Sex
from cases.deadlines import china_date
from cases.models import Case, CodeSet, Party, Person, code_names
from weiquan.masking import mask_id_number, mask_name, mask_phone

ASK_FIRST = "（先按通话卡联系）"
NOT_LISTED = "（另有不可拨打的号码，不列）"
ANONYMOUS = "匿名"
PARTIES = Party.objects.select_related("person", "employer").prefetch_related("person__phones")


def with_people(path: str) -> "Prefetch[Any]":
    """For `prefetch_related`: every party of the case at `path`, with person and phones."""
    return Prefetch(f"{path}parties", PARTIES.order_by("position", "pk"), to_attr="people")


def party(case: Case, *roles: str) -> Party | None:
    """The first who takes one of these parts, in the order of the roles."""
    people: list[Party] = getattr(case, "people")  # noqa: B009 – set by with_people
    for role in roles:
        if found := next((one for one in people if one.role == role), None):
            return found
    return None


def petitioner(case: Case) -> Party | None:
    return party(case, PersonRole.PETITIONER)


def victim(case: Case) -> Party | None:
    return party(case, PersonRole.VICTIM, PersonRole.PETITIONER)


def respondent(case: Case) -> Party | None:
    return party(case, PersonRole.RESPONDENT)


def person_of(one: Party | None) -> Person | None:
    return one.person if one else None


def name_of(one: Party | None) -> str:
    person = person_of(one)
    return person.name if person and person.name else ANONYMOUS if one else ""


def masked_name(one: Party | None) -> str:
    name = name_of(one)
    return name if name == ANONYMOUS else mask_name(name)


def id_number(one: Party | None) -> str:
    person = person_of(one)
    return person.id_number if person else ""


def masked_id_number(one: Party | None) -> str:
    return mask_id_number(id_number(one))


def phones(one: Party | None) -> str:
    """A number that must not be dialled is on no list that leaves the screen: a list on a desk tempts to dial."""
    person = person_of(one)
    if person is None:
        return ""
    every = list(person.phones.all())
    listed = [
        phone.number + (ASK_FIRST if phone.safety == PhoneSafety.ASK_FIRST else "")
        for phone in every
        if phone.safety != PhoneSafety.UNSAFE
    ]
    return "、".join(listed) + (NOT_LISTED if len(listed) < len(every) else "")


def masked_phones(one: Party | None) -> str:
    person = person_of(one)
    return "、".join(mask_phone(phone.number) for phone in person.phones.all()) if person else ""


def sex(one: Party | None) -> str:
    person = person_of(one)
    known = person is not None and person.sex in (Sex.FEMALE, Sex.MALE)
    return Sex(person.sex).label if person and known else ""


def age(one: Party | None, at: Any) -> Any:
    """In full years on the day; the band where no birth is known."""
    person = person_of(one)
    if one is None:
        return ""
    if person is None or not person.birth_date:
        return "" if one.age_band == AgeBand.UNKNOWN else one.get_age_band_display()
    born, on = date.fromisoformat(person.birth_date), china_date(at)
    return str(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


def coded(one: Party | None, field: str, code_set: str) -> str:
    person = person_of(one)
    code = getattr(person, field) if person else ""
    return code_names(code_set).get(code, code)


def characteristics(one: Party | None) -> str:
    person = person_of(one)
    names = code_names(CodeSet.CHARACTERISTIC)
    return "、".join(names.get(code, code) for code in person.characteristics) if person else ""


def papers_address(one: Party | None) -> str:
    """Where papers may go. Where she is now stands on no list."""
    person = person_of(one)
    return person.address_papers if person else ""


def with_relation(one: Party | None) -> str:
    return _related(one, name_of(one))


def masked_with_relation(one: Party | None) -> str:
    return _related(one, masked_name(one))


def _related(one: Party | None, name: str) -> str:
    if one is None:
        return ""
    who = name if one.person_id else one.employer.name if one.employer else ""
    relation = one.get_relation_display() if one.relation else ""
    return f"{who}（{relation}）" if who and relation else who or relation
