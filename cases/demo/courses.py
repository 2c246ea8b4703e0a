"""Courses of life: how a matter goes from the first word to where it stands. Each yields the moment of its next step
and takes the step when that moment has come; a moment that has not come leaves the case where it is."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta

from cases.choices import Outcome, ReferralStatus, Urgency, VisitResult
from cases.demo.errands import Errand, refer
from cases.demo.lives import Life
from cases.demo.places import CITY
from stations.choices import OrgKind

Course = Generator[datetime, None, None]
# One that hands something on to the course it is a part of.
Part = Generator[datetime, None, object]
# A visit owed in the last weeks may still be open; older ones were made.
RECENT = 12


# -- parts ----------------------------------------------------------------------------------------


def registered(life: Life) -> Course:
    yield life.at
    life.register()


def taken_up(life: Life, *, own_power: bool = False) -> Course:
    yield from registered(life)
    yield life.later(0, 2)
    life.accept(own_power=own_power)


def worked_on(life: Life, times: int) -> Course:
    """Some pieces of work, and now and then what happens beside them."""
    for _ in range(times):
        yield life.later(1, 5)
        life.handle()
    if life.volunteers and life.rng.random() < 0.5:
        yield life.later(0)
        life.ask_volunteer()
    chance = life.rng.random()
    if chance < 0.10 and not life.matter.is_anonymous:
        yield life.later(1, 3)
        life.come_again()
    elif chance < 0.14:
        yield life.later(0)
        life.correct()
    elif chance < 0.20:
        yield life.later(1, 2)
        life.change_risk()
    elif chance < 0.24 and life.case.holder.kind == OrgKind.STATION and life.owner != life.head:
        yield life.later(1, 2)
        life.assign()


def ended(life: Life, outcome: Outcome | None = None) -> Course:
    yield life.later(2, 6)
    life.propose_close(outcome)
    yield life.later(0, 2)
    life.close()
    yield from visited(life)


def visited(life: Life) -> Course:
    """The return visits that are owed, each shortly before it is late."""
    while (last_day := life.visit_due()) is not None:
        yield life.by_day(last_day - timedelta(days=1))
        if life.ago < RECENT and life.rng.random() < 0.4:
            return
        if life.rng.random() < 0.08:
            life.visit(VisitResult.UNREACHABLE)
            yield life.later(1, 2)
        life.visit()


def errand_done(life: Life, errand: Errand, *, until: ReferralStatus | None = None) -> Course:
    """From the letter to the answer that was found good; stops at `until`."""
    if errand.referral.status == until:
        return
    if not errand.has_accounts:
        yield from answered_without_account(life, errand)
        return
    hurried = errand.referral.urgency == Urgency.VERY_URGENT
    yield life.later(0, 0 if hurried else 1)
    errand.sign()
    if errand.referral.status == until:
        return
    if life.rng.random() < 0.6 or until:
        yield life.later(0, 0 if hurried else 1)
        errand.start()
    yield life.later(0 if hurried else 1, 2)
    errand.report_progress()
    yield life.later(0)
    errand.note_beginnings()
    if errand.referral.status == until:
        return
    yield life.later(3, 8)
    errand.report_result()
    if errand.referral.status == until:
        return
    yield life.later(0, 1)
    errand.confirm()
    if errand.referral.status == until:
        return
    yield life.later(1, 2)
    errand.write_off()


def answered_without_account(life: Life, errand: Errand) -> Course:
    """A department that has no account answers through a one-time address or on paper."""
    if life.rng.random() < 0.5:
        yield life.later(0, 1)
        token = errand.send_link()
        yield life.later(3, 7)
        errand.answer_by_link(token)
    else:
        yield life.later(6, 12)
        errand.answer_on_paper()
    yield life.later(1, 3)
    errand.write_off()


# -- whole courses that end -----------------------------------------------------------------------


def advised(life: Life) -> Course:
    yield life.at
    life.register_and_advise()


def settled(life: Life) -> Course:
    own_power = life.story.nature == "COMPLAINT"
    yield from taken_up(life, own_power=own_power)
    yield from worked_on(life, life.rng.randint(1, 3))
    yield from ended(life)


def referred(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(0, 2)
    yield from errand_done(life, refer(life))
    yield from ended(life, Outcome.TRANSFERRED_REPLIED)


def referred_twice(life: Life) -> Course:
    """The first department says it is not its matter and is believed; the second one answers."""
    yield from taken_up(life)
    yield life.later(0, 2)
    errand = refer(life, with_accounts=True)
    yield life.later(0, 1)
    errand.sign()
    yield life.later(1, 3)
    errand.object()
    yield life.later(0, 2)
    errand.take_back()
    yield life.later(0, 1)
    yield from errand_done(life, refer(life, "XINFANG"))
    yield from ended(life, Outcome.TRANSFERRED_REPLIED)


def referred_and_upheld(life: Life) -> Course:
    yield from taken_up(life)
    yield life.later(0, 2)
    errand = refer(life, with_accounts=True)
    yield life.later(0, 1)
    errand.sign()
    yield life.later(1, 3)
    errand.object()
    yield life.later(0, 2)
    errand.uphold()
    yield life.later(1, 2)
    errand.report_progress()
    yield life.later(4, 8)
    errand.report_result()
    yield life.later(0, 1)
    errand.confirm()
    yield life.later(1, 2)
    errand.write_off()
    yield from ended(life, Outcome.TRANSFERRED_REPLIED)


def reworked(life: Life) -> Course:
    """The first answer was not good enough."""
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(0, 1)
    errand = refer(life, with_accounts=True)
    yield from errand_done(life, errand, until=ReferralStatus.RESULT)
    yield life.later(1, 2)
    errand.rework()
    yield life.later(3, 7)
    errand.report_result(again=True)
    yield life.later(0, 1)
    errand.confirm()
    yield life.later(1, 2)
    errand.write_off()
    yield from ended(life, Outcome.TRANSFERRED_REPLIED)


def withdrawn(life: Life) -> Course:
    yield from taken_up(life)
    yield life.later(0, 1)
    errand = refer(life)
    yield life.later(0)
    errand.withdraw()
    yield from worked_on(life, 2)
    yield from ended(life, Outcome.MEDIATED)


def guided(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(1, 3)
    life.escalate()
    yield life.later(0, 2)
    life.guide()
    yield from worked_on(life, 2)
    yield from ended(life)


def taken_over(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(1, 3)
    life.escalate()
    yield life.later(0, 2)
    life.take_over()
    yield from worked_on(life, 1)
    yield life.later(0, 2)
    yield from errand_done(life, refer(life))
    yield from ended(life)


def up_to_the_city(life: Life) -> Course:
    """Taken over by the county, which asks the city and gets its guidance."""
    yield from taken_up(life)
    yield life.later(1, 3)
    life.escalate()
    yield life.later(0, 2)
    life.take_over()
    yield from worked_on(life, 1)
    city = life.city.federations[CITY]
    yield life.later(1, 3)
    life.escalate(city)
    yield life.later(1, 2)
    life.guide(life.city_officer)
    yield from worked_on(life, 1)
    yield from ended(life)


def sent_down(life: Life) -> Course:
    yield from taken_up(life)
    yield life.later(1, 3)
    life.escalate()
    yield life.later(0, 2)
    life.take_over()
    yield from worked_on(life, 1)
    yield life.later(2, 5)
    life.send_down()
    yield from worked_on(life, 1)
    yield from ended(life)


def handled_jointly(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(1, 3)
    life.escalate()
    yield life.later(0, 2)
    life.handle_jointly()
    yield from worked_on(life, 2)
    yield from ended(life)


def refused(life: Life) -> Course:
    yield from registered(life)
    yield life.later(1, 2)
    life.refuse()


def redirected(life: Life) -> Course:
    yield from registered(life)
    yield life.later(0, 2)
    life.redirect()


def extended(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 2)
    yield life.later(20, 24)
    extension = life.ask_extension()
    yield life.later(0, 1)
    life.decide_extension(extension, granted=life.rng.random() < 0.75)
    yield from worked_on(life, 1)
    yield from ended(life)


def rested(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(1, 4)
    life.suspend()
    yield life.later(12, 30)
    life.resume()
    yield from worked_on(life, 1)
    yield from ended(life)


def sent_back(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(1, 4)
    life.propose_close()
    yield life.later(0, 2)
    life.send_back()
    yield from worked_on(life, 1)
    yield from ended(life)


def reopened(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 2)
    yield life.later(1, 4)
    life.propose_close()
    yield life.later(0, 2)
    life.close()
    yield life.in_days(9)
    life.visit(VisitResult.RELAPSE)
    yield life.later(0, 1)
    life.reopen()
    yield from worked_on(life, 2)
    yield from ended(life)


def merged(life: Life) -> Course:
    """The same person, the same matter, registered twice by mistake."""
    yield from taken_up(life)
    yield life.later(1, 3)
    twin = life.register_twin()
    yield life.later(0, 1)
    life.merge(twin)
    yield from worked_on(life, 2)
    yield from ended(life)


def voided(life: Life) -> Course:
    yield from registered(life)
    yield life.later(0, 1)
    life.ask_void()
    yield life.later(0, 2)
    life.void()


# -- courses that stand somewhere on the day of the demonstration ---------------------------------


def waits_for_acceptance(life: Life) -> Course:
    yield from registered(life)


def just_accepted(life: Life) -> Course:
    yield from taken_up(life)


def in_handling(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 2)


def errand_at(status: ReferralStatus) -> Callable[[Life], Course]:
    """An open case whose referral stands at `status`."""

    def course(life: Life) -> Course:
        yield from taken_up(life)
        yield life.later(0)
        life.handle()
        if life.volunteers:
            yield life.later(0)
            life.ask_volunteer()
        yield life.later(0)
        errand = refer(life, with_accounts=True)
        yield from errand_done(life, errand, until=status)

    return course


def errand_objected(life: Life) -> Course:
    yield from taken_up(life)
    yield life.later(0)
    errand = refer(life, with_accounts=True)
    yield life.later(0)
    errand.sign()
    yield life.later(1)
    errand.object()


def waits_for_upper(life: Life) -> Course:
    yield from taken_up(life)
    yield life.later(0)
    life.handle()
    yield life.later(1)
    life.escalate()


def works_under_guidance(life: Life) -> Course:
    yield from waits_for_upper(life)
    yield life.later(0, 1)
    life.guide()


def held_by_county(life: Life) -> Course:
    yield from waits_for_upper(life)
    yield life.later(0, 1)
    life.take_over()
    yield life.later(1, 2)
    life.handle()


def shared_with_county(life: Life) -> Course:
    yield from waits_for_upper(life)
    yield life.later(0, 1)
    life.handle_jointly()


def waits_for_city(life: Life) -> Course:
    yield from held_by_county(life)
    yield life.later(1)
    life.escalate(life.city.federations[CITY])


def extension_waits(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 2)
    yield life.in_days(30)
    life.ask_extension()


def extension_runs(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 2)
    yield life.in_days(30)
    extension = life.ask_extension()
    yield life.later(1)
    life.decide_extension(extension, granted=True)


def rests(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(1, 3)
    life.suspend()


def waits_for_closing(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 2)
    yield life.later(1, 2)
    life.propose_close()


def waits_for_voiding(life: Life) -> Course:
    yield from registered(life)
    yield life.later(0, 1)
    life.ask_void()


def taken_up_again(life: Life) -> Course:
    yield from taken_up(life)
    yield from worked_on(life, 1)
    yield life.later(1, 2)
    life.propose_close()
    yield life.later(0, 1)
    life.close()
    yield life.in_days(9)
    life.visit(VisitResult.RELAPSE)
    yield life.later(0, 1)
    life.reopen()


def backlog(life: Life) -> Course:
    """Drags on past its term: the calls go unanswered."""
    yield from taken_up(life)
    yield from worked_on(life, 3)
