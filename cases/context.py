"""What every page needs: the navigation of the reader's desk and her unread notices."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from cases.models import Notice
from stations.models import Staff
from stations.roles import Permission
from weiquan.prepared import Prepared

MOST_UNREAD = 100
# (label, URL name, permissions of which one is needed)
NAV: tuple[tuple[str, str, tuple[Permission, ...]], ...] = (
    ("案头", "desk", (Permission.CASE_READ, Permission.CASE_READ_ASSIGNED, Permission.CASE_FIGURES)),
    ("审核", "county", (Permission.CASE_REVIEW,)),
    ("新登记", "intake", (Permission.CASE_REGISTER,)),
    ("案件", "worklist", (Permission.CASE_READ, Permission.CASE_READ_ASSIGNED)),
    ("转交", "referrals", (Permission.CASE_REFER, Permission.REFERRAL_READ)),
    ("监测", "monitors", (Permission.CASE_FOLLOW_UP,)),
    ("督办", "supervisions", (Permission.SUPERVISE,)),
    ("联席会议", "conference", (Permission.CONFERENCE_READ,)),
    ("文书", "paper_register", (Permission.CASE_HANDLE, Permission.CONFERENCE_MANAGE)),
    ("台账", "ledgers", (Permission.LEDGER_READ,)),
    ("报表", "reports", (Permission.CASE_FIGURES,)),
    ("档案", "archive", (Permission.ARCHIVE_FILE, Permission.ARCHIVE_APPRAISE)),
    ("维权站", "station_list", (Permission.STATION_FACTS,)),
    ("线外查阅", "reads", (Permission.CASE_ACCEPT,)),
    ("期限规则", "rules", (Permission.RULES_READ,)),
    ("人员", "staff_list", (Permission.STAFF_MANAGE,)),
    ("工作日历", "calendar_now", (Permission.CALENDAR_MANAGE,)),
    ("通知渠道", "outlets", (Permission.OUTLETS_MANAGE,)),
    ("未发出", "deliveries", (Permission.OUTLETS_MANAGE,)),
    ("每夜核查", "promises", (Permission.OUTLETS_MANAGE, Permission.AUDIT_READ)),
    ("破门查看", "break_ins", (Permission.STAFF_MANAGE, Permission.AUDIT_READ)),
    ("查阅与操作记录", "audit", (Permission.AUDIT_READ,)),
)


def desk(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    base = {"demo": settings.DEMO}
    if not isinstance(user, Staff) or not user.is_authenticated:
        return base
    return base | {
        "nav": _nav(user, request.path),
        "unread": _unread(user),
        "hide_search": not user.may(Permission.CASE_SEARCH),
    }


def _nav(user: Staff, path: str) -> list[dict[str, Any]]:
    shown = [
        ("收到的转交" if name == "referrals" and user.is_partner else label, reverse(name))
        for label, name, needed in NAV
        if any(user.may(permission) for permission in needed)
    ]
    if path.startswith(reverse("assessment")):  # reached from the stations
        path = reverse("station_list")
    # Of two addresses that fit, the longer is where the reader is; the desk's own is the root of all.
    here = max(
        (url for _, url in shown if path.startswith(url) and (url != "/" or path == "/")), key=len, default=""
    )
    return [{"label": label, "url": url, "current": url == here} for label, url in shown]


def _unread(user: Staff) -> int:
    """Capped: nobody reads a bigger number."""
    return len(_UNREAD(user.pk))


_UNREAD = Prepared(
    lambda pk: Notice.objects.unread().filter(recipient=pk).still_hers().values_list("pk")[:MOST_UNREAD],
    sample=-1,
)
