"""A year's assessment: the station scores itself, county and city score it, the result is published, something is put right."""

import pytest

from tests.cast import Cast
from tests.journeys.conftest import Clock, Visit
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

EVIDENCE = "有照片和登记可查。"
PROVEN = ("挂牌和公示", "经费保障", "业务培训", "矛盾排查", "重点家庭走访")
SCORED = {"功能室": "4", "人员到位": "5", "制度健全": "3", "保密和档案": "4"}
FULL = {"挂牌和公示": "4", "经费保障": "4", "业务培训": "5", "矛盾排查": "5", "重点家庭走访": "5", **SCORED}
VETOES = ("发现侵害未成年人不报告", "泄露当事人隐私", "高危未处置致人死亡", "台账弄虚作假")


def test_an_assessment_round(house: Cast, visit: Visit, clock: Clock):
    keep_the_station(visit("clerk"))
    open_the_year(visit("leader"))
    clock.moves(days=1)
    score_oneself(visit("head"))
    clock.moves(days=3)
    judge(visit("officer"))
    clock.moves(days=3)
    publish(visit("city_leader"))
    clock.moves(days=1)
    demand(visit("officer"))
    clock.moves(days=2)
    put_right(visit("head"))
    accept(visit("officer"))


def keep_the_station(clerk: Desk) -> None:
    clerk.open("/stations/")
    clerk.follow("下汤镇妇女儿童维权站")
    clerk.follow("填写情况")
    clerk.fill("地址", "下汤镇人民路1号")
    clerk.fill("电话", "0375-5050001")
    clerk.fill("接待时间", "工作日上午8:30—11:30")
    clerk.choose("依托", "综治中心")
    clerk.fill("面积（平方米）", "40")
    clerk.fill("站长", "仇站长")
    clerk.fill("年度经费（元）", "20000")
    clerk.tick("功能室", "接待室", "调解室")
    clerk.tick("六有", "有场所", "有牌子", "有人员")
    clerk.press("保存")
    clerk.reads("下汤镇人民路1号", "接待室、调解室")
    clerk.follow("活动")
    clerk.fill("日期", "2026-03-08")
    clerk.choose("主题", "三八维权月")
    clerk.choose("形式", "街头")
    clerk.fill("地点", "下汤大集")
    clerk.fill("参与人次", "120")
    clerk.press("记下")
    clerk.reads("下汤大集")
    clerk.follow("志愿者")
    clerk.follow("登记志愿者")
    clerk.fill("姓名", "裴志远")
    clerk.fill("电话", "13900000003")
    clerk.choose("专业", "律师")
    clerk.fill("无犯罪记录查询日期", "2025-12-01")
    clerk.choose("查询结果", "无违法犯罪记录")
    clerk.press("保存")
    clerk.reads("2026-12-01到期，请安排")


def open_the_year(leader: Desk) -> None:
    leader.open("/assessment/")
    leader.follow("发起本年度考核")
    leader.reads("2个站")
    leader.fill("自评截止日期", "2026-12-10")
    leader.press("发起考核")
    leader.reads("已发起2个站的2026年度考核", "站长自评")


def points_of(name: str) -> str:
    """The label of its box; what the head gives herself is all there is."""
    return f"{name}得分（满分{FULL[name]}）"


def score_oneself(head: Desk) -> None:
    head.open("/inbox/")
    head.reads("年度考核轮到您办理")
    head.open("/assessment/")
    head.follow("下汤镇妇女儿童维权站")
    head.reads("还有13项没有评分")
    head.follow("评分")
    for name, points in FULL.items():
        head.fill(points_of(name), points)
    head.press("保存评分", status=422)
    head.reads("请写明依据")
    for name in PROVEN:
        head.fill(f"{name}的依据", EVIDENCE)
    head.press("保存评分")
    head.reads("还有4项没有评分")
    head.photo("120-station-round")
    head.photo("120-station-round-phone", phone=True)
    head.follow("评分")
    for name in VETOES:
        head.tick(name, "没有发生")
    head.press("保存评分")
    head.follow("提交自评")
    head.press("提交自评")
    head.reads("县妇联评分")


def judge(officer: Desk) -> None:
    officer.open("/assessment/?status=COUNTY")
    officer.photo("121-county-rounds")
    officer.photo("121-county-rounds-phone", phone=True)
    officer.follow("下汤镇妇女儿童维权站")
    officer.follow("评分")
    officer.fill(points_of("功能室"), "3")
    officer.press("保存评分", status=422)
    officer.reads("与下一级的评分不同，请写明理由")
    officer.fill("功能室的理由", "接待和调解共用一间。")
    officer.press("保存评分")
    officer.follow("报市级")
    officer.press("报市级")
    officer.reads("市妇联评分并公布")


def publish(leader: Desk) -> None:
    leader.open("/assessment/?status=CITY")
    leader.follow("下汤镇妇女儿童维权站")
    leader.follow("公布结果")
    leader.press("公布结果")
    leader.reads("公布", "接待和调解共用一间。")
    leader.photo("122-result", whole=True)
    leader.photo("122-result-phone", phone=True, whole=True)


def demand(officer: Desk) -> None:
    officer.open("/assessment/")
    officer.follow("下汤镇妇女儿童维权站")
    officer.follow("下达整改任务")
    officer.fill("整改什么", "补上经费来源说明，志愿者补到三人。")
    officer.choose("针对的指标", "志愿者队伍")
    officer.fill("整改期限", "2026-12-20")
    officer.press("下达")
    officer.reads("待整改")


def put_right(head: Desk) -> None:
    head.open("/assessment/")
    head.follow("补上经费来源说明，志愿者补到三人。")
    head.fill("整改情况", "已补两名，查询均为无记录。")
    head.press("报告整改")
    head.reads("已报整改，待验收")
    head.photo("123-correction")
    head.photo("123-correction-phone", phone=True)


def accept(officer: Desk) -> None:
    officer.open("/assessment/")
    officer.follow("补上经费来源说明，志愿者补到三人。")
    officer.fill("验收意见", "看过名册和查询结果，属实。", nth=0)
    officer.press("验收")
    officer.reads("验收通过", "已验收")
