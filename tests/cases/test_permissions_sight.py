"""Who sees which case, who reads it in the line of her work, who may take which step of a referral, as truth tables."""

import pytest

from cases.actions import closure, escalation, handling
from cases.actions.safety.emergency import end_emergency, open_emergency
from cases.choices import ReferralStep
from cases.models import Case, Referral
from cases.permissions import (
    in_owner_line,
    may_key_in_paper,
    may_reveal,
    referral_steps_open_to,
    why_not_referral,
)
from tests.cases.test_permissions import LATER, SENTENCES, propose, sent_up
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

# Sight.

SIGHT = """
                 station village other county far  up
clerk            y       y       .     .      .    y      # her township, the village below included
clerk2           y       y       .     .      .    y
head             y       y       .     .      .    y
village_liaison  .       y       .     .      .    .      # what it registered or holds
other_clerk      .       .       y     .      .    .
other_head       .       .       y     .      .    .
officer          y       y       y     y      .    y      # the whole county
leader           y       y       y     y      .    y
archivist        y       y       y     y      .    y
far_clerk        .       .       .     .      y    .
other_officer    .       .       .     .      y    .
city_officer     .       .       .     .      .    y      # only what came up
city_leader      .       .       .     .      .    y
volunteer        .       .       .     .      .    .      # nothing until asked
stat_officer     .       .       .     .      .    .
conference       .       .       .     .      .    .
liaison          .       .       .     .      .    .      # departments see referrals, never cases
handler          .       .       .     .      .    .
partner_leader   .       .       .     .      .    .
civil_liaison    .       .       .     .      .    .
sys_admin        .       .       .     .      .    .
sec_admin        .       .       .     .      .    .
audit_admin      .       .       .     .      .    .
"""


def test_what_each_person_sees(cast):
    cases = {
        "station": make_case(cast),
        "village": make_case(cast, unit=cast.village),
        "other": make_case(cast, unit=cast.other_station),
        "county": make_case(cast, unit=cast.county),
        "far": make_case(cast, unit=cast.far_station),
        "up": sent_up(make_case(cast), cast.city, cast.head),
    }
    names = {case.pk: name for name, case in cases.items()}
    head, *rows = (line.split("#")[0].split() for line in SIGHT.strip().splitlines())

    seen = {
        part: {names[pk] for pk in Case.objects.visible_to(getattr(cast, part)).values_list("pk", flat=True)}
        for part, *_ in rows
    }

    assert seen == {
        part: {name for name, cell in zip(head, cells, strict=True) if cell == "y"} for part, *cells in rows
    }


def test_a_volunteer_sees_what_she_is_asked_to_work_on_while_she_is(cast):
    case = make_case(cast, "HANDLING")
    make_case(cast)
    handling.add_assistant(case, assistant=cast.volunteer, note="请陪同做笔录", by=cast.head, at=LATER)
    assert list(Case.objects.visible_to(cast.volunteer)) == [case]
    assert not may_reveal(cast.volunteer, case)

    closure.close_case(propose(case, cast.clerk), opinion="", by=cast.head, at=LATER)
    assert list(Case.objects.visible_to(cast.volunteer)) == []


def test_a_case_taken_up_stays_in_the_sight_of_its_station(cast):
    case = sent_up(make_case(cast), cast.county, cast.head)
    escalation.take_over(case, owner=cast.officer, guidance="", by=cast.officer, at=LATER)

    assert list(Case.objects.visible_to(cast.clerk)) == [case]


def test_the_city_sees_its_own_cases_and_what_it_holds(cast):
    own = make_case(cast, unit=cast.city)
    taken = sent_up(make_case(cast), cast.city, cast.head)
    escalation.take_over(taken, owner=cast.city_officer, guidance="", by=cast.city_leader, at=LATER)

    assert set(Case.objects.visible_to(cast.city_officer)) == {own, taken}
    assert set(Case.objects.visible_to(cast.officer)) == {taken}


def test_somebody_without_a_unit_sees_nothing(cast):
    make_referral(cast)
    cast.head.organisation = None
    cast.liaison.organisation = None

    assert not Case.objects.visible_to(cast.head).exists()
    assert not Referral.objects.visible_to(cast.liaison).exists()


@pytest.mark.parametrize(
    ("status", "sees"),
    [
        ("SENT", True),
        ("SIGNED", True),
        ("OBJECTED", True),
        ("IN_PROGRESS", True),
        ("ANSWERED", True),
        ("RESULT", True),
        ("CLOSED", False),
        ("RETURNED", False),
        ("WITHDRAWN", False),
    ],
)
def test_a_department_sees_a_referral_as_long_as_it_is_open(cast, status, sees):
    referral = make_referral(cast, status)

    for person in (cast.liaison, cast.handler, cast.partner_leader):
        assert Referral.objects.visible_to(person).filter(pk=referral.pk).exists() is sees
    for person in (cast.civil_liaison, cast.other_clerk, cast.far_clerk, cast.sys_admin, cast.volunteer):
        assert not Referral.objects.visible_to(person).exists()
    for person in (cast.clerk, cast.head, cast.officer):
        assert Referral.objects.visible_to(person).filter(pk=referral.pk).exists()


def test_a_department_role_without_reading_sees_no_referral(cast):
    make_referral(cast)
    cast.conference.organisation = cast.police

    assert not Referral.objects.visible_to(cast.conference).exists()


# The owner's line: who reads without giving a reason.
LINE = """
                 station village up
clerk            y       .       y       # owner
clerk2           .       .       .
head             y       y       y       # decides for the station and the village below
village_liaison  .       y       .
other_head       .       .       .
officer          .       .       y       # it came up to the county on its way
city_officer     .       .       y
other_officer    .       .       .
volunteer        .       .       .
liaison          .       .       .
sec_admin        .       .       .
"""


def test_who_reads_in_the_owners_line(cast):
    cases = {
        "station": make_case(cast),
        "village": make_case(cast, unit=cast.village),
        "up": sent_up(make_case(cast), cast.city, cast.head),
    }
    head, *rows = (line.split("#")[0].split() for line in LINE.strip().splitlines())

    assert {
        (part, name): in_owner_line(getattr(cast, part), cases[name]) for part, *_ in rows for name in head
    } == {(part, name): cell == "y" for part, *cells in rows for name, cell in zip(head, cells, strict=True)}


def test_an_emergency_brings_the_county_into_the_line_until_it_ends(cast):
    case = make_case(cast)
    emergency = open_emergency(case, by=cast.clerk, at=MONDAY)

    readers = ("officer", "leader", "other_officer", "other_head", "volunteer")
    assert [in_owner_line(getattr(cast, part), case) for part in readers] == [True, True, False, False, False]

    end_emergency(emergency, conclusion="误建", mistake=True, by=cast.head, at=LATER)
    assert not in_owner_line(cast.officer, case)


def test_deputy_and_whoever_works_along_read_in_the_line(cast):
    case = sent_up(make_case(cast, "HANDLING"), cast.county, cast.head)
    cast.clerk.deputy = cast.clerk2
    cast.clerk.save()
    case.owner.refresh_from_db()
    assert in_owner_line(cast.clerk2, case)

    handling.add_assistant(case, assistant=cast.volunteer, note="", by=cast.head, at=LATER)
    assert in_owner_line(cast.volunteer, case)


def test_a_case_with_nobody_named_has_no_deputy(cast):
    case = make_case(cast, "CLOSED")
    case.owner = None
    case.save(update_fields=["owner"])

    assert not in_owner_line(cast.clerk, case)


@pytest.mark.parametrize(
    ("part", "reveals"),
    [
        ("clerk", True),
        ("clerk2", True),
        ("head", True),
        ("officer", True),
        ("village_liaison", False),
        ("archivist", False),
        ("volunteer", False),
        ("liaison", False),
        ("sys_admin", False),
    ],
)
def test_who_may_open_masked_fields(cast, part, reveals):
    assert may_reveal(getattr(cast, part), make_case(cast)) is reveals


def test_a_village_opens_what_it_registered(cast):
    assert may_reveal(cast.village_liaison, make_case(cast, unit=cast.village))


# Referrals.
REFERRAL_SENTENCES = {
    "y": "",
    "r": "您的角色不办理这一步。",
    "l": "部门结果由分管领导确认。",
    "p": "这一步由承办部门办理。",
    "f": "这一步由转出单位办理。",
}

REFERRAL_TABLE = """
             clerk head other_clerk officer village_liaison liaison handler partner_leader civil_liaison
SEND         y     y    f           y       r               r       r       r              r
WITHDRAW     y     y    f           y       r               r       r       r              r
SIGN         r     r    r           r       r               y       r       y              p
OBJECT       r     r    r           r       r               y       r       y              p
RETURN       y     y    f           y       r               r       r       r              r
UPHOLD       y     y    f           y       r               r       r       r              r
START        r     r    r           r       r               y       y       y              p
INTERIM      r     r    r           r       r               y       y       y              p
ANSWER       r     r    r           r       r               y       y       y              p
CONFIRM      l     l    l           l       l               l       l       y              l
REWORK       y     y    f           y       r               r       r       r              r
WRITE_OFF    y     y    f           y       r               r       r       r              r
LINK         y     y    f           y       r               r       r       r              r
REVOKE_LINK  y     y    f           y       r               r       r       r              r
URGE         y     y    f           y       r               r       r       r              r
SHUT         r     y    r           y       r               r       r       r              r
"""


def test_who_may_take_a_step_of_a_referral(cast):
    referral = make_referral(cast)
    head, *rows = (line.split() for line in REFERRAL_TABLE.strip().splitlines())
    assert {ReferralStep(row[0]) for row in rows} == set(ReferralStep)

    assert {
        (name, part): why_not_referral(getattr(cast, part), ReferralStep(name), referral)
        for name, *_ in rows
        for part in head
    } == {
        (name, part): REFERRAL_SENTENCES[cell]
        for name, *cells in rows
        for part, cell in zip(head, cells, strict=True)
    }


def test_somebody_without_a_unit_takes_no_step_of_a_referral(cast):
    cast.liaison.organisation = None

    assert why_not_referral(cast.liaison, ReferralStep.SIGN, make_referral(cast)) == SENTENCES["r"]


@pytest.mark.parametrize(
    ("status", "part", "steps"),
    [
        ("SENT", "clerk", "WITHDRAW LINK REVOKE_LINK URGE"),
        ("SENT", "liaison", "SIGN"),
        ("SENT", "handler", ""),
        ("SIGNED", "liaison", "OBJECT START INTERIM ANSWER"),
        ("SIGNED", "handler", "START INTERIM ANSWER"),
        ("OBJECTED", "clerk", "RETURN UPHOLD"),
        ("OBJECTED", "liaison", ""),
        ("IN_PROGRESS", "handler", "INTERIM ANSWER"),
        ("ANSWERED", "handler", ""),
        ("ANSWERED", "partner_leader", "CONFIRM"),
        ("ANSWERED", "clerk", "REVOKE_LINK URGE"),
        ("RESULT", "clerk", "REWORK WRITE_OFF"),
        ("RESULT", "partner_leader", ""),
        ("CLOSED", "clerk", ""),
        ("WITHDRAWN", "clerk", ""),
    ],
)
def test_buttons_of_a_referral(cast, status, part, steps):
    assert referral_steps_open_to(getattr(cast, part), make_referral(cast, status)) == tuple(
        ReferralStep(name) for name in steps.split()
    )


@pytest.mark.parametrize(
    ("status", "part", "may"),
    [
        ("SENT", "clerk", True),
        ("SIGNED", "head", True),
        ("IN_PROGRESS", "officer", True),
        ("IN_PROGRESS", "other_clerk", False),
        ("IN_PROGRESS", "liaison", False),
        ("OBJECTED", "clerk", False),
        ("RESULT", "clerk", False),
        ("CLOSED", "clerk", False),
    ],
)
def test_who_keys_in_a_paper_answer(cast, status, part, may):
    assert may_key_in_paper(getattr(cast, part), make_referral(cast, status)) is may
