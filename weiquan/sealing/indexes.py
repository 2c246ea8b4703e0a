"""Searching without plaintext: keyed fingerprints of whole values and of pairs of characters."""

import unicodedata
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from weiquan.sealing.keys import hmac_sm3, ring

INDEX_BYTES = 16


class _Kept(dict[int, int | None]):
    """Which characters stay, worked out once each, for str.translate.

    Private-use and not yet assigned code points stay: old systems and new standards keep rare name
    characters there.
    """

    def __missing__(self, code: int) -> int | None:
        category = unicodedata.category(chr(code))
        dropped = category[0] in "PSZ" or category in ("Cc", "Cf", "Cs")
        self[code] = None if dropped else code
        return self[code]


_KEPT = _Kept()


def normalise(text: str) -> str:
    """One spelling for what people write in many: width, case, spaces and punctuation do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded).translate(_KEPT)


def blind_index(kind: str, text: str) -> bytes:
    """16 bytes that are equal for equal text of one kind and say nothing to those without the index key."""
    mac = _keyed(ring().index, f"blind index/{kind}").copy()
    mac.update(normalise(text).encode())
    return mac.finalize()[:INDEX_BYTES]


def bigrams(kind: str, text: str) -> list[int]:
    """Signed 32-bit fingerprints of every two neighbouring characters, sorted, each once.

    A text of one character has none; an array search for none finds everything, so ask for two characters.
    """
    key, plain = ring().index, normalise(text)
    return sorted({_gram(key, kind, plain[i : i + 2]) for i in range(len(plain) - 1)})


@lru_cache(maxsize=32_768)
def _gram(key: bytes, kind: str, pair: str) -> int:
    mac = _keyed(key, f"bigram/{kind}").copy()
    mac.update(pair.encode())
    return int.from_bytes(mac.finalize()[:4], "big", signed=True)


@lru_cache(maxsize=256)
def _keyed(key: bytes, label: str) -> HMAC:
    # A copy of a keyed state costs a third of keying it again.
    return HMAC(hmac_sm3(key, label.encode()), SM3())
