"""Whose case it is: who may own one, and how the rows that say since when are moved."""

from datetime import datetime

from cases.choices import Part
from cases.models import Case, Holding
from cases.models.guarding import barred_from
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission


class CannotOwn(StepNotAllowed):
    """The person proposed may not own this case."""


def check_owner(staff: Staff, unit: Organisation, case: Case) -> None:
    """An owner may own cases of the unit that holds this one, and is not kept away from it.

    Raises CannotOwn.
    """
    check_can_own(staff, unit)
    check_not_barred(case, staff)


def check_can_own(staff: Staff, unit: Organisation) -> None:
    """An owner works in that unit, is in service and may handle cases.

    Raises CannotOwn.
    """
    if staff.organisation_id != unit.pk or not staff.may(Permission.CASE_HANDLE):
        raise CannotOwn(f"{staff.name}不在{unit.name}承办案件，请另选承办人。")


def check_not_barred(case: Case, *people: Staff | None) -> None:
    """Nobody who steps back or is kept away gets a part in the case.

    Raises CannotOwn.
    """
    barred = barred_from(case.pk)
    if refused := [person.name for person in people if person is not None and person in barred]:
        raise CannotOwn(f"{'、'.join(refused)}不能参与这件案件（回避或屏蔽），请另选他人。")


def check_unit_not_barred(case: Case, *units: Organisation) -> None:
    """Nothing of a case reaches the unit it is about. Source: 信访工作条例 (2022) 第30条第3款.

    Raises StepNotAllowed.
    """
    barred = barred_from(case.pk).units
    if refused := [unit.name for unit in units if unit.pk in barred]:
        raise StepNotAllowed(f"{'、'.join(refused)}须回避这件案件，不能把材料和情况转给它，请另选单位。")


def hand_over(
    case: Case, *, to_unit: Organisation, to: Staff, at: datetime, leave_as: Part | None = None
) -> None:
    """Close the open ownership and open the next one; the former owner may stay on as assistant or co-owner.

    The columns on the case row move in `advance`; these rows keep since when.
    """
    former = list(case.holdings.filter(until_at=None, part=Part.OWNER))
    if any(row.staff_id == to.pk and row.organisation_id == to_unit.pk for row in former):
        return
    case.holdings.filter(until_at=None, part=Part.OWNER).update(until_at=at)
    case.holdings.filter(until_at=None, staff=to).update(until_at=at)
    rows = [
        Holding(case=case, organisation=to_unit, staff=to, level=to_unit.level, part=Part.OWNER, since_at=at)
    ]
    if leave_as:
        rows += [
            Holding(
                case=case,
                organisation_id=row.organisation_id,
                staff_id=row.staff_id,
                level=row.level,
                part=leave_as,
                since_at=at,
            )
            for row in former
        ]
    Holding.objects.bulk_create(rows)


def upper_units(unit: Organisation) -> list[Organisation]:
    """Where a case may go up to from `unit`, the next level first; every higher one skips a level (越级)."""
    prefixes = {
        AdminLevel.TOWNSHIP: f"{unit.township_code:0<12}" if unit.township_code else "",
        AdminLevel.COUNTY: f"{unit.county_code:0<12}" if unit.county_code else "",
        AdminLevel.CITY: f"{unit.region_id[:4]:0<12}",
    }
    codes = [code for level, code in prefixes.items() if code and level.rank > unit.level.rank]
    units = Organisation.objects.filter(
        region_id__in=codes, kind__in=(OrgKind.STATION, OrgKind.FEDERATION), active=True
    ).select_related("region")
    return sorted(units, key=lambda found: found.level.rank)


def units_above(case: Case) -> list[Organisation]:
    """Where this case may go up to: the unit it is about is passed over."""
    barred = barred_from(case.pk).units
    return [unit for unit in upper_units(case.holder) if unit.pk not in barred]
