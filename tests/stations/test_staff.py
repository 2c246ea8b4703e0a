from datetime import date, timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from stations.actions.accounts import (
    OwnAccountRefused,
    change_account,
    clear_second_factor,
    deactivate,
    one_time_password,
    reactivate,
    reset_password,
    unlock,
)
from stations.choices import OrgKind
from stations.models import Organisation, Staff, StaffEvent
from stations.pinyin import sort_key
from stations.roles import Permission, Role
from tests.stations.conftest import AT

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单秀英", "shan xiu ying"),
        ("仇站长", "qiu zhan zhang"),
        ("曾玉兰", "zeng yu lan"),
        ("解冬梅", "xie dong mei"),
        ("翟敏", "zhai min"),
        ("尉迟红", "yu chi hong"),
        ("李红", "li hong"),
        ("阿依古丽·买买提", "a yi gu li · mai mai ti"),
        ("Anna", "anna"),
        ("", ""),
    ],
)
def test_sort_key_reads_surnames_as_surnames(name, key):
    assert sort_key(name) == key


def test_people_are_listed_in_pinyin_order(person):
    for username, name in {"a": "张敏", "b": "单秀英", "c": "曾玉兰", "d": "李红"}.items():
        person(username, Role.STATION_CLERK, name=name)

    assert [staff.name for staff in Staff.objects.by_name()] == ["李红", "单秀英", "曾玉兰", "张敏"]


def test_sort_key_follows_a_new_name(clerk):
    clerk.name = "仇秀英"
    clerk.save()

    assert Staff.objects.get(pk=clerk.pk).name_pinyin == "qiu xiu ying"


def test_usernames_differ_by_more_than_case(person):
    person("clerk", Role.STATION_CLERK)

    with pytest.raises(IntegrityError), transaction.atomic():
        Staff(username="CLERK", name="x").save()


def test_createsuperuser_makes_the_security_administrator(db):
    staff = Staff.objects.create_superuser("first", "sheng-huo-qi-ma-12", name="首位管理员")

    assert staff.roles == [Role.SEC_ADMIN]
    assert not staff.is_superuser
    assert not staff.is_staff
    assert not staff.may(Permission.CASE_READ)


def test_admin_site_is_for_the_system_administrator_and_our_code_lists(person):
    staff = person("system", Role.SYS_ADMIN)

    assert staff.is_staff
    assert staff.has_perm("stations.change_region")
    assert staff.has_module_perms("stations")
    assert not staff.has_perm("auth.change_group")
    assert not staff.has_module_perms("mfa")


@pytest.mark.parametrize(
    ("fields", "absent"),
    [
        ({}, False),
        ({"absent_from": DAY, "absent_until": DAY}, True),
        ({"absent_from": DAY - timedelta(3), "absent_until": DAY - timedelta(1)}, False),
        ({"absent_from": DAY + timedelta(1), "absent_until": DAY + timedelta(3)}, False),
        ({"left_on": DAY}, True),
        ({"left_on": DAY + timedelta(1)}, False),
        ({"is_active": False}, True),
    ],
)
def test_is_absent(fields, absent):
    assert Staff(**fields).is_absent(DAY) is absent


def test_stand_in_is_the_first_deputy_who_is_there(person):
    third = person("third")
    second = person("second", deputy=third, absent_from=DAY, absent_until=DAY)
    first = person("first", deputy=second)

    assert first.stand_in(DAY) == third
    assert first.stand_in(DAY + timedelta(1)) == second
    assert third.stand_in(DAY) is None


def test_stand_in_ends_when_all_in_a_ring_are_away(person):
    away = {"absent_from": DAY, "absent_until": DAY}
    first, second = person("first", **away), person("second", **away)
    first.deputy, second.deputy = second, first
    first.save()
    second.save()

    assert first.stand_in(DAY) is None


def test_stand_in_gives_up_after_five_steps(person):
    near = person("there")
    for step in range(5):
        near = person(f"away{step}", deputy=near, absent_from=DAY, absent_until=DAY)
    far = person("far", deputy=near)

    assert near.stand_in(DAY).username == "there"
    assert far.stand_in(DAY) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"absent_from": DAY},
        {"absent_until": DAY},
        {"absent_from": DAY, "absent_until": DAY - timedelta(1)},
    ],
)
def test_absence_is_both_dates_in_order_or_none(person, fields):
    with pytest.raises(IntegrityError, match="staff_absence"), transaction.atomic():
        person("away", **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"absent_from": DAY}, "要么都填"),
        ({"absent_from": DAY, "absent_until": DAY - timedelta(1)}, "不能早于"),
    ],
)
def test_absence_is_refused_in_words(fields, words):
    with pytest.raises(ValidationError, match=words):
        Staff(username="away", name="某", **fields).clean()


@pytest.mark.parametrize(
    "change",
    [
        lambda staff: change_account(staff, {"roles": ["STATION_HEAD"]}, by=staff, at=AT),
        lambda staff: change_account(staff, {"organisation": None}, by=staff, at=AT),
        lambda staff: reset_password(staff, by=staff, at=AT),
        lambda staff: clear_second_factor(staff, by=staff, at=AT),
        lambda staff: deactivate(staff, left_on=DAY, by=staff, at=AT),
        lambda staff: reactivate(staff, by=staff, at=AT),
    ],
)
def test_no_step_on_the_rights_of_the_own_account(clerk, change):
    with pytest.raises(OwnAccountRefused):
        change(clerk)

    assert Staff.objects.get(pk=clerk.pk).roles == [Role.STATION_CLERK]
    assert not StaffEvent.objects.exists()


def test_steps_that_change_nothing_are_not_recorded(clerk, officer):
    clear_second_factor(clerk, by=officer, at=AT)
    unlock(clerk, by=officer, at=AT)
    reactivate(clerk, by=officer, at=AT)

    assert not StaffEvent.objects.exists()


def test_one_time_passwords_are_readable_and_differ():
    passwords = {one_time_password() for _ in range(200)}

    assert len(passwords) == 200
    assert all(len(password) == 12 and not set("0O1lI") & set(password) for password in passwords)
    for password in passwords:
        validate_password(password)


def test_nobody_is_her_own_deputy(clerk):
    clerk.deputy = clerk

    with pytest.raises(IntegrityError, match="staff_deputy"), transaction.atomic():
        clerk.save()


def test_a_department_has_a_kind_and_nothing_else_has(regions):
    county = regions["410423000000"]

    with pytest.raises(IntegrityError, match="department_iff_kind"), transaction.atomic():
        Organisation.objects.create(name="甲", kind=OrgKind.DEPARTMENT, region=county)
    with pytest.raises(IntegrityError, match="department_iff_kind"), transaction.atomic():
        Organisation.objects.create(name="乙", kind=OrgKind.STATION, department_id="POLICE", region=county)


def test_an_organisation_knows_its_county_and_township():
    village, county, city = (
        Organisation(region_id=code) for code in ("410423101201", "410423000000", "410400000000")
    )

    assert (village.county_code, village.township_code) == ("410423", "410423101")
    assert (county.county_code, county.township_code) == ("410423", "")
    assert city.county_code == ""


def test_departments_are_those_of_the_county_and_the_city_in_order(regions, station):
    def department(name, kind, code, **fields):
        return Organisation.objects.create(
            name=name, kind=OrgKind.DEPARTMENT, department_id=kind, region=regions[code], **fields
        )

    city_police = department("市公安局", "POLICE", "410400000000")
    court = department("县法院", "COURT", "410423000000")
    police = department("县公安局", "POLICE", "410423000000")
    office = department("下汤派出所", "POLICE", "410423101000")
    department("叶县公安局", "POLICE", "410422000000")
    department("撤销的局", "POLICE", "410423000000", active=False)

    assert list(Organisation.objects.departments_for(station)) == [police, office, city_police, court]
