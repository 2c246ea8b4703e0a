"""Sealing a case about a child: open to named readers only, who can still do all that the case needs."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from cases.choices import MandatoryReportSituation, NoticeKind, SecretLevel, Step
from cases.models import Case, CaseReader
from cases.models.guarding import barred_from
from cases.notifications import announce, county_federation, heads, people
from cases.permissions import readers_of
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import GRANTS, Permission, Role

# A matter of these is sealed the moment it is registered.
SEALED_CATEGORIES = frozenset({"CHD_SEXUAL"})


def must_be_sealed(*, categories: Iterable[str] = (), situations: Iterable[str] = ()) -> bool:
    """Whether this is sexual harm of a child. Source: 未成年人保护法 (2024) 第103条; 高检发〔2020〕9号 第13、14条."""
    return not SEALED_CATEGORIES.isdisjoint(categories) or not set(
        MandatoryReportSituation.sexual
    ).isdisjoint(situations)


def deciders(unit: Organisation) -> list[Staff]:
    """Whom a unit cannot do without: its head; in a federation its leaders alone, who have every right its officers
    have. Where it has no leader, its officers."""
    if unit.kind == OrgKind.FEDERATION:
        return people(unit, Role.COUNTY_LEADER) or heads(unit)
    return heads(unit)


@transaction.atomic
def seal_case(case: Case, *, by: Staff, at: datetime, reason: str = "") -> None:
    """Close a case about a child to all but the few who must work on it: the owner and whoever holds a part (they
    need no row), whoever seals it, the head of the holding unit and the leaders of the county, who approve its end.

    Raises StepNotAllowed.
    """
    if not case.involves_minor:
        raise StepNotAllowed("只有涉未成年人的案件才封存。")
    _close(case, by=by, at=at, reason=reason)


def _close(case: Case, *, by: Staff, at: datetime, reason: str = "") -> None:
    case.record(Step.SEAL, by=by, at=at, note=reason, secrecy=SecretLevel.MINOR_SEALED)
    above = county_federation(case)
    let_in(case, [by, *deciders(case.holder), *(deciders(above) if above else [])], by=by, at=at)


@transaction.atomic
def unseal_case(case: Case, *, by: Staff, at: datetime, reason: str) -> None:
    """Open it again to everybody in whose area it lies.

    Raises StepNotAllowed.
    """
    _check_sealed(case)
    case.record(Step.UNSEAL, by=by, at=at, note=reason, secrecy=SecretLevel.INTERNAL)
    case.readers.filter(until_at=None).update(until_at=at, ended_by=by)


@transaction.atomic
def name_reader(case: Case, *, reader: Staff, reason: str, by: Staff, at: datetime) -> CaseReader:
    """Let one more person read a sealed case, somebody to whose place and post it belongs.

    Source: 未成年人网络保护条例 第36条 (approved by a responsible person, every reading recorded).
    Raises StepNotAllowed.
    """
    _check_sealed(case)
    case.record(Step.NAME_READER, by=by, at=at, note=reason, facts={"reader": reader.pk})
    # Asked while the case row is held: of two people who name the same reader the second is told.
    if reader.pk in readers_of([case.pk])[case.pk]:
        raise StepNotAllowed(f"{reader.name}已经可以查阅这件案件。")
    if not Case.objects.in_area_of(reader).not_barred_to(reader).filter(pk=case.pk).exists():
        raise StepNotAllowed(f"{reader.name}不能查阅这件案件：不在其辖区，或者已经回避。")
    named = CaseReader.objects.create(case=case, staff=reader, reason=reason, by=by, since_at=at)
    announce(NoticeKind.NAMED_READER, case, [reader], at=at)
    return named


@transaction.atomic
def end_reader(case: Case, *, reader: Staff, reason: str, by: Staff, at: datetime) -> None:
    """Close it again to one named reader. Whoever holds a part in it reads it by that part, as long as she does.

    A leader is taken off by a leader, and the last one not at all: nobody could approve the closing.
    Raises StepNotAllowed.
    """
    case.record(Step.END_READER, by=by, at=at, note=reason, facts={"reader": reader.pk})
    if reader.may(Permission.CASE_UNSEAL):
        _check_leader_stays(case, reader, by)
    ended = case.readers.filter(staff=reader, until_at=None).update(until_at=at, ended_by=by)
    if not ended:
        raise StepNotAllowed(f"{reader.name}不在指定的查阅人之中。")


def _check_leader_stays(case: Case, reader: Staff, by: Staff) -> None:
    if not by.may(Permission.CASE_UNSEAL):
        raise StepNotAllowed("妇联分管领导由领导本人取消。")
    left = Staff.objects.working().filter(pk__in=readers_of([case.pk])[case.pk] - {reader.pk})
    if not left.holding(Role.COUNTY_LEADER).exists():
        raise StepNotAllowed("至少留一位分管领导能查阅，否则没有人能审核结案。请先指定另一位。")


def let_in(case: Case, staff: Iterable[Staff], *, by: Staff | None, at: datetime) -> None:
    """Make these people readers of a sealed case, because a step of the work comes to them. Nothing where it is not
    sealed. Must run inside a transaction that holds the case."""
    if not case.is_sealed:
        return
    known = readers_of([case.pk])[case.pk]
    barred = barred_from(case.pk)
    new = {person.pk: person for person in staff if person.pk not in known and person not in barred}
    for person in new.values():
        CaseReader.objects.create(case=case, staff=person, by=by, since_at=at)


def let_decide(case: Case, staff: Collection[Staff], *, by: Staff, at: datetime) -> None:
    """Somebody of these must decide: where none of them reads a sealed case yet, all of them do from now on."""
    if case.is_sealed and not readers_of([case.pk])[case.pk] & {person.pk for person in staff}:
        let_in(case, staff, by=by, at=at)


def seal_with(into: Case, case: Case, *, by: Staff, at: datetime) -> None:
    """Of two cases that become one the other is sealed as well, whatever it was marked as, and the readers go along.
    Must run inside a transaction."""
    if not case.is_sealed:
        return
    if not into.is_sealed:
        _close(into, by=by, at=at)
    let_in(into, Staff.objects.filter(pk__in=readers_of([case.pk])[case.pk]), by=by, at=at)


def candidates(case: Case) -> QuerySet[Staff]:
    """Who may be named: people who read cases in the units that have or had this one, and in the county over it."""
    units = Q(organisation__in=[case.holder_id, case.station_id])
    above = county_federation(case)
    if above is not None:
        units |= Q(organisation=above)
    if AdminLevel(case.reached).rank > AdminLevel.COUNTY.rank:
        units |= Q(
            organisation__kind=OrgKind.FEDERATION, organisation__region__code=f"{case.county_code[:4]:0<12}"
        )
    reading = [role.value for role in Role if Permission.CASE_READ in GRANTS[role]]
    already, barred = readers_of([case.pk])[case.pk], barred_from(case.pk)
    return (
        Staff.objects.working()
        .filter(units, roles__overlap=reading)
        .exclude(pk__in=already | barred.people)
        .exclude(organisation__in=barred.units)
        .select_related("organisation")
        .order_by("organisation", "name_pinyin", "pk")
    )


def named_readers(case: Case) -> QuerySet[CaseReader]:
    return (
        case.readers.filter(until_at=None)
        .select_related("staff__organisation", "by")
        .order_by("since_at", "pk")
    )


def pass_on(giver: Staff, to: Staff, cases: QuerySet[Case], *, by: Staff, at: datetime) -> int:
    """Whoever leaves leaves her reading too, to somebody of the same standing: a head's to a head, not to a clerk."""
    if giver.may(Permission.CASE_SEAL) and not to.may(Permission.CASE_SEAL):
        return 0
    rows = CaseReader.objects.filter(staff=giver, until_at=None, case__in=cases).select_related("case")
    moved = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for row in moved:
        let_in(row.case, [to], by=by, at=at)
    CaseReader.objects.filter(pk__in=[row.pk for row in moved]).update(until_at=at, ended_by=by)
    return len(moved)


def _check_sealed(case: Case) -> None:
    if not case.is_sealed:
        raise StepNotAllowed("这件案件没有封存，本地有权限的人都能查阅。")
