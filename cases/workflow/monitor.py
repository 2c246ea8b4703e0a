"""The life of each kind of monitor: which step from which stage leads where."""

from collections.abc import Mapping

from cases.choices import MonitorKind, MonitorStage, MonitorStep
from cases.workflow.table import StepNotAllowed

_K, _G, _S = MonitorKind, MonitorStage, MonitorStep

# From each stage: the step, and the stages it may lead to; the first one where nobody says. Steps of every open
# stage (KEEPER, NOTE, END) are not written down again and again.
MONITOR_TRANSITIONS: dict[MonitorKind, dict[MonitorStage, dict[MonitorStep, tuple[MonitorStage, ...]]]] = {
    _K.EMERGENCY: {
        _G.ACTING: {
            _S.POLICE: (_G.ACTING,),
            _S.UPPER: (_G.ACTING,),
            _S.VISIT: (_G.ACTING,),
            _S.BREACH: (_G.ACTING,),
        },
    },
    # Found not to be reportable ends it from TO_REPORT; once reported, the answer ends it.
    _K.REPORT: {
        _G.TO_REPORT: {_S.REPORT: (_G.REPORTED,)},
        _G.REPORTED: {
            _S.REPORT: (_G.REPORTED,),
            _S.TAKEN_UP: (_G.TAKEN_UP,),
            _S.ANSWER: (_G.REPORTED, _G.ENDED),
            _S.VISIT: (_G.REPORTED,),
        },
        _G.TAKEN_UP: {_S.ANSWER: (_G.TAKEN_UP, _G.ENDED), _S.VISIT: (_G.TAKEN_UP,)},
    },
    _K.ORDER_APPLICATION: {
        _G.PREPARING: {_S.EVIDENCE: (_G.PREPARING,), _S.FILE: (_G.FILED,)},
        _G.FILED: {_S.EVIDENCE: (_G.FILED,), _S.ACCEPT: (_G.COURT_ACCEPTED,), _S.DECIDE: (_G.ENDED,)},
        _G.COURT_ACCEPTED: {_S.EVIDENCE: (_G.COURT_ACCEPTED,), _S.DECIDE: (_G.ENDED,)},
    },
    _K.PROTECTION_ORDER: {
        _G.WATCHING: {
            _S.SERVE: (_G.WATCHING,),
            _S.VISIT: (_G.WATCHING,),
            _S.BREACH: (_G.WATCHING,),
            _S.EXTEND: (_G.WATCHING,),
        },
    },
    # The third clean visit in a row ends it; violence again ends it too, with a new police report.
    _K.WARNING_LETTER: {
        _G.WATCHING: {_S.VISIT: (_G.WATCHING, _G.ENDED), _S.BREACH: (_G.ENDED,)},
    },
    _K.SHELTER: {
        _G.INSIDE: {_S.VISIT: (_G.INSIDE,), _S.EXTEND: (_G.INSIDE,)},
    },
    _K.AGREEMENT: {
        _G.WATCHING: {
            _S.CONFIRM: (_G.CONFIRMING,),
            _S.PERFORM: (_G.WATCHING, _G.ENDED),
            _S.VISIT: (_G.WATCHING,),
        },
        _G.CONFIRMING: {
            _S.DECIDE: (_G.WATCHING,),
            _S.PERFORM: (_G.CONFIRMING, _G.ENDED),
            _S.VISIT: (_G.CONFIRMING,),
        },
    },
    # Nothing is fed back before something came, and nothing is over before she was told.
    _K.AGENCY: {
        _G.APPLIED: {_S.SIGN: (_G.SIGNED,), _S.REFUSE: (_G.ENDED,), _S.REVOKE: (_G.ENDED,)},
        _G.SIGNED: {_S.SUBMIT: (_G.SUBMITTED,), _S.EXTEND: (_G.SIGNED,), _S.REVOKE: (_G.ENDED,)},
        _G.SUBMITTED: {
            _S.NOTICE: (_G.RECEIVED,),
            _S.OPINION: (_G.RECEIVED,),
            _S.EXTEND: (_G.SUBMITTED,),
            _S.REVOKE: (_G.ENDED,),
        },
        _G.RECEIVED: {
            _S.TELL: (_G.TOLD,),
            _S.OPINION: (_G.RECEIVED,),
            _S.EXTEND: (_G.RECEIVED,),
            _S.REVOKE: (_G.ENDED,),
        },
        _G.TOLD: {
            _S.OPINION: (_G.RECEIVED,),
            _S.FINISH: (_G.ENDED,),
            _S.REVIEW: (_G.REVIEWING,),
            _S.SUBMIT: (_G.SUBMITTED,),
            _S.EXTEND: (_G.TOLD,),
            _S.REVOKE: (_G.ENDED,),
        },
        _G.REVIEWING: {
            _S.OPINION: (_G.RECEIVED,),
            _S.EXTEND: (_G.REVIEWING,),
            _S.REVOKE: (_G.ENDED,),
        },
    },
}
IN_ANY_OPEN_STAGE: Mapping[MonitorStep, MonitorStage | None] = {
    MonitorStep.KEEPER: None,
    MonitorStep.NOTE: None,
    MonitorStep.END: MonitorStage.ENDED,
}
# What is watched by its dates: while it is open, one of them runs.
ALWAYS_TIMED = (_K.WARNING_LETTER, _K.PROTECTION_ORDER, _K.SHELTER, _K.AGREEMENT)
FIRST_STAGE: dict[MonitorKind, MonitorStage] = {
    kind: next(iter(stages)) for kind, stages in MONITOR_TRANSITIONS.items()
}

MONITOR_TURN: dict[MonitorStage, str] = {
    MonitorStage.ACTING: "立即处置",
    MonitorStage.TO_REPORT: "立即报告公安",
    MonitorStage.REPORTED: "等公安受理",
    MonitorStage.TAKEN_UP: "等公安反馈",
    MonitorStage.PREPARING: "准备材料，递交法院",
    MonitorStage.FILED: "等法院受理",
    MonitorStage.COURT_ACCEPTED: "等法院裁定",
    MonitorStage.WATCHING: "按期查访、回访",
    MonitorStage.CONFIRMING: "等法院确认",
    MonitorStage.INSIDE: "关注庇护情况，安排去向",
    MonitorStage.APPLIED: "由站长审核，签订委托书",
    MonitorStage.SIGNED: "提交责任单位",
    MonitorStage.SUBMITTED: "等责任单位告知、答复",
    MonitorStage.RECEIVED: "反馈委托人",
    MonitorStage.TOLD: "等处理意见，或者终结代理",
    MonitorStage.REVIEWING: "等复查、复核意见",
    MonitorStage.ENDED: "已结束",
}


def next_monitor_stage(
    step: MonitorStep, kind: MonitorKind, stage: MonitorStage, wanted: MonitorStage | None = None
) -> MonitorStage:
    """Where `step` leads; `wanted` chooses where the table leaves a choice.

    Raises StepNotAllowed.
    """
    if stage is not MonitorStage.ENDED and step in IN_ANY_OPEN_STAGE:
        return IN_ANY_OPEN_STAGE[step] or stage
    targets = MONITOR_TRANSITIONS[kind].get(stage, {}).get(step, ())
    if wanted in targets:
        return wanted
    if not targets or wanted is not None:
        raise StepNotAllowed(
            f"这项“{kind.label}”现在是“{stage.label}”，不能“{step.label}”。请看最新情况后再办。"
        )
    return targets[0]


def monitor_steps_from(kind: MonitorKind, stage: MonitorStage) -> tuple[MonitorStep, ...]:
    """Every step the table allows, in its order; those of every stage last."""
    if stage is MonitorStage.ENDED:
        return ()
    return (*MONITOR_TRANSITIONS[kind].get(stage, {}), *IN_ANY_OPEN_STAGE)
