"""What she declares of herself and those close to her: hers alone."""

import pytest
from django.test import Client
from django.urls import reverse

from stations.actions.ties import declare_tie
from stations.forms.ties import is_id_number
from stations.models import Tie
from tests.cast import MONDAY
from tests.factories import ID_NUMBER

TYPED = {
    "kind": "SPOUSE",
    "name": "鲁大有",
    "id_number": " 410423 19900305 0008 ",
    "phone": "１３９-0000-0001",
}


@pytest.fixture
def clerk(cast):
    client = Client()
    client.force_login(cast.clerk, backend="stations.backends.StaffBackend")
    return client


def test_a_declaration_is_kept_tidied_and_sealed(cast, clerk):
    response = clerk.post(reverse("ties"), TYPED, follow=True)

    row = Tie.objects.get()
    assert (row.staff, row.kind, row.name, row.id_number, row.phone) == (
        cast.clerk,
        "SPOUSE",
        "鲁大有",
        ID_NUMBER,
        "13900000001",
    )
    assert "已申报" in response.content.decode()
    assert "鲁大有" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": ""}, "请选择关系"),
        ({"name": ""}, "请填写姓名"),
        ({"id_number": "410423199003050009"}, "身份证号不对"),
        ({"id_number": "4104231990"}, "身份证号不对"),
        ({"phone": "12"}, "电话号码不对"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(clerk, change, words):
    response = clerk.post(reverse("ties"), TYPED | change)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Tie.objects.exists()


def test_numbers_may_be_left_out(clerk):
    clerk.post(reverse("ties"), {"kind": "CHILD", "name": "鲁小有"})

    assert (Tie.objects.get().id_number_index, Tie.objects.get().phone_index) == (None, None)


def test_oneself_is_declared_once(clerk):
    clerk.post(reverse("ties"), TYPED | {"kind": "SELF"})

    response = clerk.post(reverse("ties"), TYPED | {"kind": "SELF"})

    assert response.status_code == 422
    assert "本人已经申报过" in response.content.decode()


def test_nobody_else_reads_or_removes_it(cast, clerk):
    tie = declare_tie(cast.head, kind="CHILD", name="仇小小", at=MONDAY)

    assert "仇小小" not in clerk.get(reverse("ties")).content.decode()
    assert clerk.post(reverse("tie_remove", args=[tie.pk])).status_code == 404
    assert Tie.objects.exists()


def test_what_is_hers_she_takes_back(cast, clerk):
    tie = declare_tie(cast.clerk, kind="CHILD", name="单小小", at=MONDAY)

    assert clerk.get(reverse("tie_remove", args=[tie.pk])).status_code == 405
    response = clerk.post(reverse("tie_remove", args=[tie.pk]), follow=True)

    assert "已经作出的回避不因此解除" in response.content.decode()
    assert not Tie.objects.exists()


@pytest.mark.parametrize(
    ("number", "good"),
    [(ID_NUMBER, True), ("11010519491231002X", True), ("410423199003050007", False), ("", False)],
)
def test_the_last_sign_is_checked(number, good):
    assert is_id_number(number) is good
