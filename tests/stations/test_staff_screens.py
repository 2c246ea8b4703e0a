import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from stations.models import Staff, StaffEvent
from stations.roles import Role
from tests.stations.conftest import PASSWORD

READERS = [role for role in Role if role != Role.SEC_ADMIN]
ONE_STAFF = (
    "staff_reset_password",
    "staff_deactivate",
    "staff_reactivate",
    "staff_sign_out",
    "staff_unlock",
    "staff_clear_second_factor",
)


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def logged_in(staff):
    client = Client()
    client.force_login(staff)
    return client


def data_of(staff, **changes):
    data = {
        "name": staff.name,
        "organisation": staff.organisation_id or "",
        "roles": staff.roles,
        "title": staff.title,
        "phone": staff.phone,
        "email": staff.email,
        "deputy": staff.deputy_id or "",
        "absent_from": staff.absent_from or "",
        "absent_until": staff.absent_until or "",
    }
    return data | changes


def edit(client, staff, **changes):
    return client.post(reverse("staff_edit", args=[staff.pk]), data_of(staff, **changes))


@pytest.mark.parametrize("role", READERS)
def test_staff_pages_are_the_security_administrators(person, clerk, role):
    client = logged_in(person("reader", role))

    assert client.get(reverse("staff_list")).status_code == 403
    assert client.get(reverse("staff_create")).status_code == 403
    assert client.get(reverse("staff_edit", args=[clerk.pk])).status_code == 403
    for name in ONE_STAFF:
        assert client.post(reverse(name, args=[clerk.pk])).status_code == 403
    assert client.get(reverse("staff_events")).status_code == (200 if role == Role.AUDIT_ADMIN else 403)


def test_stranger_is_sent_to_the_login(client, db):
    response = client.get(reverse("staff_list"))

    assert response.url == "/login/?next=/staff/"


@pytest.mark.parametrize("name", ONE_STAFF)
def test_steps_on_an_account_need_a_post_and_an_account(desk, clerk, name):
    assert desk.get(reverse(name, args=[clerk.pk])).status_code == 405
    assert desk.post(reverse(name, args=[0])).status_code == 404


@pytest.mark.parametrize("name", ONE_STAFF)
def test_nobody_does_these_to_herself(desk, officer, name):
    assert desk.post(reverse(name, args=[officer.pk])).status_code == 403

    officer.refresh_from_db()
    assert officer.is_active
    assert officer.check_password(PASSWORD)
    assert not StaffEvent.objects.exists()


def test_opening_an_account_gives_a_password_once(desk, station):
    response = desk.post(
        reverse("staff_create"),
        {"username": "wangxl", "name": "王小丽", "organisation": station.pk, "roles": ["STATION_CLERK"]},
    )

    password = re.search(r"wq-secret--large\">([^<]{12})<", response.content.decode())[1]
    staff = Staff.objects.get(username="wangxl")
    assert response["Cache-Control"] == "no-store"
    assert staff.check_password(password)
    assert staff.must_change_password
    assert (staff.organisation, staff.roles, staff.name_pinyin) == (
        station,
        ["STATION_CLERK"],
        "wang xiao li",
    )
    assert StaffEvent.objects.get(staff=staff).step == "CREATED"
    assert password not in desk.get(reverse("staff_edit", args=[staff.pk])).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "王小丽"}, "小写字母开头"),
        ({"username": "ab"}, "小写字母开头"),
        ({"username": "CLERK"}, "小写字母开头"),
        ({"username": "clerk"}, "已经有人用了"),
        ({"name": ""}, "必填"),
        ({"name": "王\u200b小丽"}, "看不见的字符"),
        ({"roles": []}, "请至少勾选一个角色"),
        ({"roles": ["EMPEROR"]}, "EMPEROR"),
        ({"roles": ["SYS_ADMIN", "STATION_CLERK"]}, "专人担任"),
        ({"roles": ["PARTNER_LIAISON"]}, "维权站里不能有部门联络员"),
        ({"roles": ["COUNTY_OFFICER"]}, "维权站里不能有权益部干部"),
        ({"organisation": ""}, "请选择单位"),
        ({"organisation": "999999"}, "选"),
        ({"email": "nobody"}, "电子邮箱不对"),
    ],
)
def test_account_that_cannot_be_opened_keeps_what_was_typed(desk, clerk, station, changes, words):
    data = {
        "username": "wangxl",
        "name": "王小丽",
        "organisation": station.pk,
        "roles": ["STATION_CLERK"],
        "title": "专干甲",
    }

    response = desk.post(reverse("staff_create"), data | changes)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert "专干甲" in response.content.decode()
    assert not Staff.objects.filter(name="王小丽").exists()


def test_a_case_role_cannot_be_given_in_a_department(desk, clerk, police):
    response = edit(desk, clerk, organisation=police.pk, roles=["STATION_HEAD"])

    assert "部门里不能有维权站站长" in response.content.decode()
    clerk.refresh_from_db()
    assert clerk.roles == ["STATION_CLERK"]


def test_new_roles_are_recorded_and_end_the_sessions(desk, clerk, officer):
    her = logged_in(clerk)

    response = edit(desk, clerk, roles=["STATION_CLERK", "STATION_HEAD"])

    assert response.status_code == 302
    clerk.refresh_from_db()
    assert clerk.roles == ["STATION_CLERK", "STATION_HEAD"]
    assert her.get(reverse("profile")).status_code == 302
    event = StaffEvent.objects.get()
    assert (event.step, event.by, event.note) == ("ROLES", officer, "维权站接待员 → 维权站接待员、维权站站长")


def test_a_move_is_recorded_with_both_units(desk, clerk, police):
    edit(desk, clerk, organisation=police.pk, roles=["PARTNER_LIAISON"])

    clerk.refresh_from_db()
    assert clerk.organisation == police
    notes = dict(StaffEvent.objects.values_list("step", "note"))
    assert notes == {
        "MOVED": "下汤镇妇女儿童维权站 → 鲁山县公安局",
        "ROLES": "维权站接待员 → 部门联络员",
    }


def test_saving_without_a_change_records_nothing(desk, clerk):
    her = logged_in(clerk)

    assert edit(desk, clerk).status_code == 302

    assert not StaffEvent.objects.exists()
    assert her.get(reverse("profile")).status_code == 200


def test_other_changes_are_recorded_by_field_and_keep_the_session(desk, clerk):
    her = logged_in(clerk)

    edit(desk, clerk, title="副站长", absent_from="2026-03-02", absent_until="2026-03-06")

    assert StaffEvent.objects.get().note == "职务、离岗起、离岗止"
    assert her.get(reverse("profile")).status_code == 200


def test_nobody_grants_herself_a_role(desk, officer, station):
    response = edit(desk, officer, roles=["STATION_HEAD"], organisation=station.pk, title="主任")

    assert response.status_code == 302
    officer.refresh_from_db()
    assert (officer.roles, officer.organisation, officer.title) == (["SEC_ADMIN"], None, "主任")


def test_deputy_is_of_the_same_organisation(desk, person, clerk, police, station):
    stranger = person("stranger", Role.PARTNER_LIAISON, organisation=police)
    colleague = person("colleague", Role.STATION_HEAD, organisation=station)

    assert edit(desk, clerk, deputy=stranger.pk).status_code == 422
    assert edit(desk, clerk, deputy=clerk.pk).status_code == 422
    assert edit(desk, clerk, deputy=colleague.pk).status_code == 302

    clerk.refresh_from_db()
    assert clerk.deputy == colleague
    moved = edit(desk, clerk, organisation=police.pk, roles=["PARTNER_LIAISON"])
    assert "换了单位请重新选代办人" in moved.content.decode()


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-03-02", "", "请把离岗止也填上"),
        ("", "2026-03-02", "请把离岗起也填上"),
        ("2026-03-03", "2026-03-02", "离岗止不能早于离岗起"),
        ("三月二日", "2026-03-02", "日期"),
    ],
)
def test_absence_that_does_not_add_up(desk, clerk, start, end, words):
    for response in (
        edit(desk, clerk, absent_from=start, absent_until=end),
        logged_in(clerk).post(reverse("profile"), {"absent_from": start, "absent_until": end}),
    ):
        assert response.status_code == 422
        assert words in response.content.decode()


def test_an_empty_form_is_refused_and_says_why(desk, clerk):
    for response in (
        desk.post(reverse("staff_create")),
        desk.post(reverse("staff_edit", args=[clerk.pk])),
        desk.post(reverse("account_change_password")),
    ):
        assert response.status_code == 422
        assert "还没有保存" in response.content.decode()


def test_resetting_a_password_logs_out_and_must_be_changed(desk, clerk):
    her = logged_in(clerk)

    page = desk.post(reverse("staff_reset_password", args=[clerk.pk])).content.decode()

    password = re.search(r"wq-secret--large\">([^<]{12})<", page)[1]
    clerk.refresh_from_db()
    assert clerk.check_password(password)
    assert clerk.must_change_password
    assert her.get(reverse("profile")).status_code == 302
    assert StaffEvent.objects.get().step == "PASSWORD_RESET"


def test_deactivated_account_is_out_at_once_and_can_come_back(desk, clerk):
    her = logged_in(clerk)

    desk.post(reverse("staff_deactivate", args=[clerk.pk]))
    desk.post(reverse("staff_deactivate", args=[clerk.pk]))

    clerk.refresh_from_db()
    assert not clerk.is_active
    assert clerk.left_on is not None
    assert her.get(reverse("profile")).status_code == 302

    desk.post(reverse("staff_reactivate", args=[clerk.pk]))

    clerk.refresh_from_db()
    assert (clerk.is_active, clerk.left_on) == (True, None)
    assert list(StaffEvent.objects.order_by("id").values_list("step", flat=True)) == [
        "DEACTIVATED",
        "REACTIVATED",
    ]


def test_lost_telephone_and_lock_out_are_lifted(desk, clerk):
    TOTP.activate(clerk, "JBSWY3DPEHPK3PXP")
    for _ in range(5):
        Client().post("/login/", {"login": "clerk", "password": "wrong"})

    desk.post(reverse("staff_clear_second_factor", args=[clerk.pk]))
    desk.post(reverse("staff_unlock", args=[clerk.pk]))

    assert not Authenticator.objects.exists()
    assert Client().post("/login/", {"login": "clerk", "password": PASSWORD}).status_code == 302
    assert set(StaffEvent.objects.values_list("step", flat=True)) == {"MFA_RESET", "UNLOCKED"}


def test_signing_somebody_out(desk, clerk):
    her = logged_in(clerk)

    desk.post(reverse("staff_sign_out", args=[clerk.pk]))

    assert her.get(reverse("profile")).status_code == 302


def names(response):
    return [staff.name for staff in response.context["page"]]


def test_list_is_filtered(desk, person, clerk, station, police):
    person("zhang", Role.PARTNER_LIAISON, name="张敏", organisation=police)
    person("gone", Role.STATION_CLERK, name="李红", organisation=station, is_active=False)
    url = reverse("staff_list")

    assert names(desk.get(url)) == ["安全员", "单秀英", "张敏"]
    assert names(desk.get(url, {"organisation": station.pk})) == ["单秀英"]
    assert names(desk.get(url, {"organisation": station.pk, "closed": "on"})) == ["李红", "单秀英"]
    assert names(desk.get(url, {"role": "PARTNER_LIAISON"})) == ["张敏"]
    assert names(desk.get(url, {"q": "秀英"})) == ["单秀英"]
    assert names(desk.get(url, {"q": "shan"})) == ["单秀英"]
    assert names(desk.get(url, {"q": "ZHANG"})) == ["张敏"]
    assert "没有符合条件的人" in desk.get(url, {"q": "无此人"}).content.decode()


def test_list_takes_the_same_queries_for_one_and_for_many(
    desk, person, station, django_assert_max_num_queries
):
    person("p0", Role.STATION_CLERK, organisation=station)
    desk.get(reverse("staff_list"))  # renews the session
    with django_assert_max_num_queries(12) as few:
        desk.get(reverse("staff_list"))
    for number in range(1, 60):
        Staff.objects.create(username=f"p{number}", name=f"某{number}", organisation=station)
    with django_assert_max_num_queries(12) as many:
        page = desk.get(reverse("staff_list"))

    assert len(page.context["page"]) == 50
    assert "page=2" in page.context["next_url"]
    assert len(many) == len(few)


def test_audit_administrator_reads_what_was_done(desk, person, clerk):
    desk.post(reverse("staff_sign_out", args=[clerk.pk]))

    page = logged_in(person("audit", Role.AUDIT_ADMIN)).get(reverse("staff_events")).content.decode()

    assert "强制退出登录" in page
    assert "单秀英" in page


def test_own_settings(person, clerk, station):
    colleague = person("colleague", Role.STATION_HEAD, organisation=station)
    data = {
        "deputy": colleague.pk,
        "absent_from": "2026-03-02",
        "absent_until": "2026-03-06",
        "phone": "0375-1234567",
        "email": "a@example.org",
        "wants_mail": "on",
        "roles": ["COUNTY_LEADER"],
    }

    response = logged_in(clerk).post(reverse("profile"), data)

    clerk.refresh_from_db()
    assert response.url == reverse("profile")
    assert (clerk.deputy, clerk.phone, clerk.wants_mail) == (colleague, "0375-1234567", True)
    assert clerk.roles == ["STATION_CLERK"]


def test_one_mail_a_day_and_text_messages_are_chosen(clerk):
    client = logged_in(clerk)
    typed = {"email": "a@example.org", "wants_mail": "on", "wants_digest": "on", "mobile": "13900000009"}
    client.post(reverse("profile"), typed)
    clerk.refresh_from_db()
    chosen = (clerk.wants_mail, clerk.wants_digest, clerk.mobile)

    wrong = client.post(reverse("profile"), typed | {"mobile": "0375-1234567"})
    client.post(reverse("profile"), {"email": "a@example.org"})
    clerk.refresh_from_db()

    assert chosen == (True, True, "13900000009")
    assert wrong.status_code == 422
    assert "手机号是 11 位数字" in wrong.content.decode()
    assert (clerk.wants_mail, clerk.wants_digest, clerk.mobile) == (False, False, "")


def test_mail_needs_an_address(clerk):
    response = logged_in(clerk).post(reverse("profile"), {"wants_mail": "on"})

    assert "要收邮件，请填电子邮箱" in response.content.decode()
    clerk.refresh_from_db()
    assert not clerk.wants_mail
