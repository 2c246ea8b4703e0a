"""Addresses of the case screens."""

from django.urls import URLPattern, path

from cases.views import casefile, desk, inbox, intake, link, notices, referral, referral_list, reveal, rules, search, steps, worklist

urlpatterns: list[URLPattern] = [
    path("", desk.desk, name="desk"),
    path("cases/", worklist.worklist, name="worklist"),
    path("cases/new/", intake.intake, name="intake"),
    path("cases/new/draft/", intake.intake_draft, name="intake_draft"),
    path("cases/new/known/", intake.intake_known, name="intake_known"),
    path("cases/new/blank/", intake.intake_blank, name="intake_blank"),
    path("cases/<str:number>/", casefile.case_view, name="case"),
    path("cases/<str:number>/registered/", intake.registered, name="registered"),
    path("cases/<str:number>/slip/", intake.slip, name="slip"),
    path("cases/<str:number>/contact/", intake.contact, name="contact"),
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
    path("cases/<str:number>/refer/", referral.refer, name="refer"),
    path("referrals/", referral_list.referrals, name="referrals"),
    path("referrals/<uuid:pk>/", referral.referral, name="referral"),
    path("referrals/<uuid:pk>/do/<slug:step_name>/", referral.referral_step, name="referral_step"),
    path("referrals/<uuid:pk>/paper/", referral.referral_paper, name="referral_paper"),
    path("referrals/<uuid:pk>/print/", referral.referral_slip, name="referral_slip"),
    path("r/<str:token>/", link.link_answer, name="link_answer"),
    path("healthz", rules.healthz, name="healthz"),
]
