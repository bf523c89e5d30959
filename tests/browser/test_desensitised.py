"""The desensitised store as a browser shows it, with the administrator's form."""

import pytest

from factories import parties as people
from finmart.centres.data.desensitised import operations
from finmart.centres.data.desensitised.models import FirmDay
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions

pytestmark = pytest.mark.browser


def test_the_store_and_who_was_re_identified(page_as, site):
    with transactions.opened():
        for place in range(14):
            firm = people.enterprise()
            for code, value in (("employees", 12), ("industry_section", "C" if place % 2 else "I")):
                profiles_operations.record_fact(
                    people.SYSTEM, firm.organisation_id, code, value, as_of_on=clock.today(), source="测试"
                )
        administrator = people.colleague(people.operator(), Role.OPERATOR_ADMINISTRATOR)
        operations.build(people.SYSTEM)
        row = FirmDay.objects.first()
        operations.reidentify(administrator, row.pseudonym, reason="司法协助要求核实该企业身份")
    visit = page_as(Person.objects.get(pk=administrator.person_id).username)
    assert visit.go("/operator/desensitised/") == 200
    visit.check("desensitised")
