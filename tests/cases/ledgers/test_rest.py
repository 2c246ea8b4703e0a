"""What the ledgers of watching, of stations and of objections say of a full row."""

from datetime import date, timedelta
from decimal import Decimal

from cases.actions import closure, instruction
from cases.actions.monitors import agency
from cases.actions.monitors.warning import open_letter
from cases.choices import (
    AgencyRefusal,
    InstructionKind,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    Satisfaction,
    VisitFinding,
    VisitResult,
)
from cases.models import MandatoryReport, Monitor, MonitorEntry, ProtectionOrder
from stations.models import Activity, StationFacts, Volunteer, VolunteerService
from tests.cases import acting
from tests.cases.ledgers.test_books import rows_of, told
from tests.cast import MONDAY
from tests.factories import make_case, make_referral
from weiquan.masking import HIDDEN

LATER = MONDAY + timedelta(days=2)


def monitor(cast, kind, **told_of):
    case = make_case(cast, "HANDLING")
    common = {"unit": cast.station, "keeper": cast.clerk, "opened_by": cast.clerk, "opened_at": MONDAY}
    stage = told_of.pop("stage", MonitorStage.WATCHING)
    return Monitor.objects.create(case=case, kind=kind, stage=stage, started_at=MONDAY, **common, **told_of)


def entry(found, cast, step, **told_of):
    MonitorEntry.objects.create(
        monitor=found, step=step, happened_at=LATER, by=cast.clerk, unit=cast.station, at=LATER, **told_of
    )


def test_a_letter_with_a_visit_and_a_breach(cast):
    letter = open_letter(
        make_case(cast, "HANDLING"), delivered_on=MONDAY.date(), keeper=cast.clerk, by=cast.clerk, at=MONDAY
    )
    entry(letter, cast, MonitorStep.VISIT, finding=VisitFinding.CLEAN)
    entry(letter, cast, MonitorStep.BREACH, police_at=LATER, court_told_at=LATER)

    full, masked = (told("MONITOR", rows_of("MONITOR", cast.head, opened=o)[0]) for o in (True, False))

    assert (full["当事人"], masked["当事人"]) == ("祝冬雪，秦大勇", "祝某某，秦某某")
    assert (full["送达日"], full["措施"]) == (MONDAY.date(), "告诫")
    assert full["查访/回访日期与结果"] == "2026-11-18 没有再发生"
    assert (full["再犯"], full["处置"]) == ("2026-11-18", "已报警、已告知法院")


def test_an_order_served_and_not_served(cast):
    for court, served in ((cast.court, MONDAY), (None, None)):
        found = monitor(cast, MonitorKind.PROTECTION_ORDER)
        ProtectionOrder.objects.create(
            monitor=found, court=court, made_at=MONDAY, served_at=served, measures=["NO_DV"]
        )

    rows = [told("MONITOR", row) for row in rows_of("MONITOR", cast.head, opened=True)]

    assert {(row["机关"], row["送达日"]) for row in rows} == {("鲁山县人民法院", MONDAY.date()), ("", None)}
    assert {(row["作出日"], row["措施"]) for row in rows} == {(MONDAY.date(), "禁止实施家庭暴力")}


def test_a_report_owed_and_one_answered(cast):
    for answered in (None, LATER):
        found = monitor(cast, MonitorKind.REPORT, stage=MonitorStage.TO_REPORT)
        MandatoryReport.objects.create(
            monitor=found,
            situations=["MR8_BEGGING"],
            known_at=MONDAY,
            facts="见到",
            report_unit="下汤派出所",
            officer="周民警",
            answered_at=answered,
            answer="已立案",
            upper_told_at=answered,
        )

    rows = [told("REPORT", row) for row in rows_of("REPORT", cast.head, opened=True)]

    assert {row["3日反馈"] for row in rows} == {"", "2026-11-18 已立案"}
    assert {row["主管部门备案"] for row in rows} == {"", "2026-11-18报上级妇联"}
    assert {(row["受理机关/民警"], row["情形代码"]) for row in rows} == {("下汤派出所/周民警", "被组织乞讨")}


def test_agencies_asked_for_refused_and_ended(cast):
    acting.applied(cast)
    refused = acting.applied(cast)
    agency.refuse_agency(
        refused, reason=AgencyRefusal.TERMINATED, words="已终结", by=cast.head, at=MONDAY + timedelta(hours=3)
    )
    over = acting.heard(cast, acting.decided(cast, acting.answered(cast)))
    said = {"words": "已立案", "satisfaction": Satisfaction.SATISFIED, "cost": Decimal("35.5")}
    agency.finish_agency(over, outcome=MonitorOutcome.PARTLY, **said, by=cast.clerk, at=LATER)

    full = told("AGENCY", rows_of("AGENCY", cast.head, opened=True)[2])
    rows = [told("AGENCY", row) for row in rows_of("AGENCY", cast.head)]

    assert full == {
        "代理号": "下妇访代〔2026〕1号",
        "委托人": "祝冬雪",
        "代理人": "单秀英",
        "事项": "请公安说明为什么不立案",
        "方式": "陪访",
        "委托日期/期限": "2026-11-16/2027-01-31",
        "责任单位": "鲁山县公安局",
        "提交日": date(2026, 11, 17),
        "受理告知": "2026-11-18、已受理",
        "处理意见书号": "鲁公信复〔2026〕5号",
        "反馈日": date(2026, 11, 18),
        "结果": "诉求得到部分支持",
        "费用支出(站)": "35.50元",
        "满意度": "满意",
        "终结日": date(2026, 11, 18),
    }
    assert (rows[2]["委托人"], rows[2]["事项"]) == ("祝某某", HIDDEN)
    assert sorted((row["结果"], row["费用支出(站)"], row["满意度"]) for row in rows[:2]) == [
        ("", "", ""),
        ("不予代理、信访事项已复核终结", "", ""),
    ]


def test_return_visits_rated_and_not(cast):
    case = make_case(cast, "CLOSED")
    said = {"happened_at": LATER, "way": "MEET", "spoke_safely": True, "by": cast.clerk}
    closure.record_follow_up(
        case,
        result=VisitResult.NEW_DEMAND,
        content="想学手艺",
        satisfaction=Satisfaction.SATISFIED,
        at=LATER,
        **said,
    )
    closure.record_follow_up(case, result=VisitResult.SAFE, content="", at=LATER + timedelta(hours=1), **said)

    rows = [told("FOLLOW_UP", row) for row in rows_of("FOLLOW_UP", cast.head, opened=True)]

    assert {(row["新诉求"], row["满意度(站/部门)"]) for row in rows} == {
        ("想学手艺", "满意/未评价"),
        ("", ""),
    }
    assert any(row["应访日"] for row in rows)
    register = told("REGISTER", rows_of("REGISTER", cast.head)[0])
    assert register["满意度"] == "满意"
    assert register["回访情况"].startswith("2026-11-18 见面")


def test_an_objection_and_a_long_story_with_an_instruction(cast):
    case = make_case(cast, "HANDLING", facts="长" * 300)
    instruction.instruct(
        case, kind=InstructionKind.WRITTEN if hasattr(InstructionKind, "WRITTEN") else next(iter(InstructionKind)),
        leader="李县长", text="请抓紧办理", given_on=MONDAY.date(), term_on=None, by=cast.officer, at=LATER,
    )  # fmt: skip
    make_referral(cast, "OBJECTED", case, LATER)

    row = told("REFERRAL", rows_of("REFERRAL", cast.head, opened=True)[0])
    register = told("REGISTER", rows_of("REGISTER", cast.head, opened=True)[0])

    assert row["异议/退回"].startswith("2026-11-18")
    assert register["反映问题(摘要)"] == "长" * 200 + "…"
    assert register["领导批示"] == "李县长 2026-11-16：请抓紧办理"


def test_what_a_station_is_and_does(cast):
    made = {"by": cast.head, "at": MONDAY}
    helper = Volunteer.objects.create(
        name="冯律师", phone="13900000009", profession="LAWYER", joined_on=MONDAY.date(), **made
    )
    service = {"station": cast.station, "on": MONDAY.date(), "persons": 3, "hours": Decimal("1.5")}
    VolunteerService.objects.create(volunteer=helper, kind="CONSULT", **service, **made)
    Activity.objects.create(
        station=cast.station,
        on=MONDAY.date(),
        theme="OTHER",
        form="OTHER",
        place="集市",
        participants=40,
        **made,
    )
    StationFacts.objects.create(
        station=cast.station,
        address="镇政府一楼",
        housed_in="OTHER",
        head="仇站长",
        phone="1",
        hours="周一",
        **made,
    )

    helped = told("VOLUNTEER", rows_of("VOLUNTEER", cast.head)[0])
    done = told("ACTIVITY", rows_of("ACTIVITY", cast.head)[0])
    station = told("STATION", rows_of("STATION", cast.head)[0])

    assert (helped["姓名"], helped["时长"], helped["无犯罪记录查询"]) == ("冯某某", "1.5小时", "未查询")
    assert (done["日期"], done["地点"], done["参与人次"]) == (date(2026, 11, 16), "集市", 40)
    assert (station["站名"], station["站长/副站长/成员"], station["命名日"]) == (
        "下汤镇妇女儿童维权站",
        "仇站长",
        None,
    )
