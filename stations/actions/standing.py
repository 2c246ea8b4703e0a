"""What a station says of itself, what it is named, and who helps it."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from stations.choices import AdminLevel
from stations.models import Activity, Honour, Organisation, Staff, StationFacts, Volunteer, VolunteerService

# What the letters, slips and lists of the house read of a station.
SHARED = ("address", "phone", "hours")
MOVED_ON = "同事刚刚改过这里，请先看看最新情况；您填写的内容还在，仍要保存请再按一次。"


class MovedOn(Exception):
    """A colleague saved meanwhile. The message is fit for the screen."""


class Refused(Exception):
    """It cannot be kept like this. The message is fit for the screen."""


@transaction.atomic
def keep_facts(
    station: Organisation, *, last: StationFacts | None, by: Staff, at: datetime, **facts: Any
) -> StationFacts:
    """Write the station's facts as a further version, after the one the page was drawn from.

    Raises MovedOn.
    """
    Organisation.objects.select_for_update().get(pk=station.pk)
    current = StationFacts.objects.filter(station=station, current=True)
    if (last and last.pk) != current.values_list("pk", flat=True).first():
        raise MovedOn(MOVED_ON)
    current.update(current=False)
    for name in SHARED:
        setattr(station, name, facts[name])
    station.save(update_fields=list(SHARED))
    return StationFacts.objects.create(station=station, by=by, at=at, **facts)


@transaction.atomic
def keep_volunteer(
    volunteer: Volunteer | None,
    *,
    station: Organisation,
    shared_with: Collection[Organisation],
    by: Staff,
    at: datetime,
    offered: Collection[Organisation] = (),
    seen: int | None = None,
    **told: Any,
) -> Volunteer:
    """Take somebody in, or change what is known of her, as the page of version `seen` shows it. Of the stations `offered`
    she serves those in `shared_with`, and none of the others any more.

    Raises Refused when her account is somebody else's meanwhile; MovedOn.
    """
    if account := told.get("staff"):
        Staff.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
        holder = Volunteer.objects.filter(staff=account).first()
        if holder is not None and holder != volunteer:
            raise Refused("这个账号刚刚已登记给别的志愿者，请另选一个。")
    if volunteer is None:
        volunteer = Volunteer(by=by, at=at)
        stays: list[Organisation] = []
    else:
        latest = Volunteer.objects.select_for_update(of=("self",), no_key=True).get(pk=volunteer.pk)
        if latest.version != seen:
            raise MovedOn(MOVED_ON)
        volunteer.version = latest.version + 1
        stays = [one for one in volunteer.stations.all() if one not in offered]
    for name, value in told.items():
        setattr(volunteer, name, value)
    volunteer.save()
    volunteer.stations.set({station, *stays, *shared_with})
    return volunteer


def record_service(
    volunteer: Volunteer,
    *,
    station: Organisation,
    on: date,
    kind: str,
    persons: int,
    hours: Decimal,
    by: Staff,
    at: datetime,
) -> VolunteerService:
    return VolunteerService.objects.create(
        volunteer=volunteer, station=station, on=on, kind=kind, persons=persons, hours=hours, by=by, at=at
    )


def record_activity(station: Organisation, *, by: Staff, at: datetime, **told: Any) -> Activity:
    return Activity.objects.create(station=station, by=by, at=at, **told)


@transaction.atomic
def name_station(station: Organisation, *, by: Staff, at: datetime, **told: Any) -> Honour:
    """Raises Refused where it is named so already, without end."""
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=station.pk)
    lasting = Honour.objects.filter(station=station, kind=told["kind"], withdrawn_on=None, valid_to=None)
    if not told.get("valid_to") and lasting.exists():
        raise Refused("这个名称已经记过，长期有效。要换文号，先撤销原来的。")
    honour = Honour.objects.create(
        station=station, named_by=by.organisation.level if by.organisation else "", by=by, at=at, **told
    )
    Organisation.objects.filter(pk=station.pk).update(grade=honour.kind)
    return honour


@transaction.atomic
def withdraw_honour(honour: Honour, *, on: date, why: str, by: Staff) -> bool:
    """Take it back by a paper of that day; whether it was still there to be taken.

    Raises Refused to whom stands below the federation that gave it.
    """
    own = by.organisation
    if honour.named_by and (own is None or own.level < AdminLevel(honour.named_by)):
        raise Refused("上级命名的，由上级撤销。")
    taken = Honour.objects.filter(pk=honour.pk, withdrawn_on=None).update(withdrawn_on=on, withdrawn_by=by)
    if not taken:
        return False
    honour.refresh_from_db()
    honour.withdrawn_why = why
    honour.save(update_fields=["withdrawn_why"])
    left = Honour.objects.filter(station=honour.station_id).holding(on).order_by("-valid_from", "pk").first()
    Organisation.objects.filter(pk=honour.station_id).update(grade=left.kind if left else "")
    return True
