"""Who is reached how, the mail of the day, and ways that fail beside ways that work."""

import time
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import dispatch
from cases.actions.guarding.bars import bar_person, bar_unit
from cases.actions.guarding.secrecy import seal_case
from cases.actions.outlets import add_outlet, send_again, switch_outlet
from cases.choices import BarKind, ClockUnit, DeliveryStatus, NoticeKind, OutletKind
from cases.dispatch import LEASE, TRIES, send_unsent
from cases.models import Clock, Delivery, Notice
from cases.notifications import announce, notices_for, write_many
from cases.outlets import forget_outlets, next_digest, senders
from stations.choices import DayKind
from stations.models import CalendarVersion, Holiday
from stations.workdays import load_calendar
from tests.cases.endpoints import Endpoint, free_port, smtp_server
from tests.cases.test_races import at_once
from tests.cast import CHINA, MONDAY
from tests.factories import MINUTE, make_case, make_referral

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECRET = "a-secret-of-both-sides"
FRIDAY = MONDAY + 4 * DAY


@pytest.fixture
def case(cast):
    """A case of which nobody has been told yet."""
    case = make_case(cast)
    Notice.objects.all().delete()
    return case


@pytest.fixture
def endpoint(settings):
    settings.OUTLETS_ALLOW_PRIVATE = True
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def other_endpoint(endpoint):
    other = Endpoint()
    yield other
    other.close()


@pytest.fixture
def postbox(settings):
    port = free_port()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.SITE_URL = "https://weiquan.example"
    server = smtp_server(port)
    server.start()
    yield server.handler
    server.stop()


def outlet_of(cast, unit, kind=OutletKind.WEBHOOK, address="https://93.184.215.14/", name="一"):
    secret = SECRET if kind == OutletKind.SMS else ""
    return add_outlet(getattr(cast, unit), kind, name, address, secret, by=cast.sys_admin, at=MONDAY)


def wanting(person, **wishes):
    for name, value in wishes.items():
        setattr(person, name, value)
    person.save()
    return person


def ways():
    return sorted(
        Delivery.objects.values_list("kind", "outlet__organisation__name", "notice__recipient__username")
    )


# -- who is reached how ---------------------------------------------------------------------------


def test_a_group_hears_of_a_matter_once_however_many_are_told(cast, case):
    outlet_of(cast, "station")
    outlet_of(cast, "station", OutletKind.WECOM, name="二")
    outlet_of(cast, "other_station")

    announce(NoticeKind.ASSIGNED, case, [cast.clerk, cast.clerk2, cast.head], at=MONDAY)
    announce(NoticeKind.CASE_NEWS, case, [cast.head], at=MONDAY)

    station = cast.station.name
    assert ways() == [
        *[("WEBHOOK", station, "clerk"), ("WEBHOOK", station, "head")],
        *[("WECOM", station, "clerk"), ("WECOM", station, "head")],
    ]


def test_a_sweep_tells_a_group_each_matter_of_its_own(cast, case):
    outlet_of(cast, "station")
    other = make_case(cast)
    Notice.objects.all().delete()
    rows = [
        notice
        for one in (case, other, case)
        for notice in notices_for(NoticeKind.CASE_NEWS, one, [cast.clerk, cast.head], at=MONDAY)
    ]

    write_many(rows)

    assert sorted(Delivery.objects.values_list("notice__case", flat=True)) == sorted([case.pk, other.pk])


def test_a_deputy_gets_it_by_her_own_ways(cast, case, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    deputy, today = wanting(cast.head, wants_mail=True), MONDAY.date()
    wanting(cast.clerk, wants_mail=True, deputy=deputy, absent_from=today, absent_until=today)

    announce(NoticeKind.ASSIGNED, case, [cast.clerk], at=MONDAY)

    assert ways() == [("MAIL", None, "head")]


def test_text_messages_go_by_ones_own_gateway_or_the_nearest_above(cast, case):
    for person in (cast.clerk, cast.other_clerk, cast.far_clerk, cast.liaison, cast.city_officer):
        wanting(person, mobile="13900000009")
    outlet_of(cast, "city", OutletKind.SMS)
    outlet_of(cast, "county", OutletKind.SMS)
    outlet_of(cast, "station", OutletKind.SMS)
    people = [cast.clerk, cast.clerk2, cast.other_clerk, cast.far_clerk, cast.liaison, cast.city_officer]

    announce(NoticeKind.ASSIGNED, case, people, at=MONDAY)

    assert {(way[2], way[1]) for way in ways()} == {
        ("clerk", cast.station.name),
        ("other_clerk", cast.county.name),
        ("liaison", cast.county.name),
        ("far_clerk", cast.city.name),
        ("city_officer", cast.city.name),
    }


def test_a_gateway_of_a_station_serves_nobody_else(cast, case):
    outlet_of(cast, "other_station", OutletKind.SMS)

    announce(NoticeKind.ASSIGNED, case, [wanting(cast.clerk, mobile="13900000009")], at=MONDAY)

    assert ways() == []


@pytest.mark.parametrize(("configured", "told"), [("smtp://127.0.0.1:1", [("MAIL", "clerk")]), ("", [])])
def test_a_mailbox_of_the_unit_needs_a_mail_server(cast, case, settings, configured, told):
    settings.EMAIL_URL = configured
    outlet_of(cast, "station", OutletKind.MAIL, "unit@example.org")

    announce(NoticeKind.ASSIGNED, case, [cast.clerk, cast.head], at=MONDAY)

    assert [(kind, who) for kind, _, who in ways()] == told


def test_what_was_told_already_is_not_sent_again(cast, case):
    outlet_of(cast, "station")
    clock = case.clocks.earliest("pk")

    for _ in range(2):
        announce(NoticeKind.DUE_SOON, case, [cast.clerk, cast.head], at=MONDAY, clock=clock, stage="T-1")

    assert Notice.objects.count() == 2
    assert Delivery.objects.count() == 1


def test_notices_ask_the_database_nothing_for_their_ways(cast, case, settings):
    """Where nobody wants anything one statement writes them; where all do, three, however many there are."""

    def statements(count):
        rows = notices_for(NoticeKind.CASE_NEWS, case, [cast.clerk, cast.head], at=MONDAY) * count
        with CaptureQueriesContext(connection) as captured:
            write_many(rows)
        return len(captured)

    forget_outlets()
    statements(1)  # the outlets are read
    quiet = {statements(1), statements(20)}
    assert not Delivery.objects.exists()

    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    for person in (cast.clerk, cast.head):
        wanting(person, wants_mail=True, mobile="13900000009")
    outlet_of(cast, "county", OutletKind.SMS)
    outlet_of(cast, "station")
    statements(1)

    assert (quiet, {statements(1), statements(20)}) == ({1}, {3})


def test_outlets_are_read_anew_after_a_while(cast, case, monkeypatch):
    outlet = outlet_of(cast, "station")
    announce(NoticeKind.ASSIGNED, case, [cast.clerk], at=MONDAY)
    type(outlet).objects.update(active=False)  # by another process, which this one does not hear of

    announce(NoticeKind.CASE_NEWS, case, [cast.clerk], at=MONDAY)
    kept = Delivery.objects.count()
    monkeypatch.setattr("cases.outlets.ways.KEEP_SECONDS", 0.0)
    announce(NoticeKind.REDATED, case, [cast.clerk], at=MONDAY)

    assert (kept, Delivery.objects.count()) == (2, 2)


# -- the mail of the day --------------------------------------------------------------------------


def at(day, hour, minute=0):
    return datetime(2026, *day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "digest"),
    [
        (at((11, 16), 8, 29), at((11, 16), 8, 30)),
        (at((11, 16), 8, 30), at((11, 17), 8, 30)),
        (at((11, 20), 9), at((11, 23), 8, 30)),  # Friday
        (at((11, 21), 7), at((11, 23), 8, 30)),  # Saturday
        (at((9, 30), 17), at((10, 8), 8, 30)),  # National Day
        (at((2, 13), 18), at((2, 14), 8, 30)),  # a Saturday made up before Spring Festival
    ],
)
def test_the_mail_of_the_day_comes_at_half_past_eight_of_a_working_day(cast, moment, digest):
    assert next_digest(moment, load_calendar()) == digest


def digesting(cast):
    return wanting(cast.clerk, wants_mail=True, wants_digest=True)


def test_notices_of_a_day_come_in_one_mail(cast, case, postbox):
    clock = case.clocks.earliest("pk")
    announce(NoticeKind.ASSIGNED, case, [digesting(cast)], at=MONDAY)
    announce(NoticeKind.DUE_SOON, case, [cast.clerk], at=MONDAY + HOUR, clock=clock, stage="T-1")
    next_morning = at((11, 17), 8, 30)

    assert send_unsent(MONDAY + 2 * HOUR) == send_unsent(next_morning - MINUTE) == 0
    assert send_unsent(next_morning) == 1
    assert send_unsent(next_morning + DAY) == 0

    (mail,) = postbox.received
    text = mail.get_content().replace("\r\n", "\n")
    assert mail["Subject"].strip() == "维权系统今日汇总：2条提醒"
    assert mail["Message-ID"] == f"<digest-{Delivery.objects.earliest('pk').pk}@weiquan.example>"
    assert f"1. 交给您承办  {case.number}\n" in text
    assert f"2. 期限将到  {case.number}  期限{clock.last_day}\n" in text
    assert "https://weiquan.example/inbox/" in text
    assert cast.clerk.name not in text
    assert set(Delivery.objects.values_list("status", "sent_at", "tries")) == {("SENT", next_morning, 1)}


def test_a_period_by_the_hour_names_the_hour(case):
    clock = case.clocks.earliest("pk")
    terms = [
        Notice(clock=clock, due_at=moment).term
        for moment in (at((11, 17), 0), at((11, 16), 15, 30), at((11, 17), 0, 1), None)
    ]

    assert terms == ["2026-11-16", "2026-11-16 15:30", "2026-11-17 00:01", ""]


@pytest.mark.parametrize("kind", [NoticeKind.RISK_RAISED, NoticeKind.OVERDUE, NoticeKind.DUE_SOON])
def test_what_is_urgent_does_not_wait(cast, case, postbox, kind):
    clock = None
    if kind == NoticeKind.DUE_SOON:
        clock = Clock.objects.select_related("rule").earliest("pk")
        clock.rule.unit = ClockUnit.HOUR
    announce(kind, case, [digesting(cast)], at=MONDAY, clock=clock)
    announce(NoticeKind.ASSIGNED, case, [cast.clerk], at=MONDAY)

    assert send_unsent(MONDAY) == 1
    assert len(postbox.received) == 1
    assert "汇总" not in postbox.received[0]["Subject"]


def test_each_gets_a_mail_of_her_own(cast, case, postbox):
    wanting(cast.head, wants_mail=True, wants_digest=True)
    announce(NoticeKind.ASSIGNED, case, [digesting(cast), cast.head], at=MONDAY)

    assert send_unsent(MONDAY + DAY) == 2
    assert {mail["To"] for mail in postbox.received} == {"clerk@example.org", "head@example.org"}


def test_no_mail_of_the_day_on_a_day_off(cast, case, postbox):
    announce(NoticeKind.ASSIGNED, case, [digesting(cast)], at=FRIDAY - HOUR - DAY)
    postbox.broken = "451 later"
    friday = at((11, 20), 8, 30)
    assert send_unsent(friday) == 0
    postbox.broken = ""

    assert send_unsent(friday + DAY) == send_unsent(friday + 2 * DAY) == 0
    assert Delivery.objects.get().next_at == at((11, 23), 8, 30)
    assert send_unsent(friday + 3 * DAY) == 1


def test_a_day_off_announced_later_is_kept(cast, case, postbox):
    announce(NoticeKind.ASSIGNED, case, [digesting(cast)], at=MONDAY)
    Holiday.objects.create(date=(MONDAY + DAY).date(), kind=DayKind.REST, name="x", source="x")
    CalendarVersion.objects.create(changed_at=MONDAY, changed_by=cast.sys_admin, note="x")

    assert send_unsent(MONDAY + DAY) == 0
    assert send_unsent(MONDAY + 2 * DAY) == 1


def test_a_mail_of_the_day_that_fails_comes_whole(cast, case, postbox):
    for kind in (NoticeKind.ASSIGNED, NoticeKind.CASE_NEWS):
        announce(kind, case, [digesting(cast)], at=MONDAY)
    morning = at((11, 17), 8, 30)
    postbox.refused.add("clerk@example.org")
    assert send_unsent(morning) == 0
    assert set(Delivery.objects.values_list("tries", "next_at", "error")) == {
        (1, morning + MINUTE, "SMTP 451")
    }
    postbox.refused.clear()

    assert send_unsent(morning + MINUTE) == 1
    assert len(postbox.received) == 1


def test_a_mail_of_the_day_waits_with_the_rest_when_the_server_is_down(cast, case, settings):
    settings.EMAIL_URL, settings.EMAIL_PORT = "smtp://127.0.0.1:1", 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    announce(NoticeKind.ASSIGNED, case, [digesting(cast)], at=MONDAY)
    announce(NoticeKind.ASSIGNED, case, [wanting(cast.head, wants_mail=True)], at=MONDAY + DAY)

    assert send_unsent(MONDAY + DAY) == 0

    assert set(Delivery.objects.values_list("tries", "error")) == {(1, "ConnectionRefusedError")}


@pytest.mark.django_db(transaction=True)
def test_senders_at_once_do_not_share_out_a_mail_of_the_day(live_cast, postbox):
    cases = [make_case(live_cast) for _ in range(6)]
    people = [wanting(p, wants_mail=True, wants_digest=True) for p in (live_cast.clerk, live_cast.clerk2)]
    for case in cases:
        announce(NoticeKind.CASE_NEWS, case, people, at=MONDAY)

    at_once(*(lambda: send_unsent(MONDAY + DAY) for _ in range(4)))

    assert sorted(mail["To"] for mail in postbox.received) == ["clerk2@example.org", "clerk@example.org"]
    assert [mail["Subject"].strip() for mail in postbox.received] == ["维权系统今日汇总：6条提醒"] * 2


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
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    moment = MONDAY
    for hour in range(24):
        announce(NoticeKind.CASE_NEWS, case, people, at=moment + hour * HOUR)
        live_until(moment + (hour + 1) * HOUR - MINUTE, moment + hour * HOUR)
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
