"""Who is reached how, the mail of the day, and ways that fail beside ways that work."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.outlets import add_outlet
from cases.choices import ClockUnit, NoticeKind, OutletKind
from cases.dispatch import send_unsent
from cases.models import Clock, Delivery, Notice
from cases.notifications import announce, notices_for, write_many
from cases.outlets import forget_outlets, next_digest
from stations.choices import DayKind
from stations.models import CalendarVersion, Holiday
from stations.workdays import load_calendar
from tests.cases.endpoints import Endpoint, free_port, smtp_server
from tests.cases.test_races import at_once
from tests.cast import CHINA, MONDAY
from tests.factories import MINUTE, make_case

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECRET = "a-secret-of-both-sides"
FRIDAY = MONDAY + 4 * DAY


@pytest.fixture(name="case")
def a_case(cast):
    """A case of which nobody has been told yet."""
    case = make_case(cast)
    Notice.objects.all().delete()
    return case


@pytest.fixture(name="endpoint")
def an_endpoint(settings):
    settings.OUTLETS_ALLOW_PRIVATE = True
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture(name="other_endpoint")
def another_endpoint(endpoint):
    other = Endpoint()
    yield other
    other.close()


@pytest.fixture(name="postbox")
def a_postbox(settings):
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
