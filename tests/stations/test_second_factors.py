import base64

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from stations.models import Staff
from stations.second_factors import seal_second_factors_again, second_factor_keys
from tests.weiquan.conftest import make_ring
from weiquan.sealing import KeyRingError, ring

OLD, BOTH, NEW = make_ring("k1"), make_ring("k2", "k1", "k2"), make_ring("k2")
PLACE = "mfa_authenticator.data"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def staff(db, settings):
    """Somebody with two-step verification and one recovery code used."""
    settings.WEIQUAN_KEYS = OLD
    staff = Staff.objects.create_user("wangmin", name="王敏")
    TOTP.activate(staff, SECRET)
    RecoveryCodes.activate(staff)._mark_code_used(0)
    return staff


def codes(staff):
    return Authenticator.objects.get(user=staff, type="recovery_codes").wrap().get_unused_codes()


def test_secrets_move_to_the_current_key_and_still_work(staff, settings):
    before = codes(staff)
    settings.WEIQUAN_KEYS = BOTH
    assert second_factor_keys() == {(PLACE, "k1"): 2}

    assert seal_second_factors_again() == 2

    settings.WEIQUAN_KEYS = NEW
    assert second_factor_keys() == {(PLACE, "k2"): 2}
    stored = Authenticator.objects.get(user=staff, type="totp").data["secret"]
    assert ring().open(base64.b64decode(stored), PLACE) == SECRET.encode()
    assert codes(staff) == before
    assert len(before) == 9


def test_a_second_run_finds_nothing_to_do(staff, settings):
    settings.WEIQUAN_KEYS = BOTH
    seal_second_factors_again()
    before = list(Authenticator.objects.order_by("pk").values_list("data"))

    assert seal_second_factors_again() == 0
    assert list(Authenticator.objects.order_by("pk").values_list("data")) == before


def test_a_secret_that_does_not_open_stays_as_it_is(staff, settings):
    broken = {"secret": base64.b64encode(b"\x01\x02k1" + bytes(40)).decode()}
    Authenticator.objects.filter(type="totp").update(data=broken)
    settings.WEIQUAN_KEYS = BOTH

    assert seal_second_factors_again() == 1
    assert Authenticator.objects.get(type="totp").data == broken
    assert second_factor_keys() == {(PLACE, "k1"): 1, (PLACE, "k2"): 1}


def test_the_command_moves_them_too_and_refuses_without_their_key(staff, settings, capsys):
    settings.WEIQUAN_KEYS = NEW
    with pytest.raises(KeyRingError, match="k1 in mfa_authenticator"):
        call_command("rotate_keys")

    settings.WEIQUAN_KEYS = BOTH
    with pytest.raises(CommandError, match="Still in use besides k2: k1"):
        call_command("rotate_keys", check=True)
    call_command("rotate_keys")
    assert f"{PLACE}: 2 under k2" in capsys.readouterr().out
