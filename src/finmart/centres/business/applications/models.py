"""Needs, the applications they lead to, and the offers that answer."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from finmart.centres.business.applications.types import (
    ApplicationState,
    NeedState,
    OfferState,
    RefusalReason,
    ReviewOutcome,
)
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.kit.finance import RepaymentMethod
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class Need(models.Model):
    """What a firm is looking for. Its row lock puts everything that chooses between its offers in line."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    number = models.CharField(max_length=30, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=NeedState.choices())
    amount_fen = models.BigIntegerField(null=True)
    term_months = models.PositiveSmallIntegerField(null=True)
    purpose = models.CharField(max_length=20, choices=LoanPurpose.choices(), blank=True)
    purpose_note = models.CharField(max_length=500, blank=True)
    repayment_method = models.CharField(max_length=20, choices=RepaymentMethod.choices(), blank=True)
    district = models.CharField(max_length=6, blank=True)
    drafted_at = models.DateTimeField()
    stated_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    stated_at = models.DateTimeField(null=True)
    grades = graded(
        "融资需求",
        {
            2: "uuid number organisation state purpose repayment_method district drafted_at stated_by stated_at",
            3: "amount_fen term_months",
            WORDS: "purpose_note",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen=None) | Q(amount_fen__gt=0), name="applications_need_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[NeedState.DRAFT, NeedState.WITHDRAWN])
                | Q(amount_fen__isnull=False, term_months__gte=1, stated_at__isnull=False) & ~Q(purpose=""),
                name="applications_need_is_complete",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-id"], name="applications_need_of_firm")]

    def __str__(self) -> str:
        return self.number


class Application(models.Model):
    """A need brought before one institution, in a case of its own. What was asked for is kept as submitted.

    ``score_seen`` is what the institution had seen of the platform's score when it refused. ``reopened_at``: a person
    took the refusal back, so that the firm may apply for the same product again.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="applications")
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("catalogue.ProductVersion", on_delete=models.PROTECT, related_name="+")
    product_name = models.CharField(max_length=60)
    state = models.CharField(max_length=16, choices=ApplicationState.choices(), default=ApplicationState.SUBMITTED)
    amount_fen = models.BigIntegerField()
    term_months = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=20, choices=LoanPurpose.choices())
    purpose_note = models.CharField(max_length=500, blank=True)
    repayment_method = models.CharField(max_length=20, choices=RepaymentMethod.choices(), blank=True)
    district = models.CharField(max_length=6, blank=True)
    submitted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    refusal_reason = models.CharField(max_length=24, choices=RefusalReason.choices(), blank=True)
    reason = models.CharField(max_length=600, blank=True)
    score_seen = models.JSONField(null=True)
    reopened_at = models.DateTimeField(null=True)
    grades = graded(
        "申请",
        {
            2: (
                "uuid need case organisation institution product version product_name state purpose "
                "repayment_method district submitted_at changed_at refusal_reason reopened_at"
            ),
            3: "amount_fen term_months",
            4: "score_seen",
            WORDS: "purpose_note reason",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="applications_application_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(state__in=[str(code) for code in ApplicationState]), name="applications_application_state"
            ),
            models.CheckConstraint(
                condition=Q(state=ApplicationState.REFUSED) & ~Q(refusal_reason="")
                | ~Q(state=ApplicationState.REFUSED) & Q(refusal_reason=""),
                name="applications_refusal_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["need", "product"],
                condition=~Q(state__in=[ApplicationState.WITHDRAWN, ApplicationState.DECLINED]) & Q(reopened_at=None),
                name="applications_product_once_for_a_need",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="applications_of_firm"),
            models.Index(fields=["institution", "state", "-id"], name="applications_to_institution"),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"


class Review(models.Model):
    """A firm asked for a person to look at its refusal again; once for an application (clause D4).

    ``deciders`` signed for the institution before: none of them decides it, by constraint. ``outcome`` and ``reason``
    come with the word of ``decided_by``.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="review")
    grounds = models.CharField(max_length=2000)
    deciders = ArrayField(models.BigIntegerField(), default=list)
    requested_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    requested_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=ReviewOutcome.choices(), blank=True)
    reason = models.CharField(max_length=2000, blank=True)
    decided_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    grades = graded(
        "拒贷复核",
        {
            2: "uuid application deciders requested_by requested_at outcome decided_by decided_at",
            WORDS: "grounds reason",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", reason="", decided_by=None, decided_at=None)
                | Q(outcome__in=[str(code) for code in ReviewOutcome], decided_by__isnull=False)
                & Q(decided_at__isnull=False)
                & ~Q(reason=""),
                name="applications_review_decided_by_a_person",
            ),
            models.CheckConstraint(condition=~Q(grounds=""), name="applications_review_has_grounds"),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.outcome}"


class Offer(models.Model):
    """What an institution offers on an application. ``need`` repeats the application's, for the constraint below."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(max_length=10, choices=OfferState.choices(), default=OfferState.OPEN)
    amount_fen = models.BigIntegerField()
    term_months = models.PositiveSmallIntegerField()
    annual_rate = models.DecimalField(max_digits=7, decimal_places=6)
    all_in_annual_rate = models.DecimalField(max_digits=14, decimal_places=8)
    cost_fen = models.BigIntegerField()
    repayment_method = models.CharField(max_length=20, choices=RepaymentMethod.choices())
    fees = models.JSONField(default=list)
    conditions = ArrayField(models.CharField(max_length=500), default=list)
    collateral = models.CharField(max_length=500, blank=True)
    joint_liability = models.BooleanField(default=False)
    made_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    grades = graded(
        "报价",
        {
            2: "uuid application need state repayment_method joint_liability made_by made_at valid_until answered_at",
            3: "amount_fen term_months annual_rate all_in_annual_rate cost_fen fees",
            WORDS: "conditions collateral",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, term_months__gte=1, annual_rate__gte=0), name="applications_offer_terms"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[str(code) for code in OfferState]), name="applications_offer_state"
            ),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state=OfferState.OPEN), name="applications_one_open_offer"
            ),
            models.UniqueConstraint(
                fields=["need"], condition=Q(state=OfferState.ACCEPTED), name="applications_one_accepted_offer"
            ),
        ]
        indexes = [
            models.Index(
                fields=["valid_until"], condition=Q(state=OfferState.OPEN), name="applications_offer_expiring"
            ),
            models.Index(fields=["need"], name="applications_offer_of_need"),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"
