"""Jobs that speak to the bank core. Each may run twice: the key of a payment makes it happen once."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from finmart.centres.business.funds import operations, queries
from finmart.centres.business.funds.types import BankAnswer, PaymentInstruction
from finmart.integrations.bank_core.client import connected
from finmart.integrations.bank_core.types import BankCoreUnavailable, Leg, TransferOrder
from finmart.kit import transactions
from finmart.kit.actor import Actor

BANK_CORE = Actor.of_system("bank_core")
_PATIENCE = RetryStrategy(max_attempts=6, exponential_wait=3, retry_exceptions={BankCoreUnavailable})


@app.task(name=operations.SEND_PAYMENT, retry=_PATIENCE)
def send_payment(key: str) -> None:
    """Ask the bank core to carry out one payment and write down its final word.

    No transaction is open while it is asked. Without a certain answer nothing is written and the job is tried again.
    """
    with transactions.opened():
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


def _order(instruction: PaymentInstruction) -> TransferOrder:
    legs = tuple(
        Leg(payee.account.account_number, payee.account.name, payee.account.bank_name, payee.amount_fen)
        for payee in instruction.payees
    )
    return TransferOrder(instruction.key, instruction.payer_account, legs, instruction.memo)
