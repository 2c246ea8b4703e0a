"""The table of monitors, cell by cell, written down from the procedure and not from the code.

A cell says where the step leads: = stays, . refused, else the stages it may lead to. Source: factsheet §3.5, §3.7.
"""

import pytest

from cases.choices import MonitorKind, MonitorStage, MonitorStep
from cases.workflow import (
    FIRST_STAGE,
    MONITOR_TRANSITIONS,
    MONITOR_TURN,
    StepNotAllowed,
    monitor_steps_from,
    next_monitor_stage,
)

STAGES = {
    "act": MonitorStage.ACTING,
    "tor": MonitorStage.TO_REPORT,
    "rep": MonitorStage.REPORTED,
    "tak": MonitorStage.TAKEN_UP,
    "pre": MonitorStage.PREPARING,
    "fil": MonitorStage.FILED,
    "acc": MonitorStage.COURT_ACCEPTED,
    "wat": MonitorStage.WATCHING,
    "con": MonitorStage.CONFIRMING,
    "ins": MonitorStage.INSIDE,
    "app": MonitorStage.APPLIED,
    "sig": MonitorStage.SIGNED,
    "sub": MonitorStage.SUBMITTED,
    "rec": MonitorStage.RECEIVED,
    "tol": MonitorStage.TOLD,
    "rev": MonitorStage.REVIEWING,
    "end": MonitorStage.ENDED,
}
TABLES = {
    "WARNING_LETTER": """
        wat  end
VISIT   =/end .
BREACH  end  .
KEEPER  =    .
NOTE    =    .
END     end  .
""",
    "PROTECTION_ORDER": """
        wat  end
SERVE   =    .
VISIT   =    .
BREACH  =    .
EXTEND  =    .
KEEPER  =    .
NOTE    =    .
END     end  .
""",
    "SHELTER": """
        ins  end
VISIT   =    .
EXTEND  =    .
KEEPER  =    .
NOTE    =    .
END     end  .
""",
    "AGREEMENT": """
        wat   con   end
CONFIRM con   .     .
DECIDE  .     wat   .
PERFORM =/end =/end .
VISIT   =     =     .
KEEPER  =     =     .
NOTE    =     =     .
END     end   end   .
""",
    # Source: factsheet §3.5.
    "AGENCY": """
        app  sig  sub  rec  tol  rev  end
SIGN    sig  .    .    .    .    .    .
REFUSE  end  .    .    .    .    .    .
SUBMIT  .    sub  .    .    sub  .    .
NOTICE  .    .    rec  .    .    .    .
OPINION .    .    rec  =    rec  rec  .
TELL    .    .    .    tol  .    .    .
REVIEW  .    .    .    .    rev  .    .
FINISH  .    .    .    .    end  .    .
REVOKE  end  end  end  end  end  end  .
EXTEND  .    =    =    =    =    =    .
KEEPER  =    =    =    =    =    =    .
NOTE    =    =    =    =    =    =    .
END     end  end  end  end  end  end  .
""",
}


def cells():
    for kind, table in TABLES.items():
        head, *lines = table.strip("\n").splitlines()
        columns = [STAGES[code] for code in head.split()]
        told = {line.split()[0]: line.split()[1:] for line in lines}
        for step in MonitorStep:
            for stage, cell in zip(columns, told.get(step.name, ["."] * len(columns)), strict=True):
                targets = (
                    () if cell == "." else tuple(stage if to == "=" else STAGES[to] for to in cell.split("/"))
                )
                yield pytest.param(MonitorKind(kind), stage, step, targets, id=f"{kind}-{stage}-{step.name}")


@pytest.mark.parametrize(("kind", "stage", "step", "targets"), list(cells()))
def test_every_step_from_every_stage(kind, stage, step, targets):
    for wanted in targets:
        assert next_monitor_stage(step, kind, stage, wanted if len(targets) > 1 else None) == wanted
    if not targets:
        with pytest.raises(StepNotAllowed):
            next_monitor_stage(step, kind, stage)
    else:
        assert next_monitor_stage(step, kind, stage) == targets[0]
    assert (step in monitor_steps_from(kind, stage)) == bool(targets)


@pytest.mark.parametrize("kind", MonitorKind)
def test_every_kind_begins_open_and_ends(kind):
    assert FIRST_STAGE[kind] in MonitorStage.open_stages
    for stage, steps in MONITOR_TRANSITIONS[kind].items():
        assert next_monitor_stage(MonitorStep.END, kind, stage) == MonitorStage.ENDED
        for targets in steps.values():
            assert set(targets) <= {*MONITOR_TRANSITIONS[kind], MonitorStage.ENDED}


def test_every_stage_says_what_comes_next():
    assert set(MONITOR_TURN) == set(MonitorStage)


def test_a_stage_the_step_does_not_lead_to_is_refused():
    with pytest.raises(StepNotAllowed, match="不能"):
        next_monitor_stage(
            MonitorStep.VISIT,
            MonitorKind.WARNING_LETTER,
            MonitorStage.WATCHING,
            MonitorStage.CONFIRMING,
        )
