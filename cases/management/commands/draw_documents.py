"""Write one issued document of each kind, and the empty forms, into a folder, so that people can look at them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from cases.choices import DocType
from cases.demo.papers import issue_papers, newest_of_each
from cases.documents import built_in, draw_pdf, fill_docx
from cases.forms.papers.blank import BLANKS, blank_form


class Command(BaseCommand):
    help = "Write the demonstration's official documents and the empty forms into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Documents of real cases are not written out: this command needs DEMO=1.")
        folder.mkdir(parents=True, exist_ok=True)
        at = timezone.now()
        with transaction.atomic():
            # What the demonstration has not issued is issued to be looked at, and taken back.
            issue_papers(at, set(DocType) - {document.doc_type for document in newest_of_each()})
            for document in newest_of_each():
                name = document.doc_type.lower()
                (folder / f"{name}.docx").write_bytes(document.docx)
                (folder / f"{name}.pdf").write_bytes(document.pdf)
                self.stdout.write(f"{name}: {document.number or '-'}")
            transaction.set_rollback(True)
        for name in BLANKS:
            sheet = blank_form(name, issuer="示例县妇女联合会", at=at)
            (folder / f"blank_{name}.docx").write_bytes(fill_docx(built_in(sheet.layout), sheet))
            (folder / f"blank_{name}.pdf").write_bytes(draw_pdf(sheet, at=at))
