"""System checks: the ciphers compute what their standards say, and the key ring can be used."""

from typing import Any

from django.core import checks

from weiquan.sealing.keys import KeyRingError, check_algorithms, ring


@checks.register(checks.Tags.security)
def check_sealing(**kwargs: Any) -> list[checks.CheckMessage]:
    try:
        check_algorithms()
    except KeyRingError as error:
        return [checks.Critical(str(error), id="weiquan.E001")]
    try:
        ring()
    except KeyRingError as error:
        return [checks.Critical(str(error), id="weiquan.E002")]
    return []
