"""One question per function: who may draft, read, sign and end a contract."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from finmart.centres.business.cases.types import PartyRole
from finmart.centres.business.instruments.models import Contract, SignatureSlot
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import MandateScope, OrganisationKind, Role
from finmart.kit.actor import Actor


def visible_contracts(actor: Actor) -> QuerySet[Contract]:
    """Return the contracts the actor has a side in or drafted; the system's are all."""
    rows = Contract.objects.all()
    if actor.system:
        return rows
    mine = Q(pk__in=[])
    if actor.organisation_id is not None:
        mine |= Q(organisation=actor.organisation_id)
    if actor.person_id is not None:
        mine |= Q(person=actor.person_id)
    visible = Q(Exists(SignatureSlot.objects.filter(mine, contract=OuterRef("pk"))))
    if actor.organisation_id is not None:
        visible |= Q(drafter=actor.organisation_id)
    return rows.filter(visible)


def can_know(actor: Actor, contract: Contract, slots: Iterable[SignatureSlot]) -> bool:
    """May the actor know of the contract? As :func:`visible_contracts` says it of many."""
    drafted = actor.organisation_id is not None and contract.drafter_id == actor.organisation_id
    return bool(actor.system) or drafted or any(belongs_to(actor, slot) for slot in slots)


def can_know_guarantors(actor: Actor) -> bool:
    """May the actor know who guarantees for whom, everywhere? The system and the operator's staff, nothing else."""
    operates = actor.organisation_kind == OrganisationKind.OPERATOR
    return bool(actor.system) or (operates and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR))


def can_draft(actor: Actor, lender_ids: Iterable[int | None]) -> bool:
    """Is the actor a member of a lender, or the system?"""
    return bool(actor.system) or (actor.organisation_id is not None and actor.organisation_id in set(lender_ids))


def belongs_to(actor: Actor, slot: SignatureSlot) -> bool:
    """Is this the place of the actor's organisation, or of the person?"""
    if slot.organisation_id is not None:
        return slot.organisation_id == actor.organisation_id
    return slot.person_id is not None and slot.person_id == actor.person_id


def can_lead(actor: Actor, contract: Contract, slots: Iterable[SignatureSlot]) -> bool:
    """May the actor bring the contract into force, end it, void it? The lender's people and the system."""
    lends = any(slot.role == PartyRole.LENDER and belongs_to(actor, slot) for slot in slots)
    drafted = contract.drafter_id is not None and contract.drafter_id == actor.organisation_id
    return bool(actor.system) or lends or drafted


def holds_mandate(actor: Actor, slot: SignatureSlot) -> bool:
    """May the person sign here: for an organisation by mandate, in force today; for oneself always?"""
    if actor.person_id is None:
        return False
    if slot.organisation_id is None:
        return slot.person_id == actor.person_id
    return parties_queries.can_sign_for(actor.person_id, slot.organisation_id, MandateScope(slot.scope))


def is_other_side(actor: Actor, slot: SignatureSlot, slots: Iterable[SignatureSlot]) -> bool:
    """Has this person signed for the opposite side already? Lender and debtors need different hands."""
    lends = slot.role == PartyRole.LENDER
    return any(
        other.signed_by_id == actor.person_id and (other.role == PartyRole.LENDER) != lends
        for other in slots
        if other.signed_by_id is not None
    )
