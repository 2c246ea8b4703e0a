"""The pages of the joint conference, as the office, the federation and a member unit use them."""

import pytest
from django.urls import reverse

from cases.models import AgendaItem, Meeting, Task
from tests.cases import room
from tests.cast import login
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def test_every_page_opens(cast, client):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    item, found = task.resolution.item, task.resolution.item.meeting
    for who in (cast.conference, cast.officer, cast.leader, cast.liaison):
        login(client, who)
        for show in ("", "tasks", "items", "meetings"):
            assert client.get(reverse("conference"), {"show": show}).status_code == 200
        for name, pk in (("agenda_item", item.pk), ("meeting", found.pk), ("conference_task", task.pk)):
            assert client.get(reverse(name, args=[pk])).status_code == 200
        for paper in ("notice", "agenda"):
            assert client.get(reverse("meeting_print", args=[found.pk, paper])).status_code == 200
    login(client, cast.officer)
    assert client.get(reverse("agenda_propose", args=[case.number])).status_code == 200
    assert client.get(reverse("meeting_pack", args=[found.pk])).status_code == 200
    login(client, cast.conference)
    for url in ("conference_members", "meeting_new", "agenda_new"):
        assert client.get(reverse(url)).status_code == 200
    for step in ("hold", "change", "cancel", "attend", "minute"):
        assert client.get(reverse("meeting_step", args=[found.pk, step])).status_code == 200
    for step in ("screen", "resolve", "note", "take-off", "decline"):
        assert client.get(reverse("agenda_step", args=[item.pk, step])).status_code == 200
    for step in ("report", "ask", "return", "write-off", "extend", "keep-term", "escalate"):
        assert client.get(reverse("conference_task_step", args=[task.pk, step])).status_code == 200
