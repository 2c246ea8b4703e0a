"""From what the intake page says to what the verbs take. Forms and actions do not know each other."""

from datetime import datetime
from typing import Any

from cases.actions.guarding.consent import Ground
from cases.actions.intake import IntakeEntry, PersonEntry, PhoneEntry
from cases.actions.monitors.report import ReportEntry
from cases.actions.safety.danger import DangerEntry
from cases.choices import Channel, Nature, Occurrence, PersonRole, PhoneSafety, PrivacyNotice, Risk
from cases.forms.intake import ContactForm, Intake
from cases.models import Case, Party, Person
from stations.models import Staff
from weiquan.sealing import normalise

CONTACT_FIELDS = (
    "persons",
    "companions",
    "posted_on",
    "source_unit",
    "source_number",
    "source_person",
    "facts",
    "demand",
    "place",
    "handled_before",
)


def intake_entry(page: Intake, *, user: Staff, at: datetime) -> IntakeEntry:
    told = page.matter.cleaned_data
    return IntakeEntry(
        submission=page.submission,
        parties=tuple(_person_entry(page, form, user) for form in page.people),
        form=page.petition_form,
        nature=Nature(told["nature"]),
        accused=page.accused.accused,
        categories=tuple(code for code in told["categories"] if code != told["category"]),
        flags=tuple(told["flags"]),
        involves_dv=page.involves_dv,
        involves_minor=page.involves_minor,
        is_litigation=told["is_litigation"],
        risk=Risk(told["risk"]),
        grade=told["grade"],
        category=told["category"],
        report=ReportEntry(**page.report.entry()) if page.report.owes else None,
        keep=Ground(**page.keep.ground_words),
        danger=DangerEntry(**page.danger.danger()) if page.involves_dv else None,
        **_contact(told, at),
    )


def contact_entry(form: ContactForm, case: Case, *, at: datetime) -> IntakeEntry:
    """A further contact about a case that is there already: nobody new, the same matter."""
    told = form.cleaned_data
    return IntakeEntry(submission=form.submission, category=case.category, parties=(), **_contact(told, at))


def _contact(told: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {name: told[name] for name in CONTACT_FIELDS} | {
        "channel": Channel(told["channel"]),
        "occurrence": Occurrence(told["occurrence"]),
        "privacy_notice": PrivacyNotice(told["privacy_notice"]),
        # A desk's clock may run a little ahead of the server's.
        "received_at": min(told["received_at"], at),
    }


def _person_entry(page: Intake, form: Any, user: Staff) -> PersonEntry:
    told = form.person()
    phones = tuple(_phone_entry(row.cleaned_data) for row in page.told_phones)
    if form.role != PersonRole.PETITIONER:
        number = form.cleaned_data["phone"]
        phones = (PhoneEntry(number, safety=PhoneSafety.ASK_FIRST),) if number else ()
    known = None
    if form.role == PersonRole.PETITIONER:
        known = known_person(user, told.get("id_number", ""), told.get("name", ""))
    return PersonEntry(role=form.role, phones=phones, known=known, **told)


def _phone_entry(told: dict[str, Any]) -> PhoneEntry:
    return PhoneEntry(**told)


def known_person(user: Staff, id_number: str, name: str) -> Person | None:
    """The petitioner with this ID number and name whom the unit of `user` has registered already.

    Whoever reads one case of a person reads what was told about her in all of them. So a row is shared only between
    cases of one unit in which she speaks for herself: what she tells the county is not read in the township, and
    nothing of hers is read in the case of somebody who complains about her.
    """
    if not id_number:
        return None
    party = (
        Party.objects.known_as(id_number=id_number)
        .filter(
            case__in=Case.objects.visible_to(user),
            case__station=user.organisation,
            role=PersonRole.PETITIONER,
        )
        .select_related("person")
        .order_by("-case__received_at", "-id")
        .first()
    )
    person = party.person if party else None
    # Another name under the same number is a slip of the pen or worse: it must not overwrite what is known.
    return person if person and normalise(person.name) == normalise(name) else None
