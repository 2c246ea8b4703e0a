"""The life of one supervision: paper, answer, check, and the next paper where the answer was unsound."""

from collections.abc import Collection

from cases.choices import PaperKind, SupervisionStatus, SupervisionStep
from cases.workflow.table import StepNotAllowed, SupervisionTransition
from stations.roles import Permission

_WITH_TARGET = (SupervisionStatus.ISSUED, SupervisionStatus.ACKNOWLEDGED)

_BEFORE_ANSWER = (SupervisionStatus.DRAFTED, *_WITH_TARGET, SupervisionStatus.UNSOUND)
_AFTER_ISSUE = (*_WITH_TARGET, SupervisionStatus.UNSOUND)

# A draft does not hold up the target: where it stands stays, and it may still answer, until the paper is signed.
SUPERVISION_TRANSITIONS: dict[SupervisionStep, SupervisionTransition] = {
    SupervisionStep.DRAFT: SupervisionTransition(Permission.SUPERVISE, _BEFORE_ANSWER),
    SupervisionStep.SIGN_OFF: SupervisionTransition(
        Permission.SUPERVISE_SIGN, _BEFORE_ANSWER, SupervisionStatus.ISSUED
    ),
    # A letter to the government, the procuratorate or everybody: the target owes no answer to it.
    SupervisionStep.SIGN_OTHER: SupervisionTransition(Permission.SUPERVISE_SIGN, _AFTER_ISSUE),
    # An answer may have come while the draft lay there: then it is returned, and the answer is checked.
    SupervisionStep.RETURN_DRAFT: SupervisionTransition(
        Permission.SUPERVISE_SIGN, (*_BEFORE_ANSWER, SupervisionStatus.REPLIED)
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
        (*_BEFORE_ANSWER, SupervisionStatus.REPLIED),
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


def why_not_paper(
    kind: PaperKind, signed: Collection[str], *, pressed: bool, internal: bool, skip_reason: str = ""
) -> str:
    """Why this paper may not be the next rung of the ladder, in a sentence; empty when it may.

    `signed` are the kinds already issued; `pressed` says that the newest was not answered in time, or unsoundly.
    An opinion needs a notice that was in vain; what follows the opinion needs the opinion in vain, or a reason.
    Source: 妇女权益保障法 (2022) 第73条第1款 (督促处理意见, 必要时提请同级人民政府督查).
    """
    if internal and kind in PaperKind.for_departments:
        return f"“{kind.label}”只用于有关部门。对本系统的单位，请发督办通知书、二次督办通知书，或挂牌、通报。"
    if not signed:
        return _why_not_first(kind, skip_reason)
    if kind is PaperKind.NOTICE:
        return "已经发过督办通知书。到期未回复或核查不通过的，请发二次督办通知书。"
    if kind in PaperKind.after_opinion:
        last = PaperKind.SECOND_NOTICE if internal else PaperKind.OPINION
        in_order = pressed and last in signed
        return "" if in_order or skip_reason else _OUT_OF_ORDER.format(kind.label, last.label)
    return "" if pressed else f"上一份文书还没有到期，或回复还没有核查，不能发“{kind.label}”。"


_OUT_OF_ORDER = "“{}”在{}到期未回复或核查不通过之后使用。确需提前的，请写明理由。"


def _why_not_first(kind: PaperKind, skip_reason: str) -> str:
    if kind is PaperKind.NOTICE:
        return ""
    if kind not in PaperKind.answered:
        return f"第一份文书要发给被督办单位，不能是“{kind.label}”。请先发督办通知书。"
    if kind in PaperKind.after_opinion:
        return "" if skip_reason else _OUT_OF_ORDER.format(kind.label, PaperKind.OPINION.label)
    return f"请先发督办通知书。到期未回复或核查不通过的，才发“{kind.label}”。"
