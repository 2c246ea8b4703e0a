from datetime import date

import pytest

from stations.actions.calendar import announce_year, set_day
from stations.choices import DayKind
from stations.models import CalendarVersion, CalendarYear, DepartmentKind, Holiday
from stations.notices import read_notice
from stations.seeds import seed_calendar, seed_department_kinds
from stations.workdays import Calendar, calendar_version, load_calendar
from tests.stations.conftest import AT

NOTICE_2027 = """经国务院批准，现将2027年元旦、春节、清明节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天。1月31日（周日）、2月14日（周日）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）放假1天，不调休。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。"""


@pytest.fixture
def calendar(db):
    return load_calendar()


@pytest.mark.parametrize(
    ("day", "working"),
    [
        pytest.param(date(2026, 3, 2), True, id="a plain Monday"),
        pytest.param(date(2026, 3, 7), False, id="a plain Saturday"),
        pytest.param(date(2026, 1, 4), True, id="Sunday, make-up day of New Year"),
        pytest.param(date(2026, 2, 14), True, id="Saturday, make-up day before Spring Festival"),
        pytest.param(date(2026, 2, 16), False, id="Monday in Spring Festival"),
        pytest.param(date(2026, 10, 8), True, id="first day after National Day"),
        pytest.param(date(2020, 1, 31), False, id="Spring Festival as prolonged in 2020"),
        pytest.param(date(2015, 9, 3), False, id="the single holiday of 2015"),
        pytest.param(date(2027, 2, 8), False, id="statutory day of a year without a notice"),
        pytest.param(date(2027, 5, 8), True, id="would be a make-up day: without a notice a plain Saturday"),
    ],
)
def test_is_working_day(calendar, day, working):
    expected = working and not (day.year == 2027 and day.weekday() >= 5)

    assert calendar.is_working_day(day) is expected


@pytest.mark.parametrize(
    ("start", "count", "due", "skipped"),
    [
        pytest.param(date(2026, 3, 2), 0, date(2026, 3, 2), 0, id="nothing to add"),
        pytest.param(date(2026, 3, 2), 5, date(2026, 3, 9), 2, id="over a weekend"),
        pytest.param(date(2026, 2, 13), 5, date(2026, 2, 27), 9, id="over Spring Festival with make-up days"),
        pytest.param(date(2026, 2, 13), 6, date(2026, 2, 28), 9, id="ends on a make-up Saturday"),
        pytest.param(date(2026, 9, 30), 3, date(2026, 10, 10), 7, id="over National Day to its make-up day"),
        pytest.param(date(2026, 12, 30), 5, date(2027, 1, 7), 3, id="into a year without a notice"),
    ],
)
def test_add_working_days(calendar, start, count, due, skipped):
    day, passed = calendar.add_working_days(start, count)

    assert (day, len(passed)) == (due, skipped)
    assert not any(calendar.is_working_day(other) for other in passed)


def test_add_working_days_refuses_to_go_back():
    with pytest.raises(ValueError, match="negative"):
        Calendar().add_working_days(date(2026, 3, 2), -1)


def test_next_working_day_passes_the_whole_holiday(calendar):
    assert calendar.next_working_day_on_or_after(date(2026, 10, 1)) == date(2026, 10, 8)
    assert calendar.next_working_day_on_or_after(date(2026, 10, 8)) == date(2026, 10, 8)


def test_working_days_between_leaves_out_the_first_day(calendar):
    assert calendar.working_days_between(date(2026, 2, 13), date(2026, 2, 28)) == 6
    assert calendar.working_days_between(date(2026, 2, 28), date(2026, 2, 13)) == 0
    assert calendar.working_days_between(date(2026, 3, 2), date(2026, 3, 2)) == 0


def test_only_years_without_a_notice_are_provisional(calendar):
    assert not calendar.is_provisional(date(2025, 12, 1), date(2026, 12, 31))
    assert calendar.is_provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert calendar.is_provisional(date(2025, 1, 1), date(2028, 1, 1))


def test_calendar_is_read_again_after_a_change_only(db, officer, django_assert_num_queries):
    first = load_calendar()

    with django_assert_num_queries(1):
        again = load_calendar()
    set_day(date(2026, 3, 4), DayKind.REST, "大雪停工", by=officer, at=AT)
    changed = load_calendar()

    assert again is first
    assert first.is_working_day(date(2026, 3, 4))
    assert not changed.is_working_day(date(2026, 3, 4))


def test_a_day_can_be_given_back_to_the_plain_week(db, officer):
    set_day(date(2026, 10, 10), None, "", by=officer, at=AT)

    assert not load_calendar().is_working_day(date(2026, 10, 10))
    assert not Holiday.objects.filter(date=date(2026, 10, 10)).exists()


def test_notice_takes_the_place_of_what_was_computed(db, officer):
    before = calendar_version()
    notice = read_notice(NOTICE_2027, 2027)
    assert notice.errors == []

    announce_year(
        notice, notice_no="国办发明电〔2026〕9号", announced_on=date(2026, 11, 5), by=officer, at=AT
    )

    calendar = load_calendar()
    assert calendar_version() > before
    assert not calendar.is_provisional(date(2027, 1, 1), date(2027, 12, 31))
    assert calendar.is_working_day(date(2027, 5, 8))
    assert not calendar.is_working_day(date(2027, 2, 11))
    assert Holiday.objects.filter(date__year=2027, kind=DayKind.WORK).count() == 5
    assert Holiday.objects.filter(date__year=2027, kind=DayKind.REST).count() == 27
    assert CalendarYear.objects.get(year=2027).notice_no == "国办发明电〔2026〕9号"
    assert CalendarVersion.objects.latest("id").changed_by == officer


def test_notice_entered_again_forgets_its_days_in_the_year_before(db, officer):
    early = NOTICE_2027.replace("1月1日（周五）至3日（周日）放假，共3天", "2026年12月31日至1月1日放假")
    announce_year(
        read_notice(early.replace("至1月1日", "至2027年1月1日"), 2027),
        notice_no="甲", announced_on=None, by=officer, at=AT,
    )  # fmt: skip
    assert not load_calendar().is_working_day(date(2026, 12, 31))

    announce_year(read_notice(NOTICE_2027, 2027), notice_no="甲", announced_on=None, by=officer, at=AT)

    assert load_calendar().is_working_day(date(2026, 12, 31))
    assert not load_calendar().is_working_day(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ("1月1日（周五）", "1月1日（周六）", "2027年1月1日是周五，不是周六。"),
        ("共7天。1月31日", "共8天。1月31日", "写明 8 天，按日期数是 7 天"),
        ("5月8日（周六）上班", "5月10日上班", "本来就上班，不必调休"),
        ("6月9日（周三）", "6月31日", "有不存在的日期"),
        ("七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。", "", "没有读到国庆节的放假日期"),
        ("9月26日（周日）、10月9日（周六）上班", "10月3日（周日）上班", "2027年10月3日既放假又上班"),
        ("4月3日（周六）", "3月20日", "不像一次假期"),
        ("1月31日（周日）", "2025年1月31日", "不属于 2027 年的放假安排"),
        ("6月9日（周三）放假1天", "9日放假1天", "里没有读到日期"),
        ("一、元旦：", "", "前面没有节日名称"),
        ("共5天。5月8日（周六）上班", "共5天，5月8日（周六）上班", "既说放假又说上班"),
    ],
)
def test_notice_that_does_not_add_up_is_refused_in_words(wrong, right, words):
    assert wrong in NOTICE_2027

    errors = read_notice(NOTICE_2027.replace(wrong, right), 2027).errors

    assert any(words in error for error in errors), errors


def test_rows_of_the_calendar_have_words(db):
    assert str(Holiday.objects.get(date=date(2026, 10, 10))) == "2026-10-10 调休上班"
    assert str(CalendarYear.objects.get(year=2026)) == "2026年"


def test_seeding_again_keeps_what_was_changed(db, officer):
    set_day(date(2026, 10, 10), DayKind.REST, "改休", by=officer, at=AT)
    DepartmentKind.objects.filter(code="POLICE").update(name="公安机关")

    seed_calendar(Holiday, CalendarYear, CalendarVersion, at=AT)
    seed_department_kinds(DepartmentKind)

    assert not load_calendar().is_working_day(date(2026, 10, 10))
    assert DepartmentKind.objects.get(code="POLICE").name == "公安机关"
    assert DepartmentKind.objects.count() == 22


@pytest.mark.parametrize("text", ["", "明年放假安排待定", "<script>alert(1)</script>"])
def test_notice_without_days_says_what_to_paste(text):
    (error,) = read_notice(text, 2027).errors

    assert "粘贴" in error
