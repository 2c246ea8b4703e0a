"""What each ledger holds, in which order, for whom. The columns are written down here from the offices' own books."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.guarding.bars import bar_person
from cases.actions.guarding.secrecy import seal_case
from cases.actions.ledgers.books import LEDGERS, ledgers_for
from cases.actions.ledgers.ledger import Scope, units_within_reach
from cases.choices import BarKind, Channel, PersonRole
from cases.models import Case
from stations.models import Staff
from tests.cases import room
from tests.cases.supervising import supervised
from tests.cast import MONDAY, Cast
from tests.factories import FACTS, ID_NUMBER, SAFE_PHONE, make_case, make_referral, petitioner
from weiquan.masking import HIDDEN

SPEC = {
    "REGISTER": (
        "序号/编号 登记日期时间 信访形式 初重信 姓名 性别 年龄 民族 文化程度 婚姻状况 职业 身份证号 住址 联系电话 人数 随访人及关系 "
        "特殊群体 被反映人及关系 反映问题(摘要) 主要诉求 问题类别(一级/二级) 发生地点 是否经行政处理 是否经诉讼 是否家暴 是否涉未成年人 "
        "危险等级 接待人 领导批示 办理方式 承办单位/人 转办去向 办理期限 办理情况 办理结果 办结日期 反馈日期 满意度 回访情况 归档号 备注"
    ),
    "HOTLINE": (
        "来电号码 起止时间 接线员 来电人称谓(可匿名) 地区 类别 危险提示(是否正在受暴/有无孩子) 内容 解答 转介 是否需回拨 "
        "方便回拨时间及安全暗语"
    ),
    "DV": (
        "填表人 时间 收案时间 收案部门 联系人 联系电话 案件性质 施暴人与受害人关系 受害人:性别 受害人:年龄 受害人:职业 受害人:住所 "
        "受害人:子女情况 施暴人:性别 施暴人:年龄 施暴人:职业 施暴人:住所 施暴人:以前是否有过家暴 暴力类型(身体/性/精神/经济) "
        "案件:案件时间 案件:地区 案件:细节 报案当时受害人是否受伤 施暴人是否被拘捕 受害人需求(9项+其他) 本部门处理情况(结案/转介/其他)"
    ),
    "REFERRAL": (
        "文号 案号 发出日期 承办部门 类型(转/交/移送/转介) 紧急度 要求 期限 签收人/时间 异议/退回 阶段反馈 结果 结果文书号 是否逾期 "
        "销号日期"
    ),
    "SUPERVISION": "督办号 案号 对象 事由 方式 发出 期限 回复 核查 结论 升级",
    "AGENCY": (
        "代理号 委托人 代理人 事项 方式 委托日期/期限 责任单位 提交日 受理告知 处理意见书号 反馈日 结果 费用支出(站) 满意度 终结日"
    ),
    "DISPUTE": "日期 村/网格 户主 家庭成员 纠纷类型 成因 风险色 首次发现人 包保人 化解措施 走访频次 结果 销号",
    "MONITOR": "文书号 机关 作出日 送达日 有效至 当事人 措施 查访/回访日期与结果 再犯 处置",
    "REPORT": "发现时间 发现人 情形代码 未成年人(代号) 报告时间 受理机关/民警 回执号 3日反馈 后续保护 主管部门备案",
    "FOLLOW_UP": "案号 应访日 实访日 方式 是否安全环境 现状 新诉求 满意度(站/部门) 回访人",
    "CONFERENCE": "届次 时间地点 主持 参会单位 议题 议定事项 责任单位 时限 落实 销号",
    "VOLUNTEER": "姓名 专业(律师/心理/社工…) 证号 单位 服务站 服务日期 类型 人次 时长 无犯罪记录查询",
    "ACTIVITY": "日期 主题(三八维权月等) 形式 地点 参与人次 资料份数 图片",
    "STATION": (
        "站名 区划码 地址 依托(综治中心/妇女之家) 挂牌日 站长/副站长/成员 电话 接待时间 面积/功能室 制度上墙 经费 级别 命名日"
    ),
    "HARDSHIP": "姓名(代号) 类别 监护 需求 帮扶人 措施 频次 变化",
}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def rows_of(code, user, *, below=True, opened=False, unit=None, since_2025=False) -> list[list]:
    ledger = LEDGERS[code]
    since = date(2025, 1, 1) if since_2025 else YEAR[0]
    scope = Scope(unit or user.organisation, since, YEAR[1], below)
    return ledger.cells(ledger.ordered(user, scope, newest=False), opened=opened)


def told(code: str, row: list) -> dict:
    return dict(zip((entry.title for entry in LEDGERS[code].entries), row, strict=True))


def page(user: Staff, **asked):
    client = Client()
    client.force_login(user, backend="stations.backends.StaffBackend")
    return client.get(reverse("ledgers"), {"since": "2026-01-01", "until": "2026-12-31", **asked})


@pytest.mark.parametrize("code", SPEC)
def test_the_columns_stand_in_the_order_of_the_offices_books(code):
    titles = [f"{one.group}:{one.title}" if one.group else one.title for one in LEDGERS[code].entries]

    assert titles == SPEC[code].split()


def test_no_ledger_is_missing():
    assert set(LEDGERS) == set(SPEC)


def test_a_visit_is_told_in_full_when_opened(cast):
    case = make_case(cast, "CLOSED")

    row = told("REGISTER", rows_of("REGISTER", cast.head, opened=True)[0])

    assert row["序号/编号"] == case.number
    assert row["登记日期时间"].isoformat() == "2026-11-16T09:00:00"
    assert (row["信访形式"], row["姓名"], row["性别"], row["年龄"]) == ("来访", "祝冬雪", "女", "36")
    assert row["身份证号"] == ID_NUMBER
    assert row["住址"] == "鲁山县下汤镇假设路一号"
    assert row["联系电话"] == f"{SAFE_PHONE}（另有不可拨打的号码，不列）"
    assert row["被反映人及关系"] == "秦大勇（配偶）"
    assert row["反映问题(摘要)"] == FACTS
    assert row["问题类别(一级/二级)"] == "婚姻家庭权益/家庭纠纷（婆媳、邻里等）"
    assert (row["是否经行政处理"], row["是否经诉讼"]) == ("是", "否")
    assert (row["办理方式"], row["办理结果"]) == ("调解", "调解成功")
    assert row["办结日期"] == row["反馈日期"] == date(2026, 11, 16)


def test_nobody_is_named_on_a_masked_row(cast):
    make_case(cast, "CLOSED", involves_dv=True)
    make_case(cast, channel=Channel.PHONE_12338)

    for code in ("REGISTER", "HOTLINE", "DV"):
        text = str(rows_of(code, cast.head))
        for word in ("祝冬雪", "秦大勇", ID_NUMBER, SAFE_PHONE, "酒后", "假设路", "祝春雪", "保证书"):
            assert word not in text, (code, word)
    row = told("REGISTER", rows_of("REGISTER", cast.head)[0])
    assert (row["姓名"], row["联系电话"]) == ("祝某某", "139****0001、139****0002")
    assert row["反映问题(摘要)"] == row["住址"] == HIDDEN


def test_where_she_is_now_stands_in_no_ledger(cast):
    make_case(cast, involves_dv=True, channel=Channel.PHONE_12338)

    for code in ("REGISTER", "HOTLINE", "DV"):
        text = str(rows_of(code, cast.head, opened=True))
        assert "姐姐家" not in text
        assert "豆腐" not in text, "the pass phrase stands on the calling card alone"


def test_an_anonymous_caller_stays_one(cast):
    make_case(cast, channel=Channel.PHONE_12338, parties=(petitioner(name="", id_number="", phones=()),))

    row = told("HOTLINE", rows_of("HOTLINE", cast.head, opened=True)[0])

    assert row["来电人称谓(可匿名)"] == "匿名"


def test_a_visit_is_no_call_and_a_quarrel_no_violence(cast):
    make_case(cast)

    assert rows_of("HOTLINE", cast.head) == rows_of("DV", cast.head) == []


def test_a_referral_is_told_from_sending_to_the_end(cast):
    referral = make_referral(cast, "CLOSED")

    row = told("REFERRAL", rows_of("REFERRAL", cast.head, opened=True)[0])

    assert (row["文号"], row["案号"]) == (referral.number, referral.case.number)
    assert row["承办部门"] == "鲁山县公安局"
    assert (row["结果"], row["结果文书号"]) == ("告诫书", "鲁公（下）告诫〔2026〕8号")
    assert row["是否逾期"] == "否"
    assert row["销号日期"] is not None


def test_a_letter_not_signed_for_and_without_a_term(cast):
    make_referral(cast, "SENT").clocks.all().delete()

    row = told("REFERRAL", rows_of("REFERRAL", cast.head, opened=True)[0])

    assert (row["签收人/时间"], row["期限"], row["是否逾期"]) == ("", None, "")


def test_a_supervision_is_told(cast):
    found = supervised(cast)

    row = told("SUPERVISION", rows_of("SUPERVISION", cast.officer, opened=True)[0])

    assert (row["案号"], row["对象"], row["事由"]) == (found.case.number, "鲁山县公安局", "无正当理由超期")


def test_the_conference_is_told_to_its_members_alone(cast):
    task = room.decided(cast)

    row = told("CONFERENCE", rows_of("CONFERENCE", cast.officer)[0])

    assert row["届次"] == "维权联席会议第四次会议"
    assert row["落实"] == task.get_status_display()
    said = room.report(cast, task)
    row = told("CONFERENCE", rows_of("CONFERENCE", cast.officer, opened=True)[0])
    assert row["落实"].endswith(f" {said.text}")
    assert "CONFERENCE" not in [ledger.code for ledger in ledgers_for(cast.head)]


# Who sees a row of a case of the station. A sealed one its owner, its head and the county's leader, whom the seal names.
SEEN = {
    "clerk": ("open", "sealed"),
    "head": ("open", "sealed"),
    "clerk2": ("open",),
    "officer": ("open",),
    "leader": ("open", "sealed"),
    "other_head": (),
    "other_officer": (),
    "city_officer": (),
    "stat_officer": (),
    "archivist": ("open",),
}


@pytest.mark.parametrize("part", SEEN)
def test_a_row_is_seen_by_whom_its_case_is(cast: Cast, part: str) -> None:
    cases = {"open": make_case(cast), "sealed": make_case(cast, involves_minor=True)}
    seal_case(cases["sealed"], by=cast.head, at=MONDAY)

    numbers = {row[0] for row in rows_of("REGISTER", getattr(cast, part), unit=cast.station)}

    assert numbers == {cases[name].number for name in SEEN[part]}


def test_whoever_is_kept_away_finds_no_row(cast):
    case = make_case(cast)
    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason="亲属", by=cast.head, at=MONDAY)

    assert rows_of("REGISTER", cast.clerk2) == []
    assert len(rows_of("REGISTER", cast.head)) == 1


def test_a_unit_alone_or_with_those_below(cast):
    make_case(cast)
    make_case(cast, unit=cast.village)
    make_case(cast, unit=cast.other_station)

    assert len(rows_of("REGISTER", cast.officer)) == 3
    assert len(rows_of("REGISTER", cast.officer, unit=cast.station)) == 2
    assert len(rows_of("REGISTER", cast.officer, unit=cast.station, below=False)) == 1
    assert rows_of("REGISTER", cast.officer, below=False) == []


def test_she_chooses_among_the_units_she_reaches(cast):
    def reach(user: Staff) -> set[str]:
        return {unit.name for unit in units_within_reach(user)}

    assert reach(cast.head) == {"下汤镇妇女儿童维权站", "乱石盘村维权工作点"}
    assert reach(cast.officer) == {"鲁山县妇女联合会", "下汤镇妇女儿童维权站", "梁洼镇妇女儿童维权站"}
    assert "鲁山县公安局" not in reach(cast.city_officer)
    assert reach(cast.liaison) == set()


def test_the_screen_shows_what_the_definition_says(cast):
    case = make_case(cast)

    answer = page(cast.head, ledger="REGISTER")

    assert answer.status_code == 200
    assert answer.context["heads"] == SPEC["REGISTER"].split()
    shown = [text for _, text in answer.context["rows"][0]["cells"]]
    cells = rows_of("REGISTER", cast.head)[0]
    assert shown[0] == case.number
    assert shown[1] == "2026-11-16 09:00"
    assert [text for text in shown if text] == [
        f"{cell:%Y-%m-%d %H:%M}" if hasattr(cell, "hour") else str(cell)
        for cell in cells
        if cell not in (None, "")
    ]


def test_another_county_is_not_hers_to_choose(cast):
    make_case(cast, unit=cast.far_station)

    answer = page(cast.officer, ledger="REGISTER", unit=cast.far_station.pk)

    assert answer.context["rows"] == []
    assert "不是可用" in answer.content.decode() or answer.context["form"].errors


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("2026-05-01", "2026-04-01", "止日不能早于起日"),
        ("2016-01-01", "2026-01-01", "期间最长三年"),
        ("五月", "2026-01-01", "起请按 2026-11-21 的样子填写"),
    ],
)
def test_a_wrong_period_is_told(cast, since, until, words):
    assert words in page(cast.head, since=since, until=until).content.decode()


def test_pages_follow_each_other_without_a_gap(cast, monkeypatch):
    monkeypatch.setattr("cases.views.ledgers.screen.PAGE", 2)
    for minute in range(5):
        make_case(cast, at=MONDAY + timedelta(minutes=minute // 2))

    seen: list[str] = []
    asked: dict[str, str] = {}
    for _ in range(3):
        answer = page(cast.head, **asked)
        seen += [row["cells"][0][1] for row in answer.context["rows"]]
        asked = {"after": answer.context["next_url"].rpartition("after=")[2].replace("%7E", "~")}

    assert len(seen) == len(set(seen)) == 5
    assert answer.context["next_url"] == ""
    assert answer.context["count"] == "5条"


def test_what_was_outside_the_period_is_not_counted(cast):
    make_case(cast)

    answer = page(cast.head, since="2026-11-17", until="2026-11-30")

    assert answer.context["count"] == "0条"
    assert "这段期间没有记录" in answer.content.decode()


@pytest.mark.parametrize(
    "code",
    ["REGISTER", "HOTLINE", "DV", "REFERRAL", "MONITOR", "REPORT", "FOLLOW_UP", "DISPUTE", "HARDSHIP"],
)
def test_more_rows_ask_nothing_more(cast, code, django_assert_max_num_queries):
    channel = Channel.OUTREACH if code == "DISPUTE" else Channel.PHONE_12338

    def more() -> None:
        make_referral(cast, "CLOSED", make_case(cast, "HANDLING", involves_dv=True, channel=channel))

    def asked() -> int:
        with django_assert_max_num_queries(40) as told:
            rows_of(code, cast.head)
        return len(told)

    more()
    rows_of(code, cast.head)
    one = asked()
    more()
    more()

    assert asked() == one


def test_a_respondent_who_is_unknown_leaves_an_empty_cell(cast):
    make_case(cast, parties=(petitioner(role=PersonRole.PETITIONER, birth_date=None, id_number=""),))

    row = told("REGISTER", rows_of("REGISTER", cast.head, opened=True)[0])

    assert (row["被反映人及关系"], row["年龄"]) == ("", "")


def test_a_merged_case_says_into_which(cast):
    make_case(cast, "MERGED")
    merged = Case.objects.get(status="MERGED")

    found = [told("REGISTER", row) for row in rows_of("REGISTER", cast.head)]

    row = next(one for one in found if one["序号/编号"] == merged.number)
    assert row["备注"] == f"并入{merged.merged_into.number}"
    assert row["办理结果"] == "已并案"
