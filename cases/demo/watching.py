"""A dozen monitors of every kind and stage, so that each page of them has something to show."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from cases.actions.monitors.agreement import Promised, ask_confirmation, check_due, dues_left, open_agreement
from cases.actions.monitors.protection import extend_order, open_order, serve_order, visit_order
from cases.actions.monitors.shelter import leave_shelter, open_stay, prolong_stay
from cases.actions.monitors.visit import Breach, Visit
from cases.actions.monitors.warning import breach_letter, open_letter, visit_letter
from cases.choices import (
    DangerLevel,
    MonitorOutcome,
    ProtectionMeasure,
    Status,
    VisitFinding,
    VisitWay,
)
from cases.deadlines import china_date
from cases.demo.places import MAIN_COUNTY
from cases.models import Case, Monitor
from stations.models import Organisation

DAY = timedelta(days=1)
CALM = "分别和双方谈过，这段时间没有动手。"
MEASURES = [ProtectionMeasure.NO_DV, ProtectionMeasure.NO_CONTACT]


def watch_over(at: datetime) -> None:
    """Open them on cases of violence in hand and closed, by whoever owns each, through the verbs."""
    cases = _cases()
    for tell in (_letters, _orders, _stays, _agreements):
        with transaction.atomic():
            tell(cases, at)


def _cases() -> Iterator[Case]:
    """Cases of violence whose owner is there, those in hand and the closed ones in turn; in a small city one case is
    watched over in more than one way."""
    people = ("holder__region", "station", "owner__organisation")
    found = Case.objects.filter(
        involves_dv=True, involves_minor=False, owner__is_active=True, holder_id__isnull=False
    ).exclude(danger=DangerLevel.HIGH)
    found = found.select_related(*people).order_by("received_at", "pk")
    held = [case for case in found if case.owner and case.owner.organisation_id == case.holder_id]
    held.sort(
        key=lambda case: case.county_code != MAIN_COUNTY
    )  # first where the visitors of the demonstration look
    able = [[case for case in held if case.status == status] for status in (Status.HANDLING, Status.CLOSED)]
    chosen = [case.pk for pair in zip(*able, strict=False) for case in pair]
    while chosen:
        for pk in chosen:  # anew each time: the way before has changed it
            yield Case.objects.select_related(*people).get(pk=pk)


def _told(case: Case, at: datetime) -> dict[str, Any]:
    return {"keeper": case.owner, "by": case.owner, "at": at}


def _saw(moment: datetime, finding: VisitFinding = VisitFinding.CLEAN) -> Visit:
    safe = finding != VisitFinding.UNREACHABLE
    said: dict[str, Any] = {"apart": True, "content": CALM} if safe else {}
    return Visit(moment, VisitWay.HOME, safe, finding, **said)


def _letter(case: Case, at: datetime, days: int, *visits: tuple[int, VisitFinding]) -> Monitor:
    """Delivered so many days ago, visited so many days ago."""
    found = open_letter(
        case,
        delivered_on=china_date(at - days * DAY),
        number=f"（示例）公告诫〔{(at - days * DAY).year}〕{days}号",
        police_unit="辖区派出所",
        **_told(case, at),
    )
    for ago, finding in visits:
        visit_letter(found, _saw(at - ago * DAY, finding), by=found.keeper, at=at)
    return found


def _letters(cases: Iterator[Case], at: datetime) -> None:
    clean, nobody = VisitFinding.CLEAN, VisitFinding.UNREACHABLE
    _letter(next(cases), at, 3)
    _letter(next(cases), at, 9)  # the first visit is late
    _letter(next(cases), at, 100, (95, clean), (2, nobody))
    _letter(next(cases), at, 290, (285, clean), (190, clean), (95, clean), (1, clean))
    again = _letter(next(cases), at, 60, (55, clean))
    breach_letter(again, Breach(at - DAY, "又喝酒动手，邻居报的信。"), by=again.keeper, at=at)


def _orders(cases: Iterator[Case], at: datetime) -> None:
    def order(days: int, until: int) -> Monitor:
        case = next(cases)
        court = Organisation.objects.filter(
            department_id="COURT", region_id=f"{case.county_code:0<12}"
        ).first()
        return open_order(
            case,
            made_at=at - days * DAY,
            valid_until=china_date(at + until * DAY),
            court=court,
            number=f"（示例）民保令{days}号",
            measures=MEASURES,
            **_told(case, at),
        )

    order(0, 150)
    served = order(40, 120)
    serve_order(served, served_at=at - 39 * DAY, by=served.keeper, at=at)
    visit_order(served, _saw(at - 8 * DAY), by=served.keeper, at=at)
    soon = order(160, 6)
    serve_order(soon, served_at=at - 159 * DAY, by=soon.keeper, at=at)
    for ago in (130, 101, 72, 43, 14):
        visit_order(soon, _saw(at - ago * DAY), by=soon.keeper, at=at)
    longer = order(170, 2)
    told: dict[str, Any] = {
        "made_at": at - DAY,
        "valid_until": china_date(at + 150 * DAY),
        "number": "（示例）民保令新1号",
    }
    extend_order(longer, **told, by=longer.keeper, at=at)


def _stays(cases: Iterator[Case], at: datetime) -> None:
    def stay(days: int) -> Monitor:
        case = next(cases)
        place: dict[str, Any] = {"place": "（示例）救助管理站", "proof": "出警记录", "children": 1}
        return open_stay(case, entered_at=at - days * DAY, **place, **_told(case, at))

    stay(8)
    longer = stay(9)
    told: dict[str, Any] = {
        "until": china_date(at + 7 * DAY),
        "filed_on": china_date(at),
        "content": "还没有安全的住处。",
    }
    prolong_stay(longer, **told, by=longer.keeper, at=at)
    gone = stay(6)
    left: dict[str, Any] = {"left_at": at - DAY, "destination": "（示例）娘家", "escort": "站里接待员"}
    leave_shelter(
        gone,
        outcome=MonitorOutcome.LEFT,
        conclusion="平安离开。",
        **left,
        by=gone.keeper,
        at=at,
    )


def _agreements(cases: Iterator[Case], at: datetime) -> None:
    """On cases without an emergency: a breach told of above may have opened one."""

    def agreed(days: int, *dues: int) -> Monitor:
        case = next(case for case in cases if case.binding_danger != DangerLevel.HIGH)
        promised = [
            Promised(f"第{n}次支付抚养费", china_date(at + due * DAY)) for n, due in enumerate(dues, 1)
        ]
        words: dict[str, Any] = {
            "terms": "双方自愿达成，按月支付抚养费。",
            "mediator": "（示例）人民调解委员会",
        }
        made = china_date(at - days * DAY)
        return open_agreement(case, made_on=made, dues=promised, **words, **_told(case, at))

    agreed(5, 2, 32)
    asked = agreed(20, -10, 20)
    first = dues_left(asked)[0]
    kept: dict[str, Any] = {"performed": True, "checked_on": china_date(at), "result": "看了转账记录。"}
    check_due(asked, due=first, **kept, by=asked.keeper, at=at)
    court = Organisation.objects.filter(department_id="COURT").order_by("pk").first()
    if court is not None:
        ask_confirmation(asked, asked_on=china_date(at), court=court, by=asked.keeper, at=at)
    broken = agreed(30, -3)
    told: dict[str, Any] = {"performed": False, "checked_on": china_date(at), "result": "对方拒绝支付。"}
    check_due(broken, due=dues_left(broken)[0], **told, by=broken.keeper, at=at)
