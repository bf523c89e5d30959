"""Terms as they are stored and printed, the order of signing, and which state follows which."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finmart.centres.business.cases.types import PartyRole
from finmart.centres.business.instruments.types import (
    ContractFee,
    ContractKind,
    ContractState,
    LoanTerms,
    UnableToDraft,
)
from finmart.kit.finance import DayCount, RepaymentMethod
from finmart.kit.money import MOST_FEN, format_yuan, in_capitals

TEMPLATES = {ContractKind.LOAN_CONTRACT: "loan_contract_v1"}
SERIES = {ContractKind.LOAN_CONTRACT: "JK"}
TRANSITIONS: Mapping[ContractState, frozenset[ContractState]] = {
    ContractState.DRAFT: frozenset({ContractState.SIGNED, ContractState.VOID}),
    ContractState.SIGNED: frozenset({ContractState.IN_FORCE, ContractState.VOID}),
    ContractState.IN_FORCE: frozenset({ContractState.ENDED}),
    ContractState.ENDED: frozenset(),
    ContractState.VOID: frozenset(),
}
SIGNING_ROLES: Mapping[str, int] = {PartyRole.BORROWER: 1, PartyRole.GUARANTOR: 1, PartyRole.LENDER: 2}
"""Role → turn: the lender signs when all others have; within a turn the order is free. A default of ours."""
MOST_MONTHS = 600
MOST_RATE = Decimal(1)
MOST_WORDS = 500


@dataclass(frozen=True, slots=True)
class SigningParty:
    """Who signs, as the paper names it. ``credit_code`` is empty for a natural person."""

    role: str
    name: str
    credit_code: str


def check_terms(terms: LoanTerms) -> None:
    """Refuse terms no paper may carry. Raises UnableToDraft."""
    for is_wrong, message, field in (
        (not 0 < terms.amount_fen <= MOST_FEN, "合同金额必须大于零且在可受理范围内", "amount"),
        (not (terms.annual_rate.is_finite() and 0 <= terms.annual_rate <= MOST_RATE), "年利率不正确", "annual_rate"),
        (not 1 <= terms.months <= MOST_MONTHS, f"期限应在 1 至 {MOST_MONTHS} 个月之间", "months"),
        (not 0 <= terms.due_day <= 31, "还款日应在 1 至 31 日之间", "due_day"),
        (not terms.purpose.strip(), "请填写借款用途", "purpose"),
        (any(fee.amount_fen < 0 for fee in terms.fees), "费用不能为负", "fees"),
        (any(len(words) > MOST_WORDS for words in (terms.purpose, *terms.collateral, *terms.conditions)),
         f"用途、担保和条件的每一条不超过 {MOST_WORDS} 字", "conditions"),
    ):  # fmt: skip
        if is_wrong:
            raise UnableToDraft(message, field=field)


def check_parties(parties: Iterable[SigningParty]) -> None:
    """Refuse a contract without a borrower or a lender. Raises UnableToDraft."""
    roles = {party.role for party in parties}
    if not {PartyRole.BORROWER, PartyRole.LENDER} <= roles:
        raise UnableToDraft("借款合同需要借款人和贷款人", field="parties", remedy="请先补全案件参与方")


def may_follow(state: str, following: ContractState) -> bool:
    """Does the table allow this step?"""
    return following in TRANSITIONS[ContractState(state)]


def to_stored(terms: LoanTerms) -> dict[str, Any]:
    """Return the terms as JSON values; rates as text, so that no digit is lost."""
    return {
        "amount_fen": terms.amount_fen,
        "annual_rate": str(terms.annual_rate),
        "months": terms.months,
        "method": str(terms.method),
        "purpose": terms.purpose,
        "day_count": str(terms.day_count),
        "due_day": terms.due_day,
        "all_in_annual_rate": None if terms.all_in_annual_rate is None else str(terms.all_in_annual_rate),
        "fees": [[fee.name, fee.amount_fen, fee.is_yearly] for fee in terms.fees],
        "collateral": list(terms.collateral),
        "conditions": list(terms.conditions),
    }


def from_stored(stored: Mapping[str, Any]) -> LoanTerms:
    all_in = stored["all_in_annual_rate"]
    return LoanTerms(
        amount_fen=stored["amount_fen"],
        annual_rate=Decimal(stored["annual_rate"]),
        months=stored["months"],
        method=RepaymentMethod(stored["method"]),
        purpose=stored["purpose"],
        day_count=DayCount(stored["day_count"]),
        due_day=stored["due_day"],
        all_in_annual_rate=None if all_in is None else Decimal(all_in),
        fees=tuple(ContractFee(*fee) for fee in stored["fees"]),
        collateral=tuple(stored["collateral"]),
        conditions=tuple(stored["conditions"]),
    )


def seal_of(number: str, stored: Mapping[str, Any]) -> str:
    """Return what the paper carries to be compared with the record: number, amount and SHA-256 of the terms."""
    canonical = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{number}; fen={stored['amount_fen']}; terms={hashlib.sha256(canonical.encode()).hexdigest()}"


def percent(rate: Decimal) -> str:
    """Return ``4.35`` for 0.0435."""
    text = f"{(rate * 100).normalize():f}"
    return text if "." in text and len(text.partition(".")[2]) > 1 else f"{rate * 100:.2f}"


def paper_values(
    *, number: str, drafted_on: str, parties: Iterable[SigningParty], terms: LoanTerms, is_example: bool
) -> dict[str, Any]:
    """Return what the template of a loan contract takes (without link and QR code)."""
    everybody = list(parties)

    def named(role: PartyRole) -> list[dict[str, str]]:
        return [{"name": p.name, "credit_code": p.credit_code} for p in everybody if p.role == role]

    return {
        "number": number,
        "seal": seal_of(number, to_stored(terms)),
        "drafted_on": drafted_on,
        "is_example": is_example,
        "lenders": named(PartyRole.LENDER),
        "borrowers": named(PartyRole.BORROWER),
        "guarantors": named(PartyRole.GUARANTOR),
        "amount": format_yuan(terms.amount_fen),
        "amount_capitals": in_capitals(terms.amount_fen),
        "purpose": terms.purpose,
        "annual_rate": percent(terms.annual_rate),
        "all_in_rate": "" if terms.all_in_annual_rate is None else percent(terms.all_in_annual_rate),
        "term": f"{terms.months} 个月，自放款之日起计算",
        "method": f"{terms.method.label}，计息基础 {terms.day_count.label}",
        "fees": [
            [fee.name + ("（每年）" if fee.is_yearly else "（一次性）"), format_yuan(fee.amount_fen)]
            for fee in terms.fees
        ],
        "collateral": list(terms.collateral),
        "conditions": list(terms.conditions),
        "signers": [[PartyRole(party.role).label, party.name] for party in everybody],
    }
