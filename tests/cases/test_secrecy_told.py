"""Sealed cases: who stands in, who is told, and what lists, searches and desks say of them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.actions.guarding import secrecy
from cases.actions.monitors.report import ReportEntry, open_report
from cases.actions.reminders import remind
from cases.choices import (
    MandatoryReportSituation,
    NoticeKind,
)
from cases.models import AgendaItem, CaseReader, Notice, Referral
from cases.notifications import announce
from stations.models import Staff
from tests.cases.test_secrecy import LATER, ROLES, plain, propose, sealed, sees, sent_up, told
from tests.cast import MONDAY, login
from tests.factories import ID_NUMBER, MINUTE, make_case, make_referral

# Who stands in.


def away(person, deputy):
    today = timezone.localdate()
    Staff.objects.filter(pk=person.pk).update(deputy=deputy, absent_from=today, absent_until=today)
    person.refresh_from_db()


def test_whoever_stands_in_reads_it_while_the_other_is_away(cast):
    case = sealed(cast)
    assert not sees(cast.clerk2, case)

    away(cast.clerk, cast.clerk2)
    assert sees(cast.clerk2, case)

    Staff.objects.filter(pk=cast.clerk.pk).update(absent_from=None, absent_until=None)
    assert not sees(cast.clerk2, case)

    away(cast.head, cast.clerk2)
    assert sees(cast.clerk2, case)


def test_the_deputy_is_told_for_the_one_who_reads(cast):
    case = sealed(cast)
    away(cast.clerk, cast.clerk2)

    announce(NoticeKind.CASE_NEWS, case, [cast.clerk], at=timezone.now())

    assert told(case, NoticeKind.CASE_NEWS) == {"clerk2"}


def test_a_deputy_s_deputy_is_not_told_and_the_reader_is(cast):
    case = sealed(cast)
    away(cast.clerk, cast.clerk2)
    away(cast.clerk2, cast.volunteer)

    announce(NoticeKind.CASE_NEWS, case, [Staff.objects.get(pk=cast.clerk.pk)], at=timezone.now())

    assert told(case, NoticeKind.CASE_NEWS) == {"clerk"}


# Who is told.


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_no_notice_of_a_sealed_case_reaches_anybody_who_cannot_open_it(cast, kind):
    case = sealed(cast)
    everybody = [getattr(cast, role) for role in ROLES if not getattr(cast, role).is_partner]

    announce(kind, case, everybody, at=LATER)

    rows = Notice.objects.filter(case=case, kind=kind, at=LATER)
    assert {row.recipient.username for row in rows} == {"clerk", "head", "leader"}
    assert all(sees(row.recipient, case) for row in rows)


def test_a_department_is_told_of_its_referral_and_learns_no_number(cast):
    case = sealed(cast)
    referral = make_referral(cast, "SENT", case=case)

    notice = Notice.objects.get(kind=NoticeKind.REFERRAL_NEW, case=case)
    assert (notice.recipient, notice.about) == (cast.liaison, referral.number)
    assert Referral.objects.visible_to(cast.liaison).get() == referral
    assert not Referral.objects.visible_to(cast.officer).exists()
    assert Referral.objects.visible_to(cast.leader).exists()


def test_reminders_climb_past_those_who_may_not_know(cast):
    case = sealed(cast, "REGISTERED")

    for days in range(1, 60):
        remind(MONDAY + timedelta(days=days))

    heard = {row.recipient.username for row in Notice.objects.filter(case=case)}
    assert heard == {"clerk", "head", "leader"}


def test_an_owner_who_is_gone_leaves_the_reminder_to_the_other_readers(cast):
    case = sealed(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(is_active=False)

    remind(MONDAY + timedelta(days=59))

    assert {
        row.recipient.username for row in Notice.objects.filter(case=case, at__gt=MONDAY + 30 * MINUTE)
    } <= {
        "clerk",
        "head",
        "leader",
    }


# Lists, searches, registrations.


def page(person, name, *args, data=None):
    client = login(Client(), person)
    response = client.post(reverse(name, args=args), data) if data else client.get(reverse(name, args=args))
    return response.content.decode()


def test_lists_say_that_there_is_a_number(cast):
    case = sealed(cast)
    line = "另有1件封存案件（仅指定人员可查阅）"

    for person in (cast.clerk2, cast.officer, cast.archivist):
        listed = login(Client(), person).get(reverse("worklist") + "?show=open").content.decode()
        assert line in listed
        assert listed.count(case.number) == 2
        assert case.label not in listed
    assert line in page(cast.officer, "county")
    for person in (cast.clerk, cast.head, cast.leader, cast.other_clerk, cast.volunteer):
        listed = login(Client(), person).get(reverse("worklist") + "?show=open").content.decode()
        assert "封存案件" not in listed


def test_many_sealed_cases_are_counted_and_the_newest_named(cast):
    for _ in range(12):
        sealed(cast, "REGISTERED")

    listed = login(Client(), cast.clerk2).get(reverse("worklist") + "?show=open").content.decode()

    assert "另有12件封存案件" in listed
    assert "等</p>" in listed


def test_ended_ones_stand_under_the_ended(cast):
    case = sealed(cast, "CLOSED")
    client = login(Client(), cast.clerk2)

    assert case.number in client.get(reverse("worklist") + "?show=ended").content.decode()
    assert case.number not in client.get(reverse("worklist") + "?show=open").content.decode()


def test_searching_finds_it_for_its_readers_only(cast):
    case = sealed(cast, "REGISTERED")

    for words in (ID_NUMBER, "祝冬雪", "邻居看见"):
        assert case.number in page(cast.head, "search", data={"q": words})
        assert case.number not in page(cast.clerk2, "search", data={"q": words})
    response = login(Client(), cast.clerk2).post(reverse("search"), {"q": case.number})
    assert response.status_code == 302
    assert case.number in response["Location"]
    response = login(Client(), cast.other_clerk).post(reverse("search"), {"q": case.number})
    assert response.status_code == 200


def test_registering_does_not_tell_that_the_child_is_known(cast):
    sealed(cast, "REGISTERED")
    asked = {"petitioner-id_number": ID_NUMBER}

    assert "此人来过" in page(cast.head, "intake_known", data=asked)
    for person in (cast.clerk2, cast.other_clerk, cast.officer):
        shown = page(person, "intake_known", data=asked)
        assert "来过" not in shown
        assert "另有单位" not in shown


def test_desks_queues_and_lists_leave_it_out(cast):
    case = sent_up(cast, sealed(cast), cast.county)
    CaseReader.objects.filter(staff=cast.officer).delete()
    propose(cast, sealed(cast))

    for name in ("desk", "county", "referrals", "supervisions", "conference", "handover_people"):
        shown = page(cast.officer, name).partition("另有")[0]
        assert case.label not in shown, name
        assert case.number not in shown, name
    assert not AgendaItem.objects.visible_to(cast.officer).exists()


def test_the_readers_see_who_else_reads_and_the_steps_to_change_it(cast, client):
    case = sealed(cast)
    secrecy.name_reader(case, reader=cast.officer, reason="与公安对接", by=cast.leader, at=LATER)

    shown = login(client, cast.head).get(reverse("case", args=[case.number])).content.decode()

    assert "已封存，仅指定人员可查阅" in shown
    assert "与公安对接" in shown
    assert reverse("case_step", args=[case.number, "name-reader"]) in shown
    assert reverse("case_step", args=[case.number, "unseal"]) not in shown
    assert reverse("case_step", args=[case.number, "seal"]) not in shown


def test_a_reader_is_named_on_screen(cast, client):
    case = sealed(cast)
    login(client, cast.leader)
    address = reverse("case_step", args=[case.number, "name-reader"])

    assert "曾权益" in client.get(address).content.decode()
    client.post(address, {"seen": case.seq, "reader": cast.officer.pk, "reason": "与公安对接"})
    assert sees(cast.officer, case)

    address = reverse("case_step", args=[case.number, "end-reader"])
    client.post(address, {"reader": cast.officer.pk, "reason": "已对接完"})
    assert not sees(cast.officer, case)
    assert client.post(address, {"reader": cast.officer.pk, "reason": "再来一次"}).status_code == 422


def test_a_case_about_a_child_offers_to_be_sealed(cast, client):
    login(client, cast.head)
    shown = client.get(reverse("case", args=[plain(cast).number])).content.decode()
    assert "封存案件" in shown

    assert (
        "封存案件"
        not in client.get(reverse("case", args=[make_case(cast, "HANDLING").number])).content.decode()
    )


def test_reports_do_not_travel_to_who_does_not_read(cast):
    case = sealed(cast)
    monitor = open_report(
        case,
        ReportEntry((MandatoryReportSituation.MR2_GIRL_U14,), LATER, "已知的最少事实"),
        by=cast.clerk,
        at=LATER,
    )

    assert login(Client(), cast.officer).get(reverse("monitor", args=[monitor.pk])).status_code == 404
    assert login(Client(), cast.leader).get(reverse("monitor", args=[monitor.pk])).status_code == 200
