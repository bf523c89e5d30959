"""What departments are asked for, with deadline, reminders and answer."""

from django.db import models
from django.db.models import Q

from finmart.centres.data.sources.models.feeds import Feed, Record
from finmart.centres.data.sources.types import DemandAct, DemandKind, DemandState
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class Demand(models.Model):
    """Data that are missing, or a record that is to be corrected.

    ``delivered_at`` is when the supplier's system took it; ``due_at`` counts working days from when it was raised.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="demands")
    kind = models.CharField(max_length=10, choices=DemandKind.choices())
    state = models.CharField(max_length=8, choices=DemandState.choices(), default=DemandState.OPEN)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+", null=True)
    text = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    raised_by_id = models.BigIntegerField(null=True)
    raised_by = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    urged = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)
    grades = graded(
        "数据需求",
        {
            2: (
                "uuid feed kind state organisation record raised_at raised_by_id raised_by due_at delivered_at urged "
                "settled_at"
            ),
            WORDS: "text answer",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=DemandKind.SUPPLY, record=None) | Q(kind=DemandKind.CORRECTION, record__isnull=False),
                name="sources_demand_correction_names_a_record",
            ),
            models.UniqueConstraint(
                fields=["record"], condition=Q(state=DemandState.OPEN), name="sources_demand_one_per_record"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="sources_demand_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class DemandLine(AppendOnly):
    """One thing that happened to a demand."""

    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="lines")
    at = models.DateTimeField()
    act = models.CharField(max_length=9, choices=DemandAct.choices())
    by = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    grades = graded("数据需求经过", {2: "demand at act by", WORDS: "text"})

    def __str__(self) -> str:
        return f"{self.act} {self.at:%F}"
