"""Whose work nobody minds: who is listed, who is told, once for each absence; and the posts that stand empty."""

from datetime import timedelta
from itertools import pairwise

import pytest

from cases.actions.absence import tell_of_absences, unminded, vacancies
from cases.choices import NoticeKind
from cases.models import Case, Notice
from stations.actions.accounts import change_account, deactivate
from stations.models import Staff
from stations.roles import Role
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

DAY = timedelta(days=1)
TODAY = MONDAY.date()
AT = MONDAY + timedelta(hours=1)


def away(person, *, since=TODAY, until=TODAY + 4 * DAY, deputy=None):
    Staff.objects.filter(pk=person.pk).update(absent_from=since, absent_until=until, deputy=deputy)


def leave(person, cast, on=TODAY):
    deactivate(person, left_on=on, by=cast.sec_admin, at=MONDAY)


def found(at=AT):
    return {
        (row.staff.username, row.unit.name[:3], row.cases, row.why)
        for row in unminded(Case.objects.all(), at)
    }


def told(at=AT):
    """Who hears of it in this run."""
    before = Notice.objects.count()
    tell_of_absences(at)
    new = Notice.objects.order_by("pk")[before:]
    assert all((notice.kind, notice.case) == (NoticeKind.STAND_IN, None) for notice in new)
    return [notice.recipient.username for notice in new]


# Who is listed.


def test_nobody_is_listed_while_everybody_minds_her_work(cast):
    make_case(cast, "HANDLING")
    away(cast.clerk, deputy=cast.clerk2)

    assert found() == set()


def test_whoever_is_away_without_a_deputy_is_listed(cast):
    make_case(cast, "HANDLING")
    make_case(cast, "REGISTERED")
    away(cast.clerk)

    assert found() == {("clerk", "下汤镇", 2, "离岗到11月20日，没有代办人")}
    assert found(AT + 5 * DAY) == set()


def test_a_deputy_who_is_away_too_minds_nothing(cast):
    make_case(cast, "HANDLING")
    away(cast.clerk, deputy=cast.clerk2)
    away(cast.clerk2)

    assert {name for name, *_ in found()} == {"clerk"}


def test_whoever_has_left_is_listed_even_with_a_deputy(cast):
    make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(deputy=cast.clerk2)
    leave(cast.clerk, cast)

    assert found() == {("clerk", "下汤镇", 1, "已停用")}


def test_who_left_with_the_account_still_open_is_listed(cast):
    make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(left_on=TODAY)

    assert found() == {("clerk", "下汤镇", 1, "已离任")}
    assert found(AT - DAY) == set()


def test_who_went_to_another_unit_is_listed_where_her_cases_lie(cast):
    make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(organisation=cast.county)

    assert found() == {("clerk", "下汤镇", 1, "已调离")}


def test_a_closed_case_counts_while_a_visit_is_owed(cast):
    owed, done = make_case(cast, "CLOSED"), make_case(cast, "CLOSED")
    done.clocks.live().update(status="CANCELLED", ended_at=AT, next_notice_at=None)
    leave(cast.clerk, cast)

    assert found() == {("clerk", "下汤镇", 1, "已停用")}
    owed.clocks.live().update(status="CANCELLED", ended_at=AT, next_notice_at=None)
    assert found() == set()


# Who is told.


def test_the_head_is_told_once_for_each_absence(cast):
    make_case(cast, "HANDLING")
    away(cast.clerk)

    assert told() == ["head"]
    assert told(AT + timedelta(hours=1)) == []
    assert told(AT + DAY) == []

    away(cast.clerk, since=TODAY + 10 * DAY, until=TODAY + 12 * DAY)
    assert told(AT + 10 * DAY) == ["head"]


def test_the_head_is_told_of_a_leaver_and_of_one_who_was_moved(cast):
    make_case(cast, "HANDLING")
    leave(cast.clerk, cast)
    case = make_case(cast, "HANDLING")
    Case.objects.filter(pk=case.pk).update(owner=cast.clerk2)
    change_account(cast.clerk2, {"organisation": cast.other_station}, by=cast.sec_admin, at=MONDAY)

    assert told() == ["head", "head"]
    assert told(AT + DAY) == []
    # She is moved again: another absence from the cases she left behind.
    change_account(cast.clerk2, {"organisation": cast.county}, by=cast.sec_admin, at=MONDAY + DAY)
    assert told(AT + DAY) == ["head"]


def test_who_lost_her_unit_without_a_trace_is_told_of_once(cast):
    make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(organisation=None)

    assert told() == ["head"]
    assert told(AT + DAY) == []


def test_where_the_only_head_is_away_the_county_is_told(cast):
    case = make_case(cast, "HANDLING")
    Case.objects.filter(pk=case.pk).update(owner=cast.head)
    away(cast.head)

    assert told() == ["officer", "leader"]


def test_a_head_who_is_away_is_told_through_her_deputy_or_passed_over(cast):
    make_case(cast, "HANDLING")
    away(cast.clerk)
    away(cast.head, deputy=cast.clerk2)
    assert told() == ["clerk2"]

    away(cast.clerk, since=TODAY - DAY)
    away(cast.head)
    assert told() == ["officer", "leader"]


def test_where_nobody_is_left_nobody_is_told(cast):
    make_case(cast, "HANDLING", unit=cast.far_station)
    leave(cast.far_clerk, cast)
    leave(cast.other_officer, cast)

    assert told() == []


def test_the_head_of_a_village_point_is_the_stations(cast):
    make_case(cast, "HANDLING", unit=cast.village)
    away(cast.village_liaison)

    assert told() == ["head"]


# Posts.


def empty(prefix):
    return {(row.unit.name, row.post) for row in vacancies(prefix)}


def test_posts_that_nobody_holds_are_listed_below_a_region(cast):
    assert empty("410423") == set()
    assert empty("4104") == {("宝丰县妇女联合会", "妇联分管领导"), ("石桥镇妇女儿童维权站", "维权站站长")}

    leave(cast.head, cast)
    leave(cast.officer, cast)

    assert empty("410423") == {("下汤镇妇女儿童维权站", "维权站站长"), ("鲁山县妇女联合会", "权益部干部")}
    assert empty("410423102") == set()


def test_a_department_needs_a_liaison_while_something_lies_with_it(cast):
    leave(cast.liaison, cast)
    assert empty("410423") == set()

    make_referral(cast, "SENT")
    assert empty("410423") == {("鲁山县公安局", "部门联络员")}

    Staff.objects.filter(pk=cast.handler.pk).update(roles=[Role.PARTNER_LIAISON])
    assert empty("410423") == set()


def test_a_department_that_works_on_paper_has_no_post_to_fill(cast):
    make_referral(cast, "SENT", department=cast.court)

    assert empty("410423") == set()


# The other end of the deputies' chain.


def test_who_stands_in_for_whom_is_one_chain_from_both_ends(cast):
    away(cast.clerk, deputy=cast.clerk2)
    away(cast.clerk2, deputy=cast.head)

    def principals(person, on=TODAY):
        return {staff.username for staff in Staff.objects.get(pk=person.pk).stands_in_for(on)}

    assert principals(cast.head) == {"clerk", "clerk2"}
    assert principals(cast.clerk) == principals(cast.head, TODAY + 9 * DAY) == set()
    for name in ("clerk", "clerk2"):
        assert Staff.objects.get(username=name).stand_in(TODAY) == cast.head

    away(cast.head, deputy=cast.clerk)  # a ring ends
    assert principals(cast.clerk) == {"clerk2", "head"}


@pytest.mark.parametrize("length", [5, 6])
def test_the_chain_is_as_long_from_both_ends(cast, length):
    people = [
        Staff.objects.create_user(
            f"link{n}", name="链", organisation=cast.station, roles=[Role.STATION_CLERK]
        )
        for n in range(length + 1)
    ]
    for person, deputy in pairwise(people):
        away(person, deputy=deputy)
    first, last = Staff.objects.get(pk=people[0].pk), Staff.objects.get(pk=people[-1].pk)

    assert (first.stand_in(TODAY) == last) is (length == 5)
    assert (first in last.stands_in_for(TODAY)) is (length == 5)
