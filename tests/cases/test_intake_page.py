"""The intake page: what it asks, what it refuses and how, and that nothing typed is ever lost."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from cases.choices import Occurrence, PersonRole, PetitionForm, Risk, Sex, Status
from cases.models import Case, Clock, CodeItem, Contact, IntakeDraft, Statement
from cases.models.code import forget_codes
from cases.workflow.danger import ITEMS
from tests.cast import Cast, login
from tests.factories import ID_NUMBER

MOST_STATEMENTS = 21


def local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def walk_in(**overrides: Any) -> dict[str, Any]:
    """What a browser sends for a plain walk-in; `petitioner__name` stands for petitioner-name, None takes a field out."""
    told: dict[str, Any] = {
        "submission": str(uuid4()),
        "channel": "VISIT",
        "received_at": local(timezone.now()),
        "form": "INDIVIDUAL",
        "persons": "1",
        "occurrence": "FIRST",
        "risk": "BLUE",
        "facts": "邻居占了门前的路，说了几次都不听。",
        "category": "MAR_DISPUTE",
        "nature": "HELP",
        "petitioner-name": "祝冬雪",
        "phone-0-number": "13900000001",
        "phone-0-safety": "SAFE",
        "privacy_notice": "ORAL",
        "keep-ground": "SELF_ORAL",
        "finish": "REGISTER",
    }
    told |= {name.replace("__", "-", 1).replace("_row", "-"): value for name, value in overrides.items()}
    if "involves_dv" in told or "MAR_DV" in (told["category"], *told.get("categories", ())):
        told = {f"danger-{code}": "NO" for code in ITEMS} | told
    return {name: value for name, value in told.items() if value is not None}


@pytest.fixture(name="desk")
def the_desk(client: Client, cast: Cast) -> Client:
    return login(client, cast.clerk)


def register(desk: Client, **overrides: Any) -> Case:
    response = desk.post("/cases/new/", walk_in(**overrides))
    assert response.status_code == 302, response.content.decode()
    return Case.objects.get(number=response.url.split("/")[2])


# What it does -------------------------------------------------------------------------------------------------


def test_a_plain_walk_in_becomes_a_case(desk: Client, cast: Cast) -> None:
    case = register(desk)
    assert (case.status, case.owner, case.holder, case.risk) == (
        Status.REGISTERED,
        cast.clerk,
        cast.station,
        Risk.BLUE,
    )
    assert case.number.startswith(f"410423101-{timezone.localdate().year}-F-")
    party = case.parties.get()
    assert (party.role, party.person.name) == (PersonRole.PETITIONER, "祝冬雪")
    assert [phone.number for phone in party.person.phones.all()] == ["13900000001"]
    page = desk.get(f"/cases/{case.number}/registered/").content.decode()
    assert case.number in page
    assert case.query_code in page
    assert cast.head.name in page  # who is next


def test_clocks_start_from_the_receipt(desk: Client) -> None:
    received = timezone.now() - timedelta(days=3)
    case = register(desk, channel="LETTER", received_at=local(received), posted_on=str(received.date()))
    assert local(case.received_at) == local(received)
    starts = set(Clock.objects.filter(case=case).values_list("started_at", flat=True))
    assert {local(start) for start in starts} == {local(received)}


def test_few_statements(desk: Client) -> None:
    desk.get("/cases/new/")  # lists and rules are read once in half a minute
    register(desk)
    with CaptureQueriesContext(connection) as captured:
        response = desk.post("/cases/new/", walk_in())
    assert response.status_code == 302
    statements = [query["sql"] for query in captured]
    # The test's own transaction turns BEGIN and COMMIT into SAVEPOINT and RELEASE: the count is the same.
    assert len(statements) <= MOST_STATEMENTS, statements


def test_sent_twice_is_one_case(desk: Client) -> None:
    sent = walk_in()
    first = desk.post("/cases/new/", sent)
    second = desk.post("/cases/new/", sent, follow=True)
    assert second.redirect_chain[-1][0] == first.url
    assert "刚才已经保存" in second.content.decode()
    assert Case.objects.count() == Contact.objects.count() == 1


def test_a_page_without_its_id_is_still_a_case(desk: Client) -> None:
    register(desk, submission="not-a-uuid")
    register(desk, submission=None)
    assert Case.objects.count() == 2


def test_an_id_number_fills_birth_and_sex(desk: Client) -> None:
    case = register(desk, petitioner__id_number="４１０４２３ 19900305 0008")
    person = case.parties.get().person
    assert (person.id_number, person.birth_date, person.sex) == (ID_NUMBER, "1990-03-05", Sex.FEMALE)


def test_a_wrong_id_number_is_kept_on_purpose_only(desk: Client) -> None:
    wrong = {"petitioner__id_number": "410423199003050009"}
    refused = desk.post("/cases/new/", walk_in(**wrong))
    assert refused.status_code == 422
    assert "仍按此登记" in refused.content.decode()
    reasonless = desk.post("/cases/new/", walk_in(**wrong, petitioner__id_keep="on"))
    assert "请写明为什么仍按这个号码登记" in reasonless.content.decode()
    case = register(desk, **wrong, petitioner__id_keep="on", petitioner__id_override_reason="证件本身印错")
    person = case.parties.get().person
    assert (person.id_number, person.id_override_reason) == ("410423199003050009", "证件本身印错")
    assert person.sex == Sex.UNKNOWN


def test_an_old_id_number_needs_no_reason(desk: Client) -> None:
    case = register(desk, petitioner__id_number="110105491231003")
    assert case.parties.get().person.birth_date == "1949-12-31"


def test_anonymous(desk: Client) -> None:
    case = register(
        desk,
        petitioner__name="",
        petitioner__anonymous="on",
        petitioner__sex="2",
        phone_row0__number="",
        phone_row0__safety=None,
    )
    assert case.form == PetitionForm.ANONYMOUS
    assert case.label == "匿名"
    assert not case.clocks.filter(code__startswith="XF-NOTICE").exists()
    assert case.parties.get().person.sex == Sex.FEMALE


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        ({"category": "MAR_DV"}, "involves_dv"),
        ({"categories": ["MAR_DV"]}, "involves_dv"),
        ({"involves_dv": "on"}, "involves_dv"),
        ({"category": "CHD_NEGLECT", "report__none": "on"}, "involves_minor"),
        ({"categories": ["CHD_OTHER"], "report__none": "on"}, "involves_minor"),
        (
            {
                "victim__name": "小花",
                "victim__birth_date": "2015-06-01",
                "keep__ground": "GUARDIAN_ORAL",
                "report__none": "on",
            },
            "involves_minor",
        ),
        ({"petitioner__birth_date": "2012-06-01", "report__none": "on"}, "involves_minor"),
        ({"is_litigation": "on"}, "is_litigation"),
    ],
)
def test_flags_follow_from_what_is_told(desk: Client, told: dict[str, Any], flag: str) -> None:
    assert getattr(register(desk, **told), flag)
    assert not getattr(register(desk), flag)


def test_everything_told_is_kept(desk: Client) -> None:
    case = register(
        desk,
        channel="TRANSFER_XINFANG",
        source_unit="鲁山县信访局",
        source_number="鲁信转〔2026〕3号",
        source_person="赵某",
        persons="6",
        form="GROUP",
        companions="姐姐",
        demand="让路",
        place="村口",
        handled_before="村委会调解过",
        categories=["PRO_LAND", "MAR_DISPUTE"],
        flags=["URGENT"],
        grade="BIG",
        nature="COMPLAINT",
        occurrence="REPEAT",
        risk="YELLOW",
        petitioner__characteristics=["POOR", "ELDERLY"],
        petitioner__address_now="下汤镇假设路",
        petitioner__address_papers="镇政府转",
        phone_row0__hide_caller="on",
        phone_row0__window="上午",
        phone_row0__pass_phrase="问豆腐",
        phone_row1__number="0375-2661234",
        phone_row1__safety="UNSAFE",
        respondent__name="秦大勇",
        respondent__relation="NEIGHBOR",
        respondent__phone="13900000003",
        agent__name="祝春雪",
        representative_row0__name="甲",
        representative_row1__name="乙",
        representative_row1__phone="13900000004",
    )
    assert case.number.split("-")[2] == "Z"
    assert (case.form, case.persons, case.grade, case.flags, case.categories) == (
        "GROUP",
        6,
        "BIG",
        ["URGENT"],
        ["PRO_LAND"],
    )
    assert (case.occurrence, case.risk, case.nature) == (Occurrence.REPEAT, Risk.YELLOW, "COMPLAINT")
    assert case.clocks.filter(code="XF-NOTICE-T").exists()
    contact = case.contacts.get()
    assert (contact.source_unit, contact.source_number, contact.source_person, contact.companions) == (
        "鲁山县信访局",
        "鲁信转〔2026〕3号",
        "赵某",
        "姐姐",
    )
    statement = contact.statements.get()
    assert (statement.demand, statement.place, statement.handled_before) == ("让路", "村口", "村委会调解过")
    people = {(party.role, party.person.name) for party in case.parties.select_related("person")}
    assert people == {
        ("PETITIONER", "祝冬雪"),
        ("RESPONDENT", "秦大勇"),
        ("AGENT", "祝春雪"),
        ("REPRESENTATIVE", "甲"),
        ("REPRESENTATIVE", "乙"),
    }
    person = case.parties.get(role="PETITIONER").person
    assert (person.address_now, person.address_papers, person.characteristics) == (
        "下汤镇假设路",
        "镇政府转",
        ["POOR", "ELDERLY"],
    )
    phones = {phone.number: phone for phone in person.phones.all()}
    assert (
        phones["13900000001"].hide_caller,
        phones["13900000001"].window,
        phones["13900000001"].pass_phrase,
    ) == (True, "上午", "问豆腐")
    assert phones["03752661234"].safety == "UNSAFE"


def test_a_receipt_a_minute_ahead_of_the_server_is_now(desk: Client) -> None:
    case = register(desk, received_at=local(timezone.now() + timedelta(minutes=2)))
    assert case.received_at == case.registered_at


def test_advice_on_the_spot_is_registered_and_closed(desk: Client) -> None:
    case = register(
        desk,
        category="GEN_POLICY",
        finish="ADVISE",
        reply="讲了办理低保的条件和窗口。",
        satisfaction="SATISFIED",
    )
    assert (case.status, case.outcome, case.contacts_count) == (Status.CLOSED, "ANSWERED", 1)
    assert not case.clocks.live().exists()
    assert "当场答复" in desk.get(f"/cases/{case.number}/registered/").content.decode()


@pytest.mark.parametrize(
    "told",
    [
        {"risk": "YELLOW"},
        {"category": "MAR_DV"},
        {"involves_minor": "on", "report__none": "on"},
        {"petitioner__birth_date": "2015-01-01", "report__none": "on"},
    ],
)
def test_danger_and_children_never_end_on_the_spot(desk: Client, told: dict[str, Any]) -> None:
    response = desk.post("/cases/new/", walk_in(finish="ADVISE", reply="讲过了。", **told))
    assert response.status_code == 422
    assert "不能当场办结" in response.content.decode()
    assert not Case.objects.exists()


# What it refuses ----------------------------------------------------------------------------------------------

SIX = {f"representative-{row}-name": f"代表{row}" for row in range(6)}
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no channel": ({"channel": ""}, "id_channel", "请选择来源。"),
    "unknown channel": ({"channel": "PIGEON"}, "id_channel", "来源的选项不在清单中"),
    "no receipt": ({"received_at": ""}, "id_received_at", "请填写收到时间。"),
    "receipt in words": ({"received_at": "昨天下午"}, "id_received_at", "请按 2026-11-21 09:30 的样子填写"),
    "receipt tomorrow": (
        {"received_at": local(timezone.now() + timedelta(days=1))},
        "id_received_at",
        "不能晚于现在",
    ),
    "receipt long ago": ({"received_at": "1999-01-01T08:00"}, "id_received_at", "按旧档案保存"),
    "posted after receipt": (
        {"channel": "LETTER", "received_at": "2026-01-05T09:00", "posted_on": "2026-01-06"},
        "id_posted_on",
        "邮戳日期不能晚于收到日期",
    ),
    "no facts": ({"facts": " \u200b "}, "id_facts", "请填写反映的事情。"),
    "facts too long": ({"facts": "长" * 20_001}, "id_facts", "最多20000字，现在有20001字"),
    "demand too long": ({"demand": "长" * 8001}, "id_demand", "最多8000字"),
    "no category": ({"category": ""}, "id_category", "请选择主要类别。"),
    "unknown category": ({"category": "XYZ_1"}, "id_category", "不在清单中"),
    "a heading is no category": ({"category": "MAR"}, "id_category", "不在清单中"),
    "unknown second category": ({"categories": ["PRO_LAND", "<b>"]}, "id_categories", "不在清单中"),
    "no risk": ({"risk": None}, "id_risk", "请回答：现在有没有人身危险？"),
    "no notice": ({"privacy_notice": None}, "id_privacy_notice", "请选择个人信息告知。"),
    "no name": ({"petitioner__name": ""}, "id_petitioner-name", "不愿留姓名的，勾选“匿名”"),
    "name and anonymous": ({"petitioner__anonymous": "on"}, "id_petitioner-anonymous", "已经填了姓名"),
    "name too long": ({"petitioner__name": "长" * 51}, "id_petitioner-name", "最多50字"),
    "checksum": ({"petitioner__id_number": "410423199003050009"}, "id_petitioner-id_number", "校验不符"),
    "birth against number": (
        {"petitioner__id_number": ID_NUMBER, "petitioner__birth_date": "1991-03-05"},
        "id_petitioner-birth_date",
        "与身份证号上的出生日期 1990-03-05 不一致",
    ),
    "sex against number": (
        {"petitioner__id_number": ID_NUMBER, "petitioner__sex": "1"},
        "id_petitioner-sex",
        "与身份证号上的性别（女）不一致",
    ),
    "born tomorrow": ({"petitioner__birth_date": "2100-01-01"}, "id_petitioner-birth_date", "不能晚于今天"),
    "unknown sex": ({"petitioner__sex": "7"}, "id_petitioner-sex", "不在清单中"),
    "phone too short": ({"phone_row0__number": "1390000000"}, "id_phone-0-number", "应为11位，现在是10位"),
    "phone not asked about": ({"phone_row0__safety": None}, "id_phone-0-safety", "请问清这个号码能不能打"),
    "pass phrase without phone": (
        {"phone_row1__pass_phrase": "问豆腐"},
        "id_phone-1-number",
        "请填写电话号码",
    ),
    "same phone twice": (
        {"phone_row1__number": "139 0000 0001", "phone_row1__safety": "SAFE"},
        "id_phone-1-number",
        "上面已经填过了",
    ),
    "persons in words": ({"persons": "好几个"}, "id_persons", "来了几人请填写整数"),
    "nobody": ({"persons": "0"}, "id_persons", "不能少于1"),
    "too many": ({"persons": "99999"}, "id_persons", "不能超过9999"),
    "small group": ({"form": "GROUP", "persons": "4", **SIX}, "id_persons", "集体访是5人及以上"),
    "group called a person": ({"persons": "5"}, "id_form", "来了5人及以上"),
    "group without representative": (
        {"form": "GROUP", "persons": "8"},
        "id_representative-0-name",
        "至少登记一位代表",
    ),
    "sixth representative": (
        {"form": "GROUP", "persons": "8", **SIX},
        "id_representative-4-name",
        "代表最多5人（信访工作条例第20条）",
    ),
    "representative without name": (
        {"representative_row2__phone": "13900000004"},
        "id_representative-2-name",
        "请填写这位代表的姓名",
    ),
    "transfer from nowhere": ({"channel": "TRANSFER_DEPT"}, "id_source_unit", "请填写是哪个单位转来的"),
    "victim without name": (
        {"victim__birth_date": "2015-01-01"},
        "id_victim-name",
        "请填写受害人的姓名或称呼",
    ),
    "respondent's phone": ({"respondent__phone": "2661234"}, "id_respondent-phone", "请加区号"),
    "unknown relation": ({"respondent__relation": "KING"}, "id_respondent-relation", "不在清单中"),
    "answered without an answer": ({"finish": "ADVISE"}, "id_reply", "请写下当场怎样答复的"),
    "unknown end": ({"finish": "DROP"}, "id_finish", "不在清单中"),
}


@pytest.mark.parametrize(("told", "place", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_said_at_the_field_and_nothing_is_lost(
    desk: Client, told: dict[str, Any], place: str, words: str
) -> None:
    sent = walk_in(petitioner__address_now="下汤镇假设路七号", demand="想要<b>个说法</b>")
    sent |= walk_in(**{"submission": sent["submission"], "demand": sent["demand"], **told})
    sent = {name: value for name, value in sent.items() if name in walk_in(**told) or name not in walk_in()}
    response = desk.post("/cases/new/", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert not Case.objects.exists()
    assert f'href="#{place}"' in page  # the list on top leads to the field
    assert page.count(words) >= 2  # there, and at the field itself
    for name, value in sent.items():
        for text in value if isinstance(value, list) else [value]:
            if name.startswith("representative-5"):
                continue  # there is no sixth row on the page; the sentence says that it was not kept
            if text in ("XYZ_1", "PIGEON", "MAR", "<b>", "7", "KING", "DROP", "on"):
                continue  # no choice of the page; the sentence says so
            assert escape(text) in page, name


def test_control_characters_go_and_markup_stays_words(desk: Client) -> None:
    facts = "第一句\u0000\u0007\u202e<script>alert(1)</script>\r\n=cmd|'/c calc'!A1"
    case = register(desk, facts=facts, petitioner__name="<b>祝</b>冬雪")
    statement = Statement.objects.get(case=case)
    assert statement.facts == "第一句<script>alert(1)</script>\n=cmd|'/c calc'!A1"
    for url in (f"/cases/{case.number}/", f"/cases/{case.number}/registered/"):
        assert "<script>alert(1)" not in desk.get(url).content.decode()


def test_a_category_switched_off_is_not_offered(desk: Client) -> None:
    CodeItem.objects.filter(code="MAR_ADOPT").update(enabled=False)
    forget_codes()
    response = desk.post("/cases/new/", walk_in(category="MAR_ADOPT"))
    forget_codes()
    assert "不在清单中" in response.content.decode()


def test_only_who_may_register(client: Client, cast: Cast) -> None:
    for staff in (cast.liaison, cast.archivist, cast.sys_admin, cast.volunteer):
        login(client, staff)
        assert client.get("/cases/new/").status_code == 403
        assert client.post("/cases/new/", walk_in()).status_code == 403
        assert client.post("/cases/new/draft/", walk_in()).status_code == 403
        assert client.post("/cases/new/known/", walk_in()).status_code == 403


# Drafts -------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_offered_and_taken_up(desk: Client, cast: Cast) -> None:
    sent = walk_in(
        petitioner__id_number="4104", received_at="2026-01-05T09:00", categories=["PRO_LAND", "MAR_ELDER"]
    )
    del sent["risk"]
    assert desk.post("/cases/new/draft/", sent).status_code == 204
    assert "未提交的登记" in desk.get("/cases/new/").content.decode()
    page = desk.get("/cases/new/", {"draft": sent["submission"]}).content.decode()
    for text in ("4104", sent["facts"], "祝冬雪", "13900000001", "2026-01-05T09:00", sent["submission"]):
        assert text in page
    assert page.count("checked") >= 5  # phone safety, privacy, finish and both second categories
    assert "还没有保存" not in page  # a draft is not wrong yet
    desk.post("/cases/new/", sent | {"risk": "BLUE", "petitioner-id_number": ""}, follow=True)
    assert not IntakeDraft.objects.exists()
    assert "未提交的登记" not in desk.get("/cases/new/").content.decode()


def test_a_draft_is_one_row_however_often_it_is_saved(desk: Client) -> None:
    sent = walk_in()
    for facts in ("一", "一二", "一二三"):
        desk.post("/cases/new/draft/", sent | {"facts": facts})
    assert IntakeDraft.objects.get().answers["facts"] == ["一二三"]


def test_a_draft_keeps_no_token(desk: Client) -> None:
    desk.post("/cases/new/draft/", walk_in() | {"csrfmiddlewaretoken": "secret"})
    assert "csrfmiddlewaretoken" not in IntakeDraft.objects.get().answers


def test_a_late_autosave_brings_no_draft_back(desk: Client) -> None:
    sent = walk_in()
    desk.post("/cases/new/", sent, follow=True)
    assert desk.post("/cases/new/draft/", sent).status_code == 204
    assert not IntakeDraft.objects.exists()


def test_a_draft_of_somebody_else_is_not_there(desk: Client, cast: Cast) -> None:
    sent = walk_in(facts="别人的草稿")
    login(other := Client(), cast.clerk2).post("/cases/new/draft/", sent)
    page = desk.get("/cases/new/", {"draft": sent["submission"]}).content.decode()
    assert "别人的草稿" not in page
    assert "没有找到这份草稿" in page
    desk.post("/cases/new/draft/", {"submission": sent["submission"], "discard": "1"})
    assert "别人的草稿" in other.get("/cases/new/", {"draft": sent["submission"]}).content.decode()


def test_discarding_a_draft(desk: Client) -> None:
    sent = walk_in()
    desk.post("/cases/new/draft/", sent)
    page = desk.post("/cases/new/draft/", {"submission": sent["submission"], "discard": "1"}, follow=True)
    assert "草稿已丢弃" in page.content.decode()
    assert not IntakeDraft.objects.exists()


def test_a_draft_without_id_is_refused(desk: Client) -> None:
    assert desk.post("/cases/new/draft/", walk_in(submission="x")).status_code == 400


def test_a_stale_token_loses_nothing(cast: Cast) -> None:
    desk = login(Client(enforce_csrf_checks=True), cast.clerk)
    desk.get("/cases/new/")
    token = desk.cookies["csrftoken"].value
    sent = walk_in()
    assert desk.post("/cases/new/draft/", sent | {"csrfmiddlewaretoken": token}).status_code == 204
    refused = desk.post("/cases/new/", sent | {"csrfmiddlewaretoken": "x" * 64})
    assert refused.status_code == 403
    assert "没有提交成功" in refused.content.decode()
    assert "存有草稿" in refused.content.decode()
    assert sent["facts"] in desk.get("/cases/new/", {"draft": sent["submission"]}).content.decode()


def test_a_lost_session_finds_the_draft_again(cast: Cast) -> None:
    desk = login(Client(), cast.clerk)
    sent = walk_in()
    desk.post("/cases/new/draft/", sent)
    desk.cookies.clear()
    gone = desk.post("/cases/new/", sent)
    assert gone.status_code == 302
    assert gone.url.endswith("?next=/cases/new/")
    login(desk, cast.clerk)
    assert "未提交的登记" in desk.get("/cases/new/").content.decode()
