"""A station's assessment, brought to any state by the real verbs."""

from collections.abc import Callable
from datetime import date, datetime

from cases.actions.assessment import rounds
from cases.choices.assessment import Side
from cases.models import AssessmentRound, AssessmentScheme
from cases.workflow.assessment import Entry
from stations.actions import standing
from stations.models import Organisation, Staff, Volunteer
from tests.cast import MONDAY, Cast

DUE = date(2026, 12, 20)
TODAY = MONDAY.date()


def scheme() -> AssessmentScheme:
    return AssessmentScheme.objects.get(year=2026, in_force=True)


def opened(cast: Cast, station: Organisation | None = None, *, at: datetime = MONDAY) -> AssessmentRound:
    station = station or cast.station
    rounds.open_rounds(scheme(), [station], due_on=DUE, by=cast.leader, at=at)
    return again(AssessmentRound.objects.get(station=station))


def again(found: AssessmentRound) -> AssessmentRound:
    return AssessmentRound.objects.select_related("scheme", "station__region").get(pk=found.pk)


def full(found: AssessmentRound, **other: Entry) -> dict[str, Entry]:
    """Full marks, no veto, words for everything that is not counted."""
    lines = [line.indicator for line in found.lines if not line.indicator.is_auto]
    return {one.code: Entry(one.weight, "" if one.is_veto else "有照片和记录") for one in lines} | other


def give(found: AssessmentRound, side: Side, by: Staff, **other: Entry) -> None:
    rounds.score(found, side, full(found, **other), by=by, at=MONDAY)


def submitted(cast: Cast, **other: Entry) -> AssessmentRound:
    found = opened(cast)
    give(found, Side.STATION, cast.head, **other)
    rounds.submit(found, by=cast.head, at=MONDAY)
    return again(found)


def sent_up(cast: Cast, **other: Entry) -> AssessmentRound:
    found = submitted(cast)
    give(found, Side.COUNTY, cast.officer, **other)
    rounds.send_up(found, by=cast.officer, at=MONDAY)
    return again(found)


def published(cast: Cast, **other: Entry) -> AssessmentRound:
    found = sent_up(cast, **other)
    rounds.publish(found, by=cast.city_leader, at=MONDAY)
    return again(found)


def at_state(cast: Cast, status: str) -> AssessmentRound:
    ways: dict[str, Callable[[Cast], AssessmentRound]] = {
        "SELF": opened,
        "COUNTY": submitted,
        "CITY": sent_up,
        "PUBLISHED": published,
    }
    return ways[status](cast)


def checked(staff: Staff, station: Organisation, *, by: Staff, on: date = TODAY) -> Volunteer:
    """A volunteer with an account, whose offence record was looked into on a day, and clear."""
    told = {"name": staff.name, "phone": "13900000003", "profession": "LAWYER", "joined_on": on}
    seen = {"checked_on": on, "result": "CLEAR", "staff": staff}
    return standing.keep_volunteer(None, station=station, shared_with=[], by=by, at=MONDAY, **told, **seen)
