"""Files in PostgreSQL and nowhere else: pieces stored once by their hash, versions as lists of pieces."""

from django.db import models
from django.db.models import Q

from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class Chunk(AppendOnly):
    """At most 1 MiB of bytes under their SHA-256 (hex); equal pieces of different files share one row."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    grades = graded("文件内容", {2: "sha256", WORDS: "content"})

    def __str__(self) -> str:
        return self.sha256


class Document(models.Model):
    """A paper. It belongs to an organisation or a person; ``keeper`` names the centre that alone may change it."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    purpose = models.CharField(max_length=40)
    keeper = models.CharField(max_length=40, blank=True)
    owner_organisation = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True
    )
    owner_person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    latest_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    grades = graded("文件", {2: "uuid purpose keeper owner_organisation owner_person latest_number created_at"})

    class Meta:
        indexes = [models.Index(fields=["owner_organisation", "-id"], name="documents_document_owner")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.uuid}"


class DocumentVersion(AppendOnly):
    """One version: what the file was called, what it is by its bytes, who brought it and when."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=150)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    uploaded_at = models.DateTimeField()
    grades = graded("文件版本", {2: "document number media_type size sha256 uploaded_by uploaded_at", WORDS: "name"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="documents_version_number"),
            models.CheckConstraint(condition=Q(size__gt=0), name="documents_version_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class VersionChunk(AppendOnly):
    """The n-th piece of a version."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="chunks", db_index=False)
    position = models.PositiveIntegerField()
    chunk = models.ForeignKey(Chunk, on_delete=models.PROTECT, related_name="+")
    grades = graded("文件版本的分块", {2: "version position chunk"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="documents_chunk_position")]

    def __str__(self) -> str:
        return f"{self.version_id}/{self.position}"


class Grant(models.Model):
    """An organisation or a person who may read a document, from one moment until it is revoked."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="grants")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    grades = graded("文件查阅权", {2: "document organisation person valid_from valid_to"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation=None, person__isnull=False) | Q(organisation__isnull=False, person=None),
                name="documents_grant_one_recipient",
            ),
            models.UniqueConstraint(
                fields=["document", "organisation"], condition=Q(valid_to=None), name="documents_grant_organisation"
            ),
            models.UniqueConstraint(
                fields=["document", "person"], condition=Q(valid_to=None), name="documents_grant_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} → {self.organisation_id or self.person_id}"
