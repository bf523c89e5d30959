"""All the platform holds of somebody, as a ZIP of JSON files with a manifest; made when fetched, stored nowhere."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable
from typing import IO, Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from finmart.centres.governance.rights import queries
from finmart.centres.governance.rights.models import DataRequest
from finmart.centres.governance.rights.operations.asking import locked_own
from finmart.centres.governance.rights.types import RequestKind, RightsAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.documents import queries as documents_queries
from finmart.kit import clock, rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound, Refusal

MOST_FILE_BYTES = 200 * 1024 * 1024  # original files in one archive: a default of ours, the rest is named
FORMAT = "finmart-archive/1"


def archive(actor: Actor, uuid: UUID) -> IO[bytes]:
    """Return the open ZIP of a granted access or export, at its start; the fetching is recorded.

    Raises NotFound for others' requests, Refusal where it was not granted or the days are over.
    """
    row = locked_own(actor, uuid)
    if row.open_until is None or row.open_until <= clock.now():
        raise Refusal("该申请没有可下载的数据，或下载期限已过", remedy="请重新提出申请")
    if row.organisation_id is not None:
        rowpolicies.open_own(row.organisation_id)
    made = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - the caller sends and closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        listed, documents = _rows(zipped, row)
        files, left = _files(actor, zipped, documents)
        manifest = {
            "format": FORMAT, "request": queries.number_of(row), "kind": RequestKind(row.kind).label,
            "subject": "企业" if row.organisation_id is not None else "个人", "made_at": clock.now(),
            "contents": listed, "files": files,
            "left_out": [{"label": one.label, "reason": one.reason} for one in queries.left_out()] + left,
        }  # fmt: skip
        zipped.writestr("manifest.json", _json(manifest))
    audit_operations.record(
        actor,
        RightsAct.ARCHIVE_FETCH,
        f"data_request:{uuid}",
        rows=sum(one["rows"] for one in listed),
        files=len(files),
    )
    made.seek(0)
    return made


def _rows(zipped: zipfile.ZipFile, row: DataRequest) -> tuple[list[dict[str, Any]], list[UUID]]:
    listed: list[dict[str, Any]] = []
    documents: list[UUID] = []
    for held, found in queries.held_of(row):
        name = f"{held.model}.json"
        count, summed = 0, hashlib.sha256()
        with zipped.open(name, "w") as file:
            for piece, number, record in _pieces(found):
                summed.update(piece)
                file.write(piece)
                count = number
                if held.model == "documents.Document" and record:
                    documents.append(record["uuid"])
        listed.append({"file": name, "label": held.label, "rows": count, "sha256": summed.hexdigest()})
    return listed, documents


def _pieces(rows: Iterable[dict[str, Any]]) -> Iterable[tuple[bytes, int, dict[str, Any] | None]]:
    """Return a JSON list piece by piece, each with the number of rows so far and the row it holds."""
    number = 0
    yield b"[", number, None
    for record in rows:
        yield (b",\n" if number else b"\n") + _json(record).encode(), number + 1, record
        number += 1
    yield b"\n]\n", number, None


def _files(
    actor: Actor, zipped: zipfile.ZipFile, documents: list[UUID]
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    files: list[dict[str, Any]] = []
    left: list[dict[str, str]] = []
    room = MOST_FILE_BYTES
    for uuid in documents:
        try:
            opened = documents_queries.pieces_for(actor, uuid)
        except NotFound:
            left.append({"label": f"文件 {uuid}", "reason": "申请人无权读取"})
            continue
        if opened.document.size > room:
            left.append({"label": opened.document.name, "reason": "文件过大，请在“文件”中单独下载"})
            continue
        room -= opened.document.size
        name = f"files/{uuid}/{opened.document.name.replace('/', '_')}"
        with zipped.open(name, "w") as file:
            for piece in opened.pieces:
                file.write(piece)
        files.append({"file": name, "sha256": opened.document.sha256, "size": opened.document.size})
    return files, left


def _json(content: Any) -> str:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False)
