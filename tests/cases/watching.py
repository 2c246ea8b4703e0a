"""Monitors in any state, brought there by the real verbs."""

from datetime import date, datetime, timedelta

from cases.actions.monitors import agreement, protection, shelter, warning
from cases.actions.monitors.agreement import Promised
from cases.actions.monitors.visit import Breach, Visit
from cases.choices import ClockStatus, VisitFinding, VisitWay
from cases.models import Case, Clock, Monitor
from tests.cast import CHINA, MONDAY, Cast
from tests.factories import make_case

DAY = timedelta(days=1)
LATER = MONDAY + timedelta(hours=2)
SEEN = "两人分别谈过，这段时间没有动手。"
AGAIN = "昨晚又喝酒打人，邻居听见了。"


def on(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA)


def letter(cast: Cast, case: Case | None = None, **told) -> Monitor:
    """Delivered on MONDAY, kept by the clerk."""
    case = case or make_case(cast, "HANDLING", involves_dv=True)
    said = {"delivered_on": MONDAY.date(), "keeper": cast.clerk, "by": cast.clerk, "at": LATER} | told
    return fresh(warning.open_letter(case, **said))


def order(cast: Cast, case: Case | None = None, **told) -> Monitor:
    """Made on MONDAY for as long as the law allows, not served yet."""
    case = case or make_case(cast, "HANDLING", involves_dv=True)
    said = {"made_at": MONDAY, "keeper": cast.clerk, "by": cast.clerk, "at": LATER} | told
    return fresh(protection.open_order(case, **said))


def stay(cast: Cast, case: Case | None = None, **told) -> Monitor:
    case = case or make_case(cast, "HANDLING", involves_dv=True)
    said = {
        "entered_at": MONDAY,
        "place": "县救助站三楼",
        "keeper": cast.clerk,
        "by": cast.clerk,
        "at": LATER,
    }
    return fresh(shelter.open_stay(case, **(said | told)))


def agreed(cast: Cast, case: Case | None = None, **told) -> Monitor:
    """Two promises, ten and forty days after MONDAY."""
    case = case or make_case(cast, "HANDLING")
    dues = [
        Promised("秦大勇付清医药费", date(2026, 11, 26)),
        Promised("秦大勇还清彩礼余款", date(2026, 12, 26)),
    ]
    said = {"made_on": MONDAY.date(), "terms": "双方自愿达成协议。", "dues": dues, "keeper": cast.clerk}
    said |= {"by": cast.clerk, "at": LATER}
    return fresh(agreement.open_agreement(case, **(said | told)))


def fresh(monitor: Monitor) -> Monitor:
    return Monitor.objects.select_related("case__holder__region", "case__owner", "keeper", "unit").get(
        pk=monitor.pk
    )


def saw(moment: datetime, finding: VisitFinding = VisitFinding.CLEAN, **told) -> Visit:
    """A visit at the house where both were seen apart; without safety nothing was asked."""
    said = {"way": VisitWay.HOME, "spoke_safely": True, "apart": True, "content": SEEN} | told
    if not said["spoke_safely"]:
        said |= {"finding": VisitFinding.UNREACHABLE, "content": "", "apart": None}
    return Visit(happened_at=moment, **({"finding": finding} | said))


def hit(moment: datetime, **told) -> Breach:
    return Breach(happened_at=moment, content=AGAIN, **told)


def running(monitor: Monitor) -> dict[str, date]:
    """The live clocks of a monitor: code → last day."""
    return {clock.code: clock.last_day for clock in monitor.clocks.live()}


def ended(monitor: Monitor) -> dict[str, str]:
    clocks = Clock.objects.filter(monitor=monitor).exclude(status__in=ClockStatus.live)
    return dict(clocks.order_by("ended_at", "id").values_list("code", "status"))
