"""Applying for a protection order on her behalf, from the first word to the ruling of the court."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cases.actions.monitors import order as verbs
from cases.actions.monitors.order import Ruling, Wish
from cases.choices import (
    AccessKind,
    ApplyGround,
    ClockStatus,
    DisclosureKind,
    Evidence,
    LegalBasis,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    ProtectionMeasure,
)
from cases.models import Access, Disclosure, Monitor
from cases.workflow import StepNotAllowed
from tests.cases.pages import as_, words
from tests.cast import CHINA, MONDAY
from tests.factories import MINUTE, SAFE_PHONE, UNSAFE_PHONE, make_case

HOUR = timedelta(hours=1)
LATER = MONDAY + 30 * MINUTE
FACTS = "十一月起三次殴打，最近一次报警，派出所出具了告诫书。"


def wish(**told):
    asked = {
        "ground": ApplyGround.COERCED,
        "measures": [ProtectionMeasure.NO_DV, ProtectionMeasure.NO_CONTACT],
        "facts": FACTS,
        "ground_words": "被丈夫看管，出不了门。",
    }
    return Wish(**(asked | told))


def begun(cast, case=None, **told):
    case = case or make_case(cast, "HANDLING", involves_dv=True)
    return verbs.open_application(case, wish=wish(**told), keeper=cast.clerk, by=cast.clerk, at=LATER)


def with_evidence(cast, **told):
    monitor = begun(cast, **told)
    verbs.add_evidence(
        monitor,
        kind=Evidence.POLICE_RECORD,
        description="报警回执一份，证明昨晚报过警",
        kept_at="她姐姐手里",
        by=cast.clerk,
        at=LATER,
    )
    return monitor


def filed(cast, **told):
    monitor = with_evidence(cast, **told)
    verbs.file_application(monitor, court=cast.court, filed_at=LATER, by=cast.clerk, at=LATER)
    return monitor


def accepted(cast, **told):
    monitor = filed(cast, **told)
    verbs.accept_application(
        monitor,
        accepted_at=LATER + HOUR,
        court_number="（2026）豫0423民保令9号",
        by=cast.clerk,
        at=LATER + HOUR,
    )
    return monitor


def decide(cast, monitor, *, issued, at=LATER + 2 * HOUR, **told):
    ruling = Ruling(issued=issued, decided_at=at, words="准许申请" if issued else "证据不足", **told)
    return verbs.decide_application(monitor, ruling=ruling, by=cast.clerk, at=at)


@pytest.mark.parametrize("ground", ApplyGround)
@pytest.mark.parametrize("consented", [True, False])
def test_whose_consent_the_law_asks_for(cast, ground, consented):
    if ground in (ApplyGround.AGED, ApplyGround.DISABLED, ApplyGround.GRAVELY_ILL) and not consented:
        with pytest.raises(StepNotAllowed, match="本人同意"):
            begun(cast, ground=ground, consented=consented)
        assert not Monitor.objects.exists()
    else:
        assert begun(cast, ground=ground, consented=consented).stage == MonitorStage.PREPARING


def test_it_asks_the_court_for_something(cast):
    with pytest.raises(StepNotAllowed, match="至少选一项"):
        begun(cast, measures=[])


@pytest.mark.parametrize("measure", [ProtectionMeasure.NO_LOOKUP, ProtectionMeasure.NO_HIDE_CHILD])
def test_what_only_henan_has_is_asked_for_only_there(cast, measure):
    case = make_case(cast, "HANDLING")
    assert measure in ProtectionMeasure.offered_in(case.place)
    assert begun(cast, case, measures=[measure])

    case = make_case(cast, "HANDLING")
    case.township_code, case.county_code = "130423101", "130423"
    assert measure not in ProtectionMeasure.offered_in(case.place)
    with pytest.raises(StepNotAllowed, match="本地没有规定"):
        begun(cast, case, measures=[measure])


def test_one_application_at_a_time(cast):
    monitor = begun(cast)

    with pytest.raises(StepNotAllowed, match="已经有一份"):
        begun(cast, monitor.case)
    decide(cast, with_evidence_filed(cast, monitor), issued=False)

    assert begun(cast, monitor.case)


def with_evidence_filed(cast, monitor):
    verbs.add_evidence(monitor, kind=Evidence.STATEMENT, description="陈述", by=cast.clerk, at=LATER)
    verbs.file_application(monitor, court=cast.court, filed_at=LATER, by=cast.clerk, at=LATER)
    return monitor


def test_before_filing_it_can_be_written_anew_and_the_list_changed(cast):
    monitor = with_evidence(cast)
    (piece,) = monitor.application.evidence.all()

    verbs.revise_application(monitor, wish=wish(urgent=True), by=cast.clerk, at=LATER)
    verbs.remove_evidence(monitor, piece, by=cast.clerk, at=LATER)

    monitor = Monitor.objects.get(pk=monitor.pk)
    assert monitor.application.urgent
    assert not monitor.application.evidence.exists()
    said = [entry.content for entry in monitor.entries.order_by("pk")]
    assert said[-2:] == ["修改了申请内容。", "从清单撤下：出警记录、询问笔录、报警回执"]


def test_what_was_filed_stays_as_it_was_filed(cast):
    monitor = filed(cast)
    (piece,) = monitor.application.evidence.all()

    for change in (
        lambda: verbs.revise_application(monitor, wish=wish(urgent=True), by=cast.clerk, at=LATER),
        lambda: verbs.remove_evidence(monitor, piece, by=cast.clerk, at=LATER),
    ):
        with pytest.raises(StepNotAllowed, match="已经递交法院"):
            change()
    verbs.add_evidence(monitor, kind=Evidence.AV, description="补交录音", by=cast.clerk, at=LATER)

    assert monitor.application.evidence.count() == 2


def test_without_evidence_it_is_not_filed(cast):
    monitor = begun(cast)

    with pytest.raises(StepNotAllowed, match="至少一项证据"):
        verbs.file_application(monitor, court=cast.court, filed_at=LATER, by=cast.clerk, at=LATER)


@pytest.mark.parametrize(
    ("ground", "basis"),
    [
        (ApplyGround.NO_CAPACITY, LegalBasis.STATUTORY_DUTY),
        (ApplyGround.COERCED, LegalBasis.STATUTORY_DUTY),
        (ApplyGround.AGED, LegalBasis.CONSENT),
    ],
)
def test_what_goes_to_the_court_is_in_the_log(cast, ground, basis):
    monitor = filed(cast, ground=ground, consented=True)

    told = Disclosure.objects.get(kind=DisclosureKind.APPLICATION)
    assert (told.case, told.organisation, told.basis) == (monitor.case, cast.court, basis)
    assert sorted(told.fields) == ["AGE_SEX", "FACTS", "ID_NUMBER", "NAME", "RESPONDENT"]
    assert (told.consent is not None) is (basis == LegalBasis.CONSENT)


@pytest.mark.parametrize(
    ("urgent", "code", "hours"), [(False, "DV-PO-DECIDE", 72), (True, "DV-PO-DECIDE-U", 24)]
)
def test_the_court_has_its_hours(cast, urgent, code, hours):
    monitor = accepted(cast, urgent=urgent)

    (clock,) = monitor.clocks.all()
    assert (clock.code, clock.status) == (code, ClockStatus.RUNNING)
    assert clock.effective_due == LATER + HOUR + timedelta(hours=hours)
    assert Monitor.objects.get(pk=monitor.pk).due_at == clock.effective_due
    assert monitor.case.clocks.ours().filter(code=code).count() == 0


def test_an_order_is_watched_over_from_here(cast):
    monitor = accepted(cast)
    made = decide(cast, monitor, issued=True, number="（2026）豫0423民保令9号", valid_until=date(2027, 5, 10))

    monitor = Monitor.objects.get(pk=monitor.pk)
    assert (monitor.stage, monitor.outcome) == (MonitorStage.ENDED, MonitorOutcome.ISSUED)
    assert monitor.clocks.get(code="DV-PO-DECIDE").status == ClockStatus.MET
    assert (made.kind, made.follows, made.valid_until) == (
        MonitorKind.PROTECTION_ORDER,
        monitor,
        date(2027, 5, 10),
    )
    assert made.order.court == cast.court
    assert made.order.measures == ["NO_DV", "NO_CONTACT"]
    assert made.order.terms == "准许申请"
    assert not monitor.case.clocks.filter(code="DV-PO-OBJ").exists()


def test_a_refusal_leaves_her_five_days(cast):
    monitor = accepted(cast)

    assert decide(cast, monitor, issued=False) is None

    monitor = Monitor.objects.get(pk=monitor.pk)
    assert (monitor.outcome, monitor.application.ruling) == (MonitorOutcome.DENIED, "证据不足")
    clock = monitor.case.clocks.get(code="DV-PO-OBJ")
    # Five days from Monday the 16th end on a Saturday; Monday the 23rd counts.
    assert clock.last_day == date(2026, 11, 23)
    assert not Monitor.objects.filter(kind=MonitorKind.PROTECTION_ORDER).exists()
    page = words(as_(cast.clerk).get(reverse("monitor", args=[monitor.pk])))
    assert "申请复议一次" in page


def test_a_ruling_may_come_before_the_acceptance_was_told(cast):
    monitor = filed(cast)

    assert decide(cast, monitor, issued=False) is None
    assert Monitor.objects.get(pk=monitor.pk).outcome == MonitorOutcome.DENIED


def test_no_moment_before_the_one_it_follows(cast):
    monitor = filed(cast)
    with pytest.raises(StepNotAllowed, match="不能早于递交时间"):
        verbs.accept_application(monitor, accepted_at=LATER - HOUR, by=cast.clerk, at=LATER)

    with pytest.raises(StepNotAllowed, match="不能早于递交和受理"):
        decide(cast, monitor, issued=False, at=LATER - HOUR)


def url(monitor, step):
    return reverse("monitor_step", args=[monitor.pk, step])


def press(client, monitor, step, **typed):
    return client.post(url(monitor, step), {"version": monitor.version, **typed})


OPENING = {
    "ground": "COERCED",
    "ground_words": "被丈夫看管",
    "measures": ["NO_DV", "NO_HIDE_CHILD"],
    "facts": FACTS,
    "urgent": "on",
}


def test_the_way_through_the_pages(cast):
    case = make_case(cast, "HANDLING", involves_dv=True, at=MONDAY - timedelta(days=2))
    client = as_(cast.clerk)
    asked = reverse("monitor_open", args=[case.number, "order-application"])
    at = f"{MONDAY.astimezone(CHINA):%Y-%m-%dT%H:%M}"

    assert client.get(asked).status_code == 200
    assert client.post(asked, OPENING | {"keeper": cast.clerk.pk}).status_code == 302
    monitor = Monitor.objects.get(kind=MonitorKind.ORDER_APPLICATION)
    assert "已经有一份" in words(client.get(asked))
    piece = {"kind": "STATEMENT", "description": "她的陈述", "copies": "2", "kept_at": "本站铁皮柜"}
    assert press(client, monitor, "evidence", **piece).status_code == 302
    monitor.refresh_from_db()
    page = words(client.get(reverse("monitor", args=[monitor.pk])))
    assert "当事人陈述 她的陈述 本站铁皮柜 2" in page
    assert press(client, monitor, "file", court=cast.court.pk, filed_at=at).status_code == 302
    monitor.refresh_from_db()
    assert press(client, monitor, "accept", accepted_at=at, court_number="豫民保令1号").status_code == 302
    monitor.refresh_from_db()
    done = {"issued": "yes", "decided_at": at, "measures": ["NO_DV"], "ruling": "准许"}
    assert press(client, monitor, "decide", **done).status_code == 302

    made = Monitor.objects.get(kind=MonitorKind.PROTECTION_ORDER)
    assert (made.follows_id, made.order.measures) == (monitor.pk, ["NO_DV"])
    assert {MonitorStep.FILE, MonitorStep.ACCEPT, MonitorStep.DECIDE} <= set(
        case.events.values_list("step", flat=True)
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"ground": "AGED"}, "要先取得她本人同意", id="her consent"),
        pytest.param({"facts": "她躲在鲁山县下汤镇假设路七号姐姐家"}, "现在的住处", id="where she is: facts"),
        pytest.param(
            {"ground_words": "住鲁山县下汤镇假设路七号姐姐家"}, "现在的住处", id="where she is: why"
        ),
        pytest.param({"measures": []}, "请选择请求法院采取的措施", id="measures"),
    ],
)
def test_what_the_opening_page_sends_back(cast, typed, said):
    case = make_case(cast, "HANDLING")
    asked = reverse("monitor_open", args=[case.number, "order-application"])

    answer = as_(cast.clerk).post(asked, OPENING | {"keeper": cast.clerk.pk} | typed)

    assert answer.status_code == 422
    assert said in words(answer)
    assert not Monitor.objects.filter(kind=MonitorKind.ORDER_APPLICATION).exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({}, "请选择法院怎样裁定", id="nothing"),
        pytest.param({"issued": "yes", "measures": []}, "请选择法院采取的措施", id="which measures"),
        pytest.param(
            {"issued": "yes", "measures": ["NO_DV"], "valid_until": "2026-11-01"}, "不能早于作出", id="over"
        ),
    ],
)
def test_what_the_ruling_page_sends_back(cast, typed, said):
    monitor = accepted(cast)

    answer = press(as_(cast.clerk), monitor, "decide", decided_at="2026-11-16 12:00", ruling="准许", **typed)

    assert answer.status_code == 422
    assert said in words(answer)


def test_the_application_is_revised_on_its_page(cast):
    monitor = with_evidence(cast)
    client = as_(cast.clerk)
    page = reverse("application_revise", args=[monitor.pk])

    shown = client.get(page)
    answer = client.post(page, OPENING | {"version": monitor.version, "facts": "改写后的事实"})
    stale = client.post(page, OPENING | {"version": monitor.version})
    missing = client.post(page, {"version": Monitor.objects.get(pk=monitor.pk).version})

    assert FACTS in shown.content.decode()
    assert answer.status_code == 302
    assert (stale.status_code, missing.status_code) == (409, 422)
    assert Monitor.objects.get(pk=monitor.pk).application.facts == "改写后的事实"


def test_after_filing_the_pages_refuse(cast):
    monitor = filed(cast)
    client = as_(cast.clerk)
    page = reverse("application_revise", args=[monitor.pk])
    (piece,) = monitor.application.evidence.all()

    assert "不能再改" in words(client.get(page))
    assert client.post(page, OPENING | {"version": monitor.version}).status_code == 409
    client.post(reverse("evidence_remove", args=[monitor.pk, piece.pk]))
    assert monitor.application.evidence.count() == 1


def test_a_piece_is_taken_off_by_its_button(cast):
    monitor = with_evidence(cast)
    (piece,) = monitor.application.evidence.all()
    client = as_(cast.clerk)
    address = reverse("evidence_remove", args=[monitor.pk, piece.pk])
    assert address in client.get(reverse("monitor", args=[monitor.pk])).content.decode()

    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 404
    assert not monitor.application.evidence.exists()


def test_only_an_application_has_these_pages(cast):
    order = decide(cast, accepted(cast), issued=True)
    client = as_(cast.clerk)

    for name in ("application_print", "application_revise"):
        assert client.get(reverse(name, args=[order.pk])).status_code == 404


def test_the_paper_says_everything_but_where_she_is(cast):
    monitor = filed(cast, urgent=True, request="请求责令其交还身份证")
    person = monitor.case.parties.get(role="PETITIONER").person
    his = monitor.case.parties.get(role="RESPONDENT").person

    page = as_(cast.clerk).get(reverse("application_print", args=[monitor.pk]))

    said = words(page)
    for shown in (
        *(person.name, person.id_number, his.name, his.id_number, FACTS, "被丈夫看管，出不了门。"),
        *("禁止实施家庭暴力", "请求责令其交还身份证", "报警回执一份", "二十四小时", "鲁山县人民法院"),
        "依法保密，由代为申请单位转达",
    ):
        assert shown in said
    hidden = (person.address_now, person.address_papers, his.address_now, SAFE_PHONE, UNSAFE_PHONE)
    assert [word for word in (*hidden, "她姐姐手里", "河南") if word in said] == []
    assert Access.objects.filter(case=monitor.case, kind=AccessKind.PRINT).count() == 1


def test_the_paper_is_printed_in_the_line_only(cast):
    monitor = filed(cast)
    page = reverse("application_print", args=[monitor.pk])

    assert as_(cast.clerk2).get(page).status_code == 404
    assert as_(cast.archivist).get(page).status_code == 404
    assert as_(cast.liaison).get(page).status_code == 404


def test_the_paper_says_when_somebody_was_born_as_it_is_said(cast):
    monitor = begun(cast)
    person = monitor.case.parties.get(role="PETITIONER").person
    person.birth_date = "1981-03-05"
    person.save()

    page = as_(cast.clerk).get(reverse("application_print", args=[monitor.pk]))

    assert "1981年3月5日出生" in words(page)
