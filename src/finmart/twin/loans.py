"""One bank loan told through operations, step by step, by the people who would do it. For seeding and measuring."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications.types import ApplicationRef, NeedTerms
from finmart.centres.business.catalogue.types import CollateralKind, LoanPurpose, ProductView
from finmart.centres.business.funds.types import BankAccount
from finmart.centres.business.servicing import operations as servicing_operations
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.business.servicing.types import RepaymentKind
from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.journeys.online.bank_loan import start as bank_loan
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor

PAYEE = {"payee_name": "示例供应商有限公司", "payee_account": "32050199000000001234", "payee_bank": "示例运河银行"}
Pay = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays a loan. ``bank`` maps the staff's names (``manager_a`` … ``officer``) to actors."""

    clerk: Actor
    legal: Actor
    bank: dict[str, Actor]


@dataclass(slots=True)
class LoanStory:
    """A loan on its way. ``pay`` moves what the bank core has been asked to move (the job a worker would run)."""

    cast: Cast
    product: ProductView
    amount_fen: int
    term_months: int
    pay: Pay
    need_uuid: UUID | None = None
    application: ApplicationRef | None = None
    done: list[str] = field(default_factory=list)

    def steps(self) -> Iterator[str]:
        """Play the loan to its end; every ``next`` is one person's act in one transaction, named by what it yields."""
        for name, act in self._acts():
            with transactions.opened():
                act()
            self.done.append(name)
            yield name
            if name in {"check_disbursement", "repay"}:
                self.pay()

    def _acts(self) -> Iterator[tuple[str, Callable[[], None]]]:
        cast, bank = self.cast, self.cast.bank
        yield "state_need", self._state_need
        yield "apply", self._apply
        yield "consent", self._consent
        yield "accept", lambda: self.complete(bank["manager_a"], "accept", "ACCEPT", materials_complete=True)
        for who in ("manager_a", "manager_b"):
            yield "due_diligence", partial(self._visit, bank[who])
        yield "review", lambda: self.complete(bank["reviewer"], "review", "RECOMMEND", **self._proposal())
        for who in ("approver_a", "approver_b", "approver_c")[: self._approvers()]:
            yield "approve", partial(self.complete, bank[who], "approve", "APPROVE")
        chosen = {"payment_mode": "ENTRUSTED", **PAYEE}
        yield "choose", lambda: self.complete(cast.clerk, "choose", "ACCEPT", **chosen)
        yield "sign_enterprise", lambda: self.complete(cast.legal, "sign_enterprise", "SIGN", has_read=True)
        if self.product.terms.joint_liability:
            yield "sign_joint", lambda: self.complete(cast.legal, "sign_joint", "SIGN", has_read=True)
        yield "sign_bank", lambda: self.complete(bank["approver_a"], "sign_bank", "SIGN", has_read=True)
        if self._is_secured():
            proof = {"security_registration": "示例登记〔2026〕1号", "security_value_fen": self.amount_fen * 2}
            yield "secure", lambda: self.complete(bank["manager_a"], "secure", "SECURED", **proof)
        yield (
            "check_disbursement",
            lambda: self.complete(bank["officer"], "check_disbursement", "PASS", payees_checked=True),
        )
        yield (
            "check_use",
            lambda: self.complete(bank["manager_a"], "check_use", "NORMAL", use_findings="资金按约定用途支付（示例）"),
        )
        yield "repay", self._repay

    def may_turn(self, ending: str) -> bool:
        """Is the case where this ending can happen? (A second approver may still have to vote.)"""
        step = {"returned": "accept", "refused": "due_diligence", "declined": "choose"}.get(ending)
        return step is None or processes_queries.find_open_item(self.case_uuid, step) is not None

    def turn(self, ending: str) -> None:
        """Leave the straight way with one act: ``returned``, ``refused``, ``declined`` or ``withdrawn``."""
        cast, bank = self.cast, self.cast.bank
        acts: dict[str, Callable[[], None]] = {
            "returned": lambda: self.complete(
                bank["manager_a"], "accept", "RETURN", return_reason="请补充近三个月银行流水（示例）"
            ),
            "refused": lambda: self.complete(
                bank["manager_a"], "due_diligence", "FAIL", findings="现金流不足（示例）", refusal_reason="CASH_FLOW"
            ),
            "declined": lambda: self.complete(cast.clerk, "choose", "DECLINE", decline_reason="成本偏高（示例）"),
            "withdrawn": lambda: applications_operations.withdraw(
                cast.clerk, self._begun().uuid, reason="资金已自行解决（示例）"
            ),
        }
        with transactions.opened():
            acts[ending]()
        self.done.append(ending)

    def complete(self, actor: Actor, step: str, outcome: str, **values: Any) -> None:
        """Sign the open item of a step off, as the page of the item would."""
        item = processes_queries.open_item_of(self.case_uuid, step)
        processes_operations.complete(actor, item, outcome, "示例意见", values)

    @property
    def case_uuid(self) -> UUID:
        return self._begun().case_uuid

    def _begun(self) -> ApplicationRef:
        if self.application is None:
            raise LookupError("the story has not begun")
        return self.application

    def _is_secured(self) -> bool:
        return self.product.terms.collateral is not CollateralKind.NONE

    def _approvers(self) -> int:
        """Return how many the decision table of the process asks for (decisions.dmn)."""
        if self.amount_fen > 500_000_000:
            return 3
        return 2 if self.amount_fen > 100_000_000 and not self._is_secured() else 1

    def _state_need(self) -> None:
        terms = NeedTerms(self.amount_fen, self.term_months, LoanPurpose.WORKING_CAPITAL, "采购原材料（示例）")
        self.need_uuid = applications_operations.state_need(self.cast.clerk, terms).uuid

    def _apply(self) -> None:
        if self.need_uuid is None:
            raise LookupError("no need has been stated")
        (self.application,) = bank_loan.apply(self.cast.clerk, self.need_uuid, [self.product.version_id])

    def _consent(self) -> None:
        consents_operations.grant(
            self.cast.legal,
            grantor_id=self.cast.legal.organisation_id or 0,
            recipient_id=self.product.institution.id,
            purpose=Purpose.LOAN_REVIEW,
            fact_types=list(FACT_TYPES),
            months_back=24,
            valid_to=clock.now() + timedelta(days=30),
        )

    def _visit(self, actor: Actor) -> None:
        day = clock.today().isoformat()
        self.complete(actor, "due_diligence", "PASS", visited_on=day, findings="生产经营正常（示例）")

    def _proposal(self) -> dict[str, Any]:
        terms = self.product.terms
        return {
            "internal_rating": "B",
            "offer_amount_fen": self.amount_fen,
            "offer_annual_rate": str(terms.rate_min),
            "offer_term_months": self.term_months,
            "offer_method": str(terms.methods[0]),
            "security_required": self._is_secured(),
            "security_description": "示例抵押物" if self._is_secured() else "",
            "joint_liability": terms.joint_liability,
            "conditions": [],
            "condition_count": 0,
        }

    def _repay(self) -> None:
        """Settle the whole loan from the borrower's account."""
        (loan,) = servicing_queries.refs_of_case_for(self.cast.clerk, self.case_uuid)
        quote = servicing_queries.payoff_quote_for(self.cast.clerk, loan.uuid)
        servicing_operations.request_repayment(
            self.cast.clerk,
            loan.uuid,
            kind=RepaymentKind.SETTLEMENT,
            amount_fen=quote.total_fen,
            payer=BankAccount("32050188000000005678", self.cast.clerk.organisation_name, "示例姑苏银行"),
            idempotency_key=f"settle:{self.case_uuid}",
        )
