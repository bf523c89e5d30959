"""Which keys this database was written with: enough to notice that one is lost or is another, never a secret."""

from django.db import models
from django.db.models import Q

from finmart.kit.crypto import Purpose
from finmart.kit.grades import graded


class KnownKey(models.Model):
    """A key that has been in the file. ``check_value`` tells another key of the same id from it."""

    key_id = models.CharField(max_length=20, unique=True)
    purpose = models.CharField(max_length=12, choices=Purpose.choices())
    algorithm = models.CharField(max_length=20)
    check_value = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    grades = graded("密钥登记", {2: "key_id purpose algorithm check_value made_at retired_at"})

    def __str__(self) -> str:
        return f"{self.key_id} {self.purpose}"


class Rotation(models.Model):
    """A key became current; what earlier keys made is sealed anew until ``ended_at``."""

    key = models.ForeignKey(KnownKey, on_delete=models.PROTECT, related_name="rotations")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    grades = graded("密钥轮换", {2: "key begun_at ended_at rows"})

    class Meta:
        indexes = [models.Index(fields=["key"], condition=Q(ended_at=None), name="keys_rotation_open")]

    def __str__(self) -> str:
        return f"{self.key} {self.begun_at:%Y-%m-%d}"
