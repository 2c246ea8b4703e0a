"""Two people at the same moment, with real transactions: one wins, the other is told in words, nothing breaks."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from cases.actions import closure, escalation, evidence, handling, intake, redating, referral, reminders
from cases.actions.evidence import verify_chains
from cases.actions.referral import LinkNotUsable
from cases.choices import EscalationReason, NoticeKind, Part, ReferralStep, Status, Step
from cases.models import Case, ChainAnchor, Clock, Counter, Event, MovedOn, Notice, Referral
from cases.workflow import StepNotAllowed
from stations.actions.calendar import announce_year
from stations.notices import read_notice
from tests.cases.test_reminders import NOTICE_2027, morning
from tests.cast import MONDAY
from tests.factories import ANSWER, MINUTE, entry, make_case, make_referral

LATER = MONDAY + 30 * MINUTE


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run each call in a thread of its own, all starting together; what each returned or raised, in order."""
    together, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        try:
            together.wait(timeout=20)
            results[place] = call()
        except Exception as error:  # handed to the test
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    return results


def refusals(results):
    return [result for result in results if isinstance(result, Exception)]


def copies(case, count=2):
    """What each person's page had loaded before anybody pressed anything."""
    return [Case.objects.select_related("holder__region", "owner").get(pk=case.pk) for _ in range(count)]


def test_one_of_two_accepts_and_the_other_hears_who_was_faster(live_cast):
    cast = live_cast
    cast.clerk2.roles = ["STATION_HEAD"]
    cast.clerk2.save()
    case = make_case(cast)
    heads = [cast.head, cast.clerk2]

    results = at_once(
        *(
            lambda copy=copy, head=head: handling.accept_case(copy, owner=cast.clerk, by=head, at=LATER)
            for copy, head in zip(copies(case), heads, strict=True)
        )
    )

    (refusal,) = refusals(results)
    winner = heads[1 - results.index(refusal)]
    assert isinstance(refusal, MovedOn)
    assert str(refusal) == (
        f"{winner.name}刚刚办理了“受理”，案件已有变化。请看最新情况后再办，您填写的内容还在。"
    )
    assert case.events.filter(step=Step.ACCEPT).count() == 1
    assert case.petitioner_notices.count() == 1
    assert case.holdings.filter(until_at=None, part=Part.OWNER).count() == 1


def test_different_steps_at_once_leave_one_history(live_cast):
    cast = live_cast
    case = make_case(cast)
    first, second = copies(case)

    results = at_once(
        lambda: handling.accept_case(first, owner=cast.clerk, by=cast.head, at=LATER),
        lambda: escalation.take_over(second, owner=cast.officer, guidance="", by=cast.officer, at=LATER),
    )

    assert len(refusals(results)) == 1
    assert isinstance(refusals(results)[0], MovedOn)
    assert list(verify_chains()) == []


def test_two_records_at_once_are_both_true(live_cast):
    cast = live_cast
    case = make_case(cast, "HANDLING")

    results = at_once(
        *(
            lambda copy=copy, by=by: handling.record_handling(
                copy, method="MEDIATE", happened_at=LATER, content="谈话", by=by, at=LATER
            )
            for copy, by in zip(
                copies(case, 4), [cast.clerk, cast.clerk2, cast.head, cast.clerk], strict=True
            )
        )
    )

    assert refusals(results) == []
    assert case.handling.count() == 5
    case.refresh_from_db()
    assert case.seq == 7
    assert list(verify_chains()) == []


def test_numbers_are_given_out_once_under_eight_hands(live_cast):
    cast = live_cast

    results = at_once(
        *(
            lambda: [
                intake.register_case(entry(cast), unit=cast.station, by=cast.clerk, at=LATER).number
                for _ in range(5)
            ]
            for _ in range(8)
        )
    )

    assert refusals(results) == []
    numbers = sorted(number for batch in results for number in batch)
    assert numbers == [f"410423101-2026-F-{serial:05d}" for serial in range(1, 41)]
    assert Counter.objects.get(prefix="410423101-2026-F").latest == 40


def test_one_page_sent_twice_at_once_is_one_case(live_cast):
    cast = live_cast
    page = entry(cast, submission=uuid4())

    results = at_once(
        *(lambda: intake.register_case(page, unit=cast.station, by=cast.clerk, at=LATER) for _ in range(4))
    )

    assert refusals(results) == []
    assert len({case.pk for case in results}) == 1
    assert Case.objects.count() == Event.objects.count() == 1
    assert Counter.objects.get(prefix="410423101-2026-F").latest == 1


def test_one_contact_sent_twice_at_once_is_one(live_cast):
    cast = live_cast
    case, page = make_case(cast), entry(cast)

    results = at_once(
        *(
            lambda copy=copy: intake.add_contact(copy, page, unit=cast.station, by=cast.clerk, at=LATER)
            for copy in copies(case, 3)
        )
    )

    assert refusals(results) == []
    case.refresh_from_db()
    assert (case.contacts_count, case.contacts.count()) == (2, 2)


def test_a_contact_the_database_refuses_is_no_twin(cast):
    case = make_case(cast)

    with pytest.raises(Exception, match="contact_has_persons"):
        intake.add_contact(case, entry(cast, persons=0), unit=cast.station, by=cast.clerk, at=LATER)


def ask_extension(cast, copy):
    return handling.ask_extension(copy, days=10, reason="等", by=cast.clerk, at=LATER)


def send_up(cast, copy):
    return escalation.escalate(
        copy, to_unit=cast.county, reason=EscalationReason.OVERDUE, tried="", by=cast.head, at=LATER
    )


def ask_void(cast, copy):
    return handling.ask_void(copy, reason="重复", by=cast.head, at=LATER)


def ask_for_help(cast, copy):
    return handling.add_assistant(copy, assistant=cast.volunteer, note="", by=cast.head, at=LATER)


def ask_to_close(cast, copy):
    return closure.propose_close(
        copy, outcome="SOLVED", solution="", settled_level="TOWNSHIP", by=cast.clerk, at=LATER
    )


@pytest.mark.parametrize(
    ("verb", "step", "words"),
    [
        (ask_extension, Step.ASK_EXTENSION, "只能延长一次"),
        (send_up, Step.ESCALATE, "正等上级审核"),
        (ask_void, Step.ASK_VOID, "正等县妇联确认"),
        (ask_for_help, Step.ASSIST, "已经在办这件案件"),
        (ask_to_close, Step.PROPOSE_CLOSE, "刚刚办理了“提请结案”"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_can_be_asked_once_is_asked_once(live_cast, verb, step, words):
    case = make_case(live_cast, "HANDLING")

    results = at_once(*(lambda copy=copy: verb(live_cast, copy) for copy in copies(case, 3)))

    assert len(refusals(results)) == 2
    for refusal in refusals(results):
        assert isinstance(refusal, StepNotAllowed)
        assert words in str(refusal)
    assert case.events.filter(step=step).count() == 1


def test_two_decisions_on_one_extension(live_cast):
    cast = live_cast
    case = make_case(cast, "HANDLING")
    extension = ask_extension(cast, case)
    before = case.clocks.get(code="IN-TOTAL").nominal_due

    results = at_once(
        *(
            lambda by=by: handling.decide_extension(
                type(extension).objects.select_related("case__holder__region").get(pk=extension.pk),
                granted=True,
                opinion="",
                by=by,
                at=LATER,
            )
            for by in (cast.head, cast.officer)
        )
    )

    (refusal,) = refusals(results)
    assert str(refusal) == "这项延期申请已有人审批。"
    assert case.clocks.get(code="IN-TOTAL").nominal_due == before + timedelta(days=10)


def test_two_cases_merged_into_each_other(live_cast):
    cast = live_cast
    one, other = make_case(cast), make_case(cast)

    results = at_once(
        lambda: handling.merge_case(copies(one)[0], into=copies(other)[0], reason="", by=cast.head, at=LATER),
        lambda: handling.merge_case(copies(other)[0], into=copies(one)[0], reason="", by=cast.head, at=LATER),
    )

    (refusal,) = refusals(results)
    assert isinstance(refusal, StepNotAllowed)
    assert Case.objects.filter(status=Status.MERGED).count() == 1
    assert list(verify_chains()) == []


def test_two_leaders_confirm_one_result(live_cast):
    cast = live_cast
    sent = make_referral(cast, "ANSWERED")

    results = at_once(
        *(
            lambda copy=copy: referral.confirm_result(copy, by=cast.partner_leader, at=LATER)
            for copy in [Referral.objects.select_related("case").get(pk=sent.pk) for _ in range(2)]
        )
    )

    (refusal,) = refusals(results)
    assert isinstance(refusal, MovedOn)
    assert Event.objects.filter(step=ReferralStep.CONFIRM).count() == 1


def test_one_address_answers_once(live_cast):
    cast = live_cast
    sent = make_referral(cast)
    token = referral.make_link(sent, by=cast.clerk, at=LATER)
    links = [referral.find_link(token, at=LATER) for _ in range(3)]

    results = at_once(
        *(
            lambda link=link: referral.answer_by_link(
                link, answer=ANSWER, name="周民警", is_result=True, at=LATER
            )
            for link in links
        )
    )

    assert [type(refusal) for refusal in refusals(results)] == [LinkNotUsable, LinkNotUsable]
    assert sent.feedback.count() == 1


def test_signing_while_it_is_withdrawn(live_cast):
    cast = live_cast
    sent = make_referral(cast)
    first, second = [Referral.objects.select_related("case").get(pk=sent.pk) for _ in range(2)]

    results = at_once(
        lambda: referral.sign_for(first, by=cast.liaison, at=LATER),
        lambda: referral.withdraw(second, reason="", by=cast.clerk, at=LATER),
    )

    assert [type(refusal) for refusal in refusals(results)] == [MovedOn]
    sent.refresh_from_db()
    sent.case.refresh_from_db()
    assert sent.case.open_referrals == (1 if sent.status == "SIGNED" else 0)


# Machines at the same moment.


def many_due(cast, count):
    """`count` clocks of one case, all due for a reminder at MONDAY's next T7."""
    case = make_case(cast)
    pattern = case.clocks.get(code="XF-NOTICE")
    Clock.objects.filter(case=case).exclude(pk=pattern.pk).exclude(status="MET").update(
        status="CANCELLED", ended_at=MONDAY, next_notice_at=None
    )
    rows = []
    for number in range(count - 1):
        row = Clock.objects.get(pk=pattern.pk)
        row.pk, row.code = None, f"T-{number}"
        rows.append(row)
    Clock.objects.bulk_create(rows)
    Notice.objects.all().delete()
    return case


def test_two_sweeps_at_once_send_each_reminder_once(live_cast, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 20)
    many_due(live_cast, 200)

    results = at_once(*(lambda: reminders.remind(morning(11, 24)) for _ in range(3)))

    assert refusals(results) == []
    assert sum(results) == 200
    assert Notice.objects.count() == 200
    assert Notice.objects.values("clock").distinct().count() == 200


def test_two_re_datings_at_once_write_one_event(live_cast):
    cast = live_cast
    cases = [make_case(cast, "HANDLING") for _ in range(3)]
    announce_year(
        read_notice(NOTICE_2027, 2027),
        notice_no="甲",
        announced_on=date(2026, 12, 10),
        by=cast.sys_admin,
        at=morning(12, 10),
    )

    results = at_once(*(lambda: redating.redate_provisional(morning(12, 10, 9)) for _ in range(3)))

    assert refusals(results) == []
    assert sum(results) == 3
    assert Event.objects.filter(step=Step.REDATE).count() == len(cases)
    assert Notice.objects.filter(kind=NoticeKind.REDATED).count() == len(cases)


def test_an_anchor_taken_while_people_write_misses_nothing(live_cast):
    cast = live_cast

    results = at_once(
        *(
            lambda: [
                intake.register_case(entry(cast), unit=cast.station, by=cast.clerk, at=LATER)
                for _ in range(10)
            ]
            for _ in range(3)
        ),
        lambda: [evidence.anchor_chains(LATER) for _ in range(10)],
    )
    evidence.anchor_chains(LATER)

    assert refusals(results) == []
    assert sum(ChainAnchor.objects.values_list("events", flat=True)) == Event.objects.count() == 30
    assert list(verify_chains()) == []
