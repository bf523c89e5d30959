"""The sample city: the same every time, marked as an example, made through operations."""

import statistics
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client

from factories import bank_loan as bank_loan_factory
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationState
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching import queries as matching_queries
from finmart.centres.business.matching.models import MatchRun
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import FeedHealth
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.models import Organisation
from finmart.centres.technical.parties.types import MandateScope, OrganisationKind, Role
from finmart.centres.technical.processes import queries as processes_queries
from finmart.config import figures
from finmart.kit import clock, rowpolicies
from finmart.kit.actor import Actor
from finmart.twin import cases as sample_cases
from finmart.twin import preparing, seeding
from finmart.twin.codes import made_up_credit_code
from finmart.twin.material import material
from finmart.twin.people import DEMO_ACCOUNTS, DEMO_PASSWORD
from finmart.ui import context

SMALL = replace(material(), firms=12, banks=material().banks[:2], insurers=(), guarantors=(), cases=2)


def _figures():
    with rowpolicies.upkeep(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(total_fen) FROM sources_invoice")
        invoices = cursor.fetchone()
        cursor.execute("SELECT string_agg(name, ',' ORDER BY id) FROM parties_organisation")
        return invoices, cursor.fetchone()


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_city():
    figures = []
    for _ in range(2):
        with transaction.atomic():
            assert seeding.seed(sample=SMALL)
            figures.append(_figures())
            transaction.set_rollback(True)
    assert figures[0] == figures[1]
    assert figures[0][0][0] > 12


@pytest.mark.django_db
def test_a_firm_is_in_the_district_its_name_begins_with():
    parameters_operations.load_pack(Actor.of_system("setup"), "suzhou")
    names = {one.code: one.name for one in parameters_queries.districts()}
    assert {place.district for place in material().places} == names.keys()
    with transaction.atomic():
        seeding.seed(sample=replace(SMALL, firms=40, cases=0))
        firms = Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE)
        told = {(next(place.word for place in material().places if one.name.startswith(place.word)), one.district)
                for one in firms}  # fmt: skip
        transaction.set_rollback(True)
    assert len(told) > 5
    assert told <= {(place.word, place.district) for place in material().places}
    assert all(names[district].startswith(word) for word, district in told if word != "苏州")


@pytest.mark.django_db
def test_a_city_is_seeded_once_marked_and_audited():
    assert seeding.seed(sample=SMALL)
    assert not seeding.seed(sample=SMALL)
    products = catalogue_queries.open_versions()
    assert len(products) == 8
    assert all(product.is_example for product in products)
    firm = parties_queries.organisation_by_credit_code(made_up_credit_code(1_000))
    assert firm.is_example
    lender = products[0].institution.id
    signatories = parties_queries.members_with_role(lender, Role.INSTITUTION_APPROVER)
    assert signatories
    assert all(parties_queries.can_sign_for(one.id, lender, MandateScope.CONTRACT) for one in signatories)
    assert audit_queries.verify().ok


@pytest.mark.parametrize(
    ("ending", "after", "state"),
    [
        ("returned", "consent", ApplicationState.RETURNED),
        ("refused", "accept", ApplicationState.REFUSED),
        ("declined", "approve", ApplicationState.DECLINED),
        ("withdrawn", "apply", ApplicationState.WITHDRAWN),
    ],
)
@pytest.mark.django_db
def test_a_story_may_turn_off_the_straight_way(ending, after, state):
    story = bank_loan_factory.story()
    for name in story.steps():
        if name == after:
            break
    story.turn(ending)
    application = applications_queries.application_for(Actor.of_system("test"), story.application.uuid)
    assert application.state is state
    running = processes_queries.running_of_case(story.case_uuid, "bank_loan")
    assert bool(running) is (ending == "returned")


@pytest.mark.clause("P5")
@pytest.mark.django_db
def test_the_city_has_cases_and_goes_on_where_it_stopped():
    seeding.seed(sample=SMALL)
    paid = []
    quick = replace(SMALL, cases=3)
    assert seeding.seed_cases(lambda: paid.append(1), sample=quick) == 3
    assert seeding.seed_cases(lambda: paid.append(1), sample=quick) == 0
    assert cases_queries.count_cases_for(Actor.of_system("test")) == 3
    assert matching_queries.figures().runs == 3
    quality = matching_queries.quality_for(Actor.of_system("test"))
    if quality.equals.least is not None:  # the products of two banks are few: nobody may have an equal
        assert "曝光基尼系数" in figures.even_exposure()
    assert figures.even_exposure().endswith("申诉 0 件，采纳 0 件")


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_a_demo_account_signs_in_and_starts_at_its_own_door():
    seeding.seed(sample=SMALL)
    for username, start in {"operator": "/operator/", "admin": "/operator/", "regulator": "/regulator/"}.items():
        client = Client()
        signed_in = client.post("/accounts/sign-in/", {"username": username, "password": DEMO_PASSWORD})
        assert signed_in.status_code == 302
        page = client.get("/", follow=True)
        assert (page.status_code, page.redirect_chain[-1][0]) == (200, start)


def test_every_role_of_the_issue_has_an_account():
    names = [account.username for account in DEMO_ACCOUNTS]
    assert names[:6] == ["clerk", "legal", "manager1", "manager2", "approver", "operator"]
    assert len(set(names)) == len(names)


@pytest.mark.django_db
def test_the_doors_open_before_the_city_is_full_and_pages_say_so(client, monkeypatch):
    monkeypatch.setattr(context, "_told", [preparing.told])
    assert seeding.open_doors(sample=SMALL)
    assert not seeding.open_doors(sample=SMALL)
    city = Actor.of_system("test")
    assert {row.health for row in sources_queries.feeds_for(city)} == {FeedHealth.PAUSED}
    own = parties_queries.organisation_by_credit_code(made_up_credit_code(1_000))
    assert "annual_sales_fen" in profiles_queries.known_values(own.id)
    assert "示例城市仍在准备（1/4）" in client.get("/accounts/sign-in/").content.decode()
    with preparing.making(preparing.FIRMS):
        assert seeding.fill(sample=SMALL)
        seeding.resume_feeds()
    assert not seeding.fill(sample=SMALL)
    assert len(parties_queries.ids_of_kind("ENTERPRISE")) == SMALL.firms
    assert {row.health for row in sources_queries.feeds_for(city)} == {FeedHealth.NEVER}
    with preparing.making(preparing.CASES):
        assert "（3/4）：办理示例案件" in preparing.told()
    assert preparing.told() == ""
    assert "示例城市仍在准备" not in client.get("/accounts/sign-in/").content.decode()


@pytest.mark.clause("P6")
@pytest.mark.django_db
def test_firms_of_the_city_choose_among_what_comes_first_for_them(monkeypatch):
    monkeypatch.setattr(sample_cases, "STOPS", (("apply", 1),))
    sample = replace(SMALL, firms=12, cases=8)
    seeding.seed(sample=sample)
    assert seeding.seed_cases(lambda: None, sample=sample) == 8
    assert seeding.seed_cases(lambda: None, sample=replace(sample, cases=40)) == 3  # every firm but the demo's own
    runs = {run.organisation_id: run for run in MatchRun.objects.order_by("pk")}
    applied = applications_queries.paths_for(Actor.of_system("test"), since=clock.now() - timedelta(days=1))
    ranks = []
    for path in applied:
        shown = runs[path.organisation_id].outcomes.filter(state="ELIGIBLE")
        if shown.exists():
            ranks += shown.filter(version__product_id=path.product_id).values_list("rank", flat=True)
    assert len(ranks) >= 4
    assert max(ranks) <= len(sample_cases.TAKEN)
    assert statistics.median(ranks) <= 3
