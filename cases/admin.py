"""Django's admin, for the system administrator only: code lists. No case is ever registered here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cases.models import CodeItem


@admin.register(CodeItem)
class CodeItemAdmin(admin.ModelAdmin):
    list_display = ("code_set", "code", "name", "parent", "sort", "enabled")
    list_filter = ("code_set", "enabled")
    search_fields = ("code", "name")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Codes in use are switched off, never deleted."""
        return False
