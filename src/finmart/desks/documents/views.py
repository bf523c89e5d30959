"""Upload, lists and downloads, the same for every party."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.technical.documents import operations, queries
from finmart.centres.technical.documents.types import UnableToStore
from finmart.desks.documents.uploads import file_of, takes_upload
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.ui.requests import actor_of, signed_in

OWN_PURPOSE = "OWN_PAPER"


@signed_in
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Show the papers of the actor's organisation and the form that adds one."""
    return render(request, "documents/own.html", _listed(actor_of(request)))


@takes_upload
@signed_in
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep one uploaded file; on a mistake answer 422 with the error beside the field."""
    actor = actor_of(request)
    try:
        with transactions.opened():
            file = file_of(request)
            stored = operations.store(actor, name=file.name or "", content=file.chunks(), purpose=OWN_PURPOSE)
    except UnableToStore as refusal:
        return render(request, "documents/own.html", {**_listed(actor), "refusal": refusal}, status=422)
    messages.success(request, f"已上传 {stored.name}")
    return redirect("documents:own")


@require_GET
def history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the versions of one document."""
    actor = actor_of(request)
    context = {"document": queries.document_for(actor, uuid), "versions": queries.versions_for(actor, uuid)}
    return render(request, "documents/history.html", context)


@require_GET
def download(request: HttpRequest, uuid: UUID, number: int | None = None) -> StreamingHttpResponse:
    """Hand a file out as an attachment that no browser runs or shows inside the platform."""
    opened = operations.download(actor_of(request), uuid, number)
    response = StreamingHttpResponse(opened.pieces, content_type=opened.document.media_type)
    response["Content-Length"] = str(opened.document.size)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=opened.document.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _listed(actor: Actor) -> dict[str, Any]:
    return {"documents": queries.documents_of_own(actor), "limits": queries.upload_limits()}
