"""The stored figures against a count of our own: plain SQL over the registers, written from the rules and not from the code."""

from datetime import date, timedelta
from random import Random

import psycopg
import pytest
from django.db import connection

from cases.actions import closure, handling, intake
from cases.actions.promises import FIGURES_PROMISE, MOST, check_promises
from cases.actions.redating import carry_out, order_redating
from cases.choices import Occurrence, ReopenGround, Span
from cases.models import Case, Clock, ClockRule, Extension, Figure, FigureRun
from cases.statistics.figures.periods import Period
from cases.statistics.figures.reading import open_at_end, read
from cases.statistics.figures.rollup import LOCK, drifted, prove, refresh
from tests.cases.a_year import AFTER, DAY, YEAR, ask, fill, on, stored, void
from tests.factories import entry, make_case

IN_YEAR = "BETWEEN '2025-01-01 00:00:00+08' AND '2025-12-31 23:59:59.999999+08'"
PLACES = {
    "410423101": "410423101",  # a township, its village point in it
    "410423102": "410423102",
    "410423000": "410423000",  # the county's own desk
    "410423": "410423",
    "410421": "410421",
    "4104": "4104",
}
# What a person would ask the registers; %s is the beginning of the code of the region of the station that registered.
OF = "JOIN stations_organisation o ON o.id = c.station_id WHERE o.region_id LIKE %s || '%%'"
RECOUNTS = {
    "contacts less those of mistakes confirmed in the year": (
        ("CONTACT", None),
        f"""SELECT (SELECT count(*) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF} AND k.entered_at {IN_YEAR})
            - (SELECT count(*) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF}
               AND c.status = 'VOID' AND c.ended_at {IN_YEAR})""",
    ),
    "first contacts by letter": (
        ("CONTACT", ("LETTER:FIRST",)),
        f"""SELECT count(*) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.entered_at {IN_YEAR} AND k.channel = 'LETTER' AND k.occurrence = 'FIRST' AND c.status <> 'VOID'""",
    ),
    "repeated contacts": (
        ("CONTACT", tuple(f"{way}:REPEAT" for way in ("LETTER", "VISIT", "PHONE", "ONLINE", "IN", "FOUND"))),
        f"""SELECT count(*) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.entered_at {IN_YEAR} AND k.occurrence = 'REPEAT' AND c.status <> 'VOID'""",
    ),
    "people who came": (
        ("PERSONS", None),
        f"""SELECT sum(k.persons) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.entered_at {IN_YEAR} AND c.status <> 'VOID'""",
    ),
    "people who came in groups of five and more": (
        ("GROUP_PERSONS", None),
        f"""SELECT sum(k.persons) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.entered_at {IN_YEAR} AND k.persons > 4 AND k.channel LIKE 'VISIT%%'""",
    ),
    "matters": (
        ("MATTER", None),
        f"SELECT count(*) FROM cases_case c {OF} AND c.registered_at {IN_YEAR} AND c.status NOT IN ('VOID', 'MERGED')",
    ),
    "contacts about land": (
        ("CATEGORY", ("PRO_LAND",)),
        f"""SELECT count(*) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.entered_at {IN_YEAR} AND c.category = 'PRO_LAND'""",
    ),
    "closings": (
        ("CLOSED", None),
        f"""SELECT count(*) FROM cases_event e JOIN cases_case c ON c.id = e.case_id {OF}
            AND e.step IN ('CLOSE', 'ADVISE') AND e.at {IN_YEAR}""",
    ),
    "settled in the township": (
        ("CLOSED", ("TOWNSHIP",)),
        f"""SELECT count(*) FROM cases_closure k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.approved AND k.settled_level = 'TOWNSHIP' AND k.decided_at {IN_YEAR}""",
    ),
    "violence at home, contacts": (
        ("DV_CONTACT", None),
        f"""SELECT count(*) FROM cases_contact k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.entered_at {IN_YEAR} AND c.category = 'MAR_DV'""",
    ),
    "decisions to accept that were owed": (
        ("DUE", ("IN-ACCEPT",)),
        f"""SELECT count(*) FROM cases_clock k JOIN cases_case c ON c.id = k.case_id {OF} AND k.code = 'IN-ACCEPT'
            AND k.effective_due {IN_YEAR} AND (k.status <> 'CANCELLED' OR k.ended_at > k.effective_due)""",
    ),
    "decisions to accept that came too late, or never": (
        ("LATE", ("IN-ACCEPT",)),
        f"""SELECT count(*) FROM cases_clock k JOIN cases_case c ON c.id = k.case_id {OF} AND k.code = 'IN-ACCEPT'
            AND k.effective_due {IN_YEAR} AND (k.ended_at IS NULL OR k.ended_at > k.effective_due)""",
    ),
    "referrals": (
        ("REFER", ("ASSIGN",)),
        f"SELECT count(*) FROM cases_referral k JOIN cases_case c ON c.id = k.case_id {OF} AND k.sent_at {IN_YEAR}",
    ),
    "people served": (
        ("SERVICE", None),
        f"""SELECT sum(k.service_persons) FROM cases_handlingrecord k JOIN cases_case c ON c.id = k.case_id {OF}
            AND k.at {IN_YEAR} AND k.service <> ''""",
    ),
}


@pytest.fixture
def year(cast):
    told = fill(cast)
    refresh(AFTER)
    return told


@pytest.mark.parametrize("place", PLACES)
def test_a_year_is_what_a_person_would_count(cast, year, place):
    void(cast, year["mistake"], on(9, 5))
    handling.merge_case(year["twin"], into=year["waits"], reason="同一人同一件事", by=cast.head, at=on(9, 20))
    refresh(AFTER + DAY)
    told = read([place], Period.of(Span.YEAR, YEAR), AFTER)[place]

    found = {name: told.sum(measure, dims) for name, ((measure, dims), _) in RECOUNTS.items()}

    counted = {name: ask(sql, *[place] * sql.count("%s")) for name, (_, sql) in RECOUNTS.items()}
    assert found == counted
    assert place != "410423" or min(counted.values()) > 0


def test_what_is_open_at_the_end_is_what_had_begun_and_not_ended(cast, year):
    period = Period.of(Span.YEAR, YEAR)

    found = open_at_end(["410423101", "410423", "4104"], period, AFTER)

    latest = """SELECT count(*) FROM cases_case c JOIN stations_organisation o ON o.id = c.station_id
        WHERE o.region_id LIKE %s || '%%' AND (SELECT e.to_status FROM cases_event e WHERE e.case_id = c.id
        AND e.at < '2026-01-01 00:00:00+08' ORDER BY e.seq DESC LIMIT 1)
        IN ('REGISTERED', 'ACCEPTED', 'HANDLING', 'SUSPENDED', 'PENDING_CLOSE')"""
    assert found == {place: ask(latest, place) for place in found}
    assert found["410423"] == 6


def test_the_last_hour_of_december_is_the_old_years(cast, year):
    spans = {
        "old": Period.of(Span.MONTH, 2025, 12),
        "new": Period.of(Span.MONTH, 2026, 1),
        "both": Period.between(date(2025, 12, 31), date(2026, 1, 1)),
        "cut": Period.between(date(2025, 12, 2), date(2026, 1, 31)),
    }

    found = {name: read(["410423"], span, AFTER)["410423"].sum("CONTACT") for name, span in spans.items()}

    assert found == {"old": 1, "new": 1, "both": 2, "cut": 2}


def test_last_years_table_does_not_change(cast, year):
    before = stored(YEAR)
    at = AFTER + DAY
    late = Clock.objects.get(case=year["waits"], code="IN-TOTAL")
    assert late.effective_due < on(12, 31)

    closure.reopen_case(
        year["closed"], ground=ReopenGround.NEW_FACT, reason="又来反映", owner=cast.clerk, by=cast.head, at=at
    )
    handling.merge_case(year["twin"], into=year["waits"], reason="同一件事", by=cast.head, at=at)
    void(cast, year["mistake"], at)
    _extend(cast, year["waits"], at)
    _lengthen("IN-TOTAL", at)
    refresh(at + DAY)
    assert stored(YEAR) == before
    refresh(at + DAY, anew=True)

    assert stored(YEAR) == before
    late.refresh_from_db()
    assert late.effective_due.year == YEAR
    assert late.missed
    march = read(["410423"], Period.of(Span.MONTH, 2026, 3), at + DAY)["410423"]
    assert march.sum("MATTER") == -2
    assert march.sum("CONTACT") == -1
    assert march.sum("OPEN") == -1
    assert march.by("STEP") == {"REOPEN": 1, "MERGE": 1, "VOID": 1}
    # Of the moved: ends that had passed in March, and new ends that lie in the past already on the day they are set.
    moved = Clock.objects.filter(code="IN-TOTAL").exclude(missed=[])
    passed = sum(end >= on(3, 1, year=2026) for clock in moved for end in clock.missed)
    set_late = sum(clock.effective_due <= at for clock in moved)
    assert (passed, set_late) == (3, 3)
    assert march.sum("LATE", ("IN-TOTAL",)) == 6


def _extend(cast, case, at):
    handling.ask_extension(case, days=20, reason="等鉴定", by=cast.clerk, at=at)
    extension = Extension.objects.get(case=case)
    handling.decide_extension(extension, granted=True, opinion="同意", by=cast.head, at=at)


def _lengthen(code, at):
    """A changed rule moves what is running onto it."""
    rule = ClockRule.objects.filter(code=code).latest("version")
    rule.pk, rule.version, rule.amount, rule.effective_from = (
        None,
        rule.version + 1,
        rule.amount + 10,
        on(1, 1, year=2020),
    )
    rule.save()
    carry_out(order_redating(rule=rule, may_shorten=False, reason="规则调整", by=None, at=at), at)


def test_counting_twice_is_counting_once(cast, year):
    before = list(Figure.objects.order_by("pk").values_list("pk", "value"))

    assert refresh(AFTER + timedelta(minutes=10)) == []

    assert list(Figure.objects.order_by("pk").values_list("pk", "value")) == before
    assert refresh(AFTER + DAY) == [date(2025, month, 1) for month in (*range(2, 10), 12)] + [
        date(2026, month, 1) for month in (1, 3)
    ]
    assert stored(YEAR) == sorted(set(stored(YEAR)))


def test_one_run_at_a_time(cast):
    make_case(cast, at=AFTER)
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.ClientCursor}
    with psycopg.connect(**parameters) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        assert refresh(AFTER + DAY) == []

    assert refresh(AFTER + DAY) == [date(2026, 3, 1)]


def test_any_order_of_steps_leaves_what_a_count_anew_finds(cast):
    random = Random(20261122)
    cases, at = [], on(10, 8)
    for n in range(24):
        at += timedelta(days=random.randrange(1, 16), hours=random.randrange(5))
        _some_step(cast, random, cases, at)
        if n % 5 == 4:
            refresh(at)

    assert prove(at + DAY, MOST) == []
    kept = stored(2025) + stored(2026)
    refresh(at + 2 * DAY, anew=True)
    assert stored(2025) + stored(2026) == kept
    assert len(kept) > 100


def _some_step(cast, random, cases, at):
    unit = random.choice((cast.station, cast.other_station))
    status = random.choice(("REGISTERED", "ACCEPTED", "HANDLING", "CLOSED", "NOT_ACCEPTED"))
    open_ones = [case for case in cases if case.status in ("REGISTERED", "ACCEPTED", "HANDLING")]
    kind = random.choice(("new", "again", "merge", "void", "reopen")) if len(open_ones) > 2 else "new"
    ended = [case for case in cases if case.status in ("CLOSED", "NOT_ACCEPTED")]
    head = {cast.station.pk: cast.head, cast.other_station.pk: cast.other_head}
    if kind == "new" or (kind == "reopen" and not ended):
        cases.append(
            make_case(cast, status, at=at, unit=unit, category=random.choice(("MAR_DISPUTE", "MAR_DV")))
        )
        return
    case = random.choice(ended if kind == "reopen" else open_ones)
    by = head[case.holder_id]
    if kind == "again":
        told = entry(cast, occurrence=Occurrence.REPEAT, received_at=at, persons=random.randrange(1, 9))
        intake.add_contact(case, told, unit=case.holder, by=case.owner, at=at)
    elif kind == "merge":
        into = next(one for one in open_ones if one.pk != case.pk)
        handling.merge_case(case, into=into, reason="同一件事", by=by, at=at)
    elif kind == "void":
        handling.ask_void(case, reason="重复录入", by=by, at=at)
        handling.void_case(case, reason="属实", by=cast.officer, at=at)
    else:
        closure.reopen_case(case, ground=ReopenGround.NEW_FACT, reason="又来", owner=case.owner, by=by, at=at)
    cases[:] = list(Case.objects.select_related("holder", "owner").filter(pk__in=[one.pk for one in cases]))


def test_the_night_finds_a_figure_that_is_not_so(cast, year):
    assert drifted(MOST) == []
    Figure.objects.filter(place="410423", grain="M", start=date(2025, 2, 1), measure="CLOSED").update(value=3)

    found = prove(AFTER, MOST)

    assert found == [("410423 2025-02 CLOSED TOWNSHIP", None), ("410423 2025 CLOSED TOWNSHIP", None)]
    check = check_promises(AFTER, further={FIGURES_PROMISE.code: found})
    assert check.found[FIGURES_PROMISE.code] == found
    assert check.broken >= 2


def test_an_empty_house_has_nothing_to_count(cast):
    assert drifted(MOST) == []
    assert refresh(AFTER) == [date(2026, 3, 1)]
    assert not Figure.objects.exists()
    assert FigureRun.objects.get().at == AFTER
