"""Two people at the same moment in the joint conference, with real transactions: one wins, the other is told."""

from cases.actions import conference, conference_task
from cases.choices import ItemStatus, TaskStatus
from cases.models import AgendaItem, Case, MovedOn, Task
from cases.workflow import StepNotAllowed
from tests.cases import room
from tests.cases.test_races import at_once, refusals
from tests.cast import MONDAY
from tests.factories import make_case

FRIDAY = MONDAY + 4 * room.DAY


def test_one_of_two_screens_an_item(live_cast):
    cast = live_cast
    item = room.propose(cast)
    mine, yours = (AgendaItem.objects.select_related("host").get(pk=item.pk) for _ in range(2))

    results = at_once(
        lambda: conference.screen_item(mine, opinion="同意", by=cast.conference, at=MONDAY),
        lambda: conference.decline_item(yours, opinion="不列入", by=cast.conference, at=MONDAY),
    )

    assert [type(refusal) for refusal in refusals(results)] == [MovedOn]
    kept = AgendaItem.objects.get()
    assert (kept.version, kept.status) in {(2, ItemStatus.SCREENED), (2, ItemStatus.DECLINED)}


def test_a_case_comes_before_the_conference_once(live_cast):
    cast = live_cast
    case = make_case(cast, "HANDLING")
    copies = [Case.objects.select_related("holder", "owner").get(pk=case.pk) for _ in range(2)]

    results = at_once(*(lambda copy=copy: room.propose(cast, copy) for copy in copies))

    assert [str(refusal)[:12] for refusal in refusals(results)] == ["这件案件已有议题在等联席"]
    assert AgendaItem.objects.count() == 1


def test_a_task_is_written_off_or_sent_back(live_cast):
    cast = live_cast
    task = room.decided(cast, make_case(cast, "HANDLING"))
    room.report(cast, task)
    mine, yours = (room.task_of(task.resolution, task.unit) for _ in range(2))

    results = at_once(
        lambda: conference_task.write_off_task(mine, opinion="好", by=cast.conference, at=FRIDAY),
        lambda: conference_task.return_report(yours, opinion="补", by=cast.conference, at=FRIDAY),
    )

    refused = refusals(results)
    assert len(refused) == 1
    assert isinstance(refused[0], StepNotAllowed)
    kept = Task.objects.get(pk=task.pk)
    accepted = kept.reports.get().accepted
    assert (kept.status, accepted) in {(TaskStatus.ACCEPTED, True), (TaskStatus.ASSIGNED, False)}
    assert kept.clocks.live().exists() == (kept.status == TaskStatus.ASSIGNED)
