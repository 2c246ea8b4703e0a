"""The table of a supervision and its ladder, written down from the procedure and not from the code."""

import pytest

from cases.actions import supervision as verbs
from cases.choices import PaperKind, SupervisionStatus, SupervisionStep
from cases.workflow import (
    SUPERVISION_TRANSITIONS,
    SUPERVISION_TURN,
    StepNotAllowed,
    next_supervision_status,
    supervision_steps_from,
    why_not_paper,
)
from tests.cases.test_workflow import cells

CODES = {
    "dra": SupervisionStatus.DRAFTED,
    "iss": SupervisionStatus.ISSUED,
    "ack": SupervisionStatus.ACKNOWLEDGED,
    "rep": SupervisionStatus.REPLIED,
    "uns": SupervisionStatus.UNSOUND,
    "clo": SupervisionStatus.CLOSED,
    "wdr": SupervisionStatus.WITHDRAWN,
}
# A cell says where the step leads: = stays, . refused, else the status.
TABLE = """
              dra  iss  ack  rep  uns  clo  wdr
DRAFT         =    =    =    .    =    .    .
SIGN_OFF      iss  iss  iss  .    iss  .    .
SIGN_OTHER    .    =    =    .    =    .    .
RETURN_DRAFT  =    =    =    =    =    .    .
ACKNOWLEDGE   .    ack  .    .    .    .    .
REPLY         .    rep  rep  .    .    .    .
REJECT        .    .    .    uns  .    .    .
CLOSE         .    .    .    clo  .    .    .
UNLIST        .    =    =    =    =    .    .
WITHDRAW      wdr  wdr  wdr  wdr  wdr  .    .
"""
CELLS = list(cells(TABLE, lambda name: SupervisionStep[name], CODES))


@pytest.mark.parametrize(("step", "status", "target"), CELLS)
def test_step_of_a_supervision(step, status, target):
    assert (step in supervision_steps_from(status)) is (target is not None)
    if target is not None:
        assert next_supervision_status(step, status) == target
        return
    with pytest.raises(StepNotAllowed) as refusal:
        next_supervision_status(step, status)
    assert str(refusal.value).startswith(f"这项督办现在是“{status.label}”，不能“{step.label}”。")


def test_the_written_table_leaves_nothing_out():
    assert {(cell.values[0], cell.values[1]) for cell in CELLS} == {
        (step, status) for step in SupervisionStep for status in SupervisionStatus
    }
    assert set(SUPERVISION_TRANSITIONS) == set(SupervisionStep)
    assert set(SUPERVISION_TURN) == set(SupervisionStatus)
    assert all(SUPERVISION_TURN.values())


VERBS = {
    SupervisionStep.DRAFT: verbs.draft_next,
    SupervisionStep.SIGN_OFF: verbs.sign_off,
    SupervisionStep.SIGN_OTHER: verbs.sign_off,
    SupervisionStep.RETURN_DRAFT: verbs.return_draft,
    SupervisionStep.ACKNOWLEDGE: verbs.acknowledge,
    SupervisionStep.REPLY: verbs.reply,
    SupervisionStep.REJECT: verbs.reject,
    SupervisionStep.CLOSE: verbs.close,
    SupervisionStep.WITHDRAW: verbs.withdraw,
    SupervisionStep.UNLIST: verbs.unlist,
}


@pytest.mark.parametrize("step", SupervisionStep)
def test_every_step_has_a_verb(step):
    assert callable(VERBS[step])


# The ladder: y may, r with a reason only, . not at all. A row: the paper; columns: what was issued and whether in vain.
SITUATIONS = {
    "nothing": (set(), False),
    "notice": ({"NOTICE"}, False),
    "notice!": ({"NOTICE"}, True),
    "second!": ({"NOTICE", "SECOND_NOTICE"}, True),
    "opinion": ({"NOTICE", "OPINION"}, False),
    "opinion!": ({"NOTICE", "OPINION"}, True),
}
OF_A_DEPARTMENT = """
               nothing  notice  notice!  second!  opinion  opinion!
NOTICE         y        .       .        .        .        .
SECOND_NOTICE  .        .       y        y        .        y
OPINION        .        .       y        y        .        y
REQUEST_GOV    .        r       r        r        r        y
JOINT          r        r       r        r        r        y
LISTED         r        r       r        r        r        y
PROCURATE      .        r       r        r        r        y
CIRCULAR       .        r       r        r        r        y
"""
OF_A_UNIT_OF_OURS = """
               nothing  notice  notice!  second!  opinion  opinion!
NOTICE         y        .       .        .        .        .
SECOND_NOTICE  .        .       y        y        .        y
OPINION        .        .       .        .        .        .
REQUEST_GOV    .        .       .        .        .        .
JOINT          .        .       .        .        .        .
LISTED         r        r       r        y        r        r
PROCURATE      .        .       .        .        .        .
CIRCULAR       .        r       r        y        r        r
"""


def rungs(table, internal):
    head, *rows = (line.split() for line in table.strip().splitlines())
    for name, *row in rows:
        for situation, cell in zip(head, row, strict=True):
            yield pytest.param(
                PaperKind(name), *SITUATIONS[situation], internal, cell, id=f"{name}-{situation}-{internal}"
            )


@pytest.mark.parametrize(
    ("kind", "signed", "pressed", "internal", "cell"),
    [*rungs(OF_A_DEPARTMENT, internal=False), *rungs(OF_A_UNIT_OF_OURS, internal=True)],
)
def test_rung_of_the_ladder(kind, signed, pressed, internal, cell):
    plain = why_not_paper(kind, signed, pressed=pressed, internal=internal)
    reasoned = why_not_paper(kind, signed, pressed=pressed, internal=internal, skip_reason="急")

    assert (not plain, not reasoned) == {"y": (True, True), "r": (False, True), ".": (False, False)}[cell]
    assert all(sentence.endswith("。") for sentence in (plain, reasoned) if sentence)
