"""The model list, card and points as a browser shows them."""

import pytest

from factories import parties as people
from factories import risk as made
from finmart.centres.data.risk import queries
from finmart.centres.technical.parties.models import Person
from finmart.kit import transactions

pytestmark = pytest.mark.browser


def test_the_model_pages(page_as, site):
    with transactions.opened():
        operator = people.operator()
        made.version_in_force()
        waiting = made.version(seed=8)
        code = queries.card_for(operator, waiting.uuid).parts[0].code
    visit = page_as(Person.objects.get(pk=operator.person_id).username)
    for address, name in (
        ("/desk/scorecards/", "models"),
        (f"/desk/scorecards/{waiting.uuid}/", "model-card"),
        (f"/desk/scorecards/{waiting.uuid}/points/{code}/", "model-points"),
    ):
        assert visit.go(address) == 200
        visit.check(name)


def test_a_firm_s_own_score(page_as, site):
    with transactions.opened():
        own = people.enterprise()
        made.scored(own)
    visit = page_as(Person.objects.get(pk=own.person_id).username)
    assert visit.go("/enterprise/profile/") == 200
    visit.check("own-score")
