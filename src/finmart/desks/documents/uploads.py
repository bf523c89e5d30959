"""Taking an upload off the wire: to a temporary file, within the limit, the rest of a larger one thrown away."""

from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from finmart.centres.technical.documents import queries
from finmart.centres.technical.documents.types import UnableToStore
from finmart.ui.requests import View

PATIENCE = 20  # times the limit that is read and thrown away, so that the browser gets a sentence and no reset


class BoundedUpload(TemporaryFileUploadHandler):
    """Counts bytes as they arrive. Past ``most_bytes`` nothing more is kept, and ``too_large`` says so."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__()
        self.most_bytes = most_bytes
        self.received = 0
        self.too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.too_large:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > self.most_bytes * PATIENCE:
            raise StopUpload(connection_reset=True)
        if self.received <= self.most_bytes:
            return super().receive_data_chunk(raw_data, start)
        if not self.too_large:
            self.too_large = True
            self.file.truncate(0)
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        if self.too_large:
            self.file.close()
            return None
        return super().file_complete(file_size)


def takes_upload(view: View) -> View:
    """Have a view take one file within the operator's limit, as it arrives; :func:`file_of` then hands it out."""
    protected = csrf_protect(view)

    @csrf_exempt  # the handler must be there before anything reads the form; ``protected`` checks the token
    @wraps(view)
    def taking(request: HttpRequest, *words: Any, **named: Any) -> HttpResponseBase:
        request.upload_handlers = [BoundedUpload(queries.upload_limits().most_bytes)]
        return protected(request, *words, **named)

    return taking


def file_of(request: HttpRequest, field: str = "file") -> "UploadedFile[bytes]":
    """Return the file of a form field. Raises UnableToStore where none was chosen or it was too large."""
    file = request.FILES.get(field)
    if any(isinstance(handler, BoundedUpload) and handler.too_large for handler in request.upload_handlers):
        raise queries.upload_limits().too_large()
    if not isinstance(file, UploadedFile):
        raise UnableToStore("请选择要上传的文件", field=field)
    return file
