"""Consents, the recorded bases of the operator's own purposes, and the ledger of who saw what."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from finmart.centres.data.consents.types import AfterEnd, DisclosureOutcome, Mode, Purpose, ReadKind
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import graded
from finmart.kit.ids import new_uuid


class Consent(models.Model):
    """A firm lets one recipient read named fact types for one purpose, from one moment to another (exclusive).

    ``ended_at`` is when its end was carried out: copies deleted or blocked, at withdrawal or by the job of expiry.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    grantor = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    recipient = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=24, choices=Purpose.choices())
    fact_types = ArrayField(models.CharField(max_length=60))
    months_back = models.PositiveSmallIntegerField()
    most_calls_a_month = models.PositiveSmallIntegerField(default=0)
    keep_days = models.PositiveSmallIntegerField(default=30)
    mode = models.CharField(max_length=8, choices=Mode.choices())
    after_end = models.CharField(max_length=8, choices=AfterEnd.choices())
    signed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    grades = graded(
        "授权",
        {
            2: (
                "uuid grantor recipient purpose fact_types months_back most_calls_a_month keep_days mode after_end "
                "signed_by valid_from valid_to withdrawn_at ended_at"
            ),
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="consents_consent_has_length"),
            models.CheckConstraint(condition=~Q(grantor=F("recipient")), name="consents_consent_to_another"),
        ]
        indexes = [
            models.Index(fields=["grantor", "recipient", "purpose"], name="consents_consent_between"),
            models.Index(fields=["valid_to"], condition=Q(ended_at=None), name="consents_consent_to_end"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.uuid}"


class PurposeBasis(models.Model):
    """On what law or contract the operator's own use of facts for a purpose rests; a newer row replaces an older."""

    purpose = models.CharField(max_length=24, choices=Purpose.choices())
    basis = models.TextField()
    source = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=80, blank=True)
    grades = graded("使用依据", {1: "purpose basis source valid_from valid_to", 2: "recorded_by"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="consents_purposebasis_has_length"
            ),
            models.UniqueConstraint(fields=["purpose", "valid_from"], name="consents_purposebasis_once"),
        ]

    def __str__(self) -> str:
        return self.purpose


class DisclosureEntry(AppendOnly):
    """One request to see facts, given or refused; kept three years at least (征信业管理条例 and F2), so for good here.

    Without foreign keys: a refusal is written from a session of its own, which must not wait for rows that the
    refused transaction holds. ``subject_id`` None means the whole population.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    at = models.DateTimeField()
    subject_id = models.BigIntegerField(null=True)
    recipient_id = models.BigIntegerField(null=True)
    recipient_name = models.CharField(max_length=200)
    person_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=24)
    fact_types = ArrayField(models.CharField(max_length=60))
    what = models.CharField(max_length=10, choices=ReadKind.choices(), default=ReadKind.FACTS)
    earliest_on = models.DateField(null=True)
    outcome = models.CharField(max_length=8, choices=DisclosureOutcome.choices())
    reason = models.CharField(max_length=24, blank=True)
    consent_id = models.BigIntegerField(null=True)
    consent_uuid = models.UUIDField(null=True)
    trace_id = models.CharField(max_length=20, blank=True)
    grades = graded(
        "数据提供记录",
        {
            2: (
                "uuid at subject_id recipient_id recipient_name person_id purpose fact_types what "
                "earliest_on outcome reason consent_id consent_uuid trace_id"
            ),
        },
    )

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "-id"], name="consents_disclosure_subject"),
            models.Index(fields=["recipient_id", "-id"], name="consents_disclosure_recipient"),
            models.Index(fields=["recipient_id", "at"], name="consents_disclosure_of_day"),
            models.Index(fields=["consent_id", "at"], name="consents_disclosure_consent"),
            models.Index(fields=["purpose", "-id"], name="consents_disclosure_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.outcome}"
