"""Destroy what two people agreed to destroy, and leave the register.

No row is deleted, so that figures of past years and the chain of events stay what they were: every sealed value of
every row that hangs on the case is written over with nothing, and what finds it again — blind indexes, keyed bigrams —
goes with it. Left are numbers, dates, codes, units and who decided.
Source: 档案法 (2020) 第21条; 个人信息保护法 第19、47条.
"""

from collections import deque
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q

from cases.actions.archive.appraising import why_not_destroy
from cases.actions.archive.filing import check_stage
from cases.actions.archive.holding import locked
from cases.choices import ArchiveStage, ArchiveStep, Proposal
from cases.deadlines import china_date
from cases.models import (
    Appraisal,
    ArchiveFile,
    Case,
    Disposal,
    LedgerImport,
    Party,
    Person,
    Phone,
)
from cases.permissions.archive import why_not_judge_of
from cases.workflow import StepNotAllowed
from stations.models import Staff
from weiquan.sealing import SealedBytesField, SealedJSONField, SealedModel, SealedTextField

# The two opinions are the report by which it was destroyed.
LEFT: tuple[type[models.Model], ...] = (Appraisal,)
NOT_AGREED = "还没有两个人一致同意销毁。"
Sealed = SealedTextField | SealedJSONField | SealedBytesField


@transaction.atomic
def destroy(file: ArchiveFile, *, by: Staff, at: datetime) -> Disposal:
    """Carry out what two people agreed on, if nothing has come between.

    Raises StepNotAllowed.
    """
    now = locked(file)
    check_stage(ArchiveStep.DESTROY, now)
    appraisal = agreed_appraisal(now)
    if appraisal is None:
        raise StepNotAllowed(NOT_AGREED)
    if refusal := why_not_destroy(now, china_date(at)) or why_not_judge_of(by, now.case):
        raise StepNotAllowed(refusal)
    case = now.case
    case.record(ArchiveStep.DESTROY, by=by, at=at, facts={"file": now.number, "appraisal": str(appraisal.pk)})
    emptied = empty(case)
    Case.objects.filter(pk=case.pk).update(disposed_at=at)
    changes = {"stage": ArchiveStage.DESTROYED, "version": now.version + 1}
    ArchiveFile.objects.filter(pk=now.pk).update(**changes)
    return Disposal.objects.create(file=now, appraisal=appraisal, by=by, at=at, emptied=emptied)


def agreed_appraisal(file: ArchiveFile) -> Appraisal | None:
    """The latest opinion, where it says destroy and both said so."""
    latest = file.appraisals.order_by("-first_at", "-pk").first()
    agreed = latest is not None and latest.agreed and latest.proposal == Proposal.DESTROY
    return latest if agreed else None


def empty(case: Case) -> dict[str, int]:
    """Write nothing over every sealed value of the case and of people known by it alone; how many rows, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL weiquan.disposing = 'on'")
    emptied = {}
    for model, paths in ways_to_case().items():
        condition = Q()
        for path in paths:
            condition |= Q(**{path: case.pk})
        emptied[model.__name__] = _empty_rows(model._default_manager.filter(condition).distinct())
    alone = _known_by_it_alone(case)
    emptied["Person"] = _empty_rows(Person.objects.filter(pk__in=alone))
    emptied["Phone"] = _empty_rows(Phone.objects.filter(person__in=alone))
    uploads = LedgerImport.objects.filter(rows__case=case).distinct()
    emptied["LedgerImport"] = _empty_rows(uploads, ["file", "file_name"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL weiquan.disposing = 'off'")
    return {name: count for name, count in emptied.items() if count}


def _known_by_it_alone(case: Case) -> list[Any]:
    elsewhere = Party.objects.filter(person=OuterRef("pk"), case__disposed_at=None).exclude(case=case)
    return list(
        Person.objects.filter(~Exists(elsewhere), parties__case=case).values_list("pk", flat=True).distinct()
    )


def _empty_rows(rows: models.QuerySet[Any], only: list[str] | None = None) -> int:
    """Row by row: a sealed value is bound to its row."""
    names = only or sealed_names(rows.model)
    count = 0
    for row in rows.defer(*names).iterator(chunk_size=200):
        for name in names:
            setattr(row, name, _nothing(rows.model._meta.get_field(name)))
        row.save(update_fields=names)
        count += 1
    return count


def _nothing(field: Any) -> Any:
    if isinstance(field, SealedTextField):
        return ""
    if isinstance(field, SealedBytesField):
        return b""
    return field.get_default() if field.has_default() else {}


def sealed_names(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, Sealed)]


@cache
def ways_to_case() -> dict[type[models.Model], tuple[str, ...]]:
    """Every table with sealed values whose rows hang on a case, and the shortest ways there over its foreign keys.

    A table added later is reached without being named here; what is to stay has to be named in LEFT.
    """
    every = apps.get_app_config("cases").get_models()
    found: dict[type[models.Model], tuple[str, ...]] = {Case: ("pk",)}
    for model in every:
        hangs = model not in (*LEFT, Case) and issubclass(model, SealedModel) and sealed_names(model)
        if hangs and (ways := _shortest(model)):
            found[model] = ways
    return found


def _shortest(model: type[models.Model]) -> tuple[str, ...]:
    queue: deque[tuple[type[models.Model], tuple[str, ...]]] = deque([(model, ())])
    seen, depth = {model}, 0
    ways: list[str] = []
    while queue:
        here, way = queue.popleft()
        if ways and len(way) >= depth:
            break
        for field in here._meta.concrete_fields:
            target = field.related_model
            if not isinstance(target, type) or not issubclass(target, models.Model):
                continue
            if target is Case:
                ways.append("__".join((*way, field.name)))
                depth = len(way) + 1
            elif target._meta.app_label == "cases" and target not in seen:
                seen.add(target)
                queue.append((target, (*way, field.name)))
    return tuple(ways)
