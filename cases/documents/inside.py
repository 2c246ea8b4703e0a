"""What an opened Word file would fetch, run or hold besides its text: read from the file as Word reads it, because the
same thing can be written in many ways (quotes, character references, another name or encoding of a part)."""

from collections.abc import Iterator
from typing import Any

from docx.document import Document as Doc
from docx.oxml import parse_xml
from docx.oxml.ns import qn

OUTSIDE = "文件里有外部链接或外部图片，请删去再上传。"
EMBEDDED = "文件里嵌入了别的文件，请删去再上传。"
MACROS = "文件里有宏，请另存为不带宏的 .docx 再上传。"
ELSEWHERE = "占位符只能写在正文、页眉和页脚里，脚注和文件属性里的请删去。"
FIELD = "文件里有会取用别处内容的域（{}），只能用页码、页数、日期一类的域。请删去再上传。"
# What other parts are brought in by.
_HELD = {"afchunk", "oleobject", "package", "control", "frame", "subdocument", "externallink"}
_FIELDS = {
    "PAGE",
    "NUMPAGES",
    "SECTIONPAGES",
    "SECTION",
    "DATE",
    "TIME",
    "REF",
    "PAGEREF",
    "STYLEREF",
    "TOC",
    "SEQ",
}
_PROPERTIES = ("author", "comments", "identifier", "language", "subject", "title")
_NOTES = "footnotes+xml"
_MARKS = ("{{", "{%")


def why_not_inside(book: Doc) -> str:
    """A sentence about the first thing that must go; empty when there is none."""
    package = book.part.package
    rels = list(package.iter_rels())
    if any(rel.is_external for rel in rels):
        return OUTSIDE
    kinds = {rel.reltype.rpartition("/")[2].lower() for rel in rels}
    if kinds & _HELD:
        return EMBEDDED
    if "vbaproject" in kinds or "macroenabled" in book.part.content_type.lower():
        return MACROS
    if any(mark in said for said in _said_elsewhere(book) for mark in _MARKS):
        return ELSEWHERE
    for root in _trees(package):
        if any(_fetches(element) for element in root.iter()):
            return OUTSIDE
        if odd := next((word for word in _fields(root) if word not in _FIELDS), None):
            return FIELD.format(odd[:20])
    return ""


def _said_elsewhere(book: Doc) -> Iterator[str]:
    """The filling reads these too, and no check of names would see them."""
    yield from (str(getattr(book.core_properties, name)) for name in _PROPERTIES)
    for part in book.part.package.iter_parts():
        if part.content_type.endswith(_NOTES):
            yield part.blob.decode("utf-8")  # as the filling does; what is not UTF-8 is refused as broken


def _trees(package: Any) -> Iterator[Any]:
    for part in package.iter_parts():
        if part.content_type.endswith("xml"):
            yield part.element if hasattr(part, "element") else parse_xml(part.blob)


def _fetches(element: Any) -> bool:
    return any(
        str(name).rpartition("}")[2] in ("src", "href") and value for name, value in element.attrib.items()
    )


def _fields(root: Any) -> Iterator[str]:
    """The first word of each field; one inside another cuts it, so that a word put together from several is odd."""
    said = ""
    for element in root.iter(qn("w:fldSimple"), qn("w:instrText"), qn("w:fldChar")):
        if element.tag == qn("w:instrText"):
            said += element.text or ""
            continue
        if said.strip():
            yield said.split()[0].upper()
        said = ""
        if element.tag == qn("w:fldSimple"):
            yield next(iter(element.get(qn("w:instr"), "").split()), "").upper()
    if said.strip():
        yield said.split()[0].upper()
