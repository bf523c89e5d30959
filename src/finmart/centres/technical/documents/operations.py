"""Bringing files in, adding versions, sharing them, handing them out."""

import hashlib
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO
from uuid import UUID

from django.db.models import BigIntegerField, IntegerField, Q, QuerySet, UUIDField

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.documents import policies, queries, rules
from finmart.centres.technical.documents.models import Chunk, Document, DocumentVersion, Grant, VersionChunk
from finmart.centres.technical.documents.types import (
    DocumentRef,
    DocumentsAct,
    Download,
    Reader,
    UploadLimits,
)
from finmart.kit import clock, sql, transactions
from finmart.kit.actor import Actor
from finmart.kit.arrays import as_array
from finmart.kit.errors import AccessDenied
from finmart.kit.ids import new_uuid
from finmart.kit.statements import Given, Statement, insert, insert_unless_there

_PURPOSE = re.compile(r"^[A-Z][A-Z0-9_]{1,39}$")
_DOCUMENT = Statement(lambda: Document.objects.select_for_update().filter(uuid=Given("uuid", UUIDField())))

_PIECES = Statement(
    lambda: (
        VersionChunk.objects.select_related("version", "chunk")
        .filter(version__document=Given("document", BigIntegerField()), version__number=Given("number", IntegerField()))
        .order_by("position")
    )
)
_INSERT_VERSION = """
WITH numbered AS (
  UPDATE documents_document SET latest_number = %(number)s WHERE id = %(document_id)s AND latest_number < %(number)s
), version AS (
  INSERT INTO documents_documentversion
    (document_id, number, name, media_type, size, sha256, uploaded_by_id, uploaded_at)
  VALUES (%(document_id)s, %(number)s, %(name)s, %(media_type)s, %(size)s, %(sha256)s, %(uploaded_by_id)s,
          %(uploaded_at)s)
  RETURNING id
), placed AS (
  INSERT INTO documents_versionchunk (version_id, position, chunk_id)
  SELECT version.id, piece.place - 1, piece.sha256
  FROM version, unnest(%(pieces)s::text[]) WITH ORDINALITY AS piece (sha256, place)
)
SELECT id FROM version
"""
_COLUMNS = ("document_id", "number", "name", "media_type", "size", "sha256", "uploaded_by_id", "uploaded_at")


def store(
    actor: Actor,
    *,
    name: str,
    content: bytes | Iterable[bytes],
    purpose: str,
    owner_organisation_id: int | None = None,
    keeper: str = "",
    uuid: UUID | None = None,
    readers: Iterable[Reader] = (),
) -> DocumentRef:
    """Keep a new document; ``content`` whole or in pieces, ``purpose`` an UPPER_CODE of the caller.

    The owner is the actor's organisation (or the person, acting alone) unless another is named. ``keeper`` names
    the centre that alone may change the document afterwards, ``uuid`` the one it has promised elsewhere, ``readers``
    who is granted it from the start.
    Raises UnableToStore for what may not be kept: too large, a type not taken, content that is not what the name
    says. Clauses B6, F3.
    """
    transactions.require()
    if not policies.can_store(actor):
        raise AccessDenied("请先登录再上传文件")
    if not _PURPOSE.match(purpose):
        raise ValueError(f"a purpose is an UPPER_CODE, not {purpose!r}")
    owner = owner_organisation_id if owner_organisation_id is not None else actor.organisation_id
    document = Document(
        uuid=uuid or new_uuid(),
        purpose=purpose,
        keeper=keeper,
        owner_organisation_id=owner,
        owner_person_id=None if owner else actor.person_id,
        created_at=clock.now(),
    )
    stored = _append_version(actor, document, name, content, DocumentsAct.DOCUMENT_STORE)
    _grant(actor, document, dict.fromkeys(readers))
    return stored


def add_version(
    actor: Actor, uuid: UUID, *, name: str, content: bytes | Iterable[bytes], keeper: str = ""
) -> DocumentRef:
    """Add a version to a document. Raises NotFound, AccessDenied, UnableToStore."""
    document = _changeable(actor, uuid, keeper)
    return _append_version(actor, document, name, content, DocumentsAct.VERSION_ADD)


def revise(actor: Actor, uuid: UUID, change: Callable[[bytes], bytes], *, keeper: str = "") -> DocumentRef:
    """Add the version that ``change`` makes of the latest one, under its name; nobody else adds one in between.

    For changes that code of ours makes (a signature appended): the file stays what it was, so its type and size are not
    judged again, and what it begins with is not stored twice. Whoever may change a document may have it changed
    unseen: the actor's right to read it is not asked for. Raises NotFound, AccessDenied, DocumentDamaged.
    """
    document = _changeable(actor, uuid, keeper)
    pieces = _PIECES.all(document=document.pk, number=document.latest_number)
    latest, chunks = pieces[0].version, [queries.checked(piece.chunk) for piece in pieces]
    before = b"".join(chunk.content for chunk in chunks)
    changed = change(before)
    kept = [(chunk.sha256, len(chunk.content)) for chunk in chunks] if changed.startswith(before) else []
    return _keep(
        actor, document, latest.name, latest.media_type, io.BytesIO(changed), DocumentsAct.VERSION_ADD, kept=kept
    )


def grant(
    actor: Actor,
    document_uuid: UUID,
    *,
    organisation_id: int | None = None,
    person_id: int | None = None,
    keeper: str = "",
) -> None:
    """Let an organisation or a person read the document from now on. Granting twice changes nothing. Clause F3."""
    reader = Reader(organisation_id, person_id)
    document = _changeable(actor, document_uuid, keeper)
    if not _standing_grants(document, organisation_id, person_id).exists():
        _grant(actor, document, [reader])


def revoke(
    actor: Actor,
    document_uuid: UUID,
    *,
    organisation_id: int | None = None,
    person_id: int | None = None,
    keeper: str = "",
) -> None:
    """End a grant. Revoking what is not granted changes nothing. What was downloaded before stays with the reader."""
    document = _changeable(actor, document_uuid, keeper)
    if _standing_grants(document, organisation_id, person_id).update(valid_to=clock.now()):
        audit_operations.record(
            actor, DocumentsAct.ACCESS_REVOKE, f"document:{document_uuid}",
            organisation=organisation_id, person=person_id,
        )  # fmt: skip


def download(actor: Actor, uuid: UUID, version: int | None = None) -> Download:
    """Hand a document out and record it. The pieces may be read after the transaction. Raises NotFound. Clause F4."""
    transactions.require()
    opened = queries.pieces_for(actor, uuid, version)
    audit_operations.record(
        actor, DocumentsAct.DOCUMENT_DOWNLOAD, f"document:{uuid}",
        version=opened.document.version, sha256=opened.document.sha256,
    )  # fmt: skip
    return opened


def _grant(actor: Actor, document: Document, readers: Iterable[Reader]) -> None:
    now = clock.now()
    granted = insert(
        Grant(document=document, organisation_id=one.organisation_id, person_id=one.person_id, valid_from=now)
        for one in readers
    )
    for one in granted:
        audit_operations.record(
            actor, DocumentsAct.ACCESS_GRANT, f"document:{document.uuid}",
            organisation=one.organisation_id, person=one.person_id,
        )  # fmt: skip


def _standing_grants(document: Document, organisation_id: int | None, person_id: int | None) -> QuerySet[Grant]:
    recipient = Q(organisation=organisation_id) if organisation_id is not None else Q(person=person_id)
    return Grant.objects.filter(recipient, document=document, valid_to=None)


def _changeable(actor: Actor, uuid: UUID, keeper: str) -> Document:
    transactions.require()
    # locked until the transaction ends, so that versions get their numbers in turn
    document = _DOCUMENT.first(uuid=uuid)
    if document is not None and policies.can_change(actor, document, keeper):
        return document
    queries.document_for(actor, uuid)  # a stranger learns nothing: NotFound
    raise AccessDenied("您无权更改该文件")


def _append_version(
    actor: Actor, document: Document, name: str, content: bytes | Iterable[bytes], act: DocumentsAct
) -> DocumentRef:
    limits = queries.upload_limits()
    safe_name = rules.normal_name(name)
    with tempfile.SpooledTemporaryFile(max_size=rules.CHUNK_BYTES) as file:
        _gather(file, content, limits)
        accepted = rules.accepted_type(safe_name, rules.recognise(file), limits)
        return _keep(actor, document, safe_name, accepted.media_type, file, act)


def _gather(file: IO[bytes], content: bytes | Iterable[bytes], limits: UploadLimits) -> None:
    """Copy the content to a temporary file, never holding it whole, and stop where it grows too large."""
    size = 0
    for piece in [content] if isinstance(content, bytes) else content:
        size += len(piece)
        if size > limits.most_bytes:
            raise limits.too_large()
        file.write(piece)


def _keep(
    actor: Actor,
    document: Document,
    name: str,
    media_type: str,
    file: IO[bytes],
    act: DocumentsAct,
    *,
    kept: Sequence[tuple[str, int]] = (),
) -> DocumentRef:
    """Write the next version; ``kept`` (SHA-256, bytes) are stored pieces the file is known to begin with."""
    document.latest_number += 1
    if not document.pk:
        insert([document])
    version = _write(file, document, name, media_type, actor, kept)
    audit_operations.record(
        actor, act, f"document:{document.uuid}",
        version=version.number, sha256=version.sha256, size=version.size, purpose=document.purpose,
    )  # fmt: skip
    return queries.document_ref(actor, version)


def _write(
    file: IO[bytes], document: Document, name: str, media_type: str, actor: Actor, kept: Sequence[tuple[str, int]]
) -> DocumentVersion:
    pieces = list(kept)
    begun = sum(length for _, length in kept)
    whole = hashlib.sha256()
    file.seek(0)
    whole.update(file.read(begun))
    while piece := file.read(rules.CHUNK_BYTES):
        whole.update(piece)
        pieces.append((hashlib.sha256(piece).hexdigest(), len(piece)))
    version = DocumentVersion(
        document=document,
        number=document.latest_number,
        name=name,
        media_type=media_type,
        size=sum(length for _, length in pieces),
        sha256=whole.hexdigest(),
        uploaded_by_id=actor.person_id,
        uploaded_at=clock.now(),
    )
    _write_missing_chunks(file, begun, [sha256 for sha256, _ in pieces[len(kept) :]])
    values = {column: getattr(version, column) for column in _COLUMNS}
    [(version.pk,)] = sql.rows(_INSERT_VERSION, {**values, "pieces": as_array([sha256 for sha256, _ in pieces])})
    return version


def _write_missing_chunks(file: IO[bytes], begun: int, hashes: list[str]) -> None:
    """Insert pieces not stored yet, in the order of their hashes: two writers of the same pieces cannot deadlock.

    ``begun`` is where in the file the first of them stands.
    """
    for sha256 in sorted(set(hashes)):
        file.seek(begun + hashes.index(sha256) * rules.CHUNK_BYTES)
        insert_unless_there(Chunk(sha256=sha256, content=file.read(rules.CHUNK_BYTES)))
