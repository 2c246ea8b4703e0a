"""The system administrator's verbs: the ways out of the house, and what would not go out."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from cases.choices import DeliveryStatus, OutletKind
from cases.models import Delivery, Outlet
from cases.outlets import forget_outlets
from stations.models import Organisation, Staff


class NameTaken(Exception):
    """The unit has an outlet of that kind and name; the message is a sentence for the page."""


def add_outlet(
    organisation: Organisation,
    kind: OutletKind,
    name: str,
    address: str,
    secret: str,
    *,
    by: Staff,
    at: datetime,
) -> Outlet:
    """Raises NameTaken."""
    outlet = Outlet(
        organisation=organisation,
        kind=kind,
        name=name,
        address=address,
        secret=secret,
        made_by=by,
        made_at=at,
    )
    return _save(outlet)


def change_outlet(outlet: Outlet, name: str, address: str, secret: str, *, by: Staff, at: datetime) -> Outlet:
    """An empty address or secret leaves the stored one: it is shown to nobody, so nobody can type it again.

    A webhook sends its secret along: a new address gets only the one typed with it.
    Raises NameTaken.
    """
    outlet.name, outlet.made_by, outlet.made_at = name, by, at
    if address and address != outlet.address and outlet.kind == OutletKind.WEBHOOK:
        outlet.secret = ""
    outlet.address = address or outlet.address
    outlet.secret = secret or outlet.secret
    return _save(outlet)


def _save(outlet: Outlet) -> Outlet:
    try:
        with transaction.atomic():
            outlet.save()
    except IntegrityError:
        raise NameTaken("这个单位已有同一种、同名的渠道，请换一个名称。") from None
    forget_outlets()
    return outlet


@transaction.atomic
def switch_outlet(outlet: Outlet, *, active: bool, by: Staff, at: datetime) -> None:
    """What still waits for an outlet that is switched off is given up when its turn comes."""
    Outlet.objects.filter(pk=outlet.pk).update(active=active, made_by=by, made_at=at)
    forget_outlets()


@transaction.atomic
def send_again(chosen: Collection[int] | None, *, at: datetime) -> int:
    """Let dead deliveries begin anew, all or those chosen; return how many. An outlet that is off stays silent."""
    dead = _dead(chosen).filter(Q(outlet=None) | Q(outlet__active=True))
    return dead.update(status=DeliveryStatus.WAITING, next_at=at, tries=0)


@transaction.atomic
def give_up(chosen: Collection[int] | None) -> int:
    """Their recipients find the notices in the inbox, as ever."""
    return _dead(chosen).update(status=DeliveryStatus.GIVEN_UP)


def _dead(chosen: Collection[int] | None) -> QuerySet[Delivery]:
    dead = Delivery.objects.dead()
    return dead if chosen is None else dead.filter(pk__in=chosen)
