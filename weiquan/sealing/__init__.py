"""Sealed (encrypted) fields, key ring, blind indexes. The ground floor: imports nothing of ours."""

from typing import TYPE_CHECKING, Any

from weiquan.sealing import checks as checks  # registers the system checks
from weiquan.sealing.fields import (
    BigramField,
    BlindIndexField,
    Ciphertext,
    SealedBytesField,
    SealedFieldError,
    SealedJSONField,
    SealedTextField,
    uuid7,
)
from weiquan.sealing.indexes import bigrams, blind_index, normalise
from weiquan.sealing.keys import (
    KeyRingError,
    SealBroken,
    SealingError,
    evidence_mac,
    new_key_ring,
    ring,
    sm3,
    with_new_key,
)

if TYPE_CHECKING:
    from weiquan.sealing.model import SealedModel as SealedModel

__all__ = [
    "BigramField",
    "BlindIndexField",
    "Ciphertext",
    "KeyRingError",
    "SealBroken",
    "SealedBytesField",
    "SealedFieldError",
    "SealedJSONField",
    "SealedModel",
    "SealedTextField",
    "SealingError",
    "bigrams",
    "blind_index",
    "evidence_mac",
    "new_key_ring",
    "normalise",
    "ring",
    "sm3",
    "uuid7",
    "with_new_key",
]


def __getattr__(name: str) -> Any:
    """Bring in SealedModel when a models module asks: before that the app registry is not ready for it."""
    if name == "SealedModel":
        from weiquan.sealing.model import SealedModel  # noqa: PLC0415

        return SealedModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
