"""Taking an upload off the wire: to a temporary file, within the limit, the rest of a larger one thrown away."""

from typing import TYPE_CHECKING, Any

from django.core.files.uploadhandler import SkipFile, StopUpload, TemporaryFileUploadHandler

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

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
