"""One row per firm and day without anything that names it."""

from django.db import models

from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded


class Build(models.Model):
    """The store of one day, as it was built the latest time; rows for training have measures only."""

    day = models.DateField()
    is_training = models.BooleanField()
    built_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    smallest_group = models.PositiveIntegerField()
    withheld = models.PositiveIntegerField()
    key_id = models.CharField(max_length=20)
    grades = graded("脱敏存储构建", {2: "day is_training built_at rows smallest_group withheld key_id"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "is_training"], name="desensitised_build_once")]

    def __str__(self) -> str:
        return f"{self.day}"


class FirmDay(models.Model):
    """One firm on one day: a keyed pseudonym, coarse attributes, rounded measures. No name, code, id, account, text."""

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="firms", db_index=False)
    pseudonym = models.CharField(max_length=64)
    district = models.CharField(max_length=40)
    size_class = models.CharField(max_length=20)
    industry_section = models.CharField(max_length=20)
    age = models.CharField(max_length=20)
    ownership = models.CharField(max_length=20)
    bands = models.JSONField(default=dict)
    measures = models.JSONField(default=dict)
    grades = graded(
        "脱敏企业",
        {2: "build pseudonym district size_class industry_section age ownership bands", 3: "measures"},
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["build", "pseudonym"], name="desensitised_once_a_day")]

    def __str__(self) -> str:
        return self.pseudonym[:12]


class Reidentification(AppendOnly):
    """Somebody learnt whose row it is. Whose, is not written here: that would undo the store."""

    at = models.DateTimeField()
    by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    pseudonym = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    grades = graded("重新识别", {2: "at by pseudonym", WORDS: "reason"})

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.pseudonym[:12]}"
