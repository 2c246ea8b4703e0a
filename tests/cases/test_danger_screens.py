"""The pages of danger: the scale at intake and later, the emergency, the plans."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.actions.safety.danger import DangerEntry, assess
from cases.choices import AccessKind, DangerLevel, FieldGroup, MonitorKind
from cases.models import (
    Access,
    Case,
    CodeItem,
    DangerAssessment,
    Emergency,
    Monitor,
    PlanTask,
    SafetyPlan,
    ServicePlan,
)
from cases.models.code import forget_codes
from cases.workflow.danger import ITEMS, NO_MEDIATION
from tests.cases.test_intake_page import walk_in
from tests.cast import login
from tests.factories import make_case

SCALE = dict.fromkeys(ITEMS, "NO")
AT_INTAKE = {f"danger-{code}": answer for code, answer in SCALE.items()}
REFUSAL = "涉家暴的要先问危险评估"


@pytest.fixture
def desk(client, cast):
    return login(client, cast.clerk)


def scored(cast, *yes, by=None):
    case = make_case(cast, "HANDLING", involves_dv=True, at=timezone.now())
    answers = SCALE | dict.fromkeys(yes, "YES")
    assess(case, DangerEntry(answers=answers), by=by or cast.clerk, at=timezone.now())
    return case


def send(desk, **overrides):
    told = walk_in(involves_dv="on")
    return desk.post(
        "/cases/new/", {name: value for name, value in (told | overrides).items() if value is not None}
    )


# Intake


def test_violence_is_not_registered_without_the_scale(desk):
    response = send(desk, **dict.fromkeys(AT_INTAKE))

    assert response.status_code == 422
    assert REFUSAL in response.content.decode()
    assert not Case.objects.exists()


def test_category_of_violence_asks_the_scale_too(desk):
    told = walk_in(category="MAR_DV") | dict.fromkeys(AT_INTAKE, "")

    assert REFUSAL in desk.post("/cases/new/", told).content.decode()


def test_one_question_left_out_is_named(desk):
    page = send(desk, **{"danger-D4": None}).content.decode()

    assert page.count("这一项还没有选") == 2  # above the form and beside the question
    assert 'href="#id_danger-D4' in page


def test_reason_instead_of_answers_needs_words(desk):
    nothing = dict.fromkeys(AT_INTAKE)
    assert (
        "请写明为什么现在问不了" in send(desk, **nothing, **{"danger-not_asked": "UNSAFE"}).content.decode()
    )

    told = {"danger-not_asked": "UNSAFE", "danger-words": "丈夫在门外"}
    assert send(desk, **nothing, **told).status_code == 302

    case = Case.objects.get()
    assert (case.danger, case.assessments.get().not_asked) == ("", "UNSAFE")
    assert case.clocks.filter(code="IN-DANGER").exists()


def test_answers_and_a_reason_at_once_are_refused(desk):
    told = {"danger-not_asked": "UNSAFE", "danger-words": "丈夫在门外"}

    assert "已经问到的就算评估了" in send(desk, **told).content.decode()


def test_all_questions_not_found_out_are_no_scoring(desk):
    assert "一项都没有问到" in send(desk, **dict.fromkeys(AT_INTAKE, "UNKNOWN")).content.decode()


def test_no_question_can_be_switched_off(cast, desk):
    item = CodeItem.objects.get(code_set="DANGER_ITEM", code="D9")
    keeper = Client()
    keeper.force_login(cast.sys_admin, backend="stations.backends.StaffBackend")
    url = reverse("admin:cases_codeitem_change", args=[item.pk])
    told = {"name": "他说过要同归于尽吗", "sort": item.sort, "parent": item.parent}

    refused = keeper.post(url, told)

    assert "可以改写，不能停用" in refused.content.decode()
    assert keeper.post(url, told | {"enabled": "on", "code": "D99"}).status_code == 302
    item.refresh_from_db()
    assert (item.code, item.enabled, item.name) == ("D9", True, "他说过要同归于尽吗")


def test_what_was_switched_off_of_old_is_asked_all_the_same(desk):
    CodeItem.objects.filter(code_set="DANGER_ITEM", code="D9").update(enabled=False)
    forget_codes()

    assert "danger-D9" in desk.get("/cases/new/").content.decode()


def test_yes_without_the_tick_is_violence_all_the_same(desk):
    told = walk_in() | AT_INTAKE | {"danger-S1": "YES"}

    desk.post("/cases/new/", told)

    case = Case.objects.get()
    assert (case.involves_dv, case.danger) == (True, DangerLevel.HIGH)


def test_answers_without_violence_are_not_kept(desk):
    desk.post("/cases/new/", walk_in() | AT_INTAKE)

    assert not DangerAssessment.objects.exists()


def test_low_danger_leads_to_the_slip_and_high_danger_to_the_emergency(desk):
    low = send(desk)
    assert low.url.endswith("/registered/")

    answer = send(desk, **{"submission": str(uuid4()), "danger-S2": "YES"})
    page = desk.get(answer.url, follow=True)
    monitor = Monitor.objects.get(kind=MonitorKind.EMERGENCY)
    assert page.redirect_chain == [(f"/monitors/{monitor.pk}/", 302)]
    words = page.content.decode()
    assert "必须办的五件事" in words
    assert f"/cases/{monitor.case.number}/registered/" in words


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, ""),
        ({"danger-D1": "YES"}, "低危"),
        ({"danger-D1": "YES", "danger-protected": "DISABLED"}, "等级上调一级"),
        ({"danger-D1": "YES", "petitioner-characteristics": "ELDERLY"}, "受害人是老年人"),
        ({"danger-S1": "YES"}, "高危"),
        ({"S1": "YES"}, "高危"),
    ],
)
def test_level_follows_the_answers(desk, told, words):
    page = desk.post("/cases/new/level/", told | {"petitioner-name": "祝冬雪"}).content.decode()

    assert (words in page) if words else page.strip() == ""


def test_blank_form_holds_every_question(desk):
    page = desk.get("/cases/new/blank/").content.decode()

    for item in CodeItem.objects.filter(code_set="DANGER_ITEM"):
        assert item.name in page


# Scoring again


def test_scoring_again_shows_the_latest_and_says_what_came_of_it(desk, cast):
    case = scored(cast, "D1", "D2", "D3", "D4")
    assert "<strong>中危</strong>，4项" in desk.get(f"/cases/{case.number}/do/assess/").content.decode()
    assert Access.objects.filter(case=case, fields=FieldGroup.SAFETY).exists()

    answer = desk.post(f"/cases/{case.number}/do/assess/", SCALE | {"D1": "YES"}, follow=True)

    assert "危险评估：低危" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"/cases/{case.number}/"


def test_lower_scoring_of_high_danger_says_that_it_does_not_count_yet(desk, cast):
    case = scored(cast, "S1")

    page = desk.post(f"/cases/{case.number}/do/assess/", SCALE, follow=True).content.decode()
    assert "解除高危要两个人先后评估" in page
    assert "最近一次评估是低危，还没有确认，仍按高危办" in page

    page = desk.post(
        f"/cases/{case.number}/do/assess/", SCALE | {"D1": "UNKNOWN"}, follow=True
    ).content.decode()
    assert "有没问到的题，不能据此降低等级" in page


def test_step_asks_for_completeness_and_leads_to_the_emergency(desk, cast):
    case = scored(cast)
    address = f"/cases/{case.number}/do/assess/"

    assert desk.post(address, {}).status_code == 422
    late = desk.post(address, {"not_asked": "ABSENT", "words": "她没有来"}, follow=True)
    assert "已记下没能评估的原因" in late.content.decode()
    assert desk.post(address, SCALE | {"S1": "YES"}).url == f"/cases/{case.number}/emergency/"


def test_case_page_shows_level_and_next_duty_but_answers_only_to_its_line(client, cast):
    case = scored(cast, "S1")
    question = CodeItem.objects.get(code_set="DANGER_ITEM", code="S1").name

    mine = login(client, cast.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "下一件：报警" in mine
    assert NO_MEDIATION in mine
    assert question in mine
    theirs = login(client, cast.archivist).get(f"/cases/{case.number}/").content.decode()
    assert "wq-danger--high" in theirs
    assert question not in theirs


def test_case_of_violence_without_a_scoring_asks_for_one(desk, cast):
    case = make_case(cast, "HANDLING", involves_dv=True)

    assert "还没有危险评估" in desk.get(f"/cases/{case.number}/").content.decode()


def test_handling_and_closing_do_not_offer_mediation_and_say_why(desk, cast):
    case = scored(cast, "S1")

    work = desk.get(f"/cases/{case.number}/do/handle/").content.decode()
    assert 'value="MEDIATE"' not in work
    assert 'value="FAMILY_GUIDE"' not in work
    assert NO_MEDIATION in work
    assert 'value="MEDIATED"' not in desk.get(f"/cases/{case.number}/do/propose-close/").content.decode()
    calm = scored(cast)
    assert 'value="MEDIATE"' in desk.get(f"/cases/{calm.number}/do/handle/").content.decode()


def test_closing_asks_for_a_fresh_scoring_or_the_reason(desk, cast):
    case = make_case(cast, "HANDLING", involves_dv=True, at=timezone.now())
    address = f"/cases/{case.number}/do/propose-close/"
    told = {
        "outcome": "SOLVED",
        "solution": "对方认错",
        "settled_level": "TOWNSHIP",
        "petitioner_told_on": str(timezone.localdate()),
        "satisfaction": "NOT_RATED",
    }

    assert desk.post(address, told).status_code == 422
    why = {"not_asked": "ABSENT", "not_asked_words": "她已去外地"}
    assert desk.post(address, told | why).status_code == 302
    assert case.assessments.get().words == "她已去外地"
    fresh = scored(cast)
    assert (
        "没有重新评估危险的原因" not in desk.get(f"/cases/{fresh.number}/do/propose-close/").content.decode()
    )


# The emergency


def step_of(case, step):
    return f"/monitors/{Monitor.objects.get(case=case).pk}/do/{step}/"


def version(case):
    return {"version": Monitor.objects.get(case=case).version}


def test_police_report_is_registered(desk, cast):
    case = scored(cast, "S1")
    address = step_of(case, "police")
    page = desk.post(address, version(case) | {"reported": "yes"}).content.decode()
    assert "请填写什么时候报的警" in page
    assert "请填写哪个派出所或110接的警" in page

    told = {
        "reported": "yes",
        "reported_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "unit": "下汤派出所",
        "officer": "周民警 041234",
        "receipt_number": "20261116-7",
        "because": "刚才写的",
    }
    page = desk.post(address, version(case) | told, follow=True).content.decode()

    assert "回执号 20261116-7" in page
    assert Emergency.objects.get().no_police_because == ""


def test_no_police_report_asks_why_and_which_leader(desk, cast):
    case = scored(cast, "S1")
    address = step_of(case, "police")
    page = desk.post(address, version(case) | {"reported": "no"}).content.decode()
    assert "请写明为什么没有报警" in page
    assert "请选择报告给哪位负责人" in page

    told = {"reported": "no", "because": "她坚决不同意", "leader": cast.leader.pk}
    page = desk.post(address, version(case) | told, follow=True).content.decode()

    assert "没有报警：她坚决不同意" in page


def test_emergency_of_a_county_is_reported_to_the_city_and_ends(client, cast):
    desk = login(client, cast.officer)
    case = make_case(cast, "HANDLING", unit=cast.county, at=timezone.now())
    assess(case, DangerEntry(answers=SCALE | {"S1": "YES"}), by=cast.officer, at=timezone.now())
    assert (
        "请电话报告平顶山市妇女联合会"
        in desk.get(f"/cases/{case.number}/emergency/", follow=True).content.decode()
    )
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")

    told = {"told_at": now, "who": "市妇联值班员"}
    page = desk.post(step_of(case, "upper"), version(case) | told, follow=True).content.decode()
    assert "已办2件" in page
    ending = {"conclusion": "她已住进庇护所"}
    assert "先登记报警情况" in desk.post(step_of(case, "end"), version(case) | ending).content.decode()
    desk.post(
        step_of(case, "police"), version(case) | {"reported": "yes", "reported_at": now, "unit": "城关所"}
    )
    assert (
        "还没有完成：个案服务方案、安全计划"
        in desk.post(step_of(case, "end"), version(case) | ending).content.decode()
    )
    desk.post(step_of(case, "end"), version(case) | ending | {"because": "她不愿再谈"})
    assert not Monitor.objects.get().is_open
    assert "马上去办" not in desk.get(f"/cases/{case.number}/").content.decode()


def test_emergency_with_all_done_says_that_it_may_end(desk, cast):
    case = scored(cast, "S1")
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    desk.post(
        step_of(case, "police"), version(case) | {"reported": "yes", "reported_at": now, "unit": "城关所"}
    )
    desk.post(f"/cases/{case.number}/safety-plan/", {"leave": "后门"})
    desk.post(f"/cases/{case.number}/plan/", PLAN | {"review_on": str(timezone.localdate())})

    assert "五件都已办，可以结束" in desk.get(f"/cases/{case.number}/").content.decode()


def test_case_without_an_emergency_has_no_such_page(desk, cast):
    assert desk.get(f"/cases/{scored(cast).number}/emergency/").status_code == 404


def test_heads_see_the_emergency_of_their_clerk_on_their_desk(client, cast):
    case = scored(cast, "S1")

    for part in ("head", "officer", "leader"):
        assert f"{case.number}，单秀英负责" in login(client, getattr(cast, part)).get("/").content.decode()
    assert f"{case.number}，单秀英负责" not in login(client, cast.other_head).get("/").content.decode()


# Plans

PLAN = {"needs": ["POLICE", "SHELTER"], "goals": "先住到安全的地方"}


def test_service_plan_with_tasks_is_kept_version_by_version(desk, cast):
    case = scored(cast, "S1")
    day = timezone.localdate()
    address = f"/cases/{case.number}/plan/"
    row = {
        "task-0-what": "联系庇护所",
        "task-0-need": "SHELTER",
        "task-0-unit": cast.civil.pk,
        "task-0-due_on": day,
    }

    desk.post(address, PLAN | row | {"review_on": day})
    page = desk.post(address, PLAN | {"goals": "办保护令", "review_on": day}, follow=True).content.decode()

    assert (ServicePlan.objects.count(), PlanTask.objects.get().unit) == (2, cast.civil)
    assert "以前的方案" in page
    assert "先住到安全的地方" in page
    assert "联系庇护所" in page


def test_plan_page_says_what_is_missing_and_keeps_the_words(desk, cast):
    case = scored(cast, "S1")

    answer = desk.post(
        f"/cases/{case.number}/plan/",
        {"goals": "住安全", "review_on": "2020-01-01", "task-1-what": "联系", "task-2-due_on": "2020-01-01"},
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    for words in (
        "至少选一项需要",
        "检视日期不能早于今天",
        "请选择为哪项需要",
        "完成期限不能早于今天",
        "住安全",
    ):
        assert words in page
    assert not ServicePlan.objects.exists()


def end(task, **told):
    return {f"end-{task.pk.hex[-6:]}-{name}": value for name, value in told.items()}


def test_task_is_ticked_off_and_a_second_one_is_told(desk, cast):
    case = scored(cast, "S1")
    day = timezone.localdate()
    rows = {
        f"task-{n}-{name}": value
        for n in (0, 1)
        for name, value in {"what": f"任务{n}", "need": "OTHER", "due_on": day}.items()
    }
    desk.post(f"/cases/{case.number}/plan/", PLAN | rows | {"review_on": day})
    task, other = PlanTask.objects.order_by("pk")
    address = f"/cases/{case.number}/plan/tasks/{task.pk}/"

    desk.post(address, end(task, version=1, dropped="no", result="已入住"))
    again = desk.post(address, end(task, version=1, dropped="no", result="又一次"))
    desk.post(
        f"/cases/{case.number}/plan/tasks/{other.pk}/", end(other, version=1, dropped="yes", result="不用了")
    )

    task.refresh_from_db()
    other.refresh_from_db()
    assert (task.done_on, task.result, other.dropped, other.done_on) == (day, "已入住", True, None)
    assert (again.status_code, "已经登记过结果" in again.content.decode()) == (409, True)
    assert desk.post(f"/cases/{case.number}/plan/tasks/{uuid4()}/").status_code == 404


def test_safety_plan_is_filled_in_from_the_newest_and_printed_only_on_request(desk, cast):
    case = scored(cast, "S1")
    address = f"/cases/{case.number}/safety-plan/"
    assert desk.post(f"{address}print/", {"asked": "on"}).status_code == 404
    assert "安全计划还是空的" in desk.post(address, {}).content.decode()
    desk.post(address, {"leave": "从后门走", "code_word": "问豆腐还有吗"})
    desk.post(address, {"leave": "从后窗走", "code_word": "问豆腐还有吗"})
    page = desk.get(address).content.decode()
    assert "从后窗走" in page
    assert "以前的安全计划" in page

    refused = desk.post(f"{address}print/")
    printed = desk.post(f"{address}print/", {"asked": "on"})

    paper = printed.content.decode().partition("<main")[2]
    assert (refused.status_code, SafetyPlan.objects.count()) == (422, 2)
    assert "从后窗走" in paper
    for word in (case.number, "祝", "维权", "妇联", "家暴", "安全计划", "假设路"):
        assert word not in paper
    assert Access.objects.filter(case=case, kind=AccessKind.PRINT, fields=FieldGroup.SAFETY).count() == 1


def test_plans_are_for_who_works_on_the_case(client, cast):
    case = scored(cast, "S1")

    got = {
        part: login(client, getattr(cast, part)).get(f"/cases/{case.number}/safety-plan/").status_code
        for part in ("clerk", "clerk2", "head", "officer", "leader", "archivist", "other_head")
    }

    assert got == {
        "clerk": 200,
        "clerk2": 403,
        "head": 200,
        "officer": 200,
        "leader": 200,
        "archivist": 403,
        "other_head": 404,
    }
