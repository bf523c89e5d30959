"""A case, who takes part, what happened and what was said."""

from django.db import models
from django.db.models import Q

from finmart.centres.business.cases.types import CaseState
from finmart.kit import masks
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class DaySeries(models.Model):
    """The latest position given out in a series of numbers on a day; its row lock puts the takers in line."""

    series = models.CharField(max_length=8)
    day = models.DateField()
    latest = models.PositiveIntegerField()
    grades = graded("编号序列", {1: "series day latest"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "day"], name="cases_day_series_once")]

    def __str__(self) -> str:
        return f"{self.series}{self.day}: {self.latest}"


class Case(models.Model):
    """The file in which everything about one matter is kept."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    number = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=CaseState.choices(), default=CaseState.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    closing_reason = models.CharField(max_length=200, blank=True)
    grades = graded("案件", {2: "uuid number kind title state opened_at closed_at archived_at closing_reason"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CaseState.OPEN, closed_at=None, archived_at=None)
                | Q(state=CaseState.CLOSED, closed_at__isnull=False, archived_at=None)
                | Q(state=CaseState.ARCHIVED, closed_at__isnull=False, archived_at__isnull=False),
                name="cases_case_moments_fit_state",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="cases_case_newest"),
            models.Index(fields=["state", "-opened_at"], name="cases_case_state"),
        ]

    def __str__(self) -> str:
        return self.number


class Party(models.Model):
    """An organisation or a person taking part in a case, from one moment to another."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    role = models.CharField(max_length=12)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    grades = graded("案件参与方", {2: "uuid case organisation person role joined_at left_at"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, person=None) | Q(organisation=None, person__isnull=False),
                name="cases_party_is_one",
            ),
            models.UniqueConstraint(
                fields=["case", "organisation", "role"], condition=Q(left_at=None), name="cases_party_organisation_once"
            ),
            models.UniqueConstraint(
                fields=["case", "person", "role"], condition=Q(left_at=None), name="cases_party_person_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "case"], condition=Q(left_at=None), name="cases_party_of_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.organisation_id or self.person_id}"

    @property
    def name(self) -> str:
        if self.organisation is not None:
            return self.organisation.name
        return self.person.full_name if self.person is not None else ""

    @property
    def public_name(self) -> str:
        """The name as a line that everybody at the case reads carries it: a person's is masked."""
        return self.name if self.organisation is not None else masks.name(self.name)


class TimelineEntry(AppendOnly):
    """What happened. ``visible_to`` empty: all parties and the operator; else that organisation alone."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="timeline", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    actor_label = models.CharField(max_length=200)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    text = models.CharField(max_length=2_000)
    visible_to = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    document_uuid = models.UUIDField(null=True)
    process_event = models.CharField(max_length=80, blank=True)
    grades = graded(
        "案件时间线",
        {
            2: "case at kind actor_label organisation visible_to document_uuid process_event",
            WORDS: "text",
        },
    )

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="cases_timeline_of_case")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.text[:40]}"


class Message(AppendOnly):
    """What one party wrote to another, or to all (``recipient`` empty)."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    sent_at = models.DateTimeField()
    sender = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    sender_organisation = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True
    )
    recipient = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", null=True)
    text = models.CharField(max_length=2_000)
    grades = graded("案件消息", {2: "uuid case sent_at sender sender_organisation recipient", WORDS: "text"})

    class Meta:
        indexes = [models.Index(fields=["case", "sent_at"], name="cases_message_of_case")]

    def __str__(self) -> str:
        return self.text[:40]


class MessageReading(AppendOnly):
    """That a person has read a message, and when."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="readings")
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    grades = graded("消息已读", {2: "message person read_at"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "person"], name="cases_message_read_once")]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.message_id}"


class FiledDocument(AppendOnly):
    """A paper of the case, kept by documents and readable by every party, also by those who join later."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    document_uuid = models.UUIDField(unique=True)
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    grades = graded("案件材料", {2: "case document_uuid filed_at filed_by"})

    class Meta:
        indexes = [models.Index(fields=["case", "filed_at"], name="cases_paper_of_case")]

    def __str__(self) -> str:
        return str(self.document_uuid)
