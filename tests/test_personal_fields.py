"""Every field of a case is classified: sealed, or plain and on this list. A new text field fails until somebody decides."""

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from stations.models import Activity, Honour, StationFacts, Volunteer, VolunteerService
from weiquan.sealing import SealedBytesField, SealedJSONField, SealedTextField

# Plain text by decision: codes, numbers of papers, places, and nothing that names a person or tells a story.
PLAIN = {
    "ArchiveContent": {"pdf_sha256", "pdf_sm3", "package_sha256", "package_sm3", "annex_sha256", "annex_sm3"},
    "ArchiveFile": {"number", "fonds"},
    "ArchivePaper": {"doc_number", "sha256", "sm3"},
    "Case": {"number", "county_code", "township_code", "category", "categories", "flags"},
    "Clock": {"code", "skipped", "missed", "next_stage"},
    "ClockRule": {
        *("code", "name", "bound", "law", "article", "trigger", "met_by", "paused_by", "department_kind"),
        *("region_prefix", "reason"),
    },
    "AssessmentScheme": {"region_prefix", "reason"},
    "Indicator": {"code", "name", "explanation", "source"},
    "CodeItem": {"code", "name", "parent"},
    "Consent": {"fields"},
    "Contact": {"source_number"},
    "Counter": {"prefix"},
    "DangerAssessment": {"violence", "protected"},
    "Delivery": {"error"},
    "Disclosure": {"fields"},
    "DocTemplate": {"digest"},
    "Disposal": {"emptied"},
    "Event": {"step", "role", "from_status", "to_status", "facts"},
    "Feedback": {"result", "doc_number"},
    "Fonds": {"number"},
    "Figure": {"place", "measure", "dim"},
    "Handover": {"counts"},
    "Holding": {"part"},
    "IssuedDocument": {"number", "register", "docx_sha256", "docx_sm3", "pdf_sha256", "pdf_sm3"},
    "LedgerExport": {"ledger", "failure"},
    "LedgerImport": {"failure"},
    "MandatoryReport": {"situations", "to"},
    "Meeting": {"place", "minutes_number"},
    "Monitor": {"number"},
    "Notice": {"stage"},
    "OrderApplication": {"measures", "court_number"},
    "Outlet": {"name"},
    "PetitionAgency": {"letter_number", "notice_number", "opinion_number"},
    "Person": {"ethnicity", "education", "marital", "occupation", "characteristics"},
    "PetitionerNotice": {"number"},
    "PromiseCheck": {"found"},
    "ProtectionOrder": {"measures"},
    "Reclass": {"number_before", "number_after"},
    "Redating": {"reason"},
    "ReminderPlan": {"code", "name"},
    "RightLimit": {"code", "name", "text", "categories", "law", "article", "region_prefix"},
    "ServicePlan": {"needs"},
    "Activity": {"place"},
    "Honour": {"document_number"},
    "StationFacts": {"address", "phone", "hours", "rooms", "wall_rules", "has"},
    "SupervisionPaper": {"number", "addressee"},
    "Referral": {"number", "ticked", "partner_number"},
}
# Of the stations' tables those that a station writes by the day; the others hold places, accounts and the calendar.
KEPT_BY_STATIONS = (Activity, Honour, StationFacts, Volunteer, VolunteerService)
TABLES = [*apps.get_app_config("cases").get_models(), *KEPT_BY_STATIONS]


def is_sealed(field: models.Field) -> bool:
    return isinstance(field, SealedTextField | SealedJSONField | SealedBytesField)


def is_open_text(field: models.Field) -> bool:
    """Free for any text: no list of choices holds it."""
    text = isinstance(field, models.CharField | models.TextField | models.JSONField | ArrayField)
    grams = isinstance(field, ArrayField) and isinstance(field.base_field, models.IntegerField)
    return text and not is_sealed(field) and not grams and not field.choices


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_sealed_fields_are_the_personal_ones(table: type[models.Model]) -> None:
    sealed = {field.name for field in table._meta.concrete_fields if is_sealed(field)}

    assert sealed == set(table.PERSONAL)  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_open_text_is_on_the_list(table: type[models.Model]) -> None:
    plain = {field.name for field in table._meta.concrete_fields if is_open_text(field)}

    assert plain == PLAIN.get(table.__name__, set())
