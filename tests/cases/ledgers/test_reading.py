"""What is found in a file, in a head, in a cell."""

from datetime import date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter

from cases.choices import Channel, Occurrence, Outcome, Risk
from cases.forms.ledgers import reading
from cases.forms.ledgers.columns import TARGETS, propose, recognised
from cases.forms.ledgers.reading import Unreadable, outline, table
from cases.forms.ledgers.rows import How, RowReader
from cases.forms.ledgers.values import (
    Misread,
    is_unfinished,
    read_channel,
    read_count,
    read_moment,
    read_occurrence,
    read_outcome,
    read_risk,
    read_yes,
    text_of,
)
from tests.cases.ledgers.messy import HEAD, messy_ledger, row_with, small_ledger
from tests.cases.ledgers.test_books import SPEC

TODAY = date(2026, 11, 16)


def book(*sheets, **options):
    told = BytesIO()
    with xlsxwriter.Workbook(told) as made:
        for name, rows in sheets:
            page = made.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return told.getvalue()


def with_macros() -> bytes:
    told = BytesIO(small_ledger(row_with()))
    with ZipFile(told, "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"macro")
    return told.getvalue()


def swollen() -> bytes:
    told = BytesIO()
    with ZipFile(told, "w", compression=8) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (reading.MOST_UNPACKED + 1))
    return told.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
USELESS = {
    "empty": (b"", "文件是空的"),
    "a picture": (b"\x89PNG", "这不是 Excel 文件"),
    "half a file": (small_ledger(row_with())[:400], "没有传完整"),
    "a broken book": (b"PK\x05\x06" + bytes(18), "这不是 Excel 文件"),
    "another zip": (None, "文件打不开"),
    "an old book cut off": (OLE + bytes(600), "文件打不开"),
    "a password": (OLE + bytes(64) + "EncryptedPackage".encode("utf-16-le"), "设有密码"),
    "old macros": (OLE + bytes(64) + "_VBA_PROJECT".encode("utf-16-le"), "带有宏"),
    "macros": (with_macros(), "带有宏"),
    "no head": (book(("一", [["甲", "乙"], ["丙", "丁"]])), "没有找到表头"),
    "a head alone": (book(("一", [HEAD])), "没有找到表头"),
    "a hundred columns": (book(("一", [[*HEAD, *map(str, range(100))]])), "有120列，最多80列"),
}


def other_zip() -> bytes:
    told = BytesIO()
    with ZipFile(told, "w") as packed:
        packed.writestr("readme.txt", "nothing")
    return told.getvalue()


@pytest.mark.parametrize("what", USELESS)
def test_a_useless_file_gets_a_sentence(what):
    data, words = USELESS[what]

    with pytest.raises(Unreadable, match=words):
        outline(other_zip() if data is None else data)


def test_a_file_that_would_swell_is_not_opened(monkeypatch):
    monkeypatch.setattr(reading, "MOST_UNPACKED", 100_000)

    with pytest.raises(Unreadable, match="解开后太大"):
        outline(swollen())


def test_a_big_file_and_a_long_sheet_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 4)
    with pytest.raises(Unreadable, match="最多4行"):
        outline(small_ledger(*([row_with()] * 20)))
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(Unreadable, match="文件超过0兆"):
        outline(small_ledger(row_with()))


def test_the_head_is_found_below_titles_and_other_sheets_are_left_out():
    [sheet] = outline(messy_ledger(60))

    assert (sheet.name, sheet.head, sheet.rows) == ("2025年", 2, 60)
    assert sheet.titles[1] == "登记日期"
    assert [line for line, _ in table(messy_ledger(60), sheet)] == list(range(4, 64))


def test_a_head_in_two_rows_takes_what_stands_above():
    data = book(
        (
            "一",
            [
                ["序号", "登记日期", "信访人", "", "反映问题"],
                ["", "", "姓名", "性别", ""],
                [1, "2025-1-2", "甲", "女", "丙"],
            ],
        )
    )

    [sheet] = outline(data)

    assert sheet.titles[2:4] == ["姓名", "性别"]


def test_what_is_merged_stands_in_every_row():
    data = messy_ledger(60)

    rows = dict(table(data, outline(data)[0]))

    assert rows[4 + 14][1] == rows[4 + 13][1] == "2025-01-15"


def test_every_column_of_our_own_ledger_is_known_again():
    titles = SPEC["REGISTER"].split()

    proposed = propose(titles, {})

    known = {titles[at] for at in proposed.values()}
    assert known == set(titles)
    assert len(TARGETS) == len(titles)


def test_offices_heads_are_known_and_the_first_of_two_alike_is_taken():
    titles = ["编号", "来访时间", "信访人姓名", "电话", "手机", "主要内容", "瞎写的"]

    assert propose(titles, {}) == {"number": 0, "received": 1, "name": 2, "phone": 3, "facts": 5}
    assert recognised(titles) == 5


def test_what_the_unit_said_before_comes_first():
    assert propose(["姓名", "户主"], {"户主": "name", "姓名": "respondent"}) == {"respondent": 0, "name": 1}


MOMENTS = {
    "2025-03-08": datetime(2025, 3, 8),
    "2025.3.8": datetime(2025, 3, 8),
    "2025/3/8 9:05": datetime(2025, 3, 8, 9, 5),
    "２０２５年３月８日": datetime(2025, 3, 8),
    "2025年3月8日 14时30分": datetime(2025, 3, 8, 14, 30),
    "25.3.8": datetime(2025, 3, 8),
    "20250308": datetime(2025, 3, 8),
    "45724": datetime(2025, 3, 8),
    45724.0: datetime(2025, 3, 8),
    45724.5: datetime(2025, 3, 8, 12),
    "8/3": datetime(2024, 8, 3),
    "8月3日": datetime(2024, 8, 3),
    date(2025, 3, 8): datetime(2025, 3, 8),
    datetime(2025, 3, 8, 9): datetime(2025, 3, 8, 9),
    "": None,
    None: None,
}


@pytest.mark.parametrize(("cell", "moment"), MOMENTS.items())
def test_a_day_in_any_spelling(cell, moment):
    assert read_moment(cell, year=2024) == moment


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("2025.2.30", "没有这一天"),
        ("三月初", "看不出是哪一天"),
        ("8/3", "没有写年份"),
        ("3.8.2025", "看不出是哪一天"),
    ],
)
def test_a_day_that_is_none_is_told(cell, words):
    with pytest.raises(Misread, match=words):
        read_moment(cell, year=None)


def test_other_cells():
    assert [read_count(cell) for cell in ("３人", 3.0, "", "36岁")] == [3, 3, None, 36]
    with pytest.raises(Misread):
        read_count("几")
    assert [read_yes(cell) for cell in ("是", "有", True, "√", "否", "", None)] == [True] * 4 + [False] * 3
    assert [read_occurrence(cell) for cell in ("重访", "多次", "初次", "")] == [
        Occurrence.REPEAT,
        Occurrence.REPEAT,
        Occurrence.FIRST,
        Occurrence.FIRST,
    ]
    assert [read_risk(cell) for cell in ("红", "橙色", "", "高")] == [Risk.RED, Risk.ORANGE, Risk.BLUE, None]
    assert [text_of(cell) for cell in (3.0, 3.5, True, False, datetime(2025, 3, 8), datetime(2025, 3, 8, 9), date(2025, 3, 8))] == [
        "3", "3.5", "是", "否", "2025-03-08", "2025-03-08 09:00", "2025-03-08",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("来访", Channel.VISIT),
        ("接访", Channel.VISIT),
        ("走访", Channel.OUTREACH),
        ("来信", Channel.LETTER),
        ("来电", Channel.PHONE_OTHER),
        ("12338热线", Channel.PHONE_12338),
        ("微信", Channel.ONLINE),
        ("网上信访", Channel.ONLINE),
        ("信访局转", Channel.TRANSFER_XINFANG),
        ("领导接待日", Channel.VISIT_LEADER_DAY),
        ("其他", None),
    ],
)
def test_how_it_came(word, channel):
    assert read_channel(word) == channel


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("调解成功", Outcome.MEDIATED),
        ("已转派出所", Outcome.TRANSFERRED_REPLIED),
        ("不予支持", Outcome.NOT_SUPPORTED),
        ("已解决", Outcome.SOLVED),
        ("", Outcome.SOLVED),
    ],
)
def test_how_it_ended(words, outcome):
    assert read_outcome(words) == outcome


def test_what_is_not_finished_says_so():
    assert is_unfinished("正在办理")
    assert is_unfinished("未办结")
    assert not is_unfinished("办结")


def read(db_row, **how):
    reader = RowReader(propose([title.replace("\n", "") for title in HEAD], {}), How(TODAY, **how))
    return reader.read(17, db_row)


FAULTS = {
    "check digit": ({"id_number": "410423199003050007"}, "身份证号最后一位校验不符，可能有一位抄错了"),
    "short": ({"id_number": "4104231990030500"}, "身份证号应为18位，现在是16位"),
    "a number": (
        {"id_number": 410423199003050000.0},
        "身份证号在 Excel 中存成了数字，末尾几位已经丢失，请设为文本后重新填写",
    ),
    "no day": ({"received": ""}, "没有登记日期"),
    "tomorrow": ({"received": "2026-11-17", "ended": ""}, "登记日期晚于今天，请核对"),
    "long ago": ({"received": "1925-03-08"}, "登记日期的年份不对，请核对"),
    "no matter": ({"facts": " "}, "没有写反映的问题"),
    "no name": ({"name": "不详"}, "没有姓名。确是匿名的，点“重新对应各列”，勾选“没有姓名的按匿名导入”"),
    "a story for a name": ({"name": "甲" * 51}, "姓名超过50字，请核对是不是填错了列"),
    "a category": ({"category": "邻里口角"}, "问题类别“邻里口角”不在清单中，请在核对结果页为它选一项"),
    "其他 is of many": ({"category": "其他"}, "问题类别“其他”不在清单中，请在核对结果页为它选一项"),
    "a form": ({"form": "捎话"}, "信访形式“捎话”不在清单中，请在核对结果页为它选一项"),
    "ended first": ({"ended": "2024-12-31"}, "办结日期早于登记日期，请核对"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_told_in_words(db, what):
    cells, words = FAULTS[what]

    assert read(row_with(0, **cells)).faults == [words]


WARNINGS = {
    "phone": ({"phone": "1390000"}, "联系电话有误，没有登记为电话，原文留在办理记录里"),
    "sex": ({"sex": "男"}, "性别与身份证号不一致，以身份证号为准"),
    "old ID": ({"id_number": "410423900305001", "sex": "男"}, "15位旧身份证号，按原样登记"),
    "form": ({"form": ""}, "没有写信访形式，按来访导入"),
    "category": ({"category": ""}, "没有写问题类别，按“其他”导入"),
    "persons": ({"persons": "几"}, "人数：“几”不是数字，按1人导入"),
}


@pytest.mark.parametrize("what", WARNINGS)
def test_a_doubt_is_told_and_keeps_nothing_back(db, what):
    cells, words = WARNINGS[what]

    row = read(row_with(0, **cells))

    assert (row.faults, row.warnings) == ([], [words])


def test_a_doubtful_age_is_left_out(db):
    row = read(row_with(0, id_number="", age="中年"))

    assert row.warnings == ["年龄：“中年”不是数字，未登记"]
    assert read(row_with(0, id_number="", age="36岁")).values["age_band"] == "UNDER_45"


def test_what_has_no_field_is_kept_as_written(db):
    row = read(row_with(4, phone="13800000001、80000"))

    kept = dict(row.values["kept"])
    assert row.values["phones"] == ["13800000001"]
    assert kept["联系电话"] == "80000"
    assert (kept["原编号"], kept["接待人"], kept["办理结果"]) == ("5", "单秀英", "调解成功")


def test_a_mapped_word_is_no_fault_any_more(db):
    row = read(row_with(0, category="邻里口角"), words={"category": {"邻里口角": "MAR_DISPUTE"}})

    assert (row.faults, row.values["category"]) == ([], "MAR_DISPUTE")


def test_somebody_without_a_name_may_come_in(db):
    row = read(row_with(0, name=""), anonymous_ok=True)

    assert (row.faults, row.warnings) == ([], ["没有姓名，按匿名导入"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("婚姻家庭权益/离婚问题", "MAR_DIVORCE"),
        ("家庭纠纷（婆媳、邻里等）", "MAR_DISPUTE"),
        ("家庭纠纷(婆媳、邻里等)", "MAR_DISPUTE"),
        ("婚姻家庭权益/其他", "MAR_OTHER"),
    ],
)
def test_a_category_is_read_at_both_levels_and_widths(db, words, code):
    assert read(row_with(0, category=words)).values["category"] == code


def test_codes_by_their_beginning_or_not_at_all(db):
    titles = ["登记日期", "姓名", "民族", "文化程度", "反映问题"]
    reader = RowReader(propose(titles, {}), How(TODAY))

    row = reader.read(2, ["2025-3-8", "甲", "汉", "博士后", "某事"])

    assert (row.values["ethnicity"], row.values["education"]) == ("01", "")
    assert "文化程度不在清单中，原文留在办理记录里" in row.warnings
    assert ("文化程度", "博士后") in row.values["kept"]


def test_a_short_row_has_empty_cells(db):
    reader = RowReader({"received": 0, "name": 1, "facts": 2, "remark": 9}, How(TODAY))

    assert reader.read(2, ["2025-3-8", "甲", "某事"]).faults == []
