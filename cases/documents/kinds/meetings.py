"""Papers of the joint conference. They name no party: items are written for the meeting without names."""

from typing import Any

from cases.choices import DocType, MeetingStatus, Presence
from cases.documents.kinds.about import About, DocKind, Of, told_day, told_moment
from cases.documents.layout import Free, Head, Layout, Look, Para, Rows, Seal, When
from cases.models import AgendaItem, Attendance, Meeting


def _meeting(about: About) -> Meeting:
    assert about.meeting is not None  # noqa: S101 – by the table of kinds
    return about.meeting


def _bodies(meeting: Meeting) -> list[Attendance]:
    found = Attendance.objects.filter(meeting=meeting).select_related("organisation")
    return list(found.order_by("organisation__department__sort", "organisation__name", "pk"))


def _items(meeting: Meeting) -> list[AgendaItem]:
    found = AgendaItem.objects.filter(meeting=meeting).select_related("proposed_unit")
    return list(found.order_by("sort", "pk"))


def _base(about: About) -> dict[str, Any]:
    meeting = _meeting(about)
    return {
        "meeting": meeting.title,
        "kind": meeting.get_kind_display(),
        "host": meeting.host.name,
        "time": told_moment(meeting.held_at),
        "place": meeting.place,
        "chair": meeting.chair or "　",
    }


def _notice(about: About) -> dict[str, Any]:
    meeting = _meeting(about)
    items = [
        f"{n}. {item.title}（{item.proposed_unit.name}提出）" for n, item in enumerate(_items(meeting), 1)
    ]
    return _base(about) | {
        "bodies": "、".join(row.organisation.name for row in _bodies(meeting)),
        "items": "\n".join(items) or "会前另行通知。",
        "phone": meeting.host.phone or "　　　　　　",
    }


def _agenda(about: About) -> dict[str, Any]:
    rows = [
        {
            "n": str(n),
            "title": item.title,
            "brief": item.brief,
            "asks": item.asks,
            "unit": item.proposed_unit.name,
        }
        for n, item in enumerate(_items(_meeting(about)), 1)
    ]
    return _base(about) | {"agenda": rows}


def _minutes(about: About) -> dict[str, Any]:
    meeting = _meeting(about)
    said = {presence: [] for presence in Presence}  # type: dict[str, list[str]]
    for row in _bodies(meeting):
        said[row.presence].append(row.organisation.name + (f"（{row.persons}）" if row.persons else ""))
    return _base(about) | {
        "minutes": meeting.minutes,
        "present": "，".join(said[Presence.PRESENT]),
        "excused": "，".join(said[Presence.EXCUSED]),
        "day": told_day(meeting.minuted_at),
        "printed": "（已印发）" if meeting.status == MeetingStatus.MINUTED else "",
    }


MEETINGS = {
    DocType.MEETING_NOTICE: DocKind(
        Layout(
            "关于召开{meeting}的通知",
            (
                Para("定于{time}在{place}召开{meeting}（{kind}）。现将有关事项通知如下："),
                Head("一、会议议题"),
                Free("items", "议题"),
                Head("二、参会人员"),
                Para("各单位分管负责人、联络员各1名。不能到会的，请会前说明原因。"),
                Head("三、有关要求"),
                Para("会议材料涉及个人情况，请注意保密，会后交回。联系电话：{phone}。"),
                Seal(),
            ),
            addressee="{bodies}",
            also=("host", "chair"),
        ),
        _notice,
        Of.MEETING,
    ),
    DocType.MEETING_AGENDA: DocKind(
        Layout(
            "{meeting}议题单",
            (
                Para("时间：{time}　地点：{place}　主持人：{chair}"),
                Rows(
                    "agenda",
                    (
                        ("n", "序", 6),
                        ("title", "议题", 24),
                        ("brief", "情况（隐去姓名）", 32),
                        ("asks", "提请会议解决", 22),
                        ("unit", "提出单位", 16),
                    ),
                ),
                Para("（会后交回）"),
            ),
            Look.FORM,
            also=("host", "kind"),
        ),
        _agenda,
        Of.MEETING,
        numbered=False,
    ),
    DocType.MEETING_MINUTES: DocKind(
        Layout(
            "{meeting}纪要",
            (
                Free("minutes", "纪要正文", 14),
                When("present", (Para("出席：{present}。"),)),
                When("excused", (Para("请假：{excused}。"),)),
                Para("{day}"),
            ),
            Look.MINUTES,
            also=("host", "kind", "time", "place", "chair", "printed"),
        ),
        _minutes,
        Of.MEETING,
    ),
}
