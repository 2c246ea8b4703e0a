"""What the case page says of her safety."""

from typing import Any

from django.urls import reverse

from cases.choices import MonitorStep, SafetyStep, Step
from cases.models import Case
from cases.views.safety.danger import danger_of
from cases.views.safety.emergency import next_duty


def safety_of(
    case: Case, happened: set[str], steps: tuple[Step, ...], *, in_line: bool, reveals: bool
) -> dict[str, Any]:
    """The danger, the emergency and the plans; nothing is asked of tables that hold nothing for this case."""
    assess = reverse("case_step", args=[case.number, "assess"]) if Step.ASSESS in steps else ""
    known = danger_of(case, happened, in_line=in_line)
    planned = bool(happened & {SafetyStep.PLAN, SafetyStep.SAFETY_PLAN})
    duty = next_duty(case) if MonitorStep.OPEN in happened else ""
    return known | {
        "urgent": f"{duty}。不得调解、不得劝和。" if duty else "",
        "assess_url": assess,
        "unscored_url": assess if case.is_open and case.involves_dv and not known["danger"] else "",
        "plans": in_line and reveals and (bool(case.danger) or planned),
    }
