"""What is known of a firm, each value with its day, source and grade; and its invoices summed up by month."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from finmart.centres.data.profiles.types import CopyEnd, CopyState, DisputeAct, DisputeState
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class Fact(models.Model):
    """One fact of one firm as of one day; ``known_at`` is when the platform came to know it.

    A number stands in ``number`` (amounts in fen, shares as fractions), anything else in ``content``. Neither: as of
    that day the value is unknown, which hides an older one. When another value of the same day comes in, a trigger
    moves this one to :class:`PastFact`.
    """

    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    fact_type = models.CharField(max_length=60)
    as_of_on = models.DateField()
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    content = models.JSONField(null=True)
    known_at = models.DateTimeField()
    source = models.CharField(max_length=120)
    grade = models.PositiveSmallIntegerField()
    grades = graded(
        "企业事实（各类事实另有级别）",
        {2: "organisation fact_type as_of_on known_at source grade", 4: "number content"},
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "fact_type", "as_of_on"], name="profiles_fact_once_a_day"),
            models.CheckConstraint(condition=Q(number=None) | Q(content=None), name="profiles_fact_one_value"),
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="profiles_fact_grade"),
        ]
        indexes = [models.Index(fields=["fact_type", "organisation"], name="profiles_fact_type")]

    def __str__(self) -> str:
        return f"{self.fact_type} {self.as_of_on}"


class PastFact(models.Model):
    """A version of a fact that another one of the same day took the place of at ``superseded_at``."""

    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    fact_type = models.CharField(max_length=60)
    as_of_on = models.DateField()
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    content = models.JSONField(null=True)
    known_at = models.DateTimeField()
    source = models.CharField(max_length=120)
    grade = models.PositiveSmallIntegerField()
    superseded_at = models.DateTimeField()
    grades = graded(
        "企业事实的旧版本（各类事实另有级别）",
        {2: "organisation fact_type as_of_on known_at source grade superseded_at", 4: "number content"},
    )

    class Meta:
        indexes = [models.Index(fields=["organisation", "superseded_at"], name="profiles_past_fact")]

    def __str__(self) -> str:
        return f"{self.fact_type} {self.as_of_on} until {self.superseded_at}"


class SummarisedFirm(models.Model):
    """How far a firm's invoices are summed up: to the one with this id, the newest of all being issued on that day.

    ``layout`` is the version of the summaries' columns.
    """

    organisation = models.OneToOneField("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    latest_invoice = models.BigIntegerField()
    latest_issued_on = models.DateField()
    layout = models.PositiveSmallIntegerField()
    grades = graded("发票汇总进度", {2: "organisation latest_invoice latest_issued_on layout"})

    def __str__(self) -> str:
        return f"to {self.latest_invoice}"


class MonthSummary(models.Model):
    """A firm's invoices of one side and month: see ``rules.summaries``. Months count year × 12 + month − 1."""

    organisation = models.ForeignKey(  # its invoices are held to it; a check for each of so many rows costs seconds
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    direction = models.CharField(max_length=3)
    month = models.IntegerField()
    figures = ArrayField(models.BigIntegerField(null=True))
    grades = graded("企业逐月发票汇总", {2: "organisation direction month", 3: "figures"})

    class Meta:
        indexes = [models.Index(fields=["organisation", "month"], name="profiles_month_of_firm")]

    def __str__(self) -> str:
        return f"{self.direction} {self.month}"


class PartnerSummary(models.Model):
    """What a firm and one partner invoiced in one month on one side."""

    organisation = models.ForeignKey(  # its invoices are held to it; a check for each of so many rows costs seconds
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    direction = models.CharField(max_length=3)
    month = models.IntegerField()
    counterparty = models.CharField(max_length=120)
    invoices = models.IntegerField()
    void = models.IntegerField()
    positive = models.IntegerField()
    net_fen = models.BigIntegerField()
    positive_fen = models.BigIntegerField()
    grades = graded(
        "企业与交易对手逐月往来汇总",
        {2: "organisation direction month", 3: "counterparty invoices void positive net_fen positive_fen"},
    )

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "month"], name="profiles_partner_of_firm"),
            models.Index(fields=["counterparty"], name="profiles_partner_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.month} {self.counterparty}"


class FactCopy(models.Model):
    """What an institution kept of a firm's facts under a consent, until that ends (clause F2).

    ``content`` is gone in a deleted copy; ``sha256`` (hex, of the content as it was kept) stays as proof of what was
    deleted. A blocked copy keeps its content, which nobody can read through the platform any more.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    subject = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    consent_uuid = models.UUIDField(db_index=True)
    disclosure_uuid = models.UUIDField()
    purpose = models.CharField(max_length=24)
    taken_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    keep_until = models.DateTimeField()
    after_end = models.CharField(max_length=8)
    fact_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.JSONField(null=True)
    state = models.CharField(max_length=8, choices=CopyState.choices(), default=CopyState.KEPT)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, choices=CopyEnd.choices(), blank=True)
    grades = graded(
        "机构留存的数据副本",
        {
            2: (
                "uuid subject recipient consent_uuid disclosure_uuid purpose taken_by taken_at keep_until after_end "
                "fact_count sha256 state ended_at ended_by"
            ),
            4: "content",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CopyState.DELETED, content=None) | ~Q(state=CopyState.DELETED) & ~Q(content=None),
                name="profiles_copy_deleted_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(state=CopyState.KEPT, ended_at=None) | ~Q(state=CopyState.KEPT) & ~Q(ended_at=None),
                name="profiles_copy_end_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="profiles_copy_subject"),
            models.Index(fields=["recipient", "-id"], name="profiles_copy_recipient"),
            models.Index(fields=["keep_until"], condition=Q(state=CopyState.KEPT), name="profiles_copy_to_end"),
        ]

    def __str__(self) -> str:
        return f"copy {self.uuid} {self.state}"


class FactDispute(models.Model):
    """A firm says that what is known of it is wrong. ``shown`` and ``source`` are as they stood when it said so.

    One at a time stands open for a fact of a firm; its mark stands on the fact until it is settled.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    fact_type = models.CharField(max_length=60)
    as_of_on = models.DateField()
    shown = models.CharField(max_length=300)
    source = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)
    document_uuid = models.UUIDField(null=True)
    state = models.CharField(max_length=9, choices=DisputeState.choices(), default=DisputeState.OPEN)
    raised_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    demand_uuid = models.UUIDField(null=True)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)
    grades = graded(
        "数据异议",
        {
            2: "uuid organisation fact_type as_of_on source document_uuid state raised_by raised_at due_at demand_uuid "
            "settled_at",
            4: "shown",
            WORDS: "reason outcome",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "fact_type"], condition=Q(state=DisputeState.OPEN),
                name="profiles_one_open_dispute",
            ),
            models.CheckConstraint(
                condition=Q(state=DisputeState.OPEN, settled_at=None, outcome="")
                | ~Q(state=DisputeState.OPEN) & Q(settled_at__isnull=False) & ~Q(outcome=""),
                name="profiles_dispute_outcome",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "due_at"], name="profiles_dispute_by_due")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.fact_type} {self.state}"


class DisputeLine(AppendOnly):
    """What happened to a dispute; never changed."""

    dispute = models.ForeignKey(FactDispute, on_delete=models.PROTECT, related_name="lines")
    at = models.DateTimeField()
    by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    act = models.CharField(max_length=9, choices=DisputeAct.choices())
    text = models.CharField(max_length=500)
    grades = graded("数据异议经过", {2: "dispute at by act", WORDS: "text"})

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.act}"
