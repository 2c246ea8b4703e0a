"""What is put on paper: the words and numbers of letters, PDF with the measures of an official letter, Excel sheets."""

from cases.documents.docx import TemplateRefused, built_in, check_template, fill_docx
from cases.documents.kinds import KINDS, About, DocKind, Of
from cases.documents.layout import Layout, Look, Written
from cases.documents.meanings import meanings
from cases.documents.paper import draft, draw, draw_pdf, our_template
from cases.documents.pdf import compile_pdf
from cases.documents.samples import sample
from cases.documents.sheets import Column, Kind, Sheet, workbook
from cases.documents.words import (
    DOC_WORDS,
    INTERNAL_BASIS,
    MINUTES,
    OWN_WORDS,
    PAPER_BASES,
    book_and_serial,
    book_of,
    chinese_date,
    next_doc_number,
    next_number,
    notice_body,
    petitioner_name,
)

__all__ = [
    "DOC_WORDS",
    "INTERNAL_BASIS",
    "KINDS",
    "MINUTES",
    "OWN_WORDS",
    "PAPER_BASES",
    "About",
    "Column",
    "DocKind",
    "Kind",
    "Layout",
    "Look",
    "Of",
    "Sheet",
    "TemplateRefused",
    "Written",
    "book_and_serial",
    "book_of",
    "built_in",
    "check_template",
    "chinese_date",
    "compile_pdf",
    "draft",
    "draw",
    "draw_pdf",
    "fill_docx",
    "meanings",
    "next_doc_number",
    "next_number",
    "notice_body",
    "our_template",
    "petitioner_name",
    "sample",
    "workbook",
]
