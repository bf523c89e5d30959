"""Warnings and the lines of their history."""

from django.db import models
from django.db.models import Q

from finmart.centres.governance.warnings.types import Grade, LineKind, SignalCode, WarningState
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid

PERSON = "parties.Person"


class RaisedWarning(models.Model):
    """A signal that a firm gives. One at a time stands open; whoever changes it holds its lock."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    signal = models.CharField(max_length=20, choices=SignalCode.choices())
    grade = models.CharField(max_length=8, choices=Grade.choices())
    firm = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    evidence = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=WarningState.choices(), default=WarningState.OPEN)
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    reminded_for = models.DateTimeField(null=True)  # the deadline that was reminded of; another one is reminded of anew
    escalated_for = models.DateTimeField(null=True)  # the deadline whose passing was reported
    lift_reason = models.CharField(max_length=500, blank=True)
    lifted_at = models.DateTimeField(null=True)
    grades = graded(
        "预警",
        {
            2: "uuid firm state raised_at due_at owner reminded_for escalated_for lifted_at",
            4: "signal grade",
            WORDS: "evidence lift_reason",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "signal"], condition=Q(state=WarningState.OPEN), name="warnings_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=WarningState.OPEN, lifted_at=None, lift_reason="")
                | Q(state=WarningState.LIFTED, lifted_at__isnull=False) & ~Q(lift_reason=""),
                name="warnings_lift_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="warnings_open_by_due")]

    def __str__(self) -> str:
        return f"{self.firm_id} {self.signal} {self.grade}"


class WarningLine(AppendOnly):
    """What happened to a warning; never changed."""

    warning = models.ForeignKey(RaisedWarning, on_delete=models.PROTECT, related_name="lines")
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=8, choices=LineKind.choices())
    grade = models.CharField(max_length=8, choices=Grade.choices())
    text = models.CharField(max_length=500)
    grades = graded("预警处置", {2: "warning at by kind", 4: "grade", WORDS: "text"})

    def __str__(self) -> str:
        return f"{self.warning_id} {self.kind}"


class QualityMeasure(AppendOnly):
    """How good the signals were on the platform's own invoices, measured at a moment; sums only."""

    at = models.DateTimeField()
    rows = models.JSONField()
    grades = graded("预警质量", {2: "at rows"})

    def __str__(self) -> str:
        return f"{self.at}"
