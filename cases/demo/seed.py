"""Bring the demonstration into an empty database, or take it out again."""

import heapq
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from datetime import date, datetime, time, timedelta
from itertools import count
from multiprocessing import get_context
from random import Random

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, connections, transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from cases.actions.absence import tell_of_absences
from cases.actions.evidence import anchor_chains
from cases.actions.guarding.reads import tell_of_reads
from cases.actions.outlets import add_outlet, switch_outlet
from cases.actions.reminders import remind
from cases.actions.urging import propose_supervision
from cases.choices import AccessKind, FieldGroup, OutletKind, Risk
from cases.demo.acting import act_for_them
from cases.demo.applied import apply_for_her
from cases.demo.archived import keep_files
from cases.demo.assessed import assess
from cases.demo.children import REPORTED, report_children
from cases.demo.council import conferences
from cases.demo.courses import Part
from cases.demo.days import Days
from cases.demo.endangered import score_dangers
from cases.demo.guarded import guard
from cases.demo.guarding import keep_apart
from cases.demo.leaving import departure
from cases.demo.ledgers import bring_old_ledger
from cases.demo.lives import World
from cases.demo.papers import issue_papers
from cases.demo.places import CITY, MAIN_COUNTY, City, build_city
from cases.demo.plan import YEARS, Planner
from cases.demo.stories import word
from cases.demo.watching import watch_over
from cases.models import (
    Access,
    AccessReason,
    AssessmentScheme,
    Case,
    ClockRule,
    CodeItem,
    Counter,
    Indicator,
    Notice,
    ReminderPlan,
    ReminderRung,
    RightLimit,
)
from cases.permissions import in_owner_line
from cases.statistics.figures.rollup import refresh
from stations.choices import OrgKind
from stations.models import (
    Activity,
    CalendarVersion,
    Honour,
    Organisation,
    Region,
    Staff,
    StaffEvent,
    StationFacts,
    Volunteer,
    VolunteerService,
)
from stations.regions import DEFAULT_LIST, DEFAULT_VILLAGES, import_list, read_list, villages_file
from stations.roles import Role
from stations.workdays import load_calendar

Say = Callable[[str], object]
Waiting = tuple[datetime, int, Part]
# The row that says whose rows these are; its serial is 0 until everything is in.
MARK = "demo-city"
STEPS_A_TRANSACTION = 150
TELL_EVERY = 50
REMINDED_WORKING_DAYS = 20
UNREAD_WORKING_DAYS, LEFT_UNREAD = 2, 14
LINE = ("owner__deputy", "owner__organisation", "holder__region", "station__region")
KEPT = (CodeItem, ClockRule, ReminderPlan, ReminderRung, RightLimit, AssessmentScheme, Indicator)
# What a station keeps of itself, the demonstration's as much as its cases.
OF_STATIONS = (StationFacts, Honour, Activity, VolunteerService, Volunteer.stations.through, Volunteer)
SEED = "平顶山"
# The ending .invalid is kept free for ever (RFC 2606).
NOWHERE = "https://example.invalid/robot"
OUTLETS = (
    (MAIN_COUNTY, OutletKind.WECOM, "权益部工作群"),
    (MAIN_COUNTY, OutletKind.SMS, "短信平台"),
    (CITY, OutletKind.WEBHOOK, "市级督查系统"),
)


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


def seed(*, today: date, cases: int, processes: int, say: Say) -> None:
    """Build the demonstration as it stands at the beginning of `today`, in steps of a transaction each.

    What a broken-off run left behind is removed first. The number of processes changes nothing but the time.
    Raises NotADemo, NotOurs.
    """
    refuse_outside_demo()
    refuse_other_rows()
    if mark():
        say("Removing what a broken-off start left behind …")
        remove()
    Counter.objects.create(prefix=MARK)
    import_regions(say)
    say("Setting up the federations, stations and departments of 平顶山 …")
    days = days_before(today)
    rng = Random(SEED)  # noqa: S311 – the same for everybody is what it is for
    build_city(rng, at=days.moment(0, rng), today=today)
    say(f"Letting three years of {cases} invented cases happen …")
    if processes > 1:
        live_apart(today, cases - REPORTED, processes, say)
    else:
        live(today, cases - REPORTED, 0, 1, every(TELL_EVERY, say))
    report_children(days)
    sweep(days)
    last_evening(days.horizon)
    set_up_outlets(days.horizon)
    look_through(days)
    tell_of_reads(days.horizon)
    for minutes, tell in ((30, issue_papers), (20, keep_files), (10, bring_old_ledger)):
        tell(days.horizon - timedelta(minutes=minutes))
    anchor_chains(days.horizon)
    refresh(days.horizon)
    Counter.objects.filter(prefix=MARK).update(latest=cases)


def days_before(today: date) -> Days:
    return Days(load_calendar(), today, YEARS * 365)


def every(number: int, say: Say) -> Callable[[int], None]:
    """Something to call with a growing count, that speaks each time it passes a multiple of `number`."""
    told = 0

    def tell(so_far: int) -> None:
        nonlocal told
        if so_far // number > told:
            told = so_far // number
            say(f"{told * number} cases …")

    return tell


def import_regions(say: Say) -> None:
    if Region.objects.under(f"{DEFAULT_VILLAGES}23103").exists():
        return
    say("Reading the regions of the country …")
    import_list(read_list(DEFAULT_LIST))
    import_list(read_list(villages_file(DEFAULT_VILLAGES)))


def live_apart(today: date, cases: int, processes: int, say: Say) -> None:
    """Each process takes whole counties, which have nothing to do with each other."""
    connections.close_all()  # two processes on one connection would hear each other's answers
    tell = every(TELL_EVERY, say)
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        parts = {pool.submit(live, today, cases, part, processes, _say_nothing) for part in range(processes)}
        while parts:
            done, parts = wait(parts, timeout=1)
            for part in done:
                part.result()
            tell(Case.objects.count())


def _say_nothing(so_far: int) -> None:
    """The other process counts."""


def live(today: date, cases: int, part: int, parts: int, tell: Callable[[int], None]) -> None:
    """Let the lives of one part of the counties go their way at once, step by step in the order of time."""
    world = World(City.read(), days_before(today))
    lives = Planner(world, Random(SEED)).lives(cases)  # noqa: S311 – the same for everybody
    # Every process draws the whole plan and takes its share of it, so that no share depends on how many there are.
    counties = sorted(world.city.federations)
    apart: list[tuple[str, Part]] = [(life.place, course) for life, course in lives]
    apart += [*conferences(world), (MAIN_COUNTY, departure(world))]
    ours = [course for place, course in apart if counties.index(place) % parts == part]
    order = count()
    queue = [(next(course), next(order), course) for course in ours]
    heapq.heapify(queue)
    while queue and queue[0][0] < world.days.horizon:
        with transaction.atomic():
            for _ in range(STEPS_A_TRANSACTION):
                _take_next_step(queue, order, world.days.horizon)
        tell(world.registered)


def _take_next_step(queue: list[Waiting], order: Iterator[int], horizon: datetime) -> None:
    """What has not come by the day of the demonstration never comes."""
    if not queue or queue[0][0] >= horizon:
        return
    _, _, course = heapq.heappop(queue)
    moment = next(course, None)
    if moment is not None:
        heapq.heappush(queue, (moment, next(order), course))


def sweep(days: Days) -> None:
    """The morning reminders of the last weeks, of what is still open; nobody reads what older ones said."""
    for day in days.days[-REMINDED_WORKING_DAYS:]:
        morning = datetime.combine(day, time(8, 31), days.horizon.tzinfo)
        remind(morning)
        propose_supervision(morning)
    tell_of_absences(days.horizon)


def last_evening(horizon: datetime) -> None:
    """What is told beside the courses of life, one after the other on the eve of the demonstration."""
    told = (keep_apart, score_dangers, watch_over, apply_for_her, act_for_them, guard, assess)
    for hours, tell in enumerate(told, 1):
        tell(horizon - timedelta(hours=len(told) + 1 - hours))
    remind(horizon)


def set_up_outlets(at: datetime) -> None:
    """Ways out as an administrator would enter them, all switched off and leading nowhere: a demonstration sends
    nothing to anybody."""
    administrator = Staff.objects.get(username="xitong")
    units = Organisation.objects.filter(kind=OrgKind.FEDERATION)
    for prefix, kind, name in OUTLETS:
        unit = units.get(region_id=f"{prefix:0<12}")
        outlet = add_outlet(unit, kind, name, NOWHERE, "", by=administrator, at=at)
        switch_outlet(outlet, active=False, by=administrator, at=at)


def look_through(days: Days) -> None:
    """What people did at their desks without moving a case: they read their notices and opened some files."""
    latest = datetime.combine(days.days[-UNREAD_WORKING_DAYS], time.min, days.horizon.tzinfo)
    newest_first = Window(RowNumber(), partition_by="recipient", order_by=("-at", "-id"))
    piled_up = Notice.objects.annotate(place=newest_first).filter(place__gt=LEFT_UNREAD).values("pk")
    read = Notice.objects.filter(Q(at__lt=latest) | Q(pk__in=piled_up))
    read.update(read_at=F("at") + timedelta(hours=3))
    for case in Case.objects.open().filter(county_code=MAIN_COUNTY).select_related(*LINE).order_by("number"):
        for minutes, reader in enumerate(_readers(case)):
            at = min(case.registered_at + timedelta(hours=2, minutes=minutes), days.horizon)
            _open_file(case, reader, at)


def _open_file(case: Case, reader: Staff, at: datetime) -> None:
    """She saw the page and opened how to reach the petitioner; outside the line she said why."""
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


def _readers(case: Case) -> list[Staff]:
    """The owner and the head; now and then the county looks in."""
    places = [case.station.region_id]
    if case.risk in (Risk.ORANGE, Risk.RED):
        places.append(f"{MAIN_COUNTY:0<12}")
    deciders = Staff.objects.filter(organisation__region__in=places)
    others = deciders.holding(Role.STATION_HEAD, Role.COUNTY_OFFICER).exclude(pk=case.owner_id or 0)
    found = list(others.select_related("organisation__region").order_by("id"))
    return [case.owner, *found] if case.owner else found


# -- taking it out --------------------------------------------------------------------------------


@transaction.atomic
def remove() -> None:
    """Take out every row of the demonstration; regions, codes, rules, plans and the calendar stay.

    TRUNCATE, because what is evidence refuses DELETE; first, because it bears no unfinished checks before it.
    Raises NotADemo, NotOurs.
    """
    refuse_outside_demo()
    if mark() is None:
        raise NotOurs("This database does not hold the demonstration, so nothing was removed.")
    models = apps.get_app_config("cases").get_models(include_auto_created=True)
    tables = [model._meta.db_table for model in models if model not in KEPT]
    tables += [table._meta.db_table for table in (StaffEvent, *OF_STATIONS)]
    quoted = ", ".join(connection.ops.quote_name(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {quoted} RESTART IDENTITY")
    Session.objects.all().delete()
    # Who changed the calendar and the rules of a demonstration goes with its people; what was changed does not.
    CalendarVersion.objects.update(changed_by=None)
    ClockRule.objects.update(made_by=None)
    ReminderPlan.objects.update(changed_by=None)
    # A scheme that the demonstration's people made is theirs; what the program ships stays.
    made = AssessmentScheme.objects.exclude(made_by=None)
    Indicator.objects.filter(scheme__in=made).delete()
    made.delete()
    Organisation.objects.update(duty_contact=None, parent=None)
    Staff.objects.update(deputy=None, organisation=None)
    Staff.objects.all().delete()
    Organisation.objects.all().delete()
