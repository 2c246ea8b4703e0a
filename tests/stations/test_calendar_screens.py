from datetime import date

import pytest
from django.core.checks import run_checks
from django.urls import reverse

from stations.models import CalendarVersion, CalendarYear, Holiday, Organisation, Region
from stations.roles import Permission, Role
from stations.workdays import calendar_version, load_calendar
from tests.stations.test_workdays import NOTICE_2027


@pytest.fixture
def desk(client, person):
    client.force_login(person("system", Role.SYS_ADMIN))
    return client


def notice(client, text=NOTICE_2027, year=2027, **data):
    return client.post(reverse("calendar_notice", args=[year]), {"text": text, **data})


def day(client, **data):
    return client.post(reverse("calendar_day", args=[2026]), data)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYS_ADMIN])
def test_calendar_is_the_system_administrators(client, person, role):
    reader = person("reader", role)
    assert not reader.may(Permission.CALENDAR_MANAGE)
    client.force_login(reader)

    assert client.get(reverse("calendar_now")).status_code == 403
    assert client.get(reverse("calendar_year", args=[2026])).status_code == 403
    assert notice(client).status_code == 403
    assert day(client, day="2026-03-04", kind="REST", name="x").status_code == 403
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_a_year_is_twelve_months_with_its_marks(desk):
    response = desk.get(reverse("calendar_year", args=[2026]))

    cells = {
        cell.day: cell.kind
        for _, weeks in response.context["months"]
        for week in weeks
        for cell in week
        if not cell.blank
    }
    assert len(cells) == 365
    assert cells[date(2026, 10, 1)] == "rest"
    assert cells[date(2026, 10, 10)] == "work"
    assert cells[date(2026, 3, 7)] == "weekend"
    assert cells[date(2026, 3, 2)] == "plain"
    assert "放假安排已公布" in response.content.decode()


def test_calendar_opens_at_this_year_and_ends_somewhere(desk):
    assert desk.get(reverse("calendar_now")).status_code == 302
    assert desk.get(reverse("calendar_year", args=[2004])).context["previous_url"] == ""
    assert desk.get(reverse("calendar_year", args=[2003])).status_code == 404
    assert desk.get(reverse("calendar_year", args=[9999])).status_code == 404
    assert notice(desk, year=9999).status_code == 404


def test_year_without_a_notice_says_provisional(desk):
    page = desk.get(reverse("calendar_year", args=[2027])).content.decode()

    assert "还没有录入" in page
    assert "暂定" in page


def test_entering_a_notice(desk):
    response = notice(desk, notice_no="国办发明电〔2026〕9号", announced_on="2026-01-05")

    assert response.url == reverse("calendar_year", args=[2027])
    assert not load_calendar().is_provisional(date(2027, 1, 1), date(2027, 12, 31))
    assert "国办发明电〔2026〕9号" in desk.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": ""}, "必填"),
        ({"text": "随便写写"}, "没有读到放假日期"),
        ({"text": NOTICE_2027.replace("2月5日", "2月30日")}, "有不存在的日期"),
        ({"announced_on": "2999-01-01"}, "发布日期不能晚于今天"),
        ({"notice_no": "长" * 51}, "50"),
    ],
)
def test_notice_that_will_not_do_keeps_what_was_pasted(desk, data, words):
    before = calendar_version()

    response = notice(desk, **data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert response.context["notice_form"]["text"].value() == data.get("text", NOTICE_2027)
    assert calendar_version() == before
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_changing_a_day(desk):
    assert day(desk, day="2026-03-04", kind="REST", name="大雪").status_code == 302
    assert not load_calendar().is_working_day(date(2026, 3, 4))

    assert day(desk, day="2026-03-04", kind="PLAIN").status_code == 302
    assert load_calendar().is_working_day(date(2026, 3, 4))
    assert CalendarVersion.objects.exclude(changed_by=None).count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"day": "2025-03-04", "kind": "REST", "name": "雪"}, "这里只能改 2026 年的日子"),
        ({"day": "2026-03-04", "kind": "WORK", "name": "雪"}, "这天不是周末"),
        ({"day": "2026-03-04", "kind": "REST", "name": ""}, "请写明是什么节日或原因"),
        ({"day": "2026-02-30", "kind": "REST", "name": "雪"}, "日期"),
        ({"day": "2026-03-04", "kind": "SLEEP", "name": "雪"}, "SLEEP"),
    ],
)
def test_day_that_will_not_do(desk, data, words):
    response = day(desk, **data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert Holiday.objects.filter(source="手工修改").count() == 0


def test_admin_changes_raise_the_version_too(desk):
    before = calendar_version()

    response = desk.post(
        "/admin/stations/holiday/add/",
        {"date": "2026-03-04", "kind": "REST", "name": "大雪", "source": "县政府通知"},
    )
    assert response.status_code == 302
    added = calendar_version()
    desk.post("/admin/stations/holiday/2026-03-04/delete/", {"post": "yes"})

    assert before < added < calendar_version()
    assert load_calendar().is_working_day(date(2026, 3, 4))


def test_admin_keeps_regions_and_their_codes(desk, regions):
    url = "/admin/stations/region/410423101000/"

    assert desk.get(url + "delete/").status_code == 403
    desk.post(
        url + "change/",
        {"code": "999999999999", "level": "CITY", "name": "新下汤镇", "parent": "410423000000"},
    )

    region = Region.objects.get(code="410423101000")
    assert (region.name, region.level) == ("新下汤镇", "TOWNSHIP")


def test_admin_reads_the_level_off_a_new_code(desk, regions):
    desk.post(
        "/admin/stations/region/add/",
        {"code": "410423103000", "name": "新镇", "parent": "410423000000", "level": "CITY"},
    )

    assert Region.objects.get(code="410423103000").level == "TOWNSHIP"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "DEPARTMENT"}, "请选部门类别"),
        ({"kind": "STATION", "department": "POLICE"}, "请清空"),
        ({"kind": "STATION", "name": ""}, "必填"),
    ],
)
def test_admin_says_what_is_wrong_with_an_organisation(desk, regions, data, words):
    response = desk.post(
        "/admin/stations/organisation/add/", {"name": "新站", "region": "410423101000", **data}
    )

    assert words in response.content.decode()
    assert not Organisation.objects.exists()


def test_admin_sends_to_our_own_password_page(desk):
    assert desk.get("/admin/password_change/").url == reverse("account_change_password")


def warnings():
    return {
        message.id
        for message in run_checks(databases=["default"])
        if message.id and message.id.startswith("stations.")
    }


def test_checks_name_what_is_missing(db, officer, regions):
    year = date.today().year
    CalendarYear.objects.get_or_create(year=year, defaults={"source": "x"})
    assert warnings() == set()

    officer.delete()
    CalendarYear.objects.all().delete()
    for level in ("VILLAGE", "TOWNSHIP", "COUNTY", "CITY", "PROVINCE"):
        Region.objects.filter(level=level).delete()

    assert warnings() == {"stations.W001", "stations.W002", "stations.W003"}
