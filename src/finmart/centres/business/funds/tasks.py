"""Jobs that speak to the bank core. Each may run twice: the key of a payment makes it happen once."""

from datetime import date, timedelta

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from finmart.centres.business.funds import operations, queries
from finmart.centres.business.funds.types import BankAnswer, PaymentInstruction, StatementEntry
from finmart.integrations.bank_core.client import connected
from finmart.integrations.bank_core.types import BankCoreUnavailable, Leg, TransferOrder
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor

BANK_CORE = Actor.of_system("bank_core")
_PATIENCE = RetryStrategy(max_attempts=6, exponential_wait=3, retry_exceptions={BankCoreUnavailable})


@app.task(name=operations.SEND_PAYMENT, retry=_PATIENCE)
def send_payment(key: str) -> None:
    """Ask the bank core to carry out one payment and write down its final word.

    No transaction is open while it is asked. Without a certain answer nothing is written and the job is tried again.
    """
    instruction = queries.instruction_for(BANK_CORE, key)
    if instruction is None:
        return
    receipt = connected().transfer(_order(instruction))
    reason = "" if receipt.succeeded else receipt.reason or receipt.reason_code
    with transactions.opened():
        operations.settle(BANK_CORE, key, BankAnswer(receipt.succeeded, receipt.reference, reason))


@app.periodic(cron="*/5 * * * *")
@app.task(name="funds:chase_payments", queueing_lock="funds:chase_payments")
def chase_payments(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Ask again about payments that were sent and never answered (the worker died, the line was down for long)."""
    with transactions.opened():
        operations.chase(BANK_CORE)


@app.periodic(cron="30 18 * * *")  # half past two at night in the city
@app.task(name="funds:reconcile_yesterday", queueing_lock="funds:reconcile_yesterday", retry=_PATIENCE)
def reconcile_yesterday(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Compare every lender's books of yesterday with its bank."""
    reconcile_day(clock.today() - timedelta(days=1))


def reconcile_day(day: date) -> None:
    """Compare every lender's books of a city day with its bank. Raises BankCoreUnavailable."""
    with transactions.opened():
        accounts = {
            lender_id: queries.settlement_account_of(BANK_CORE, lender_id)
            for lender_id in queries.lenders_with_payments(BANK_CORE)
        }
    for lender_id, account in accounts.items():
        lines = connected().statement(account, day - timedelta(days=1), day + timedelta(days=2))
        statement = [StatementEntry(line.key, line.amount_fen, line.booked_at) for line in lines]
        with transactions.opened():
            operations.record_reconciliation(BANK_CORE, lender_id, day, statement)


def _order(instruction: PaymentInstruction) -> TransferOrder:
    legs = tuple(
        Leg(payee.account.account_number, payee.account.name, payee.account.bank_name, payee.amount_fen)
        for payee in instruction.payees
    )
    return TransferOrder(instruction.key, instruction.payer_account, legs, instruction.memo)
