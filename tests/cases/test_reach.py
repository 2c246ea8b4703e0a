"""Changing how she is reached: what changed is kept, never the value it had; nothing on file is shown."""

import pytest
from django.urls import reverse

from cases.actions.intake import PhoneEntry
from cases.actions.safety.reach import Change, add_phone, change_phone, change_places
from cases.choices import PersonRole, PhoneSafety, Step
from cases.models import Phone
from cases.workflow import StepNotAllowed
from tests.cases.pages import as_, words
from tests.cast import MONDAY
from tests.factories import MINUTE, SAFE_PHONE, make_case

LATER = MONDAY + 30 * MINUTE
NEW_PHONE = "13800000077"
NOW = "鲁山县下汤镇新搬的院子九号"


def page(case, **asked):
    return reverse("reach", args=[case.number]) + (
        "?" + "&".join(f"{k}={v}" for k, v in asked.items()) if asked else ""
    )


def her(case):
    return case.parties.get(role=PersonRole.PETITIONER).person


def safe_phone(case):
    return Phone.objects.get(person__parties__case=case, safety=PhoneSafety.SAFE)


def change(case, by):
    return Change(case, case.seq, by, LATER)


def told(case):
    return [
        (event.facts["fields"], event.note.text)
        for event in case.events.filter(step=Step.REACH).select_related("note").order_by("seq")
    ]


def test_a_number_becomes_unsafe_and_its_phrase_goes(cast):
    case = make_case(cast, "HANDLING")
    phone = safe_phone(case)

    answer = as_(cast.clerk).post(
        page(case, phone=phone.pk),
        {"seen": case.seq, "safety": "UNSAFE", "hide_caller": "on", "no_pass_phrase": "on", "window": "晚上"},
    )

    phone.refresh_from_db()
    assert answer.status_code == 302
    assert (phone.safety, phone.pass_phrase, phone.window, phone.remark) == ("UNSAFE", "", "晚上", "本人")
    assert told(case) == [
        (["safety", "window", "pass_phrase"], "信访人：修改一个电话：能否拨打、方便回电的时间、暗语")
    ]


def test_a_new_number(cast):
    case = make_case(cast, "HANDLING")
    client = as_(cast.clerk)
    asked = {"seen": case.seq, "number": NEW_PHONE, "safety": "ASK_FIRST", "pass_phrase": "问天气"}

    answer = client.post(page(case, new=her(case).pk), asked)
    again = client.post(page(case, new=her(case).pk), asked | {"seen": case.seq + 9})

    made = her(case).phones.get(safety=PhoneSafety.ASK_FIRST)
    assert answer.status_code == 302
    assert (made.number, made.pass_phrase) == (NEW_PHONE, "问天气")
    assert again.status_code == 409
    assert "已经登记过" in words(again)
    assert told(case) == [(["phone"], "信访人：新增一个电话")]


def test_the_two_addresses(cast):
    case = make_case(cast, "CLOSED")
    papers = her(case).address_papers

    answer = as_(cast.clerk).post(
        page(case, places=her(case).pk), {"seen": case.seq, "address_now": NOW, "no_work_place": "on"}
    )

    assert answer.status_code == 302
    assert (her(case).address_now, her(case).address_papers, her(case).work_place) == (NOW, papers, "")
    assert told(case) == [(["address_now", "work_place"], "信访人：修改：现在住处、单位或学校")]


@pytest.mark.parametrize("name", ["phone", "places", "new"])
def test_no_form_shows_what_is_on_file(cast, name):
    case = make_case(cast, "HANDLING")
    key = safe_phone(case).pk if name == "phone" else her(case).pk
    secrets = (SAFE_PHONE, "问豆腐还有吗", "工作日上午", her(case).address_now, her(case).address_papers)

    for url in (page(case), page(case, **{name: key})):
        answer = as_(cast.clerk).get(url)
        assert answer.status_code == 200
        assert [secret for secret in secrets if secret in answer.content.decode()] == []


def test_the_places_say_which_is_never_on_paper(cast):
    case = make_case(cast, "HANDLING")

    said = words(as_(cast.clerk).get(page(case)))

    assert "现在住处 已登记 只在本系统内，永远不上任何纸。 文书送达地址 已登记" in said


def test_nothing_told_changes_nothing(cast):
    case = make_case(cast, "HANDLING")

    answer = as_(cast.clerk).post(page(case, places=her(case).pk), {"seen": case.seq})

    assert answer.status_code == 409
    assert "没有改动" in words(answer)
    assert not case.events.filter(step=Step.REACH).exists()


def test_told_and_cleared_at_once_is_asked_again(cast):
    case = make_case(cast, "HANDLING")

    answer = as_(cast.clerk).post(
        page(case, places=her(case).pk), {"seen": case.seq, "address_now": NOW, "no_address_now": "on"}
    )

    assert answer.status_code == 422
    assert "不要同时勾选清空" in words(answer)


def test_the_slower_of_two_is_told_and_keeps_her_words(cast):
    case = make_case(cast, "HANDLING")
    seen = case.seq
    change_places(Change(case, seen, cast.head, LATER), her(case), told={"address_now": "别处"})

    answer = as_(cast.clerk).post(page(case, places=her(case).pk), {"seen": seen, "address_now": NOW})

    assert answer.status_code == 409
    assert "刚刚有人更新过" in words(answer)
    assert NOW in answer.content.decode()
    assert her(case).address_now == "别处"
    case.refresh_from_db()
    assert f'value="{case.seq}"' in answer.content.decode()


@pytest.mark.parametrize(
    "take",
    [
        pytest.param(
            lambda moved, case: change_phone(moved, safe_phone(case), told={"safety": "UNSAFE"}), id="phone"
        ),
        pytest.param(
            lambda moved, case: add_phone(moved, her(case), entry=PhoneEntry(NEW_PHONE)), id="new phone"
        ),
        pytest.param(
            lambda moved, case: change_places(moved, her(case), told={"address_now": NOW}), id="places"
        ),
    ],
)
def test_a_void_case_keeps_its_contacts(cast, take):
    case = make_case(cast, "VOID")

    with pytest.raises(StepNotAllowed, match="作废"):
        take(change(case, cast.clerk), case)

    assert her(case).address_now != NOW
    assert safe_phone(case)


def test_somebody_who_has_no_part_any_more_is_named_by_nothing(cast):
    case = make_case(cast, "HANDLING")
    person = her(case)
    case.parties.filter(person=person).delete()

    change_places(change(case, cast.clerk), person, told={"address_now": NOW})

    assert told(case) == [(["address_now"], "修改：现在住处")]


@pytest.mark.parametrize("name", ["phone", "places", "new"])
def test_only_her_own_side_is_reached(cast, name):
    case, other = make_case(cast, "HANDLING"), make_case(cast, "HANDLING")
    his = case.parties.get(role=PersonRole.RESPONDENT).person
    keys = [safe_phone(other).pk if name == "phone" else her(other).pk, his.pk, "no-uuid"]

    for key in keys:
        assert as_(cast.clerk).get(page(case, **{name: key})).status_code == 404
    assert as_(cast.clerk).post(page(case)).status_code == 404
