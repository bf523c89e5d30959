"""What the sample city's departments supply comes over the wire and agrees with what the seeding recorded."""

from dataclasses import replace

import pytest

from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.sources import tasks
from finmart.centres.data.sources.models import Batch, Feed
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock
from finmart.twin import seeding, supply
from finmart.twin.codes import made_up_credit_code
from finmart.twin.firms import FIRST_SERIAL
from finmart.twin.material import material

SMALL = replace(material(), firms=12, banks=material().banks[:2], insurers=(), guarantors=(), cases=0)
AGREED = ("annual_tax_fen", "litigation_count", "overdue_count", "is_high_tech", "tax_grade", "established_on")


def _facts(firm):
    actor = parties_queries.actor_for(parties_queries.members_with_role(firm, "ENTERPRISE_CLERK")[0].id)
    return {view.code: view for view in profiles_queries.own_facts_for(actor)}


@pytest.mark.clause("D1")
@pytest.mark.django_db
def test_every_source_supplies_the_sample_city(sources, settings):
    assert seeding.seed(sample=SMALL)
    firm = parties_queries.organisation_by_credit_code(made_up_credit_code(FIRST_SERIAL)).id
    before = _facts(firm)
    wire = (settings.FINMART_SOURCES_URL, settings.FINMART_SOURCES_SECRET.encode())
    assert supply.supply(seeding.SEEDER, *wire, SMALL, clock.today()) == 120
    codes = list(Feed.objects.values_list("code", flat=True))
    for code in codes:
        tasks.fetch(code)
    assert list(Feed.objects.exclude(failures=0)) == []
    assert Batch.objects.filter(state="LOADED", received=12, unknown=0, unusable=0).count() == len(codes) == 10
    facts = _facts(firm)
    assert {code: facts[code].value for code in AGREED} == {code: before[code].value for code in AGREED}
    assert facts["litigation_count"].source == "司法涉诉"
    supplied = {code for feed in Feed.objects.all() for code in (one["fact_type"] for one in feed.columns)}
    assert supplied - {"customs_grade"} <= set(facts)
    assert facts["exports_fen"].text != "暂缺"
