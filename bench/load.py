"""Cases in bulk: made in memory by the models themselves, sealed and chained as real ones, brought in by COPY.

One task a township, so that serial numbers run without gaps and no two processes touch the same counter.
"""

import multiprocessing
import os
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, connections, models, transaction

from bench import stories
from bench.city import Desk
from cases.actions.clocks import new_clock, plan_of
from cases.choices import (
    AgeBand,
    Channel,
    ClockStatus,
    DeliveryWay,
    DocType,
    HandlingMethod,
    NoticeKind,
    Outcome,
    Part,
    PersonRole,
    PetitionForm,
    PrivacyNotice,
    Relation,
    Risk,
    Sex,
    Status,
    Step,
)
from cases.deadlines import china_date, stage_after
from cases.models import (
    Case,
    Clock,
    Closure,
    Contact,
    Counter,
    Event,
    HandlingRecord,
    Holding,
    Notice,
    Party,
    Person,
    PetitionerNotice,
    Phone,
    Statement,
)
from cases.models.code import CodeSet, code_items
from stations.choices import AdminLevel
from stations.models import Region
from stations.workdays import Calendar, load_calendar
from weiquan.masking import mask_name

YEARS = 3
# One case in eight is open, and an open one is at most ten weeks old.
OPEN_SHARE = 0.125
OPEN_DAYS = 70
HANDLED_IN_DAYS = 40
OPEN_STATUSES = (
    (Status.REGISTERED, 15),
    (Status.ACCEPTED, 20),
    (Status.HANDLING, 55),
    (Status.PENDING_CLOSE, 10),
)
ENDED_STATUSES = ((Status.CLOSED, 94), (Status.REDIRECTED, 6))
CHANNELS = (
    (Channel.VISIT, 55), (Channel.PHONE_12338, 20), (Channel.PHONE_OTHER, 8), (Channel.LETTER, 5),
    (Channel.ONLINE, 6), (Channel.TRANSFER_XINFANG, 3), (Channel.OUTREACH, 3),
)  # fmt: skip
RISKS = ((Risk.BLUE, 60), (Risk.YELLOW, 28), (Risk.ORANGE, 10), (Risk.RED, 2))
WAY = {
    Status.REGISTERED: (Step.REGISTER,),
    Status.ACCEPTED: (Step.REGISTER, Step.ACCEPT),
    Status.HANDLING: (Step.REGISTER, Step.ACCEPT, Step.HANDLE, Step.HANDLE),
    Status.PENDING_CLOSE: (Step.REGISTER, Step.ACCEPT, Step.HANDLE, Step.HANDLE, Step.PROPOSE_CLOSE),
    Status.CLOSED: (Step.REGISTER, Step.ACCEPT, Step.HANDLE, Step.PROPOSE_CLOSE, Step.CLOSE),
    Status.REDIRECTED: (Step.REGISTER, Step.REDIRECT),
}
REACHED = {
    Step.REGISTER: Status.REGISTERED,
    Step.ACCEPT: Status.ACCEPTED,
    Step.HANDLE: Status.HANDLING,
    Step.PROPOSE_CLOSE: Status.PENDING_CLOSE,
    Step.CLOSE: Status.CLOSED,
    Step.REDIRECT: Status.REDIRECTED,
}
BY_HEAD = (Step.ACCEPT, Step.CLOSE, Step.REDIRECT)
# Parents before children: the order in which the tables are filled.
TABLES: tuple[type[models.Model], ...] = (
    Case, Person, Phone, Party, Contact, Statement, Holding, Event, Clock, HandlingRecord, PetitionerNotice,
    Closure, Notice, Counter,
)  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """What every case is made from; read once and inherited by the processes."""

    at: datetime
    calendar: Calendar
    categories: list[str]
    counties: list[str]
    villages: list[str]


def read_ground(at: datetime) -> Ground:
    counties = Region.objects.filter(pk__startswith="41", level=AdminLevel.COUNTY).order_by("pk")
    villages = Region.objects.filter(pk__startswith="4104", level=AdminLevel.VILLAGE).order_by("pk")
    names = villages.values_list("name", flat=True)
    return Ground(
        at=at,
        calendar=load_calendar(),
        categories=[item.code for item in code_items(CodeSet.MATTER_CATEGORY) if item.parent],
        counties=[code[:6] for code in counties.values_list("pk", flat=True)],
        villages=[name.replace("村民委员会", "村").replace("居民委员会", "") for name in names],
    )


def load_cases(count: int, desks: list[Desk], at: datetime) -> None:
    """Spread `count` cases over the desks, oldest first at each; the indexes of the grams are built last."""
    ground = read_ground(at)
    shares = [(place, desk, range(place, count, len(desks))) for place, desk in enumerate(desks)]
    indexes = [(model, index) for model in (Person, Statement) for index in gin_indexes(model)]
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.remove_index(model, index)
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        for _ in pool.imap_unordered(partial(load_township, ground), shares):
            """Wait for each, so that a failure in one stops the whole."""
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.add_index(model, index)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def gin_indexes(model: type[models.Model]) -> list[GinIndex]:
    return [index for index in model._meta.indexes if isinstance(index, GinIndex)]


def load_township(ground: Ground, share: tuple[int, Desk, range]) -> None:
    _, desk, serials = share
    township = Township(ground, desk)
    for nth, serial in enumerate(serials):
        township.add(serial, age=1 - (nth + 0.5) / len(serials))
    township.add_counters()
    with transaction.atomic(), connection.cursor() as cursor:
        for model in TABLES:
            copy_in(cursor, model, township.rows[model])


class Township:
    """The cases of one station, growing."""

    def __init__(self, ground: Ground, desk: Desk) -> None:
        self.ground, self.desk = ground, desk
        self.rows: dict[type[models.Model], list[Any]] = defaultdict(list)
        self.numbers: Tally[str] = Tally()

    def keep(self, *rows: models.Model) -> None:
        for row in rows:
            self.rows[type(row)].append(row)

    def add(self, serial: int, *, age: float) -> None:
        """One case with everything it has; `age` is its share of the years behind us."""
        random = Random(serial)
        is_open = random.random() < OPEN_SHARE
        days = random.uniform(0.2, OPEN_DAYS) if is_open else OPEN_DAYS + age * (YEARS * 365 - OPEN_DAYS)
        received = (self.ground.at - timedelta(days=days)).replace(microsecond=serial % 1_000_000)
        status = draw(random, OPEN_STATUSES if is_open else ENDED_STATUSES)
        span = timedelta(days=min(days, HANDLED_IN_DAYS)) * 0.9
        person = self._person(random, serial, 0, PersonRole.PETITIONER, received)
        case = self._case(random, serial, status, received, mask_name(person.name))
        moments = self._history(case, received, span)
        case.ended_at, case.ended_by = (moments[-1], self.desk.head) if not is_open else (None, None)
        self.keep(case, *self._parties(random, serial, case, person, received))
        self._said(random, serial, case, received)
        self._clocks(case, received)
        self._worked_on(random, serial, case, moments)

    def _case(self, random: Random, serial: int, status: Status, received: datetime, label: str) -> Case:
        unit, channel = self.desk.unit, draw(random, CHANNELS)
        category = random.choice(self.ground.categories)
        ended = status in Status.ended_statuses
        return Case(
            pk=row_id(received, serial, 0),
            number=self._number(channel, received),
            query_code=f"{random.randrange(10**8):08d}",
            submission=UUID(int=random.getrandbits(128), version=4),
            station=unit,
            county_code=unit.county_code,
            township_code=unit.township_code,
            status=status,
            level=unit.level,
            reached=unit.level,
            holder=unit,
            owner=self.desk.clerk,
            channel=channel,
            form=PetitionForm.INDIVIDUAL,
            nature="HELP",
            category=category,
            involves_dv=category == "MAR_DV",
            involves_minor=category.startswith("CHD"),
            is_litigation=random.random() < 0.05,
            risk=draw(random, RISKS),
            label=label,
            received_at=received,
            registered_at=received,
            outcome=Outcome.MEDIATED if status == Status.CLOSED else "",
            settled_level=unit.level if ended and status == Status.CLOSED else "",
        )

    def _number(self, channel: Channel, received: datetime) -> str:
        prefix = f"{self.desk.unit.township_code}-{china_date(received).year}-{channel.letter}"
        self.numbers[prefix] += 1
        return f"{prefix}-{self.numbers[prefix]:05d}"

    def add_counters(self) -> None:
        self.keep(*(Counter(prefix=prefix, latest=latest) for prefix, latest in self.numbers.items()))

    def _history(self, case: Case, received: datetime, span: timedelta) -> list[datetime]:
        """The chain of events, as long as the status needs; returns their moments."""
        steps = WAY[Status(case.status)]
        before = ""
        moments = []
        for place, step in enumerate(steps):
            at = received + span * place / len(steps)
            event = Event.after(
                case,
                step=step,
                by=self.desk.head if step in BY_HEAD else self.desk.clerk,
                at=at,
                role="",
                from_status=before,
                to_status=REACHED[step],
                facts={},
                note="",
            )
            case.seq, case.head, before = event.seq, event.hash, REACHED[step]
            self.keep(event)
            moments.append(at)
        case.moved_seq = case.seq
        return moments

    def _person(self, random: Random, serial: int, place: int, role: PersonRole, at: datetime) -> Person:
        number, born = stories.id_number(serial * 2 + place, self.ground.counties)
        village = random.choice(self.ground.villages)
        return Person(
            pk=row_id(at, serial, 1 + place),
            name=stories.name(random),
            id_number=number,
            birth_date=born.isoformat(),
            sex=Sex.FEMALE if role == PersonRole.PETITIONER else Sex.MALE,
            address_now=f"{self.desk.unit.name}{village}{random.randrange(1, 200)}号",
            address_papers=f"{village}{random.randrange(1, 200)}号",
        )

    def _parties(
        self, random: Random, serial: int, case: Case, petitioner: Person, at: datetime
    ) -> Iterable[models.Model]:
        yield petitioner
        yield Phone(pk=row_id(at, serial, 3), person=petitioner, number=stories.phone(serial))
        yield Party(case=case, person=petitioner, role=PersonRole.PETITIONER, age_band=AgeBand.UNDER_45)
        if random.random() < 0.6:
            other = self._person(random, serial, 1, PersonRole.RESPONDENT, at)
            yield other
            yield Party(
                case=case, person=other, role=PersonRole.RESPONDENT, relation=Relation.SPOUSE, position=1
            )

    def _said(self, random: Random, serial: int, case: Case, at: datetime) -> None:
        told = stories.story(random, self.ground.villages)
        contact = Contact(
            pk=row_id(at, serial, 4),
            case=case,
            unit=self.desk.unit,
            received_by=self.desk.clerk,
            received_at=at,
            entered_at=at,
            channel=case.channel,
            occurrence=case.occurrence,
            privacy_notice=PrivacyNotice.ORAL,
        )
        self.keep(
            contact,
            Statement(
                pk=row_id(at, serial, 5),
                contact=contact,
                case=case,
                facts=told.facts,
                demand=told.demand,
                place=told.place,
                by=self.desk.clerk,
                at=at,
            ),
        )

    def _clocks(self, case: Case, received: datetime) -> None:
        """The periods of a registration; what was due by now counts as told already."""
        accepted = case.status != Status.REGISTERED
        running: list[Clock] = []
        for code in ("XF-REG", "IN-ACCEPT", "XF-NOTICE", "IN-TOTAL"):
            clock = new_clock(case, code, started_at=received, at=received, calendar=self.ground.calendar)
            if code == "XF-REG" or not case.is_open or (accepted and code != "IN-TOTAL"):
                clock.status, clock.ended_at, clock.ended_by = (
                    ClockStatus.MET,
                    case.ended_at or received,
                    case.owner,
                )
                clock.next_notice_at, clock.next_stage = None, ""
            else:
                self._pass_over(clock)
                running.append(clock)
            self.keep(clock)
        if running:
            nearest = min(running, key=lambda clock: clock.effective_due)
            case.due_at, case.due_provisional = nearest.effective_due, nearest.provisional

    def _pass_over(self, clock: Clock) -> None:
        stage = stage_after(clock.period, plan_of(clock), self.ground.calendar, self.ground.at)
        clock.next_notice_at, clock.next_stage = stage.at, stage.name

    def _worked_on(self, random: Random, serial: int, case: Case, moments: list[datetime]) -> None:
        desk, steps = self.desk, WAY[Status(case.status)]
        self.keep(
            Holding(
                case=case,
                organisation=desk.unit,
                staff=desk.clerk,
                level=case.level,
                part=Part.OWNER,
                since_at=case.registered_at,
                until_at=case.ended_at,
            )
        )
        for place, (step, at) in enumerate(zip(steps, moments, strict=True)):
            row = self._paper(random, row_id(at, serial, 10 + place), case, step, at)
            if row:
                self.keep(row)

    def _paper(self, random: Random, pk: UUID, case: Case, step: Step, at: datetime) -> models.Model | None:
        """What a step leaves behind beside its event."""
        desk = self.desk
        match step:
            case Step.REGISTER:
                kind, head = NoticeKind.TO_ACCEPT, desk.head
                return Notice(
                    case=case, recipient=head, kind=kind, at=at, read_at=None if case.is_open else at
                )
            case Step.HANDLE:
                return HandlingRecord(
                    pk=pk,
                    case=case,
                    method=HandlingMethod.MEDIATE,
                    happened_at=at,
                    content=stories.sentence(random, stories.SERVICES, self.ground.villages),
                    by=desk.clerk,
                    unit=desk.unit,
                    at=at,
                )
            case Step.ACCEPT:
                return PetitionerNotice(
                    pk=pk,
                    case=case,
                    doc_type=DocType.ACCEPT_NOTICE,
                    number=f"受{case.number}",
                    body=f"您反映的事项已受理，由{desk.unit.name}承办。",
                    made_by=desk.head,
                    made_at=at,
                    way=DeliveryWay.IN_PERSON,
                    delivered_on=china_date(at),
                    delivered_by=desk.head,
                )
            case Step.PROPOSE_CLOSE:
                return self._closure(pk, case, at)
        return None

    def _closure(self, pk: UUID, case: Case, at: datetime) -> Closure:
        decided = case.ended_at
        return Closure(
            pk=pk,
            case=case,
            outcome=Outcome.MEDIATED,
            solution="双方和解，约定每月回访。",
            settled_level=case.level,
            proposed_by=self.desk.clerk,
            proposed_at=at,
            approved=True if decided else None,
            decided_by=self.desk.head if decided else None,
            decided_at=decided,
        )


def draw(random: Random, weighted: tuple[tuple[Any, int], ...]) -> Any:
    return random.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def row_id(at: datetime, serial: int, table: int) -> UUID:
    """A version 7 id of that moment, the same on every machine."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | serial << 8 | table)


# -- COPY ------------------------------------------------------------------------------------------


def copy_in(cursor: Any, model: type[models.Model], rows: list[models.Model]) -> None:
    """Rows as the model itself would insert them, by COPY."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    database = connections[cursor.db.alias]  # not the proxy, which looks itself up at every call
    with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([stored(field, row, database) for field in fields])


def stored(field: models.Field, row: models.Model, database: Any) -> Any:
    value = field.pre_save(row, add=True)
    if isinstance(field, ArrayField) and isinstance(field.base_field, models.IntegerField):
        return "{" + ",".join(map(str, value)) + "}"  # a tenth of what adapting hundreds of integers costs
    return field.get_db_prep_save(value, database)
