"""The operator reviews what institutions hand in: publish, or send back with the reason (clause B5)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CatalogueAct, VersionState
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied
from finmart.portals.operator.apps import is_operator
from finmart.ui.paging import page_within
from finmart.ui.requests import actor_of, signed_in


def staff(request: HttpRequest) -> Actor:
    """Return the actor where it works for the operator. Raises AccessDenied."""
    actor = actor_of(request)
    if not is_operator(actor):
        raise AccessDenied("本页面只对运营人员开放")
    return actor


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show what waits for review, then what is on the shelf."""
    actor = staff(request)
    context = {
        "waiting": catalogue_queries.products_for(actor, states=[VersionState.SUBMITTED]),
        "listed": page_within(request, catalogue_queries.products_for(actor, states=[VersionState.PUBLISHED])),
    }
    return render(request, "operator/products.html", context)


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one product as handed in, with the acts of review."""
    versions = catalogue_queries.versions_for(staff(request), uuid)
    acts = versions[0].acts
    context = {
        "product": versions[0],
        "versions": versions,
        "may_publish": CatalogueAct.PRODUCT_PUBLISH in acts,
        "may_send_back": CatalogueAct.PRODUCT_SEND_BACK in acts,
        "may_delist": CatalogueAct.PRODUCT_DELIST in acts,
    }
    return render(request, "operator/product.html", context)


@require_POST
@signed_in
def publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open the version to all."""
    catalogue_operations.publish(staff(request), uuid)
    messages.success(request, "产品已上架")
    return redirect("operator:products")


@require_POST
@signed_in
def send_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Return it to its institution."""
    catalogue_operations.send_back(staff(request), uuid, request.POST.get("reason", ""))
    messages.success(request, "已退回机构修改")
    return redirect("operator:products")


@require_POST
@signed_in
def delist(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it off the shelf at once."""
    catalogue_operations.delist(staff(request), uuid, request.POST.get("reason", ""))
    messages.success(request, "产品已下架")
    return redirect("operator:products")
