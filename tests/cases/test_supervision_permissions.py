"""Who sees a supervision, and who may take which step of it: truth tables, a row a step or a state, a column a person."""

import pytest

from cases.actions import supervision as verbs
from cases.choices import PaperKind, SupervisionStep
from cases.models import Supervision
from cases.permissions import (
    may_key_in_supervision,
    may_read_supervision,
    papers_open_to,
    supervision_steps_open_to,
    why_not_supervise,
    why_not_supervision,
)
from stations.models import Staff
from stations.roles import Role
from tests.cases.supervising import LATER, begin, fresh, next_paper, supervised, supervised_station
from tests.factories import make_case, make_referral

# y may · r not her role · l a leader's step · t the target's step · f the supervising unit's step
SENTENCES = {
    "y": "",
    "r": "您的角色不办理这一步。",
    "l": "这一步由妇联分管领导办理。",
    "t": "这一步由被督办单位办理。",
    "f": "这一步由发出督办的单位办理。",
}
PEOPLE = (
    "clerk", "head", "other_head", "officer", "leader", "city_officer", "city_leader", "liaison", "handler",
    "partner_leader", "civil_liaison", "archivist",
)  # fmt: skip


def grid(table):
    head, *rows = (line.split() for line in table.strip().splitlines())
    for name, *row in rows:
        assert len(row) == len(head), name
        yield name, dict(zip(head, row, strict=True))


OF_THE_POLICE = """
              clerk head other_head officer leader city_officer city_leader liaison handler partner_leader civil_liaison archivist
DRAFT         r     r    r          y       y      f            f           r       r       r              r             r
SIGN_OFF      l     l    l          l       y      l            f           l       l       l              l             l
SIGN_OTHER    l     l    l          l       y      l            f           l       l       l              l             l
RETURN_DRAFT  l     l    l          l       y      l            f           l       l       l              l             l
ACKNOWLEDGE   r     t    t          t       t      t            t           y       r       y              t             r
REPLY         r     t    t          t       t      t            t           y       r       y              t             r
REJECT        r     r    r          y       y      f            f           r       r       r              r             r
CLOSE         r     r    r          y       y      f            f           r       r       r              r             r
UNLIST        l     l    l          l       y      l            f           l       l       l              l             l
WITHDRAW      l     l    l          l       y      l            f           l       l       l              l             l
"""


def test_steps_of_a_supervised_department(cast):
    found = supervised(cast, "ISSUED")

    for name, row in grid(OF_THE_POLICE):
        step = SupervisionStep[name]
        got = {person: why_not_supervision(getattr(cast, person), step, found) for person in row}
        assert got == {person: SENTENCES[cell] for person, cell in row.items()}, name


def test_steps_of_a_supervised_station_are_its_heads(cast):
    found = supervised_station(cast, "ISSUED")

    for step in (SupervisionStep.ACKNOWLEDGE, SupervisionStep.REPLY):
        assert why_not_supervision(cast.head, step, found) == ""
        assert why_not_supervision(cast.clerk, step, found) == SENTENCES["r"]
        assert why_not_supervision(cast.other_head, step, found) == SENTENCES["t"]
        assert why_not_supervision(cast.liaison, step, found) == SENTENCES["t"]


def test_a_person_without_a_unit_may_nothing(cast):
    cast.leader.organisation = None
    found = begin(cast, make_referral(cast, "SIGNED"))

    assert why_not_supervision(cast.leader, SupervisionStep.CLOSE, found) == SENTENCES["r"]
    assert why_not_supervise(cast.leader, found.case) == "督办由县级以上妇联权益部发起。"
    assert not Supervision.objects.visible_to(cast.leader).exists()


def test_an_officer_drops_a_draft_nobody_has_seen(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))

    assert why_not_supervision(cast.officer, SupervisionStep.WITHDRAW, found) == ""
    assert why_not_supervision(cast.clerk, SupervisionStep.WITHDRAW, found) == SENTENCES["l"]


def test_nobody_signs_what_she_wrote_while_another_leader_is_there(cast):
    found = begin(cast, make_referral(cast, "SIGNED"), by=cast.leader)
    signing = (cast.leader, SupervisionStep.SIGN_OFF, found)
    assert why_not_supervision(*signing) == ""

    second = Staff.objects.create(
        username="second", name="二主席", organisation=cast.county, roles=[Role.COUNTY_LEADER]
    )

    assert why_not_supervision(*signing) == "督办文书由拟稿人以外的领导签发。"
    assert why_not_supervision(second, SupervisionStep.SIGN_OFF, found) == ""
    assert SupervisionStep.RETURN_DRAFT in supervision_steps_open_to(cast.leader, found)
    second.is_active = False
    second.save()
    assert why_not_supervision(*signing) == ""


@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        ("officer", ""),
        ("leader", ""),
        ("city_officer", ""),
        ("other_officer", "只能督办本地的案件。"),
        ("head", "督办由县级以上妇联权益部发起。"),
        ("liaison", "督办由县级以上妇联权益部发起。"),
    ],
)
def test_who_begins_to_supervise(cast, person, sentence):
    assert why_not_supervise(getattr(cast, person), make_case(cast, "ACCEPTED")) == sentence


def test_whoever_holds_it_may_supervise(cast):
    case = make_case(cast, "ACCEPTED", unit=cast.other_county)

    assert why_not_supervise(cast.other_officer, case) == ""


BUTTONS = {
    "DRAFTED": ({"SIGN_OFF", "RETURN_DRAFT", "WITHDRAW"}, {"WITHDRAW"}, set()),
    "ISSUED": ({"DRAFT", "WITHDRAW"}, {"DRAFT"}, {"ACKNOWLEDGE", "REPLY"}),
    "ACKNOWLEDGED": ({"DRAFT", "WITHDRAW"}, {"DRAFT"}, {"REPLY"}),
    "REPLIED": ({"REJECT", "CLOSE", "WITHDRAW"}, {"REJECT", "CLOSE"}, set()),
    "UNSOUND": ({"DRAFT", "WITHDRAW"}, {"DRAFT"}, set()),
    "CLOSED": (set(), set(), set()),
    "WITHDRAWN": (set(), set(), set()),
}


@pytest.mark.parametrize("status", BUTTONS)
def test_buttons_in_every_state(cast, status):
    found = supervised(cast, status)

    got = tuple(
        {step.name for step in supervision_steps_open_to(person, found)}
        for person in (cast.leader, cast.officer, cast.liaison)
    )

    assert got == BUTTONS[status]


def test_a_letter_to_others_is_signed_by_its_own_step(cast):
    found = supervised(cast, "UNSOUND")
    paper = next_paper(PaperKind.CIRCULAR, addressee="各成员单位", skip_reason="急")
    verbs.draft_next(found, paper, by=cast.officer, at=LATER)

    names = {step.name for step in supervision_steps_open_to(cast.leader, fresh(found))}
    assert names == {"SIGN_OTHER", "RETURN_DRAFT", "WITHDRAW"}


def test_what_hangs_on_the_list_can_be_taken_off(cast):
    found = supervised(cast, "ISSUED", kind=PaperKind.LISTED, skip_reason="急")

    assert SupervisionStep.UNLIST in supervision_steps_open_to(cast.leader, found)
    assert SupervisionStep.UNLIST not in supervision_steps_open_to(cast.officer, found)


# Sight. y sees, . does not.
SIGHT = """
              clerk head other_head officer leader city_officer city_leader liaison handler partner_leader civil_liaison archivist
DRAFTED       .     .    .          y       y      .            .           .       .       .              .             y
ISSUED        y     y    .          y       y      .            .           y       y       y              .             y
REPLIED       y     y    .          y       y      .            .           y       y       y              .             y
UNSOUND       y     y    .          y       y      .            .           y       y       y              .             y
CLOSED        y     y    .          y       y      .            .           .       .       .              .             y
WITHDRAWN     y     y    .          y       y      .            .           .       .       .              .             y
"""


@pytest.mark.parametrize(("status", "row"), list(grid(SIGHT)))
def test_sight_of_a_department_under_supervision(cast, status, row):
    """The city sees what came up to it, and this case did not."""
    supervised(cast, status)

    got = {
        person: "y" if Supervision.objects.visible_to(getattr(cast, person)).exists() else "."
        for person in row
    }

    assert got == row


def test_withdrawn_unsigned_it_stays_with_whoever_wrote_it(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))
    verbs.withdraw(found, reason="写错了", by=cast.officer, at=LATER)

    assert Supervision.objects.visible_to(cast.officer).exists()
    for person in (cast.clerk, cast.head, cast.liaison):
        assert not Supervision.objects.visible_to(person).exists()


def test_a_station_learns_of_it_with_the_signature(cast):
    found = begin(cast)
    assert not Supervision.objects.visible_to(cast.head).exists()
    assert not Supervision.objects.visible_to(cast.clerk).exists()

    verbs.sign_off(found, by=cast.leader, at=LATER)

    assert Supervision.objects.visible_to(cast.head).exists()


def test_each_side_knows_its_papers(cast):
    """A draft, what went to the government, and what was sent back are nothing the target sees."""
    found = supervised(cast, "UNSOUND")
    request = next_paper(PaperKind.REQUEST_GOV, addressee="鲁山县人民政府", skip_reason="急")
    verbs.draft_next(found, request, by=cast.officer, at=LATER)
    verbs.sign_off(found, by=cast.leader, at=LATER)
    verbs.draft_next(fresh(found), next_paper(PaperKind.OPINION), by=cast.officer, at=LATER)
    found = fresh(found)

    def kinds(person):
        return {paper.kind for paper in papers_open_to(person, found)}

    assert kinds(cast.officer) == {"NOTICE", "REQUEST_GOV", "OPINION"}
    assert kinds(cast.head) == {"NOTICE", "REQUEST_GOV"}
    assert kinds(cast.liaison) == {"NOTICE"}


@pytest.mark.parametrize(
    ("person", "reads"),
    [
        ("clerk", True),  # the owner
        ("clerk2", False),
        ("head", True),
        ("officer", True),
        ("leader", True),
        ("archivist", False),
        ("liaison", True),
        ("handler", False),
    ],
)
def test_who_reads_the_words(cast, person, reads):
    assert may_read_supervision(getattr(cast, person), supervised(cast, "ISSUED")) is reads


@pytest.mark.parametrize(
    ("status", "person", "may"),
    [
        ("ISSUED", "officer", True),
        ("ACKNOWLEDGED", "leader", True),
        ("REPLIED", "officer", False),
        ("ISSUED", "clerk", False),
        ("ISSUED", "archivist", False),
        ("ISSUED", "liaison", False),
    ],
)
def test_who_keys_in_paper(cast, status, person, may):
    assert may_key_in_supervision(getattr(cast, person), supervised(cast, status)) is may


def test_a_station_of_ours_answers_itself(cast):
    assert not may_key_in_supervision(cast.officer, supervised_station(cast, "ISSUED"))
