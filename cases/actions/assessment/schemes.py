"""A scheme is changed by a further version; the rounds that were begun keep theirs."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from cases.models import AssessmentScheme, Indicator
from cases.workflow import StepNotAllowed
from cases.workflow.assessment import Weight
from stations.models import Organisation, Staff

COPIED = ("code", "group", "name", "kind", "rule", "explanation", "source", "sort")


@transaction.atomic
def change_scheme(
    scheme: AssessmentScheme,
    weights: Mapping[str, Weight],
    *,
    year: int,
    federation: Organisation,
    good_from: Decimal,
    pass_from: Decimal,
    reason: str,
    by: Staff,
    at: datetime,
) -> AssessmentScheme:
    """Write the federation's next version for `year`, made from `scheme`: other weights, targets and thresholds.

    Raises StepNotAllowed.
    """
    prefix = federation.region_prefix
    lines = [one for one in scheme.indicators.order_by("sort") if one.is_veto or weights[one.code].weight > 0]
    total = sum((weights[one.code].weight for one in lines if not one.is_veto), Decimal(0))
    if not 0 < pass_from <= good_from <= total:
        raise StepNotAllowed(f"合格线、候选线应依次升高，且不超过总分{total}。")
    mine = AssessmentScheme.objects.select_for_update().filter(year=year, region_prefix=prefix)
    latest = max((one.version for one in mine), default=0)
    mine.filter(in_force=True).update(in_force=False)
    new = AssessmentScheme.objects.create(
        year=year,
        region_prefix=prefix,
        version=latest + 1,
        level=scheme.level,
        total=total,
        good_from=good_from,
        pass_from=pass_from,
        made_by=by,
        made_at=at,
        reason=reason,
    )
    Indicator.objects.bulk_create(_copy(new, one, weights) for one in lines)
    return new


def _copy(scheme: AssessmentScheme, one: Indicator, weights: Mapping[str, Weight]) -> Indicator:
    told = {name: getattr(one, name) for name in COPIED}
    given = Weight(Decimal(0)) if one.is_veto else weights[one.code]
    return Indicator(scheme=scheme, weight=given.weight, target=given.target if one.is_auto else None, **told)
