"""A stay in a shelter on screen. Where it is, opens by one press, to the line alone, and each look is written down."""

from datetime import datetime
from typing import Any

from cases.actions.monitors import shelter as verbs
from cases.choices import MonitorKind, MonitorOutcome, MonitorStep
from cases.forms.monitors.shelter import LeaveForm, ProlongForm, StayOpeningForm, StayVisitForm
from cases.models import Case, Monitor
from cases.views.monitors.kind import Fact, Kind, Opening, Screen, day, moment, visit_of
from stations.models import Staff


def _visit(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    verbs.visit_stay(monitor, visit_of(told), by=by, at=at)


def _facts(monitor: Monitor) -> list[Fact]:
    stay = monitor.stay
    return [
        Fact("随同子女", f"{stay.children}人"),
        Fact("入住凭据", stay.proof, secret=True),
        Fact("延长至", day(stay.prolonged_until) or "没有延长"),
        Fact("离开", moment(stay.left_at) or "还在庇护中"),
    ]


def _refused(case: Case) -> str:
    inside = case.monitors.open().filter(kind=MonitorKind.SHELTER).exists()
    return "这件案件已有一项在庇护中。离开后才能再建立。" if inside else ""


def opened(monitor: Monitor) -> dict[str, str]:
    """What the press shows, and nothing else ever does."""
    stay = monitor.stay
    return {
        "庇护地点": stay.place,
        "庇护机构联系人": stay.contact,
        "去向": stay.destination,
        "护送人": stay.escort,
    }


KIND = Kind(
    opening=Opening(
        StayOpeningForm,
        verbs.open_stay,
        "成年人一般不超过十日，第八日提醒；延长要报民政备案。地点只给承办人员逐次查看。",
        _refused,
    ),
    steps={
        MonitorStep.VISIT: Screen(
            StayVisitForm,
            _visit,
            "先确认她能安全说话。问她和孩子的情况、下一步去哪里。",
            "回访已记录。",
            "记录回访",
        ),
        MonitorStep.EXTEND: Screen(
            ProlongForm, verbs.prolong_stay, "超过十日的，报民政部门备案。", "已登记延长，期限已更新。"
        ),
        MonitorStep.END: Screen(
            LeaveForm,
            verbs.leave_shelter,
            "离开时写明去向和护送人；不让她独自离开。",
            "已登记离开。",
            "登记离开",
        ),
    },
    ends=(MonitorOutcome.LEFT, MonitorOutcome.MISTAKE),
    facts=_facts,
    template="monitors/_stay.html",
)
