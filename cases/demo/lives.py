"""One case and the people around it: every verb asks the same permission as the page would, then calls the action."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from cases.actions import closure, escalation, handling, intake
from cases.choices import (
    DeliveryWay,
    EscalationReason,
    Grade,
    Outcome,
    RefuseReason,
    ReopenGround,
    Risk,
    Satisfaction,
    Step,
    SuspendGround,
    VisitResult,
    VisitWay,
)
from cases.deadlines import china_date
from cases.demo.days import Days
from cases.demo.intakes import Matter, build_entry
from cases.demo.places import CITY, City
from cases.demo.stories import Family, family, word
from cases.models import AgendaItem, Case, Extension, Person
from cases.permissions import permission_to_close, why_not
from cases.workflow.danger import why_not_paler
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission, Role

ENDINGS = {
    "violence": (Outcome.SOLVED, Outcome.ENTERED_PROCEDURE, Outcome.SUPPORTED),
    "hardship": (Outcome.RELIEVED, Outcome.SOLVED),
    "marriage": (Outcome.MEDIATED, Outcome.SOLVED, Outcome.ENTERED_PROCEDURE),
    "elder": (Outcome.MEDIATED, Outcome.SOLVED),
    "minor_harm": (Outcome.ENTERED_PROCEDURE, Outcome.SOLVED),
}
OTHER_ENDINGS = (Outcome.SOLVED, Outcome.MEDIATED, Outcome.PARTLY, Outcome.ENTERED_PROCEDURE)


class OutOfLine(Exception):
    """A course of life let somebody take a step that is not hers: the course is wrong."""


@dataclass
class World:
    """What all lives share."""

    city: City
    days: Days
    known: dict[tuple[int, int], Person] = field(default_factory=dict)
    agenda: dict[str, AgendaItem] = field(default_factory=dict)
    registered: int = 0


class Life:
    """Somebody's matter from the first word on. `at` moves forward with every step."""

    def __init__(self, world: World, matter: Matter, unit: Organisation, start: int, rng: Random) -> None:
        self.world, self.matter, self.unit, self.rng = world, matter, unit, rng
        self.city = world.city
        self.day = start
        self.at = world.days.moment(start, rng)
        self.story = matter.story
        self._case: Case | None = None
        self._acts = list(self.family.acts)
        self._asked: list[Staff] = []

    # -- time -------------------------------------------------------------------------------------

    def later(self, low: int, high: int | None = None) -> datetime:
        """Some working days on; with none, later the same day."""
        days = self.rng.randint(low, low if high is None else high)
        if days:
            self.day += days
            self.at = self.world.days.moment(self.day, self.rng)
        else:
            self.at += timedelta(minutes=self.rng.randint(20, 70))
        return self.at

    def in_days(self, days: int) -> datetime:
        """The first working day so many calendar days on."""
        self.day = self.world.days.index_from(china_date(self.at) + timedelta(days=days))
        self.at = self.world.days.moment(self.day, self.rng)
        return self.at

    def by_day(self, day: date) -> datetime:
        """The first working day from `day` on; today, if that is past."""
        index = self.world.days.index_from(day)
        if index <= self.day:
            return self.later(0)
        self.day = index
        self.at = self.world.days.moment(index, self.rng)
        return self.at

    def on_day(self, ago: int) -> datetime:
        """So many working days before the demonstration."""
        if self.ago < ago:
            raise OutOfLine(f"{self._case} has come further than {ago} days before the demonstration.")
        self.day = len(self.world.days) - ago
        self.at = max(self.at + timedelta(minutes=20), self.world.days.moment(self.day, self.rng))
        return self.at

    def no_sooner(self, ago: int) -> datetime:
        """The next hour, or that day if it is still ahead."""
        return self.on_day(ago) if self.ago > ago else self.later(0)

    @property
    def ago(self) -> int:
        """How many working days lie between this moment and the day of the demonstration."""
        return len(self.world.days) - self.day

    @property
    def place(self) -> str:
        """The county it happens in, or the city."""
        return self.unit.county_code or CITY

    # -- people -----------------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        if self._case is None:
            raise OutOfLine("Nothing has been registered yet.")
        return self._case

    @property
    def family(self) -> Family:
        return family(self.story.family)

    def _one(self, unit: Organisation, *roles: Role) -> Staff:
        return self.city.with_role(unit, *roles)[0]

    @property
    def clerk(self) -> Staff:
        """Who receives and handles in the unit that registered."""
        return self._one(self.unit, Role.STATION_CLERK, Role.VILLAGE_LIAISON, Role.COUNTY_OFFICER)

    @property
    def owner(self) -> Staff:
        if self.case.owner is None:
            raise OutOfLine(f"{self.case} has no owner.")
        return self.case.owner

    @property
    def head(self) -> Staff:
        """Who decides in the unit that holds the case; over a village point, the head of its station."""
        unit = self.case.holder
        if unit.kind == OrgKind.VILLAGE_POINT:
            unit = self.city.stations[unit.township_code]
        return self._one(unit, Role.STATION_HEAD, Role.COUNTY_LEADER)

    @property
    def county(self) -> Organisation:
        return self.city.federations[self.case.county_code or CITY]

    @property
    def officer(self) -> Staff:
        return self._one(self.county, Role.COUNTY_OFFICER, Role.COUNTY_LEADER)

    @property
    def leader(self) -> Staff:
        return self._one(self.county, Role.COUNTY_LEADER)

    def allowed(self, by: Staff, step: Step, case: Case | None = None) -> Staff:
        reason = why_not(by, step, case or self.case)
        if reason:
            raise OutOfLine(f"{by.username} {step} {self.case}: {reason}")
        return by

    # -- registration -----------------------------------------------------------------------------

    def register(self) -> Case:
        entry = build_entry(self.matter, self.world.known.get(self._key), self.at, self.rng)
        self._case = intake.register_case(entry, unit=self.unit, by=self.clerk, at=self.at)
        self._remember()
        return self._case

    def register_twin(self) -> Case:
        """The same matter entered a second time."""
        entry = build_entry(self.matter, self.world.known.get(self._key), self.at, self.rng)
        self.world.registered += 1
        return intake.register_case(entry, unit=self.unit, by=self.clerk, at=self.at)

    def register_and_advise(self) -> None:
        entry = build_entry(self.matter, self.world.known.get(self._key), self.at, self.rng)
        self._case = intake.register_and_advise(
            entry,
            reply=self.rng.choice(self.family.replies),
            satisfaction=self.rng.choice((Satisfaction.SATISFIED, Satisfaction.BASICALLY)),
            unit=self.unit,
            by=self.clerk,
            at=self.at,
        )
        self._remember()

    @property
    def _key(self) -> tuple[int, int]:
        return self.unit.pk, self.matter.identity.number

    def _remember(self) -> None:
        self.world.registered += 1
        party = self.case.parties.filter(role="PETITIONER").select_related("person").first()
        if party and party.person:
            self.world.known[self._key] = party.person

    def come_again(self) -> None:
        entry = build_entry(self.matter, None, self.at, self.rng, again=self.rng.choice(word("again")))
        by = self.allowed(self.clerk, Step.CONTACT)
        intake.add_contact(self.case, entry, unit=self.unit, by=by, at=self.at)

    def correct(self) -> None:
        statement = self.case.statements.order_by("at").first()
        if statement is None:
            raise OutOfLine(f"{self.case} has no statement.")
        by = self.allowed(self.owner, Step.CORRECT)
        facts = statement.facts + word("corrected")
        intake.correct_statement(statement, by=by, at=self.at, reason="信访人补充", facts=facts)

    # -- deciding and working ---------------------------------------------------------------------

    def accept(self, *, own_power: bool = False) -> None:
        way = self.rng.choice((*[DeliveryWay.IN_PERSON] * 3, DeliveryWay.PHONE, DeliveryWay.POST))
        if self.matter.is_anonymous:
            way = DeliveryWay.WAIVED
        by = self.allowed(self.head, Step.ACCEPT)
        takes_it = self.case.holder.kind == OrgKind.STATION and self.rng.random() < 0.15
        owner = by if takes_it else self.worker
        handling.accept_case(
            self.case,
            owner=owner,
            by=by,
            at=self.at,
            grade=self._grade(),
            own_power=own_power,
            plan=self.rng.choice(word("plans")),
            way=way,
        )

    @property
    def city_officer(self) -> Staff:
        return self._one(self.city.federations[CITY], Role.COUNTY_OFFICER)

    @property
    def upper(self) -> Staff:
        """Who answers what comes up from the unit that holds the case."""
        return self.head if self.case.holder.kind == OrgKind.VILLAGE_POINT else self.officer

    @property
    def worker(self) -> Staff:
        """Who handles cases in the unit that holds this one."""
        unit = self.case.holder
        roles = (Role.STATION_CLERK, Role.VILLAGE_LIAISON, Role.COUNTY_OFFICER)
        return self.clerk if unit == self.unit else self._one(unit, *roles)

    def _grade(self) -> Grade:
        rank = Risk(self.case.risk).rank
        return (Grade.SMALL, Grade.BIG, Grade.HARD, Grade.HARD)[rank]

    def refuse(self) -> None:
        by = self.allowed(self.head if self.case.occurrence == "FIRST" else self.officer, Step.REFUSE)
        reason = RefuseReason.LITIGATION if self.rng.random() < 0.7 else RefuseReason.TERMINATED
        text = word("refusals")[0 if reason == RefuseReason.LITIGATION else 1]
        handling.refuse_case(
            self.case, reason=reason, explanation=text, by=by, at=self.at, way=DeliveryWay.POST
        )

    def redirect(self) -> None:
        body, text = self.rng.choice(word("redirects"))
        by = self.allowed(self.head, Step.REDIRECT)
        handling.redirect_case(
            self.case, body=body, explanation=text, by=by, at=self.at, way=DeliveryWay.IN_PERSON
        )

    def handle(self) -> None:
        """One piece of work; the sorts of work follow each other before they repeat."""
        if not self._acts:
            self._acts = list(self.family.acts)
        method, service, content, result = self._acts.pop(0)
        by = self.allowed(self.owner, Step.HANDLE)
        handling.record_handling(
            self.case,
            method=method,
            happened_at=self.at - timedelta(minutes=self.rng.randint(10, 90)),
            content=content,
            result=result,
            persons=f"{by.name}、{self.matter.identity.name}" if not self.matter.is_anonymous else by.name,
            service=service,
            service_persons=self.rng.choice((1, 1, 2, 3)),
            by=by,
            at=self.at,
        )

    def change_risk(self) -> None:
        """Up where the matter is tense, down where it has calmed."""
        up = self.case.risk == Risk.YELLOW and self.case.involves_dv
        risk, reason = word("rerisk_up") if up else word("rerisk_down")
        if risk == self.case.risk or why_not_paler(self.case.danger, Risk(risk)):
            return
        by = self.allowed(self.owner, Step.RERISK)
        handling.change_risk(self.case, risk=Risk(risk), reason=reason, by=by, at=self.at)

    def assign(self) -> None:
        by = self.allowed(self.head, Step.ASSIGN)
        handling.assign_owner(self.case, owner=by, by=by, at=self.at, note=word("assigned"))

    @property
    def volunteers(self) -> list[Staff]:
        """Who could still be asked to help: nobody is asked twice."""
        # Their offence-record checks are entered on the last evening: until then nobody is asked into a child's matter.
        if self.case.involves_minor:
            return []
        there = self.city.with_role(self.case.holder, Role.VOLUNTEER)
        return [one for one in there if one not in self._asked]

    def ask_volunteer(self) -> None:
        by, assistant = self.allowed(self.head, Step.ASSIST), self.volunteers[0]
        handling.add_assistant(self.case, assistant=assistant, note=word("assisted"), by=by, at=self.at)
        self._asked.append(assistant)

    def ask_extension(self, reason: str = "extension") -> Extension:
        by = self.allowed(self.worker, Step.ASK_EXTENSION)
        return handling.ask_extension(self.case, days=30, reason=word(reason), by=by, at=self.at)

    def decide_extension(self, extension: Extension, *, granted: bool) -> None:
        step = Step.GRANT_EXTENSION if granted else Step.DECLINE_EXTENSION
        handling.decide_extension(
            extension,
            granted=granted,
            opinion=word("extension_yes") if granted else word("extension_no"),
            by=self.allowed(self.head, step),
            at=self.at,
            way=DeliveryWay.PHONE,
        )

    def suspend(self) -> None:
        ground, evidence = self.rng.choice(word("suspensions"))
        by = self.allowed(self.head, Step.SUSPEND)
        handling.suspend_case(self.case, ground=SuspendGround(ground), evidence=evidence, by=by, at=self.at)

    def resume(self) -> None:
        by = self.allowed(self.head, Step.RESUME)
        handling.resume_case(self.case, reason=word("resumed"), by=by, at=self.at)

    def merge(self, twin: Case) -> None:
        by = self.allowed(self.head, Step.MERGE, twin)
        handling.merge_case(twin, into=self.case, reason=word("merged"), by=by, at=self.at)

    def ask_void(self) -> None:
        by = self.allowed(self.head, Step.ASK_VOID)
        handling.ask_void(self.case, reason=word("voided"), by=by, at=self.at)

    def void(self) -> None:
        by = self.allowed(self.officer, Step.VOID)
        handling.void_case(self.case, reason=word("void_confirmed"), by=by, at=self.at)

    # -- up and down ------------------------------------------------------------------------------

    def escalate(self, to_unit: Organisation | None = None) -> None:
        by = self.allowed(self.owner, Step.ESCALATE)
        reason = (
            EscalationReason.HIGH_RISK
            if self.case.risk in ("ORANGE", "RED")
            else self.rng.choice(
                (EscalationReason.CROSS_DEPT, EscalationReason.BEYOND_POWER, EscalationReason.REPEAT)
            )
        )
        above = self.upper.organisation
        escalation.escalate(
            self.case,
            to_unit=to_unit or above or self.county,
            reason=reason,
            tried=self.family.tried,
            by=by,
            at=self.at,
        )

    def guide(self, by: Staff | None = None) -> None:
        by = self.allowed(by or self.upper, Step.GUIDE)
        term = china_date(self.at) + timedelta(days=14)
        escalation.guide(self.case, guidance=self.family.guidance, term_on=term, by=by, at=self.at)

    def take_over(self) -> None:
        by = self.allowed(self.upper, Step.TAKE_OVER)
        escalation.take_over(self.case, owner=by, guidance=self.family.guidance, by=by, at=self.at)

    def handle_jointly(self) -> None:
        by = self.allowed(self.upper, Step.CO_HANDLE)
        escalation.handle_jointly(self.case, co_owner=by, split=word("split"), by=by, at=self.at)

    def send_down(self) -> None:
        by = self.allowed(
            self.worker if self.case.holder.kind == OrgKind.FEDERATION else self.head, Step.SEND_DOWN
        )
        escalation.send_down(self.case, owner=self.clerk, guidance=word("sent_down"), by=by, at=self.at)

    # -- closing and after ------------------------------------------------------------------------

    def propose_close(self, outcome: Outcome | None = None) -> None:
        closure.propose_close(
            self.case,
            outcome=outcome or self.rng.choice(ENDINGS.get(self.story.family, OTHER_ENDINGS)),
            solution=self.rng.choice(self.family.solutions),
            settled_level=AdminLevel(self.case.level),
            by=self.allowed(self.owner, Step.PROPOSE_CLOSE),
            at=self.at,
            petitioner_told_on=None if self.matter.is_anonymous else china_date(self.at),
            petitioner_view="" if self.matter.is_anonymous else self.rng.choice(word("views")),
            satisfaction=self._satisfaction(),
        )

    def _satisfaction(self) -> Satisfaction:
        if self.matter.is_anonymous:
            return Satisfaction.NOT_RATED
        return self.rng.choice(
            (*[Satisfaction.SATISFIED] * 5, *[Satisfaction.BASICALLY] * 3, Satisfaction.DISSATISFIED)
        )

    @property
    def approver(self) -> Staff:
        """Whose desk the closing goes to: the graver the danger, the higher."""
        need = permission_to_close(self.case)
        if need == Permission.CASE_CLOSE and self.case.holder.kind != OrgKind.FEDERATION:
            return self.head
        if need == Permission.CASE_CLOSE_RED or self.owner == self.officer:
            return self.leader
        return self.officer

    def close(self) -> None:
        by = self.allowed(self.approver, Step.CLOSE)
        closure.close_case(self.case, opinion=self.rng.choice(word("opinions")), by=by, at=self.at)

    def send_back(self) -> None:
        by = self.allowed(self.approver, Step.SEND_BACK)
        closure.send_back(self.case, reason=word("sent_back"), by=by, at=self.at)

    def visit_due(self) -> date | None:
        """The last day of the nearest visit that is still owed."""
        owed = self.case.clocks.live().filter(code__in=closure.VISITS).order_by("effective_due").first()
        return owed.last_day if owed else None

    def visit(self, result: VisitResult | None = None) -> None:
        kind, text = self.rng.choice(word("visits"))
        if result == VisitResult.UNREACHABLE:
            kind, text = result, word("unreachable")
        elif result == VisitResult.RELAPSE:
            kind, text = result, word("relapse")
        closure.record_follow_up(
            self.case,
            happened_at=self.at - timedelta(minutes=15),
            way=VisitWay.PHONE if self.rng.random() < 0.6 else VisitWay.HOME,
            spoke_safely=kind != VisitResult.UNREACHABLE,
            result=VisitResult(kind),
            content="" if kind == VisitResult.UNREACHABLE else text,
            satisfaction=self._satisfaction(),
            partner_satisfaction=self._satisfaction(),
            by=self.allowed(self.clerk, Step.FOLLOW_UP),
            at=self.at,
        )

    def reopen(self) -> None:
        by = self.allowed(self.head, Step.REOPEN)
        closure.reopen_case(
            self.case,
            ground=ReopenGround.RELAPSE,
            reason=word("reopened"),
            owner=self.worker,
            by=by,
            at=self.at,
        )
