"""A row that two people may move at once: the one whose page is older is told, not overwritten."""

from typing import Any

from django.db import models

from cases.models.case import MovedOn


def move(row: models.Model, changes: dict[str, Any], *, what: str = "这里") -> None:
    """Write `changes` if nobody moved the row since it was read; sealed fields are saved with the row.

    Raises MovedOn.
    """
    version: int = row.version  # type: ignore[attr-defined]
    personal: tuple[str, ...] = row.PERSONAL  # type: ignore[attr-defined]
    changes = changes | {"version": version + 1}
    sealed = {name: changes.pop(name) for name in list(changes) if name in personal}
    if not type(row)._default_manager.filter(pk=row.pk, version=version).update(**changes):
        raise MovedOn(f"{what}刚刚有了变化，请看最新情况后再办，您填写的内容还在。")
    for name, value in (changes | sealed).items():
        setattr(row, name, value)
    if sealed:
        row.save(update_fields=list(sealed))
