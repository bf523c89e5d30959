"""The firms of the sample city and two years of their invoices, drawn once from the sample's seed."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import polars as pl

from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import RecordedFact, Tie
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources.types import LoadResult, SourceFile
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import OrganisationKind, OrganisationRef
from finmart.kit.actor import Actor
from finmart.twin.codes import made_up_credit_code
from finmart.twin.material import Industry, Material

FIRST_SERIAL = 1_000
FIRST_INVOICE, FIRST_INVOICE_OF_FIRST = 10_000_000, 90_000_000  # of all firms; of the demo's own
MONTHS = 26  # so that 24 complete ones are covered
SALES_A_MONTH = 3.0
PURCHASES_A_MONTH = 2.0
TAX_RATES, TAX_SHARES = (0.13, 0.09, 0.06, 0.03, 0.0), (0.6, 0.1, 0.2, 0.08, 0.02)
RECIPROCAL = 0.08  # of invoices with somebody who both buys and sells
Register = Callable[[str, str, str], OrganisationRef]
OWNERSHIPS = ("PRIVATE", "STATE", "FOREIGN", "OTHER")


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm with what its invoices and facts are drawn from. ``sales`` is yearly, in yuan."""

    organisation: OrganisationRef
    industry: Industry
    established_months: int
    employees: int
    sales: float
    growth: float
    tax_grade: str
    is_high_tech: bool
    litigation_count: int
    overdue_count: int
    ownership: str
    industry_code: str


def register_first(actor: Actor, material: Material) -> Firm:
    """Register the first firm of the sample, that of the demo's accounts."""
    return next(_drawn(_registering(actor, []), material))


def register_firms(
    actor: Actor, material: Material, first: OrganisationRef, on_progress: Callable[[int], None]
) -> list[Firm]:
    """Register the other firms of the sample and return all; ``first`` is there already."""
    firms = []
    for place, firm in enumerate(_drawn(_registering(actor, [first]), material)):
        firms.append(firm)
        if place % 50 == 0:
            on_progress(place)
    return firms


def _registering(actor: Actor, known: list[OrganisationRef]) -> Register:
    """Return what registers a firm drawn, or answers the one known by its credit code."""
    by_code = {one.credit_code: one for one in known}

    def register(name: str, credit_code: str, district: str) -> OrganisationRef:
        return by_code.get(credit_code) or parties_operations.register_organisation(
            actor, kind=OrganisationKind.ENTERPRISE, name=name, credit_code=credit_code, district=district,
            is_example=True,
        )  # fmt: skip

    return register


def invoices_of_sample(material: Material, until: date) -> pl.DataFrame:
    """Return the sample city's invoices without registering anybody; firms stand by their credit codes."""

    def named(name: str, credit_code: str, district: str) -> OrganisationRef:
        return OrganisationRef(
            0, UUID(int=0), name, OrganisationKind.ENTERPRISE, credit_code, district, is_example=True
        )

    return _invoices(list(_drawn(named, material)), until)


def _drawn(register: Register, material: Material) -> Iterator[Firm]:
    draw, owned = material.random_for("firms"), material.random_for("ownership")
    codes = material.random_for("industry codes")
    used: set[str] = set()
    for serial in range(material.firms):
        industry = draw.choices(material.industries, [i.weight for i in material.industries])[0]
        name = ""
        while not name or name in used:
            place = draw.choice(material.places)
            trade_name = draw.choice(material.heads) + draw.choice(material.tails)
            name = place.word + trade_name + draw.choice(industry.words) + material.ending
        used.add(name)
        sales = industry.median_sales * 10_000 * draw.lognormvariate(0, 0.9)
        is_of_demo = serial == 0
        yield Firm(
            organisation=register(name, made_up_credit_code(FIRST_SERIAL + serial), place.district),
            industry=industry,
            established_months=72 if is_of_demo else draw.randrange(3, 240),
            employees=max(1, int(sales / 400_000 * draw.lognormvariate(0, 0.5))),
            sales=12_000_000.0 if is_of_demo else sales,
            growth=0.12 if is_of_demo else draw.gauss(0.04, 0.25),
            tax_grade="A" if is_of_demo else draw.choices("ABMCD", [30, 40, 15, 10, 5])[0],
            is_high_tech=is_of_demo or draw.random() < (0.35 if industry.section in "IM" else 0.15),
            litigation_count=0 if is_of_demo else draw.choices([0, 1, 2, 5], [80, 12, 6, 2])[0],
            overdue_count=0 if is_of_demo else draw.choices([0, 1, 3], [90, 7, 3])[0],
            ownership="PRIVATE" if is_of_demo else owned.choices(OWNERSHIPS, [80, 6, 9, 5])[0],
            industry_code=codes.choice(industry.codes),
        )


def load_invoices(actor: Actor, firms: list[Firm], until: date, *, first_number: int = FIRST_INVOICE) -> LoadResult:
    """Draw every firm's invoices of the 24 months before ``until`` and load them like any file that comes in.

    Invoices are numbered from ``first_number`` on: two loads must not share numbers.
    """
    held = io.BytesIO()
    _invoices(firms, until, first_number).write_parquet(held)
    return sources_operations.load_invoices_of_many(actor, SourceFile("示例城市发票.parquet", held.getvalue()))


def record_facts(actor: Actor, firms: list[Firm], until: date) -> int:
    """Record what registers and offices would know of the firms, and compute what their invoices say."""
    source = "示例登记数据"
    recorded = profiles_operations.record_facts(
        actor,
        [
            RecordedFact(firm.organisation.id, fact_type, value, until, source)
            for firm in firms
            for fact_type, value in _facts(firm, until).items()
        ],
    )
    return recorded + profiles_operations.compute(actor, [firm.organisation.id for firm in firms], until)


def _facts(firm: Firm, until: date) -> dict[str, int | str | bool | date | tuple[Tie, ...]]:
    sales_fen = int(firm.sales) * 100
    return {
        "established_on": until - timedelta(days=int(firm.established_months * 30.44)),
        "employees": firm.employees,
        "industry_section": firm.industry.section,
        "industry_code": firm.industry_code,
        "annual_revenue_fen": sales_fen,
        "total_assets_fen": int(sales_fen * 0.8),
        "shareholders": (Tie("示例投资有限公司", Decimal("0.6")), Tie("示例股东", Decimal("0.4"))),
        "registered_capital_fen": max(10_000_000, sales_fen // 5),
        "annual_tax_fen": int(sales_fen * 0.03),
        "tax_grade": firm.tax_grade,
        "is_high_tech": firm.is_high_tech,
        "litigation_count": firm.litigation_count,
        "overdue_count": firm.overdue_count,
        "ownership": firm.ownership,
    }


def _invoices(firms: list[Firm], until: date, first_number: int = FIRST_INVOICE) -> pl.DataFrame:
    draw = np.random.default_rng(20260701)
    parts = [
        _side(draw, firms, until, direction="OUT", a_month=SALES_A_MONTH, share=1.0),
        _side(draw, firms, until, direction="IN", a_month=PURCHASES_A_MONTH, share=0.72),
    ]
    return pl.concat(parts).with_columns(
        (pl.col("amount") + pl.col("tax")).round(2).alias("total"),
        (pl.int_range(pl.len()) + first_number).cast(pl.String).alias("number"),
    )


def _side(
    draw: np.random.Generator, firms: list[Firm], until: date, *, direction: str, a_month: float, share: float
) -> pl.DataFrame:
    months = np.array([min(MONTHS, firm.established_months) for firm in firms])
    counts = draw.poisson(a_month * months) + 1
    owner = np.repeat(np.arange(len(firms)), counts)
    age_days = np.minimum(draw.random(len(owner)) * months[owner] * 30.4, MONTHS * 30.4).astype(int) + 1
    growth = np.array([firm.growth for firm in firms])[owner]
    trend = 1 + np.clip(growth, -0.9, 2) * (1 - age_days / 365)
    mean = np.array([firm.sales * share * m / 12 for firm, m in zip(firms, months, strict=True)])[owner] / counts[owner]
    amount = np.round(mean * np.clip(trend, 0.1, None) * draw.lognormal(-0.2, 0.6, len(owner)), 2) + 1
    amount = np.where(draw.random(len(owner)) < 0.015, -amount * 0.2, amount)
    days = np.datetime64(until) - age_days.astype("timedelta64[D]")
    partner = (draw.pareto(1.2, len(owner)) * 2).astype(int) % 40
    word = np.where(draw.random(len(owner)) < RECIPROCAL, "往来单位", "客户" if direction == "OUT" else "供应商")
    return pl.DataFrame(
        {
            "enterprise": np.array([firm.organisation.credit_code for firm in firms])[owner],
            "direction": np.repeat(direction, len(owner)),
            "issued_on": days,
            "counterparty": np.char.add(np.char.add("示例", word), (owner * 7 % 500 + partner).astype(str)),
            "amount": np.round(amount, 2),
            "tax": np.round(np.round(amount, 2) * draw.choice(TAX_RATES, len(owner), p=TAX_SHARES), 2),
            "status": np.where(draw.random(len(owner)) < 0.03, "作废发票", "有效发票"),
        }
    ).with_columns(pl.col("issued_on").cast(pl.Date))
