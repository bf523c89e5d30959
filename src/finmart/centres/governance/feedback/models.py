"""What parties say against decisions of the platform."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from finmart.centres.governance.feedback.types import AppealFinding, AppealSubject
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid

PERSON = "parties.Person"


class Appeal(models.Model):
    """An appeal against a decision of the platform, in a case of its own.

    ``reference`` names the very thing (a product's, match's or score's uuid), ``deciders`` who took the decision:
    none of them finds on it, by constraint.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=10, choices=AppealSubject.choices())
    reference = models.CharField(max_length=60)
    grounds = models.CharField(max_length=2_000)
    deciders = ArrayField(models.BigIntegerField(), default=list)
    lodged_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    lodged_at = models.DateTimeField()
    finding = models.CharField(max_length=8, choices=AppealFinding.choices(), blank=True)
    reason = models.CharField(max_length=2_000, blank=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    grades = graded(
        "申诉",
        {
            2: "uuid case organisation subject reference deciders lodged_by lodged_at finding decided_by decided_at",
            WORDS: "grounds reason",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "subject", "reference"], name="feedback_appeal_once"),
            models.CheckConstraint(condition=~Q(grounds="") & ~Q(reference=""), name="feedback_appeal_has_grounds"),
            models.CheckConstraint(
                condition=Q(finding="", reason="", decided_by=None, decided_at=None)
                | Q(finding__in=[str(code) for code in AppealFinding], decided_by__isnull=False)
                & Q(decided_at__isnull=False)
                & ~Q(reason=""),
                name="feedback_appeal_found_by_a_person",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-id"], name="feedback_appeal_of_party")]

    def __str__(self) -> str:
        return f"{self.subject} {self.reference}"
