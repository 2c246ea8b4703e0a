"""Draw the workflow tables into docs/workflow.md, so that people read what the code does."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import TextChoices

from cases.choices import (
    ConferenceStep,
    ItemStatus,
    MeetingStatus,
    ReferralStatus,
    ReferralStep,
    Status,
    Step,
    SupervisionStatus,
    SupervisionStep,
    TaskStatus,
)
from cases.workflow import (
    ITEM_TRANSITIONS,
    ITEM_TURN,
    MEETING_TRANSITIONS,
    REFERRAL_TRANSITIONS,
    REFERRAL_TURN,
    SUPERVISION_TRANSITIONS,
    SUPERVISION_TURN,
    TASK_TRANSITIONS,
    TASK_TURN,
    TRANSITIONS,
    TURN,
    ConferenceTransition,
    ReferralTransition,
    SupervisionTransition,
    Transition,
    next_item_status,
    next_meeting_status,
    next_referral_status,
    next_status,
    next_supervision_status,
    next_task_status,
)
from stations.roles import GRANTS, Permission

PAGE = settings.BASE_DIR / "docs" / "workflow.md"

HEAD = """# The life of a case, of a referral, of a supervision and of the conference

Drawn by `python manage.py draw_workflow` from `cases/workflow/`; `make check` fails when this page is stale.
Arrows are the steps that move a status. Steps that leave it where it is stand only in the tables.
Who may take a step on which case is decided in `cases/permissions/`; the column “who” names the roles whose
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
    case_moves = moves(TRANSITIONS, next_status, Status)
    referral_moves = moves(REFERRAL_TRANSITIONS, next_referral_status, ReferralStatus)
    supervision_moves = moves(SUPERVISION_TRANSITIONS, next_supervision_status, SupervisionStatus)
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
            *two_sided_table(REFERRAL_TRANSITIONS, "部门", "我方", ReferralStatus),
            "## A supervision\n",
            "A draft moves nothing: the supervised unit may still answer until the paper is signed. Which paper may\n"
            "come next is decided by `why_not_paper` in `cases/workflow/supervision.py`.\n",
            *diagram(SupervisionStatus, SupervisionStatus.DRAFTED, SupervisionStep.DRAFT, supervision_moves),
            *turns(SUPERVISION_TURN.items()),
            *two_sided_table(SUPERVISION_TRANSITIONS, "被督办单位", "督办单位", SupervisionStatus),
            *draw_conference(),
        ]
    )


def draw_conference() -> Iterator[str]:
    """An item, the meeting it comes to, and what each unit owes afterwards."""
    item_moves = moves(ITEM_TRANSITIONS, next_item_status, ItemStatus)
    meeting_moves = moves(MEETING_TRANSITIONS, next_meeting_status, MeetingStatus)
    task_moves = moves(TASK_TRANSITIONS, next_task_status, TaskStatus)
    yield "## An item of the joint conference\n"
    yield from diagram(ItemStatus, ItemStatus.PROPOSED, ConferenceStep.PROPOSE, item_moves)
    yield from turns(ITEM_TURN.items())
    yield from two_sided_table(ITEM_TRANSITIONS, "提出单位", "联席会议", ItemStatus)
    yield "## A meeting\n"
    yield from diagram(MeetingStatus, MeetingStatus.PLANNED, None, meeting_moves)
    yield from two_sided_table(MEETING_TRANSITIONS, "参会单位", "联席会议", MeetingStatus)
    yield "## A task of a resolution\n"
    yield from diagram(TaskStatus, TaskStatus.ASSIGNED, ConferenceStep.RESOLVE, task_moves)
    yield from turns(TASK_TURN.items())
    yield from two_sided_table(TASK_TRANSITIONS, "承办单位", "联席会议", TaskStatus)


def diagram(
    statuses: type[TextChoices],
    first: TextChoices,
    entry: TextChoices | None,
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
    yield f"    [*] --> {first.name}" + (f": {entry.label}" if entry else "")
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


def two_sided_table(
    table: Mapping[Any, ReferralTransition | SupervisionTransition | ConferenceTransition],
    theirs: str,
    ours: str,
    statuses: type[TextChoices],
) -> Iterator[str]:
    """The steps of what two sides of a table share; `theirs` names the side that was asked for something."""
    yield "| step | 步骤 | side | needs | who | from | to |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for step, row in table.items():
        side = theirs if by_them(row) else ours
        sources = [statuses(source) for source in row.sources]
        target = statuses(row.target) if row.target else None
        yield (
            f"| `{step.name}` | {step.label} | {side} | `{row.needs}` | {who(row.needs)} | "
            f"{where(sources, target)} |"
        )
    yield ""


def by_them(row: ReferralTransition | SupervisionTransition | ConferenceTransition) -> bool:
    match row:
        case ReferralTransition():
            return row.by_partner
        case SupervisionTransition():
            return row.by_target
        case _:
            return row.by_unit


def moves(
    table: Mapping[Any, Any], next_status: Callable[[Any, Any], TextChoices], statuses: type[TextChoices]
) -> list[tuple[TextChoices, TextChoices, TextChoices]]:
    """Every cell of a table that the table allows."""
    return [
        (statuses(status), step, next_status(step, statuses(status)))
        for step, row in table.items()
        for status in row.sources
    ]
