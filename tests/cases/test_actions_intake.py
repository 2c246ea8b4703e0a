"""Registration: what is written, when the clocks begin, how numbers run."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError

from cases.actions import intake
from cases.choices import (
    AgeBand,
    Channel,
    ClockStatus,
    NoticeKind,
    Occurrence,
    Part,
    PersonRole,
    PetitionForm,
    Risk,
    Sex,
    Status,
    Step,
)
from cases.models import Case, Counter, Event, IntakeDraft, Notice, Person
from cases.workflow import StepNotAllowed
from tests.cast import CHINA, MONDAY
from tests.factories import (
    DEMAND,
    FACTS,
    MINUTE,
    SAFE_PHONE,
    UNSAFE_PHONE,
    PersonEntry,
    PhoneEntry,
    entry,
    make_case,
    petitioner,
    respondent,
)


def register(cast, at=MONDAY, by=None, unit=None, **fields):
    return intake.register_case(
        entry(cast, **({"received_at": at} | fields)), unit=unit or cast.station, by=by or cast.clerk, at=at
    )


def clocks(case):
    return {clock.code: clock for clock in case.clocks.all()}


def test_register_opens_a_case_with_owner_history_people_and_words(cast):
    case = register(cast)

    case.refresh_from_db()
    assert (case.status, case.owner, case.holder) == (Status.REGISTERED, cast.clerk, cast.station)
    assert (case.number, len(case.query_code)) == ("410423101-2026-F-00001", 8)
    assert case.query_code.isdigit()
    assert case.label == "祝某某"
    event = case.events.get()
    assert (event.step, event.by, event.unit, event.facts) == (
        Step.REGISTER,
        cast.clerk,
        cast.station,
        {"channel": "VISIT", "persons": 1},
    )
    holding = case.holdings.get()
    assert (holding.staff, holding.part, holding.until_at) == (cast.clerk, Part.OWNER, None)
    contact = case.contacts.get()
    assert (contact.received_at, contact.entered_at, contact.unit) == (MONDAY, MONDAY, cast.station)
    statement = contact.statements.get()
    assert (statement.facts, statement.demand) == (FACTS, DEMAND)
    wife, husband = case.parties.order_by("position")
    assert (wife.role, wife.person.name, wife.age_band) == (PersonRole.PETITIONER, "祝冬雪", AgeBand.UNDER_45)
    assert (husband.role, husband.relation) == (PersonRole.RESPONDENT, "SPOUSE")
    assert {phone.number for phone in wife.person.phones.all()} == {SAFE_PHONE, UNSAFE_PHONE}


def test_clocks_start_from_the_receipt_not_from_the_entry(cast):
    received = MONDAY - timedelta(days=3)
    case = register(cast, received_at=received)

    running = clocks(case)
    assert {clock.started_at for clock in running.values()} == {received}
    # Received on Friday 13 November: 15 days end on Saturday 28, so on Monday 30.
    assert running["XF-NOTICE"].last_day == date(2026, 11, 30)
    assert running["IN-ACCEPT"].last_day == date(2026, 11, 18)
    assert running["IN-TOTAL"].last_day == date(2027, 1, 12)
    assert running["IN-TOTAL"].provisional
    assert case.due_at == running["IN-ACCEPT"].effective_due
    assert not case.due_provisional


def test_late_entry_shows_in_the_clock_of_registering(cast):
    on_time, late = register(cast), register(cast, received_at=MONDAY - timedelta(days=4))

    assert clocks(on_time)["XF-REG"].status == ClockStatus.MET
    assert not clocks(on_time)["XF-REG"].was_late
    assert clocks(late)["XF-REG"].was_late
    assert not clocks(late)["IN-TOTAL"].was_late


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        pytest.param({}, {"XF-NOTICE"}, id="handed in by herself"),
        pytest.param({"channel": Channel.TRANSFER_UPPER}, {"XF-NOTICE-T"}, id="from the federation above"),
        pytest.param({"channel": Channel.TRANSFER_XINFANG}, {"XF-NOTICE-T"}, id="from the petition office"),
        pytest.param({"channel": Channel.TRANSFER_DEPT}, {"XF-NOTICE"}, id="told by a department"),
        pytest.param({"form": PetitionForm.ANONYMOUS, "parties": ()}, set(), id="anonymous: nobody to tell"),
    ],
)
def test_which_notice_is_owed(cast, fields, codes):
    case = register(cast, **fields)

    assert set(clocks(case)) == {"XF-REG", "IN-ACCEPT", "IN-TOTAL"} | codes


def test_heads_hear_of_a_new_case_but_not_of_their_own(cast):
    case = register(cast)
    assert list(case.notices.values_list("recipient", "kind")) == [(cast.head.pk, NoticeKind.TO_ACCEPT)]

    assert not register(cast, by=cast.head).notices.exists()


def test_head_of_the_station_hears_of_a_case_in_the_village(cast):
    case = register(cast, by=cast.village_liaison, unit=cast.village)

    assert [notice.recipient for notice in case.notices.all()] == [cast.head]


def test_notice_goes_to_the_deputy_of_whoever_is_away(cast):
    cast.head.deputy, cast.head.absent_from = cast.clerk2, MONDAY.date()
    cast.head.absent_until = MONDAY.date()
    cast.head.save()

    notice = register(cast).notices.get()

    assert (notice.recipient, notice.instead_of) == (cast.clerk2, cast.head)


def test_notice_of_somebody_away_without_a_deputy_waits_for_her_and_is_told_above(cast):
    cast.head.absent_from = cast.head.absent_until = MONDAY.date()
    cast.head.save()

    notices = register(cast).notices.all()

    assert {(notice.recipient, notice.instead_of) for notice in notices} == {
        (cast.head, None),
        (cast.officer, cast.head),
    }


def test_the_same_page_sent_twice_is_one_case(cast):
    page = entry(cast)

    first = intake.register_case(page, unit=cast.station, by=cast.clerk, at=MONDAY)
    second = intake.register_case(page, unit=cast.station, by=cast.clerk, at=MONDAY + MINUTE)

    assert first == second
    assert Case.objects.count() == 1
    assert Counter.objects.get(prefix="410423101-2026-F").latest == 1


def test_what_the_database_refuses_is_not_taken_for_a_page_sent_twice(cast):
    with pytest.raises(IntegrityError, match="case_received_first"):
        register(cast, received_at=MONDAY + MINUTE)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("channel", "letter"),
    [
        (Channel.VISIT, "F"),
        (Channel.VISIT_LEADER_DAY, "F"),
        (Channel.LETTER, "X"),
        (Channel.PHONE_12338, "D"),
        (Channel.PHONE_OTHER, "D"),
        (Channel.ONLINE, "W"),
        (Channel.TRANSFER_UPPER, "Z"),
        (Channel.TRANSFER_XINFANG, "Z"),
        (Channel.TRANSFER_DEPT, "Z"),
        (Channel.OUTREACH, "Z"),
        (Channel.MEDIA, "Z"),
        (Channel.MANDATORY_IN, "Z"),
    ],
)
def test_number_says_how_it_came(cast, channel, letter):
    assert register(cast, channel=channel).number == f"410423101-2026-{letter}-00001"


@pytest.mark.parametrize(
    ("unit", "place"),
    [("station", "410423101"), ("village", "410423101"), ("county", "410423000"), ("city", "410400000")],
)
def test_number_says_where(cast, unit, place):
    assert make_case(cast, unit=getattr(cast, unit)).number == f"{place}-2026-F-00001"


def test_serials_run_by_place_year_and_letter(cast):
    numbers = [
        register(cast).number,
        register(cast).number,
        register(cast, channel=Channel.LETTER).number,
        make_case(cast, unit=cast.other_station).number,
    ]

    assert numbers == [
        "410423101-2026-F-00001",
        "410423101-2026-F-00002",
        "410423101-2026-X-00001",
        "410423102-2026-F-00001",
    ]


def test_the_year_of_a_number_is_the_year_in_china(cast):
    before = register(cast, at=datetime(2026, 12, 31, 23, 59, 59, tzinfo=CHINA))
    after = register(cast, at=datetime(2027, 1, 1, 0, 0, 0, tzinfo=CHINA))

    assert (before.number, after.number) == ("410423101-2026-F-00001", "410423101-2027-F-00001")


def test_a_case_that_failed_leaves_no_gap(cast):
    with pytest.raises(IntegrityError):
        register(cast, received_at=MONDAY + MINUTE)

    assert register(cast).number.endswith("00001")


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({}, "祝某某"),
        ({"persons": 3}, "祝某某等3人"),
        ({"parties": (petitioner(name=""),)}, "匿名"),
        ({"parties": (respondent(),)}, "匿名"),
        ({"parties": (), "form": PetitionForm.ANONYMOUS}, "匿名"),
    ],
)
def test_lists_show_a_masked_name(cast, fields, label):
    assert register(cast, **fields).label == label


def test_an_anonymous_petitioner_has_a_part_but_no_person(cast):
    case = register(cast, parties=(PersonEntry(PersonRole.PETITIONER),), form=PetitionForm.ANONYMOUS)

    party = case.parties.get()
    assert (party.person, party.age_band) == (None, AgeBand.UNKNOWN)
    assert not Person.objects.exists()


def test_a_known_person_is_joined_and_silence_changes_nothing(cast):
    known = register(cast).parties.get(role=PersonRole.PETITIONER).person
    told = PersonEntry(
        PersonRole.PETITIONER,
        address_now="鲁山县下汤镇假设路九号",
        phones=(PhoneEntry(SAFE_PHONE), PhoneEntry("13900000003")),
        known=known,
    )

    case = register(cast, parties=(told,))

    person = case.parties.get().person
    assert person == known
    assert (person.name, person.address_now) == ("祝冬雪", "鲁山县下汤镇假设路九号")
    assert (person.sex, person.birth_date) == (Sex.FEMALE, "1990-03-05")
    assert sorted(phone.number for phone in person.phones.all()) == [SAFE_PHONE, UNSAFE_PHONE, "13900000003"]
    assert Person.objects.count() == 2  # the husband of the first time


def test_a_draft_is_kept_once_a_page_and_dropped_with_it(cast):
    page = uuid4()
    intake.save_draft(staff=cast.clerk, submission=page, answers={"facts": "开头"}, at=MONDAY)
    intake.save_draft(staff=cast.clerk, submission=page, answers={"facts": FACTS}, at=MONDAY)
    intake.save_draft(staff=cast.clerk, submission=uuid4(), answers={"facts": "另一件"}, at=MONDAY)
    assert {draft.answers["facts"] for draft in IntakeDraft.objects.all()} == {FACTS, "另一件"}

    intake.drop_drafts(staff=cast.clerk2, submissions=[page])
    assert IntakeDraft.objects.count() == 2

    intake.drop_drafts(staff=cast.clerk, submissions=[page])
    assert [draft.answers for draft in IntakeDraft.objects.all()] == [{"facts": "另一件"}]


def test_drafts_nobody_came_back_for_are_dropped(cast):
    intake.save_draft(staff=cast.clerk, submission=uuid4(), answers={}, at=MONDAY)
    intake.save_draft(staff=cast.clerk, submission=uuid4(), answers={}, at=MONDAY + 2 * MINUTE)

    assert intake.drop_drafts_before(MONDAY + MINUTE) == 1
    assert IntakeDraft.objects.get().saved_at == MONDAY + 2 * MINUTE


# Advice on the spot.


def advise(cast, **fields):
    return intake.register_and_advise(
        entry(cast, **fields),
        reply="可以先申请村委会调解，也可以直接起诉。",
        satisfaction="SATISFIED",
        unit=cast.station,
        by=cast.clerk,
        at=MONDAY,
    )


def test_advice_on_the_spot_ends_the_case_in_one(cast):
    case = advise(cast)

    case.refresh_from_db()
    assert (case.status, case.outcome, case.settled_level) == (Status.CLOSED, "ANSWERED", "TOWNSHIP")
    assert (case.ended_at, case.ended_by, case.due_at) == (MONDAY, cast.clerk, None)
    assert not case.clocks.live().exists()
    assert not case.holdings.filter(until_at=None).exists()
    closure = case.closures.get()
    assert (closure.approved, closure.petitioner_told_on) == (True, MONDAY.date())
    assert case.handling.get().service_persons == 1
    assert [event.step for event in case.events.order_by("seq")] == [Step.REGISTER, Step.ADVISE]


@pytest.mark.parametrize(
    "fields",
    [{"risk": Risk.YELLOW}, {"risk": Risk.RED}, {"involves_dv": True}, {"involves_minor": True}],
    ids=str,
)
def test_danger_never_ends_at_the_first_talk(cast, fields):
    with pytest.raises(StepNotAllowed, match="不能当场办结"):
        advise(cast, **fields)

    assert not Case.objects.exists()


def test_advice_sent_twice_is_one_closed_case(cast):
    page = {"submission": uuid4()}

    assert advise(cast, **page) == advise(cast, **page)
    assert Event.objects.count() == 2


# Coming again.


def test_coming_again_is_one_more_contact_of_the_same_case(cast):
    case = make_case(cast, "HANDLING")
    again = entry(
        cast, occurrence=Occurrence.REPEAT, channel=Channel.PHONE_12338, persons=2, facts="又打了我"
    )

    contact = intake.add_contact(case, again, unit=cast.station, by=cast.clerk2, at=MONDAY + 30 * MINUTE)

    assert case.contacts_count == 2
    case.refresh_from_db()
    assert (case.contacts_count, case.contacts.count(), case.status) == (2, 2, Status.HANDLING)
    assert contact.statements.get().facts == "又打了我"
    event = case.events.latest("seq")
    assert (event.step, event.facts) == (
        Step.CONTACT,
        {"channel": "PHONE_12338", "occurrence": "REPEAT", "persons": 2},
    )
    news = Notice.objects.get(kind=NoticeKind.CASE_NEWS)
    assert news.recipient == cast.clerk
    # The object stays good for the next step.
    case.record(Step.CONTACT, by=cast.clerk, at=MONDAY)


def test_the_owner_needs_no_word_of_what_she_took_down_herself(cast):
    case = make_case(cast)

    intake.add_contact(case, entry(cast), unit=cast.station, by=cast.clerk, at=MONDAY)

    assert not case.notices.filter(kind=NoticeKind.CASE_NEWS).exists()


def test_the_same_contact_sent_twice_is_one(cast):
    case, page = make_case(cast), entry(cast)

    first = intake.add_contact(case, page, unit=cast.station, by=cast.clerk, at=MONDAY)
    second = intake.add_contact(case, page, unit=cast.station, by=cast.clerk, at=MONDAY)

    assert first == second
    case.refresh_from_db()
    assert case.contacts_count == 2


@pytest.mark.parametrize("status", ["NOT_ACCEPTED", "REDIRECTED", "MERGED", "VOID"])
def test_no_contact_is_added_to_a_case_decided_otherwise(cast, status):
    case = make_case(cast, status)

    with pytest.raises(StepNotAllowed):
        intake.add_contact(case, entry(cast), unit=cast.station, by=cast.clerk, at=MONDAY)

    assert case.contacts.count() == 1


def test_a_correction_stands_beside_what_was_said(cast):
    case = make_case(cast)
    said = case.statements.get()

    corrected = intake.correct_statement(said, by=cast.clerk2, at=MONDAY, reason="日期记错", facts="前天推倒")

    assert corrected.corrects == said
    assert (corrected.facts, corrected.demand) == ("前天推倒", DEMAND)
    said.refresh_from_db()
    assert said.facts == FACTS
    event = case.events.latest("seq")
    assert (event.step, event.note.text) == (Step.CORRECT, "日期记错")

    with pytest.raises(StepNotAllowed, match="请在最新的一份上更正"):
        intake.correct_statement(said, by=cast.clerk, at=MONDAY, reason="再改", facts="大前天")
    again = intake.correct_statement(corrected, by=cast.clerk, at=MONDAY, reason="再改", facts="大前天")
    assert again.corrects == corrected
