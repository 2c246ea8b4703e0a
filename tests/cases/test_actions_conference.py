"""Members of the joint conference and the items before it: every verb, every refusal, every word to somebody."""

from datetime import date, timedelta

import pytest

from cases.actions import closure, conference, handling
from cases.actions.conference import NamesSomebody
from cases.choices import (
    ConferenceStep,
    DeliveryWay,
    ItemStatus,
    MemberPart,
    NoticeKind,
    Outcome,
    RefuseReason,
)
from cases.models import AgendaItem, Case, Event, Member, MovedOn, Notice
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.roles import Role
from tests.cases import room
from tests.cast import MONDAY
from tests.factories import ID_NUMBER, SAFE_PHONE, make_case

pytestmark = pytest.mark.django_db


def told(kind: NoticeKind) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def history(case: Case) -> list[str]:
    return list(
        Event.objects.filter(case=case, step__startswith="JC_").order_by("seq").values_list("step", flat=True)
    )


def add(cast, **words) -> Member:
    defaults = {"organisation": cast.police, "part": MemberPart.MEMBER, "since_on": date(2026, 1, 5)}
    return conference.add_member(cast.county, **(defaults | words))


def test_a_unit_joins_with_an_account_or_with_a_name_and_a_phone(cast):
    add(cast, liaison=cast.liaison)
    add(cast, organisation=cast.court, liaison_name="某书记员", liaison_phone="0375-0000009")

    kept = {member.organisation.name: member for member in Member.objects.select_related("organisation")}
    assert kept["鲁山县公安局"].liaison == cast.liaison
    assert kept["鲁山县人民法院"].liaison_name == "某书记员"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"organisation": "other_county"}, "只能加入本地和上级市的部门。"),
        ({"liaison": "civil_liaison"}, "联络员须是鲁山县公安局"),
        ({"liaison": "handler"}, "联络员须是鲁山县公安局"),
    ],
)
def test_who_may_not_join(cast, words, sentence):
    with pytest.raises(StepNotAllowed, match=sentence):
        add(cast, **{name: getattr(cast, part) for name, part in words.items()})

    assert not Member.objects.exists()


def test_a_unit_joins_once_leaves_and_joins_again(cast):
    member = add(cast)
    with pytest.raises(StepNotAllowed, match="已经是成员单位"):
        add(cast)
    with pytest.raises(StepNotAllowed, match="不能早于加入日期"):
        conference.end_member(member, until_on=date(2026, 1, 4))

    conference.end_member(member, until_on=date(2026, 6, 1))
    with pytest.raises(StepNotAllowed, match="已经退出"):
        conference.end_member(member, until_on=date(2026, 6, 2))
    add(cast)

    assert Member.objects.current().count() == 1


def test_the_host_itself_may_be_a_member_and_liaisons_change(cast):
    member = add(cast, organisation=cast.county, part=MemberPart.OFFICE)

    conference.change_member(
        member, part=MemberPart.CONVENOR, liaison=cast.officer, liaison_name="", liaison_phone=""
    )

    member.refresh_from_db()
    assert (member.part, member.liaison) == (MemberPart.CONVENOR, cast.officer)
    with pytest.raises(StepNotAllowed, match="联络员须是"):
        conference.change_member(
            member, part=MemberPart.MEMBER, liaison=cast.liaison, liaison_name="", liaison_phone=""
        )


def test_whose_conference_a_unit_belongs_to(cast):
    assert conference.host_of(cast.police) == cast.county
    assert conference.host_of(cast.station) == cast.county
    assert conference.host_of(cast.county) == cast.county
    cast.county.active = False
    cast.county.save()
    assert conference.host_of(cast.police) is None


def test_the_office_is_found_wherever_it_sits(cast):
    assert conference.office_people(cast.county) == [cast.conference]
    cast.conference.organisation = cast.justice
    cast.conference.save()
    assert conference.office_people(cast.county) == [cast.conference]
    assert conference.office_people(cast.city) == [
        cast.city_officer,
        cast.city_leader,
    ]  # no office: its heads


def test_the_citys_office_is_not_that_of_a_county(cast):
    cast.stat_officer.organisation, cast.stat_officer.roles = cast.city, [Role.CONFERENCE_OFFICE]
    cast.stat_officer.save()

    assert conference.office_people(cast.city) == [cast.stat_officer]
    assert conference.office_people(cast.county) == [cast.conference]


def test_a_named_liaison_is_told_alone_others_all_who_answer(cast):
    add(cast, liaison=cast.liaison)
    add(cast, organisation=cast.civil)

    desks = conference.desks(cast.county, [cast.police, cast.civil, cast.court])

    assert desks == {cast.police.pk: [cast.liaison], cast.civil.pk: [cast.civil_liaison], cast.court.pk: []}
    cast.liaison.is_active = False
    cast.liaison.save()
    assert conference.desks(cast.county, [cast.police]) == {cast.police.pk: [cast.partner_leader]}


def test_an_item_from_a_case(cast):
    case = make_case(cast, "HANDLING")

    item = room.propose(cast, case)

    assert (item.status, item.proposed_unit, item.case) == (ItemStatus.PROPOSED, cast.county, case)
    assert item.screen_by == date(2026, 11, 23)  # five working days from Monday the 16th
    assert history(case) == [ConferenceStep.PROPOSE]
    assert told(NoticeKind.ITEM_PROPOSED) == {"conference"}
    assert Notice.objects.get(kind=NoticeKind.ITEM_PROPOSED).case is None  # the office sees no case
    case.refresh_from_db()
    assert (case.level, case.reached) == (AdminLevel.TOWNSHIP, AdminLevel.TOWNSHIP)


def test_a_member_proposes_without_a_case_and_others_do_not(cast):
    room.fill_members(cast)

    item = room.propose(cast, by=cast.civil_liaison)

    assert (item.case, item.proposed_unit) == (None, cast.civil)
    outsider = cast.civil_liaison
    outsider.organisation = cast.justice
    with pytest.raises(StepNotAllowed, match="不是这个联席会议的成员单位"):
        room.propose(cast, by=outsider)
    cast.officer.organisation = None
    with pytest.raises(StepNotAllowed, match="没有所属单位"):
        room.propose(cast, by=cast.officer)


def test_an_office_in_a_department_proposes_without_being_a_member(cast):
    cast.conference.organisation = cast.justice

    assert room.propose(cast, by=cast.conference).proposed_unit == cast.justice


def test_a_case_waits_once_and_a_closed_one_not_at_all(cast):
    case = make_case(cast, "HANDLING")
    room.propose(cast, case)
    with pytest.raises(StepNotAllowed, match="已有议题"):
        room.propose(cast, case)
    assert history(case) == [ConferenceStep.PROPOSE]

    with pytest.raises(StepNotAllowed, match="已经办结"):
        room.propose(cast, make_case(cast, "CLOSED"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("祝冬雪多次被打", "姓名"),
        ("其夫秦 大勇酒后施暴", "姓名"),
        (f"身份证{ID_NUMBER[:6]} {ID_NUMBER[6:]}", "身份证号"),
        (f"电话１{SAFE_PHONE[1:]}", "电话"),
        ("住鲁山县下汤镇假设路七号姐姐家", "住址"),
    ],
)
@pytest.mark.parametrize("field", ["title", "brief", "asks"])
def test_a_text_that_says_who_it_is_about_is_refused(cast, text, kind, field):
    case = make_case(cast, "HANDLING")

    with pytest.raises(NamesSomebody) as refusal:
        room.propose(cast, case, **{field: text})

    assert kind in str(refusal.value)
    assert "祝冬雪" not in str(refusal.value)
    assert not AgendaItem.objects.exists()
    assert history(case) == []


def test_what_is_found_is_said_once_and_a_place_name_is_no_address(cast):
    case = make_case(cast, "HANDLING")

    assert conference.told_of(case, "祝冬雪和秦大勇") == ["姓名"]
    assert conference.told_of(case, "信访人住下汤镇") == []


def test_an_anonymous_party_gives_nothing_away(cast):
    case = make_case(cast, "HANDLING")
    case.parties.update(person=None)

    assert conference.told_of(case, "祝冬雪") == []


def test_screening_and_declining_tell_the_proposer_and_the_history(cast):
    case = make_case(cast, "HANDLING")
    item = room.screened(cast, case)
    assert (item.status, item.screened_by, item.opinion) == (ItemStatus.SCREENED, cast.conference, "同意")
    assert told(NoticeKind.ITEM_NEWS) == {"officer"}

    conference.decline_item(item, opinion="先由公安书面答复", by=cast.conference, at=MONDAY + room.DAY)

    item.refresh_from_db()
    assert (item.status, item.opinion) == (ItemStatus.DECLINED, "先由公安书面答复")
    assert history(case) == [ConferenceStep.PROPOSE, ConferenceStep.SCREEN, ConferenceStep.DECLINE]
    room.propose(cast, case)  # declined: it may come again


def test_who_proposed_and_screens_herself_gets_no_word(cast):
    item = room.propose(cast, by=cast.conference)

    conference.screen_item(item, opinion="同意", by=cast.conference, at=MONDAY)

    assert told(NoticeKind.ITEM_NEWS) == set()


def test_an_item_taken_back(cast):
    case = make_case(cast, "HANDLING")
    item = room.propose(cast, case)

    conference.withdraw_item(item, reason="已经解决", by=cast.officer, at=MONDAY + room.HOUR)

    assert AgendaItem.objects.get().status == ItemStatus.WITHDRAWN
    assert history(case)[-1] == ConferenceStep.WITHDRAW
    assert told(NoticeKind.ITEM_NEWS) == {"conference"}


def test_two_officers_screen_and_the_second_hears_of_it(cast):
    item = room.propose(cast)
    mine, yours = (AgendaItem.objects.get(pk=item.pk) for _ in range(2))

    conference.screen_item(mine, opinion="同意", by=cast.conference, at=MONDAY)

    with pytest.raises(MovedOn, match="刚刚有了变化"):
        conference.decline_item(yours, opinion="不列入", by=cast.conference, at=MONDAY)
    with pytest.raises(StepNotAllowed, match="“已通过初审”"):
        conference.screen_item(mine, opinion="同意", by=cast.conference, at=MONDAY)


@pytest.mark.parametrize("end", ["close", "merge", "void", "refuse"])
def test_a_case_does_not_end_while_a_task_is_open(cast, end):
    case = make_case(cast, "REGISTERED" if end == "refuse" else "HANDLING")
    room.decided(cast, case)
    case = Case.objects.select_related("holder__region", "station", "owner").get(pk=case.pk)
    later = MONDAY + timedelta(days=4)
    calls = {
        "close": lambda: closure.propose_close(
            case,
            outcome=Outcome.MEDIATED,
            solution="和好",
            settled_level=AdminLevel.TOWNSHIP,
            by=cast.clerk,
            at=later,
        ),
        "merge": lambda: handling.merge_case(
            case, into=make_case(cast, at=later), reason="同一件事", by=cast.head, at=later
        ),
        "void": lambda: (
            handling.ask_void(case, reason="误登", by=cast.head, at=later),
            handling.void_case(case, reason="属实", by=cast.officer, at=later),
        ),
        "refuse": lambda: handling.refuse_case(
            case,
            reason=RefuseReason.LITIGATION,
            explanation="等判决",
            by=cast.head,
            at=later,
            way=DeliveryWay.IN_PERSON,
        ),
    }

    with pytest.raises(StepNotAllowed, match="议定事项还没有全部销号"):
        calls[end]()
