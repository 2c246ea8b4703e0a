"""The joint conference of the county in any state, brought there by its own verbs."""

from datetime import date, datetime, timedelta
from typing import Any

from cases.actions import conference, conference_task, instruction, meeting
from cases.actions.meeting import Came, Plan
from cases.choices import InstructionKind, MeetingType, MemberPart, Presence
from cases.models import AgendaItem, Case, Instruction, Meeting, Resolution, Task, TaskReport
from stations.models import Organisation, Staff
from tests.cast import MONDAY, Cast

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TERM = date(2026, 12, 18)
BRIEF = "信访人多次遭受家庭暴力，公安机关未出具告诫书。"


def fill_members(cast: Cast) -> None:
    """Police (with its liaison named), court and civil affairs belong to the county's conference."""
    for unit, liaison in ((cast.police, cast.liaison), (cast.court, None), (cast.civil, None)):
        conference.add_member(
            cast.county,
            organisation=unit,
            part=MemberPart.MEMBER,
            since_on=date(2026, 1, 5),
            liaison=liaison,
        )


def propose(cast: Cast, case: Case | None = None, *, by: Staff | None = None, **told: Any) -> AgendaItem:
    words = {"title": "一起家暴案件的协调处理", "brief": BRIEF, "asks": "请公安机关出具告诫书。"} | told
    at = words.pop("at", MONDAY)
    host = words.pop("host", cast.county)
    return conference.propose_item(host, case=case, by=by or cast.officer, at=at, **words)


def screened(cast: Cast, case: Case | None = None, **told: Any) -> AgendaItem:
    item = propose(cast, case, **told)
    conference.screen_item(item, opinion="同意", by=cast.conference, at=item.proposed_at + HOUR)
    return item


def plan(
    items: list[AgendaItem],
    invited: list[Organisation],
    *,
    held_at: datetime = MONDAY + 2 * DAY,
    kind: MeetingType = MeetingType.WORKING,
) -> Plan:
    return Plan(kind, "维权联席会议第四次会议", held_at, "县妇联三楼会议室", invited, items)


def planned(
    cast: Cast,
    items: list[AgendaItem],
    *,
    invited: list[Organisation] | None = None,
    at: datetime = MONDAY + DAY,
    **how: Any,
) -> Meeting:
    units = [cast.police, cast.court] if invited is None else invited
    return meeting.plan_meeting(cast.county, plan(items, units, **how), by=cast.conference, at=at)


def hold(cast: Cast, found: Meeting, *, at: datetime | None = None) -> Meeting:
    came = {row.organisation_id: Came(Presence.PRESENT, "某副局长") for row in found.attendance.all()}
    meeting.hold_meeting(found, chair="县委政法委书记", came=came, by=cast.conference, at=at or found.held_at)
    return found


def held(cast: Cast, items: list[AgendaItem], **how: Any) -> Meeting:
    return hold(cast, planned(cast, items, **how))


def resolve(cast: Cast, item: AgendaItem, *, at: datetime | None = None, **told: Any) -> Resolution:
    item = AgendaItem.objects.select_related("host", "case__owner", "meeting").get(pk=item.pk)
    words: dict[str, Any] = {
        "content": "由公安机关一周内核查并依法出具告诫书。",
        "lead": cast.police,
        "co_units": [cast.court],
        "term_on": TERM,
    }
    moment = at or (item.meeting.held_at + HOUR if item.meeting else MONDAY)
    return meeting.resolve_item(item, **(words | told), by=cast.conference, at=moment)


def task_of(resolution: Resolution, unit: Organisation) -> Task:
    return Task.objects.select_related(
        "unit", "resolution__item__host", "resolution__item__case__owner", "resolution__item__meeting"
    ).get(resolution=resolution, unit=unit)


def decided(cast: Cast, case: Case | None = None) -> Task:
    """A resolution of a meeting held on Wednesday: the task of the police, which leads."""
    fill_members(cast)
    item = screened(cast, case)
    held(cast, [item])
    return task_of(resolve(cast, item), cast.police)


def report(cast: Cast, task: Task, *, by: Staff | None = None, **told: Any) -> TaskReport:
    words = {"text": "已出具告诫书。", "at": MONDAY + 5 * DAY} | told
    return conference_task.report_task(task, by=by or cast.liaison, **words)


def instruct(cast: Cast, case: Case, **told: Any) -> Instruction:
    words: dict[str, Any] = {
        "kind": InstructionKind.INSTRUCTION,
        "leader": "县委副书记某某",
        "text": "请妥善处理，确保人身安全。",
        "given_on": MONDAY.date(),
        "by": cast.officer,
        "at": MONDAY + HOUR,
    }
    return instruction.instruct(case, **(words | told))
