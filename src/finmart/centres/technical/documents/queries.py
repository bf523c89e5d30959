"""Finding documents and reading their bytes, always for an actor."""

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import BigIntegerField, F, IntegerField, Q, QuerySet

from finmart.centres.technical.documents import policies, rules
from finmart.centres.technical.documents.models import Chunk, DocumentVersion, Grant, VersionChunk
from finmart.centres.technical.documents.types import (
    DocumentDamaged,
    DocumentRef,
    DocumentsAct,
    Download,
    UploadLimits,
    VersionRow,
)
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound
from finmart.kit.statements import Given, Statement

MOST_BYTES = "documents.upload.maximum_bytes"
EXTENSIONS = "documents.upload.extensions"
_PIECE = Statement(
    lambda: VersionChunk.objects.select_related("chunk").filter(
        version=Given("version", BigIntegerField()), position=Given("position", IntegerField())
    )
)
_PIECES = Statement(
    lambda: (
        VersionChunk.objects.select_related("chunk")
        .filter(version=Given("version", BigIntegerField()))
        .order_by("position")
    )
)


def upload_limits() -> UploadLimits:
    """Return size and types of what may be uploaded today, as the operator has set them."""
    found = parameters_queries.values([MOST_BYTES, EXTENSIONS])
    accepted = tuple(item for item in rules.KNOWN_TYPES if item.extension in found[EXTENSIONS])
    return UploadLimits(int(found[MOST_BYTES]), accepted)


def document_for(actor: Actor, uuid: UUID, version: int | None = None) -> DocumentRef:
    """Return a document at its latest version, or at ``version``. Raises NotFound, also for strangers."""
    return document_ref(actor, _version(actor, uuid, version))


def documents_for(actor: Actor, uuids: Iterable[UUID]) -> list[DocumentRef]:
    """Return those of the documents the actor may read, in the order asked for."""
    wanted = list(uuids)
    found = {row.document.uuid: row for row in _latest(actor).filter(document__uuid__in=wanted)}
    return [document_ref(actor, found[uuid]) for uuid in wanted if uuid in found]


def documents_of_own(actor: Actor, *, purpose: str = "", limit: int = 50) -> list[DocumentRef]:
    """Return the newest documents of the actor's organisation (or own, where acting alone)."""
    owned = (
        Q(document__owner_organisation=actor.organisation_id)
        if actor.organisation_id
        else Q(document__owner_person=actor.person_id, document__owner_organisation=None)
    )
    rows = _latest(actor).filter(owned)
    if purpose:
        rows = rows.filter(document__purpose=purpose)
    return [document_ref(actor, row) for row in rows.order_by("-document_id")[:limit]]


def versions_for(actor: Actor, uuid: UUID) -> list[VersionRow]:
    """Return the history of a document, newest first. Raises NotFound, also for strangers."""
    rows = DocumentVersion.objects.filter(document__uuid=uuid).filter(_readable_by(actor))
    history = [
        VersionRow(
            number=row.number,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            uploaded_by=row.uploaded_by.full_name if row.uploaded_by else "系统",
            uploaded_at=row.uploaded_at,
        )
        for row in rows.select_related("uploaded_by").order_by("-number")
    ]
    if not history:
        raise NotFound("没有找到该文件")
    return history


def content_for(actor: Actor, uuid: UUID, version: int | None = None) -> tuple[DocumentRef, bytes]:
    """Return a document and all its bytes, for another centre's work on it; people use ``operations.download``."""
    opened = pieces_for(actor, uuid, version)
    return opened.document, b"".join(opened.pieces)


def pieces_for(actor: Actor, uuid: UUID, version: int | None = None) -> Download:
    """Return a document and its bytes piece by piece, read as they are asked for. Raises NotFound."""
    row = _version(actor, uuid, version)
    return Download(document_ref(actor, row), pieces_of(row))


def document_ref(actor: Actor, row: DocumentVersion) -> DocumentRef:
    document = row.document
    acts = {DocumentsAct.DOCUMENT_DOWNLOAD}
    if policies.can_change(actor, document, keeper=""):
        acts |= {DocumentsAct.ACCESS_GRANT, DocumentsAct.ACCESS_REVOKE, DocumentsAct.VERSION_ADD}
    return DocumentRef(
        uuid=document.uuid,
        name=row.name,
        purpose=document.purpose,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        version=row.number,
        created_at=document.created_at,
        uploaded_at=row.uploaded_at,
        owner_organisation_id=document.owner_organisation_id,
        acts=frozenset(str(act) for act in acts),
    )


def pieces_of(row: DocumentVersion) -> Iterator[bytes]:
    """Yield the pieces of a version as they are asked for. Raises DocumentDamaged."""
    return (bytes(piece.content) for piece in chunks_of(row))


def chunks_of(row: DocumentVersion) -> Iterator[Chunk]:
    """Yield the stored pieces of a version, of a long one each when it is asked for. Raises DocumentDamaged."""
    if row.size <= rules.CHUNK_BYTES:
        yield from (checked(stored.chunk) for stored in _PIECES.all(version=row.pk))
        return
    position = read = 0
    while read < row.size:
        chunk = checked(_PIECE.one(version=row.pk, position=position).chunk)
        yield chunk
        position, read = position + 1, read + len(chunk.content)


def checked(chunk: Chunk) -> Chunk:
    """Return the piece. Raises DocumentDamaged where its bytes are not those its hash is of."""
    if hashlib.sha256(chunk.content).hexdigest() != chunk.sha256:
        raise DocumentDamaged(f"piece {chunk.sha256} does not match its hash")
    return chunk


def _version(actor: Actor, uuid: UUID, version: int | None) -> DocumentVersion:
    number = F("document__latest_number") if version is None else version
    row = _versions(actor).filter(document__uuid=uuid, number=number).first()
    if row is None:
        raise NotFound("没有找到该文件", remedy="文件可能已撤回共享，请联系提供方")
    return row


def _latest(actor: Actor) -> QuerySet[DocumentVersion]:
    return _versions(actor).filter(number=F("document__latest_number"))


def _versions(actor: Actor) -> QuerySet[DocumentVersion]:
    return DocumentVersion.objects.filter(_readable_by(actor)).select_related("document")


def _readable_by(actor: Actor) -> Q:
    """The owner reads, whoever holds a grant in force reads, and the system's own jobs do."""
    if actor.system:
        return Q()
    readable = Q(pk__in=[])
    now = clock.now()
    in_force = Grant.objects.filter(valid_from__lte=now).filter(Q(valid_to=None) | Q(valid_to__gt=now))
    if actor.organisation_id is not None:
        readable |= Q(document__owner_organisation=actor.organisation_id)
        readable |= Q(document__in=in_force.filter(organisation=actor.organisation_id).values("document"))
    if actor.person_id is not None:
        readable |= Q(document__owner_person=actor.person_id, document__owner_organisation=None)
        readable |= Q(document__in=in_force.filter(person=actor.person_id).values("document"))
    return readable
