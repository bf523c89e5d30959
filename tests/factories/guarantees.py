"""Firms that borrow and answer for each other, with contracts signed by all and money paid, made through operations."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from factories import funds as money
from factories import parties
from factories.cases import loan_case
from finmart.centres.business.cases.types import CaseParty, PartyRole
from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.funds.types import BankAnswer, PaymentMode
from finmart.centres.business.instruments import operations as instruments_operations
from finmart.centres.business.instruments.types import LoanTerms as ContractTerms
from finmart.centres.business.servicing import operations as servicing_operations
from finmart.centres.business.servicing.types import LoanTerms
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import RecordedFact
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import MandateScope, OrganisationKind, Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.finance import DayCount, RepaymentMethod

WAN = 1_000_000  # 10,000 yuan in fen
PROCESS = Actor.of_system("bank_loan")


@dataclass(frozen=True)
class Bank:
    """Who signs, who drafts, who pays out."""

    banker: Actor
    manager: Actor
    officer: Actor


def bank(name: str = "姑苏样例银行") -> Bank:
    banker = parties.bank(Role.INSTITUTION_APPROVER, name=name)
    parties_operations.grant_mandate(
        parties.SYSTEM, person_id=banker.person_id, organisation_id=banker.organisation_id,
        scope=MandateScope.CONTRACT, valid_to=None,
    )  # fmt: skip
    return Bank(
        banker,
        parties.colleague(banker, Role.INSTITUTION_ACCOUNT_MANAGER),
        parties.colleague(banker, Role.INSTITUTION_DISBURSEMENT_OFFICER),
    )


def firm(name: str, district: str = "320506", capital_fen: int | None = None, section: str = "C") -> Actor:
    """Return the legal person of a new firm; its capital stays unknown where none is given."""
    organisation = parties_operations.register_organisation(
        parties.SYSTEM, kind=OrganisationKind.ENTERPRISE, name=name, credit_code=parties.credit_code(),
        district=district, is_example=True,
    )  # fmt: skip
    facts = [RecordedFact(organisation.id, "industry_section", section, clock.today(), "测试")]
    if capital_fen is not None:
        facts.append(RecordedFact(organisation.id, "registered_capital_fen", capital_fen, clock.today(), "测试"))
    profiles_operations.record_facts(parties.SYSTEM, facts)
    return parties.member(organisation, Role.ENTERPRISE_LEGAL_PERSON, full_name=f"{name[:2]}法人")


def lent(to: Actor, by: Bank, amount_fen: int, *guarantors: Actor) -> UUID:
    """Return a loan in force for which others have signed: a firm for a firm, a person of no firm for themselves."""
    sides = [
        CaseParty(PartyRole.GUARANTOR, organisation_id=one.organisation_id)
        if one.organisation_id
        else CaseParty(PartyRole.GUARANTOR, person_id=one.person_id)
        for one in guarantors
    ]
    case = loan_case(to, by.manager, *sides)
    terms = ContractTerms(amount_fen, Decimal("0.045"), 12, RepaymentMethod.BULLET, "采购原材料")
    contract = instruments_operations.draft_contract(by.manager, case_uuid=case.uuid, terms=terms)
    for signer in (to, *guarantors, by.banker):
        instruments_operations.sign(signer, contract.uuid)
    instruments_operations.bring_into_force(by.manager, contract.uuid)
    return _paid(to, by, case.uuid, contract.uuid, amount_fen)


def _paid(to: Actor, by: Bank, case_uuid: UUID, contract_uuid: UUID, amount_fen: int) -> UUID:
    disbursement = funds_operations.open_disbursement(
        by.manager, case_uuid=case_uuid, amount_fen=amount_fen, conditions=("合同已签署",),
        payees=money.payees(to, amount_fen), payment_mode=PaymentMode.SELF, contract_uuid=contract_uuid,
    )  # fmt: skip
    for condition in funds_queries.disbursement_for(by.manager, disbursement.uuid).conditions:
        funds_operations.fulfil_condition(by.manager, condition.uuid, evidence_uuid=uuid4())
    funds_operations.check_disbursement(by.officer, disbursement.uuid)
    funds_operations.pay(by.officer, disbursement.uuid)
    answer = BankAnswer(succeeded=True, reference="SIM1")
    funds_operations.settle(money.BANK_CORE, f"disbursement:{disbursement.uuid}", answer)
    terms = LoanTerms(Decimal("0.045"), RepaymentMethod.BULLET, DayCount.ACT_360, 12)
    return servicing_operations.start_loan(PROCESS, disbursement_uuid=disbursement.uuid, terms=terms).uuid


def town() -> Actor:
    """Return the operator of a town: 甲 and 乙 answer for each other, 丙 (capital unknown) borrows on 乙's word.

    丁 borrows on its legal person's. One bank lends 100, 50, 20 and 10 万元; 甲 has 500, 乙 80, 丁 10 of capital.
    """
    lender = bank()
    first, second = firm("甲方精密", capital_fen=500 * WAN), firm("乙方机电", capital_fen=80 * WAN)
    third = firm("丙方软件", district="320508", section="I")
    fourth = firm("丁方物流", district="320508", capital_fen=10 * WAN, section="G")
    lent(first, lender, 100 * WAN, second)
    lent(second, lender, 50 * WAN, first)
    lent(third, lender, 20 * WAN, second)
    lent(fourth, lender, 10 * WAN, parties.person("丁法人"))
    return parties.operator()
