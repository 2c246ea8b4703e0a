"""Who is kept away from a case, for those who decide about it."""

from cases.choices import Step
from cases.models import Bar, Case


def bars_of(case: Case, steps: tuple[Step, ...]) -> list[Bar]:
    """Asked only where there is something to let back."""
    if Step.LIFT_BAR not in steps:
        return []
    rows = case.bars.live().select_related("staff__organisation", "organisation", "by")
    return list(rows.order_by("at", "pk"))
