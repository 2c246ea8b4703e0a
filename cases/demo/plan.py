"""Which matters there are, where, since when and how they go: decided before anything is stored, the same each time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import count, islice
from random import Random

from cases.choices import Channel, PetitionForm, Risk
from cases.demo import courses
from cases.demo.courses import Course, Part
from cases.demo.intakes import Matter
from cases.demo.lives import Life, World
from cases.demo.people import Identity, Register
from cases.demo.places import CITY, MAIN_COUNTY, MAIN_TOWNSHIP
from cases.demo.standing import DESKS, ELSEWHERE, OVERSEEN, Standing
from cases.demo.stories import RISKS, Story, stories
from stations.choices import OrgKind
from stations.models import Organisation

YEARS = 3
FEWEST, MOST = 110, 900
# Courses that end: their share among a thousand finished cases, and how many working days they take at most.
FINISHED: tuple[tuple[Callable[[Life], Course], int, int], ...] = (
    (courses.settled, 300, 30),
    (courses.referred, 190, 38),
    (courses.advised, 210, 1),
    (courses.referred_twice, 20, 40),
    (courses.reworked, 20, 46),
    (courses.guided, 35, 40),
    (courses.taken_over, 30, 52),
    (courses.reopened, 18, 56),
    (courses.extended, 20, 62),
    (courses.rested, 18, 66),
    (courses.sent_back, 18, 36),
    (courses.redirected, 30, 4),
    (courses.handled_jointly, 18, 40),
    (courses.merged, 12, 34),
    (courses.up_to_the_city, 12, 42),
    (courses.sent_down, 12, 42),
    (courses.referred_and_upheld, 10, 44),
    (courses.withdrawn, 15, 30),
    (courses.refused, 15, 4),
    (courses.voided, 7, 5),
)
UP_THE_LADDER = (
    courses.guided,
    courses.taken_over,
    courses.up_to_the_city,
    courses.sent_down,
    courses.handled_jointly,
)
IN_A_VILLAGE = (courses.advised, courses.settled, courses.guided, courses.taken_over)
NOT_FOR_THE_ENDANGERED = (courses.refused, courses.redirected, courses.voided)
CHANNELS = (
    (Channel.VISIT, 52),
    (Channel.PHONE_12338, 13),
    (Channel.PHONE_OTHER, 8),
    (Channel.LETTER, 6),
    (Channel.ONLINE, 6),
    (Channel.OUTREACH, 6),
    (Channel.TRANSFER_UPPER, 2),
    (Channel.TRANSFER_XINFANG, 2),
    (Channel.TRANSFER_DEPT, 2),
    (Channel.VISIT_LEADER_DAY, 2),
    (Channel.MEDIA, 1),
)


OPEN_SHARE = 0.117


class Planner:
    """Draws every matter from one stream of chance, in one order."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        self.city, self.days = world.city, world.days
        self.register = Register(rng)
        self.met: dict[tuple[int, str], list[Identity]] = {}
        self.deck: list[Story] = []
        self.points = self.city.of_kind(OrgKind.VILLAGE_POINT)
        self.numbers = count()

    def lives(self, cases: int) -> Iterator[tuple[Life, Part]]:
        """As many matters as make that many cases, those that stand open first."""
        fewest = len(DESKS) + len(OVERSEEN) + len(ELSEWHERE)
        standing = list(islice(self._standing(), max(fewest, round(cases * OPEN_SHARE))))
        for one in standing[:cases]:
            life = self._open_life(one)
            yield life, one.course(life)
        left = cases - len(standing)
        for course, span in self._finished():
            left -= 2 if course is courses.merged else 1
            if left < 0:
                return
            life = self._finished_life(course, span)
            yield life, course(life)

    def _standing(self) -> Iterator[Standing]:
        yield from (*DESKS, *OVERSEEN)
        for turn in count():
            for one in ELSEWHERE:
                yield replace(one, since=one.since + turn)

    def _finished(self) -> Iterator[tuple[Callable[[Life], Course], int]]:
        """Each course once, then by its share."""
        yield from ((course, span) for course, _, span in FINISHED)
        weights = [weight for _, weight, _ in FINISHED]
        while True:
            course, _, span = self.rng.choices(FINISHED, weights)[0]
            yield course, span

    # -- one life ---------------------------------------------------------------------------------

    def _open_life(self, one: Standing) -> Life:
        def fits(story: Story) -> bool:
            return (
                (not one.partner or one.partner in story.partners[:2])
                and (not one.risk or one.risk in story.risks)
                and (one.dangerous is None or (story.dv or story.minor) == one.dangerous)
                and (not one.category or one.category == story.category)
                and not story.anonymous
            )

        story = self._deal(fits)
        risk = RISKS[one.risk or self.rng.choice(story.risks)]
        return self._life(story, self._place_of(one), len(self.days) - one.since, risk, one.partner)

    def _finished_life(self, course: Callable[[Life], Course], span: int) -> Life:
        def fits(story: Story) -> bool:
            if course is courses.advised:
                return story.may_end_at_once
            if course in NOT_FOR_THE_ENDANGERED:
                return not (story.dv or story.minor or story.anonymous)
            if course is courses.settled:
                return True
            return story.risks != "B" and not story.anonymous

        story = self._deal(fits)
        risk = Risk.BLUE if course is courses.advised else RISKS[self.rng.choice(story.risks)]
        start = self.rng.randrange(len(self.days) - span)
        return self._life(story, self._place_for(course), start, risk)

    def _life(self, story: Story, unit: Organisation, start: int, risk: Risk, partner: str = "") -> Life:
        if partner:
            story = replace(story, partners=(partner,))
        matter = self._matter(story, unit, risk, self.days.days[start])
        return Life(self.world, matter, unit, start, Random(f"life {next(self.numbers)}"))  # noqa: S311

    def _deal(self, fits: Callable[[Story], bool]) -> Story:
        """The next fitting card of a deck that holds every story by its weight."""
        for _ in range(2):
            for place, story in enumerate(self.deck):
                if fits(story):
                    return self.deck.pop(place)
            fresh = [story for story in stories() for _ in range(story.weight)]
            self.rng.shuffle(fresh)
            self.deck += fresh
        raise LookupError("No story fits this course.")

    # -- where and who ----------------------------------------------------------------------------

    def _place_of(self, one: Standing) -> Organisation:
        if one.where == "village":
            return self.rng.choice([p for p in self.points if p.county_code != MAIN_COUNTY])
        if one.where in ("county", "city"):
            return self._federation(one.where)
        return self.city.stations[one.where] if one.where else self._station(main=False)

    def _place_for(self, course: Callable[[Life], Course]) -> Organisation:
        chance = self.rng.random()
        if course in IN_A_VILLAGE and chance < 0.10:
            return self.rng.choice(self.points)
        if course not in UP_THE_LADDER and chance > 0.89:
            return self._federation("city" if chance > 0.985 else "county")
        return self._station(main=self.rng.random() < 0.3)

    def _federation(self, level: str) -> Organisation:
        if level == "city":
            return self.city.federations[CITY]
        return self.city.federations[
            self.rng.choice(sorted(set(self.city.federations) - {CITY, MAIN_COUNTY}))
        ]

    def _station(self, *, main: bool) -> Organisation:
        if main and self.rng.random() < 0.25:
            return self.city.stations[MAIN_TOWNSHIP]
        codes = [code for code in self.city.stations if code.startswith(MAIN_COUNTY) == main]
        return self.city.stations[self.rng.choice(codes)]

    def _identity(self, story: Story, unit: Organisation, on: date) -> Identity:
        """Now and then somebody who has been here before, or in another unit."""
        before = self.met.setdefault((unit.pk, story.who), [])
        elsewhere = self.met.setdefault((0, story.who), [])
        chance = self.rng.random()
        if before and chance < 0.25:
            return self.rng.choice(before)
        if elsewhere and chance < 0.02:
            return self.rng.choice(elsewhere)
        county = unit.county_code or MAIN_COUNTY
        fresh = self.register.petitioner(story.who, county, on)
        before.append(fresh)
        elsewhere.append(fresh)
        return fresh

    def _matter(self, story: Story, unit: Organisation, risk: Risk, on: date) -> Matter:
        rng = self.rng
        township = unit.township_code or rng.choice(
            [code for code in self.city.villages if code.startswith(unit.region_prefix)]
        )
        village = rng.choice(self.city.villages[township])
        channel = self._channel(story)
        form = self._form(story, channel)
        together = form in (PetitionForm.GROUP, PetitionForm.JOINT_LETTER)
        return Matter(
            story=story,
            identity=self._identity(story, unit, on),
            respondent=self.register.man() if story.relation else "",
            child=self.register.child() if story.child else "",
            channel=channel,
            form=form,
            risk=risk,
            persons=rng.randint(5, 9) if together else 1,
            village=village,
            address=self.city.address(township, village),
            second_phone=self.register.phone() if story.dv else "",
        )

    def _channel(self, story: Story) -> Channel:
        if story.channels:
            return Channel(self.rng.choice(story.channels))
        channels, weights = zip(*CHANNELS, strict=True)
        channel: Channel = self.rng.choices(channels, weights)[0]
        return channel

    def _form(self, story: Story, channel: Channel) -> PetitionForm:
        if story.anonymous:
            return PetitionForm.ANONYMOUS
        if story.family in ("land", "labour") and self.rng.random() < 0.12:
            return PetitionForm.JOINT_LETTER if channel == Channel.LETTER else PetitionForm.GROUP
        return PetitionForm.INDIVIDUAL
