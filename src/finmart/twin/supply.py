"""What departments and platforms would supply of the sample city's firms: drawn once from the sample's seed.

It goes into the simulated sources and comes back over the wire like anybody's. Where the city's seeding recorded a
value, the same is supplied, so that no case changes by it.
"""

import random
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.integrations.data_sharing.office import Office
from finmart.kit.actor import Actor
from finmart.twin.material import Material

Known = Mapping[str, Any]
Values = dict[str, Any]
SEEDED = (
    "annual_tax_fen", "employees", "established_on", "industry_section", "is_high_tech", "litigation_count",
    "overdue_count", "registered_capital_fen", "tax_grade",
)  # fmt: skip


def supply(actor: Actor, url: str, secret: bytes, material: Material, on: date) -> int:
    """Have every simulated source supply a batch about the firms of the platform; return how many records.

    A second time on the same day replaces the batch by the same. ``actor`` is the sample's seeder.
    """
    firms = _firms(actor)
    records = 0
    for feed in sources_queries.feeds_for(actor):
        columns = sources_queries.feed_for(actor, feed.code).columns
        office = Office(url, secret, feed.code)
        office.have_columns([{"name": column.name, "kind": str(column.kind)} for column in columns])
        batch = [
            {
                "key": f"{feed.code}-{code}-{on}", "credit_code": code, "as_of_on": on.isoformat(),
                **_DRAWN[feed.code](known, material.random_for(f"supply:{feed.code}:{code}")),
            }
            for code, known in firms.items()
        ]  # fmt: skip
        office.supply(on.isoformat(), on, batch)
        records += len(batch)
    return records


def _firms(actor: Actor) -> dict[str, Known]:
    table = profiles_queries.fact_table(SEEDED, actor=actor, purpose=Purpose.STATISTICS)
    codes = {one.id: one.credit_code for one in parties_queries.organisations(table["organisation_id"].to_list())}
    return {codes[row["organisation_id"]]: row for row in table.iter_rows(named=True)}


def _yuan(fen: float) -> str:
    return f"{round(fen) / 100:.2f}"


def _count(draw: random.Random, shares: Mapping[int, int]) -> int:
    return draw.choices(list(shares), list(shares.values()))[0]


def _registry(known: Known, draw: random.Random) -> Values:
    return {
        "established_on": known["established_on"], "registered_capital": _yuan(known["registered_capital_fen"] or 0),
        "industry_section": known["industry_section"], "legal_person_changes": _count(draw, {0: 93, 1: 6, 2: 1}),
        "abnormal_listed": draw.random() < 0.02,
    }  # fmt: skip


def _tax(known: Known, draw: random.Random) -> Values:
    paid_fen = known["annual_tax_fen"] or 0
    return {
        "annual_tax": _yuan(paid_fen), "previous_annual_tax": _yuan(paid_fen * draw.lognormvariate(0.0, 0.25)),
        "tax_grade": known["tax_grade"], "tax_arrears": _yuan(paid_fen * 0.2 if draw.random() < 0.03 else 0),
    }  # fmt: skip


def _social_security(known: Known, draw: random.Random) -> Values:
    insured = max(1, round((known["employees"] or 1) * draw.uniform(0.7, 1.0)))
    return {
        "insured": insured, "insured_year_ago": max(1, round(insured * draw.lognormvariate(0.0, 0.15))),
        "arrears_months": _count(draw, {0: 96, 1: 3, 3: 1}),
    }  # fmt: skip


def _court(known: Known, draw: random.Random) -> Values:
    cases = int(known["litigation_count"] or 0)
    as_defendant = sum(draw.random() < 0.4 for _ in range(cases))
    enforced = draw.lognormvariate(16.5, 1.0) if as_defendant and draw.random() < 0.2 else 0
    return {
        "cases": cases, "as_defendant": as_defendant, "enforced_amount": _yuan(enforced),
        "dishonest": bool(enforced) and draw.random() < 0.1,
    }  # fmt: skip


def _utilities(known: Known, draw: random.Random) -> Values:
    used = (known["employees"] or 1) * draw.lognormvariate(8.2, 0.5)
    return {
        "electricity": round(used), "electricity_previous": round(used * draw.lognormvariate(0.0, 0.2)),
        "water": round(used / 60), "bills_overdue": _count(draw, {0: 92, 1: 6, 2: 2}),
    }  # fmt: skip


def _patents(known: Known, draw: random.Random) -> Values:
    mean = 4.0 if known["is_high_tech"] == "true" else 0.4
    inventions, models = int(draw.expovariate(1 / mean)), int(draw.expovariate(1 / (2 * mean)))
    return {"inventions": inventions, "utility_models": models, "granted": int((inventions + models) * draw.random())}


def _customs(known: Known, draw: random.Random) -> Values:
    """Most firms have nothing to do with customs, of which customs says so: a known zero."""
    traded = (known["annual_tax_fen"] or 0) * 8 if draw.random() < 0.3 else 0
    grade = draw.choices(["ADVANCED", "REGISTERED"], [1, 9])[0] if traded else None
    return {
        "exports": _yuan(traded * draw.random()), "imports": _yuan(traded * draw.random() / 2), "credit_grade": grade,
    }  # fmt: skip


def _credit_platform(known: Known, draw: random.Random) -> Values:
    guaranteed = (known["registered_capital_fen"] or 0) * draw.random() if draw.random() < 0.15 else 0
    return {
        "overdue": int(known["overdue_count"] or 0), "queries": int(draw.expovariate(1 / 2.5)),
        "lenders": _count(draw, {0: 30, 1: 40, 2: 20, 4: 10}), "guaranteed": _yuan(guaranteed),
    }  # fmt: skip


def _digital_finance(known: Known, draw: random.Random) -> Values:
    inflow = (known["annual_tax_fen"] or 0) / 0.03 * draw.uniform(0.6, 1.1)
    return {
        "inflow": _yuan(inflow), "receivables": _yuan(inflow * draw.uniform(0, 0.2)),
        "digital_yuan": _yuan(inflow * 0.02 if draw.random() < 0.4 else 0),
    }  # fmt: skip


def _government_sharing(known: Known, draw: random.Random) -> Values:
    return {
        "high_tech": known["is_high_tech"] == "true", "penalties": _count(draw, {0: 95, 1: 4, 2: 1}),
        "subsidies": _yuan(draw.lognormvariate(16.8, 0.8) if draw.random() < 0.2 else 0),
    }  # fmt: skip


_DRAWN: dict[str, Callable[[Known, random.Random], Values]] = {
    "registry": _registry,
    "tax": _tax,
    "social_security": _social_security,
    "court": _court,
    "utilities": _utilities,
    "patents": _patents,
    "customs": _customs,
    "credit_platform": _credit_platform,
    "digital_finance": _digital_finance,
    "government_sharing": _government_sharing,
}
