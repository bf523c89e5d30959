"""Warnings, emergencies and the doors of others as a browser shows them."""

import pytest
from django.urls import reverse

from factories import emergencies as factory
from factories import guarantees as made
from factories import profiles
from factories.consents import consent
from finmart.centres.data.consents.types import Purpose
from finmart.centres.governance.emergencies import operations as emergencies_operations
from finmart.centres.governance.warnings import operations, queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import transactions
from finmart.kit.actor import Actor

pytestmark = pytest.mark.browser
SCANNER = Actor.of_system("warnings")


class Town:
    """Three firms in red in one district, one of which lets its bank watch it, and a drill that has begun."""

    def __init__(self):
        self.by, self.bank = factory.staff(), made.bank("姑苏样例商业银行")
        firms = [
            made.firm(f"{name}（苏州）有限公司", capital_fen=made.WAN) for name in ("吴门精工", "太湖机电", "石湖新材")
        ]
        for firm in firms:
            made.lent(firm, self.bank, 100 * made.WAN)
            profiles.facts(
                firm.organisation_id, litigation_count=12, annual_tax_fen=30, previous_annual_tax_fen=100,
            )  # fmt: skip
        self.firm = parties_queries.organisation(firms[0].organisation_id)
        consent(firms[0], self.bank.manager, "litigation_count", purpose=Purpose.AFTER_LOAN, months_back=6)
        operations.scan(SCANNER)
        emergencies_operations.propose(SCANNER)
        self.warning = queries.warnings_for(self.by.operator)[0].uuid
        operations.take(self.by.operator, self.warning)
        self.drill = factory.started(self.by)
        self.revision = factory.revised(self.by.operator)
        self.item = processes_queries.open_item_of(self.drill.case_uuid, "assess")


def test_the_pages_of_warnings_and_emergencies(page_as, site):
    with transactions.opened():
        town = Town()
    by = town.by
    operator, chief, regulator, manager = (
        page_as(Person.objects.get(pk=one.person_id).username)
        for one in (by.operator, by.chief, by.regulator, town.bank.manager)
    )
    for visit, address, name in (
        (operator, "/operator/analysis/", "analysis"),
        (operator, "/operator/warnings/", "warnings"),
        (operator, f"/operator/warnings/{town.warning}/", "warning"),
        (operator, "/operator/warnings/rules/", "warning-rules"),
        (operator, "/operator/stress/?target=DISTRICT:320506", "stress"),
        (operator, "/operator/emergencies/", "emergencies"),
        (operator, "/operator/emergencies/plans/data_leak/", "emergency-plan"),
        (operator, "/operator/emergencies/plans/data_leak/revise/", "emergency-plan-revise"),
        (chief, f"/operator/emergencies/revisions/{town.revision}/", "plan-revision"),
        (operator, f"/operator/emergencies/revisions/{town.revision}/", "plan-revision-own"),
        (operator, f"/operator/stress/?target=FIRM:{town.firm.uuid}&method=THRESHOLD", "stress-firm"),
        (operator, "/operator/emergencies/plans/data_leak/start/", "emergency-start"),
        (operator, f"/operator/emergencies/{town.drill.uuid}/", "emergency"),
        (chief, reverse("items:item", args=[town.item]), "emergency-assess"),
        (regulator, "/regulator/", "regulator"),
        (manager, "/institution/borrowers/", "borrowers"),
        (manager, f"/institution/borrowers/{town.firm.uuid}/warnings/", "borrower-warnings"),
    ):
        assert visit.go(address) == 200, address
        visit.check(name)
    with transactions.opened():
        processes_operations.complete(by.chief, town.item, "CONFIRM", values={"level": "II"})
    for visit, address, name in (
        (operator, f"/operator/emergencies/{town.drill.uuid}/", "emergency-called"),
        (operator, f"/cases/{town.drill.number}/?tab=flow", "emergency-flow"),
        (regulator, f"/cases/{town.drill.number}/", "emergency-case"),
        (regulator, reverse("items:item", args=[processes_queries.open_item_of(town.drill.case_uuid, "acknowledge")]),
         "emergency-acknowledge"),
    ):  # fmt: skip
        assert visit.go(address) == 200, address
        visit.check(name)
