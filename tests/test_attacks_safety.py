"""What somebody with a valid account tries on danger, secrecy, bars and emergency access, each named by the attack."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions import closure, handling
from cases.actions.guarding.bars import bar_person, bar_unit
from cases.actions.guarding.break_in import break_in, judge_break_in
from cases.actions.guarding.secrecy import seal_case
from cases.actions.meeting import change_meeting, plan_meeting
from cases.actions.monitors import order as applying
from cases.actions.safety.danger import DangerEntry, assess
from cases.choices import (
    AccessKind,
    BarKind,
    DangerLevel,
    FieldGroup,
    NoticeKind,
    Risk,
    Step,
)
from cases.models import Access, Case, EmergencyAccess, Monitor, Notice
from cases.workflow import StepNotAllowed
from cases.workflow.danger import ITEMS, NO_MEDIATION
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from tests.cases import room, watching
from tests.cases.conftest import clock
from tests.cases.pages import LATER, as_, words
from tests.cases.test_order_application import with_evidence
from tests.cast import MONDAY
from tests.factories import make_case

__all__ = ["clock"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEADLY = DangerEntry(answers=dict.fromkeys(ITEMS, "YES"))
CALM = DangerEntry(answers=dict.fromkeys(ITEMS, "NO"))
REASON = "她妹妹来电说人被关在家里，要马上联系她"


def keep_away(case, who, by, at=LATER):
    if isinstance(who, Staff):
        return bar_person(case, who, kind=BarKind.BLOCKED, reason="被反映", by=by, at=at)
    return bar_unit(case, who, kind=BarKind.ACCUSED, reason="被反映", by=by, at=at)


def danger_of(case):
    return Case.objects.values_list("danger", "risk").get(pk=case.pk)


# Talking her into staying -----------------------------------------------------------------------------------------


def test_settled_by_mediation_proposed_while_it_was_calm_is_not_approved_once_it_is_dangerous(cast):
    case = make_case(cast, "HANDLING")
    told = {"outcome": "MEDIATED", "solution": "双方和好。", "settled_level": AdminLevel.TOWNSHIP}
    closure.propose_close(case, **told, by=cast.clerk, at=LATER)
    assess(case, DEADLY, by=cast.officer, at=LATER + HOUR)

    with pytest.raises(StepNotAllowed) as refusal:
        closure.close_case(case, opinion="同意", by=cast.leader, at=LATER + 2 * HOUR)

    assert str(refusal.value) == NO_MEDIATION
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("PENDING_CLOSE", "")
    closure.send_back(case, reason="高危，不得以调解结案", by=cast.leader, at=LATER + 3 * HOUR)


# Calling it less dangerous alone ----------------------------------------------------------------------------------


def test_a_scoring_from_before_the_cases_became_one_is_not_the_first_of_two(cast):
    case, into = make_case(cast, "HANDLING"), make_case(cast, "HANDLING")
    assess(case, DEADLY, by=cast.clerk, at=LATER)
    assess(into, CALM, by=cast.clerk, at=LATER)
    handling.merge_case(case, into=into, reason="同一件事", by=cast.head, at=LATER + HOUR)
    into.refresh_from_db()

    assess(into, CALM, by=cast.leader, at=LATER + 2 * HOUR)
    assert danger_of(into)[0] == DangerLevel.HIGH
    assess(into, CALM, by=cast.clerk, at=LATER + 3 * HOUR)
    assess(into, CALM, by=cast.leader, at=LATER + 4 * HOUR)

    assert danger_of(into)[0] == DangerLevel.LOW


def test_the_colour_does_not_fall_while_the_danger_is_high(cast):
    """Or a leader calls it blue alone, and closes at her own desk what she proposed herself."""
    case = make_case(cast, "HANDLING")
    assess(case, DEADLY, by=cast.clerk, at=LATER)
    address = reverse("case_step", args=[case.number, "rerisk"])

    page = as_(cast.leader).post(address, {"risk": "BLUE", "reason": "已和好", "seen": case.seq})

    assert (page.status_code, "高危" in words(page)) == (422, True)
    with pytest.raises(StepNotAllowed, match="高危"):
        handling.change_risk(case, risk=Risk.BLUE, reason="已和好", by=cast.leader, at=LATER + HOUR)
    assert danger_of(case) == (DangerLevel.HIGH, Risk.RED)


def test_the_colour_falls_again_once_two_have_found_the_danger_lower(cast):
    case = make_case(cast, "HANDLING")
    assess(case, DEADLY, by=cast.clerk, at=LATER)
    assess(case, CALM, by=cast.clerk, at=LATER + HOUR)
    assess(case, CALM, by=cast.leader, at=LATER + 2 * HOUR)

    handling.change_risk(case, risk=Risk.YELLOW, reason="已分开居住", by=cast.leader, at=LATER + 3 * HOUR)

    assert danger_of(case) == (DangerLevel.LOW, Risk.YELLOW)


# Sealed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minor", [True, False], ids=["about-a-child", "not-marked-so"])
def test_the_same_matter_written_down_twice_is_not_read_in_its_open_twin(cast, minor):
    twin = make_case(cast, "HANDLING", involves_minor=minor)
    into = make_case(cast, "HANDLING", involves_minor=True)
    seal_case(into, by=cast.head, at=LATER)
    assert Case.objects.visible_to(cast.clerk2).filter(pk=twin.pk).exists()

    handling.merge_case(twin, into=into, reason="同一件事", by=cast.head, at=LATER + HOUR)

    assert not Case.objects.visible_to(cast.clerk2).filter(pk=twin.pk).exists()
    assert as_(cast.clerk2).get(reverse("case", args=[twin.number])).status_code == 403
    for reader in (cast.clerk, cast.head, cast.leader):
        assert Case.objects.visible_to(reader).filter(pk=twin.pk).exists()
    assert twin.events.filter(step=Step.SEAL).exists()


# Emergency access -------------------------------------------------------------------------------------------------


def test_what_was_found_needless_shows_nothing_more(cast, clock):
    case = make_case(cast, "HANDLING")
    grant = break_in(case, reason=REASON, by=cast.other_clerk, at=LATER)
    client, address = as_(cast.other_clerk), reverse("break_in", args=[case.number])
    clock.at = LATER + HOUR / 4
    assert "反映内容" in words(client.get(address))

    judge_break_in(grant, justified=False, finding="没有这回事", by=cast.head, at=LATER + HOUR / 2)

    clock.at = LATER + HOUR
    page = client.post(address, {"group": "STORY"})
    assert "丈夫酒后" not in words(page)
    assert not EmergencyAccess.objects.live(clock.at).exists()


@pytest.mark.parametrize(("justified", "minutes"), [(True, 120), (False, 120)], ids=["needed", "over-anyway"])
def test_a_judgement_moves_no_other_end(cast, justified, minutes):
    grant = break_in(make_case(cast), reason=REASON, by=cast.other_clerk, at=LATER)
    at = LATER + (HOUR if justified else 5 * HOUR)

    judge_break_in(grant, justified=justified, finding="已核实", by=cast.head, at=at)

    assert EmergencyAccess.objects.get().until_at == LATER + timedelta(minutes=minutes)


# Barred -----------------------------------------------------------------------------------------------------------


def test_the_weekly_list_says_nothing_of_a_case_its_reader_is_barred_from(cast):
    """A head reads there which of her people looked at a case elsewhere: not of the one that complains of her."""
    case = make_case(cast, "HANDLING", unit=cast.other_station)
    Access.objects.create(
        case=case,
        staff=cast.clerk,
        unit=cast.station,
        at=MONDAY,
        kind=AccessKind.BREAK_IN,
        fields=FieldGroup.PAGE,
        in_line=False,
    )
    address = f"{reverse('reads')}?week=2026-11-16"
    assert "梁洼镇妇女儿童维权站" in words(as_(cast.head).get(address))

    keep_away(case, cast.head, cast.officer)

    assert "梁洼镇妇女儿童维权站" not in words(as_(cast.head).get(address))


def test_the_form_of_a_meeting_lists_no_item_its_reader_is_barred_from(cast):
    room.fill_members(cast)
    item = room.screened(cast, make_case(cast, "HANDLING"))
    address = reverse("meeting_new")
    assert item.title in words(as_(cast.conference).get(address))

    keep_away(item.case, cast.conference, cast.officer)

    assert item.title not in words(as_(cast.conference).get(address))


def test_the_form_of_a_new_meeting_ticks_no_unit_that_an_item_is_about(cast):
    """What is ticked by itself would be refused; whoever must not come is named beside her item."""
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    item = room.screened(cast, case)
    keep_away(case, cast.police, cast.officer)
    address = reverse("meeting_new")
    typed = {
        "kind": "WORKING",
        "title": "维权联席会议",
        "held_at": "2036-11-18T09:00",
        "place": "三楼",
        "invited": [cast.police.pk, cast.court.pk],
        "items": [item.pk],
        "version": 0,
    }

    assert "协调处理（不通知鲁山县公安局）" in words(as_(cast.conference).get(address))
    page = as_(cast.conference).post(address, typed)

    assert (page.status_code, "鲁山县公安局须回避列入的案件" in words(page)) == (409, True)
    assert f'value="{cast.police.pk}"' not in page.content.decode()
    assert f'value="{cast.court.pk}"' in page.content.decode()


@pytest.mark.parametrize("later", [False, True], ids=["new", "changed"])
def test_nobody_is_asked_to_the_meeting_about_a_case_she_is_barred_from(cast, later):
    room.fill_members(cast)
    item = room.screened(cast, make_case(cast, "HANDLING"))
    keep_away(item.case, cast.liaison, cast.officer)
    if later:
        found = room.planned(cast, [], invited=[cast.court])
        change_meeting(
            found, room.plan([item], [cast.police, cast.court]), by=cast.conference, at=LATER + DAY
        )
    else:
        plan_meeting(cast.county, room.plan([item], [cast.police]), by=cast.conference, at=LATER + DAY)

    told = Notice.objects.filter(kind__in=(NoticeKind.MEETING, NoticeKind.MEETING_NEWS))
    assert not told.filter(recipient=cast.liaison).exists()
    assert told.exists()


def test_an_invitation_is_gone_once_its_reader_is_barred_from_what_the_meeting_speaks_of(cast):
    room.fill_members(cast)
    item = room.screened(cast, make_case(cast, "HANDLING"))
    room.planned(cast, [item])
    assert Notice.objects.inbox_of(cast.liaison).filter(kind=NoticeKind.MEETING).exists()

    keep_away(item.case, cast.liaison, cast.officer, at=LATER + 2 * DAY)

    assert not Notice.objects.inbox_of(cast.liaison).filter(kind=NoticeKind.MEETING).exists()


def test_no_application_is_handed_in_at_a_court_that_is_complained_of(cast):
    found = with_evidence(cast)
    other = Organisation.objects.create(
        name="平顶山市中级人民法院", kind=OrgKind.DEPARTMENT, region_id="410400000000", department_id="COURT"
    )
    keep_away(found.case, cast.court, cast.officer)

    page = as_(cast.clerk).get(reverse("monitor_step", args=[found.pk, "file"]))

    assert f'value="{other.pk}"' in page.content.decode()
    assert f'value="{cast.court.pk}"' not in page.content.decode()
    with pytest.raises(StepNotAllowed, match="鲁山县人民法院须回避"):
        applying.file_application(found, court=cast.court, filed_at=LATER, by=cast.clerk, at=LATER)
    assert not found.case.disclosures.filter(organisation=cast.court).exists()


# Places and papers ------------------------------------------------------------------------------------------------


def test_a_service_plan_offers_no_government_of_another_township(cast):
    made = {
        code: Organisation.objects.create(
            name=f"{name}人民政府", kind=OrgKind.DEPARTMENT, region_id=code, department_id="TOWNSHIP"
        )
        for code, name in (("410423101000", "下汤镇"), ("410423102000", "梁洼镇"))
    }
    case = make_case(cast, "HANDLING")
    address = reverse("service_plan", args=[case.number])

    page = as_(cast.clerk).get(address).content.decode()
    task = {"task-0-what": "出警", "task-0-need": "POLICE", "task-0-due_on": "2036-11-18"}
    plan = {"needs": ["POLICE"], "goals": "安全", "review_on": "2036-11-30"}
    answer = as_(cast.clerk).post(address, plan | task | {"task-0-unit": made["410423102000"].pk})

    assert [f'value="{unit.pk}"' in page for unit in made.values()] == [True, False]
    assert f'value="{cast.police.pk}"' in page
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["letter", "order", "agreed"])
def test_one_paper_without_a_number_is_watched_once(cast, kind):
    make = getattr(watching, kind)
    case = make(cast).case

    with pytest.raises(StepNotAllowed, match="已经建立了这项"):
        make(cast, case)
    another = {"letter": "delivered_on", "order": "made_at", "agreed": "made_on"}[kind]
    earlier = MONDAY - DAY
    make(cast, case, **{another: earlier if kind == "order" else earlier.date()})

    assert Monitor.objects.filter(case=case).count() == 2
