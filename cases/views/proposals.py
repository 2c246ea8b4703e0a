"""建议上报上级: the signs of cases that a station or a village point holds, and the line that says them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from cases.choices import (
    CaseFlag,
    EscalationReason,
    EscalationStatus,
    Occurrence,
    PetitionForm,
    ReferralStatus,
    Risk,
    Step,
)
from cases.deadlines import china_date, last_day
from cases.models import Case, CodeSet, Contact, Escalation, Referral, code_names
from cases.workflow import WORKABLE
from cases.workflow.escalation import (
    HANDED_BACK,
    HARM_TO_A_CHILD,
    REPEATS,
    SEXUAL_HARM,
    Proposal,
    Signs,
    proposals,
)
from stations.choices import AdminLevel
from stations.models import Staff
from stations.roles import Permission
from stations.workdays import load_calendar

SHOWN = 20
# Ten working days are never less.
LONG_OVER = timedelta(days=14)


@dataclass(frozen=True)
class Hint:
    """One case that should go up: why, and the form with the first reason filled in."""

    case: Case
    title: str
    words: str
    url: str


def hints_for(cases: Iterable[Case], at: datetime, *, referred: bool = True) -> list[Hint]:
    """Hints on those of the cases that show a sign for which they have not gone up yet; at most three questions for
    all, none for what cannot be. `referred`: whether any of them went to a department."""
    told = list(cases)
    came_again = [case.pk for case in told if case.contacts_count >= REPEATS]
    repeats = _counted(Contact.objects.filter(occurrence=Occurrence.REPEAT), came_again)
    back = _counted(
        Referral.objects.filter(status=ReferralStatus.RETURNED), [case.pk for case in told if referred]
    )
    shown = {case.pk: proposals(_signs(case, repeats[case.pk], back[case.pk], at)) for case in told}
    signed = [case for case in told if shown[case.pk]]
    gone_up: set[tuple[UUID, str]] = set()
    if signed:
        gone_up = set(Escalation.objects.filter(case__in=signed).values_list("case_id", "reason"))
    names = code_names(CodeSet.MATTER_CATEGORY)
    new = {
        case.pk: [sign for sign in shown[case.pk] if (case.pk, sign.reason) not in gone_up] for case in signed
    }
    return [
        _hint(case, names.get(case.category, case.category), new[case.pk]) for case in signed if new[case.pk]
    ]


def hints_of_desk(user: Staff, at: datetime) -> list[Hint]:
    """What the reader's station or point should send up: all of it for who accepts, her own for the others."""
    org = user.organisation
    if org is None or org.level >= AdminLevel.COUNTY or not user.may(Permission.CASE_ESCALATE):
        return []
    held = Case.objects.visible_to(user).filter(holder=org, status__in=WORKABLE)
    if not user.may(Permission.CASE_ACCEPT):
        held = held.filter(owner=user)
    waiting = Escalation.objects.filter(case=OuterRef("pk"), status=EscalationStatus.SUBMITTED)
    cases = held.filter(~Exists(waiting), _may_show_a_sign(at)).order_by("due_at", "pk")
    return hints_for(cases[:SHOWN], at)


def _may_show_a_sign(at: datetime) -> Q:
    """Wider than the rules and told by the case's own row, so that few cases are looked at closely."""
    harm = sorted(HARM_TO_A_CHILD | SEXUAL_HARM)
    back = Referral.objects.filter(case=OuterRef("pk"), status=ReferralStatus.RETURNED)
    often = back.order_by().values("case").annotate(times=Count("pk")).filter(times__gte=HANDED_BACK)
    return (
        Q(risk=Risk.RED)
        | Q(form=PetitionForm.GROUP)
        | Q(flags__contains=[CaseFlag.THREAT])
        | Q(category__in=harm)
        | Q(categories__overlap=harm)
        | Q(contacts_count__gte=REPEATS)
        | Q(due_at__lte=at - LONG_OVER)
        | Q(Exists(often))
    )


def _signs(case: Case, repeats: int, handed_back: int, at: datetime) -> Signs:
    over = 0
    if case.due_at is not None and case.due_at <= at:
        over = load_calendar().working_days_between(last_day(case.due_at), china_date(at))
    return Signs(
        risk=Risk(case.risk),
        involves_minor=case.involves_minor,
        categories=frozenset({case.category, *case.categories}),
        form=PetitionForm(case.form),
        flags=frozenset(case.flags),
        repeats=repeats,
        handed_back=handed_back,
        days_over=over,
    )


def _counted(rows: Any, pks: list[UUID]) -> Counter[UUID]:
    return Counter(rows.filter(case__in=pks).values_list("case_id", flat=True)) if pks else Counter()


def _hint(case: Case, title: str, found: list[Proposal]) -> Hint:
    form = reverse("case_step", args=[case.number, Step.ESCALATE.lower()])
    return Hint(
        case=case,
        title=title,
        words="；".join(sign.words for sign in found),
        url=f"{form}?{urlencode({'reason': found[0].reason.value})}",
    )


def asked_reason(text: str) -> str:
    """The reason an address names, if it is one."""
    return text if text in EscalationReason.values else ""
