from django.urls import path

from finmart.portals.enterprise import consents, disputes, loans, needs, profile

app_name = "enterprise"
urlpatterns = [
    path("needs/", needs.listing, name="needs"),
    path("needs/new/", needs.new, name="need_new"),
    path("needs/<uuid:uuid>/", needs.show, name="need"),
    path("needs/<uuid:uuid>/edit/", needs.edit, name="need_edit"),
    path("needs/<uuid:uuid>/withdraw/", needs.withdraw, name="need_withdraw"),
    path("needs/<uuid:uuid>/match/", needs.match, name="match"),
    path("needs/<uuid:uuid>/offers/", needs.offers, name="offers"),
    path("needs/<uuid:uuid>/apply/", needs.apply, name="apply"),
    path("matches/<uuid:uuid>/", needs.matched, name="matched"),
    path("consents/", consents.listing, name="consents"),
    path("consents/grant/", consents.grant, name="consent_grant"),
    path("consents/<uuid:uuid>/withdraw/", consents.withdraw, name="consent_withdraw"),
    path("loans/", loans.listing, name="loans"),
    path("loans/<uuid:uuid>/", loans.show, name="loan"),
    path("profile/", profile.show, name="profile"),
    path("profile/facts/<slug:code>/", disputes.fact, name="fact"),
    path("profile/disputes/", disputes.listing, name="disputes"),
    path("profile/disputes/<uuid:uuid>/withdraw/", disputes.withdraw, name="dispute_withdraw"),
    path("profile/declare/", profile.declare, name="declare"),
    path("profile/standing/", profile.standing, name="profile_standing"),
]
