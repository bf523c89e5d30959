"""One row for every act and every denied attempt, chained by SM3 within its shard."""

from django.db import models

from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import NAME, WORDS, graded


class Entry(AppendOnly):
    """An act. ``chain_hash`` covers the row and the hash before it; ``position`` counts from 1 in its shard."""

    shard = models.PositiveSmallIntegerField()
    position = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    tag = models.CharField(max_length=80)
    outcome = models.CharField(max_length=8)
    subject = models.CharField(max_length=120, blank=True)
    person_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    trace_id = models.CharField(max_length=20, blank=True)
    content = models.JSONField(default=dict)
    previous_hash = models.BinaryField(max_length=32)
    chain_hash = models.BinaryField(max_length=32)
    grades = graded(
        "操作留痕",
        {
            2: (
                "shard position recorded_at tag outcome subject person_id organisation_id trace_id previous_hash "
                "chain_hash"
            ),
            NAME: "actor_label",
            WORDS: "content",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shard", "position"], name="audit_entry_position"),
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="audit_entry_subject"),
            models.Index(fields=["person_id", "id"], name="audit_entry_person"),
        ]

    def __str__(self) -> str:
        return f"{self.shard}/{self.position} {self.tag}"


class ShardHead(models.Model):
    """The latest position and hash of one chain; its row lock puts the writers of a shard in line."""

    shard = models.PositiveSmallIntegerField(primary_key=True)
    position = models.BigIntegerField(default=0)
    chain_hash = models.BinaryField(max_length=32)
    grades = graded("留痕分片", {2: "shard position chain_hash"})

    def __str__(self) -> str:
        return f"{self.shard}: {self.position}"
