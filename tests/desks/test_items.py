"""The page of a work item in a real loan: its cards, its form, and what the second of two clicks reads."""

import pytest
from django.test import Client

from factories import bank_loan as factory
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.processes import queries as processes_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(db):
    """A loan that waits for its acceptance, its facts released."""
    made = factory.story()
    for name in made.steps():
        if name == "consent":
            return made
    raise AssertionError("the story ended early")


@pytest.fixture
def page(story):
    return f"/items/{processes_queries.open_item_of(story.case_uuid, 'accept')}/"


def _signed_in(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.clause("B2")
def test_the_page_shows_what_is_asked_and_what_to_look_at(story, page):
    answer = _signed_in(story.cast.bank["manager_a"]).get(page)
    assert answer.status_code == 200
    for words in ("受理与完整性审查", "申请材料齐全、有效", "查看企业数据", "申请金额", story.application.number):
        assert words in answer.text


def test_the_second_click_reads_that_it_is_done(story, page):
    manager = _signed_in(story.cast.bank["manager_a"])
    filled = {"outcome": "ACCEPT", "materials_complete": "on"}
    assert manager.post(f"{page}complete/", {"outcome": "ACCEPT"}).status_code == 422
    assert manager.post(f"{page}complete/", filled).status_code == 302
    again = manager.post(f"{page}complete/", filled)
    assert again.status_code == 409
    assert "该事项已经办结或被他人处理" in again.text
    assert "受理" in again.text
