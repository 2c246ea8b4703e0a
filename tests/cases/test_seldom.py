"""Ways that are seldom taken, each by the smallest case that takes it."""

from datetime import date, timedelta

from django.db import connection

from cases.actions.archive import checking, papers
from cases.actions.assessment.corrections import remind_of_corrections, set_correction
from cases.actions.clocks import keep_moved
from cases.actions.guarding.bars import bar_unit
from cases.actions.guarding.consent import give_consent, withdraw_consent
from cases.actions.ledgers import incoming, people, register
from cases.actions.monitors.agreement import Promised, check_due, dues_left, open_agreement
from cases.choices import BarKind, ConsentBy, ConsentScope, ConsentWay, DocType, ExtractField
from cases.documents import About
from cases.models import Case, Correction, Monitor
from cases.models.guarding import barred_from
from cases.permissions.consent import why_withdrawn
from cases.permissions.document import may_read_document, why_not_void
from cases.permissions.monitor import why_not_open_monitor
from tests.archive.scene import filed
from tests.cases import assessing, room, watching
from tests.cases.papers import issue
from tests.cases.supervising import supervised
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case

LATER = MONDAY + timedelta(hours=2)


def test_a_folder_that_is_none_lacks_files(cast):
    assert checking._inside(filed(cast), b"no folder") == ["案卷文件夹里少了文件"]


def test_a_contact_without_a_statement_has_nothing_to_tell():
    assert papers._statement(None) == []


def test_a_correction_that_another_worker_reminded_of_is_left_alone(cast):
    found = assessing.published(cast)
    indicator = found.lines[0].indicator
    due = MONDAY.date() + timedelta(days=30)
    task = set_correction(found, indicator=indicator, what="补上", due_on=due, by=cast.officer, at=MONDAY)
    Correction.objects.filter(pk=task.pk).update(remind_on=MONDAY.date())

    def be_slower(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "cases_correction" in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute("UPDATE cases_correction SET remind_on = %s", [due])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(be_slower):
        assert remind_of_corrections(MONDAY) == 0


def test_a_moved_clock_of_a_monitor_moves_what_its_list_sorts_by(cast):
    letter = watching.letter(cast)
    clock = letter.clocks.live().get()
    moved = clock.effective_due + timedelta(days=2)
    clock.effective_due = moved

    keep_moved(clock)

    assert Monitor.objects.get(pk=letter.pk).due_at == moved


def test_a_unit_is_kept_away_from_a_case_that_nobody_owns_any_more(cast):
    case = make_case(cast, "CLOSED")
    Case.objects.filter(pk=case.pk).update(owner=None)
    case = Case.objects.get(pk=case.pk)

    bar_unit(case, cast.police, kind=BarKind.ACCUSED, reason="被反映单位", by=None, at=LATER)

    assert cast.police.pk in barred_from(case.pk).units


def test_a_matter_of_long_ago_is_not_near(cast):
    values = {"received": "2026-11-16T09:00", "phones": ["13900000001", "13900000002"]}
    keys = incoming._keys(values)
    long_ago = {key: [(date(2020, 1, 1), "旧案")] for key in keys}

    assert incoming._near(values, long_ago) == ""
    assert (
        incoming._near(values, {keys[-1]: [(date(2020, 1, 1), "旧案"), (date(2026, 11, 15), "新案")]})
        == "新案"
    )


def test_nobody_has_no_age_and_a_category_of_old_keeps_its_code(cast):
    case = make_case(cast, "HANDLING")
    case.category = "GONE"

    assert people.age(None, MONDAY) == ""
    assert register.category(case) == "GONE"


def test_a_last_promise_broken_leaves_nothing_to_wait_for(cast):
    case = make_case(cast, "HANDLING")
    told = {"keeper": cast.clerk, "by": cast.clerk, "at": LATER}
    dues = [Promised("支付一次", MONDAY.date())]
    made = open_agreement(case, made_on=MONDAY.date(), dues=dues, terms="支付", mediator="", **told)
    checked = {"performed": False, "checked_on": MONDAY.date(), "result": "没有支付"}

    check_due(made, due=dues_left(made)[0], **checked, by=cast.clerk, at=LATER)

    assert dues_left(made) == []
    assert "IN-AGREE" not in watching.running(made)


def test_whoever_consents_anew_took_nothing_back(cast):
    case = make_case(cast, "ACCEPTED")
    words = {"scope": ConsentScope.DISCLOSE, "given_by": ConsentBy.SELF, "way": ConsentWay.ORAL}
    words |= {"organisation": None, "fields": (ExtractField.NAME,), "purpose": "核实", "by": cast.clerk}
    first = give_consent(case, at=MONDAY + MINUTE, **words)
    withdraw_consent(case, consents=[first.pk], words="算了", by=case.owner, at=MONDAY + 2 * MINUTE)
    assert why_withdrawn(case, cast.police)

    give_consent(case, at=MONDAY + 3 * MINUTE, **words)

    assert why_withdrawn(case, cast.police) == ""


def test_nobody_without_a_unit_opens_a_monitor(cast):
    case = make_case(cast, "HANDLING")
    cast.clerk.organisation = None

    assert why_not_open_monitor(cast.clerk, case)


def test_the_papers_of_pressing_and_meeting_are_their_makers_own(cast):
    found = supervised(cast)
    paper = found.papers.get()
    told = About(unit=cast.county, by=cast.officer, at=LATER, case=found.case, paper=paper)
    pressed = issue(DocType.SUPERVISE_NOTICE, told)
    meeting = room.held(cast, [room.screened(cast)])
    notice = issue(
        DocType.MEETING_NOTICE, About(unit=cast.county, by=cast.officer, at=LATER, meeting=meeting)
    )

    assert may_read_document(cast.leader, pressed)
    assert may_read_document(cast.conference, notice)
    assert why_not_void(cast.conference, notice) == ""
    assert not may_read_document(cast.clerk, notice)
    assert why_not_void(cast.clerk, notice)
