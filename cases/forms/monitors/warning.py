"""The forms of a warning letter (告诫书)."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.choices import VisitFinding
from cases.forms.fields import DateField, TextField
from cases.forms.monitors.base import NoteForm, OpeningForm, VisitForm
from cases.models import Feedback


class LetterOpeningForm(OpeningForm):
    from_answer = True

    delivered_on = DateField(
        label="送达日期", past=True, help_text="首次查访从送达起七日内，河南妇联也要查访。"
    )
    number = TextField(label="告诫书文号", max_length=60, required=False)
    police_unit = TextField(label="出具单位", max_length=80, required=False)
    issued_on = DateField(label="出具日期", past=True, required=False)
    copy_received = forms.BooleanField(label="已收到抄送给妇联的一份", required=False)
    facts = TextField(label="告诫事由", rows=3, max_length=2000, required=False)

    css = {"facts": "wq-full", "copy_received": "wq-full"}

    def from_feedback(self, feedback: Feedback) -> dict[str, Any]:
        return {
            "number": feedback.doc_number,
            "issued_on": feedback.doc_on,
            "delivered_on": feedback.doc_on,
            "police_unit": feedback.referral.department.name,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        issued, delivered = cleaned.get("issued_on"), cleaned.get("delivered_on")
        if issued and delivered and delivered < issued:
            self.add_error("delivered_on", "送达日期不能早于出具日期。")
        return cleaned


class LetterVisitForm(VisitForm):
    """What was found; violence again has a form of its own, because the police are asked for at once."""

    findings = (VisitFinding.CLEAN, VisitFinding.UNSURE, VisitFinding.UNREACHABLE)
    asks_apart = True


class LetterNoteForm(NoteForm):
    educated_on = DateField(label="对加害人法治教育日期", past=True, required=False)
    copy_received = forms.BooleanField(label="已收到抄送给妇联的一份", required=False)

    def clean_educated_on(self) -> date | None:
        day: date | None = self.cleaned_data["educated_on"]
        if day and day < self.monitor.started_at.date():
            raise ValidationError("教育日期不能早于告诫书送达。")
        return day
