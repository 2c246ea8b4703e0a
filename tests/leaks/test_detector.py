"""The detector itself: it must see a mark however it is written, and must not see one where masking has done its work."""

import base64
import io
import json
import zipfile
from email.message import EmailMessage
from urllib.parse import quote

import pytest

from cases.documents.pdf import compile_pdf
from tests.cast import MONDAY
from tests.leaks.markers import TYPED, Marks, typed_in
from weiquan.masking import mask_id_number, mask_name, mask_phone


@pytest.fixture
def marks():
    marks = Marks()
    for field in ("Statement.facts", "Person.name", "Phone.number", "Person.id_number", "Person.birth_date"):
        marks.mint(field, "open")
    return marks


def value(marks, field):
    every = {**marks.by_character, **marks.by_digits}.values()
    return next(marker.value for marker in every if marker.field == field)


WRITTEN = {
    "plain": str,
    "a piece of it": lambda text: text[-2:-1],
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "an address": lambda text: f"/search/?q={quote(text)}",
    "json": json.dumps,
    "bytes as Python shows them": lambda text: repr(text.encode()),
    "bytes as PostgreSQL shows them": lambda text: "\\x" + text.encode().hex(),
    "base64": lambda text: base64.b64encode(f"他说{text}".encode()).decode(),
    "base64 in a cookie": lambda text: base64.urlsafe_b64encode(f"他说{text}".encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("field", ["Statement.facts", "Person.name"])
@pytest.mark.parametrize("way", WRITTEN)
def test_a_text_is_found(marks, field, way):
    assert {hit.field for hit in marks.find(f"前文 {WRITTEN[way](value(marks, field))} 后文")} == {field}


NUMBERS = {
    "Phone.number": (lambda v: v, lambda v: f"{v[:3]} {v[3:7]} {v[7:]}", lambda v: f"{v[:7]}****", lambda v: f"***{v[3:]}"),
    "Person.id_number": (lambda v: v, lambda v: v[:14] + "****", lambda v: f"生于 {v[6:14]}", lambda v: f"{v[:6]} {v[6:14]} {v[14:]}"),
    "Person.birth_date": (lambda v: v, lambda v: v.replace("-", ""), lambda v: "{}年{}月{}日".format(*map(int, v.split("-")))),
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "write"), [(field, write) for field, ways in NUMBERS.items() for write in ways]
)
def test_a_number_is_found(marks, field, write):
    assert field in {hit.field for hit in marks.find(f"电话：{write(value(marks, field))}。")}


def test_what_is_masked_is_not_found(marks):
    shown = [
        mask_name(value(marks, "Person.name")),
        mask_phone(value(marks, "Phone.number")),
        mask_id_number(value(marks, "Person.id_number")),
    ]

    assert shown == [
        "祝某某",
        f"139****{value(marks, 'Phone.number')[-4:]}",
        "*" * 14 + value(marks, "Person.id_number")[-4:],
    ]
    assert marks.find(" ".join(shown)) == set()


def test_a_number_inside_another_is_nobodys(marks):
    number = value(marks, "Phone.number")

    assert marks.find(f"a{number}b 0{number} {number}5") == set()


def test_bytes_are_searched_for_whole_values(marks):
    text = value(marks, "Statement.facts").encode()

    assert {hit.field for hit in marks.find_in_binary(b"\x00" + text + b"\xff")} == {"Statement.facts"}
    assert marks.find_in_binary(text[:3]) == set()


def test_what_lies_under_a_key_fits_the_key():
    marks = Marks()

    assert marks.mint("Referral.extract[NAME]", "open").startswith("祝")
    assert marks.mint("Referral.extract[PHONE]", "open").isdigit()


def test_ordinary_text_holds_no_mark(marks):
    assert marks.find("丈夫酒后多次动手，电话 13900000001，2026年11月16日。") == set()


def test_no_two_fields_share_a_mark():
    marks = Marks()
    fields = [
        f"{model}.{name}"
        for model in "ABCDEFGH"
        for name in ("facts", "name", "phone", "id_number", "birth_date")
    ]

    values = [marks.mint(field, "open") for field in fields]

    assert len(set(values)) == len(values)
    assert all(
        {hit.field for hit in marks.find(one)} == {field} for field, one in zip(fields, values, strict=True)
    )


def test_a_packed_document_is_opened(marks):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("word/document.xml", f"<w:t>{value(marks, 'Statement.facts')}</w:t>")

    assert {hit.field for hit in marks.find_in(packed.getvalue(), "application/zip")} == {"Statement.facts"}


def test_a_file_kept_whole_is_found_whatever_it_is_called(marks):
    file = value(marks, "Statement.facts").encode()

    assert {hit.field for hit in marks.find_in(file, "application/pdf")} == {"Statement.facts"}


def test_a_kind_of_document_it_cannot_read_is_refused(marks):
    with pytest.raises(AssertionError, match="image/png"):
        marks.find_in(b"\x89PNG", "image/png")


@pytest.mark.parametrize("packed", [False, True])
def test_a_printed_page_is_read(marks, packed):
    words = value(marks, "Statement.facts"), value(marks, "Phone.number")
    file = compile_pdf("archive_back", {"number": "W-1", "notes": list(words), "signed": []}, at=MONDAY)
    if packed:
        folder = io.BytesIO()
        with zipfile.ZipFile(folder, "w") as made:
            made.writestr("001.pdf", file)
        file = folder.getvalue()

    assert {hit.field for hit in marks.find_in(file, "application/zip" if packed else "application/pdf")} == {
        "Statement.facts",
        "Phone.number",
    }


def test_a_mail_is_read_behind_its_encoding(marks):
    mail = EmailMessage()
    mail["Subject"] = f"提醒 {value(marks, 'Person.name')}"
    mail.set_content(f"内容 {value(marks, 'Statement.facts')}", cte="base64")

    assert {hit.field for hit in marks.find(f"{mail['Subject']}\n{mail.as_string()}")} == {
        "Person.name",
        "Statement.facts",
    }


def test_typed_words_are_told_apart(marks):
    assert typed_in(f"x{quote(TYPED)}")
    assert not typed_in(value(marks, "Statement.facts"))
    assert marks.find(TYPED) == set()
