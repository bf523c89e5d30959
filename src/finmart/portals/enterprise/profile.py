"""A firm's own facts: every one with its source, date and grade; what is missing is said to be missing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.data.profiles import queries as profiles_queries
from finmart.portals.enterprise.needs import firm
from finmart.ui.requests import signed_in


@require_GET
@signed_in
def show(request: HttpRequest) -> HttpResponse:
    """Show what the platform knows of the actor's own firm."""
    return render(request, "enterprise/profile.html", {"facts": profiles_queries.own_facts_for(firm(request))})
