"""Registration: from the first word to a numbered case with an owner and running clocks."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F

from cases.actions.clocks import meet_all, new_clock
from cases.actions.guarding.bars import bar_related, bar_unit
from cases.actions.guarding.conflicts import WITHOUT_INTEREST, Traces
from cases.actions.guarding.consent import Ground, keeping
from cases.actions.guarding.secrecy import must_be_sealed, seal_case
from cases.actions.monitors.report import ReportEntry, open_report
from cases.actions.safety.danger import DangerEntry, assess
from cases.choices import (
    AgeBand,
    BarKind,
    Channel,
    ClockFamily,
    ClockStatus,
    HandlingMethod,
    Nature,
    NoticeKind,
    Occurrence,
    Outcome,
    Part,
    PersonRole,
    PetitionForm,
    PrivacyNotice,
    Risk,
    ServiceType,
    Sex,
    Status,
    Step,
)
from cases.deadlines import china_date
from cases.models import (
    Case,
    Clock,
    Closure,
    Contact,
    Counter,
    Event,
    HandlingRecord,
    Holding,
    IntakeDraft,
    Party,
    Person,
    Phone,
    Statement,
)
from cases.models.guarding import NOBODY, Barred, barred_from
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff
from stations.workdays import Calendar, load_calendar
from weiquan.masking import mask_name
from weiquan.prepared import insert

ANONYMOUS_LABEL = "匿名"


@dataclass(frozen=True)
class PhoneEntry:
    """One number as told at the desk."""

    number: str
    safety: str = "SAFE"
    hide_caller: bool = False
    window: str = ""
    pass_phrase: str = ""
    remark: str = ""


@dataclass(frozen=True)
class PersonEntry:
    """One person as told at the desk. `known` joins her to a person already in the reader's sight."""

    role: PersonRole
    name: str = ""
    id_number: str = ""
    id_override_reason: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    ethnicity: str = ""
    education: str = ""
    marital: str = ""
    occupation: str = ""
    capacity: str = "FULL"
    characteristics: tuple[str, ...] = ()
    address_now: str = ""
    address_papers: str = ""
    work_place: str = ""
    relation: str = ""
    phones: tuple[PhoneEntry, ...] = ()
    known: Person | None = None

    @property
    def says_nothing(self) -> bool:
        """Nobody to keep: not even the sex or the place of somebody who gave no name."""
        said = (
            *(self.name, self.id_number, self.phones, self.birth_date, self.ethnicity, self.education),
            *(self.marital, self.occupation, self.characteristics),
            *(self.address_now, self.address_papers, self.work_place),
        )
        return self.sex == Sex.UNKNOWN and not any(said)


@dataclass(frozen=True)
class IntakeEntry:
    """Everything one intake page says. `submission` is the page's own id: sent twice, it makes one case."""

    submission: UUID
    channel: Channel
    received_at: datetime
    category: str
    facts: str
    parties: tuple[PersonEntry, ...]
    form: PetitionForm = PetitionForm.INDIVIDUAL
    occurrence: Occurrence = Occurrence.FIRST
    nature: Nature = Nature.HELP
    categories: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    involves_dv: bool = False
    involves_minor: bool = False
    is_litigation: bool = False
    risk: Risk = Risk.BLUE
    grade: str = ""
    persons: int = 1
    companions: str = ""
    source_unit: str = ""
    source_number: str = ""
    source_person: str = ""
    posted_on: date | None = None
    privacy_notice: PrivacyNotice = PrivacyNotice.ORAL
    demand: str = ""
    place: str = ""
    handled_before: str = ""
    keep: Ground | None = None
    danger: DangerEntry | None = None
    report: ReportEntry | None = None
    # The unit of ours, or beside us, that the petitioner complains of.
    accused: Organisation | None = None

    @property
    def is_sealed(self) -> bool:
        situations = self.report.situations if self.report else ()
        return must_be_sealed(categories=(self.category, *self.categories), situations=situations)


def register_case(entry: IntakeEntry, *, unit: Organisation, by: Staff, at: datetime) -> Case:
    """Open a case for `entry` at `unit`: people, contact, statement, owner, clocks and the notice to the head.

    The clocks start from the moment of receipt. A second call with the same submission returns the first case.
    Source: 信访工作条例 (2022) 第23条.
    """
    try:
        with transaction.atomic():
            return _register(entry, unit, by, at)
    except IntegrityError:
        # The same page was sent twice, perhaps at the same moment: the first request won, and both show its case.
        # Asked afterwards, because hardly any page is: a look beforehand would cost every registration a statement.
        twin = Case.objects.filter(submission=entry.submission).first()
        if twin is None:
            raise
        if twin.station_id != unit.pk:  # the id of a page that is not ours: the words are kept under another
            return register_case(replace(entry, submission=uuid4()), unit=unit, by=by, at=at)
        return twin


def _register(entry: IntakeEntry, unit: Organisation, by: Staff, at: datetime) -> Case:
    case = _new_case(entry, unit, by, at)
    calendar = load_calendar()
    clocks = _first_clocks(case, entry, at, calendar)
    ours = [clock for clock in clocks if clock.family != ClockFamily.STATUTORY_PARTNER]
    nearest = min(ours, key=lambda clock: clock.effective_due)
    case.due_at, case.due_provisional = nearest.effective_due, nearest.provisional
    event = Event.after(
        case,
        step=Step.REGISTER,
        by=by,
        at=at,
        role="",
        from_status="",
        to_status=Status.REGISTERED,
        facts={"channel": entry.channel, "persons": entry.persons},
        note="",
    )
    case.seq = case.moved_seq = event.seq
    case.head = event.hash
    insert([case])
    event.write("")
    insert([Holding(case=case, organisation=unit, staff=by, level=unit.level, part=Part.OWNER, since_at=at)])
    traces = _store_parties(case, entry, at)
    _store_contact(case, entry, unit, by, at)
    if entry.keep is not None:
        insert([keeping(case, entry.keep, by=by, at=at)])
    insert([_registration_clock(case, at, calendar), *clocks])
    barred = _keep_away(case, entry.accused, traces, by=by, at=at)
    if entry.is_sealed:  # before anybody is told
        seal_case(case, by=by, at=at)
    told = {by.pk, case.owner_id}  # who has taken it over knows already
    heads_told = [head for head in heads(case.holder) if head.pk not in told]
    announce(NoticeKind.TO_ACCEPT, case, heads_told, at=at, barred=barred)
    if entry.danger is not None:
        assess(case, entry.danger, by=by, at=at)
    if entry.report is not None:
        open_report(case, entry.report, keeper=case.owner, by=by, at=at)
    return case


def _keep_away(
    case: Case, accused: Organisation | None, traces: Traces, *, by: Staff, at: datetime
) -> Barred:
    """Before anything else happens to it: the unit that is complained of, and who is a party or close to one.

    Registering goes on whoever it is; the case then passes to somebody else at once.
    Source: 信访工作条例 (2022) 第28条第3款, 第30条第3款.
    """
    if accused is not None:
        bar_unit(case, accused, kind=BarKind.ACCUSED, reason="", by=by, at=at)
    related = bar_related(case, at=at, traces=traces)
    return barred_from(case.pk) if related or accused else NOBODY


def _new_case(entry: IntakeEntry, unit: Organisation, by: Staff, at: datetime) -> Case:
    return Case(
        number=next_number(unit, entry.channel, at),
        query_code=f"{secrets.randbelow(10**8):08d}",
        submission=entry.submission,
        station=unit,
        county_code=unit.county_code,
        township_code=unit.township_code,
        status=Status.REGISTERED,
        level=unit.level,
        reached=unit.level,
        holder=unit,
        owner=by,
        channel=entry.channel,
        form=entry.form,
        occurrence=entry.occurrence,
        nature=entry.nature,
        category=entry.category,
        categories=list(entry.categories),
        flags=list(entry.flags),
        involves_dv=entry.involves_dv,
        involves_minor=entry.involves_minor or entry.is_sealed,
        is_litigation=entry.is_litigation,
        risk=entry.risk,
        grade=entry.grade,
        label=_label(entry),
        persons=entry.persons,
        received_at=entry.received_at,
        registered_at=at,
    )


def next_number(unit: Organisation, channel: Channel, at: datetime) -> str:
    """Nine digits of the place, the year in China, the channel's letter, a serial of five digits without gaps."""
    place = f"{unit.township_code or unit.county_code or unit.region.prefix:0<9}"
    prefix = f"{place}-{china_date(at).year}-{channel.letter}"
    return f"{prefix}-{Counter.take(prefix):05d}"


def _label(entry: IntakeEntry) -> str:
    """What lists show instead of a name."""
    petitioner = next((party for party in entry.parties if party.role == PersonRole.PETITIONER), None)
    name = mask_name(petitioner.name) if petitioner and petitioner.name else ANONYMOUS_LABEL
    return f"{name}等{entry.persons}人" if entry.persons > 1 else name


def _first_clocks(case: Case, entry: IntakeEntry, at: datetime, calendar: Calendar) -> list[Clock]:
    """The periods that begin with the receipt."""
    transferred = entry.channel in Channel.transferred_petitions
    codes = ["IN-ACCEPT", "IN-TOTAL"]
    if entry.form != PetitionForm.ANONYMOUS:  # nobody to tell (第23条第1款)
        codes.append("XF-NOTICE-T" if transferred else "XF-NOTICE")
    return [new_clock(case, code, started_at=entry.received_at, at=at, calendar=calendar) for code in codes]


def _registration_clock(case: Case, at: datetime, calendar: Calendar) -> Clock:
    """The duty to register at once, met by this very act; kept because late entry is a figure of its own."""
    clock = new_clock(case, "XF-REG", started_at=case.received_at, at=at, calendar=calendar)
    clock.status, clock.ended_at, clock.ended_by_id = ClockStatus.MET, at, case.owner_id
    clock.next_notice_at, clock.next_stage = None, ""
    return clock


def _store_parties(case: Case, entry: IntakeEntry, at: datetime) -> Traces:
    """Write who takes part; returns what they can be recognised by."""
    concerned: list[tuple[Person, list[Phone]]] = []
    people: list[Person] = []
    phones: list[Phone] = []
    parties: list[Party] = []
    for position, told in enumerate(entry.parties):
        person = told.known or (None if told.says_nothing else Person())
        if person is not None:
            fill_person(person, told)
            if told.known:
                person.save()
            else:
                people.append(person)
            had = list(told.known.phones.all()) if told.known else []
            known_numbers = {phone.number for phone in had}
            new = [new_phone(person, phone) for phone in told.phones if phone.number not in known_numbers]
            phones += new
            if told.role not in WITHOUT_INTEREST:
                concerned.append((person, [*had, *new]))
        parties.append(
            Party(
                case=case,
                person=person,
                role=told.role,
                relation=told.relation,
                age_band=AgeBand.on(china_date(at), born=told.birth_date),
                position=position,
                employer=entry.accused if told.role == PersonRole.RESPONDENT else None,
            )
        )
    if entry.accused is not None and all(party.role != PersonRole.RESPONDENT for party in parties):
        nobody = {"role": PersonRole.RESPONDENT, "position": len(parties)}
        parties.append(Party(case=case, employer=entry.accused, **nobody))
    insert(people)
    insert(phones)
    insert(parties)
    return Traces.of([person for person, _ in concerned], [phone for _, had in concerned for phone in had])


def fill_person(person: Person, told: PersonEntry) -> None:
    """Write what was told over what was known; silence changes nothing."""
    for name in (
        "name",
        "id_number",
        "id_override_reason",
        "ethnicity",
        "education",
        "marital",
        "occupation",
        "capacity",
        "address_now",
        "address_papers",
        "work_place",
    ):
        value = getattr(told, name)
        if value:
            setattr(person, name, value)
    if told.sex != Sex.UNKNOWN:
        person.sex = told.sex
    if told.birth_date:
        person.birth_date = told.birth_date.isoformat()
    if told.characteristics:
        person.characteristics = list(told.characteristics)


def new_phone(person: Person, told: PhoneEntry) -> Phone:
    return Phone(
        person=person,
        number=told.number,
        safety=told.safety,
        hide_caller=told.hide_caller,
        window=told.window,
        pass_phrase=told.pass_phrase,
        remark=told.remark,
    )


def _store_contact(
    case: Case, entry: IntakeEntry, unit: Organisation, by: Staff, at: datetime, **fixed: UUID
) -> Contact:
    contact = Contact(
        **fixed,
        case=case,
        unit=unit,
        received_by=by,
        received_at=entry.received_at,
        entered_at=at,
        channel=entry.channel,
        occurrence=entry.occurrence,
        persons=entry.persons,
        companions=entry.companions,
        source_unit=entry.source_unit,
        source_number=entry.source_number,
        source_person=entry.source_person,
        posted_on=entry.posted_on,
        privacy_notice=entry.privacy_notice,
    )
    statement = Statement(
        contact=contact,
        case=case,
        facts=entry.facts,
        demand=entry.demand,
        place=entry.place,
        handled_before=entry.handled_before,
        by=by,
        at=at,
    )
    insert([contact])
    insert([statement])
    return contact


@transaction.atomic
def advise_and_close(case: Case, *, reply: str, satisfaction: str, by: Staff, at: datetime) -> None:
    """Close a case whose answer was given on the spot: one contact, one piece of advice, no further duty.

    The spoken answer is the notice the law asks for. Violence, minors and any risk never end at the first talk.

    Raises StepNotAllowed.
    """
    if case.risk != Risk.BLUE or case.involves_dv or case.involves_minor:
        raise StepNotAllowed("涉家暴、涉未成年人或有风险的事项不能当场办结，请登记后按程序办理。")
    if by in barred_from(case.pk):  # by what she registered a moment ago
        raise StepNotAllowed("这件按规定须由负责人接办，不能当场办结：请选“登记，交站长审核受理”再提交。")
    case.advance(
        Step.ADVISE,
        by=by,
        at=at,
        note=reply,
        outcome=Outcome.ANSWERED,
        settled_level=case.level,
        ended_at=at,
        ended_by=by,
        owner=case.owner,
    )
    _store_reply(case, reply, satisfaction, by=by, at=at)
    meet_all(case, at=at, by=by)
    case.end_work(at, by)


def _store_reply(case: Case, reply: str, satisfaction: str, *, by: Staff, at: datetime) -> None:
    """The advice as a record of work, and the closing nobody else has to approve."""
    HandlingRecord.objects.create(
        case=case,
        method=HandlingMethod.ANSWER_ON_SPOT,
        happened_at=at,
        content=reply,
        service=ServiceType.CONSULT,
        service_persons=case.persons,
        by=by,
        unit=case.holder,
        at=at,
    )
    Closure.objects.create(
        case=case,
        outcome=Outcome.ANSWERED,
        solution=reply,
        settled_level=case.level,
        petitioner_told_on=china_date(at),
        satisfaction=satisfaction,
        proposed_by=by,
        proposed_at=at,
        approved=True,
        decided_by=by,
        decided_at=at,
    )


@transaction.atomic
def register_and_advise(
    entry: IntakeEntry, *, reply: str, satisfaction: str, unit: Organisation, by: Staff, at: datetime
) -> Case:
    """Register and close in one: nothing is stored if the matter may not end on the spot.

    Raises StepNotAllowed.
    """
    case = register_case(entry, unit=unit, by=by, at=at)
    if case.registered_at == at and case.status == Status.REGISTERED:  # not what an earlier page registered
        advise_and_close(case, reply=reply, satisfaction=satisfaction, by=by, at=at)
    return case


def add_contact(case: Case, entry: IntakeEntry, *, unit: Organisation, by: Staff, at: datetime) -> Contact:
    """Record that the same person came, wrote or called again about the same matter: one more 件次, the same 件.

    A second call with the same submission returns the first contact. Raises StepNotAllowed.
    """
    twins = Contact.objects.filter(pk=entry.submission, case=case)
    try:
        return twins.first() or _add_contact(case, entry, unit, by, at)
    except IntegrityError:
        twin = twins.first()
        if twin is None:
            raise
        return twin


@transaction.atomic
def _add_contact(case: Case, entry: IntakeEntry, unit: Organisation, by: Staff, at: datetime) -> Contact:
    case.record(
        Step.CONTACT,
        by=by,
        at=at,
        facts={"channel": entry.channel, "occurrence": entry.occurrence, "persons": entry.persons},
        contacts_count=F("contacts_count") + 1,
    )
    case.refresh_from_db(fields=["contacts_count"])
    contact = _store_contact(case, entry, unit, by, at, pk=entry.submission)
    if case.owner_id and case.owner_id != by.pk:
        announce(NoticeKind.CASE_NEWS, case, [case.owner], at=at)
    return contact


@transaction.atomic
def correct_statement(
    statement: Statement, *, by: Staff, at: datetime, reason: str, **texts: str
) -> Statement:
    """Add a corrected version of a statement; the earlier one stays readable.

    Raises StepNotAllowed when it has been corrected already: the latest version is the one to correct.
    """
    case = statement.case
    case.record(Step.CORRECT, by=by, at=at, note=reason)
    if Statement.objects.filter(corrects=statement).exists():
        raise StepNotAllowed("这份笔录已经更正过，请在最新的一份上更正。")
    kept = {
        name: getattr(statement, name) for name in ("facts", "demand", "place", "handled_before", "reply")
    }
    return Statement.objects.create(
        contact=statement.contact, case=case, corrects=statement, by=by, at=at, **(kept | texts)
    )


def save_draft(*, staff: Staff, submission: UUID, answers: dict[str, Any], at: datetime) -> None:
    """Keep what the clerk has typed so far, sealed and hers alone."""
    draft = IntakeDraft.objects.filter(staff=staff, submission=submission).first()
    if draft is None:
        draft = IntakeDraft(staff=staff, submission=submission)
    draft.answers, draft.saved_at = answers, at
    draft.save()


def drop_drafts(*, staff: Staff, submissions: Iterable[UUID]) -> None:
    """Forget what was registered or thrown away."""
    IntakeDraft.objects.filter(staff=staff, submission__in=list(submissions)).delete()


def drop_drafts_before(moment: datetime) -> int:
    """Forget drafts nobody came back for."""
    dropped, _ = IntakeDraft.objects.filter(saved_at__lt=moment).delete()
    return dropped
