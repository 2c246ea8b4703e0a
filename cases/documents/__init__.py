"""What is put on paper: the words and numbers of letters, PDF with the measures of an official letter, Excel sheets."""

from cases.documents.pdf import compile_pdf
from cases.documents.sheets import Column, Kind, Sheet, workbook
from cases.documents.words import (
    DOC_WORDS,
    INTERNAL_BASIS,
    MINUTES,
    PAPER_BASES,
    chinese_date,
    next_doc_number,
    notice_body,
    petitioner_name,
)

__all__ = [
    "DOC_WORDS",
    "INTERNAL_BASIS",
    "MINUTES",
    "PAPER_BASES",
    "Column",
    "Kind",
    "Sheet",
    "chinese_date",
    "compile_pdf",
    "next_doc_number",
    "notice_body",
    "petitioner_name",
    "workbook",
]
