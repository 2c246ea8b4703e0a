"""Declare somebody close, or take the declaration back."""

from datetime import datetime
from uuid import UUID

from stations.models import Staff, Tie


def declare_tie(
    staff: Staff, *, kind: str, name: str, at: datetime, id_number: str = "", phone: str = ""
) -> Tie:
    """Keep one declared person of hers. Source: 信访工作条例 (2022) 第28条第3款."""
    return Tie.objects.create(staff=staff, kind=kind, name=name, id_number=id_number, phone=phone, at=at)


def remove_tie(staff: Staff, pk: UUID) -> bool:
    """Take one of hers out; whether there was such a one. No bar that it led to is lifted."""
    found, _ = Tie.objects.filter(pk=pk, staff=staff).delete()
    return bool(found)
