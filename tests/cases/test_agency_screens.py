"""A petition agency on screen: from the case page through every step, errors at the field, nothing typed lost."""

from datetime import date

import pytest
from django.urls import reverse

from cases.choices import MonitorOutcome
from cases.models import Monitor
from tests.cases.acting import answered, applied, at_body, heard, signed
from tests.cases.pages import as_, words
from tests.cases.watching import fresh, on
from tests.factories import make_case

MATTER, VIEW = "请公安说明为什么不立案", "她说想再等等"


@pytest.fixture(autouse=True)
def _thursday(clock):
    clock.at = on(2026, 11, 19, 18)


def page(found, name="monitor", *more):
    return reverse(name, args=[found.pk, *more])


def press(person, found, step, **typed):
    return as_(person).post(page(found, "monitor_step", step), {"version": fresh(found).version, **typed})


def test_from_the_case_to_the_end_with_the_forms_alone(cast):
    case = make_case(cast, "HANDLING")
    address = reverse("monitor_open", args=[case.number, "agency"])
    assert address in as_(cast.clerk).get(reverse("case", args=[case.number])).content.decode()
    assert "提出委托：信访代理" in words(as_(cast.clerk).get(address))
    asked = {"keeper": cast.clerk.pk, "applied_on": "2026-11-16", "mode": "SUBMIT", "matter": MATTER}
    assert as_(cast.clerk).post(address, asked).status_code == 302
    found = Monitor.objects.get()

    steps = (
        (cast.head, "sign", {"signed_on": "2026-11-16", "term_on": "2027-01-31", "mode": "SUBMIT",
                             "scope": "递交材料", "papers": "身份证复印件", "no_fee": "on"}),
        (cast.clerk, "submit", {"body": cast.police.pk, "submitted_on": "2026-11-17", "way": "POST",
                                "papers": "申请书", "letter_number": "介1号"}),
        (cast.clerk, "notice", {"received_on": "2026-11-18", "taken_up": "yes", "number": "告1号"}),
        (cast.clerk, "tell", {"told_on": "2026-11-18", "way": "PHONE", "view": VIEW}),
        (cast.clerk, "extend", {"term_on": "2027-02-28", "words": "她同意"}),
        (cast.clerk, "opinion", {"received_on": "2026-11-18", "answer": "不予支持"}),
        (cast.clerk, "tell", {"told_on": "2026-11-18", "way": "PHONE", "view": VIEW}),
        (cast.clerk, "review", {"asked_on": "2026-11-18", "kind": "review", "words": "向市局申请"}),
        (cast.clerk, "opinion", {"received_on": "2026-11-19", "answer": "支持"}),
        (cast.clerk, "tell", {"told_on": "2026-11-19", "way": "MEET", "view": "满意"}),
        (cast.clerk, "finish", {"outcome": "SUPPORTED", "satisfaction": "SATISFIED", "cost": "12.5",
                                "words": "已改正", "confirmed": "on"}),
    )  # fmt: skip
    for person, step, typed in steps:
        assert as_(person).get(page(found, "monitor_step", step)).status_code == 200
        answer = press(person, found, step, **typed)
        assert answer.status_code == 302, (step, words(answer))

    found = fresh(found)
    assert (found.outcome, found.valid_until) == (MonitorOutcome.SUPPORTED, date(2027, 2, 28))
    text = words(as_(cast.clerk).get(page(found)))
    for told in (MATTER, "下妇访代〔2026〕1号", "鲁山县公安局", "介1号", "12.50元", "满意", VIEW):
        assert told in text


def test_revoked_and_refused_with_the_forms(cast):
    found = signed(cast)
    typed = {"side": "PRINCIPAL", "reason": "不想办了", "returned": "身份证复印件，交还本人"}
    assert press(cast.clerk, found, "revoke", **typed).status_code == 302
    text = words(as_(cast.clerk).get(page(found)))
    assert "解除代理" in text
    assert typed["returned"] in text

    other = applied(cast)
    assert press(cast.head, other, "refuse", reason="UNLAWFUL", words="已当面说明").status_code == 302
    assert "目的或要求不合法" in words(as_(cast.clerk).get(page(other)))


@pytest.mark.parametrize(
    ("bring", "step", "typed", "said"),
    [
        (applied, "sign", {"signed_on": "2026-11-16", "term_on": "2026-11-15"}, "不能早于委托日期"),
        (applied, "sign", {"signed_on": "2026-11-15", "term_on": "2026-12-15", "mode": "FULL", "scope": "全部",
                           "no_fee": "on"}, "提出委托之后"),
        (applied, "sign", {}, "请先向她说明不收费"),
        (applied, "refuse", {"words": "说明过了"}, "请选择原因"),
        (signed, "submit", {"papers": VIEW}, "请选择责任单位"),
        (signed, "submit", {"papers": VIEW, "body": "police", "body_name": "另一家"}, "这一栏请清空"),
        (signed, "submit", {"papers": VIEW, "body": "0"}, "请从清单中选择责任单位"),
        (at_body, "notice", {"received_on": "2026-11-18", "answer": VIEW}, "请回答：责任单位受理了吗"),
        (answered, "tell", {"told_on": "2026-11-17", "way": "MEET", "view": VIEW}, "收到答复之后"),
        (heard, "finish", {"cost": "-1", "words": VIEW}, "站里支出请填写"),
        (heard, "finish", {"outcome": "DONE", "words": VIEW}, "结果的选项不在清单中"),
        (heard, "revoke", {"reason": VIEW}, "请填写退回的材料"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(cast, bring, step, typed, said):
    found = bring(cast)
    if typed.get("body") == "police":
        typed = typed | {"body": cast.police.pk}

    answer = press(cast.head, found, step, **typed)

    assert answer.status_code in (409, 422)
    assert said in words(answer)
    assert VIEW not in typed.values() or VIEW in answer.content.decode()
    assert fresh(found).version == found.version


def test_where_she_is_stands_on_nothing_that_goes_out(cast):
    case = make_case(cast, "HANDLING")
    place = case.parties.select_related("person").first().person.address_now
    assert place
    address, hidden = reverse("monitor_open", args=[case.number, "agency"]), f"她住在{place}"
    asked = {"keeper": cast.clerk.pk, "applied_on": "2026-11-16", "mode": "SUBMIT", "matter": hidden}
    answer = as_(cast.clerk).post(address, asked)
    assert (answer.status_code, "责任单位会看到" in words(answer)) == (422, True)

    found = applied(cast, case)
    typed = {"signed_on": "2026-11-16", "term_on": "2027-01-31", "mode": "SUBMIT", "no_fee": "on"}
    answer = press(cast.head, found, "sign", **typed, scope="递交材料", papers=hidden)
    assert (answer.status_code, "责任单位会看到" in words(answer)) == (422, True)
    typed = {"body": cast.police.pk, "submitted_on": "2026-11-17", "way": "POST", "papers": hidden}
    answer = press(cast.clerk, signed(cast, found), "submit", **typed)
    assert (answer.status_code, "责任单位会看到" in words(answer)) == (422, True)


def test_what_is_no_longer_offered_says_why(cast):
    found = applied(cast, make_case(cast, "HANDLING"))
    again = reverse("monitor_open", args=[found.case.number, "agency"])
    typed = {"keeper": cast.clerk.pk, "applied_on": "2026-11-16", "mode": "FULL", "matter": VIEW}
    answer = as_(cast.clerk).post(again, typed)
    assert answer.status_code == 409
    assert VIEW in answer.content.decode()
    assert "不能“提交责任单位”" in words(as_(cast.clerk).get(page(found, "monitor_step", "submit")))
    closed = make_case(cast, "CLOSED")
    over = as_(cast.clerk).get(reverse("monitor_open", args=[closed.number, "agency"]))
    assert "案件已经办结" in words(over)


def test_the_clerk_sees_no_button_of_the_head_and_a_stranger_nothing(cast):
    found = applied(cast)

    assert page(found, "monitor_step", "sign") in as_(cast.head).get(page(found)).content.decode()
    assert page(found, "monitor_step", "sign") not in as_(cast.clerk).get(page(found)).content.decode()
    assert press(cast.clerk, found, "sign").status_code == 403
    assert as_(cast.other_head).get(page(found)).status_code == 404
    assert as_(cast.liaison).get(page(found)).status_code == 404
    assert MATTER not in words(as_(cast.clerk2).get(page(found)))


def test_after_the_last_day_the_page_says_what_to_do(cast, clock):
    found = signed(cast, term_on=date(2026, 11, 18))

    assert "登记延长代理期限" in words(as_(cast.clerk).get(page(found)))


def test_whoever_closes_is_told_what_goes_on(cast):
    found = signed(cast)
    address = reverse("case_step", args=[found.case.number, "propose-close"])

    assert "还没有结束的：信访代理。" in words(as_(cast.clerk).get(address))
    other = reverse("case_step", args=[make_case(cast, "HANDLING").number, "propose-close"])
    assert "还没有结束的" not in words(as_(cast.clerk).get(other))
    assert "还没有结束的" not in words(
        as_(cast.clerk).get(reverse("case_step", args=[found.case.number, "handle"]))
    )
