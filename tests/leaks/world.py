"""One county in which a case of every delicate kind stands, brought there by the real verbs and then marked through."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from cases.actions import escalation, handling, intake, referral
from cases.actions.archive.filing import file_case, make_waiting, proposed_class, set_fonds
from cases.actions.guarding.progress import rate
from cases.actions.ledgers.books import ledgers_for
from cases.actions.ledgers.export import ask_export, make_export
from cases.actions.ledgers.ledger import Scope
from cases.actions.outlets import add_outlet
from cases.actions.papers.issue import issue_document
from cases.actions.safety.call import begin_call, end_call, numbers_to_dial
from cases.actions.safety.danger import DangerEntry, assess
from cases.actions.safety.emergency import PoliceEntry, current_emergency, record_police
from cases.choices import (
    AccessKind,
    AgeBand,
    BarKind,
    CallOutcome,
    CaseFlag,
    Channel,
    DangerLevel,
    DocType,
    EscalationReason,
    FieldGroup,
    HandlingMethod,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    OutletKind,
    PersonRole,
    ReferralStatus,
    Risk,
    Satisfaction,
    SecretLevel,
    Sex,
)
from cases.choices.assessment import Side
from cases.documents import About
from cases.models import Bar, Case, CaseReader, Monitor, Party
from cases.views.access import log_access
from cases.workflow import FIRST_STAGE
from cases.workflow.danger import ITEMS
from stations.models import Staff
from tests.cases import assessing, room
from tests.cases.supervising import supervised
from tests.cast import MONDAY, Cast, make_cast
from tests.factories import MINUTE, make_case, make_referral, petitioner, respondent
from tests.leaks.filling import Filler, mark_everything
from tests.leaks.markers import Marks
from weiquan.sealing import uuid7

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = MONDAY + 3 * DAY
TICKED = (
    "NAME",
    "PHONE",
    "ID_NUMBER",
    "PAPERS_ADDRESS",
    "FACTS",
    "DEMAND",
    "PLACE",
    "RESPONDENT",
    "HANDLED_BEFORE",
)


@dataclass
class World:
    """The cases by their situation, the people, the marks, and what a link's holder has in hand."""

    cast: Cast
    marks: Marks
    cases: dict[str, Case]
    token: str
    names: dict[UUID, str] = field(default_factory=dict)

    def name_of(self, pk: UUID) -> str:
        return self.names.get(pk, "other")


def _kind_of(kind: str, *, ended: bool = False, numbered: bool = False) -> Any:
    """A monitor of this kind, of its own: rows that describe one take its id."""
    end = {"outcome": MonitorOutcome.DONE, "ended_at": MONDAY + 2 * HOUR} if ended else {}

    def open_it(filler: Filler, case: Case) -> Monitor:
        return Monitor.objects.create(
            case=case,
            kind=kind,
            stage=MonitorStage.ENDED if ended else FIRST_STAGE[MonitorKind(kind)],
            number=f"测试代〔2026〕{next(SERIALS)}号" if numbered else "",
            unit=filler.staff.organisation,
            keeper=filler.staff,
            opened_by=filler.staff,
            opened_at=MONDAY + HOUR,
            started_at=MONDAY + HOUR,
            valid_until=(MONDAY + 120 * DAY).date(),
            ended_by=filler.staff if ended else None,
            **end,
        )

    return open_it


# Something in a sealed object, so that there is a place for a mark.
SAID = {"x": "说明"}
SERIALS = count(901)
# What the constraints of a table ask for beyond its own fields.
SHEET = {"index": 0, "name": "说明", "rows": 1, "head": 0, "titles": ["说明"]}
GIVEN: dict[str, dict[str, Any]] = {
    # Over: one that is open brings the county into the line of its case.
    "Emergency": {"monitor": _kind_of("EMERGENCY", ended=True)},
    "MandatoryReport": {"monitor": _kind_of("REPORT")},
    "OrderApplication": {"monitor": _kind_of("ORDER_APPLICATION"), "consented": True},
    "ProtectionOrder": {"monitor": _kind_of("PROTECTION_ORDER")},
    "WarningLetter": {"monitor": _kind_of("WARNING_LETTER")},
    "ShelterStay": {"monitor": _kind_of("SHELTER")},
    "Agreement": {"monitor": _kind_of("AGREEMENT")},
    "PetitionAgency": {"monitor": _kind_of("AGENCY", numbered=True)},
    "DangerAssessment": {"score": 8, "level": DangerLevel.HIGH, "answers": {}, "violence": ["PHYSICAL"]},
    "EmergencyAccess": {"until_at": MONDAY + 6 * HOUR, "staff": lambda filler, _: filler.cast.far_clerk},
    "Feedback": {"by": lambda filler, _: filler.staff},
    "Call": {"outcome": CallOutcome.NO_ANSWER, "ended_at": MONDAY + HOUR},
    "HeldForm": {"path": "/cases/new/", "fields": [["facts", "说明"]]},
    "Appraisal": {"years": 10},
    "DocTemplate": {"owner": lambda filler, _: filler.cast.county, "version": 1, "tried_at": MONDAY},
    # Judged already: an answer that waits leaves the task nothing to answer.
    "CorrectionReport": {
        "accepted": False,
        "decided_by": lambda filler, _: filler.cast.officer,
        "decided_at": MONDAY,
    },
    "Bar": {"staff": lambda filler, _: filler.cast.stat_officer},
    "CaseReader": {"staff": lambda filler, _: filler.staff},
    "Referral": {
        "number": lambda _, case: f"测试〔2026〕{next(SERIALS)}号",
        "department": lambda filler, _: filler.cast.justice,
        "status": ReferralStatus.CLOSED,
        "signed_at": MONDAY,
        "ended_at": MONDAY,
    },
    "Supervision": {"target": lambda filler, _: filler.cast.justice},
    "IssuedDocument": {"case": lambda _, case: case},
    "LedgerMemory": {"titles": SAID, "words": SAID},
    "LedgerImport": {"outline": [SHEET], "mapping": SAID, "words": SAID, "unknown": SAID},
    "LedgerImportRow": {"values": SAID, "faults": [SAID], "warnings": [SAID]},
}


def make_world(robot: str) -> World:
    """Everything of phase one: who did what. Marks come afterwards, with `mark`."""
    cast = make_cast()
    for person in (cast.clerk, cast.head, cast.officer, cast.liaison, cast.leader):
        person.wants_mail = True
        person.save()
    _outlets(cast, robot)
    cases = {
        "open": _open(cast),
        "minor": _minor(cast),
        "sealed": _sealed(cast),
        "closed": _closed(cast),
        "barred": _barred(cast),
        "elsewhere": make_case(cast, "HANDLING", unit=cast.other_station, parties=_people(9)),
    }
    token = _oversee(cast, cases)
    _put_on_paper(cast, cases)
    _assess(cast)
    world = World(cast, Marks(), cases, token)
    world.names = {case.pk: name for name, case in cases.items()}
    return world


def fill_and_mark(world: World) -> None:
    """Phase two: a row of every table for every case that nobody's action made, and a mark in every sealed field."""
    for name, case in world.cases.items():
        Filler(world.cast, _keeper(world, name), GIVEN).fill(
            Case.objects.select_related("holder").get(pk=case.pk)
        )
    mark_everything(world.marks, world.names)
    for name in world.cases:
        world.cases[name] = Case.objects.select_related("holder", "owner").get(pk=world.cases[name].pk)
    export_ledgers(world)


def _keeper(world: World, name: str) -> Staff:
    cast = world.cast
    return {
        "sealed": cast.clerk2,
        "minor": cast.clerk2,
        "barred": cast.officer,
        "elsewhere": cast.other_clerk,
    }.get(name, cast.clerk)


def _people(number: int) -> tuple[Any, ...]:
    """Other people in every case: an ID number that two cases share would lead from one to the other."""
    return (
        petitioner(id_number="", name=f"祝甲{'一二三四五六七八九十'[number]}"),
        respondent(id_number="", name=f"秦乙{'一二三四五六七八九十'[number]}"),
    )


def _outlets(cast: Cast, robot: str) -> None:
    ways = ((OutletKind.WEBHOOK, robot), (OutletKind.MAIL, "unit@example.org"))
    for kind, address in ways:
        add_outlet(cast.station, kind, "测试", address, "", by=cast.sys_admin, at=MONDAY)


def _open(cast: Cast) -> Case:
    """Violence, high danger, children named: referred to police and court, sent up, a volunteer asked to help."""
    child = petitioner(
        role=PersonRole.VICTIM, name="秦小花", id_number="", sex=Sex.FEMALE, phones=(), work_place="假设小学"
    )
    case = make_case(
        cast,
        "HANDLING",
        involves_dv=True,
        risk=Risk.RED,
        flags=(CaseFlag.URGENT,),
        parties=(petitioner(), respondent(), child),
        source_unit="村委会",
        source_person="石主任",
    )
    at = MONDAY + 10 * MINUTE
    handling.add_assistant(case, assistant=cast.volunteer, note="请提供法律意见", by=cast.head, at=at)
    handling.ask_extension(case, days=10, reason="取证需要时间", by=cast.clerk, at=at)
    escalation.escalate(
        case,
        to_unit=cast.county,
        reason=EscalationReason.HIGH_RISK,
        tried="已两次上门",
        by=cast.clerk,
        at=at + MINUTE,
    )
    _endanger(cast, case, at + 2 * MINUTE)
    return Case.objects.get(pk=case.pk)


def _endanger(cast: Cast, case: Case, at: datetime) -> None:
    """The scale is asked and says high: the emergency opens, and the police are told."""
    answers = dict.fromkeys(ITEMS, "NO") | {"S1": "YES"}
    assess(case, DangerEntry(answers, ("PHYSICAL",), words="刀放在枕下"), by=cast.clerk, at=at)
    monitor = current_emergency(case)
    assert monitor is not None
    told = PoliceEntry(reported_at=at, unit="下汤派出所", officer="石警官", receipt_number="警单〇七")
    record_police(monitor, told, by=cast.clerk, at=at + MINUTE)
    call = begin_call(case, numbers_to_dial(case)[0], by=cast.clerk, at=at)
    end_call(call, outcome=CallOutcome.NO_ANSWER, by=cast.clerk, at=at + MINUTE, words="响了很久没有人接")


def _closed(cast: Cast) -> Case:
    """Ended, and she has said what she thinks of it."""
    case = make_case(cast, "CLOSED", involves_dv=True, channel=Channel.OUTREACH, parties=_people(5))
    assert case.ended_at is not None
    rate(case, satisfaction=Satisfaction.DISSATISFIED, at=case.ended_at + HOUR, words="没有人回过我的话")
    return Case.objects.get(pk=case.pk)


def _minor(cast: Cast) -> Case:
    """A child at risk: the second clerk's, not sent up, so that the county stands outside its line."""
    case = make_case(cast, "HANDLING", involves_minor=True, channel=Channel.OUTREACH, parties=_people(1))
    Party.objects.filter(case=case, role=PersonRole.PETITIONER).update(age_band=AgeBand.UNDER_14)
    handling.assign_owner(case, owner=cast.clerk2, by=cast.head, at=MONDAY + 10 * MINUTE, note="由郭小满承办")
    return case


def _sealed(cast: Cast) -> Case:
    """Sexual harm to a child: the second clerk owns it, the county's officer is named; nobody else reads it."""
    case = make_case(cast, "HANDLING", involves_minor=True, parties=_people(3))
    at = MONDAY + 10 * MINUTE
    handling.assign_owner(case, owner=cast.clerk2, by=cast.head, at=at, note="由郭小满承办")
    make_referral(cast, "SIGNED", case=case, at=at + MINUTE, department=cast.civil)
    Case.objects.filter(pk=case.pk).update(secrecy=SecretLevel.MINOR_SEALED)
    CaseReader.objects.create(case=case, staff=cast.officer, by=cast.head, since_at=at)
    return Case.objects.get(pk=case.pk)


def _barred(cast: Cast) -> Case:
    """The respondent works at the station: the county handles it, and the station must not know."""
    case = make_case(cast, "HANDLING", unit=cast.county, parties=_people(7))
    Case.objects.filter(pk=case.pk).update(station=cast.station, township_code=cast.station.township_code)
    Party.objects.filter(case=case, role=PersonRole.RESPONDENT).update(employer=cast.station)
    at = MONDAY + 6 * MINUTE
    Bar.objects.create(case=case, organisation=cast.station, kind=BarKind.ACCUSED, by=cast.leader, at=at)
    Bar.objects.create(case=case, staff=cast.archivist, kind=BarKind.BLOCKED, by=cast.leader, at=at)
    return Case.objects.get(pk=case.pk)


def _put_on_paper(cast: Cast, cases: dict[str, Case]) -> None:
    """A letter on its way, and the file of what has ended."""
    case = Case.objects.select_related("station__region", "holder__region", "owner").get(pk=cases["open"].pk)
    about = About(unit=cast.station, by=cast.head, at=NOW, case=case)
    for _ in range(2):  # the marks make one of them void
        issue_document(DocType.INTERVIEW_NOTICE, about, pk=uuid7())
    set_fonds(cast.county, number="0123", by=cast.archivist, at=NOW)
    retention, _ = proposed_class(cases["closed"])
    file_case(cases["closed"], retention=retention, by=cast.archivist, at=NOW)
    make_waiting(NOW)


def _assess(cast: Cast) -> None:
    """One station's result is out, another's head has not yet handed hers in; a volunteer helps."""
    assessing.published(cast)
    waiting = assessing.opened(cast, cast.other_station)
    assessing.give(waiting, Side.STATION, cast.other_head)
    assessing.checked(cast.volunteer, cast.station, by=cast.head)


def export_ledgers(world: World) -> None:
    """Every ledger as a file, opened as far as its asker may, made of what was marked."""
    cast = world.cast
    for asker, unit in ((cast.head, cast.station), (cast.officer, cast.county)):
        for ledger in ledgers_for(asker):
            scope = Scope(unit, (NOW - 60 * DAY).date(), (NOW + DAY).date())
            make_export(ask_export(ledger, scope, purpose="核对", opened=True, by=asker, at=NOW), at=NOW)


def _oversee(cast: Cast, cases: dict[str, Case]) -> str:
    """What other desks have of the open case: the police at work on it, the court with a link, a supervision, a meeting."""
    case, at = cases["open"], MONDAY + 2 * HOUR
    police = make_referral(cast, "ANSWERED", case=case, at=at, ticked=TICKED)
    court = make_referral(cast, "SENT", case=case, at=at + MINUTE, department=cast.court, ticked=("FACTS",))
    make_referral(cast, "RETURNED", case=case, at=at + 2 * MINUTE, department=cast.civil, ticked=TICKED)
    supervised(cast, "REPLIED", referral=police, at=at + 3 * MINUTE)
    room.instruct(cast, case)
    room.report(cast, room.decided(cast, case))
    handling.record_handling(
        case,
        method=HandlingMethod.ACCOMPANY,
        happened_at=at,
        content="到家中走访",
        persons="祝冬雪",
        result="情绪平稳",
        by=cast.clerk,
        at=at + HOUR,
    )
    log_access(
        cast.other_officer, case, at=at, kind=AccessKind.REVEAL, fields=FieldGroup.STORY, reason="核对情况"
    )
    intake.save_draft(
        staff=cast.clerk,
        submission=UUID(int=9),
        answers={"facts": ["草稿里的话"], "petitioner-name": ["草稿"]},
        at=at,
    )
    return referral.make_link(court, by=cast.clerk, at=at + 4 * MINUTE)
