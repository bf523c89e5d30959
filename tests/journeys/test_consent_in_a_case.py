"""A consent in a running loan case, over the pages: read, copy kept, withdrawn in the middle, conclusions only (F2)."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from factories import bank_loan as factory
from factories.consents import consent
from factories.profiles import facts
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import AfterEnd, Mode
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.technical.notices import queries as notices_queries
from finmart.kit import transactions

pytestmark = [pytest.mark.clause("F2"), pytest.mark.django_db]


def _client(actor):
    client = Client()
    person = get_user_model().objects.get(pk=actor.person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def story():
    with transactions.opened():
        told = factory.story()
        for step in told.steps():
            if step == "accept":
                return told
    raise AssertionError


def _number(story):
    return applications_queries.application_for(story.cast.clerk, story.application.uuid).number


def test_a_consent_withdrawn_in_the_middle_closes_facts_and_copies_and_the_case_goes_on(story):
    legal, manager = story.cast.legal, story.cast.bank["manager_a"]
    facts(legal.organisation_id, employees=37)
    for one in consents_queries.consents_for(legal):
        _client(legal).post(f"/enterprise/consents/{one.uuid}/withdraw/")
    given = consent(legal, manager, "employees", mode=Mode.STORE, after_end=AfterEnd.DELETE)
    bank, number = _client(manager), _number(story)
    assert "37 人" in bank.get(f"/institution/cases/{number}/facts/").text
    assert bank.post(f"/institution/cases/{number}/facts/keep/").status_code == 302
    (copy,) = profiles_queries.copies_for(manager)
    assert "37 人" in bank.get(f"/institution/copies/{copy.uuid}/").text
    firm = _client(legal)
    assert "留存中" in firm.get("/enterprise/consents/").text

    assert firm.post(f"/enterprise/consents/{given.uuid}/withdraw/").status_code == 302

    assert bank.get(f"/institution/cases/{number}/facts/").status_code == 403
    assert bank.get(f"/institution/copies/{copy.uuid}/").status_code == 403
    assert "已删除" in firm.get("/enterprise/consents/").text
    texts = [entry.text for entry in cases_queries.timeline_for(manager, number)]
    assert any("撤回了“贷款审查”的数据授权" in text for text in texts)
    assert "数据授权已撤回" in [notice.title for notice in notices_queries.notices_for(manager)]
    story.complete(manager, "due_diligence", "PASS", visited_on="2026-11-20", findings="生产经营正常（示例）")


def test_a_consent_to_conclusions_shows_no_value_on_the_page(story):
    legal, manager = story.cast.legal, story.cast.bank["manager_a"]
    facts(legal.organisation_id, employees=37)
    for one in consents_queries.consents_for(legal):
        _client(legal).post(f"/enterprise/consents/{one.uuid}/withdraw/")
    consent(legal, manager, "employees", mode=Mode.QUERY)
    bank, number = _client(manager), _number(story)
    shown = bank.get(f"/institution/cases/{number}/facts/")
    assert shown.status_code == 200
    assert "只授权得到结论" in shown.text
    assert "37" not in shown.text.split("<tbody>")[1].split("</tbody>")[0]
    assert "37 人" not in shown.text
    assert bank.post(f"/institution/cases/{number}/facts/keep/").status_code == 403
    assert consents_queries.disclosures_for(legal)[0].reason


def test_the_firm_grants_with_mode_and_life_on_the_form_and_errors_stand_beside_the_field(story):
    legal, manager = story.cast.legal, story.cast.bank["manager_a"]
    firm = _client(legal)
    sheet = {
        "recipient": manager.organisation_id, "purpose": "LOAN_REVIEW", "fact_types": ["employees"],
        "months_back": 6, "valid_to": "2999-01-01", "mode": "STORE", "keep_days": 7, "after_end": "DELETE",
    }  # fmt: skip
    refused = firm.post("/enterprise/consents/grant/", sheet)
    assert refused.status_code == 422
    assert "该用途的授权最长" in refused.text
    one = consents_queries.consents_for(legal)[0]
    day = f"{one.valid_to:%Y-%m-%d}"
    assert firm.post("/enterprise/consents/grant/", {**sheet, "valid_to": day, "keep_days": 9999}).status_code == 422
    assert firm.post("/enterprise/consents/grant/", {**sheet, "valid_to": day}).status_code == 302
    newest = consents_queries.consents_for(legal)[0]
    assert (newest.mode, newest.keep_days, newest.months_back) == ("STORE", 7, 6)


def test_the_form_begins_with_who_has_no_leave_yet_and_folds_the_facts_by_group(story):
    legal, manager = story.cast.legal, story.cast.bank["manager_a"]
    other = factory.story()
    firm = _client(legal)
    covered = f"{manager.organisation_name}（已有有效授权）"
    assert covered in firm.get("/enterprise/consents/grant/").text
    for one in consents_queries.consents_for(legal):
        firm.post(f"/enterprise/consents/{one.uuid}/withdraw/")
    shown = firm.get("/enterprise/consents/grant/").text
    assert covered not in shown
    assert manager.organisation_name in shown
    assert other.cast.bank["manager_a"].organisation_name not in shown
    kinds = [kind.group for kind in FACT_TYPES.values()]
    for group in dict.fromkeys(kinds):
        number = kinds.count(group)
        assert f'<summary>{group}<span class="quiet" data-chosen>已选 {number} / {number}</span>' in shown
