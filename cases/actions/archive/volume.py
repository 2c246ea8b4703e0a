"""Make the volume: each paper set on its own, joined behind cover and list, numbered, and packed as a folder."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle

from cases.actions.archive.papers import Paper, confidential_page, papers_of
from cases.choices import PersonRole
from cases.deadlines import china_date
from cases.documents import pdf
from cases.documents.words import chinese_date
from cases.models import ArchiveFile, Case, CodeSet, code_names
from stations.models import Organisation
from weiquan.sealing import sm3

Progress = Callable[[int, int], None]
NOTHING: Progress = lambda done, total: None  # noqa: E731 – says nothing to nobody
NOTES = (
    "本卷由系统生成，文件按时间先后排列，页号印在每页右上角。",
    "当事人身份证号只留后四位；现住处、电话、暗语、安全计划、庇护地点和危险评估答题内容不入卷，由承办单位另存。",
)
WITH_ANNEX = "强制报告的报告人信息另成保密附页，单独保存，不在本卷内。"
# What a list of files says of each: the names are explained in docs/archive.md.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Digests:
    sha256: str
    sm3: str

    @classmethod
    def of(cls, content: bytes) -> "Digests":
        return cls(sha256(content).hexdigest(), sm3(content).hex())


@dataclass(frozen=True)
class Leaf:
    """A paper as it lies in the volume."""

    seq: int
    paper: Paper
    pdf: bytes
    pages: int
    first_page: int

    @property
    def digests(self) -> Digests:
        return Digests.of(self.pdf)

    @property
    def name(self) -> str:
        """A file name that names nobody."""
        return f"papers/{self.seq:03d}.pdf"


@dataclass(frozen=True)
class Volume:
    leaves: list[Leaf]
    pdf: bytes
    package: bytes
    annex: bytes | None
    pages: int


def make_volume(file: ArchiveFile, *, at: datetime, progress: Progress = NOTHING) -> Volume:
    """The whole file, from the tables as they are now; nothing is stored."""
    case = file.case
    papers = papers_of(case)
    annex = confidential_page(case)
    steps = len(papers) + 2
    leaves: list[Leaf] = []
    page = 1
    for paper in papers:
        content = paper.pdf or _set(paper, file.number, at)
        pages = len(PdfReader(BytesIO(content)).pages)
        leaves.append(Leaf(len(leaves) + 1, paper, content, pages, page))
        page += pages
        progress(len(leaves), steps)
    notes = [*NOTES, *([WITH_ANNEX] if annex else [])]
    joined = _join(file, leaves, page - 1, notes, at)
    progress(steps - 1, steps)
    apart = _set(annex, file.number, at) if annex else None
    package = _pack(file, leaves, joined, at)
    return Volume(leaves, joined, package, apart, page - 1)


def _set(paper: Paper, number: str, at: datetime) -> bytes:
    return pdf.compile_pdf(
        "archive_paper",
        {
            "title": paper.title,
            "number": paper.doc_number,
            "facts": paper.facts,
            "parts": paper.parts,
            "rows": paper.rows,
            "foot": number,
        },
        at=at,
    )


# -- one PDF ----------------------------------------------------------------------------------------


def _join(file: ArchiveFile, leaves: list[Leaf], pages: int, notes: list[str], at: datetime) -> bytes:
    """Cover, list, papers with their page numbers, note. A reader's page counter agrees with the numbers on paper."""
    front = PdfReader(BytesIO(_front(file, leaves, pages, at)))
    back = PdfReader(BytesIO(_back(file, pages, notes, at)))
    stamps = PdfReader(BytesIO(pdf.compile_pdf("archive_stamp", {"pages": pages}, at=at)))
    writer = PdfWriter()
    for sheet in front.pages:
        writer.add_page(sheet)
    start = len(writer.pages)
    numbers = iter(stamps.pages)
    for leaf in leaves:
        for sheet in PdfReader(BytesIO(leaf.pdf)).pages:
            writer.add_page(sheet).merge_page(next(numbers))
        writer.add_outline_item(
            title=f"{leaf.seq} {leaf.paper.title}", page_number=start + leaf.first_page - 1
        )
    for sheet in back.pages:
        writer.add_page(sheet)
    _label(writer, start, pages)
    writer.add_metadata({"/Title": file.number, "/Producer": "weiquan"})
    writer.compress_identical_objects()
    told = BytesIO()
    writer.write(told)
    return told.getvalue()


def _label(writer: PdfWriter, start: int, pages: int) -> None:
    writer.set_page_label(0, start - 1, style=PageLabelStyle.LOWERCASE_ROMAN)
    writer.set_page_label(start, start + pages - 1, style=PageLabelStyle.DECIMAL, start=1)
    writer.set_page_label(start + pages, len(writer.pages) - 1, prefix="备考")


def _front(file: ArchiveFile, leaves: list[Leaf], pages: int, at: datetime) -> bytes:
    case = file.case
    first, last = min(leaf.paper.on for leaf in leaves), max(leaf.paper.on for leaf in leaves)
    cover = [
        ("案卷题名", title_of(case)),
        ("案号", case.number),
        ("档号", file.number),
        ("年度", f"{file.year}年"),
        ("保管期限", file.get_retention_display()),
        ("起止日期", f"{chinese_date(first)}至{chinese_date(last)}"),
        ("本卷", f"共{len(leaves)}件{pages}页"),
        ("立卷单位", file.unit.name),
        ("立卷人", file.filed_by.name),
    ]
    listed = [
        (
            str(leaf.seq), leaf.paper.author, leaf.paper.doc_number, leaf.paper.title, f"{leaf.paper.on:%Y-%m-%d}",
            str(leaf.first_page), leaf.paper.remark,
        )
        for leaf in leaves
    ]  # fmt: skip
    data = {
        "fonds_name": fonds_name(file.unit),
        "cover": cover,
        "number": file.number,
        "list": listed,
    }
    return pdf.compile_pdf("archive_front", data, at=at)


def _back(file: ArchiveFile, pages: int, notes: list[str], at: datetime) -> bytes:
    said = [*notes, f"本卷共{pages}页。"]
    signed = [
        ("立卷人：", file.filed_by.name),
        ("检查人：", ""),
        ("立卷时间：", chinese_date(china_date(file.filed_at))),
        ("检查时间：", ""),
    ]
    return pdf.compile_pdf("archive_back", {"number": file.number, "notes": said, "signed": signed}, at=at)


def title_of(case: Case) -> str:
    """The title of a file names its petitioner, as a file on paper does."""
    party = (
        case.parties.filter(role=PersonRole.PETITIONER).select_related("person").order_by("position").first()
    )
    who = (party.person.name if party and party.person else "") or "匿名信访人"
    what = code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category)
    return f"{who}反映{what}的案卷"


def fonds_name(unit: Organisation) -> str:
    """Whose fonds it is: the nearest unit upwards that has a number."""
    above: Organisation | None = unit
    while above is not None and not hasattr(above, "fonds"):
        above = above.parent
    return (above or unit).name


# -- the folder -------------------------------------------------------------------------------------


def _pack(file: ArchiveFile, leaves: list[Leaf], volume: bytes, at: datetime) -> bytes:
    """A .zip: the papers one by one, what each is as JSON and as XML, and the list of digests over all of it."""
    told = metadata(file, leaves, volume, at)
    contents = {leaf.name: leaf.pdf for leaf in leaves}
    contents["metadata.json"] = json.dumps(told, ensure_ascii=False, indent=1).encode()
    contents["metadata.xml"] = _xml(told)
    lines = [f"{(d := Digests.of(content)).sha256} {d.sm3} {name}" for name, content in contents.items()]
    contents["digests.txt"] = ("# SHA-256 SM3 file\n" + "\n".join(lines) + "\n").encode()
    out = BytesIO()
    with ZipFile(out, "w") as folder:
        for name, content in contents.items():
            entry = ZipInfo(name, ZIP_DATE)  # the same file at the same moment gives the same bytes
            entry.compress_type = ZIP_DEFLATED
            folder.writestr(entry, content)
    return out.getvalue()


def metadata(file: ArchiveFile, leaves: list[Leaf], volume: bytes, at: datetime) -> dict[str, Any]:
    """Element names after the electronic records' metadata (DA/T 46, DA/T 22); see docs/archive.md."""
    whole = Digests.of(volume)
    return {
        "archivalCode": file.number,
        "fondsNumber": file.fonds,
        "fondsName": fonds_name(file.unit),
        "category": "WS",
        "year": file.year,
        "retentionPeriod": file.retention,
        "retentionReason": file.reason,
        "keepUntil": file.keep_until.isoformat() if file.keep_until else "",
        "officeOrFunction": "WQ",
        "title": title_of(file.case),
        "caseNumber": file.case.number,
        "creator": file.unit.name,
        "archivist": file.filed_by.name,
        "archivedAt": file.filed_at.isoformat(),
        "madeAt": at.isoformat(),
        "pages": sum(leaf.pages for leaf in leaves),
        "volume": {"sha256": whole.sha256, "sm3": whole.sm3, "bytes": len(volume)},
        "documents": [_document(leaf) for leaf in leaves],
    }


def _document(leaf: Leaf) -> dict[str, Any]:
    return {
        "sequence": leaf.seq,
        "author": leaf.paper.author,
        "documentNumber": leaf.paper.doc_number,
        "title": leaf.paper.title,
        "date": leaf.paper.on.isoformat(),
        "firstPage": leaf.first_page,
        "pages": leaf.pages,
        "remark": leaf.paper.remark,
        "file": leaf.name,
        "sha256": leaf.digests.sha256,
        "sm3": leaf.digests.sm3,
    }


def _xml(told: dict[str, Any]) -> bytes:
    root = ElementTree.Element("archiveFile")
    for name, value in told.items():
        if name == "documents":
            listed = ElementTree.SubElement(root, "documents")
            for one in value:
                _elements(ElementTree.SubElement(listed, "document"), one)
        elif isinstance(value, dict):
            _elements(ElementTree.SubElement(root, name), value)
        else:
            ElementTree.SubElement(root, name).text = _clean(str(value))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _elements(parent: ElementTree.Element, told: dict[str, Any]) -> None:
    for name, value in told.items():
        ElementTree.SubElement(parent, name).text = _clean(str(value))


def _clean(text: str) -> str:
    """XML has no place for control characters, whatever somebody pasted."""
    return "".join(character for character in text if character >= " " or character in "\n\t")
