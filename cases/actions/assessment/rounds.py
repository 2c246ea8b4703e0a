"""A round from its opening to its publication, and the further round that corrects a published one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction

from cases.actions.assessment.figures import count
from cases.choices import NoticeKind
from cases.choices.assessment import AutoRule, IndicatorKind, RoundStatus, RoundStep, Side
from cases.models import (
    AssessmentRound,
    AssessmentScheme,
    AutoFigure,
    Indicator,
    IndicatorScore,
    RoundEvent,
)
from cases.models.assessment import Line, ScoreRefused
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from cases.workflow.assessment import Entry, next_round_status
from stations.choices import OrgKind
from stations.models import Organisation, Staff

SCORING = {
    Side.STATION: RoundStep.SCORE_SELF,
    Side.COUNTY: RoundStep.SCORE_COUNTY,
    Side.CITY: RoundStep.SCORE_CITY,
}


def stations_without_round(scheme: AssessmentScheme, prefix: str) -> list[Organisation]:
    """The stations below a federation that no round of that year was opened for."""
    stations = Organisation.objects.active().filter(kind=OrgKind.STATION, region__code__startswith=prefix)
    opened = AssessmentRound.objects.filter(scheme__year=scheme.year).values("station")
    return list(stations.exclude(pk__in=opened).select_related("region").order_by("region__code", "pk"))


@transaction.atomic
def open_rounds(
    scheme: AssessmentScheme, stations: Iterable[Organisation], *, due_on: date, by: Staff, at: datetime
) -> int:
    """Begin the year's round of each station that has none; the stations are told. How many were opened."""
    AssessmentScheme.objects.select_for_update().get(pk=scheme.pk)
    opened = set(AssessmentRound.objects.filter(scheme__year=scheme.year).values_list("station", flat=True))
    new = [station for station in stations if station.pk not in opened]
    for station in new:
        found = AssessmentRound.objects.create(
            scheme=scheme, station=station, due_on=due_on, opened_by=by, opened_at=at
        )
        RoundEvent.objects.create(round=found, step=RoundStep.OPEN, by=by, at=at)
        _count(found, at)
        announce(NoticeKind.ASSESSMENT, None, heads(station), at=at, about=found)
    return len(new)


def _count(found: AssessmentRound, at: datetime) -> None:
    """Write what the records say at this moment, beside what they said before."""
    indicators = found.scheme.indicators.filter(kind=IndicatorKind.AUTO)
    AutoFigure.objects.bulk_create(
        AutoFigure.of(found, one, count(AutoRule(one.rule), found.station, found.scheme.year, at), at)
        for one in indicators
    )
    found.__dict__.pop("lines", None)


@transaction.atomic
def score(
    found: AssessmentRound, side: Side, entries: Mapping[str, Entry], *, by: Staff, at: datetime
) -> int:
    """Give points for indicators, by code; what is not new is not written again. How many were.

    Raises StepNotAllowed, ScoreRefused.
    """
    step = SCORING[side]
    next_round_status(step, RoundStatus(found.status), found.scheme.publisher)
    rows = []
    for line in found.lines:
        entry = entries.get(line.indicator.code)
        if entry is None or _says_nothing_new(line, side, entry):
            continue
        check_entry(line, side, entry)
        rows.append(
            IndicatorScore(
                round=found,
                indicator=line.indicator,
                side=side,
                points=entry.points,
                vetoed=entry.vetoed,
                text=entry.text,
                by=by,
                at=at,
            )
        )
    if rows:
        found.advance(step, by=by, at=at)
        IndicatorScore.objects.bulk_create(rows)
        found.__dict__.pop("lines", None)
    return len(rows)


def _says_nothing_new(line: Line, side: Side, entry: Entry) -> bool:
    last = line.of(side)
    if last is not None:
        return (last.points, last.text, last.vetoed) == (entry.points, entry.text, entry.vetoed)
    # A counted figure left as it is was not judged by anybody; the city judges only what it changes.
    left = side is Side.CITY or line.figure is not None
    return left and not entry.text and (entry.points, entry.vetoed) == (line.points, line.vetoed)


def check_entry(line: Line, side: Side, entry: Entry) -> None:
    """Raises ScoreRefused."""
    one = line.indicator
    if one.is_auto and side is Side.STATION:
        raise ScoreRefused(one, "由系统取数，不用自评；有出入的请告诉县妇联。")
    if not 0 <= entry.points <= one.weight:
        raise ScoreRefused(one, f"分数应在0到{one.weight}之间。")
    if entry.text:
        return
    if side is Side.STATION and one.kind == IndicatorKind.EVIDENCE:
        raise ScoreRefused(one, "请写明依据。")
    if entry.vetoed:
        raise ScoreRefused(one, "请写明发生了什么、何时发现；不要写姓名。")
    if one.is_auto and entry.points != line.counted:
        raise ScoreRefused(one, f"与系统取数的{line.counted}分不同，请写明理由。")
    before = line.before(side)
    if before is not None and (before.points, before.vetoed) != (entry.points, entry.vetoed):
        raise ScoreRefused(one, "与下一级的评分不同，请写明理由。")


def missing(found: AssessmentRound, side: Side) -> list[Indicator]:
    """What this side still has to score before it passes the round on; the city only what it wants to."""
    if side is Side.CITY:
        return []
    return [line.indicator for line in found.lines if not line.indicator.is_auto and line.of(side) is None]


def _refuse_missing(found: AssessmentRound, side: Side) -> None:
    left = missing(found, side)
    if left:
        raise StepNotAllowed(f"还有{len(left)}项没有评分：{'、'.join(one.name for one in left)}。")


def _tell(found: AssessmentRound, level: Side, at: datetime) -> None:
    """Those whose turn it is."""
    if level is Side.STATION:
        told = heads(found.station)
    else:
        digits = 6 if level is Side.COUNTY else 4
        federation = Organisation.objects.federation_of(found.station.region_id[:digits])
        told = heads(federation) if federation else []
    announce(NoticeKind.ASSESSMENT, None, told, at=at, about=found)


@transaction.atomic
def submit(found: AssessmentRound, *, by: Staff, at: datetime) -> None:
    """Hand in the self-score; the counted figures are taken anew at this moment.

    Raises StepNotAllowed with what is missing.
    """
    _refuse_missing(found, Side.STATION)
    found.advance(RoundStep.SUBMIT, by=by, at=at)
    _count(found, at)
    _tell(found, Side.COUNTY, at)


@transaction.atomic
def recount(found: AssessmentRound, *, by: Staff, at: datetime) -> None:
    """Take the counted figures anew. Raises StepNotAllowed."""
    found.advance(RoundStep.RECOUNT, by=by, at=at)
    _count(found, at)


@transaction.atomic
def give_back(found: AssessmentRound, *, note: str, by: Staff, at: datetime) -> None:
    """The county sends it back to the station with what is missing. Raises StepNotAllowed."""
    found.advance(RoundStep.RETURN, by=by, at=at, note=note)
    _tell(found, Side.STATION, at)


@transaction.atomic
def send_up(found: AssessmentRound, *, by: Staff, at: datetime) -> None:
    """Raises StepNotAllowed."""
    _refuse_missing(found, Side.COUNTY)
    found.advance(RoundStep.SEND_UP, by=by, at=at)
    _tell(found, Side.CITY, at)


@transaction.atomic
def give_down(found: AssessmentRound, *, note: str, by: Staff, at: datetime) -> None:
    """The city sends it back to the county. Raises StepNotAllowed."""
    found.advance(RoundStep.RETURN_DOWN, by=by, at=at, note=note)
    _tell(found, Side.COUNTY, at)


@transaction.atomic
def publish(found: AssessmentRound, *, by: Staff, at: datetime) -> None:
    """Say what it came to; from now on the database refuses to change it. Raises StepNotAllowed."""
    if found.scheme.publisher is Side.COUNTY:
        _refuse_missing(found, Side.COUNTY)
    found.advance(
        RoundStep.PUBLISH,
        by=by,
        at=at,
        points=found.total,
        result=found.stands_at,
        published_by=by,
        published_at=at,
    )
    announce(NoticeKind.ASSESSED, None, heads(found.station), at=at, about=found)


@transaction.atomic
def correct(found: AssessmentRound, *, note: str, by: Staff, at: datetime) -> AssessmentRound:
    """Open a further round that takes over every figure and score, to be changed with reasons and published again.

    Raises StepNotAllowed.
    """
    next_round_status(RoundStep.CORRECT, RoundStatus(found.status), found.scheme.publisher)
    AssessmentRound.objects.select_for_update().get(pk=found.pk)
    if AssessmentRound.objects.filter(corrects=found).exists():
        raise StepNotAllowed("这次结果已经有人在更正，请看更正后的一次。")
    new = AssessmentRound.objects.create(
        scheme=found.scheme,
        station=found.station,
        number=found.number + 1,
        status=found.scheme.level,
        due_on=found.due_on,
        opened_by=by,
        opened_at=at,
        corrects=found,
        why=note,
    )
    RoundEvent.objects.create(round=new, step=RoundStep.CORRECT, by=by, at=at, note=note)
    _take_over(found, new)
    return new


def _take_over(old: AssessmentRound, new: AssessmentRound) -> None:
    """The newest of each, as its own writer wrote it at its own time."""
    for line in old.lines:
        if line.figure is not None:
            kept = {name: getattr(line.figure, name) for name in ("numerator", "denominator", "points", "at")}
            AutoFigure.objects.create(round=new, indicator=line.indicator, **kept)
        for side in Side:
            score = line.of(side)
            if score is not None:
                names = ("side", "points", "vetoed", "text", "by", "at")
                IndicatorScore.objects.create(
                    round=new, indicator=line.indicator, **{name: getattr(score, name) for name in names}
                )
