"""Compute the digests of every filed volume anew."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from cases.actions.archive.checking import check_all
from cases.choices import ArchiveStage
from cases.models import ArchiveFile


class Command(BaseCommand):
    help = "Computes the digests of every filed volume anew; fails when one does not agree."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(check_all())
        for fault in faults:
            self.stdout.write(f"{fault.number}: {fault.what}")
        checked = f"{ArchiveFile.objects.filter(stage=ArchiveStage.FILED).count()} volumes checked"
        if faults:
            raise CommandError(f"{checked}: {len(faults)} faults", returncode=1)
        self.stdout.write(f"{checked}: all as they were filed")
