"""The reminder plans as shipped, by their codes."""

from cases.choices import Rung
from cases.deadlines import Plan
from cases.seeds import read_reminder_plans


def shipped_plans() -> dict[str, Plan]:
    plans = {}
    for fields, rungs in read_reminder_plans():
        plans[fields["code"]] = Plan(
            early_days=tuple(fields["early_days"]),
            overdue_every=fields["overdue_every"],
            overdue_every_hours=fields["overdue_every_hours"],
            rungs=tuple((rungs[rung], rung) for rung in Rung if rung in rungs),
            quiet_from=fields["quiet_from"],
            quiet_to=fields["quiet_to"],
            rest_days=fields["rest_days"],
            lapses=fields["lapses"],
        )
    return plans
