"""What a supervisor of processes asks: is this one alive, can it serve? Answered before hosts and sessions count."""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

Answer = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """``/livez``: the process answers. ``/readyz``: it also reaches a migrated database; 503 where it does not."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/livez":
            return JsonResponse({"live": True})
        if request.path_info == "/readyz":
            ready = _database_answers()
            return JsonResponse({"ready": ready}, status=200 if ready else 503)
        return self.get_response(request)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM parameters_district LIMIT 1")
            return cursor.fetchone() is not None
    except Error:
        return False
