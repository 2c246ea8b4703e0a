"""What an answer of the police or the court asks us to watch over."""

from typing import Any

from django.urls import reverse

from cases.choices import MonitorKind, MonitorOutcome
from cases.models import Referral
from cases.permissions.monitor import why_not_open_monitor
from cases.views.monitors.screens import slug
from stations.models import Staff

WATCHED: dict[str, tuple[MonitorKind, str]] = {
    "POLICE.WARNING_LETTER": (MonitorKind.WARNING_LETTER, "公安出具了告诫书：送达后七日内要首次查访。"),
    "COURT.PO_ISSUED": (MonitorKind.PROTECTION_ORDER, "法院作出了保护令：有效期内要定期回访。"),
}


def watchable(referral: Referral, user: Staff) -> list[dict[str, Any]]:
    """For each answer that asks for it: the monitor that was opened, or the way to open one, filled in."""
    found = referral.feedback.filter(result__in=WATCHED).prefetch_related("monitors").order_by("-at", "-pk")
    may = not why_not_open_monitor(user, referral.case)
    rows = []
    for answer in found:
        kind, words = WATCHED[answer.result]
        kept = [one for one in answer.monitors.all() if one.kind == kind]
        watched = next((one for one in kept if one.outcome != MonitorOutcome.MISTAKE), None)
        if watched is not None:
            rows.append(
                {"words": "已建立监测。", "url": reverse("monitor", args=[watched.pk]), "label": kind.label}
            )
        elif may:
            address = reverse("monitor_open", args=[referral.case.number, slug(kind)])
            rows.append({"words": words, "url": f"{address}?feedback={answer.pk}", "label": "建立监测"})
    return rows
