"""The steps of the case page through the screen: works, wrong status told, stale page told, nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import escalation, handling
from cases.choices import EscalationReason, Risk, Status, Step
from cases.forms.steps import FORMS
from cases.models import Case, Holding
from cases.views.steps import PLAIN
from tests.cast import MONDAY, Cast
from tests.factories import make_case

SCRIPT = "<script>alert('甲乙丙')</script>=1+1"


def url(case: Case, step: str) -> str:
    return reverse("case_step", args=[case.number, step])


def sign_in(client: Client, person: object) -> Client:
    client.force_login(person, backend="stations.backends.StaffBackend")
    return client


def test_every_form_has_its_action() -> None:
    special = {Step.DELIVER, Step.CORRECT, Step.GRANT_EXTENSION, Step.DECLINE_EXTENSION}

    assert set(FORMS) == set(PLAIN) | special


def posts(cast: Cast) -> dict[str, tuple[str, str, dict[str, object]]]:
    """step → (status before, who, what is typed)."""
    clerk, today = cast.clerk.pk, MONDAY.date().isoformat()
    return {
        "accept": ("REGISTERED", "head", {"owner": clerk, "grade": "SMALL", "way": "IN_PERSON", "plan": "先上门"}),
        "refuse": ("REGISTERED", "head", {"reason": "LITIGATION", "explanation": "请向法院提出", "way": "POST", "delivered_on": today}),
        "redirect": ("REGISTERED", "head", {"body": "县人社局监察大队", "way": "IN_PERSON"}),
        "assign": ("HANDLING", "head", {"owner": cast.clerk2.pk}),
        "assist": ("HANDLING", "head", {"assistant": cast.volunteer.pk, "note": "请看协议"}),
        "handle": ("HANDLING", "clerk", {"method": "MEDIATE", "happened_at": "2026-11-16T10:00", "content": "谈了一次"}),
        "rerisk": ("HANDLING", "clerk", {"risk": "ORANGE", "reason": "又动手"}),
        "escalate": ("HANDLING", "head", {"to_unit": cast.county.pk, "reason": "HIGH_RISK", "tried": "上门两次"}),
        "take-over": ("HANDLING", "officer", {"owner": cast.officer.pk, "guidance": "县里接办"}),
        "ask-extension": ("HANDLING", "clerk", {"days": "10", "reason": "等鉴定"}),
        "suspend": ("HANDLING", "head", {"ground": "APPRAISAL", "evidence": "鉴定委托书"}),
        "resume": ("SUSPENDED", "head", {"reason": "鉴定已出"}),
        "propose-close": (
            "HANDLING",
            "clerk",
            {"outcome": "MEDIATED", "solution": "写了保证书", "settled_level": "TOWNSHIP", "petitioner_told_on": today, "satisfaction": "SATISFIED"},
        ),
        "close": ("PENDING_CLOSE", "head", {"opinion": "同意"}),
        "send-back": ("PENDING_CLOSE", "head", {"reason": "补记录"}),
        "follow-up": (
            "CLOSED",
            "clerk",
            {"spoke_safely": "yes", "happened_at": "2026-11-17T10:00", "way": "PHONE", "result": "SAFE", "satisfaction": "SATISFIED", "partner_satisfaction": "NOT_RATED"},
        ),
        "reopen": ("CLOSED", "head", {"ground": "RELAPSE", "reason": "又打人", "owner": clerk}),
        "ask-void": ("HANDLING", "head", {"reason": "误登"}),
    }  # fmt: skip


STEPS = (
    "accept", "refuse", "redirect", "assign", "assist", "handle", "rerisk", "escalate", "take-over", "ask-extension",
    "suspend", "resume", "propose-close", "close", "send-back", "follow-up", "reopen", "ask-void",
)  # fmt: skip
LEADS_TO = {
    "accept": "ACCEPTED",
    "refuse": "NOT_ACCEPTED",
    "redirect": "REDIRECTED",
    "suspend": "SUSPENDED",
    "resume": "HANDLING",
    "propose-close": "PENDING_CLOSE",
    "close": "CLOSED",
    "send-back": "HANDLING",
    "reopen": "HANDLING",
}


@pytest.mark.parametrize("step", STEPS)
def test_step_works(cast: Cast, client: Client, step: str) -> None:
    before, who, typed = posts(cast)[step]
    case = make_case(cast, before)
    length = case.seq

    response = sign_in(client, getattr(cast, who)).post(url(case, step), typed)

    assert (response.status_code, response.headers.get("Location")) == (
        302,
        reverse("case", args=[case.number]),
    )
    case.refresh_from_db()
    assert (case.status, case.seq) == (LEADS_TO.get(step, before), length + 1)


@pytest.mark.parametrize("step", STEPS)
def test_step_shows_its_form(cast: Cast, client: Client, step: str) -> None:
    before, who, typed = posts(cast)[step]
    case = make_case(cast, before)

    response = sign_in(client, getattr(cast, who)).get(url(case, step))

    assert response.status_code == 200
    for name in typed:
        assert f'name="{name}"' in response.content.decode()


@pytest.mark.parametrize("step", STEPS)
def test_step_refuses_an_empty_form_in_words(cast: Cast, client: Client, step: str) -> None:
    before, who, _ = posts(cast)[step]
    case = make_case(cast, before)

    response = sign_in(client, getattr(cast, who)).post(url(case, step), {})

    assert response.status_code == 422
    errors = [str(error) for field in response.context["form"].errors.values() for error in field]
    assert errors
    assert all("这个字段" not in error and "field" not in error for error in errors)


@pytest.mark.parametrize("step", STEPS)
def test_step_from_the_wrong_status_is_told(cast: Cast, client: Client, step: str) -> None:
    """The form is right, the case has moved on: 409, the sentence, and every word still there."""
    before, who, typed = posts(cast)[step]
    wrong = "CLOSED" if before != "CLOSED" else "REGISTERED"
    case = make_case(cast, wrong)

    response = sign_in(client, getattr(cast, who)).post(url(case, step), typed)

    assert response.status_code in (409, 422)
    page = response.content.decode()
    assert "不能" in page or "请" in page
    for name in ("plan", "explanation", "content", "tried", "guidance", "solution", "evidence"):
        if name in typed:
            assert str(typed[name]) in page


def test_stale_page_names_who_was_faster(cast: Cast, client: Client) -> None:
    case = make_case(cast, "REGISTERED")
    seen = case.seq
    handling.accept_case(case, owner=cast.clerk, by=cast.head, at=MONDAY + timedelta(hours=1))

    response = sign_in(client, cast.head).post(
        url(case, "assign"), {"owner": cast.clerk2.pk, "note": "请你接着办", "seen": seen}
    )

    assert response.status_code == 409
    page = response.content.decode()
    assert f"{cast.head.name}刚刚办理了“受理”" in page
    assert "请你接着办" in page
    case.refresh_from_db()
    assert case.owner_id == cast.clerk.pk


BAD_INPUT = [
    ("handle", {"method": "MEDIATE", "happened_at": "2026-11-16T10:00", "content": "字" * 8001}, "content", "最多8000字"),
    ("handle", {"method": "NO_SUCH", "happened_at": "2026-11-16T10:00", "content": "谈"}, "method", "选项不在清单中"),
    ("handle", {"method": "MEDIATE", "happened_at": "2126-11-16T10:00", "content": "谈"}, "happened_at", "不能晚于现在"),
    ("handle", {"method": "MEDIATE", "happened_at": "2001-01-01T10:00", "content": "谈"}, "happened_at", "不能早于收到信访"),
    ("handle", {"method": "MEDIATE", "happened_at": "昨天", "content": "谈"}, "happened_at", "请按 2026-11-21 09:30"),
    ("handle", {"method": "MEDIATE", "happened_at": "2026-11-16T10:00", "content": "\x00\x07\u200b"}, "content", "请填写"),
    ("handle", {"method": "MEDIATE", "happened_at": "2026-11-16T10:00", "content": "谈", "service": "CONSULT", "service_persons": "一"}, "service_persons", "整数"),
    ("ask-extension", {"days": "31", "reason": "等"}, "days", "不能超过30"),
    ("ask-extension", {"days": "0", "reason": "等"}, "days", "不能少于1"),
    ("assign", {"owner": "999999"}, "owner", "选项不在清单中"),
    ("escalate", {"to_unit": "1", "reason": "HIGH_RISK", "tried": "试"}, "to_unit", "选项不在清单中"),
    ("merge", {"into": "410423101-2026-F-99999", "reason": "同一件"}, "into", "没有找到这个案号"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "typed", "field", "words"), BAD_INPUT)
def test_bad_input_is_told_at_the_field(
    cast: Cast, client: Client, step: str, typed: dict[str, str], field: str, words: str
) -> None:
    case = make_case(cast, "HANDLING")
    who = cast.clerk if step in ("handle", "ask-extension") else cast.head

    response = sign_in(client, who).post(url(case, step), typed)

    assert response.status_code == 422
    assert any(words in str(error) for error in response.context["form"].errors[field])
    assert f'id="id_{field}_error"' in response.content.decode() or words in response.content.decode()


def test_full_width_digits_are_read(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")

    response = sign_in(client, cast.clerk).post(
        url(case, "ask-extension"), {"days": "１５", "reason": "等鉴定"}
    )

    assert response.status_code == 302
    assert case.extensions.get().days == 15


def test_script_and_formula_text_is_shown_as_text(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    sign_in(client, cast.clerk).post(
        url(case, "handle"), {"method": "MEDIATE", "happened_at": "2026-11-16T10:00", "content": SCRIPT}
    )

    page = client.get(reverse("case", args=[case.number])).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#x27;甲乙丙&#x27;)&lt;/script&gt;=1+1" in page


def test_merge_reaches_only_cases_in_sight(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    elsewhere = make_case(cast, "HANDLING", unit=cast.other_station)

    response = sign_in(client, cast.head).post(
        url(case, "merge"), {"into": elsewhere.number, "reason": "同一件"}
    )

    assert response.status_code == 422
    assert "没有找到这个案号" in response.content.decode()


def test_county_guides_and_sends_down(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING", risk=Risk.RED)
    escalation.escalate(
        case,
        to_unit=cast.county,
        reason=EscalationReason.HIGH_RISK,
        tried="试过",
        by=cast.head,
        at=MONDAY + timedelta(hours=2),
    )
    sign_in(client, cast.officer)

    guided = client.post(url(case, "guide"), {"guidance": "先报警", "term_on": "2030-01-02"})
    taken = client.post(url(case, "take-over"), {"owner": cast.officer.pk, "guidance": "县里接"})
    down = client.post(url(case, "send-down"), {"owner": cast.clerk.pk, "guidance": "回访即可"})

    assert [guided.status_code, taken.status_code, down.status_code] == [302, 302, 302]
    case.refresh_from_db()
    assert (case.holder_id, case.owner_id, case.reached) == (cast.station.pk, cast.clerk.pk, "COUNTY")


def test_volunteer_sees_the_case_only_while_asked(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    page = reverse("case", args=[case.number])
    sign_in(client, cast.volunteer)
    before = client.get(page).status_code
    handling.add_assistant(
        case, assistant=cast.volunteer, note="看协议", by=cast.head, at=MONDAY + timedelta(hours=1)
    )
    asked = client.get(page).status_code
    Holding.objects.filter(case=case, staff=cast.volunteer).update(until_at=MONDAY + timedelta(hours=2))

    assert (before, asked, client.get(page).status_code) == (404, 200, 404)


def test_delivery_and_correction_go_through_the_screen(cast: Cast, client: Client) -> None:
    case = make_case(cast, "REGISTERED")
    notice = handling.accept_case(case, owner=cast.clerk, by=cast.head, at=MONDAY + timedelta(hours=1))
    sign_in(client, cast.clerk)

    delivered = client.post(
        url(case, "deliver"),
        {"notice": notice.pk, "way": "POST", "delivered_on": MONDAY.date().isoformat(), "remark": "挂号信"},
    )
    corrected = client.post(
        url(case, "correct"), {"facts": "更正后的全文。", "demand": "要说法", "reason": "听错了"}
    )

    assert (delivered.status_code, corrected.status_code) == (302, 302)
    assert case.clocks.get(code="XF-NOTICE").status == "MET"
    latest = case.statements.get(corrected_by=None)
    assert (latest.facts, latest.corrects is not None) == ("更正后的全文。", True)


def test_extension_is_decided_by_another(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    handling.ask_extension(case, days=10, reason="等鉴定", by=cast.clerk, at=MONDAY + timedelta(hours=1))
    due = case.clocks.get(code="IN-TOTAL").nominal_due

    response = sign_in(client, cast.head).post(
        url(case, "grant-extension"), {"opinion": "同意", "way": "PHONE"}
    )

    assert response.status_code == 302
    assert case.clocks.get(code="IN-TOTAL").nominal_due == due + timedelta(days=10)


def test_void_takes_two(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    sign_in(client, cast.officer)
    alone = client.post(url(case, "void"), {"reason": "误登"}).status_code
    handling.ask_void(case, reason="误登", by=cast.head, at=MONDAY + timedelta(hours=1))

    response = client.post(url(case, "void"), {"reason": "属实"})

    assert (alone, response.status_code) == (403, 302)
    case.refresh_from_db()
    assert case.status == Status.VOID


@pytest.mark.parametrize("name", ["register", "no-such", "HANDLE", "refer", "redate"])
def test_unknown_step_is_not_found(cast: Cast, client: Client, name: str) -> None:
    case = make_case(cast, "HANDLING")

    assert sign_in(client, cast.head).get(url(case, name)).status_code == 404


def test_buttons_stand_under_the_heading_where_one_looks(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING")
    page = sign_in(client, cast.head).get(reverse("case", args=[case.number])).content.decode()

    box = page.partition("<h2>可以办</h2>")[2].partition("</section>")[0]
    groups = [re.findall(r">([^<>]+)</(?:h3|a)>", group) for group in box.split("<h3")[1:]]

    assert groups == [
        [
            *("办理", "记录再次来访来电", "更正笔录", "指定承办人", "请人协办", "转交部门", "上报上级"),
            *("申请延期", "中止办理", "提请结案", "并入他案", "申请作废", "登记法定期限"),
        ],
        ["安全与联系", "更换查询码", "打电话", "更新联系方式", "调整风险等级", "危险评估"],
        ["保密与回避", "申请回避", "责令回避、屏蔽"],
        ["同意与提供", "登记同意", "登记对外提供"],
    ]


def test_what_the_county_adds_stands_with_the_work(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING", unit=cast.county)
    page = sign_in(client, cast.officer).get(reverse("case", args=[case.number])).content.decode()

    work = page.partition('<h3 class="wq-clocks">办理</h3>')[2].partition("</ul>")[0]

    assert reverse("supervise", args=[case.number]) in work
    assert reverse("agenda_propose", args=[case.number]) in work


def test_a_life_in_danger_is_taken_over_first(cast: Cast, client: Client) -> None:
    case = make_case(cast, "HANDLING", risk=Risk.RED)
    escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.HIGH_RISK, tried="上门", by=cast.head, at=MONDAY
    )

    page = sign_in(client, cast.officer).get(reverse("case", args=[case.number])).content.decode()

    assert f'<a class="wq-btn wq-btn--primary" href="{url(case, "take-over")}">' in page
