"""The compulsory report on screen: asked at intake, opened from a case, led to the answer of the police."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.actions.monitors.report import ReportEntry, open_report
from cases.choices import Channel, MandatoryReportSituation, MonitorKind, MonitorStage
from cases.models import Case, Monitor
from stations.models import Staff
from tests.cases.test_intake_page import walk_in
from tests.cast import Cast, login
from tests.factories import make_case, make_referral

FACTS = "十岁女孩，腿上多处新旧伤，老师今早发现。"
OWED = {
    "involves_minor": "on",
    "report__situations": ["MR4_BODY"],
    "report__report_facts": FACTS,
    "report__measures": "已送镇卫生院",
}


def local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def known(**more: Any) -> dict[str, Any]:
    return OWED | {"report__known_at": local(timezone.now())} | more


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    return login(client, cast.clerk)


def register(desk: Client, **told: Any) -> Monitor:
    response = desk.post("/cases/new/", walk_in(**told))
    assert response.status_code == 302, response.content.decode()
    monitor = Monitor.objects.select_related("case", "report").get()
    assert response["Location"] == f"/monitors/{monitor.pk}/"
    return monitor


# At intake.


def test_a_ticked_situation_opens_the_report_and_leads_to_its_page(desk: Client, cast: Cast) -> None:
    monitor = register(desk, **known())

    assert (monitor.kind, monitor.stage, monitor.keeper) == (MonitorKind.REPORT, "TO_REPORT", cast.clerk)
    assert (monitor.report.facts, monitor.report.measures) == (FACTS, "已送镇卫生院")
    page = desk.get(f"/monitors/{monitor.pk}/").content.decode()
    assert "拨 110" in page
    assert FACTS in page
    assert "登记强制报告" in page


@pytest.mark.parametrize(
    "told",
    [
        {"involves_minor": "on"},
        {"category": "CHD_LEFT_BEHIND"},
        {"petitioner__birth_date": "2014-05-01"},
        {"involves_dv": "on", "petitioner__capacity": "LIMITED"},
    ],
    ids=["said", "category", "age", "no capacity and violence"],
)
def test_silence_is_no_answer(desk: Client, told: dict[str, str]) -> None:
    response = desk.post("/cases/new/", walk_in(**told))

    page = response.content.decode()
    assert response.status_code == 422
    assert "有的勾选，没有的勾“都没有”" in page
    assert 'id="id_report-situations_error"' in page or "report-situations" in page
    assert not Case.objects.exists()


def test_none_of_them_is_an_answer(desk: Client) -> None:
    response = desk.post("/cases/new/", walk_in(involves_minor="on", report__none="on"))

    assert response.status_code == 302
    assert Case.objects.get().involves_minor
    assert not Monitor.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"report__none": "on"}, "又勾选了“都没有”"),
        ({"report__report_facts": ""}, "请写下已知的最少事实"),
        ({"report__report_facts": "长" * 501}, "最多500字"),
        ({"report__known_at": ""}, "请填写什么时候知道的"),
        ({"report__known_at": "昨天"}, "请按 2026-11-21 09:30 的样子填写"),
        ({"report__guardian_suspected": "on"}, "请写一句为什么怀疑监护人"),
        ({"report__situations": ["NO_SUCH"]}, "选项不在清单中"),
    ],
    ids=["both", "no facts", "too long", "no time", "no date", "guardian without reason", "unknown"],
)
def test_what_the_block_refuses_and_keeps(desk: Client, told: dict[str, Any], words: str) -> None:
    response = desk.post("/cases/new/", walk_in(**known(**told)))

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Case.objects.exists()


def test_a_suspected_guardian_is_not_asked_and_the_reason_kept(desk: Client) -> None:
    monitor = register(
        desk, **known(report__guardian_suspected="on", report__guardian_because="孩子说是父亲打的")
    )

    assert monitor.report.guardian_suspected
    assert monitor.report.guardian_because == "孩子说是父亲打的"
    page = desk.get(f"/monitors/{monitor.pk}/").content.decode()
    assert "有嫌疑，不征求其同意：孩子说是父亲打的" in page


def test_the_consent_of_a_suspected_guardian_is_refused(desk: Client) -> None:
    suspect = known(
        report__guardian_suspected="on",
        report__guardian_because="孩子说是父亲打的",
        keep__ground="GUARDIAN_ORAL",
    )

    response = desk.post("/cases/new/", walk_in(**suspect))

    assert response.status_code == 422
    assert "监护人涉嫌侵害的，不征求其同意。" in response.content.decode()
    assert not Case.objects.exists()
    assert register(desk, **suspect | {"keep__ground": "GUARDIAN_SUSPECT"}).report.guardian_suspected


def test_a_reason_without_the_tick_is_dropped(desk: Client) -> None:
    assert register(desk, **known(report__guardian_because="随手写的")).report.guardian_because == ""


def test_the_tick_of_a_situation_says_that_a_child_is_in_it(desk: Client) -> None:
    assert register(desk, **known(involves_minor=None)).case.involves_minor


def test_the_empty_page_asks_in_plain_words_and_knows_now(desk: Client) -> None:
    page = desk.get("/cases/new/").content.decode()

    assert "不满14岁的女孩" in page
    assert "都没有" in page
    assert (
        f'value="{timezone.localtime().strftime("%Y-%m-%dT")}' in page.partition("report-known_at")[2][:200]
    )
    assert 'data-show-when="involves_minor;category=CHD_ABUSE|CHD_SEXUAL' in page


def test_a_draft_keeps_the_answers(desk: Client) -> None:
    sent = walk_in(**known())
    desk.post("/cases/new/draft/", sent)

    page = desk.get(f"/cases/new/?draft={sent['submission']}").content.decode()
    assert FACTS in page


# From the page of a case, step by step.


def opened(cast: Cast, **case: Any) -> Monitor:
    at = timezone.now() - timedelta(hours=2)
    made = make_case(cast, "HANDLING", at=at - timedelta(days=1), involves_minor=True, **case)
    entry = ReportEntry((MandatoryReportSituation.MR4_BODY,), at, FACTS)
    return open_report(made, entry, by=cast.clerk, at=at)


def step(desk: Client, monitor: Monitor, name: str, **told: Any) -> Any:
    monitor.refresh_from_db()
    return desk.post(f"/monitors/{monitor.pk}/do/{name}/", {"version": monitor.version} | told)


def made(by: Staff, **more: Any) -> dict[str, Any]:
    told = {
        "to": ["POLICE", "EDUCATION"],
        "reported_at": local(timezone.now() - timedelta(minutes=5)),
        "reported_by": by.pk,
        "report_unit": "下汤派出所",
        "officer": "鲁警官",
        "officer_phone": "0375-1100110",
        "receipt_number": "接202611160007",
    }
    return told | more


@pytest.mark.parametrize("status", ["HANDLING", "CLOSED"])
def test_opened_from_the_page_of_a_case_open_or_closed(desk: Client, cast: Cast, status: str) -> None:
    case = make_case(cast, status)
    address = f"/cases/{case.number}/monitors/new/report/"
    assert address in desk.get(f"/cases/{case.number}/").content.decode()

    told = {"situations": ["MR6_ABANDON"], "known_at": local(timezone.now()), "report_facts": FACTS}
    assert "请选择" in desk.post(address, {"keeper": cast.clerk.pk}).content.decode()
    response = desk.post(address, told | {"keeper": cast.clerk2.pk})

    monitor = Monitor.objects.get()
    assert response["Location"] == f"/monitors/{monitor.pk}/"
    assert (monitor.keeper, monitor.report.situations) == (cast.clerk2, ["MR6_ABANDON"])
    assert desk.post(address, told | {"keeper": cast.clerk.pk}).status_code == 409


def test_the_whole_way_to_the_last_answer(desk: Client, cast: Cast) -> None:
    monitor = opened(cast)
    now = local(timezone.now())

    assert step(desk, monitor, "report", **made(cast.clerk2)).status_code == 302
    page = desk.get(f"/monitors/{monitor.pk}/").content.decode()
    for words in (
        "公安机关、教育部门",
        "下汤派出所",
        "鲁警官",
        "接202611160007",
        cast.clerk2.name,
        "登记公安受理",
    ):
        assert words in page
    assert step(desk, monitor, "visit", happened_at=now, content="值班民警说在核实").status_code == 302
    assert step(desk, monitor, "taken-up", taken_up_at=now, content="已立案").status_code == 302
    assert step(desk, monitor, "answer", answered_at=now, final="no", answer="已刑拘").status_code == 302
    assert "移送审查起诉以前公安应再告知一次" in desk.get(f"/monitors/{monitor.pk}/").content.decode()
    assert step(desk, monitor, "answer", answered_at=now, final="yes", answer="已移送起诉").status_code == 302

    monitor.refresh_from_db()
    assert (monitor.stage, monitor.outcome) == (MonitorStage.ENDED, "ANSWERED")
    assert "已移送起诉" in desk.get(f"/monitors/{monitor.pk}/").content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"to": ["CIVIL_AFFAIRS"]}, "先向公安机关报案"),
        ({"reported_at": "2020-01-01T08:00"}, "报告时间不能早于知道的时间"),
        ({"reported_by": ""}, "请选择是谁报告的"),
        ({"report_unit": ""}, "请填写接报单位"),
    ],
    ids=["not the police", "before knowing", "by nobody", "to no unit"],
)
def test_what_a_report_must_say(desk: Client, cast: Cast, more: dict[str, Any], words: str) -> None:
    monitor = opened(cast)

    response = step(desk, monitor, "report", **made(cast.clerk, **more))

    assert response.status_code == 422
    assert words in response.content.decode()
    monitor.refresh_from_db()
    assert monitor.stage == MonitorStage.TO_REPORT


def test_a_minute_typed_without_seconds_is_not_before_the_knowing(desk: Client, cast: Cast) -> None:
    at = (timezone.now() - timedelta(minutes=1)).replace(second=40)
    case = make_case(cast, "HANDLING", at=at - timedelta(days=1), involves_minor=True)
    monitor = open_report(
        case, ReportEntry((MandatoryReportSituation.MR4_BODY,), at, FACTS), by=cast.clerk, at=at
    )

    assert step(desk, monitor, "report", **made(cast.clerk, reported_at=local(at))).status_code == 302
    monitor.refresh_from_db()
    assert monitor.stage == MonitorStage.REPORTED


def test_nothing_before_the_report_is_taken_on_screen(desk: Client, cast: Cast) -> None:
    monitor = opened(cast)
    step(desk, monitor, "report", **made(cast.clerk))

    response = step(desk, monitor, "taken-up", taken_up_at="2026-01-01T08:00", content="已立案")

    assert response.status_code == 422
    assert "时间不能早于报告的时间" in response.content.decode()


def test_a_head_finds_that_none_is_owed(desk: Client, cast: Cast) -> None:
    monitor = opened(cast)
    assert desk.get(f"/monitors/{monitor.pk}/do/end/").status_code == 403

    login(desk, cast.head)
    assert "核实不需要报告" in desk.get(f"/monitors/{monitor.pk}/").content.decode()
    assert step(desk, monitor, "end", reason="是旧伤疤，医院有证明").status_code == 302

    page = desk.get(f"/monitors/{monitor.pk}/").content.decode()
    assert "核实后不属于强制报告情形" in page
    assert "是旧伤疤" in page


# The child is not asked again.


@pytest.mark.parametrize("address", ["contact/", "do/handle/", "do/correct/"])
def test_forms_that_take_down_words_say_not_to_ask_again(desk: Client, cast: Cast, address: str) -> None:
    monitor = opened(cast)
    words = "不要再问孩子"

    assert words in desk.get(f"/cases/{monitor.case.number}/{address}").content.decode()
    other = make_case(cast, "HANDLING")
    assert words not in desk.get(f"/cases/{other.number}/{address}").content.decode()


def test_a_further_contact_keeps_no_second_story(desk: Client, cast: Cast) -> None:
    monitor = opened(cast)
    told = {
        "channel": "VISIT",
        "received_at": local(timezone.now()),
        "occurrence": "CONTINUED",
        "persons": "1",
        "privacy_notice": "ORAL",
    }
    address = f"/cases/{monitor.case.number}/contact/"

    response = desk.post(address, told | {"facts": "说" * 501})
    assert response.status_code == 422
    assert "这里最多写500字" in response.content.decode()
    assert desk.post(address, told | {"facts": "奶奶来问进展"}).status_code == 302


# Whoever told us stays unknown outside.


def test_the_reporter_is_never_shown_to_a_department(desk: Client, cast: Cast, client: Client) -> None:
    secret = "田报告老师"
    case = make_case(
        cast,
        "HANDLING",
        channel=Channel.MANDATORY_IN,
        source_unit="下汤镇中心小学",
        source_person=secret,
        involves_minor=True,
    )
    entry = ReportEntry((MandatoryReportSituation.MR4_BODY,), case.registered_at, FACTS)
    open_report(case, entry, by=cast.clerk, at=case.registered_at)
    referral = make_referral(cast, "SENT", case=case)

    page = login(client, cast.liaison).get(f"/referrals/{referral.pk}/").content.decode()
    assert referral.number in page
    for words in (secret, "下汤镇中心小学", cast.clerk2.name, "强制报告"):
        assert words not in page
