"""The life of one referral, on both sides of the table."""

from cases.choices import ReferralStatus, ReferralStep
from cases.workflow.table import ReferralTransition, StepNotAllowed
from stations.roles import Permission

REFERRAL_TRANSITIONS: dict[ReferralStep, ReferralTransition] = {
    ReferralStep.SEND: ReferralTransition(Permission.CASE_REFER, (), ReferralStatus.SENT),
    ReferralStep.WITHDRAW: ReferralTransition(
        Permission.CASE_REFER, (ReferralStatus.SENT,), ReferralStatus.WITHDRAWN
    ),
    # By the system, from wherever it stands, when its department turns out to be the one complained of.
    ReferralStep.SHUT: ReferralTransition(
        Permission.CASE_BAR,
        tuple(ReferralStatus(code) for code in ReferralStatus.open_statuses),
        ReferralStatus.WITHDRAWN,
    ),
    ReferralStep.SIGN: ReferralTransition(
        Permission.REFERRAL_SIGN, (ReferralStatus.SENT,), ReferralStatus.SIGNED, by_partner=True
    ),
    ReferralStep.OBJECT: ReferralTransition(
        Permission.REFERRAL_SIGN, (ReferralStatus.SIGNED,), ReferralStatus.OBJECTED, by_partner=True
    ),
    ReferralStep.RETURN: ReferralTransition(
        Permission.CASE_REFER, (ReferralStatus.OBJECTED,), ReferralStatus.RETURNED
    ),
    ReferralStep.UPHOLD: ReferralTransition(
        Permission.CASE_REFER, (ReferralStatus.OBJECTED,), ReferralStatus.SIGNED
    ),
    ReferralStep.START: ReferralTransition(
        Permission.REFERRAL_ANSWER, (ReferralStatus.SIGNED,), ReferralStatus.IN_PROGRESS, by_partner=True
    ),
    ReferralStep.INTERIM: ReferralTransition(
        Permission.REFERRAL_ANSWER,
        (ReferralStatus.SIGNED, ReferralStatus.IN_PROGRESS),
        ReferralStatus.IN_PROGRESS,
        by_partner=True,
    ),
    ReferralStep.ANSWER: ReferralTransition(
        Permission.REFERRAL_ANSWER,
        (ReferralStatus.SIGNED, ReferralStatus.IN_PROGRESS),
        ReferralStatus.ANSWERED,
        by_partner=True,
    ),
    ReferralStep.CONFIRM: ReferralTransition(
        Permission.REFERRAL_CONFIRM, (ReferralStatus.ANSWERED,), ReferralStatus.RESULT, by_partner=True
    ),
    ReferralStep.REWORK: ReferralTransition(
        Permission.CASE_REFER, (ReferralStatus.RESULT,), ReferralStatus.IN_PROGRESS
    ),
    ReferralStep.WRITE_OFF: ReferralTransition(
        Permission.CASE_REFER, (ReferralStatus.RESULT,), ReferralStatus.CLOSED
    ),
    ReferralStep.LINK: ReferralTransition(
        Permission.CASE_REFER, (ReferralStatus.SENT, ReferralStatus.SIGNED, ReferralStatus.IN_PROGRESS)
    ),
    ReferralStep.REVOKE_LINK: ReferralTransition(
        Permission.CASE_REFER,
        (ReferralStatus.SENT, ReferralStatus.SIGNED, ReferralStatus.IN_PROGRESS, ReferralStatus.ANSWERED),
    ),
    ReferralStep.URGE: ReferralTransition(
        Permission.CASE_REFER,
        (ReferralStatus.SENT, ReferralStatus.SIGNED, ReferralStatus.IN_PROGRESS, ReferralStatus.ANSWERED),
    ),
}

REFERRAL_TURN: dict[ReferralStatus, str] = {
    ReferralStatus.SENT: "部门签收",
    ReferralStatus.SIGNED: "部门办理并首次反馈",
    ReferralStatus.OBJECTED: "我方答复异议",
    ReferralStatus.IN_PROGRESS: "部门反馈结果",
    ReferralStatus.ANSWERED: "部门领导确认",
    ReferralStatus.RESULT: "我方核对后销号或退回重办",
    ReferralStatus.CLOSED: "已销号",
    ReferralStatus.RETURNED: "我方另行转交或办理",
    ReferralStatus.WITHDRAWN: "已撤回",
}


def next_referral_status(step: ReferralStep, status: ReferralStatus) -> ReferralStatus:
    """Where `step` leads a referral from `status`.

    Raises StepNotAllowed.
    """
    row = REFERRAL_TRANSITIONS[step]
    if status not in row.sources:
        raise StepNotAllowed(f"这次转交现在是“{status.label}”，不能“{step.label}”。请看最新情况后再办。")
    return row.target or status


def referral_steps_from(status: ReferralStatus) -> tuple[ReferralStep, ...]:
    return tuple(step for step, row in REFERRAL_TRANSITIONS.items() if status in row.sources)
