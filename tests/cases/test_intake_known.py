"""Whether she is known, the slip she takes home, the form on paper, and a further contact."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cases.choices import Channel
from cases.models import Access, Party, Person
from tests.cases.test_intake_page import (
    local,
    register,
    the_desk,  # noqa: F401 – fixtures
    walk_in,
)
from tests.cast import Cast, login
from tests.factories import ID_NUMBER, make_case

# Known already ------------------------------------------------------------------------------------------------


def ask(client: Client, **told: str) -> str:
    response = client.post(
        "/cases/new/known/",
        {name.replace("__", "-", 1).replace("_row", "-"): value for name, value in told.items()},
    )
    assert response.status_code == 200
    return response.content.decode()


def test_known_in_sight_says_which_case(desk: Client, cast: Cast) -> None:
    case = make_case(cast, at=timezone.now())
    for told in ({"petitioner__id_number": ID_NUMBER}, {"phone_row0__number": "139 0000 0001"}):
        line = ask(desk, **told)
        assert case.number in line
        assert f"/cases/{case.number}/contact/" in line
        assert "另有单位" not in line
    looks = Access.objects.filter(case=case, kind="SEARCH")
    assert [look.staff for look in looks] == [cast.clerk]  # two looks in a minute are one


def test_known_elsewhere_says_only_whom_to_ask(client: Client, cast: Cast) -> None:
    case = make_case(cast, at=timezone.now())
    for staff, above in (
        (cast.other_clerk, cast.county),
        (cast.other_officer, cast.city),
        (cast.village_liaison, cast.county),
    ):
        line = ask(login(client, staff), petitioner__id_number=ID_NUMBER)
        assert f"另有单位接待过此人，可联系 {above.name}权益部（{above.phone}） 核实" in line
        for secret in (case.number, cast.station.name, str(case.received_at.year)):
            assert secret not in line.replace("1990年3月5日", "")
    asked = Access.objects.filter(case=case).order_by("pk").values_list("staff", "kind", "in_line")
    askers = (cast.other_clerk, cast.other_officer, cast.village_liaison)
    assert list(asked) == [(staff.pk, "SEARCH", False) for staff in askers]


def test_an_unknown_person_is_not_talked_about(desk: Client, cast: Cast) -> None:
    make_case(cast, at=timezone.now())
    line = ask(desk, petitioner__id_number="11010519491231002X", phone_row0__number="13900000009")
    assert "来过" not in line
    assert "另有单位" not in line


def test_who_is_complained_of_is_not_found(desk: Client, cast: Cast) -> None:
    make_case(cast, at=timezone.now())
    assert "来过" not in ask(desk, petitioner__id_number="410423198807120003")


def test_a_wrong_number_is_said_while_typing(desk: Client) -> None:
    line = ask(desk, petitioner__id_number="410423199003050009")
    assert "校验不符" in line
    assert 'name="petitioner-id_keep"' in line
    assert "1990年3月5日出生，女" in ask(desk, petitioner__id_number=ID_NUMBER)


def test_the_same_person_stays_one_person(desk: Client, cast: Cast) -> None:
    first = register(desk, petitioner__id_number=ID_NUMBER)
    second = register(
        desk,
        petitioner__id_number=ID_NUMBER,
        petitioner__address_now="新住处",
        phone_row0__number="13900000008",
    )
    assert Person.objects.count() == 1
    person = Person.objects.get()
    assert {party.case_id for party in Party.objects.filter(person=person)} == {first.pk, second.pk}
    assert person.address_now == "新住处"
    assert {phone.number for phone in person.phones.all()} == {"13900000001", "13900000008"}


def test_a_person_out_of_sight_is_another_row(desk: Client, client: Client, cast: Cast) -> None:
    register(desk, petitioner__id_number=ID_NUMBER)
    register(login(Client(), cast.other_clerk), petitioner__id_number=ID_NUMBER)
    assert Person.objects.count() == 2


# Papers -------------------------------------------------------------------------------------------------------


def test_the_slip_tells_the_way_back_and_nothing_else(desk: Client, cast: Cast) -> None:
    case = register(desk, category="MAR_DV", risk="ORANGE", facts="他打了我")
    page = desk.get(f"/cases/{case.number}/slip/").content.decode()
    for needed in (case.number, case.query_code, cast.station.name, cast.station.phone, "110"):
        assert needed in page
    for secret in ("家暴", "家庭暴力", "他打了我", "祝冬雪", "橙", "婚姻"):
        assert secret not in page
    assert Access.objects.filter(case=case, kind="PRINT", staff=cast.clerk).exists()


def test_the_query_code_is_handed_out_by_those_who_deal_with_her(desk: Client, cast: Cast) -> None:
    case = register(desk)
    for staff, status in (
        (cast.head, 200),
        (cast.clerk2, 200),
        (cast.officer, 403),  # in sight, but it has not come up
        (cast.archivist, 403),
        (cast.other_clerk, 404),
        (cast.liaison, 404),
    ):
        other = login(Client(), staff)
        assert other.get(f"/cases/{case.number}/slip/").status_code == status, staff
        assert other.get(f"/cases/{case.number}/registered/").status_code == status, staff


def test_the_form_on_paper_asks_in_the_order_of_the_screen(desk: Client) -> None:
    page = desk.get("/cases/new/blank/").content.decode()
    order = [
        "收到时间",
        "怎么来的",
        "有没有危险",
        "反映的事情",
        "类别",
        "信访人姓名",
        "电话",
        "被反映人",
        "个人信息告知",
        "当场答复",
    ]
    places = [page.index(f"<th>{words}") for words in order]
    assert places == sorted(places)


# A further contact --------------------------------------------------------------------------------------------


def visit_again(**overrides: Any) -> dict[str, Any]:
    told = {
        "submission": str(uuid4()),
        "channel": "PHONE_OTHER",
        "received_at": local(timezone.now()),
        "occurrence": "REPEAT",
        "persons": "1",
        "facts": "又来电催问。",
        "privacy_notice": "ORAL",
    }
    return {name: value for name, value in (told | overrides).items() if value is not None}


def test_a_further_visit_is_one_more_contact_of_the_same_case(desk: Client, cast: Cast) -> None:
    case = make_case(cast, at=timezone.now() - timedelta(days=1))
    page = desk.get(f"/cases/{case.number}/contact/")
    assert page.status_code == 200
    sent = visit_again(persons="2")
    for _ in range(2):  # a double click
        assert desk.post(f"/cases/{case.number}/contact/", sent).url == f"/cases/{case.number}/"
    case.refresh_from_db()
    assert case.contacts_count == case.contacts.count() == 2
    latest = case.contacts.order_by("-entered_at").first()
    assert (latest.channel, latest.persons, latest.statements.get().facts) == (
        Channel.PHONE_OTHER,
        2,
        "又来电催问。",
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"facts": ""}, "请填写反映的事情"),
        ({"received_at": "2999-01-01T00:00"}, "不能晚于现在"),
        ({"channel": "TRANSFER_DEPT"}, "哪个单位转来的"),
        ({"occurrence": "FIRST"}, "不在清单中"),
        ({"privacy_notice": None}, "请选择个人信息告知"),
    ],
)
def test_a_further_contact_refuses_likewise(
    desk: Client, cast: Cast, told: dict[str, Any], words: str
) -> None:
    case = make_case(cast, at=timezone.now())
    response = desk.post(f"/cases/{case.number}/contact/", visit_again(demand="快一点", **told))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert "快一点" in response.content.decode()
    assert case.contacts.count() == 1


def test_nothing_more_is_recorded_on_a_case_turned_away(desk: Client, cast: Cast) -> None:
    case = make_case(cast, "NOT_ACCEPTED", at=timezone.now())
    response = desk.post(f"/cases/{case.number}/contact/", visit_again())
    assert response.status_code == 409
    assert "又来电催问。" in response.content.decode()


def test_a_further_contact_from_another_station_is_nowhere(client: Client, cast: Cast) -> None:
    case = make_case(cast, at=timezone.now())
    assert (
        login(client, cast.other_clerk).post(f"/cases/{case.number}/contact/", visit_again()).status_code
        == 404
    )


def test_what_has_to_be_put_right_is_listed_in_the_order_of_the_page(desk: Client) -> None:
    told = walk_in(
        risk=None, facts=None, petitioner__name=None, privacy_notice=None, keep__ground=None, involves_dv="on"
    )
    told = {name: value for name, value in told.items() if not name.startswith("danger-")}

    listed = (
        desk.post("/cases/new/", told)
        .content.decode()
        .partition('class="wq-errors"')[2]
        .partition("</ul>")[0]
    )

    marks = [
        "id_risk",
        "id_danger-D1",
        "id_facts",
        "id_petitioner-name",
        "id_privacy_notice",
        "id_keep-ground",
    ]
    places = [listed.index(f'href="#{mark}"') for mark in marks]
    assert places == sorted(places)
