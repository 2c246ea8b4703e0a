"""Who is one of the few a sealed case is open to."""

from collections.abc import Collection
from uuid import UUID

from cases.models import Case, CaseReader, Holding, Monitor
from stations.models import Staff


def readers_of(cases: Collection[UUID]) -> dict[UUID, set[int]]:
    """The ids of the owner, of whoever holds a part or keeps an open monitor, and of the named readers of each case:
    four queries for all."""
    found: dict[UUID, set[int]] = {pk: set() for pk in cases}
    if found:
        owners = Case.objects.filter(pk__in=found, owner__isnull=False).values_list("pk", "owner")
        parts = Holding.objects.filter(case__in=found, until_at=None).values_list("case", "staff")
        named = CaseReader.objects.filter(case__in=found, until_at=None).values_list("case", "staff")
        kept = Monitor.objects.open().filter(case__in=found).values_list("case", "keeper")
        for case, staff in (*owners, *parts, *named, *kept):
            found[case].add(staff)
    return found


def may_be_told(recipient: Staff, instead_of: Staff | None, readers: set[int]) -> bool:
    """Whether a notice about a sealed case may go to `recipient`: a reader, or whoever stands in for one. A department
    is told of its own referral, by that number, and never learns the other."""
    if recipient.is_partner or recipient.pk in readers:
        return True
    return instead_of is not None and instead_of.pk in readers and instead_of.deputy_id == recipient.pk
