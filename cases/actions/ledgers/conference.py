"""The ledger of the joint conference: each unit's share of each resolution."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from cases.actions.ledgers.ledger import Entry, Ledger, Read, Scope, day, joined
from cases.choices import Presence, TaskStatus
from cases.deadlines import CHINA, china_date, last_day
from cases.models import Attendance, Task, TaskReport
from stations.models import Staff
from stations.roles import Permission
from weiquan.masking import HIDDEN

MEETING = "resolution__item__meeting"


def tasks(user: Staff, scope: Scope) -> QuerySet[Task]:
    came = Attendance.objects.select_related("organisation").order_by("organisation__region_id", "pk")
    told = TaskReport.objects.filter(asks_days=None).order_by("at", "pk")
    return (
        Task.objects.visible_to(user)
        .filter(resolution__item__host__in=scope.units)
        .select_related(MEETING, "resolution__item__case", "unit")
        .prefetch_related(
            Prefetch(f"{MEETING}__attendance", came, to_attr="came"),
            Prefetch("reports", told, to_attr="told"),
        )
    )


def _about_a_case(title: str, read: Read, width: float) -> Entry:
    """What the conference said of somebody's case is opened like her own words; what concerns none is not."""

    def masked(row: Any) -> Any:
        told = read(row)
        return HIDDEN if told and row.resolution.item.case_id else told

    return Entry(title, read, width=width, masked=masked)


def _meeting(row: Any) -> Any:
    return row.resolution.item.meeting


def _when_and_where(row: Any) -> str:
    meeting = _meeting(row)
    return f"{meeting.held_at.astimezone(CHINA):%Y-%m-%d %H:%M} {meeting.place}"


def _came(row: Any) -> str:
    there = [one for one in _meeting(row).came if one.presence in (Presence.PRESENT, Presence.INVITED)]
    return joined(one.organisation.name for one in there)


def _done(row: Any) -> str:
    if not row.told:
        return row.get_status_display()
    return "；".join(f"{china_date(one.at).isoformat()} {one.text}" for one in row.told)


def _written_off(row: Any) -> Any:
    return china_date(row.ended_at) if row.status == TaskStatus.ACCEPTED else None


CONFERENCE = Ledger(
    code="CONFERENCE",
    name="维权联席会议台账",
    basis="维权联席会议制度",
    moment=f"{MEETING}__held_at",
    rows=tasks,
    case_of=lambda row: row.resolution.item.case,
    open_to=lambda user: user.may(Permission.CONFERENCE_READ),
    entries=(
        Entry("届次", lambda row: _meeting(row).title, width=24),
        Entry("时间地点", _when_and_where, width=26),
        Entry("主持", lambda row: _meeting(row).chair, width=12),
        Entry("参会单位", _came, width=30),
        _about_a_case("议题", lambda row: row.resolution.item.title, 26),
        _about_a_case("议定事项", lambda row: row.resolution.content, 36),
        Entry("责任单位", lambda row: f"{row.unit.name}（{row.get_part_display()}）", width=22),
        day("时限", lambda row: last_day(row.due_at)),
        _about_a_case("落实", _done, 36),
        day("销号", _written_off),
    ),
)
