"""How many queries each list and case page needs: never more than ``query_counts.toml`` records, and 25 at most."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories import bank_loan as loans
from factories import catalogue as products
from factories import disputes, quality, supplying
from factories import emergencies as emergencies_factory
from factories import parties as people
from factories import risk as models
from factories import warnings as raised_warnings
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.funds.types import BankAnswer
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.business.matching import operations as matching_operations
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.governance.rights import operations as rights_operations
from finmart.centres.governance.rights.types import Outcome as RightsOutcome
from finmart.centres.governance.rights.types import RequestKind
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import clock
from finmart.twin.loans import Cast, LoanStory

MOST = 25
MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a working day's morning: two working days from it are due soon
RECORDED = tomllib.loads((Path(__file__).parent / "query_counts.toml").read_text())
SYSTEM = people.SYSTEM
NEED = NeedTerms(30_000_000, 12, LoanPurpose.WORKING_CAPITAL, "采购原材料")
# After how many acts each case of the firm stops: from just applied (a need stated first) to archived.
STOPS = (2, 3, 4, 7, 8, 9, 11, 13, 13, 14, 14)
NOT_ASKED_BY_PAGES = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


class Town:
    """One firm and one bank with cases in many stages, the operator, and some products of other banks."""

    def __init__(self):
        self.operator = products.operator_actor()
        administrator = products.bank_actor()
        listed = [products.listed(administrator, self.operator, name=f"税易贷{place}") for place in range(3)]
        for place in range(3):
            products.listed(operator=self.operator, name=f"他行贷{place}")
        self.product = catalogue_queries.version(listed[0].version_id)
        clerk, legal = loans.firm()
        self.cast = Cast(clerk, legal, loans.bank_staff(administrator))
        self.stories = [self._played(acts) for acts in STOPS]
        self.need = applications_operations.state_need(clerk, NEED)
        self.model = models.version_in_force()
        self.regulator = emergencies_factory.regulator()
        by = emergencies_factory.Staff(self.operator, self.operator, self.regulator, administrator)
        self.emergency = emergencies_factory.started(by)
        self.warning = raised_warnings.litigation(self.operator, clerk.organisation_id)
        self.doubting = people.enterprise()
        self.dispute, self.held = disputes.dispute(self.doubting), disputes.held_load(self.doubting)
        self.rights = self._asked_for(legal)
        self.lapse = quality.lapse(self.operator)
        code = parties_queries.organisation(clerk.organisation_id).credit_code
        self.batch = supplying.batch("court", supplying.record("court", code))
        self.demand = supplying.demand(self.operator)
        self.run = matching_operations.match(clerk, NEED, organisation_id=clerk.organisation_id)

    def _played(self, acts):
        story = LoanStory(self.cast, self.product, NEED.amount_fen, NEED.term_months, pay)
        steps = story.steps()
        for _ in range(acts):
            next(steps)
        pay()
        return story

    def _asked_for(self, legal):
        """Requests of a firm and of its legal person: waiting, taken up, answered."""
        uuids = [
            rights_operations.request(legal, kind, for_firm=of_firm)
            for of_firm in (True, False)
            for kind in (RequestKind.ACCESS, RequestKind.EXPORT, RequestKind.DELETION)
        ]
        for uuid in uuids[1:]:
            rights_operations.accept(self.operator, uuid)
        rights_operations.answer(self.operator, uuids[1], RightsOutcome.GRANTED, text="")
        rights_operations.answer(self.operator, uuids[-1], RightsOutcome.REFUSED, text="保存期未满", ground="RETENTION")
        return uuids

    def number(self, place):
        return cases_queries.case_by_uuid_for(SYSTEM, self.stories[place].case_uuid).ref.number


def pay():
    """Write down that the bank core has carried out all it was asked to."""
    for key in funds_queries.unsettled_keys(SYSTEM, sent_before=clock.now()):
        funds_operations.settle(SYSTEM, key, BankAnswer(succeeded=True, reference=key[:30], reason=""))


def pages(town):
    """Yield (name as recorded, who, address); one name may stand for several addresses."""
    clerk, bank = town.cast.clerk, town.cast.bank
    manager, approver = bank["manager_a"], bank["approver_a"]
    for name in ("", "todo/", "soon/", "done/", "copied/", "started/"):
        for who in (clerk, manager, approver, town.operator):
            yield f"workbench/{name}", who, f"/workbench/{name}"
    for who in (clerk, manager, town.operator):
        yield "cases/", who, "/cases/"
        yield "messages/", who, "/messages/"
        yield "documents/", who, "/documents/"
        yield "contracts/", who, "/contracts/"
    for place in range(len(STOPS)):
        for tab in ("timeline", "flow", "papers", "messages", "funds"):
            for who in (clerk, manager, town.operator):
                yield f"cases/CASE/?tab={tab}", who, f"/cases/{town.number(place)}/?tab={tab}"
    for who in (clerk, town.cast.legal, *bank.values()):
        for item in processes_queries.open_items_for(who):
            yield "items/ITEM/", who, f"/items/{item.uuid}/"
    yield from _of_the_firm(town, clerk)
    yield from _of_the_bank(town, bank["administrator"], manager)
    yield from _of_the_operator(town)
    for address in ("", "products/", f"products/{town.product.product_uuid}/"):
        yield address.replace(str(town.product.product_uuid), "PRODUCT") or "front", None, f"/{address}"
    compared = "&".join(f"p={one.product_uuid}" for one in catalogue_queries.open_versions()[:4])
    yield "products/compare/", None, f"/products/compare/?{compared}"


def _of_the_firm(town, clerk):
    for who in (clerk, town.cast.bank["manager_a"], town.operator):
        yield "desk/ledger/", who, "/desk/ledger/"
        yield "desk/rights/", who, "/desk/rights/"
    yield "desk/rights/new/", town.cast.legal, "/desk/rights/new/"
    for uuid in town.rights:
        yield "desk/rights/REQUEST/", town.cast.legal, f"/desk/rights/{uuid}/"
        yield "operator/rights/REQUEST/", town.operator, f"/operator/rights/{uuid}/"
    for name in ("needs", "loans", "consents", "profile"):
        yield f"enterprise/{name}/", clerk, f"/enterprise/{name}/"
    yield "enterprise/profile/disputes/", town.doubting, "/enterprise/profile/disputes/"
    yield "enterprise/profile/facts/CODE/", town.doubting, f"/enterprise/profile/facts/{disputes.CODE}/"
    for need in applications_queries.needs_for(clerk):
        yield "enterprise/needs/NEED/", clerk, f"/enterprise/needs/{need.uuid}/"
        yield "enterprise/needs/NEED/offers/", clerk, f"/enterprise/needs/{need.uuid}/offers/"
    yield "enterprise/matches/RUN/", clerk, f"/enterprise/matches/{town.run.uuid}/?need={town.need.uuid}"
    for loan in servicing_queries.loans_for(clerk):
        yield "enterprise/loans/LOAN/", clerk, f"/enterprise/loans/{loan.ref.uuid}/"
    for contract in instruments_queries.contracts_for(clerk):
        yield "contracts/CONTRACT/", clerk, f"/contracts/{contract.ref.uuid}/"


def _of_the_bank(town, administrator, manager):
    yield "institution/borrowers/", manager, "/institution/borrowers/"
    yield "institution/products/", administrator, "/institution/products/"
    yield "institution/products/PRODUCT/", administrator, f"/institution/products/{town.product.product_uuid}/"
    yield "institution/cases/CASE/facts/", manager, f"/institution/cases/{town.number(4)}/facts/"
    yield "accounts/members/", administrator, "/accounts/members/"
    yield "accounts/own/", administrator, "/accounts/own/"
    yield "cases/CASE/contacts/", manager, f"/cases/{town.number(4)}/contacts/"


def _of_the_operator(town):
    tried = "criteria-TOTAL_FORMS=0&criteria-INITIAL_FORMS=0"
    yield (
        "desk/products/PRODUCT/what-if/",
        town.operator,
        f"/desk/products/{town.product.product_uuid}/what-if/?{tried}",
    )
    for name in (
        "",
        "products/",
        "matching/",
        "parameters/",
        "purposes/",
        "rights/",
        "rights/?state=DONE",
        "calendar/",
        "stress/",
        "warnings/",
        "warnings/rules/",
        "emergencies/",
    ):
        yield f"operator/{name}", town.operator, f"/operator/{name}"
    yield "desk/scorecards/", town.operator, "/desk/scorecards/"
    yield "desk/scorecards/MODEL/", town.operator, f"/desk/scorecards/{town.model.uuid}/"
    for name in ("feeds/", "feeds/court/", "demands/"):
        yield f"operator/{name}", town.operator, f"/operator/{name}"
    yield "operator/feeds/batches/BATCH/", town.operator, f"/operator/feeds/batches/{town.batch.uuid}/"
    yield "operator/demands/DEMAND/", town.operator, f"/operator/demands/{town.demand}/"
    yield "operator/disputes/", town.operator, "/operator/disputes/"
    yield "operator/disputes/DISPUTE/", town.operator, f"/operator/disputes/{town.dispute}/"
    yield "operator/held/", town.operator, "/operator/held/"
    yield "operator/held/LOAD/", town.operator, f"/operator/held/{town.held}/"
    yield "operator/quality/", town.operator, "/operator/quality/"
    yield "operator/quality/rules/RULE/", town.operator, f"/operator/quality/rules/{quality.CODE}/"
    yield "operator/emergencies/EMERGENCY/", town.operator, f"/operator/emergencies/{town.emergency.uuid}/"
    yield "regulator/", town.regulator, "/regulator/"
    yield "operator/warnings/WARNING/", town.operator, f"/operator/warnings/{town.warning}/"


@pytest.mark.django_db
def test_no_page_asks_more_than_is_recorded(client_of):
    with clock.moved_to(MONDAY):
        town = Town()
        found, wrong = _asked(town, client_of)
    assert not wrong, wrong
    assert set(RECORDED) == set(found), "a page is recorded that is not visited"


def _asked(town, client_of):
    """Return how many queries each page asked, and the pages that asked too many with what they repeated."""
    clients = {}
    found, wrong = {}, []
    for name, who, address in pages(town):
        key = who.person_id if who else None
        client = clients.setdefault(key, None) or client_of(who)
        clients[key] = client
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        assert answer.status_code == 200, (address, who, answer.status_code)
        queries = [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(NOT_ASKED_BY_PAGES)]
        found[name] = max(found.get(name, 0), len(queries))
        if len(queries) > RECORDED.get(name, 0):
            repeated = re.sub(r"'[^']*'|\d+", "?", "\n".join(queries)).splitlines()
            wrong.append((name, len(queries), sorted({(repeated.count(one), one[:200]) for one in repeated})[-3:]))
    return found, wrong


def test_what_is_recorded_is_within_the_bound():
    assert {name: most for name, most in RECORDED.items() if most > MOST} == {}
