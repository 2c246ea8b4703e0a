"""Petition agencies at any stage, brought there by the real verbs."""

from datetime import date

from cases.actions.monitors import agency
from cases.actions.monitors.agency import Handing
from cases.choices import AgencyMode, SubmitWay, VisitWay
from cases.models import Case, Monitor
from tests.cases.watching import fresh, on
from tests.cast import MONDAY, Cast
from tests.factories import make_case

TUESDAY, WEDNESDAY = on(2026, 11, 17), on(2026, 11, 18)


def applied(cast: Cast, case: Case | None = None, **told) -> Monitor:
    """Asked for on MONDAY."""
    case = case or make_case(cast, "HANDLING")
    said = {"applied_on": MONDAY.date(), "matter": "请公安说明为什么不立案", "mode": AgencyMode.SUBMIT}
    said |= {"keeper": cast.clerk, "by": cast.clerk, "at": on(2026, 11, 16, 11)}
    return fresh(agency.open_agency(case, **(said | told)))


def signed(cast: Cast, found: Monitor | None = None, **told) -> Monitor:
    """On MONDAY too, until the end of January."""
    found = found or applied(cast)
    said = {"signed_on": MONDAY.date(), "term_on": date(2027, 1, 31), "mode": AgencyMode.ACCOMPANY}
    said |= {
        "scope": "代为递交材料、查询进度",
        "papers": "报警回执复印件一份",
        "by": cast.head,
        "at": TUESDAY,
    }
    agency.sign_agency(found, **(said | told))
    return fresh(found)


def at_body(cast: Cast, found: Monitor | None = None, *, at=TUESDAY, **told) -> Monitor:
    """Handed in at the police on Tuesday."""
    found = found or signed(cast)
    said = {"submitted_on": date(2026, 11, 17), "way": SubmitWay.IN_PERSON, "papers": "申请书一份"}
    agency.submit_agency(found, Handing(**(said | {"body": cast.police} | told)), by=cast.clerk, at=at)
    return fresh(found)


def answered(cast: Cast, found: Monitor | None = None, **told) -> Monitor:
    """The body said on Wednesday that it takes it up."""
    found = found or at_body(cast)
    said = {"received_on": WEDNESDAY.date(), "taken_up": True, "by": cast.clerk, "at": WEDNESDAY}
    agency.receive_notice(found, **(said | told))
    return fresh(found)


def decided(cast: Cast, found: Monitor | None = None, **told) -> Monitor:
    """The body decided on Wednesday."""
    found = found or at_body(cast)
    said = {"received_on": WEDNESDAY.date(), "answer": "不予支持", "number": "鲁公信复〔2026〕5号"}
    agency.receive_opinion(found, **({"by": cast.clerk, "at": WEDNESDAY} | said | told))
    return fresh(found)


def heard(cast: Cast, found: Monitor | None = None, **told) -> Monitor:
    """She was told on Wednesday."""
    found = found or decided(cast)
    said = {"told_on": WEDNESDAY.date(), "way": VisitWay.MEET, "view": "她不服"}
    agency.tell_principal(found, **(said | {"by": cast.clerk, "at": WEDNESDAY} | told))
    return fresh(found)


def reviewed(cast: Cast, found: Monitor | None = None, **told) -> Monitor:
    """Review asked for on Wednesday."""
    found = found or heard(cast)
    said = {"asked_on": WEDNESDAY.date(), "recheck": False, "words": "向市公安局申请", "by": cast.clerk}
    agency.ask_review(found, **(said | {"at": WEDNESDAY} | told))
    return fresh(found)
