"""Products and firms for matching without a database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from factories import catalogue as factory
from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.rules import REGISTER
from finmart.centres.business.catalogue.types import (
    CriterionField,
    CriterionView,
    LoanPurpose,
    ProductKind,
    ProductView,
    VersionState,
)
from finmart.centres.business.matching.rules import outcomes as engine
from finmart.centres.business.matching.types import ScoreSettings, SeenFact
from finmart.centres.technical.parties.types import OrganisationRef
from finmart.kit.criteria import FieldKind, read_criterion

SETTINGS = ScoreSettings(
    cost=Decimal("0.40"), soft=Decimal("0.15"), speed=Decimal("0.15"), preference=Decimal("0.10"),
    cost_ceiling=Decimal("0.15"), slowest_days=30, near_miss_most=2, chance=Decimal("0.20"), band=Decimal("0.02"),
)  # fmt: skip
ON = date(2026, 3, 2)
NEED = NeedTerms(1_000_000_00, 12, LoanPurpose.WORKING_CAPITAL, district="320506")
FACTS = {
    "established_months": 60,
    "annual_sales_fen": 800_000_000,
    "tax_grade": "A",
    "top_customer_share": Decimal("0.4"),
}
FIRM = UUID(int=7)
DISTRICT = CriterionField("district", "所在区市", FieldKind.TEXT, "", (("320506", "吴中区"),))


def product(number, institution=1, **changes):
    terms = factory.terms(**changes)
    known = catalogue_queries.fields()
    views = []
    for place, one in enumerate(terms.criteria, 1):
        criterion = read_criterion(known, one.field, one.operator, one.operand, is_hard=one.is_hard)
        views.append(CriterionView(place, criterion, REGISTER[one.field], ""))
    return ProductView(
        product_id=number, product_uuid=UUID(int=number), version_id=number, version_uuid=UUID(int=10**6 + number),
        version_number=1, kind=ProductKind.LOAN, state=VersionState.PUBLISHED,
        institution=OrganisationRef(institution, UUID(int=institution), f"银行{institution}", "BANK", "", "", True),
        terms=terms, criteria=tuple(views), is_open=True, is_example=True, submitted_at=None,
        published_at=datetime.now(UTC), delisted_at=None, reason="", acts=frozenset(),
    )  # fmt: skip


def inputs(products, facts=None, need=NEED, firm=FIRM, settings=SETTINGS):
    values = FACTS if facts is None else facts
    return engine.Inputs(
        organisation_uuid=firm,
        need=need,
        facts={code: SeenFact(code, value, ON, "测试") for code, value in values.items()},
        products=products,
        settings=settings,
        on=ON,
        fields=catalogue_queries.fields(),
        district=DISTRICT,
    )
