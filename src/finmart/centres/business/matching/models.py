"""Runs with their inputs and outcomes, and chances as learnt. The tables only grow: what was shown stays as shown."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from finmart.centres.business.matching.types import MatchState
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import graded
from finmart.kit.ids import new_uuid


class MatchRun(AppendOnly):
    """One match. ``need``, ``facts`` and ``settings`` are all it read besides the product versions of its outcomes."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    matched_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    matched_at = models.DateTimeField()
    matched_on = models.DateField()
    need = models.JSONField()
    facts = models.JSONField()
    settings = models.JSONField()
    engine_version = models.PositiveSmallIntegerField()
    grades = graded(
        "匹配",
        {
            2: "uuid organisation matched_by matched_at matched_on settings engine_version",
            3: "need",
            4: "facts",
        },
    )

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="matching_run_organisation")]

    def __str__(self) -> str:
        return f"match {self.uuid}"


class MatchOutcome(AppendOnly):
    """What came out for one product version."""

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="outcomes")
    version = models.ForeignKey("catalogue.ProductVersion", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=MatchState.choices())
    rank = models.PositiveIntegerField(null=True)
    score = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    lowest_cost = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    highest_cost = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    hard_not_met = models.PositiveSmallIntegerField()
    hard_unknown = models.PositiveSmallIntegerField()
    states = ArrayField(models.PositiveSmallIntegerField())
    kind = models.CharField(max_length=20, blank=True, default="")
    chance = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    grades = graded(
        "匹配结果",
        {
            2: "run version position state rank kind hard_not_met hard_unknown",
            3: "score lowest_cost highest_cost states chance",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "version"], name="matching_outcome_once"),
            models.UniqueConstraint(fields=["run", "position"], name="matching_outcome_position"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.score}"


class LearntChances(AppendOnly):
    """What the record said on a day: how likely each kind of match becomes an offer, who is seen too little."""

    learnt_at = models.DateTimeField()
    chances = models.JSONField()
    decided = models.PositiveIntegerField()
    least_seen = models.JSONField(default=list)
    grades = graded("习得的成功率", {2: "learnt_at chances decided least_seen"})

    def __str__(self) -> str:
        return f"chances of {self.decided} applications"


class CriteriaTry(AppendOnly):
    """That an institution tried criteria on the city: so many different ones a day are answered, the same one again."""

    institution = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    product_uuid = models.UUIDField()
    tried_on = models.DateField()
    tried_at = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)
    criteria = models.JSONField()
    grades = graded("准入条件试算", {2: "institution person product_uuid tried_on tried_at fingerprint criteria"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "tried_on", "fingerprint"], name="matching_try_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.tried_on}"
