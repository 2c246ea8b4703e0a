"""The weekly list of reads outside the owner's line: who is told, what stands on it, how it leaves the desk."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.guarding.break_in import break_in
from cases.actions.guarding.reads import review_reads, tell_of_reads, week_of
from cases.choices import AccessKind, BarKind, FieldGroup, NoticeKind, SecretLevel
from cases.models import Access, AccessReason, Bar, Case, MovedOn, Notice, ReadsReview
from tests.cases.pages import as_, words
from tests.cast import CHINA, MONDAY
from tests.factories import make_case

NEXT_MONDAY = datetime(2026, 11, 23, 8, 40, tzinfo=CHINA)
WEEK = date(2026, 11, 16)


def look(case, by, *, at=MONDAY, kind=AccessKind.REVEAL, fields=FieldGroup.CONTACT, in_line=False, why=""):
    row = Access.objects.create(
        case=case, staff=by, unit=by.organisation, at=at, kind=kind, fields=fields, in_line=in_line
    )
    if why:
        AccessReason.objects.create(access=row, text=why)
    return row


def told():
    return {row.recipient for row in Notice.objects.filter(kind=NoticeKind.READS)}


@pytest.mark.parametrize(
    ("look_told", "heard"),
    [
        pytest.param({}, True, id="opened from outside the line"),
        pytest.param({"kind": AccessKind.VIEW, "fields": FieldGroup.PAGE}, True, id="looked at, masked"),
        pytest.param({"kind": AccessKind.BREAK_IN}, True, id="broken into"),
        pytest.param({"kind": AccessKind.SEARCH}, False, id="a search hit is no read"),
        pytest.param({"in_line": True}, False, id="her own line"),
        pytest.param({"at": datetime(2026, 11, 15, 23, 59, tzinfo=CHINA)}, False, id="the week before"),
        pytest.param({"at": datetime(2026, 11, 16, 0, 0, tzinfo=CHINA)}, True, id="Monday at midnight"),
        pytest.param({"at": datetime(2026, 11, 22, 23, 59, tzinfo=CHINA)}, True, id="Sunday's last minute"),
        pytest.param({"at": datetime(2026, 11, 23, 0, 0, tzinfo=CHINA)}, False, id="this week"),
    ],
)
def test_what_the_heads_are_told_of(cast, look_told, heard):
    look(make_case(cast), cast.officer, **look_told)

    assert tell_of_reads(NEXT_MONDAY) == heard
    assert told() == ({cast.head} if heard else set())


def test_twice_is_told_once(cast):
    look(make_case(cast), cast.officer)

    assert (tell_of_reads(NEXT_MONDAY), tell_of_reads(NEXT_MONDAY + timedelta(hours=1))) == (1, 0)
    assert Notice.objects.filter(kind=NoticeKind.READS).count() == 1


def test_a_village_points_reads_go_to_the_head_of_its_township(cast):
    look(make_case(cast, unit=cast.village), cast.officer)

    tell_of_reads(NEXT_MONDAY)

    assert told() == {cast.head}
    assert ReadsReview.objects.get().unit == cast.station


def reads(person, week=WEEK):
    return as_(person).get(reverse("reads"), {"week": week.isoformat()})


def test_the_list_says_who_what_when_and_why(cast):
    case = make_case(cast)
    look(case, cast.officer, why="市里来电询问")
    look(case, cast.officer, kind=AccessKind.VIEW, fields=FieldGroup.PAGE)
    look(case, cast.other_clerk, kind=AccessKind.SEARCH)

    page = words(reads(cast.head))

    for said in (case.number, cast.officer.name, cast.county.name, "电话与联系要求，2次", "市里来电询问"):
        assert said in page
    assert cast.other_clerk.name not in page


def test_the_readers_own_superior_sees_it_without_reason_or_a_number_beyond_her_sight(cast):
    case = make_case(cast)
    look(case, cast.other_clerk, why="姐姐托我看看")

    page = words(reads(cast.other_head))

    assert cast.other_clerk.name in page
    assert cast.station.name in page
    assert case.number not in page
    assert "姐姐托我看看" not in page


@pytest.mark.parametrize("closed", ["sealed", "barred"])
def test_of_a_case_closed_to_her_a_head_hears_nothing(cast, closed):
    case = make_case(cast)
    look(case, cast.officer, why="看一眼")
    if closed == "sealed":
        Case.objects.filter(pk=case.pk).update(secrecy=SecretLevel.MINOR_SEALED)
    else:
        Bar.objects.create(case=case, staff=cast.head, kind=BarKind.RELATED, at=MONDAY)

    page = words(reads(cast.head))

    assert case.number not in page
    assert "看一眼" not in page


def test_break_ins_come_first_and_wait_whatever_the_week(cast):
    case = make_case(cast)
    break_in(case, reason="孩子高烧，要马上联系家人", by=cast.other_clerk, at=MONDAY)

    page = words(reads(cast.head, WEEK - timedelta(days=14)))

    assert "请核实" in page
    assert "孩子高烧，要马上联系家人" in page


def test_a_week_stays_on_the_desk_until_somebody_went_through_it(cast, clock):
    look(make_case(cast), cast.officer)
    tell_of_reads(NEXT_MONDAY)
    clock.at = NEXT_MONDAY
    client = as_(cast.head)
    assert "核对线外查阅" in words(client.get(reverse("desk")))

    done = client.post(reverse("reads"), {"week": WEEK.isoformat()}, follow=True)

    assert "这一周已核对" in words(done)
    assert "核对线外查阅" not in words(client.get(reverse("desk")))
    review = ReadsReview.objects.get()
    assert (review.by, review.at) == (cast.head, NEXT_MONDAY)
    with pytest.raises(MovedOn):
        review_reads(cast.station, WEEK, by=cast.head, at=NEXT_MONDAY)
    again = client.post(reverse("reads"), {"week": WEEK.isoformat()}, follow=True)
    assert "已由别人核对" in words(again)


@pytest.mark.parametrize("week", ["", "no-date", "2026-13-45", "0001-01-01"])
def test_an_address_that_names_no_week_shows_the_past_one(cast, clock, week):
    clock.at = NEXT_MONDAY

    page = as_(cast.head).get(reverse("reads"), {"week": week, "page": "x"})

    assert page.context["week"] == WEEK


def test_any_day_names_its_week():
    assert {week_of(date(2026, 11, day)) for day in range(16, 23)} == {WEEK}


def test_the_list_takes_the_same_number_of_queries(cast):
    def count():
        client = as_(cast.head)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("reads"), {"week": WEEK.isoformat()}).status_code == 200
        return len(captured)

    look(make_case(cast), cast.officer, why="核对")
    count()  # what is read once a process
    one = count()
    for _ in range(3):
        look(make_case(cast), cast.leader, why="核对")

    assert count() == one


def test_the_log_of_one_case_is_filtered_and_paged(cast, clock):
    case = make_case(cast)
    for minute in range(60):
        look(case, cast.clerk, at=MONDAY + timedelta(minutes=minute), kind=AccessKind.VIEW, in_line=True)
    look(case, cast.officer, why="市里来电询问")
    look(case, cast.other_clerk, kind=AccessKind.BREAK_IN, fields=FieldGroup.PAGE, why="破门的原因写在这里")
    client, address = as_(cast.clerk), reverse("accesses", args=[case.number])

    shown = {
        show: len(client.get(address, {"show": show}).context["rows"]) for show in ("", "outside", "break-in")
    }
    older = client.get(f"{address}{client.get(address).context['next_url']}")

    assert shown == {"": 50, "outside": 2, "break-in": 1}
    assert len(older.context["rows"]) == 12
    assert "破门的原因写在这里" in words(client.get(address, {"show": "break-in"}))
