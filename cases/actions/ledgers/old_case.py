"""A row of an old ledger as a case: told to nobody, without periods, and marked from its first event on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from cases.actions.guarding.bars import bar_related
from cases.actions.guarding.conflicts import Traces, find_conflicts
from cases.actions.guarding.progress import new_code
from cases.actions.guarding.secrecy import must_be_sealed, seal_case
from cases.actions.intake import ANONYMOUS_LABEL, next_number
from cases.choices import (
    AgeBand,
    Channel,
    HandlingMethod,
    LedgerStep,
    Nature,
    Part,
    PersonRole,
    PetitionForm,
    PrivacyNotice,
    Risk,
    Sex,
    Status,
)
from cases.deadlines import CHINA
from cases.models import (
    Case,
    Contact,
    Event,
    HandlingRecord,
    Holding,
    LedgerImport,
    LedgerImportRow,
    Party,
    Person,
    Phone,
    Statement,
)
from stations.models import Staff
from weiquan.masking import mask_name
from weiquan.prepared import insert

GROUP = 5  # from here on a visit is one of a group
AS_WRITTEN = "以下为旧台账原文"


@dataclass
class OldCase:
    """Everything one row becomes, not yet written."""

    case: Case
    event: Event
    holding: Holding
    contact: Contact
    statement: Statement
    people: list[Person] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    records: list[HandlingRecord] = field(default_factory=list)

    @property
    def traces(self) -> Traces:
        return Traces.of(self.people, self.phones)


def build(row: LedgerImportRow, upload: LedgerImport, *, by: Staff, at: datetime) -> OldCase:
    told = row.values
    case = _case(told, upload, by, at)
    facts = {"import": str(upload.pk), "sheet": upload.sheet, "line": row.line}
    event = Event.after(
        case,
        step=LedgerStep.IMPORT,
        by=by,
        at=at,
        role="",
        from_status="",
        to_status=case.status,
        facts=facts,
        note="",
    )
    case.seq = case.moved_seq = event.seq
    case.head = event.hash
    contact = _contact(case, told, upload, by, at)
    made = OldCase(
        case, event, _holding(case, upload, by, at), contact, _statement(case, contact, told, by, at)
    )
    _people(made, told)
    _record(made, told, upload, by, at)
    return made


def _moment(text: str) -> datetime:
    """What a ledger calls a moment is China's."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def _case(told: dict[str, Any], upload: LedgerImport, by: Staff, at: datetime) -> Case:
    unit = upload.unit
    received = min(_moment(told["received"]), at)
    channel = Channel(told["channel"])
    outcome = told.get("outcome", "")
    ended = min(_moment(told["ended"]), at) if told.get("ended") else received
    finished = {
        "status": Status.CLOSED,
        "outcome": outcome,
        "settled_level": unit.level,
        "ended_at": ended,
        "ended_by": by,
    }
    return Case(
        number=next_number(unit, channel, received),
        query_code=new_code(),
        submission=uuid4(),
        station=unit,
        county_code=unit.county_code,
        township_code=unit.township_code,
        level=unit.level,
        reached=unit.level,
        holder=unit,
        owner=by,
        channel=channel,
        form=_form(told, channel),
        occurrence=told["occurrence"],
        nature=Nature.OTHER,
        category=told["category"],
        involves_dv=told["dv"] or told["category"] == "MAR_DV",
        involves_minor=told["minor"] or must_be_sealed(categories=(told["category"],)),
        is_litigation=told["litigation"],
        risk=told["risk"] or Risk.BLUE,
        label=_label(told),
        persons=told["persons"],
        received_at=received,
        registered_at=at,
        **(finished if outcome else {"status": Status.HANDLING}),
    )


def _form(told: dict[str, Any], channel: Channel) -> PetitionForm:
    if not told["name"]:
        return PetitionForm.ANONYMOUS
    if told["persons"] < GROUP:
        return PetitionForm.INDIVIDUAL
    return PetitionForm.JOINT_LETTER if channel == Channel.LETTER else PetitionForm.GROUP


def _label(told: dict[str, Any]) -> str:
    name = mask_name(told["name"]) or ANONYMOUS_LABEL
    return f"{name}等{told['persons']}人" if told["persons"] > 1 else name


def _holding(case: Case, upload: LedgerImport, by: Staff, at: datetime) -> Holding:
    """Of a finished matter nobody holds anything: it was held for the moment of its import."""
    return Holding(
        case=case,
        organisation=upload.unit,
        staff=by,
        level=upload.unit.level,
        part=Part.OWNER,
        since_at=at,
        until_at=None if case.is_open else at,
    )


def _contact(case: Case, told: dict[str, Any], upload: LedgerImport, by: Staff, at: datetime) -> Contact:
    return Contact(
        case=case,
        unit=upload.unit,
        received_by=by,
        received_at=case.received_at,
        entered_at=at,
        channel=case.channel,
        occurrence=case.occurrence,
        persons=case.persons,
        companions=told["companions"],
        privacy_notice=PrivacyNotice.NOT_POSSIBLE,
    )


def _statement(case: Case, contact: Contact, told: dict[str, Any], by: Staff, at: datetime) -> Statement:
    said = {"facts": told["facts"], "demand": told["demand"], "place": told["place"]}
    return Statement(contact=contact, case=case, handled_before=told["handled"], by=by, at=at, **said)


def _people(made: OldCase, told: dict[str, Any]) -> None:
    """An address in an old ledger may be where she lives today: it is kept as that, and goes on no paper."""
    known = ("name", "id_number", "address", "phones", "ethnicity", "education", "marital", "occupation")
    her = None
    if any(told.get(name) for name in known) or told["sex"] != Sex.UNKNOWN:
        her = Person(
            name=told["name"],
            id_number=told["id_number"],
            birth_date=told.get("born", ""),
            sex=told["sex"],
            address_now=told["address"],
            **{name: told[name] for name in ("ethnicity", "education", "marital", "occupation")},
        )
        made.people.append(her)
        made.phones += [Phone(person=her, number=number) for number in told["phones"]]
    made.parties.append(_party(made.case, her, PersonRole.PETITIONER, 0, told["age_band"]))
    if told["respondent"]:
        him = Person(name=told["respondent"])
        made.people.append(him)
        made.parties.append(_party(made.case, him, PersonRole.RESPONDENT, 1, AgeBand.UNKNOWN))


def _party(case: Case, person: Person | None, role: PersonRole, position: int, age_band: str) -> Party:
    return Party(case=case, person=person, role=role, position=position, age_band=age_band)


def _record(made: OldCase, told: dict[str, Any], upload: LedgerImport, by: Staff, at: datetime) -> None:
    """What has no field of its own, as it was written."""
    if not told["kept"]:
        return
    lines = "\n".join(f"{label}：{words}" for label, words in told["kept"])
    made.records.append(
        HandlingRecord(
            case=made.case,
            method=HandlingMethod.FILE_ONLY,
            happened_at=made.case.received_at,
            content=f"{AS_WRITTEN}：\n{lines}",
            by=by,
            unit=upload.unit,
            at=at,
        )
    )


def store(built: list[OldCase], *, by: Staff, at: datetime) -> None:
    """Write them all; then keep away whoever is a party, and seal what harms a child. Must run in a transaction."""
    insert([person for made in built for person in made.people])
    insert([phone for made in built for phone in made.phones])
    insert([made.case for made in built])
    insert([made.event for made in built])
    insert([made.holding for made in built])
    insert([party for made in built for party in made.parties])
    insert([made.contact for made in built])
    insert([made.statement for made in built])
    insert([record for made in built for record in made.records])
    _keep_away(built, at)
    for made in built:
        if must_be_sealed(categories=(made.case.category,)):
            seal_case(made.case, by=by, at=at)


def _keep_away(built: list[OldCase], at: datetime) -> None:
    """Ask once for the whole batch; only where somebody is found, case by case.

    Source: 信访工作条例 (2022) 第28条第3款, 第30条第3款.
    """
    people = [person for made in built for person in made.people]
    phones = [phone for made in built for phone in made.phones]
    if find_conflicts(built[0].case, Traces.of(people, phones)):
        for made in built:
            bar_related(made.case, at=at, traces=made.traces)
