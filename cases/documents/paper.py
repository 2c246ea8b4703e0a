"""From what a document is about to its two files: told once, drawn twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cases.choices import DocType
from cases.documents.docx import built_in, fill_docx
from cases.documents.kinds import KINDS, About
from cases.documents.layout import Look, Written
from cases.documents.pdf import compile_pdf

# Until it is issued a document has no number.
NOT_NUMBERED = "（签发时编号）"


@dataclass(frozen=True)
class Drawn:
    docx: bytes
    pdf: bytes


def draft(
    doc_type: DocType, about: About, *, number: str = NOT_NUMBERED, changed: Mapping[str, str] | None = None
) -> Written:
    """The document with all that is known; `changed` holds the free paragraphs as they were rewritten."""
    kind = KINDS[doc_type]
    values = {
        "issuer": about.unit.name,
        "number": number if kind.numbered else "",
        "day": about.day,
        "contact": about.by.name,
        "phone": about.phone,
        **kind.build(about),
    }
    frees = {free.name for free in kind.layout.frees()}
    return Written(
        kind.layout, values | {name: text for name, text in (changed or {}).items() if name in frees}
    )


def draw(sheet: Written, *, template: bytes | None, at: datetime, like: DocType) -> Drawn:
    """Word by the federation's template, or ours; PDF always in the form of the national standard."""
    return Drawn(fill_docx(template or our_template(like), sheet), draw_pdf(sheet, at=at))


def draw_pdf(sheet: Written, *, at: datetime) -> bytes:
    issuer = sheet.common()["issuer"]
    told = sheet.common() | {
        "look": sheet.layout.look,
        "brow": f"{issuer}维权联席会议纪要" if sheet.layout.look is Look.MINUTES else issuer,
        "blocks": sheet.blocks(),
    }
    return compile_pdf("paper", told, at=at)


@lru_cache(maxsize=len(DocType))
def our_template(doc_type: DocType) -> bytes:
    return built_in(KINDS[doc_type].layout)
