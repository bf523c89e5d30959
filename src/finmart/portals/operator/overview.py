"""The operator's start page: where applications stand, why they are refused, whether the books balance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationState, RefusalReason
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import VersionState
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.technical.audit import queries as audit_queries
from finmart.portals.operator.products import staff
from finmart.ui.requests import signed_in

# As an application goes; those that end otherwise stand last.
IN_ORDER = (
    ApplicationState.SUBMITTED,
    ApplicationState.RETURNED,
    ApplicationState.ACCEPTED,
    ApplicationState.IN_REVIEW,
    ApplicationState.OFFERED,
    ApplicationState.OFFER_ACCEPTED,
    ApplicationState.SIGNED,
    ApplicationState.DISBURSED,
    ApplicationState.SETTLED,
    ApplicationState.CLOSED,
    ApplicationState.REFUSED,
    ApplicationState.DECLINED,
    ApplicationState.WITHDRAWN,
)


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Show the platform's figures, every one read at this moment."""
    actor = staff(request)
    counts = applications_queries.counts_for(actor)
    context = {
        "states": [(state.label, counts.by_state.get(state, 0)) for state in IN_ORDER],
        "reasons": [(code.label, counts.by_reason[code]) for code in RefusalReason if counts.by_reason.get(code)],
        "applications": sum(counts.by_state.values()),
        "waiting": len(catalogue_queries.products_for(actor, states=[VersionState.SUBMITTED])),
        "balance": funds_queries.trial_balance(),
        "audited": audit_queries.count_rows(),
    }
    return render(request, "operator/home.html", context)
