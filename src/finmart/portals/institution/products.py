"""An institution's own products: draft, revise, hand to the operator, take off the shelf (clause B5)."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CatalogueAct, ProductTerms
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal
from finmart.portals.institution.apps import is_institution, keeps_products
from finmart.portals.institution.forms import ProductSheet
from finmart.ui.forms import add_refusal
from finmart.ui.requests import actor_of, signed_in


def staff(request: HttpRequest) -> Actor:
    """Return the actor where it works for an institution. Raises AccessDenied."""
    actor = actor_of(request)
    if not is_institution(actor):
        raise AccessDenied("本页面只对入驻机构开放")
    return actor


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show every version the institution works on, newest first."""
    actor = staff(request)
    rows = catalogue_queries.products_for(actor)
    return render(request, "institution/products.html", {"rows": rows, "may_draft": keeps_products(actor)})


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one product with all its versions and what may be done with it."""
    versions = catalogue_queries.versions_for(staff(request), uuid)
    context = {"product": versions[0], "versions": versions, "acts": _acts(versions[0].acts)}
    return render(request, "institution/product.html", context)


def _acts(acts: frozenset[str]) -> dict[str, bool]:
    named = {
        "revise": CatalogueAct.PRODUCT_REVISE,
        "submit": CatalogueAct.PRODUCT_SUBMIT,
        "delist": CatalogueAct.PRODUCT_DELIST,
    }
    return {name: act in acts for name, act in named.items()}


@require_http_methods(["GET", "POST"])
@signed_in
def draft(request: HttpRequest) -> HttpResponse:
    """Write a new product."""
    actor = staff(request)
    if not keeps_products(actor):
        raise AccessDenied("只有机构管理员可以编制产品")
    return _sheet(request, None, lambda terms: catalogue_operations.draft_product(actor, terms).uuid)


@require_http_methods(["GET", "POST"])
@signed_in
def revise(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change a draft, or begin the next version."""
    actor = staff(request)
    newest = catalogue_queries.versions_for(actor, uuid)[0]
    if CatalogueAct.PRODUCT_REVISE not in newest.acts:
        raise AccessDenied("您不能修改该产品", remedy="待复核的版本须先由运营人员退回")
    return _sheet(request, newest.terms, lambda terms: catalogue_operations.revise(actor, uuid, terms).uuid)


def _sheet(request: HttpRequest, terms: ProductTerms | None, write: Callable[[ProductTerms], UUID]) -> HttpResponse:
    sheet = ProductSheet(request.POST if request.method == "POST" else None, terms)
    if request.method == "POST" and sheet.is_valid():
        try:
            with transactions.opened():
                uuid = write(sheet.product_terms())
            messages.success(request, "产品草稿已保存")
            return redirect("institution:product", uuid=uuid)
        except Refusal as refusal:
            add_refusal(sheet.terms, refusal)
    status = 422 if request.method == "POST" else 200
    return render(request, "institution/product_sheet.html", {"sheet": sheet, "is_new": terms is None}, status=status)


@require_POST
@signed_in
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand the draft to the operator for review."""
    catalogue_operations.submit(staff(request), uuid)
    messages.success(request, "已提交运营方复核")
    return redirect("institution:product", uuid=uuid)


@require_POST
@signed_in
def delist(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the product off the shelf; running cases keep their version."""
    catalogue_operations.delist(staff(request), uuid, request.POST.get("reason", ""))
    messages.success(request, "产品已下架，在办业务不受影响")
    return redirect("institution:product", uuid=uuid)
