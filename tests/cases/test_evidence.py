"""History cannot be changed; where somebody with the database's keys changed it, the walk names the place."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases.actions import closure, evidence, handling
from cases.actions.evidence import Flaw, anchor_chains, verify_chains
from cases.actions.guarding.consent import disclose
from cases.actions.monitors.monitor import add_note
from cases.actions.monitors.warning import open_letter
from cases.actions.safety.danger import DangerEntry, assess
from cases.actions.safety.plans import TaskEntry, make_safety_plan, make_service_plan
from cases.choices import (
    AccessKind,
    DeliveryWay,
    DisclosureKind,
    DocType,
    FieldGroup,
    Receipt,
    Risk,
    Satisfaction,
    ScaleAnswer,
    VisitResult,
)
from cases.models import (
    Access,
    AccessReason,
    Appraisal,
    ArchiveFile,
    Case,
    ChainAnchor,
    Disposal,
    DocumentDelivery,
    DocumentVoid,
    Event,
    EventNote,
    IssuedDocument,
    LedgerDownload,
    LedgerExport,
    Rating,
)
from cases.workflow.danger import ITEMS
from stations.choices import StaffStep
from stations.models import StaffEvent
from tests.cases.assessing import submitted
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + 30 * MINUTE


@pytest.fixture
def tamper(db):
    """Run SQL as somebody who owns the tables and has switched their guards off."""

    def run(sql, *values):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            tables = {row[0] for row in guards(cursor)}
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
            cursor.execute(sql, values)
            touched = cursor.rowcount
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")
        assert touched, sql

    return run


def guards(cursor):
    cursor.execute(
        "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE '%append_only'"
    )
    return cursor.fetchall()


def flaws():
    return [(flaw.where, flaw.what) for flaw in verify_chains()]


@pytest.fixture
def case(cast):
    """A closed case of five events beside another of four."""
    case = make_case(cast, "CLOSED")
    handling_case = make_case(cast, "HANDLING")
    handling.change_risk(handling_case, risk=Risk.YELLOW, reason="争吵加剧", by=cast.clerk, at=LATER)
    assert case.events.count() == 5
    return case


def test_an_untouched_history_is_whole(case, cast):
    make_referral(cast, "CLOSED")
    anchor_chains(LATER)

    assert flaws() == []


def test_a_changed_row_is_named(case, tamper):
    tamper("UPDATE cases_event SET facts = '{\"owner\": 0}' WHERE case_id = %s AND seq = 2", case.pk)

    assert flaws() == [(f"case {case.number} event 2", "was changed after it was written")]


@pytest.mark.parametrize(
    "change",
    ["at = at - interval '1 day'", "by_id = NULL, unit_id = NULL", "role = 'X'", "to_status = 'VOID'"],
)
def test_every_column_of_a_row_is_guarded(case, tamper, change):
    tamper(f"UPDATE cases_event SET {change} WHERE case_id = %s AND seq = 3", case.pk)

    assert flaws() == [(f"case {case.number} event 3", "was changed after it was written")]


def test_a_row_rewritten_with_its_hash_breaks_the_next(case, tamper):
    event = case.events.get(seq=2)
    event.facts = {"owner": 0}
    tamper(
        "UPDATE cases_event SET facts = '{\"owner\": 0}', hash = %s WHERE case_id = %s AND seq = 2",
        event.compute_hash(),
        case.pk,
    )

    assert flaws() == [(f"case {case.number} event 3", "does not continue the event before it")]


def test_a_row_taken_out_of_the_middle_is_missed(case, tamper):
    middle = case.events.get(seq=3)
    tamper("DELETE FROM cases_event WHERE id = %s", middle.pk)

    assert flaws() == [(f"case {case.number} event 4", "event 3 is missing")]


def test_the_last_row_taken_away_is_missed(case, tamper):
    last = case.events.get(seq=5)
    tamper("DELETE FROM cases_eventnote WHERE event_id = %s", last.pk)
    tamper("DELETE FROM cases_event WHERE id = %s", last.pk)

    assert flaws() == [
        (f"case {case.number} event 4", "the chain ends before, or elsewhere than, the case row says")
    ]


def test_a_status_moved_past_the_history_is_noticed(case, tamper):
    tamper(
        "UPDATE cases_case SET status = 'REGISTERED', ended_at = NULL, ended_by_id = NULL WHERE id = %s",
        case.pk,
    )

    assert flaws()[0][1] == "the chain ends before, or elsewhere than, the case row says"


def test_an_exchanged_note_is_noticed(case, tamper):
    note = EventNote.objects.get(event__case=case, event__seq=2)
    other = EventNote(pk=note.pk, event=note.event, text="别的话")
    tamper("DELETE FROM cases_eventnote WHERE id = %s", note.pk)
    other.save(force_insert=True)

    assert flaws() == [(f"case {case.number} event 2", "its note was changed or removed")]


def test_a_removed_note_is_noticed(case, tamper):
    tamper(
        "DELETE FROM cases_eventnote WHERE event_id = (SELECT id FROM cases_event WHERE case_id = %s AND seq = 2)",
        case.pk,
    )

    assert flaws() == [(f"case {case.number} event 2", "its note was changed or removed")]


def remove_whole(tamper, case):
    """The case with everything that hangs on it, as if it had never been."""
    for table in ("handlingrecord", "petitionernotice", "closure", "notice", "clock", "holding", "party"):
        tamper(f"DELETE FROM cases_{table} WHERE case_id = %s", case.pk)
    tamper("DELETE FROM cases_statement WHERE case_id = %s", case.pk)
    tamper("DELETE FROM cases_contact WHERE case_id = %s", case.pk)
    tamper(
        "DELETE FROM cases_eventnote USING cases_event e WHERE event_id = e.id AND e.case_id = %s", case.pk
    )
    tamper("DELETE FROM cases_event WHERE case_id = %s", case.pk)
    tamper("DELETE FROM cases_case WHERE id = %s", case.pk)


def test_a_case_removed_whole_leaves_an_anchor_that_disagrees(case, tamper):
    anchor = anchor_chains(LATER)
    remove_whole(tamper, case)

    assert flaws() == [
        (f"anchor {anchor.pk} of 2026-11-16", "5 events are missing since the anchor before it")
    ]


def test_only_the_stretch_that_lost_something_is_named(case, cast, tamper):
    make_case(cast)
    first = anchor_chains(LATER)
    make_case(cast)
    anchor_chains(LATER)
    remove_whole(tamper, case)

    assert [where for where, _ in flaws()] == [f"anchor {first.pk} of 2026-11-16"]


def test_events_put_in_behind_an_anchor_are_noticed(case, cast, tamper):
    anchor = anchor_chains(LATER)
    tamper("UPDATE cases_event SET hash = %s WHERE case_id = %s AND seq = 5", b"0" * 32, case.pk)

    assert (
        f"anchor {anchor.pk} of 2026-11-16",
        "events were exchanged or added since the anchor before it",
    ) in flaws()


def test_an_anchor_is_taken_only_where_something_happened(cast):
    assert anchor_chains(LATER) is None

    make_case(cast)
    first = anchor_chains(LATER)
    assert (first.events, first.previous) == (1, None)
    assert anchor_chains(LATER) is None

    make_case(cast, "ACCEPTED")
    second = anchor_chains(LATER)
    assert (second.events, second.previous) == (2, first)
    assert bytes(second.digest) != bytes(first.digest)


def test_verify_chain_says_what_it_checked(case, cast):
    anchor_chains(LATER)
    out = StringIO()

    call_command("verify_chain", stdout=out)

    assert out.getvalue() == "2 cases, 9 events, 1 anchors checked: the history is whole\n"


def test_verify_chain_prints_each_flaw_and_fails(case, tamper):
    anchor = anchor_chains(LATER)
    tamper("UPDATE cases_event SET role = 'X' WHERE case_id = %s AND seq = 2", case.pk)
    tamper("UPDATE cases_chainanchor SET digest = %s WHERE id = %s", b"0" * 32, anchor.pk)
    out = StringIO()

    with pytest.raises(CommandError, match="2 cases, 9 events, 1 anchors checked: 2 flaws") as failure:
        call_command("verify_chain", stdout=out)

    assert failure.value.returncode == 1
    assert out.getvalue().splitlines() == [
        f"case {case.number} event 2: was changed after it was written",
        f"anchor {anchor.pk} of 2026-11-16: events were exchanged or added since the anchor before it",
    ]


# The guards in the database.


def evidence_rows(cast):
    case = make_case(cast, "CLOSED")
    closure.record_follow_up(
        case,
        happened_at=LATER,
        way="MEET",
        spoke_safely=True,
        result=VisitResult.SAFE,
        content="平稳",
        by=cast.clerk,
        at=LATER,
    )
    access = Access.objects.create(
        case=case,
        staff=cast.officer,
        unit=cast.county,
        at=LATER,
        kind=AccessKind.REVEAL,
        fields=FieldGroup.IDENTITY,
        in_line=False,
    )
    AccessReason.objects.create(access=access, text="督办")
    archive_rows(case, cast)
    safety_rows(make_case(cast, "HANDLING", involves_dv=True), cast)
    document_rows(case, cast)
    asked = {"unit": cast.station, "by": cast.head, "by_unit": cast.station, "at": LATER}
    days = {"since": LATER.date(), "until": LATER.date()}
    export = LedgerExport.objects.create(ledger="REGISTER", purpose="报县妇联", **asked, **days)
    LedgerDownload.objects.create(export=export, by=cast.head, at=LATER)
    StaffEvent.objects.create(staff=cast.clerk, step=StaffStep.UNLOCKED, by=cast.sec_admin, at=LATER)
    anchor_chains(LATER)


def document_rows(case, cast):
    document = IssuedDocument.objects.create(
        case=case,
        unit=cast.station,
        doc_type=DocType.CLOSE_REPORT,
        year=2026,
        title="结案报告",
        snapshot={},
        docx=b"docx",
        pdf=b"pdf",
        made_by=cast.clerk,
        made_at=LATER,
    )
    DocumentDelivery.objects.create(
        document=document,
        way=DeliveryWay.IN_PERSON,
        receipt=Receipt.SIGNED,
        delivered_on=LATER.date(),
        receiver="祝冬雪",
        by=cast.clerk,
        at=LATER,
    )
    DocumentVoid.objects.create(document=document, reason="日期写错", by=cast.clerk, at=LATER)


def archive_rows(case, cast):
    told = {"fonds": "0123", "unit": cast.station, "year": 2026, "retention": "PERMANENT", "reason": "RESULT"}
    file = ArchiveFile.objects.create(case=case, number="A", filed_by=cast.head, filed_at=LATER, **told)
    first = {"first_words": "无保存价值", "first_by": cast.leader, "first_at": LATER}
    opinion = Appraisal.objects.create(file=file, proposal="DESTROY", **first)
    Disposal.objects.create(file=file, appraisal=opinion, by=cast.archivist, at=LATER)


def safety_rows(case, cast):
    submitted(cast)
    by = {"by": cast.clerk, "at": LATER}
    assess(case, DangerEntry(answers=dict.fromkeys(ITEMS, ScaleAnswer.NO)), **by)
    task = TaskEntry("SHELTER", "联系住处", MONDAY.date())
    make_service_plan(case, needs=["SHELTER"], goals="安全", review_on=MONDAY.date(), tasks=[task], **by)
    make_safety_plan(case, leave="后门", **by)
    letter = open_letter(case, delivered_on=MONDAY.date(), keeper=cast.clerk, **by)
    add_note(letter, content="已到家看过", **by)
    disclose(case, DisclosureKind.ORAL, recipient="派出所", what="住址", **by)
    Rating.objects.create(case=case, satisfaction=Satisfaction.SATISFIED, at=LATER)


GUARDED = [
    ("cases_event", "at = at"),
    ("cases_access", "at = at"),
    ("cases_chainanchor", "at = at"),
    ("stations_staffevent", "at = at"),
    ("cases_ledgerdownload", "at = at"),
    ("cases_disposal", "at = at"),
    ("cases_eventnote", "text = text"),
    ("cases_accessreason", "text = text"),
    ("cases_handlingrecord", "content = content"),
    ("cases_statement", "facts = facts"),
    ("cases_followup", "content = content"),
    ("cases_dangerassessment", "words = words"),
    ("cases_serviceplan", "goals = goals"),
    ("cases_safetyplan", "leave = leave"),
    ("cases_monitorentry", "content = content"),
    ("cases_disclosure", "what = what"),
    ("cases_rating", "words = words"),
    ("cases_issueddocument", "title = title"),
    ("cases_autofigure", "at = at"),
    ("cases_indicatorscore", "text = text"),
    ("cases_roundevent", "note = note"),
    ("cases_documentvoid", "reason = reason"),
    ("cases_documentdelivery", "receiver = receiver"),
]
SEALED = [table for table, _ in GUARDED[6:]]


def attempt(sql, rotating=False):
    with transaction.atomic(), connection.cursor() as cursor:
        if rotating:
            cursor.execute("SET LOCAL weiquan.rotating = 'on'")
        cursor.execute(sql)
        return cursor.rowcount


def test_the_guarded_tables_are_these(cast):
    with connection.cursor() as cursor:
        assert sorted(row[0] for row in guards(cursor)) == sorted(table for table, _ in GUARDED)


@pytest.mark.parametrize(("table", "same"), GUARDED)
def test_the_database_refuses_to_change_or_delete_evidence(cast, table, same):
    evidence_rows(cast)

    with pytest.raises(DatabaseError, match="is append-only"):
        attempt(f"UPDATE {table} SET {same}")
    with pytest.raises(DatabaseError, match="is append-only"):
        attempt(f"DELETE FROM {table}")
    with pytest.raises(DatabaseError, match="is append-only"):
        attempt(f"DELETE FROM {table}", rotating=True)


@pytest.mark.parametrize(("table", "same"), GUARDED)
def test_only_sealed_words_may_be_sealed_anew(cast, table, same):
    evidence_rows(cast)

    if table in SEALED:
        assert attempt(f"UPDATE {table} SET {same}", rotating=True)
    else:
        with pytest.raises(DatabaseError, match="is append-only"):
            attempt(f"UPDATE {table} SET {same}", rotating=True)


def test_a_flaw_names_no_person(case, tamper):
    tamper("UPDATE cases_event SET role = 'X' WHERE case_id = %s AND seq = 2", case.pk)

    (flaw,) = verify_chains()
    assert flaw == Flaw(f"case {case.number} event 2", "was changed after it was written")


def test_an_event_reads_as_what_it_is(case):
    event = case.events.get(seq=2)

    assert str(event) == f"{case.pk}#2 ACCEPT"
    assert event.step_label == "受理"
    assert str(ChainAnchor(pk=3)) == "anchor 3"
    assert Event.objects.filter(case=case).count() == Case.objects.get(pk=case.pk).seq
    assert evidence.verify_case(case) is None
