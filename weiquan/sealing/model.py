"""The base of every model with sealed fields; apart, because a model class needs the app registry."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.base import ModelBase

from weiquan.sealing.fields import BigramField, BlindIndexField, SealedField, uuid7


class SealedModel(models.Model):
    """A row whose id is known before INSERT, so that its sealed values can be bound to it.

    A child of another row may take that row's id: `id = None` and a OneToOneField(primary_key=True).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def open_sealed(cls, field_name: str, pk: Any, token: bytes | None) -> Any:
        """Open one value that values_list() or raw SQL brought as a token. Raises: SealBroken."""
        field = cls._meta.get_field(field_name)
        if not isinstance(field, SealedField):
            raise TypeError(f"{field_name} is not sealed.")
        return field.open(pk, token)

    def save_base(
        self,
        raw: bool = False,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        # Here and not in save(): a partly loaded instance gets its update_fields only inside save().
        if update_fields is not None:
            update_fields = self._with_indexes(frozenset(update_fields))
        super().save_base(raw, force_insert, force_update, using, update_fields)

    def _with_indexes(self, names: frozenset[str]) -> frozenset[str]:
        stale = (
            field.name
            for field in self._meta.concrete_fields
            if isinstance(field, BlindIndexField | BigramField) and not names.isdisjoint(field.sources)
        )
        return names.union(stale)
