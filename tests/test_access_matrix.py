"""Every URL × every role. The table is tests/access_matrix.csv, read and judged by people; a view that is not in it fails.

The scene: a case in handling at the station (owner: its clerk) that has not come up but for its open emergency, which
puts the county's deciders in its line; referred to the county police and not yet signed for. Each request runs in a
savepoint that is rolled back, so that rows do not disturb each other.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cases.actions.monitors.order import Wish, add_evidence, open_application
from cases.actions.monitors.shelter import open_stay
from cases.actions.monitors.warning import open_letter
from cases.actions.outlets import add_outlet
from cases.actions.safety.emergency import open_emergency
from cases.actions.safety.plans import TaskEntry, make_safety_plan, make_service_plan
from cases.choices import ApplyGround, Evidence, MonitorKind, NoticeKind, OutletKind, ProtectionMeasure
from cases.models import (
    ArchiveFile,
    AssessmentRound,
    AssessmentScheme,
    Case,
    ClockRule,
    Correction,
    EmergencyAccess,
    Handover,
    IssuedDocument,
    LedgerExport,
    LedgerImport,
    Member,
    Monitor,
    Notice,
    OrderEvidence,
    Supervision,
    Task,
)
from stations.models import Honour, Staff, Volunteer
from tests.cases import room
from tests.cases.supervising import supervised
from tests.cast import MONDAY, Cast
from tests.factories import make_referral

# The other station's clerk opened a case in an emergency; the station's head judges it.
BREAK_IN = UUID(int=8)
# A handing over from one clerk to the other, made by their head.
HANDOVER = UUID(int=7)
# A ledger the station's head asked for, which no worker has made yet.
LEDGER_EXPORT = UUID(int=9)
# An old ledger of the station, whose columns nobody has named yet.
LEDGER_IMPORT = UUID(int=10)
# Somebody who helps the station, and what the station was named.
VOLUNTEER, HONOUR = UUID(int=5), UUID(int=6)
PLACES = (
    "station_card", "station_facts", "station_activities", "station_volunteers", "volunteer_new", "station_honours",
)  # fmt: skip
# The file of the case, as if it had ended.
ARCHIVE_FILE = UUID(int=10)
# The station's assessment, which the county has to score, and what it was told to put right.
ROUND, CORRECTION = UUID(int=9), UUID(int=10)
# A letter the station's clerk issued about the case.
PAPER = UUID(int=12)
# Stands for the step of the line.
STEP = object()
TABLE = Path(__file__).parent / "access_matrix.csv"
ROLES = (
    "anonymous", "village_liaison", "clerk", "clerk2", "head", "other_clerk", "other_head", "officer", "leader",
    "city_officer", "other_officer", "liaison", "handler", "partner_leader", "civil_liaison", "volunteer", "archivist",
    "stat_officer", "conference", "sys_admin", "sec_admin", "audit_admin",
    "legal_officer",
)  # fmt: skip
# Django's admin is one desk with one door: what its pages allow is asked of its index and of one page of each table.
ADMIN_PAGES = ("admin:index", "admin:stations_region_changelist", "admin:cases_codeitem_changelist")


@dataclass(frozen=True)
class Row:
    """One line of the table: a URL, a method, the step if the URL has one, and a status for each role."""

    name: str
    method: str
    step: str
    expected: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.step}".strip()


def read_table() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Row(line["url"], line["method"], line["step"], {role: line[role] for role in ROLES})
            for line in csv.DictReader(file)
        ]


def url_names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from url_names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}"


@dataclass
class Scene:
    cast: Cast
    case: Case
    referral_id: UUID
    notice: Notice
    petitioner_notice: UUID
    outlet: UUID
    resolved: Task

    def address(self, row: Row) -> str:
        """The URL of a row with this scene's ids in it."""
        if row.name.startswith("staff_") and row.name not in ("staff_list", "staff_create", "staff_events"):
            return reverse(row.name, args=[self.cast.clerk2.pk])
        args = [row.step if one is STEP else one for one in self.args.get(row.name, [])]
        return reverse(row.name, args=args)

    @cached_property
    def args(self) -> dict[str, list[object]]:
        """What stands in the address of each view; looked up once, for what a request does is taken back."""
        rule = ClockRule.objects.get(code="IN-ACCEPT")
        return {
            "case": [self.case.number],
            "case_step": [self.case.number, STEP],
            "county_case": [self.case.number],
            "county_decide": [self.case.number, STEP],
            "reveal": [self.case.number],
            "accesses": [self.case.number],
            "break_in": [self.case.number],
            "break_in_judge": [BREAK_IN],
            "disclosures": [self.case.number],
            "disclosures_print": [self.case.number],
            "slip": [self.case.number],
            "registered": [self.case.number],
            "contact": [self.case.number],
            "call": [self.case.number],
            "reach": [self.case.number],
            "refer": [self.case.number],
            "notice_print": [self.case.number, self.petitioner_notice],
            "notice_open": [self.notice.pk],
            "referral": [self.referral_id],
            "referral_step": [self.referral_id, STEP],
            "referral_paper": [self.referral_id],
            "referral_slip": [self.referral_id],
            "link_answer": ["no-such-token"],
            "agenda_propose": [self.case.number],
            "agenda_item": [self.resolved.resolution.item_id],
            "agenda_step": [self.resolved.resolution.item_id, STEP],
            "meeting": [self.meeting],
            "meeting_step": [self.meeting, STEP],
            "meeting_print": [self.meeting, STEP],
            "meeting_pack": [self.meeting],
            "conference_task": [self.resolved.pk],
            "conference_task_step": [self.resolved.pk, STEP],
            "conference_member": [Member.objects.get(organisation=self.cast.police).pk],
            "outlet_edit": [self.outlet],
            "outlet_switch": [self.outlet],
            "outlet_try": [self.outlet],
            "supervise": [self.case.number],
            "supervision": [self.supervision.pk],
            "supervision_step": [self.supervision.pk, STEP],
            "supervision_paper": [self.supervision.pk],
            "supervision_print": [self.supervision.pk, self.supervision.papers.get().pk],
            "monitor_open": [self.case.number, STEP],
            "emergency": [self.case.number],
            "service_plan": [self.case.number],
            "plan_task": [self.case.number, self.case.plan_tasks.get().pk],
            "safety_plan": [self.case.number],
            "safety_plan_print": [self.case.number],
            "monitor": [self.monitor],
            "application_print": [self.application],
            "application_revise": [self.application],
            "evidence_remove": [self.application, OrderEvidence.objects.get().pk],
            "monitor_step": [self.monitor, STEP],
            "monitor_reveal": [self.case.monitors.get(kind=MonitorKind.SHELTER).pk],
            "ledger_export_page": [LEDGER_EXPORT],
            "ledger_export_file": [LEDGER_EXPORT],
            "ledger_import": [LEDGER_IMPORT],
            "ledger_import_report": [LEDGER_IMPORT],
            "ledger_import_do": [LEDGER_IMPORT, STEP],
            "papers": [self.case.number],
            "paper_make": [self.case.number, STEP],
            "blank_form": ["intake", STEP],
            **{name: [PAPER] for name in ("paper", "paper_deliver", "paper_void")},
            "paper_file": [PAPER, STEP],
            "meeting_paper": [self.meeting, STEP],
            "doc_template": ["opinion"],
            **{
                name: ["opinion", 0] for name in ("doc_template_file", "doc_template_try", "doc_template_use")
            },
            "archive_make": [self.case.number],
            "archive_file": [ARCHIVE_FILE],
            "archive_check": [ARCHIVE_FILE],
            "archive_take": [ARCHIVE_FILE, STEP],
            "archive_step": [ARCHIVE_FILE, STEP],
            "handover": [self.cast.clerk.pk],
            "handover_deputy": [self.cast.clerk.pk],
            "handover_done": [HANDOVER],
            "tie_remove": [HANDOVER],
            **{name: [self.cast.station.pk] for name in PLACES},
            **{name: [self.cast.station.pk, VOLUNTEER] for name in ("volunteer", "volunteer_service")},
            "honour_withdraw": [self.cast.station.pk, HONOUR],
            **{name: [ROUND] for name in ("assessment_round", "assessment_score", "correction_new")},
            "assessment_step": [ROUND, STEP],
            "correction": [CORRECTION],
            "correction_step": [CORRECTION, STEP],
            "assessment_scheme": [2026],
            "assessment_scheme_change": [2026],
            "calendar_year": [2026],
            "calendar_notice": [2027],
            "calendar_day": [2026],
            **{name: [rule.pk] for name in ("rule", "rule_change", "rule_variant", "rule_redate")},
            "rule_plan": [rule.plan_id],
        }

    @property
    def supervision(self) -> Supervision:
        """Of the police over their referral: signed and sent, not yet taken in."""
        return Supervision.objects.get()

    @property
    def application(self) -> UUID:
        return Monitor.objects.get(kind=MonitorKind.ORDER_APPLICATION).pk

    @property
    def monitor(self) -> UUID:
        """A warning letter of the police, watched by the owner of the case."""
        return self.case.monitors.get(kind=MonitorKind.WARNING_LETTER).pk

    @property
    def meeting(self) -> UUID:
        """The meeting that decided on the task: the police were asked to it, civil affairs were not."""
        meeting = self.resolved.resolution.item.meeting
        assert meeting is not None
        return meeting.pk

    def person(self, role: str) -> Staff | None:
        return None if role == "anonymous" else getattr(self.cast, role)


@pytest.fixture
def scene(cast: Cast) -> Scene:
    told = {"from_staff": cast.clerk2, "to_staff": cast.clerk, "by": cast.head, "at": MONDAY}
    Handover.objects.create(pk=HANDOVER, reason="调离", counts={"owned": 1}, **told)
    kept_by = {"by": cast.clerk, "at": MONDAY}
    made = {"opened_by": cast.leader, "opened_at": MONDAY, "due_on": MONDAY.date(), "status": "COUNTY"}
    scheme = AssessmentScheme.objects.get(year=2026)
    found = AssessmentRound.objects.create(pk=ROUND, scheme=scheme, station=cast.station, **made)
    told_by = {"set_by": cast.officer, "set_at": MONDAY, "due_on": MONDAY.date()}
    Correction.objects.create(pk=CORRECTION, round=found, what="补挂公示牌", **told_by)
    helper = Volunteer.objects.create(
        pk=VOLUNTEER,
        name="冯律师",
        phone="13900000003",
        profession="LAWYER",
        joined_on=MONDAY.date(),
        **kept_by,
    )
    helper.stations.add(cast.station)
    Honour.objects.create(
        pk=HONOUR, station=cast.station, kind="MODEL", named_by="CITY", valid_from=MONDAY.date(), **kept_by
    )
    referral = make_referral(cast, "SENT")
    case = referral.case
    supervised(cast, referral=referral)
    ledger = {"ledger": "REGISTER", "unit": cast.station, "by_unit": cast.station, "purpose": "报县妇联"}
    days = {"since": MONDAY.date(), "until": MONDAY.date()}
    LedgerExport.objects.create(pk=LEDGER_EXPORT, by=cast.head, at=MONDAY, **ledger, **days)
    kept = {"fonds": "0123", "unit": cast.station, "year": 2025, "retention": "PERMANENT", "reason": "RESULT"}
    made = {"stage": "FILED", "filed_by": cast.head, "filed_at": MONDAY, "made_at": MONDAY}
    ArchiveFile.objects.create(pk=ARCHIVE_FILE, case=case, number="0123-WS·2025-Y-WQ-0001", **kept, **made)
    sheet = {"index": 0, "name": "台账", "rows": 1, "head": 0, "titles": ["登记日期", "姓名", "反映问题"]}
    file = {"file_name": "旧台账.xlsx", "file": b"PK", "digest": b"0", "outline": [sheet]}
    LedgerImport.objects.create(pk=LEDGER_IMPORT, unit=cast.station, by=cast.head, at=MONDAY, **file)
    issued = {"case": case, "unit": cast.station, "doc_type": "INTRO_LETTER", "year": 2026, "title": "介绍信"}
    IssuedDocument.objects.create(
        pk=PAPER, snapshot={}, docx=b"docx", pdf=b"pdf", made_by=cast.clerk, made_at=MONDAY, **issued
    )
    looked = {"case": case, "staff": cast.other_clerk, "unit": cast.other_station, "judge": cast.station}
    EmergencyAccess.objects.create(
        pk=BREAK_IN, reason="孩子发烧送医", at=MONDAY, until_at=MONDAY + timedelta(hours=2), **looked
    )
    kept = {"keeper": cast.clerk, "by": cast.clerk, "at": MONDAY}
    open_letter(case, delivered_on=MONDAY.date(), **kept)
    open_emergency(case, by=cast.clerk, at=MONDAY)
    first = [TaskEntry("SHELTER", "联系住处", date(2026, 12, 1))]
    told_of = {"needs": ["SHELTER"], "goals": "安全", "review_on": date(2026, 12, 1), "tasks": first}
    make_service_plan(case, by=cast.clerk, at=MONDAY, **told_of)
    make_safety_plan(case, leave="后门", by=cast.clerk, at=MONDAY)
    open_stay(case, entered_at=MONDAY, place="县救助站", **kept)
    asked = Wish(ApplyGround.COERCED, [ProtectionMeasure.NO_DV], "多次殴打")
    applied = open_application(case, wish=asked, **kept)
    add_evidence(applied, kind=Evidence.STATEMENT, description="陈述", by=cast.clerk, at=MONDAY)
    notice = Notice.objects.create(recipient=cast.clerk, kind=NoticeKind.ASSIGNED, case=case, at=MONDAY)
    outlet = add_outlet(
        cast.county, OutletKind.MAIL, "matrix", "matrix@example.org", "", by=cast.sys_admin, at=MONDAY
    )
    return Scene(
        cast, case, referral.pk, notice, case.petitioner_notices.get().pk, outlet.pk, room.decided(cast)
    )


def client_of(person: Staff | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person, backend="stations.backends.StaffBackend")
    return client


def answer(client: Client, scene: Scene, row: Row) -> HttpResponse:
    cookies = client.cookies.copy()
    with transaction.atomic():
        # From an address of its own: no failed attempt counts against the next.
        response = client.generic(row.method, scene.address(row), REMOTE_ADDR=f"matrix-{uuid4()}")
        transaction.set_rollback(True)
    client.cookies = cookies  # a page that signs out was undone with the rest
    return response


def said(response: HttpResponse) -> str:
    """What this reader gets: a status, or that she is led to the login."""
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
        return "login"
    return str(response.status_code)


def may_be_kept(response: HttpResponse) -> bool:
    """Whether a browser may keep a page that shows something, or says that it does not."""
    return response.status_code in (200, 403, 404, 410) and "no-store" not in response.get(
        "Cache-Control", ""
    )


def test_access_matrix_names_every_url() -> None:
    named = {row.name for row in read_table()}
    admin_rest = {name for name in url_names(get_resolver()) if name.startswith("admin:")} - set(ADMIN_PAGES)

    assert named == set(url_names(get_resolver())) - admin_rest


@pytest.mark.parametrize("role", ROLES)
def test_access_matrix_holds(scene: Scene, role: str) -> None:
    """And no page of ours is kept by a browser."""
    client = client_of(scene.person(role))

    answers = [(row, answer(client, scene, row)) for row in read_table()]

    assert {str(row): said(got) for row, got in answers} == {
        str(row): row.expected[role] for row, _ in answers
    }
    assert [str(row) for row, got in answers if row.method == "GET" and may_be_kept(got)] == []
