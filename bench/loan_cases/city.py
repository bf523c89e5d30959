"""A small sample city with enough people to play loans at once. Imported after the application is set up."""

from dataclasses import replace
from functools import cache

from django.contrib.auth import get_user_model

from bench.loan_cases.playing import AMOUNT_FEN, BANKS, FIRMS, clerk_of, legal_of
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CollateralKind, ProductView
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.twin import firms as sample_firms
from finmart.twin import seeding
from finmart.twin.codes import made_up_credit_code
from finmart.twin.loans import Cast, LoanStory
from finmart.twin.material import material
from finmart.twin.people import STAFF, register_account

BUILDER = Actor.of_system("bench")
TERM_MONTHS = 12


class BenchStory(LoanStory):
    """A loan whose payments the job worker beside carries out, as it does on a platform."""

    def is_at(self, step: str) -> bool:
        return processes_queries.find_open_item(self.case_uuid, step) is not None


def build() -> None:
    """Seed banks, products, firms and the people who play."""
    sample = material()
    seeding.seed(sample=replace(sample, firms=FIRMS, banks=sample.banks[:BANKS], insurers=(), guarantors=(), cases=0))
    with transactions.opened():
        for firm in range(FIRMS):
            organisation = parties_queries.organisation_by_credit_code(
                made_up_credit_code(sample_firms.FIRST_SERIAL + firm)
            )
            if organisation is None:
                raise LookupError(f"the sample has no firm {firm}")
            for username, role in (
                (clerk_of(firm), Role.ENTERPRISE_CLERK),
                (legal_of(firm), Role.ENTERPRISE_LEGAL_PERSON),
            ):
                register_account(BUILDER, organisation, username, f"样例{username[-2:]}", (role,), sign_in=False)


def story(*, bank: int, firm: int) -> BenchStory:
    """Return a loan of a bank's unsecured product to a firm, not begun."""
    staff = {suffix: _actor(f"sample_{bank:02d}_{suffix}") for suffix, _, _ in STAFF}
    cast = Cast(_actor(clerk_of(firm)), _actor(legal_of(firm)), staff)
    return BenchStory(cast, _product_of(staff["manager_a"].organisation_id), AMOUNT_FEN, TERM_MONTHS, pay=lambda: None)


@cache
def _product_of(lender_id: int | None) -> ProductView:
    return next(one for one in catalogue_queries.open_versions() if one.institution.id == lender_id and _fits(one))


@cache
def _actor(username: str) -> Actor:
    return parties_queries.actor_for(get_user_model().objects.get(username=username).pk)


def _fits(product: ProductView) -> bool:
    terms = product.terms
    return (
        terms.collateral is CollateralKind.NONE
        and not terms.joint_liability
        and terms.limit_min_fen <= AMOUNT_FEN <= terms.limit_max_fen
        and terms.months_min <= TERM_MONTHS <= terms.months_max
    )
