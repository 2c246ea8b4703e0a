"""The joint conference (维权联席会议): who belongs to it, and what is put before it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import rule_in_force
from cases.choices import ClockUnit, ConferenceStep, ItemStatus, MemberPart, NoticeKind
from cases.deadlines import compute_due, last_day
from cases.models import AgendaItem, Case, Member, Task
from cases.models.conference import seat
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission, Role
from stations.workdays import load_calendar
from weiquan.sealing import normalise

# Shorter than this, an address is a place name that says nothing about anybody.
TELLING_ADDRESS = 7
# Who answers for a unit in the conference, where no liaison has been named.
DESK = (Role.PARTNER_LIAISON, Role.PARTNER_LEADER, Role.COUNTY_OFFICER, Role.COUNTY_LEADER)


class NamesSomebody(StepNotAllowed):
    """A text for others says who it is about. The message says what kind of thing was found, not the thing; whoever
    does not see the case has learned from it all the same, so the page writes down that she found `case`."""

    def __init__(self, words: str, case: Case) -> None:
        super().__init__(words)
        self.case = case


def host_of(unit: Organisation) -> Organisation | None:
    """The federation that keeps the conference of this unit's county or city."""
    if unit.kind == OrgKind.FEDERATION:
        return unit
    return Organisation.objects.federation_of(seat(unit))


def candidates(host: Organisation) -> list[Organisation]:
    """Bodies that may belong to the conference or be asked to a meeting: the departments of the place."""
    return list(Organisation.objects.departments_for(host))


def office_people(host: Organisation) -> list[Staff]:
    """The office of the conference, wherever it sits; without one, the host's own heads."""
    place = (
        {"organisation__region__code__startswith": host.region_prefix}
        if host.level <= AdminLevel.COUNTY
        else {"organisation__region_id": host.region_id}
    )
    found = Staff.objects.working().holding(Role.CONFERENCE_OFFICE).filter(**place)
    return list(found.select_related("deputy").order_by("id")) or heads(host)


def desks(host: Organisation, units: Iterable[Organisation]) -> dict[int, list[Staff]]:
    """Whom to tell in each unit: the liaison it named, or everybody who answers for it."""
    keys = [unit.pk for unit in units]
    told: dict[int, list[Staff]] = {key: [] for key in keys}
    for person in (
        Staff.objects.working()
        .filter(organisation__in=keys)
        .holding(*DESK)
        .select_related("deputy")
        .order_by("id")
    ):
        told[person.organisation_id or 0].append(person)
    named = Member.objects.current().filter(host=host, organisation__in=keys, liaison__is_active=True)
    for member in named.select_related("liaison__deputy"):
        assert member.liaison is not None  # noqa: S101 – by the filter
        told[member.organisation_id] = [member.liaison]
    return told


@transaction.atomic
def add_member(
    host: Organisation,
    *,
    organisation: Organisation,
    part: MemberPart,
    since_on: date,
    liaison: Staff | None = None,
    liaison_name: str = "",
    liaison_phone: str = "",
) -> Member:
    """Take a unit into the conference, with its liaison: an account, or a name and a phone.

    Raises StepNotAllowed.
    """
    Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=host.pk)
    if organisation != host and organisation not in candidates(host):
        raise StepNotAllowed("只能加入本地和上级市的部门。")
    if Member.objects.current().filter(host=host, organisation=organisation).exists():
        raise StepNotAllowed(f"{organisation.name}已经是成员单位。要换联络员，请在成员名单里修改。")
    _check_liaison(organisation, liaison)
    return Member.objects.create(
        host=host,
        organisation=organisation,
        part=part,
        since_on=since_on,
        liaison=liaison,
        liaison_name=liaison_name,
        liaison_phone=liaison_phone,
    )


def _check_liaison(unit: Organisation, liaison: Staff | None) -> None:
    if liaison is None:
        return
    if liaison.organisation_id != unit.pk or not liaison.may(Permission.CONFERENCE_READ):
        raise StepNotAllowed(f"联络员须是{unit.name}能使用联席会议页面的人，请另选。")


@transaction.atomic
def change_member(
    member: Member, *, part: MemberPart, liaison: Staff | None, liaison_name: str, liaison_phone: str
) -> None:
    """Another part, or another liaison.

    Raises StepNotAllowed.
    """
    _check_liaison(member.organisation, liaison)
    member.part, member.liaison = part, liaison
    member.liaison_name, member.liaison_phone = liaison_name, liaison_phone
    member.save(update_fields=["part", "liaison", "liaison_name", "liaison_phone"])


@transaction.atomic
def end_member(member: Member, *, until_on: date) -> None:
    """Let a unit leave; its tasks stay on its desk.

    Raises StepNotAllowed.
    """
    if until_on < member.since_on:
        raise StepNotAllowed("退出日期不能早于加入日期。")
    if not Member.objects.current().filter(pk=member.pk).update(until_on=until_on):
        raise StepNotAllowed("这个单位已经退出。")
    member.until_on = until_on


def told_of(case: Case, *texts: str) -> list[str]:
    """What of `case` and its people these texts give away, by kind: its number, names, ID numbers, phones, addresses."""
    said = normalise("\n".join(texts))
    found = ["案号"] if normalise(case.number) in said else []
    parties = case.parties.select_related("person").prefetch_related("person__phones")
    for person in (party.person for party in parties if party.person):
        addresses = (person.address_now, person.address_papers)
        for kind, value, least in (
            ("姓名", person.name, 2),
            ("身份证号", person.id_number, 2),
            *(("电话", phone.number, 2) for phone in person.phones.all()),
            *(("住址", address, TELLING_ADDRESS) for address in addresses),
        ):
            plain = normalise(value)
            if len(plain) >= least and plain in said and kind not in found:
                found.append(kind)
    return found


def check_names_nobody(case: Case | None, *texts: str, readers: str = "会议材料很多单位会看到") -> None:
    """Refuse a text that says who the case is about: many read it who may not know.

    Raises NamesSomebody.
    """
    if case is not None and (found := told_of(case, *texts)):
        raise NamesSomebody(
            f"这里写有本案当事人的{'、'.join(found)}。{readers}，请改成“信访人”“对方”等说法后再提交。", case
        )


@transaction.atomic
def propose_item(
    host: Organisation,
    *,
    case: Case | None,
    title: str,
    brief: str,
    asks: str,
    by: Staff,
    at: datetime,
    escalated_from: Task | None = None,
) -> AgendaItem:
    """Put something before the conference of `host`: an officer from a case, a member's liaison without one.

    Raises StepNotAllowed; NamesSomebody when the text says who the case is about.
    """
    unit = by.organisation
    if unit is None:
        raise StepNotAllowed("您没有所属单位。")
    outside = unit.kind == OrgKind.DEPARTMENT and not by.may(Permission.CONFERENCE_MANAGE)
    if outside and not Member.objects.current().filter(host=host, organisation=unit).exists():
        raise StepNotAllowed(f"{unit.name}不是这个联席会议的成员单位，请联系联席会议办公室。")
    check_names_nobody(case, title, brief, asks)
    if case is not None:
        _check_case(case, host, title, by=by, at=at)
    item = AgendaItem.objects.create(
        host=host,
        case=case,
        title=title,
        brief=brief,
        asks=asks,
        proposed_by=by,
        proposed_unit=unit,
        proposed_at=at,
        screen_by=_screening_ends(host, at),
        escalated_from=escalated_from,
    )
    announce(NoticeKind.ITEM_PROPOSED, None, office_people(host), at=at, about=item)
    return item


def _check_case(case: Case, host: Organisation, title: str, *, by: Staff, at: datetime) -> None:
    """Write the proposal into the history; the case row is held from here on, so of two the second sees the first."""
    case.record(ConferenceStep.PROPOSE, by=by, at=at, facts={"host": host.pk}, note=title)
    if not case.is_open:
        raise StepNotAllowed("案件已经办结，不能提请联席会议。确需研究的，请先重新办理。")
    if case.agenda_items.filter(host=host, status__in=ItemStatus.waiting).exists():
        raise StepNotAllowed("这件案件已有议题在等联席会议研究，请看案件页上的议题。")


def _screening_ends(host: Organisation, at: datetime) -> date:
    rule = rule_in_force("JC-SCREEN", at, host.region_id)
    return last_day(compute_due(at, rule.amount, ClockUnit(rule.unit), load_calendar()).effective)


def write_history(
    case: Case | None,
    step: ConferenceStep,
    *,
    by: Staff,
    at: datetime,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Record a step of the conference in the case it is about; what has no case keeps its own rows only."""
    if case is not None:
        case.record(step, by=by, at=at, note=note, facts=dict(facts or {}))


def _tell_proposer(item: AgendaItem, *, by: Staff, at: datetime) -> None:
    if item.proposed_by_id != by.pk:
        announce(NoticeKind.ITEM_NEWS, None, [item.proposed_by], at=at, about=item)


@transaction.atomic
def screen_item(item: AgendaItem, *, opinion: str, by: Staff, at: datetime) -> None:
    """Let an item through to the next meeting.

    Raises StepNotAllowed; NamesSomebody when the opinion says who the case is about.
    """
    check_names_nobody(item.case, opinion)
    item.advance(ConferenceStep.SCREEN, screened_by=by, screened_at=at, opinion=opinion)
    write_history(item.case, ConferenceStep.SCREEN, by=by, at=at, note=opinion)
    _tell_proposer(item, by=by, at=at)


@transaction.atomic
def decline_item(item: AgendaItem, *, opinion: str, by: Staff, at: datetime) -> None:
    """Keep an item off the agenda, and say why.

    Raises StepNotAllowed; NamesSomebody when the opinion says who the case is about.
    """
    check_names_nobody(item.case, opinion)
    item.advance(ConferenceStep.DECLINE, screened_by=by, screened_at=at, opinion=opinion)
    write_history(item.case, ConferenceStep.DECLINE, by=by, at=at, note=opinion)
    _tell_proposer(item, by=by, at=at)


@transaction.atomic
def withdraw_item(item: AgendaItem, *, reason: str, by: Staff, at: datetime) -> None:
    """Take an item back before it stands on an agenda.

    Raises StepNotAllowed.
    """
    item.advance(ConferenceStep.WITHDRAW)
    write_history(item.case, ConferenceStep.WITHDRAW, by=by, at=at, note=reason)
    announce(NoticeKind.ITEM_NEWS, None, office_people(item.host), at=at, about=item)
