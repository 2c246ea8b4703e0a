"""破门查看: who may open what is closed to her, what she can do inside, who is told, who judges."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions.guarding.break_in import break_in, end_break_in, judge_break_in, judging_unit
from cases.choices import AccessKind, BarKind, NoticeKind, SecretLevel, Step
from cases.models import Access, Bar, Case, EmergencyAccess, MovedOn, Notice
from cases.views.guarding.break_in import WRONG_TRIES
from cases.workflow import StepNotAllowed
from tests.cases.pages import LATER, as_, words
from tests.cast import MONDAY
from tests.factories import MINUTE, SAFE_PHONE, make_case, make_referral

REASON = "她妹妹来电说人被关在家里，要马上联系她"
TOLD = {"reason": REASON, "known": "on"}


def url(case):
    return reverse("break_in", args=[case.number])


def sealed(cast, **told):
    case = make_case(cast, **told)
    Case.objects.filter(pk=case.pk).update(secrecy=SecretLevel.MINOR_SEALED)
    return case


def bar(case, **whom):
    Bar.objects.create(case=case, kind=BarKind.BLOCKED, at=MONDAY, **whom)


# a: asks for the reason and opens · v: sees it anyway · n: not there (404) · f: her role never does (403)
TABLE = """
                   clerk clerk2 head other_clerk other_head officer leader city_officer other_officer far_clerk village_liaison volunteer archivist liaison stat_officer sys_admin sec_admin audit_admin
open               v     v      v    a           a          v       v      a            a             a         f               f         f         f       f            f         f         f
sealed             v     a      a    a           a          a       a      a            a             a         f               f         f         f       f            f         f         f
barred             n     n      n    n           n          n       n      n            n             n         f               f         f         f       f            f         f         f
sealed-barred      n     n      n    n           n          n       n      n            n             n         f               f         f         f       f            f         f         f
unit-barred        n     n      n    a           a          v       v      a            a             a         f               f         f         f       f            f         f         f
other-city         n     n      n    n           n          n       n      n            n             n         f               f         f         f       f            f         f         f
no-such-case       n     n      n    n           n          n       n      n            n             n         f               f         f         f       f            f         f         f
"""
HEAD, *ROWS = (line.split() for line in TABLE.strip().splitlines())


def scene(cast, kind, person):
    case = sealed(cast) if kind.startswith("sealed") else make_case(cast)
    if kind in ("barred", "sealed-barred"):
        bar(case, staff=person)
    if kind == "unit-barred":
        bar(case, organisation=cast.station)
    if kind == "other-city":
        Case.objects.filter(pk=case.pk).update(county_code="410102", township_code="410102001")
        Case.objects.filter(pk=case.pk).update(station=cast.far_station, holder=cast.far_station)
    return f"{case.number}9" if kind == "no-such-case" else case.number


@pytest.mark.parametrize("kind", [row[0] for row in ROWS])
@pytest.mark.parametrize("part", HEAD)
def test_who_may_break_in(cast, clock, kind, part):
    expected = next(row for row in ROWS if row[0] == kind)[1 + HEAD.index(part)]
    person = getattr(cast, part)
    number = scene(cast, kind, person)

    page = as_(person).get(reverse("break_in", args=[number]))
    done = as_(person).post(reverse("break_in", args=[number]), TOLD)

    got = {
        (200, 302): "a",
        (302, 302): "v",
        (404, 404): "n",
        (403, 403): "f",
    }[page.status_code, done.status_code]
    assert got == expected
    assert EmergencyAccess.objects.count() == (1 if expected == "a" else 0)


@pytest.mark.parametrize(
    ("typed", "words_said"),
    [
        ({"known": "on", "reason": ""}, "请填写为什么必须现在看"),
        ({"known": "on", "reason": "急 急 急 急 急 急"}, "至少10个字"),
        ({"reason": REASON}, "请确认您知道查看会立即告知"),
    ],
)
def test_without_a_reason_and_the_tick_nothing_opens(cast, clock, typed, words_said):
    page = as_(cast.other_clerk).post(url(make_case(cast)), typed)

    assert page.status_code == 422
    assert words_said in words(page)
    assert not EmergencyAccess.objects.exists()


def test_everybody_is_told_at_once_and_security_learns_no_number(cast, clock):
    case = make_case(cast)

    as_(cast.other_clerk).post(url(case), TOLD)

    told = Notice.objects.filter(kind=NoticeKind.BROKEN_IN)
    assert {(row.recipient, row.case) for row in told} == {
        (case.owner, case),
        (cast.head, case),
        (cast.sec_admin, None),
    }
    event = case.events.latest("seq")
    assert (event.step, event.by, event.note.text) == (Step.BREAK_IN, cast.other_clerk, REASON)
    look = Access.objects.get(kind=AccessKind.BREAK_IN)
    assert (look.staff, look.in_line, look.reason.text) == (cast.other_clerk, False, REASON)
    page = words(as_(cast.sec_admin).get(reverse("break_ins")))
    assert cast.other_clerk.name in page
    assert case.number not in page
    assert REASON not in page


def opened(cast, case, by=None):
    client = as_(by or cast.other_clerk)
    client.post(url(case), TOLD)
    return client


def test_inside_she_reads_group_by_group_and_each_is_written_down(cast, clock):
    case = make_case(cast)
    client = opened(cast, case)

    page = words(client.get(url(case)))
    phones = words(client.post(url(case), {"group": "CONTACT"}))
    code = words(client.post(url(case), {"group": "QUERY_CODE"}))

    assert SAFE_PHONE not in page
    assert SAFE_PHONE in phones
    assert "问豆腐还有吗" not in phones  # the phrase opens on the calling card alone
    assert case.query_code not in code
    looks = Access.objects.filter(staff=cast.other_clerk).order_by("pk")
    assert [(row.kind, row.fields, row.in_line) for row in looks] == [
        ("BREAK_IN", "PAGE", False),
        ("VIEW", "PAGE", False),
        ("REVEAL", "CONTACT", False),
        ("VIEW", "PAGE", False),
    ]


@pytest.mark.parametrize("seal", [False, True])
def test_inside_she_can_do_nothing_else(cast, clock, seal):
    sent = make_referral(cast)
    case = sent.case
    notice = case.petitioner_notices.get()
    if seal:
        Case.objects.filter(pk=case.pk).update(secrecy=SecretLevel.MINOR_SEALED)
    client = opened(cast, case)
    refused = {}
    for step in Step:
        address = reverse("case_step", args=[case.number, step.lower().replace("_", "-")])
        refused[step] = client.post(address, {"seen": case.seq}).status_code
    pages = [reverse(name, args=[case.number]) for name in ("case", "refer", "contact", "accesses")]
    pages += [
        reverse(name, args=[case.number])
        for name in ("disclosures", "disclosures_print", "slip", "supervise")
    ]
    pages += [reverse("referral", args=[sent.pk]), reverse("referral_slip", args=[sent.pk])]
    pages += [reverse("notice_print", args=[case.number, notice.pk])]

    assert set(refused.values()) == {404}
    assert {client.get(address).status_code for address in pages} == {404}
    assert client.post(reverse("reveal", args=[case.number]), {"group": "CONTACT"}).status_code == 404
    assert client.get(url(case)).status_code == 200


def test_it_closes_by_itself_and_by_hand(cast, clock):
    case = make_case(cast)
    client = opened(cast, case)

    clock.at = LATER + timedelta(minutes=119)
    assert "自动关闭" in words(client.get(url(case)))
    clock.at = LATER + timedelta(minutes=120)
    assert "为什么必须现在看" in words(client.get(url(case)))

    client.post(url(case), TOLD)
    clock.at += timedelta(minutes=5)
    assert client.post(url(case), {"close": "1"}).status_code == 302
    assert "为什么必须现在看" in words(client.get(url(case)))
    assert EmergencyAccess.objects.count() == 2


def test_a_bar_ends_it(cast, clock):
    case = make_case(cast)
    client = opened(cast, case)

    bar(case, staff=cast.other_clerk)

    assert client.get(url(case)).status_code == 404


def test_pressed_twice_it_opens_once(cast):
    case = make_case(cast)

    first = break_in(case, reason=REASON, by=cast.other_clerk, at=LATER)
    second = break_in(case, reason=REASON, by=cast.other_clerk, at=LATER + MINUTE)

    assert first == second
    assert Notice.objects.filter(kind=NoticeKind.BROKEN_IN, recipient=cast.sec_admin).count() == 1


def test_the_verb_itself_refuses_whom_it_must(cast):
    case = make_case(cast)
    bar(case, staff=cast.other_clerk)

    with pytest.raises(StepNotAllowed):
        break_in(case, reason=REASON, by=cast.other_clerk, at=LATER)


def test_wrong_numbers_are_counted_and_told(cast, clock):
    case = make_case(cast)
    client = as_(cast.other_clerk)

    got = [
        client.get(reverse("break_in", args=[f"{case.number}{n}"])).status_code for n in range(WRONG_TRIES)
    ]
    shut = client.get(url(case))
    clock.at = LATER + timedelta(minutes=61)
    again = client.get(url(case))

    assert got == [404] * WRONG_TRIES
    assert (shut.status_code, again.status_code) == (429, 200)
    assert [row.recipient for row in Notice.objects.filter(kind=NoticeKind.BROKEN_IN)] == [cast.sec_admin]


# From the intake page ---------------------------------------------------------------------------------------------

KNOWN = {"phone-0-number": SAFE_PHONE}


def test_known_elsewhere_opens_without_a_number_before_the_reason(cast, clock):
    case = make_case(cast)
    client = as_(cast.other_clerk)
    known = reverse("break_in_known")

    asked = client.post(known, KNOWN, follow=True)
    assert asked.status_code == 200
    assert case.number not in asked.content.decode()

    done = client.post(known, TOLD)
    assert done.url == url(case)
    assert EmergencyAccess.objects.get().case == case
    assert client.get(known).url == reverse("intake")  # no other one


@pytest.mark.parametrize("closed", ["sealed", "barred", "unknown"])
def test_known_elsewhere_leads_to_nothing_sealed_barred_or_unknown(cast, clock, closed):
    case = sealed(cast) if closed == "sealed" else make_case(cast)
    if closed == "barred":
        bar(case, staff=cast.other_clerk)
    typed = {"phone-0-number": "13900000009"} if closed == "unknown" else KNOWN

    client = as_(cast.other_clerk)
    client.post(reverse("break_in_known"), typed)

    assert client.get(reverse("break_in_known")).url == reverse("intake")


def test_what_was_looked_up_is_forgotten(cast, clock):
    make_case(cast)
    client = as_(cast.other_clerk)
    client.post(reverse("break_in_known"), KNOWN)

    clock.at = LATER + timedelta(minutes=11)

    assert client.get(reverse("break_in_known")).url == reverse("intake")


def test_known_elsewhere_is_shut_with_the_rest(cast, clock):
    client = as_(cast.other_clerk)
    for _ in range(WRONG_TRIES):
        client.post(reverse("break_in_known"), {"phone-0-number": "13900000009"})

    assert client.post(reverse("break_in_known"), KNOWN).status_code == 429


# Judged -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holder", "reader", "judge"),
    [
        ("station", "other_station", "station"),
        ("station", "station", "county"),
        ("village", "other_station", "station"),
        ("village", "station", "county"),
        ("county", "station", "county"),
        ("county", "county", "city"),
        ("city", "county", "city"),
        ("city", "city", "city"),
    ],
)
def test_who_judges(cast, holder, reader, judge):
    assert judging_unit(getattr(cast, holder), getattr(cast, reader)) == getattr(cast, judge)


def broken(cast, by=None, case=None):
    return break_in(case or make_case(cast), reason=REASON, by=by or cast.other_clerk, at=LATER)


def test_it_stays_on_the_desk_until_judged(cast, clock):
    found = broken(cast)
    desk = as_(cast.head)
    assert "核实破门查看" in words(desk.get(reverse("desk")))

    address = reverse("break_in_judge", args=[found.pk])
    assert REASON in words(desk.get(address))
    assert desk.post(address, {"justified": "no"}).status_code == 422
    assert desk.post(address, {"justified": "no", "finding": "可以先打电话"}).status_code == 302

    found.refresh_from_db()
    assert (found.justified, found.finding, found.judged_by) == (False, "可以先打电话", cast.head)
    assert "核实破门查看" not in words(desk.get(reverse("desk")))
    assert found.case.events.latest("seq").step == Step.JUDGE_BREAK_IN
    assert Notice.objects.filter(kind=NoticeKind.BROKEN_IN, recipient=cast.sec_admin).count() == 2
    again = desk.post(address, {"justified": "yes", "finding": "有必要"})
    assert again.status_code == 409


def test_nobody_judges_herself_nor_what_she_is_kept_from(cast, clock):
    by_head = broken(cast, by=cast.other_head)
    EmergencyAccess.objects.filter(pk=by_head.pk).update(judge=cast.other_station)
    own = reverse("break_in_judge", args=[by_head.pk])
    assert as_(cast.other_head).get(own).status_code == 403
    assert "核实破门查看" not in words(as_(cast.other_head).get(reverse("desk")))

    found = broken(cast)
    bar(found.case, staff=cast.head)
    assert as_(cast.head).get(reverse("break_in_judge", args=[found.pk])).status_code == 404
    assert "核实破门查看" not in words(as_(cast.head).get(reverse("desk")))


def test_judged_twice_the_second_is_told(cast):
    found = broken(cast)
    judge_break_in(found, justified=True, finding="确有危险", by=cast.head, at=LATER + MINUTE)

    with pytest.raises(MovedOn):
        judge_break_in(found, justified=False, finding="不必", by=cast.head, at=LATER + 2 * MINUTE)
    assert not Notice.objects.filter(kind=NoticeKind.BROKEN_IN, at__gt=LATER).exists()


def test_ending_what_has_ended_changes_nothing(cast):
    found = broken(cast)
    end_break_in(found, at=LATER + timedelta(hours=3))

    found.refresh_from_db()
    assert found.until_at == LATER + timedelta(hours=2)
