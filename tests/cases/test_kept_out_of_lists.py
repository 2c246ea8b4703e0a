"""A unit that must not know is offered in no list of a case, and refused by the server where it is sent all the same."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.guarding.bars import bar_unit
from cases.actions.meeting import plan_meeting
from cases.actions.safety.plans import TaskEntry, make_service_plan
from cases.choices import BarKind, SafetyStep
from cases.models import PlanTask, Task
from cases.workflow import StepNotAllowed
from tests.cases import room
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

LATER = MONDAY + timedelta(hours=6)


def as_(person):
    client = Client()
    client.force_login(person, backend="stations.backends.StaffBackend")
    return client


def complained_of(cast, case, unit=None, *, at=MONDAY):
    bar_unit(case, unit or cast.police, kind=BarKind.ACCUSED, reason="被反映", by=cast.officer, at=at)


def offered(page, unit):
    text = page.content.decode()
    return f'value="{unit.pk}"' in text, unit.name in text


def test_no_task_of_a_service_plan(cast):
    case = make_case(cast, "HANDLING")
    complained_of(cast, case)
    address = reverse("service_plan", args=[case.number])
    task = {"task-0-what": "出警", "task-0-need": "POLICE", "task-0-due_on": "2036-11-18"}
    plan = {"needs": ["POLICE"], "goals": "安全", "review_on": "2036-11-30"}

    page = as_(cast.clerk).get(address)
    answer = as_(cast.clerk).post(address, plan | task | {"task-0-unit": cast.police.pk})

    assert (offered(page, cast.police), offered(page, cast.civil)[0]) == ((False, False), True)
    assert (answer.status_code, "请从清单中选择责任单位" in answer.content.decode()) == (422, True)
    with pytest.raises(StepNotAllowed, match="鲁山县公安局须回避"):
        make_service_plan(
            case,
            needs=["POLICE"],
            goals="安全",
            review_on=date(2026, 11, 30),
            tasks=[TaskEntry("POLICE", "出警", date(2026, 11, 18), unit=cast.police)],
            by=cast.clerk,
            at=LATER,
        )
    assert not PlanTask.objects.exists()
    assert not case.events.filter(step=SafetyStep.PLAN).exists()


def test_no_joint_supervision(cast):
    sent = make_referral(cast, "SIGNED", department=cast.civil)
    complained_of(cast, sent.case)
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"

    page = as_(cast.officer).get(address)

    assert (offered(page, cast.police)[0], offered(page, cast.court)[0]) == (False, True)


def test_no_meeting_that_speaks_of_it_and_no_task_of_its_resolution(cast):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    item = room.screened(cast, case)
    found = room.planned(cast, [item], invited=[cast.police, cast.court])
    change = reverse("meeting_step", args=[found.pk, "change"])
    assert offered(as_(cast.conference).get(change), cast.police)[0]

    complained_of(cast, case, at=MONDAY + timedelta(days=1, hours=1))

    page = as_(cast.conference).get(change)
    assert (offered(page, cast.police)[0], offered(page, cast.court)[0]) == (False, True)
    room.hold(cast, found)
    page = as_(cast.conference).get(reverse("agenda_step", args=[item.pk, "resolve"]))
    assert (offered(page, cast.police)[0], offered(page, cast.court)[0]) == (False, True)
    with pytest.raises(StepNotAllowed, match="鲁山县公安局须回避"):
        plan_meeting(cast.county, room.plan([item], [cast.police]), by=cast.conference, at=LATER)


def test_the_pack_lists_no_task_its_reader_must_not_know_of(cast):
    task = room.decided(cast, make_case(cast, "HANDLING"))
    found = room.planned(cast, [], invited=[cast.court], at=MONDAY + timedelta(days=3))
    address = reverse("meeting_pack", args=[found.pk])
    words = task.resolution.item.title
    assert words in as_(cast.officer).get(address).content.decode()

    complained_of(cast, task.resolution.item.case, cast.county, at=LATER)

    assert Task.objects.open().exists()
    assert words not in as_(cast.officer).get(address).content.decode()


def test_consent_to_tell_it_is_not_taken_and_what_it_was_told_is_warned_of(cast):
    case = make_case(cast, "HANDLING")
    warning = "鲁山县公安局须回避这件案件，不得再向其提供"
    disclose = reverse("case_step", args=[case.number, "disclose"])
    assert warning not in as_(cast.clerk).get(disclose).content.decode()
    complained_of(cast, case)
    told = {"kind": "ORAL", "basis": "EMERGENCY", "purpose": "出警", "what": "她在哪里"}

    consent = as_(cast.clerk).get(reverse("case_step", args=[case.number, "consent"]))
    page = as_(cast.clerk).get(disclose)
    answer = as_(cast.clerk).post(
        disclose, told | {"organisation": cast.police.pk, "seq": case.seq, "moved_seq": case.moved_seq}
    )

    assert (offered(consent, cast.police)[0], offered(consent, cast.civil)[0]) == (False, True)
    assert (offered(page, cast.police)[0], warning in page.content.decode()) == (True, True)
    assert answer.status_code == 302
    assert case.disclosures.get().organisation == cast.police
