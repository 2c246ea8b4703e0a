"""A marked case of every delicate kind, pushed through every page, form, message, log and open column, as everybody.

What may be seen where, and by whom, stands in allowed.csv, written by hand; any other sighting fails, and so does a
line that nobody sees any more. All tests here read one survey, which takes its time; it is taken once.
"""

from collections.abc import Callable

import pytest
from django.core.management import get_commands
from django.urls import get_resolver

from tests.leaks.allowed import judge
from tests.leaks.filling import NOBODYS, UNMARKED, sealed_fields, sealed_models
from tests.leaks.survey import RUN, Survey, take_survey
from tests.leaks.world import NOW
from tests.test_access_matrix import url_names

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover, pytest.mark.xdist_group("leaks")]

# Addresses that nobody reaches by pressing what a page offers, and why that hides nothing.
UNREACHED: dict[str, str] = {}
# Commands that write files or rows of the demonstration, or handle keys.
NOT_RUN = {
    *(
        "seed_demo",
        "count_figures",
        "draw_documents",
        "demo_reset",
        "demo_accounts",
        "import_regions",
        "draw_workflow",
        "make_keys",
        "rotate_keys",
    ),
}
_taken: list[Survey] = []


@pytest.fixture
def look(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Survey]:
    """Called in the test itself, where measuring coverage can be paused: it doubles the time."""

    def taken() -> Survey:
        if not _taken:
            monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
            _taken.append(take_survey())
        return _taken[0]

    return taken


def test_every_sealed_field_is_marked(look: Callable[[], Survey]) -> None:
    survey = look()
    marks = survey.world.marks
    every = {**marks.by_character, **marks.by_digits, **marks.exact}.values()
    marked = {(marker.field.partition("[")[0], marker.case) for marker in every}
    fields = {f"{model.__name__}.{name}" for model in sealed_models() for name in sealed_fields(model)}

    assert fields - {field for field, _ in marked} - set(UNMARKED) == set()
    assert {case for _, case in marked} == {*survey.world.cases, NOBODYS}


def test_nothing_is_seen_outside_the_table(look: Callable[[], Survey]) -> None:
    survey = look()
    outside, _ = judge(survey.seen)

    assert outside == []


def test_every_line_of_the_table_is_true(look: Callable[[], Survey]) -> None:
    survey = look()
    _, idle = judge(survey.seen)

    assert idle == []


def test_no_paper_carries_a_number_that_must_not_be_dialled(look: Callable[[], Survey]) -> None:
    survey = look()
    assert min(survey.drawn.values()) > 0
    assert survey.drawn["drawn:pdf"] == survey.drawn["drawn:docx"] > 30
    assert survey.unsafe == []


def test_what_is_typed_goes_nowhere_but_back(look: Callable[[], Survey]) -> None:
    survey = look()
    assert survey.seen.wrong == []


def test_no_page_breaks(look: Callable[[], Survey]) -> None:
    """A page that breaks hides what it would have shown."""
    survey = look()
    assert survey.seen.broken == []


def test_every_address_was_tried(look: Callable[[], Survey]) -> None:
    survey = look()
    names = {name for name in url_names(get_resolver()) if not name.startswith("admin:")}

    assert names - survey.routes == set(UNREACHED)


def test_making_the_cases_said_nothing(look: Callable[[], Survey]) -> None:
    """Real mail, a real robot, every log, every task: while all the steps were taken."""
    survey = look()
    assert survey.found_while_making == []
    assert survey.smuggled == []
    assert any("Subject" in one for one in survey.sent)
    assert any("notify" in one for one in survey.sent)
    assert [task for task in survey.tasks if survey.world.marks.find(task)] == []


def test_every_command_is_run_or_reads_no_case(look: Callable[[], Survey]) -> None:
    survey = look()
    ours = {name for name, app in get_commands().items() if app in ("cases", "stations")}

    assert ours == {*RUN, *NOT_RUN}
    assert "cases" in survey.printed


def test_a_value_that_does_not_open_shows_nothing(look: Callable[[], Survey]) -> None:
    """The page breaks, and neither it nor the log says what was to be shown."""
    survey = look()
    status, said = survey.broken

    assert status == 500
    assert "SealBroken" in said
    assert survey.world.marks.find(said) == set()
