"""Addresses of logging in and of the who-and-where screens."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, path

from stations.views import calendar, lock, profile, staff, standing, ties

urlpatterns: list[URLPattern] = [
    # Only what is used of allauth; the names are those its own pages look up.
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("login/again/", account.reauthenticate, name="account_reauthenticate"),
    path("login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("login/again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.change_password, name="account_change_password"),
    path("profile/sign-out-everywhere/", profile.sign_out_everywhere, name="sign_out_everywhere"),
    path("profile/ties/", ties.ties, name="ties"),
    path("profile/ties/<uuid:pk>/remove/", ties.tie_remove, name="tie_remove"),
    path("profile/second-factor/", mfa.index, name="mfa_index"),
    path("profile/second-factor/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("profile/second-factor/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("profile/second-factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "profile/second-factor/codes/new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("lock/", lock.lock, name="lock"),
    path("lock/open/", lock.unlock, name="unlock"),
    path("lock/left/", lock.left, name="lock_left"),
    path("lock/held/", lock.held, name="lock_held"),
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/idle-locks/", lock.idle_locks, name="idle_locks"),
    path("staff/new/", staff.staff_create, name="staff_create"),
    path("staff/events/", staff.staff_events, name="staff_events"),
    path("staff/<int:staff_id>/", staff.staff_edit, name="staff_edit"),
    path("staff/<int:staff_id>/password/", staff.staff_reset_password, name="staff_reset_password"),
    path("staff/<int:staff_id>/deactivate/", staff.staff_deactivate, name="staff_deactivate"),
    path("staff/<int:staff_id>/reactivate/", staff.staff_reactivate, name="staff_reactivate"),
    path("staff/<int:staff_id>/sign-out/", staff.staff_sign_out, name="staff_sign_out"),
    path("staff/<int:staff_id>/unlock/", staff.staff_unlock, name="staff_unlock"),
    path(
        "staff/<int:staff_id>/second-factor/",
        staff.staff_clear_second_factor,
        name="staff_clear_second_factor",
    ),
    path("stations/", standing.station_list, name="station_list"),
    path("stations/<int:pk>/", standing.station_card, name="station_card"),
    path("stations/<int:pk>/facts/", standing.station_facts, name="station_facts"),
    path("stations/<int:pk>/activities/", standing.station_activities, name="station_activities"),
    path("stations/<int:pk>/volunteers/", standing.station_volunteers, name="station_volunteers"),
    path("stations/<int:pk>/volunteers/new/", standing.volunteer_new, name="volunteer_new"),
    path("stations/<int:pk>/volunteers/<uuid:volunteer_id>/", standing.volunteer, name="volunteer"),
    path(
        "stations/<int:pk>/volunteers/<uuid:volunteer_id>/service/",
        standing.volunteer_service,
        name="volunteer_service",
    ),
    path("stations/<int:pk>/honours/", standing.station_honours, name="station_honours"),
    path(
        "stations/<int:pk>/honours/<uuid:honour_id>/withdraw/",
        standing.honour_withdraw,
        name="honour_withdraw",
    ),
    path("calendar/", calendar.calendar_now, name="calendar_now"),
    path("calendar/<int:year>/", calendar.calendar_year, name="calendar_year"),
    path("calendar/<int:year>/notice/", calendar.calendar_notice, name="calendar_notice"),
    path("calendar/<int:year>/day/", calendar.calendar_day, name="calendar_day"),
]
