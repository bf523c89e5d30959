"""The page of a match stays short in a city with many products, and whatever lies folded can be applied for."""

import re

import pytest
from django.urls import reverse

from factories import applications as made
from factories import parties
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.matching import operations
from finmart.kit import transactions
from finmart.portals.enterprise.needs import SHOWN_FIRST

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D7")]


def test_cards_after_the_first_six_are_folded_in_order_and_can_be_applied_for(client_of):
    bank, firm = parties.bank(), parties.enterprise()
    for _ in range(SHOWN_FIRST + 2):
        made.product_of(bank, criteria=())
    need = made.need(firm)
    with transactions.opened():
        run = operations.match(firm, made.TERMS, organisation_id=firm.organisation_id)
    browser = client_of(firm)
    shown = browser.get(f"{reverse('enterprise:matched', args=[run.uuid])}?need={need.uuid}").text
    ranked = [str(one.outcome.version_id) for one in run.results]
    assert re.findall(r'name="version" value="(\d+)"', shown) == ranked
    assert f"{SHOWN_FIRST + 2} 个</span></h2>" in shown
    open_part, folded = shown.split("按次序再看 2 个")
    assert open_part.count('name="version"') == SHOWN_FIRST
    assert folded.count('name="version"') == 2
    assert browser.post(reverse("enterprise:apply", args=[need.uuid]), {"version": ranked[-1:]}).status_code == 302
    (applied,) = applications_queries.applications_for(firm, need_uuid=need.uuid)
    assert str(applied.version_id) == ranked[-1]
