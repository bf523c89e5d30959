"""A double-entry ledger that only grows, and the payments that lead to its postings."""

from django.db import models
from django.db.models import F, Q

from finmart.centres.business.funds.types import AccountKind, CollectionState, DisbursementState, PaymentMode
from finmart.kit.appendonly import AppendOnly
from finmart.kit.crypto import EncryptedText
from finmart.kit.grades import ACCOUNT, NAME, WORDS, graded
from finmart.kit.ids import new_uuid

ORGANISATION, PERSON = "parties.Organisation", "parties.Person"
ENDED = (DisbursementState.FAILED, DisbursementState.RETURNED)


class Account(AppendOnly):
    """An account in a lender's books. ``code`` is made by ``rules.account_code``; currency is CNY throughout."""

    code = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20, choices=AccountKind.choices())
    owner = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3, default="CNY")
    opened_at = models.DateTimeField()
    grades = graded("账本科目", {2: "code kind owner currency opened_at"})

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(currency="CNY"), name="funds_account_in_yuan")]

    def __str__(self) -> str:
        return self.code


class PrincipalBalance(models.Model):
    """What is lent and not yet repaid in one case; its row lock and its check keep it from going below zero."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="principal", primary_key=True)
    debit_fen = models.BigIntegerField(default=0)
    credit_fen = models.BigIntegerField(default=0)
    grades = graded("本金余额", {2: "account", 3: "debit_fen credit_fen"})

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(debit_fen__gte=F("credit_fen")), name="funds_principal_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.debit_fen - self.credit_fen}"


class Posting(AppendOnly):
    """One movement of money. ``idempotency_key`` lets it be recorded once, however often it is asked for."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    at = models.DateTimeField()
    case_uuid = models.UUIDField(db_index=True)
    memo = models.CharField(max_length=200)
    idempotency_key = models.CharField(max_length=120, unique=True)
    payment_key = models.CharField(max_length=120, blank=True)
    grades = graded("记账", {2: "uuid at case_uuid idempotency_key payment_key", WORDS: "memo"})

    class Meta:
        indexes = [models.Index(fields=["payment_key"], name="funds_posting_payment", condition=~Q(payment_key=""))]

    def __str__(self) -> str:
        return f"{self.uuid} {self.memo}"


class Entry(AppendOnly):
    """One side of a posting. A deferred trigger refuses a commit that leaves a posting unbalanced or one-legged."""

    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    debit_fen = models.BigIntegerField(default=0)
    credit_fen = models.BigIntegerField(default=0)
    grades = graded("分录", {2: "posting account", 3: "debit_fen credit_fen"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(debit_fen__gt=0, credit_fen=0) | Q(debit_fen=0, credit_fen__gt=0),
                name="funds_entry_has_one_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit_fen}/{self.credit_fen}"


class Payment(models.Model):
    """What disbursements and collections share: the case, both sides, the amount, the bank core's word."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    case_uuid = models.UUIDField(db_index=True)
    lender = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+")
    borrower = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+", null=True)
    borrower_person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    amount_fen = models.BigIntegerField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    failure_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Disbursement(Payment):
    """Lent money on its way to its payees. ``drawing`` counts the draws under one contract from 1."""

    contract_uuid = models.UUIDField()
    drawing = models.PositiveSmallIntegerField(default=1)
    payment_mode = models.CharField(max_length=10, choices=PaymentMode.choices())
    state = models.CharField(
        max_length=10, choices=DisbursementState.choices(), default=DisbursementState.REQUESTED, db_index=True
    )
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    grades = graded(
        "放款",
        {
            2: (
                "uuid case_uuid lender borrower borrower_person requested_at requested_by sent_at settled_at "
                "bank_reference contract_uuid drawing payment_mode state checked_at checked_by"
            ),
            3: "amount_fen",
            WORDS: "failure_reason",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_disbursement_positive"),
            models.CheckConstraint(
                condition=Q(borrower=None) ^ Q(borrower_person=None), name="funds_disbursement_one_borrower"
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(requested_by=None) | ~Q(checked_by=F("requested_by")),
                name="funds_disbursement_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["contract_uuid", "drawing"], condition=~Q(state__in=ENDED), name="funds_disbursement_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"


class DisbursementCondition(models.Model):
    """Something that must hold before money is sent; who saw to it, when, and the document that shows it."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    disbursement = models.ForeignKey(Disbursement, on_delete=models.PROTECT, related_name="conditions")
    text = models.CharField(max_length=300)
    fulfilled_at = models.DateTimeField(null=True)
    fulfilled_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    evidence_uuid = models.UUIDField(null=True)
    grades = graded("放款条件", {2: "uuid disbursement fulfilled_at fulfilled_by evidence_uuid", WORDS: "text"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fulfilled_by=None) | Q(fulfilled_at__isnull=False), name="funds_condition_by_whom_and_when"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Payee(AppendOnly):
    """Who is paid. The list is made with the disbursement and cannot be changed."""

    disbursement = models.ForeignKey(Disbursement, on_delete=models.PROTECT, related_name="payees")
    name = EncryptedText(max_length=200, bound_to=("disbursement_id", "amount_fen"))
    account_number = EncryptedText(max_length=40, bound_to=("disbursement_id", "amount_fen"))
    bank_name = models.CharField(max_length=200)
    amount_fen = models.BigIntegerField()
    grades = graded("收款人", {2: "disbursement bank_name", 3: "amount_fen", NAME: "name", ACCOUNT: "account_number"})

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_payee_positive")]

    def __str__(self) -> str:
        return f"{self.disbursement_id} {self.amount_fen}"


class Collection(Payment):
    """Money drawn from the borrower's account for the lender."""

    state = models.CharField(
        max_length=10, choices=CollectionState.choices(), default=CollectionState.SENT, db_index=True
    )
    payer_name = EncryptedText(max_length=200)
    payer_account = EncryptedText(max_length=40)
    payer_bank = models.CharField(max_length=200)
    idempotency_key = models.CharField(max_length=120, unique=True)
    grades = graded(
        "扣款",
        {
            2: (
                "uuid case_uuid lender borrower borrower_person requested_at requested_by sent_at settled_at "
                "bank_reference state payer_bank idempotency_key"
            ),
            3: "amount_fen",
            NAME: "payer_name",
            ACCOUNT: "payer_account",
            WORDS: "failure_reason",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_collection_positive"),
            models.CheckConstraint(
                condition=Q(borrower=None) ^ Q(borrower_person=None), name="funds_collection_one_borrower"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"


class Reconciliation(AppendOnly):
    """One comparison of a lender's books with its bank statement for one city day; ``differences`` holds fen by key."""

    lender = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    done_at = models.DateTimeField()
    bookings = models.PositiveIntegerField()
    differences = models.JSONField(default=list)
    grades = graded("对账", {2: "lender day done_at bookings", 3: "differences"})

    class Meta:
        indexes = [models.Index(fields=["lender", "-day", "-id"], name="funds_reconciliation_latest")]

    def __str__(self) -> str:
        return f"{self.lender_id} {self.day}: {len(self.differences)}"
