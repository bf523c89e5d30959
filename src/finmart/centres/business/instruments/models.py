"""Contracts, the places for their signatures, and the demo authority that signs."""

from django.db import models
from django.db.models import Q

from finmart.centres.business.instruments.types import ContractKind, ContractState
from finmart.centres.technical.parties.types import MandateScope
from finmart.kit import masks
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import KEY, WORDS, graded
from finmart.kit.ids import new_uuid

STANDING = (ContractState.DRAFT, ContractState.SIGNED, ContractState.IN_FORCE)


class Contract(models.Model):
    """An agreement. Only its state moves, by the table in ``rules``; a trigger keeps the rest as it was drafted."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    number = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=20, choices=ContractKind.choices())
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    drafter = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    template = models.CharField(max_length=40)
    terms = models.JSONField()
    amount_fen = models.BigIntegerField()
    document_uuid = models.UUIDField(unique=True)
    state = models.CharField(max_length=10, choices=ContractState.choices(), default=ContractState.DRAFT)
    drafted_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    in_force_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending_reason = models.CharField(max_length=200, blank=True)
    grades = graded(
        "合同",
        {
            2: "uuid number kind case drafter template document_uuid state drafted_at signed_at in_force_at ended_at",
            3: "amount_fen",
            WORDS: "terms ending_reason",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="instruments_contract_amount"),
            models.CheckConstraint(
                condition=Q(state="DRAFT", signed_at=None, in_force_at=None, ended_at=None)
                | Q(state="SIGNED", signed_at__isnull=False, in_force_at=None, ended_at=None)
                | Q(state="IN_FORCE", signed_at__isnull=False, in_force_at__isnull=False, ended_at=None)
                | Q(state="ENDED", signed_at__isnull=False, in_force_at__isnull=False, ended_at__isnull=False)
                | Q(state="VOID", in_force_at=None, ended_at__isnull=False),
                name="instruments_contract_moments_fit_state",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(state__in=STANDING), name="instruments_contract_one_standing"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SignatureSlot(models.Model):
    """The place for one signature. ``turn``: all of a lower turn sign first."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="slots", db_index=False)
    position = models.PositiveSmallIntegerField()
    turn = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=12)
    scope = models.CharField(max_length=12, choices=MandateScope.choices(), default=MandateScope.CONTRACT)
    organisation = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    signed_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    signed_at = models.DateTimeField(null=True)
    document_version = models.PositiveIntegerField(null=True)
    grades = graded(
        "签名位",
        {
            2: "contract position turn role scope organisation person signed_by signed_at document_version",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "position"], name="instruments_slot_position"),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, person=None) | Q(organisation=None, person__isnull=False),
                name="instruments_slot_one_side",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None, document_version=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False, document_version__isnull=False),
                name="instruments_slot_signed_whole",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "contract"], name="instruments_slot_organisation")]

    def __str__(self) -> str:
        return f"{self.contract_id}/{self.position} {self.role}"

    @property
    def field(self) -> str:
        """The name of the signature's field in the PDF."""
        return f"slot-{self.position}"

    @property
    def name(self) -> str:
        if self.organisation is not None:
            return self.organisation.name
        return self.person.full_name if self.person is not None else ""

    @property
    def public_name(self) -> str:
        """The name as a line that everybody at the case reads carries it: a person's is masked."""
        return self.name if self.organisation is not None else masks.name(self.name)


class SigningAuthority(AppendOnly):
    """A demo certificate authority of ours; the newest signs, all are trusted. The key is encrypted."""

    certificate = models.TextField()
    encrypted_key = models.BinaryField()
    made_at = models.DateTimeField()
    grades = graded("签名机构", {1: "certificate made_at", KEY: "encrypted_key"})

    def __str__(self) -> str:
        return f"demo authority {self.pk}"
