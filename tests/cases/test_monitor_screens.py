"""Monitors on screen: opened from an answer, their page, their steps, who reads what, where the list puts them."""

import pytest
from django.urls import reverse

from cases.choices import AccessKind, FieldGroup, MonitorKind, MonitorOutcome, NoticeKind
from cases.models import Access, Monitor, Notice
from tests.cases.pages import as_, words
from tests.cases.watching import SEEN, agreed, fresh, letter, on, order, stay
from tests.factories import make_case, make_referral

PLACE = "县救助站三楼"


@pytest.fixture(autouse=True)
def _morning_of_the_scene(clock):
    """The pages read the clock: they are asked two hours after the scene began."""


def page(found, name="monitor", *more):
    return reverse(name, args=[found.pk, *more])


def press(client, found, step, **typed):
    return client.post(page(found, "monitor_step", step), {"version": fresh(found).version, **typed})


VISIT = {
    "spoke_safely": "yes",
    "happened_at": "2026-11-16T10:30",
    "way": "HOME",
    "apart": "yes",
    "finding": "CLEAN",
    "content": SEEN,
}


def test_from_the_answer_of_the_police_with_one_press(cast):
    sent = make_referral(cast, "RESULT")
    clerk = as_(cast.clerk)
    shown = clerk.get(reverse("referral", args=[sent.pk])).content.decode()
    answer = sent.feedback.get(result="POLICE.WARNING_LETTER")
    address = f"{reverse('monitor_open', args=[sent.case.number, 'warning-letter'])}?feedback={answer.pk}"
    assert address in shown

    form = clerk.get(address).content.decode()
    assert answer.doc_number in form
    assert 'value="2026-11-17"' in form  # the day of the letter, to be put right
    typed = {"keeper": cast.clerk.pk, "feedback": answer.pk, "number": answer.doc_number}
    done = clerk.post(address, typed | {"delivered_on": "2026-11-16"})
    found = Monitor.objects.get()
    assert done.status_code == 302
    assert done["Location"] == page(found)
    assert clerk.post(address, typed | {"delivered_on": "2026-11-16"})["Location"] == page(found)
    assert page(found) in clerk.get(reverse("referral", args=[sent.pk])).content.decode()
    assert page(found) in clerk.get(reverse("case", args=[sent.case.number])).content.decode()


@pytest.mark.parametrize("source", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_answer_that_is_none_fills_nothing(cast, source):
    case = make_case(cast, "HANDLING")
    address = reverse("monitor_open", args=[case.number, "warning-letter"])

    assert as_(cast.clerk).get(f"{address}?feedback={source}").status_code == 200


def test_a_visit_is_written_and_the_next_date_shown(cast):
    found = letter(cast)
    clerk = as_(cast.clerk)
    assert press(clerk, found, "visit", **VISIT).status_code == 302

    text = words(clerk.get(page(found)))
    assert SEEN in text
    assert "2027年2月16日" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"spoke_safely": ""}, "请回答：她能安全说话吗"),
        ({"spoke_safely": "no"}, "这次不谈案情"),
        ({"apart": ""}, "请回答双方是否分别见面"),
        ({"apart": "no"}, "没有分别见到双方"),
        ({"finding": ""}, "请选择结果"),
        ({"finding": "UNSURE", "content": ""}, "请写明情况"),
        ({"happened_at": "2026-11-15T10:00"}, "不能早于"),
        ({"version": "0"}, "刚刚有了变化"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(cast, changes, said):
    found = letter(cast)
    answer = press(as_(cast.clerk), found, "visit", **(VISIT | changes))

    assert answer.status_code in (409, 422)
    assert said in words(answer)
    assert not found.entries.exists()


def test_no_answer_is_chosen_beforehand(cast):
    form = as_(cast.clerk).get(page(letter(cast), "monitor_step", "visit")).content.decode()

    assert 'name="spoke_safely"' in form
    assert "checked" not in form


def test_who_is_not_in_the_line_reads_no_word(cast):
    found = letter(cast, facts="酒后打人")
    press(as_(cast.clerk), found, "visit", **VISIT)

    for person, reads in ((cast.clerk, True), (cast.head, True), (cast.clerk2, False), (cast.officer, False)):
        text = words(as_(person).get(page(found)))
        assert (SEEN in text, "酒后打人" in text) == (reads, reads), person
    looked = Access.objects.filter(fields=FieldGroup.MONITOR).values_list("staff__username", "in_line")
    assert ("clerk2", False) in looked
    assert ("clerk", True) in looked


def test_where_she_is_opens_by_a_press_and_stands_nowhere_else(cast):
    found = stay(cast)
    clerk = as_(cast.clerk)
    for address in (page(found), page(found, "monitor_step", "end"), reverse("monitors")):
        assert PLACE not in clerk.get(address).content.decode()
    assert PLACE not in clerk.get(reverse("case", args=[found.case.number])).content.decode()

    opened = clerk.post(page(found, "monitor_reveal"))
    assert PLACE in opened.content.decode()
    look = Access.objects.get(kind=AccessKind.REVEAL)
    assert (look.fields, look.staff) == (FieldGroup.ADDRESS, cast.clerk)
    assert as_(cast.clerk2).post(page(found, "monitor_reveal")).status_code == 403
    assert clerk.post(page(letter(cast, found.case), "monitor_reveal")).status_code == 404


def test_a_relapse_asks_for_the_case_with_its_ground(cast):
    case = make_case(cast, "CLOSED", involves_dv=True)
    found = letter(cast, case)
    typed = {"happened_at": "2026-11-16T10:30", "content": "又动手了", "police": "no"}
    assert press(as_(cast.clerk), found, "breach", **(typed | {"police": ""})).status_code == 422
    assert press(as_(cast.clerk), found, "breach", **(typed | {"police": "yes"})).status_code == 422
    assert press(as_(cast.clerk), found, "breach", **typed).status_code == 302

    shown = as_(cast.head).get(reverse("case", args=[case.number])).content.decode()
    address = f"{reverse('case_step', args=[case.number, 'reopen'])}?ground=RELAPSE"
    assert address in shown
    assert '<option value="RELAPSE" selected>' in as_(cast.head).get(address).content.decode()
    told = Notice.objects.get(recipient=cast.head, kind=NoticeKind.BREACHED)
    went = as_(cast.head).post(reverse("notice_open", args=[told.pk]))
    assert went["Location"] == page(found)


def test_an_order_cannot_run_longer_than_the_law_allows(cast):
    case = make_case(cast, "HANDLING")
    address = reverse("monitor_open", args=[case.number, "protection-order"])
    typed = {"made_at": "2026-11-16T09:00", "valid_until": "2027-05-17", "measures": "NO_DV"}
    answer = as_(cast.clerk).post(address, typed | {"keeper": cast.clerk.pk})

    assert answer.status_code == 409
    assert "最迟到2027年5月16日" in words(answer)
    assert as_(cast.clerk).post(address, typed | {"valid_until": "2026-11-15"}).status_code == 422
    done = as_(cast.clerk).post(
        address, typed | {"keeper": cast.clerk.pk, "valid_until": "", "court": cast.court.pk}
    )
    assert done.status_code == 302
    assert Monitor.objects.get().order.court == cast.court


def test_the_page_of_an_order_says_that_it_has_ended_and_the_button_what_it_ends(cast):
    running, over = order(cast), order(cast, made_at=on(2026, 3, 2))
    said = "已期满。还需要保护的，请重新申请"

    shown = [words(as_(cast.clerk).get(page(found))) for found in (running, over)]

    assert [said in html for html in shown] == [False, True]
    assert all("结束保护令回访" in html for html in shown)
    assert "结束保护令回访" in words(as_(cast.clerk).get(page(over, "monitor_step", "end")))


def test_an_order_goes_through_its_steps(cast):
    found = order(cast, valid_until=on(2026, 11, 16).date())
    clerk = as_(cast.clerk)
    assert press(clerk, found, "serve", served_at="2026-11-16T10:00").status_code == 302
    seen = {key: value for key, value in VISIT.items() if key != "apart"}
    assert press(clerk, found, "visit", **seen).status_code == 302
    typed = {"made_at": "2026-11-16T10:00", "valid_until": "2026-11-16"}
    assert press(clerk, found, "extend", **typed).status_code == 422
    assert press(clerk, found, "extend", **(typed | {"valid_until": "2027-01-16"})).status_code == 302
    end = {"outcome": "EXPIRED", "conclusion": "平稳"}
    assert press(clerk, found, "end", **end).status_code == 422
    assert press(clerk, found, "end", **end, fed_back_at="2026-11-16T10:00").status_code == 409
    assert press(clerk, found, "end", **(end | {"outcome": "REVOKED"})).status_code == 302
    assert fresh(found).outcome == MonitorOutcome.REVOKED
    assert "看最新情况</a>" in clerk.get(page(found, "monitor_step", "visit")).content.decode()


def test_a_stay_goes_through_its_steps(cast):
    case = make_case(cast, "HANDLING")
    clerk = as_(cast.clerk)
    address = reverse("monitor_open", args=[case.number, "shelter"])
    typed = {"entered_at": "2026-11-16T09:00", "children": "1", "place": PLACE, "keeper": cast.clerk.pk}
    assert clerk.post(address, typed).status_code == 302
    found = Monitor.objects.get(kind=MonitorKind.SHELTER)
    assert "已有一项在庇护中" in words(clerk.get(address))
    assert clerk.post(address, typed).status_code == 409
    later = {"until": "2026-12-05", "filed_on": "2026-11-16", "content": "没有住处"}
    assert press(clerk, found, "extend", **later).status_code == 302
    end = {"outcome": "LEFT", "conclusion": "回娘家"}
    assert press(clerk, found, "end", **end).status_code == 422
    whole = end | {"left_at": "2026-11-16T10:30", "destination": "姐姐家", "escort": "单秀英"}
    assert press(clerk, found, "end", **whole).status_code == 302
    assert "姐姐家" not in clerk.get(page(found)).content.decode()


def test_an_agreement_goes_through_its_steps(cast):
    case = make_case(cast, "HANDLING")
    clerk = as_(cast.clerk)
    address = reverse("monitor_open", args=[case.number, "agreement"])
    typed = {"made_on": "2026-11-16", "terms": "付清医药费。", "keeper": cast.clerk.pk, "what_1": "他付钱"}
    typed |= {"due_1": "2026-11-20"}
    for wrong in ({"due_1": "2026-11-15"}, {"what_2": "又一项"}, {"due_2": "2026-11-25"}):
        assert clerk.post(address, typed | wrong).status_code == 422
    assert clerk.post(address, typed).status_code == 302
    found = Monitor.objects.get()
    asked = {"asked_on": "2026-11-16", "court": cast.court.pk}
    assert press(clerk, found, "confirm", **asked).status_code == 302
    assert press(clerk, found, "decide", confirmed="yes", decided_on="2026-11-16").status_code == 302
    due = found.agreement.dues.get()
    kept = {"due": due.pk, "performed": "yes", "checked_on": "2026-11-16", "result": "看了收据"}
    assert "他付钱" in clerk.get(page(found, "monitor_step", "perform")).content.decode()
    assert "他付钱" not in as_(cast.clerk2).get(page(found, "monitor_step", "perform")).content.decode()
    assert press(clerk, found, "perform", **kept).status_code == 302
    assert "看了收据" in clerk.get(page(found)).content.decode()
    assert fresh(found).outcome == MonitorOutcome.PERFORMED


def test_what_was_not_performed_asks_for_the_case_with_its_ground(cast):
    case = make_case(cast, "CLOSED")
    found = agreed(cast, case)
    due = found.agreement.dues.order_by("due_on").first()
    broken = {"due": due.pk, "performed": "no", "checked_on": "2026-11-16", "result": "拒绝付款"}
    assert press(as_(cast.clerk), found, "perform", **broken).status_code == 302

    assert "?ground=NOT_PERFORMED" in as_(cast.head).get(reverse("case", args=[case.number])).content.decode()


def test_the_list_shows_what_the_unit_keeps_the_nearest_first(cast):
    far, near = order(cast), letter(cast)
    order(cast, keeper=cast.officer)
    asked = as_(cast.clerk).get(reverse("monitors")).content.decode()
    assert 0 < asked.index(page(near)) < asked.index(page(far)) or page(far) in asked
    assert asked.count("/monitors/") >= 2

    for query, shown in (
        ("?show=mine", {near, far}),
        ("?kind=PROTECTION_ORDER", {far}),
        ("?show=late", set()),
        ("?show=ended", set()),
        ("?show=no-such&kind=x", {near, far}),
    ):
        text = as_(cast.clerk).get(reverse("monitors") + query).content.decode()
        assert {found for found in (near, far) if page(found) in text} == shown, query
    assert (
        as_(cast.officer).get(f"{reverse('monitors')}?show=all").content.decode().count("wq-table__title")
        == 3
    )


def test_pages_of_the_list_by_keyset(cast, monkeypatch):
    monkeypatch.setattr("cases.views.monitors.listing.PAGE", 2)
    case = make_case(cast, "HANDLING")
    for n in range(3):
        letter(cast, case, number=f"N-{n}")
    first = as_(cast.clerk).get(reverse("monitors"))
    second = as_(cast.clerk).get(reverse("monitors") + first.context["next_url"])

    assert len(first.context["rows"]) == 2
    assert len(second.context["rows"]) == 1
    ended = as_(cast.clerk).get(
        f"{reverse('monitors')}?show=ended&after={first.context['next_url'].split('after=')[1]}"
    )
    assert ended.status_code == 200


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_asks_as_much_for_one_as_for_many(cast, count, django_assert_num_queries):
    case = make_case(cast, "HANDLING")
    for n in range(count):
        letter(cast, case, number=f"N-{n}")
    client = as_(cast.clerk)
    client.get(reverse("monitors"))

    with django_assert_num_queries(5):
        client.get(reverse("monitors"))


def test_the_desk_names_what_is_near(cast):
    found = letter(cast)

    assert page(found) in as_(cast.clerk).get(reverse("desk")).content.decode()


@pytest.mark.parametrize("name", ["open", "no-such"])
def test_only_steps_that_have_a_form(cast, name):
    assert as_(cast.clerk).get(page(letter(cast), "monitor_step", name)).status_code == 404
    case = make_case(cast, "HANDLING")
    assert as_(cast.clerk).get(reverse("monitor_open", args=[case.number, name])).status_code == 404
