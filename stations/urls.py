"""Addresses of the who-and-where screens."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
