"""A clerk who moves to another post: her work is handed over at once, and her account is closed the same day."""

from datetime import timedelta
from random import Random

from cases.actions.handover import hand_over_all, units_in_charge
from cases.deadlines import china_date
from cases.demo.courses import Course
from cases.demo.lives import OutOfLine, World
from cases.demo.places import LEAVER, LEFT_TOWNSHIP
from cases.demo.stories import word
from stations.actions.accounts import deactivate
from stations.models import Staff
from stations.roles import Role

LEFT_DAYS_AGO = 7


def departure(world: World) -> Course:
    days, station = world.days, world.city.stations[LEFT_TOWNSHIP]
    [head] = world.city.with_role(station, Role.STATION_HEAD)
    stays, leaver = world.city.with_role(station, Role.STATION_CLERK)
    if leaver.username != LEAVER or not units_in_charge(head).filter(pk=station.pk).exists():
        raise OutOfLine(f"{head.username} may not hand over the work of {leaver.username}.")
    at = days.moment(len(days) - LEFT_DAYS_AGO, Random(LEAVER))  # noqa: S311 – the same for everybody
    yield at
    hand_over_all(leaver, stays, by=head, at=at, reason=word("left"))
    yield at + timedelta(minutes=40)
    administrator = Staff.objects.get(username="anquan")
    deactivate(leaver, left_on=china_date(at), by=administrator, at=at + timedelta(minutes=40))
