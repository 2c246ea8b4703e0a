"""Change what the law or a promise of ours says: a new version beside the old one, never the row that clocks run on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import forget_rules
from cases.choices import Rung
from cases.models import ClockRule, MovedOn, ReminderPlan, ReminderRung
from cases.workflow import StepNotAllowed
from stations.models import Staff

# What an officer may change. The rest, and above all the code, is what the program knows the rule by.
CHANGEABLE = (
    *("name", "amount", "unit", "bound", "law", "article", "trigger", "met_by", "paused_by", "pausable"),
    *("starts", "plan", "verified"),
)


@transaction.atomic
def change_rule(
    rule: ClockRule,
    *,
    changes: Mapping[str, Any],
    effective_from: datetime,
    reason: str,
    by: Staff,
    at: datetime,
) -> ClockRule:
    """Let a new version bind from `effective_from`; the one before ends there. Running clocks keep theirs.

    Raises StepNotAllowed; MovedOn when somebody else has just made a newer version.
    """
    held = ClockRule.objects.select_for_update().get(pk=rule.pk)
    if ClockRule.objects.newer_than(held).exists():
        raise MovedOn("这条规则刚刚有了新的版本，请看最新的版本后再改，您填写的内容还在。")
    if effective_from <= held.effective_from:
        raise StepNotAllowed("新版本的起用日应晚于现行版本的起用日。")
    if held.effective_to is not None and effective_from < held.effective_to:
        raise StepNotAllowed("新版本的起用日不能早于现行版本的停用日。")
    if held.effective_to is None:
        held.effective_to = effective_from
        held.save(update_fields=["effective_to"])
    return _write(held, held.region_prefix, held.version + 1, changes, effective_from, reason, by, at)


@transaction.atomic
def add_variant(
    rule: ClockRule,
    *,
    region_prefix: str,
    changes: Mapping[str, Any],
    effective_from: datetime,
    reason: str,
    by: Staff,
    at: datetime,
) -> ClockRule:
    """Let a region have a rule of its own, which goes before the wider one there.

    Raises StepNotAllowed when it has one.
    """
    ClockRule.objects.select_for_update().get(pk=rule.pk)
    if not region_prefix.startswith(rule.region_prefix) or region_prefix == rule.region_prefix:
        raise StepNotAllowed("地方规则只能给这条规则适用范围以内的地方定。")
    if ClockRule.objects.filter(code=rule.code, region_prefix=region_prefix).exists():
        raise StepNotAllowed("这个地方已经有自己的规则，请打开那一条修改。")
    return _write(rule, region_prefix, 1, changes, effective_from, reason, by, at)


def _write(
    like: ClockRule,
    region_prefix: str,
    version: int,
    changes: Mapping[str, Any],
    effective_from: datetime,
    reason: str,
    by: Staff,
    at: datetime,
) -> ClockRule:
    fields = {name: getattr(like, name) for name in CHANGEABLE} | {
        name: value for name, value in changes.items() if name in CHANGEABLE
    }
    made = ClockRule.objects.create(
        code=like.code,
        family=like.family,
        topic=like.topic,
        department_kind=like.department_kind,
        region_prefix=region_prefix,
        version=version,
        effective_from=effective_from,
        made_by=by,
        made_at=at,
        reason=reason,
        **fields,
    )
    transaction.on_commit(forget_rules)
    return made


@transaction.atomic
def change_plan(
    plan: ReminderPlan, *, fields: Mapping[str, Any], rungs: Mapping[Rung, int], by: Staff, at: datetime
) -> None:
    """Set how and to whom a kind of clock reminds; each clock follows from its next reminder on."""
    for name, value in ({**fields, "changed_by": by, "changed_at": at}).items():
        setattr(plan, name, value)
    plan.save()
    ReminderRung.objects.filter(plan=plan).exclude(rung__in=rungs).delete()
    for rung, after in rungs.items():
        ReminderRung.objects.update_or_create(plan=plan, rung=rung, defaults={"after": after})
    transaction.on_commit(forget_rules)
