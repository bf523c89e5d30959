"""Products for tests, listed through operations by two persons."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

from finmart.centres.business.catalogue import operations
from finmart.centres.business.catalogue.types import CriterionTerms, FeeBasis, FeeTerms, ProductTerms
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor
from finmart.kit.finance import RepaymentMethod

SYSTEM = Actor.of_system("test")
_numbers = count(1)
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

TERMS = ProductTerms(
    name="税易贷",
    summary="凭开票与纳税记录申请的信用贷款",
    rate_min=Decimal("0.0385"),
    rate_max=Decimal("0.0525"),
    limit_min_fen=100_000_00,
    limit_max_fen=5_000_000_00,
    months_min=3,
    months_max=36,
    methods=(RepaymentMethod.EQUAL_INSTALMENT, RepaymentMethod.INTEREST_FIRST),
    promised_days=5,
    valid_from=date(2020, 1, 1),
    fees=(FeeTerms("担保服务费", FeeBasis.AMOUNT_ONCE, rate=Decimal("0.005")),),
    criteria=(
        CriterionTerms("established_months", "GE", ("24",)),
        CriterionTerms("annual_sales_fen", "GE", ("500000000",)),
        CriterionTerms("tax_grade", "IN", ("A", "B", "M")),
        CriterionTerms("top_customer_share", "LE", ("0.5",), is_hard=False),
    ),
)


def credit_code() -> str:
    """Return a valid made-up unified social credit code, another each time."""
    body = f"91320500MA{next(_numbers):07d}"
    total = sum(_ALPHABET.index(sign) * weight for sign, weight in zip(body, _WEIGHTS, strict=True))
    return body + _ALPHABET[(31 - total % 31) % 31]


def organisation(kind: OrganisationKind, name: str = "", district: str = ""):
    code = credit_code()
    return parties_operations.register_organisation(
        SYSTEM, kind=kind, name=name or f"{kind.label}{code[-8:]}", credit_code=code, district=district
    )


def actor_of(organisation_id: int, *roles: Role, full_name: str = "张三") -> Actor:
    """Return a new person with these roles in the organisation."""
    person = parties_operations.register_person(
        SYSTEM, username=f"person{next(_numbers)}", full_name=full_name, password=None
    )
    parties_operations.add_member(SYSTEM, person_id=person.id, organisation_id=organisation_id, roles=list(roles))
    return parties_queries.actor_for(person.id)


def bank_actor() -> Actor:
    return actor_of(organisation(OrganisationKind.BANK).id, Role.INSTITUTION_ADMINISTRATOR)


def operator_actor() -> Actor:
    return actor_of(organisation(OrganisationKind.OPERATOR).id, Role.OPERATOR)


def terms(**changes) -> ProductTerms:
    return replace(TERMS, **changes)


def listed(bank: Actor | None = None, operator: Actor | None = None, **changes):
    """Return the ref of a product that is open."""
    author = bank or bank_actor()
    drafted = operations.draft_product(author, terms(**changes))
    operations.submit(author, drafted.uuid)
    return operations.publish(operator or operator_actor(), drafted.uuid)
