"""Addresses of the case screens."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
