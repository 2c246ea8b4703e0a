"""What somebody with a valid account of another unit tries on supervision, the conference, the county's desk, handing
over and the ways out, each named by the attack."""

import pytest
from django.urls import reverse

from cases.actions import conference_task, handling, handover, meeting
from cases.actions import supervision as verbs
from cases.actions.conference import NamesSomebody, decline_item, screen_item
from cases.actions.outlets import add_outlet, change_outlet
from cases.choices import (
    AccessKind,
    MeetingType,
    NoticeKind,
    OutletKind,
    PaperKind,
    Part,
    SupervisionStep,
)
from cases.models import Access, EventNote, Holding, Member, Notice, Outlet
from cases.notifications import announce
from cases.outlets import Message, NotSent, send
from cases.workflow import StepNotAllowed
from stations.models import Staff
from tests.cases import room
from tests.cases.conftest import Clock
from tests.cases.endpoints import Endpoint
from tests.cases.pages import LATER, as_, words
from tests.cases.supervising import begin, fresh, next_paper, supervised, supervised_station
from tests.cases.test_county_desk import HX, decide, send_up
from tests.cases.test_reminders import morning, referral_clock, remind
from tests.cast import MONDAY
from tests.factories import ID_NUMBER, make_case, make_referral

NAMES = ["祝冬雪", "祝 冬·雪", "祝\u200b冬雪", ID_NUMBER]


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    return clock


def reads(staff: Staff) -> int:
    return Access.objects.filter(staff=staff).count()


# Reading without a trace -----------------------------------------------------------------------------------------


def test_a_decision_sent_in_wrong_on_purpose_shows_the_story_but_leaves_a_trace(cast, clock):
    case = send_up(cast)
    client = as_(cast.officer)

    for headers in (HX, None):
        before = reads(cast.officer)

        page = decide(client, case, "guide", headers=headers, guidance="")

        assert page.status_code == 422
        assert page.context["statements"]
        assert reads(cast.officer) == before + 1


@pytest.mark.parametrize(
    ("status", "step", "shown"), [("DRAFTED", "sign-off", "期限已过"), ("REPLIED", "close", "送达告诫书")]
)
def test_the_form_of_a_supervision_shows_its_papers_and_leaves_a_trace(cast, clock, status, step, shown):
    found = supervised(cast, status) if status != "DRAFTED" else begin(cast, make_referral(cast, "SIGNED"))

    page = as_(cast.leader).get(reverse("supervision_step", args=[found.pk, step]))

    assert shown in words(page)
    assert Access.objects.get(staff=cast.leader).case == found.case


def test_what_the_conference_reads_of_a_case_leaves_a_trace(cast, clock):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    item = room.screened(cast, case)
    found = room.held(cast, [item], kind=MeetingType.CASE)
    task = room.task_of(room.resolve(cast, item), cast.police)
    client = as_(cast.liaison)

    for name, args, kind in (
        ("agenda_item", [item.pk], AccessKind.VIEW),
        ("meeting", [found.pk], AccessKind.VIEW),
        ("meeting_print", [found.pk, "agenda"], AccessKind.PRINT),
        ("conference_task", [task.pk], AccessKind.VIEW),
        ("conference_task_step", [task.pk, "report"], AccessKind.VIEW),
    ):
        before = reads(cast.liaison)

        page = client.get(reverse(name, args=args))

        assert page.status_code == 200
        assert reads(cast.liaison) == before + 1
        row = Access.objects.filter(staff=cast.liaison).latest("pk")
        assert (row.case, row.kind, row.in_line) == (case, kind, True)
        assert case.number not in page.content.decode()


# Names in papers for others --------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [*NAMES, "number"])
def test_a_paper_for_a_department_says_no_more_than_the_referral_did(cast, said):
    referral = make_referral(cast, "SIGNED")
    said = referral.case.number if said == "number" else said

    for field in ("facts", "demand", "basis"):
        with pytest.raises(NamesSomebody):
            begin(cast, referral, **{field: f"经查，{said}一事"})

    assert not referral.supervisions.exists()


def test_a_unit_of_ours_is_told_the_number_and_the_public_is_not(cast):
    case = make_case(cast, "ACCEPTED")
    found = begin(cast, case=case, facts=f"案件{case.number}由你单位承办。")
    verbs.sign_off(found, by=cast.leader, at=LATER)
    found = fresh(found)

    told = next_paper(PaperKind.CIRCULAR, addressee="各乡镇", skip_reason=f"见{case.number}")
    with pytest.raises(NamesSomebody):
        verbs.draft_next(found, told, by=cast.officer, at=LATER)


@pytest.mark.parametrize("said", NAMES)
def test_no_text_of_the_conference_names_the_woman(cast, said):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    item = room.propose(cast, case)
    by = {"by": cast.conference, "at": MONDAY}
    for verb in (screen_item, decline_item):
        with pytest.raises(NamesSomebody):
            verb(item, opinion=f"{said}的事", **by)
    screen_item(item, opinion="同意", **by)
    with pytest.raises(NamesSomebody):
        meeting.plan_meeting(
            cast.county, room.plan([item], [cast.police])._replace(title=f"{said}案会商"), **by
        )
    item.refresh_from_db()
    found = room.planned(cast, [item])
    with pytest.raises(NamesSomebody):
        meeting.cancel_meeting(found, reason=f"{said}撤诉", **by)
    found.refresh_from_db()
    room.hold(cast, found)
    item.refresh_from_db()
    task = room.task_of(room.resolve(cast, item), cast.police)
    for verb, told in (
        (conference_task.report_task, {"text": f"已找{said}谈话"}),
        (conference_task.ask_longer, {"days": 5, "reason": f"{said}外出"}),
    ):
        with pytest.raises(NamesSomebody):
            verb(task, **told, by=cast.liaison, at=found.held_at)
    room.report(cast, task)
    task.refresh_from_db()
    for verb in (conference_task.return_report, conference_task.write_off_task):
        with pytest.raises(NamesSomebody):
            verb(task, opinion=f"{said}已满意", by=cast.conference, at=found.held_at)


def test_minutes_do_not_name_whose_task_was_carried_to_the_meeting(cast):
    task = room.decided(cast, make_case(cast, "HANDLING"))
    found = room.planned(cast, [], held_at=task.due_at, at=task.due_at)
    room.hold(cast, found)
    assert found.carries.filter(task=task).exists()

    with pytest.raises(NamesSomebody):
        meeting.issue_minutes(
            found, minutes="听取了祝冬雪一案的办理情况。", by=cast.conference, at=found.held_at
        )


def test_guessing_names_until_one_is_refused_leaves_a_trace(cast, clock):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    item = room.propose(cast, case)
    client = as_(cast.conference)
    step = reverse("agenda_step", args=[item.pk, "screen"])

    page = client.post(step, {"opinion": "李某某、祝冬雪、王某某"})

    assert page.status_code == 422
    hit = Access.objects.get(staff=cast.conference, kind=AccessKind.SEARCH)
    assert (hit.case, hit.in_line) == (case, False)

    as_(cast.officer).post(reverse("agenda_propose", args=[make_case(cast).number]), {"title": "祝冬雪"})
    assert not Access.objects.filter(staff=cast.officer, kind=AccessKind.SEARCH).exists()


# Cases outside sight ---------------------------------------------------------------------------------------------


def test_what_another_county_handles_is_not_shown_as_handled_below(cast, clock):
    make_case(cast, "HANDLING")
    theirs = make_case(cast, unit=cast.other_county, at=LATER)

    page = as_(cast.other_officer).get(reverse("case", args=[theirs.number]))

    assert page.context["below"] is None
    assert "下级正在办理" not in words(page)


def test_the_city_is_not_shown_the_number_of_a_case_that_never_came_up(cast, clock):
    below = make_case(cast, "HANDLING")
    ours = make_case(cast, unit=cast.city, at=LATER)

    page = as_(cast.city_officer).get(reverse("case", args=[ours.number]))

    assert below.number not in page.content.decode()


@pytest.mark.parametrize("ended", [False, True])
def test_a_station_does_not_read_in_the_history_that_it_is_going_to_be_supervised(cast, clock, ended):
    found = begin(cast)
    verbs.return_draft(found, reason="先电话问问祝冬雪本人", by=cast.leader, at=LATER)
    if ended:
        verbs.withdraw(fresh(found), reason="不用督办了", by=cast.leader, at=LATER)
    page = reverse("case", args=[found.case.number])

    theirs, ours = (as_(staff).get(page).context["timeline"] for staff in (cast.head, cast.officer))

    assert len(ours) - len(theirs) == 2 + ended
    assert not any("督办" in row["what"] or "先电话" in row["note"] for row in theirs)


def test_what_checking_found_stays_with_the_supervising_unit(cast, clock):
    found = supervised_station(cast, "CLOSED")
    assert EventNote.objects.get(event__case=found.case, event__step=SupervisionStep.CLOSE).text == "属实"

    page = as_(cast.head).get(reverse("case", args=[found.case.number]))

    assert page.context["in_line"]
    told = {row["what"]: row["note"] for row in page.context["timeline"]}
    assert told[SupervisionStep.CLOSE.label] == ""


# Notices ---------------------------------------------------------------------------------------------------------


def told(cast, person, kind=NoticeKind.OVERDUE, **about) -> Notice:
    case = about.pop("case", None)
    announce(kind, case, [person], at=MONDAY, **about)
    return Notice.objects.filter(recipient=person).latest("pk")


@pytest.mark.parametrize("who", ["stat_officer", "sec_admin", "liaison"])
def test_a_notice_gives_no_number_to_whom_the_case_is_closed(cast, who):
    notice = told(cast, getattr(cast, who), case=make_case(cast))

    assert notice.case.number not in notice.about


def test_a_notice_does_not_lead_where_nothing_may_be_seen_any_more(cast, clock):
    case = make_case(cast)
    referral = make_referral(cast, "RETURNED")
    for person, notice in (
        (cast.far_clerk, told(cast, cast.far_clerk, case=case)),
        (cast.liaison, told(cast, cast.liaison, case=referral.case, about=referral)),
    ):
        page = as_(person).post(reverse("notice_open", args=[notice.pk]), follow=True)

        assert page.redirect_chain == [(reverse("inbox"), 302)]
        assert "打不开了" in words(page)


# Handing over ----------------------------------------------------------------------------------------------------


def test_work_is_not_parked_with_somebody_who_reads_no_case(cast):
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.clerk2, note="", by=cast.head, at=LATER)
    Staff.objects.filter(pk=cast.stat_officer.pk).update(organisation=cast.station)
    blind = Staff.objects.get(pk=cast.stat_officer.pk)

    with pytest.raises(StepNotAllowed, match="不办理案件"):
        handover.hand_over_all(cast.clerk2, blind, by=cast.head, at=LATER, reason="调离")

    assert Holding.objects.filter(case=case, staff=cast.clerk2, part=Part.ASSISTANT, until_at=None).exists()


def test_administrators_are_not_offered_anybodys_work(cast):
    make_case(cast, "HANDLING")
    for admin in (cast.sys_admin, cast.sec_admin, cast.audit_admin):
        Staff.objects.filter(pk=admin.pk).update(organisation=cast.station)

    offered = set(handover.receivers(cast.clerk, by=cast.head))

    assert offered
    assert not offered & {cast.sys_admin, cast.sec_admin, cast.audit_admin}


@pytest.mark.parametrize(("to", "named"), [("handler", False), ("partner_leader", True)])
def test_a_colleague_without_the_conferences_pages_does_not_become_its_liaison(cast, to, named):
    room.fill_members(cast)
    to = getattr(cast, to)

    handover.hand_over_all(cast.liaison, to, by=cast.partner_leader, at=LATER, reason="调离")

    assert Member.objects.get(organisation=cast.police).liaison == (to if named else None)


# Silence ---------------------------------------------------------------------------------------------------------


def test_a_draft_that_is_never_signed_does_not_keep_a_late_department_from_the_county(cast):
    referral = make_referral(cast, "IN_PROGRESS")
    referral_clock(referral, "IN-RESULT")
    begin(cast, referral)

    for at in (morning(12, 16), morning(12, 18), morning(12, 22), morning(12, 24)):
        remind(at)

    heard = set(Notice.objects.filter(referral=referral).values_list("recipient__username", flat=True))
    assert heard >= {"handler", "liaison", "clerk", "head", "officer"}


# Ways out --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (("https://203.0.113.9/b", ""), ""),
        (("https://203.0.113.9/b", "an-other-secret-of-ours"), "an-other-secret-of-ours"),
        (("", ""), "a-secret-of-both-sides"),
        (("https://203.0.113.8/a", ""), "a-secret-of-both-sides"),
    ],
)
def test_a_webhook_led_elsewhere_does_not_take_its_secret_along(cast, typed, kept):
    told = ("https://203.0.113.8/a", "a-secret-of-both-sides")
    hook = add_outlet(cast.county, OutletKind.WEBHOOK, "平台", *told, by=cast.sys_admin, at=MONDAY)

    change_outlet(Outlet.objects.get(pk=hook.pk), "平台", *typed, by=cast.sys_admin, at=LATER)

    assert Outlet.objects.get(pk=hook.pk).secret == kept


def test_a_gateway_that_answers_without_end_is_hung_up_on(cast, settings):
    settings.OUTLETS_ALLOW_PRIVATE = True
    far = Endpoint()
    far.mood = "flood"
    told = ("网关", far.url, "a-secret-of-both-sides")
    gateway = add_outlet(cast.county, OutletKind.SMS, *told, by=cast.sys_admin, at=MONDAY)

    with pytest.raises(NotSent, match="BadAnswer"):
        send(gateway, Message("try-1", "试发", "试发", "13800000000"))

    far.close()
