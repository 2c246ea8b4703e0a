"""A warning letter (告诫书) on screen."""

from datetime import datetime
from typing import Any

from cases.actions.monitors import warning as verbs
from cases.choices import MonitorOutcome, MonitorStep
from cases.forms.monitors.breach import BreachForm
from cases.forms.monitors.warning import LetterNoteForm, LetterOpeningForm, LetterVisitForm
from cases.models import Monitor
from cases.views.monitors.kind import Fact, Kind, Opening, Screen, breach_of, day, visit_of
from stations.models import Staff


def _visit(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    verbs.visit_letter(monitor, visit_of(told), by=by, at=at)


def _breach(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    verbs.breach_letter(monitor, breach_of(told), by=by, at=at)


def _facts(monitor: Monitor) -> list[Fact]:
    letter = monitor.warning
    return [
        Fact("出具单位", letter.police_unit, secret=True),
        Fact("出具日期", day(letter.issued_on)),
        Fact("抄送", "已收到" if letter.copy_received else "还没有收到"),
        Fact("法治教育", day(letter.educated_on) or "还没有"),
        Fact("连续无再犯", f"{monitor.clean_visits}次（满{verbs.ENOUGH}次结束）"),
        Fact("告诫事由", letter.facts, secret=True, wide=True),
    ]


KIND = Kind(
    opening=Opening(
        LetterOpeningForm,
        verbs.open_letter,
        "送达后七日内首次查访，以后每三个月一次；连续三次没有再发生即结束（公通字〔2024〕34号第12条）。",
    ),
    steps={
        MonitorStep.VISIT: Screen(
            LetterVisitForm,
            _visit,
            "先确认她能安全说话，再分别见双方。又发生家暴的，请按“登记再次施暴、违反”。",
            "查访已记录，下一次的期限已更新。",
            "记录查访",
        ),
        MonitorStep.BREACH: Screen(
            BreachForm,
            _breach,
            "告诫后又施暴的，不能再以告诫代替处罚。登记后立即通知有关负责人并要求报警。",
            "已登记，已通知各级负责人。请确认报警，并决定是否重新办理。",
            "登记再次施暴",
        ),
        MonitorStep.NOTE: Screen(
            LetterNoteForm, verbs.note_letter, "法治教育、抄送件、其他值得知道的情况。", "已记录。"
        ),
    },
    ends=(MonitorOutcome.REVOKED, MonitorOutcome.MISTAKE),
    facts=_facts,
)
