"""The life of a contract after its signatures: in force, ended, void."""

from uuid import UUID

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import TimelineKind
from finmart.centres.business.instruments import policies, queries, rules
from finmart.centres.business.instruments.events import ContractBroughtIntoForce, ContractEnded, ContractVoided
from finmart.centres.business.instruments.models import Contract
from finmart.centres.business.instruments.operations.signing import lock
from finmart.centres.business.instruments.types import (
    ContractKind,
    ContractRef,
    ContractState,
    InstrumentsAct,
    UnableToChangeContract,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied
from finmart.kit.statements import Change

MOST_REASON = 200
_MOVED = Change(Contract, "state", "in_force_at", "ended_at", "ending_reason")


def bring_into_force(actor: Actor, contract_uuid: UUID) -> ContractRef:
    """Have a signed contract take effect. The lender's people and the system. Raises UnableToChangeContract."""
    contract = _to_change(actor, contract_uuid, ContractState.IN_FORCE)
    contract.in_force_at = clock.now()
    _move(actor, contract, ContractState.IN_FORCE, InstrumentsAct.CONTRACT_BRING_INTO_FORCE)
    events.publish(ContractBroughtIntoForce(contract.uuid, contract.case.uuid, contract.number))
    return queries.contract_ref(contract, contract.case.uuid)


def end(actor: Actor, contract_uuid: UUID, *, reason: str = "合同履行完毕") -> ContractRef:
    """End a contract in force, because it was fulfilled unless ``reason`` says otherwise."""
    contract = _to_change(actor, contract_uuid, ContractState.ENDED)
    _close(contract, reason)
    _move(actor, contract, ContractState.ENDED, InstrumentsAct.CONTRACT_END)
    events.publish(ContractEnded(contract.uuid, contract.case.uuid, contract.number))
    return queries.contract_ref(contract, contract.case.uuid)


def void(actor: Actor, contract_uuid: UUID, *, reason: str) -> ContractRef:
    """Take back a contract that is not in force yet; another may then be drafted. Raises UnableToChangeContract."""
    contract = _to_change(actor, contract_uuid, ContractState.VOID)
    _close(contract, reason)
    _move(actor, contract, ContractState.VOID, InstrumentsAct.CONTRACT_VOID)
    events.publish(ContractVoided(contract.uuid, contract.case.uuid, contract.number, contract.ending_reason))
    return queries.contract_ref(contract, contract.case.uuid)


def _to_change(actor: Actor, contract_uuid: UUID, following: ContractState) -> Contract:
    contract, slots = lock(actor, contract_uuid)
    if not policies.can_lead(actor, contract, slots):
        raise AccessDenied("只有贷款人可以变更合同状态")
    if not rules.may_follow(contract.state, following):
        raise UnableToChangeContract(
            f"合同{ContractState(contract.state).label}，不能变为{following.label}", remedy="请刷新页面查看最新状态"
        )
    return contract


def _close(contract: Contract, reason: str) -> None:
    cleaned = " ".join(reason.split())
    if not cleaned or len(cleaned) > MOST_REASON:
        raise UnableToChangeContract(f"请填写原因（不超过 {MOST_REASON} 字）", field="reason")
    contract.ending_reason, contract.ended_at = cleaned, clock.now()


def _move(actor: Actor, contract: Contract, state: ContractState, act: InstrumentsAct) -> None:
    before, contract.state = contract.state, state
    _MOVED.write(contract)
    audit_operations.record(
        actor, act, f"contract:{contract.uuid}", before=before, after=str(state), reason=contract.ending_reason
    )
    ending = f"：{contract.ending_reason}" if contract.ending_reason else ""
    text = f"{ContractKind(contract.kind).label} {contract.number} {state.label}{ending}"
    cases_operations.note(actor, contract.case.uuid, TimelineKind.STATE, text)
