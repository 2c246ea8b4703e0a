"""A ledger as a file: the same as the screen, for a purpose, for some days, for one person."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cases import tasks
from cases.actions.guarding.bars import bar_person
from cases.actions.intake import PersonEntry
from cases.actions.ledgers import export as verbs
from cases.actions.ledgers.books import LEDGERS
from cases.actions.ledgers.ledger import Scope
from cases.choices import AccessKind, BarKind, ExportStatus, PersonRole
from cases.documents import Kind
from cases.models import Access, LedgerExport
from cases.models.ledger import claim
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff
from stations.roles import Role
from tests.cast import MONDAY
from tests.factories import ID_NUMBER, make_case, make_referral, petitioner
from weiquan.sealing import sm3

DAYS = (date(2026, 1, 1), date(2026, 12, 31))
LATER = MONDAY + timedelta(hours=2)
HEAD_ROWS = 3


def ask(user: Staff, code: str = "REGISTER", *, opened: bool = False, unit: Organisation | None = None):
    scope = Scope(unit or user.organisation, *DAYS)
    return verbs.ask_export(
        LEDGERS[code], scope, purpose="报县妇联年度台账", opened=opened, by=user, at=MONDAY
    )


def made(user: Staff, code: str = "REGISTER", **how) -> LedgerExport:
    export = ask(user, code, **how)
    verbs.make_export(LedgerExport.objects.get(pk=export.pk), at=LATER)
    return LedgerExport.objects.get(pk=export.pk)


def rows_of(export: LedgerExport) -> list[list]:
    return CalamineWorkbook.from_filelike(BytesIO(bytes(export.file))).get_sheet_by_index(0).to_python()


def client_of(user: Staff) -> Client:
    client = Client()
    client.force_login(user, backend="stations.backends.StaffBackend")
    return client


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("code", ["REGISTER", "REFERRAL"])
def test_the_file_holds_what_the_screen_shows(cast, code, opened):
    make_referral(cast, "CLOSED")
    make_case(cast, "CLOSED")
    ledger = LEDGERS[code]
    found = ledger.ordered(cast.head, Scope(cast.station, *DAYS), newest=False)
    wanted = ledger.cells(found, opened=opened)

    told = rows_of(made(cast.head, code, opened=opened))

    assert told[0][0] == ledger.name
    assert told[1][0] == "单位：下汤镇妇女儿童维权站及以下    期间：2026-01-01 至 2026-12-31"
    assert told[2] == [entry.title for entry in ledger.entries]
    assert told[HEAD_ROWS : HEAD_ROWS + len(wanted)] == [
        ["" if cell is None else cell for cell in row] for row in wanted
    ]


def test_an_id_number_is_text_and_a_day_a_day(cast):
    make_case(cast, "CLOSED")

    row = rows_of(made(cast.head, opened=True))[HEAD_ROWS]

    titles = [entry.title for entry in LEDGERS["REGISTER"].entries]
    assert row[titles.index("身份证号")] == ID_NUMBER
    assert row[titles.index("办结日期")] == date(2026, 11, 16)
    assert row[titles.index("登记日期时间")].isoformat() == "2026-11-16T09:00:00"
    kinds = {entry.title: entry.kind for entry in LEDGERS["REGISTER"].entries}
    assert (kinds["身份证号"], kinds["联系电话"], kinds["办结日期"]) == (Kind.TEXT, Kind.TEXT, Kind.DATE)


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_nothing_she_said_becomes_a_formula(cast, words):
    make_case(cast, facts=words, parties=(petitioner(name=words),))

    export = made(cast.head, opened=True)

    packed = BytesIO(bytes(export.file))
    row = rows_of(export)[HEAD_ROWS]
    titles = [entry.title for entry in LEDGERS["REGISTER"].entries]
    assert row[titles.index("姓名")] == words
    assert row[titles.index("反映问题(摘要)")] == words.strip()
    assert no_formulas(packed)


def test_more_rows_of_a_file_ask_nothing_more(cast):
    """The officer looks down on cases she is no part of, so that each of her ties to them is asked for."""

    def asked() -> int:
        with CaptureQueriesContext(connection) as told:
            made(cast.officer, opened=True)
        return len(told)

    for _ in range(2):
        make_case(cast, "CLOSED")
    asked()  # lists of codes are read once and kept
    before = asked()
    for _ in range(4):
        make_case(cast, "CLOSED")

    assert asked() == before
    outside = Access.objects.filter(staff=cast.officer, kind=AccessKind.EXPORT, in_line=False)
    assert outside.count() == 2 + 2 + 6


def no_formulas(packed: BytesIO) -> bool:
    from zipfile import ZipFile

    with ZipFile(packed) as file:
        return b"<f>" not in file.read("xl/worksheets/sheet1.xml")


def test_a_file_that_names_nobody_says_nothing_of_masking(cast):
    plain = next(code for code, ledger in LEDGERS.items() if not ledger.has_personal)

    words = str(rows_of(made(cast.head, plain)))

    assert LEDGERS[plain].name in words
    assert verbs.MASKED_NOTE not in words
    assert verbs.OPENED_NOTE not in words


def test_the_watermark_says_who_took_it_and_when(cast):
    make_case(cast)

    told = rows_of(made(cast.head))

    assert told[-1][0].startswith(f"下汤镇妇女儿童维权站 人员{cast.head.pk:05d} 2026-11-16 11:00 导出 ")
    assert cast.head.name not in told[-1][0]
    assert told[-2][0].startswith("填报单位（盖章）")
    assert "已遮盖" in told[-3][0]


def test_where_she_is_now_is_in_no_file(cast):
    make_case(cast, involves_dv=True)

    for code in ("REGISTER", "DV"):
        assert "姐姐家" not in str(rows_of(made(cast.head, code, opened=True)))


def test_opening_names_is_told_to_each_case(cast):
    cases = {make_case(cast).pk, make_case(cast).pk}

    made(cast.head, opened=True)

    rows = list(Access.objects.filter(kind=AccessKind.EXPORT).select_related("reason"))
    assert {row.case_id for row in rows} == cases
    assert {row.reason.text for row in rows} == {"报县妇联年度台账"}
    assert {(row.staff_id, row.at, row.in_line) for row in rows} == {(cast.head.pk, LATER, True)}


def test_a_file_taken_from_above_counts_as_a_look_from_outside(cast):
    make_case(cast)

    made(cast.officer, opened=True)

    assert Access.objects.get(kind=AccessKind.EXPORT).in_line is False


def test_a_masked_file_opens_nothing(cast):
    make_case(cast)

    export = made(cast.head)

    assert not Access.objects.filter(kind=AccessKind.EXPORT).exists()
    assert "祝冬雪" not in str(rows_of(export))


def test_a_ledger_without_names_opens_nothing_either(cast):
    export = ask(cast.officer, "ACTIVITY", opened=True)

    assert export.opened is False


def test_visibility_is_asked_when_the_file_is_made(cast):
    case, other = make_case(cast), make_case(cast)
    export = ask(cast.head)
    bar_person(case, cast.head, kind=BarKind.RELATED, reason="亲属", by=cast.leader, at=MONDAY)

    verbs.make_export(LedgerExport.objects.get(pk=export.pk), at=LATER)

    told = rows_of(LedgerExport.objects.get(pk=export.pk))
    assert [row[0] for row in told[HEAD_ROWS:-4]] == [other.number]


CHANGES = {
    "gone": ({"is_active": False}, "没有导出台账的权限"),
    "another role": ({"roles": [Role.STATION_CLERK]}, "没有导出台账的权限"),
    "another unit": ({"unit": "other_station"}, "已调到别的单位"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_moved_meanwhile_gets_no_file(cast, change):
    make_case(cast)
    export = ask(cast.head)
    changes, words = CHANGES[change]
    changes = dict(changes)
    if unit := changes.pop("unit", None):
        changes["organisation"] = getattr(cast, unit)
    Staff.objects.filter(pk=cast.head.pk).update(**changes)

    verbs.make_export(LedgerExport.objects.get(pk=export.pk), at=LATER)

    export.refresh_from_db()
    assert export.status == ExportStatus.FAILED
    assert words in export.failure
    assert export.file is None


def test_a_unit_out_of_reach_is_refused(cast):
    with pytest.raises(StepNotAllowed, match="不在您的范围内"):
        ask(cast.head, unit=cast.other_station)


def test_a_clerk_has_no_file_and_a_head_no_conference(cast):
    with pytest.raises(StepNotAllowed, match="没有导出台账的权限"):
        ask(cast.clerk)
    with pytest.raises(StepNotAllowed, match="不看这本台账"):
        ask(cast.head, "CONFERENCE")


def test_whoever_may_not_open_names_gets_them_masked_or_nothing(cast, monkeypatch):
    from stations import roles

    fewer = roles.GRANTS[Role.STATION_HEAD] - {roles.Permission.CASE_REVEAL}
    monkeypatch.setitem(roles.GRANTS, Role.STATION_HEAD, fewer)
    roles._granted.cache_clear()
    try:
        with pytest.raises(StepNotAllowed, match="只能导出遮盖后的台账"):
            ask(cast.head, opened=True)
    finally:
        monkeypatch.undo()
        roles._granted.cache_clear()


def test_too_many_rows_are_asked_for_in_parts(cast, monkeypatch):
    monkeypatch.setattr(verbs, "MOST_ROWS", 1)
    make_case(cast)
    make_case(cast)

    export = made(cast.head)

    assert export.failure == "这段期间有2行，一次最多导出1行，请缩短期间后再导出。"


def test_a_long_ledger_is_read_in_batches_without_loss(cast, monkeypatch):
    monkeypatch.setattr(verbs, "BATCH", 2)
    numbers = [make_case(cast, at=MONDAY + timedelta(minutes=n // 2)).number for n in range(5)]

    export = made(cast.head)

    assert [row[0] for row in rows_of(export)[HEAD_ROWS:-4]] == numbers
    assert (export.total, export.done) == (5, 5)


def test_a_worker_that_died_is_followed_by_another(cast):
    make_case(cast)
    export = ask(cast.head)
    waiting = LedgerExport.objects.filter(status=ExportStatus.WAITING)

    assert claim(waiting) == export
    assert claim(waiting) is None, "somebody is at it"
    waiting.update(leased_until=Now() - timedelta(seconds=1), done=1)  # and died
    assert verbs.make_next_export(LATER)

    export.refresh_from_db()
    assert export.status == ExportStatus.READY
    assert not verbs.make_next_export(LATER)


def test_the_slower_of_two_workers_leaves_the_file_alone(cast):
    make_case(cast)
    export = made(cast.head, opened=True)

    verbs._finish(export, b"another", {make_case(cast).pk}, LATER)

    kept = LedgerExport.objects.get(pk=export.pk)
    assert kept.digest == export.digest
    assert Access.objects.filter(kind=AccessKind.EXPORT).count() == 1


def test_the_file_is_gone_after_a_week_and_its_record_stays(cast):
    make_case(cast)
    export = made(cast.head)

    assert export.digest == sm3(bytes(export.file))
    assert export.expires_at == LATER + timedelta(days=7)
    assert verbs.wipe_expired(export.expires_at - timedelta(seconds=1)) == 0
    assert verbs.wipe_expired(export.expires_at) == 1
    export.refresh_from_db()
    assert (export.status, export.file, export.purpose) == (ExportStatus.WIPED, None, "报县妇联年度台账")
    with pytest.raises(StepNotAllowed, match="已过期清除"):
        verbs.download(export, by=cast.head, at=export.expires_at)


def test_expired_is_expired_before_the_night(cast):
    make_case(cast)
    export = made(cast.head)

    with pytest.raises(StepNotAllowed, match="已过期清除"):
        verbs.download(export, by=cast.head, at=export.expires_at)


def test_from_the_form_to_the_file(cast, clock):
    clock.at = LATER
    make_case(cast)
    client = client_of(cast.head)

    asked = client.post(
        f"{reverse('ledger_export')}?ledger=REGISTER", {"purpose": "报县妇联", "opened": "on"}
    )
    page = client.get(asked["Location"])
    assert "正在生成" in page.content.decode()
    tasks.work_on_ledgers()
    part = client.get(asked["Location"], headers={"HX-Request": "true"}).content.decode()
    file = client.get(reverse("ledger_export_file", args=[LedgerExport.objects.get().pk]))

    assert "下载 Excel" in part
    assert "<html" not in part
    assert file["Content-Type"].endswith("spreadsheetml.sheet")
    assert "祝冬雪" not in file["Content-Disposition"]
    assert sm3(file.content) == bytes(LedgerExport.objects.get().digest)
    assert [row.by for row in LedgerExport.objects.get().downloads.all()] == [cast.head]


def test_nobody_else_sees_the_file_of_another(cast, clock):
    make_case(cast)
    export = made(cast.head)

    for person, status in ((cast.officer, 404), (cast.clerk, 403), (cast.stat_officer, 403)):
        client = client_of(person)
        for name in ("ledger_export_page", "ledger_export_file"):
            assert client.get(reverse(name, args=[export.pk])).status_code == status


def test_a_file_without_a_purpose_is_not_made(cast):
    answer = client_of(cast.head).post(reverse("ledger_export"), {"purpose": " "})

    assert answer.status_code == 422
    assert "请填写用途" in answer.content.decode()
    assert not LedgerExport.objects.exists()


def test_whoever_moved_after_asking_is_told_at_the_download(cast, clock):
    clock.at = LATER
    make_case(cast)
    export = made(cast.head)
    Staff.objects.filter(pk=cast.head.pk).update(organisation=cast.other_station)

    answer = client_of(Staff.objects.get(pk=cast.head.pk)).get(
        reverse("ledger_export_file", args=[export.pk]), follow=True
    )

    assert "已调到别的单位" in answer.content.decode()


def test_the_night_wipes(cast, clock):
    make_case(cast)
    export = made(cast.head)
    clock.at = export.expires_at

    tasks.wipe_ledgers()

    assert LedgerExport.objects.get().status == ExportStatus.WIPED
    page = client_of(cast.head).get(reverse("ledger_export_page", args=[export.pk])).content.decode()
    assert "文件已过期清除" in page


def test_an_unknown_person_is_anonymous_in_the_file(cast):
    make_case(cast, parties=(PersonEntry(role=PersonRole.PETITIONER),))

    row = rows_of(made(cast.head, opened=True))[HEAD_ROWS]

    assert row[4] == "匿名"
