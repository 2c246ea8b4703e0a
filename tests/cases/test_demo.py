"""The demonstration city: the places are there, every state is there, every step was taken by somebody who may."""

from collections import Counter as Tally
from datetime import datetime, time, timedelta

import pytest

from cases.actions.absence import unminded, vacancies
from cases.actions.evidence import verify_chains
from cases.actions.promises import check_promises
from cases.actions.urging import suggested
from cases.choices import (
    ArchiveStep,
    BarKind,
    Channel,
    ConferenceStep,
    EscalationStatus,
    ItemStatus,
    MeetingStatus,
    MeetingType,
    MonitorKind,
    MonitorStep,
    PaperKind,
    PaperStep,
    ReferralStatus,
    ReferralStep,
    Risk,
    SafetyStep,
    Status,
    Step,
    SupervisionStatus,
    SupervisionStep,
    TaskStatus,
)
from cases.deadlines import CHINA
from cases.demo.children import REPORTED
from cases.demo.council import MEMBERS, Council
from cases.demo.lives import OutOfLine, World
from cases.demo.places import (
    CITY,
    DEPARTMENTS,
    LEAVER,
    MAIN_COUNTY,
    MORE_MEMBERS,
    UNMINDED_TOWNSHIP,
    City,
)
from cases.demo.seed import days_before
from cases.models import (
    Access,
    AgendaItem,
    Bar,
    Carry,
    Case,
    ChainAnchor,
    Clock,
    Delivery,
    EmergencyAccess,
    Escalation,
    Event,
    Handover,
    Instruction,
    Meeting,
    Member,
    Monitor,
    Notice,
    Outlet,
    Referral,
    Supervision,
    Task,
)
from cases.workflow import (
    ITEM_TRANSITIONS,
    REFERRAL_TRANSITIONS,
    SUPERVISION_TRANSITIONS,
    TASK_TRANSITIONS,
    TRANSITIONS,
)
from stations.choices import OrgKind
from stations.models import Organisation, Staff, StaffEvent
from stations.roles import Permission, Role, granted
from tests.demo_city import CASES, TODAY

# One processor of a run makes the demonstration and keeps it.
pytestmark = pytest.mark.xdist_group("demo")
HORIZON = datetime.combine(TODAY, time.min, CHINA)


# -- places and people ----------------------------------------------------------------------------


def test_every_county_and_township_has_its_unit(demo):
    kinds = Tally(Organisation.objects.values_list("kind", flat=True))
    townships = Organisation.objects.filter(kind=OrgKind.STATION).values("region").distinct().count()

    assert kinds[OrgKind.FEDERATION] == 1 + 12
    assert kinds[OrgKind.STATION] == townships == 148
    assert kinds[OrgKind.VILLAGE_POINT] == 30


def test_every_station_has_a_clerk_and_a_head(demo):
    def places_with(role: Role) -> set[int]:
        return set(Staff.objects.holding(role).values_list("organisation", flat=True))

    stations = set(Organisation.objects.filter(kind=OrgKind.STATION).values_list("id", flat=True))

    assert places_with(Role.STATION_CLERK) == stations
    assert places_with(Role.STATION_HEAD) == stations


def test_every_county_has_a_department_of_each_kind(demo):
    found = Organisation.objects.filter(kind=OrgKind.DEPARTMENT, region__level="COUNTY")
    of_county = {(region, kind) for region, kind in found.values_list("region", "department")}

    assert len(of_county) == found.count() == 12 * len(DEPARTMENTS) + len(MORE_MEMBERS)


def test_somebody_is_away_today_and_her_deputy_gets_the_notices(demo):
    clerk = Staff.objects.select_related("deputy").get(username="zgy.jiedai2")

    assert clerk.is_absent(TODAY)
    assert clerk.stand_in(TODAY) == Staff.objects.get(username="zgy.jiedai")


def test_every_account_was_opened_by_the_security_administrator(demo):
    opened = StaffEvent.objects.filter(step="CREATED", by__username="anquan")

    assert opened.count() == Staff.objects.count()


# -- cases ----------------------------------------------------------------------------------------


def test_there_are_as_many_cases_as_were_asked_for(demo):
    assert Case.objects.count() == CASES


def test_every_state_of_a_case_a_referral_and_an_escalation_is_there(demo):
    assert set(Case.objects.values_list("status", flat=True)) == set(Status)
    assert set(Referral.objects.values_list("status", flat=True)) == set(ReferralStatus)
    assert set(Escalation.objects.values_list("status", flat=True)) == set(EscalationStatus) - {
        EscalationStatus.LAPSED
    }


# Chance may leave these out of a small demonstration; sending a referral is recorded as a step of its case.
SOMETIMES = {
    Step.REDATE,
    Step.RERISK,
    Step.CORRECT,
    Step.DELIVER,
    Step.DECLINE_EXTENSION,
    Step.CONTACT,
    Step.ASSIGN,
    ReferralStep.SEND,
    ReferralStep.LINK,
    ReferralStep.REVOKE_LINK,
}
# Of keeping apart, sealing, consent and reaching her the city shows what is begun; what undoes it is for the visitor.
LEFT_TO_THE_VISITOR = {
    Step.RATE,
    Step.REACH,
    Step.CALL,
    Step.NEW_CODE,
    Step.LIFT_BAR,
    Step.NO_CONFLICT,
    Step.CONSENT,
    Step.WITHDRAW_CONSENT,
    Step.NAME_READER,
    Step.END_READER,
    Step.UNSEAL,
    ReferralStep.SHUT,
}


def test_nearly_every_step_of_the_tables_was_taken(demo):
    taken = set(Event.objects.values_list("step", flat=True))

    assert {
        *Step,
        *ReferralStep,
        *SupervisionStep,
        *ConferenceStep,
    } - taken <= SOMETIMES | LEFT_TO_THE_VISITOR


def test_everything_that_is_watched_over_is_there(demo):
    kinds = Tally(Monitor.objects.values_list("kind", flat=True))

    assert set(kinds) == set(MonitorKind)
    assert Monitor.objects.filter(kind=MonitorKind.EMERGENCY, ended_at=None, case__danger="HIGH").exists()
    assert kinds[MonitorKind.REPORT] == REPORTED
    assert set(Event.objects.values_list("step", flat=True)) >= set(MonitorStep) - {
        MonitorStep.DECIDE,
        MonitorStep.KEEPER,
        MonitorStep.NOTE,
        MonitorStep.REFUSE,
        MonitorStep.REVIEW,
        MonitorStep.REVOKE,
        MonitorStep.UPPER,
    }


def test_who_must_not_know_and_who_looked_all_the_same_is_there(demo):
    head = Staff.objects.get(username="zgy.zhanzhang")

    assert set(Bar.objects.live().values_list("kind", flat=True)) == {BarKind.RECUSED, BarKind.ACCUSED}
    assert Case.objects.filter(secrecy="MINOR_SEALED").exists()
    looked = EmergencyAccess.objects.filter(case__holder=head.organisation)
    assert (looked.unjudged().count(), looked.count()) == (1, 2)


def test_no_visit_is_owed_for_longer_than_weeks(demo):
    owed = Clock.objects.live().filter(code__regex="^(IN-VISIT|IN-REVISIT|IN-PO-FOLLOW|DV-VISIT)")

    assert owed.exists()
    assert not owed.filter(effective_due__lt=HORIZON - timedelta(days=20)).exists()
    assert Clock.objects.filter(code="IN-VISIT-H5", status="MET").exists()


def test_all_risks_and_the_main_channels_are_there(demo):
    assert set(Case.objects.values_list("risk", flat=True)) == set(Risk)
    assert {Channel.VISIT, Channel.PHONE_12338, Channel.LETTER} <= set(
        Case.objects.values_list("channel", flat=True)
    )


def test_every_step_was_taken_by_somebody_whose_role_allows_it(demo):
    needs = {step: row.needs for step, row in TRANSITIONS.items()}
    for table in (REFERRAL_TRANSITIONS, SUPERVISION_TRANSITIONS, ITEM_TRANSITIONS, TASK_TRANSITIONS):
        needs |= {step: row.needs for step, row in table.items()}
    # In a village the head of the station answers what came up; on paper and by link our side writes for the other.
    by_head = {Step.TAKE_OVER, Step.GUIDE, Step.CO_HANDLE, Step.SEND_DOWN}
    on_behalf = {ReferralStep.SIGN, ReferralStep.ANSWER, ReferralStep.CONFIRM}
    keyed_in = {ConferenceStep.REPORT, ConferenceStep.ASK}

    needs |= dict.fromkeys((*MonitorStep, *SafetyStep), Permission.CASE_FOLLOW_UP)
    needs |= dict.fromkeys(PaperStep, Permission.CASE_HANDLE) | dict.fromkeys(
        ArchiveStep, Permission.ARCHIVE_FILE
    )
    needs |= dict.fromkeys(("AR_APPRAISE", "AR_SECOND", "AR_DESTROY"), Permission.ARCHIVE_APPRAISE)
    wrong = [
        (event.step, event.by.username)
        for event in Event.objects.exclude(by=None).select_related("by", "case")
        if needs[event.step] not in granted(event.by.roles)
        and not (event.step in by_head and event.by.holds(Role.STATION_HEAD))
        and not (event.step in on_behalf and event.by.organisation.kind != OrgKind.DEPARTMENT)
        and not (event.step in keyed_in and event.by.holds(Role.CONFERENCE_OFFICE))
        # What the law seals is sealed by registering it.
        and not (event.step == Step.SEAL and event.at == event.case.registered_at)
    ]

    assert wrong == []


def test_history_is_whole_and_in_the_order_of_time(demo):
    latest: dict[object, datetime] = {}
    for event in Event.objects.order_by("case", "seq"):
        assert latest.get(event.case_id, event.at) <= event.at < HORIZON
        latest[event.case_id] = event.at

    assert list(verify_chains()) == []
    assert ChainAnchor.objects.exists()


def test_the_numbers_of_a_station_follow_the_days(demo):
    for prefix in {number.rsplit("-", 1)[0] for number in Case.objects.values_list("number", flat=True)}:
        cases = Case.objects.filter(number__startswith=prefix).order_by("number")
        days = list(cases.values_list("registered_at", flat=True))
        assert days == sorted(days)


def test_no_reminder_waits_for_the_next_sweep(demo):
    assert not Clock.objects.to_remind(HORIZON).exists()
    assert Notice.objects.filter(stage__startswith="O").exists()


def test_inboxes_are_lively_but_not_absurd(demo):
    unread = Tally(Notice.objects.unread().values_list("recipient", flat=True))

    assert unread
    assert max(unread.values()) <= 15


# -- the desks of the main cast -------------------------------------------------------------------


def test_the_clerk_has_a_handful_of_open_cases(demo):
    clerk = Staff.objects.get(username="zgy.jiedai")

    assert 4 <= Case.objects.open().owned_by(clerk).count() <= 6 + REPORTED


def test_the_head_has_two_to_accept_beside_the_reports_and_one_to_close(demo):
    head = Staff.objects.get(username="zgy.zhanzhang")
    held = Case.objects.filter(holder=head.organisation)

    assert held.filter(status=Status.REGISTERED).count() == 2 + REPORTED
    assert held.filter(status=Status.PENDING_CLOSE, risk=Risk.BLUE).count() == 1


def test_three_cases_came_up_to_the_county(demo):
    officer = Staff.objects.get(username="lushan.quanyi")

    assert Escalation.objects.filter(to_org=officer.organisation, status="SUBMITTED").count() == 3


def test_the_police_have_three_to_sign_and_two_to_answer(demo):
    liaison = Staff.objects.get(username="lushan.gongan")
    statuses = Tally(Referral.objects.visible_to(liaison).values_list("status", flat=True))

    # Two more it has signed and left lying: they are supervised.
    assert statuses == {"SENT": 3, "SIGNED": 2, "IN_PROGRESS": 2, "ANSWERED": 1}


def test_somebody_has_looked_at_the_open_cases(demo):
    looked = Access.objects.filter(kind="REVEAL").values("case").distinct().count()

    assert looked == Case.objects.open().filter(county_code="410423").count()
    # Whoever is outside the line said why.
    assert not Access.objects.filter(in_line=False, kind="REVEAL", reason=None).exists()


# -- supervision, the conference and what leaders say ---------------------------------------------

COUNTY = f"{MAIN_COUNTY:0<12}"


def test_a_supervision_stands_wherever_one_can_stand(demo):
    open_ones = Supervision.objects.open().filter(from_org__region=COUNTY)

    assert set(Supervision.objects.values_list("status", flat=True)) == set(SupervisionStatus)
    assert set(open_ones.values_list("stage", flat=True)) >= {
        PaperKind.NOTICE,
        PaperKind.SECOND_NOTICE,
        PaperKind.OPINION,
        PaperKind.LISTED,
        PaperKind.CIRCULAR,
    }
    assert open_ones.filter(listed=True).count() == 1
    assert open_ones.filter(target__kind=OrgKind.STATION).count() == 1
    assert Supervision.objects.filter(status=SupervisionStatus.CLOSED).count() >= 5
    assert Supervision.objects.count() <= 25


def test_the_officer_finds_proposals_to_supervise_and_was_told_of_them(demo):
    proposed = suggested(Referral.objects.filter(department__region=COUNTY), HORIZON)
    told = Notice.objects.filter(kind="SUPERVISE_SOON", recipient__username="lushan.quanyi")

    assert 3 <= proposed.count() <= 6
    assert set(told.values_list("referral", flat=True)) == set(proposed.values_list("pk", flat=True))


def test_a_supervised_department_was_reminded_by_hand_and_by_the_system(demo):
    for supervision in Supervision.objects.open().exclude(referral=None).select_related("referral"):
        urged = Event.objects.filter(case=supervision.case_id, step=ReferralStep.URGE)
        assert urged.filter(at__lt=supervision.opened_at).count() == 2
    late = Notice.objects.filter(kind="OVERDUE", recipient__organisation__kind=OrgKind.DEPARTMENT)
    assert late.filter(referral__supervisions__status="ISSUED").exists()


def test_both_conferences_have_their_members_and_liaisons(demo):
    for prefix in (MAIN_COUNTY, CITY):
        members = Member.objects.current().filter(host__region=f"{prefix:0<12}")
        assert members.count() == 1 + len(MEMBERS) == 14
        assert Tally(members.values_list("part", flat=True)) == {"OFFICE": 1, "CONVENOR": 1, "MEMBER": 12}
        by_telephone = members.filter(liaison=None)
        assert by_telephone.count() == 4
        assert all(member.liaison_name and member.liaison_phone for member in by_telephone)


def test_a_few_meetings_were_held_and_the_next_is_planned(demo):
    kinds = Tally(Meeting.objects.values_list("kind", flat=True))

    assert set(Meeting.objects.values_list("status", flat=True)) == set(MeetingStatus)
    assert {MeetingType.PLENARY, MeetingType.WORKING, MeetingType.CASE} <= set(kinds)
    assert sum(kinds.values()) <= 10
    held = Meeting.objects.filter(status__in=("HELD", "MINUTED"))
    assert not held.filter(attendance__presence="INVITED").exists()
    assert not held.filter(held_at__gte=HORIZON).exists()
    planned = Meeting.objects.filter(status="PLANNED")
    assert not planned.filter(held_at__lt=HORIZON).exists()
    assert all(meeting.items.exists() for meeting in planned)


def test_every_state_of_an_item_and_a_task_is_there(demo):
    assert set(AgendaItem.objects.values_list("status", flat=True)) == set(ItemStatus)
    assert set(Task.objects.values_list("status", flat=True)) == set(TaskStatus)
    waiting = Task.objects.open()
    assert waiting.filter(due_at__lt=HORIZON).exists()
    assert waiting.filter(due_at__gte=HORIZON, extended_days__gt=0).exists()
    assert waiting.filter(reports__asks_days__gt=0, reports__accepted=None).exists()
    assert Carry.objects.filter(task__in=waiting).exists()
    assert AgendaItem.objects.exclude(escalated_from=None).get().status == ItemStatus.RESOLVED


def test_a_leader_said_something_about_two_cases(demo):
    running = Instruction.objects.get(ended_at=None)

    assert running.term_on > TODAY
    assert running.case.led
    assert running.case.clocks.live().filter(code="LD-TERM").exists()
    assert Instruction.objects.exclude(ended_at=None).get().case.status == Status.CLOSED


def test_somebody_registered_periods_of_law(demo):
    registered = Clock.objects.filter(rule__starts="PERSON")

    assert set(registered.values_list("status", flat=True)) == {"RUNNING", "MET"}
    assert {"DV-WARN", "DV-PO-DECIDE"} <= set(registered.values_list("code", flat=True))


def test_one_is_away_without_a_deputy_and_her_head_was_told(demo):
    [row] = unminded(Case.objects.all(), HORIZON)
    head = Staff.objects.holding(Role.STATION_HEAD).get(organisation=row.unit)

    assert row.unit.region.prefix == UNMINDED_TOWNSHIP
    assert row.cases == 2
    assert Notice.objects.filter(kind="STAND_IN", recipient=head).exists()
    assert vacancies(CITY) == []


def test_who_left_left_nothing_behind(demo):
    leaver = Staff.objects.get(username=LEAVER)
    handover = Handover.objects.get()

    assert not leaver.is_active
    assert leaver.left_on < TODAY
    assert handover.from_staff == leaver
    assert handover.counts["owned"] == 2
    assert not Case.objects.open().owned_by(leaver).exists()


def test_the_ways_out_lead_nowhere(demo):
    outlets = list(Outlet.objects.all())

    assert outlets
    assert not any(outlet.active for outlet in outlets)
    assert all(".invalid" in outlet.address for outlet in outlets)
    assert not Delivery.objects.exists()


def test_no_promise_is_broken_in_a_fresh_city(demo):
    check = check_promises(HORIZON)
    check.delete()

    assert check.found == {}


def test_a_conference_refuses_who_may_not(demo):
    """The course of a conference is wrong where it lets somebody act for another."""
    council = Council(World(City.read(), days_before(TODAY)), MAIN_COUNTY)
    council.agenda["land"] = AgendaItem.objects.filter(host__region=COUNTY, status="PROPOSED").get()
    council.office = council.officer

    with pytest.raises(OutOfLine, match="您的角色不办理这一步"):
        council.screen("land")
    with pytest.raises(OutOfLine, match="HEALTH"):
        council.propose("land", "HEALTH")
