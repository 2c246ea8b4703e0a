"""The county's desk: what waits and in which order, decided in its place; how the places below stand."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import escalation, handling, intake, referral
from cases.choices import (
    Channel,
    EscalationReason,
    EscalationStatus,
    Occurrence,
    PetitionForm,
    Risk,
    Step,
)
from cases.models import Access, Case, Escalation
from cases.views.rows import hours
from stations.models import Organisation, Staff
from tests.cases.pages import LATER, as_, at_once, words
from tests.cast import MONDAY, Cast, login
from tests.factories import ID_NUMBER, entry, make_case, make_referral, petitioner

TRIED = "上门三次，镇里、村里都谈过，对方不认账；派出所说是家务事，不出具任何文书，当事人情绪激动，担心再挨打，也担心孩子上学的事没人管；村妇联主席陪她去过两次派出所。请县里协调公安。"
HX = {"HX-Request": "true"}
GUIDANCE = {"guidance": "先请派出所出具告诫书。", "term_on": "2026-11-30"}


def send_up(
    cast: Cast, *, at: datetime = MONDAY + timedelta(hours=1), to: Organisation | None = None, **told: object
) -> Case:
    """A station's case that waits for the county."""
    unit = told.pop("unit", None) or cast.station
    case = make_case(cast, "HANDLING", unit=unit, **told)
    by = {cast.station.pk: cast.head, cast.other_station.pk: cast.other_head}.get(
        unit.pk, cast.village_liaison
    )
    escalation.escalate(
        case, to_unit=to or cast.county, reason=EscalationReason.CROSS_DEPT, tried=TRIED, by=by, at=at
    )
    return Case.objects.get(pk=case.pk)


def queue(staff: Staff):
    return as_(staff).get(reverse("county"))


def numbers(response) -> list[str]:
    return [row["case"].number for row in response.context["rows"]]


def decide(client: Client, case: Case, step: str, headers: dict[str, str] | None = None, **typed: object):
    seen = Case.objects.values_list("seq", flat=True).get(pk=case.pk)
    return client.post(
        reverse("county_decide", args=[case.number, step]), {"seen": seen, **typed}, headers=headers or {}
    )


# What waits


def test_queue_shows_the_dangerous_first_then_what_is_due_first(cast, clock):
    late = send_up(cast, at=MONDAY - timedelta(days=3), risk=Risk.YELLOW)
    early = send_up(cast, at=MONDAY - timedelta(days=5), risk=Risk.YELLOW)
    red = send_up(cast, risk=Risk.RED)
    orange = send_up(cast, risk=Risk.ORANGE)
    make_case(cast, "HANDLING", risk=Risk.RED)  # did not come up

    shown = numbers(queue(cast.officer))

    assert shown == [red.number, orange.number, early.number, late.number]


def test_queue_holds_every_decision_of_the_desk(cast, clock):
    up = send_up(cast)
    closing = make_case(cast, "PENDING_CLOSE", risk=Risk.ORANGE)
    void = make_case(cast)
    handling.ask_void(void, reason="重复录入", by=cast.head, at=LATER)
    longer = make_case(cast, "HANDLING", unit=cast.county)
    handling.ask_extension(longer, days=5, reason="等鉴定", by=cast.officer, at=LATER)
    red = make_case(cast, "PENDING_CLOSE", risk=Risk.RED)

    officer, leader = queue(cast.officer), queue(cast.leader)

    asked = {row["case"].number: [ask.what for ask in row["asks"]] for row in leader.context["rows"]}
    assert asked == {
        red.number: ["提请结案"],
        closing.number: ["提请结案"],
        up.number: ["下级上报"],
        void.number: ["申请作废"],
        longer.number: ["申请延期"],
    }
    # An officer closes no red case and grants nothing she asked for herself.
    assert set(numbers(officer)) == {up.number, closing.number, void.number}


def test_row_says_where_from_why_what_was_tried_and_who_waits(cast, clock):
    case = send_up(cast, at=MONDAY - timedelta(days=2))

    response = queue(cast.officer)

    (row,) = response.context["rows"]
    (ask,) = row["asks"]
    assert (ask.why, ask.said, ask.unit, row["waited"]) == ("涉及多部门", TRIED, cast.station.name, "等了2天")
    page = words(response)
    for said in (case.number, "祝某某", cast.station.name, cast.clerk.name, "涉及多部门", TRIED, "11月18日"):
        assert said in page
    assert ask.short == f"{TRIED[:70]}…"


def test_two_hours_of_a_red_review_are_told_by_the_hour(cast, clock):
    send_up(cast, risk=Risk.RED, at=LATER - timedelta(minutes=50))

    soon = words(queue(cast.officer))
    clock.at = LATER + timedelta(hours=3, minutes=10)
    late = words(queue(cast.officer))

    assert "还有1小时10分" in soon
    assert "逾期2小时" in late


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-5, "逾期5分"),
        (0, "逾期0分"),
        (1, "还有1分"),
        (60, "还有1小时"),
        (61, "还有1小时1分"),
        (-2880, "逾期2天"),
    ],
)
def test_hours_left(minutes, said):
    assert hours(MONDAY + timedelta(minutes=minutes), MONDAY) == said


def test_row_carries_its_marks_in_words(cast, clock):
    village = make_case(
        cast,
        "HANDLING",
        unit=cast.village,
        occurrence=Occurrence.REPEAT,
        form=PetitionForm.GROUP,
        persons=6,
        involves_minor=True,
    )
    escalation.escalate(
        village,
        to_unit=cast.county,
        reason=EscalationReason.GROUP,
        tried="劝过",
        by=cast.village_liaison,
        at=MONDAY + timedelta(hours=1),
    )
    intake.add_contact(
        village,
        entry(cast, occurrence=Occurrence.REPEAT, channel=Channel.PHONE_12338),
        unit=cast.village,
        by=cast.village_liaison,
        at=LATER,
    )
    Case.objects.filter(pk=village.pk).update(led=True)

    (row,) = queue(cast.officer).context["rows"]
    lists = [as_(cast.officer).get(reverse(name)).content.decode() for name in ("desk", "worklist")]
    page = as_(cast.officer).get(reverse("case", args=[village.number])).content.decode()

    marks = re.findall(r">([^<]+)</span>", str(row["marks"]))
    assert marks == ["越级", "重复，来过2次", "集体访", "领导批示", "未成年人"]
    for html in (*lists, page):
        assert str(row["marks"]) in html


def test_a_matter_the_station_handles_is_marked_when_it_comes_to_the_county(cast, clock):
    lower = make_case(cast, "HANDLING")
    upper = make_case(cast, unit=cast.county, at=MONDAY + timedelta(minutes=90))
    other = make_case(cast, unit=cast.county, at=MONDAY + timedelta(minutes=91), category="LAB_WAGE")
    stranger = make_case(
        cast,
        unit=cast.county,
        at=MONDAY + timedelta(minutes=92),
        parties=(petitioner(name="田桂枝", id_number="410423199103050001"),),
    )

    page = as_(cast.officer).get(reverse("case", args=[upper.number]))
    rows = {
        row["number"]: "下级正在办理" in row["html"]
        for row in as_(cast.officer).get(reverse("worklist")).context["rows"]
    }

    assert page.context["below"] == lower
    assert "信访工作条例第19条第3款" in words(page)
    assert rows == {lower.number: False, upper.number: True, other.number: False, stranger.number: False}


def test_intake_at_the_county_says_that_a_station_handles_it(cast, clock):
    make_case(cast, "HANDLING")
    typed = {"petitioner-id_number": ID_NUMBER}

    county, station = (
        words(as_(staff).post(reverse("intake_known"), typed)) for staff in (cast.officer, cast.clerk)
    )

    assert "下级正在办理" in county
    assert "记作原案的再次来访" in county
    assert "此人来过" in station
    assert "下级正在办理" not in station


def test_a_matter_that_is_overdue_below_may_come_to_the_county(cast, clock):
    make_case(cast, "HANDLING", at=MONDAY - timedelta(days=90))
    upper = make_case(cast, unit=cast.county, at=MONDAY)

    page = as_(cast.officer).get(reverse("case", args=[upper.number]))

    assert page.context["below"] is None


def test_reading_the_queue_is_written_down_once_a_case(cast, clock):
    case = send_up(cast)
    hidden = make_case(cast, "PENDING_CLOSE", risk=Risk.ORANGE)
    before = set(Access.objects.values_list("pk", flat=True))

    page = words(queue(cast.officer))

    new = Access.objects.exclude(pk__in=before).values_list("case", "staff", "kind", "fields", "in_line")
    assert list(new) == [(case.pk, cast.officer.pk, "VIEW", "HANDLING", True)]
    assert "双方和好" not in page  # the closing of a case that never came up is not opened by a list
    assert hidden.number in page


def test_queue_runs_a_constant_number_of_queries(cast, clock, django_assert_num_queries):
    client = as_(cast.officer)
    send_up(cast)
    client.get(reverse("county"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("county"))
    for _ in range(29):
        send_up(cast)

    with django_assert_num_queries(len(one)):
        assert len(numbers(client.get(reverse("county")))) == 30


def test_queue_has_pages(cast, clock, monkeypatch):
    monkeypatch.setattr("cases.views.county.PAGE", 2)
    cases = [send_up(cast) for _ in range(3)]
    client = as_(cast.officer)

    first, second, third = (client.get(reverse("county") + f"?page={page}") for page in ("x", "2", "3"))

    assert sorted(numbers(first) + numbers(second)) == sorted(case.number for case in cases)
    assert (len(numbers(first)), first.context["next_url"], second.context["previous_url"]) == (
        2,
        "?page=2",
        "?page=1",
    )
    assert "这一页已经办完" in words(third)
    assert "共 3 件" in words(first)


def test_empty_queue_says_what_would_come(cast, clock):
    assert "没有等您审核的案件" in words(queue(cast.officer))


# Whose it is


@pytest.mark.parametrize("part", ["clerk", "head", "village_liaison", "archivist", "stat_officer", "liaison"])
def test_queue_is_the_federations(cast, clock, part):
    case = send_up(cast)
    client = as_(getattr(cast, part))

    asked = [
        client.get(reverse("county")),
        client.get(reverse("county_case", args=[case.number])),
        decide(client, case, "guide", **GUIDANCE),
    ]

    assert [response.status_code for response in asked] == [403, 403, 403]
    assert Escalation.objects.get().status == EscalationStatus.SUBMITTED


def test_another_county_sees_nothing_of_it(cast, clock):
    case = send_up(cast)
    client = as_(cast.other_officer)

    page = client.get(reverse("county"))

    assert numbers(page) == []
    assert client.get(reverse("county_case", args=[case.number])).status_code == 404
    assert decide(client, case, "guide", **GUIDANCE).status_code == 404


def test_city_gets_what_came_up_to_it(cast, clock):
    send_up(cast)
    held = make_case(cast, "HANDLING", unit=cast.county)
    escalation.escalate(
        held, to_unit=cast.city, reason=EscalationReason.CROSS_REGION, tried="试过", by=cast.leader, at=LATER
    )

    assert numbers(queue(cast.city_officer)) == [held.number]
    assert held.number not in numbers(queue(cast.officer))


# Deciding


def test_panel_is_a_part_for_htmx_and_a_page_without(cast, clock):
    case = send_up(cast)
    client, address = as_(cast.officer), reverse("county_case", args=[case.number])

    part, page = client.get(address, headers=HX).content.decode(), client.get(address).content.decode()

    assert (part.lstrip()[:4], "hx-post" in part) == ("<div", True)
    assert (page[:15], "hx-post" in page) == ("<!doctype html>", False)
    for html in (part, page):
        forms = re.findall(r'action="[^"]*/([a-z-]+)/"', html)
        assert [name for name in forms if name in ("guide", "co-handle", "take-over")] == [
            "guide",
            "co-handle",
            "take-over",
        ]
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert TRIED in html
    assert Access.objects.filter(case=case, staff=cast.officer, fields="PAGE").count() == 2


def test_guidance_given_in_the_queue_takes_the_row_away(cast, clock):
    case = send_up(cast)
    client = as_(cast.officer)

    answer = decide(client, case, "guide", HX, **GUIDANCE)

    assert answer.status_code == 200
    assert "data-decided" in answer.content.decode()
    assert f"{case.number}：“退回指导”已记入案件" in words(answer)
    assert numbers(client.get(reverse("county"))) == []
    done = Escalation.objects.get()
    assert (done.status, done.guidance, done.term_on) == ("GUIDED", GUIDANCE["guidance"], date(2026, 11, 30))


def test_guidance_given_without_scripts_leads_back_to_the_queue(cast, clock):
    case = send_up(cast)
    client = as_(cast.officer)

    answer = decide(client, case, "guide", **GUIDANCE)

    assert (answer.status_code, answer["Location"]) == (302, reverse("county"))
    assert f"{case.number}：“退回指导”已记入案件" in words(client.get(reverse("county")))


@pytest.mark.parametrize(
    ("step", "typed", "status"),
    [
        ("take-over", {"guidance": "县里接办"}, "TAKEN_OVER"),
        ("co-handle", {"guidance": "县里找公安，镇里稳住"}, "CO_HANDLED"),
    ],
)
@pytest.mark.parametrize("headers", [HX, None])
def test_county_takes_over_or_handles_along(cast, clock, step, typed, status, headers):
    case = send_up(cast)

    decide(as_(cast.officer), case, step, headers, owner=cast.officer.pk, **typed)

    assert Escalation.objects.get().status == status


def test_handling_along_may_go_on_to_a_department(cast, clock):
    first, second = send_up(cast), send_up(cast)
    client = as_(cast.officer)
    typed = {"owner": cast.officer.pk, "guidance": "县里找公安", "then": "refer"}
    onward = [f"{reverse('refer', args=[case.number])}?next=%2Fcounty%2F" for case in (first, second)]

    script = decide(client, first, "co-handle", HX, **typed)
    plain = decide(client, second, "take-over", None, **typed)

    assert script["HX-Redirect"] == onward[0]
    assert plain["Location"] == onward[1]
    assert [client.get(address).status_code for address in onward] == [200, 200]


@pytest.mark.parametrize("headers", [HX, None])
def test_what_is_wrong_is_told_at_the_field_and_nothing_typed_is_lost(cast, clock, headers):
    case = send_up(cast)

    answer = decide(
        as_(cast.officer), case, "guide", headers, guidance="先稳住她", term_on=MONDAY.date().isoformat()
    )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "期限应在今天以后" in html
    assert "先稳住她</textarea>" in html
    assert Escalation.objects.get().status == EscalationStatus.SUBMITTED


def test_closing_extension_and_void_are_decided_there_too(cast, clock):
    closing = make_case(cast, "PENDING_CLOSE", risk=Risk.ORANGE)
    back = make_case(cast, "PENDING_CLOSE", risk=Risk.ORANGE)
    void = make_case(cast)
    handling.ask_void(void, reason="误登", by=cast.head, at=LATER)
    longer = make_case(cast, "HANDLING", unit=cast.county)
    handling.ask_extension(longer, days=5, reason="等鉴定", by=cast.officer, at=LATER)
    client = as_(cast.leader)

    decide(client, closing, "close", HX, opinion="同意")
    decide(client, back, "send-back", HX, reason="补回访")
    decide(client, void, "void", HX, reason="属实")
    decide(client, longer, "grant-extension", HX, opinion="同意", way="NOT_YET")

    assert [Case.objects.get(pk=case.pk).status for case in (closing, back, void)] == [
        "CLOSED",
        "HANDLING",
        "VOID",
    ]
    assert longer.extensions.get().granted is True
    assert numbers(client.get(reverse("county"))) == []


def test_what_is_left_to_decide_keeps_the_row(cast, clock):
    case = send_up(cast)
    handling.ask_void(case, reason="误登", by=cast.head, at=LATER)

    answer = decide(as_(cast.officer), case, "guide", HX, **GUIDANCE)

    html = answer.content.decode()
    assert "data-decided" not in html
    assert "“退回指导”已记入案件" in html
    assert "/void/" in html


@pytest.mark.parametrize("headers", [HX, None])
def test_a_colleague_was_faster_is_told_and_the_words_are_kept(cast, clock, headers):
    case = send_up(cast)
    seen = case.seq
    escalation.guide(
        case, guidance="我先看到", term_on=date(2026, 12, 1), by=cast.leader, at=LATER - timedelta(minutes=1)
    )

    answer = as_(cast.officer).post(
        reverse("county_decide", args=[case.number, "guide"]),
        {"seen": seen, **GUIDANCE},
        headers=headers or {},
    )

    page = words(answer)
    assert answer.status_code == 409
    assert f"{cast.leader.name}刚刚办理了“退回指导”" in page
    assert "这一步已不能再办" in page
    assert GUIDANCE["guidance"] in answer.content.decode()
    assert Escalation.objects.get().guidance == "我先看到"


def test_the_case_moved_on_is_told_before_anything_is_done(cast, clock):
    case = send_up(cast)
    seen = case.seq
    escalation.take_over(
        case, owner=cast.leader, guidance="", by=cast.leader, at=LATER - timedelta(minutes=1)
    )
    escalation.send_down(
        case, owner=cast.clerk, guidance="", by=cast.leader, at=LATER - timedelta(seconds=30)
    )

    answer = as_(cast.officer).post(
        reverse("county_decide", args=[case.number, "take-over"]),
        {"seen": seen, "owner": cast.officer.pk, "guidance": "接办"},
        headers=HX,
    )

    assert answer.status_code == 409
    assert f"{cast.leader.name}刚刚办理了“下交办理”" in words(answer)
    assert Case.objects.get(pk=case.pk).holder_id == cast.station.pk


def test_two_officers_press_at_once_and_one_decides(live_cast, clock):
    cast = live_cast
    case = send_up(cast)
    clients = [login(Client(), cast.officer), login(Client(), cast.leader)]

    answers = at_once(
        *(lambda client=client: decide(client, case, "guide", HX, **GUIDANCE) for client in clients)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert case.events.filter(step=Step.GUIDE).count() == 1


def test_asking_for_a_sent_page_again_shows_the_case(cast, clock):
    case = send_up(cast)
    client = as_(cast.officer)

    answer = client.get(reverse("county_decide", args=[case.number, "guide"]))

    assert answer["Location"] == reverse("county_case", args=[case.number])
    assert client.get(reverse("county_decide", args=[case.number, "escalate"])).status_code == 404
    assert client.get(reverse("county_decide", args=[case.number, "nonsense"])).status_code == 404


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/county/", "/county/"),
        ("//evil.example/", None),
        ("https://evil.example/", None),
        ("/\\evil.example", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_step_leads_back_only_within_the_house(cast, clock, asked, leads):
    case = send_up(cast)
    address = reverse("case_step", args=[case.number, "guide"])

    answer = as_(cast.officer).post(f"{address}?next={asked}", GUIDANCE)

    assert answer["Location"] == (leads or reverse("case", args=[case.number]))


def test_the_reason_of_a_void_is_read_only_in_the_line(cast, clock):
    below = make_case(cast)
    handling.ask_void(below, reason="与另一件重复", by=cast.head, at=LATER)
    own = make_case(cast, unit=cast.county)
    handling.ask_void(own, reason="测试登记", by=cast.leader, at=LATER)

    said = {row["case"].number: row["asks"][0].said for row in queue(cast.officer).context["rows"]}

    assert said == {below.number: None, own.number: "测试登记"}


def test_the_panel_shows_where_it_was_referred(cast, clock):
    case = send_up(cast)
    sent = make_referral(cast, "SENT", case=case, at=LATER)
    referral.withdraw(sent, reason="错了", by=cast.clerk, at=LATER)

    panel = words(as_(cast.officer).get(reverse("county_case", args=[case.number]), headers=HX))

    assert cast.police.name in panel


def test_the_panel_leads_on_to_supervision_and_the_conference(cast, clock):
    case = send_up(cast)

    panel = as_(cast.officer).get(reverse("county_case", args=[case.number]), headers=HX).content.decode()

    for name in ("supervise", "agenda_propose", "case"):
        assert f'href="{reverse(name, args=[case.number])}"' in panel
    assert reverse("refer", args=[case.number]) not in panel  # first the county has to work on it
    assert "要转交部门的，先选" in panel
