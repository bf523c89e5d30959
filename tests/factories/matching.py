"""Firms with known facts."""

from datetime import date

from factories import catalogue
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import RecordedFact
from finmart.centres.technical.parties.types import OrganisationKind, Role

KNOWN_ON = date(2020, 2, 28)
SOURCE = "税务部门"


# A developer's size hangs on revenue and assets alone, so that tests may choose the number of people.
SMALL_FIRM = {"industry_code": "7010", "annual_revenue_fen": 100_000_000, "total_assets_fen": 2_000_000_000}


def set_facts(organisation_id, values, on=KNOWN_ON):
    facts = [RecordedFact(organisation_id, code, value, on, SOURCE) for code, value in values.items()]
    profiles_operations.record_facts(catalogue.SYSTEM, facts)


def firm_actor(values):
    """Return the legal person of a new firm of which these facts are known."""
    firm = catalogue.organisation(OrganisationKind.ENTERPRISE)
    set_facts(firm.id, values)
    return catalogue.actor_of(firm.id, Role.ENTERPRISE_LEGAL_PERSON)
