"""Both tables of the workflow, cell by cell, written down from the procedure and not from the code.

A cell says where the step leads: = stays, . refused, else the status.
"""

import pytest

from cases.actions import (
    closure,
    escalation,
    handling,
    handover,
    instruction,
    intake,
    redating,
    referral,
    statutory,
    urging,
)
from cases.actions.guarding import bars, break_in, conflicts, consent, progress, secrecy
from cases.actions.safety import call, danger, reach
from cases.choices import ReferralStatus, ReferralStep, Status, Step
from cases.workflow import (
    REFERRAL_TRANSITIONS,
    REFERRAL_TURN,
    TRANSITIONS,
    TURN,
    StepNotAllowed,
    next_referral_status,
    next_status,
    referral_steps_from,
    steps_from,
)

CASE_CODES = {
    "reg": Status.REGISTERED,
    "acc": Status.ACCEPTED,
    "han": Status.HANDLING,
    "sus": Status.SUSPENDED,
    "pen": Status.PENDING_CLOSE,
    "clo": Status.CLOSED,
    "not": Status.NOT_ACCEPTED,
    "dir": Status.REDIRECTED,
    "mer": Status.MERGED,
    "voi": Status.VOID,
}

CASE_TABLE = """
                   reg  acc  han  sus  pen  clo  not  dir  mer  voi
REGISTER           .    .    .    .    .    .    .    .    .    .
ADVISE             clo  .    .    .    .    .    .    .    .    .
CONTACT            =    =    =    =    =    =    .    .    .    .
CORRECT            =    =    =    =    =    .    .    .    .    .
ACCEPT             acc  .    .    .    .    .    .    .    .    .
REFUSE             not  .    .    .    .    .    .    .    .    .
REDIRECT           dir  .    .    .    .    .    .    .    .    .
DELIVER            =    =    =    =    =    =    =    =    .    .
NEW_CODE           =    =    =    =    =    =    =    =    .    .
RATE               .    .    .    .    .    =    =    =    .    .
ASSIGN             =    =    =    =    =    .    .    .    .    .
ASSIST             =    =    =    .    .    .    .    .    .    .
HANDLE             =    han  =    .    .    .    .    .    .    .
CALL               =    =    =    =    =    =    =    =    .    .
REACH              =    =    =    =    =    =    =    =    .    .
RERISK             =    =    =    =    =    .    .    .    .    .
ASSESS             =    =    =    =    =    =    .    .    .    .
REFER              =    han  =    .    .    .    .    .    .    .
ESCALATE           =    =    =    .    .    .    .    .    .    .
TAKE_OVER          =    =    =    .    .    .    .    .    .    .
GUIDE              =    =    =    .    .    .    .    .    .    .
CO_HANDLE          =    =    =    .    .    .    .    .    .    .
SEND_DOWN          =    =    =    .    .    .    .    .    .    .
ASK_EXTENSION      .    =    =    .    .    .    .    .    .    .
GRANT_EXTENSION    .    =    =    .    .    .    .    .    .    .
DECLINE_EXTENSION  .    =    =    .    .    .    .    .    .    .
SUSPEND            .    sus  sus  .    .    .    .    .    .    .
RESUME             .    .    .    han  .    .    .    .    .    .
PROPOSE_CLOSE      .    pen  pen  .    .    .    .    .    .    .
SEND_BACK          .    .    .    .    han  .    .    .    .    .
CLOSE              .    .    .    .    clo  .    .    .    .    .
FOLLOW_UP          .    .    .    .    .    =    .    .    .    .
REOPEN             .    .    .    .    .    han  han  han  .    .
MERGE              mer  mer  mer  .    .    .    .    .    .    .
ASK_VOID           =    =    =    =    =    .    .    .    .    .
VOID               voi  voi  voi  voi  voi  .    .    .    .    .
REDATE             =    =    =    =    =    =    =    =    .    .
START_CLOCK        =    =    =    =    =    =    =    =    .    .
END_CLOCK          =    =    =    =    =    =    =    =    .    .
INSTRUCT           =    =    =    =    =    .    .    .    .    .
END_INSTRUCTION    =    =    =    =    =    =    =    =    .    .
HAND_OVER          =    =    =    =    =    =    =    =    .    .
RECUSE             =    =    =    =    =    =    =    =    =    =
BAR                =    =    =    =    =    =    =    =    =    =
LIFT_BAR           =    =    =    =    =    =    =    =    =    =
NO_CONFLICT        =    =    =    =    =    =    =    =    =    =
CONSENT            =    =    =    =    =    =    =    =    .    .
WITHDRAW_CONSENT   =    =    =    =    =    =    =    =    =    .
DISCLOSE           =    =    =    =    =    =    =    =    .    .
BREAK_IN           =    =    =    =    =    =    =    =    =    =
JUDGE_BREAK_IN     =    =    =    =    =    =    =    =    =    =
SEAL               =    =    =    =    =    =    =    =    =    =
UNSEAL             =    =    =    =    =    =    =    =    =    =
NAME_READER        =    =    =    =    =    =    =    =    =    =
END_READER         =    =    =    =    =    =    =    =    =    =
"""

REFERRAL_CODES = {
    "sent": ReferralStatus.SENT,
    "sign": ReferralStatus.SIGNED,
    "obj": ReferralStatus.OBJECTED,
    "prog": ReferralStatus.IN_PROGRESS,
    "answ": ReferralStatus.ANSWERED,
    "res": ReferralStatus.RESULT,
    "clo": ReferralStatus.CLOSED,
    "ret": ReferralStatus.RETURNED,
    "wdr": ReferralStatus.WITHDRAWN,
}

REFERRAL_TABLE = """
             sent  sign  obj   prog  answ  res   clo   ret   wdr
SEND         .     .     .     .     .     .     .     .     .
WITHDRAW     wdr   .     .     .     .     .     .     .     .
SIGN         sign  .     .     .     .     .     .     .     .
OBJECT       .     obj   .     .     .     .     .     .     .
RETURN       .     .     ret   .     .     .     .     .     .
UPHOLD       .     .     sign  .     .     .     .     .     .
START        .     prog  .     .     .     .     .     .     .
INTERIM      .     prog  .     prog  .     .     .     .     .
ANSWER       .     answ  .     answ  .     .     .     .     .
CONFIRM      .     .     .     .     res   .     .     .     .
REWORK       .     .     .     .     .     prog  .     .     .
WRITE_OFF    .     .     .     .     .     clo   .     .     .
LINK         =     =     .     =     .     .     .     .     .
REVOKE_LINK  =     =     .     =     =     .     .     .     .
URGE         =     =     .     =     =     .     .     .     .
SHUT         wdr   wdr   wdr   wdr   wdr   wdr   .     .     .
"""


def cells(table, steps, codes):
    """One (step, status, where to or None) a cell."""
    head, *rows = (line.split() for line in table.strip().splitlines())
    for name, *row in rows:
        assert len(row) == len(head), name
        for code, cell in zip(head, row, strict=True):
            target = {".": None, "=": codes[code]}.get(cell) if cell in ".=" else codes[cell]
            yield pytest.param(steps(name), codes[code], target, id=f"{name}-{code}")


CASE_CELLS = list(cells(CASE_TABLE, Step, CASE_CODES))
REFERRAL_CELLS = list(cells(REFERRAL_TABLE, ReferralStep, REFERRAL_CODES))


@pytest.mark.parametrize(("step", "status", "target"), CASE_CELLS)
def test_step_of_a_case(step, status, target):
    assert (step in steps_from(status)) is (target is not None)
    if target is not None:
        assert next_status(step, status) == target
        return
    with pytest.raises(StepNotAllowed) as refusal:
        next_status(step, status)
    assert str(refusal.value) == f"案件现在是“{status.label}”，不能“{step.label}”。请看最新情况后再办。"


@pytest.mark.parametrize(("step", "status", "target"), REFERRAL_CELLS)
def test_step_of_a_referral(step, status, target):
    assert (step in referral_steps_from(status)) is (target is not None)
    if target is not None:
        assert next_referral_status(step, status) == target
        return
    with pytest.raises(StepNotAllowed) as refusal:
        next_referral_status(step, status)
    assert str(refusal.value).startswith(f"这次转交现在是“{status.label}”，不能“{step.label}”。")


def test_the_written_tables_leave_nothing_out():
    assert {(cell.values[0], cell.values[1]) for cell in CASE_CELLS} == {
        (step, status) for step in Step for status in Status
    }
    assert {(cell.values[0], cell.values[1]) for cell in REFERRAL_CELLS} == {
        (step, status) for step in ReferralStep for status in ReferralStatus
    }
    assert set(TRANSITIONS) == set(Step)
    assert set(REFERRAL_TRANSITIONS) == set(ReferralStep)


def test_every_status_says_whose_turn_it_is():
    assert set(TURN) == set(Status)
    assert set(REFERRAL_TURN) == set(ReferralStatus)
    assert all([*TURN.values(), *REFERRAL_TURN.values()])


def test_a_case_is_either_open_or_ended():
    assert set(Status.open_statuses) | set(Status.ended_statuses) == set(Status)
    assert set(Status.open_statuses).isdisjoint(Status.ended_statuses)
    assert set(ReferralStatus.with_partner) < set(ReferralStatus.open_statuses)


# The verb behind every button. A step that nobody wrote a verb for would be a button that does nothing.
VERBS = {
    Step.REGISTER: intake.register_case,
    Step.ADVISE: intake.advise_and_close,
    Step.CONTACT: intake.add_contact,
    Step.CORRECT: intake.correct_statement,
    Step.ACCEPT: handling.accept_case,
    Step.REFUSE: handling.refuse_case,
    Step.REDIRECT: handling.redirect_case,
    Step.DELIVER: handling.record_delivery,
    Step.NEW_CODE: progress.replace_code,
    Step.RATE: progress.rate,
    Step.ASSIGN: handling.assign_owner,
    Step.ASSIST: handling.add_assistant,
    Step.HANDLE: handling.record_handling,
    Step.CALL: call.end_call,
    Step.REACH: reach.change_phone,
    Step.RERISK: handling.change_risk,
    Step.ASSESS: danger.assess,
    Step.REFER: referral.refer_case,
    Step.ESCALATE: escalation.escalate,
    Step.TAKE_OVER: escalation.take_over,
    Step.GUIDE: escalation.guide,
    Step.CO_HANDLE: escalation.handle_jointly,
    Step.SEND_DOWN: escalation.send_down,
    Step.ASK_EXTENSION: handling.ask_extension,
    Step.GRANT_EXTENSION: handling.decide_extension,
    Step.DECLINE_EXTENSION: handling.decide_extension,
    Step.SUSPEND: handling.suspend_case,
    Step.RESUME: handling.resume_case,
    Step.PROPOSE_CLOSE: closure.propose_close,
    Step.SEND_BACK: closure.send_back,
    Step.CLOSE: closure.close_case,
    Step.FOLLOW_UP: closure.record_follow_up,
    Step.REOPEN: closure.reopen_case,
    Step.MERGE: handling.merge_case,
    Step.ASK_VOID: handling.ask_void,
    Step.VOID: handling.void_case,
    Step.REDATE: redating.redate_provisional,
    Step.START_CLOCK: statutory.start_statutory,
    Step.END_CLOCK: statutory.end_statutory,
    Step.INSTRUCT: instruction.instruct,
    Step.END_INSTRUCTION: instruction.end_instruction,
    Step.HAND_OVER: handover.hand_over_all,
    Step.RECUSE: bars.recuse,
    Step.BAR: bars.bar,
    Step.LIFT_BAR: bars.lift_bar,
    Step.NO_CONFLICT: conflicts.confirm_none,
    Step.CONSENT: consent.give_consent,
    Step.WITHDRAW_CONSENT: consent.withdraw_consent,
    Step.DISCLOSE: consent.record_disclosure,
    Step.BREAK_IN: break_in.break_in,
    Step.JUDGE_BREAK_IN: break_in.judge_break_in,
    Step.SEAL: secrecy.seal_case,
    Step.UNSEAL: secrecy.unseal_case,
    Step.NAME_READER: secrecy.name_reader,
    Step.END_READER: secrecy.end_reader,
}
REFERRAL_VERBS = {
    ReferralStep.SEND: referral.refer_case,
    ReferralStep.WITHDRAW: referral.withdraw,
    ReferralStep.SIGN: referral.sign_for,
    ReferralStep.OBJECT: referral.object_to,
    ReferralStep.RETURN: referral.take_back,
    ReferralStep.UPHOLD: referral.uphold,
    ReferralStep.START: referral.start_work,
    ReferralStep.INTERIM: referral.report_progress,
    ReferralStep.ANSWER: referral.report_result,
    ReferralStep.CONFIRM: referral.confirm_result,
    ReferralStep.REWORK: referral.send_for_rework,
    ReferralStep.WRITE_OFF: referral.write_off,
    ReferralStep.LINK: referral.make_link,
    ReferralStep.REVOKE_LINK: referral.revoke_links,
    ReferralStep.URGE: urging.urge,
    ReferralStep.SHUT: referral.shut_out,
}


@pytest.mark.parametrize("step", [*Step, *ReferralStep])
def test_every_step_has_a_verb_and_a_chinese_name(step):
    assert callable((VERBS | REFERRAL_VERBS)[step])
    assert step.label != step.value
    assert "一" <= step.label[0] <= "鿿"
