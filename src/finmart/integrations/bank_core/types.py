"""The words of the wire: a transfer of one payer to one or several payees, its receipt, a statement."""

from dataclasses import dataclass
from datetime import datetime

from finmart.kit.codes import Code


class BankCoreUnavailable(Exception):
    """No answer that can be relied on: the money may or may not have moved. Ask again with the same key."""


class BankCoreMistake(Exception):
    """The bank core says our request is wrong (signature, form, key used for another transfer): do not repeat it."""


class TransferState(Code):
    REJECTED = "REJECTED", "已拒绝"
    SUCCEEDED = "SUCCEEDED", "已入账"


@dataclass(frozen=True, slots=True)
class Leg:
    """One payee of a transfer; ``amount_fen`` above zero."""

    account_number: str
    name: str
    bank_name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """All legs move or none. ``key`` makes it happen once, however often it is sent."""

    key: str
    payer_account: str
    legs: tuple[Leg, ...]
    memo: str = ""

    @property
    def amount_fen(self) -> int:
        return sum(leg.amount_fen for leg in self.legs)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The bank core's final word on a transfer. ``reason`` is empty unless it was rejected."""

    key: str
    state: TransferState
    reference: str
    booked_at: datetime
    reason_code: str = ""
    reason: str = ""

    @property
    def succeeded(self) -> bool:
        return self.state is TransferState.SUCCEEDED


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One booking on an account; ``amount_fen`` is negative where money left it."""

    key: str
    reference: str
    booked_at: datetime
    amount_fen: int
    counterparty: str
