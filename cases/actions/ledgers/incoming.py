"""A file of an old ledger on its way in: kept sealed, checked without effect, imported in batches, taken back whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from cases.actions.ledgers.old_case import OldCase, build, store
from cases.choices import ImportStatus, LedgerStep, PersonRole, RowState, Status
from cases.deadlines import china_date
from cases.models import (
    Case,
    Event,
    Holding,
    LedgerImport,
    LedgerImportRow,
    LedgerMemory,
    Party,
    Person,
    Phone,
)
from cases.models.ledger import LEASE
from cases.models.ledger import claim as claim_job
from cases.models.versioned import move
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff
from weiquan.prepared import insert
from weiquan.sealing import blind_index, sm3

BATCH = 200
# The same person within so many days of a case we have is probably the same visit.
NEAR = timedelta(days=3)
WHAT = "这次导入"
BEFORE = "这一行以前导入过，案号{}"


class Read(Protocol):
    """One row as the forms read it."""

    line: int
    values: dict[str, Any]
    faults: list[str]
    warnings: list[str]
    unknown: list[tuple[str, str]]

    @property
    def said(self) -> str: ...


@transaction.atomic
def keep_upload(
    data: bytes, *, name: str, sheets: Sequence[Mapping[str, Any]], by: Staff, at: datetime
) -> LedgerImport:
    """Keep the file as it came. The same file is not taken a second time while its cases stand.

    Raises StepNotAllowed.
    """
    assert by.organisation is not None  # noqa: S101 – whoever may import belongs to a unit
    digest = sm3(data)
    twin = LedgerImport.objects.filter(
        unit=by.organisation, digest=digest, status__in=(*ImportStatus.at_work, ImportStatus.DONE)
    ).first()
    if twin is not None:
        raise StepNotAllowed(f"这个文件已于{china_date(twin.at).isoformat()}上传并导入，不能重复导入。")
    return LedgerImport.objects.create(
        unit=by.organisation, by=by, at=at, file_name=name, file=data, digest=digest, outline=list(sheets)
    )


def memory_of(unit: Organisation) -> LedgerMemory:
    return LedgerMemory.objects.filter(unit=unit).first() or LedgerMemory(unit=unit, titles={}, words={})


def _memory_held(unit: Organisation) -> LedgerMemory:
    """Its row, made if need be and held, so that of two who say something at once both are remembered."""
    row, _ = LedgerMemory.objects.get_or_create(unit=unit, defaults={"titles": {}, "words": {}})
    return LedgerMemory.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)


@transaction.atomic
def order_check(
    upload: LedgerImport,
    *,
    sheet: int,
    mapping: dict[str, int],
    anonymous_ok: bool,
    known_too: bool,
    default_year: int | None,
) -> None:
    """Say what each column is, and have the rows read anew; remembered for the unit's next file.

    Raises StepNotAllowed, MovedOn.
    """
    _must_be(upload, *ImportStatus.undecided)
    titles = next(one["titles"] for one in upload.outline if one["index"] == sheet)
    memory = _memory_held(upload.unit)
    memory.titles = memory.titles | {titles[at]: code for code, at in mapping.items() if titles[at]}
    memory.save()
    told = {"anonymous_ok": anonymous_ok, "known_too": known_too, "default_year": default_year}
    _restart_check(upload, sheet=sheet, mapping=mapping, words=upload.words or memory.words, **told)


@transaction.atomic
def map_words(upload: LedgerImport, words: Mapping[str, Mapping[str, str]]) -> None:
    """Say what words mean that stand on no list; remembered, and the rows read anew.

    Raises StepNotAllowed, MovedOn.
    """
    _must_be(upload, ImportStatus.CHECKED)
    memory = _memory_held(upload.unit)
    merged = {
        code: {**memory.words.get(code, {}), **upload.words.get(code, {}), **words.get(code, {})}
        for code in {*memory.words, *upload.words, *words}
    }
    memory.words = merged
    memory.save()
    _restart_check(upload, words=merged)


def _restart_check(upload: LedgerImport, **changes: Any) -> None:
    fresh = {"status": ImportStatus.CHECKING, "leased_until": None, "total": 0, "done": 0, "failure": ""}
    move(upload, changes | fresh, what=WHAT)


def _must_be(upload: LedgerImport, *statuses: str) -> None:
    if upload.status not in statuses:
        raise StepNotAllowed(f"这次导入现在是“{upload.get_status_display()}”，请看最新情况后再办。")


@transaction.atomic
def order_import(upload: LedgerImport, *, by: Staff, at: datetime) -> None:
    """Let what is good come in. Raises StepNotAllowed, MovedOn."""
    _must_be(upload, ImportStatus.CHECKED)
    good = upload.rows.filter(state=RowState.GOOD).count()
    if not good:
        raise StepNotAllowed("没有可以导入的行，请先改好再上传。")
    changes = {"status": ImportStatus.IMPORTING, "leased_until": None, "total": good, "done": 0}
    move(upload, changes | {"imported_at": at, "imported_by": by}, what=WHAT)


@transaction.atomic
def drop(upload: LedgerImport) -> None:
    """Not imported after all: what was read is forgotten. Raises StepNotAllowed, MovedOn."""
    _must_be(upload, *ImportStatus.undecided)
    upload.rows.all().delete()
    move(upload, {"status": ImportStatus.DROPPED, "file": b"", "unknown": {}}, what=WHAT)


@transaction.atomic
def order_taking_back(upload: LedgerImport, *, by: Staff, at: datetime) -> None:
    """Raises StepNotAllowed, MovedOn."""
    _must_be(upload, ImportStatus.DONE)
    if refusal := why_not_take_back(upload):
        raise StepNotAllowed(refusal)
    changes = {"status": ImportStatus.TAKING_BACK, "leased_until": None, "failure": "", "done": 0}
    move(upload, changes | {"taken_back_at": at, "taken_back_by": by}, what=WHAT)


def why_not_take_back(upload: LedgerImport) -> str:
    worked = _worked_on(upload)
    if not worked:
        return ""
    return f"已有{worked}件导入的案件在这之后办理过，不能整批撤销。请逐件申请作废。"


def _worked_on(upload: LedgerImport) -> int:
    """Whose chain grew since it was imported."""
    rows = upload.rows.exclude(case=None).values_list("seq", "case__seq")
    return sum(1 for then, now in rows if then != now)


def claim(status: ImportStatus) -> LedgerImport | None:
    return claim_job(LedgerImport.objects.filter(status=status))


def _progress(upload: LedgerImport, **changes: Any) -> bool:
    """Keep the lease and say how far it is; false where somebody else has gone on with it."""
    mine = LedgerImport.objects.filter(pk=upload.pk, status=upload.status)
    return bool(mine.update(leased_until=Now() + LEASE, **changes))


def keep_check(upload: LedgerImport, read: Iterable[Read], *, total: int, at: datetime) -> None:
    """Write down what was read and what is wrong with it. Begun again it forgets what an earlier try wrote."""
    upload.rows.all().delete()
    _progress(upload, total=total, done=0)
    seen: dict[bytes, int] = {}
    unknown: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    done = 0
    rows = iter(read)
    while batch := list(islice(rows, BATCH)):
        prints = [blind_index(f"ledger row of {upload.unit_id}", row.said) for row in batch]
        earlier, known = _earlier(upload, prints), _known(upload, batch)
        kept = []
        for row, own in zip(batch, prints, strict=True):
            for code, word in row.unknown:
                unknown[code][word] += 1
            state = _judge(row, upload, seen.get(own), earlier.get(own), known.get(row.line, ""))
            seen.setdefault(own, row.line)
            kept.append(_kept(upload, row, own, state))
        insert(kept)
        done += len(batch)
        if not _progress(upload, done=done):
            return
    plain = {code: dict(words) for code, words in unknown.items()}
    _finish_check(upload, plain, at)


def _kept(upload: LedgerImport, row: Read, own: bytes, state: RowState) -> LedgerImportRow:
    return LedgerImportRow(
        upload=upload,
        line=row.line,
        values=row.values,
        faults=row.faults,
        warnings=row.warnings,
        warned=bool(row.warnings),
        state=state,
        fingerprint=own,
    )


def _finish_check(upload: LedgerImport, unknown: dict[str, dict[str, int]], at: datetime) -> None:
    upload.refresh_from_db(fields=["version", "status"])
    if upload.status == ImportStatus.CHECKING:
        changes = {"status": ImportStatus.CHECKED, "checked_at": at, "leased_until": None, "unknown": unknown}
        move(upload, changes, what=WHAT)


def _judge(row: Read, upload: LedgerImport, twin: int | None, before: str | None, known: str) -> RowState:
    """Wrong comes before repeated, repeated before known."""
    if row.faults:
        return RowState.BAD
    if twin is not None:
        row.warnings.append(f"与第{twin}行相同，只导入一次")
        return RowState.REPEATED
    if before is not None:
        row.warnings.append(BEFORE.format(before))
        return RowState.REPEATED
    if known:
        row.warnings.append(f"可能已经登记过：{known}")
        return RowState.GOOD if upload.known_too else RowState.KNOWN
    return RowState.GOOD


def _earlier(upload: LedgerImport, prints: list[bytes]) -> dict[bytes, str]:
    """Rows of this unit that say the same and whose case stands, whatever file they came in."""
    rows = LedgerImportRow.objects.filter(
        fingerprint__in=prints, upload__unit=upload.unit_id, case__isnull=False
    ).exclude(case__status=Status.VOID)
    return {bytes(own): number for own, number in rows.values_list("fingerprint", "case__number")}


def _known(upload: LedgerImport, batch: Sequence[Read]) -> dict[int, str]:
    """By line, the number of a case the importer sees that is probably the same: the number itself, or the same
    person about the same day. A few questions for the whole batch."""
    told = [row.values for row in batch if "received" in row.values]
    if not told:
        return {}
    cases = Case.objects.visible_to(upload.by).exclude(status=Status.VOID)
    cases = cases.filter(import_row=None)
    numbers = {dict(one["kept"]).get("原编号", "") for one in told} - {""}
    by_number = set(cases.filter(number__in=numbers).values_list("number", flat=True))
    days = [datetime.fromisoformat(one["received"]).date() for one in told]
    people = _people(told, cases, min(days) - NEAR, max(days) + NEAR)
    found: dict[int, str] = {}
    for row in batch:
        own = dict(row.values.get("kept", ())).get("原编号", "")
        if own in by_number:
            found[row.line] = f"案号{own}"
        elif near := _near(row.values, people):
            found[row.line] = f"案号{near}，同一人，日期相近"
    return found


def _near(values: Mapping[str, Any], people: Mapping[bytes, list[tuple[date, str]]]) -> str:
    if "received" not in values:
        return ""
    on = datetime.fromisoformat(values["received"]).date()
    for key in _keys(values):
        for day, number in people.get(key, ()):
            if abs(day - on) <= NEAR:
                return number
    return ""


def _keys(values: Mapping[str, Any]) -> list[bytes]:
    """The indexes of what she can be known by: ID number and telephones; her name only where there is neither."""
    ids = [blind_index("id_number", values["id_number"])] if values.get("id_number") else []
    phones = [blind_index("phone", number) for number in values.get("phones", ())]
    named = values.get("name") and not (ids or phones)
    return [*ids, *phones, *([blind_index("name", values["name"])] if named else [])]


def _people(
    told: Sequence[Mapping[str, Any]], cases: Any, since: date, until: date
) -> dict[bytes, list[tuple[date, str]]]:
    keys = {key for values in told for key in _keys(values)}
    persons: dict[UUID, set[bytes]] = defaultdict(set)
    for field in ("id_number_index", "name_index"):
        for pk, own in Person.objects.filter(**{f"{field}__in": keys}).values_list("pk", field):
            persons[pk].add(bytes(own))
    for pk, own in Phone.objects.filter(number_index__in=keys).values_list("person_id", "number_index"):
        persons[pk].add(bytes(own))
    parties = Party.objects.filter(person__in=persons, case__in=cases).exclude(role=PersonRole.RESPONDENT)
    found: dict[bytes, list[tuple[date, str]]] = defaultdict(list)
    rows = parties.filter(case__received_at__date__range=(since, until))
    for pk, received, number in rows.values_list("person_id", "case__received_at", "case__number"):
        for own in persons[pk]:
            found[own].append((china_date(received), number))
    return found


def import_rows(upload: LedgerImport, *, at: datetime) -> None:
    """Import what is good, batch by batch. Each batch is one transaction in which every row learns its case, so that
    whoever goes on after a dead worker imports nothing twice."""
    while _import_batch(upload, at):
        pass
    LedgerImport.objects.filter(pk=upload.pk, status=ImportStatus.IMPORTING).update(
        status=ImportStatus.DONE, leased_until=None
    )
    upload.refresh_from_db(fields=["status"])


@transaction.atomic
def _import_batch(upload: LedgerImport, at: datetime) -> int:
    """How many rows were gone through. The unit's imports take turns, so that two files, or two workers, do not bring
    the same row in at the same moment."""
    LedgerMemory.objects.select_for_update(no_key=True).only("pk").get(unit=upload.unit_id)
    status = LedgerImport.objects.values_list("status", flat=True).get(pk=upload.pk)
    if status != ImportStatus.IMPORTING:
        return 0
    rows = list(upload.rows.filter(state=RowState.GOOD, case=None).order_by("line")[:BATCH])
    if fresh := _still_new(upload, rows):
        by = upload.imported_by
        assert by is not None  # noqa: S101 – set when the import was ordered
        built: list[OldCase] = [build(row, upload, by=by, at=at) for row in fresh]
        store(built, by=by, at=at)
        for row, made in zip(fresh, built, strict=True):
            row.case, row.seq = made.case, made.case.seq
        LedgerImportRow.objects.bulk_update(fresh, ["case", "seq"])
    _progress(upload, done=upload.rows.exclude(case=None).count())
    return len(rows)


def _still_new(upload: LedgerImport, rows: list[LedgerImportRow]) -> list[LedgerImportRow]:
    """Without those that came in with another file since this one was checked."""
    earlier = _earlier(upload, [bytes(row.fingerprint) for row in rows])
    for row in rows:
        if number := earlier.get(bytes(row.fingerprint)):
            row.state, row.warnings = RowState.REPEATED, [*row.warnings, BEFORE.format(number)]
            row.save(update_fields=["state", "warnings"])
    return [row for row in rows if row.state == RowState.GOOD]


def take_back(upload: LedgerImport, *, at: datetime) -> None:
    """Void every case of the import, or none: one that has been worked on since keeps them all.

    The rows stay, and so does the history; the numbers are not used again.
    """
    with transaction.atomic():
        cases = list(
            Case.objects.select_for_update(of=("self",), no_key=True)
            .filter(import_row__upload=upload)
            .defer("label", "query_code")
            .order_by("pk")
        )
        if refusal := why_not_take_back(upload):
            LedgerImport.objects.filter(pk=upload.pk).update(
                status=ImportStatus.DONE,
                failure=refusal,
                leased_until=None,
                taken_back_at=None,
                taken_back_by=None,
            )
            return
        for start in range(0, len(cases), BATCH):
            _void(cases[start : start + BATCH], upload, at)
        LedgerImport.objects.filter(pk=upload.pk).update(
            status=ImportStatus.TAKEN_BACK, leased_until=None, done=len(cases)
        )


def _void(cases: list[Case], upload: LedgerImport, at: datetime) -> None:
    by = upload.taken_back_by
    assert by is not None  # noqa: S101 – set when taking back was ordered
    events = []
    for case in cases:
        event = Event.after(
            case,
            step=LedgerStep.UNDO,
            by=by,
            at=at,
            role="",
            from_status=case.status,
            to_status=Status.VOID,
            facts={"import": str(upload.pk)},
            note="",
        )
        case.status, case.ended_at, case.ended_by = Status.VOID, at, by
        case.seq = case.moved_seq = event.seq
        case.head = event.hash
        events.append(event)
    insert(events)
    Case.objects.bulk_update(cases, ["status", "ended_at", "ended_by", "seq", "moved_seq", "head"])
    Holding.objects.filter(case__in=cases, until_at=None).update(until_at=at)


def tally(upload: LedgerImport) -> dict[str, int]:
    """The figures of the report: rows by state, and how many of them come with a warning."""
    counted = upload.rows.aggregate(
        total=Count("pk"),
        warned=Count("pk", filter=Q(state=RowState.GOOD, warned=True)),
        **{state.name.lower(): Count("pk", filter=Q(state=state)) for state in RowState},
    )
    return dict(counted)
