"""Django's admin, for the system administrator only: code lists. No case is ever registered here."""

from django.contrib import admin

from cases.models import CodeItem


@admin.register(CodeItem)
class CodeItemAdmin(admin.ModelAdmin[CodeItem]):
    list_display = ("code_set", "code", "name", "parent", "sort", "enabled")
    list_filter = ("code_set", "enabled")
    search_fields = ("code", "name")

    def has_delete_permission(self, request: object, obj: CodeItem | None = None) -> bool:
        """Codes in use are switched off, never deleted."""
        return False
