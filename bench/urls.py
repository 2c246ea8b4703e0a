"""The addresses of the system and the floor."""

from django.urls import URLPattern, URLResolver, path

from bench.floor import floor
from weiquan.urls import urlpatterns as system

urlpatterns: list[URLPattern | URLResolver] = [path("bench/floor/<str:number>/", floor), *system]
