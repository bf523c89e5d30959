"""Who was shown a masked value in full, when, why and until when."""

from django.db import models
from django.db.models import F, Q

from finmart.centres.technical.masking.types import TargetKind, UnmaskPurpose
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid

ORGANISATION, PERSON = "parties.Organisation", "parties.Person"


class Unmasking(AppendOnly):
    """One act: ``person`` may read the target's values in full until ``valid_to``. The values are not kept here.

    ``concerned_person`` or ``concerned_organisation`` is whose values they are, and who is told.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    at = models.DateTimeField()
    valid_to = models.DateTimeField()
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+", null=True)
    target_kind = models.CharField(max_length=12, choices=TargetKind.choices())
    target_uuid = models.UUIDField()
    concerned_person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    concerned_organisation = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+", null=True)
    purpose = models.CharField(max_length=16, choices=UnmaskPurpose.choices())
    words = models.CharField(max_length=300)
    grades = graded(
        "显示原值",
        {
            2: (
                "uuid at valid_to person organisation target_kind target_uuid concerned_person concerned_organisation "
                "purpose"
            ),
            WORDS: "words",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("at")), name="masking_unmasking_ends"),
            models.CheckConstraint(
                condition=Q(concerned_person__isnull=False) | Q(concerned_organisation__isnull=False),
                name="masking_unmasking_concerns_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-valid_to"], name="masking_unmasking_open"),
            models.Index(fields=["concerned_person", "-at"], name="masking_unmasking_of_person"),
            models.Index(fields=["concerned_organisation", "-at"], name="masking_unmasking_of_firm"),
        ]

    def __str__(self) -> str:
        return f"{self.target_kind} {self.target_uuid} until {self.valid_to:%H:%M}"
