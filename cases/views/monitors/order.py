"""A protection order (人身安全保护令) on screen."""

from datetime import datetime
from typing import Any

from cases.actions.monitors import protection as verbs
from cases.choices import MonitorOutcome, MonitorStep, ProtectionMeasure
from cases.forms.monitors.order import (
    EndOrderForm,
    ExtendOrderForm,
    OrderBreachForm,
    OrderOpeningForm,
    OrderVisitForm,
    ServeForm,
)
from cases.models import Monitor
from cases.views.monitors.kind import Fact, Kind, Opening, Screen, breach_of, moment, visit_of
from stations.models import Staff


def _visit(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    verbs.visit_order(monitor, visit_of(told), by=by, at=at)


def _breach(monitor: Monitor, *, by: Staff, at: datetime, **told: Any) -> None:
    verbs.breach_order(monitor, breach_of(told), by=by, at=at)


def _facts(monitor: Monitor) -> list[Fact]:
    order = monitor.order
    measures = "、".join(ProtectionMeasure(one).label for one in order.measures)
    return [
        Fact("作出法院", order.court.name if order.court else ""),
        Fact("作出", moment(order.made_at)),
        Fact("送达", moment(order.served_at) or "还没有登记送达"),
        Fact("期满反馈法院", moment(order.fed_back_at) or "期满后登记"),
        Fact("措施", measures, wide=True),
        Fact("裁定内容", order.terms, secret=True, wide=True),
    ]


KIND = Kind(
    opening=Opening(
        OrderOpeningForm,
        verbs.open_order,
        "保护令有效期内每月回访，期满前三十日、十五日、七日提醒是否申请延长。",
    ),
    steps={
        MonitorStep.VISIT: Screen(
            OrderVisitForm,
            _visit,
            "先确认她能安全说话。发现违反保护令的，请按“登记违反保护令”。",
            "回访已记录，下一次的期限已更新。",
            "记录回访",
        ),
        MonitorStep.SERVE: Screen(
            ServeForm,
            verbs.serve_order,
            "法院应在作出后24小时内送达当事人、派出所和村居委会。",
            "送达已登记。",
        ),
        MonitorStep.EXTEND: Screen(
            ExtendOrderForm,
            verbs.extend_order,
            "期满前可以申请延长；从作出延长之日起最长六个月。",
            "已登记延长，期满提醒已更新。",
        ),
        MonitorStep.BREACH: Screen(
            OrderBreachForm,
            _breach,
            "登记后立即通知有关负责人；帮助她联系公安和法院，固定证据。监测继续。",
            "已登记，已通知各级负责人。请确认报警并告知法院。",
            "登记违反保护令",
        ),
        MonitorStep.END: Screen(
            EndOrderForm,
            verbs.end_order,
            "期满的，最后一次回访单由当事人签字并反馈法院后再结束。",
            "已结束。",
        ),
    },
    ends=(MonitorOutcome.EXPIRED, MonitorOutcome.REVOKED, MonitorOutcome.MISTAKE),
    facts=_facts,
)
