"""The life of a case, from registering to closing."""

from cases.choices import Status, Step
from cases.workflow.table import StepNotAllowed, Transition
from stations.roles import Permission

OPEN = (Status.REGISTERED, Status.ACCEPTED, Status.HANDLING, Status.SUSPENDED, Status.PENDING_CLOSE)
WORKABLE = (Status.REGISTERED, Status.ACCEPTED, Status.HANDLING)
ACCEPTED = (Status.ACCEPTED, Status.HANDLING)
ENDED_BY_DECISION = (Status.CLOSED, Status.NOT_ACCEPTED, Status.REDIRECTED)

TRANSITIONS: dict[Step, Transition] = {
    Step.REGISTER: Transition(Permission.CASE_REGISTER, (), Status.REGISTERED),
    # Advice given and done with in one conversation: no acceptance, no notice owed (the answer is the notice).
    Step.ADVISE: Transition(Permission.CASE_HANDLE, (Status.REGISTERED,), Status.CLOSED),
    Step.CONTACT: Transition(Permission.CASE_REGISTER, (*OPEN, Status.CLOSED)),
    Step.CORRECT: Transition(Permission.CASE_HANDLE, OPEN),
    Step.ACCEPT: Transition(Permission.CASE_ACCEPT, (Status.REGISTERED,), Status.ACCEPTED),
    Step.REFUSE: Transition(Permission.CASE_ACCEPT, (Status.REGISTERED,), Status.NOT_ACCEPTED),
    Step.REDIRECT: Transition(Permission.CASE_ACCEPT, (Status.REGISTERED,), Status.REDIRECTED),
    Step.DELIVER: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION)),
    # She lost the code, or somebody found it: the old one is dead at once.
    Step.NEW_CODE: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION)),
    # Taken by herself on the public page; nobody here takes it for her.
    Step.RATE: Transition(Permission.CASE_HANDLE, ENDED_BY_DECISION),
    Step.ASSIGN: Transition(Permission.CASE_ASSIGN, OPEN),
    # A colleague or a volunteer (lawyer, counsellor) who sees this case from now on, and no other for it.
    Step.ASSIST: Transition(Permission.CASE_ASSIGN, WORKABLE),
    # Help must not wait for acceptance: what was done at once is recorded while the case is only registered.
    Step.HANDLE: Transition(Permission.CASE_HANDLE, WORKABLE),
    # She is called, and how she is reached changes, whatever became of the case.
    Step.CALL: Transition(Permission.CASE_FOLLOW_UP, (*OPEN, *ENDED_BY_DECISION)),
    Step.REACH: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION)),
    Step.RERISK: Transition(Permission.CASE_HANDLE, OPEN),
    # Danger is asked again whenever it may have changed, also on a return visit.
    Step.ASSESS: Transition(Permission.CASE_HANDLE, (*OPEN, Status.CLOSED)),
    Step.REFER: Transition(Permission.CASE_REFER, WORKABLE),
    Step.ESCALATE: Transition(Permission.CASE_ESCALATE, WORKABLE),
    Step.TAKE_OVER: Transition(Permission.CASE_REVIEW, WORKABLE),
    Step.GUIDE: Transition(Permission.CASE_REVIEW, WORKABLE),
    Step.CO_HANDLE: Transition(Permission.CASE_REVIEW, WORKABLE),
    Step.SEND_DOWN: Transition(Permission.CASE_REVIEW, WORKABLE),
    Step.ASK_EXTENSION: Transition(Permission.CASE_HANDLE, ACCEPTED),
    Step.GRANT_EXTENSION: Transition(Permission.CASE_EXTEND, ACCEPTED),
    Step.DECLINE_EXTENSION: Transition(Permission.CASE_EXTEND, ACCEPTED),
    Step.SUSPEND: Transition(Permission.CASE_SUSPEND, ACCEPTED, Status.SUSPENDED),
    Step.RESUME: Transition(Permission.CASE_SUSPEND, (Status.SUSPENDED,), Status.HANDLING),
    Step.PROPOSE_CLOSE: Transition(Permission.CASE_HANDLE, ACCEPTED, Status.PENDING_CLOSE),
    Step.SEND_BACK: Transition(Permission.CASE_CLOSE, (Status.PENDING_CLOSE,), Status.HANDLING),
    # Who may approve depends on the risk: permissions.permission_to_close reads it.
    Step.CLOSE: Transition(Permission.CASE_CLOSE, (Status.PENDING_CLOSE,), Status.CLOSED),
    Step.FOLLOW_UP: Transition(Permission.CASE_FOLLOW_UP, (Status.CLOSED,)),
    Step.REOPEN: Transition(Permission.CASE_REOPEN, ENDED_BY_DECISION, Status.HANDLING),
    Step.MERGE: Transition(Permission.CASE_MERGE, WORKABLE, Status.MERGED),
    # Two people void a case: the head asks, the county confirms.
    Step.ASK_VOID: Transition(Permission.CASE_VOID, OPEN),
    Step.VOID: Transition(Permission.CASE_REVIEW, OPEN, Status.VOID),
    Step.REDATE: Transition(Permission.CALENDAR_MANAGE, (*OPEN, *ENDED_BY_DECISION)),
    # A period of law whose beginning we learn: a court took the application, the police took the report.
    Step.START_CLOCK: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION)),
    Step.END_CLOCK: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION)),
    Step.INSTRUCT: Transition(Permission.CASE_INSTRUCT, OPEN),
    Step.END_INSTRUCTION: Transition(Permission.CASE_INSTRUCT, (*OPEN, *ENDED_BY_DECISION)),
    # All of a person's work at once, whatever state each case is in.
    Step.HAND_OVER: Transition(Permission.CASE_ASSIGN, (*OPEN, *ENDED_BY_DECISION)),
    # Who must not know must not know of it afterwards either.
    Step.RECUSE: Transition(Permission.CASE_READ, tuple(Status)),
    Step.BAR: Transition(Permission.CASE_BAR, tuple(Status)),
    Step.LIFT_BAR: Transition(Permission.CASE_BAR, tuple(Status)),
    Step.NO_CONFLICT: Transition(Permission.CASE_ASSIGN, tuple(Status)),
    Step.CONSENT: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION)),
    # What she takes back she takes back, however the case ended.
    Step.WITHDRAW_CONSENT: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION, Status.MERGED)),
    Step.DISCLOSE: Transition(Permission.CASE_HANDLE, (*OPEN, *ENDED_BY_DECISION)),
    # Reading in an emergency asks nothing of the state of the case, nor does judging it afterwards.
    Step.BREAK_IN: Transition(Permission.CASE_BREAK_IN, tuple(Status)),
    Step.JUDGE_BREAK_IN: Transition(Permission.CASE_ACCEPT, tuple(Status)),
    # What harms a child is closed to all but named readers, and stays so when the case has ended.
    Step.SEAL: Transition(Permission.CASE_SEAL, tuple(Status)),
    Step.UNSEAL: Transition(Permission.CASE_UNSEAL, tuple(Status)),
    Step.NAME_READER: Transition(Permission.CASE_SEAL, tuple(Status)),
    Step.END_READER: Transition(Permission.CASE_SEAL, tuple(Status)),
}

# The first record of work, or the first referral, is what turns an accepted case into one in handling.
STARTS_HANDLING = (Step.HANDLE, Step.REFER)

# Whose move it is and what the move is, for every status: worklists and the case page read it.
TURN: dict[Status, str] = {
    Status.REGISTERED: "站长审核受理",
    Status.ACCEPTED: "承办人开始办理",
    Status.HANDLING: "承办人办理",
    Status.SUSPENDED: "等待中止原因消除",
    Status.PENDING_CLOSE: "审核结案",
    Status.CLOSED: "按期回访",
    Status.NOT_ACCEPTED: "已答复信访人",
    Status.REDIRECTED: "已告知去处",
    Status.MERGED: "见主案",
    Status.VOID: "不再办理",
}

WAITING_STEP = "等待部门反馈"


def next_status(step: Step, status: Status) -> Status:
    """Where `step` leads from `status`.

    Raises StepNotAllowed.
    """
    row = TRANSITIONS[step]
    if status not in row.sources:
        raise StepNotAllowed(f"案件现在是“{status.label}”，不能“{step.label}”。请看最新情况后再办。")
    if step in STARTS_HANDLING and status is Status.ACCEPTED:
        return Status.HANDLING
    return row.target or status


def waits_for_department(status: Status, open_referrals: int) -> bool:
    """Whether a department moves next. Before acceptance, at rest and at closing our own side does."""
    return bool(open_referrals) and status in ACCEPTED


def steps_from(status: Status) -> tuple[Step, ...]:
    """Every step the table allows from `status`, in the order of the table."""
    return tuple(step for step, row in TRANSITIONS.items() if status in row.sources)
