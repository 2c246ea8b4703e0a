"""The archive's pages: who sees what, what is said, what is written down."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from cases.actions.archive import filing
from cases.actions.guarding.secrecy import seal_case
from cases.choices import AccessKind, ArchiveStage
from cases.models import Access, ArchiveContent, ArchiveFile, Case, LegalHold
from cases.views.archive.listing import overdue, waiting
from tests.archive.scene import again, filed, with_fonds
from tests.cast import MONDAY, login
from tests.factories import make_case


@pytest.fixture
def file(cast):
    return filed(cast)


def get(client, person, name, *args, **query):
    return login(client, person).get(reverse(name, args=args), query)


def post(client, person, name, *args, **data):
    return login(client, person).post(reverse(name, args=args), data)


def test_what_is_to_be_filed_and_by_when(client, cast):
    case = make_case(cast, "CLOSED")
    make_case(cast, "HANDLING")
    page = get(client, cast.archivist, "archive").content.decode()

    assert case.number in page
    assert "2027-06-30" in page
    assert page.count(reverse("archive_make", args=[case.number])) == 1


@pytest.mark.parametrize(
    ("today", "late"), [("2027-06-30", 0), ("2027-07-01", 1), ("2026-11-16", 0), ("2028-01-01", 1)]
)
def test_after_june_of_the_next_year_it_is_late(cast, today, late):
    make_case(cast, "CLOSED")
    day = MONDAY.fromisoformat(today).date()

    assert overdue(waiting(cast.archivist), day).count() == late


@pytest.mark.parametrize("shown", ["to_file", "filed", "due", "holds", "appraisals", "destroyed", "nonsense"])
def test_lists_take_a_constant_number_of_queries(client, cast, file, shown, django_assert_max_num_queries):
    get(client, cast.archivist, "archive", list=shown)
    with django_assert_max_num_queries(40) as one:
        get(client, cast.archivist, "archive", list=shown)
    filed(cast)
    make_case(cast, "CLOSED")
    make_case(cast, "CLOSED")
    with django_assert_max_num_queries(len(one)):
        get(client, cast.archivist, "archive", list=shown)


def test_a_case_is_filed_with_the_proposed_class_and_why(client, cast):
    with_fonds(cast)
    case = make_case(cast, "CLOSED")
    page = get(client, cast.head, "archive_make", case.number).content.decode()
    assert "30年" in page
    assert "已结案且有办理结果" in page
    assert "10年" not in page

    assert post(client, cast.head, "archive_make", case.number, retention="Y10").status_code == 422
    answer = post(client, cast.head, "archive_make", case.number, retention="Y30")
    file = ArchiveFile.objects.get()
    assert answer.url == reverse("archive_file", args=[file.pk])
    assert "正在成卷" in get(client, cast.head, "archive_file", file.pk).content.decode()


def test_without_a_fonds_the_page_says_what_to_do(client, cast):
    case = make_case(cast, "CLOSED")
    assert "全宗号" in get(client, cast.head, "archive_make", case.number).content.decode()
    assert post(client, cast.head, "archive_make", case.number, retention="Y30").status_code == 409
    assert post(client, cast.head, "archive_fonds", number="零一").status_code == 422
    assert post(client, cast.head, "archive_fonds", number="0123").status_code == 302
    assert post(client, cast.head, "archive_make", case.number, retention="Y30").status_code == 302


def test_an_open_case_is_not_filed(client, cast):
    with_fonds(cast)
    case = make_case(cast, "HANDLING")

    assert "办结后再立卷" in get(client, cast.head, "archive_make", case.number).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("head", 200),
        ("officer", 200),
        ("archivist", 200),
        ("clerk", 403),
        ("other_head", 404),
        ("other_officer", 404),
    ],
)
def test_who_sees_a_file(client, cast, file, who, status):
    assert get(client, getattr(cast, who), "archive_file", file.pk).status_code == status
    listed = get(client, getattr(cast, who), "archive", list="filed")
    assert (file.number in listed.content.decode()) is (status == 200)


def test_a_sealed_case_is_hidden_from_who_is_no_named_reader(client, cast):
    case = make_case(cast, "HANDLING", involves_minor=True)
    seal_case(case, reason="性侵害未成年人", by=cast.head, at=MONDAY + timedelta(minutes=20))
    Case.objects.filter(pk=case.pk).update(
        status="CLOSED", outcome="SOLVED", settled_level="TOWNSHIP", ended_at=MONDAY, ended_by=cast.head
    )
    with_fonds(cast)
    case = Case.objects.get(pk=case.pk)
    filing.file_case(case, retention=filing.proposed_class(case)[0], by=cast.head, at=MONDAY)
    filing.make_waiting(MONDAY)
    file = ArchiveFile.objects.get()
    assert file.stage == ArchiveStage.FILED

    assert get(client, cast.archivist, "archive_file", file.pk).status_code == 404
    assert file.number not in get(client, cast.archivist, "archive", list="filed").content.decode()
    taken = post(client, cast.archivist, "archive_take", file.pk, "volume", purpose="查阅")
    assert taken.status_code == 404


def test_taking_out_needs_a_purpose_and_is_written_down(client, cast, file):
    assert post(client, cast.archivist, "archive_take", file.pk, "volume", purpose="").status_code == 422
    before = Access.objects.count()
    answer = post(client, cast.archivist, "archive_take", file.pk, "volume", purpose="案件评查")

    content = ArchiveContent.objects.get(pk=file.pk)
    assert answer.content == content.pdf
    assert len(PdfReader(BytesIO(answer.content)).pages) == file.pages + 3
    assert "no-store" in answer["Cache-Control"]
    assert "祝" not in answer["Content-Disposition"]
    looks = list(Access.objects.order_by("-pk")[: Access.objects.count() - before])
    assert {look.fields for look in looks} == {"IDENTITY", "RESPONDENT", "STORY", "HANDLING"}
    assert {(look.staff, look.kind) for look in looks} == {(cast.archivist, AccessKind.PRINT)}
    assert {look.reason.text for look in looks} == {"案件评查"}
    folder = post(client, cast.archivist, "archive_take", file.pk, "folder", purpose="案件评查")
    assert folder.content == content.package
    for what in ("annex", "nothing"):
        assert post(client, cast.archivist, "archive_take", file.pk, what, purpose="看").status_code == 404
    assert post(client, cast.head, "archive_take", file.pk, "annex", purpose="看").status_code == 403


def test_a_check_is_told_on_the_page(client, cast, file):
    answer = login(client, cast.head).post(reverse("archive_check", args=[file.pk]), follow=True)
    assert "核验通过" in answer.content.decode()
    content = ArchiveContent.objects.get(pk=file.pk)
    content.pdf += b"x"
    content.save(update_fields=["pdf"])
    answer = client.post(reverse("archive_check", args=[file.pk]), follow=True)
    assert "核验不通过" in answer.content.decode()


def test_a_step_that_does_not_fit_keeps_what_was_typed(client, cast, file):
    assert post(client, cast.head, "archive_step", file.pk, "hold", reason="法院调卷").status_code == 302
    assert LegalHold.objects.get().reason == "法院调卷"
    answer = post(client, cast.head, "archive_step", file.pk, "hold", reason="再来一次")
    assert answer.status_code == 409
    assert "再来一次" in answer.content.decode()
    assert "已经暂停销毁" in answer.content.decode()
    assert post(client, cast.head, "archive_step", file.pk, "release", because="已还卷").status_code == 302
    assert get(client, cast.head, "archive_step", file.pk, "file").status_code == 404
    assert get(client, cast.head, "archive_step", file.pk, "nonsense").status_code == 404


def test_lowering_is_asked_by_one_and_decided_by_another_on_the_same_page(client, cast, file):
    assert (
        post(client, cast.head, "archive_step", file.pk, "reclass", retention="Y10", words="x").status_code
        == 302
    )
    page = get(client, cast.archivist, "archive_step", file.pk, "reclass").content.decode()
    assert "仇站长申请由30年降为10年" in page
    told = {"granted": "yes", "opinion": "同意"}
    assert post(client, cast.head, "archive_step", file.pk, "reclass", **told).status_code == 409
    assert post(client, cast.archivist, "archive_step", file.pk, "reclass", **told).status_code == 302
    assert again(file).retention == "Y10"
