"""What is known of a firm, each value with its day, source and grade."""

from django.db import models
from django.db.models import Q

from finmart.kit.grades import graded


class Fact(models.Model):
    """One fact of one firm as of one day; ``known_at`` is when the platform came to know it.

    A number stands in ``number`` (amounts in fen, shares as fractions), anything else in ``content``. Neither: as of
    that day the value is unknown, which hides an older one.
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
