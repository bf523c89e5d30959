"""Seed the sample city through operations, once: what was seeded before is left as it is."""

from collections.abc import Callable, Mapping

from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import FeedHealth
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind, OrganisationRef, Role
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.twin import cases as sample_cases
from finmart.twin import firms as sample_firms
from finmart.twin import institutions as sample_institutions
from finmart.twin import scorecards
from finmart.twin.codes import made_up_credit_code
from finmart.twin.firms import FIRST_SERIAL
from finmart.twin.material import Material, material
from finmart.twin.people import DEMO_ACCOUNTS, FIRM, OPERATOR, REGULATOR, acting, register_account

OnProgress = Callable[[str, int, int], None]
SEEDER = Actor.of_system("示例城市")
OPERATOR_SERIAL, REGULATOR_SERIAL = 900, 901
RESTS = "示例城市的企业尚未登记完，登记完后自动恢复"


def is_seeded() -> bool:
    """Has the operator of the sample been registered? It comes first and stays."""
    return parties_queries.organisation_by_credit_code(made_up_credit_code(OPERATOR_SERIAL)) is not None


def is_filled() -> bool:
    """Are the other firms there, with their invoices and facts? They come in one transaction."""
    return parties_queries.organisation_by_credit_code(made_up_credit_code(FIRST_SERIAL + 1)) is not None


def seed(on_progress: OnProgress = lambda *_: None, *, sample: Material | None = None) -> bool:
    """Seed the sample city without its cases, in one transaction; returns False where it is there already.

    ``on_progress`` gets (what is being made, in Chinese; done; of how many). Without ``sample``, Suzhou's pack.
    """
    with transactions.opened():
        if not open_doors(on_progress, sample=sample):
            return False
        fill(on_progress, sample=sample)
        resume_feeds()
    return True


def open_doors(on_progress: OnProgress = lambda *_: None, *, sample: Material | None = None) -> bool:
    """Seed what a first visitor needs: institutions, accounts, products, the demo's own firm with what is known of it.

    In one transaction; returns False where it is there already. Feeds rest until :func:`fill` has told them of whom.
    """
    with transactions.opened():
        if is_seeded():
            return False
        _open_doors(on_progress, sample or material())
    return True


def fill(on_progress: OnProgress = lambda *_: None, *, sample: Material | None = None) -> bool:
    """Seed the other firms with their invoices, facts and outcomes, in one transaction; False where they are there."""
    with transactions.opened():
        if is_filled():
            return False
        _fill(on_progress, sample or material())
    return True


def resume_feeds() -> None:
    """Have the feeds that rest for :func:`open_doors` go on: what they are about is supplied by now."""
    with transactions.opened():
        for feed in sources_queries.feeds_for(SEEDER):
            if feed.health is FeedHealth.PAUSED and RESTS in feed.explanation:
                sources_operations.resume_feed(SEEDER, feed.code)


def seed_cases(
    pay: Callable[[], None], on_progress: OnProgress = lambda *_: None, *, sample: Material | None = None
) -> int:
    """Seed the cases that are missing, each act in a transaction of its own, and return how many were begun.

    ``pay`` lets the bank core carry out what it was asked; see :func:`finmart.twin.cases.tell`.
    """
    chosen = sample or material()
    return sample_cases.tell(SEEDER, chosen, pay, lambda done: on_progress("办理案件", done, chosen.cases))


def seed_scorecard() -> bool:
    """Train, approve and use the sample's scorecard, once; returns False where one is in force already."""
    return scorecards.put_into_force(SEEDER, OPERATOR_SERIAL)


def _open_doors(on_progress: OnProgress, sample: Material) -> None:
    districts = _districts()
    on_progress("登记机构与人员", 0, 1)
    operator_organisation = parties_operations.register_organisation(
        SEEDER,
        kind=OrganisationKind.OPERATOR,
        name="示例企业金融服务超市运营中心",
        credit_code=made_up_credit_code(OPERATOR_SERIAL),
        district=districts[0],
        is_example=True,
    )
    regulator = parties_operations.register_organisation(
        SEEDER,
        kind=OrganisationKind.REGULATOR,
        name="示例地方金融监管局",
        credit_code=made_up_credit_code(REGULATOR_SERIAL),
        is_example=True,
    )  # of no district: it looks on at the whole city
    institutions = list(sample_institutions.register_institutions(SEEDER, sample, districts))
    first = sample_firms.register_first(SEEDER, sample)
    places: dict[str | int, OrganisationRef] = {place: one.organisation for place, one in enumerate(institutions)}
    places |= {FIRM: first.organisation, OPERATOR: operator_organisation, REGULATOR: regulator}
    operator = _register_demo_accounts(places)
    banks = [one for one in institutions if one.organisation.kind == OrganisationKind.BANK]
    on_progress("上架产品", 0, len(banks))
    sample_institutions.list_products(banks, operator, sample)
    number = sample_firms.FIRST_INVOICE_OF_FIRST
    sample_firms.load_invoices(SEEDER, [first], clock.today(), first_number=number)
    sample_firms.record_facts(SEEDER, [first], clock.today())
    for feed in sources_queries.feeds_for(SEEDER):
        sources_operations.pause_feed(SEEDER, feed.code, RESTS)


def _fill(on_progress: OnProgress, sample: Material) -> None:
    first = parties_queries.organisation_by_credit_code(made_up_credit_code(FIRST_SERIAL))
    if first is None:
        raise LookupError("the demo's own firm comes before the others")
    firms = sample_firms.register_firms(SEEDER, sample, first, lambda done: on_progress("登记企业", done, sample.firms))
    on_progress("导入发票", 0, 1)
    sample_firms.load_invoices(SEEDER, firms[1:], clock.today())
    on_progress("生成企业画像", 0, 1)
    sample_firms.record_facts(SEEDER, firms[1:], clock.today())
    scorecards.record_outcomes(SEEDER, firms, sample)


def _districts() -> list[str]:
    return [district.code for district in parameters_queries.districts()]


def _register_demo_accounts(places: Mapping[str | int, OrganisationRef]) -> Actor:
    acts_as = None
    for account in DEMO_ACCOUNTS:
        organisation = places[account.of]
        person = register_account(
            SEEDER, organisation, account.username, account.full_name, account.roles, sign_in=True
        )
        if account.of == OPERATOR and acts_as is None:
            acts_as = acting(person, organisation, Role.OPERATOR)
    if acts_as is None:
        raise LookupError("the sample has no operator account")
    return acts_as
