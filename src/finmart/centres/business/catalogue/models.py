"""Products, their versions, and what each version asks and charges."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from finmart.centres.business.catalogue.types import CollateralKind, FeeBasis, ProductKind, VersionState
from finmart.kit.criteria import Operator
from finmart.kit.grades import graded
from finmart.kit.ids import new_uuid


class Product(models.Model):
    """What an institution offers, across its versions. Its row lock puts the writers of one product in line."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=ProductKind.choices())
    institution = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    is_example = models.BooleanField(default=False)
    grades = graded("产品", {1: "uuid kind institution is_example", 2: "drafted_at"})

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class ProductVersion(models.Model):
    """One set of terms. Open from ``valid_from`` until ``valid_to`` (exclusive) while PUBLISHED; kept for ever."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState.choices())
    name = models.CharField(max_length=60)
    summary = models.CharField(max_length=500, blank=True)
    rate_min = models.DecimalField(max_digits=7, decimal_places=6)
    rate_max = models.DecimalField(max_digits=7, decimal_places=6)
    limit_min_fen = models.BigIntegerField()
    limit_max_fen = models.BigIntegerField()
    months_min = models.PositiveSmallIntegerField()
    months_max = models.PositiveSmallIntegerField()
    methods = ArrayField(models.CharField(max_length=20))
    promised_days = models.PositiveSmallIntegerField()
    regions = ArrayField(models.CharField(max_length=6))
    purposes = ArrayField(models.CharField(max_length=20))
    collateral = models.CharField(max_length=10, choices=CollateralKind.choices())
    joint_liability = models.BooleanField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    submitted_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    submitted_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    published_at = models.DateTimeField(null=True)
    delisted_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    grades = graded(
        "产品版本",
        {
            1: (
                "uuid product number state name summary rate_min rate_max limit_min_fen limit_max_fen months_min "
                "months_max methods promised_days regions purposes collateral joint_liability valid_from valid_to "
                "published_at delisted_at"
            ),
            2: "submitted_by submitted_at published_by reason",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="catalogue_version_number"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(state__in=["DRAFT", "SUBMITTED"]), name="catalogue_version_one_in_work"
            ),
            models.CheckConstraint(
                condition=Q(rate_min__gte=0) & Q(rate_min__lte=F("rate_max")), name="catalogue_version_rates"
            ),
            models.CheckConstraint(
                condition=Q(limit_min_fen__gt=0) & Q(limit_min_fen__lte=F("limit_max_fen")),
                name="catalogue_version_limits",
            ),
            models.CheckConstraint(
                condition=Q(months_min__gte=1) & Q(months_min__lte=F("months_max")), name="catalogue_version_months"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="catalogue_version_period"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "SUBMITTED"])
                | (Q(submitted_by__isnull=False) & Q(published_by__isnull=False) & ~Q(published_by=F("submitted_by"))),
                name="catalogue_version_two_persons",
            ),
            ExclusionConstraint(
                name="catalogue_version_one_open",
                expressions=[
                    (F("product"), RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state="PUBLISHED"),
            ),
        ]
        indexes = [models.Index(fields=["state", "valid_from"], name="catalogue_version_state")]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Fee(models.Model):
    """One fee of a version: a share of the amount or a fixed sum."""

    version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, related_name="fees")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    basis = models.CharField(max_length=16, choices=FeeBasis.choices())
    rate = models.DecimalField(max_digits=7, decimal_places=6)
    amount_fen = models.BigIntegerField()
    grades = graded("产品收费", {1: "version position name basis rate amount_fen"})

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="catalogue_fee_position")]

    def __str__(self) -> str:
        return self.name


class Criterion(models.Model):
    """One condition of a version. ``operand`` holds texts that the field's kind reads back exactly."""

    version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    field = models.CharField(max_length=40)
    operator = models.CharField(max_length=8, choices=Operator.choices())
    operand = ArrayField(models.CharField(max_length=200))
    is_hard = models.BooleanField()
    grades = graded("准入条件", {1: "version position field operator operand is_hard"})

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="catalogue_criterion_position")]

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.operand}"
