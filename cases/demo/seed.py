"""Bring the demonstration into an empty database, or take it out again."""

import heapq
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import F

from cases.actions.evidence import anchor_chains
from cases.actions.reminders import remind
from cases.choices import AccessKind, FieldGroup, Risk
from cases.demo.courses import Course
from cases.demo.days import Days
from cases.demo.lives import World
from cases.demo.places import MAIN_COUNTY, build_city
from cases.demo.plan import YEARS, Planner
from cases.demo.stories import word
from cases.models import Access, AccessReason, Case, ClockRule, CodeItem, Counter, Notice
from cases.permissions import in_owner_line
from stations.models import CalendarVersion, Organisation, Region, Staff, StaffEvent
from stations.regions import DEFAULT_LIST, DEFAULT_VILLAGES, import_list, read_list, villages_file
from stations.roles import Role
from stations.workdays import load_calendar

Say = Callable[[str], object]
# The row that says whose rows these are; its serial is 0 until everything is in.
MARK = "demo-city"
STEPS_A_TRANSACTION = 150
TELL_EVERY = 50
REMINDED_WORKING_DAYS = 20
UNREAD_SINCE = timedelta(days=3)
LINE = ("owner__deputy", "owner__organisation", "holder__region", "station__region")
SEED = "平顶山"


class NotOurs(Exception):
    """The database holds something that is not the demonstration's; the message says what to do."""


class NotADemo(Exception):
    """This installation is not a demonstration."""


# -- whose database is it -------------------------------------------------------------------------


def refuse_outside_demo() -> None:
    """Raises NotADemo."""
    if not settings.DEMO:
        raise NotADemo(
            "DEMO is off: this installation is for real cases, and no invented ones are put into it. "
            "For a demonstration set DEMO=1 and use a database of its own."
        )


def mark() -> Counter | None:
    return Counter.objects.filter(prefix=MARK).first()


def is_whole() -> bool:
    """Whether the whole demonstration is there."""
    row = mark()
    return row is not None and row.latest > 0


def refuse_other_rows() -> None:
    """Raises NotOurs when there are cases, people or units that the demonstration did not make."""
    if mark():
        return
    found = [
        model._meta.verbose_name for model in (Case, Staff, Organisation) if model._default_manager.exists()
    ]
    if found:
        raise NotOurs(
            f"The database already holds {'、'.join(map(str, found))} that are not the demonstration's. Nothing was "
            "changed. Give the demonstration an empty database of its own."
        )


# -- bringing it in -------------------------------------------------------------------------------


def seed(*, today: date, cases: int, say: Say) -> None:
    """Build the demonstration as it stands at the beginning of `today`, in steps of a transaction each.

    What a broken-off run left behind is removed first.
    Raises NotADemo, NotOurs.
    """
    refuse_outside_demo()
    refuse_other_rows()
    if mark():
        say("Removing what a broken-off start left behind …")
        remove()
    Counter.objects.create(prefix=MARK)
    import_regions(say)
    rng = Random(SEED)  # noqa: S311 – the same for everybody is what it is for
    days = Days(load_calendar(), today, YEARS * 365)
    say("Setting up the federations, stations and departments of 平顶山 …")
    city = build_city(rng, at=days.moment(0, rng), today=today)
    world = World(city, days)
    say(f"Letting three years of {cases} invented cases happen …")
    live(world, list(Planner(world, rng).lives(cases)), say)
    remind(days.horizon)
    look_through(world)
    anchor_chains(days.horizon)
    Counter.objects.filter(prefix=MARK).update(latest=cases)


def import_regions(say: Say) -> None:
    if Region.objects.under(f"{DEFAULT_VILLAGES}23103").exists():
        return
    say("Reading the regions of the country …")
    import_list(read_list(DEFAULT_LIST))
    import_list(read_list(villages_file(DEFAULT_VILLAGES)))


def live(world: World, lives: list[Course], say: Say) -> None:
    """Let all lives go their way at once, step by step in the order of time, as if the days had passed."""
    order = count()
    queue = [(next(course), next(order), course) for course in [*lives, reminders(world.days)]]
    heapq.heapify(queue)
    told = 0
    while queue and queue[0][0] < world.days.horizon:
        with transaction.atomic():
            for _ in range(STEPS_A_TRANSACTION):
                if not queue or queue[0][0] >= world.days.horizon:
                    break
                _, _, course = heapq.heappop(queue)
                moment = next(course, None)
                if moment is not None:
                    heapq.heappush(queue, (moment, next(order), course))
        if world.registered // TELL_EVERY > told // TELL_EVERY:
            told = world.registered
            say(f"{told // TELL_EVERY * TELL_EVERY} cases …")


def reminders(days: Days) -> Course:
    """The morning sweep of the last weeks; nobody reads what older ones would have said."""
    for day in days.days[-REMINDED_WORKING_DAYS:]:
        morning = datetime.combine(day, time(8, 31), days.horizon.tzinfo)
        yield morning
        remind(morning)


def look_through(world: World) -> None:
    """What people did at their desks without moving a case: they read their notices and opened some files."""
    horizon = world.days.horizon
    Notice.objects.filter(at__lt=horizon - UNREAD_SINCE).update(read_at=F("at") + timedelta(hours=3))
    for case in Case.objects.open().filter(county_code=MAIN_COUNTY).select_related(*LINE).order_by("number"):
        for minutes, reader in enumerate(_readers(world, case)):
            at = min(case.registered_at + timedelta(hours=2, minutes=minutes), horizon)
            in_line = in_owner_line(reader, case)
            for kind, fields in ((AccessKind.VIEW, FieldGroup.PAGE), (AccessKind.REVEAL, FieldGroup.CONTACT)):
                access = Access.objects.create(
                    case=case,
                    staff=reader,
                    unit_id=reader.organisation_id,
                    at=at,
                    kind=kind,
                    fields=fields,
                    in_line=in_line,
                )
                if kind == AccessKind.REVEAL and not in_line:
                    AccessReason.objects.create(access=access, text=word("looked"))


def _readers(world: World, case: Case) -> Iterator[Staff]:
    """The owner and the head; now and then the county looks in, and has to say why."""
    if case.owner:
        yield case.owner
    yield from world.city.with_role(case.station, Role.STATION_HEAD)
    if case.risk in (Risk.ORANGE, Risk.RED):
        yield from world.city.with_role(world.city.federations[MAIN_COUNTY], Role.COUNTY_OFFICER)


# -- taking it out --------------------------------------------------------------------------------


@transaction.atomic
def remove() -> None:
    """Take out every row of the demonstration; regions, codes, rules and the calendar stay.

    TRUNCATE, because what is evidence refuses DELETE; first, because it bears no unfinished checks before it.
    Raises NotADemo, NotOurs.
    """
    refuse_outside_demo()
    if mark() is None:
        raise NotOurs("This database does not hold the demonstration, so nothing was removed.")
    kept = (CodeItem, ClockRule)
    tables = [
        model._meta.db_table for model in apps.get_app_config("cases").get_models() if model not in kept
    ]
    quoted = ", ".join(connection.ops.quote_name(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {quoted} RESTART IDENTITY")
    Session.objects.all().delete()
    # Who changed the calendar of a demonstration goes with its people; the calendar does not.
    CalendarVersion.objects.update(changed_by=None)
    StaffEvent.objects.all().delete()
    Organisation.objects.update(duty_contact=None, parent=None)
    Staff.objects.update(deputy=None, organisation=None)
    Staff.objects.all().delete()
    Organisation.objects.all().delete()
