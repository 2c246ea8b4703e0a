"""An old ledger coming in: checked without effect, imported once, taken back whole."""

import os
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cases import tasks
from cases.actions import handling
from cases.actions.evidence import verify_chains
from cases.actions.guarding.secrecy import must_be_sealed
from cases.actions.ledgers import incoming
from cases.actions.promises import check_promises
from cases.choices import HandlingMethod, ImportStatus, LedgerStep, RowState, SecretLevel, Status
from cases.models import (
    Case,
    Clock,
    LedgerImport,
    LedgerImportRow,
    LedgerMemory,
    Notice,
    Person,
    PromiseCheck,
)
from cases.models.case import MovedOn
from cases.workflow import StepNotAllowed
from stations.actions.ties import declare_tie
from stations.choices import TieKind
from stations.models import Staff
from tests.cases.ledgers.messy import EVERY, expected, messy_ledger, row_with, small_ledger
from tests.cases.ledgers.test_books import rows_of, told
from tests.cast import CHINA, MONDAY
from tests.factories import ID_NUMBER, make_case

LATER = MONDAY + timedelta(hours=1)
# A whole ledger with LEDGER_ROWS=10000; a multiple of 50.
ROWS = int(os.environ.get("LEDGER_ROWS", "200"))


@pytest.fixture(autouse=True)
def _today(clock):
    clock.at = LATER


def client_of(user: Staff) -> Client:
    client = Client()
    client.force_login(user, backend="stations.backends.StaffBackend")
    return client


def sent(client: Client, data: bytes, name: str = "旧台账.xlsx"):
    return client.post(reverse("ledger_imports"), {"file": SimpleUploadedFile(name, data)})


def do(client: Client, upload: LedgerImport, step: str, **typed):
    return client.post(reverse("ledger_import_do", args=[upload.pk, step]), typed)


def page(client: Client, upload: LedgerImport, **asked):
    return client.get(reverse("ledger_import", args=[upload.pk]), asked)


def columns(client: Client, upload: LedgerImport) -> dict[str, str]:
    """The form of columns as the page proposes it."""
    form = page(client, upload, columns="1").context["form"]
    return {name: str(form[name].value() or "") for name in form.fields if form[name].value()}


def checked(user: Staff, data: bytes, **how) -> LedgerImport:
    """Uploaded, mapped as proposed, and gone through by the worker."""
    client = client_of(user)
    answer = sent(client, data)
    assert answer.status_code == 302, answer.content.decode()
    upload = LedgerImport.objects.latest("at", "pk")
    assert do(client, upload, "map", **(columns(client, upload) | how)).status_code == 302
    tasks.work_on_ledgers()
    upload = LedgerImport.objects.get(pk=upload.pk)
    assert upload.status == ImportStatus.CHECKED
    return upload


def imported(user: Staff, data: bytes, **how) -> LedgerImport:
    upload = checked(user, data, **how)
    do(client_of(user), upload, "import")
    tasks.work_on_ledgers()
    return LedgerImport.objects.get(pk=upload.pk)


def only_row(upload: LedgerImport) -> LedgerImportRow:
    return upload.rows.get()


def test_a_messy_ledger_is_read_to_the_row(cast):
    count = ROWS
    upload = checked(cast.head, messy_ledger(count), default_year="2025")

    assert incoming.tally(upload) == expected(count)
    assert not Case.objects.exists(), "a dry run does nothing"
    faults = {row.line: row.faults for row in upload.rows.filter(state=RowState.BAD)}
    assert faults[5] == ["身份证号最后一位校验不符，可能有一位抄错了"]
    assert upload.rows.get(line=12).warnings == ["与第11行相同，只导入一次"]
    assert upload.unknown == {"category": {"邻里口角": count // EVERY}}


def test_only_what_is_good_comes_in_and_each_row_knows_its_case(cast):
    count = ROWS
    upload = imported(cast.head, messy_ledger(count), default_year="2025")

    good = expected(count)["good"]
    assert (upload.status, upload.done, Case.objects.count()) == (ImportStatus.DONE, good, good)
    row = upload.rows.get(line=4)
    event = row.case.events.get()
    assert (event.step, event.by_id) == (LedgerStep.IMPORT, cast.head.pk)
    assert event.facts == {"import": str(upload.pk), "sheet": 0, "line": 4}
    assert upload.rows.filter(case=None, state=RowState.GOOD).count() == 0
    assert upload.rows.exclude(state=RowState.GOOD).exclude(case=None).count() == 0


def test_an_imported_case_is_what_the_row_says(cast):
    upload = imported(cast.head, small_ledger(row_with(0, persons=6, form="来访")))

    case = only_row(upload).case
    assert (case.status, case.outcome, case.holder, case.owner) == (
        Status.CLOSED,
        "MEDIATED",
        cast.station,
        cast.head,
    )
    assert case.number == "410423101-2025-F-00001"
    assert case.received_at == datetime(2025, 1, 2, tzinfo=CHINA)
    assert (case.registered_at, case.ended_at) == (LATER, datetime(2025, 1, 11, tzinfo=CHINA))
    assert (case.form, case.label) == ("GROUP", "祝某某等6人")
    row = told("REGISTER", rows_of("REGISTER", cast.head, opened=True, since_2025=True)[0])
    assert (row["姓名"], row["联系电话"], row["被反映人及关系"]) == ("祝冬一", "13900000000", "秦大勇")
    assert row["备注"] == "由旧台账导入"
    assert row["住址"] == "", "where she lives is on no list"
    assert "接待人：单秀英" in row["办理情况"]


def test_nothing_runs_and_nobody_is_told(cast):
    imported(cast.head, small_ledger(row_with(0), row_with(1, result="正在办理", ended="")))

    assert not Clock.objects.exists()
    assert not Notice.objects.exists()
    assert sorted(Case.objects.values_list("status", flat=True)) == [Status.CLOSED, Status.HANDLING]


def test_an_open_one_can_be_worked_on_and_breaks_no_promise(cast):
    imported(cast.head, small_ledger(row_with(1, result="", ended="")))
    case = Case.objects.get()

    check_promises(LATER)
    handling.record_handling(
        case, method=HandlingMethod.EXPLAIN, happened_at=LATER, content="又谈了一次", by=cast.head, at=LATER
    )

    broken = PromiseCheck.objects.latest("pk").found
    assert broken == {}
    assert list(verify_chains()) == []


def test_a_letter_of_many_and_somebody_nameless(cast):
    imported(
        cast.head,
        small_ledger(
            row_with(0, form="来信", persons=8),
            row_with(1, name="", id_number="", phone="", address="", sex=""),
        ),
        anonymous_ok="on",
    )

    forms = dict(Case.objects.values_list("form", "label"))
    assert set(forms) == {"JOINT_LETTER", "ANONYMOUS"}
    assert "匿名" in [case.label for case in Case.objects.all()]


def test_a_row_without_anything_to_keep_and_without_a_respondent(cast):
    head = ("登记日期", "姓名", "反映问题")
    upload = imported(cast.head, small_ledger(["2025-3-8", "祝冬雪", "某事"], head=head))

    case = only_row(upload).case
    assert (case.status, case.category, case.handling.count(), case.parties.count()) == (
        Status.HANDLING,
        "GEN_OTHER",
        0,
        1,
    )


def test_harm_to_a_child_is_sealed_on_arrival(cast):
    imported(cast.head, small_ledger(row_with(0, category="性侵害")))

    case = Case.objects.get()
    assert must_be_sealed(categories=(case.category,))
    assert (case.secrecy, case.involves_minor) == (SecretLevel.MINOR_SEALED, True)
    assert rows_of("REGISTER", cast.clerk2, since_2025=True) == []


def test_a_case_about_one_of_us_is_kept_from_her(cast):
    declare_tie(cast.clerk2, kind=TieKind.SPOUSE, name="秦某", id_number="", phone="13900000000", at=MONDAY)

    imported(cast.head, small_ledger(row_with(0), row_with(1)))

    assert [bar.case.parties.count() for bar in cast.clerk2.bars.all()] == [2]
    assert Case.objects.visible_to(cast.clerk2).count() == 1


def test_a_second_file_brings_nothing_twice(cast):
    imported(cast.head, small_ledger(row_with(0), row_with(1)))

    again = checked(cast.head, small_ledger(row_with(1), row_with(2)))

    states = dict(again.rows.values_list("line", "state"))
    assert states == {2: RowState.REPEATED, 3: RowState.GOOD}
    assert "以前导入过，案号410423101-2025-X-00001" in again.rows.get(line=2).warnings[0]


def test_two_files_checked_before_either_came_in_bring_one_case(cast):
    one = checked(cast.head, small_ledger(row_with(0)))
    other = checked(cast.head, small_ledger(row_with(0), row_with(1)))
    for upload in (one, other):
        incoming.order_import(upload, by=cast.head, at=LATER)
    tasks.work_on_ledgers()

    assert Case.objects.count() == 2
    row = other.rows.get(line=2)
    assert (row.state, row.case) == (RowState.REPEATED, None)
    assert "以前导入过" in row.warnings[-1]


def test_the_same_file_is_not_taken_twice(cast):
    data = small_ledger(row_with(0))
    imported(cast.head, data)

    answer = sent(client_of(cast.head), data)

    assert answer.status_code == 422
    assert "这个文件已于2026-11-16上传并导入" in answer.content.decode()


KNOWN = {
    "by ID number": {"id_number": ID_NUMBER, "phone": "", "name": "祝冬雪", "received": "2026-11-14"},
    "by telephone": {"id_number": "", "phone": "13900000001", "name": "祝女士", "received": "2026-11-16"},
}


@pytest.mark.parametrize("how", KNOWN)
def test_whoever_was_here_the_other_day_is_probably_known(cast, how):
    case = make_case(cast)

    upload = checked(cast.head, small_ledger(row_with(0, ended="", **KNOWN[how])))

    row = only_row(upload)
    assert row.state == RowState.KNOWN
    assert row.warnings == [f"可能已经登记过：案号{case.number}，同一人，日期相近"]


def test_a_name_alone_is_enough_where_nothing_else_is_written(cast):
    make_case(cast)
    row = row_with(0, name="祝冬雪", id_number="", phone="", received="2026-11-16", ended="")

    assert only_row(checked(cast.head, small_ledger(row))).state == RowState.KNOWN


def test_a_case_number_of_ours_is_known(cast):
    case = make_case(cast)

    row = only_row(checked(cast.head, small_ledger(row_with(0, serial=case.number))))

    assert row.warnings == [f"可能已经登记过：案号{case.number}"]


def test_known_ones_come_in_where_that_is_wanted(cast):
    make_case(cast)
    row = row_with(0, ended="", **KNOWN["by ID number"])

    assert only_row(checked(cast.head, small_ledger(row), known_too="on")).state == RowState.GOOD


def test_long_ago_and_out_of_sight_is_not_known(cast):
    make_case(cast, unit=cast.far_station)
    assert (
        only_row(checked(cast.head, small_ledger(row_with(0, ended="", **KNOWN["by ID number"])))).state
        == RowState.GOOD
    )
    make_case(cast)
    row = row_with(1, **(KNOWN["by ID number"] | {"received": "2026-11-01", "ended": ""}))
    assert only_row(checked(cast.head, small_ledger(row))).state == RowState.GOOD


def test_rows_without_a_day_ask_after_nobody(cast):
    upload = checked(cast.head, small_ledger(row_with(0, received="")))

    assert only_row(upload).state == RowState.BAD
    both = checked(cast.head, small_ledger(row_with(0, received=""), row_with(1)))
    assert sorted(both.rows.values_list("state", flat=True)) == [RowState.BAD, RowState.GOOD]


def test_words_are_mapped_once_and_remembered(cast):
    upload = checked(cast.head, small_ledger(row_with(0, category="邻里口角", form="捎话")))
    client = client_of(cast.head)
    assert "邻里口角" in page(client, upload).content.decode()

    do(client, upload, "words", category_0="MAR_DISPUTE")
    tasks.work_on_ledgers()
    do(client, LedgerImport.objects.get(), "words", form_0="VISIT")
    tasks.work_on_ledgers()

    assert only_row(upload).state == RowState.GOOD
    assert LedgerMemory.objects.get().words == {
        "category": {"邻里口角": "MAR_DISPUTE"},
        "form": {"捎话": "VISIT"},
    }
    other = checked(cast.head, small_ledger(row_with(1, category="邻里口角")))
    assert only_row(other).state == RowState.GOOD


def test_a_code_that_is_on_no_list_is_refused(cast):
    upload = checked(cast.head, small_ledger(row_with(0, category="邻里口角")))

    assert do(client_of(cast.head), upload, "words", category_0="NONSENSE").status_code == 422


def test_columns_are_remembered_for_the_unit(cast):
    head = ("登记日期", "户主名", "反映问题", "电话")
    client = client_of(cast.head)
    sent(client, small_ledger(["2025-3-8", "祝冬雪", "某事", ""], head=head))
    upload = LedgerImport.objects.get()
    do(client, upload, "map", is_received="0", is_name="1", is_facts="2")

    sent(client, small_ledger(["2025-3-9", "祝春雪", "某事", ""], head=head))

    assert columns(client, LedgerImport.objects.latest("at", "pk"))["is_name"] == "1"


def test_two_targets_cannot_be_one_column(cast):
    client = client_of(cast.head)
    sent(client, small_ledger(row_with(0)))

    answer = do(client, LedgerImport.objects.get(), "map", is_received="1", is_facts="1")

    assert answer.status_code == 422
    assert "“登记日期”和“反映问题”选了同一列" in answer.content.decode()


def test_a_dead_worker_at_the_check_is_followed_by_another(cast, monkeypatch):
    client = client_of(cast.head)
    sent(client, messy_ledger(60))
    upload = LedgerImport.objects.get()
    monkeypatch.setattr(incoming, "BATCH", 7)
    typed = columns(client, upload) | {"default_year": "2025"}
    do(client, upload, "map", **typed)
    real, calls = incoming._progress, []

    def dies(*args, **kwargs):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(incoming, "_progress", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.work_on_ledgers()
    assert 0 < upload.rows.count() < 60
    monkeypatch.setattr(incoming, "_progress", real)
    LedgerImport.objects.update(leased_until=Now() - timedelta(seconds=1))
    tasks.work_on_ledgers()

    assert incoming.tally(upload) == expected(60)


def test_a_dead_worker_at_the_import_leaves_nothing_twice_and_nothing_out(cast, monkeypatch):
    monkeypatch.setattr(incoming, "BATCH", 7)
    upload = checked(cast.head, messy_ledger(60), default_year="2025")
    do(client_of(cast.head), upload, "import")
    real, calls = incoming.store, []

    def dies(*args, **kwargs):
        calls.append(1)
        real(*args, **kwargs)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(incoming, "store", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.work_on_ledgers()
    assert Case.objects.count() == 14, "the third batch was taken back with its transaction"
    monkeypatch.setattr(incoming, "store", real)
    assert incoming.claim(ImportStatus.IMPORTING) is None, "the dead one still holds it"
    LedgerImport.objects.update(leased_until=Now() - timedelta(seconds=1))
    tasks.work_on_ledgers()

    good = expected(60)["good"]
    assert (Case.objects.count(), LedgerImport.objects.get().status) == (good, ImportStatus.DONE)


def test_two_workers_at_once_take_turns(cast):
    upload = checked(cast.head, messy_ledger(60), default_year="2025")
    do(client_of(cast.head), upload, "import")
    one, other = LedgerImport.objects.get(), LedgerImport.objects.get()

    incoming.import_rows(one, at=LATER)
    incoming.import_rows(other, at=LATER)

    assert Case.objects.count() == expected(60)["good"]


def test_a_check_that_was_overtaken_stops(cast):
    client = client_of(cast.head)
    sent(client, small_ledger(row_with(0)))
    upload = LedgerImport.objects.get()
    do(client, upload, "map", **columns(client, upload))
    slow = LedgerImport.objects.get()
    LedgerImport.objects.update(status=ImportStatus.DROPPED)

    tasks.check_import(slow, at=LATER)
    incoming._finish_check(slow, {}, LATER)

    assert LedgerImport.objects.get().status == ImportStatus.DROPPED


def test_all_of_it_can_be_taken_back(cast):
    upload = imported(cast.head, small_ledger(row_with(0), row_with(1, result="", ended="")))
    do(client_of(cast.head), upload, "back")
    tasks.work_on_ledgers()

    upload = LedgerImport.objects.get()
    assert upload.status == ImportStatus.TAKEN_BACK
    assert set(Case.objects.values_list("status", flat=True)) == {Status.VOID}
    assert {case.events.latest("seq").step for case in Case.objects.all()} == {LedgerStep.UNDO}
    assert list(verify_chains()) == []
    again = imported(cast.head, small_ledger(row_with(0), row_with(1, result="", ended="")))
    assert again.rows.exclude(case=None).count() == 2, "and brought in again"


def worked_on(cast) -> None:
    case = Case.objects.filter(status=Status.HANDLING).get()
    handling.record_handling(
        case, method=HandlingMethod.EXPLAIN, happened_at=LATER, content="谈了", by=cast.head, at=LATER
    )


def test_what_has_been_worked_on_keeps_the_whole_import(cast):
    upload = imported(cast.head, small_ledger(row_with(0), row_with(1, result="", ended="")))
    worked_on(cast)

    answer = do(client_of(cast.head), upload, "back")

    assert answer.status_code == 302
    assert "已有1件导入的案件在这之后办理过" in page(client_of(cast.head), upload).content.decode()
    assert not Case.objects.filter(status=Status.VOID).exists()


def test_worked_on_between_the_button_and_the_worker(cast):
    upload = imported(cast.head, small_ledger(row_with(0), row_with(1, result="", ended="")))
    do(client_of(cast.head), upload, "back")
    worked_on(cast)
    tasks.work_on_ledgers()

    upload = LedgerImport.objects.get()
    assert (upload.status, upload.taken_back_by) == (ImportStatus.DONE, None)
    assert "不能整批撤销" in upload.failure
    assert not Case.objects.filter(status=Status.VOID).exists()


def test_what_is_dropped_is_forgotten(cast):
    upload = checked(cast.head, small_ledger(row_with(0)))

    do(client_of(cast.head), upload, "drop")

    upload = LedgerImport.objects.get()
    assert (upload.status, bytes(upload.file), upload.rows.count()) == (ImportStatus.DROPPED, b"", 0)
    assert "已放弃这次导入" in page(client_of(cast.head), upload).content.decode()


def test_nothing_good_is_nothing_to_import(cast):
    upload = checked(cast.head, small_ledger(row_with(0, facts="")))

    with pytest.raises(StepNotAllowed, match="没有可以导入的行"):
        incoming.order_import(upload, by=cast.head, at=LATER)


def test_the_slower_of_two_people_is_told(cast):
    upload = checked(cast.head, small_ledger(row_with(0)))
    older = LedgerImport.objects.get()
    incoming.order_import(upload, by=cast.head, at=LATER)

    with pytest.raises(MovedOn):
        incoming.order_import(older, by=cast.head, at=LATER)
    with pytest.raises(StepNotAllowed, match="现在是“正在导入”"):
        incoming.drop(upload)


def test_the_report_names_lines_and_nobody(cast):
    upload = checked(cast.head, messy_ledger(100), default_year="2025")

    answer = client_of(cast.head).get(reverse("ledger_import_report", args=[upload.pk]))

    from io import BytesIO

    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    told = expected(100)
    body = rows[3 : 3 + told["bad"] + told["repeated"]]
    assert [row[0] for row in body[:2]] == [5, 6]
    assert body[0][1:] == ["有错，不导入", "身份证号最后一位校验不符，可能有一位抄错了"]
    assert rows[3 + len(body)][0].startswith("行号是原文件中的行号")
    assert "祝冬" not in str(rows)


def test_progress_is_seen_with_and_without_script(cast):
    client = client_of(cast.head)
    sent(client, small_ledger(row_with(0)))
    upload = LedgerImport.objects.get()
    do(client, upload, "map", **columns(client, upload))

    whole = page(client, upload).content.decode()
    part = client.get(reverse("ledger_import", args=[upload.pk]), headers={"HX-Request": "true"})
    tasks.work_on_ledgers()
    done = client.get(reverse("ledger_import", args=[upload.pk]), headers={"HX-Request": "true"})

    assert "正在核对" in whole
    assert "<html" in whole
    assert "正在核对" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert done["HX-Refresh"] == "true"


def test_another_sheet_can_be_chosen(cast):
    from io import BytesIO

    import xlsxwriter

    file = BytesIO()
    with xlsxwriter.Workbook(file) as made:
        for name, rows in (("甲", 1), ("乙", 3)):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, ["登记日期", "姓名", "反映问题"])
            for number in range(rows):
                sheet.write_row(1 + number, 0, ["2025-3-8", f"祝{number}", f"{name}{number}"])
    client = client_of(cast.head)
    sent(client, file.getvalue())
    upload = LedgerImport.objects.get()

    assert page(client, upload).context["sheet"]["name"] == "乙"
    assert page(client, upload, sheet="0", columns="1").context["sheet"]["name"] == "甲"
    do(client, upload, "map", sheet="0", is_received="0", is_name="1", is_facts="2")
    tasks.work_on_ledgers()
    assert upload.rows.count() == 1
    assert page(client, upload, columns="1").context["sheet"]["name"] == "甲"


@pytest.mark.parametrize(
    ("name", "data"), [("a.xlsx", b"not a book"), ("b.xls", b""), ("c.xlsx", b"PK\x03\x04")]
)
def test_a_bad_file_gets_a_sentence_on_the_page(cast, name, data):
    answer = sent(client_of(cast.head), data, name)

    assert answer.status_code == 422
    assert "wq-errors" in answer.content.decode()
    assert not LedgerImport.objects.exists()


def test_a_file_too_big_is_not_read(cast, monkeypatch):
    monkeypatch.setattr("cases.forms.ledgers.incoming.MOST_BYTES", 10)

    assert "文件超过0兆" in sent(client_of(cast.head), small_ledger(row_with(0))).content.decode()


def test_nobody_imports_for_another_unit(cast):
    upload = checked(cast.head, small_ledger(row_with(0)))

    for person, status in (
        (cast.clerk, 403),
        (cast.other_head, 404),
        (cast.officer, 404),
        (cast.liaison, 403),
    ):
        assert page(client_of(person), upload).status_code == status
        assert do(client_of(person), upload, "import").status_code == status
    assert do(client_of(cast.head), upload, "nonsense").status_code == 404


def test_an_address_of_an_old_ledger_is_kept_from_every_list(cast):
    imported(cast.head, small_ledger(row_with(0)))

    person = next(one for one in Person.objects.all() if one.id_number)
    assert (person.address_now, person.address_papers) == ("下汤镇假设路0号", "")
