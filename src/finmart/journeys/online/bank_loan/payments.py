"""From the signed contract to the money, and after it: conditions, payees, payment, the loan (clauses B6, B10)."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import OfferView
from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.funds.types import (
    BankAccount,
    DisbursementRef,
    DisbursementState,
    DisbursementView,
    PayeeOrder,
    PaymentMode,
)
from finmart.centres.business.instruments import operations as instruments_operations
from finmart.centres.business.servicing import operations as servicing_operations
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.business.servicing.types import CheckConclusion, LoanFee, LoanState, LoanTerms
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.processes.types import StepContext
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.kit.finance import DayCount, RepaymentMethod

PROCESS_ACTOR = Actor.of_system("银行贷款流程")
CONTRACT_SIGNED = "合同各方均已签署"
SECURED = "担保已落实"
SETTLEMENT = "bank_loan.deadline.settlement"


def require_payee(context: StepContext) -> None:
    """Refuse an acceptance that does not say whom to pay."""
    for name, label in (("payment_mode", "支付方式"), ("payee_name", "收款人户名"), ("payee_account", "收款账号")):
        if not context.variables.get(name):
            raise Refusal(f"请填写“{label}”", field=name)


def open_disbursement(context: StepContext, contract_uuid: UUID, offer: OfferView, drawing: int = 1) -> DisbursementRef:
    """Prepare the drawing: everything that must hold first, and the payee the firm named."""
    known = context.variables
    conditions = [CONTRACT_SIGNED, *([SECURED] if known["security_required"] else []), *offer.conditions]
    payee = BankAccount(known["payee_account"], known["payee_name"], known.get("payee_bank", ""))
    return funds_operations.open_disbursement(
        PROCESS_ACTOR,
        case_uuid=context.case_uuid,
        contract_uuid=contract_uuid,
        amount_fen=offer.amount_fen,
        conditions=conditions,
        payees=[PayeeOrder(payee, offer.amount_fen)],
        payment_mode=PaymentMode(known["payment_mode"]),
        drawing=drawing,
    )


def _disbursement(context: StepContext) -> DisbursementView:
    return funds_queries.disbursement_for(PROCESS_ACTOR, UUID(context.variables["disbursement_uuid"]))


def _state(context: StepContext) -> DisbursementState:
    return funds_queries.state_for(PROCESS_ACTOR, UUID(context.variables["disbursement_uuid"]))


def fulfil(context: StepContext, *texts: str) -> None:
    """Say that the named conditions hold; those that are fulfilled already stay as they are."""
    actor = context.actor if context.actor.has_role("INSTITUTION_ACCOUNT_MANAGER") else PROCESS_ACTOR
    funds_operations.fulfil_conditions(actor, UUID(context.variables["disbursement_uuid"]), texts)


def secure(context: StepContext) -> None:
    fulfil(context, SECURED)


def fulfil_conditions(context: StepContext) -> None:
    fulfil(context, *context.variables.get("conditions", ()))


def fulfil_again(context: StepContext) -> dict[str, str] | None:
    """Bring what the check missed; after a failed payment, open the next drawing to the payee as corrected."""
    if _state(context) != DisbursementState.FAILED:
        fulfil_conditions(context)
        return None
    current = _disbursement(context)
    offer = applications_queries.offer_for(PROCESS_ACTOR, UUID(context.variables["offer_uuid"]))
    drawings = len(funds_queries.disbursements_for(PROCESS_ACTOR, context.case_uuid))
    again = open_disbursement(context, current.ref.contract_uuid, offer, drawings + 1)
    for condition in funds_queries.disbursement_for(PROCESS_ACTOR, again.uuid).conditions:
        funds_operations.fulfil_condition(PROCESS_ACTOR, condition.uuid)
    return {"disbursement_uuid": str(again.uuid)}


def check_disbursement(context: StepContext) -> None:
    if context.variables["check_disbursement_outcome"] != "PASS":
        return
    if _state(context) == DisbursementState.REQUESTED:
        funds_operations.check_disbursement(context.actor, UUID(context.variables["disbursement_uuid"]))


def pay(context: StepContext) -> None:
    if _state(context) == DisbursementState.CHECKED:
        funds_operations.pay(PROCESS_ACTOR, UUID(context.variables["disbursement_uuid"]))


def confirm_payment(context: StepContext) -> None:
    """Nobody confirms a payment the bank core has not confirmed, nor repeats one that is under way."""
    state = _state(context)
    wanted = {"PAID": DisbursementState.PAID, "RETRY": DisbursementState.FAILED}
    outcome = context.variables["confirm_payment_outcome"]
    if state != wanted[outcome]:
        raise Refusal(f"银行核心系统回报的状态是“{state.label}”，不能选择该结论", remedy="请等待银行核心系统回报")


def start_loan(context: StepContext) -> dict[str, Any]:
    known = context.variables
    paid = _disbursement(context)
    offer = applications_queries.offer_for(PROCESS_ACTOR, UUID(known["offer_uuid"]))
    loan = servicing_operations.start_loan(
        PROCESS_ACTOR,
        disbursement_uuid=paid.ref.uuid,
        terms=LoanTerms(
            annual_rate=Decimal(offer.annual_rate),
            method=RepaymentMethod(offer.repayment_method),
            day_count=DayCount.ACT_360,
            term_months=offer.term_months,
        ),
        fees=_fees(offer, paid),
    )
    instruments_operations.bring_into_force(PROCESS_ACTOR, paid.ref.contract_uuid)
    applications_operations.mark_disbursed(PROCESS_ACTOR, UUID(known["application_uuid"]))
    # The step lasts as long as the loan; who is late with an instalment, servicing says.
    days = (loan.ends_on - clock.today()).days + parameters_queries.integer(SETTLEMENT)
    return {"loan_uuid": str(loan.uuid), "deadline_settle": days}


def _fees(offer: OfferView, paid: DisbursementView) -> list[LoanFee]:
    """Return the fees with their days: once at disbursement, yearly ones on each anniversary within the term."""
    if paid.settled_at is None:
        return []
    start = paid.settled_at.date()
    years = range((offer.term_months + 11) // 12)
    return [
        LoanFee(fee.name, fee.amount_fen, _anniversary(start, year))
        for fee in offer.fees
        for year in (years if fee.is_yearly else (0,))
    ]


def _anniversary(start: date, years: int) -> date:
    day = 28 if (start.month, start.day) == (2, 29) else start.day
    return start.replace(year=start.year + years, day=day)


def check_use(context: StepContext) -> None:
    conclusion = (
        CheckConclusion.NORMAL if context.variables["check_use_outcome"] == "NORMAL" else CheckConclusion.ATTENTION
    )
    servicing_operations.record_after_loan_check(
        context.actor,
        UUID(context.variables["loan_uuid"]),
        findings=context.variables.get("use_findings", ""),
        conclusion=conclusion,
    )


def require_settled(context: StepContext) -> None:
    """A loan that owes money is not settled by a click."""
    loan = servicing_queries.loan_ref_for(PROCESS_ACTOR, UUID(context.variables["loan_uuid"]))
    if loan.state != LoanState.SETTLED:
        raise Refusal("贷款尚未还清，不能办理结清", remedy="请等待企业还款")
