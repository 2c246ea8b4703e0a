"""Two people, no hold, the time run out: only then is a file destroyed, and exactly the register is left."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.db.utils import DatabaseError

from cases.actions.archive import appraising, classes, disposing, filing, holding
from cases.actions.evidence import verify_case, verify_chains
from cases.actions.guarding.consent import disclose
from cases.actions.handling import record_handling
from cases.actions.monitors.warning import open_letter
from cases.choices import ArchiveStage, ArchiveStep, DisclosureKind, HandlingMethod, Proposal, Retention
from cases.models import (
    Appraisal,
    ArchiveFile,
    Case,
    EventNote,
    Party,
    Person,
    Phone,
    Statement,
)
from cases.permissions.archive import NOT_TWICE, OWNED, why_not_archive, why_not_second
from cases.workflow import StepNotAllowed
from tests.archive.scene import LATER, RUN_OUT, again, filed, rich_case
from tests.factories import FACTS, make_case
from weiquan.sealing import blind_index

DAY = timedelta(days=1)
WITHDRAWN = {"outcome": "WITHDRAWN"}


def short_lived(cast, case=None):
    """A file of ten years: lowered by two."""
    file = filed(cast, case)
    classes.change_class(file, retention=Retention.Y10, words="无保存价值", by=cast.head, at=LATER)
    classes.decide_lowering(file, granted=True, opinion="同意", by=cast.archivist, at=LATER)
    filing.make_waiting(LATER)
    return again(file)


def propose(file, by, *, proposal=Proposal.DESTROY, years=0, at=RUN_OUT):
    return appraising.appraise(file, proposal=proposal, years=years, words="已无利用价值", by=by, at=at)


def agree(file, by, *, agreed=True, at=RUN_OUT):
    return appraising.second(file, agreed=agreed, words="同意" if agreed else "还有用", by=by, at=at)


def condemned(cast, case=None):
    file = short_lived(cast, case)
    propose(file, cast.leader)
    agree(file, cast.archivist)
    return again(file)


# -- two people ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("leader", "archivist", ""),
        ("archivist", "leader", ""),
        ("leader", "leader", NOT_TWICE),
        ("archivist", "archivist", NOT_TWICE),
        ("leader", "clerk", OWNED),
        ("leader", "clerk2", OWNED),
    ],
)
def test_two_people_and_neither_the_owner(cast, first, second, sentence):
    file = short_lived(cast)
    case = Case.objects.get(pk=file.case_id)
    case.holdings.create(
        organisation=cast.station,
        staff=cast.clerk2,
        level="TOWNSHIP",
        part="OWNER",
        since_at=LATER,
        until_at=LATER,
    )
    propose(file, getattr(cast, first))
    person = getattr(cast, second)

    assert why_not_second(person, file, getattr(cast, first)) == sentence
    if sentence:
        with pytest.raises(StepNotAllowed, match=sentence):
            agree(file, person)
        assert Appraisal.objects.get().agreed is None
    else:
        assert agree(file, person).agreed is True


def test_the_owner_proposes_nothing_and_destroys_nothing(cast):
    file = short_lived(cast)
    with pytest.raises(StepNotAllowed, match=OWNED):
        propose(file, cast.clerk)
    propose(file, cast.leader)
    agree(file, cast.archivist)
    with pytest.raises(StepNotAllowed, match=OWNED):
        disposing.destroy(again(file), by=cast.clerk, at=RUN_OUT)


def test_the_database_takes_no_second_opinion_of_the_first_person(cast):
    file = short_lived(cast)
    found = propose(file, cast.leader)
    found.agreed, found.second_by, found.second_at = True, cast.leader, RUN_OUT
    with pytest.raises(DatabaseError, match="appraisal_by_two"), transaction.atomic():
        found.save()


@pytest.mark.parametrize(
    ("person", "step", "may"),
    [
        ("archivist", "APPRAISE", True),
        ("leader", "DESTROY", True),
        ("head", "APPRAISE", False),
        ("officer", "SECOND", False),
        ("head", "HOLD", True),
        ("officer", "RECLASS", True),
        ("clerk2", "HOLD", False),
    ],
)
def test_who_may_what(cast, person, step, may):
    file = filed(cast)

    assert (why_not_archive(getattr(cast, person), ArchiveStep[step], file) == "") is may


# -- when ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "may"), [(RUN_OUT - 4 * DAY, False), (RUN_OUT, True)])
def test_not_before_its_time_has_run_out(cast, at, may):
    file = short_lived(cast)
    assert file.keep_until == date(2036, 12, 31)
    if may:
        assert propose(file, cast.leader, at=at)
    else:
        for proposal, years in ((Proposal.DESTROY, 0), (Proposal.EXTEND, 5)):
            with pytest.raises(StepNotAllowed, match="还没有满"):
                propose(file, cast.leader, at=at, proposal=proposal, years=years)


def test_what_is_kept_for_ever_never_runs_out(cast):
    file = filed(cast, retention=Retention.PERMANENT)
    with pytest.raises(StepNotAllowed, match="还没有满"):
        propose(file, cast.leader, at=RUN_OUT + 36500 * DAY)


def test_a_hold_stops_everything_until_it_is_lifted(cast):
    file = condemned(cast)
    holding.hold(file, reason="法院调卷", by=cast.head, at=RUN_OUT)
    with pytest.raises(StepNotAllowed, match="已经暂停"):
        holding.hold(file, reason="再来", by=cast.head, at=RUN_OUT)
    with pytest.raises(StepNotAllowed, match="暂停销毁"):
        disposing.destroy(file, by=cast.archivist, at=RUN_OUT)
    assert again(file).stage == ArchiveStage.FILED
    assert Statement.objects.filter(case=file.case).first().facts == FACTS

    holding.release(file, because="已还卷", by=cast.head, at=RUN_OUT)
    with pytest.raises(StepNotAllowed, match="没有暂停"):
        holding.release(file, because="再来", by=cast.head, at=RUN_OUT)
    assert disposing.destroy(file, by=cast.archivist, at=RUN_OUT)


def test_a_hold_stops_an_appraisal(cast):
    file = short_lived(cast)
    holding.hold(file, reason="法院调卷", by=cast.head, at=RUN_OUT)
    with pytest.raises(StepNotAllowed, match="暂停销毁"):
        propose(file, cast.leader)


def test_an_open_monitor_stops_it(cast):
    file = condemned(cast)
    open_letter(
        Case.objects.get(pk=file.case_id),
        delivered_on=RUN_OUT.date(),
        keeper=cast.clerk,
        by=cast.clerk,
        at=RUN_OUT,
    )
    with pytest.raises(StepNotAllowed, match="监测"):
        disposing.destroy(file, by=cast.archivist, at=RUN_OUT)


def test_a_class_that_should_be_higher_stops_it(cast):
    file = short_lived(cast)
    Case.objects.filter(pk=file.case_id).update(category="PER_DEATH")
    with pytest.raises(StepNotAllowed, match="应当提高"):
        propose(again(file), cast.leader)


def test_nothing_is_destroyed_on_one_word_or_on_a_no(cast):
    file = short_lived(cast)
    with pytest.raises(StepNotAllowed, match="两个人"):
        disposing.destroy(file, by=cast.archivist, at=RUN_OUT)
    with pytest.raises(StepNotAllowed, match="没有等待复核"):
        agree(file, cast.archivist)
    propose(file, cast.leader)
    with pytest.raises(StepNotAllowed, match="等待复核"):
        propose(file, cast.archivist)
    with pytest.raises(StepNotAllowed, match="两个人"):
        disposing.destroy(file, by=cast.archivist, at=RUN_OUT)
    agree(file, cast.archivist, agreed=False)
    with pytest.raises(StepNotAllowed, match="两个人"):
        disposing.destroy(file, by=cast.archivist, at=RUN_OUT)


def test_two_keep_it_longer(cast):
    file = short_lived(cast)
    propose(file, cast.leader, proposal=Proposal.EXTEND, years=5)
    agree(file, cast.archivist)

    assert again(file).keep_until == date(2042, 12, 31)
    with pytest.raises(StepNotAllowed, match="两个人"):
        disposing.destroy(again(file), by=cast.archivist, at=RUN_OUT)


# -- what is left ----------------------------------------------------------------------------------


def every_row(*, but=()):
    """All tables as text: what a dump of the database holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        names = [name for (name,) in cursor.fetchall()]
        said = []
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            said += [text for (text,) in cursor.fetchall()]
    return "\n".join(said)


def tokens_of(case):
    """Every sealed value that hangs on the case, as it lies in the database."""
    found = {}
    alone = Q(parties__case=case)
    ways = [
        (model, Q(**{path: case.pk})) for model, paths in disposing.ways_to_case().items() for path in paths
    ]
    for model, condition in [*ways, (Person, alone), (Phone, Q(person__parties__case=case))]:
        if model in (Case,):
            continue
        for name in disposing.sealed_names(model):
            for pk, token in model._default_manager.filter(condition).values_list("pk", name):
                if token is not None:
                    found[bytes(token).hex()] = f"{model.__name__}.{name}.{pk}"
    return found


def plain_of(case):
    """Every value in clear of every row that hangs on the case."""
    kept = {}
    for model, paths in {**disposing.ways_to_case(), Person: ("parties__case",)}.items():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if field.name not in disposing.sealed_names(model) and not hasattr(field, "sources")
        ]
        for path in paths:
            for row in model._default_manager.filter(**{path: case.pk}).values(*names).distinct():
                kept[(model.__name__, path, row[model._meta.pk.attname])] = row
    return kept


@pytest.fixture
def case(cast):
    case = rich_case(cast)
    disclose(case, DisclosureKind.ORAL, recipient="派出所", what="伤情照片三张", by=cast.clerk, at=LATER)
    return case


MOVED = {
    "Case": {"disposed_at", "seq", "head"},
    "ArchiveFile": {"stage", "version"},
}


def test_only_the_register_is_left_and_the_history_is_whole(cast, case):
    file = condemned(cast, case)
    before = plain_of(case)
    tokens = tokens_of(case)
    events = case.events.count()
    assert len(tokens) > 60
    text = every_row()
    assert sum(token in text for token in tokens) == len(tokens)
    index = blind_index("name", "祝冬雪").hex()
    assert index in text

    disposal = disposing.destroy(file, by=cast.archivist, at=RUN_OUT)

    text = every_row()
    assert [said for token, said in tokens.items() if token in text] == []
    assert index not in text
    for word in ("祝冬雪", FACTS[:8]):
        assert word not in text
    for model, paths in disposing.ways_to_case().items():
        for path in paths:
            for row in model._default_manager.filter(**{path: case.pk}):
                for name in disposing.sealed_names(model):
                    assert not getattr(row, name), f"{model.__name__}.{name}"
    after = plain_of(case)
    for key, row in before.items():
        moved = MOVED.get(key[0], set())
        assert {name: value for name, value in after[key].items() if name not in moved} == {
            name: value for name, value in row.items() if name not in moved
        }
    assert case.events.count() == events + 1
    assert list(verify_chains()) == []
    assert disposal.emptied["Statement"] == 1
    assert disposal.emptied["Person"] == 2
    left = Appraisal.objects.get()
    assert (left.first_words, left.second_words) == ("已无利用价值", "同意")


def test_figures_of_past_years_do_not_change(cast, case):
    def counted():
        rows = Case.objects.filter(pk=case.pk).values_list(
            "number",
            "category",
            "outcome",
            "received_at",
            "ended_at",
            "contacts_count",
            "persons",
            "settled_level",
        )
        contacts = case.contacts.values_list("persons", "channel", "received_at")
        visits = case.handling.values_list("method", "service_persons")
        people = Party.objects.filter(case=case).values_list("role", "age_band", "person__sex")
        return [sorted(one, key=str) for one in (rows, contacts, visits, people)]

    file = condemned(cast, case)
    before = counted()
    disposing.destroy(file, by=cast.archivist, at=RUN_OUT)

    assert counted() == before


def test_a_person_of_another_case_stays(cast, case):
    other = make_case(cast, "HANDLING")
    person = case.parties.get(role="PETITIONER").person
    party = other.parties.get(role="PETITIONER")
    party.person = person
    party.save()
    file = condemned(cast, case)
    disposal = disposing.destroy(file, by=cast.archivist, at=RUN_OUT)

    assert Person.objects.get(pk=person.pk).name == "祝冬雪"
    assert person.phones.first().number
    assert disposal.emptied["Person"] == 1


def test_nothing_is_done_to_a_destroyed_case(cast, case):
    file = condemned(cast, case)
    disposing.destroy(file, by=cast.archivist, at=RUN_OUT)
    gone = Case.objects.get(pk=case.pk)

    told = {"method": HandlingMethod.MEDIATE, "happened_at": RUN_OUT, "content": "再谈一次", "by": cast.clerk}
    with pytest.raises(StepNotAllowed):
        record_handling(gone, **told, at=RUN_OUT)
    with pytest.raises(StepNotAllowed, match="已按规定销毁"):
        gone.advance("REOPEN", by=cast.head, at=RUN_OUT)
    with pytest.raises(StepNotAllowed, match="只留登记"):
        disposing.destroy(again(file), by=cast.archivist, at=RUN_OUT)


def test_words_taken_out_without_a_recorded_destruction_are_noticed(cast):
    file = filed(cast)
    note = EventNote.objects.filter(event__case=file.case).first()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL weiquan.disposing = 'on'")
    note.text = ""
    note.save(update_fields=["text"])

    assert verify_case(Case.objects.get(pk=file.case_id)).what == "its note was changed or removed"


def test_words_exchanged_in_a_destroyed_case_are_noticed(cast, case):
    file = condemned(cast, case)
    disposing.destroy(file, by=cast.archivist, at=RUN_OUT)
    note = EventNote.objects.filter(event__case=case).first()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL weiquan.disposing = 'on'")
    note.text = "别的话"
    note.save(update_fields=["text"])

    assert verify_case(Case.objects.get(pk=case.pk)).what == "its note was changed or removed"


def attempt(*statements):
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def test_after_a_disposal_evidence_is_guarded_again(cast, case):
    file = condemned(cast, case)
    disposing.destroy(file, by=cast.archivist, at=RUN_OUT)
    for statements in (
        ["UPDATE cases_statement SET facts = facts"],
        ["SET LOCAL weiquan.disposing = 'on'", "DELETE FROM cases_statement"],
        ["SET LOCAL weiquan.disposing = 'on'", "UPDATE cases_event SET at = at"],
        ["UPDATE cases_disposal SET at = at"],
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            attempt(*statements)


def test_every_sealed_table_that_hangs_on_a_case_is_reached():
    named = {model.__name__ for model in disposing.ways_to_case()}

    assert {
        "Case", "Contact", "Statement", "HandlingRecord", "EventNote", "AccessReason", "Referral", "Feedback",
        "Closure", "FollowUp", "PetitionerNotice", "IssuedDocument", "DocumentDelivery", "DocumentVoid", "Monitor",
        "MonitorEntry", "MandatoryReport", "ShelterStay", "SafetyPlan", "DangerAssessment", "Consent", "Disclosure",
        "SupervisionPaper", "SupervisionReply", "Instruction", "AgendaItem", "Call", "LegalHold", "ArchiveContent",
        "ArchivePaper", "Reclass", "LedgerImportRow",
    } <= named  # fmt: skip
    assert "Appraisal" not in named
    assert "Person" not in named
    assert "DocTemplate" not in named
    assert ArchiveFile not in disposing.ways_to_case()
