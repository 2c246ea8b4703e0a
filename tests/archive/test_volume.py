"""The volume: what is in it and what is not, its numbers and digests. Looked at page by page as PDF."""

import json
import os
import re
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pypdf import PdfReader

from cases.actions.archive.checking import check_all, check_file
from cases.actions.archive.volume import Digests
from cases.choices import ArchiveStep
from cases.models import ArchiveContent, ArchivePaper
from tests.archive.scene import SAFE_PLACE, filed, rich_case
from tests.factories import FACTS, ID_NUMBER, SAFE_PHONE, UNSAFE_PHONE


@pytest.fixture
def file(cast):
    return filed(cast, rich_case(cast))


@pytest.fixture
def content(file):
    return ArchiveContent.objects.get(pk=file.pk)


def flat(page):
    return re.sub(r"\s", "", page.extract_text())


def test_each_paper_begins_on_the_page_the_list_says(file, content):
    reader = PdfReader(BytesIO(content.pdf))
    at = dict(zip(reader.page_labels, reader.pages, strict=True))
    if folder := os.environ.get("ARCHIVE_LOOK"):
        Path(folder, "volume.pdf").write_bytes(content.pdf)

    papers = list(file.papers.order_by("seq"))
    assert len(papers) == 9
    page = 1
    for paper in papers:
        assert paper.first_page == page
        told = flat(at[str(page)])
        assert re.sub(r"\s", "", paper.title) in told
        assert told.startswith(str(page)) or told.endswith(str(page))
        page += paper.pages
    assert file.pages == page - 1 == sum(label.isdigit() for label in reader.page_labels)


def test_cover_list_and_note_stand_around_the_papers(file, content):
    reader = PdfReader(BytesIO(content.pdf))
    cover, listed, back = flat(reader.pages[0]), flat(reader.pages[1]), flat(reader.pages[-1])

    assert "卷宗封面" in cover
    assert file.number in cover
    assert "祝冬雪反映家庭纠纷" in cover
    assert "鲁山县妇女联合会" in cover
    assert "30年" in cover
    assert "卷内目录" in listed
    assert "来访登记表" in listed
    assert "卷内备考表" in back
    assert f"本卷共{file.pages}页" in back


def test_papers_are_in_the_order_of_time_and_the_course_is_last(file):
    papers = list(file.papers.order_by("seq"))

    assert [paper.on for paper in papers] == sorted(paper.on for paper in papers)
    assert papers[-1].title == "办理过程登记"
    titles = {paper.title for paper in papers}
    assert {"结案审批表", "告诫书查访记录", "受理告知书", "个人信息处理依据记录"} <= titles


def test_where_she_is_and_how_to_reach_her_is_not_in_it(file, content):
    text = "".join(flat(page) for page in PdfReader(BytesIO(content.pdf)).pages)

    assert re.sub(r"\s", "", FACTS) in text
    assert "祝冬雪" in text
    for secret in (SAFE_PLACE, "问豆腐还有吗", SAFE_PHONE, UNSAFE_PHONE, ID_NUMBER, "假设路七号姐姐家"):
        assert secret not in text
    assert "暂住〔另存〕" in text
    assert "*" * 14 + ID_NUMBER[-4:] in text
    with ZipFile(BytesIO(content.package)) as folder:
        said = b"".join(folder.read(name) for name in folder.namelist() if not name.endswith(".pdf")).decode()
    assert SAFE_PLACE not in said


def test_the_folder_says_what_each_paper_is(file, content):
    with ZipFile(BytesIO(content.package)) as folder:
        told = json.loads(folder.read("metadata.json"))
        root = ElementTree.fromstring(folder.read("metadata.xml"))
        lines = folder.read("digests.txt").decode().splitlines()[1:]
        digests = {name: (sha, sm) for sha, sm, name in (line.split(" ") for line in lines)}
        assert set(digests) == set(folder.namelist()) - {"digests.txt"}
        for name, said in digests.items():
            found = Digests.of(folder.read(name))
            assert (found.sha256, found.sm3) == said
    assert told["archivalCode"] == root.findtext("archivalCode") == file.number
    assert told["volume"]["sha256"] == content.pdf_sha256
    assert [one["title"] for one in told["documents"]] == [one.title for one in file.papers.order_by("seq")]
    assert [one.findtext("sm3") for one in root.iter("document")] == [one["sm3"] for one in told["documents"]]


def test_the_history_holds_the_digests(file, content):
    facts = file.case.events.get(step=ArchiveStep.FILE).facts

    assert (facts["pdf"], facts["package"]) == (content.pdf_sha256, content.package_sha256)
    assert check_file(file) == []
    assert list(check_all()) == []


def changed(content, field):
    told = bytearray(getattr(content, field))
    told[len(told) // 2] ^= 1
    return bytes(told)


@pytest.mark.parametrize(("field", "what"), [("pdf", "案卷"), ("package", "案卷文件夹")])
def test_a_changed_byte_is_found(file, content, field, what):
    setattr(content, field, changed(content, field))
    content.save(update_fields=[field])

    assert check_file(file) == [f"{what}与登记的摘要不符"]
    assert [fault.number for fault in check_all()] == [file.number]


def test_a_digest_exchanged_with_its_file_is_found_by_the_history(file, content):
    content.pdf = changed(content, "pdf")
    content.pdf_sha256, content.pdf_sm3 = Digests.of(content.pdf).sha256, Digests.of(content.pdf).sm3
    content.save()

    assert check_file(file) == ["登记的摘要与案件历史里的不符"]


def test_a_paper_that_is_not_the_listed_one_is_found(file):
    ArchivePaper.objects.filter(file=file, seq=2).update(sm3="0" * 64)

    assert check_file(file) == ["第2件与卷内目录的摘要不符"]


def test_a_seal_broken_in_the_database_is_found(file, content):

    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_archivecontent SET pdf = set_byte(pdf, 40, get_byte(pdf, 40) # 1)")

    assert "打不开" in check_file(file)[0]


def test_a_volume_that_is_gone_is_found(file, content):
    content.delete()

    assert check_file(file) == ["案卷内容不见了"]


def test_the_command_says_what_it_checked_and_fails_on_a_fault(file, content):
    out = StringIO()
    call_command("check_archives", stdout=out)
    assert out.getvalue() == "1 volumes checked: all as they were filed\n"

    content.pdf = changed(content, "pdf")
    content.save(update_fields=["pdf"])
    out = StringIO()
    with pytest.raises(CommandError, match="1 volumes checked: 1 faults"):
        call_command("check_archives", stdout=out)
    assert out.getvalue() == f"{file.number}: 案卷与登记的摘要不符\n"
