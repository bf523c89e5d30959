"""The addresses: every portal, desk and gateway under a prefix of its own."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("finmart.desks.accounts.urls")),
    path("cases/", include("finmart.desks.cases.urls")),
    path("contracts/", include("finmart.desks.contracts.urls")),
    path("documents/", include("finmart.desks.documents.urls")),
    path("messages/", include("finmart.desks.messages.urls")),
    path("operator/", include("finmart.portals.operator.urls")),
    path("appeals/", include("finmart.desks.appeals.urls")),
    path("items/", include("finmart.desks.items.urls")),
    path("desk/scorecards/", include("finmart.desks.scorecards.urls")),
    path("desk/rights/", include("finmart.desks.rights.urls")),
    path("desk/ledger/", include("finmart.desks.disclosures.urls")),
    path("desk/products/", include("finmart.desks.products.urls")),
    path("workbench/", include("finmart.desks.workbench.urls")),
    path("enterprise/", include("finmart.portals.enterprise.urls")),
    path("institution/", include("finmart.portals.institution.urls")),
    path("regulator/", include("finmart.portals.regulator.urls")),
    path("", include("finmart.portals.visitor.urls")),
]

handler400 = "finmart.ui.errors.bad_request"
handler403 = "finmart.ui.errors.forbidden"
handler404 = "finmart.ui.errors.not_found"
handler500 = "finmart.ui.errors.server_error"
