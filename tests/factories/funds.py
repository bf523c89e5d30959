"""A loan on its way to its payees, made through operations."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from factories import parties as people
from factories.cases import loan_case
from finmart.centres.business.funds import operations, queries
from finmart.centres.business.funds.types import BankAccount, BankAnswer, PayeeOrder, PaymentMode
from finmart.centres.technical.parties.types import Role
from finmart.kit.actor import Actor

BANK_CORE = Actor.of_system("bank_core")
CONDITIONS = ("合同已签署", "担保已落实")


@dataclass(frozen=True)
class Lending:
    """Who takes part in one disbursement: the firm, the account manager, the disbursement officer."""

    firm: Actor
    manager: Actor
    officer: Actor
    case_uuid: UUID
    uuid: UUID


def account(name: str, number: str = "6222020000000001") -> BankAccount:
    return BankAccount(number, name, "示例银行苏州分行")


def payees(firm: Actor, amount_fen: int) -> list[PayeeOrder]:
    return [PayeeOrder(account(firm.organisation_name), amount_fen)]


def requested(amount_fen: int = 50_000_000, conditions: tuple[str, ...] = CONDITIONS, **more) -> Lending:
    """Return a disbursement to the borrower itself that nobody has checked yet."""
    firm, manager = people.enterprise(Role.ENTERPRISE_LEGAL_PERSON), people.bank()
    officer = people.colleague(manager, Role.INSTITUTION_DISBURSEMENT_OFFICER)
    case = loan_case(firm, manager)
    wanted = {"payees": payees(firm, amount_fen), "payment_mode": PaymentMode.SELF, "contract_uuid": uuid4(), **more}
    ref = operations.open_disbursement(
        manager, case_uuid=case.uuid, amount_fen=amount_fen, conditions=conditions, **wanted
    )
    return Lending(firm, manager, officer, case.uuid, ref.uuid)


def checked(amount_fen: int = 50_000_000, **more) -> Lending:
    """Return a disbursement whose conditions hold and that has passed the check."""
    lending = requested(amount_fen, **more)
    for condition in queries.disbursement_for(lending.manager, lending.uuid).conditions:
        operations.fulfil_condition(lending.manager, condition.uuid, evidence_uuid=uuid4())
    operations.check_disbursement(lending.officer, lending.uuid)
    return lending


def paid(amount_fen: int = 50_000_000, **more) -> Lending:
    """Return a disbursement the bank core has confirmed."""
    lending = checked(amount_fen, **more)
    operations.pay(lending.officer, lending.uuid)
    operations.settle(BANK_CORE, f"disbursement:{lending.uuid}", BankAnswer(succeeded=True, reference="SIM1"))
    return lending
