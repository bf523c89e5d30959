"""Drawing a repayment from the borrower's own account."""

from uuid import UUID

from finmart.centres.business.funds import policies, queries, rules
from finmart.centres.business.funds.models import Collection
from finmart.centres.business.funds.operations.disbursements import parties_of_loan
from finmart.centres.business.funds.operations.queueing import queue_new
from finmart.centres.business.funds.types import BankAccount, CollectionRef, FundsAct, PayeeOrder, PaymentMode
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict
from finmart.kit.statements import insert_unless_there


def collect(
    actor: Actor, *, case_uuid: UUID, amount_fen: int, payer: BankAccount, idempotency_key: str
) -> CollectionRef:
    """Have ``amount_fen`` drawn from the borrower's account; asking again with the key returns the first request.

    What it settles is decided when the bank core confirms (event CollectionSettled); nothing is posted here. Raises
    AccessDenied, and UnableToDisburse where the account is not in the borrower's name.
    """
    transactions.require()
    lender, borrower = parties_of_loan(actor, case_uuid)
    rules.checked_payees(
        [PayeeOrder(payer, amount_fen)], amount_fen=amount_fen, mode=PaymentMode.SELF, borrower_name=borrower.name
    )
    if lender.organisation_id is None:
        raise AccessDenied("贷款人不是机构，不能代扣")
    now = clock.now()
    row = Collection(
        case_uuid=case_uuid, lender_id=lender.organisation_id, borrower_id=borrower.organisation_id,
        borrower_person_id=borrower.person_id, amount_fen=amount_fen, requested_at=now, sent_at=now,
        requested_by_id=actor.person_id, payer_name=payer.name.strip(), payer_account=payer.account_number,
        payer_bank=payer.bank_name.strip(), idempotency_key=idempotency_key,
    )  # fmt: skip
    if not policies.can_collect(actor, row):
        raise AccessDenied("只有借款人可以从其账户还款")
    if not insert_unless_there(row):
        earlier = Collection.objects.get(idempotency_key=idempotency_key)
        if (earlier.case_uuid, earlier.amount_fen) != (case_uuid, amount_fen):
            raise Conflict("同一业务流水号已用于另一笔还款")
        return queries.collection_ref(earlier)
    queue_new(f"{queries.COLLECTION}:{row.uuid}")
    audit_operations.record(
        actor, FundsAct.COLLECTION_REQUEST, f"collection:{row.uuid}", case=str(case_uuid), fen=amount_fen
    )
    return queries.collection_ref(row)
