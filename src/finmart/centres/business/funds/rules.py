"""Pure rules: names of accounts, payee lists, reconciliation."""

from collections.abc import Mapping, Sequence

from finmart.centres.business.funds.types import (
    AccountKey,
    AccountKind,
    Difference,
    DifferenceKind,
    EntryLine,
    PayeeOrder,
    PaymentMode,
    StatementEntry,
    UnableToDisburse,
    UnableToPost,
)

LONGEST_CONDITION = 300
MOST_CONDITIONS = 50
MOST_PAYEES = 100


def account_code(account: AccountKey) -> str:
    """Return the one code of an account: kind, owner, and the case for principal."""
    case = f":{account.case_uuid}" if account.kind is AccountKind.LOAN_PRINCIPAL else ""
    return f"{account.kind}:{account.owner_id}{case}"


def settlement_account(credit_code: str) -> str:
    """Return the account a lender pays from and is paid into: known to the bank core by its credit code."""
    return f"L{credit_code}"


def checked_lines(lines: Sequence[EntryLine]) -> Sequence[EntryLine]:
    """Return the lines of a posting. Raises UnableToPost unless there are two or more and they balance."""
    one_sided = all(min(line.debit_fen, line.credit_fen) == 0 < line.debit_fen + line.credit_fen for line in lines)
    if len(lines) < 2 or not one_sided or sum(line.debit_fen - line.credit_fen for line in lines) != 0:
        raise UnableToPost("分录借贷不平衡，未入账")
    return lines


def clean_conditions(conditions: Sequence[str]) -> list[str]:
    """Return the conditions without empty and doubled ones. Raises UnableToDisburse for too many or too long."""
    cleaned = list(dict.fromkeys(text.strip() for text in conditions if text.strip()))
    if len(cleaned) > MOST_CONDITIONS or any(len(text) > LONGEST_CONDITION for text in cleaned):
        raise UnableToDisburse(
            f"放款条件最多 {MOST_CONDITIONS} 条，每条不超过 {LONGEST_CONDITION} 字", field="conditions"
        )
    return cleaned


def checked_payees(
    payees: Sequence[PayeeOrder], *, amount_fen: int, mode: PaymentMode, borrower_name: str
) -> Sequence[PayeeOrder]:
    """Return the payees. Raises UnableToDisburse unless they are complete, sum to the amount and fit the mode."""
    if not 0 < len(payees) <= MOST_PAYEES:
        raise UnableToDisburse(f"收款人应为 1 至 {MOST_PAYEES} 个", field="payees")
    for payee in payees:
        if not (payee.account.name.strip() and payee.account.bank_name.strip()) or payee.amount_fen <= 0:
            raise UnableToDisburse("收款人户名、开户行和金额均需填写", field="payees")
        number = payee.account.account_number
        if not (number.isascii() and number.isalnum() and 4 <= len(number) <= 40):
            raise UnableToDisburse("收款账号格式不正确", field="payees", remedy="账号只含字母和数字，4 至 40 位")
    if sum(payee.amount_fen for payee in payees) != amount_fen:
        raise UnableToDisburse("各收款人金额之和应等于放款金额", field="payees", remedy="请核对每个收款人的金额")
    own = [payee.account.name.strip() == borrower_name for payee in payees]
    if mode is PaymentMode.SELF and not (len(payees) == 1 and own[0]):
        raise UnableToDisburse("自主支付只能付至借款人本人账户", field="payees", remedy="付给他人请选择受托支付")
    if mode is PaymentMode.ENTRUSTED and any(own):
        raise UnableToDisburse("受托支付应直接付给交易对手，不能付给借款人", field="payees")
    return payees


def differences(ledger: Mapping[str, int], statement: Sequence[StatementEntry]) -> list[Difference]:
    """Return where ledger (key → signed fen) and statement disagree, by key; several bookings of a key are summed."""
    bank: dict[str, int] = {}
    for entry in statement:
        bank[entry.key] = bank.get(entry.key, 0) + entry.amount_fen
    found = []
    for key in sorted({*ledger, *bank}):
        if key not in bank:
            found.append(Difference(key, DifferenceKind.NOT_AT_BANK, ledger[key], 0))
        elif key not in ledger:
            found.append(Difference(key, DifferenceKind.NOT_IN_LEDGER, 0, bank[key]))
        elif ledger[key] != bank[key]:
            found.append(Difference(key, DifferenceKind.AMOUNT_DIFFERS, ledger[key], bank[key]))
    return found
