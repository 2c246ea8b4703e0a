"""Asking about danger: what was answered, what follows at once, and who may say that it has passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import meet_clocks, start_clocks
from cases.actions.safety.emergency import open_emergency
from cases.choices import ClockStatus, DangerLevel, NoticeKind, PersonRole, Risk, ScaleAnswer, Step
from cases.models import Case, DangerAssessment, Party
from cases.models.danger import FRESH
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from cases.workflow.danger import ITEMS, LEAST_RISK, Reading, protected_by, read_scale
from stations.models import Staff
from stations.roles import Permission

ASK_AGAIN = "IN-DANGER"


@dataclass(frozen=True)
class DangerEntry:
    """What was asked and answered, or why it could not be asked. `protected` adds to what is known of the victim."""

    answers: Mapping[str, str] = field(default_factory=dict)
    violence: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    not_asked: str = ""
    words: str = ""


@transaction.atomic
def assess(
    case: Case, entry: DangerEntry, *, by: Staff, at: datetime, ask_again: bool = True
) -> DangerAssessment:
    """Keep one scoring and do what it demands: the risk rises, at high danger the emergency opens.

    One that could not be asked is made up for within a day, unless `ask_again` says that nobody can be asked.
    Raises StepNotAllowed.
    """
    # Held from here on: of two scorings at once the later one sees the earlier.
    held = Case.objects.select_for_update(no_key=True).only("danger", "risk").get(pk=case.pk)
    case.danger, case.risk = held.danger, held.risk
    if entry.not_asked:
        return _record_not_asked(case, entry, by, at, ask_again=ask_again)
    answers = {code: str(entry.answers[code]) for code in ITEMS if entry.answers.get(code)}
    if set(answers.values()) <= {ScaleAnswer.UNKNOWN.value}:
        raise StepNotAllowed("一项都没有问到：请选择没能评估的原因，并写明情况。")
    return _record_scoring(case, entry, answers, by, at)


def _record_not_asked(
    case: Case, entry: DangerEntry, by: Staff, at: datetime, *, ask_again: bool
) -> DangerAssessment:
    case.record(Step.ASSESS, by=by, at=at, facts={"not_asked": entry.not_asked}, involves_dv=True)
    waits = case.clocks.filter(code=ASK_AGAIN, status=ClockStatus.RUNNING).exists()
    if ask_again and not waits:
        start_clocks(case, ASK_AGAIN, started_at=at, at=at)
    return _store(case, entry, by, at, not_asked=entry.not_asked)


def _record_scoring(
    case: Case, entry: DangerEntry, answers: dict[str, str], by: Staff, at: datetime
) -> DangerAssessment:
    reading = read_scale(answers, _grounds(case, entry))
    danger = _danger_now(case, reading, by)
    risk = max(Risk(case.risk), LEAST_RISK[danger], key=lambda risk: risk.rank)
    rises = risk != case.risk
    facts = {"level": reading.level, "score": reading.score, "special": reading.special, "danger": danger}
    case.record(Step.ASSESS, by=by, at=at, facts=facts, danger=danger, risk=risk, involves_dv=True)
    assessment = _store(
        case,
        entry,
        by,
        at,
        answers=answers,
        score=reading.score,
        special=reading.special,
        protected=list(reading.protected),
        level=reading.level,
    )
    meet_clocks(case, ASK_AGAIN, at=at, by=by)
    opened = open_emergency(case, by=by, at=at) if reading.level is DangerLevel.HIGH else None
    if rises and opened is None:
        announce(NoticeKind.RISK_RAISED, case, [one for one in heads(case.holder) if one.pk != by.pk], at=at)
    return assessment


def _grounds(case: Case, entry: DangerEntry) -> tuple[str, ...]:
    """Why the victim is under special protection: as told now, as registered, by her age."""
    parties = Party.objects.filter(case=case, role__in=(PersonRole.VICTIM, PersonRole.PETITIONER))
    rows = list(parties.values_list("role", "person__characteristics", "age_band"))
    # Who complains for somebody else is not the one who is protected.
    harmed = [row for row in rows if row[0] == PersonRole.VICTIM] or rows
    known = {code for _, codes, _ in harmed for code in codes or ()}
    return protected_by(known.union(entry.protected), [age for _, _, age in harmed])


def _danger_now(case: Case, reading: Reading, by: Staff) -> DangerLevel:
    """The level the case has after this scoring: a graver one counts at once, a lighter one only when it is complete.

    High danger ends when two people in a row have found it lower, the second of them a leader of the county: whoever
    would rather mediate cannot open that way alone. What was asked before a dangerous case was folded in does not count.
    """
    before = DangerLevel(case.danger) if case.danger else None
    if before is None or reading.level.rank >= before.rank:
        return reading.level
    if reading.unknown:
        return before
    if before is not DangerLevel.HIGH:
        return reading.level
    latest = DangerAssessment.objects.filter(case=case).newest()
    confirmed = (
        latest is not None
        and latest.level != DangerLevel.HIGH
        and ScaleAnswer.UNKNOWN not in latest.answers.values()
        and latest.by_id != by.pk
        and by.may(Permission.CASE_CLOSE_RED)
        and not case.merged.filter(danger=DangerLevel.HIGH, ended_at__gte=latest.at).exists()
    )
    return reading.level if confirmed else before


def _store(case: Case, entry: DangerEntry, by: Staff, at: datetime, **told: Any) -> DangerAssessment:
    return DangerAssessment.objects.create(
        case=case,
        round_no=case.round_no,
        violence=list(entry.violence),
        words=entry.words,
        by=by,
        unit=by.organisation or case.holder,
        at=at,
        **told,
    )


def check_asked_before_closing(case: Case, absence: DangerEntry | None, *, by: Staff, at: datetime) -> None:
    """A case whose danger was once scored closes on a fresh scoring, or on the reason why there can be none.

    Raises StepNotAllowed.
    """
    if absence is not None and absence.not_asked:
        assess(case, absence, by=by, at=at, ask_again=False)
    elif case.danger and not DangerAssessment.objects.fresh(case, at).exists():
        raise StepNotAllowed(
            f"涉家暴的案件，结案前要重新评估危险（{FRESH.days}天内的才算）。请先办“危险评估”，或写明不能评估的原因。"
        )
