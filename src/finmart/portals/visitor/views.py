"""What anybody may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def front(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    return render(request, "visitor/front.html")
