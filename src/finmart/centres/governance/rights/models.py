"""Requests about one's own data. What happened to each stands in the audit trail as well."""

from django.db import models
from django.db.models import Q

from finmart.centres.governance.rights.types import ContactField, Ground, Outcome, RequestKind, RequestState
from finmart.kit.grades import graded
from finmart.kit.ids import new_uuid


class DataRequest(models.Model):
    """What a person asks of the data about himself or, with a mandate, about a firm (``organisation``)."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=RequestKind.choices())
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=1_000, blank=True)
    field = models.CharField(max_length=8, choices=ContactField.choices(), blank=True)
    value = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=RequestState.choices(), default=RequestState.SUBMITTED)
    made_at = models.DateTimeField()
    accept_by = models.DateTimeField()
    answer_by = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices(), blank=True)
    ground = models.CharField(max_length=10, choices=Ground.choices(), blank=True)
    answer = models.CharField(max_length=1_000, blank=True)
    effect = models.JSONField(default=dict)
    open_until = models.DateTimeField(null=True)
    appeal = models.CharField(max_length=1_000, blank=True)
    review_by = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    review = models.CharField(max_length=1_000, blank=True)
    escalated_for = models.DateTimeField(null=True)
    grades = graded(
        "数据权利申请",
        {
            2: (
                "uuid kind organisation person field state made_at accept_by answer_by accepted_at accepted_by "
                "answered_at answered_by outcome ground effect open_until review_by reviewed_at reviewed_by "
                "escalated_for"
            ),
            3: "text value answer appeal review",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome__in=[Outcome.REFUSED, Outcome.PARTLY]) | ~Q(ground="") & ~Q(answer=""),
                name="rights_refusal_has_a_ground",
            ),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(organisation=None, state__in=[RequestState.SUBMITTED, RequestState.ACCEPTED]),
                name="rights_one_open_of_person",
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind"],
                condition=Q(state__in=[RequestState.SUBMITTED, RequestState.ACCEPTED]),
                name="rights_one_open_of_firm",
            ),
        ]
        indexes = [models.Index(fields=["state", "answer_by"], name="rights_request_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"
