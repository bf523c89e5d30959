"""Loans, their instalments and the money that came in for them."""

from django.db import models
from django.db.models import F, Q

from finmart.centres.business.servicing.types import (
    CheckConclusion,
    LoanFee,
    LoanState,
    LoanTerms,
    RepaymentKind,
    Split,
)
from finmart.kit.appendonly import AppendOnly
from finmart.kit.finance import DayCount, PrepaymentMode, RepaymentMethod
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid

ORGANISATION, PERSON = "parties.Organisation", "parties.Person"


class LoanAccount(models.Model):
    """A loan that has been paid out. Whoever changes anything of it holds this row's lock."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    number = models.CharField(max_length=30, unique=True)
    case_uuid = models.UUIDField(db_index=True)
    contract_uuid = models.UUIDField(db_index=True)
    disbursement_uuid = models.UUIDField(unique=True)
    lender = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+", db_index=False)
    borrower = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+", db_index=False, null=True)
    borrower_person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    principal_fen = models.BigIntegerField()
    principal_paid_fen = models.BigIntegerField(default=0)
    annual_rate = models.DecimalField(max_digits=10, decimal_places=8)
    penalty_uplift = models.DecimalField(max_digits=6, decimal_places=4)
    method = models.CharField(max_length=20, choices=RepaymentMethod.choices())
    day_count = models.CharField(max_length=12, choices=DayCount.choices())
    started_on = models.DateField()
    term_months = models.PositiveSmallIntegerField()
    due_day = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=LoanState.choices(), default=LoanState.IN_FORCE)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    grades = graded(
        "贷款",
        {
            2: (
                "uuid number case_uuid contract_uuid disbursement_uuid lender borrower borrower_person method "
                "day_count started_on due_day state started_at ended_at"
            ),
            3: "principal_fen principal_paid_fen annual_rate penalty_uplift term_months",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(principal_paid_fen__gte=0, principal_paid_fen__lte=F("principal_fen")),
                name="servicing_loan_paid_within_principal",
            ),
            models.CheckConstraint(
                condition=Q(borrower=None) ^ Q(borrower_person=None), name="servicing_loan_one_borrower"
            ),
            models.CheckConstraint(
                condition=~Q(state=LoanState.SETTLED) | Q(principal_paid_fen=F("principal_fen")),
                name="servicing_loan_settled_is_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "state"], name="servicing_loan_borrower"),
            models.Index(fields=["lender", "state"], name="servicing_loan_lender"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def outstanding_fen(self) -> int:
        return self.principal_fen - self.principal_paid_fen if self.state != LoanState.CANCELLED else 0

    @property
    def terms(self) -> LoanTerms:
        return LoanTerms(
            self.annual_rate, RepaymentMethod(self.method), DayCount(self.day_count), self.term_months, self.due_day,
            self.penalty_uplift,
        )  # fmt: skip


class InstalmentRow(models.Model):
    """One line of a loan's schedule. A prepayment replaces the lines still to come (``replaced_at``) by new ones."""

    loan = models.ForeignKey(LoanAccount, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    from_on = models.DateField()
    due_on = models.DateField()
    principal_fen = models.BigIntegerField()
    interest_fen = models.BigIntegerField()
    penalty_fen = models.BigIntegerField(default=0)
    penalty_to = models.DateField()
    principal_paid_fen = models.BigIntegerField(default=0)
    interest_paid_fen = models.BigIntegerField(default=0)
    penalty_paid_fen = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    is_touched = False  # no column: has the act that holds this row changed what is paid of it?
    grades = graded(
        "还款计划",
        {
            2: "loan number from_on due_on penalty_to replaced_at",
            3: "principal_fen interest_fen principal_paid_fen interest_paid_fen paid_at",
            4: "penalty_fen penalty_paid_fen overdue_at",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "number"], condition=Q(replaced_at=None), name="servicing_instalment_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    principal_paid_fen__gte=0, principal_paid_fen__lte=F("principal_fen"),
                    interest_paid_fen__gte=0, interest_paid_fen__lte=F("interest_fen"),
                    penalty_paid_fen__gte=0, penalty_paid_fen__lte=F("penalty_fen"),
                ),
                name="servicing_instalment_paid_within_owed",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["due_on"], condition=Q(paid_at=None, replaced_at=None), name="servicing_instalment_unpaid"
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id}/{self.number} {self.due_on}"


class FeeLine(AppendOnly):
    """A fee (or, below zero, a subsidy) of a loan, for its all-in rate."""

    loan = models.ForeignKey(LoanAccount, on_delete=models.PROTECT, related_name="fees")
    name = models.CharField(max_length=100)
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
    grades = graded("贷款费用", {2: "loan name paid_on", 3: "amount_fen"})

    def __str__(self) -> str:
        return self.name

    @property
    def as_fee(self) -> LoanFee:
        return LoanFee(self.name, self.amount_fen, self.paid_on)


class Repayment(AppendOnly):
    """Money that came in and what it was for."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    loan = models.ForeignKey(LoanAccount, on_delete=models.PROTECT, related_name="repayments")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=RepaymentKind.choices())
    amount_fen = models.BigIntegerField()
    penalty_fen = models.BigIntegerField()
    interest_fen = models.BigIntegerField()
    principal_fen = models.BigIntegerField()
    unallocated_fen = models.BigIntegerField()
    idempotency_key = models.CharField(max_length=70)
    posting_uuid = models.UUIDField()
    grades = graded(
        "还款",
        {
            2: "uuid loan at kind idempotency_key posting_uuid",
            3: "amount_fen interest_fen principal_fen unallocated_fen",
            4: "penalty_fen",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "idempotency_key"], name="servicing_repayment_once"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0)
                & Q(amount_fen=F("penalty_fen") + F("interest_fen") + F("principal_fen") + F("unallocated_fen")),
                name="servicing_repayment_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.kind} {self.amount_fen}"

    @property
    def split(self) -> Split:
        return Split(self.penalty_fen, self.interest_fen, self.principal_fen, self.unallocated_fen)


class RepaymentRequest(AppendOnly):
    """What the borrower wants the money drawn from its account to be for."""

    loan = models.ForeignKey(LoanAccount, on_delete=models.PROTECT, related_name="+")
    collection_uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12, choices=RepaymentKind.choices())
    prepayment_mode = models.CharField(max_length=10, choices=PrepaymentMode.choices())
    idempotency_key = models.CharField(max_length=70)
    grades = graded("还款请求", {2: "loan collection_uuid kind prepayment_mode idempotency_key"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "idempotency_key"], name="servicing_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.kind}"


class AfterLoanCheck(AppendOnly):
    """What the lender found when it looked after the loan. The borrower does not see it."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    loan = models.ForeignKey(LoanAccount, on_delete=models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    conclusion = models.CharField(max_length=12, choices=CheckConclusion.choices())
    findings = models.TextField()
    document_uuid = models.UUIDField(null=True)
    grades = graded("贷后检查", {2: "uuid loan at by document_uuid", 4: "conclusion", WORDS: "findings"})

    def __str__(self) -> str:
        return f"{self.loan_id} {self.conclusion}"
