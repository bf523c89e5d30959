"""Writing the ledger: balanced, once per key, never below zero where principal is kept."""

from collections.abc import Sequence
from uuid import UUID

from finmart.centres.business.funds import policies, rules
from finmart.centres.business.funds.models import Account, Entry, Posting
from finmart.centres.business.funds.types import (
    AccountKey,
    AccountKind,
    EntryLine,
    FundsAct,
    PostingRef,
    UnableToPost,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, sql, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict
from finmart.kit.statements import insert

_INSERT = """
INSERT INTO funds_posting (uuid, at, case_uuid, memo, idempotency_key, payment_key) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
"""
_ACCOUNTS = "SELECT code, id FROM funds_account WHERE code = ANY(%s)"
_LEND = """
INSERT INTO funds_principalbalance (account_id, debit_fen, credit_fen) VALUES (%s, %s, 0)
ON CONFLICT (account_id) DO UPDATE SET debit_fen = funds_principalbalance.debit_fen + EXCLUDED.debit_fen
"""
_PAY_BACK = """
UPDATE funds_principalbalance SET credit_fen = credit_fen + %(fen)s
WHERE account_id = %(account)s AND debit_fen >= credit_fen + %(fen)s
"""


def post(
    actor: Actor, *, case_uuid: UUID, memo: str, lines: Sequence[EntryLine], idempotency_key: str, payment_key: str = ""
) -> PostingRef:
    """Record one movement of money and return it; the same key again returns the first one and writes nothing.

    ``payment_key`` is the bank core's key of the payment behind it, for reconciliation. Raises AccessDenied,
    UnableToPost where the lines do not balance or would take more principal than is owed, Conflict where the key
    was used for another movement.
    """
    transactions.require()
    if not policies.can_post(actor, {line.account.owner_id for line in lines}):
        raise AccessDenied("您无权在该账簿入账")
    rules.checked_lines(lines)
    posting = Posting(
        at=clock.now(), case_uuid=case_uuid, memo=memo, idempotency_key=idempotency_key, payment_key=payment_key
    )
    with transactions.opened():  # a refusal below leaves no posting without entries behind
        is_new = _insert(posting)
        if is_new:
            _enter(posting, lines)
    if not is_new:
        return _same(Posting.objects.get(idempotency_key=idempotency_key), case_uuid, lines)
    audit_operations.record(
        actor, FundsAct.POSTING_RECORD, f"posting:{posting.uuid}", case=str(case_uuid),
        fen=sum(line.debit_fen for line in lines), key=idempotency_key,
    )  # fmt: skip
    return PostingRef(posting.uuid, posting.at, is_new=True)


def record_repayment(
    actor: Actor,
    *,
    case_uuid: UUID,
    lender_id: int,
    principal_fen: int,
    interest_fen: int,
    idempotency_key: str,
    penalty_fen: int = 0,
    fee_fen: int = 0,
    unallocated_fen: int = 0,
    payment_key: str = "",
) -> PostingRef:
    """Record money received from a borrower, split as the servicing of the loan says; parts may be zero, not all."""
    parts = {
        AccountKind.PENALTY_INCOME: penalty_fen,
        AccountKind.INTEREST_INCOME: interest_fen,
        AccountKind.LOAN_PRINCIPAL: principal_fen,
        AccountKind.FEE_INCOME: fee_fen,
        AccountKind.UNALLOCATED: unallocated_fen,
    }
    if min(parts.values()) < 0:
        raise UnableToPost("还款各组成部分不能为负")
    lines = [EntryLine(AccountKey(AccountKind.LENDER_FUNDS, lender_id), debit_fen=sum(parts.values()))]
    for kind, fen in parts.items():
        if fen:
            kept_by_case = case_uuid if kind is AccountKind.LOAN_PRINCIPAL else None
            lines.append(EntryLine(AccountKey(kind, lender_id, kept_by_case), credit_fen=fen))
    return post(
        actor, case_uuid=case_uuid, memo="还款", lines=lines, idempotency_key=idempotency_key, payment_key=payment_key
    )


def _insert(posting: Posting) -> bool:
    """Write the posting unless its key was used before, by whomever and however shortly; return whether it was not."""
    inserted = sql.rows(
        _INSERT,
        [posting.uuid, posting.at, posting.case_uuid, posting.memo, posting.idempotency_key, posting.payment_key],
    )
    for (key,) in inserted:
        posting.pk = key
    return bool(inserted)


def _enter(posting: Posting, lines: Sequence[EntryLine]) -> None:
    accounts = _accounts([line.account for line in lines])
    _keep_principal(lines, accounts)
    insert(
        Entry(posting=posting, account_id=accounts[line.account], debit_fen=line.debit_fen, credit_fen=line.credit_fen)
        for line in lines
    )


def _same(earlier: Posting, case_uuid: UUID, lines: Sequence[EntryLine]) -> PostingRef:
    posted = sorted((e.account.code, e.debit_fen, e.credit_fen) for e in earlier.entries.select_related("account"))
    wanted = sorted((rules.account_code(line.account), line.debit_fen, line.credit_fen) for line in lines)
    if earlier.case_uuid != case_uuid or posted != wanted:
        raise Conflict("同一业务流水号已用于另一笔入账")
    return PostingRef(earlier.uuid, earlier.at, is_new=False)


def _accounts(keys: Sequence[AccountKey]) -> dict[AccountKey, int]:
    """Return the ids of accounts, opening those that do not exist yet; two who open one at once both get it."""
    codes = {rules.account_code(key): key for key in keys}
    found = _account_ids(list(codes))
    missing = sorted(code for code in codes if code not in found)
    if missing:
        Account.objects.bulk_create(
            [
                Account(code=code, kind=codes[code].kind, owner_id=codes[code].owner_id, opened_at=clock.now())
                for code in missing
            ],
            ignore_conflicts=True,
        )
        found |= _account_ids(missing)
    return {key: found[rules.account_code(key)] for key in keys}


def _account_ids(codes: list[str]) -> dict[str, int]:
    return dict(sql.rows(_ACCOUNTS, [codes]))


def _keep_principal(lines: Sequence[EntryLine], accounts: dict[AccountKey, int]) -> None:
    """Carry the kept principal forward under its row lock; what would take it below zero is refused."""
    kept = sorted(
        (line for line in lines if line.account.kind is AccountKind.LOAN_PRINCIPAL),
        key=lambda line: accounts[line.account],
    )
    for line in kept:
        account = accounts[line.account]
        if line.debit_fen:
            sql.changed(_LEND, [account, line.debit_fen])
        elif not sql.changed(_PAY_BACK, {"account": account, "fen": line.credit_fen}):
            raise UnableToPost("归还的本金超过尚欠本金，未入账", field="amount")
