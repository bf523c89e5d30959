"""What people send by mistake, too late or without the right: one clear answer, nothing changed, refusals on record."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client

from factories import applications as applications_factory
from factories import bank_loan as factory
from factories import catalogue as catalogue_factory
from factories import parties as people
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import transactions
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("test")


def _played(until):
    story = factory.story()
    for name in story.steps():
        if name == until:
            return story
    raise AssertionError(until)


def _session(actor):
    client = Client()
    person = get_user_model().objects.get(pk=actor.person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _denied(actor):
    found = audit_queries.entries_for(people.operator(Role.OPERATOR_ADMINISTRATOR), limit=20)
    return [one for one in found if one.outcome == "DENIED" and one.person_id == actor.person_id]


@pytest.mark.django_db
@pytest.mark.clause("F3", "F4")
def test_a_person_without_a_mandate_does_not_sign_and_the_attempt_is_on_record(client_of):
    story = _played("choose")
    clerk, item = story.cast.clerk, processes_queries.open_item_of(story.case_uuid, "sign_enterprise")
    response = client_of(clerk).post(f"/items/{item}/complete/", {"outcome": "SIGN", "has_read": "on"})
    assert response.status_code == 403
    assert _denied(clerk)
    (contract,) = instruments_queries.contracts_of_case(clerk, story.case_uuid)
    assert all(slot.signed_at is None for slot in contract.slots)
    assert processes_queries.open_item_of(story.case_uuid, "sign_enterprise") == item


@pytest.mark.django_db
def test_the_number_of_another_firms_case_tells_nothing(client_of):
    story, stranger = _played("apply"), people.enterprise()
    for address in ("/cases/{}/", "/cases/{}/?tab=funds", "/institution/cases/{}/facts/"):
        response = client_of(stranger).get(address.format(story.application.number))
        assert response.status_code in {403, 404}
        assert story.cast.clerk.organisation_name not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["0", "-50000", "1000.000000000001", "1e12", "NaN", "一百万", "9" * 30])
def test_an_amount_that_is_none_is_refused_beside_its_field(client_of, amount):
    firm = people.enterprise()
    sent = {"amount_fen": amount, "term_months": "12", "purpose": "WORKING_CAPITAL", "act": "state"}
    response = client_of(firm).post("/enterprise/needs/new/", sent)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["amount_fen"]
    assert 'id="id_amount_fen_error"' in response.content.decode()
    assert applications_queries.needs_for(firm) == []


@pytest.mark.django_db
def test_a_product_taken_off_the_shelf_after_the_match_is_refused_on_the_page(client_of):
    author = catalogue_factory.bank_actor()
    product = catalogue_factory.listed(author)
    firm = people.enterprise()
    need = applications_factory.need(firm)
    catalogue_operations.delist(author, product.uuid, reason="停办")
    response = client_of(firm).post(f"/enterprise/needs/{need.uuid}/apply/", {"version": [str(product.version_id)]})
    assert response.status_code == 422
    assert "编号" in response.content.decode()
    assert applications_queries.applications_for(firm) == []


@pytest.mark.django_db
@pytest.mark.clause("F2")
def test_facts_close_to_a_bank_when_the_consent_is_withdrawn(client_of):
    story = _played("accept")
    manager, page = story.cast.bank["manager_a"], f"/institution/cases/{story.application.number}/facts/"
    assert client_of(manager).get(page).status_code == 200
    (consent,) = consents_queries.consents_for(story.cast.legal)
    assert client_of(story.cast.legal).post(f"/enterprise/consents/{consent.uuid}/withdraw/").status_code == 302
    assert client_of(manager).get(page).status_code == 403
    assert [row.outcome for row in consents_queries.disclosures_for(story.cast.legal)][:2] == ["REFUSED", "GIVEN"]
    item = processes_queries.open_item_of(story.case_uuid, "due_diligence")
    assert "尚未授权" in client_of(manager).get(f"/items/{item}/").content.decode()


def _together(sessions, address, sent):
    """Post the same to one address from several sessions at the same time; return the statuses and the pages."""

    def post(session):
        try:
            response = session.post(address, sent)
            return response.status_code, response.content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(sessions)) as threads:
        return list(threads.map(post, sessions))


@pytest.mark.parametrize("who", [("manager_a", "manager_b"), ("manager_a", "manager_a")], ids=["colleagues", "double"])
def test_of_two_on_one_item_one_wins_and_the_other_reads_so(committed_database, who):
    with transactions.opened():
        story = _played("consent")
    item = processes_queries.open_item_of(story.case_uuid, "accept")
    sent = {"outcome": "ACCEPT", "materials_complete": "on"}
    answers = _together([_session(story.cast.bank[name]) for name in who], f"/items/{item}/complete/", sent)
    assert sorted(status for status, _ in answers) == [302, 409]
    late = next(page for status, page in answers if status == 409)
    assert "他人" in late or "已办结" in late
    signed = [one for one in processes_queries.events_of(SYSTEM, _instance(story)) if one.step == "accept"]
    assert [one.act for one in signed].count("COMPLETED") == 1


def test_a_double_press_on_apply_files_one_application(committed_database):
    with transactions.opened():
        firm = people.enterprise(Role.ENTERPRISE_CLERK)
        version = applications_factory.product_of(people.bank())
        need = applications_factory.need(firm)
    answers = _together(
        [_session(firm), _session(firm)], f"/enterprise/needs/{need.uuid}/apply/", {"version": [str(version)]}
    )
    assert min(status for status, _ in answers) == 302
    assert len(applications_queries.applications_for(firm)) == 1
    with pytest.raises(Exception, match="申请"), transactions.opened():
        applications_operations.apply(firm, need.uuid, [version])


def _instance(story):
    (instance,) = processes_queries.instances_of(SYSTEM, story.case_uuid)
    return instance.uuid
