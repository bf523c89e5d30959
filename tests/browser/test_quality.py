"""The quality pages as a browser shows them: rules with trends, one rule with its lapse."""

import pytest

from factories import parties as people
from factories import quality as factory
from factories.sources import invoice_file, sale
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.parties.models import Person
from finmart.kit import transactions

pytestmark = pytest.mark.browser


def test_the_quality_pages(page_as, site):
    with transactions.opened():
        operator, firm = people.operator(), people.enterprise(name="吴门精工（苏州）有限公司")
        factory.lapse(operator)
        sources_operations.load_invoices(
            factory.JUDGE, invoice_file(sale(), sale(发票号码="2")), organisation_id=firm.organisation_id
        )
        for _ in range(4):
            factory.operations.run(factory.JUDGE)
    visit = page_as(Person.objects.get(pk=operator.person_id).username)
    for address, name in (
        ("/operator/quality/", "quality"),
        (f"/operator/quality/rules/{factory.CODE}/", "quality-rule"),
    ):
        assert visit.go(address) == 200
        visit.check(name)
