"""Django's admin, for the system administrator only: code lists. No case is ever registered here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from cases.models import CodeItem, CodeSet
from cases.workflow.danger import ITEMS


class CodeItemForm(forms.ModelForm):
    """A question of the danger scale may be worded anew, not left out: the thresholds count on all of them."""

    def clean_enabled(self) -> bool:
        enabled = bool(self.cleaned_data["enabled"])
        row = self.instance
        if row.pk and not enabled and row.code_set == CodeSet.DANGER_ITEM and row.code in ITEMS:
            raise forms.ValidationError("危险评估的问题可以改写，不能停用：少问一项，危险就会评低。")
        return enabled


@admin.register(CodeItem)
class CodeItemAdmin(admin.ModelAdmin):
    list_display = ("code_set", "code", "name", "parent", "sort", "enabled")
    list_filter = ("code_set", "enabled")
    search_fields = ("code", "name")
    form = CodeItemForm

    def get_readonly_fields(self, request: HttpRequest, obj: CodeItem | None = None) -> tuple[str, ...]:
        """Cases hold the code: under another one they would be lost."""
        return ("code_set", "code") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Codes in use are switched off, never deleted."""
        return False
