"""Ways that fail beside ways that work, and a day of outage."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import dispatch
from cases.actions.guarding.bars import bar_person, bar_unit
from cases.actions.guarding.secrecy import seal_case
from cases.actions.outlets import send_again, switch_outlet
from cases.choices import BarKind, DeliveryStatus, NoticeKind, OutletKind
from cases.dispatch import LEASE, TRIES, send_unsent
from cases.models import Delivery, Notice
from cases.notifications import announce
from cases.outlets import senders
from tests.cases.endpoints import shut_port
from tests.cases.test_deliveries import (  # noqa: F401 – fixtures
    DAY,
    HOUR,
    a_case,
    a_postbox,
    an_endpoint,
    another_endpoint,
    outlet_of,
    wanting,
)
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

# -- ways that fail beside ways that work ---------------------------------------------------------


def status_of(outlet):
    return list(Delivery.objects.filter(outlet=outlet).order_by("pk").values_list("status", "tries", "error"))


def test_an_endpoint_that_hangs_holds_nobody_up(cast, case, endpoint, other_endpoint, postbox, monkeypatch):
    monkeypatch.setattr(senders, "TIMEOUT", 1.0)
    hanging = outlet_of(cast, "station", address=endpoint.url)
    working = outlet_of(cast, "station", address=other_endpoint.url, name="二")
    endpoint.mood = "hang"
    wanting(cast.clerk, wants_mail=True)
    kinds = (NoticeKind.ASSIGNED, NoticeKind.CASE_NEWS, NoticeKind.REDATED)
    for kind in kinds:
        announce(kind, case, [cast.clerk], at=MONDAY)

    begun = time.monotonic()
    assert send_unsent(MONDAY) == 6
    assert time.monotonic() - begun < 5

    assert len(endpoint.requests) == 1  # asked once, then left alone for this run
    assert len(other_endpoint.taken) == len(postbox.received) == 3
    assert status_of(hanging) == [("WAITING", 1, "TimeoutError")] * 3
    assert status_of(working) == [("SENT", 1, "")] * 3

    endpoint.mood = 200
    endpoint.released.set()
    assert send_unsent(MONDAY + MINUTE) == 3
    assert len({body["id"] for body in endpoint.taken}) == 3


def test_one_message_refused_holds_no_other_up(cast, case, endpoint):
    outlet = outlet_of(cast, "station", address=endpoint.url)
    endpoint.mood = 422
    for kind in (NoticeKind.ASSIGNED, NoticeKind.CASE_NEWS):
        announce(kind, case, [cast.clerk], at=MONDAY)

    send_unsent(MONDAY)

    assert len(endpoint.requests) == 2
    assert status_of(outlet) == [("WAITING", 1, "HTTP 422")] * 2


def test_an_outlet_switched_off_gives_up_what_waits_for_it(cast, case, endpoint):
    outlet = outlet_of(cast, "station", address=endpoint.url)
    announce(NoticeKind.ASSIGNED, case, [cast.clerk], at=MONDAY)
    switch_outlet(outlet, active=False, by=cast.sys_admin, at=MONDAY)

    assert send_unsent(MONDAY) == 0
    assert status_of(outlet) == [("GIVEN_UP", 0, "Off")]
    assert endpoint.requests == []


@pytest.mark.parametrize(
    "change",
    [{"email": ""}, {"wants_mail": False}, {"is_active": False}],
    ids=["no address", "not wanted", "left"],
)
def test_nothing_is_mailed_to_whoever_no_longer_gets_mail(cast, case, postbox, change):
    announce(NoticeKind.ASSIGNED, case, [wanting(cast.clerk, wants_mail=True)], at=MONDAY)
    wanting(cast.clerk, **change)

    assert send_unsent(MONDAY) == 0
    assert Delivery.objects.get().error == "NoAddress"
    assert postbox.received == []


def kept_away(cast, case):
    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason="邻居", by=cast.head, at=MONDAY)


def unit_kept_away(cast, case):
    bar_unit(case, cast.station, kind=BarKind.ACCUSED, reason="被反映", by=cast.officer, at=MONDAY)


def sealed(cast, case):
    case.involves_minor = True
    seal_case(case, by=cast.clerk, at=MONDAY)


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("since", [kept_away, unit_kept_away, sealed])
def test_what_waits_for_whoever_must_not_know_any_more_is_given_up(cast, case, postbox, since, digest):
    announce(
        NoticeKind.ASSIGNED, case, [wanting(cast.clerk2, wants_mail=True, wants_digest=digest)], at=MONDAY
    )
    since(cast, case)
    Notice.objects.exclude(recipient=cast.clerk2).delete()

    assert send_unsent(MONDAY + DAY) == 0
    row = Delivery.objects.get()
    assert (row.status, row.error, row.next_at) == (DeliveryStatus.GIVEN_UP, "Closed", None)
    assert postbox.received == []


def test_who_reads_a_sealed_case_is_still_written_to(cast, postbox):
    referral = make_referral(cast, case=make_case(cast, "ACCEPTED", involves_minor=True))
    case = referral.case
    for person in (cast.clerk, cast.clerk2, cast.liaison):
        wanting(person, wants_mail=True)
    seal_case(case, by=cast.clerk, at=MONDAY)
    Notice.objects.all().delete()
    cast.clerk.deputy = cast.clerk2
    cast.clerk.absent_from = cast.clerk.absent_until = MONDAY.date()
    cast.clerk.save()
    announce(NoticeKind.ASSIGNED, case, [cast.clerk], at=MONDAY)
    announce(NoticeKind.REFERRAL_NEW, case, [cast.liaison], at=MONDAY, about=referral)

    assert send_unsent(MONDAY) == 2
    assert set(Delivery.objects.values_list("notice__recipient__username", "status")) == {
        ("clerk2", "SENT"),
        ("liaison", "SENT"),
    }


def test_asking_who_may_still_know_costs_the_same_for_any_number(cast, postbox):
    wanting(cast.clerk, wants_mail=True)
    counts = []
    for many in (1, 4):
        for _ in range(many):
            case = make_case(cast, involves_minor=True)
            seal_case(case, by=cast.clerk, at=MONDAY)
            announce(NoticeKind.ASSIGNED, case, [cast.clerk], at=MONDAY)
        rows = list(Delivery.objects.filter(status="WAITING").select_related(*dispatch.PARTS))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert dispatch.Run._possible(rows) == rows
        counts.append(len(asked))
    assert counts == [5, 5]  # the notices; owners, holders, readers and keepers of the sealed


@pytest.mark.parametrize("change", [{"mobile": ""}, {"is_active": False}])
def test_nothing_is_texted_to_whoever_left_no_number(cast, case, endpoint, change):
    outlet_of(cast, "county", OutletKind.SMS, endpoint.url)
    announce(NoticeKind.ASSIGNED, case, [wanting(cast.clerk, mobile="13900000009")], at=MONDAY)
    wanting(cast.clerk, **change)

    assert send_unsent(MONDAY) == 0
    assert (Delivery.objects.get().status, endpoint.requests) == ("GIVEN_UP", [])


def test_a_text_message_holds_kind_number_and_link(cast, case, endpoint, settings):
    settings.SITE_URL = "https://weiquan.example"
    outlet_of(cast, "county", OutletKind.SMS, endpoint.url)
    announce(NoticeKind.ASSIGNED, case, [wanting(cast.clerk, mobile="13900000009")], at=MONDAY)

    send_unsent(MONDAY)

    (body,) = endpoint.taken
    assert body == {
        "id": f"delivery-{Delivery.objects.get().pk}",
        "to": "13900000009",
        "text": f"维权系统提醒：交给您承办，编号{case.number}。请登录查看：https://weiquan.example/inbox/",
    }


def test_a_group_of_a_department_reads_its_own_number(cast, endpoint):
    outlet_of(cast, "police", address=endpoint.url)
    referral = make_referral(cast, "SENT")

    send_unsent(MONDAY + DAY)

    (body,) = endpoint.taken
    assert referral.number in body["message"]
    assert referral.case.number not in body["message"] + body["title"]


def test_a_units_mailbox_gets_one_mail_a_matter(cast, case, postbox):
    outlet_of(cast, "station", OutletKind.MAIL, "unit@example.org")
    announce(NoticeKind.ASSIGNED, case, [cast.clerk, cast.head], at=MONDAY)

    assert send_unsent(MONDAY) == 1
    assert [mail["To"] for mail in postbox.received] == ["unit@example.org"]


def test_a_mail_that_lasts_longer_than_its_lease_leaves_the_rest_to_others(cast, case, postbox, monkeypatch):
    monkeypatch.setattr(dispatch, "STOP_AFTER", -1.0)
    announce(NoticeKind.ASSIGNED, case, [wanting(cast.clerk, wants_mail=True)], at=MONDAY)
    rows = dispatch._claim(MONDAY)
    assert Delivery.objects.get().next_at == MONDAY + LEASE

    dispatch.Run(MONDAY).send_all(rows)

    assert postbox.received == []
    assert (Delivery.objects.get().next_at, Delivery.objects.get().tries) == (MONDAY, 0)


def test_a_message_keeps_its_id_however_often_it_is_tried(cast, case, endpoint):
    outlet_of(cast, "station", address=endpoint.url)
    announce(NoticeKind.ASSIGNED, case, [cast.clerk], at=MONDAY)
    moment = MONDAY
    for mood in (500, "reset", 200):
        endpoint.mood = mood
        send_unsent(moment)
        moment += 4 * MINUTE

    ids = {body["id"] for _, body, *_ in endpoint.requests}
    assert len(endpoint.requests) == 3
    assert ids == {f"delivery-{Delivery.objects.get().pk}"}


# -- a day of outage ------------------------------------------------------------------------------


def live_until(end, start=MONDAY, every=10 * MINUTE):
    """The minute tasks of that time, as far as anything is due."""
    moment = start
    while moment <= end:
        send_unsent(moment)
        moment += every


def test_a_mail_server_down_for_a_day_loses_and_doubles_nothing(cast, case, settings, postbox):
    people = [wanting(p, wants_mail=True) for p in (cast.clerk, cast.clerk2, cast.head, cast.officer)]
    people.append(wanting(cast.leader, wants_mail=True, wants_digest=True))
    port = settings.EMAIL_PORT
    with shut_port() as settings.EMAIL_PORT:
        for hour in range(24):
            announce(NoticeKind.CASE_NEWS, case, people, at=MONDAY + hour * HOUR)
            live_until(MONDAY + (hour + 1) * HOUR - MINUTE, MONDAY + hour * HOUR)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"WAITING"}
    assert postbox.received == []

    settings.EMAIL_PORT = port
    live_until(MONDAY + 2 * DAY + 2 * HOUR, MONDAY + DAY)

    assert set(Delivery.objects.values_list("status", flat=True)) == {"SENT"}
    ids = [mail["Message-ID"] for mail in postbox.received]
    digests = [one for one in ids if "digest" in one]
    assert len(ids) == len(set(ids)) == 24 * 4 + len(digests)
    listed = sum(
        mail.get_content().count(case.number) for mail in postbox.received if "汇总" in mail["Subject"]
    )
    assert (len(digests) <= 2, listed) == (True, 24)


def test_what_never_recovers_is_dead_and_can_be_sent_again(cast, case, endpoint):
    outlet = outlet_of(cast, "station", address=endpoint.url)
    endpoint.mood = 503
    for kind in (NoticeKind.ASSIGNED, NoticeKind.CASE_NEWS):
        announce(kind, case, [cast.clerk], at=MONDAY)
    live_until(MONDAY + 30 * HOUR)
    assert {status for status, *_ in status_of(outlet)} == {DeliveryStatus.WAITING}
    live_until(MONDAY + 40 * HOUR, MONDAY + 30 * HOUR)
    assert status_of(outlet) == [("DEAD", TRIES, "HTTP 503")] * 2
    asked = len(endpoint.requests)
    live_until(MONDAY + 45 * HOUR, MONDAY + 40 * HOUR, every=HOUR)
    assert len(endpoint.requests) == asked

    endpoint.mood = 200
    assert send_again(None, at=MONDAY + 3 * DAY) == 2
    assert send_unsent(MONDAY + 3 * DAY) == 2
    assert len({body["id"] for body in endpoint.taken}) == 2
