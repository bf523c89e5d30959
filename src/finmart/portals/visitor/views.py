"""What anybody may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from finmart.ui import navigation
from finmart.ui.requests import actor_of


def front(request: HttpRequest) -> HttpResponse:
    """Show the front page to visitors; send who has signed in to the start page of the own portal."""
    home = navigation.home_for(actor_of(request))
    if home and "front" not in request.GET:
        return redirect(home.url_name)
    return render(request, "visitor/front.html")
