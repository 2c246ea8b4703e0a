"""What the joint conference and leaders have to do with one case, for its page."""

from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch
from django.urls import reverse

from cases.choices import ConferenceStep, ItemStatus, Step
from cases.models import AgendaItem, Case, Instruction, Resolution, Task
from cases.models.conference import at_home
from cases.views.rows import task_due
from stations.models import Staff
from stations.roles import Permission


def conference_of(case: Case, user: Staff, at: datetime, happened: set[str]) -> dict[str, Any]:
    """Asked only for what the history says there is."""
    agenda = _agenda(case, user, at) if ConferenceStep.PROPOSE in happened else []
    waiting = any(row["item"].status in ItemStatus.waiting for row in agenda)
    may = at_home(user) and user.may(Permission.CONFERENCE_PROPOSE) and case.is_open and not waiting
    return {
        "instructions": _instructions(case) if Step.INSTRUCT in happened else [],
        "agenda": agenda,
        "propose_url": reverse("agenda_propose", args=[case.number]) if may else "",
    }


def _instructions(case: Case) -> list[Instruction]:
    return list(
        Instruction.objects.filter(case=case).order_by(
            F("ended_at").desc(nulls_first=True), "-given_on", "-at"
        )
    )


def _agenda(case: Case, user: Staff, at: datetime) -> list[dict[str, Any]]:
    """Every item about the case; the reader opens those of her own conference."""
    tasks = Task.objects.select_related("unit").order_by("-part", "pk")
    resolutions = Resolution.objects.order_by("number").prefetch_related(Prefetch("tasks", queryset=tasks))
    items = (
        AgendaItem.objects.filter(case=case)
        .select_related("host")
        .prefetch_related(Prefetch("resolutions", queryset=resolutions))
        .order_by("-proposed_at", "-pk")
    )
    seen = set(AgendaItem.objects.visible_to(user).filter(case=case).values_list("pk", flat=True))
    return [
        {
            "item": item,
            "url": reverse("agenda_item", args=[item.pk]) if item.pk in seen else "",
            "tasks": [
                (task, task_due(task, at))
                for resolution in item.resolutions.all()
                for task in resolution.tasks.all()
            ],
        }
        for item in items
    ]
