"""The pages of the joint conference, as the office, the federation and a member unit use them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cases.choices import (
    ConferenceStep,
    ItemStatus,
    MeetingStatus,
    MeetingType,
    NoticeKind,
    Presence,
    TaskStatus,
)
from cases.models import AgendaItem, Attendance, Case, Meeting, Member, Notice, Resolution, Task
from cases.statistics import late_departments, meeting_figures, since_last_meeting
from cases.views.conference_words import agenda_brief, chinese_number, minutes_draft
from cases.views.inbox import target_of
from tests.cases import room
from tests.cases.pages import as_, words
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

pytestmark = pytest.mark.django_db

NAMES = ("祝冬雪", "秦大勇", "13900000001", "410423199003050008", "假设路")


def step_on(name: str, pk, step: str) -> str:
    return reverse(name, args=[pk, step])


def test_every_page_opens_and_names_nobody(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    item, found = task.resolution.item, task.resolution.item.meeting
    for who in (cast.conference, cast.officer, cast.leader, cast.liaison):
        client = as_(who)
        pages = [
            client.get(reverse("conference"), {"show": show}) for show in ("", "tasks", "items", "meetings")
        ]
        for name, pk in (("agenda_item", item.pk), ("meeting", found.pk), ("conference_task", task.pk)):
            pages.append(client.get(reverse(name, args=[pk])))
        pages += [client.get(step_on("meeting_print", found.pk, paper)) for paper in ("notice", "agenda")]
        for page in pages:
            assert page.status_code == 200
            assert not [name for name in NAMES if name in page.content.decode()]
    office = as_(cast.conference)
    for step in ("hold", "change", "cancel", "attend", "minute"):
        assert office.get(step_on("meeting_step", found.pk, step)).status_code == 200
    for step in ("screen", "resolve", "note", "take-off", "decline"):
        assert office.get(step_on("agenda_step", item.pk, step)).status_code == 200
    for step in ("report", "ask", "return", "write-off", "extend", "keep-term", "escalate"):
        assert office.get(step_on("conference_task_step", task.pk, step)).status_code == 200


@pytest.mark.parametrize(
    ("name", "step"), [("meeting_step", "no"), ("agenda_step", "schedule"), ("conference_task_step", "no")]
)
def test_unknown_steps_are_not_found(cast, name, step):
    task = room.decided(cast)
    pk = {
        "meeting_step": task.resolution.item.meeting_id,
        "agenda_step": task.resolution.item_id,
        "conference_task_step": task.pk,
    }[name]
    assert as_(cast.conference).get(step_on(name, pk, step)).status_code == 404


def test_a_case_is_proposed_from_its_page_in_words_that_name_nobody(cast, clock):
    referral = make_referral(cast, "SENT")
    case = referral.case
    clock.at = MONDAY + timedelta(days=10)
    client = as_(cast.officer)
    assert (
        reverse("agenda_propose", args=[case.number])
        in client.get(reverse("case", args=[case.number])).content.decode()
    )

    page = client.get(reverse("agenda_propose", args=[case.number]))
    brief = page.context["form"].initial["brief"]
    assert "转交鲁山县公安局（待签收），逾期" in brief
    assert "风险等级：蓝色" in brief
    assert not [name for name in NAMES if name in brief]
    assert "请隐去姓名" in words(page)

    typed = {"title": "一起案件", "brief": brief, "asks": "请公安机关约谈秦大勇"}
    refused = client.post(reverse("agenda_propose", args=[case.number]), typed)
    assert refused.status_code == 422
    assert "写有本案当事人的姓名" in words(refused)
    assert "请公安机关约谈秦大勇" in refused.content.decode()  # what was typed is still there

    sent = client.post(reverse("agenda_propose", args=[case.number]), typed | {"asks": "请公安机关约谈对方"})
    item = AgendaItem.objects.get()
    assert sent["Location"] == reverse("agenda_item", args=[item.pk])
    assert (item.case, item.status) == (case, ItemStatus.PROPOSED)
    page = client.get(reverse("case", args=[case.number]))
    assert "一起案件" in words(page)
    assert reverse("agenda_propose", args=[case.number]) not in page.content.decode()  # one waits


def test_a_case_that_is_late_says_so_and_a_closed_one_is_not_proposed(cast, clock):
    case = make_case(cast, "HANDLING")
    assert "逾期" in agenda_brief(case, MONDAY + timedelta(days=400))
    assert "逾期" not in agenda_brief(case, MONDAY)

    closed = make_case(cast, "CLOSED")
    url = reverse("agenda_propose", args=[closed.number])
    assert "已经办结" in words(as_(cast.officer).get(url))
    typed = {"title": "一起案件", "brief": "情况", "asks": "请协调"}
    assert as_(cast.officer).post(url, typed).status_code == 409


def test_a_member_proposes_and_sees_what_became_of_it(cast, clock):
    room.fill_members(cast)
    client = as_(cast.civil_liaison)
    assert reverse("agenda_new") in client.get(reverse("conference")).content.decode()
    client.post(reverse("agenda_new"), {"title": "困境儿童救助", "brief": "政策衔接", "asks": "请会议研究"})
    item = AgendaItem.objects.get()

    office = as_(cast.conference)
    assert "困境儿童救助" in words(office.get(reverse("conference")))
    stale = office.post(step_on("agenda_step", item.pk, "decline"), {"opinion": "先调研", "version": 0})
    assert stale.status_code == 409
    assert "先调研" in stale.content.decode()
    office.post(step_on("agenda_step", item.pk, "screen"), {"opinion": "同意", "version": 1})

    assert "已通过初审" in words(client.get(reverse("agenda_item", args=[item.pk])))
    again = office.post(step_on("agenda_step", item.pk, "screen"), {"opinion": "同意"})
    assert again.status_code == 409
    assert "不能“议题通过初审”" in words(again)


def test_who_came_from_the_queue_goes_back_to_it(cast, clock):
    case = make_case(cast, "HANDLING")
    url = reverse("agenda_propose", args=[case.number])
    typed = {"title": "一起案件", "brief": "情况", "asks": "请协调"}

    assert as_(cast.officer).post(f"{url}?next=/county/", typed)["Location"] == "/county/"


def test_who_is_no_member_is_told_whom_to_ask(cast, clock):
    typed = {"title": "议题", "brief": "情况", "asks": "请研究"}
    answer = as_(cast.civil_liaison).post(reverse("agenda_new"), typed)
    assert answer.status_code == 409
    assert "不是这个联席会议的成员单位" in words(answer)


def test_where_no_conference_is_kept_there_is_nothing_to_propose_to(cast):
    cast.county.active = False
    cast.county.save()
    assert as_(cast.liaison).get(reverse("agenda_new")).status_code == 404


def test_the_office_keeps_the_members(cast, clock):
    client, url = as_(cast.conference), reverse("conference_members")
    typed = {
        "organisation": cast.police.pk,
        "part": "MEMBER",
        "since_on": "2026-01-05",
        "liaison": cast.liaison.pk,
    }
    assert client.post(url, typed)["Location"] == url
    again = client.post(url, typed)
    assert again.status_code == 409
    assert "已经是成员单位" in words(again)
    member = Member.objects.get()
    edit = reverse("conference_member", args=[member.pk])

    assert client.post(edit, {"part": "MEMBER", "liaison": cast.civil_liaison.pk}).status_code == 409
    client.post(edit, {"part": "CONVENOR", "liaison_name": "某科长", "liaison_phone": "0375-0000009"})
    page = words(client.get(url))
    assert "召集人单位" in page
    assert "某科长" in page
    client.post(edit, {"part": "CONVENOR", "until_on": "2026-11-16"})
    assert not Member.objects.current().exists()
    assert client.get(edit).status_code == 404


def plan_form(cast, items, **typed):
    return {
        "kind": "WORKING",
        "title": "第四次联席会议",
        "held_at": "2026-11-18T09:00",
        "place": "三楼会议室",
        "invited": [cast.police.pk, cast.court.pk],
        "items": [item.pk for item in items],
    } | typed


def test_a_meeting_from_its_plan_to_the_minutes(cast, clock):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    item = room.screened(cast, case)
    client = as_(cast.conference)
    new = client.get(reverse("meeting_new"))
    assert [str(pk) for pk in new.context["form"].initial["invited"]]  # every member is ticked to begin with
    assert client.post(reverse("meeting_new"), plan_form(cast, [item], invited=[])).status_code == 422
    client.post(reverse("meeting_new"), plan_form(cast, [item]))
    found = Meeting.objects.get()
    moved = plan_form(cast, [item], place="县政府会议室", version=found.version)
    client.post(step_on("meeting_step", found.pk, "change"), moved)
    stale = client.post(step_on("meeting_step", found.pk, "change"), moved)
    assert stale.status_code == 409
    assert "县政府会议室" in words(as_(cast.liaison).get(reverse("meeting", args=[found.pk])))

    held = {
        "chair": "政法委书记",
        f"presence_{cast.police.pk}": "PRESENT",
        f"persons_{cast.police.pk}": "某局长",
    }
    held |= {f"presence_{cast.court.pk}": "EXCUSED"}
    early = client.post(step_on("meeting_step", found.pk, "hold"), held)
    assert early.status_code == 409
    assert "某局长" in early.content.decode()
    clock.at = MONDAY + timedelta(days=2, hours=2)
    client = as_(cast.conference)
    client.post(step_on("meeting_step", found.pk, "hold"), held)
    assert Attendance.objects.get(organisation=cast.court).presence == Presence.EXCUSED
    client.post(step_on("meeting_step", found.pk, "attend"), held | {f"presence_{cast.court.pk}": "ABSENT"})
    assert Attendance.objects.get(organisation=cast.court).presence == Presence.ABSENT

    resolve = {
        "content": "一周内出具告诫书。",
        "lead": cast.police.pk,
        "co_units": [cast.court.pk],
        "term_on": "2026-12-18",
    }
    url = step_on("agenda_step", item.pk, "resolve")
    assert client.post(url, resolve | {"co_units": [cast.police.pk]}).status_code == 422
    assert client.post(url, resolve | {"term_on": "2026-11-17"}).status_code == 422
    assert client.post(url, resolve | {"term_on": "2028-11-17"}).status_code == 422
    client.post(url, resolve)
    assert Resolution.objects.get().content == "一周内出具告诫书。"

    draft = client.get(step_on("meeting_step", found.pk, "minute")).context["form"].initial["minutes"]
    assert "2026年11月18日09:00，政法委书记在县政府会议室主持召开第四次联席会议" in draft
    assert (
        "一、一起家暴案件的协调处理\n（一）一周内出具告诫书。（由鲁山县公安局牵头，鲁山县人民法院配合，2026年12月18日前完成）"
        in draft
    )
    named = client.post(step_on("meeting_step", found.pk, "minute"), {"minutes": "祝冬雪一案"})
    assert named.status_code == 422
    client.post(step_on("meeting_step", found.pk, "minute"), {"minutes": draft})
    printed = words(as_(cast.liaison).get(step_on("meeting_print", found.pk, "minutes")))
    assert "鲁妇访会纪〔2026〕1号" in printed
    assert "出席：鲁山县公安局（某局长）。" in printed
    assert as_(cast.liaison).get(step_on("meeting_print", found.pk, "no")).status_code == 404


def test_a_cancelled_meeting_says_why(cast, clock):
    found = room.planned(cast, [])
    as_(cast.conference).post(step_on("meeting_step", found.pk, "cancel"), {"reason": "领导出差"})

    page = words(as_(cast.liaison).get(reverse("meeting", args=[found.pk])))
    assert "会议已取消" in page
    assert "领导出差" in page
    late = as_(cast.conference).get(step_on("meeting_step", found.pk, "change"))
    assert "不能“改动会议安排”" in words(late)


def test_items_discussed_or_postponed_stand_in_the_draft(cast):
    noted, left = room.screened(cast), room.screened(cast)
    found = room.held(cast, [noted, left])
    as_(cast.conference).post(step_on("agenda_step", noted.pk, "note"), {"opinion": "由法院先行调解"})
    as_(cast.conference).post(step_on("agenda_step", left.pk, "take-off"), {"opinion": "时间不够"})

    draft = minutes_draft(Meeting.objects.get(pk=found.pk))
    assert "由法院先行调解" in draft
    assert "二、" not in draft


def test_headings_are_numbered_in_chinese():
    assert [chinese_number(n) for n in (1, 9, 10, 11, 20, 35)] == ["一", "九", "十", "十一", "二十", "三十五"]


def test_a_task_from_the_units_desk_to_its_end(cast, clock):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    clock.at = MONDAY + timedelta(days=4)
    unit, office = as_(cast.liaison), as_(cast.conference)
    assert "一起家暴案件" in words(unit.get(reverse("conference")))
    page = unit.get(reverse("conference_task", args=[task.pk]))
    assert case.number not in page.content.decode()

    assert (
        unit.post(step_on("conference_task_step", task.pk, "ask"), {"days": 99, "reason": "忙"}).status_code
        == 422
    )
    unit.post(step_on("conference_task_step", task.pk, "ask"), {"days": 10, "reason": "外出务工"})
    leader = as_(cast.leader)
    shown = leader.get(step_on("conference_task_step", task.pk, "extend"))
    assert shown.context["form"].initial["days"] == 10
    assert "外出务工" in words(shown)
    leader.post(step_on("conference_task_step", task.pk, "extend"), {"days": 7, "opinion": "同意一周"})
    assert Task.objects.get(pk=task.pk).extended_days == 7

    unit.post(step_on("conference_task_step", task.pk, "report"), {"text": "已出具告诫书"})
    race = unit.post(step_on("conference_task_step", task.pk, "report"), {"text": "再报一次"})
    assert race.status_code == 409
    assert "再报一次" in race.content.decode()
    office.post(step_on("conference_task_step", task.pk, "write-off"), {"opinion": "已核实"})
    page = words(office.get(reverse("conference_task", args=[task.pk])))
    assert "已销号" in page
    assert "已核实" in page
    assert "已销号" in words(as_(cast.officer).get(reverse("case", args=[case.number])))


def test_the_office_keys_in_what_came_on_paper(cast, clock):
    task = room.decided(cast)
    clock.at = MONDAY + timedelta(days=4)
    office = as_(cast.conference)
    url = step_on("conference_task_step", task.pk, "report")
    assert office.post(url, {"text": "来函报告"}).status_code == 422
    office.post(url, {"text": "来函报告", "name": "某副局长"})
    assert "某副局长（蒋联席代录）" in words(office.get(reverse("conference_task", args=[task.pk])))


def test_a_task_passed_up_leads_to_the_citys_item(cast, clock):
    task = room.decided(cast)
    url = step_on("conference_task_step", task.pk, "escalate")
    as_(cast.leader).post(url, {"asks": "请市公安局督促"})

    item = AgendaItem.objects.get(host=cast.city)
    page = words(as_(cast.city_officer).get(reverse("agenda_item", args=[item.pk])))
    assert "鲁山县妇女联合会联席会议提请" in page
    up = as_(cast.city_officer).get(reverse("conference_task", args=[task.pk]))
    assert reverse("agenda_item", args=[item.pk]) in up.content.decode()


def test_carried_tasks_are_counted_on_every_list(cast):
    task = room.decided(cast)
    for week in (1, 2):
        held_at = MONDAY + timedelta(days=2, weeks=week)
        found = room.held(cast, [], held_at=held_at, at=held_at - room.HOUR)

    for page in (
        as_(cast.liaison).get(reverse("conference")),
        as_(cast.conference).get(reverse("meeting", args=[found.pk])),
        as_(cast.conference).get(reverse("conference_task", args=[task.pk])),
        as_(cast.conference).get(reverse("meeting_pack", args=[found.pk])),
    ):
        assert "已结转2次" in words(page)


def test_the_pack_holds_figures_and_late_departments_and_nobody(cast, clock):
    make_case(cast, "CLOSED")
    referral = make_referral(cast, "SENT")
    task = room.decided(cast, referral.case)
    clock.at = MONDAY + timedelta(days=30)
    found = room.planned(cast, [], held_at=clock.at + room.DAY, at=clock.at)

    page = as_(cast.officer).get(reverse("meeting_pack", args=[found.pk]))

    text = words(page)
    assert "鲁山县公安局 1件" in text
    assert task.resolution.item.title in text
    assert not [name for name in (*NAMES, referral.case.number) if name in page.content.decode()]


def test_the_figures_count_since_the_meeting_before(cast):
    make_case(cast, "CLOSED")
    make_case(cast, "HANDLING", at=MONDAY + timedelta(days=3))
    first = room.held(cast, [])
    later = room.planned(cast, [], held_at=MONDAY + timedelta(days=9), at=MONDAY + timedelta(days=3))
    end = MONDAY + timedelta(days=5)

    assert since_last_meeting(later) == first.held_at
    assert since_last_meeting(first).isoformat() == "2026-01-01T00:00:00+08:00"
    since = meeting_figures(cast.county, first.held_at, end)
    assert (since.registered, since.closed, since.open) == (1, 0, 1)
    year = meeting_figures(cast.county, since_last_meeting(first), end)
    assert (year.registered, year.closed) == (2, 1)
    assert [row[1:] for row in year.settled] == [(0, 0), (1, 100), (0, 0), (0, 0)]
    assert [row[1:] for row in since.settled] == [(0, 0)] * 4
    assert meeting_figures(cast.other_county, since_last_meeting(first), end).registered == 0


def test_late_departments_are_those_that_owe_an_answer(cast):
    make_referral(cast, "SENT")
    end = MONDAY + timedelta(days=30)

    assert late_departments(cast.county, MONDAY) == []
    rows = late_departments(cast.county, end)
    assert [(row.name, row.referrals) for row in rows] == [("鲁山县公安局", 1)]
    assert rows[0].oldest_days > 20
    assert late_departments(cast.other_county, end) == []


def test_a_right_to_object_that_was_let_pass_is_no_debt(cast):
    referral = make_referral(cast, "SIGNED")
    referral.clocks.exclude(code="XF-OBJECT").delete()

    assert late_departments(cast.county, MONDAY + timedelta(days=60)) == []
    assert "逾期" not in agenda_brief(referral.case, MONDAY + timedelta(days=9))


def fill(cast, count: int) -> None:
    for number in range(count):
        at = MONDAY + timedelta(weeks=number)
        item = room.screened(cast, at=at - 3 * room.DAY)
        room.held(cast, [item], held_at=at, at=at - room.DAY)
        room.resolve(cast, item, term_on=date(2027, 12, 1))


@pytest.mark.parametrize("show", ["", "tasks", "items", "meetings"])
def test_lists_cost_the_same_however_long(cast, show, django_assert_max_num_queries):
    client = as_(cast.officer)
    fill(cast, 1)
    client.get(reverse("conference"), {"show": show})
    with django_assert_max_num_queries(30) as one:
        client.get(reverse("conference"), {"show": show})
    fill(cast, 4)
    with django_assert_max_num_queries(len(one)):
        client.get(reverse("conference"), {"show": show})


def test_a_meeting_costs_the_same_however_many_items(cast, django_assert_max_num_queries):
    client, items = as_(cast.officer), [room.screened(cast) for _ in range(5)]
    small, big = room.held(cast, items[:1]), room.held(cast, items[1:])
    for item in items:
        room.resolve(cast, item)
    for name in ("meeting", "meeting_pack"):
        client.get(reverse(name, args=[small.pk]))
        with django_assert_max_num_queries(40) as one:
            client.get(reverse(name, args=[small.pk]))
        with django_assert_max_num_queries(len(one)):
            client.get(reverse(name, args=[big.pk]))


@pytest.mark.parametrize("show", ["tasks", "items", "meetings"])
def test_long_lists_are_paged(cast, show, monkeypatch):
    monkeypatch.setattr("cases.views.conference.PAGE", 2)
    fill(cast, 3)
    client, seen, url = as_(cast.officer), [], f"?show={show}"
    while url:
        page = client.get(reverse("conference") + url)
        rows = page.context[show]
        seen += [getattr(row, "pk", None) or row.get("task", row.get("item")).pk for row in rows]
        url = page.context["next_url"]
        assert len(rows) <= 2
    model = {"tasks": Task, "items": AgendaItem, "meetings": Meeting}[show]
    assert len(seen) == len(set(seen)) == model.objects.count()
    assert page.context["first_url"]


def test_notices_lead_to_the_page_they_are_about(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    room.report(cast, task)
    led = {
        (notice.kind, notice.recipient.username): target_of(notice, notice.recipient)
        for notice in Notice.objects.filter(case=None).select_related("recipient__organisation")
    }
    item, page = task.resolution.item_id, reverse("conference_task", args=[task.pk])
    assert led[(NoticeKind.ITEM_PROPOSED, "conference")] == reverse("agenda_item", args=[item])
    assert led[(NoticeKind.MEETING, "liaison")] == reverse("meeting", args=[task.resolution.item.meeting_id])
    assert led[(NoticeKind.TASK_NEW, "liaison")] == page
    assert led[(NoticeKind.TASK_NEWS, "conference")] == page
    mine = Notice.objects.select_related("recipient__organisation", "case").get(
        kind=NoticeKind.TASK_NEWS, recipient=cast.clerk
    )
    assert target_of(mine, cast.clerk) == reverse("case", args=[case.number])


def test_a_leaders_word_stands_on_the_case_for_those_in_its_line(cast, clock):
    case = make_case(cast, "HANDLING")
    client = as_(cast.officer)
    url = reverse("case_step", args=[case.number, "instruct"])
    typed = {"kind": "CHARGE", "leader": "某副书记", "text": "包案到底", "given_on": "2026-11-16"}
    assert client.post(url, typed | {"term_on": "2026-11-15"}).status_code == 422
    client.post(url, typed | {"term_on": "2026-12-01"})

    page = words(as_(cast.clerk).get(reverse("case", args=[case.number])))
    assert "领导批示和包案" in page
    assert "包案到底" in page
    out = words(as_(cast.clerk2).get(reverse("case", args=[case.number])))
    assert "领导包案" in out
    assert "包案到底" not in out
    assert "某副书记" not in out
    end = reverse("case_step", args=[case.number, "end-instruction"])
    row = case.instructions.get()
    client.post(end, {"instruction": str(row.pk), "result": "已办妥并报告"})
    assert "已办妥并报告" in words(as_(cast.clerk).get(reverse("case", args=[case.number])))
    assert not Case.objects.get(pk=case.pk).led


def test_the_histories_speak_chinese(cast):
    case = make_case(cast, "HANDLING")
    room.decided(cast, case)
    page = words(as_(cast.clerk).get(reverse("case", args=[case.number])))
    for step in (
        ConferenceStep.PROPOSE,
        ConferenceStep.SCREEN,
        ConferenceStep.SCHEDULE,
        ConferenceStep.RESOLVE,
    ):
        assert step.label in page
    assert reverse("conference") not in page


def test_meeting_kinds_reach_those_asked_only(cast):
    item = room.screened(cast, make_case(cast, "HANDLING"))
    found = room.planned(cast, [item], kind=MeetingType.CASE, invited=[cast.police])
    url = reverse("meeting", args=[found.pk])
    assert as_(cast.liaison).get(url).status_code == 200
    assert as_(cast.civil_liaison).get(url).status_code == 404
    assert as_(cast.city_officer).get(url).status_code == 404
    assert found.status == MeetingStatus.PLANNED
    assert Task.objects.filter(status=TaskStatus.ASSIGNED).count() == 0


@pytest.mark.parametrize("unit", ["county", "justice"])
def test_what_the_office_hears_last_of_leads_to_its_own_page(cast, unit):
    case = make_case(cast, "HANDLING")
    cast.conference.organisation = getattr(cast, unit)
    cast.conference.save()
    notice = Notice.objects.create(recipient=cast.conference, kind=NoticeKind.OVERDUE, case=case, at=MONDAY)

    assert target_of(notice, cast.conference) == reverse("conference")
    assert notice.about == (case.number if unit == "county" else "联席会议")
