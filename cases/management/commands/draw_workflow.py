"""Draw the workflow tables into docs/workflow.md, so that people read what the code does."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import TextChoices

from cases.choices import (
    ReferralStatus,
    ReferralStep,
    Status,
    Step,
    SupervisionStatus,
    SupervisionStep,
)
from cases.workflow import (
    REFERRAL_TRANSITIONS,
    REFERRAL_TURN,
    SUPERVISION_TRANSITIONS,
    SUPERVISION_TURN,
    TRANSITIONS,
    TURN,
    ReferralTransition,
    SupervisionTransition,
    Transition,
    next_referral_status,
    next_status,
    next_supervision_status,
)
from stations.roles import GRANTS, Permission

PAGE = settings.BASE_DIR / "docs" / "workflow.md"

HEAD = """# The life of a case, of a referral and of a supervision

Drawn by `python manage.py draw_workflow` from `cases/workflow/`; `make check` fails when this page is stale.
Arrows are the steps that move a status. Steps that leave it where it is stand only in the tables.
Who may take a step on which case is decided in `cases/permissions.py`; the column “who” names the roles whose
grants hold the permission. Closing, sending back, refusing a repeat petitioner and answering a village ask for
another permission than the table's, depending on the case.
"""


class Command(BaseCommand):
    help = "Draw docs/workflow.md from the tables; with --check say whether it is stale and change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail if the page is stale; change nothing")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        text = draw()
        kept = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if kept == text:
            self.stdout.write("docs/workflow.md is up to date.")
        elif check:
            raise CommandError("docs/workflow.md is stale. Run: python manage.py draw_workflow")
        else:
            PAGE.parent.mkdir(exist_ok=True)
            PAGE.write_text(text, encoding="utf-8")
            self.stdout.write("Drew docs/workflow.md.")


def draw() -> str:
    case_moves = [
        (status, step, next_status(step, status))
        for step, row in TRANSITIONS.items()
        for status in row.sources
    ]
    referral_moves = [
        (status, step, next_referral_status(step, status))
        for step, row in REFERRAL_TRANSITIONS.items()
        for status in row.sources
    ]
    supervision_moves = [
        (status, step, next_supervision_status(step, status))
        for step, row in SUPERVISION_TRANSITIONS.items()
        for status in row.sources
    ]
    return "\n".join(
        [
            HEAD,
            "## A case\n",
            *diagram(Status, Status.REGISTERED, Step.REGISTER, case_moves),
            *turns(TURN.items()),
            *case_table(TRANSITIONS),
            "## A referral\n",
            *diagram(ReferralStatus, ReferralStatus.SENT, ReferralStep.SEND, referral_moves),
            *turns(REFERRAL_TURN.items()),
            *referral_table(REFERRAL_TRANSITIONS),
            "## A supervision\n",
            "A draft moves nothing: the supervised unit may still answer until the paper is signed. Which paper may\n"
            "come next is decided by `why_not_paper` in `cases/workflow/supervision.py`.\n",
            *diagram(SupervisionStatus, SupervisionStatus.DRAFTED, SupervisionStep.DRAFT, supervision_moves),
            *turns(SUPERVISION_TURN.items()),
            *supervision_table(SUPERVISION_TRANSITIONS),
        ]
    )


def diagram(
    statuses: type[TextChoices],
    first: TextChoices,
    entry: TextChoices,
    moves: Iterable[tuple[TextChoices, TextChoices, TextChoices]],
) -> Iterator[str]:
    """A Mermaid state diagram; steps between the same two statuses share an arrow."""
    arrows: dict[tuple[TextChoices, TextChoices], list[str]] = {}
    for source, step, target in moves:
        if source != target:
            arrows.setdefault((source, target), []).append(step.label)
    yield "```mermaid"
    yield "stateDiagram-v2"
    for status in statuses:
        yield f"    {status.name}: {status.label}"
    yield f"    [*] --> {first.name}: {entry.label}"
    for (source, target), labels in arrows.items():
        yield f"    {source.name} --> {target.name}: {'、'.join(labels)}"
    for status in statuses:
        if not any(source == status for source, _ in arrows):
            yield f"    {status.name} --> [*]"
    yield "```\n"


def turns(rows: Iterable[tuple[TextChoices, str]]) -> Iterator[str]:
    yield "| status | 状态 | whose turn |"
    yield "| --- | --- | --- |"
    for status, turn in rows:
        yield f"| `{status.name}` | {status.label} | {turn} |"
    yield ""


def who(permission: Permission) -> str:
    return "、".join(role.label for role, granted in GRANTS.items() if permission in granted)


def where(sources: Iterable[TextChoices], target: TextChoices | None) -> str:
    begin = "、".join(source.label for source in sources) or "—"
    return f"{begin} | {target.label if target else '不变'}"


def case_table(table: dict[Step, Transition]) -> Iterator[str]:
    yield "| step | 步骤 | needs | who | from | to |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for step, row in table.items():
        yield (
            f"| `{step.name}` | {step.label} | `{row.needs}` | {who(row.needs)} | {where(row.sources, row.target)} |"
        )
    yield ""


def referral_table(table: dict[ReferralStep, ReferralTransition]) -> Iterator[str]:
    yield "| step | 步骤 | side | needs | who | from | to |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for step, row in table.items():
        side = "部门" if row.by_partner else "我方"
        yield (
            f"| `{step.name}` | {step.label} | {side} | `{row.needs}` | {who(row.needs)} | "
            f"{where(row.sources, row.target)} |"
        )
    yield ""


def supervision_table(table: dict[SupervisionStep, SupervisionTransition]) -> Iterator[str]:
    yield "| step | 步骤 | side | needs | who | from | to |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for step, row in table.items():
        side = "被督办单位" if row.by_target else "督办单位"
        yield (
            f"| `{step.name}` | {step.label} | {side} | `{row.needs}` | {who(row.needs)} | "
            f"{where(row.sources, row.target)} |"
        )
    yield ""
