"""What a department sees of a referral, and not a word more: the extract, its own clocks, its own answers."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cases.choices import (
    ClockStatus,
    DangerLevel,
    ExtractField,
    FeedbackWay,
    ReferralStatus,
    ReferralStep,
)
from cases.models import CodeSet, Feedback, Referral, code_names
from cases.permissions import referral_steps_open_to
from cases.views.access import log_access
from cases.views.casefile import clock_card
from cases.views.referral_list import PARTNER_TURN, duties, kind_word
from cases.views.rows import due_badge
from cases.workflow.danger import NOT_FACE_TO_FACE
from stations.http import StaffRequest

# Pressed on the page itself: nothing to fill in.
AT_ONCE = (ReferralStep.SIGN, ReferralStep.CONFIRM)
FIRST = (ReferralStep.SIGN, ReferralStep.CONFIRM, ReferralStep.ANSWER)
STEP_WORDS: dict[str, str] = {
    ReferralStep.SIGN: "签收",
    ReferralStep.OBJECT: "不属我部门，提出异议",
    ReferralStep.START: "确定承办人，开始办理",
    ReferralStep.INTERIM: "反馈进展",
    ReferralStep.ANSWER: "反馈结果",
    ReferralStep.CONFIRM: "确认结果",
}


def step_slug(step: ReferralStep) -> str:
    return step.lower().replace("_", "-")


def partner_page(request: StaffRequest, referral: Referral) -> HttpResponse:
    """Draw the referral for its department and write down that it was read."""
    at = timezone.now()
    log_access(request.user, referral.case, at=at, referral=referral)
    steps = referral_steps_open_to(request.user, referral)
    may_object_until = _objection_ends(referral, at)
    if may_object_until is None:
        steps = tuple(step for step in steps if step is not ReferralStep.OBJECT)
    first = next((step for step in FIRST if step in steps), None)
    context = sheet(referral) | {
        "turn": PARTNER_TURN[referral.status],
        "due": due_of(referral, at),
        "clocks": clock_cards(referral, at),
        "first": _button(first) if first else None,
        "buttons": [_button(step) for step in steps if step is not first],
        "needs_leader": referral.status == ReferralStatus.ANSWERED and ReferralStep.CONFIRM not in steps,
        "may_object_until": may_object_until if ReferralStep.OBJECT in steps else None,
    }
    return render(request, "referrals/partner.html", context)


def sheet(referral: Referral) -> dict[str, Any]:
    """The facts of a referral that its department may know; pages and papers for it are drawn from these alone."""
    return {
        "referral": referral,
        "kind": kind_word(referral),
        "extract": [] if referral.withheld_at else extract_rows(referral.extract),
        "withheld": referral.withheld_at is not None,
        "danger": NOT_FACE_TO_FACE if referral.case.danger == DangerLevel.HIGH else "",
        "sender": referral.from_org,
        "sender_name": referral.sent_by.name,
        "sender_phone": referral.sent_by.phone or referral.from_org.phone,
        "answers": answers(referral),
    }


def extract_rows(extract: dict[str, str]) -> list[dict[str, Any]]:
    """Label and text of what goes along, in the order of the list of fields."""
    stories = (ExtractField.FACTS, ExtractField.DEMAND, ExtractField.HANDLED_BEFORE)
    return [
        {
            "label": field.label.partition("（")[0],
            "value": extract[field],
            "story": field in stories,
            "field": field,
        }
        for field in ExtractField
        if field in extract
    ]


def answers(referral: Referral) -> list[dict[str, Any]]:
    """What the department said, newest first, with the results in words."""
    names = code_names(CodeSet.REFERRAL_RESULT)
    found = referral.feedback.select_related("by__organisation", "confirmed_by").order_by("-at", "-pk")
    return [
        {
            "said": feedback,
            "result": names.get(feedback.result, feedback.result),
            "who": _who(feedback, referral),
            "confirmed": _confirmed(feedback),
        }
        for feedback in found
    ]


def _who(feedback: Feedback, referral: Referral) -> str:
    """Who answered: never one of our people, who only keyed it in."""
    if feedback.answered_by_name:
        return feedback.answered_by_name
    by = feedback.by
    return by.name if by and by.organisation_id == referral.department_id else ""


def _confirmed(feedback: Feedback) -> str:
    if not feedback.result:
        return ""
    if feedback.confirmed_at is None:
        return "待部门领导确认"
    if feedback.way != FeedbackWay.ACCOUNT:
        return "以盖章或署名为准，视为已确认"
    if feedback.confirmed_by is None:
        return "部门未设领导账号，视为已确认"
    return f"{feedback.confirmed_by.name}已确认"


def due_of(referral: Referral, at: datetime) -> Any:
    clock = duties(referral.clocks.all()).first()
    return due_badge(clock.effective_due, at, provisional=clock.provisional) if clock else ""


def clock_cards(referral: Referral, at: datetime) -> list[dict[str, Any]]:
    """The periods of this referral, running ones first; cancelled ones explain nothing any more."""
    clocks = referral.clocks.exclude(status=ClockStatus.CANCELLED).select_related("rule")
    cards = [clock_card(clock, at) for clock in clocks.order_by("effective_due", "id")]
    return sorted(cards, key=lambda card: (not card["live"], card["order"]))


def _objection_ends(referral: Referral, at: datetime) -> Any:
    """The last day to object, while there is one."""
    clock = referral.clocks.filter(code="XF-OBJECT", status=ClockStatus.RUNNING, effective_due__gt=at).first()
    return clock.last_day if clock else None


def _button(step: ReferralStep) -> dict[str, Any]:
    return {"label": STEP_WORDS[step], "slug": step_slug(step), "at_once": step in AT_ONCE}
