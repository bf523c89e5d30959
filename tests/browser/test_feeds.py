"""Sources of data as a browser shows them: the list with one that is down, one feed, a held batch, a demand."""

import pytest

from factories import parties as people
from factories import supplying
from finmart.centres.data.sources.models import Feed
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions

pytestmark = pytest.mark.browser


def test_the_pages_of_sources(page_as, site):
    with transactions.opened():
        operator, firm = people.operator(), people.enterprise(Role.ENTERPRISE_LEGAL_PERSON, name="吴门精工")
        code = parties_queries.organisation(firm.organisation_id).credit_code
        supplying.batch("tax", supplying.record("tax", code, as_of_on=str(clock.today())))
        supplying.batch("court", supplying.record("court", code, as_of_on="2026-01-31"))
        held = supplying.held_batch("utilities", code)
        judged = supplying.batch("registry", supplying.record("registry", code, established_on="2099-01-01"))
        demand = supplying.demand(operator)
        Feed.objects.filter(code="tax").update(
            failures=3, failing_since=clock.now(), latest_failure="应答 HTTP 503，已试 3 次"
        )
    visit = page_as(Person.objects.get(pk=operator.person_id).username)
    for address, name in (
        ("/operator/feeds/", "feeds"),
        ("/operator/feeds/tax/", "feed"),
        (f"/operator/feeds/batches/{held.uuid}/", "batch"),
        (f"/operator/feeds/batches/{judged.uuid}/", "batch-judged"),
        (f"/operator/feeds/records/{judged.records.get().uuid}/", "record"),
        (f"/operator/facts/{code}/annual_tax_fen/", "fact-supplied"),
        ("/operator/quality/rules/established_plausible/", "quality-rule-holding"),
        ("/operator/demands/", "demands"),
        (f"/operator/demands/{demand}/", "demand"),
    ):
        assert visit.go(address) == 200
        visit.check(name)
    own = page_as(Person.objects.get(pk=firm.person_id).username)
    assert own.go("/enterprise/profile/") == 200
    own.check("profile-supply")
