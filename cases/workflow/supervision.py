"""The life of one supervision: paper, answer, check, and the next paper where the answer was unsound."""

from cases.choices import SupervisionStatus, SupervisionStep
from cases.workflow.table import StepNotAllowed, SupervisionTransition
from stations.roles import Permission

_WITH_TARGET = (SupervisionStatus.ISSUED, SupervisionStatus.ACKNOWLEDGED)

SUPERVISION_TRANSITIONS: dict[SupervisionStep, SupervisionTransition] = {
    # A new supervision, and each further paper of it: when no answer came, or the answer was unsound.
    SupervisionStep.DRAFT: SupervisionTransition(
        Permission.SUPERVISE, (*_WITH_TARGET, SupervisionStatus.UNSOUND), SupervisionStatus.DRAFTED
    ),
    SupervisionStep.SIGN_OFF: SupervisionTransition(
        Permission.SUPERVISE_SIGN, (SupervisionStatus.DRAFTED,), SupervisionStatus.ISSUED
    ),
    SupervisionStep.RETURN_DRAFT: SupervisionTransition(
        Permission.SUPERVISE_SIGN, (SupervisionStatus.DRAFTED,), SupervisionStatus.UNSOUND
    ),
    SupervisionStep.ACKNOWLEDGE: SupervisionTransition(
        Permission.SUPERVISION_ANSWER,
        (SupervisionStatus.ISSUED,),
        SupervisionStatus.ACKNOWLEDGED,
        by_target=True,
    ),
    # Who answers without having signed for it first has received it all the same.
    SupervisionStep.REPLY: SupervisionTransition(
        Permission.SUPERVISION_ANSWER, _WITH_TARGET, SupervisionStatus.REPLIED, by_target=True
    ),
    SupervisionStep.REJECT: SupervisionTransition(
        Permission.SUPERVISE, (SupervisionStatus.REPLIED,), SupervisionStatus.UNSOUND
    ),
    SupervisionStep.CLOSE: SupervisionTransition(
        Permission.SUPERVISE, (SupervisionStatus.REPLIED,), SupervisionStatus.CLOSED
    ),
    SupervisionStep.UNLIST: SupervisionTransition(
        Permission.SUPERVISE_SIGN, (*_WITH_TARGET, SupervisionStatus.REPLIED, SupervisionStatus.UNSOUND)
    ),
    SupervisionStep.WITHDRAW: SupervisionTransition(
        Permission.SUPERVISE_SIGN,
        (SupervisionStatus.DRAFTED, *_WITH_TARGET, SupervisionStatus.UNSOUND),
        SupervisionStatus.WITHDRAWN,
    ),
}

SUPERVISION_TURN: dict[SupervisionStatus, str] = {
    SupervisionStatus.DRAFTED: "领导签发",
    SupervisionStatus.ISSUED: "被督办单位签收",
    SupervisionStatus.ACKNOWLEDGED: "被督办单位回复",
    SupervisionStatus.REPLIED: "我方核查",
    SupervisionStatus.UNSOUND: "我方决定下一步",
    SupervisionStatus.CLOSED: "已销号",
    SupervisionStatus.WITHDRAWN: "已撤销",
}


def next_supervision_status(step: SupervisionStep, status: SupervisionStatus) -> SupervisionStatus:
    """Where `step` leads a supervision from `status`.

    Raises StepNotAllowed.
    """
    row = SUPERVISION_TRANSITIONS[step]
    if status not in row.sources:
        raise StepNotAllowed(f"这项督办现在是“{status.label}”，不能“{step.label}”。请看最新情况后再办。")
    return row.target or status


def supervision_steps_from(status: SupervisionStatus) -> tuple[SupervisionStep, ...]:
    return tuple(step for step, row in SUPERVISION_TRANSITIONS.items() if status in row.sources)
