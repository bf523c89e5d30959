"""The addresses: every portal, desk and gateway under a prefix of its own."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("finmart.desks.accounts.urls")),
    path("documents/", include("finmart.desks.documents.urls")),
    path("", include("finmart.portals.visitor.urls")),
]
