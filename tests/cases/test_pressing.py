"""What supervision and the conference put on each person's desk."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import conference_task
from cases.views.pressing import pressing, tasks_waiting
from tests.cases import room
from tests.cases.pages import as_, words
from tests.cases.supervising import LATER, begin, supervised, supervised_station
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

pytestmark = pytest.mark.django_db


def waits(person) -> list[str]:
    return [row["what"] for row in pressing(person, LATER)]


@pytest.mark.parametrize(
    ("status", "part", "what"),
    [
        ("DRAFTED", "leader", ["签发督办文书"]),
        ("DRAFTED", "officer", []),
        ("ISSUED", "leader", []),
        ("REPLIED", "officer", ["核查督办回复"]),
        ("UNSOUND", "officer", ["督办核查不通过，决定下一步"]),
        ("CLOSED", "officer", []),
        ("REPLIED", "other_officer", []),
        ("REPLIED", "clerk", []),
    ],
)
def test_a_supervision_waits_for_whoever_is_next(cast, status, part, what):
    supervised(cast, status)

    assert waits(getattr(cast, part)) == what


def test_a_supervised_head_of_ours_sees_it_first(cast):
    found = supervised_station(cast)

    (row,) = pressing(cast.head, LATER)

    assert (row["what"], row["about"]) == ("被督办，请签收并书面回复", "鲁山县妇女联合会")
    assert row["url"] == reverse("supervision", args=[found.pk])
    assert row["due"]
    assert waits(cast.clerk) == waits(cast.other_head) == []


def test_the_conference_waits_for_its_office(cast):
    room.propose(cast)
    assert waits(cast.conference) == ["初审议题"]
    assert waits(cast.officer) == []


def test_a_report_waits_for_the_office_and_a_longer_term_for_whoever_decides(cast):
    task = room.decided(cast, make_case(cast, "HANDLING"))
    assert waits(cast.conference) == []
    conference_task.ask_longer(task, days=5, reason="鉴定未出", by=cast.liaison, at=MONDAY)
    assert waits(cast.leader) == waits(cast.conference) == ["答复议定事项延期申请"]
    assert waits(cast.officer) == []


def test_a_reported_task_waits_for_the_office(cast):
    room.report(cast, room.decided(cast, make_case(cast, "HANDLING")))

    assert waits(cast.conference) == ["审核议定事项报告"]


def test_a_task_of_the_federation_waits_on_its_own_desk(cast):
    room.fill_members(cast)
    item = room.screened(cast)
    room.held(cast, [item])
    room.resolve(cast, item, lead=cast.county, co_units=[cast.police], term_on=date(2026, 12, 18))

    (row,) = pressing(cast.officer, LATER)

    assert row["what"] == "办理联席会议议定事项"
    assert row["about"].startswith("鲁山县妇女联合会：")
    assert row["due"]


def test_the_desk_shows_it(cast):
    supervised(cast, "REPLIED")

    page = words(as_(cast.officer).get(reverse("desk")))

    assert "监测、督办和联席会议" in page
    assert "核查督办回复 鲁山县公安局" in page.replace("　", " ").replace("  ", " ")


def test_the_number_of_queries_does_not_grow(cast):
    def asked() -> int:
        leader = type(cast.leader).objects.select_related("organisation__region").get(pk=cast.leader.pk)
        with CaptureQueriesContext(connection) as captured:
            pressing(leader, LATER)
        return len(captured)

    begin(cast, make_referral(cast, "SIGNED"))
    before = asked()
    for _ in range(3):
        begin(cast, make_referral(cast, "SIGNED"))

    assert asked() == before
    assert len(waits(cast.leader)) == 4


def test_the_unit_that_asked_for_longer_still_reads_its_task(cast):
    task = room.decided(cast, make_case(cast, "HANDLING"))
    conference_task.ask_longer(task, days=5, reason="鉴定未出", by=cast.liaison, at=MONDAY)

    (row,) = tasks_waiting(cast.liaison, LATER)

    assert row["what"] == "办理联席会议议定事项"
    assert "办理联席会议议定事项" in words(as_(cast.liaison).get(reverse("referrals")))


def test_the_office_without_cases_reads_its_turn_above_the_figures(cast):
    room.propose(cast)

    assert "初审议题" in words(as_(cast.conference).get(reverse("desk")))
