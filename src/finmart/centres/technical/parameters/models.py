"""Settings in dated versions, and the calendar of working days."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from finmart.centres.technical.parameters.types import SettingKind, SettingOrigin
from finmart.kit.grades import graded


class Setting(models.Model):
    """One version of a value: in force from ``valid_from`` until ``valid_to`` (exclusive), unless withdrawn.

    A version is withdrawn, never removed, when another takes its place before it came into force.
    """

    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=SettingKind.choices())
    value = models.JSONField()
    unit = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=120)
    source = models.CharField(max_length=300)
    is_example = models.BooleanField(default=False)
    is_pausable = models.BooleanField(null=True)
    minimum = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    maximum = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    origin = models.CharField(max_length=8, choices=SettingOrigin.choices())
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    set_by_id = models.BigIntegerField(null=True)
    set_by_label = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True)
    grades = graded(
        "参数",
        {
            1: (
                "key kind value unit label source is_example is_pausable minimum maximum origin valid_from "
                "valid_to recorded_at withdrawn_at"
            ),
            2: "set_by_id set_by_label",
        },
    )

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="parameters_setting_one_at_a_time",
                expressions=[
                    (F("key"), RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="parameters_setting_period"
            ),
        ]
        indexes = [models.Index(fields=["key", "valid_from"], name="parameters_setting_key")]

    def __str__(self) -> str:
        return f"{self.key} = {self.value} from {self.valid_from}"


class CalendarDay(models.Model):
    """A day that is not what its weekday says, or that somebody confirmed: holiday or make-up working day."""

    on = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    name = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=300)
    origin = models.CharField(max_length=8, choices=SettingOrigin.choices())
    recorded_at = models.DateTimeField()
    grades = graded("工作日历", {1: "on is_working name source origin recorded_at"})

    def __str__(self) -> str:
        return f"{self.on} {'working' if self.is_working else 'free'} {self.name}"


class District(models.Model):
    """A district of the city, in the order of the pack."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    grades = graded("行政区", {1: "code name position"})

    def __str__(self) -> str:
        return self.name


class Cluster(models.Model):
    """An industry cluster of the city, in the order of the pack."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60)
    is_example = models.BooleanField()
    position = models.PositiveSmallIntegerField()
    industries = ArrayField(models.CharField(max_length=4), default=list)
    grades = graded("产业创新集群", {1: "code name is_example position industries"})

    def __str__(self) -> str:
        return self.name
