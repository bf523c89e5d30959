"""Loads, the firms a foreign source knows by a code of its own, and invoices."""

from django.db import models

from finmart.centres.data.sources.types import Direction, LoadKind, LoadState
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class Load(models.Model):
    """One run of an importer: which files (name, SHA-256, bytes), what was found, what came of it."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=LoadKind.choices())
    state = models.CharField(max_length=8, choices=LoadState.choices())
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    files = models.JSONField()
    report = models.JSONField(default=dict)
    invoices = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    settled_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    settled_at = models.DateTimeField(null=True)
    settle_reason = models.CharField(max_length=500, blank=True)
    grades = graded(
        "数据批次",
        {
            2: "uuid kind state organisation files invoices started_at finished_at settled_by settled_at",
            WORDS: "report message settle_reason",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(settled_by=None, settled_at=None, settle_reason="")
                | models.Q(settled_by__isnull=False, settled_at__isnull=False) & ~models.Q(settle_reason=""),
                name="sources_load_settled_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class HeldFile(models.Model):
    """The bytes of a held file (deflated), until a person releases or refuses its load; then they are removed."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="held_files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    grades = graded("暂存的文件", {2: "load position", WORDS: "name content"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["load", "position"], name="sources_heldfile_place")]

    def __str__(self) -> str:
        return f"{self.load_id}/{self.position}"


class ListedFirm(models.Model):
    """A firm that a list named; ``is_new`` where it was registered by that very load."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="listed_firms")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    is_new = models.BooleanField()
    grades = graded("名单中的企业", {2: "load organisation is_new"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["load", "organisation"], name="sources_listedfirm_once")]

    def __str__(self) -> str:
        return f"{self.load_id}/{self.organisation_id}"


class KnownFirm(models.Model):
    """A firm as a foreign source names it. ``rating`` and ``defaulted`` are labels of an outcome, never features."""

    source = models.CharField(max_length=12)
    code = models.CharField(max_length=20)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    rating = models.CharField(max_length=2, blank=True)
    defaulted = models.BooleanField(null=True)
    grades = graded("来源中的企业", {2: "source code organisation", 4: "rating defaulted"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "code"], name="sources_knownfirm_once"),
            models.UniqueConstraint(fields=["source", "organisation"], name="sources_knownfirm_one_code"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.code}"


class Invoice(models.Model):
    """One invoice of one firm; amounts in fen, negative for a red-letter invoice.

    ``content_key`` is made of every column (a number alone is no identity: numbers restart per invoice code), so the
    same row is stored once however often it is loaded. ``is_effective`` is false for what does not count: a void
    invoice, and a valid row whose void twin (equal but for the status) is known.
    """

    content_key = models.UUIDField(unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    # Held to its load once a statement by a trigger: a check for each of a million rows costs as long as storing them.
    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    direction = models.CharField(max_length=3, choices=Direction.choices())
    number = models.CharField(max_length=24)
    issued_on = models.DateField()
    counterparty = models.CharField(max_length=120)
    amount_fen = models.BigIntegerField()
    tax_fen = models.BigIntegerField()
    total_fen = models.BigIntegerField()
    is_void = models.BooleanField()
    is_effective = models.BooleanField()
    adds_up = models.BooleanField()
    grades = graded(
        "发票",
        {
            2: "content_key organisation load direction issued_on is_void is_effective adds_up",
            3: "amount_fen tax_fen total_fen",
            WORDS: "number counterparty",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_void=False) | models.Q(is_effective=False), name="sources_invoice_void_counts_not"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.number}"
