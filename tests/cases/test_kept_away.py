"""Truth tables: who sees what of a case from which she, or her unit, is kept away, and who is not told of it.

A column is a person; a row an object; y sees it, . does not. Three tables: nobody barred, the person, her unit.
"""

from datetime import timedelta

import pytest
from django.test import Client

from cases.actions.guarding.bars import bar_person, bar_unit
from cases.actions.monitors.monitor import open_monitor
from cases.actions.reminders import remind
from cases.choices import BarKind, MonitorKind, NoticeKind
from cases.models import AgendaItem, Case, Meeting, Monitor, Notice, Referral, Supervision, Task
from cases.notifications import announce, notices_for
from cases.search import find_cases
from cases.workflow import StepNotAllowed
from stations.models import Staff
from tests.cases import room
from tests.cases.supervising import supervised
from tests.cast import MONDAY
from tests.factories import FACTS, ID_NUMBER, make_case, make_referral

LATER = MONDAY + timedelta(hours=6)
OBJECTS = {
    "case": Case,
    "referral": Referral,
    "supervision": Supervision,
    "monitor": Monitor,
    "item": AgendaItem,
    "meeting": Meeting,
    "task": Task,
}
PEOPLE = "clerk2 head officer leader city_officer archivist conference liaison partner_leader civil_liaison"
OPEN = f"""
             {PEOPLE}
case         y      y    y       y      .            y         .          .       .              .
referral     y      y    y       y      .            y         .          y       y              .
supervision  y      y    y       y      .            y         .          y       y              .
monitor      y      y    y       y      .            y         .          .       .              .
item         .      .    y       y      y            .         y          y       y              .
meeting      .      .    y       y      y            .         y          y       y              .
task         .      .    y       y      y            .         y          y       y              .
"""


@pytest.fixture
def scene(cast):
    """A case at the station: referred to the police and supervised, watched over, and before the conference."""
    referral = make_referral(cast, "SIGNED")
    case = referral.case
    supervised(cast, referral=referral)
    open_monitor(case, MonitorKind.AGREEMENT, keeper=cast.clerk, by=cast.clerk, at=LATER)
    room.decided(cast, case)
    return Case.objects.get(pk=case.pk)


def seen(person, model):
    return model.objects.visible_to(Staff.objects.get(pk=person.pk)).exists()


def table(cast, names):
    return {
        (what, name): seen(getattr(cast, name), model) for what, model in OBJECTS.items() for name in names
    }


def written(text):
    head, *rows = (line.split() for line in text.strip().splitlines())
    return {
        (what, name): cell == "y" for what, *cells in rows for name, cell in zip(head, cells, strict=True)
    }


def test_nobody_is_kept_away(cast, scene):
    assert table(cast, PEOPLE.split()) == written(OPEN)


@pytest.mark.parametrize("name", PEOPLE.split())
def test_whoever_is_kept_away_sees_nothing_and_the_others_all_they_did(cast, scene, name):
    bar_person(scene, getattr(cast, name), kind=BarKind.BLOCKED, reason="", by=cast.clerk, at=LATER)

    assert table(cast, PEOPLE.split()) == {
        (what, other): sees and other != name for (what, other), sees in written(OPEN).items()
    }


def test_another_unit_kept_away_changes_nothing_for_anybody(cast, scene):
    bar_unit(scene, cast.court, kind=BarKind.ACCUSED, reason="", by=cast.clerk, at=LATER)

    assert table(cast, PEOPLE.split()) == written(OPEN)


def test_a_unit_kept_away_is_kept_away_with_everybody_in_it(cast, scene):
    bar_unit(scene, cast.county, kind=BarKind.ACCUSED, reason="", by=cast.clerk, at=LATER)

    of_county = ["officer", "leader", "archivist", "conference"]
    expected = written(OPEN)
    assert table(cast, PEOPLE.split()) == {
        (what, name): sees and name not in of_county for (what, name), sees in expected.items()
    }


def test_the_police_complained_of_see_nothing_and_their_papers_are_taken_back(cast, scene):
    bar_unit(scene, cast.police, kind=BarKind.ACCUSED, reason="", by=cast.clerk, at=LATER)

    assert table(cast, ["liaison", "partner_leader", "handler"]) == dict.fromkeys(
        ((what, name) for what in OBJECTS for name in ("liaison", "partner_leader", "handler")), False
    )


def test_who_is_let_back_sees_it_again(cast, scene):
    found = bar_person(scene, cast.clerk2, kind=BarKind.BLOCKED, reason="", by=cast.head, at=LATER)
    type(found).objects.update(lifted_at=LATER, lifted_by=cast.head)

    assert table(cast, PEOPLE.split()) == written(OPEN)


def test_somebody_without_a_unit_is_not_taken_for_everybody(cast, scene):
    """A bar of a person names no unit: it is not one of all who have none."""
    bar_person(scene, cast.clerk2, kind=BarKind.BLOCKED, reason="", by=cast.head, at=LATER)
    cast.clerk.organisation = None

    assert Case.objects.not_barred_to(cast.clerk).filter(pk=scene.pk).exists()


# -- not told -------------------------------------------------------------------------------------


def reached(kind, case, people, **how):
    return {row.recipient.username for row in notices_for(kind, case, people, at=LATER, **how)}


@pytest.mark.parametrize("kind", NoticeKind)
def test_no_kind_of_notice_reaches_whoever_is_kept_away(cast, kind):
    case = make_case(cast)
    bar_person(case, cast.head, kind=BarKind.RELATED, reason="", by=cast.officer, at=LATER)
    bar_unit(case, cast.police, kind=BarKind.ACCUSED, reason="", by=cast.officer, at=LATER)

    assert reached(kind, case, [cast.clerk, cast.head, cast.liaison, None]) == {"clerk"}


def test_with_nobody_left_the_next_above_is_told(cast):
    case = make_case(cast)
    bar_person(case, cast.head, kind=BarKind.RELATED, reason="", by=cast.officer, at=LATER)

    assert reached(NoticeKind.TO_ACCEPT, case, [cast.head]) == {"officer"}
    bar_unit(case, cast.county, kind=BarKind.ACCUSED, reason="", by=cast.city_officer, at=LATER)
    assert reached(NoticeKind.TO_ACCEPT, case, [cast.head]) == {"city_officer"}


def test_nobody_above_at_all_is_told_nothing(cast):
    case = make_case(cast)
    bar_person(case, cast.sec_admin, kind=BarKind.RELATED, reason="", by=cast.officer, at=LATER)
    cast.sec_admin.organisation = None
    cast.sec_admin.save()

    assert reached(NoticeKind.CASE_NEWS, case, [cast.sec_admin]) == set()


def away(person, deputy=None):
    person.absent_from = person.absent_until = LATER.date()
    person.deputy = deputy
    person.save()
    return person


def test_a_deputy_who_is_kept_away_stands_in_for_nobody(cast):
    case = make_case(cast)
    bar_person(case, cast.clerk2, kind=BarKind.RELATED, reason="", by=cast.head, at=LATER)
    clerk = away(cast.clerk, cast.clerk2)

    assert reached(NoticeKind.CASE_NEWS, case, [clerk]) == {"clerk", "head"}
    cast.clerk2.deputy = cast.head
    cast.clerk2.save()
    assert reached(NoticeKind.CASE_NEWS, case, [clerk]) == {"head"}


@pytest.mark.parametrize("what", ["referral", "supervision", "monitor", "item", "meeting", "task"])
def test_a_notice_without_a_number_is_about_its_case_all_the_same(cast, scene, what):
    bar_person(scene, cast.head, kind=BarKind.RELATED, reason="", by=cast.officer, at=LATER)
    subject = OBJECTS[what].objects.order_by("pk")[0]

    assert "head" not in reached(NoticeKind.TASK_NEWS, None, [cast.head, cast.officer], about=subject)


def test_a_reminder_passes_over_her_to_the_next_rung(cast):
    """IN-ACCEPT is the head's to decide: kept away, she is not asked; the county is."""
    case = make_case(cast)
    bar_person(case, cast.head, kind=BarKind.RELATED, reason="", by=cast.officer, at=MONDAY)
    bar_unit(case, cast.police, kind=BarKind.ACCUSED, reason="", by=cast.officer, at=MONDAY)

    for days in range(1, 12):
        remind(MONDAY + timedelta(days=days))

    told = set(Notice.objects.filter(clock__isnull=False).values_list("recipient__username", flat=True))
    assert "head" not in told
    assert {"clerk", "officer"} <= told


# -- what was told before -------------------------------------------------------------------------


def inbox(person):
    client = Client()
    client.force_login(person, backend="stations.backends.StaffBackend")
    return client.get("/inbox/").content.decode()


def test_old_notices_are_hers_no_more(cast, scene):
    announce(NoticeKind.CASE_NEWS, scene, [cast.clerk2], at=LATER)
    announce(NoticeKind.TASK_NEWS, None, [cast.clerk2], at=LATER, about=Task.objects.first())
    announce(NoticeKind.ITEM_NEWS, None, [cast.clerk2], at=LATER, about=AgendaItem.objects.get())
    assert (scene.number in inbox(cast.clerk2), Notice.objects.inbox_of(cast.clerk2).count()) == (True, 3)

    bar_person(scene, cast.clerk2, kind=BarKind.RELATED, reason="", by=cast.head, at=LATER)

    assert scene.number not in inbox(cast.clerk2)
    assert Notice.objects.inbox_of(cast.clerk2).count() == 0
    assert Notice.objects.filter(recipient=cast.clerk2).count() == 3


def test_neither_her_name_nor_her_number_finds_it(cast, scene):
    bar_person(scene, cast.clerk2, kind=BarKind.RELATED, reason="", by=cast.head, at=LATER)
    words = (scene.number, ID_NUMBER, "祝冬雪", FACTS[:6])

    assert [find_cases(cast.head, word).cases.exists() for word in words] == [True] * 4
    assert [find_cases(cast.clerk2, word).cases.exists() for word in words] == [False] * 4


def test_the_intake_page_does_not_know_that_she_was_here(cast, scene):
    client = Client()
    client.force_login(cast.clerk2, backend="stations.backends.StaffBackend")
    typed = {"petitioner-id_number": ID_NUMBER, "petitioner-anonymous": ""}
    before = client.post("/cases/new/known/", typed).content.decode()
    assert scene.number in before

    bar_person(scene, cast.clerk2, kind=BarKind.RELATED, reason="", by=cast.head, at=LATER)

    after = client.post("/cases/new/known/", typed).content.decode()
    assert scene.number not in after
    assert "登记过" not in after


@pytest.mark.parametrize(
    "path", ["/cases/{0}/", "/cases/{0}/accesses/", "/cases/{0}/slip/", "/cases/{0}/do/handle/"]
)
def test_every_page_of_it_is_gone(cast, scene, path):
    client = Client()
    client.force_login(cast.clerk2, backend="stations.backends.StaffBackend")
    assert client.get(path.format(scene.number)).status_code == 200

    bar_person(scene, cast.clerk2, kind=BarKind.RELATED, reason="", by=cast.head, at=LATER)

    assert client.get(path.format(scene.number)).status_code == 404


def test_why_is_read_by_those_who_decide_and_by_nobody_else(cast, scene):
    why = "她和信访人是同学"
    bar_person(scene, cast.clerk2, kind=BarKind.BLOCKED, reason=why, by=cast.head, at=LATER)

    def page(person):
        client = Client()
        client.force_login(person, backend="stations.backends.StaffBackend")
        return client.get(f"/cases/{scene.number}/").content.decode()

    owner, head = page(cast.clerk), page(cast.head)
    assert (why in owner, "郭小满" in owner) == (False, False)
    assert (why in head, "郭小满，下汤镇妇女儿童维权站" in head) == (True, True)


# -- the conference -------------------------------------------------------------------------------


def test_no_meeting_about_it_asks_the_unit_complained_of(cast):
    case = make_case(cast, "HANDLING")
    bar_unit(case, cast.police, kind=BarKind.ACCUSED, reason="", by=cast.head, at=MONDAY)
    room.fill_members(cast)
    item = room.screened(cast, case)

    with pytest.raises(StepNotAllowed, match="鲁山县公安局须回避列入的案件"):
        room.planned(cast, [item])
    meeting = room.hold(cast, room.planned(cast, [item], invited=[cast.court]))
    assert meeting.attendance.count() == 1
    with pytest.raises(StepNotAllowed, match="鲁山县公安局须回避这件案件"):
        room.resolve(cast, item)
    assert not Task.objects.exists()
