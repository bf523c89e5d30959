"""Long lists in pages: the address holds the number (``?page=2``), ``{% pagination page %}`` draws the way on."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

SIZE = 20  # rows a page: a default of ours


def page_of(request: HttpRequest, total: int, *, parameter: str = "page") -> Page[Any]:
    """Return the page asked for of ``total`` rows that a query holds; the nearest one where the number is wrong."""
    return page_within(request, range(total), parameter=parameter)


def page_within(request: HttpRequest, rows: Sequence[Any], *, parameter: str = "page") -> Page[Any]:
    """Return the page asked for of rows that are all at hand; looping over it gives its own rows."""
    return Paginator(rows, SIZE).get_page(request.GET.get(parameter))


def offset_of(page: Page[Any]) -> int:
    """Return how many rows stand before the page."""
    return (page.number - 1) * SIZE
