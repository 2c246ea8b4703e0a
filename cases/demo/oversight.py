"""Courses of life under somebody's eye: departments that are pressed, leaders who take a case up, items that go before
the joint conference. Where other people's dates matter, a course says so in working days before the demonstration."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta

from cases.actions import conference, instruction, statutory
from cases.actions.handling import assign_owner
from cases.actions.monitors.warning import open_letter
from cases.choices import (
    ConferenceStep,
    InstructionKind,
    PaperKind,
    ReferralStatus,
    Step,
    SupervisionMode,
    SupervisionTrigger,
)
from cases.deadlines import china_date
from cases.demo.conference_words import item
from cases.demo.courses import Course, ended, errand_done, taken_up, worked_on
from cases.demo.errands import Errand, refer
from cases.demo.lives import Life, OutOfLine
from cases.demo.pressure import Pressure, press
from cases.demo.stories import word
from cases.models import Instruction
from cases.permissions import why_not_item
from stations.roles import Role

Silence = Generator[datetime, None, Errand]
Pressing = Generator[datetime, None, Pressure]
TRIGGERS = (SupervisionTrigger.OVERDUE, SupervisionTrigger.NO_FEEDBACK)
NEVER_WAIT = 10_000
ALL_UNITS = "各乡镇（街道）、县直有关单位"

# -- departments that are silent, and what comes of it --------------------------------------------


def silent(life: Life) -> Silence:
    """Referred, signed for where there is somebody to sign, and then nothing but two calls from our side."""
    yield from taken_up(life)
    yield life.later(0)
    life.handle()
    yield life.later(0)
    errand = refer(life, plainly=True)
    if errand.has_accounts:
        yield life.later(0, 1)
        errand.sign()
    yield life.later(5)
    errand.urge()
    yield life.later(2)
    errand.urge()
    return errand


def left_silent(life: Life) -> Course:
    """The system proposes to supervise; nobody has decided yet."""
    yield from silent(life)


def answered_badly(life: Life) -> Course:
    """Sent back for rework twice: proposed for that."""
    yield from taken_up(life)
    yield life.later(0)
    errand = refer(life, plainly=True)
    yield from errand_done(life, errand, until=ReferralStatus.RESULT)
    yield life.later(0, 1)
    errand.rework()
    yield life.later(2, 3)
    errand.report_result()
    yield life.later(0)
    errand.confirm()
    yield life.later(0, 1)
    errand.rework()


def drafted(life: Life) -> Pressing:
    errand = yield from silent(life)
    yield life.later(2)
    return press(life, errand, life.rng.choice(TRIGGERS))


def issued(life: Life) -> Pressing:
    pressure = yield from drafted(life)
    yield life.later(0, 1)
    pressure.sign()
    return pressure


def issued_after_return(life: Life) -> Pressing:
    """The leader wanted the first paper written better."""
    pressure = yield from drafted(life)
    yield life.later(0)
    pressure.return_draft()
    yield life.later(0)
    pressure.draft(PaperKind.NOTICE, mode=SupervisionMode.PHONE)
    yield life.later(0, 1)
    pressure.sign()
    return pressure


def acknowledged(life: Life) -> Pressing:
    pressure = yield from issued(life)
    yield life.later(0, 1)
    pressure.acknowledge()
    return pressure


def replied(life: Life) -> Course:
    """Its answer waits for our check."""
    pressure = yield from acknowledged(life)
    yield life.later(3, 5)
    yield life.no_sooner(3)
    pressure.reply(well=True)


def unsound(life: Life) -> Pressing:
    pressure = yield from acknowledged(life)
    yield life.later(3, 6)
    pressure.reply(well=False)
    yield life.later(1, 2)
    pressure.reject()
    return pressure


def second_notice(life: Life) -> Pressing:
    pressure = yield from unsound(life)
    yield life.later(0, 1)
    pressure.draft(PaperKind.SECOND_NOTICE, mode=SupervisionMode.INTERVIEW)
    yield life.later(0, 1)
    pressure.sign()
    return pressure


def opinion(life: Life) -> Pressing:
    """The second notice was taken in and left lying: the opinion of 妇女权益保障法 art. 73."""
    pressure = yield from second_notice(life)
    yield life.later(0, 1)
    pressure.acknowledge()
    yield life.later(6)
    pressure.draft(PaperKind.OPINION)
    yield life.later(0, 1)
    pressure.sign()
    yield life.later(0, 1)
    pressure.acknowledge()
    return pressure


def opinion_in_vain(life: Life) -> Pressing:
    pressure = yield from opinion(life)
    yield from prolonged(life)
    yield life.later(4, 6)
    pressure.reply(well=False)
    yield life.later(1, 2)
    pressure.reject()
    return pressure


def listed(life: Life, day: int = NEVER_WAIT) -> Pressing:
    pressure = yield from opinion_in_vain(life)
    yield life.no_sooner(day)
    pressure.draft(PaperKind.LISTED, mode=SupervisionMode.ONSITE)
    yield life.later(0, 1)
    pressure.sign()
    yield life.later(0, 1)
    pressure.acknowledge()
    return pressure


def circulated(life: Life) -> Course:
    """Made known to everybody, and still not done."""
    pressure = yield from opinion_in_vain(life)
    yield life.no_sooner(6)
    pressure.draft(PaperKind.CIRCULAR, addressee=ALL_UNITS)
    yield life.later(0, 1)
    pressure.sign()


def at_last(life: Life, pressure: Pressure) -> Course:
    """The department did it after all: its answer, our check, and the case comes to its end."""
    yield life.later(2, 4)
    pressure.reply(well=True)
    yield from answered_at_last(life, pressure)


def answered_at_last(life: Life, pressure: Pressure) -> Course:
    errand = pressure.errand
    if errand is None:
        raise OutOfLine(f"{pressure.supervision} is not about a referral.")
    yield life.later(0)
    errand.report_result()
    yield life.later(0)
    errand.confirm()
    yield life.later(1, 2)
    if pressure.supervision.is_open:
        pressure.close()
    yield life.later(0)
    errand.write_off()
    yield from ended(life)


def pressed_once(life: Life) -> Course:
    pressure = yield from acknowledged(life)
    yield from at_last(life, pressure)


def pressed_twice(life: Life) -> Course:
    pressure = yield from second_notice(life)
    yield from at_last(life, pressure)


def pressed_to_the_end(life: Life) -> Course:
    """Up to the list, and off it again when it was done."""
    pressure = yield from listed(life)
    yield life.later(3, 5)
    pressure.reply(well=True)
    yield life.later(0)
    pressure.unlist()
    yield from answered_at_last(life, pressure)


def pressed_too_soon(life: Life) -> Course:
    """The answer was on its way when the notice went out."""
    pressure = yield from acknowledged(life)
    yield life.later(0)
    pressure.withdraw()
    yield from answered_at_last(life, pressure)


def own_station_pressed(life: Life) -> Course:
    """A station of ours that has not brought a case to its end in time."""
    yield from taken_up(life)
    yield from worked_on(life, 2)
    yield life.on_day(4)
    pressure = press(life, None)
    yield life.later(0)
    pressure.sign()
    yield life.later(1)
    pressure.acknowledge()


def prolonged(life: Life) -> Course:
    yield life.later(0, 1)
    extension = life.ask_extension("prolonged")
    yield life.later(0, 1)
    life.decide_extension(extension, granted=True)


# -- periods of law that somebody registers -------------------------------------------------------


def start_clock(life: Life, code: str, hours_ago: float, note: str) -> None:
    by = life.allowed(life.owner, Step.START_CLOCK)
    started = life.at - timedelta(hours=hours_ago)
    statutory.start_statutory(life.case, code=code, started_at=started, by=by, at=life.at, note=note)


def end_clock(life: Life, code: str, note: str) -> None:
    by = life.allowed(life.owner, Step.END_CLOCK)
    clock = next(one for one in statutory.clocks_to_end(life.case) if one.code == code)
    statutory.end_statutory(life.case, clock=clock, met=True, ended_at=life.at, by=by, at=life.at, note=note)


def watch_letter(life: Life) -> None:
    """The letter came to the federation too: somebody visits within the week."""
    open_letter(life.case, delivered_on=china_date(life.at), keeper=life.owner, by=life.owner, at=life.at)


def warned(life: Life) -> Course:
    """The police warned him; seven days later somebody has to look in, and the court has the application."""
    yield from taken_up(life)
    yield life.later(0)
    life.handle()
    yield life.on_day(3)
    start_clock(life, "DV-WARN", 2, word("warned"))
    yield life.on_day(2)
    end_clock(life, "DV-WARN", word("warned_result"))
    yield life.later(0)
    watch_letter(life)
    yield life.on_day(1)
    start_clock(life, "DV-PO-DECIDE", 1, word("order_asked"))


def protected(life: Life) -> Course:
    """The court's order came within its three days."""
    yield from taken_up(life)
    yield life.later(1)
    start_clock(life, "DV-PO-DECIDE", 1, word("order_asked"))
    yield life.later(1)
    end_clock(life, "DV-PO-DECIDE", word("case_filed"))
    yield from worked_on(life, 2)
    yield from ended(life)


# -- leaders --------------------------------------------------------------------------------------


def instruct(life: Life, kind: InstructionKind, text: str, days: int | None = None) -> Instruction:
    """The county writes down what a leader said about the case."""
    given = china_date(life.at)
    return instruction.instruct(
        life.case,
        kind=kind,
        leader=word("leader"),
        text=word(text),
        given_on=given,
        term_on=given + timedelta(days=days) if days else None,
        by=life.allowed(life.officer, Step.INSTRUCT),
        at=life.at,
    )


# -- before the conference ------------------------------------------------------------------------


def propose(life: Life, key: str) -> None:
    """The officer puts the case before the conference of her county; it is known by `key` from then on."""
    told = item(key)
    life.world.agenda[key] = conference.propose_item(
        life.county,
        case=life.case,
        title=told.title,
        brief=told.brief,
        asks=told.asks,
        by=life.officer,
        at=life.at,
    )


def withdraw(life: Life, key: str) -> None:
    agenda = life.world.agenda[key]
    reason = why_not_item(life.officer, ConferenceStep.WITHDRAW, agenda)
    if reason:
        raise OutOfLine(f"{life.officer.username} withdraws {agenda}: {reason}")
    conference.withdraw_item(agenda, reason=item(key).opinion, by=life.officer, at=life.at)


def brought(
    key: str, day: int, *, until: int = 0, prolong: int = 0, taken_back: int = 0
) -> Callable[[Life], Course]:
    """An ordinary case that goes before the conference so many days ago; it ends after `until`, if it does."""

    def course(life: Life) -> Course:
        yield from taken_up(life)
        yield life.later(0, 1)
        life.handle()
        yield life.on_day(day)
        propose(life, key)
        if taken_back:
            yield life.on_day(taken_back)
            withdraw(life, key)
        if prolong:
            yield life.on_day(prolong)
            yield from prolonged(life)
        if until:
            yield life.on_day(until)
            yield from ended(life)

    return course


def in_charge(life: Life) -> Course:
    """A grave matter a leader took upon himself, which the conference brought to its end."""
    yield from taken_up(life)
    yield life.later(0)
    life.handle()
    yield life.on_day(109)
    propose(life, "settlement")
    yield life.on_day(106)
    charge = instruct(life, InstructionKind.CHARGE, "charged")
    yield from worked_on(life, 2)
    yield life.on_day(70)
    by = life.allowed(life.officer, Step.END_INSTRUCTION)
    instruction.end_instruction(life.case, instruction=charge, result=word("charge_over"), by=by, at=life.at)
    yield from ended(life)


def instructed(life: Life) -> Course:
    """Before the conference, and with a leader's term running."""
    yield from taken_up(life)
    yield life.later(0)
    life.handle()
    yield life.on_day(16)
    propose(life, "rescue")
    yield life.on_day(6)
    instruct(life, InstructionKind.INSTRUCTION, "instructed", 14)


def pressed_and_waiting(life: Life) -> Course:
    """The opinion runs, and the officer would hear the conference on it."""
    yield from opinion(life)
    yield life.on_day(2)
    propose(life, "promise")


def listed_and_brought(life: Life) -> Course:
    yield from listed(life, 11)
    yield life.on_day(4)
    propose(life, "arrears")


# -- somebody who left ----------------------------------------------------------------------------


def passed_on(life: Life) -> Course:
    """Given to a colleague who leaves; all she has is handed over at once."""
    yield from taken_up(life)
    yield life.later(1)
    by = life.allowed(life.head, Step.ASSIGN)
    leaver = life.city.with_role(life.unit, Role.STATION_CLERK)[-1]
    assign_owner(life.case, owner=leaver, by=by, at=life.at, note=word("assigned"))
    yield life.later(1)
    life.handle()
