"""Where a fact comes from, a dispute of it, a held file: as a browser shows them."""

import datetime as dt

import pytest

from factories import disputes as made
from factories import parties as people
from factories import supplying
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.models import Person
from finmart.kit import clock, transactions

pytestmark = pytest.mark.browser


def test_the_pages_of_facts_and_disputes(page_as, site):
    with transactions.opened():
        firm, operator = people.enterprise(name="吴门精工（苏州）有限公司"), people.operator()
        month = clock.today().replace(day=1) - dt.timedelta(days=4)
        rows = [sale(发票号码=f"2026{n:04d}", 开票日期=month.isoformat(), 金额="1000") for n in range(6)]
        sources_operations.load_invoices(
            made.Actor.of_system("test"), invoice_file(*rows), organisation_id=firm.organisation_id
        )
        operations.compute(made.Actor.of_system("test"), [firm.organisation_id], clock.today())
        dispute, held = made.dispute(firm), made.held_load(firm)
        code = parties_queries.organisation(firm.organisation_id).credit_code
        supplying.batch("registry", supplying.record("registry", code, established_on="2099-01-01"))
    visit = page_as(Person.objects.get(pk=firm.person_id).username)
    for address, name in (
        ("/enterprise/profile/facts/annual_sales_fen/", "fact-computed"),
        (f"/enterprise/profile/facts/{made.CODE}/", "fact-disputed"),
        ("/enterprise/profile/disputes/", "disputes-own"),
        ("/enterprise/profile/", "profile-marked"),
    ):
        assert visit.go(address) == 200
        visit.check(name)
    theirs = page_as(Person.objects.get(pk=operator.person_id).username)
    for address, name in (
        ("/operator/disputes/", "disputes"),
        (f"/operator/disputes/{dispute}/", "dispute"),
        ("/operator/held/", "held"),
        (f"/operator/held/{held}/", "held-load"),
    ):
        assert theirs.go(address) == 200
        theirs.check(name)
