"""The sealed secrets of two-step verification: which keys they are under, and sealing them again.

allauth keeps them inside a JSON column of its own, out of sight of the rotation of sealed fields.
"""

import base64
from collections import Counter

from allauth.mfa.models import Authenticator
from django.db import models, transaction

from stations.accounts import BOUND_TO
from weiquan.sealing import SealBroken, ring
from weiquan.sealing.keys import key_id_of

SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def second_factor_keys() -> Counter[tuple[str, str]]:
    """How many secrets each (table.column, key id) holds; the key id of one without a valid head is ''."""
    return Counter((BOUND_TO, key_id_of(_envelope(factor))) for factor in _factors())


def seal_second_factors_again() -> int:
    """Move every secret to the current key; return how many moved. One that does not open stays as it is."""
    return sum(_seal_again(pk) for pk in _factors().values_list("pk", flat=True))


@transaction.atomic
def _seal_again(pk: int) -> bool:
    factor = _factors().select_for_update().filter(pk=pk).first()
    if factor is None:  # switched off meanwhile
        return False
    envelope = _envelope(factor)
    try:
        again = ring().seal_again(envelope, BOUND_TO)
    except SealBroken:
        return False
    factor.data[SECRETS[factor.type]] = base64.b64encode(again).decode("ascii")
    factor.save(update_fields=["data"])
    return again != envelope


def _factors() -> models.QuerySet[Authenticator]:
    return Authenticator.objects.filter(type__in=SECRETS).order_by("pk")


def _envelope(factor: Authenticator) -> bytes:
    return base64.b64decode(factor.data[SECRETS[factor.type]])
