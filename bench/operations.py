"""What is measured: each operation says what one request of it is, the n-th different from the one before."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from bench import stories
from bench.city import Desk, officer_over
from bench.client import Request, log_in
from bench.load import read_ground
from cases.choices import HandlingMethod, PersonRole, ScaleAnswer, Status, Step
from cases.forms.guarding.accused import OUTSIDE
from cases.forms.intake import Intake
from cases.models import Case, Party, Person, Statement
from cases.views.steps import step_url
from cases.workflow.danger import ITEMS
from stations.models import Staff

Nth = Callable[[int], Request]
SAMPLE = 400


@dataclass(frozen=True)
class Operation:
    """`goal`: its median as a multiple of the floor's; `share`: its throughput in percent of the floor's."""

    key: str
    name: str
    nth: Nth
    goal: float | None = None
    share: float | None = None
    writes: bool = False

    @property
    def most_statements(self) -> int:
        return 16 if self.writes else 10


def floor_of(numbers: list[str]) -> Operation:
    return Operation(
        "floor", "floor: a bare view", lambda n: Request(f"/bench/floor/{numbers[n % len(numbers)]}/")
    )


def operations(desk: Desk, at: datetime) -> list[Operation]:
    """Everything that is measured over the web, from the desk of one station and of the county above it."""
    clerk, officer = desk.clerk, officer_over(desk)
    hers, countys = log_in(clerk), log_in(officer)
    here = Case.objects.filter(township_code=desk.unit.township_code)
    there = Case.objects.filter(county_code=desk.unit.county_code)
    return [
        Operation("intake", "intake, sent", intakes(hers, at), 6, 20, writes=True),
        Operation("worklist", "worklist of 50, station", pages("worklist", hers), 5, 22),
        Operation("worklist-county", "worklist of 50, county", pages("worklist", countys), 5, 22),
        Operation("case", "case page", case_pages(hers, here), 5, 28),
        Operation("exact", "search: ID number, station", searches(hers, id_numbers(here)), 3, 40),
        Operation("exact-county", "search: ID number, county", searches(countys, id_numbers(there)), 3, 40),
        Operation("number", "search: case number", searches(hers, numbers(here), status=302), 3, 40),
        Operation("name", "search: name of two, station", searches(hers, given_names(here)), 6, 20),
        Operation("name-county", "search: name of two, county", searches(countys, given_names(there)), 6, 20),
        Operation("story", "search: village in a story, county", searches(countys, villages(there))),
        Operation(
            "story-common",
            "search: common phrase, county",
            searches(countys, ["报过一次警", "不要再动手", "第二天又撕了"]),
        ),
        Operation("handle", "handling record, sent", handlings(hers, clerk), 4, 32, writes=True),
        Operation("report", "a county's yearly report", reports("reports", countys, at), 6),
        Operation("report-file", "the same as a file", reports("report_file", countys, at)),
    ]


def pages(name: str, session: str) -> Nth:
    return lambda _: Request(reverse(name), session)


def reports(name: str, session: str, at: datetime) -> Nth:
    """This year's and the one before, in turns."""
    return lambda n: Request(f"{reverse(name)}?span=year&year={at.year - n % 2}", session)


def case_pages(session: str, cases: Any) -> Nth:
    found = numbers(cases.filter(status__in=(Status.HANDLING, Status.CLOSED)))
    return lambda n: Request(
        reverse("case", args=[found[n % len(found)]]), session, holds=found[n % len(found)]
    )


def searches(session: str, words: list[str], *, status: int = 200) -> Nth:
    return lambda n: Request(reverse("search"), session, {"q": words[n % len(words)]}, status)


def handlings(session: str, clerk: Staff) -> Nth:
    found = list(Case.objects.filter(owner=clerk, status=Status.HANDLING).order_by("pk")[:SAMPLE])
    form: dict[str, str | list[str]] = {
        "method": HandlingMethod.MEDIATE,
        "happened_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "persons": "双方和村干部",
        "content": "在村委会同双方谈了一个多小时，男方承认动手，愿意写保证书，女方同意先观察一个月。",
        "result": "双方约定下月再谈。",
        "service": "",
        "service_persons": "",
    }
    return lambda n: Request(step_url(found[n % len(found)], Step.HANDLE), session, form, 302)


def intakes(session: str, at: datetime) -> Nth:
    """A walk-in with a husband, a telephone and a story, sent with every field the page has; the danger scale is asked
    where there is violence, and nothing on it is so."""
    ground = read_ground(at)
    blank: dict[str, str | list[str]] = {
        bound.html_name: said for bound in Intake(at=at) if (said := _typed(bound.value())) is not None
    }

    def nth(n: int) -> Request:
        random = Random(f"intake {n}")
        told = stories.story(random, ground.villages)
        number, _ = stories.id_number(random.randrange(2**40), ground.counties)
        other, _ = stories.id_number(random.randrange(2**40), ground.counties)
        answers: dict[str, str | list[str]] = {
            "submission": str(UUID(int=random.getrandbits(64) << 64 | timezone.now().microsecond, version=4)),
            "received_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
            "category": (category := random.choice(ground.categories)),
            "facts": told.facts,
            "demand": told.demand,
            "place": told.place,
            "risk": "BLUE",
            "privacy_notice": "ORAL",
            "petitioner-name": stories.name(random),
            "petitioner-id_number": number,
            "petitioner-sex": "",
            "petitioner-address_now": told.place,
            "phone-0-number": stories.phone(random.randrange(10**7)),
            "phone-0-safety": "SAFE",
            "respondent-name": stories.name(random),
            "respondent-id_number": other,
            "respondent-relation": "SPOUSE",
            "keep-ground": "SELF_ORAL",
            "report-none": "on",  # asked where a child is in it
        }
        if category == "MAR_DV":
            answers |= {f"danger-{code}": ScaleAnswer.NO for code in ITEMS}
        if category.startswith("ACC_"):
            answers["accused-about"] = OUTSIDE
        return Request(reverse("intake"), session, blank | answers, 302)

    return nth


def _typed(value: Any) -> str | list[str] | None:
    """What a browser sends for a field that shows `value`: nothing for an empty tick box or choice."""
    if value is None or value is False or value == []:
        return None
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M}"
    return [str(item) for item in value] if isinstance(value, list | tuple) else str(value)


# -- what to look for ------------------------------------------------------------------------------


def numbers(cases: Any) -> list[str]:
    return list(cases.order_by("pk").values_list("number", flat=True)[:SAMPLE])


def _petitioners(cases: Any) -> Iterable[Person]:
    parties = Party.objects.filter(case__in=cases, role=PersonRole.PETITIONER).select_related("person")
    return [party.person for party in parties.order_by("case_id")[:SAMPLE] if party.person]


def id_numbers(cases: Any) -> list[str]:
    return [person.id_number for person in _petitioners(cases)]


def given_names(cases: Any) -> list[str]:
    """The two characters after the surname, of those who have two."""
    return [person.name[1:] for person in _petitioners(cases) if len(person.name) == 3]


def villages(cases: Any) -> list[str]:
    statements = Statement.objects.filter(case__in=cases).order_by("case_id")[:SAMPLE]
    return [statement.place for statement in statements if len(statement.place) >= 3]
