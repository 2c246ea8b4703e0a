"""The joint conferences of the main county and of the city: members, meetings and what became of their resolutions."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from cases.actions import conference, conference_task, meeting
from cases.actions.meeting import Came, Plan
from cases.choices import ConferenceStep, MeetingStep, MeetingType, MemberPart, Presence
from cases.deadlines import CHINA, china_date
from cases.demo.conference_words import item, said
from cases.demo.courses import Course
from cases.demo.lives import OutOfLine, World
from cases.demo.places import CITY, DEPARTMENTS, MAIN_COUNTY, MORE_MEMBERS
from cases.models import AgendaItem, Meeting, Task
from cases.permissions import why_not_item, why_not_meeting, why_not_task
from stations.models import Organisation, Staff
from stations.roles import Permission, Role
from stations.workdays import load_calendar

# So many working days before the demonstration, and what is done then.
Entry = tuple[int, Callable[[], object]]
HOST = "HOST"
OPENS = time(9, 5)
STEP = timedelta(minutes=25)
MEMBERS = ("POLITICS_LAW", *(kind for kind in DEPARTMENTS if kind != "POLITICS_LAW"), *MORE_MEMBERS)
FOUNDED = 680


class Council:
    """The conference of one county or city. `at` is the moment of the step being taken."""

    def __init__(self, world: World, place: str) -> None:
        self.world, self.city = world, world.city
        self.host = world.city.federations[place]
        self.rng = Random(f"conference {place}")  # noqa: S311 – the same for everybody
        self.office = self._one(Role.CONFERENCE_OFFICE)
        self.officer = self._one(Role.COUNTY_OFFICER)
        self.leader = self._one(Role.COUNTY_LEADER)
        self.agenda = world.agenda
        self.meetings: dict[str, Meeting] = {}
        self.tasks: dict[tuple[str, str], Task] = {}
        self.at = world.days.horizon

    def _one(self, role: Role) -> Staff:
        return self.city.with_role(self.host, role)[0]

    def unit(self, kind: str) -> Organisation:
        return self.host if kind == HOST else self.city.department(self.host, kind)

    def liaison(self, kind: str) -> Staff | None:
        found = self.city.with_role(self.unit(kind), Role.PARTNER_LIAISON)
        return found[0] if found else None

    def _name(self, kind: str) -> str:
        """Who answers the telephone where nobody has an account."""
        return str(said("names")[kind][self.host.region_prefix == CITY])

    def course(self, entries: Sequence[Entry]) -> Course:
        """The days of the conference one after the other, each thing some minutes after the one before."""
        days = self.world.days
        day, taken = -1, 0
        for ago, act in sorted(entries, key=lambda entry: -entry[0]):
            taken = taken + 1 if ago == day else 0
            day = ago
            moment = datetime.combine(days.days[len(days) - ago], OPENS, CHINA) + taken * STEP
            yield moment
            self.at = moment
            act()

    def _check(self, by: Staff, reason: str) -> Staff:
        if reason:
            raise OutOfLine(f"{by.username}: {reason}")
        return by

    # -- members ----------------------------------------------------------------------------------

    def found(self) -> None:
        """Who belongs to it. Who has no account is reached by telephone."""
        since = china_date(self.at)
        self._check(self.office, "" if self.office.may(Permission.CONFERENCE_MANAGE) else "not the office")
        conference.add_member(
            self.host, organisation=self.host, part=MemberPart.OFFICE, since_on=since, liaison=self.officer
        )
        for place, kind in enumerate(MEMBERS):
            liaison = self.liaison(kind)
            unit = self.unit(kind)
            conference.add_member(
                self.host,
                organisation=unit,
                part=MemberPart.CONVENOR if place == 0 else MemberPart.MEMBER,
                since_on=since,
                liaison=liaison,
                liaison_name="" if liaison else self._name(kind),
                liaison_phone="" if liaison else unit.phone,
            )

    # -- items ------------------------------------------------------------------------------------

    def propose(self, key: str, kind: str = HOST) -> None:
        """Something that is about no case: by the officer, or by the liaison of a member."""
        told = item(key)
        by = self.officer if kind == HOST else self.liaison(kind)
        if by is None or not by.may(Permission.CONFERENCE_PROPOSE):
            raise OutOfLine(f"Nobody of {kind} may propose {key}.")
        self.agenda[key] = conference.propose_item(
            self.host, case=None, title=told.title, brief=told.brief, asks=told.asks, by=by, at=self.at
        )

    def _item(self, key: str, step: ConferenceStep) -> tuple[AgendaItem, Staff]:
        found = self.agenda[key]
        return found, self._check(self.office, why_not_item(self.office, step, found))

    def screen(self, *keys: str) -> None:
        for key in keys:
            found, by = self._item(key, ConferenceStep.SCREEN)
            conference.screen_item(found, opinion=item(key).opinion, by=by, at=self.at)

    def decline(self, key: str) -> None:
        found, by = self._item(key, ConferenceStep.DECLINE)
        conference.decline_item(found, opinion=item(key).opinion, by=by, at=self.at)

    # -- meetings ---------------------------------------------------------------------------------

    def plan(
        self, name: str, kind: MeetingType, title: str, day: int, units: Sequence[str], *keys: str
    ) -> None:
        """A meeting so many working days before the demonstration; after it, with a negative number."""
        place = said("place")
        self.meetings[name] = meeting.plan_meeting(
            self.host,
            Plan(
                kind=kind,
                title=f"{self.host.region.name}{title}",
                held_at=datetime.combine(self._day(day), time(15), CHINA),
                place=place[2] if self.host.region_prefix == CITY else place[kind == MeetingType.CASE],
                invited=[self.unit(one) for one in units],
                items=[self.agenda[key] for key in keys],
            ),
            by=self._check(
                self.office, "" if self.office.may(Permission.CONFERENCE_MANAGE) else "not the office"
            ),
            at=self.at,
        )

    def _day(self, ago: int) -> date:
        days = self.world.days
        if ago > 0:
            return days.days[len(days) - ago]
        calendar, day = load_calendar(), china_date(days.horizon)
        while ago < 0:
            day += timedelta(days=1)
            ago += calendar.is_working_day(day)
        return day

    def _meeting(self, name: str, step: MeetingStep) -> tuple[Meeting, Staff]:
        found = self.meetings[name]
        return found, self._check(self.office, why_not_meeting(self.office, step, found))

    def cancel(self, name: str) -> None:
        found, by = self._meeting(name, MeetingStep.CANCEL)
        meeting.cancel_meeting(found, reason=said("cancelled"), by=by, at=self.at)

    def hold(self, name: str, *, excused: Sequence[str] = (), absent: Sequence[str] = ()) -> None:
        """Everybody came but those named."""
        found, by = self._meeting(name, MeetingStep.HOLD)
        missing = {self.unit(kind).pk: Came(Presence.EXCUSED) for kind in excused}
        missing |= {self.unit(kind).pk: Came(Presence.ABSENT) for kind in absent}
        invited = found.attendance.values_list("organisation", flat=True).order_by("pk")
        came = {
            pk: missing.get(pk, Came(Presence.PRESENT, self.rng.choice(said("persons")))) for pk in invited
        }
        chair = said("chair")[self.host.region_prefix == CITY]
        self.at = max(self.at, found.held_at + timedelta(hours=2))
        meeting.hold_meeting(found, chair=chair, came=came, by=by, at=self.at)

    def resolve(self, key: str) -> None:
        """What the meeting decided; every unit named has a task from now on."""
        told = item(key)
        for content, lead, joining, days in told.decided:
            found, by = self._item(key, ConferenceStep.RESOLVE)
            resolution = meeting.resolve_item(
                found,
                content=content,
                lead=self.unit(lead),
                co_units=[self.unit(one) for one in joining],
                term_on=china_date(self.at) + timedelta(days=days),
                by=by,
                at=self.at,
            )
            tasks = {task.unit_id: task for task in resolution.tasks.select_related("unit")}
            for kind in (lead, *joining):
                task = self.tasks[key, kind] = tasks[self.unit(kind).pk]
                task.resolution = resolution

    def note(self, key: str) -> None:
        found, by = self._item(key, ConferenceStep.NOTE)
        meeting.note_item(found, opinion=item(key).opinion, by=by, at=self.at)

    def postpone(self, key: str) -> None:
        found, by = self._item(key, ConferenceStep.TAKE_OFF)
        meeting.postpone_item(found, opinion=item(key).opinion, by=by, at=self.at)

    def minute(self, name: str) -> None:
        found, by = self._meeting(name, MeetingStep.MINUTE)
        meeting.issue_minutes(found, minutes=said("minutes"), by=by, at=self.at)

    # -- tasks ------------------------------------------------------------------------------------

    def _task(self, key: str, kind: str, by: Staff, step: ConferenceStep) -> Task:
        task = self.tasks[key, kind]
        self._check(by, why_not_task(by, step, task))
        return task

    def _reporter(self, kind: str) -> tuple[Staff, str]:
        """The liaison; where there is none, the office keys in what came on paper."""
        liaison = self.liaison(kind)
        return (liaison, "") if liaison else (self.office, self._name(kind))

    def report(self, key: str, kind: str, text: str = "") -> None:
        by, name = self._reporter(kind)
        task = self._task(key, kind, by, ConferenceStep.REPORT)
        conference_task.report_task(task, text=text or item(key).done, by=by, at=self.at, name=name)

    def return_report(self, key: str, kind: str) -> None:
        task = self._task(key, kind, self.office, ConferenceStep.RETURN)
        conference_task.return_report(task, opinion=said("returned"), by=self.office, at=self.at)

    def write_off(self, key: str, kind: str) -> None:
        task = self._task(key, kind, self.office, ConferenceStep.WRITE_OFF)
        conference_task.write_off_task(task, opinion=said("accepted"), by=self.office, at=self.at)

    def ask(self, key: str, kind: str, days: int, reason: str) -> None:
        by, name = self._reporter(kind)
        task = self._task(key, kind, by, ConferenceStep.ASK)
        conference_task.ask_longer(task, days=days, reason=reason, by=by, at=self.at, name=name)

    def extend(self, key: str, kind: str, days: int) -> None:
        task = self._task(key, kind, self.leader, ConferenceStep.EXTEND)
        conference_task.extend_task(task, days=days, opinion=said("longer_yes"), by=self.leader, at=self.at)

    def keep_term(self, key: str, kind: str) -> None:
        task = self._task(key, kind, self.leader, ConferenceStep.KEEP_TERM)
        conference_task.keep_term(task, opinion=said("longer_no"), by=self.leader, at=self.at)

    def pass_up(self, key: str, kind: str, upper_key: str) -> None:
        """What the county's units cannot do goes before the city's conference."""
        task = self._task(key, kind, self.leader, ConferenceStep.ESCALATE)
        asks = item(key).upward
        self.agenda[upper_key] = conference_task.escalate_task(task, asks=asks, by=self.leader, at=self.at)


def conferences(world: World) -> list[tuple[str, Course]]:
    """Both live beside the main county: what the one cannot do, the other hears of."""
    county, city = Council(world, MAIN_COUNTY), Council(world, CITY)
    return [
        (MAIN_COUNTY, county.course(_of_the_county(county))),
        (MAIN_COUNTY, city.course(_of_the_city(city))),
    ]


def _of_the_county(c: Council) -> list[Entry]:
    few = ("POLICE", "CIVIL_AFFAIRS", "EDUCATION", "COURT")
    return [
        (FOUNDED, c.found),
        (197, lambda: c.propose("warning_copy")),
        (196, lambda: c.propose("joint_care", "EDUCATION")),
        (193, lambda: c.screen("warning_copy", "joint_care")),
        *_meeting_of(
            c,
            "plenary",
            MeetingType.PLENARY,
            "维权联席会议第一次全体会议",
            188,
            MEMBERS,
            "warning_copy",
            "joint_care",
        ),
        (160, lambda: c.report("warning_copy", "POLICE")),
        (158, lambda: c.write_off("warning_copy", "POLICE")),
        (157, lambda: c.report("warning_copy", "JUSTICE")),
        (155, lambda: c.write_off("warning_copy", "JUSTICE")),
        (152, lambda: c.ask("joint_care", "EDUCATION", 60, item("joint_care").longer)),
        (151, lambda: c.extend("joint_care", "EDUCATION", 60)),
        *_done(c, "joint_care", 148, "HEALTH", "CIVIL_AFFAIRS"),
        *_done(c, "joint_care", 34, "EDUCATION"),
        # A grave matter among few.
        (108, lambda: c.screen("settlement")),
        *_meeting_of(c, "settlement", MeetingType.CASE, "未成年人安置个案会商", 102, few, "settlement"),
        *_done(c, "settlement", 92, "POLICE", "EDUCATION"),
        (90, lambda: c.report("settlement", "CIVIL_AFFAIRS")),
        (88, lambda: c.return_report("settlement", "CIVIL_AFFAIRS")),
        (84, lambda: c.report("settlement", "CIVIL_AFFAIRS", said("returned_done"))),
        (82, lambda: c.write_off("settlement", "CIVIL_AFFAIRS")),
        *_working_meeting(c),
        *_next_meeting(c, few),
    ]


def _meeting_of(
    c: Council, name: str, kind: MeetingType, title: str, day: int, units: Sequence[str], *keys: str
) -> list[Entry]:
    """Planned four days ahead, held, its items decided at once, its minutes two days later."""
    return [
        (day + 4, lambda: c.plan(name, kind, title, day, units, *keys)),
        (day, lambda: c.hold(name, excused=("COURT",) if len(units) > 5 else ())),
        *((day - 1, partial(c.resolve, key)) for key in keys),
        (day - 2, lambda: c.minute(name)),
    ]


def _done(c: Council, key: str, day: int, *kinds: str) -> list[Entry]:
    reported: list[Entry] = [(day, partial(c.report, key, kind)) for kind in kinds]
    return reported + [(day - 2, partial(c.write_off, key, kind)) for kind in kinds]


def _working_meeting(c: Council) -> list[Entry]:
    """The one whose resolutions are still on the desks."""
    keys = ("land", "school", "shelter", "divorce", "wages")
    return [
        (41, lambda: c.screen(*keys)),
        (41, lambda: c.plan("working", MeetingType.WORKING, "维权联席会议专题会议", 38, MEMBERS, *keys)),
        (38, lambda: c.hold("working", excused=("PROCURATORATE",), absent=("AGRICULTURE",))),
        (37, lambda: c.resolve("land")),
        (37, lambda: c.resolve("school")),
        (37, lambda: c.resolve("shelter")),
        (37, lambda: c.note("divorce")),
        (37, lambda: c.postpone("wages")),
        (36, lambda: c.minute("working")),
        (22, lambda: c.ask("school", "HEALTH", 30, said("asks_longer_health"))),
        (20, lambda: c.keep_term("school", "HEALTH")),
        *_done(c, "school", 18, "HEALTH"),
        (20, lambda: c.ask("school", "EDUCATION", 30, said("asks_longer_school"))),
        (19, lambda: c.extend("school", "EDUCATION", 30)),
        *_done(c, "shelter", 26, "POLICE"),
        (22, lambda: c.pass_up("shelter", "CIVIL_AFFAIRS", "shelter_up")),
        (6, lambda: c.report("land", "JUSTICE")),
    ]


def _next_meeting(c: Council, few: Sequence[str]) -> list[Entry]:
    """What the last weeks brought, and what waits for the next meeting."""
    liaisons = ("POLICE", "COURT", "CIVIL_AFFAIRS", "EDUCATION", "JUSTICE", "HR_SOCIAL")
    return [
        (30, lambda: c.plan("liaisons", MeetingType.LIAISON, "维权联席会议联络员会议", 26, liaisons)),
        (28, lambda: c.cancel("liaisons")),
        (15, lambda: c.screen("rescue")),
        (15, lambda: c.plan("rescue", MeetingType.CASE, "高风险家庭暴力个案会商", 13, few, "rescue")),
        (13, lambda: c.hold("rescue")),
        (12, lambda: c.resolve("rescue")),
        (12, lambda: c.minute("rescue")),
        (7, lambda: c.decline("pension")),
        (3, lambda: c.report("rescue", "COURT")),
        (3, lambda: c.propose("year_plan", "POLITICS_LAW")),
        (3, lambda: c.screen("arrears")),
        (2, lambda: c.ask("rescue", "POLICE", 15, said("asks_longer"))),
        (
            2,
            lambda: c.plan(
                "next", MeetingType.PLENARY, "维权联席会议第二次全体会议", -6, MEMBERS, "wages", "arrears"
            ),
        ),
        (1, lambda: c.screen("year_plan")),
    ]


def _of_the_city(c: Council) -> list[Entry]:
    keys = ("mediation_room", "women_work")
    return [
        (FOUNDED, c.found),
        (158, lambda: c.propose("mediation_room", "JUSTICE")),
        (157, lambda: c.propose("women_work")),
        (155, lambda: c.screen(*keys)),
        *_meeting_of(c, "plenary", MeetingType.PLENARY, "维权联席会议全体会议", 150, MEMBERS, *keys),
        *_done(c, "mediation_room", 95, "JUSTICE", "COURT"),
        (9, lambda: c.report("women_work", "UNION")),
        (7, lambda: c.write_off("women_work", "UNION")),
        (11, lambda: c.propose("shared_list", "XINFANG")),
        (10, lambda: c.screen("shelter_up")),
        (10, lambda: c.screen("shared_list")),
        (
            9,
            lambda: c.plan(
                "working",
                MeetingType.WORKING,
                "维权联席会议专题会议",
                3,
                MEMBERS,
                "shelter_up",
                "shared_list",
            ),
        ),
        (3, lambda: c.hold("working", absent=("HEALTH",))),
        (2, lambda: c.resolve("shelter_up")),
        (2, lambda: c.note("shared_list")),
        (2, lambda: c.propose("year_city")),
        (1, lambda: c.screen("year_city")),
        (
            1,
            lambda: c.plan(
                "next", MeetingType.PLENARY, "维权联席会议年终全体会议", -12, MEMBERS, "year_city"
            ),
        ),
    ]
