"""Desk, worklist, case page, reveal, search, inbox: what each shows, to whom, in how many queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import closure, escalation, handling, reminders
from cases.choices import EscalationReason, NoticeKind, Outcome, Risk
from cases.models import Access, Case, Notice
from cases.views import worklist
from tests.cases.test_steps_screen import sign_in
from tests.cast import MONDAY, Cast
from tests.factories import FACTS, ID_NUMBER, SAFE_PHONE, make_case, make_referral


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def titles(response: object) -> list[str]:
    return [section["title"] for section in response.context["sections"]]  # type: ignore[attr-defined]


def test_desk_of_the_head_shows_what_waits_for_her(cast: Cast, client: Client) -> None:
    make_case(cast, "REGISTERED")
    make_case(cast, "PENDING_CLOSE")
    asked = make_case(cast, "HANDLING")
    handling.ask_extension(asked, days=5, reason="等鉴定", by=cast.clerk, at=MONDAY + timedelta(hours=1))

    response = sign_in(client, cast.head).get(reverse("desk"))

    assert titles(response) == ["新登记，待审核受理", "提请结案，待审核", "申请延期，待审批"]


def test_desk_of_the_owner_shows_her_cases_and_answers(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    make_referral(cast, "RESULT")

    response = sign_in(client, cast.clerk).get(reverse("desk"))

    assert titles(response) == ["部门已答复，待核对", "我承办的"]


def test_desk_of_the_county_shows_what_came_up_and_the_townships(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING", risk=Risk.RED)
    escalation.escalate(
        case,
        to_unit=cast.county,
        reason=EscalationReason.HIGH_RISK,
        tried="试过",
        by=cast.head,
        at=MONDAY + timedelta(hours=2),
    )

    response = sign_in(client, cast.officer).get(reverse("desk"))

    assert titles(response) == ["下级上报，待审核"]
    assert [(row.place, row.open) for row in response.context["standing"]] == [("下汤镇", 1)]


def test_what_was_asked_before_closing_waits_for_nobody(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    later = MONDAY + timedelta(hours=1)
    handling.ask_extension(case, days=5, reason="等鉴定", by=cast.clerk, at=later)
    escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.CROSS_DEPT, tried="试过", by=cast.clerk, at=later
    )
    before = titles(sign_in(client, cast.head).get(reverse("desk")))

    closure.propose_close(
        case, outcome=Outcome.SOLVED, solution="已和解", settled_level="TOWNSHIP", by=cast.clerk, at=later
    )

    head = titles(sign_in(client, cast.head).get(reverse("desk")))
    officer = titles(sign_in(Client(), cast.officer).get(reverse("desk")))
    assert (before, head, officer) == (["申请延期，待审批"], ["提请结案，待审核"], [])


def test_desk_closings_follow_the_danger(cast: Cast, client: Client) -> None:
    make_case(cast, "PENDING_CLOSE", risk=Risk.RED)

    officer = sign_in(Client(), cast.officer).get(reverse("desk"))
    leader = sign_in(client, cast.leader).get(reverse("desk"))

    assert "提请结案，待审核" not in titles(officer)
    assert "提请结案，待审核" in titles(leader)


def test_desk_sent_and_overdue(cast: Cast, client: Client) -> None:
    make_referral(cast, "SENT")
    sign_in(client, cast.head)

    sent = titles(client.get(reverse("desk") + "?show=sent"))
    Case.objects.update(due_at=MONDAY - timedelta(days=3))
    late = titles(client.get(reverse("desk") + "?show=overdue"))

    assert (sent, late) == (["转交部门、尚未销号"], ["本单位和下级的，已经逾期"])


def test_desk_of_the_figures_shows_no_case(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")

    page = sign_in(client, cast.stat_officer).get(reverse("desk")).content.decode()

    assert "下汤镇" in page
    assert case.number not in page


@pytest.mark.parametrize("address", ["desk", "worklist", "inbox"])
def test_lists_run_a_constant_number_of_queries(cast: Cast, client: Client, address: str) -> None:
    for _ in range(1):
        make_case(cast, "HANDLING")
    reminders.remind(MONDAY + timedelta(days=70))
    sign_in(client, cast.clerk)
    client.get(reverse(address))
    one = queries(client, reverse(address))
    for _ in range(3):
        make_case(cast, "HANDLING")
    reminders.remind(MONDAY + timedelta(days=90))

    assert queries(client, reverse(address)) == one


def test_worklist_pages_by_key_without_loss_or_repetition(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "PAGE", 3)
    cases = [make_case(cast, "HANDLING") for _ in range(6)]
    cases += [make_case(cast, "SUSPENDED")]  # no date: the last of all
    sign_in(client, cast.clerk)

    seen: list[str] = []
    address = reverse("worklist")
    while address:
        response = client.get(address)
        seen += [row["number"] for row in response.context["rows"]]
        following = response.context["next_url"]
        address = reverse("worklist") + following if following else ""

    assert sorted(seen) == sorted(case.number for case in cases)
    assert seen[-1] == cases[-1].number


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?show=mine", 3),
        ("?show=ended", 1),
        ("?risk=ORANGE", 1),
        ("?status=HANDLING", 2),
        ("?status=nonsense&after=~~&risk=x", 3),
        ("?flags=involves_dv", 1),
        ("?category=MAR", 3),
        ("?category=LAB", 0),
    ],
)
def test_worklist_filters(cast: Cast, client: Client, query: str, count: int) -> None:
    make_case(cast, "HANDLING", risk=Risk.ORANGE)
    make_case(cast, "HANDLING", involves_dv=True)
    make_case(cast, "REGISTERED")
    make_case(cast, "CLOSED")

    response = sign_in(client, cast.clerk).get(reverse("worklist") + query)

    assert len(response.context["rows"]) == count


def test_worklist_of_the_county_filters_by_township(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    make_case(cast, "HANDLING", unit=cast.other_station)
    sign_in(client, cast.officer)

    everything = client.get(reverse("worklist")).context["rows"]
    one = client.get(reverse("worklist") + f"?place={cast.station.township_code}").context["rows"]

    assert (len(everything), len(one)) == (2, 1)


def test_case_page_is_masked_and_logged(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    Access.objects.filter(case=case)

    page = sign_in(client, cast.clerk).get(reverse("case", args=[case.number])).content.decode()

    assert "祝某某" in page
    assert "祝冬雪" not in page.split("办理记录")[0]
    assert ID_NUMBER not in page
    assert SAFE_PHONE not in page
    assert FACTS in page  # the owner works with the story; the page itself is logged
    assert list(Access.objects.filter(case=case).values_list("staff", "kind", "in_line")) == [
        (cast.clerk.pk, "VIEW", True)
    ]


def test_case_page_outside_the_line_hides_the_story(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")

    page = sign_in(client, cast.officer).get(reverse("case", args=[case.number])).content.decode()

    assert FACTS not in page
    assert "内容已遮盖" in page


def test_reveal_inside_the_line_opens_one_group(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")

    page = (
        sign_in(client, cast.clerk)
        .post(reverse("reveal", args=[case.number]), {"group": "CONTACT"})
        .content.decode()
    )

    assert SAFE_PHONE in page
    assert "不要打" in page
    assert ID_NUMBER not in page
    assert Access.objects.filter(case=case, kind="REVEAL", fields="CONTACT", staff=cast.clerk).count() == 1


def test_reveal_outside_the_line_asks_why_and_the_owner_sees_it(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    address = reverse("reveal", args=[case.number])
    sign_in(client, cast.officer)

    asked = client.post(address, {"group": "STORY"})
    empty = client.post(address, {"group": "STORY", "reason": "  "})
    opened = client.post(address, {"group": "STORY", "reason": "核对信访局转来的名单"})

    assert (asked.status_code, empty.status_code, opened.status_code) == (200, 422, 200)
    assert FACTS not in asked.content.decode() + empty.content.decode()
    assert FACTS in opened.content.decode()
    log = sign_in(Client(), cast.clerk).get(reverse("accesses", args=[case.number])).content.decode()
    assert "核对信访局转来的名单" in log
    assert cast.officer.name in log


def test_accesses_say_nothing_outside_the_line(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    sign_in(Client(), cast.clerk).get(reverse("case", args=[case.number]))

    page = sign_in(client, cast.officer).get(reverse("accesses", args=[case.number])).content.decode()

    assert cast.clerk.name not in page


@pytest.mark.parametrize(
    "words",
    [
        ID_NUMBER,
        "４１０４２３１９９００３０５０００８",
        SAFE_PHONE,
        "139 0000 0001",
        "祝冬雪",
        "冬雪",
        "推倒在院",
        "咨询离婚",
    ],
)
def test_search_finds_by_everything_that_was_told(cast: Cast, client: Client, words: str) -> None:
    case = make_case(cast, "HANDLING")
    make_case(cast, "HANDLING", unit=cast.other_station)

    response = sign_in(client, cast.clerk).post(reverse("search"), {"q": words})

    assert [row["number"] for row in response.context["rows"]] == [case.number]
    assert Access.objects.filter(case=case, kind="SEARCH", staff=cast.clerk).count() == 1


def test_search_by_number_goes_straight_there(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")

    response = sign_in(client, cast.clerk).post(reverse("search"), {"q": f" {case.number.lower()} "})

    assert response.headers["Location"] == reverse("case", args=[case.number])


@pytest.mark.parametrize("words", ["雪冬", "院推", "没有这样的字句", "13900000009"])
def test_search_verifies_what_the_index_offers(cast: Cast, client: Client, words: str) -> None:
    make_case(cast, "HANDLING")

    assert sign_in(client, cast.clerk).post(reverse("search"), {"q": words}).context["rows"] == []


def test_search_does_not_lead_from_the_accused_to_the_case(cast: Cast, client: Client) -> None:
    make_case(cast, "HANDLING")
    from tests.factories import RESPONDENT_ID_NUMBER

    assert (
        sign_in(client, cast.clerk).post(reverse("search"), {"q": RESPONDENT_ID_NUMBER}).context["rows"] == []
    )


@pytest.mark.parametrize(
    ("words", "sentence"), [("祝", "至少输入两个字"), ("", "请填写"), ("字" * 101, "最多100字")]
)
def test_search_refuses_in_words(cast: Cast, client: Client, words: str, sentence: str) -> None:
    response = sign_in(client, cast.clerk).post(reverse("search"), {"q": words})

    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_inbox_opens_where_the_notice_leads(cast: Cast, client: Client) -> None:
    referral = make_referral(cast, "SENT")
    notice = Notice.objects.get(recipient=cast.liaison, kind=NoticeKind.REFERRAL_NEW)

    page = sign_in(client, cast.liaison).get(reverse("inbox")).content.decode()
    response = client.post(reverse("notice_open", args=[notice.pk]))

    assert referral.number in page
    assert referral.case.number not in page
    assert response.headers["Location"] == reverse("referral", args=[referral.pk])
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_inbox_of_another_is_left_alone(cast: Cast, client: Client) -> None:
    make_referral(cast, "SENT")
    notice = Notice.objects.get(recipient=cast.liaison, kind=NoticeKind.REFERRAL_NEW)

    response = sign_in(client, cast.clerk).post(reverse("notice_open", args=[notice.pk]))

    assert response.headers["Location"] == reverse("inbox")
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_read_stops_at_what_was_shown(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    shown = Notice.objects.create(recipient=cast.clerk, kind=NoticeKind.ASSIGNED, case=case, at=MONDAY)
    newer = Notice.objects.create(recipient=cast.clerk, kind=NoticeKind.ASSIGNED, case=case, at=MONDAY)

    sign_in(client, cast.clerk).post(reverse("notices_read"), {"newest": shown.pk})

    shown.refresh_from_db()
    newer.refresh_from_db()
    assert (shown.read_at is not None, newer.read_at) == (True, None)


def test_rules_page_names_law_and_article(cast: Cast, client: Client) -> None:
    page = sign_in(client, cast.clerk).get(reverse("rules")).content.decode()

    assert "信访工作条例（2022）第34条" in page
    assert "15日" in page


def test_audit_shows_numbers_only(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    sign_in(Client(), cast.clerk).get(reverse("case", args=[case.number]))
    sign_in(client, cast.audit_admin)

    reads = client.get(reverse("audit")).content.decode()
    steps = client.get(reverse("audit") + "?show=events").content.decode()

    assert case.number in reads
    assert "受理" in steps
    assert "祝某某" not in reads + steps


def test_printing_a_notice_is_logged_and_stays_in_the_line(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    address = reverse("notice_print", args=[case.number, case.petitioner_notices.get().pk])

    inside = sign_in(client, cast.clerk).get(address)
    outside = sign_in(Client(), cast.officer).get(address)

    assert (inside.status_code, outside.status_code) == (200, 404)
    assert "受理告知书" in inside.content.decode()
    assert Access.objects.filter(case=case, kind="PRINT", staff=cast.clerk).count() == 1
