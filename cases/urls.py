"""Addresses of the case screens."""

from django.urls import URLPattern, path

from cases.views import casefile, desk, inbox, notices, reveal, rules, search, steps, worklist

urlpatterns: list[URLPattern] = [
    path("", desk.desk, name="desk"),
    path("cases/", worklist.worklist, name="worklist"),
    path("cases/<str:number>/", casefile.case_view, name="case"),
    path("cases/<str:number>/do/<slug:step_name>/", steps.case_step, name="case_step"),
    path("cases/<str:number>/reveal/", reveal.reveal, name="reveal"),
    path("cases/<str:number>/accesses/", casefile.accesses, name="accesses"),
    path("cases/<str:number>/notices/<uuid:pk>/", notices.notice_print, name="notice_print"),
    path("search/", search.search, name="search"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.notices_read, name="notices_read"),
    path("inbox/<int:pk>/", inbox.notice_open, name="notice_open"),
    path("rules/", rules.rules, name="rules"),
    path("audit/", rules.audit, name="audit"),
    path("healthz", rules.healthz, name="healthz"),
]
