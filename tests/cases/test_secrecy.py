"""Cases of harm to a child, sealed: who sees what, who becomes a reader by which step, who is told (未保法第103条)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import closure, escalation, handling, handover, intake
from cases.actions.guarding import secrecy
from cases.actions.monitors.report import ReportEntry, not_owed
from cases.choices import (
    EscalationReason,
    MandatoryReportSituation,
    NoticeKind,
    Outcome,
    Risk,
    SecretLevel,
    Step,
)
from cases.models import Case, CaseReader, Notice
from cases.notifications import announce
from cases.permissions import in_owner_line, readers_of
from cases.workflow import StepNotAllowed
from stations.models import Staff
from stations.roles import Role
from tests.cases.assessing import checked
from tests.cast import MONDAY, login
from tests.factories import entry, make_case

LATER = MONDAY + timedelta(hours=3)
ROLES = (
    "village_liaison", "clerk", "clerk2", "head", "other_clerk", "other_head", "officer", "leader", "city_officer",
    "city_leader", "other_officer", "liaison", "handler", "partner_leader", "volunteer", "archivist", "stat_officer",
    "conference", "sys_admin", "sec_admin", "audit_admin", "legal_officer",
)  # fmt: skip


def sealed(cast, status="HANDLING", **fields):
    return make_case(cast, status, category="CHD_SEXUAL", risk=Risk.RED, **fields)


def plain(cast, status="HANDLING", **fields):
    return make_case(cast, status, involves_minor=True, **fields)


def sees(person, case):
    return Case.objects.visible_to(person).filter(pk=case.pk).exists()


def knows(person, case):
    return Case.objects.closed_to(person).filter(pk=case.pk).exists()


def readers(case):
    return {Staff.objects.get(pk=pk).username for pk in readers_of([case.pk])[case.pk]}


def told(case, kind):
    return {row.recipient.username for row in Notice.objects.filter(case=case, kind=kind)}


# Who sees what: r reads it · n knows the number, and whom to ask · . not even that.

SIGHT = {
    #                  open  sealed  named  part
    "village_liaison": (".", ".", ".", "."),
    "clerk":           ("r", "r", "r", "r"),  # owns it
    "clerk2":          ("r", "n", "r", "r"),
    "head":            ("r", "r", "r", "r"),  # of the holder
    "other_clerk":     (".", ".", ".", "."),
    "other_head":      (".", ".", ".", "."),
    "officer":         ("r", "n", "r", "r"),
    "leader":          ("r", "r", "r", "r"),  # approves its closing
    "city_officer":    (".", ".", ".", "."),
    "city_leader":     (".", ".", ".", "."),
    "other_officer":   (".", ".", ".", "."),
    "liaison":         (".", ".", ".", "."),
    "handler":         (".", ".", ".", "."),
    "partner_leader":  (".", ".", ".", "."),
    "volunteer":       (".", ".", ".", "r"),  # sees what she holds a part in, open or sealed
    "archivist":       ("r", "n", "r", "r"),
    "stat_officer":    (".", ".", ".", "."),
    "conference":      (".", ".", ".", "."),
    "sys_admin":       (".", ".", ".", "."),
    "sec_admin":       (".", ".", ".", "."),
    "audit_admin":     (".", ".", ".", "."),
    "legal_officer":   (".", ".", ".", "."),
}  # fmt: skip


def page_of(person, case):
    response = login(Client(), person).get(reverse("case", args=[case.number]))
    if response.status_code == 403 and "这件案件已封存" in response.content.decode():
        return "n"
    return {200: "r", 404: "."}.get(response.status_code, str(response.status_code))


@pytest.mark.parametrize("column", range(4), ids=["open", "sealed", "named", "part"])
def test_who_sees_what(cast, column):
    got = {}
    for role in ROLES:
        case = plain(cast) if column == 0 else sealed(cast)
        person = getattr(cast, role)
        if column == 2:
            CaseReader.objects.get_or_create(
                case=case, staff=person, until_at=None, defaults={"since_at": MONDAY}
            )
        if column == 3 and not case.holdings.filter(staff=person).exists():
            unit = person.organisation
            case.holdings.create(
                organisation=unit, staff=person, level=unit.level, part="ASSISTANT", since_at=MONDAY
            )
        kinds = ("r" if sees(person, case) else "", "n" if knows(person, case) else "")
        got[role] = "".join(kinds) or "."
        assert page_of(person, case) == got[role], role

    assert got == {role: row[column] for role, row in SIGHT.items()}


def test_the_page_of_a_sealed_case_says_whom_to_ask_and_nothing_of_the_child(cast, client):
    case = sealed(cast)

    response = login(client, cast.officer).get(reverse("case", args=[case.number]))

    page = response.content.decode()
    assert response.status_code == 403
    assert case.number in page
    assert case.holder.name in page
    assert case.holder.phone in page
    assert case.label not in page
    assert "性侵" not in page
    assert cast.clerk.name not in page


def test_every_page_of_a_sealed_case_is_closed_alike(cast, client):
    case = sealed(cast)
    login(client, cast.clerk2)

    for name in ("case", "registered", "slip", "contact", "accesses", "refer"):
        response = client.get(reverse(name, args=[case.number]))
        assert (name, response.status_code) == (name, 403)
        assert "这件案件已封存" in response.content.decode()
    assert client.post(reverse("reveal", args=[case.number]), {"group": "STORY"}).status_code == 403
    assert client.get(reverse("case_step", args=[case.number, "handle"])).status_code == 403


# Where it begins.


@pytest.mark.parametrize(
    ("told_at_intake", "is_sealed"),
    [
        ({"category": "CHD_SEXUAL"}, True),
        ({"category": "CHD_OTHER", "categories": ("CHD_SEXUAL",)}, True),
        ({"category": "CHD_ABUSE", "involves_minor": True}, False),
        (
            {"report": ReportEntry((MandatoryReportSituation.MR1_GENITAL,), MONDAY, "疑似受伤")},
            True,
        ),
        ({"report": ReportEntry((MandatoryReportSituation.MR4_BODY,), MONDAY, "被打")}, False),
    ],
    ids=["category", "second category", "another harm", "reported", "reported, another harm"],
)
def test_what_is_sealed_at_registration(cast, told_at_intake, is_sealed):
    case = intake.register_case(entry(cast, **told_at_intake), unit=cast.station, by=cast.clerk, at=MONDAY)

    assert (case.is_sealed, case.involves_minor) == (is_sealed, True)
    assert readers(case) == ({"clerk", "head", "leader"} if is_sealed else {"clerk"})
    assert told(case, NoticeKind.TO_ACCEPT) == {"head"}


def test_the_county_s_own_case_is_told_to_its_leaders_alone(cast):
    case = intake.register_case(
        entry(cast, category="CHD_SEXUAL"), unit=cast.county, by=cast.leader, at=MONDAY
    )

    assert readers(case) == {"leader"}
    assert told(case, NoticeKind.TO_ACCEPT) == set()


def test_a_village_s_case_is_read_by_the_head_of_the_township(cast):
    case = sealed(cast, "REGISTERED", unit=cast.village)

    assert readers(case) == {"village_liaison", "head", "leader"}


def test_without_a_leader_the_officers_read_it(cast):
    Staff.objects.filter(pk=cast.leader.pk).update(is_active=False)

    assert readers(sealed(cast, "REGISTERED")) == {"clerk", "head", "officer"}


def test_a_county_that_has_not_been_set_up_leaves_it_to_the_station(cast):
    cast.county.active = False
    cast.county.save()

    case = sealed(cast, "REGISTERED")
    assert readers(case) == {"clerk", "head"}
    assert {person.username for person in secrecy.candidates(case)} == {"clerk2"}


def test_sealed_by_hand_and_opened_again_by_a_leader(cast):
    case = plain(cast)

    secrecy.seal_case(case, by=cast.head, at=LATER, reason="孩子的情况不宜让更多人知道")
    assert readers(case) == {"clerk", "head", "leader"}
    assert not sees(cast.clerk2, case)

    secrecy.unseal_case(case, by=cast.leader, at=LATER, reason="核实后无须封存")
    assert sees(cast.clerk2, case)
    assert readers(case) == {"clerk"}
    steps = {event.step: event.note.text for event in case.events.filter(step__in=(Step.SEAL, Step.UNSEAL))}
    assert steps == {"SEAL": "孩子的情况不宜让更多人知道", "UNSEAL": "核实后无须封存"}
    assert Case.objects.get(pk=case.pk).secrecy == SecretLevel.INTERNAL


def test_only_what_is_about_a_child_is_sealed(cast):
    with pytest.raises(StepNotAllowed, match="只有涉未成年人"):
        secrecy.seal_case(make_case(cast), by=cast.head, at=LATER)


# Named, and taken off.


def test_a_reader_is_named_with_a_reason_and_told_at_once(cast):
    case = sealed(cast)

    secrecy.name_reader(case, reader=cast.officer, reason="负责与公安对接", by=cast.leader, at=LATER)

    row = CaseReader.objects.get(staff=cast.officer)
    assert (row.reason, row.by, row.since_at) == ("负责与公安对接", cast.leader, LATER)
    assert told(case, NoticeKind.NAMED_READER) == {"officer"}
    assert sees(cast.officer, case)
    assert in_owner_line(cast.officer, case)
    assert case.events.get(step=Step.NAME_READER).facts == {"reader": cast.officer.pk}


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("clerk", "已经可以查阅"),
        ("head", "已经可以查阅"),
        ("other_clerk", "不在其辖区"),
        ("city_officer", "不在其辖区"),
        ("liaison", "不在其辖区"),
        ("volunteer", "不在其辖区"),
    ],
)
def test_who_cannot_be_named(cast, part, sentence):
    case = sealed(cast)

    with pytest.raises(StepNotAllowed, match=sentence):
        secrecy.name_reader(case, reader=getattr(cast, part), reason="帮忙", by=cast.leader, at=LATER)


def test_who_is_offered(cast):
    case = sealed(cast)
    assert {person.username for person in secrecy.candidates(case)} == {"clerk2", "officer", "archivist"}

    Case.objects.filter(pk=case.pk).update(reached="CITY")
    offered = {person.username for person in secrecy.candidates(Case.objects.get(pk=case.pk))}
    assert offered == {"clerk2", "officer", "archivist", "city_officer", "city_leader"}


def test_nobody_is_named_of_a_case_that_is_not_sealed(cast):
    for verb in (
        lambda case: secrecy.name_reader(case, reader=cast.officer, reason="查", by=cast.head, at=LATER),
        lambda case: secrecy.unseal_case(case, reason="查", by=cast.leader, at=LATER),
    ):
        with pytest.raises(StepNotAllowed, match="没有封存"):
            verb(plain(cast))


def test_a_reader_is_taken_off_and_loses_it(cast):
    case = sealed(cast)
    secrecy.name_reader(case, reader=cast.clerk2, reason="陪同就医", by=cast.head, at=LATER)

    secrecy.end_reader(case, reader=cast.clerk2, reason="已不参与", by=cast.head, at=LATER)

    assert not sees(cast.clerk2, case)
    with pytest.raises(StepNotAllowed, match="不在指定"):
        secrecy.end_reader(case, reader=cast.clerk2, reason="再取消", by=cast.head, at=LATER)


def test_a_leader_is_taken_off_by_a_leader_and_never_the_last(cast):
    case = sealed(cast)
    with pytest.raises(StepNotAllowed, match="由领导本人取消"):
        secrecy.end_reader(case, reader=cast.leader, reason="不需要", by=cast.head, at=LATER)
    with pytest.raises(StepNotAllowed, match="至少留一位"):
        secrecy.end_reader(case, reader=cast.leader, reason="不需要", by=cast.leader, at=LATER)

    second = Staff.objects.create(
        username="leader2", name="另一位", organisation=cast.county, roles=[Role.COUNTY_LEADER]
    )
    secrecy.name_reader(case, reader=second, reason="分管儿童", by=cast.leader, at=LATER)
    secrecy.end_reader(case, reader=cast.leader, reason="换分管", by=second, at=LATER)
    assert "leader" not in readers(case)


# The work goes on: each step makes the right people readers.


def sent_up(cast, case, unit, by=None):
    escalation.escalate(
        case,
        to_unit=unit,
        reason=EscalationReason.BEYOND_POWER,
        tried="已报公安",
        by=by or cast.head,
        at=LATER,
    )
    return case


def test_escalating_opens_it_to_those_who_must_answer(cast):
    case = sent_up(cast, sealed(cast), cast.county)

    assert told(case, NoticeKind.ESCALATED) == {"officer", "leader"}
    assert sees(cast.officer, case)
    assert not sees(cast.city_officer, case)

    sent_up(cast, sealed(cast), cast.city)
    assert sees(cast.city_leader, Case.objects.latest("pk"))


def test_escalating_a_case_that_is_not_sealed_names_nobody(cast):
    sent_up(cast, plain(cast), cast.county)

    assert not CaseReader.objects.exists()


def test_taking_over_sending_down_and_handling_jointly(cast):
    case = sent_up(cast, sealed(cast), cast.county)
    escalation.take_over(case, owner=cast.officer, guidance="县里办", by=cast.officer, at=LATER)
    assert sees(cast.clerk, case)  # stays on as assistant

    escalation.send_down(case, owner=cast.clerk2, guidance="继续陪护", by=cast.officer, at=LATER)
    assert readers(case) >= {"clerk2", "head", "leader"}
    assert told(case, NoticeKind.ASSIGNED) >= {"clerk2"}

    joint = sent_up(cast, sealed(cast), cast.county)
    escalation.handle_jointly(joint, co_owner=cast.officer, split="县里联系公安", by=cast.leader, at=LATER)
    assert sees(cast.officer, joint)


def test_assigning_and_helping_follow_the_part(cast):
    case = sealed(cast)

    handling.assign_owner(case, owner=cast.clerk2, by=cast.head, at=LATER)
    checked(cast.volunteer, cast.station, by=cast.clerk)
    handling.add_assistant(case, assistant=cast.volunteer, note="心理陪护", by=cast.head, at=LATER)

    assert sees(cast.clerk2, case)
    assert sees(cast.volunteer, case)
    assert told(case, NoticeKind.ASSIGNED) >= {"clerk2", "volunteer"}
    assert "clerk" not in readers(case)  # she has no part in it any more


def test_whoever_follows_the_report_reads_it_until_its_end(cast):
    entry = ReportEntry((MandatoryReportSituation.MR2_GIRL_U14,), MONDAY, "已知的最少事实")
    case = sealed(cast, report=entry)
    monitor = case.monitors.get()
    handling.assign_owner(case, owner=cast.clerk2, by=cast.head, at=LATER)

    assert sees(cast.clerk, case)
    assert "clerk" in readers(case)
    announce(NoticeKind.OVERDUE, case, [cast.clerk], at=LATER)
    assert told(case, NoticeKind.OVERDUE) == {"clerk"}
    assert not sees(cast.volunteer, case)

    not_owed(monitor, reason="核实不属于", by=cast.head, at=LATER)
    assert not sees(cast.clerk, case)
    assert "clerk" not in readers(case)


def test_the_owner_still_reads_it_when_it_is_closed(cast):
    case = sealed(cast, "CLOSED")

    assert sees(cast.clerk, case)
    assert knows(cast.clerk2, case)


def propose(cast, case):
    closure.propose_close(
        case, outcome=Outcome.SOLVED, solution="已起诉", settled_level=case.level, by=cast.clerk, at=LATER
    )


def test_closing_is_approved_by_a_leader_who_reads_it(cast):
    case = sealed(cast)

    propose(cast, case)

    assert told(case, NoticeKind.TO_APPROVE) == {"leader"}


def test_a_new_leader_is_let_in_where_no_other_could_approve(cast):
    case = sealed(cast)
    Staff.objects.filter(pk=cast.leader.pk).update(is_active=False)
    Staff.objects.create(
        username="newcomer", name="新主席", organisation=cast.county, roles=[Role.COUNTY_LEADER]
    )

    propose(cast, case)

    assert told(case, NoticeKind.TO_APPROVE) == {"newcomer"}
    assert "newcomer" in readers(case)


def test_an_extension_is_asked_of_the_head_who_reads_it(cast):
    case = sealed(cast)

    handling.ask_extension(case, days=10, reason="等鉴定", by=cast.clerk, at=LATER)

    assert told(case, NoticeKind.TO_APPROVE) == {"head"}


def test_to_void_a_sealed_case_a_leader_is_asked(cast):
    case = sealed(cast)

    handling.ask_void(case, reason="误登", by=cast.head, at=LATER)

    assert told(case, NoticeKind.TO_APPROVE) == {"leader"}
    assert not sees(cast.officer, case)


def test_what_a_sealed_case_is_merged_into_is_sealed_with_its_readers(cast):
    case, main = sealed(cast), make_case(cast, "HANDLING", unit=cast.station)
    secrecy.name_reader(case, reader=cast.officer, reason="对接公安", by=cast.leader, at=LATER)

    handling.merge_case(case, into=main, reason="同一个孩子", by=cast.head, at=LATER)

    assert main.is_sealed
    assert main.involves_minor
    assert readers(main) >= {"clerk", "head", "leader", "officer"}

    both = sealed(cast)
    handling.merge_case(both, into=main, reason="同一个孩子", by=cast.head, at=LATER)
    assert [event.step for event in main.events.all()].count("SEAL") == 1
    handling.merge_case(make_case(cast), into=plain(cast), reason="同一件", by=cast.head, at=LATER)


def test_whoever_leaves_passes_her_reading_on_to_her_like(cast):
    case, own = sealed(cast), sealed(cast)
    successor = Staff.objects.create(
        username="head2", name="新站长", organisation=cast.station, roles=[Role.STATION_HEAD]
    )
    handling.assign_owner(own, owner=cast.head, by=cast.leader, at=LATER)

    row = handover.hand_over_all(cast.head, successor, by=cast.leader, at=LATER, reason="调离")

    assert row.counts["reading"] == 2
    assert sees(successor, case)
    assert not sees(cast.head, case)


def test_a_head_s_reading_does_not_go_to_a_clerk(cast):
    case, own = sealed(cast), sealed(cast)
    handling.assign_owner(own, owner=cast.head, by=cast.leader, at=LATER)

    row = handover.hand_over_all(cast.head, cast.clerk2, by=cast.leader, at=LATER, reason="调离")

    assert "reading" not in row.counts
    assert sees(cast.clerk2, own)
    assert not sees(cast.clerk2, case)
