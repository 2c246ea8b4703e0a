"""Whom a matter may concern is found by blind index: for certain by a number, as a question by a name."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import intake
from cases.actions.guarding.bars import bar_related
from cases.actions.guarding.conflicts import (
    Conflict,
    confirm_none,
    conflicts_of,
    questions_about,
    related_to,
)
from cases.actions.intake import PhoneEntry, register_and_advise
from cases.actions.ownership import CannotOwn
from cases.actions.promises import retold_otherwise
from cases.choices import BarKind, DangerLevel, NoticeKind, PersonRole, Step
from cases.models import Bar, Case, Event, Party
from cases.workflow import StepNotAllowed
from stations.actions.ties import declare_tie, remove_tie
from stations.choices import TieKind
from tests.cast import MONDAY
from tests.factories import (
    ID_NUMBER,
    RESPONDENT_ID_NUMBER,
    SAFE_PHONE,
    UNSAFE_PHONE,
    entry,
    make_case,
    make_referral,
    petitioner,
    respondent,
)

OTHER_ID = "410423196501010007"


def declare(staff, **told):
    return declare_tie(staff, **({"kind": TieKind.SIBLING, "name": "别的名字", "at": MONDAY} | told))


def register(cast, **told):
    return intake.register_case(entry(cast, **told), unit=cast.station, by=cast.clerk, at=MONDAY)


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ({"id_number": ID_NUMBER}, True),
        ({"id_number": RESPONDENT_ID_NUMBER}, True),
        ({"phone": SAFE_PHONE}, True),
        ({"phone": UNSAFE_PHONE}, True),
        ({"name": "祝冬雪"}, False),
        ({"name": "祝冬雪", "id_number": ID_NUMBER}, True),
        ({"name": "祝冬雪", "id_number": OTHER_ID}, None),  # another person of that name
        ({"name": "祝 冬雪", "phone": "13911112222"}, False),
        ({"id_number": OTHER_ID, "phone": "13911112222"}, None),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else str(value),
)
def test_what_tells_for_certain_and_what_only_asks(cast, declared, found):
    case = make_case(cast)
    declare(cast.clerk2, **declared)

    expected = [] if found is None else [Conflict(cast.clerk2.pk, found)]
    assert conflicts_of(case) == expected
    assert related_to(case) == ([cast.clerk2] if found else [])


@pytest.mark.parametrize(
    ("part", "account", "found"),
    [
        ("clerk2", {"mobile": SAFE_PHONE}, [True]),
        ("clerk2", {"name": "祝冬雪"}, [False]),
        ("liaison", {"mobile": SAFE_PHONE}, [True]),
        ("city_officer", {"name": "秦大勇"}, [False]),
        ("far_clerk", {"mobile": SAFE_PHONE}, []),  # another county has nothing to do with it
    ],
)
def test_the_account_itself_tells_as_well(cast, part, account, found):
    case = make_case(cast)
    staff = getattr(cast, part)
    for name, value in account.items():
        setattr(staff, name, value)
    staff.save()

    assert conflicts_of(case) == [Conflict(staff.pk, certain) for certain in found]


def test_a_case_of_the_city_is_compared_with_the_city(cast):
    cast.city_leader.mobile = SAFE_PHONE
    cast.city_leader.save()

    assert related_to(make_case(cast, unit=cast.city)) == [cast.city_leader]


def test_who_only_reports_or_comes_along_is_nobodys_conflict(cast):
    declare(cast.clerk2, id_number=ID_NUMBER)
    case = register(
        cast, parties=(petitioner(role=PersonRole.REPORTER), respondent(id_number="", name="某人"))
    )

    assert conflicts_of(case) == []
    assert not Bar.objects.exists()


def test_an_anonymous_letter_concerns_nobody(cast):
    nobody = petitioner(
        **dict.fromkeys(
            ("name", "id_number", "ethnicity", "address_now", "address_papers", "work_place"), ""
        ),
        birth_date=None,
        sex="0",
        phones=(),
        characteristics=(),
    )

    assert conflicts_of(register(cast, parties=(nobody,))) == []


def test_four_queries_however_many_there_are(cast):
    case = make_case(cast)
    for number in range(20):
        declare(cast.clerk2, id_number=ID_NUMBER, name=f"人{number}")

    with CaptureQueriesContext(connection) as captured:
        conflicts_of(case)

    assert len(captured) == 4


# -- at registration ------------------------------------------------------------------------------


def test_the_clerk_who_registers_her_own_relative_hands_it_on_at_once(cast):
    declare(cast.clerk, id_number=ID_NUMBER)

    case = register(cast)

    case = Case.objects.get(pk=case.pk)
    bar = Bar.objects.get(case=case)
    assert (case.owner, case.holder) == (cast.head, cast.station)
    assert (bar.staff, bar.kind, bar.by) == (cast.clerk, BarKind.RELATED, None)
    assert not Case.objects.visible_to(cast.clerk).exists()
    assert [row.recipient for row in case.notices.filter(kind=NoticeKind.STEPPED_BACK)] == [cast.head]
    assert not case.notices.filter(recipient=cast.clerk).exists()
    assert retold_otherwise(MONDAY - timedelta(days=1)) == []


def test_a_head_who_is_a_relative_is_not_asked_to_accept_but_the_county_is(cast):
    declare(cast.head, id_number=ID_NUMBER)

    case = register(cast)

    assert case.owner == cast.clerk
    recipients = {row.recipient for row in case.notices.filter(kind=NoticeKind.TO_ACCEPT)}
    assert recipients == {cast.officer}


def test_a_number_told_before_counts_with_the_person(cast):
    make_case(cast)
    known = Party.objects.get(role=PersonRole.PETITIONER).person
    declare(cast.clerk2, phone=SAFE_PHONE)

    case = register(cast, parties=(petitioner(known=known, phones=(PhoneEntry("13900000009"),)),))

    assert [row.staff for row in case.bars.all()] == [cast.clerk2]


def test_what_is_only_a_name_bars_nobody_by_itself(cast):
    declare(cast.clerk, name="祝冬雪")

    case = register(cast)

    assert case.owner == cast.clerk
    assert not Bar.objects.exists()


def test_nobody_answers_on_the_spot_what_concerns_her(cast):
    declare(cast.clerk, id_number=ID_NUMBER)

    with pytest.raises(StepNotAllowed, match="须由负责人接办"):
        register_and_advise(
            entry(cast), reply="去法院", satisfaction="", unit=cast.station, by=cast.clerk, at=MONDAY
        )
    assert not Case.objects.exists()


def test_where_nobody_else_is_left_registering_still_succeeds(cast):
    for person in (cast.head, cast.officer, cast.leader, cast.city_officer, cast.city_leader):
        person.is_active = False
        person.save()
    declare(cast.clerk, id_number=ID_NUMBER)

    case = register(cast)

    assert case.owner == cast.clerk


def test_who_is_barred_already_is_not_barred_again(cast):
    declare(cast.clerk2, id_number=ID_NUMBER)
    case = register(cast)

    assert bar_related(case, at=MONDAY) == []
    assert case.bars.count() == 1


def test_danger_is_not_put_into_the_hands_of_a_relative(cast):
    """What opens by itself at registration opens with whoever has the case."""
    declare(cast.clerk, id_number=ID_NUMBER)
    case = register(cast)

    assert case.danger in ("", *DangerLevel)
    assert not case.monitors.filter(keeper=cast.clerk).exists()


# -- an accused unit ------------------------------------------------------------------------------


def test_an_accusation_against_the_police_is_barred_to_them(cast):
    case = register(cast, accused=cast.police)

    bar = Bar.objects.get(case=case)
    assert (bar.organisation, bar.kind, bar.by) == (cast.police, BarKind.ACCUSED, cast.clerk)
    assert (case.owner, case.holder) == (cast.clerk, cast.station)
    assert case.parties.get(role=PersonRole.RESPONDENT).employer == cast.police
    with pytest.raises(StepNotAllowed, match="鲁山县公安局须回避"):
        make_referral(cast, case=case)


def test_a_unit_without_a_person_is_a_respondent_all_the_same(cast):
    case = register(cast, accused=cast.police, parties=(petitioner(),))

    party = case.parties.get(role=PersonRole.RESPONDENT)
    assert (party.employer, party.person) == (cast.police, None)


def test_an_accusation_against_the_station_goes_to_the_county_at_once(cast):
    case = register(cast, accused=cast.station)

    case = Case.objects.get(pk=case.pk)
    assert (case.owner, case.holder, case.station) == (cast.officer, cast.county, cast.station)
    assert [Case.objects.visible_to(one).count() for one in (cast.clerk, cast.head, cast.officer)] == [
        0,
        0,
        1,
    ]
    told = {row.recipient for row in case.notices.all()}
    assert told == {cast.officer, cast.leader}
    assert retold_otherwise(MONDAY - timedelta(days=1)) == []


def test_an_accusation_against_the_county_stays_below_it(cast):
    case = register(cast, accused=cast.county)

    assert (case.owner, case.holder) == (cast.clerk, cast.station)
    assert Case.objects.visible_to(cast.officer).count() == 0


# -- the question ---------------------------------------------------------------------------------


def test_the_question_is_asked_until_somebody_answers_it(cast):
    declare(cast.clerk2, name="祝冬雪")
    declare(cast.head, id_number=ID_NUMBER, name="某")
    case = make_case(cast)
    assert questions_about(case) == ({cast.head.pk}, {cast.clerk2.pk})

    confirm_none(case, cast.clerk2, by=cast.officer, at=MONDAY)

    assert questions_about(case) == ({cast.head.pk}, set())
    event = Event.objects.get(case=case, step=Step.NO_CONFLICT)
    assert (event.facts, event.by) == ({"staff": cast.clerk2.pk}, cast.officer)


def test_a_liaison_who_turns_out_to_be_a_relative_is_sent_nothing(cast):
    case = make_case(cast, "HANDLING")
    declare(cast.liaison, id_number=RESPONDENT_ID_NUMBER)  # declared after the case was registered

    with pytest.raises(CannotOwn, match="孙联络与本案当事人有利害关系"):
        make_referral(cast, case=case, liaison=cast.liaison)
    assert not case.referrals.exists()


def test_taking_a_declaration_back_lifts_no_bar(cast):
    tie = declare(cast.clerk, id_number=ID_NUMBER)
    case = register(cast)

    assert remove_tie(cast.head, tie.pk) is False
    assert remove_tie(cast.clerk, tie.pk) is True

    assert case.bars.live().count() == 1
