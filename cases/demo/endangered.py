"""Danger in the demonstration: scorings of every level, and one emergency that is being worked on in the main county."""

from datetime import date, datetime, timedelta

from django.db.models import F

from cases.actions.safety.danger import DangerEntry, assess
from cases.actions.safety.emergency import PoliceEntry, current_emergency, record_police
from cases.actions.safety.plans import TaskEntry, make_service_plan
from cases.choices import Status, ViolenceType
from cases.demo.places import MAIN_COUNTY
from cases.models import Case
from cases.workflow.danger import ITEMS

# How many scored items are so, in one open case of violence after another.
SCORES = (1, 3, 2, 3)  # of those under special protection that is medium danger already
TASKS = (
    ("SHELTER", "联系县救助站，安排临时住处", 1),
    ("LEGAL_HELP", "准备人身安全保护令申请材料", 5),
)


def score_dangers(at: datetime) -> None:
    """A few open cases of violence, each scored by whoever handles it; the newest one deadly: its police
    are called and its plan is made, her own safety plan is still to come."""
    cases = Case.objects.open().filter(
        involves_dv=True, danger="", county_code=MAIN_COUNTY, owner__isnull=False
    )
    found = list(
        cases.filter(status__in=(Status.ACCEPTED, Status.HANDLING), owner__organisation=F("holder"))
        .select_related("owner__organisation", "holder", "station")
        .order_by("-received_at", "number")[: len(SCORES) + 1]
    )
    if not found:
        return
    deadly, *others = found
    for case, score in zip(others, SCORES, strict=False):
        _score(case, ITEMS[:score], at - timedelta(minutes=50))
    _score(deadly, (*ITEMS[:2], "S1"), at - timedelta(minutes=45))
    _work_on(deadly, at)


def _score(case: Case, so: tuple[str, ...], at: datetime) -> None:
    assert case.owner is not None  # noqa: S101 – asked for above
    answers = dict.fromkeys(ITEMS, "NO") | dict.fromkeys(so, "YES")
    entry = DangerEntry(answers=answers, violence=(ViolenceType.PHYSICAL, ViolenceType.MENTAL))
    assess(case, entry, by=case.owner, at=at)


def _work_on(case: Case, at: datetime) -> None:
    monitor = current_emergency(case)
    assert monitor is not None  # noqa: S101 – opened by the scoring
    by, today = monitor.keeper, at.date()
    told = PoliceEntry(
        reported_at=at - timedelta(minutes=35),
        unit="派出所（演示）",
        officer="值班民警（演示）",
        receipt_number="演示-0001",
    )
    record_police(monitor, told, by=by, at=at - timedelta(minutes=30))
    make_service_plan(
        case,
        needs=("POLICE", "SHELTER", "LEGAL_HELP"),
        goals="当天住进安全的地方；一周内递交保护令申请；告诫书送到。",
        review_on=today + timedelta(days=7),
        tasks=[TaskEntry(need, what, _day(today, days), who="张主任（演示）") for need, what, days in TASKS],
        by=by,
        at=at - timedelta(minutes=10),
    )


def _day(today: date, days: int) -> date:
    return today + timedelta(days=days)
