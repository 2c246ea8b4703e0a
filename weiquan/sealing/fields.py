"""Model fields that are ciphertext in the database, and the indexes that find them again."""

import json
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core import checks
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from weiquan.sealing.indexes import bigrams, blind_index, normalise
from weiquan.sealing.keys import SealingError, ring

if TYPE_CHECKING:
    BaseField = models.Field[Any, Any]
    BaseTextField = models.Field[str, str]
    BytesField = models.BinaryField[bytes, bytes]
    IntegersField = ArrayField[list[int], list[int]]
else:
    BaseField = BaseTextField = models.Field
    BytesField, IntegersField = models.BinaryField, ArrayField


class SealedFieldError(SealingError):
    """A sealed field was used in a way that cannot be sealed; the message says what to do instead."""


def uuid7() -> UUID:
    """A time-ordered random id (RFC 9562, version 7, with 12 bits of the millisecond's fraction)."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


class Ciphertext(bytes):
    """A sealed value as it lies in the database; shows nothing of itself."""

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class _JustSealed(Ciphertext):
    """Sealed for the very row that is being written; nothing else may reach the database."""


class SealedAttribute(DeferredAttribute):
    """Opens the token when it is first read, so that pages pay only for what they show."""

    field: "SealedField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            value = instance.__dict__[self.field.attname] = self.field.open(instance.pk, value)
        return value

    # Without __set__ the instance's own __dict__ would win over __get__ and show the token.
    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(BaseField):
    """What sealed text and sealed JSON share. Bound to table, column and primary key.

    Renaming table or column makes old values unreadable: keep the stored names with db_table and db_column.
    bulk_create(update_conflicts=True) would bind a value to the id of the row that lost; do not use it here.
    """

    descriptor_class = SealedAttribute

    def encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def decode(self, text: bytes) -> Any:
        raise NotImplementedError

    def seal(self, pk: Any, value: Any) -> Ciphertext:
        return Ciphertext(ring().seal(self.encode(value), self.bound_to(pk)))

    def open(self, pk: Any, token: bytes | None) -> Any:
        """Raises: SealBroken."""
        return None if token is None else self.decode(ring().open(token, self.bound_to(pk)))

    def bound_to(self, pk: Any) -> str:
        # A pk given as text must bind like the same pk read from the database.
        pk = pk if isinstance(pk, UUID) else self.model._meta.pk.to_python(pk)
        return f"{self.model._meta.db_table}.{self.column}.{pk}"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: bytes | None, expression: Any, connection: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> _JustSealed | None:
        # Always opened and sealed anew: a token read before a key rotation must not be written back after it.
        value = getattr(model_instance, self.attname)
        if value is None:
            return None
        if model_instance.pk is None:
            raise SealedFieldError(f"{self} binds to the primary key, which is not set yet. Use SealedModel.")
        return _JustSealed(self.seal(model_instance.pk, value))

    def get_db_prep_save(self, value: Any, connection: Any) -> bytes | None:
        if value is None:
            return None
        if isinstance(value, _JustSealed):
            return bytes(value)
        raise SealedFieldError(
            f"{self} is sealed row by row: update(), bulk_update(), expressions and column defaults cannot "
            "write it. Set it on the instance and save(), or create the rows with bulk_create()."
        )

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise SealedFieldError(
            f"{self} cannot be searched with {lookup_name!r}. Filter on its BlindIndexField or BigramField, "
            "or ask for __isnull."
        )

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise SealedFieldError(
            f"{self} would be written out in plain text. Back up with pg_dump, which keeps it sealed."
        )

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *_check_sealed_model(self)]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, _public_path(self), args, kwargs


class SealedTextField(SealedField, BaseTextField):
    """Text that only the application can read. NULL is unknown; '' is known to be empty, and sealed."""

    def encode(self, value: Any) -> bytes:
        if not isinstance(value, str):
            raise SealedFieldError(f"{self} takes text, not {type(value).__name__}.")
        return value.encode()

    def decode(self, text: bytes) -> str:
        return text.decode()


class SealedJSONField(SealedField):
    """Lists and objects, sealed as one JSON text."""

    empty_strings_allowed = False

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder).encode()

    def decode(self, text: bytes) -> Any:
        return json.loads(text)


class SealedBytesField(SealedField):
    """A whole file, e.g. the letter exactly as it was sent. Defer it wherever the rows are listed."""

    empty_strings_allowed = False

    def encode(self, value: Any) -> bytes:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise SealedFieldError(f"{self} takes bytes, not {type(value).__name__}.")
        return bytes(value)

    def decode(self, text: bytes) -> bytes:
        return text


class BlindIndexField(BytesField):
    """Finds rows by the whole of a sealed text: filter(phone_index="138 1234 5678").

    Fills itself from `source` on every save; NULL where the source holds nothing to search for. `normalise`
    is applied before the common normalisation, to stored values and to searched ones alike.
    """

    def __init__(
        self, *args: Any, source: str, kind: str, normalise: Callable[[str], str] | None = None, **kwargs: Any
    ) -> None:
        self.source, self.kind, self.own_normalise = source, kind, normalise
        super().__init__(*args, **{"null": True, "blank": True, "editable": False, **kwargs})

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)

    def of(self, text: str) -> bytes:
        """The index of a text to search for."""
        return blind_index(self.kind, self._own(text))

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        text = self._own(getattr(model_instance, self.source) or "")
        value = blind_index(self.kind, text) if normalise(text) else None
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        return self.of(value) if isinstance(value, str) else super().get_prep_value(value)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *_check_sealed_model(self), *_check_sources(self)]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        kwargs |= {"source": self.source, "kind": self.kind, "null": self.null, "blank": self.blank}
        if self.own_normalise:
            kwargs["normalise"] = self.own_normalise
        return name, _public_path(self), args, kwargs

    def _own(self, text: str) -> str:
        return self.own_normalise(text) if self.own_normalise else text


class BigramField(IntegersField):
    """Finds rows by any part, from two characters on, of sealed texts: grams__contains=bigrams(kind, words).

    A hit is a candidate: open it and look for normalise(words) in normalise(text). Wants a GinIndex.
    """

    def __init__(self, *args: Any, source: str | tuple[str, ...], kind: str, **kwargs: Any) -> None:
        self.source, self.kind = source, kind
        kwargs = {"default": list, "blank": True, "editable": False, **kwargs}
        super().__init__(models.IntegerField(), *args, **kwargs)

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,) if isinstance(self.source, str) else tuple(self.source)

    def pre_save(self, model_instance: models.Model, add: bool) -> list[int]:
        texts = (getattr(model_instance, source) or "" for source in self.sources)
        value = sorted({gram for text in texts for gram in bigrams(self.kind, text)})
        setattr(model_instance, self.attname, value)
        return value

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *_check_sealed_model(self), *_check_sources(self)]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        del kwargs["base_field"], kwargs["size"]
        kwargs |= {"source": self.source, "kind": self.kind}
        return name, _public_path(self), args, kwargs


def _public_path(field: BaseField) -> str:
    # Migrations are read for years: they name the package, not the module a class lies in today.
    return f"weiquan.sealing.{type(field).__name__}"


def _check_sealed_model(field: BaseField) -> list[checks.CheckMessage]:
    if hasattr(field.model, "open_sealed"):
        return []
    hint = "Let the model inherit from weiquan.sealing.SealedModel."
    return [checks.Error("Sealed fields and their indexes need a SealedModel.", hint, field, "weiquan.E003")]


def _check_sources(field: "BlindIndexField | BigramField") -> list[checks.CheckMessage]:
    sealed = {f.name for f in field.model._meta.fields if isinstance(f, SealedTextField)}
    wrong = [source for source in field.sources if source not in sealed]
    if not wrong:
        return []
    hint = f"Name a SealedTextField of the same model instead of {', '.join(wrong)}."
    return [checks.Error("An index of sealed text needs its source.", hint, field, "weiquan.E004")]
