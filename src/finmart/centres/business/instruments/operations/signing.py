"""One signature: by mandate, in turn, once; the next version of the paper carries it."""

import hashlib
from datetime import datetime
from functools import lru_cache, partial
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, UUIDField

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import PartyRole, TimelineKind
from finmart.centres.business.instruments import policies, queries
from finmart.centres.business.instruments.events import ContractSigned
from finmart.centres.business.instruments.models import Contract, SignatureSlot, SigningAuthority
from finmart.centres.business.instruments.operations.drafting import KEEPER
from finmart.centres.business.instruments.types import (
    ContractKind,
    ContractRef,
    ContractState,
    InstrumentsAct,
    UnableToChangeContract,
    UnableToSign,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.documents import operations as documents_operations
from finmart.integrations.esign.simulator import Authority, DemoSigningService, create_authority
from finmart.integrations.esign.types import Signatory, SigningService
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Conflict
from finmart.kit.statements import Change, Given, Statement

_CONTRACT = Statement(
    lambda: (
        Contract.objects.select_related("case").select_for_update(of=("self",)).filter(uuid=Given("uuid", UUIDField()))
    )
)
_NEWEST_AUTHORITY = Statement(lambda: SigningAuthority.objects.order_by("-pk")[:1])
_SLOTS = Statement(
    lambda: (
        SignatureSlot.objects.select_related("organisation", "person", "signed_by")
        .filter(contract=Given("contract", BigIntegerField()))
        .order_by("position")
    )
)

_FILLED = Change(SignatureSlot, "signed_by", "signed_at", "document_version")
_COMPLETED = Change(Contract, "state", "signed_at")


def sign(actor: Actor, contract_uuid: UUID, *, role: PartyRole | None = None) -> ContractRef:
    """Sign for the actor's side; when all sides have signed the contract is SIGNED and ContractSigned published.

    One call fills one place: of ``role`` where it is named, else the first the person may fill. Somebody who signs for
    the firm and stands surety in person signs twice. Where a role is named and nobody of it has still to sign, as when
    a process comes to its step again, nothing happens.
    Raises NotFound for strangers; UnableToSign where the person holds no mandate for that organisation (recorded by
    the edge), signed for the other side, or it is another side's turn; Conflict where the place is filled already.
    """
    contract, slots = lock(actor, contract_uuid)
    if role is not None and all(slot.signed_by_id is not None for slot in slots if slot.role == role):
        return queries.contract_ref(contract, contract.case.uuid)
    if contract.state != ContractState.DRAFT:
        raise Conflict(f"合同{ContractState(contract.state).label}，无需再签署")
    slot = _slot_to_fill(actor, slots, role)
    now = clock.now().replace(microsecond=0)  # as a signature in a PDF tells it
    version = _append_signature(actor, contract, slot, now)
    slot.signed_by_id, slot.signed_at, slot.document_version = actor.person_id, now, version
    _FILLED.write(slot)
    side = PartyRole(slot.role).label
    audit_operations.record(
        actor, InstrumentsAct.CONTRACT_SIGN, f"contract:{contract.uuid}",
        slot=slot.position, role=slot.role, document_version=version,
    )  # fmt: skip
    _note(actor, contract, f"{side}{slot.public_name}已签署 {contract.number}")
    if all(one.signed_by_id is not None for one in slots):
        _complete(actor, contract)
    return queries.contract_ref(contract, contract.case.uuid)


def lock(actor: Actor, contract_uuid: UUID) -> tuple[Contract, list[SignatureSlot]]:
    """Return a contract the actor may know of, locked until the transaction ends, with its places in order.

    Raises NotFound for strangers.
    """
    transactions.require()
    contract = _CONTRACT.first(uuid=contract_uuid)
    slots = _SLOTS.all(contract=contract.pk) if contract is not None else []
    if contract is None or not policies.can_know(actor, contract, slots):
        raise queries.not_found()
    return contract, slots


def _slot_to_fill(actor: Actor, slots: list[SignatureSlot], role: PartyRole | None) -> SignatureSlot:
    own = [slot for slot in slots if policies.belongs_to(actor, slot) and role in {None, slot.role}]
    if not own:
        raise UnableToSign("您不是该合同的签署方")
    waiting = [slot for slot in own if slot.signed_by_id is None]
    if not waiting:
        signer = own[-1].signed_by
        raise Conflict(f"{own[-1].name}已由{signer.full_name if signer else ''}签署")
    slot = next((one for one in waiting if policies.holds_mandate(actor, one)), None)
    if slot is None:
        raise UnableToSign(
            f"您没有代表{waiting[0].name}签署合同的授权", remedy="请由法定代表人或已获授权的人员签署，或先取得授权"
        )
    if policies.is_other_side(actor, slot, slots):
        raise UnableToSign("同一人不能代表合同双方签署", remedy="请由本单位其他有授权的人员签署")
    if any(one.turn < slot.turn and one.signed_by_id is None for one in slots):
        raise UnableToChangeContract("尚未轮到本方签署", remedy="借款人和保证人签署完成后，再由贷款人签署")
    return slot


def _append_signature(actor: Actor, contract: Contract, slot: SignatureSlot, signed_at: datetime) -> int:
    signatory = Signatory(
        person=actor.person_name,
        organisation=slot.organisation.name if slot.organisation else "",
        credit_code=slot.organisation.credit_code if slot.organisation else "",
        reference=f"{contract.number}/{slot.position}",
    )
    signed = partial(
        _service(actor).sign,
        signatory=signatory,
        field=slot.field,
        reason=f"签署{ContractKind(contract.kind).label} {contract.number}",
        signed_at=signed_at,
    )
    return documents_operations.revise(actor, contract.document_uuid, signed, keeper=KEEPER).version


def _complete(actor: Actor, contract: Contract) -> None:
    contract.state, contract.signed_at = ContractState.SIGNED, clock.now()
    _COMPLETED.write(contract)
    _note(actor, contract, f"{ContractKind(contract.kind).label} {contract.number} 各方已签署完成")
    events.publish(ContractSigned(contract.uuid, contract.case.uuid, contract.number, contract.kind))


def _note(actor: Actor, contract: Contract, text: str) -> None:
    cases_operations.note(actor, contract.case.uuid, TimelineKind.DOCUMENT, text, document_uuid=contract.document_uuid)


def _service(actor: Actor) -> SigningService:
    """Return the provider that signs: the newest demo authority whose key opens, else a new one."""
    passphrase = hashlib.sha256(b"finmart signing authority" + settings.SECRET_KEY.encode()).hexdigest().encode()
    found = _opened(passphrase)
    if found is not None:
        return found
    with connection.cursor() as cursor:  # two first signers make one authority
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('instruments_signingauthority'))")
    found = _opened(passphrase)
    if found is not None:
        return found
    made = create_authority(passphrase)
    row = SigningAuthority.objects.create(
        certificate=made.certificate.decode(), encrypted_key=made.encrypted_key, made_at=clock.now()
    )
    audit_operations.record(actor, InstrumentsAct.AUTHORITY_CREATE, f"authority:{row.pk}")
    return DemoSigningService(made, passphrase)


def _opened(passphrase: bytes) -> SigningService | None:
    newest = _NEWEST_AUTHORITY.first()
    if newest is None:
        return None
    try:
        return _open(newest.certificate.encode(), bytes(newest.encrypted_key), passphrase)
    except ValueError:  # the platform's secret was changed: the old key stays shut, its certificate stays trusted
        return None


@lru_cache(maxsize=1)
def _open(certificate: bytes, encrypted_key: bytes, passphrase: bytes) -> SigningService:
    return DemoSigningService(Authority(certificate, encrypted_key), passphrase)
