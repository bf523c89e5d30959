"""Rules in dated versions, runs with their figures, and lapses with their history."""

from django.db import models
from django.db.models import Q

from finmart.centres.data.quality.types import Dimension, LapseState, LineKind, Origin, Subject, Trigger
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid

PERSON = "parties.Person"


class RuleVersion(AppendOnly):
    """A rule as it stands from ``valid_from`` on: of two for one day the later row counts.

    ``body`` holds ``when`` and ``check``. A version that an operator sets copies them from the one before.
    """

    code = models.CharField(max_length=60)
    valid_from = models.DateField()
    dimension = models.CharField(max_length=10, choices=Dimension.choices())
    subject = models.CharField(max_length=8, choices=Subject.choices())
    label = models.CharField(max_length=60)
    meaning = models.CharField(max_length=300)
    body = models.JSONField()
    most_failed = models.DecimalField(max_digits=7, decimal_places=6)
    days_to_mend = models.PositiveSmallIntegerField()
    holds_from = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    source = models.CharField(max_length=300)
    is_example = models.BooleanField()
    is_retired = models.BooleanField(default=False)
    origin = models.CharField(max_length=8, choices=Origin.choices())
    set_by_label = models.CharField(max_length=80)
    set_at = models.DateTimeField()
    grades = graded(
        "质量规则",
        {
            1: "code valid_from dimension subject label meaning body most_failed days_to_mend holds_from is_example",
            2: "is_retired origin owner set_by_label set_at",
            WORDS: "source",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(most_failed__gte=0, most_failed__lte=1), name="quality_rule_share"),
            models.CheckConstraint(condition=Q(days_to_mend__gte=1), name="quality_rule_days"),
        ]
        indexes = [models.Index(fields=["code", "valid_from", "id"], name="quality_rule_in_force")]

    def __str__(self) -> str:
        return f"{self.code} {self.valid_from}"


class Run(AppendOnly):
    """One run of the rules: over everything, what one load touched, or (``batch_uuid``) what one batch would bring.

    A batch that was refused and comes again is judged again.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    trigger = models.CharField(max_length=6, choices=Trigger.choices())
    load_uuid = models.UUIDField(null=True)
    batch_uuid = models.UUIDField(null=True, db_index=True)
    firms = models.PositiveIntegerField()
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    grades = graded("质量检查", {2: "uuid trigger load_uuid batch_uuid firms begun_at finished_at"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["load_uuid"], name="quality_run_once_a_load"),
            models.CheckConstraint(
                condition=Q(trigger=Trigger.LOAD, load_uuid__isnull=False, batch_uuid=None)
                | Q(trigger=Trigger.BATCH, load_uuid=None, batch_uuid__isnull=False)
                | ~Q(trigger__in=[Trigger.LOAD, Trigger.BATCH]) & Q(load_uuid=None, batch_uuid=None),
                name="quality_run_of_a_load",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.begun_at:%F}"

    @property
    def is_whole(self) -> bool:
        """Was everything judged?"""
        return self.load_uuid is None and self.batch_uuid is None


class RuleFigure(AppendOnly):
    """What a run found for one rule, judged by the version then in force. ``examples`` are of few failing rows."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="figures")
    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    checked = models.PositiveBigIntegerField()
    failed = models.PositiveBigIntegerField()
    passes = models.BooleanField()
    examples = models.JSONField()
    grades = graded("质量检查结果", {2: "run version code checked failed passes", 3: "examples"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="quality_figure_once_a_run")]
        indexes = [models.Index(fields=["code", "-run"], name="quality_figure_history")]

    def __str__(self) -> str:
        return f"{self.code} {self.failed}/{self.checked}"


class Lapse(models.Model):
    """A rule that does not hold over the whole store. One at a time stands open for a rule."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    code = models.CharField(max_length=60)
    state = models.CharField(max_length=6, choices=LapseState.choices(), default=LapseState.OPEN)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    mended_at = models.DateTimeField(null=True)
    grades = graded("质量未达标", {2: "uuid code state owner opened_at due_at mended_at"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(state=LapseState.OPEN), name="quality_one_open_lapse"),
            models.CheckConstraint(
                condition=Q(state=LapseState.OPEN, mended_at=None)
                | Q(state=LapseState.MENDED, mended_at__isnull=False),
                name="quality_lapse_mended_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"


class LapseLine(AppendOnly):
    """What happened to a lapse; never changed."""

    lapse = models.ForeignKey(Lapse, on_delete=models.PROTECT, related_name="lines")
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=8, choices=LineKind.choices())
    text = models.CharField(max_length=500)
    grades = graded("质量未达标经过", {2: "lapse at by kind", WORDS: "text"})

    def __str__(self) -> str:
        return f"{self.lapse_id} {self.kind}"
