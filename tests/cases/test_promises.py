"""The nightly check: it finds nothing where the verbs were used, and each promise is seen when it is broken by hand."""

import io
from datetime import datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from cases.actions import escalation, handling, intake, referral, reminders
from cases.actions.monitors.warning import breach_letter
from cases.actions.promises import ALL, MOST, PROMISES, WARNINGS, ask, check_promises, kept_spans, told_spans
from cases.choices import DeliveryWay, EscalationReason, NoticeKind, ReferralKind, RefuseReason
from cases.deadlines import CHINA
from cases.models import Case, Clock, Notice, PromiseCheck
from cases.tasks import DRAFTS_KEPT
from stations.models import Staff
from tests.cases.watching import agreed, hit, letter, order, stay
from tests.cast import MONDAY
from tests.demo_city import TODAY
from tests.factories import MINUTE, make_case, make_referral
from tests.test_docs import read, table

AT = MONDAY + timedelta(hours=2)
DAY = timedelta(days=1)


def run_sql(*statements, unbound=()):
    """Break a row behind the back of the verbs; `unbound` names constraints that would not let it happen."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, constraint in unbound:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount, statement


def broken(at=AT):
    return set(check_promises(at).found)


def on(case, sets):
    return f"UPDATE cases_case SET {sets} WHERE id = '{case.pk}'"


def set_clocks(case, sets, where="TRUE"):
    return f"UPDATE cases_clock SET {sets} WHERE case_id = '{case.pk}' AND {where}"


ENDED = "status = 'CANCELLED', ended_at = now(), next_notice_at = NULL, next_stage = ''"


@pytest.fixture
def case(cast):
    return make_case(cast, "HANDLING")


def test_nothing_is_found_where_every_status_was_reached_by_the_verbs(cast):
    for status in ("REGISTERED", "ACCEPTED", "HANDLING", "SUSPENDED", "PENDING_CLOSE", "CLOSED", "VOID", "MERGED",
                   "NOT_ACCEPTED", "REDIRECTED"):  # fmt: skip
        make_case(cast, status)
    for status in ("SENT", "SIGNED", "OBJECTED", "IN_PROGRESS", "ANSWERED", "RESULT", "CLOSED", "RETURNED",
                   "WITHDRAWN"):  # fmt: skip
        make_referral(cast, status)

    check = check_promises(AT)

    assert (check.found, check.broken) == ({}, 0)


def test_a_matter_turned_down_while_it_waited_above_waits_no_longer(cast):
    case = make_case(cast)
    escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.HIGH_RISK, tried="试过", by=cast.head, at=AT
    )
    handling.refuse_case(
        case,
        reason=RefuseReason.LITIGATION,
        explanation="在法院",
        by=cast.head,
        at=AT + MINUTE,
        way=DeliveryWay.IN_PERSON,
    )

    assert broken(AT + 2 * MINUTE) == set()


def test_owner_missing(cast, case):
    run_sql(on(case, "owner_id = NULL"), unbound=[("cases_case", "case_open_has_owner")])

    assert {"OWNERLESS"} <= broken()


def test_owner_gone(cast, case):
    Staff.objects.filter(pk=cast.clerk.pk).update(is_active=False)

    assert broken() == {"OWNER_GONE"}


@pytest.mark.parametrize("change", [{"roles": ["ARCHIVIST"]}, {"organisation": None}])
def test_owner_who_cannot_work_on_it(cast, case, change):
    Staff.objects.filter(pk=cast.clerk.pk).update(**change)

    assert broken() == {"OWNER_BLIND"}


def test_owner_at_another_unit(cast, case):
    Staff.objects.filter(pk=cast.clerk.pk).update(organisation=cast.other_station)

    assert broken() == {"OWNER_BLIND"}


@pytest.mark.parametrize("change", [{"is_active": False}, {"organisation": None}])
def test_visits_of_nobody(cast, change):
    make_case(cast, "CLOSED", involves_dv=True)
    Staff.objects.filter(pk=cast.clerk.pk).update(**change)

    assert len(check_promises(AT).found["VISIT_ORPHAN"]) == 1


def test_visits_without_an_owner(cast):
    case = make_case(cast, "CLOSED")
    run_sql(on(case, "owner_id = NULL"))

    assert broken() == {"VISIT_ORPHAN"}


@pytest.mark.parametrize(
    "sets", ["until_at = now() + interval '1 year'", "staff_id = {other}", "organisation_id = {unit}"]
)
def test_holding_other_than_the_owner(cast, case, sets):
    sets = sets.format(other=cast.clerk2.pk, unit=cast.other_station.pk)
    run_sql(f"UPDATE cases_holding SET {sets} WHERE case_id = '{case.pk}'")

    assert {"HOLDING"} <= broken()


def test_holding_of_an_ended_case(cast):
    case = make_case(cast, "CLOSED")
    run_sql(f"UPDATE cases_holding SET until_at = NULL WHERE case_id = '{case.pk}'")

    assert {"HOLDING"} <= broken()


def test_holding_other_than_the_events_tell(cast, case):
    run_sql(f"UPDATE cases_holding SET since_at = since_at - interval '1 day' WHERE case_id = '{case.pk}'")

    assert broken() == {"HOLDING_RETOLD"}
    assert (
        broken(AT + 3 * DAY) - {"SWEEP_STILL"} == set()
    )  # only what moved in the last two days is told again


def test_open_case_without_a_clock(cast, case):
    run_sql(set_clocks(case, ENDED, "status = 'RUNNING'"), on(case, "due_at = NULL"))

    assert broken() == {"CLOCKLESS"}


def test_clock_of_an_ended_case(cast):
    closed, void = make_case(cast, "CLOSED"), make_case(cast, "VOID")
    revive = "status = 'RUNNING', ended_at = NULL, next_notice_at = effective_due, next_stage = 'T0'"
    for case in (closed, void):
        run_sql(set_clocks(case, revive, "code = 'IN-TOTAL'"))

    assert {pk for _, pk in check_promises(AT).found["CLOCK_LEFT"]} == {str(closed.pk), str(void.pk)}


def test_a_period_of_law_that_a_person_entered_may_run_on_after_closing(cast):
    case = make_case(cast, "CLOSED")
    run_sql(
        set_clocks(
            case,
            "rule_id = (SELECT id FROM cases_clockrule WHERE starts = 'PERSON' LIMIT 1), "
            "code = (SELECT code FROM cases_clockrule WHERE starts = 'PERSON' LIMIT 1)",
            "code = 'IN-VISIT'",
        )
    )

    assert broken() == set()


def test_clock_of_an_ended_referral(cast):
    sent = make_referral(cast, "SENT")
    run_sql(
        f"UPDATE cases_referral SET status = 'WITHDRAWN', ended_at = now() WHERE id = '{sent.pk}'",
        on(sent.case, "open_referrals = 0"),
    )

    assert broken() == {"CLOCK_OF_ENDED"}


def test_clock_without_a_case(cast, case):
    run_sql(
        set_clocks(case, "case_id = NULL", "code = 'IN-ACCEPT'"),
        unbound=[("cases_clock", "clock_of_case_or_task")],
    )

    assert broken() == {"CLOCK_ALONE"}


def test_sweep_that_stands_still(cast, case):
    clock = case.clocks.live().order_by("next_notice_at").first()
    late = clock.next_notice_at + timedelta(minutes=61)

    assert broken(late - timedelta(minutes=2)) == set()
    assert broken(late) == {"SWEEP_STILL"}
    reminders.remind(late)
    assert broken(late) == set()


@pytest.mark.parametrize("sets", ["due_at = NULL", "due_at = due_at + interval '1 second'"])
def test_date_on_the_case_other_than_the_nearest(cast, case, sets):
    run_sql(on(case, sets))

    assert broken() == {"DUE_WRONG"}


def test_a_departments_own_period_is_not_the_cases(cast):
    make_referral(cast, "SIGNED")

    assert broken() == set()


@pytest.mark.parametrize("count", [0, 2])
def test_referrals_counted_wrong(cast, count):
    sent = make_referral(cast, "SENT")
    run_sql(on(sent.case, f"open_referrals = {count}"))

    assert broken() == {"COUNTER"}


@pytest.mark.parametrize("status", ["SENT", "SIGNED"])
def test_referral_without_a_clock(cast, status):
    sent = make_referral(cast, status)
    run_sql(f"UPDATE cases_clock SET {ENDED} WHERE referral_id = '{sent.pk}' AND status = 'RUNNING'")

    assert broken() == {"REFERRAL_UNTIMED"}


def test_referral_signed_and_silent(cast):
    """Nobody asked for a result by a day, and once something was said no clock runs any more."""
    sent = make_referral(cast, "SIGNED", department=cast.civil, kind=ReferralKind.TRANSFER)
    answer = referral.Answer(text="正在核实")
    referral.report_progress(sent, answer=answer, by=cast.civil_liaison, at=AT)

    def silent(at):
        return "REFERRAL_SILENT" in broken(at)

    assert not silent(AT + 59 * DAY)
    assert silent(AT + 61 * DAY)
    referral.report_progress(sent, answer=answer, by=cast.civil_liaison, at=AT + 61 * DAY)
    assert not silent(AT + 62 * DAY)


def test_delivery_that_does_not_leave(cast, case):
    notice = Notice.objects.create(recipient=cast.clerk, kind=NoticeKind.ASSIGNED, case=case, at=MONDAY)
    run_sql(
        "INSERT INTO cases_delivery (notice_id, kind, digest, status, tries, next_at, error) "
        f"VALUES ({notice.pk}, 'MAIL', FALSE, 'WAITING', 1, '{MONDAY.isoformat()}', '')"
    )

    assert "DELIVERY_STUCK" not in broken(MONDAY + DAY)
    found = check_promises(MONDAY + DAY + MINUTE).found["DELIVERY_STUCK"]
    assert [pk for _, pk in found] == [str(case.pk)]


def test_draft_that_stays(cast):
    intake.save_draft(staff=cast.clerk, submission=cast_id(cast), answers={}, at=MONDAY)

    assert broken(MONDAY + DRAFTS_KEPT) == set()
    assert broken(MONDAY + DRAFTS_KEPT + DAY + MINUTE) == {"DRAFT_OLD"}


def cast_id(cast):
    return make_case(cast, "VOID").submission


def test_vacant_post_is_a_warning_and_breaks_nothing(cast):
    make_case(cast, "REGISTERED", unit=cast.far_station)  # nobody heads it
    Staff.objects.filter(pk=cast.head.pk).update(is_active=False)

    check = check_promises(AT)

    assert ([unit for unit, _ in check.found["POST_VACANT"]], check.broken) == ([str(cast.far_station.pk)], 0)
    make_case(cast, "REGISTERED")
    assert len(check_promises(AT).found["POST_VACANT"]) == 2
    assert {"POST_VACANT"} == WARNINGS


def test_what_is_found_names_the_row_and_its_case_and_nothing_else(cast):
    sent = make_referral(cast, "SENT")
    run_sql(f"UPDATE cases_clock SET {ENDED} WHERE referral_id = '{sent.pk}' AND status = 'RUNNING'")

    check_promises(AT)

    check = PromiseCheck.objects.get()
    assert (check.at, check.broken) == (AT, 1)
    assert check.found == {"REFERRAL_UNTIMED": [[str(sent.pk), str(sent.case_id)]]}


def test_a_flood_is_cut_off(cast, case, monkeypatch):
    monkeypatch.setattr("cases.actions.promises.MOST", 1)
    make_case(cast, "HANDLING")
    Staff.objects.filter(pk=cast.clerk.pk).update(is_active=False)
    gone = next(promise for promise in PROMISES if promise.code == "OWNER_GONE")

    assert len(ask(gone, AT)) == 1 < MOST
    assert Case.objects.open().count() == 2


def test_every_promise_has_a_name_of_its_own():
    assert len({promise.code for promise in ALL}) == len({promise.words for promise in ALL}) == len(ALL)


# The command and the task.


def test_the_command_ends_with_1_when_a_promise_is_broken(cast, case, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    out = io.StringIO()
    call_command("check_promises", stdout=out)
    assert out.getvalue() == f"{len(ALL)} promises asked: none is broken\n"

    Staff.objects.filter(pk=cast.clerk.pk).update(is_active=False)
    Staff.objects.filter(pk=cast.head.pk).update(is_active=False)
    with pytest.raises(CommandError, match="1 rows break one") as failure:
        call_command("check_promises", stdout=out)

    assert failure.value.returncode == 1
    assert f"OWNER_GONE broken, 1 rows: {case.pk}\n" in out.getvalue()
    assert f"POST_VACANT warning, 1 rows: {cast.station.pk}\n" in out.getvalue()


# The demonstration city: walked through every state by the verbs, with clocks of all kinds.


@pytest.mark.xdist_group("demo")
def test_nothing_is_found_in_the_demonstration_city(demo):
    with transaction.atomic():
        check = check_promises(datetime.combine(TODAY, time.min, CHINA))
        transaction.set_rollback(True)

    assert (check.found, check.broken) == ({}, 0)
    assert Clock.objects.live().count() > 50


@pytest.mark.xdist_group("demo")
def test_holdings_of_the_demonstration_city_are_what_its_events_tell(demo):
    different = [case.number for case in Case.objects.all() if kept_spans(case.pk) != told_spans(case.pk)]

    assert different == []


def test_every_promise_is_written_down():
    rows = table(read("docs/running.md"), "code", "must never be", "what to do")

    assert {row[0].strip("`") for row in rows} == {promise.code for promise in ALL}
    assert {row[0].strip("`") for row in rows if row[1].startswith("(warning)")} == WARNINGS


# What is watched over beyond the cases.


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"organisation": None}, {"roles": ["ARCHIVIST"]}], ids=str
)
def test_a_monitor_whose_keeper_is_gone_is_found(cast, change):
    found = letter(cast)
    assert "MONITOR_ORPHAN" not in broken()

    Staff.objects.filter(pk=found.keeper_id).update(**change)

    assert "MONITOR_ORPHAN" in broken()


def test_a_monitor_without_a_date_is_found(cast):
    found = letter(cast)
    run_sql(f"UPDATE cases_clock SET {ENDED} WHERE monitor_id = '{found.pk}'")

    assert {"MONITOR_UNTIMED", "MONITOR_DUE_WRONG"} <= broken()


def test_a_clock_of_an_ended_monitor_is_found(cast):
    found = letter(cast)
    run_sql(
        f"UPDATE cases_monitor SET stage = 'ENDED', outcome = 'CLEAN', ended_at = now(), ended_by_id = {cast.clerk.pk}"
        f" WHERE id = '{found.pk}'"
    )

    assert "CLOCK_OF_ENDED" in broken()


def test_nothing_is_found_where_monitors_were_moved_by_the_verbs(cast):
    closed = make_case(cast, "CLOSED", involves_dv=True)
    for made in (letter(cast, closed), order(cast), stay(cast), agreed(cast)):
        assert made.is_open
    kept = letter(cast)
    breach_letter(kept, hit(kept.started_at), by=cast.clerk, at=AT)

    assert not broken() - WARNINGS
