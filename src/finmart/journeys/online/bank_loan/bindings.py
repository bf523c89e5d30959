"""What the steps of the bank loan do in the centres. One function per task of process.bpmn, named as the task.

Service tasks act as the process itself; where a person's own act is meant (signing, accepting, checking), the
function is bound to that person's step and acts as the person, in the same transaction, so that a step cannot be
completed without its act.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import (
    ApplicationState,
    ApplicationView,
    OfferState,
    OfferTerms,
    OfferView,
    ScoreSeen,
)
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import PartyRole
from finmart.centres.business.instruments import operations as instruments_operations
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.business.instruments.types import ContractFee, ContractState, LoanTerms
from finmart.centres.data.risk import queries as risk_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes.types import Binding, StepContext
from finmart.journeys.online.bank_loan import advancing, payments
from finmart.journeys.online.bank_loan.payments import PROCESS_ACTOR
from finmart.kit import clock
from finmart.kit.errors import Refusal
from finmart.kit.finance import RepaymentMethod

Variables = Mapping[str, Any]


def _application_uuid(context: StepContext) -> UUID:
    return UUID(context.variables["application_uuid"])


def accepted_offer(context: StepContext) -> OfferView:
    """Return the offer that counts. Raises Refusal where there is none: a process that lost its offer must not pay."""
    offer = applications_queries.offer_for(PROCESS_ACTOR, UUID(context.variables["offer_uuid"]))
    if offer.state is not OfferState.ACCEPTED:
        raise Refusal("本案件没有有效报价", remedy="请联系平台运营")
    return offer


def return_application(context: StepContext) -> None:
    applications_operations.return_application(
        PROCESS_ACTOR, _application_uuid(context), reason=context.variables["return_reason"]
    )


def supplement(context: StepContext) -> None:
    if context.variables["supplement_outcome"] == "RESUBMIT":
        applications_operations.resubmit(
            context.actor, _application_uuid(context), explanation=context.variables.get("supplement_note", "")
        )


def withdraw_application(context: StepContext) -> None:
    reason = "企业撤回" if context.actor.person_id else "逾期未补充材料，视为撤回"
    applications_operations.withdraw(PROCESS_ACTOR, _application_uuid(context), reason=reason)


def accept_application(context: StepContext) -> None:
    applications_operations.take_up(PROCESS_ACTOR, _application_uuid(context))


def refuse(context: StepContext) -> None:
    """Record what the bank's people decided, with their reason; a score they looked at is told, and decides nothing."""
    uuid = _application_uuid(context)
    applications_operations.refuse(
        PROCESS_ACTOR,
        uuid,
        context.variables.get("refusal_reason", ""),
        explanation=context.variables.get("refusal_explanation", ""),
        seen=_score_seen(applications_queries.application_for(PROCESS_ACTOR, uuid)),
    )


def _score_seen(application: ApplicationView) -> ScoreSeen | None:
    found = risk_queries.score_seen_by(application.institution.id, application.firm.id)
    if found is None or found.read_at is None or found.read_at < application.submitted_at:
        return None
    codes, labels = (tuple(getattr(one, name) for one in found.reasons) for name in ("code", "label"))
    return ScoreSeen(found.points, found.model, found.number, codes, labels)


def make_offer(context: StepContext) -> Variables:
    known = context.variables
    offer = applications_operations.make_offer(
        PROCESS_ACTOR,
        _application_uuid(context),
        OfferTerms(
            amount_fen=known["offer_amount_fen"],
            term_months=known["offer_term_months"],
            annual_rate=Decimal(known["offer_annual_rate"]),
            repayment_method=RepaymentMethod(known["offer_method"]),
            valid_until=clock.now() + timedelta(days=known["deadline_choose"]),
            conditions=tuple(known.get("conditions", ())),
            collateral=known.get("security_description", "") if known["security_required"] else "",
            joint_liability=bool(known["joint_liability"]),
        ),
    )
    return {"offer_uuid": str(offer.uuid)}


def choose(context: StepContext) -> None:
    if context.variables["choose_outcome"] != "ACCEPT":
        return
    payments.require_payee(context)
    offer_uuid = UUID(context.variables["offer_uuid"])
    if applications_queries.offer_state_for(PROCESS_ACTOR, offer_uuid) is not OfferState.ACCEPTED:
        applications_operations.accept_offer(context.actor, offer_uuid)


def decline_offer(context: StepContext) -> None:
    """Say no for the firm, or for the firm that never answered; an offer that expired meanwhile ends with its case."""
    default = "企业谢绝报价" if context.actor.person_id else "报价到期未答复"
    reason = context.variables.get("decline_reason") or default
    offer = applications_queries.offer_for(PROCESS_ACTOR, UUID(context.variables["offer_uuid"]))
    if offer.state is OfferState.OPEN and offer.valid_until > clock.now():
        applications_operations.decline_offer(PROCESS_ACTOR, offer.uuid, reason=reason)
    else:
        applications_operations.withdraw(PROCESS_ACTOR, offer.application_uuid, reason=reason)


def draft_contract(context: StepContext) -> Variables:
    offer = accepted_offer(context)
    _void_earlier(context)
    if offer.joint_liability:
        _bring_in_guarantor(context)
    contract = instruments_operations.draft_contract(
        PROCESS_ACTOR,
        case_uuid=context.case_uuid,
        terms=LoanTerms(
            amount_fen=offer.amount_fen,
            annual_rate=offer.annual_rate,
            months=offer.term_months,
            method=offer.repayment_method,
            purpose=offer.purpose.label,
            all_in_annual_rate=offer.all_in_annual_rate,
            fees=tuple(ContractFee(fee.name, fee.amount_fen, fee.is_yearly) for fee in offer.fees),
            collateral=(offer.collateral,) if offer.collateral else (),
            conditions=offer.conditions,
        ),
    )
    disbursement = payments.open_disbursement(context, contract.uuid, offer)
    return {"contract_uuid": str(contract.uuid), "disbursement_uuid": str(disbursement.uuid)}


def _void_earlier(context: StepContext) -> None:
    """After a return, the paper nobody has finished signing gives way to a new one."""
    if "contract_uuid" not in context.variables:
        return
    for contract in instruments_queries.contracts_of_case(PROCESS_ACTOR, context.case_uuid):
        if contract.ref.state == ContractState.DRAFT:
            instruments_operations.void(PROCESS_ACTOR, contract.ref.uuid, reason="流程退回，重新拟定")


def _bring_in_guarantor(context: StepContext) -> None:
    """Make the firm's legal person a party that signs for joint liability (连带责任) with their own property."""
    application = applications_queries.application_for(PROCESS_ACTOR, _application_uuid(context))
    legal = parties_queries.members_with_role(application.firm.id, Role.ENTERPRISE_LEGAL_PERSON)
    if not legal:
        raise Refusal("企业尚未登记法定代表人，不能签署连带责任", remedy="请先由平台运营登记法定代表人")
    case = cases_queries.case_by_uuid_for(PROCESS_ACTOR, context.case_uuid)
    if all(party.person_id != legal[0].id for party in case.active_parties):
        cases_operations.add_party(PROCESS_ACTOR, context.case_uuid, role=PartyRole.GUARANTOR, person_id=legal[0].id)


def _sign(context: StepContext, side: PartyRole) -> None:
    """Sign as the person at the step: without a mandate the step stays open and the attempt is on record."""
    instruments_operations.sign(context.actor, UUID(context.variables["contract_uuid"]), role=side)


def sign_enterprise(context: StepContext) -> None:
    _sign(context, PartyRole.BORROWER)


def sign_joint(context: StepContext) -> None:
    _sign(context, PartyRole.GUARANTOR)


def sign_bank(context: StepContext) -> None:
    _sign(context, PartyRole.LENDER)
    application_uuid = _application_uuid(context)
    if applications_queries.state_for(PROCESS_ACTOR, application_uuid) is ApplicationState.OFFER_ACCEPTED:
        applications_operations.mark_signed(PROCESS_ACTOR, application_uuid)
    payments.fulfil(context, payments.CONTRACT_SIGNED)


def archive(context: StepContext) -> None:
    uuid = _application_uuid(context)
    applications_operations.mark_settled(PROCESS_ACTOR, uuid)
    applications_operations.close(PROCESS_ACTOR, uuid)
    instruments_operations.end(PROCESS_ACTOR, UUID(context.variables["contract_uuid"]), reason="贷款本息结清")
    cases_operations.archive(PROCESS_ACTOR, context.case_uuid)


_ACTS: dict[str, Binding] = {
    "return_application": return_application,
    "supplement": supplement,
    "withdraw_application": withdraw_application,
    "accept_application": accept_application,
    "refuse": refuse,
    "make_offer": make_offer,
    "choose": choose,
    "decline_offer": decline_offer,
    "draft_contract": draft_contract,
    "sign_enterprise": sign_enterprise,
    "sign_joint": sign_joint,
    "sign_bank": sign_bank,
    "secure": payments.secure,
    "fulfil": payments.fulfil_conditions,
    "fulfil_again": payments.fulfil_again,
    "check_disbursement": payments.check_disbursement,
    "pay": payments.pay,
    "confirm_payment": payments.confirm_payment,
    "start_loan": payments.start_loan,
    "check_use": payments.check_use,
    "settle": payments.require_settled,
    "archive": archive,
}


def _marked(act: Binding) -> Binding:
    def bound(context: StepContext) -> Variables | None:
        with advancing.marked(context.case_uuid):
            return act(context)

    return bound


BINDINGS: dict[str, Binding] = {task: _marked(act) for task, act in _ACTS.items()}
