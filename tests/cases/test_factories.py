"""The factories bring a case and a referral into every state there is, through the real verbs."""

import pytest

from cases.actions.evidence import verify_chains
from cases.choices import ReferralStatus, Status
from tests.factories import make_case, make_referral


@pytest.mark.parametrize("status", Status.values)
def test_make_case_reaches_every_status(cast, status):
    assert make_case(cast, status).status == status
    assert list(verify_chains()) == []


@pytest.mark.parametrize("status", ReferralStatus.values)
def test_make_referral_reaches_every_status(cast, status):
    assert make_referral(cast, status).status == status
    assert list(verify_chains()) == []


@pytest.mark.parametrize("unit", ["station", "other_station", "village", "county", "city", "far_station"])
def test_every_unit_can_register_and_close(cast, unit):
    case = make_case(cast, "CLOSED", unit=getattr(cast, unit))

    assert case.station == getattr(cast, unit)
