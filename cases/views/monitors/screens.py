"""The kinds of monitors and their screens. A kind is added by a line in KINDS."""

from cases.actions.monitors import monitor as verbs
from cases.choices import MonitorKind, MonitorStep
from cases.forms.monitors.base import EndForm, KeeperForm, NoteForm
from cases.models import Monitor
from cases.views.monitors import agency, agreement, application, order, report, shelter, warning
from cases.views.monitors.kind import Kind, Screen
from cases.views.safety import emergency

KINDS: dict[MonitorKind, Kind] = {
    MonitorKind.EMERGENCY: emergency.KIND,
    MonitorKind.REPORT: report.KIND,
    MonitorKind.WARNING_LETTER: warning.KIND,
    MonitorKind.ORDER_APPLICATION: application.KIND,
    MonitorKind.PROTECTION_ORDER: order.KIND,
    MonitorKind.SHELTER: shelter.KIND,
    MonitorKind.AGREEMENT: agreement.KIND,
    MonitorKind.AGENCY: agency.KIND,
}
OF_EVERY_KIND: dict[MonitorStep, Screen] = {
    MonitorStep.NOTE: Screen(NoteForm, verbs.add_note, "记下值得知道、但不改变进展的情况。"),
    MonitorStep.KEEPER: Screen(
        KeeperForm, verbs.change_keeper, "期限和提醒从此归新的负责人。", "已更换，并通知新的负责人。"
    ),
    MonitorStep.END: Screen(
        EndForm, verbs.finish, "结束后不再提醒。误建的也在这里结束，记录保留。", "已结束。"
    ),
}


def kind_of(monitor: Monitor) -> Kind:
    return KINDS.get(MonitorKind(monitor.kind), Kind())


def screen_of(monitor: Monitor, step: MonitorStep) -> Screen | None:
    return kind_of(monitor).steps.get(step) or OF_EVERY_KIND.get(step)


def slug(code: str) -> str:
    """WARNING_LETTER → warning-letter, MO_VISIT → visit."""
    return code.removeprefix("MO_").lower().replace("_", "-")
