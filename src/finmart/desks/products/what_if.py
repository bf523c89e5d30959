"""Criteria tried on the city before they are drafted: the page of operator and institution alike (clause D7)."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching import operations as matching_operations
from finmart.centres.business.matching import queries as matching_queries
from finmart.centres.business.matching.types import WhatIf
from finmart.desks.products.criteria import CriterionForm, CriterionSet, initial, is_kept
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.ui.forms import sentence
from finmart.ui.requests import actor_of, signed_in

if TYPE_CHECKING:
    from django.forms import BaseFormSet


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a product's criteria to change, and what the change in the address would do."""
    actor = actor_of(request)
    product = catalogue_queries.product_for(actor, uuid)
    if not matching_queries.may_try_criteria(actor, product.institution.id):
        raise AccessDenied("只有运营人员和产品所属机构可以试算准入条件")
    register = catalogue_queries.register()
    asked = "criteria-TOTAL_FORMS" in request.GET
    sheet = CriterionSet(
        request.GET if asked else None,
        initial=initial(product.terms.criteria, register),
        prefix="criteria",
        form_kwargs={"register": register},
    )
    found, refused = _tried(actor, uuid, sheet) if asked else (None, "")
    context = {"product": product, "sheet": sheet, "found": found, "refused": refused}
    status = 422 if asked and found is None else 200
    return render(request, "products/what_if.html", context, status=status)


def _tried(actor: Actor, uuid: UUID, sheet: "BaseFormSet[CriterionForm]") -> tuple[WhatIf | None, str]:
    if not sheet.is_valid():
        return None, "请检查标出的条件"
    try:
        return matching_operations.try_criteria(actor, uuid, [form.terms() for form in sheet if is_kept(form)]), ""
    except (AccessDenied, NotFound):
        raise
    except Refusal as refusal:
        return None, sentence(refusal)
