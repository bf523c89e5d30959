"""Organisations, people, and who may act for whom."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from finmart.centres.technical.parties.types import ConflictKind, MandateScope, OrganisationKind
from finmart.kit.crypto import BlindIndex, EncryptedText, KeyedDigest
from finmart.kit.grades import ADDRESS, EMAIL, IDENTITY, NAME, PHONE, SECRET, WORDS, graded
from finmart.kit.ids import new_uuid


class Organisation(models.Model):
    """A firm, an institution, a department … ``credit_code`` is the unified social credit code (GB 32100)."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=OrganisationKind.choices())
    name = models.CharField(max_length=200)
    credit_code = models.CharField(max_length=18, unique=True)
    district = models.CharField(max_length=40, blank=True)
    address = EncryptedText(max_length=300, blank=True)
    registered_at = models.DateTimeField()
    is_example = models.BooleanField(default=False)
    grades = graded(
        "机构", {1: "kind name credit_code district is_example", 2: "uuid registered_at", ADDRESS: "address"}
    )

    class Meta:
        indexes = [models.Index(fields=["kind", "name"], name="parties_organisation_kind")]

    def __str__(self) -> str:
        return self.name


class Person(AbstractBaseUser):
    """A natural person, also the account that signs in. Borrowers may be persons too.

    Of an identity number only a keyed digest (to know a person again) and its masked form are kept. Name, address and
    number are sealed; the indexes beside them find exact values.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    username = models.CharField(max_length=60, unique=True)
    full_name = EncryptedText(max_length=60)
    email = EncryptedText(max_length=254, blank=True)
    email_index = BlindIndex(of="email")
    phone = EncryptedText(max_length=20, blank=True)
    phone_index = BlindIndex(of="phone")
    is_active = models.BooleanField(default=True)
    identity_digest = KeyedDigest(unique=True, null=True)
    identity_masked = models.CharField(max_length=18, blank=True)
    registered_at = models.DateTimeField()
    is_example = models.BooleanField(default=False)

    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    grades = graded(
        "自然人与账户",
        {
            2: "uuid is_active registered_at is_example last_login",
            3: "email_index phone_index",
            NAME: "full_name",
            WORDS: "username",
            EMAIL: "email",
            PHONE: "phone",
            IDENTITY: "identity_digest identity_masked",
            SECRET: "password",
        },
    )

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return str(self.full_name)


class Membership(models.Model):
    """A person's place in an organisation and the roles held there, from one moment to another."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=40))
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    grades = graded("任职", {2: "person organisation roles valid_from valid_to"})

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"], condition=Q(valid_to=None), name="parties_membership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} @ {self.organisation}"


class Mandate(models.Model):
    """Who may sign for whom, what, and until when. A legal person's own mandate has no end."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates")
    scope = models.CharField(max_length=12, choices=MandateScope.choices())
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    grades = graded("授权签署", {2: "person organisation scope valid_from valid_to granted_by"})

    def __str__(self) -> str:
        return f"{self.person} may sign {self.scope} for {self.organisation}"


class Deputy(models.Model):
    """Who stands in for a colleague who is away."""

    absent = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    grades = graded("代理", {2: "absent deputy organisation valid_from valid_to"})

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(absent=models.F("deputy")), name="parties_deputy_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.absent}"


class ConflictOfInterest(models.Model):
    """What ties a person to an organisation, so that they decide nothing about it (回避), until it ends."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conflicts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ConflictKind.choices())
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    grades = graded("利害关系", {3: "kind", 2: "person organisation recorded_by valid_from valid_to", WORDS: "note"})

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "kind"], condition=Q(valid_to=None), name="parties_conflict_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.organisation_id}"
