"""Warnings of an institution's own borrowers, under the consent they gave for after-loan watching (clauses D5, F2)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.governance.warnings import queries
from finmart.centres.governance.warnings.types import Grade
from finmart.portals.institution.products import staff
from finmart.ui.paging import page_within
from finmart.ui.requests import signed_in

TONES = {Grade.RED: "red", Grade.ORANGE: "orange", Grade.YELLOW: "yellow", Grade.BLUE: "blue"}


@require_GET
@signed_in
def borrowers(request: HttpRequest) -> HttpResponse:
    """Show who owes, and who consented; of warnings nothing yet."""
    rows = page_within(request, queries.borrowers_for(staff(request)))
    return render(request, "institution/borrowers.html", {"rows": rows})


@require_GET
@signed_in
def borrower(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one borrower's warnings; opening the page is the reading, and is recorded."""
    found = queries.borrower_warnings_for(staff(request), uuid)
    rows = [(one, TONES[one.grade]) for one in found.warnings]
    return render(request, "institution/borrower_warnings.html", {"found": found, "rows": rows})
