"""The key ring of settings.WEIQUAN_KEYS and the two ciphers it may name."""

import base64
import binascii
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

IV_BYTES = 12
TAG_BYTES = 16
MAC_KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class SealingError(Exception):
    """Whatever goes wrong with sealed fields; never carries their content."""


class SealBroken(SealingError):
    """A sealed value does not open: changed, cut, moved to another row, or its key is gone."""


class KeyRingError(SealingError, ImproperlyConfigured):
    """WEIQUAN_KEYS cannot be used; the message says how to mend it."""


class Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


class Sm4Gcm:
    """SM4-GCM (RFC 8998) behind the same two calls as AESGCM; `cryptography` has no such class."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        encryptor = Cipher(self._algorithm, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        decryptor = Cipher(self._algorithm, GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


@dataclass(frozen=True)
class Suite:
    code: int  # first byte of every envelope; never reuse one
    key_bytes: int
    cipher: Callable[[bytes], Aead]


SUITES = {"SM4-GCM": Suite(1, 16, Sm4Gcm), "AES-256-GCM": Suite(2, 32, AESGCM)}


@dataclass(frozen=True)
class DataKey:
    """One key that seals. An envelope is prefix (suite, length of id, id), IV, ciphertext, tag."""

    id: str
    suite: str
    prefix: bytes
    cipher: Aead = field(repr=False)

    def seal(self, text: bytes, bound_to: bytes) -> bytes:
        iv = os.urandom(IV_BYTES)
        return self.prefix + iv + self.cipher.encrypt(iv, text, bound_to)

    def open(self, envelope: bytes, bound_to: bytes) -> bytes:
        start = len(self.prefix)
        return self.cipher.decrypt(envelope[start : start + IV_BYTES], envelope[start + IV_BYTES :], bound_to)


@dataclass(frozen=True)
class KeyRing:
    current: DataKey
    data: dict[str, DataKey]
    index: bytes = field(repr=False)
    chain: bytes = field(repr=False)

    def seal(self, text: bytes, bound_to: str) -> bytes:
        return self.current.seal(text, bound_to.encode())

    def open(self, envelope: bytes, bound_to: str) -> bytes:
        """Raises: SealBroken."""
        key = self.key_of(envelope, bound_to)
        if len(envelope) < len(key.prefix) + IV_BYTES + TAG_BYTES:
            raise SealBroken(f"The sealed value of {bound_to} is cut short. Restore the row from a backup.")
        try:
            return key.open(envelope, bound_to.encode())
        except InvalidTag:
            raise SealBroken(
                f"The sealed value of {bound_to} was changed or belongs to another row. "
                "Restore the row from a backup and find out who wrote it."
            ) from None

    def seal_again(self, envelope: bytes, bound_to: str) -> bytes:
        """The same content under the current key; already so, the same bytes. Raises: SealBroken."""
        if envelope.startswith(self.current.prefix):
            return envelope
        return self.seal(self.open(envelope, bound_to), bound_to)

    def key_of(self, envelope: bytes, bound_to: str) -> DataKey:
        key_id = key_id_of(envelope)
        key = self.data.get(key_id)
        if key is None and key_id:
            raise SealBroken(
                f"{bound_to} is sealed under the key {key_id!r}, which WEIQUAN_KEYS does not hold. "
                "Put that key back, then run `manage.py rotate_keys` before dropping it."
            )
        if key is None or not envelope.startswith(key.prefix):
            raise SealBroken(
                f"The sealed value of {bound_to} has no readable head. Restore it from a backup."
            )
        return key


def key_id_of(envelope: bytes) -> str:
    """The key an envelope (or its head alone) names; '' where there is no valid head."""
    key_id = envelope[2 : 2 + envelope[1]].decode("ascii", "replace") if len(envelope) > 2 else ""
    return key_id if KEY_ID.fullmatch(key_id) else ""


def ring() -> KeyRing:
    """The key ring in force. Raises: KeyRingError."""
    return read_ring(settings.WEIQUAN_KEYS)


@lru_cache(maxsize=8)
def read_ring(text: str) -> KeyRing:
    """Parse and validate a key ring, after proving that the ciphers compute what the standards say."""
    check_algorithms()
    parts = _parse(text)
    data = {key_id: _data_key(key_id, entry) for key_id, entry in parts["data"].items()}
    if parts["current"] not in data:
        raise KeyRingError(
            f'WEIQUAN_KEYS: "current" names {parts["current"]!r}, but "data" has no such key. '
            'Name one of the keys under "data".'
        )
    index, chain = (_secret(f'"{name}"', parts[name], MAC_KEY_BYTES) for name in ("index", "chain"))
    if index == chain:
        raise KeyRingError(
            'WEIQUAN_KEYS: "index" and "chain" are the same key. Make a ring with '
            "`python -m weiquan.sealing` and take its keys; never change the index or chain key of a "
            "database that holds cases."
        )
    return KeyRing(data[parts["current"]], data, index, chain)


def new_key_ring(suite: str = "SM4-GCM") -> str:
    """A ring of fresh random keys, as the JSON text that WEIQUAN_KEYS takes."""
    return json.dumps(
        {
            "current": "k1",
            "data": {"k1": _new_entry(suite)},
            "index": _random(MAC_KEY_BYTES),
            "chain": _random(MAC_KEY_BYTES),
        }
    )


def with_new_key(text: str, suite: str = "SM4-GCM") -> str:
    """The same ring with one more data key, made current; the old ones stay until `rotate_keys` has run."""
    read_ring(text)
    parts = json.loads(text)
    number = len(parts["data"]) + 1
    while f"k{number}" in parts["data"]:
        number += 1
    parts["data"][f"k{number}"] = _new_entry(suite)
    parts["current"] = f"k{number}"
    return json.dumps(parts)


@lru_cache(maxsize=1)
def check_algorithms() -> None:
    """Compute the published vectors of SM4-GCM (RFC 8998, A.1) and SM3 (GB/T 32905). Raises: KeyRingError."""
    try:
        cipher = Sm4Gcm(bytes.fromhex("0123456789abcdeffedcba9876543210"))
        sealed = cipher.encrypt(
            bytes.fromhex("00001234567800000000abcd"),
            b"".join(bytes([b]) * 8 for b in bytes.fromhex("aabbccddeeffeeaa")),
            bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        )
        digest = sm3(b"abc")
    except UnsupportedAlgorithm:
        raise KeyRingError(_NO_SM) from None
    if sealed.hex() != _RFC_8998 or digest.hex() != _SM3_ABC:
        raise KeyRingError(_NO_SM)


_RFC_8998 = (
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)
_SM3_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
_NO_SM = (
    "The OpenSSL behind the Python package `cryptography` does not compute SM4-GCM and SM3 as the standards "
    "say. Install the ready-made wheel of `cryptography` (`pip install --only-binary=:all: cryptography`)."
)


def sm3(data: bytes) -> bytes:
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, SM3())
    mac.update(data)
    return mac.finalize()


def evidence_mac(text: str) -> bytes:
    """The 32 bytes that link a chain of evidence; its key never rotates, so old chains stay verifiable."""
    return hmac_sm3(ring().chain, text.encode())


def _parse(text: str) -> dict[str, Any]:
    try:
        parts = json.loads(text)
    except ValueError:
        raise KeyRingError(
            "WEIQUAN_KEYS is not valid JSON. Make a ring with `python -m weiquan.sealing` and put its "
            "output, unchanged and on one line, into WEIQUAN_KEYS or the file that WEIQUAN_KEYS_FILE names."
        ) from None
    names = ("current", "data", "index", "chain")
    missing = [name for name in names if not (isinstance(parts, dict) and parts.get(name))]
    if missing:
        raise KeyRingError(
            f"WEIQUAN_KEYS lacks {', '.join(missing)}. For a new database make a ring with "
            "`python -m weiquan.sealing`; for one that holds cases restore the ring it was written with."
        )
    if not isinstance(parts["data"], dict):
        raise KeyRingError('WEIQUAN_KEYS: "data" must be an object of keys by id, such as {"k1": {…}}.')
    return parts


def _data_key(key_id: str, entry: Any) -> DataKey:
    if not KEY_ID.fullmatch(key_id):
        raise KeyRingError(
            f"WEIQUAN_KEYS: the key id {key_id!r} must be 1 to 32 of letters, digits, dot, dash, underscore."
        )
    suite = SUITES.get(str(entry.get("suite"))) if isinstance(entry, dict) else None
    if suite is None:
        raise KeyRingError(
            f'WEIQUAN_KEYS: the key {key_id!r} needs "suite" {" or ".join(SUITES)} and "key" in base64.'
        )
    key = _secret(f'the "key" of {key_id!r}', entry.get("key"), suite.key_bytes)
    prefix = bytes([suite.code, len(key_id)]) + key_id.encode()
    return DataKey(key_id, entry["suite"], prefix, suite.cipher(key))


def _secret(name: str, value: Any, length: int) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise KeyRingError(
            f"WEIQUAN_KEYS: {name} is not base64. Copy it again from where you keep it."
        ) from None
    if len(key) != length:
        raise KeyRingError(
            f"WEIQUAN_KEYS: {name} has {len(key)} bytes and needs exactly {length}. "
            "`python -m weiquan.sealing` makes keys of the right length."
        )
    return key


def _new_entry(suite: str) -> dict[str, str]:
    if suite not in SUITES:
        raise KeyRingError(f"There is no suite {suite!r}. Take {' or '.join(SUITES)}.")
    return {"suite": suite, "key": _random(SUITES[suite].key_bytes)}


def _random(length: int) -> str:
    return base64.b64encode(os.urandom(length)).decode()
