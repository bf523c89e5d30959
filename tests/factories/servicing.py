"""Loans in force, made through operations."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from factories import funds
from factories.funds import Lending, account
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.servicing import operations, queries
from finmart.centres.business.servicing.models import LoanAccount
from finmart.centres.business.servicing.types import LoanFee, LoanTerms
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.finance import DayCount, RepaymentMethod

START = datetime(2026, 1, 15, 2, tzinfo=UTC)
PROCESS = Actor.of_system("bank_loan")


@dataclass(frozen=True)
class Loan:
    """A loan and the people around it."""

    lending: Lending
    uuid: UUID

    @property
    def firm(self) -> Actor:
        return self.lending.firm

    @property
    def manager(self) -> Actor:
        return self.lending.manager


def terms(method=RepaymentMethod.EQUAL_PRINCIPAL, rate="0.06", months=12, **more) -> LoanTerms:
    return LoanTerms(Decimal(rate), method, more.pop("day_count", DayCount.ACT_360), months, **more)


def in_force(amount_fen: int = 12_000_000, agreed: LoanTerms | None = None, fee_fen: int = 0) -> Loan:
    """Return a loan that starts today on the clock of the test."""
    lending = funds.paid(amount_fen)
    fees = [LoanFee("账户管理费", fee_fen, clock.today())] if fee_fen else []
    ref = operations.start_loan(PROCESS, disbursement_uuid=lending.uuid, terms=agreed or terms(), fees=fees)
    return Loan(lending, ref.uuid)


def at(day: str) -> AbstractContextManager[None]:
    """Run a block at ten in the morning of a day, as the city counts."""
    return clock.moved_to(datetime.fromisoformat(day).replace(hour=10, tzinfo=clock.CITY_ZONE))


def ledger_agrees(loan: Loan) -> None:
    """Assert that loan, schedule, repayments and ledger tell one story."""
    view = queries.loan_for(loan.firm, loan.uuid)
    assert funds_queries.outstanding_principal(loan.manager.organisation_id, view.ref.case_uuid) == view.outstanding_fen
    unpaid = sum(
        row.principal_fen - row.principal_paid_fen for row in queries.live_rows(LoanAccount.objects.get(uuid=loan.uuid))
    )
    assert unpaid == view.outstanding_fen
    repaid = sum(r.split.principal_fen for r in queries.repayments_for(loan.firm, loan.uuid))
    assert view.outstanding_fen == view.principal_fen - repaid >= 0
    assert funds_queries.trial_balance().ok


def borrower_pays(loan: Loan, kind, amount_fen: int, key: str, **more) -> str:
    """Have the borrower ask for a repayment; return the key the bank core answers to."""
    collection = operations.request_repayment(
        loan.firm, loan.uuid, kind=kind, amount_fen=amount_fen, payer=account(loan.firm.organisation_name),
        idempotency_key=key, **more,
    )  # fmt: skip
    return f"collection:{collection.uuid}"
