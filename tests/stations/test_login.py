import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from stations.accounts import SealedMFAAdapter, client_ip
from stations.choices import StaffStep
from stations.lock import RENEWED
from stations.models import Staff, StaffEvent
from stations.roles import Role
from tests.stations.conftest import PASSWORD

LOGIN = "/login/"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def log_in(client, username="clerk", password=PASSWORD):
    return client.post(LOGIN, {"login": username, "password": password})


def is_in(client):
    return client.get(reverse("profile")).status_code == 200


@pytest.fixture
def secret(clerk):
    secret = generate_totp_secret()
    TOTP.activate(clerk, secret)
    return secret


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_login_leads_to_the_desk(client, clerk):
    response = log_in(client)

    assert (response.status_code, response.url) == (302, reverse("desk"))
    assert is_in(client)


@pytest.mark.parametrize("typed", ["CLERK", " clerk ", "ｃｌｅｒｋ"])
def test_username_is_taken_as_meant(client, clerk, typed):
    assert log_in(client, typed).status_code == 302


def test_wrong_password_says_whom_to_ask(client, clerk):
    response = log_in(client, password="wrong")

    assert response.status_code == 200
    assert "用户名或密码不对" in response.content.decode()
    assert not is_in(client)


def test_nobody_can_sign_up_or_reset_by_mail():
    for name in ("account_signup", "account_reset_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_closed_account_cannot_log_in(client, clerk):
    Staff.objects.filter(pk=clerk.pk).update(is_active=False)

    assert log_in(client).status_code == 200
    assert not is_in(client)


def test_next_page_must_be_ours(client, clerk):
    response = client.post(LOGIN + "?next=https://example.org/", {"login": "clerk", "password": PASSWORD})

    assert response.url == reverse("desk")


def test_five_failures_lock_the_account_even_for_the_right_password(client, clerk):
    answers = [log_in(client, password="wrong").status_code for _ in range(5)]
    locked = log_in(client)

    assert answers == [200, 200, 200, 200, 429]
    assert locked.status_code == 429
    assert "登录已锁定" in locked.content.decode()
    assert not is_in(client)
    assert AccessAttempt.objects.get().username == "clerk"


def test_lock_holds_for_one_account_at_one_address(client, clerk, officer):
    for _ in range(5):
        log_in(client, password="wrong")

    assert log_in(client, "security").status_code == 302
    assert log_in(Client(REMOTE_ADDR="10.0.0.9")).status_code == 302


def test_failures_keep_no_password(client, clerk):
    log_in(client, password="nearly-right-1")

    attempt = AccessAttempt.objects.get()
    assert "nearly-right-1" not in attempt.post_data + attempt.get_data


def test_login_works_without_the_cache(client, clerk, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nonexistent/valkey.sock",
        }
    }

    assert log_in(client).status_code == 302


def test_logout_needs_a_post_and_ends_the_session(client, clerk):
    log_in(client)

    assert client.get(reverse("account_logout")).status_code == 200
    assert is_in(client)
    assert client.post(reverse("account_logout")).url == LOGIN
    assert not is_in(client)


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (2, "1.1.1.1, 2.2.2.2, 3.3.3.3", "2.2.2.2"),
        (2, "3.3.3.3", "10.0.0.1"),
    ],
)
def test_client_address_is_what_our_own_proxies_saw(settings, proxies, header, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header).get("/")

    assert client_ip(request) == address


def test_client_address_behind_a_socket():
    assert client_ip(RequestFactory(REMOTE_ADDR="").get("/")) == "127.0.0.1"


# Second factor


def test_second_factor_is_asked_before_there_is_a_session(client, clerk, secret):
    response = log_in(client)

    assert response.url == reverse("mfa_authenticate")
    assert not is_in(client)
    assert "验证码" in client.get(response.url).content.decode()

    assert client.post(response.url, {"code": code_of(secret)}).status_code == 302
    assert is_in(client)


def test_a_code_works_once(client, clerk, secret):
    code = code_of(secret)
    log_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code})
    another = Client()
    log_in(another)

    response = another.post(reverse("mfa_authenticate"), {"code": code})

    assert "刚用过" in response.content.decode()
    assert not is_in(another)


def test_guessing_codes_is_stopped(client, clerk, secret):
    log_in(client)
    wrong = "000000" if code_of(secret) != "000000" else "111111"

    pages = [client.post(reverse("mfa_authenticate"), {"code": wrong}).content.decode() for _ in range(6)]

    assert "试错次数太多" not in pages[0]
    assert "试错次数太多" in pages[-1]


def test_secret_is_sealed_in_the_table(clerk, secret):
    stored = Authenticator.objects.get(user=clerk).data["secret"]

    assert secret not in stored
    assert SealedMFAAdapter().decrypt(stored) == secret


def test_second_factor_from_start_to_end(client, clerk):
    log_in(client)
    again = client.get(reverse("mfa_activate_totp"))
    assert again.url.startswith(reverse("account_reauthenticate"))
    back = client.post(again.url, {"password": PASSWORD})
    page = client.get(back.url)
    secret = page.context["form"].secret

    done = client.post(back.url, {"code": code_of(secret)})

    assert done.url == reverse("mfa_view_recovery_codes")
    codes = client.get(done.url).context["unused_codes"]
    assert len(codes) == 10
    assert "已开启" in client.get(reverse("profile")).content.decode()

    other = Client()
    assert log_in(other).url == reverse("mfa_authenticate")
    assert other.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    assert is_in(other)

    assert client.post(reverse("mfa_deactivate_totp")).url == reverse("mfa_index")
    assert not Authenticator.objects.exists()


def test_wrong_password_does_not_reauthenticate(client, clerk):
    log_in(client)

    response = client.post(reverse("account_reauthenticate"), {"password": "wrong"})

    assert "密码不对" in response.content.decode()
    assert client.get(reverse("mfa_activate_totp")).status_code == 302


# Password and sessions


def change(client, old=PASSWORD, new="chang-jiang-huang-he", again=None):
    return client.post(reverse("account_change_password"), {"old": old, "new": new, "again": again or new})


def test_new_password_ends_the_other_sessions_only(client, clerk):
    other = Client()
    log_in(client)
    log_in(other)

    response = change(client)

    assert response.url == reverse("profile")
    assert is_in(client)
    assert not is_in(other)
    assert log_in(Client(), password="chang-jiang-huang-he").status_code == 302


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"old": "wrong"}, "现在的密码不对"),
        ({"new": "1234567890123"}, "数字"),
        ({"new": "kurz"}, "10"),
        ({"new": "password1234"}, "密码"),
        ({"new": PASSWORD}, "新密码不能和现在的一样"),
        ({"again": "something-else-1"}, "两遍新密码不一样"),
    ],
)
def test_password_that_will_not_do(client, clerk, data, words):
    log_in(client)

    response = change(client, **data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert Staff.objects.get(pk=clerk.pk).check_password(PASSWORD)


def test_guessing_the_old_password_locks_too(client, clerk):
    log_in(client)

    answers = [change(client, old="wrong").status_code for _ in range(5)]

    assert answers == [422, 422, 422, 422, 429]


def test_one_time_password_leads_nowhere_but_to_a_new_one(client, clerk):
    Staff.objects.filter(pk=clerk.pk).update(must_change_password=True)
    log_in(client)

    assert client.get(reverse("profile")).url == reverse("account_change_password")
    assert "一次性密码" in client.get(reverse("account_change_password")).content.decode()
    change(client)

    assert is_in(client)
    assert not Staff.objects.get(pk=clerk.pk).must_change_password


def test_sign_out_everywhere_keeps_this_session(client, clerk):
    other = Client()
    log_in(client)
    log_in(other)

    assert client.get(reverse("sign_out_everywhere")).status_code == 405
    client.post(reverse("sign_out_everywhere"))
    assert StaffEvent.objects.get(staff=clerk).step == StaffStep.SIGNED_OUT_ALL

    assert is_in(client)
    assert not is_in(other)
    assert StaffEvent.objects.get().staff == clerk


def test_session_is_renewed_once_a_minute(client, clerk):
    log_in(client)
    client.get(reverse("profile"))
    first = client.session[RENEWED]
    client.get(reverse("profile"))
    assert client.session[RENEWED] == first

    session = client.session
    session[RENEWED] = first - 61
    session.save()
    client.get(reverse("profile"))

    assert client.session[RENEWED] >= first


def test_idle_session_ends(client, clerk, settings):
    log_in(client)
    client.get(reverse("profile"))
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(seconds=settings.SESSION_COOKIE_AGE)

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert not is_in(client)


def test_pages_behind_the_login_are_not_kept_by_the_browser(client, clerk):
    log_in(client)

    assert client.get(reverse("profile"))["Cache-Control"] == "no-store"
    assert client.get(reverse("staff_list")).status_code == 403
    assert client.get(reverse("staff_list"))["Cache-Control"] == "no-store"


def test_system_administrator_enters_the_admin_through_our_login(client, person):
    person("system", Role.SYS_ADMIN)
    assert client.get("/admin/").url.startswith("/admin/login/")
    assert client.get("/admin/login/?next=/admin/").url.startswith(LOGIN)

    log_in(client, "system")

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/stations/organisation/").status_code == 200
    assert client.get("/admin/stations/staff/").status_code == 404
    assert client.get("/admin/auth/group/").status_code == 404
    assert client.get("/admin/mfa/authenticator/").status_code == 404


def test_admin_is_closed_to_everybody_else(client, officer):
    log_in(client, "security")

    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/login/").status_code == 403
