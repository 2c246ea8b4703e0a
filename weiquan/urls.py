"""The URL table. Every name here appears in the access matrix (tests/test_access_matrix.py)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

handler403 = "cases.views.guarding.sealed.refused"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("cases.urls")),
    path("", include("stations.urls")),
    path("admin/", admin.site.urls),
]
