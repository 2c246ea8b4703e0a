"""The yearly monitoring of the women's plan, what the police did about violence, how long and how late: against a count
of our own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from lxml import html

from cases.actions import referral
from cases.actions.handling import record_handling
from cases.actions.monitors.order import Wish, open_application
from cases.actions.monitors.protection import open_order
from cases.actions.monitors.shelter import open_stay
from cases.actions.monitors.warning import open_letter
from cases.actions.referral import Answer
from cases.choices import ApplyGround, HandlingMethod, ProtectionMeasure, Sex
from cases.models import Case, Clock
from cases.statistics.figures.rollup import drifted, refresh
from tests.cases.a_year import AFTER, ask, fill, on
from tests.cast import login
from tests.factories import make_case, make_referral, petitioner

YEAR = {"span": "year", "year": "2025"}
IN_2025 = "BETWEEN '2025-01-01 00:00:00+08' AND '2025-12-31 23:59:59.999999+08'"
OF = "JOIN stations_organisation o ON o.id = c.station_id WHERE o.region_id LIKE '410423%%'"
MINUTE = timedelta(minutes=1)


def answered(cast, case, result, at, department):
    sent = make_referral(cast, "IN_PROGRESS", case=case, at=at, department=department)
    referral.report_result(
        sent, answer=Answer(text="已办理。", result=result), by=cast.civil_liaison, at=at + 9 * MINUTE
    )


@pytest.fixture
def year(cast, clock):
    clock.at = AFTER
    told = fill(cast)
    told["woman"] = make_case(cast, "HANDLING", at=on(5, 12), category="LAB_WAGE", categories=())
    told["man"] = make_case(
        cast, "HANDLING", at=on(5, 13), parties=(petitioner(sex=Sex.MALE, id_number=""),), categories=()
    )
    for key, result, at in (
        ("woman", "JUSTICE.AID_GRANTED", on(6, 2)),
        ("man", "JUSTICE.AID_GRANTED", on(6, 3)),
        ("woman", "JUSTICE.ASSIGNED", on(7, 2)),
        ("violent", "JUSTICE.ADVISED", on(7, 3)),
        ("violent", "POLICE.CRIMINAL_FILED", on(7, 4)),
        ("violent", "POLICE.TO_PROSECUTE", on(8, 4)),
        ("woman", "POLICE.PENALTY", on(8, 5)),
    ):
        answered(cast, told[key], result, at, cast.police if "POLICE" in result else cast.justice)
    _protect(cast, told["violent"])
    refresh(AFTER)
    return told


def _protect(cast, case):
    by = {"keeper": cast.clerk, "by": cast.clerk}
    open_letter(case, delivered_on=on(3, 12).date(), at=on(3, 12), **by)
    record_handling(
        case,
        method=HandlingMethod.PROTECTION_ORDER,
        happened_at=on(3, 13),
        content="陪她去法院。",
        by=cast.clerk,
        at=on(3, 13),
    )
    wish = Wish(ApplyGround.COERCED, (ProtectionMeasure.NO_DV,), "多次被打。", "被丈夫看管。")
    open_application(case, wish=wish, at=on(3, 14), **by)
    open_order(case, made_at=on(3, 16), at=on(3, 16), **by)
    open_stay(case, entered_at=on(3, 11), place="市救助站", children=2, at=on(3, 11), **by)


def page_of(client, **asked):
    answer = client.get(reverse("reports"), YEAR | asked)
    assert answer.status_code == 200
    return html.fromstring(answer.content)


def row_of(page, name):
    return [cell.text_content() for cell in page.xpath(f"(//tr[th[.='{name}']])[1]/td")]


def monitors(kind):
    return ask(
        f"SELECT count(*) FROM cases_monitor m JOIN cases_case c ON c.id = m.case_id {OF} AND m.kind = '{kind}' AND m.opened_at {IN_2025}"
    )


def test_the_plan_is_what_a_person_would_count(client, cast, year):
    helped = ask(
        f"SELECT count(*) FROM cases_handlingrecord k JOIN cases_case c ON c.id = k.case_id {OF} AND k.method = 'PROTECTION_ORDER' AND k.at {IN_2025}"
    )
    aided = ask(
        f"""SELECT count(DISTINCT c.id) FROM cases_feedback a JOIN cases_referral r ON r.id = a.referral_id
        JOIN cases_case c ON c.id = r.case_id JOIN cases_party p ON p.case_id = c.id AND p.role = 'PETITIONER'
        JOIN cases_person w ON w.id = p.person_id AND w.sex = '2' {OF}
        AND a.result IN ('JUSTICE.AID_GRANTED', 'JUSTICE.ASSIGNED') AND a.at {IN_2025}"""
    )
    kinds = [
        monitors(kind) for kind in ("WARNING_LETTER", "ORDER_APPLICATION", "PROTECTION_ORDER", "SHELTER")
    ]
    counted = [kinds[0], helped, kinds[1], 0, kinds[2], kinds[3], aided]
    assert counted == [1, 1, 1, 0, 1, 1, 1]

    page = page_of(login(client, cast.city_officer), report="women")

    assert row_of(page, "鲁山县") == [str(figure) for figure in counted]
    assert row_of(page, "宝丰县") == ["0"] * 7
    assert row_of(page, "合计") == row_of(page, "鲁山县")
    assert "受援人" in page.text_content()


def test_the_plan_goes_to_other_bodies_so_small_figures_of_townships_are_hidden(client, cast, year):
    page = page_of(login(client, cast.officer), report="women")

    assert row_of(page, "下汤镇")[0] == "＜5"
    assert row_of(page, "下汤镇")[6] == "＜5"


def test_the_police_are_told_by_what_they_did_once_a_matter(client, cast, year):
    page = page_of(login(client, cast.officer), report="violence")

    # Filed and prosecuted is one; the fine was no violence at home; the letter came with the first answer.
    found = {name: row_of(page, name)[0] for name in ("批评教育", "告诫", "治安处罚", "追究刑事责任")}
    assert found == {"批评教育": "0", "告诫": "1", "治安处罚": "0", "追究刑事责任": "1"}
    july, august = (
        row_of(page_of(client, report="violence", span="month", month=n), "追究刑事责任") for n in "78"
    )
    assert (july[0], august[0]) == ("1", "0")


def test_how_long_and_how_late(client, cast, year):
    days = f"""SELECT {{}}((k.decided_at AT TIME ZONE 'Asia/Shanghai')::date - (c.registered_at AT TIME ZONE 'Asia/Shanghai')::date)
        FROM cases_closure k JOIN cases_case c ON c.id = k.case_id {OF} AND k.approved AND k.decided_at {IN_2025}"""
    late = Clock.objects.filter(
        case=year["closed"], rule__starts="SYSTEM", monitor=None, referral=None
    ).first()
    other = Clock.objects.filter(
        case=year["woman"], rule__starts="SYSTEM", monitor=None, referral=None
    ).first()
    for clock, days_on in ((late, 3), (other, 9)):
        done = clock.effective_due + timedelta(days=days_on, hours=9)
        Clock.objects.filter(pk=clock.pk).update(ended_at=done, status="MET")
    Case.objects.filter(pk=year["closed"].pk).update(received_at=on(1, 20), registered_at=on(1, 20))
    refresh(AFTER, anew=True)
    worst, closed = ask(days.format("max")), ask(days.format("count"))
    assert worst > ask(days.format("min"))

    page = page_of(login(client, cast.officer), report="indicators")

    assert row_of(page, "办结件次")[0] == str(closed)
    assert row_of(page, "最长办结时长（日）")[0] == f"{worst:.1f}"
    # The end is the midnight after the last day: three days and a morning later is the fourth day.
    assert row_of(page, "逾期后办到的期限")[0] == "2"
    assert row_of(page, "平均逾期时长（日）")[0] == "7.0"
    assert row_of(page, "最长逾期时长（日）")[0] == "10.0"
    month = page_of(client, report="indicators", span="month", month="11")
    assert row_of(month, "最长逾期时长（日）")[0] == row_of(month, "最长办结时长（日）")[0] == "—"


def test_the_nightly_recount_finds_nothing(cast, year):
    assert drifted(20) == []
