"""What the case page asks for every case, each put together once and in the columns that are shown."""

from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Coalesce

from cases.models import (
    Clock,
    Closure,
    Event,
    HandlingRecord,
    Party,
    PetitionerNotice,
    Statement,
)
from weiquan.prepared import Prepared

NO_CASE = UUID(int=0)

# Newest first.
EVENTS = Prepared(
    lambda case: (
        Event.objects.filter(case=case)
        .order_by("-seq")
        .values_list(
            "at",
            "step",
            "from_status",
            "to_status",
            "by__name",
            "unit_id",
            "unit__name",
            "note__pk",
            "note__text",
            named=True,
        )
    ),
    sample=NO_CASE,
)
# A row a phone.
PEOPLE = Prepared(
    lambda case: (
        Party.objects.filter(case=case)
        .order_by("position", "pk", "person__phones__pk")
        .values_list(
            "pk",
            "role",
            "relation",
            "age_band",
            "person_id",
            "person__name",
            "person__id_number",
            "person__phones__pk",
            "person__phones__number",
            "person__phones__safety",
            "person__phones__hide_caller",
            named=True,
        )
    ),
    sample=NO_CASE,
)
CLOCKS = Prepared(
    lambda case: (
        Clock.objects.filter(case=case)
        .annotate(
            whose=Coalesce(
                "referral__department__name", "supervision__target__name", "task__unit__name", Value("")
            )
        )
        .order_by("effective_due", "id")
    ),
    sample=NO_CASE,
)
# Corrected ones left out.
STATEMENTS = Prepared(
    lambda case: (
        Statement.objects.filter(case=case, corrected_by=None)
        .select_related("contact__received_by")
        .only(
            "facts",
            "demand",
            "place",
            "handled_before",
            "corrects_id",
            "contact__received_at",
            "contact__channel",
            "contact__persons",
            "contact__companions",
            "contact__source_unit",
            "contact__source_number",
            "contact__received_by__name",
        )
        .order_by("contact__received_at", "at")
    ),
    sample=NO_CASE,
)
RECORDS = Prepared(
    lambda case: (
        HandlingRecord.objects.filter(case=case)
        .select_related("by", "unit")
        .only("happened_at", "method", "content", "result", "persons", "service", "by__name", "unit__name")
        .order_by("-happened_at", "-pk")
    ),
    sample=NO_CASE,
)
NOTICES = Prepared(
    lambda case: (
        PetitionerNotice.objects.filter(case=case)
        .only("doc_type", "number", "way", "delivered_on")
        .order_by("-made_at")
    ),
    sample=NO_CASE,
)
CLOSURES = Prepared(lambda case: Closure.objects.filter(case=case).order_by("-proposed_at"), sample=NO_CASE)
