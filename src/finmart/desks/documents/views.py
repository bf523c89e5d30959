"""Upload, lists and downloads, the same for every party."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.technical.documents import operations, queries
from finmart.centres.technical.documents.types import UnableToStore
from finmart.desks.documents.uploads import BoundedUpload
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

OWN_PURPOSE = "OWN_PAPER"


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Show the papers of the actor's organisation and the form that adds one."""
    actor = _signed_in(request)
    return render(request, "documents/own.html", _listed(actor))


@csrf_exempt  # the handler must be in place before anything reads the form; the inner view checks the token
@require_POST
def upload(request: HttpRequest) -> HttpResponseBase:
    """Keep one uploaded file; answer with the list, or 422 and the error beside the field."""
    request.upload_handlers = [BoundedUpload(queries.upload_limits().most_bytes)]
    return _keep_upload(request)


@csrf_protect
def _keep_upload(request: HttpRequest) -> HttpResponse:
    actor = _signed_in(request)
    try:
        with transactions.opened():
            file = _file_of(request)
            operations.store(actor, name=file.name or "", content=file.chunks(), purpose=OWN_PURPOSE)
    except UnableToStore as refusal:
        return render(request, _page(request), {**_listed(actor), "refusal": refusal}, status=422)
    return render(request, _page(request), _listed(actor))


def _file_of(request: HttpRequest) -> Any:
    handler = request.upload_handlers[0]
    file = request.FILES.get("file")
    if isinstance(handler, BoundedUpload) and handler.too_large:
        raise queries.upload_limits().too_large()
    if file is None:
        raise UnableToStore("请选择要上传的文件", field="file")
    return file


@require_GET
def history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the versions of one document."""
    actor = _actor(request)
    context = {"document": queries.document_for(actor, uuid), "versions": queries.versions_for(actor, uuid)}
    return render(request, "documents/history.html", context)


@require_GET
def download(request: HttpRequest, uuid: UUID, number: int | None = None) -> StreamingHttpResponse:
    """Hand a file out as an attachment that no browser runs or shows inside the platform."""
    opened = operations.download(_actor(request), uuid, number)
    response = StreamingHttpResponse(opened.pieces, content_type=opened.document.media_type)
    response["Content-Length"] = str(opened.document.size)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=opened.document.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _listed(actor: Actor) -> dict[str, Any]:
    return {"documents": queries.documents_of_own(actor), "limits": queries.upload_limits()}


def _page(request: HttpRequest) -> str:
    return "documents/_list.html" if request.headers.get("HX-Request") else "documents/own.html"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
    return actor


def _signed_in(request: HttpRequest) -> Actor:
    actor = _actor(request)
    if actor.is_visitor:
        raise AccessDenied("请先登录", remedy="登录后再查看或上传文件")
    return actor
