"""When a case should go up: one row a rule, at its edge and just below it; and where the hint is shown."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import escalation, intake
from cases.choices import EscalationReason, Occurrence, PetitionForm, Risk
from cases.workflow.escalation import Signs, proposals
from stations.models import Staff
from tests.cases.pages import LATER, as_
from tests.cast import MONDAY
from tests.factories import entry, make_case, make_referral

QUIET = Signs(
    risk=Risk.ORANGE,
    involves_minor=False,
    categories=frozenset({"MAR_DISPUTE"}),
    form=PetitionForm.INDIVIDUAL,
    flags=frozenset({"MEDIA", "URGENT"}),
    repeats=1,
    handed_back=1,
    days_over=10,
)
ROWS = {
    "nothing": ({}, []),
    "red": ({"risk": Risk.RED}, ["HIGH_RISK"]),
    "sexual harm of a child": ({"categories": frozenset({"MAR_DISPUTE", "CHD_SEXUAL"})}, ["HIGH_RISK"]),
    "rape of an adult": ({"categories": frozenset({"PER_RAPE"})}, []),
    "rape of a minor": ({"categories": frozenset({"PER_RAPE"}), "involves_minor": True}, ["HIGH_RISK"]),
    "indecency to a minor": (
        {"categories": frozenset({"PER_INDECENT"}), "involves_minor": True},
        ["HIGH_RISK"],
    ),
    "a minor, otherwise": ({"involves_minor": True}, []),
    "threat": ({"flags": frozenset({"THREAT"})}, ["HIGH_RISK"]),
    "group": ({"form": PetitionForm.GROUP}, ["GROUP"]),
    "joint letter": ({"form": PetitionForm.JOINT_LETTER}, []),
    "second repeat": ({"repeats": 2}, ["REPEAT"]),
    "handed back twice": ({"handed_back": 2}, ["PARTNER_REFUSED"]),
    "eleven working days over": ({"days_over": 11}, ["OVERDUE"]),
    "several": ({"risk": Risk.RED, "repeats": 3, "days_over": 30}, ["HIGH_RISK", "REPEAT", "OVERDUE"]),
}


@pytest.mark.parametrize("name", ROWS)
def test_proposal_names_its_reason(name: str) -> None:
    signs, reasons = ROWS[name]

    assert [found.reason.value for found in proposals(replace(QUIET, **signs))] == reasons


def test_every_proposal_says_why_in_words() -> None:
    everything = replace(
        QUIET,
        risk=Risk.RED,
        categories=frozenset({"CHD_SEXUAL"}),
        form=PetitionForm.GROUP,
        flags=frozenset({"THREAT"}),
        repeats=2,
        handed_back=2,
        days_over=11,
    )

    found = proposals(everything)

    assert len({row.words for row in found}) == len(found) == 7
    assert {row.reason for row in found} < set(EscalationReason)


def hinted(staff: Staff) -> dict[str, str]:
    response = as_(staff).get(reverse("desk"))
    return {hint.case.number: hint.words for hint in response.context["hints"]}


def test_desk_of_the_station_proposes_what_should_go_up(cast, clock):
    red = make_case(cast, "HANDLING", risk=Risk.RED)
    group = make_case(cast, "HANDLING", form=PetitionForm.GROUP, persons=7)
    threat = make_case(cast, "HANDLING", flags=("THREAT",))
    child = make_case(cast, "HANDLING", category="CHD_SEXUAL")
    often = make_case(cast, "HANDLING")
    for _ in range(2):
        again = entry(cast, submission=uuid4(), occurrence=Occurrence.REPEAT)
        intake.add_contact(often, again, unit=cast.station, by=cast.clerk, at=LATER)
    twice = make_case(cast, "ACCEPTED")
    for minutes in (5, 10):
        make_referral(cast, "RETURNED", case=twice, at=MONDAY + timedelta(minutes=minutes))
    late = make_case(cast, "HANDLING", at=MONDAY - timedelta(days=80))
    make_case(cast, "HANDLING", risk=Risk.ORANGE)
    make_case(cast, "HANDLING", at=MONDAY - timedelta(days=62))  # late, but not by ten working days
    once = make_case(cast, "HANDLING")
    intake.add_contact(
        once, entry(cast, occurrence=Occurrence.CONTINUED), unit=cast.station, by=cast.clerk, at=LATER
    )

    assert hinted(cast.head) == {
        red.number: "红色风险，有生命危险",
        group.number: "集体访",
        threat.number: "扬言采取极端行为",
        child.number: "未成年人遭受性侵害",
        often.number: "同一件事两次以上重复信访",
        twice.number: "部门两次以上退回，没有单位承办",
        late.number: "逾期超过10个工作日",
    }


def test_hints_are_asked_in_a_constant_number_of_queries(cast, clock, django_assert_num_queries):
    client = as_(cast.head)
    make_case(cast, "HANDLING", risk=Risk.RED)
    client.get(reverse("desk"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("desk"))
    for _ in range(5):
        make_case(cast, "HANDLING", risk=Risk.RED)

    with django_assert_num_queries(len(one)):
        client.get(reverse("desk"))


def test_hint_goes_when_the_case_goes_up_and_stays_away_when_it_is_answered(cast, clock):
    case = make_case(cast, "HANDLING", risk=Risk.RED)
    before = hinted(cast.clerk)
    escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.HIGH_RISK, tried="试过", by=cast.clerk, at=LATER
    )
    waiting = hinted(cast.clerk)
    escalation.guide(case, guidance="先报警", term_on=date(2026, 12, 1), by=cast.officer, at=LATER)

    assert (set(before), waiting, hinted(cast.clerk)) == ({case.number}, {}, {})
    assert hinted(cast.officer) == {}  # the county proposes nothing to itself


def test_hints_show_a_clerk_her_own_and_the_head_all(cast, clock):
    case = make_case(cast, "HANDLING", risk=Risk.RED)

    assert (set(hinted(cast.head)), hinted(cast.clerk2)) == ({case.number}, {})


def test_case_page_proposes_with_the_reason_filled_in(cast, clock):
    case = make_case(cast, "HANDLING", form=PetitionForm.GROUP, persons=7)
    client = as_(cast.head)

    (hint,) = client.get(reverse("case", args=[case.number])).context["hints"]
    form = client.get(hint.url).content.decode()
    mangled = client.get(hint.url.replace("GROUP", "NONSENSE")).content.decode()

    assert hint.url == f"{reverse('case_step', args=[case.number, 'escalate'])}?reason=GROUP"
    assert '<option value="GROUP" selected>' in form
    assert '<option value="" selected>请选择' in mangled
    assert as_(cast.officer).get(reverse("case", args=[case.number])).context["hints"] == []
