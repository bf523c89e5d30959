"""A firm's facts as its consent lets an institution read them; opening the page is the reading, and is recorded.

Where the consent allows conclusions only, the page shows whether the product's criteria are met, and no value. Where it
allows to keep a copy, the copy is listed and read here until it ends.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationView
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import CaseRef
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.business.matching import queries as matching_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import Mode, Purpose
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.risk import operations as risk_operations
from finmart.centres.data.risk import queries as risk_queries
from finmart.desks.profiles import page as profile_page
from finmart.desks.profiles.marks import disputed_inputs
from finmart.kit import clock
from finmart.kit.actor import Actor
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
    case, application = _of_case(actor, number)
    modes = _modes(actor, application)
    if modes == {Mode.QUERY}:
        return render(request, "institution/conclusions.html", _concluded(actor, case, application))
    facts = profiles_queries.facts_for(actor, application.firm.id, Purpose.LOAN_REVIEW)
    noted, _ = profiles_queries.supply_of(facts)
    shown: dict[str, Any] = {"case": case, "firm": application.firm, "may_keep": Mode.STORE in modes}
    shown["profile"] = profile_page.page_of(
        noted, name=application.firm.name, today=clock.today(), own=False,
        guarantees=instruments_queries.guarantees_for(actor, application.firm.id),
    )  # fmt: skip
    shown["standing"] = profile_page.standing_of(noted, application.firm)
    if {fact.code for fact in facts} >= risk_queries.READ_FACTS:
        shown["score"] = risk_operations.show_score(actor, application.firm.id, Purpose.LOAN_REVIEW)
        shown["disputed"] = disputed_inputs(facts)
    return render(request, "institution/facts.html", shown)


@require_GET
@signed_in
def lineage(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Show where a fact of the firm of a case comes from, as far as its consent goes; the look is recorded."""
    actor = staff(request)
    case, application = _of_case(actor, number)
    if code not in FACT_TYPES:
        raise NotFound("没有找到该数据项")
    found = profiles_queries.lineage_for(actor, application.firm.id, code, Purpose.LOAN_REVIEW)
    return render(request, "institution/fact.html", {"case": case, "lineage": found})


@require_POST
@signed_in
def keep(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a copy of what the consent covers, where it allows one."""
    actor = staff(request)
    _, application = _of_case(actor, number)
    profiles_operations.keep_copy(actor, application.firm.id, Purpose.LOAN_REVIEW)
    messages.success(request, "已留存副本；授权到期、撤回或留存期满后自动删除或封存")
    return redirect("institution:copies")


@require_GET
@signed_in
def copies(request: HttpRequest) -> HttpResponse:
    """Show the copies the institution kept and what became of each."""
    return render(request, "institution/copies.html", {"copies": profiles_queries.copies_for(staff(request))})


@require_GET
@signed_in
def copy(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what a copy holds; the reading is recorded."""
    return render(request, "institution/copy.html", {"facts": profiles_operations.open_copy(staff(request), uuid)})


def _of_case(actor: Actor, number: str) -> tuple[CaseRef, ApplicationView]:
    case = cases_queries.case_for(actor, number).ref
    application = applications_queries.application_of_case_for(actor, case.uuid)
    if application is None:
        raise NotFound("没有找到该申请")
    return case, application


def _modes(actor: Actor, application: ApplicationView) -> frozenset[str]:
    return consents_queries.modes_in_force(
        grantor_id=application.firm.id, recipient_id=actor.organisation_id or 0, purpose=Purpose.LOAN_REVIEW
    )


def _concluded(actor: Actor, case: CaseRef, application: ApplicationView) -> dict[str, Any]:
    firm = application.firm
    covered = consents_queries.covered_fact_types(
        grantor_id=firm.id, recipient_id=actor.organisation_id or 0, purpose=Purpose.LOAN_REVIEW
    )
    shown: dict[str, Any] = {
        "case": case,
        "firm": firm,
        "product_name": application.product_name,
        "conclusions": matching_queries.conclusions_for(
            actor, organisation_id=firm.id, version_id=application.version_id, purpose=Purpose.LOAN_REVIEW
        ),
    }
    if covered >= risk_queries.READ_FACTS:
        shown["score"] = risk_operations.show_score(actor, firm.id, Purpose.LOAN_REVIEW)
    return shown
