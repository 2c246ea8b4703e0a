"""How she is reached changes: another number, a number that must not be dialled any more, another place.

What was changed is kept, never the value it had: an old address in the history would tell as much as the new one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from cases.actions.intake import PhoneEntry, new_phone
from cases.choices import Step
from cases.models import Case, Person, Phone
from cases.workflow import StepNotAllowed
from stations.models import Staff

OF_PHONE = ("safety", "hide_caller", "window", "pass_phrase", "remark")
OF_PERSON = ("address_now", "address_papers", "work_place")


@dataclass(frozen=True)
class Change:
    """Who changes what of which case, and up to where she had read its history."""

    case: Case
    seen: int
    by: Staff
    at: datetime


@transaction.atomic
def add_phone(change: Change, person: Person, *, entry: PhoneEntry) -> Phone:
    """A further number of hers.

    Raises StepNotAllowed when it is on file already.
    """
    _record(change, person, "新增一个电话", ["phone"])
    phone = new_phone(person, entry)
    field = Phone._meta.get_field("number_index")
    if person.phones.filter(number_index=field.of(entry.number)).exists():
        raise StepNotAllowed("这个号码已经登记过，请在原来那一行上修改。")
    phone.save()
    return phone


@transaction.atomic
def change_phone(change: Change, phone: Phone, *, told: Mapping[str, Any]) -> Phone:
    """Change what has to be minded about a number; a name that is not told stays as it is.

    Raises StepNotAllowed when nothing changes, or when somebody changed it in between.
    """
    now = Phone.objects.select_for_update().get(pk=phone.pk)
    changed = _set(now, OF_PHONE, told)
    _record(change, phone.person, f"修改一个电话：{_words(Phone, changed)}", changed)
    now.save()
    return now


@transaction.atomic
def change_places(change: Change, person: Person, *, told: Mapping[str, Any]) -> Person:
    """Change where she is, where papers may go, where she works.

    Raises StepNotAllowed when nothing changes, or when somebody changed it in between.
    """
    now = Person.objects.select_for_update().get(pk=person.pk)
    changed = _set(now, OF_PERSON, told)
    _record(change, person, f"修改：{_words(Person, changed)}", changed)
    now.save()
    return now


def _set(row: Phone | Person, names: Iterable[str], told: Mapping[str, Any]) -> list[str]:
    changed = [name for name in names if name in told and getattr(row, name) != told[name]]
    if not changed:
        raise StepNotAllowed("没有改动。留空的栏目保持不变，要清空的请勾选“清空”。")
    for name in changed:
        setattr(row, name, told[name])
    return changed


def _words(model: type[Phone] | type[Person], names: list[str]) -> str:
    labels = {field.name: str(field.verbose_name) for field in model._meta.concrete_fields}
    return "、".join(labels[name] for name in names)


def _record(change: Change, person: Person, words: str, names: list[str]) -> None:
    """Into the history: which fields. The case row is held from here on, so of two people the second is told."""
    case = change.case
    role = next((party.get_role_display() for party in case.parties.filter(person=person)), "")
    note = f"{role}：{words}" if role else words
    event = case.record(Step.REACH, by=change.by, at=change.at, note=note, facts={"fields": names})
    newer = case.events.filter(step=Step.REACH, seq__gt=change.seen).exclude(pk=event.pk)
    if newer.exists():
        raise StepNotAllowed("联系方式刚刚有人更新过，请核对最新情况后再改。您填写的内容还在。")
