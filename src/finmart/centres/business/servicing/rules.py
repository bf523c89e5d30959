"""Pure rules: what is owed on a day and what money pays first. Dates come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finmart.centres.business.servicing.types import InstalmentState, LoanTerms, Split
from finmart.kit.finance import DayCount, Instalment, Terms, year_share
from finmart.kit.finance.schedules import whole_fen

EARLY_DAYS = 10  # an instalment may be paid, whole, this many days before it is due: a default of ours
LONGEST_FINDINGS = 4000


@dataclass(frozen=True, slots=True)
class Owed:
    """What is still unpaid of one instalment."""

    number: int
    penalty_fen: int
    interest_fen: int
    principal_fen: int

    @property
    def total_fen(self) -> int:
        return self.penalty_fen + self.interest_fen + self.principal_fen


def terms_of(principal_fen: int, started_on: date, terms: LoanTerms) -> Terms:
    """Return the terms as the schedule wants them. Raises Refusal for absurd ones."""
    return Terms(
        principal_fen, terms.annual_rate, terms.method, terms.day_count, started_on, terms.term_months, terms.due_day
    )


def penalty(
    unpaid_principal_fen: int, rate: Decimal, uplift: Decimal, day_count: DayCount, from_on: date, to_on: date
) -> int:
    """Return the penalty interest on overdue principal between two days: the raised rate, simple, no compounding.

    A default of ours; the schedule's own interest no longer counts that principal, so nothing is charged twice.
    """
    if to_on <= from_on:
        return 0
    return whole_fen(unpaid_principal_fen * rate * (1 + uplift) * year_share(from_on, to_on, day_count))


def allocate(amount_fen: int, owed: Sequence[Owed]) -> tuple[dict[int, Split], int]:
    """Return number → what of it is paid, and what is left over.

    Order (a default of ours): all penalty interest, then all interest, then all principal, each oldest first.
    """
    paid = {line.number: Split() for line in owed}
    for part in ("penalty_fen", "interest_fen", "principal_fen"):
        for line in owed:
            share_fen = min(amount_fen, getattr(line, part))
            paid[line.number] += Split(**{part: share_fen})
            amount_fen -= share_fen
    return paid, amount_fen


def instalment_state(due_on: date, today: date, *, is_paid: bool) -> InstalmentState:
    """Return how an instalment stands. One due today is not overdue before tomorrow."""
    if is_paid:
        return InstalmentState.PAID
    if due_on < today:
        return InstalmentState.OVERDUE
    return InstalmentState.DUE if due_on == today else InstalmentState.PENDING


def renumbered(lines: Sequence[Instalment], first: int) -> list[Instalment]:
    """Return the lines of a new schedule numbered on from ``first``."""
    return [
        Instalment(number, x.from_on, x.due_on, x.principal_fen, x.interest_fen, x.balance_fen)
        for number, x in enumerate(lines, start=first)
    ]
