"""The commands that build the demonstration, and the words it is told in."""

import io
from datetime import date, datetime
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from cases.actions.evidence import verify_chains
from cases.choices import (
    Channel,
)
from cases.deadlines import CHINA
from cases.demo import people, plan
from cases.demo.conference_words import items
from cases.demo.council import MEMBERS
from cases.demo.places import (
    DEPARTMENTS,
    MAIN_CAST,
    PASSWORD,
    base_name,
    village_name,
)
from cases.demo.seed import mark
from cases.demo.stories import family, particulars, partner, stories, word
from cases.models import (
    Case,
    Event,
    Notice,
    code_names,
)
from stations.models import Staff
from tests.demo_city import CASES, TODAY

pytestmark = pytest.mark.xdist_group("demo")


# -- the commands ---------------------------------------------------------------------------------


def test_the_accounts_are_listed_with_a_password_that_opens_them(demo):
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    lines = out.getvalue().splitlines()

    assert lines[0].split() == ["角色", "谁", "用户名", "密码"]
    assert [line.split()[-2:] for line in lines[1:]] == [[name, PASSWORD] for name in MAIN_CAST]
    assert Staff.objects.get(username="zgy.jiedai").check_password(PASSWORD)


def test_it_runs_once(demo):
    out = io.StringIO()
    call_command("seed_demo", cases=CASES, stdout=out)

    assert out.getvalue() == "The demo city is there already.\n"
    assert Case.objects.count() == CASES


def picture():
    """Everything about the cases that somebody could see on a screen."""
    shown = []
    for case in Case.objects.select_related("owner", "holder").order_by("number"):
        events = case.events.order_by("seq").values_list("step", "at", "by__username", "to_status")
        statement = case.statements.order_by("at", "pk").first()
        shown.append(
            (
                (case.number, case.status, case.risk, case.category, case.channel, case.outcome),
                (case.received_at, case.due_at, case.owner and case.owner.username, case.holder.name),
                (case.label, statement.facts, statement.place),
                list(events),
            )
        )
    return shown


@pytest.mark.no_cover  # a second city: what it runs was measured at the first
def test_a_reset_builds_another_day_and_a_broken_off_start_is_cleared_away(demo):
    """The same day gives the same city again: after another one, on two processors as on one."""
    before, notices, unread = picture(), Notice.objects.count(), Notice.objects.unread().count()
    out = io.StringIO()

    call_command("demo_reset", cases=CASES, today=date(2026, 2, 24), processes=1, stdout=out)
    assert Case.objects.count() == CASES
    assert Event.objects.latest("at").at < datetime(2026, 2, 24, tzinfo=CHINA)
    assert list(verify_chains()) == []

    row = mark()
    row.latest = 0  # as a start leaves it that was broken off
    row.save()
    call_command("seed_demo", cases=CASES, today=TODAY, processes=2, stdout=out)
    assert "Removing what a broken-off start left behind …" in out.getvalue()
    assert mark().latest == CASES
    assert picture() == before
    assert (Notice.objects.count(), Notice.objects.unread().count()) == (notices, unread)


@override_settings(DEMO=False)
@pytest.mark.parametrize("command", ["seed_demo", "demo_reset", "demo_accounts"])
def test_nothing_happens_outside_a_demonstration(demo, command):
    with pytest.raises(CommandError, match="DEMO is off"):
        call_command(command)

    assert Case.objects.count() == CASES


@pytest.mark.parametrize("number", ["109", "901", "many"])
def test_a_number_of_cases_that_cannot_be_is_refused(demo, number):
    with pytest.raises(CommandError, match="--cases"):
        call_command("seed_demo", "--cases", number)


# -- the words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("story", stories(), ids=lambda story: f"{story.category}-{story.who}")
def test_a_story_can_be_told(demo, story):
    gaps = particulars(Random(1), village="甲村", age=9, is_boy=True)
    facts = story.facts.format(**gaps)

    assert 80 <= len(facts) <= 300
    assert "{" not in facts + story.demand.format(**gaps)
    assert story.category in code_names("MATTER_CATEGORY")
    assert story.who in people.WHO
    assert set(story.channels) <= set(Channel)
    assert set(story.risks) <= set(plan.RISKS)
    assert set(story.partners) <= {*DEPARTMENTS, "TOWNSHIP"}
    assert family(story.family).acts


@pytest.mark.parametrize("key", items())
def test_an_item_for_the_conference_says_what_is_decided_and_reported(key):
    told = items()[key]

    assert told.title or key.endswith("_up")  # what comes from below brings its own words
    assert bool(told.brief) == bool(told.asks) == bool(told.title)
    for content, lead, joining, days in told.decided:
        assert content.endswith("。")
        assert {lead, *joining} <= set(MEMBERS)
        assert days > 0


def test_there_are_many_stories():
    assert len(stories()) >= 40
    assert len({story.facts for story in stories()}) == len(stories())


@pytest.mark.parametrize("kind", [*DEPARTMENTS, "TOWNSHIP"])
def test_what_departments_answer_is_on_the_list(demo, kind):
    told = partner(kind)

    assert {code for code, *_ in told.results} <= set(code_names("REFERRAL_RESULT"))
    assert all(told.requests)
    assert all(told.interims)


def test_nobody_is_taken_for_a_colleague(demo):
    assert set(people.STAFF).isdisjoint({*people.WOMEN, *people.MEN, *people.CHILDREN})
    assert len(set(people.SURNAMES)) == len(people.SURNAMES)


def test_an_invented_id_number_has_the_right_check_digit_and_belongs_to_nobody():
    number = people.make_id_number("410423", date(1990, 3, 5))

    assert number == "410423199003050008"


def test_what_is_due_to_be_said_again_can_be_said():
    assert word("corrected").startswith("补充")
    with pytest.raises(KeyError):
        word("no such word")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("营东村民委员会", "营东村"), ("新街社区居民委员会", "新街社区"), ("石桥村村民委员会", "石桥村")],
)
def test_a_village_is_called_as_people_call_it(name, shown):
    assert village_name(name) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张官营镇", "张官营"), ("马庄回族乡", "马庄"), ("香山街道筹备组", "香山"), ("曹镇乡", "曹镇")],
)
def test_a_township_has_a_short_name(name, shown):
    assert base_name(name) == shown


def test_other_peoples_rows_are_left_alone(demo):
    """Without its mark the city is somebody else's: nothing is added, nothing removed."""
    row = mark()
    row.delete()
    try:
        with pytest.raises(CommandError, match="not the demonstration's"):
            call_command("seed_demo", cases=CASES)
        with pytest.raises(CommandError, match="does not hold the demonstration"):
            call_command("demo_reset", cases=CASES)
        with pytest.raises(CommandError, match="is not there"):
            call_command("demo_accounts")
        assert Case.objects.count() == CASES
    finally:
        row.save(force_insert=True)


def test_the_calendar_outlives_a_reset(demo):
    from stations.models import CalendarVersion, Holiday

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stations_region")
        regions = cursor.fetchone()[0]

    assert CalendarVersion.objects.exists()
    assert Holiday.objects.filter(date__year=TODAY.year).exists()
    assert regions > 47_000
