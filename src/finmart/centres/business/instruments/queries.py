"""Reading contracts, and checking the paper against the record; always for an actor."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from finmart.centres.business.cases.types import PartyRole
from finmart.centres.business.instruments import policies, rules
from finmart.centres.business.instruments.models import Contract, SignatureSlot, SigningAuthority
from finmart.centres.business.instruments.types import (
    ContractRef,
    ContractState,
    ContractVerification,
    ContractView,
    Guarantee,
    InstrumentsAct,
    SignatureView,
    SlotView,
)
from finmart.centres.technical.documents import queries as documents_queries
from finmart.centres.technical.documents.types import DocumentDamaged
from finmart.integrations.esign import client as esign
from finmart.integrations.esign.types import SignatureReport
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DAMAGED = "文件内容已损坏，与存档时的摘要不符"


def contract_ref(contract: Contract, case_uuid: UUID) -> ContractRef:
    return ContractRef(
        uuid=contract.uuid,
        number=contract.number,
        kind=contract.kind,
        case_uuid=case_uuid,
        state=contract.state,
        document_uuid=contract.document_uuid,
    )


def contract_for(actor: Actor, uuid: UUID) -> ContractView:
    """Return a contract the actor has a side in. Raises NotFound for strangers as for what does not exist."""
    return _views(actor, [_found(actor, uuid)])[0]


def contracts_for(actor: Actor, *, limit: int = 100) -> list[ContractView]:
    """Return the newest contracts that the actor has a side in."""
    return _views(actor, _visible(actor).order_by("-pk")[:limit])


def contracts_of_case(actor: Actor, case_uuid: UUID) -> list[ContractView]:
    """Return the contracts of a case that the actor has a side in, oldest first."""
    return _views(actor, _visible(actor).filter(case__uuid=case_uuid).order_by("pk"))


def contracts_awaiting(actor: Actor) -> list[ContractView]:
    """Return the contracts this person may sign at this moment, oldest first."""
    rows = _visible(actor).filter(state=ContractState.DRAFT).order_by("pk")
    return [view for view in _views(actor, rows) if view.may_sign]


def guarantors_of(actor: Actor, contract_uuids: Iterable[UUID]) -> dict[UUID, list[tuple[int | None, int | None]]]:
    """Return contract → the (organisation, person) ids that have signed as guarantors, for contracts signed by all.

    Raises AccessDenied for all but the operator's staff and the system.
    """
    if not policies.can_know_guarantors(actor):
        raise AccessDenied("只有运营人员可以查看全部担保关系")
    slots = SignatureSlot.objects.filter(
        role=PartyRole.GUARANTOR, signed_by__isnull=False, contract__uuid__in=list(contract_uuids),
        contract__state__in=[ContractState.SIGNED, ContractState.IN_FORCE],
    ).order_by("contract_id", "position")  # fmt: skip
    found: dict[UUID, list[tuple[int | None, int | None]]] = {}
    for uuid, organisation_id, person_id in slots.values_list("contract__uuid", "organisation_id", "person_id"):
        found.setdefault(uuid, []).append((organisation_id, person_id))
    return found


def guarantees_for(actor: Actor, organisation_id: int) -> list[Guarantee]:
    """Return the guarantees a firm gave and had, in contracts the actor has a side in and all have signed."""
    standing = policies.visible_contracts(actor).filter(
        Exists(SignatureSlot.objects.filter(contract=OuterRef("pk"), organisation=organisation_id)),
        state__in=[ContractState.SIGNED, ContractState.IN_FORCE],
    )
    slots = SignatureSlot.objects.filter(
        contract__in=standing, role__in=[PartyRole.BORROWER, PartyRole.GUARANTOR], signed_by__isnull=False
    ).select_related("contract", "organisation", "person")
    of_contract: dict[int, list[SignatureSlot]] = {}
    for slot in slots.order_by("-contract_id", "position"):
        of_contract.setdefault(slot.contract_id, []).append(slot)
    return [
        _guarantee(slot.contract, borrower if is_given else slot, is_given=is_given)
        for parties in of_contract.values()
        for borrower in parties if borrower.role == PartyRole.BORROWER
        for slot in parties if slot.role == PartyRole.GUARANTOR
        for is_given in (True, False)
        if (slot if is_given else borrower).organisation_id == organisation_id
    ]  # fmt: skip


def _guarantee(contract: Contract, other: SignatureSlot, *, is_given: bool) -> Guarantee:
    signed = contract.signed_at or contract.drafted_at
    return Guarantee(
        contract.number, other.public_name, is_given, contract.amount_fen, ContractState(contract.state),
        signed.astimezone(clock.CITY_ZONE).date(),
    )  # fmt: skip


def count_awaiting(actor: Actor) -> int:
    """Return how many contracts :func:`contracts_awaiting` would list."""
    return len(contracts_awaiting(actor))


def verify_contract(actor: Actor, uuid: UUID) -> ContractVerification:
    """Read the newest paper and compare: signatures, who signed, and the terms. Raises NotFound.

    ``faults`` names everything that does not fit: a changed byte, an unknown certificate, a missing or foreign
    signature, terms or amount other than those on record. Signatures are of a demo authority, without legal standing.
    """
    contract = _found(actor, uuid)
    slots = list(contract.slots.all())
    try:
        document, pdf = documents_queries.content_for(actor, contract.document_uuid)
    except DocumentDamaged:
        return ContractVerification(0, (), (DAMAGED,))
    roots = [row.certificate.encode() for row in SigningAuthority.objects.order_by("pk")]
    reports = esign.verify(pdf, roots)
    faults = [
        *(f"{report.person}的签名无效：{report.fault}" for report in reports if report.fault),
        *_faults_of_signers(slots, reports),
        *_faults_of_terms(contract, pdf),
    ]
    signatures = tuple(
        SignatureView(report.person, report.organisation, report.issuer, report.signed_at, report.fault)
        for report in reports
    )
    return ContractVerification(document.version, signatures, tuple(faults))


def _faults_of_signers(slots: Sequence[SignatureSlot], reports: Sequence[SignatureReport]) -> list[str]:
    in_paper = {report.field: report for report in reports}
    on_record = {slot.field: slot for slot in slots if slot.signed_by_id is not None}
    faults = [f"缺少{slot.name}的签名" for field, slot in on_record.items() if field not in in_paper]
    for field, report in in_paper.items():
        slot = on_record.get(field)
        signer = slot.signed_by.full_name if slot is not None and slot.signed_by is not None else ""
        if slot is None:
            faults.append(f"出现未登记的签名：{report.person}")
        elif report.person != signer or report.signed_at != slot.signed_at:
            faults.append(f"{slot.name}的签名与登记的签署人或时间不符")
    return faults


def _faults_of_terms(contract: Contract, pdf: bytes) -> list[str]:
    faults = []
    if esign.keywords(pdf) != rules.seal_of(contract.number, contract.terms):
        faults.append("文件所载要素与登记的合同要素不符")
    if contract.terms["amount_fen"] != contract.amount_fen:
        faults.append("登记的合同金额前后不符")
    return faults


def _found(actor: Actor, uuid: UUID) -> Contract:
    contract = _visible(actor).filter(uuid=uuid).first()
    if contract is None:
        raise not_found()
    return contract


def not_found() -> NotFound:
    return NotFound("没有找到该合同")


def _visible(actor: Actor) -> QuerySet[Contract]:
    slots = SignatureSlot.objects.select_related("organisation", "person", "signed_by").order_by("position")
    rows = policies.visible_contracts(actor)
    return rows.select_related("case").prefetch_related(Prefetch("slots", slots))


def _views(actor: Actor, contracts: Iterable[Contract]) -> list[ContractView]:
    mandates: dict[tuple[int | None, str], bool] = {}

    def may_fill(slot: SignatureSlot, slots: Sequence[SignatureSlot]) -> bool:
        """Ask for each side's mandate once, however long the list."""
        if slot.signed_by_id is not None or not policies.belongs_to(actor, slot):
            return False
        key = (slot.organisation_id, slot.scope)
        if key not in mandates:
            mandates[key] = policies.holds_mandate(actor, slot)
        return mandates[key] and not policies.is_other_side(actor, slot, slots)

    return [_view(actor, contract, may_fill) for contract in contracts]


def _view(
    actor: Actor, contract: Contract, may_fill: Callable[[SignatureSlot, Sequence[SignatureSlot]], bool]
) -> ContractView:
    slots = list(contract.slots.all())
    open_turn = min((slot.turn for slot in slots if slot.signed_by_id is None), default=0)
    may_sign_slots = contract.state == ContractState.DRAFT
    rows = tuple(
        SlotView(
            position=slot.position,
            role=slot.role,
            role_label=PartyRole(slot.role).label,
            name=slot.name,
            signed_by=slot.signed_by.full_name if slot.signed_by else "",
            signed_at=slot.signed_at,
            can_sign_now=may_sign_slots and slot.turn == open_turn and may_fill(slot, slots),
        )
        for slot in slots
    )
    return ContractView(
        ref=contract_ref(contract, contract.case.uuid),
        case_number=contract.case.number,
        terms=rules.from_stored(contract.terms),
        slots=rows,
        drafted_at=contract.drafted_at,
        signed_at=contract.signed_at,
        in_force_at=contract.in_force_at,
        ended_at=contract.ended_at,
        ending_reason=contract.ending_reason,
        acts=_acts(actor, contract, slots, can_sign=any(row.can_sign_now for row in rows)),
    )


def _acts(
    actor: Actor, contract: Contract, slots: Sequence[SignatureSlot], *, can_sign: bool
) -> frozenset[InstrumentsAct]:
    leads = policies.can_lead(actor, contract, slots)
    asked = {
        InstrumentsAct.CONTRACT_SIGN: can_sign,
        InstrumentsAct.CONTRACT_BRING_INTO_FORCE: leads and rules.may_follow(contract.state, ContractState.IN_FORCE),
        InstrumentsAct.CONTRACT_END: leads and rules.may_follow(contract.state, ContractState.ENDED),
        InstrumentsAct.CONTRACT_VOID: leads and rules.may_follow(contract.state, ContractState.VOID),
    }
    return frozenset(act for act, allowed in asked.items() if allowed)
