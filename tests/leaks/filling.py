"""Rows for every sealed table, and a mark in every sealed field of every row."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from docx import Document

from cases.documents import compile_pdf
from cases.models import Case, Person
from stations.models import Organisation, Staff
from tests.cast import MONDAY, Cast
from tests.leaks.markers import Marks
from weiquan.sealing import SealedBytesField, SealedJSONField, SealedModel, SealedTextField

# Whatever belongs to no case: drafts, outlets, members of the conference, declared ties.
NOBODYS = "-"
# A value the system must be able to compute with is looked for as it is.
KEPT = {"Case.query_code": "the public page asks for it"}
# Values a marked text would make meaningless, and why that hides nothing.
UNMARKED: dict[str, str] = {}


def sealed_models() -> list[type[SealedModel]]:
    every = (model for app in ("cases", "stations") for model in apps.get_app_config(app).get_models())
    return [model for model in every if issubclass(model, SealedModel) and sealed_fields(model)]


def sealed_fields(model: type[models.Model]) -> list[str]:
    kinds = SealedTextField | SealedJSONField | SealedBytesField
    return [field.name for field in model._meta.concrete_fields if isinstance(field, kinds)]


# -- whose a row is ---------------------------------------------------------------------------------


class Belonging:
    """Finds the case a row belongs to, by the shortest way over its foreign keys; a person's is the one she has a
    part in. What was found is remembered: many rows share the way."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[models.Model], Any], Case | None] = {}

    def __call__(self, row: models.Model) -> Case | None:
        if isinstance(row, Case):
            return row
        key = (type(row), row.pk)
        if key not in self._known:
            self._known[key] = None  # a row that leads back to itself leads nowhere
            self._known[key] = next(filter(None, map(self, self._above(row))), None)
        return self._known[key]

    def _above(self, row: models.Model) -> Iterator[models.Model]:
        if isinstance(row, Person):
            yield from Case.objects.filter(parties__person=row)[:1]
            return
        links = [field for field in row._meta.concrete_fields if field.remote_field]
        for field in sorted(links, key=lambda link: link.related_model is not Case):
            if getattr(row, field.attname) is not None and leads_to_a_case(field.related_model):
                yield getattr(row, field.name)


@cache
def leads_to_a_case(model: type[models.Model]) -> bool:
    """Whether a row of this table may belong to a case at all."""
    waiting, seen = [model], set()
    while waiting:
        here = waiting.pop()
        if here in (Case, Person):
            return True
        seen.add(here)
        above = {f.related_model for f in here._meta.concrete_fields if f.remote_field}
        waiting += [one for one in above - seen if not issubclass(one, Staff | Organisation)]
    return False


# -- a row where no action made one -----------------------------------------------------------------


class NeedsAWord(Exception):
    """A table takes no row that is made of its fields alone."""


class Filler:
    """Builds the smallest row a table takes, from its own fields; `given` names what constraints ask for."""

    def __init__(self, cast: Cast, staff: Staff, given: dict[str, dict[str, Any]]) -> None:
        self.cast, self.staff, self.given = cast, staff, given
        self.case_of = Belonging()

    def fill(self, case: Case) -> None:
        """One row of every sealed table for this case, where it has none."""
        wrong = []
        # What describes another row, a kind of monitor, brings that row along.
        for model in sorted(sealed_models(), key=lambda one: one._meta.pk.remote_field is None):
            cases = {self.case_of(row) for row in model._default_manager.all()}
            if not cases or (case not in cases and None not in cases):
                try:
                    self.build(model, case)
                except NeedsAWord as error:
                    wrong.append(str(error))
        assert not wrong, "\n".join(wrong)

    def build(self, model: type[models.Model], case: Case) -> models.Model:
        told = {
            field.name: self._value(field, case)
            for field in model._meta.concrete_fields
            if self._asked(field) and field.name not in self.given.get(model.__name__, {})
        }
        told |= {
            name: value(self, case) if callable(value) else value
            for name, value in self.given.get(model.__name__, {}).items()
        }
        try:
            with transaction.atomic():
                return model._default_manager.create(**told)
        except (IntegrityError, TypeError, ValueError) as error:
            raise NeedsAWord(
                f"{model.__name__} needs a word in GIVEN of tests/leaks/world.py: {error}"
            ) from error

    def _asked(self, field: models.Field) -> bool:
        if field.remote_field and isinstance(field, models.ForeignKey):
            return not field.null
        automatic = field.has_default() or field.null or isinstance(field, models.AutoField)
        return not automatic and not field.blank and field.editable

    def _value(self, field: models.Field, case: Case) -> Any:
        if isinstance(field, models.ForeignKey):
            return self._row_of(field.related_model, case, fresh=field.primary_key)
        if field.choices:
            return next(value for value, _ in field.flatchoices)
        match field:
            case SealedTextField():
                return "说明"
            case ArrayField():
                return [self._value(field.base_field, case)]
            case models.DateTimeField():
                return MONDAY
            case models.DateField():
                return MONDAY.date()
            case models.BooleanField():
                return False
            case models.DecimalField():
                return Decimal(1)
            case models.IntegerField():
                return 1
            case models.UUIDField():
                return uuid4()
            case SealedBytesField() | models.BinaryField():
                return uuid4().bytes
            case SealedJSONField() | models.JSONField():
                return {"x": "说明"}
        return str(uuid4())[: field.max_length or 36]

    def _row_of(self, model: type[models.Model], case: Case, *, fresh: bool) -> models.Model:
        if model is Case:
            return case
        if model is Staff:
            return self.staff
        if model is Organisation:
            return case.holder
        anybodys = not leads_to_a_case(model)
        rows = () if fresh else model._default_manager.all()
        found = [row for row in rows if anybodys or self.case_of(row) == case]
        return found[0] if found else self.build(model, case)


# -- the marks --------------------------------------------------------------------------------------


def mark_everything(marks: Marks, names: dict[UUID, str]) -> None:
    """A mark of its own for every sealed field of every row; `names` calls each case by its situation."""
    with connection.cursor() as cursor:  # the door that sealing again under a new key uses
        cursor.execute("SET LOCAL weiquan.rotating = 'on'")
        case_of = Belonging()
        for model in sealed_models():
            for row in model._default_manager.all():
                _mark(row, case_of(row), marks, names)
        cursor.execute("SET LOCAL weiquan.rotating = 'off'")


def _mark(row: SealedModel, case: Case | None, marks: Marks, names: dict[UUID, str]) -> None:
    whose = names.get(case.pk, "other") if case else NOBODYS
    for name in sealed_fields(type(row)):
        label = f"{type(row).__name__}.{name}"
        if label in KEPT:
            marks.keep(label, whose, getattr(row, name))
        elif label == "DangerAssessment.answers":
            # Codes, not words: one of an item that is no longer asked is shown as it is.
            row.answers = {**row.answers, marks.mint(label, whose): "YES"}
        elif isinstance(type(row)._meta.get_field(name), SealedJSONField):
            setattr(row, name, _marked(getattr(row, name), marks, label, whose))
        elif isinstance(type(row)._meta.get_field(name), SealedBytesField):
            setattr(row, name, _file(marks.mint(label, whose), name))
        else:
            setattr(row, name, marks.mint(label, whose))
    row.save()


def _file(mark: str, kind: str) -> bytes:
    """A kept file that says the mark: one that others are bound together with must be whole."""
    if kind == "docx":
        book, file = Document(), BytesIO()
        book.add_paragraph(mark)
        book.save(file)
        return file.getvalue()
    if kind != "pdf":
        return mark.encode()
    return compile_pdf("archive_back", {"number": mark, "notes": [], "signed": []}, at=MONDAY)


def _marked(value: Any, marks: Marks, label: str, whose: str) -> Any:
    """The same shape with a mark in place of every word."""
    if isinstance(value, dict):
        return {key: _marked(one, marks, f"{label}[{key}]", whose) for key, one in value.items()}
    if isinstance(value, list):
        return [_marked(one, marks, label, whose) for one in value]
    return marks.mint(label, whose) if isinstance(value, str) else value


def open_columns() -> Iterator[tuple[str, str | bytes]]:
    """Every value that lies in the database in clear, with the column it lies in."""
    for model in apps.get_models(include_auto_created=True):
        sealed = sealed_fields(model)
        names = [field.attname for field in model._meta.concrete_fields if field.name not in sealed]
        # Raw, so that a column of bytes is read as bytes too.
        for row in model._default_manager.values_list(*names):
            for name, value in zip(names, row, strict=True):
                if isinstance(value, bytes | memoryview):
                    yield f"{model.__name__}.{name}", bytes(value)
                elif isinstance(value, str | dict | list):
                    yield f"{model.__name__}.{name}", str(value)
