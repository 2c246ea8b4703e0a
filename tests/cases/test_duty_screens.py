"""Handing over, the hints on the desk, the page of the nightly check, and who had the case how long."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import escalation, handling
from cases.actions.absence import tell_of_absences
from cases.actions.handover import hand_over_all
from cases.actions.promises import check_promises
from cases.choices import EscalationReason, Part
from cases.models import Case, Handover, Holding, Notice
from cases.statistics import held, holding_days
from cases.views import promises as promises_view
from stations.models import Staff, StaffEvent
from tests.cases.test_steps_screen import sign_in
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral

AT = MONDAY + timedelta(hours=3)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now(clock):
    clock.at = AT


def page(client: Client, person: Staff, name: str, *args: object) -> str:
    response = sign_in(client, person).get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def deactivate(person: Staff) -> None:
    Staff.objects.filter(pk=person.pk).update(is_active=False, left_on=MONDAY.date())


# Handing over.


def test_whoever_is_not_there_stands_first(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    other = make_case(cast, "HANDLING")
    handling.assign_owner(other, owner=cast.clerk2, by=cast.head, at=AT)
    handling.add_assistant(other, assistant=cast.volunteer, note="", by=cast.head, at=AT)
    deactivate(cast.clerk2)

    response = sign_in(client, cast.head).get(reverse("handover_people"))

    rows = [(row.staff.username, row.cases, row.along, row.why) for row in response.context["rows"]]
    assert rows == [("clerk2", 1, 0, "已停用"), ("volunteer", 0, 1, ""), ("clerk", 1, 0, "")]


def test_a_department_sees_its_people_with_what_they_were_sent(cast: Cast, client: Client) -> None:
    make_referral(cast, "IN_PROGRESS")
    make_referral(cast, "SIGNED")

    response = sign_in(client, cast.partner_leader).get(reverse("handover_people"))

    rows = {(row.staff.username, row.referrals, row.why) for row in response.context["rows"]}
    assert rows == {("handler", 1, ""), ("liaison", 1, "")}
    assert reverse("handover_people") in page(client, cast.liaison, "referrals")
    assert reverse("handover_people") not in page(client, cast.handler, "referrals")


def test_who_works_nowhere_any_more_is_listed_as_moved(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    handling.add_assistant(case, assistant=cast.volunteer, note="", by=cast.head, at=AT)
    Staff.objects.filter(pk=cast.volunteer.pk).update(organisation=None)

    response = sign_in(client, cast.head).get(reverse("handover_people"))

    assert next((row.staff.username, row.why) for row in response.context["rows"]) == ("volunteer", "已调离")


def test_the_list_is_paged_and_asks_the_same_for_many(cast: Cast, client: Client, monkeypatch) -> None:
    make_case(cast, "HANDLING")
    sign_in(client, cast.head)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    queries(reverse("handover_people"))  # the first page of a session writes the session
    one = queries(reverse("handover_people"))
    for person in (cast.clerk2, cast.head):
        Case.objects.filter(pk=make_case(cast, "HANDLING").pk).update(owner=person)
    assert queries(reverse("handover_people")) == one
    monkeypatch.setattr("cases.views.handover.PAGE", 2)
    first = client.get(reverse("handover_people")).context
    last = client.get(reverse("handover_people"), {"page": "2"}).context
    assert (len(first["rows"]), first["next_url"], first["previous_url"]) == (2, "?page=2", "")
    assert (len(last["rows"]), last["next_url"], last["previous_url"]) == (1, "", "?page=1")
    assert client.get(reverse("handover_people"), {"page": "x"}).status_code == 200


def test_the_page_counts_what_moves_and_moves_it(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    make_case(cast, "CLOSED")
    shown = page(client, cast.head, "handover", cast.clerk.pk)
    assert "<dt>在办案件</dt><dd>1件</dd>" in shown
    assert "<dt>待回访、待送达</dt><dd>1件</dd>" in shown
    assert case.number in shown

    told = {"to": cast.clerk2.pk, "reason": "退休"}
    response = client.post(reverse("handover", args=[cast.clerk.pk]), told, follow=True)

    assert response.redirect_chain[0][0] == reverse("handover_done", args=[Handover.objects.get().pk])
    assert "单秀英名下的工作已交给下汤镇妇女儿童维权站郭小满。" in response.content.decode()
    assert "退休" in response.content.decode()
    assert Case.objects.get(pk=case.pk).owner == cast.clerk2
    assert "名下没有要移交的工作" in page(client, cast.head, "handover", cast.clerk.pk)


@pytest.mark.parametrize(
    "told", [{"reason": "退休"}, {"to": "clerk2"}, {"to": "far_clerk", "reason": "退休"}]
)
def test_what_is_missing_is_said_and_the_rest_kept(cast: Cast, client: Client, told: dict[str, str]) -> None:
    make_case(cast, "HANDLING")
    if "to" in told:
        told = told | {"to": getattr(cast, told["to"]).pk}

    response = sign_in(client, cast.head).post(reverse("handover", args=[cast.clerk.pk]), told)

    assert response.status_code == 422
    assert told.get("reason", "") in response.content.decode()
    assert not Handover.objects.exists()


def test_who_comes_second_is_told_and_her_words_are_kept(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    told = {"to": cast.clerk2.pk, "reason": "退休回乡"}
    hand_over_all(cast.clerk, cast.clerk2, by=cast.head, at=AT, reason="先到")

    response = sign_in(client, cast.head).post(reverse("handover", args=[cast.clerk.pk]), told)

    assert response.status_code == 409
    assert "没有要移交的工作，可能刚刚已由他人移交" in response.content.decode()
    assert "退休回乡" in response.content.decode()


def test_what_is_left_at_another_unit_is_said(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    own = make_case(cast, "REGISTERED", unit=cast.county)
    Case.objects.filter(pk=own.pk).update(owner=cast.clerk)
    row = hand_over_all(cast.clerk, cast.clerk2, by=cast.officer, at=AT, reason="调离")

    assert "接着移交" in page(client, cast.officer, "handover_done", row.pk)


def test_a_person_who_left_work_behind_is_found_where_it_lies(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(organisation=cast.other_station)

    page(client, cast.head, "handover", cast.clerk.pk)

    address = reverse("handover_deputy", args=[cast.clerk.pk])
    assert client.post(address).status_code == 404  # her absences are the other head's business
    assert sign_in(client, cast.other_head).post(address).status_code == 302
    for nobody in (cast.far_clerk.pk, 0):
        assert sign_in(client, cast.head).get(reverse("handover", args=[nobody])).status_code == 404


def test_the_head_says_who_stands_in(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    told = {"deputy": cast.clerk2.pk, "absent_from": "2026-11-16", "absent_until": "2026-11-20"}
    address = reverse("handover_deputy", args=[cast.clerk.pk])

    wrong = sign_in(client, cast.head).post(address, told | {"absent_until": ""})
    assert wrong.status_code == 422
    assert "请把离岗止也填上" in wrong.content.decode()
    client.post(address, told)

    clerk = Staff.objects.get(pk=cast.clerk.pk)
    assert (clerk.deputy, clerk.absent_until.isoformat()) == (cast.clerk2, "2026-11-20")
    assert StaffEvent.objects.get(staff=clerk).by == cast.head


def test_a_closed_account_is_offered_no_deputy(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    deactivate(cast.clerk)

    assert "只是暂时离岗" not in page(client, cast.head, "handover", cast.clerk.pk)


# The desk.


def test_the_head_sees_whose_work_nobody_minds(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    make_case(cast, "HANDLING", unit=cast.village)
    deactivate(cast.clerk)
    away = {"absent_from": MONDAY.date(), "absent_until": MONDAY.date() + DAY}
    Staff.objects.filter(pk=cast.village_liaison.pk).update(**away)

    shown = page(client, cast.head, "desk")

    assert "单秀英已停用，下汤镇妇女儿童维权站还有1件在其名下。" in shown
    assert "石大娟离岗到11月17日，没有代办人，乱石盘村维权工作点还有1件在其名下。" in shown
    for stranger in (cast.clerk2, cast.officer, cast.other_head):
        assert "在其名下" not in page(client, stranger, "desk")


def test_the_county_sees_its_own_and_the_empty_posts(cast: Cast, client: Client) -> None:
    make_case(cast, "REGISTERED", unit=cast.county)
    deactivate(cast.officer)
    deactivate(cast.head)

    shown = page(client, cast.leader, "desk")

    assert "曾权益已停用" in shown
    assert "岗位空缺：鲁山县妇女联合会没有权益部干部；下汤镇妇女儿童维权站没有维权站站长。" in shown


def test_the_deputy_sees_what_she_stands_in_for(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(
        deputy=cast.clerk2, absent_from=MONDAY.date(), absent_until=MONDAY.date()
    )

    response = sign_in(client, cast.clerk2).get(reverse("desk"))

    titles = {section["title"]: section["rows"] for section in response.context["sections"]}
    assert [row["number"] for row in titles["代办：单秀英的"]] == [case.number]
    # She acts on it as on any case of her unit, in the owner's line.
    handling.record_handling(
        case, method="EXPLAIN", happened_at=AT, content="代为解释", by=cast.clerk2, at=AT
    )
    assert client.get(reverse("case_step", args=[case.number, "handle"])).status_code == 200


def test_notices_lead_to_where_the_work_is(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    make_referral(cast, "IN_PROGRESS")
    deactivate(cast.clerk)
    tell_of_absences(AT)
    hand_over_all(cast.clerk, cast.clerk2, by=cast.head, at=AT, reason="退休")
    hand_over_all(cast.handler, cast.liaison, by=cast.liaison, at=AT, reason="退休")

    def leads_to(person: Staff, kind: str) -> str:
        notice = Notice.objects.get(recipient=person, kind=kind)
        return sign_in(client, person).post(reverse("notice_open", args=[notice.pk]))["Location"]

    assert leads_to(cast.head, "STAND_IN") == reverse("handover_people")
    assert leads_to(cast.clerk2, "HANDED_OVER") == f"{reverse('worklist')}?show=mine"
    assert leads_to(cast.liaison, "HANDED_OVER") == reverse("desk")


# The nightly check.


def test_before_the_first_night_nothing_is_claimed(cast: Cast, client: Client) -> None:
    assert "还没有核查过" in page(client, cast.sys_admin, "promises")
    assert "还没有核查过" in page(client, cast.officer, "promises")


def test_administrators_read_counts_and_no_number_of_a_case(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    deactivate(cast.clerk)
    check_promises(AT)

    for person in (cast.sys_admin, cast.audit_admin):
        response = sign_in(client, person).get(reverse("promises"))
        counts = {row["promise"].code: row["count"] for row in response.context["rows"]}
        assert counts["OWNER_GONE"] == 1
        assert [run.broken for run in response.context["runs"]] == [1]
        assert case.number not in response.content.decode()
        assert "vacancies" not in response.context


def test_a_county_reads_its_own_cases_and_nobody_elses(cast: Cast, client: Client, monkeypatch) -> None:
    cases = [make_case(cast, "HANDLING"), make_case(cast, "HANDLING")]
    deactivate(cast.clerk)
    check_promises(AT)

    shown = page(client, cast.officer, "promises")
    assert all(reverse("case", args=[case.number]) in shown for case in cases)
    assert "单秀英" in shown
    assert "昨夜核查：有2件案件不合要求。" in page(client, cast.officer, "desk")
    monkeypatch.setattr(promises_view, "CASES_SHOWN", 1)
    assert "还有1件" in page(client, cast.officer, "promises")

    foreign = page(client, cast.other_officer, "promises")
    assert not any(case.number in foreign for case in cases)
    assert "单秀英" not in foreign
    assert "昨夜核查" not in page(client, cast.other_officer, "desk")


def test_after_a_good_night_the_desk_says_nothing(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    check_promises(AT)

    assert "昨夜核查" not in page(client, cast.officer, "desk")


# Who had it how long.


def went_up_and_down(cast: Cast) -> Case:
    """Monday at the station, Wednesday taken over by the county, Monday sent down to another clerk."""
    case = make_case(cast, "HANDLING")
    escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.CROSS_DEPT, tried="试过", by=cast.head, at=AT
    )
    escalation.take_over(case, owner=cast.officer, guidance="县里办", by=cast.leader, at=AT + 2 * DAY)
    escalation.send_down(case, owner=cast.clerk2, guidance="照此办", by=cast.leader, at=AT + 7 * DAY)
    return case


def test_days_are_counted_for_each_person(cast: Cast) -> None:
    case = went_up_and_down(cast)

    rows = [(row.staff, row.part, row.days, row.working_days) for row in held(case, AT + 9 * DAY)]

    assert rows == [
        ("单秀英", Part.OWNER, 2, 2),
        ("曾权益", Part.OWNER, 5, 3),
        ("单秀英", Part.ASSISTANT, 5, 3),
        ("郭小满", Part.OWNER, 2, 2),
    ]


def test_the_case_page_shows_them(cast: Cast, client: Client) -> None:
    case = went_up_and_down(cast)

    shown = page(client, cast.head, "case", case.number)

    assert "谁手里多久<span" in shown
    assert "5天（3个工作日）" in shown


def test_a_unit_keeps_its_cases_so_many_days(cast: Cast) -> None:
    case = went_up_and_down(cast)  # the station: 2 working days, then 2 more by the ninth
    make_case(cast, "CLOSED", at=MONDAY)  # within one day
    make_case(cast, "HANDLING", unit=cast.other_station)

    days = holding_days(cast.station, MONDAY, AT + 9 * DAY)
    county = holding_days(cast.county, MONDAY, AT + 9 * DAY)
    week = holding_days(cast.county, MONDAY + 4 * DAY, MONDAY + 5 * DAY)  # Friday to Saturday
    none = holding_days(cast.far_station, MONDAY, AT + 9 * DAY)

    assert (days.cases, days.working_days, days.longest, days.average) == (2, 4, 4, 2.0)
    assert (county.cases, county.working_days) == (1, 3)
    assert (week.cases, week.working_days) == (1, 0)
    assert (none.cases, none.longest, none.average) == (0, 0, 0.0)
    assert Holding.objects.filter(case=case).count() == 4
