"""Compute every digest of a file again: a volume that was changed or exchanged is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from cases.actions.archive.volume import Digests
from cases.choices import ArchiveStage, ArchiveStep
from cases.models import ArchiveContent, ArchiveFile, Event
from weiquan.sealing import SealBroken


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, in words without personal data."""

    number: str
    what: str


def check_all() -> Iterator[Fault]:
    """Every volume that is kept, whoever asks: a command for the operator."""
    for file in ArchiveFile.objects.filter(stage=ArchiveStage.FILED).order_by("pk").iterator(chunk_size=100):
        for what in check_file(file):
            yield Fault(file.number, what)


def check_file(file: ArchiveFile) -> list[str]:
    """What does not agree; nothing when all is as it was filed."""
    content = ArchiveContent.objects.filter(pk=file.pk).first()
    if content is None:
        return ["案卷内容不见了"]
    try:
        stored = {"pdf": content.pdf, "package": content.package, "annex": content.annex or b""}
    except SealBroken:
        return ["密封的内容打不开：被改动过，或者密钥不全"]
    faults = [
        f"{NAMES[name]}与登记的摘要不符"
        for name, said in stored.items()
        if said and Digests.of(said) != _kept(content, name)
    ]
    return faults or [*_against_history(file, content), *_inside(file, stored["package"])]


NAMES = {"pdf": "案卷", "package": "案卷文件夹", "annex": "保密附页"}


def _kept(content: ArchiveContent, name: str) -> Digests:
    return Digests(getattr(content, f"{name}_sha256"), getattr(content, f"{name}_sm3"))


def _against_history(file: ArchiveFile, content: ArchiveContent) -> list[str]:
    """The digests also stand in the chain of events, where nobody changes them unnoticed."""
    filed = Event.objects.filter(case=file.case_id, step__in=(ArchiveStep.FILE, ArchiveStep.REFILE))
    latest = filed.order_by("-seq").first()
    said = latest.facts if latest else {}
    agrees = (said.get("pdf"), said.get("package")) == (content.pdf_sha256, content.package_sha256)
    return [] if agrees else ["登记的摘要与案件历史里的不符"]


def _inside(file: ArchiveFile, package: bytes) -> list[str]:
    """Each paper in the folder against its line in the list."""
    try:
        with ZipFile(BytesIO(package)) as folder:
            papers = {paper.seq: Digests(paper.sha256, paper.sm3) for paper in file.papers.all()}
            found = {seq: Digests.of(folder.read(f"papers/{seq:03d}.pdf")) for seq in papers}
    except (BadZipFile, KeyError):
        return ["案卷文件夹里少了文件"]
    return [f"第{seq}件与卷内目录的摘要不符" for seq in papers if found[seq] != papers[seq]]
