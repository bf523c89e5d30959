"""How well and how fairly matching does (clauses P5, P6)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.business.matching import queries as matching_queries
from finmart.portals.operator.products import staff
from finmart.ui.requests import signed_in


@require_GET
@signed_in
def quality(request: HttpRequest) -> HttpResponse:
    """Show what matches led to, how evenly institutions are seen, and how approval differs between groups."""
    return render(request, "operator/matching.html", {"found": matching_queries.quality_for(staff(request))})
