"""What anybody may see: what the platform is, what is on offer, and what it costs."""

from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CostExample, ProductTerms, ProductView, UnableToCompare
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit.errors import Refusal
from finmart.portals.visitor.forms import FilterForm
from finmart.ui import navigation
from finmart.ui.forms import answer
from finmart.ui.requests import actor_of

SHOWN_IN_FRONT = 6
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Offered:
    """A product as a card, a column or a page shows it: with its districts by name and what it costs at most."""

    view: ProductView
    districts: tuple[str, ...]
    cost: CostExample | None

    @property
    def terms(self) -> ProductTerms:
        return self.view.terms


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the front page to visitors; send who has signed in to the start page of the own portal."""
    home = navigation.home_for(actor_of(request))
    if home:
        return redirect(home.url_name)
    first = catalogue_queries.open_products(per_page=SHOWN_IN_FRONT)
    context = {
        "form": FilterForm(),
        "figures": catalogue_queries.open_figures(),
        "cases": cases_queries.count_for_public(),
        "products": _offered(list(first.rows)),
    }
    return render(request, "visitor/front.html", context)


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """List what is on offer; the address holds the filter."""
    form = FilterForm(request.GET)
    chosen, number = form.chosen(), request.GET.get("page", "1")
    found = catalogue_queries.open_products(
        chosen, sort=form.order(), page=int(number) if number.isdecimal() and len(number) < 9 else 1
    )
    context = {
        "form": form,
        "found": found,
        "products": _offered(list(found.rows), amount_fen=chosen.amount_fen, months=chosen.term_months),
        "page": Paginator(range(found.total), catalogue_queries.PER_PAGE).page(found.page),
        "most": MOST_COMPARED,
    }
    return answer(request, "visitor/products.html", context)


@require_safe
def product(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one product whole: terms, fees, criteria, what it costs."""
    view = catalogue_queries.product_for(actor_of(request), uuid)
    return render(request, "visitor/product.html", {"product": _offered([view])[0]})


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show up to four products side by side, at one amount and term."""
    try:
        chosen = [UUID(text) for text in request.GET.getlist("p")]
    except ValueError as error:
        raise UnableToCompare("所选产品无法识别", remedy="请回到产品超市重新选择") from error
    views = catalogue_queries.compare(chosen)
    shared = min(view.terms.limit_max_fen for view in views), min(view.terms.months_max for view in views)
    columns = _offered(views, amount_fen=shared[0], months=shared[1])
    return render(request, "visitor/compare.html", {"products": columns})


def _offered(views: list[ProductView], *, amount_fen: int | None = None, months: int | None = None) -> list[Offered]:
    names = {one.code: one.name for one in parameters_queries.districts()}
    return [
        Offered(view, tuple(names.get(code, code) for code in view.terms.regions), _cost(view, amount_fen, months))
        for view in views
    ]


def _cost(view: ProductView, amount_fen: int | None, months: int | None) -> CostExample | None:
    try:
        return catalogue_queries.cost_example(view.terms, amount_fen=amount_fen, months=months)
    except Refusal:  # fees that eat the whole amount have no rate: the page says so with a dash
        return None
