from django.urls import path

from finmart.desks.accounts import conflicts, own, people, security, sessions

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sessions.sign_in, name="sign_in"),
    path("second-factor/", sessions.second_factor, name="second_factor"),
    path("sign-out/", sessions.sign_out, name="sign_out"),
    path("choose/", sessions.choose, name="choose"),
    path("own/", own.own, name="own"),
    path("security/", security.overview, name="security"),
    path("security/password/", security.password, name="password"),
    path("security/second-factor/", security.enrol, name="enrol"),
    path("security/second-factor/remove/", security.remove, name="remove_factor"),
    path("members/", people.members, name="members"),
    path("members/<int:membership_id>/roles/", people.roles, name="roles"),
    path("members/<int:membership_id>/end/", people.end_membership, name="end_membership"),
    path("mandates/", people.mandates, name="mandates"),
    path("mandates/grant/", people.grant_mandate, name="grant_mandate"),
    path("mandates/<int:mandate_id>/revoke/", people.revoke_mandate, name="revoke_mandate"),
    path("conflicts/", conflicts.page, name="conflicts"),
    path("conflicts/<int:conflict_id>/end/", conflicts.end, name="end_conflict"),
    path("deputies/appoint/", people.appoint_deputy, name="appoint_deputy"),
    path("deputies/<int:deputy_id>/end/", people.end_deputy, name="end_deputy"),
]
