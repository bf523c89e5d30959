"""A firm's facts as its consent lets an institution read them; opening the page is the reading, and is recorded."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.risk import queries as risk_queries
from finmart.kit.errors import NotFound
from finmart.portals.institution.products import staff
from finmart.ui.requests import signed_in


@require_GET
@signed_in
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Show the facts of the firm of a case (clause F2) and, where they cover what it is made of, its score.

    Without consent the refusal says so and is recorded.
    """
    actor = staff(request)
    case = cases_queries.case_for(actor, number).ref
    application = applications_queries.application_of_case_for(actor, case.uuid)
    if application is None:
        raise NotFound("没有找到该申请")
    facts = profiles_queries.facts_for(actor, application.firm.id, Purpose.LOAN_REVIEW)
    shown = {"case": case, "firm": application.firm, "facts": facts}
    if {fact.code for fact in facts} >= risk_queries.READ_FACTS:
        shown["score"] = risk_queries.latest_score_for(actor, application.firm.id, Purpose.LOAN_REVIEW)
    return render(request, "institution/facts.html", shown)
