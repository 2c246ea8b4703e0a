"""A report told in sentences: on paper and as a Word file, with what the person who signs it adds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cases.documents.docx import built_in, fill_docx
from cases.documents.layout import Head, Layout, Look, Para, lines_of
from cases.documents.layout import Written as Sheet
from cases.statistics.figures.narrative import Section
from cases.statistics.figures.reports import HIDDEN_NOTE, Written

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def with_own(words: Sequence[Section], own: Mapping[str, str]) -> list[Section]:
    """The sections with what she typed where no figure speaks."""
    return [
        replace(section, paragraphs=lines_of(own.get(section.name, ""))) if section.name else section
        for section in words
    ]


def word_file(written: Written, words: Sequence[Section], as_of: str, issuer: str) -> bytes:
    """A .docx to go on writing in: every paragraph is a value, so nothing typed is read as a template."""
    place, period = written.context.place.name, written.context.period.label
    values = {
        "issuer": issuer,
        "heading": f"{place}{written.report.name}",
        "line": f"期间：{period}　统计截至：{as_of}",
    }
    blocks: list[Para | Head] = [Para("{line}", plain=True)]
    if written.hidden:
        values["note"] = HIDDEN_NOTE
        blocks.append(Para("{note}", plain=True))
    for nth, section in enumerate(words):
        blocks.append(Head(section.title))
        for row, text in enumerate(section.paragraphs or [""]):
            name = f"words_{nth}_{row}"
            values[name] = text
            blocks.append(Para(f"{{{name}}}"))
    layout = Layout("{heading}", tuple(blocks), Look.FORM)
    return fill_docx(built_in(layout), Sheet(layout, values))
