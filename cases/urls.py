"""Addresses of the case screens."""

from django.urls import URLPattern, path

from cases.views import (
    casefile,
    conference,
    conference_task,
    county,
    desk,
    handover,
    inbox,
    intake,
    link,
    meeting,
    notices,
    outlets,
    promises,
    referral,
    referral_list,
    reveal,
    rules,
    search,
    steps,
    supervision,
    supervision_list,
    worklist,
)
from cases.views.archive import file as archive_file
from cases.views.archive import listing as archive
from cases.views.assessment import corrections, rounds, schemes
from cases.views.assessment import desk as assessment_desk
from cases.views.guarding import accesses, break_in, disclosures, progress, reads
from cases.views.ledgers import export as ledger_export
from cases.views.ledgers import incoming as ledger_imports
from cases.views.ledgers import screen as ledgers
from cases.views.monitors import application_papers, monitor
from cases.views.monitors import listing as monitor_list
from cases.views.papers import blank, papers, register, templates
from cases.views.reports import pages as reports
from cases.views.safety import call, danger, emergency, plans, reach

urlpatterns: list[URLPattern] = [
    path("", desk.desk, name="desk"),
    path("reports/", reports.reports, name="reports"),
    path("reports/print/", reports.report_print, name="report_print"),
    path("reports/file/", reports.report_file, name="report_file"),
    path("reports/cases/", reports.report_cases, name="report_cases"),
    path("cases/", worklist.worklist, name="worklist"),
    path("cases/new/", intake.intake, name="intake"),
    path("cases/new/draft/", intake.intake_draft, name="intake_draft"),
    path("cases/new/known/", intake.intake_known, name="intake_known"),
    path("cases/new/known/break-in/", break_in.break_in_known, name="break_in_known"),
    path("cases/new/blank/", intake.intake_blank, name="intake_blank"),
    path("cases/new/level/", danger.scale_level, name="scale_level"),
    path("cases/<str:number>/", casefile.case_view, name="case"),
    path("cases/<str:number>/archive/", archive_file.archive_make, name="archive_make"),
    path("archive/", archive.archive, name="archive"),
    path("archive/fonds/", archive_file.archive_fonds, name="archive_fonds"),
    path("archive/files/<uuid:pk>/", archive_file.archive_file, name="archive_file"),
    path("archive/files/<uuid:pk>/check/", archive_file.archive_check, name="archive_check"),
    path("archive/files/<uuid:pk>/take/<slug:what>/", archive_file.archive_take, name="archive_take"),
    path("archive/files/<uuid:pk>/do/<slug:step_name>/", archive_file.archive_step, name="archive_step"),
    path("cases/<str:number>/emergency/", emergency.emergency, name="emergency"),
    path("cases/<str:number>/plan/", plans.service_plan, name="service_plan"),
    path("cases/<str:number>/plan/tasks/<uuid:pk>/", plans.plan_task, name="plan_task"),
    path("cases/<str:number>/safety-plan/", plans.safety_plan, name="safety_plan"),
    path("cases/<str:number>/safety-plan/print/", plans.safety_plan_print, name="safety_plan_print"),
    path("cases/<str:number>/registered/", intake.registered, name="registered"),
    path("cases/<str:number>/slip/", intake.slip, name="slip"),
    path("cases/<str:number>/contact/", intake.contact, name="contact"),
    path("cases/<str:number>/call/", call.call, name="call"),
    path("cases/<str:number>/reach/", reach.reach, name="reach"),
    path("cases/<str:number>/do/<slug:step_name>/", steps.case_step, name="case_step"),
    path("cases/<str:number>/reveal/", reveal.reveal, name="reveal"),
    path("cases/<str:number>/break-in/", break_in.break_in, name="break_in"),
    path("break-ins/", break_in.break_ins, name="break_ins"),
    path("break-ins/<uuid:pk>/", break_in.break_in_judge, name="break_in_judge"),
    path("reads/", reads.reads, name="reads"),
    path("cases/<str:number>/disclosures/", disclosures.disclosures, name="disclosures"),
    path("cases/<str:number>/disclosures/print/", disclosures.disclosures_print, name="disclosures_print"),
    path("cases/<str:number>/accesses/", accesses.accesses, name="accesses"),
    path("cases/<str:number>/papers/", papers.papers, name="papers"),
    path("cases/<str:number>/papers/new/<slug:slug>/", papers.paper_make, name="paper_make"),
    path("papers/", register.paper_register, name="paper_register"),
    path("papers/blank/", blank.blank_forms, name="blank_forms"),
    path("papers/blank/<slug:name>/<slug:form>/", blank.blank_form_file, name="blank_form"),
    path("papers/templates/", templates.doc_templates, name="doc_templates"),
    path("papers/templates/<slug:slug>/", templates.doc_template, name="doc_template"),
    path(
        "papers/templates/<slug:slug>/<int:version>/", templates.doc_template_file, name="doc_template_file"
    ),
    path(
        "papers/templates/<slug:slug>/<int:version>/try/", templates.doc_template_try, name="doc_template_try"
    ),
    path(
        "papers/templates/<slug:slug>/<int:version>/use/", templates.doc_template_use, name="doc_template_use"
    ),
    path("papers/<uuid:pk>/", papers.paper, name="paper"),
    path("papers/<uuid:pk>/file/<slug:form>/", papers.paper_file, name="paper_file"),
    path("papers/<uuid:pk>/deliver/", papers.paper_deliver, name="paper_deliver"),
    path("papers/<uuid:pk>/void/", papers.paper_void, name="paper_void"),
    path("conference/meetings/<uuid:pk>/papers/<slug:slug>/", papers.meeting_paper, name="meeting_paper"),
    path("cases/<str:number>/notices/<uuid:pk>/", notices.notice_print, name="notice_print"),
    path("cases/<str:number>/supervise/", supervision.supervise, name="supervise"),
    path("supervisions/", supervision_list.supervisions, name="supervisions"),
    path("supervisions/<uuid:pk>/", supervision.supervision, name="supervision"),
    path(
        "supervisions/<uuid:pk>/do/<slug:step_name>/", supervision.supervision_step, name="supervision_step"
    ),
    path("supervisions/<uuid:pk>/paper/", supervision.supervision_paper, name="supervision_paper"),
    path(
        "supervisions/<uuid:pk>/print/<uuid:paper>/", supervision.supervision_print, name="supervision_print"
    ),
    path("cases/<str:number>/monitors/new/<slug:kind>/", monitor.monitor_open, name="monitor_open"),
    path("monitors/", monitor_list.monitors, name="monitors"),
    path("monitors/<uuid:pk>/", monitor.monitor, name="monitor"),
    path("monitors/<uuid:pk>/reveal/", monitor.monitor_reveal, name="monitor_reveal"),
    path("monitors/<uuid:pk>/do/<slug:step_name>/", monitor.monitor_step, name="monitor_step"),
    path("monitors/<uuid:pk>/application/", application_papers.application_print, name="application_print"),
    path(
        "monitors/<uuid:pk>/application/revise/",
        application_papers.application_revise,
        name="application_revise",
    ),
    path(
        "monitors/<uuid:pk>/evidence/<uuid:evidence>/remove/",
        application_papers.evidence_remove,
        name="evidence_remove",
    ),
    path("county/", county.county, name="county"),
    path("county/<str:number>/", county.county_case, name="county_case"),
    path("county/<str:number>/<slug:step_name>/", county.county_decide, name="county_decide"),
    path("search/", search.search, name="search"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.notices_read, name="notices_read"),
    path("assessment/", assessment_desk.assessment, name="assessment"),
    path("assessment/open/", assessment_desk.assessment_open, name="assessment_open"),
    path("assessment/scheme/<int:year>/", schemes.assessment_scheme, name="assessment_scheme"),
    path(
        "assessment/scheme/<int:year>/change/",
        schemes.assessment_scheme_change,
        name="assessment_scheme_change",
    ),
    path("assessment/<uuid:pk>/", rounds.assessment_round, name="assessment_round"),
    path("assessment/<uuid:pk>/score/", rounds.assessment_score, name="assessment_score"),
    path("assessment/<uuid:pk>/do/<slug:step_name>/", rounds.assessment_step, name="assessment_step"),
    path("assessment/<uuid:pk>/tasks/new/", corrections.correction_new, name="correction_new"),
    path("assessment/tasks/<uuid:pk>/", corrections.correction, name="correction"),
    path(
        "assessment/tasks/<uuid:pk>/do/<slug:step_name>/", corrections.correction_step, name="correction_step"
    ),
    path("inbox/<int:pk>/", inbox.notice_open, name="notice_open"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/change/", rules.rule_change, name="rule_change"),
    path("rules/<int:pk>/variant/", rules.rule_variant, name="rule_variant"),
    path("rules/<int:pk>/redate/", rules.rule_redate, name="rule_redate"),
    path("rules/plans/<int:pk>/", rules.rule_plan, name="rule_plan"),
    path("audit/", rules.audit, name="audit"),
    path("cases/<str:number>/refer/", referral.refer, name="refer"),
    path("referrals/", referral_list.referrals, name="referrals"),
    path("referrals/<uuid:pk>/", referral.referral, name="referral"),
    path("referrals/<uuid:pk>/do/<slug:step_name>/", referral.referral_step, name="referral_step"),
    path("referrals/<uuid:pk>/paper/", referral.referral_paper, name="referral_paper"),
    path("referrals/<uuid:pk>/print/", referral.referral_slip, name="referral_slip"),
    path("r/<str:token>/", link.link_answer, name="link_answer"),
    path("q/", progress.progress, name="progress"),
    path("q/r/", progress.progress_rate, name="progress_rate"),
    path("k/", progress.away, name="away"),
    path("outlets/", outlets.outlets, name="outlets"),
    path("outlets/new/", outlets.outlet_new, name="outlet_new"),
    path("outlets/<uuid:pk>/", outlets.outlet_edit, name="outlet_edit"),
    path("outlets/<uuid:pk>/switch/", outlets.outlet_switch, name="outlet_switch"),
    path("outlets/<uuid:pk>/try/", outlets.outlet_try, name="outlet_try"),
    path("deliveries/", outlets.deliveries, name="deliveries"),
    path("deliveries/do/", outlets.deliveries_act, name="deliveries_act"),
    path("cases/<str:number>/agenda/", conference.agenda_propose, name="agenda_propose"),
    path("conference/", conference.conference, name="conference"),
    path("conference/members/", conference.conference_members, name="conference_members"),
    path("conference/members/<uuid:pk>/", conference.conference_member, name="conference_member"),
    path("conference/items/new/", conference.agenda_new, name="agenda_new"),
    path("conference/items/<uuid:pk>/", conference.agenda_item, name="agenda_item"),
    path("conference/items/<uuid:pk>/do/<slug:step_name>/", conference.agenda_step, name="agenda_step"),
    path("conference/meetings/new/", meeting.meeting_new, name="meeting_new"),
    path("conference/meetings/<uuid:pk>/", meeting.meeting, name="meeting"),
    path("conference/meetings/<uuid:pk>/do/<slug:step_name>/", meeting.meeting_step, name="meeting_step"),
    path("conference/meetings/<uuid:pk>/print/<slug:paper>/", meeting.meeting_print, name="meeting_print"),
    path("conference/meetings/<uuid:pk>/pack/", meeting.meeting_pack, name="meeting_pack"),
    path("conference/tasks/<uuid:pk>/", conference_task.conference_task, name="conference_task"),
    path(
        "conference/tasks/<uuid:pk>/do/<slug:step_name>/",
        conference_task.conference_task_step,
        name="conference_task_step",
    ),
    path("handover/", handover.people, name="handover_people"),
    path("handover/<int:pk>/", handover.handover, name="handover"),
    path("handover/<int:pk>/deputy/", handover.deputy, name="handover_deputy"),
    path("handover/done/<uuid:pk>/", handover.done, name="handover_done"),
    path("promises/", promises.promises, name="promises"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/export/", ledger_export.ledger_export, name="ledger_export"),
    path("ledgers/export/<uuid:pk>/", ledger_export.ledger_export_page, name="ledger_export_page"),
    path("ledgers/export/<uuid:pk>/file/", ledger_export.ledger_export_file, name="ledger_export_file"),
    path("ledgers/import/", ledger_imports.ledger_imports, name="ledger_imports"),
    path("ledgers/import/<uuid:pk>/", ledger_imports.ledger_import, name="ledger_import"),
    path(
        "ledgers/import/<uuid:pk>/report/", ledger_imports.ledger_import_report, name="ledger_import_report"
    ),
    path(
        "ledgers/import/<uuid:pk>/do/<slug:step>/", ledger_imports.ledger_import_do, name="ledger_import_do"
    ),
    path("healthz", rules.healthz, name="healthz"),
]
